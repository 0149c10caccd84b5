//! Splits: units of every wallet times one number, divided by another, rounded down; locks too.

use crate::model::cast::Who;
use crate::model::code::{BAD_ARGUMENT, CAP_EXCEEDED, Code, HELD_AMOUNT, OVERFLOW, need};
use crate::model::life::Role;
use crate::model::{Answer, Model, Units};

/// `apply_ratio(num, den, ca_id) -> done`: by who keeps the register of the issue, while nothing is held.
/// Stories have fewer wallets than one call splits.
pub(crate) fn apply_ratio(model: &mut Model, by: Who, num: u64, den: u64) -> Result<Answer, Code> {
    let token = &mut model.token;
    token.life.alive()?;
    need(num != 0 && den != 0, BAD_ARGUMENT)?;
    token.life.role(by, Role::Registrar)?;
    let held = token.purses.values().any(|purse| purse.held != 0);
    need(!held, HELD_AMOUNT)?;
    let part = |units: Units| {
        let product = units.checked_mul(num.into());
        product.map(|all| all / Units::from(den)).ok_or(OVERFLOW)
    };
    need(part(token.supply)? <= token.cap, CAP_EXCEEDED)?;
    for purse in token.purses.values_mut() {
        purse.units = part(purse.units)?;
        for lot in purse.lots.values_mut() {
            *lot = part(*lot)?;
        }
        purse.lots.retain(|_, lot| *lot != 0);
    }
    token.purses.retain(|_, purse| purse.units != 0);
    token.supply = token.purses.values().map(|purse| purse.units).sum();
    Ok(Answer::Whole(true))
}
