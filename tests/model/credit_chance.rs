//! What comes to the minds of those who trade against documents.
//!
//! Most messages are the next step of some credit or presentation; the others are out of turn.

use crate::chance::{amount, document, mostly, number, second};
use crate::market::{DAY, pid, wallet_of};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::{
    ANN, ARBITER, BANK, BANK_2, BOB, CAT, ENFORCER, ESCROW, EXP, IMP, NOTARY, OP, PAUSER,
    REGULATOR, STRANGER, TOKEN, Who,
};
use weighhouse_testkit::model::escrow::calendar::moved;
use weighhouse_testkit::model::escrow::document::{
    Clock, Document, Presentation, Standing, Waiver,
};
use weighhouse_testkit::model::escrow::terms::{Availability, Clauses, Milestone, Terms};
use weighhouse_testkit::model::escrow::{Credit, Stage};
use weighhouse_testkit::model::life::Status;
use weighhouse_testkit::model::message::{EscrowMessage, Message, RegisterMessage, TokenMessage};
use weighhouse_testkit::model::register::Pid;
use weighhouse_testkit::model::register::order::Scope;
use weighhouse_testkit::model::rights::Detail;
use weighhouse_testkit::model::rights::message::RightsMessage;
use weighhouse_testkit::model::rights::record::RecordType;
use weighhouse_testkit::model::token::hold;
use weighhouse_testkit::model::token::movement::Purpose;
use weighhouse_testkit::model::{Model, Seconds, Units};

type Said = (Who, EscrowMessage);

/// Says something about credits: to the escrow, or to the token whose holds pay.
pub(crate) fn escrow_message(dice: &mut Dice, model: &Model) -> (Who, Message) {
    if dice.once_in(9) {
        let (by, message) = fund(dice, model);
        return (by, Message::Token(message));
    }
    if dice.once_in(12) {
        let (by, message) = of_bills(dice, model);
        return (mostly(dice, by), Message::Rights(message));
    }
    let escrow = model.escrow.as_ref().expect("an escrow");
    let given = u64::try_from(escrow.credits.len()).expect("few");
    let fresh = escrow
        .credits
        .values()
        .filter(|credit| credit.stage <= Stage::Issued)
        .count();
    let (by, message) = if escrow.life.status == Status::Paused && dice.once_in(3) {
        (PAUSER, EscrowMessage::Unpause)
    } else if given == 0 || (fresh < 6 && dice.once_in(6)) || dice.once_in(40) {
        (
            dice.pick(&[IMP, IMP, IMP, IMP, CAT, STRANGER]),
            EscrowMessage::Apply(terms(dice, model)),
        )
    } else {
        // Of those that are under way, mostly.
        let live = escrow
            .credits
            .iter()
            .filter(|(_, credit)| credit.stage <= Stage::Issued);
        let live: Vec<u64> = live.map(|(lc, _)| *lc).collect();
        let any = live.is_empty() || dice.once_in(15);
        let lc = if any {
            number(dice, given)
        } else {
            dice.pick(&live)
        };
        of_credit(dice, model, lc)
    };
    (mostly(dice, by), Message::Escrow(message))
}

/// A hold that will do for a credit, mostly.
fn fund(dice: &mut Dice, model: &Model) -> (Who, TokenMessage) {
    let importer = !dice.once_in(4);
    let owner = if importer { IMP } else { BANK_2 };
    let odd = amount(dice, model.available(owner).min(24_000));
    let terms = hold::Terms {
        to: dice.once_in(3).then_some(EXP),
        amount: if dice.once_in(5) {
            odd
        } else {
            9_000 + u128::from(dice.below(4_000))
        },
        notary: if dice.once_in(20) { NOTARY } else { ESCROW },
        expiry: if dice.once_in(20) {
            second(dice, model.now)
        } else {
            Seconds::MAX
        },
        purpose: if importer {
            Purpose::TradeSettlement
        } else {
            Purpose::General
        },
        reference: if dice.once_in(15) { 2 } else { 3 },
    };
    (mostly(dice, owner), TokenMessage::CreateHold(terms))
}

