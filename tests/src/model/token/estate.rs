//! What somebody left goes to the heirs: exact shares, locks included.

use crate::model::cast::Who;
use crate::model::code::{
    BAD_STATE, Code, FROZEN_AMOUNT, HELD_AMOUNT, NOT_CAPABLE, NOT_FOUND, NOT_VETTED, need,
};
use crate::model::life::Role;
use crate::model::register::Pid;
use crate::model::register::estate::Share;
use crate::model::{Answer, Model, Units};
use std::cmp::Reverse;

/// Shares by largest remainder, of equal ones to the lowest number. Sums here are far below 2^64.
fn divide(total: Units, shares: &[Share]) -> Vec<Units> {
    let part = |(_, num, den): &Share| total * u128::from(*num) / u128::from(*den);
    let mut parts: Vec<Units> = shares.iter().map(part).collect();
    let given: Units = parts.iter().sum();
    let common: u128 = shares.iter().map(|(_, _, den)| u128::from(*den)).product();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|at| {
        let (heir, num, den) = shares[*at];
        let rest = total * u128::from(num) % u128::from(den);
        (Reverse(rest * (common / u128::from(den))), heir)
    });
    let left = usize::try_from(total - given).unwrap_or(usize::MAX);
    for at in order.into_iter().take(left) {
        parts[at] += 1;
    }
    parts
}

/// `succession_transfer(pid)`: OPERATOR's, once the register settled the estate; open holds bar it (203),
/// orders on amounts too (202). A pause does not.
pub(crate) fn succession_transfer(model: &mut Model, by: Who, pid: Pid) -> Result<Answer, Code> {
    model.token.life.alive()?;
    model.token.life.role(by, Role::Operator)?;
    let register = model.register.as_ref().ok_or(NOT_CAPABLE)?;
    let estate = register.estates.get(&pid).ok_or(NOT_FOUND)?.clone();
    need(estate.settled, BAD_STATE)?;
    let (units, held) = model.sums(pid);
    need(units != 0, BAD_STATE)?;
    let now = model.now;
    let mut wallets: Vec<Result<Who, Code>> = Vec::new();
    for (heir, ..) in &estate.shares {
        let wallet = model.a_wallet(*heir).ok_or(NOT_VETTED);
        let fit = wallet.and_then(|who| register.receives(now, who).map(|()| who));
        wallets.push(fit);
    }
    let each = wallets.iter().map(|fit| fit.map(drop));
    each.fold(Ok(()), Model::lower)?;
    need(held == 0, HELD_AMOUNT)?;
    need(model.unclaimed(pid) == units, FROZEN_AMOUNT)?;
    let mut parts = divide(units, &estate.shares);
    let heirs: Vec<Who> = wallets.into_iter().flatten().collect();
    let own = |who: &Who| model.pid_of(*who) == Some(pid);
    let mut left: Vec<Who> = model.token.purses.keys().copied().filter(own).collect();
    // One wallet after the other, in the order of addresses.
    left.sort_by_key(|who| model.ranks.get(who).copied());
    for from in left {
        let purse = model.token.purse(from);
        let mut rest = purse.units;
        for (to, due) in heirs.iter().zip(&mut parts) {
            let part = rest.min(*due);
            rest -= part;
            *due -= part;
            // Of each lot its share, rounded up, never more than there is: nothing is free earlier.
            let mut room = part;
            let mut locks = Vec::new();
            for (free, amount) in purse.lots.iter().filter(|(free, _)| now < **free) {
                let share = (amount * part).div_ceil(purse.units).min(room);
                room -= share;
                locks.push((*free, share));
            }
            if part == 0 {
                continue;
            }
            model.token.shift(from, *to, part);
            model.token.change(*to, |purse| {
                for (free, share) in locks.into_iter().filter(|(_, share)| *share != 0) {
                    *purse.lots.entry(free).or_default() += share;
                }
            });
        }
    }
    Ok(Answer::Nothing)
}
