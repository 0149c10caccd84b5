//! What comes to the minds of officers, and of those who trade across the border.

use crate::chance::{amount, document, holder, mostly, number, receiver, second, signer};
use crate::market::{DAY, pid};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::{
    ADMIN, ANN, ANN_2, BANK, BANK_2, BOB, CAT, COMPLIANCE, COMPLIANCE_2, ENFORCER, ESCROW, EXP,
    HOLDERS, IMP, NOTARY, OP, OP_2, OPERATOR, OPERATOR_2, OUTSIDE, PAUSER, REGULATOR, RIGHTS,
    SCREENER, SYSTEM, TOKEN, Who,
};
use weighhouse_testkit::model::life::Status;
use weighhouse_testkit::model::message::{RegisterMessage, TokenMessage};
use weighhouse_testkit::model::register::order::Scope;
use weighhouse_testkit::model::register::party::Kind;
use weighhouse_testkit::model::register::rules::{Preclearance, Rules};
use weighhouse_testkit::model::register::trade::{Authority, GrantState};
use weighhouse_testkit::model::register::{Act, Finding, Pid, Register, Standing, WalletState};
use weighhouse_testkit::model::token::hold;
use weighhouse_testkit::model::token::movement::Purpose;
use weighhouse_testkit::model::{Model, Seconds};

type Said = (Who, RegisterMessage);

/// A participant; sometimes none.
fn party(dice: &mut Dice) -> Pid {
    if dice.once_in(25) {
        return dice.pick(&[0, 99, Pid::MAX]);
    }
    let known = [
        ANN, ANN, BOB, CAT, IMP, EXP, OP, OP_2, BANK, BANK_2, NOTARY, SYSTEM,
    ];
    pid(dice.pick(&known))
}

/// Says something to the register: half of the time to mend what is broken.
pub(crate) fn register_message(dice: &mut Dice, model: &Model) -> Said {
    let register = model.register.as_ref().expect("a register");
    let mend = if dice.once_in(2) {
        mend(dice, register, model.now)
    } else {
        None
    };
    let (by, message) = mend.unwrap_or_else(|| disturb(dice, register, model));
    (mostly(dice, by), message)
}

/// The next step towards what works again.
fn mend(dice: &mut Dice, register: &Register, now: Seconds) -> Option<Said> {
    use RegisterMessage as M;
    let mut wanted: Vec<Said> = Vec::new();
    if register.life.status == Status::Paused {
        wanted.push((PAUSER, M::Unpause));
    }
    for (id, (act, by, until)) in &register.proposals {
        let other = |one, two| if *by == one { two } else { one };
        if now > *until && !dice.once_in(10) {
            continue;
        }
        wanted.push(match act {
            Act::ClearHit(_) => (other(COMPLIANCE, COMPLIANCE_2), M::ApproveClearHit(*id)),
            Act::Reinstate(_) => (other(COMPLIANCE, COMPLIANCE_2), M::ApproveReinstate(*id)),
            Act::Settle { .. } => (other(OPERATOR, OPERATOR_2), M::ApproveSettleSuccession(*id)),
            Act::Recover { .. } => (other(OPERATOR, OPERATOR_2), M::ApproveRecoverWallet(*id)),
        });
    }
    for (pid, party) in &register.parties {
        let hit = matches!(party.screening, Some((Finding::Hit, _)));
        let officer = dice.pick(&[COMPLIANCE, COMPLIANCE_2]);
        match party.standing {
            Standing::Suspended => wanted.push((officer, M::ProposeReinstate(*pid, 7))),
            _ if hit => wanted.push((officer, M::ProposeClearHit(*pid, 7))),
            Standing::Active if party.kyc_until < now => {
                wanted.push((
                    COMPLIANCE,
                    M::Approve(*pid, now + 1 + dice.below(9 * DAY), 7),
                ));
            }
            _ => {}
        }
    }
    let stands = |order: &&(u64, bool, Who)| order.1;
    let orders = register.orders.iter().map(|(id, order)| {
        let stands = !order.lifted && order.until.is_none_or(|until| now <= until);
        (*id, stands, order.by)
    });
    for (id, _, by) in orders.collect::<Vec<_>>().iter().filter(stands) {
        let officer = if dice.once_in(2) { *by } else { REGULATOR };
        wanted.push((officer, M::LiftFreeze(*id, 7)));
    }
    for (id, directive) in &register.directives {
        if !directive.lifted {
            wanted.extend([
                (REGULATOR, M::LiftDirective(*id)),
                (REGULATOR, M::LiftDirective(*id)),
            ]);
        }
    }
    for (pid, _) in register
        .estates
        .iter()
        .filter(|(_, estate)| !estate.settled)
    {
        let heirs = heirs_of(dice, *pid);
        wanted.push((OPERATOR, M::ProposeSettleSuccession(*pid, heirs, 7)));
    }
    for ((pid, kind), grant) in &register.grants {
        if grant.state != GrantState::Active || grant.until < now {
            let until = now + dice.below(40 * DAY);
            wanted.push((REGULATOR, M::GrantAuthorisation(*pid, *kind, now, until, 7)));
        }
    }
    if wanted.is_empty() {
        None
    } else {
        Some(dice.pick(&wanted))
    }
}

