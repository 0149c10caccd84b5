//! Every refusal of the contract library that a contract here can answer.
//!
//! Codes and names are those of the specification and never change. The fields are detail for the
//! reader; only the code decides anything. `item` is the position in a batch, where there is one.

use crate::interface::{Rule, Side, Why};
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
    /// a contract that is being called may not be entered again
    #[code(12)]
    Reentrancy,
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
    /// the document was used before
    #[code(18)]
    DuplicateDocument,
    /// a directive of the regulator stops this
    #[code(19)]
    Halted,
    /// the party is not vetted, or its wallet is not in use
    #[code(100)]
    NotVetted {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// the party is suspended
    #[code(101)]
    Suspended {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// the party is on a sanctions list, or not cleared of it
    #[code(102)]
    SanctionsHit {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// an order freezes the party
    #[code(103)]
    PartyFrozen {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// what is known of the party is out of date
    #[code(104)]
    KycExpired {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// the last screening is too old
    #[code(105)]
    ScreeningStale {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// the country of the party is not allowed
    #[code(106)]
    Jurisdiction {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// units for foreign trade do not move between these parties
    #[code(107)]
    RingFence {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// the party is not authorised for this
    #[code(108)]
    NotAuthorised {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// the party is not a qualified investor
    #[code(109)]
    NotQualified {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// above the annual limit
    #[code(110)]
    AnnualLimit {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// too many holders
    #[code(111)]
    HolderCap {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// above what one party may hold
    #[code(112)]
    MaxBalance {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// above what a party may send in this time
    #[code(113)]
    Velocity {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// an officer must clear this amount first
    #[code(114)]
    NeedsPreclearance {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// this amount takes a commitment to what the parties told each other
    #[code(115)]
    TravelRule {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// the purpose does not fit the parties, the trade or the way
    #[code(116)]
    PurposeViolation {
        /// Because of whom, by which rule.
        why: Why,
    },
    /// a restriction or an order stops the object
    #[code(117)]
    ObjectRestricted {
        /// Because of whom, by which rule.
        why: Why,
    },
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
    /// the balance would do, but an order freezes part of it
    #[code(202)]
    FrozenAmount {
        /// What is neither held nor frozen.
        available: Amount,
        /// What was asked for.
        asked: Amount,
        /// Position in the batch.
        item: Option<u32>,
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
    /// the shares do not add up, or are more than there are
    #[code(300)]
    SharesMismatch,
    /// another mortgage has that rank
    #[code(301)]
    RankTaken,
    /// somebody who must consent has not
    #[code(302)]
    ConsentMissing,
    /// this cannot be transferred, or not again
    #[code(303)]
    NotTransferable,
    /// encumbrances are in the way
    #[code(304)]
    Encumbered,
    /// the areas do not add up
    #[code(305)]
    AreaMismatch,
    /// the caller does not control the record
    #[code(306)]
    NotController,
    /// the right is over, or the one it derives from
    #[code(307)]
    RightExpired,
    /// the presentation does not comply
    #[code(400)]
    NotComplying,
    /// above what is left to draw
    #[code(401)]
    OverDrawn,
    /// the credit is drawn in full or not at all
    #[code(402)]
    PartialNotAllowed,
    /// an instalment was not drawn in its window
    #[code(403)]
    InstalmentLapsed,
    /// the time for presentations is over
    #[code(404)]
    LatePresentation,
    /// the time to refuse is over
    #[code(405)]
    Precluded,
    /// a presentation is still open
    #[code(406)]
    OpenPresentation,
    /// nobody can tell whether a condition is fulfilled
    #[code(407)]
    ConditionUnknown,
    /// a condition is breached
    #[code(408)]
    ConditionBreached,
    /// the clock of the presentation stands still
    #[code(409)]
    ClockSuspended,
    /// there is not enough money behind it
    #[code(500)]
    NotFunded,
    /// the last value is too old
    #[code(653)]
    Stale,
    /// outside the price band
    #[code(700)]
    PriceBand,
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

    /// The refusal of a register's code, with its reason. `None` for 0 and for codes that no register
    /// answers.
    #[must_use]
    pub fn of_register(code: u16, why: Option<Why>) -> Option<Self> {
        let why = why.unwrap_or(Why {
            side: Side::Any,
            rule: Rule::Register,
        });
        Some(match code {
            2 => Self::Paused,
            3 => Self::Deactivated,
            4 => Self::NotFound,
            8 => Self::ZeroAmount,
            9 => Self::Overflow,
            19 => Self::Halted,
            100 => Self::NotVetted { why },
            101 => Self::Suspended { why },
            102 => Self::SanctionsHit { why },
            103 => Self::PartyFrozen { why },
            104 => Self::KycExpired { why },
            105 => Self::ScreeningStale { why },
            106 => Self::Jurisdiction { why },
            107 => Self::RingFence { why },
            108 => Self::NotAuthorised { why },
            109 => Self::NotQualified { why },
            110 => Self::AnnualLimit { why },
            111 => Self::HolderCap { why },
            112 => Self::MaxBalance { why },
            113 => Self::Velocity { why },
            114 => Self::NeedsPreclearance { why },
            115 => Self::TravelRule { why },
            116 => Self::PurposeViolation { why },
            117 => Self::ObjectRestricted { why },
            _ => return None,
        })
    }
}
