//! A licence step by step: a hold whose notary is a system, an order on its owner, the move around it.

use crate::chance::{amount, document, mostly};
use crate::market::DAY;
use weighhouse_testkit::Dice;
use weighhouse_testkit::model::Model;
use weighhouse_testkit::model::cast::{ANN, BOB, ENFORCER, HOLDERS, SYSTEM, Who};
use weighhouse_testkit::model::message::{Message, RegisterMessage, TokenMessage};
use weighhouse_testkit::model::register::order::Scope;
use weighhouse_testkit::model::token::Hold;
use weighhouse_testkit::model::token::hold::Terms;
use weighhouse_testkit::model::token::movement::Purpose;

/// The next step.
pub(crate) fn licence_message(dice: &mut Dice, model: &Model) -> (Who, Message) {
    let open = model.token.holds.iter().filter(|(_, hold)| {
        let system = hold.notary == SYSTEM || dice.once_in(20);
        hold.is_open() && model.now <= hold.expiry && system
    });
    let open: Vec<(u64, &Hold)> = open.map(|(id, hold)| (*id, hold)).collect();
    if open.is_empty() {
        let owner = dice.pick(&[ANN, BOB]);
        let terms = Terms {
            to: dice.once_in(3).then(|| dice.pick(HOLDERS)),
            amount: 1 + u128::from(dice.below(500)),
            notary: SYSTEM,
            expiry: model.now + 3 * DAY,
            purpose: Purpose::General,
            reference: 1,
        };
        return (owner, Message::Token(TokenMessage::CreateHold(terms)));
    }
    let (id, hold) = dice.pick(&open);
    let sides = [Some(model.token.heir_of(hold.owner)), hold.to];
    let sides: Vec<Option<u64>> = sides
        .into_iter()
        .flatten()
        .map(|who| model.pid_of(who))
        .collect();
    let orders = model.register.iter().flat_map(|register| &register.orders);
    let on = orders.filter(|(_, order)| {
        let party = matches!(order.scope, Scope::Party { .. });
        party && order.active(model.now) && sides.contains(&order.scope.pid())
    });
    let on: Vec<u64> = on.map(|(id, _)| *id).collect();
    if on.is_empty() {
        let pid = dice.pick(&sides).unwrap_or(0);
        let both = dice.once_in(2);
        let case = u8::try_from(1 + dice.below(255)).expect("small");
        let until = Some(model.now + dice.below(DAY));
        let order = RegisterMessage::OrderFreeze(Scope::Party { pid, both }, (4, case, 7), until);
        return (ENFORCER, Message::Register(order));
    }
    let fixed = hold.to.filter(|_| !dice.once_in(12));
    let to = fixed.unwrap_or_else(|| dice.pick(HOLDERS));
    let much = amount(dice, hold.left);
    let papers = (dice.pick(&on), document(dice));
    let message = TokenMessage::ExecuteHoldLicensed(id, to, much, papers);
    (mostly(dice, hold.notary), Message::Token(message))
}