/// A token of the story: the token, mostly.
fn token(dice: &mut Dice, model: &Model) -> Who {
    match &model.other {
        Some(other) if dice.once_in(4) => other.at,
        _ => TOKEN,
    }
}

fn wallet(dice: &mut Dice) -> Who {
    if dice.once_in(10) {
        receiver(dice)
    } else {
        dice.pick(HOLDERS)
    }
}

fn finding(dice: &mut Dice) -> Finding {
    dice.pick(&[
        Finding::Clear,
        Finding::Clear,
        Finding::Clear,
        Finding::Review,
        Finding::Hit,
    ])
}

fn scope(dice: &mut Dice, model: &Model) -> Scope {
    let pid = party(dice);
    match dice.below(8) {
        0 | 1 => Scope::Party {
            pid,
            both: dice.once_in(2),
        },
        2 => Scope::Object {
            contract: dice.pick(&[RIGHTS, TOKEN, ESCROW]),
            id: 1 + dice.below(3),
        },
        _ => {
            let most = model.sums(pid).0;
            let token = if dice.once_in(10) {
                ESCROW
            } else {
                token(dice, model)
            };
            Scope::Amount {
                pid,
                token,
                amount: amount(dice, most),
            }
        }
    }
}

fn authority(dice: &mut Dice) -> (Pid, Authority) {
    let known = [
        (OP, Authority::ElrOperator),
        (OP_2, Authority::ElrOperator),
        (BANK, Authority::IssuingBank),
        (BANK, Authority::AuthorisedInstitution),
        (BANK_2, Authority::IssuingBank),
        (NOTARY, Authority::ExchangeOperator),
        (OP_2, Authority::NomineeHolder),
        (CAT, Authority::ForeignNominee),
    ];
    let (who, kind) = dice.pick(&known);
    if dice.once_in(10) {
        (party(dice), kind)
    } else {
        (pid(who), kind)
    }
}

/// Heirs with all of it together, mostly.
fn heirs(dice: &mut Dice) -> Vec<(Pid, u64, u64)> {
    match dice.below(8) {
        0 => vec![(pid(ANN), 1, 2)],
        1 => vec![(pid(ANN), 1, 2), (pid(ANN), 1, 2)],
        2 => vec![(party(dice), 1, 1)],
        3 => vec![],
        4 => vec![(pid(OP), 1, 3), (pid(ANN), 2, 3)],
        5 => vec![(pid(IMP), 1, 7), (pid(OP_2), 1, 7), (pid(ANN), 5, 7)],
        _ => vec![(pid(ANN), 1, 3), (pid(OP), 1, 3), (pid(IMP), 1, 3)],
    }
}

/// Heirs of this one: nobody inherits from itself.
fn heirs_of(dice: &mut Dice, whose: Pid) -> Vec<(Pid, u64, u64)> {
    let mut heirs = heirs(dice);
    for heir in heirs.iter_mut().filter(|heir| heir.0 == whose) {
        heir.0 = pid(BOB);
    }
    heirs
}

