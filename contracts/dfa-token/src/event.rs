//! What the token reports. Every event has a number; together they rebuild balances and holds.
//!
//! A balance changes by [`Transfer`], [`Mint`] and [`Burn`] only; a hold by the `Hold...` events only.
//! Executing a hold does both, so it reports both.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::storage::Privileged;
use weighhouse_sdk::prelude::*;
pub use weighhouse_standard::document::{DocumentRemoved, DocumentSet};
use weighhouse_standard::interface::{HoldTerms, Purpose};
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
    /// They were taken under an order.
    Forced(Warrant),
    /// They went from a wallet that was given up to the one that took its place.
    Recovery,
    /// They went to an heir of the party; the hash is that of the certificate.
    Succession(Hash),
}

/// The order under which units are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Warrant {
    /// Its number in the register.
    pub order: u64,
    /// Commitment to the authority behind it.
    pub authority: Hash,
    /// Commitment to the authority's case.
    pub case_ref: Hash,
    /// Hash of the order.
    pub doc: Hash,
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
    /// What for.
    pub purpose: Purpose,
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
    /// The order under which they were taken, if they were.
    pub warrant: Option<Warrant>,
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

/// Held units go around an order on a party, under a licence of the regulator; with the receiver they
/// are frozen. The execution is the next event.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct HoldLicensed {
    /// Number of the event.
    pub seq: u64,
    /// Number of the hold.
    pub id: u64,
    /// The order that is passed over.
    pub order: u64,
    /// The order that freezes them with the receiver.
    pub blocking: u64,
    /// Hash of the licence.
    pub doc: Hash,
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

/// A wallet was given up: its units, lots, holds and history-to-be are another's, what it had allowed
/// to spenders is void. The units themselves move in a [`Transfer`].
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Recovered {
    /// Number of the event.
    pub seq: u64,
    /// The wallet that was given up.
    pub lost: Address,
    /// The one that took its place.
    pub new: Address,
    /// The part of its units that holds have set aside.
    pub held: Amount,
    /// Hash of the document it rests on.
    pub doc: Hash,
    /// Who did it.
    pub by: Address,
}

/// The units of one wallet were split.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct RatioApplied {
    /// Number of the event.
    pub seq: u64,
    /// The corporate action.
    pub ca_id: u64,
    /// Whose.
    pub wallet: Address,
    /// How many there were.
    pub before: Amount,
    /// How many there are.
    pub after: Amount,
    /// The fraction to be paid in cash, over the denominator of the split.
    pub rest: u64,
}

/// Holders will be counted, or were.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct RecordDateSet {
    /// Number of the event.
    pub seq: u64,
    /// At the end of which second.
    pub at: Timestamp,
    /// Last second for nominees to name the owners behind them.
    pub due: Timestamp,
    /// Who announced it.
    pub by: Address,
}

/// A wallet holds for others.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct NomineeOpened {
    /// Number of the event.
    pub seq: u64,
    /// The wallet.
    pub wallet: Address,
    /// Who entered it.
    pub by: Address,
}

/// A nominee named the owners behind it.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct OwnersFiled {
    /// Number of the event.
    pub seq: u64,
    /// The nominee's wallet.
    pub nominee: Address,
    /// At the end of which second.
    pub as_of: Timestamp,
    /// How many owners.
    pub owners: u32,
    /// blake3 of the list in SCALE.
    pub list: Hash,
}
