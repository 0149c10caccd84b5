//! What comes to people's minds: who, how much, when.
//!
//! Most of it makes sense at the moment, so that stories go on; the rest is hostile: strangers, nobody,
//! nothing, everything, one more than there is, numbers that were never given, seconds that are over.

use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::{
    ANN, HOLDERS, ISSUER, NOBODY, NOTARY, PEOPLE, REGISTER, STRANGER, SYSTEM, TOKEN, Who,
};
use weighhouse_testkit::model::escrow::Stage;
use weighhouse_testkit::model::escrow::document::Clock;
use weighhouse_testkit::model::escrow::terms::Availability;
use weighhouse_testkit::model::rights::queue::Decision;
use weighhouse_testkit::model::rights::usage::UseState;
use weighhouse_testkit::model::rights::{Detail, Rights, Status};
use weighhouse_testkit::model::{Model, Seconds, Units};

/// A wallet: one with units, mostly.
pub(crate) fn holder(dice: &mut Dice, model: &Model) -> Who {
    let having: Vec<Who> = model.token.purses.keys().copied().collect();
    if having.is_empty() || dice.once_in(5) {
        dice.pick(HOLDERS)
    } else {
        dice.pick(&having)
    }
}

/// Who gets something: a holder, mostly; sometimes a contract, an officer, nobody.
pub(crate) fn receiver(dice: &mut Dice) -> Who {
    match dice.below(20) {
        0 => dice.pick(&[NOBODY, TOKEN, REGISTER, STRANGER]),
        1 => dice.pick(&[ISSUER, NOTARY, SYSTEM]),
        _ => dice.pick(HOLDERS),
    }
}

/// Who should say this, mostly; sometimes anybody else.
pub(crate) fn mostly(dice: &mut Dice, right: Who) -> Who {
    let person = PEOPLE.contains(&right);
    if person && !dice.once_in(12) {
        right
    } else {
        dice.pick(PEOPLE)
    }
}

/// Somebody who signs: `who`, if it can.
pub(crate) fn signer(who: Who) -> Who {
    if PEOPLE.contains(&who) { who } else { ANN }
}

/// How much, where `most` would still do.
pub(crate) fn amount(dice: &mut Dice, most: Units) -> Units {
    match dice.below(16) {
        0 => 0,
        1 => 1,
        2 => most,
        3 => most.saturating_add(1),
        4 => most.saturating_sub(1),
        5 => dice.pick(&[Units::MAX, Units::MAX - 1, Units::MAX / 2, 1 << 64]),
        6 => most.saturating_mul(2),
        _ => u128::from(dice.throw()) % (most / 3 + 2),
    }
}

/// A number among the first `given`, mostly.
pub(crate) fn number(dice: &mut Dice, given: u64) -> u64 {
    match dice.below(20) {
        0 => 0,
        1 => given + 1,
        2 => u64::MAX,
        _ if given == 0 => 1,
        // The younger ones are more often still open.
        _ if dice.once_in(2) => given - dice.below(given.min(6)),
        _ => 1 + dice.below(given),
    }
}

/// A document; sometimes none.
pub(crate) fn document(dice: &mut Dice) -> u8 {
    if dice.once_in(30) { 0 } else { 7 }
}

/// A second: ahead, mostly.
pub(crate) fn second(dice: &mut Dice, now: Seconds) -> Seconds {
    match dice.below(12) {
        0 => now,
        1 => now.saturating_sub(1),
        2 => now + 1,
        3 => dice.pick(&[0, Seconds::MAX, Seconds::MAX - 1_000_000_000_000]),
        4 => now + 30 * 86_400,
        _ => now + 1 + dice.below(20_000),
    }
}

/// How long until somebody speaks again: no time mostly; else to a deadline, a second before, after.
pub(crate) fn wait(dice: &mut Dice, model: &Model) -> Seconds {
    if !dice.once_in(9) {
        return 0;
    }
    let mut ahead: Vec<Seconds> = deadlines(model);
    ahead.retain(|at| *at > model.now && *at < Seconds::MAX / 2);
    ahead.sort_unstable();
    // Years pass seldom: what ends in them ends for good.
    if !dice.once_in(60) {
        ahead.retain(|at| *at < model.now + 12 * 86_400);
    }
    let near = if dice.once_in(8) {
        ahead.len()
    } else {
        ahead.len().min(3)
    };
    let Some(near) = ahead.get(..near).filter(|near| !near.is_empty()) else {
        return dice.below(4_000);
    };
    if dice.once_in(5) {
        return dice.below(600);
    }
    let to = dice.pick(near) - 1 + dice.below(3);
    to.saturating_sub(model.now)
}

