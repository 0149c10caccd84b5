//! What contracts ask of others that are not here: conditions, rates of exchange, lots of provenance.
//!
//! A contract of the tests answers what it is told; anybody may tell it.

use super::code::{BAD_STATE, Code, NOT_FOUND};
use super::{Seconds, Units};
use std::collections::BTreeMap;

/// What is known of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Fulfilled.
    Fulfilled,
    /// Breached: nothing is paid.
    Refuse,
    /// Breached: so many basis points are kept back, rounded up.
    Penalty(u16),
    /// Breached: the arbiter decides.
    Arbitrate,
    /// Nobody can tell.
    Unknown,
}

/// Units of the other token for units of the token, and since when.
pub type Rate = (u128, u128, Seconds);

/// What is known from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outside {
    /// By number; of others nobody can tell.
    pub conditions: BTreeMap<u64, Condition>,
    /// Of the token against the other one.
    pub rate: Option<Rate>,
    /// Lots of provenance, and what is left of them.
    pub lots: BTreeMap<u64, Units>,
}

/// What it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutsideMessage {
    /// A condition.
    PutCondition(u64, Condition),
    /// The rate of the day.
    PutRate(Rate),
    /// A lot, and what is left of it.
    PutLot(u64, Units),
}

impl Outside {
    pub(super) fn hear(&mut self, message: OutsideMessage) {
        match message {
            OutsideMessage::PutCondition(id, state) => {
                self.conditions.insert(id, state);
            }
            OutsideMessage::PutRate(rate) => self.rate = Some(rate),
            OutsideMessage::PutLot(id, left) => {
                self.lots.insert(id, left);
            }
        }
    }

    /// Uses up part of a lot, as the contract of the tests does: its refusal ends the move.
    pub(super) fn consume(&mut self, lot: u64, amount: Units) -> Result<(), Code> {
        // A lot of which nothing is left is none.
        let left = self.lots.get_mut(&lot).filter(|left| **left != 0);
        let left = left.ok_or(NOT_FOUND)?;
        *left = left.checked_sub(amount).ok_or(BAD_STATE)?;
        Ok(())
    }

    /// What is known of a condition.
    #[must_use]
    pub fn condition(&self, id: u64) -> Condition {
        let known = self.conditions.get(&id).copied();
        known.unwrap_or(Condition::Unknown)
    }
}