/// Clauses that make sense, mostly; one in three has something odd.
fn clauses(dice: &mut Dice, model: &Model) -> Clauses {
    let now = model.now;
    let expiry = now + DAY + dice.below(30 * DAY);
    let bill = (4, None, true);
    let mut clauses = Clauses {
        amount: 4_000 + u128::from(dice.below(4_000)),
        tol_plus: dice.pick(&[0, 500, 1_000]),
        tol_minus: dice.pick(&[0, 500]),
        availability: match dice.below(8) {
            0 => Availability::Deferred(dice.pick(&[0, 1, 3])),
            _ => Availability::Sight,
        },
        latest_shipment: now + DAY / 2 + dice.below(expiry - now - DAY / 2),
        presentation_days: dice.pick(&[3, 21]),
        expiry,
        partial_allowed: !dice.once_in(3),
        transferable: !dice.once_in(4),
        docs: dice.pick(&[
            vec![(1, None, false)],
            vec![(1, None, false), bill],
            vec![(1, Some(pid(EXP)), false), (2, None, false)],
        ]),
        dispute_days: dice.pick(&[0, 2, 10]),
        calendar: 1,
    };
    if dice.once_in(3) {
        in_parts(dice, &mut clauses, now);
    }
    if dice.once_in(3) {
        odd(dice, &mut clauses, now);
    }
    clauses
}

/// Makes parts of the amount.
fn in_parts(dice: &mut Dice, clauses: &mut Clauses, now: Seconds) {
    (clauses.tol_plus, clauses.tol_minus) = (0, 0);
    let third = clauses.amount / 3;
    let amounts = [third, third, clauses.amount - 2 * third];
    let length = clauses.expiry - now;
    if dice.once_in(2) {
        let part = |(k, amount): (u64, Units)| Milestone {
            amount,
            docs: vec![(u8::try_from(5 + k).expect("small"), None, false)],
            due: now + length * (k + 1) / 3,
        };
        let parts = (0..).zip(amounts).map(part);
        clauses.availability = Availability::Milestones(parts.collect());
    } else {
        let part = |(k, amount): (u64, Units)| {
            let from = now + length * k / 3 + u64::from(k != 0);
            (amount, from, now + length * (k + 1) / 3)
        };
        let parts = (0..).zip(amounts).map(part);
        clauses.availability = Availability::Instalments(parts.collect());
    }
}

/// Makes one thing odd.
fn odd(dice: &mut Dice, clauses: &mut Clauses, now: Seconds) {
    match dice.below(9) {
        0 => clauses.amount = amount(dice, 6_000),
        1 => clauses.tol_plus = dice.pick(&[10_000, 10_001]),
        2 => clauses.tol_minus = dice.pick(&[9_999, 10_000]),
        3 => clauses.availability = Availability::Deferred(10),
        4 => clauses.latest_shipment = clauses.expiry + dice.below(2),
        5 => clauses.presentation_days = 0,
        6 => clauses.expiry = second(dice, now),
        7 => clauses.docs = dice.pick(&[vec![], vec![(1, None, false), (1, None, false)]]),
        _ => clauses.calendar = dice.pick(&[0, 2]),
    }
}

fn terms(dice: &mut Dice, model: &Model) -> Terms {
    let odd = dice.once_in(15);
    let mut terms = Terms {
        beneficiary: EXP,
        issuing: BANK,
        advising: dice.once_in(2).then_some(BANK_2),
        confirming: (!dice.once_in(3)).then_some(BANK_2),
        nominated: dice.once_in(2).then_some(OP),
        arbiter: dice.once_in(2).then_some(NOTARY),
        trade: 3,
        token: TOKEN,
        clauses: clauses(dice, model),
    };
    if odd {
        let anybody = dice.pick(&[IMP, EXP, BANK, STRANGER, BOB, ANN]);
        match dice.below(6) {
            0 => terms.beneficiary = anybody,
            1 => terms.issuing = anybody,
            2 => terms.confirming = Some(anybody),
            3 => terms.nominated = Some(anybody),
            4 if dice.once_in(2) => terms.arbiter = Some(anybody),
            4 => terms.trade = dice.pick(&[0, 1, 2, 4]),
            _ => terms.advising = Some(anybody),
        }
    }
    terms
}

/// A hold that was made for a credit and is not behind one, mostly.
fn spare(dice: &mut Dice, model: &Model, owner: Who) -> u64 {
    let used = &model.escrow.as_ref().expect("an escrow").used_holds;
    let fits = model.token.holds.iter().filter(|(id, hold)| {
        hold.owner == owner && hold.notary == ESCROW && hold.is_open() && !used.contains(id)
    });
    let fits: Vec<u64> = fits.map(|(id, _)| *id).collect();
    if fits.is_empty() || dice.once_in(10) {
        number(dice, u64::try_from(model.token.holds.len()).expect("few"))
    } else {
        dice.pick(&fits)
    }
}