/// Rules: one thing more or less than in force, mostly.
fn rules(dice: &mut Dice, register: &Register, (token, now): (Who, Seconds)) -> Rules {
    let mut rules = register.rules_at(token, now);
    let loose = dice.once_in(2);
    let limit = |dice: &mut Dice, most: u64| (!loose).then(|| u128::from(dice.below(most)));
    match dice.below(13) {
        0 => {
            rules.deny = if loose {
                vec![]
            } else {
                vec![dice.pick(&[*b"CN", *b"IR"])]
            }
        }
        1 => rules.allow = if loose { vec![] } else { vec![*b"RU", *b"CN"] },
        2 => rules.qualified_only = !loose && dice.once_in(2),
        3 => rules.max_balance = limit(dice, 120_000),
        4 => rules.max_holders = (!loose).then(|| 4 + dice.below(8)),
        5 if loose => rules.velocity = vec![],
        5 => rules.velocity = vec![(3_600, u128::from(dice.below(9_000)))],
        6 => rules.preclear_above = limit(dice, 9_000),
        7 => rules.told_above = limit(dice, 5_000),
        8 => rules.screening_age = (!loose).then(|| DAY * (1 + dice.below(40))),
        10 => rules.annual = limit(dice, 30_000).map(|most| (1 + u16::from(dice.once_in(6)), most)),
        11 => rules.provenance = loose.then_some(OUTSIDE),
        9 => rules.venue_only = !loose && dice.once_in(2),
        // Nothing can change this.
        _ => rules.ring_fenced ^= dice.once_in(2),
    }
    rules
}

/// A preclearance where it is needed, mostly.
fn preclearance(dice: &mut Dice, model: &Model) -> Said {
    let (from, to) = match dice.below(4) {
        0 => (pid(OP), pid(OP_2)),
        1 => (pid(OP_2), pid(OP)),
        _ => (party(dice), party(dice)),
    };
    let most = model.sums(from).0;
    let leave = Preclearance {
        token: if dice.once_in(15) {
            ESCROW
        } else {
            token(dice, model)
        },
        from,
        to,
        most: amount(dice, most),
        until: second(dice, model.now),
    };
    let reference = u8::try_from(dice.below(250)).expect("small");
    (COMPLIANCE, RegisterMessage::Preclear(leave, reference))
}

/// Limits of a year, reserved by a contract, mostly.
fn limits(dice: &mut Dice, model: &Model) -> Said {
    use RegisterMessage as M;
    let register = model.register.as_ref().expect("a register");
    let waiting: Vec<(Who, u8)> = register.reservations.keys().copied().collect();
    if waiting.is_empty() || dice.once_in(2) {
        let whose = dice.pick(&[pid(ANN), pid(BOB), pid(CAT), pid(IMP)]);
        let class = 1 + u16::from(dice.once_in(5));
        let reference = u8::try_from(dice.below(200)).expect("small");
        let much = amount(dice, 20_000);
        return (SYSTEM, M::LimitReserve((whose, class, much), reference));
    }
    let (by, reference) = dice.pick(&waiting);
    if dice.once_in(2) {
        (by, M::LimitCommit(reference))
    } else {
        (by, M::LimitRelease(reference))
    }
}

