//! Every refusal of the contract library that a contract here can answer.
//!
//! Codes and names are those of the specification and never change. The fields are detail for the
//! reader; only the code decides anything. `item` is the position in a batch, where there is one.

use crate::role::Role;
use weighhouse_sdk::prelude::*;

/// Why a contract refuses.
#[errors]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// the caller may not do this
    #[code(1)]
    Unauthorized {
        /// The role that would do; `None` if the act belongs to one party, not to a role.
        needs: Option<Role>,
    },
    /// the contract is paused
    #[code(2)]
    Paused,
    /// the contract is deactivated: only exits and queries are left
    #[code(3)]
    Deactivated,
    /// there is nothing of that name or number
    #[code(4)]
    NotFound,
    /// it is there already
    #[code(5)]
    AlreadyExists,
    /// the state it is in does not allow that
    #[code(6)]
    BadState,
    /// an argument makes no sense
    #[code(7)]
    BadArgument {
        /// Which one.
        argument: String,
    },
    /// the amount is zero
    #[code(8)]
    ZeroAmount,
    /// the result is too large for an amount
    #[code(9)]
    Overflow,
    /// the last second for this is over
    #[code(10)]
    DeadlinePassed {
        /// That second.
        deadline: Timestamp,
    },
    /// the first second for this is yet to come
    #[code(11)]
    TooEarly {
        /// That second.
        from: Timestamp,
    },
    /// an argument or a list is longer than allowed
    #[code(13)]
    LimitExceeded {
        /// The most that is allowed.
        max: u64,
        /// What there is.
        given: u64,
    },
    /// the signature does not hold, or the key is not the owner's
    #[code(14)]
    BadSignature,
    /// the number does not follow the last one used
    #[code(15)]
    NonceUsed {
        /// The number that would be accepted.
        expected: u64,
    },
    /// one person would hold two duties that exclude each other, or act for both of two persons
    #[code(16)]
    DutyConflict,
    /// a document is missing: its hash is zero
    #[code(17)]
    BadDocument,
    /// the balance is less than that
    #[code(200)]
    InsufficientBalance {
        /// What is there.
        available: Amount,
        /// What was asked for.
        asked: Amount,
        /// Position in the batch.
        item: Option<u32>,
    },
    /// the allowance is less than that, or over
    #[code(201)]
    InsufficientAllowance {
        /// What is left of it now.
        available: Amount,
        /// What was asked for.
        asked: Amount,
    },
    /// the balance would do, but part of it is held
    #[code(203)]
    HeldAmount {
        /// What is not held.
        available: Amount,
        /// What was asked for.
        asked: Amount,
        /// Position in the batch.
        item: Option<u32>,
    },
    /// the balance would do, but part of it is locked until later
    #[code(204)]
    LockedAmount {
        /// What is neither held nor locked.
        available: Amount,
        /// What was asked for.
        asked: Amount,
        /// Position in the batch.
        item: Option<u32>,
    },
    /// the supply would be above its cap
    #[code(205)]
    CapExceeded {
        /// The cap.
        cap: Amount,
        /// What the supply would be.
        asked: Amount,
    },
    /// the token was issued without this capability
    #[code(206)]
    NotCapable {
        /// Which one.
        capability: String,
    },
    /// the hold is over
    #[code(207)]
    HoldExpired {
        /// Its last second.
        expiry: Timestamp,
    },
    /// the hold is not over yet
    #[code(208)]
    HoldNotExpired {
        /// Its last second.
        expiry: Timestamp,
    },
    /// the hold names another destination
    #[code(209)]
    WrongDestination {
        /// The one it names.
        fixed: Address,
    },
}

impl Refusal {
    /// `BadArgument` about the argument of this name.
    #[must_use]
    pub fn argument(name: &str) -> Self {
        Self::BadArgument {
            argument: name.into(),
        }
    }

    /// `NotCapable` of the capability of this name.
    #[must_use]
    pub fn not_capable(name: &str) -> Self {
        Self::NotCapable {
            capability: name.into(),
        }
    }

    /// `Unauthorized` where one party, not a role, may act.
    #[must_use]
    pub const fn not_party() -> Self {
        Self::Unauthorized { needs: None }
    }
}
