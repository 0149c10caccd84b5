//! Another unit, conditions, calendars: what credits ask of the world around them.

use crate::chance::{number, second};
use crate::credit_papers::spare;
use crate::market::DAY;
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::Model;
use weighhouse_testkit::model::cast::{EXP, OP, OPERATOR, OUTSIDE, STRANGER, TOKEN, TOKEN_2, Who};
use weighhouse_testkit::model::escrow::Credit;
use weighhouse_testkit::model::escrow::calendar::Calendar;
use weighhouse_testkit::model::escrow::exchange::Fx;
use weighhouse_testkit::model::escrow::terms::ConditionRef;
use weighhouse_testkit::model::message::EscrowMessage;
use weighhouse_testkit::model::outside::{Condition, OutsideMessage, Rate};

/// Conditions that the world outside knows of.
pub(crate) const CONDITIONS: u64 = 4;

/// The world outside changes: back to what lets money go, mostly.
pub(crate) fn outside_message(dice: &mut Dice, model: &Model) -> OutsideMessage {
    if dice.once_in(3) {
        return OutsideMessage::PutRate(rate(dice, model));
    }
    let broken = (1..=CONDITIONS).filter(|id| model.outside.condition(*id) != Condition::Fulfilled);
    let broken: Vec<u64> = broken.collect();
    if !broken.is_empty() && !dice.once_in(4) {
        return OutsideMessage::PutCondition(dice.pick(&broken), Condition::Fulfilled);
    }
    let state = dice.pick(&[
        Condition::Refuse,
        Condition::Arbitrate,
        Condition::Penalty(333),
        Condition::Penalty(5_000),
        Condition::Penalty(1),
        Condition::Penalty(20_000),
        Condition::Unknown,
    ]);
    OutsideMessage::PutCondition(1 + dice.below(CONDITIONS), state)
}

fn rate(dice: &mut Dice, model: &Model) -> Rate {
    let at = match dice.below(8) {
        0 => model.now + 1,
        1 => model.now.saturating_sub(4 * DAY),
        _ => model.now,
    };
    let (num, den) = dice.pick(&[(1, 1), (1, 1), (100, 101), (2, 1), (0, 1), (1, 0), (21, 20)]);
    (num, den, at)
}

/// Conditions of a credit: none, mostly.
pub(crate) fn conditions(dice: &mut Dice) -> Vec<ConditionRef> {
    match dice.below(40) {
        0 => vec![(STRANGER, 1)],
        1 => vec![(OUTSIDE, CONDITIONS + 1)],
        2 => vec![(OUTSIDE, 1); 17],
        3 | 4 => vec![(OUTSIDE, 1), (OUTSIDE, 2)],
        5..=12 => vec![(OUTSIDE, 1 + dice.below(CONDITIONS))],
        _ => Vec::new(),
    }
}

/// A place with other days; sometimes one whose banks never open.
pub(crate) fn define_calendar(dice: &mut Dice, model: &Model) -> (Who, EscrowMessage) {
    let today = model.now / DAY;
    let count = dice.below(6);
    let holidays = (0..count).map(|_| today + dice.below(20)).collect();
    let calendar = Calendar {
        offset: dice.pick(&[0, 10_800, 36_000]),
        weekend: dice.pick(&[0b110_0000, 0b011_0000, 0b000_0000, 0b111_1110, 0b111_1111]),
        holidays,
    };
    (OPERATOR, EscrowMessage::DefineCalendar(calendar))
}

/// The beneficiary and the issuing bank agree on an exchange, mostly on the same.
pub(crate) fn set_fx(
    dice: &mut Dice,
    model: &Model,
    lc: u64,
    (credit, issuing): (Option<&Credit>, Who),
) -> (Who, EscrowMessage) {
    let by = dice.pick(&[EXP, issuing]);
    let waits = credit.and_then(|credit| credit.exchanging.as_ref());
    if let Some((fx, _)) = waits.filter(|_| !dice.once_in(6)) {
        return (by, EscrowMessage::SetFx(lc, *fx));
    }
    let other = model.of_other();
    let hold = other.map_or(1, |other| spare(dice, &other, OP));
    let mut fx = Fx {
        pay_token: TOKEN_2,
        num: 1,
        den: dice.pick(&[1, 1, 1, 3]),
        source: OUTSIDE,
        max_age: dice.pick(&[3 * DAY, 30 * DAY]),
        band: dice.pick(&[100, 500, 10_000]),
        hold,
    };
    match dice.below(20) {
        0 => fx.num = 0,
        1 => fx.den = 0,
        2 => fx.band = 10_001,
        3 => fx.pay_token = dice.pick(&[TOKEN, STRANGER]),
        4 => fx.source = STRANGER,
        5 => fx.hold = number(dice, 9),
        6 => fx.max_age = second(dice, 0),
        7 => fx.num = 3,
        _ => {}
    }
    (by, EscrowMessage::SetFx(lc, fx))
}
