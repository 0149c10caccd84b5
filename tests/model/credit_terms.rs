//! What applicants ask for: mostly what makes sense, sometimes one thing that does not.

use crate::chance::{amount, second};
use crate::credit_fx::conditions;
use crate::market::{DAY, pid};
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::cast::{
    ANN, BANK, BANK_2, BOB, EXP, IMP, NOTARY, OP, STRANGER, TOKEN,
};
use weighhouse_testkit::model::escrow::Credit;
use weighhouse_testkit::model::escrow::terms::{Availability, Clauses, Milestone, Terms};
use weighhouse_testkit::model::{Model, Seconds, Units};

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
        conditions: conditions(dice),
        dispute_days: dice.pick(&[0, 2, 10]),
        calendar: calendar(dice, model),
    };
    if dice.once_in(3) {
        in_parts(dice, &mut clauses, now);
    }
    if dice.once_in(3) {
        odd(dice, &mut clauses, now);
    }
    clauses
}

/// A calendar; none, seldom.
fn calendar(dice: &mut Dice, model: &Model) -> u64 {
    let given = model.escrow.as_ref().map_or(1, |e| e.calendars.len());
    let given = u64::try_from(given).expect("few");
    if dice.once_in(40) {
        given + 1
    } else {
        1 + dice.below(given)
    }
}

/// Makes parts of the amount.
fn in_parts(dice: &mut Dice, clauses: &mut Clauses, now: Seconds) {
    (clauses.tol_plus, clauses.tol_minus) = (0, 0);
    let third = clauses.amount / 3;
    let amounts = [third, third, clauses.amount - 2 * third];
    let length = clauses.expiry - now;
    if dice.once_in(2) {
        let own = conditions(dice);
        let part = |(k, amount): (u64, Units)| Milestone {
            conditions: if k == 1 { own.clone() } else { Vec::new() },
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
        _ => clauses.calendar = dice.pick(&[0, 2, 99]),
    }
}

pub(crate) fn terms(dice: &mut Dice, model: &Model) -> Terms {
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

/// Other terms for a credit, mostly one change.
pub(crate) fn amended(dice: &mut Dice, model: &Model, credit: Option<&Credit>) -> Clauses {
    let mut changed = credit.map_or_else(|| clauses(dice, model), |c| c.clauses.clone());
    match dice.below(7) {
        0 => changed = clauses(dice, model),
        1 => changed.expiry += DAY,
        2 => changed.latest_shipment = changed.expiry,
        3 => changed.docs = vec![(1, None, false)],
        4 => changed.partial_allowed = true,
        5 if dice.once_in(2) => changed.conditions = conditions(dice),
        _ => changed.amount = amount(dice, changed.amount),
    }
    changed
}
