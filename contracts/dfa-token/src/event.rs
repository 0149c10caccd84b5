//! What the token reports. Every event has a number; together they rebuild balances and holds.
//!
//! A balance changes by [`Transfer`], [`Mint`] and [`Burn`] only; a hold by the `Hold...` events only.
//! Executing a hold does both, so it reports both.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::storage::{HoldTerms, Privileged};
use weighhouse_sdk::prelude::*;
pub use weighhouse_standard::document::{DocumentRemoved, DocumentSet};
pub use weighhouse_standard::lifecycle::{Deactivated, Paused, Unpaused};
pub use weighhouse_standard::role::{
    AdminAccepted, AdminCancelled, AdminProposed, RoleGranted, RoleRevoked,
};

/// By which right units moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum TransferKind {
    /// The holder moved them.
    Own,
    /// A spender moved them on the holder's allowance.
    Delegate(Address),
    /// The notary of this hold moved them.
    Hold(u64),
}

/// Units moved.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Transfer {
    /// Number of the event.
    pub seq: u64,
    /// From whom.
    pub from: Address,
    /// To whom.
    pub to: Address,
    /// How many.
    pub amount: Amount,
    /// By which right.
    pub kind: TransferKind,
    /// Commitment to a note of the parties.
    pub memo: Option<Hash>,
}

/// Units were created.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Mint {
    /// Number of the event.
    pub seq: u64,
    /// For whom.
    pub to: Address,
    /// How many.
    pub amount: Amount,
    /// Hash of the document it rests on.
    pub basis_doc: Hash,
    /// Who created them; the approver, if it took two.
    pub by: Address,
    /// The approved proposal, if it took two.
    pub proposal: Option<u64>,
}

/// Created units are locked until a time.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct LotCreated {
    /// Number of the event.
    pub seq: u64,
    /// Whose.
    pub owner: Address,
    /// How many.
    pub amount: Amount,
    /// First second at which they are free.
    pub release_at: Timestamp,
}

/// Units were destroyed.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Burn {
    /// Number of the event.
    pub seq: u64,
    /// Whose.
    pub from: Address,
    /// How many.
    pub amount: Amount,
    /// Hash of the document it rests on.
    pub basis_doc: Hash,
    /// Who destroyed them.
    pub by: Address,
}

/// An owner set what a spender may take.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Approval {
    /// Number of the event.
    pub seq: u64,
    /// Whose units.
    pub owner: Address,
    /// Who may take them.
    pub spender: Address,
    /// How many from now on.
    pub amount: Amount,
    /// Last second at which it counts.
    pub live_until: Timestamp,
    /// Number of the permit, if the owner signed one.
    pub permit: Option<u64>,
}

/// Units were set aside.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct HoldCreated {
    /// Number of the event.
    pub seq: u64,
    /// Number of the hold.
    pub id: u64,
    /// Whose units.
    pub owner: Address,
    /// What was agreed.
    pub terms: HoldTerms,
    /// Who made it on the owner's allowance.
    pub spender: Option<Address>,
}

/// Held units went to their destination; the move itself is a [`Transfer`].
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct HoldExecuted {
    /// Number of the event.
    pub seq: u64,
    /// Number of the hold.
    pub id: u64,
    /// How many went.
    pub amount: Amount,
    /// How many returned to the owner.
    pub returned: Amount,
    /// How many are still held.
    pub left: Amount,
}

/// Held units returned to the owner.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct HoldReleased {
    /// Number of the event.
    pub seq: u64,
    /// Number of the hold.
    pub id: u64,
    /// How many returned.
    pub amount: Amount,
    /// How many are still held.
    pub left: Amount,
    /// Who released them.
    pub by: Address,
}

/// All that was left of an expired hold returned to the owner.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct HoldReclaimed {
    /// Number of the event.
    pub seq: u64,
    /// Number of the hold.
    pub id: u64,
    /// How many returned.
    pub amount: Amount,
}

/// The owner agreed, or no longer agrees, to one later expiry.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct HoldConsent {
    /// Number of the event.
    pub seq: u64,
    /// Number of the hold.
    pub id: u64,
    /// Whether it may be renewed once.
    pub renewable: bool,
}

/// A hold expires later.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct HoldRenewed {
    /// Number of the event.
    pub seq: u64,
    /// Number of the hold.
    pub id: u64,
    /// Last second at which it can be executed.
    pub expiry: Timestamp,
}

/// Two officers returned all that was left of a hold to its owner.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct HoldVoided {
    /// Number of the event.
    pub seq: u64,
    /// Number of the hold.
    pub id: u64,
    /// How many returned.
    pub amount: Amount,
    /// Hash of the document that says why.
    pub doc: Hash,
    /// The approved proposal.
    pub proposal: u64,
    /// Who approved it.
    pub by: Address,
}

/// An act that takes two persons waits for the second.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Proposed {
    /// Number of the event.
    pub seq: u64,
    /// Number of the proposal.
    pub id: u64,
    /// What would be done.
    pub act: Privileged,
    /// Who proposed it.
    pub by: Address,
    /// Last second for the approval.
    pub until: Timestamp,
}