/// What officers do on other days.
#[expect(
    clippy::too_many_lines,
    reason = "a table: one line for each thing that can be said"
)]
fn disturb(dice: &mut Dice, register: &Register, model: &Model) -> Said {
    use RegisterMessage as M;
    let (now, officer) = (model.now, dice.pick(&[COMPLIANCE, COMPLIANCE_2]));
    match dice.below(47) {
        0..=8 => {
            let by = dice.pick(&[ENFORCER, COMPLIANCE, REGULATOR]);
            let case = u8::try_from(dice.below(256)).expect("small");
            let papers = (dice.pick(&[1, 1, 1, 0]), case, document(dice));
            let until = dice.once_in(2).then(|| second(dice, now));
            (by, M::OrderFreeze(scope(dice, model), papers, until))
        }
        9 => {
            let orders = u64::try_from(register.orders.len()).expect("few");
            (
                dice.pick(&[ENFORCER, REGULATOR]),
                M::LiftFreeze(number(dice, orders), document(dice)),
            )
        }
        10 | 11 => (officer, M::Suspend(party(dice), document(dice))),
        12..=14 => {
            let of = (
                party(dice),
                1 + u32::from(dice.once_in(3)),
                1 + dice.below(3),
            );
            (
                SCREENER,
                M::RecordScreening(of, finding(dice), document(dice)),
            )
        }
        15 => (
            officer,
            M::Approve(party(dice), second(dice, now), document(dice)),
        ),
        16 | 17 => {
            let until = (!dice.once_in(4)).then(|| second(dice, now));
            (
                officer,
                M::SetQualification(party(dice), until, document(dice)),
            )
        }
        18 => (officer, M::ProposeReinstate(party(dice), document(dice))),
        19 => (officer, M::ProposeClearHit(party(dice), document(dice))),
        20 if dice.once_in(12) => (officer, M::Close(party(dice), document(dice))),
        20 => (
            OPERATOR,
            M::Register((Kind::Legal, dice.once_in(2), *b"RU"), document(dice)),
        ),
        21 => (OPERATOR, M::AddWallet(party(dice), wallet(dice))),
        22 => (signer(wallet(dice)), M::AcceptWallet),
        23 if dice.once_in(3) => {
            let by = dice.pick(&[COMPLIANCE, ANN, ANN_2]);
            (by, M::LockWallet(dice.pick(&[ANN, ANN_2, ANN, ANN_2, BOB])))
        }
        23 => {
            let (lost, new) = dice.pick(&[(ANN, ANN_2), (ANN_2, ANN), (BOB, ANN)]);
            (
                OPERATOR,
                M::ProposeRecoverWallet(pid(ANN), lost, new, document(dice)),
            )
        }
        24 | 25 => {
            let (pid, kind) = authority(dice);
            let times = (dice.pick(&[now, now + 50, 0]), second(dice, now));
            (
                REGULATOR,
                M::GrantAuthorisation(pid, kind, times.0, times.1, document(dice)),
            )
        }
        26 => {
            let (pid, kind) = authority(dice);
            (
                REGULATOR,
                M::SuspendAuthorisation(pid, kind, document(dice)),
            )
        }
        27 => {
            let (pid, kind) = authority(dice);
            (REGULATOR, M::RevokeAuthorisation(pid, kind, document(dice)))
        }
        29 if dice.once_in(3) => {
            let whose = if dice.once_in(5) {
                pid(ANN)
            } else {
                dice.pick(&[pid(BOB), pid(CAT)])
            };
            let doc = u8::try_from(1 + dice.below(255)).expect("small");
            (OPERATOR, M::OpenSuccession(whose, doc))
        }
        28 => {
            let target = dice.pick(&[TOKEN, NOTARY, ESCROW, 0]);
            (
                REGULATOR,
                M::Directive(!dice.once_in(4), target, document(dice)),
            )
        }
        29 => {
            let given = u64::try_from(register.directives.len()).expect("few");
            (REGULATOR, M::LiftDirective(number(dice, given)))
        }
        30 | 31 => {
            let reference = u8::try_from(dice.below(9)).expect("small");
            let partners = dice.pick(&[(EXP, IMP), (BOB, CAT), (CAT, ANN), (ANN, BOB), (OP, EXP)]);
            let parties = (pid(partners.0), pid(partners.1));
            let worth = (amount(dice, 30_000), second(dice, now));
            let paper = if dice.once_in(4) {
                reference
            } else {
                reference.wrapping_add(1)
            };
            (BANK, M::RegisterTrade((reference, paper), parties, worth))
        }
        32 => {
            let reference = u8::try_from(dice.below(4)).expect("small");
            let result = (1, 1 + dice.below(3), finding(dice));
            (
                SCREENER,
                M::RecordTradeScreening(reference, result, document(dice)),
            )
        }
        33 if dice.once_in(4) => {
            let reference = u8::try_from(dice.below(9)).expect("small");
            (dice.pick(&[BANK, REGULATOR]), M::CloseTrade(reference))
        }
        33..=37 => {
            let token = token(dice, model);
            (
                officer,
                M::SetRules(token, rules(dice, register, (token, now))),
            )
        }
        38..=41 => preclearance(dice, model),
        44..=46 => limits(dice, model),
        42 => (officer, M::Decline(number(dice, register.precleared))),
        _ if register.life.status == Status::Paused && dice.once_in(20) => {
            (ADMIN, M::Deactivate(document(dice)))
        }
        _ if dice.once_in(4) => (PAUSER, M::Pause),
        _ if dice.once_in(2) => {
            let whose = dice.pick(&[pid(BOB), pid(CAT), pid(OP), 99]);
            let doc = u8::try_from(dice.below(256)).expect("small");
            (OPERATOR, M::OpenSuccession(whose, doc))
        }
        _ => (
            officer,
            M::ApproveReinstate(number(dice, register.proposed)),
        ),
    }
}