/// Documents for what a credit wants, mostly.
fn documents(
    dice: &mut Dice,
    model: &Model,
    (credit, part): (Option<&Credit>, Option<usize>),
) -> Vec<Document> {
    let wanted = credit.map(|credit| credit.clauses.rules(part));
    // What was shown before is shown again, now and then.
    let before = credit.and_then(|credit| credit.shown.last());
    if let Some(before) = before.filter(|_| dice.once_in(6)) {
        return before.docs.clone();
    }
    let mut docs: Vec<Document> = Vec::new();
    for (kind, issuer, recorded) in wanted.unwrap_or_default() {
        let bill = recorded.then(|| bill(dice, model)).flatten();
        let hash = u16::try_from(1 + dice.below(60_000)).expect("small");
        docs.push(Document {
            kind,
            hash: bill.map_or(hash, |(_, doc)| doc),
            issuer: issuer.unwrap_or_else(|| pid(EXP)),
            number: u16::try_from(dice.below(9_000)).expect("small"),
            date: model.now.saturating_sub(dice.below(DAY)),
            record: bill.map(|(id, _)| id),
        });
    }
    match (dice.below(20), docs.first_mut()) {
        (0, Some(doc)) => doc.hash = 0,
        (1, Some(doc)) => doc.date = model.now + 1,
        (2, Some(doc)) => doc.issuer = pid(BOB),
        (3, Some(doc)) => doc.kind = 3,
        (4, _) => drop(docs.pop()),
        (5, Some(doc)) => {
            let twin = doc.clone();
            docs.push(twin);
        }
        (6, Some(doc)) => doc.record = bill(dice, model).map(|(id, _)| id),
        _ => {}
    }
    docs
}

/// A record that is pledged to the escrow, if there is one, and its document.
fn bill(dice: &mut Dice, model: &Model) -> Option<(u64, u16)> {
    let rights = model.rights.as_ref()?;
    let pledged = rights.objects.iter().filter(|(_, object)| {
        let Detail::Record(record) = &object.detail else {
            return false;
        };
        record.pledged == Some(ESCROW)
    });
    let pledged: Vec<(u64, u16)> = pledged.map(|(id, object)| (*id, object.doc)).collect();
    (!pledged.is_empty()).then(|| dice.pick(&pledged))
}

/// Something about bills of lading: issued to the exporter, pledged to the escrow, mostly.
pub(crate) fn of_bills(dice: &mut Dice, model: &Model) -> (Who, RightsMessage) {
    use RightsMessage as M;
    let rights = model.rights.as_ref().expect("a registry");
    let own = rights.objects.iter().filter_map(|(id, object)| {
        let Detail::Record(record) = &object.detail else {
            return None;
        };
        let holder = object.sole_owner()?;
        Some((*id, holder, record.pledged.is_none()))
    });
    let own: Vec<(u64, Pid, bool)> = own.collect();
    if own.len() < 3 || dice.once_in(6) {
        let any = |dice: &mut Dice| u16::try_from(1 + dice.below(60_000)).expect("small");
        let papers = (any(dice), any(dice));
        return (OP, M::IssueRecord(RecordType::BillOfLading, papers, EXP));
    }
    let (id, holder, free) = dice.pick(&own);
    let by = wallet_of(holder).unwrap_or(STRANGER);
    if !free && dice.once_in(3) {
        return (by, M::Endorse(id, EXP));
    }
    match dice.below(8) {
        0 => (by, M::Endorse(id, EXP)),
        1 => (by, M::Surrender(id)),
        _ => (by, M::PledgeControl(id, ESCROW)),
    }
}