/// Every second at which something ends or begins.
fn deadlines(model: &Model) -> Vec<Seconds> {
    let token = &model.token;
    let mut all: Vec<Seconds> = Vec::new();
    all.extend(
        token
            .holds
            .values()
            .filter(|hold| hold.is_open())
            .map(|hold| hold.expiry),
    );
    all.extend(
        token
            .allowances
            .values()
            .map(|allowance| allowance.live_until),
    );
    all.extend(
        token
            .purses
            .values()
            .flat_map(|purse| purse.lots.keys().copied()),
    );
    all.extend(token.proposals.values().map(|proposal| proposal.until));
    all.extend(of_credits(model));
    let lives = [
        Some(&token.life),
        model.register.as_ref().map(|one| &one.life),
    ];
    let handovers = lives.into_iter().flatten().filter_map(|life| life.handover);
    all.extend(handovers.map(|(_, from)| from));
    all.extend(model.rights.iter().flat_map(of_rights));
    let Some(register) = &model.register else {
        return all;
    };
    let parties = register.parties.values();
    all.extend(parties.clone().map(|party| party.kyc_until));
    all.extend(parties.filter_map(|party| party.qualified));
    all.extend(register.proposals.values().map(|(_, _, until)| *until));
    all.extend(
        register
            .grants
            .values()
            .flat_map(|grant| [grant.from, grant.until]),
    );
    let orders = register.orders.values().filter(|order| !order.lifted);
    all.extend(orders.filter_map(|order| order.until));
    all.extend(register.trades.values().map(|trade| trade.until));
    all.extend(register.preclearances.values().map(|leave| leave.until));
    let next = register
        .rules
        .values()
        .filter_map(|book| book.next.as_ref());
    all.extend(next.map(|(_, from)| *from));
    all
}

/// Seconds at which something ends or begins in credits.
fn of_credits(model: &Model) -> Vec<Seconds> {
    let mut all: Vec<Seconds> = Vec::new();
    let escrows = model.escrow.iter();
    let credits = escrows.flat_map(|escrow| escrow.credits.values().map(move |one| (escrow, one)));
    for (escrow, credit) in credits {
        if credit.stage > Stage::Issued {
            continue;
        }
        all.extend([escrow.end_of(credit), credit.clauses.latest_shipment]);
        if let Availability::Instalments(parts) = &credit.clauses.availability {
            all.extend(parts.iter().flat_map(|(_, from, to)| [*from, *to]));
        }
        for shown in credit.shown.iter().filter(|shown| shown.is_open(model.now)) {
            all.extend(shown.corrupt.as_ref().map(|(_, until)| *until));
            all.extend(shown.dispute_end);
            all.extend(shown.pay_until);
            match shown.clock {
                Clock::Open(last) | Clock::Running(last) => all.push(last),
                Clock::Stopped(_) => {}
            }
        }
    }
    all
}

/// Seconds at which something ends or begins in the registry of rights.
fn of_rights(rights: &Rights) -> Vec<Seconds> {
    let waiting = rights.applications.values();
    let waiting = waiting.filter(|one| one.decision == Decision::Pending);
    let mut all: Vec<Seconds> = waiting.map(|one| one.from).collect();
    let live = rights.objects.values();
    for object in live.filter(|object| object.status == Status::Live) {
        all.extend(object.restrictions.iter().filter_map(|one| one.until));
        if let Detail::Utility(right) = &object.detail {
            all.push(right.until);
        }
    }
    let standing = rights.uses.values();
    let standing = standing.filter(|right| right.state == UseState::Granted);
    all.extend(standing.filter_map(|right| right.until));
    all.extend(rights.proposals.values().map(|(.., until)| *until));
    all
}
