//! What contracts ask of others that are not here: conditions, rates of exchange, lots of provenance.
//!
//! A contract of the tests answers what it is told; anybody may tell it.

use super::Seconds;
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
}

/// What it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutsideMessage {
    /// A condition.
    PutCondition(u64, Condition),
    /// The rate of the day.
    PutRate(Rate),
}

impl Outside {
    pub(super) fn hear(&mut self, message: OutsideMessage) {
        match message {
            OutsideMessage::PutCondition(id, state) => {
                self.conditions.insert(id, state);
            }
            OutsideMessage::PutRate(rate) => self.rate = Some(rate),
        }
    }

    /// What is known of a condition.
    #[must_use]
    pub fn condition(&self, id: u64) -> Condition {
        let known = self.conditions.get(&id).copied();
        known.unwrap_or(Condition::Unknown)
    }
}