fn present(dice: &mut Dice, model: &Model, lc: u64, credit: Option<&Credit>) -> Said {
    let second = credit.and_then(|credit| credit.transferred.as_ref());
    let second = second.filter(|_| dice.once_in(2)).map(|t| t.second.wallet);
    let left = credit.map_or(1, |credit| {
        let most = credit.clauses.max_draw().unwrap_or(0);
        most.saturating_sub(credit.used)
            .saturating_sub(credit.open_claims(model.now))
    });
    let parts = credit
        .and_then(|credit| credit.clauses.parts())
        .unwrap_or_default();
    let part = (!parts.is_empty()).then(|| dice.index(parts.len()));
    let whole = part.map(|part| parts[part]);
    let claim: Units = match whole {
        Some(whole) if !dice.once_in(5) => whole,
        _ if dice.once_in(3) => left,
        _ => amount(dice, left),
    };
    let shipment = match dice.below(12) {
        0 => model.now + 1,
        1 => model.now.saturating_sub(25 * DAY),
        _ => model.now.saturating_sub(dice.below(2 * DAY)),
    };
    let docs = documents(dice, model, (credit, part));
    let by = second.unwrap_or(EXP);
    (by, EscrowMessage::Present(lc, docs, claim, shipment))
}

/// Passing on, assignment.
fn pass(dice: &mut Dice, model: &Model, lc: u64, credit: Option<&Credit>) -> Said {
    let issuing = credit.map_or(BANK, |credit| credit.issuing.wallet);
    if dice.once_in(3) {
        let bps = dice.pick(&[1, 333, 2_500, 5_000, 10_000, 0, 10_001]);
        let to = pid(dice.pick(&[ANN, OP, BANK, CAT, EXP, BOB, STRANGER]));
        return (EXP, EscrowMessage::AssignProceeds(lc, to, bps));
    }
    let waits = credit.and_then(|credit| credit.passing.as_ref());
    if let Some((passed, _)) = waits.filter(|_| !dice.once_in(6)) {
        let terms = (lc, passed.second.wallet, passed.amount);
        let times = (passed.expiry, passed.latest_shipment);
        let by = dice.pick(&[issuing, EXP]);
        return (by, EscrowMessage::TransferCredit(terms, times));
    }
    let most = credit.map_or(1, |credit| {
        let taken = credit.used.saturating_add(credit.open_claims(model.now));
        credit.clauses.amount.saturating_sub(taken)
    });
    let whole = credit.is_some_and(|credit| !credit.clauses.partial_allowed);
    let much = match dice.below(6) {
        0 => amount(dice, most),
        _ if whole => most,
        _ => most / 2,
    };
    let expiry = credit.map_or(model.now, |credit| credit.clauses.expiry);
    let latest = credit.map_or(model.now, |credit| credit.clauses.latest_shipment);
    let sooner = |at: Seconds, dice: &mut Dice| match dice.below(12) {
        0 => at + 1,
        1 => at.saturating_sub(DAY / 8),
        _ => at,
    };
    let times = (sooner(expiry, dice), sooner(latest, dice));
    let to = dice.pick(&[CAT, BOB, OP, ANN, EXP, STRANGER]);
    let by = dice.pick(&[EXP, issuing]);
    (by, EscrowMessage::TransferCredit((lc, to, much), times))
}

/// The next step of a credit, mostly.
fn of_credit(dice: &mut Dice, model: &Model, lc: u64) -> Said {
    use EscrowMessage as M;
    let escrow = model.escrow.as_ref().expect("an escrow");
    let credit = escrow.credits.get(&lc);
    let issuing = credit.map_or(BANK, |credit| credit.issuing.wallet);
    let stage = credit.map_or(Stage::Issued, |credit| credit.stage);
    let over = credit.is_some_and(|credit| model.now > moved(credit.clauses.expiry));
    let waits = credit.is_some_and(|credit| credit.has_open(model.now));
    if over && !waits && !dice.once_in(6) {
        return (STRANGER, M::Expire(lc));
    }
    if stage == Stage::Draft && !dice.once_in(6) {
        return match dice.below(60) {
            0 => (IMP, M::Cancel(lc)),
            1 | 2 => (BANK, M::Expire(lc)),
            _ => (issuing, M::Issue(lc, spare(dice, model, IMP))),
        };
    }
    match dice.below(30) {
        0 if dice.once_in(6) => (PAUSER, M::Pause),
        0 | 1 => (BANK_2, M::Advise(lc)),
        2 | 3 => (BANK_2, M::Confirm(lc, spare(dice, model, BANK_2))),
        4 => {
            let by = dice.pick(&[IMP, BANK_2]);
            (by, M::AddHold(lc, spare(dice, model, by)))
        }
        5 => (issuing, M::ProposeAmend(lc, amended(dice, model, credit))),
        6 | 7 => {
            let given = credit.map_or(0, |credit| credit.amendments.len());
            let waits = credit.and_then(|credit| credit.pending);
            let n = waits.filter(|_| !dice.once_in(10));
            let n = n.unwrap_or_else(|| number(dice, u64::try_from(given).expect("few")));
            (
                dice.pick(&[EXP, BANK_2]),
                M::AnswerAmend(lc, n, !dice.once_in(4)),
            )
        }
        8 if dice.once_in(4) => (dice.pick(&[EXP, issuing, BANK_2]), M::Cancel(lc)),
        8 => pass(dice, model, lc, credit),
        9 => (STRANGER, M::Expire(lc)),
        10 if dice.once_in(2) => (STRANGER, M::StopClock(lc)),
        10 => (STRANGER, M::ReleaseMilestone(lc, dice.index(4))),
        11 => (
            REGULATOR,
            M::AssignAgent(lc, dice.pick(&[BANK, BANK_2, OP, EXP, STRANGER])),
        ),
        12..=15 => present(dice, model, lc, credit),
        _ => after_presentation(dice, model, lc, credit),
    }
}

