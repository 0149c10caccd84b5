//! Orders that freeze, and what forced acts need to know of them.

use super::Pid;
use weighhouse_sdk::prelude::*;

/// Which ways of a party an order closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Direction {
    /// Nothing leaves; it may receive.
    Out,
    /// Nothing leaves, nothing comes.
    InOut,
}

/// What an order freezes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Scope {
    /// A party.
    Party {
        /// Who.
        pid: Pid,
        /// Which ways.
        direction: Direction,
    },
    /// An amount of a token, also of what comes in later.
    Amount {
        /// Whose.
        pid: Pid,
        /// Of which token.
        token: Address,
        /// How much is left to be served.
        amount: Amount,
    },
    /// An object of a registry.
    Object {
        /// Which registry.
        contract: Address,
        /// Which object.
        id: u64,
    },
}

impl Scope {
    /// The participant, if the order is on one.
    #[must_use]
    pub const fn pid(&self) -> Option<Pid> {
        match self {
            Self::Party { pid, .. } | Self::Amount { pid, .. } => Some(*pid),
            Self::Object { .. } => None,
        }
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum FreezeState {
    /// In force.
    Active,
    /// Lifted.
    Lifted,
    /// Its last second is over.
    Expired,
}

/// An order as it was made and, of an amount, what is left of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Freeze {
    /// What it freezes.
    pub scope: Scope,
    /// Commitment to the authority behind it.
    pub authority: Hash,
    /// Commitment to the authority's case, once per authority.
    pub case_ref: Hash,
    /// Hash of the order.
    pub doc: Hash,
    /// Who entered it.
    pub by: Address,
    /// Since when.
    pub from: Timestamp,
    /// Last second, if it has one.
    pub until: Option<Timestamp>,
    /// It was lifted.
    pub lifted: bool,
}

/// An order as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct FreezeView {
    /// Its number: earlier orders have lower ones.
    pub id: u64,
    /// The order.
    pub order: Freeze,
    /// Where it stands.
    pub state: FreezeState,
}

/// What a token needs for a forced act that the register has just booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Served {
    /// Whose units.
    pub from: Pid,
    /// Who gets them, if anybody.
    pub to: Option<Pid>,
    /// Sum of the earlier active amount orders on the same token, which stay whole.
    pub earlier: Amount,
}

/// A wallet that was given up for another of the same participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Recovery {
    /// Whose.
    pub pid: Pid,
    /// The wallet that takes its place.
    pub new: Address,
    /// The document it rests on.
    pub doc: Hash,
}

/// Share of one heir.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct SuccessionShare {
    /// Who.
    pub heir: Pid,
    /// Numerator of the share.
    pub num: u64,
    /// Denominator of the share.
    pub den: u64,
    /// The heir's first active wallet, if it has one.
    pub wallet: Option<Address>,
}

/// An estate: open while there is no certificate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Succession {
    /// The order that stops the deceased's wallets.
    pub order: u64,
    /// Hash of the certificate, once it is settled.
    pub cert: Option<Hash>,
    /// Who gets which share; they add up to one.
    pub shares: Vec<SuccessionShare>,
}

/// What a regulator's directive does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum HaltKind {
    /// A token does not move.
    HaltAsset,
    /// A contract takes no market acts.
    HaltContract,
    /// A party reports.
    ReportOrder,
}
