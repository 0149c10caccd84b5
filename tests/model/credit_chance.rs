//! What comes to the minds of those who trade against documents.
//!
//! Most messages are the next step of some credit or presentation; the others are out of turn.

use crate::chance::{amount, mostly, number, second};
use crate::market::{DAY, pid};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::{
    ANN, BANK, BANK_2, BOB, CAT, ESCROW, EXP, IMP, NOTARY, OP, PAUSER, REGULATOR, STRANGER, TOKEN,
    Who,
};
use weighhouse_testkit::model::escrow::document::{
    Clock, Document, Presentation, Standing, Waiver,
};
use weighhouse_testkit::model::escrow::terms::{Clauses, Terms};
use weighhouse_testkit::model::escrow::{Credit, Stage};
use weighhouse_testkit::model::life::Status;
use weighhouse_testkit::model::message::{EscrowMessage, Message, TokenMessage};
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
    if !dice.once_in(3) {
        return Clauses {
            amount: 4_000 + u128::from(dice.below(4_000)),
            tol_plus: dice.pick(&[0, 500, 1_000]),
            tol_minus: dice.pick(&[0, 500]),
            deferred: dice.once_in(6).then(|| dice.pick(&[0, 1, 3])),
            latest_shipment: now + DAY / 2 + dice.below(expiry - now - DAY / 2),
            presentation_days: dice.pick(&[3, 21]),
            expiry,
            partial_allowed: !dice.once_in(3),
            docs: dice.pick(&[vec![(1, None)], vec![(1, Some(pid(EXP))), (2, None)]]),
            calendar: 1,
        };
    }
    Clauses {
        amount: amount(dice, 6_000),
        tol_plus: dice.pick(&[0, 0, 500, 1_000, 10_000, 10_001]),
        tol_minus: dice.pick(&[0, 0, 500, 9_999, 10_000]),
        deferred: dice.once_in(4).then(|| dice.pick(&[0, 1, 10])),
        latest_shipment: if dice.once_in(6) {
            expiry + 1
        } else {
            now + dice.below(expiry - now)
        },
        presentation_days: dice.pick(&[0, 3, 21]),
        expiry: if dice.once_in(20) {
            second(dice, now)
        } else {
            expiry
        },
        partial_allowed: !dice.once_in(3),
        docs: dice.pick(&[
            vec![(1, None)],
            vec![(1, None), (2, None)],
            vec![(1, Some(pid(EXP))), (2, None)],
            vec![(1, None), (1, None)],
            vec![],
        ]),
        calendar: dice.pick(&[1, 1, 1, 1, 1, 1, 1, 2, 0]),
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

fn documents(dice: &mut Dice, model: &Model, credit: Option<&Credit>) -> Vec<Document> {
    let wanted = credit
        .map(|credit| credit.clauses.docs.clone())
        .unwrap_or_default();
    let shown = credit
        .map(|credit| credit.shown.clone())
        .unwrap_or_default();
    // What was shown before is shown again, now and then.
    if let Some(before) = shown.last().filter(|_| dice.once_in(6)) {
        return before.docs.clone();
    }
    let mut docs: Vec<Document> = wanted
        .iter()
        .map(|(kind, issuer)| Document {
            kind: *kind,
            hash: u16::try_from(1 + dice.below(60_000)).expect("small"),
            issuer: issuer.unwrap_or_else(|| pid(EXP)),
            number: u16::try_from(dice.below(9_000)).expect("small"),
            date: model.now.saturating_sub(dice.below(DAY)),
        })
        .collect();
    match (dice.below(16), docs.first_mut()) {
        (0, Some(doc)) => doc.hash = 0,
        (1, Some(doc)) => doc.date = model.now + 1,
        (2, Some(doc)) => doc.issuer = pid(BOB),
        (3, Some(doc)) => doc.kind = 3,
        (4, _) => drop(docs.pop()),
        (5, Some(doc)) => {
            let twin = doc.clone();
            docs.push(twin);
        }
        _ => {}
    }
    docs
}

fn present(dice: &mut Dice, model: &Model, lc: u64, credit: Option<&Credit>) -> Said {
    let left = credit.map_or(1, |credit| {
        let most = credit.clauses.max_draw().unwrap_or(0);
        most.saturating_sub(credit.used)
            .saturating_sub(credit.open_claims(model.now))
    });
    let claim: Units = if dice.once_in(3) {
        left
    } else {
        amount(dice, left)
    };
    let shipment = match dice.below(12) {
        0 => model.now + 1,
        1 => model.now.saturating_sub(25 * DAY),
        _ => model.now.saturating_sub(dice.below(2 * DAY)),
    };
    let docs = documents(dice, model, credit);
    (EXP, EscrowMessage::Present(lc, docs, claim, shipment))
}

/// The next step of a credit, mostly.
fn of_credit(dice: &mut Dice, model: &Model, lc: u64) -> Said {
    use EscrowMessage as M;
    let escrow = model.escrow.as_ref().expect("an escrow");
    let credit = escrow.credits.get(&lc);
    let issuing = credit.map_or(BANK, |credit| credit.issuing.wallet);
    let stage = credit.map_or(Stage::Issued, |credit| credit.stage);
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
        5 => {
            let mut changed = credit.map_or_else(|| clauses(dice, model), |c| c.clauses.clone());
            match dice.below(6) {
                0 => changed = clauses(dice, model),
                1 => changed.expiry += DAY,
                2 => changed.latest_shipment = changed.expiry,
                3 => changed.docs = vec![(1, None)],
                4 => changed.partial_allowed = true,
                _ => changed.amount = amount(dice, changed.amount),
            }
            (issuing, M::ProposeAmend(lc, changed))
        }
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
        8 => (dice.pick(&[EXP, issuing, BANK_2]), M::Cancel(lc)),
        9 => (STRANGER, M::Expire(lc)),
        10 => (STRANGER, M::StopClock(lc)),
        11 => (
            REGULATOR,
            M::AssignAgent(lc, dice.pick(&[BANK, BANK_2, OP, EXP, STRANGER])),
        ),
        12..=15 => present(dice, model, lc, credit),
        _ => {
            let shown = credit
                .map(|credit| credit.shown.as_slice())
                .unwrap_or_default();
            let open = (1_u64..)
                .zip(shown)
                .filter(|(_, shown)| shown.is_open(model.now));
            let open: Vec<u64> = open.map(|(n, _)| n).collect();
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
    }
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
    let examiner = dice.pick(&[issuing, issuing, BANK_2, OP]);
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
        0 => (EXP, M::Complete(lc, n)),
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
            (EXP, M::Represent(lc, n, old, new))
        }
        8 => (STRANGER, M::Honour(lc, n)),
        9 => (BANK_2, M::HonourConfirming(lc, n)),
        10 => (STRANGER, M::Reimburse(lc, n)),
        _ => (BANK_2, M::WaiveReimbursement(lc, n)),
    }
}