/// The next step of a presentation, or the first one.
fn after_presentation(dice: &mut Dice, model: &Model, lc: u64, credit: Option<&Credit>) -> Said {
    let issuing = credit.map_or(BANK, |credit| credit.issuing.wallet);
    let stage = credit.map_or(Stage::Issued, |credit| credit.stage);
    let shown = credit
        .map(|credit| credit.shown.as_slice())
        .unwrap_or_default();
    let open = (1_u64..)
        .zip(shown)
        .filter(|(_, shown)| shown.is_open(model.now));
    let open: Vec<u64> = open.map(|(n, _)| n).collect();
    if open.is_empty() && stage == Stage::Issued && !dice.once_in(8) {
        return present(dice, model, lc, credit);
    }
    let n = if open.is_empty() || dice.once_in(10) {
        number(dice, u64::try_from(shown.len()).expect("few"))
    } else {
        dice.pick(&open)
    };
    let at = usize::try_from(n)
        .ok()
        .and_then(|n| shown.get(n.checked_sub(1)?));
    of_presentation(dice, model, (lc, n), (issuing, at))
}

/// Other terms for a credit, mostly one change.
fn amended(dice: &mut Dice, model: &Model, credit: Option<&Credit>) -> Clauses {
    let mut changed = credit.map_or_else(|| clauses(dice, model), |c| c.clauses.clone());
    match dice.below(6) {
        0 => changed = clauses(dice, model),
        1 => changed.expiry += DAY,
        2 => changed.latest_shipment = changed.expiry,
        3 => changed.docs = vec![(1, None, false)],
        4 => changed.partial_allowed = true,
        _ => changed.amount = amount(dice, changed.amount),
    }
    changed
}

fn hash_of(dice: &mut Dice, shown: Option<&Presentation>) -> u16 {
    let hashes: Vec<u16> = shown
        .iter()
        .flat_map(|s| s.docs.iter().map(|doc| doc.hash))
        .collect();
    if hashes.is_empty() || dice.once_in(12) {
        u16::try_from(dice.below(100)).expect("small")
    } else {
        dice.pick(&hashes)
    }
}

