//! Conditions that devices report on, and lots of provenance.

use super::TradeRef;
use weighhouse_sdk::prelude::*;

/// What a breach leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum BreachPolicy {
    /// Nothing is paid.
    Refuse,
    /// This many hundredths of a percent are kept back, rounded up.
    PenaltyBps(u16),
    /// The arbiter decides.
    Arbitrate,
}

/// What is known of a condition. Unknown is never fulfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum ConditionState {
    /// Fulfilled.
    Ok,
    /// Breached.
    Breach {
        /// What that leads to.
        policy: BreachPolicy,
    },
    /// Nobody can tell.
    Unknown {
        /// The code that says why: 653 `Stale`, 654 `NoQuorum`, or 4 of an unknown condition.
        why: u16,
    },
}

/// A contract that evaluates conditions.
#[contract]
pub trait Conditions {
    /// What is known of a condition now.
    #[query]
    fn condition(&self, id: u64) -> ConditionState;
}

/// A register of lots of provenance.
#[contract]
pub trait Provenance {
    /// Uses up part of a lot; once.
    #[call(check)]
    fn consume(&mut self, lot: u64, amount: Amount, trade_ref: Option<TradeRef>);
}
