//! Forced measures: they bypass the rules for holders, never the books.

use super::Purse;
use super::supply::destroy;
use crate::model::cast::Who;
use crate::model::code::{
    BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, FROZEN_AMOUNT, HELD_AMOUNT, INSUFFICIENT_BALANCE,
    NOT_CAPABLE, NOT_FOUND, ZERO_AMOUNT, need,
};
use crate::model::life::Role;
use crate::model::{Answer, Model, Seconds, Units};

/// Takes `amount` out of locked units, those that would be free next first.
fn unlock(purse: &mut Purse, now: Seconds, mut amount: Units) {
    purse.lots.retain(|free, _| now < *free);
    for lot in purse.lots.values_mut() {
        let part = amount.min(*lot);
        *lot -= part;
        amount -= part;
    }
    purse.lots.retain(|_, lot| *lot != 0);
}

/// `forced_transfer(from, to, amount, order, doc)`, and without `to` `forced_burn(from, amount, order, doc)`.
pub(crate) fn force(
    model: &mut Model,
    by: Who,
    (from, to, amount): (Who, Option<Who>, Units),
    (order, doc): (u64, u8),
) -> Result<Answer, Code> {
    model.token.life.alive()?;
    need(amount != 0, ZERO_AMOUNT)?;
    need(doc != 0, BAD_DOCUMENT)?;
    model.token.life.role(by, Role::Enforcer)?;
    let now = model.now;
    let on = (model.token.at, order);
    let register = model.register.as_mut().ok_or(NOT_CAPABLE)?;
    let (pid, earlier) = register.serve(now, on, (from, to), amount, doc)?;
    let (units, held) = model.sums(pid);
    let purse = model.token.purse(from);
    need(amount <= purse.units, INSUFFICIENT_BALANCE)?;
    need(amount <= purse.units - purse.held, HELD_AMOUNT)?;
    need(
        amount <= (units - held).saturating_sub(earlier),
        FROZEN_AMOUNT,
    )?;
    model.token.change(from, |purse| unlock(purse, now, amount));
    match to {
        Some(to) => model.token.shift(from, to, amount),
        None => destroy(model, from, amount),
    }
    Ok(Answer::Nothing)
}

/// `recover(lost, new)`: everything of a wallet that was given up goes to the one that took its place;
/// also if there is nothing.
pub(crate) fn recover(model: &mut Model, by: Who, lost: Who, new: Who) -> Result<Answer, Code> {
    model.token.life.alive()?;
    need(lost != new, BAD_ARGUMENT)?;
    model.token.life.role(by, Role::Operator)?;
    let register = model.register.as_ref().ok_or(NOT_CAPABLE)?;
    let heir = register.recoveries.get(&lost).copied().ok_or(NOT_FOUND)?;
    need(heir == new, BAD_ARGUMENT)?;
    need(!model.token.successors.contains_key(&lost), BAD_STATE)?;
    model.token.successors.insert(lost, new);
    let Some(old) = model.token.purses.remove(&lost) else {
        return Ok(Answer::Nothing);
    };
    let now = model.now;
    model.token.change(new, |purse| {
        purse.units += old.units;
        purse.held += old.held;
        for (free, amount) in old.lots.iter().filter(|(free, _)| now < **free) {
            *purse.lots.entry(*free).or_default() += amount;
        }
    });
    Ok(Answer::Nothing)
}