/// The next step of a presentation, mostly.
fn of_presentation(
    dice: &mut Dice,
    model: &Model,
    (lc, n): (u64, u64),
    (issuing, shown): (Who, Option<&Presentation>),
) -> Said {
    use EscrowMessage as M;
    if dice.once_in(7) || shown.is_some_and(|shown| shown.disputed(model.now)) && dice.once_in(2) {
        return quarrel(dice, model, (lc, n), shown);
    }
    let examiner = dice.pick(&[issuing, issuing, BANK_2, OP]);
    let credit = model
        .escrow
        .as_ref()
        .and_then(|escrow| escrow.credits.get(&lc));
    let passed = credit.and_then(|credit| credit.transferred.as_ref());
    let passed = passed.filter(|_| shown.is_some_and(|shown| shown.second));
    let presenter = passed.map_or(EXP, |passed| passed.second.wallet);
    let standing = shown.map(|shown| shown.standing(model.now));
    let waiver = shown.map_or(Waiver::None, |shown| shown.waiver);
    let incomplete = shown.is_some_and(|shown| matches!(shown.clock, Clock::Open(_)));
    let kind = if dice.once_in(6) {
        dice.below(12)
    } else {
        match standing {
            Some(Standing::Presented) if incomplete => 0,
            Some(Standing::Examining) if waiver == Waiver::Asked => 4,
            Some(Standing::Examining) if waiver == Waiver::Given => 5,
            Some(Standing::Examining) => dice.pick(&[1, 1, 1, 2, 3, 6]),
            Some(Standing::ClockStopped) => dice.pick(&[7, 7, 6]),
            Some(Standing::Complying | Standing::Waived | Standing::Precluded) => {
                dice.pick(&[8, 8, 9])
            }
            Some(Standing::Reimbursable) => dice.pick(&[10, 10, 10, 11]),
            _ => dice.below(12),
        }
    };
    match kind {
        0 => (presenter, M::Complete(lc, n)),
        1 => (examiner, M::Examine(lc, n)),
        2 => (examiner, M::Refuse(lc, n, usize::from(!dice.once_in(12)))),
        3 => (issuing, M::AskWaiver(lc, n)),
        4 => (IMP, M::GiveWaiver(lc, n)),
        5 => (issuing, M::AcceptWaiver(lc, n)),
        6 => (examiner, M::SuspendCorrupt(lc, n, hash_of(dice, shown))),
        7 => {
            let missing = shown.and_then(|shown| {
                let (missing, _) = shown.corrupt.as_ref()?;
                shown.docs.get(*missing.first()?)
            });
            let old = missing.filter(|_| !dice.once_in(6)).map(|doc| doc.hash);
            let old = old.unwrap_or_else(|| hash_of(dice, shown));
            let new = u16::try_from(dice.below(60_000)).expect("small");
            (presenter, M::Represent(lc, n, old, new))
        }
        8 => (STRANGER, M::Honour(lc, n)),
        9 => (BANK_2, M::HonourConfirming(lc, n)),
        10 => (STRANGER, M::Reimburse(lc, n)),
        _ => (BANK_2, M::WaiveReimbursement(lc, n)),
    }
}

/// Disputes, awards, protests, and records that go back.
fn quarrel(
    dice: &mut Dice,
    model: &Model,
    (lc, n): (u64, u64),
    shown: Option<&Presentation>,
) -> Said {
    use EscrowMessage as M;
    let disputed = shown.is_some_and(|shown| shown.disputed(model.now));
    let whole = shown.map_or(1, |shown| match shown.advanced {
        0 => shown.claim,
        advanced => advanced,
    });
    let kind = if disputed && !dice.once_in(5) {
        1
    } else {
        dice.below(5)
    };
    match kind {
        0 => {
            let by = dice.pick(&[EXP, IMP, BANK_2, BANK]);
            (by, M::OpenDispute(lc, n, document(dice)))
        }
        1 => {
            let odd = amount(dice, whole);
            let pay = dice.pick(&[0, whole, whole / 2, odd]);
            let back = whole.saturating_sub(pay);
            let back = if dice.once_in(10) { back + 1 } else { back };
            let by = dice.pick(&[NOTARY, ARBITER]);
            (by, M::Award(lc, n, (pay, back), document(dice)))
        }
        2 => (STRANGER, M::Protest(lc, n)),
        3 => (STRANGER, M::ReturnDocuments(lc, n)),
        _ => {
            let record = bill(dice, model).map_or(1, |(id, _)| id);
            (EXP, M::ReturnRecord(record))
        }
    }
}

/// The importer comes under an order while a bank that confirmed has to pay: then the bank does.
pub(crate) fn distress(dice: &mut Dice, model: &Model) -> Option<(Who, RegisterMessage)> {
    let credits = &model.escrow.as_ref()?.credits;
    let payable = |credit: &Credit| {
        let mut shown = credit.shown.iter();
        credit.confirmed
            && shown.any(|shown| {
                let standing = shown.judged(model.now);
                matches!(
                    standing,
                    Standing::Complying | Standing::Waived | Standing::Precluded
                )
            })
    };
    if !credits.values().any(payable) {
        return None;
    }
    let scope = Scope::Party {
        pid: pid(IMP),
        both: dice.once_in(2),
    };
    let case = u8::try_from(1 + dice.below(255)).expect("small");
    let until = dice.once_in(3).then(|| model.now + dice.below(DAY));
    Some((
        ENFORCER,
        RegisterMessage::OrderFreeze(scope, (3, case, 7), until),
    ))
}