/// A move of foreign-trade units that the fence lets through, mostly; and forced measures, recoveries.
pub(crate) fn foreign_trade(dice: &mut Dice, model: &Model) -> (Who, TokenMessage) {
    let moves = [
        (OP, IMP, Purpose::ImportFunding, Some(1)),
        (IMP, EXP, Purpose::TradeSettlement, Some(1)),
        (CAT, BOB, Purpose::TradeSettlement, Some(2)),
        (BOB, OP, Purpose::ExportConversion, Some(2)),
        (OP, OP_2, Purpose::General, None),
        (OP_2, OP, Purpose::General, None),
        (ANN, ANN_2, Purpose::General, None),
        (ANN, OP, Purpose::MinedSale { lot: 1 }, None),
    ];
    if dice.once_in(12) {
        return forced(dice, model);
    }
    let (from, mut to, mut purpose, mut trade) = dice.pick(&moves);
    match dice.below(12) {
        0 => to = receiver(dice),
        1 => purpose = dice.pick(&moves).2,
        2 => trade = Some(u8::try_from(dice.below(5)).expect("small")),
        _ => {}
    }
    let most = model.available(from);
    let most = if dice.once_in(3) { 60_000 } else { most / 4 };
    let much = amount(dice, most);
    if dice.once_in(4) {
        // The same by the hand of a notary.
        let terms = hold::Terms {
            to: dice.once_in(2).then_some(to),
            amount: much.min(model.available(from)),
            notary: NOTARY,
            expiry: second(dice, model.now),
            purpose,
            reference: trade.unwrap_or(0),
        };
        return (from, TokenMessage::CreateHold(terms));
    }
    (from, TokenMessage::TransferFor(to, much, purpose, trade))
}

/// A forced measure under an order, mostly; or a recovery.
pub(crate) fn forced(dice: &mut Dice, model: &Model) -> (Who, TokenMessage) {
    use TokenMessage as M;
    let register = model.register.as_ref().expect("a register");
    let settled = register.estates.iter().filter(|(_, estate)| estate.settled);
    let settled = settled.filter(|(pid, _)| model.sums(**pid).0 != 0);
    let settled: Vec<Pid> = settled.map(|(pid, _)| *pid).collect();
    if !settled.is_empty() && dice.once_in(3) || dice.once_in(20) {
        let whose = settled.first().copied().unwrap_or(pid(BOB));
        return (mostly(dice, OPERATOR), M::SuccessionTransfer(whose));
    }
    if dice.once_in(5) {
        let lost = register.recoveries.iter().map(|(lost, new)| (*lost, *new));
        let lost: Vec<(Who, Who)> = lost.collect();
        let pair = if lost.is_empty() || dice.once_in(6) {
            (ANN, ANN_2)
        } else {
            dice.pick(&lost)
        };
        return (mostly(dice, OPERATOR), M::Recover(pair.0, pair.1));
    }
    let standing = register.orders.iter().filter(|(_, order)| {
        let over = order.lifted || order.until.is_some_and(|until| model.now > until);
        !over && order.scope.pid().is_some()
    });
    let standing: Vec<u64> = standing.map(|(id, _)| *id).collect();
    let id = if standing.is_empty() || dice.once_in(6) {
        number(dice, u64::try_from(register.orders.len()).expect("few"))
    } else {
        dice.pick(&standing)
    };
    let order = register.orders.get(&id);
    let whose = order.and_then(|order| order.scope.pid());
    let wallets = register
        .wallets
        .iter()
        .filter(|(_, (pid, state))| Some(*pid) == whose && *state != WalletState::Proposed);
    let wallets: Vec<Who> = wallets.map(|(who, _)| *who).collect();
    let from = if wallets.is_empty() || dice.once_in(12) {
        holder(dice, model)
    } else {
        dice.pick(&wallets)
    };
    let doc = order.map_or(7, |order| order.doc);
    let doc = if dice.once_in(12) {
        document(dice) ^ 1
    } else {
        doc
    };
    let most = match order.map(|order| order.scope) {
        Some(Scope::Amount { amount, .. }) => amount.min(model.token.purse(from).units),
        _ => model.token.purse(from).units,
    };
    let much = amount(dice, most);
    let by = mostly(dice, ENFORCER);
    if dice.once_in(3) {
        (by, M::ForcedBurn(from, much, id, doc))
    } else {
        (by, M::ForcedTransfer(from, receiver(dice), much, id, doc))
    }
}
