//! What the escrow remembers, and what the host checks on every transaction.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::credit::{Books, Credit};
use crate::presentation::Presentation;
use crate::terms::Clauses;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::calendar::Calendar;
use weighhouse_standard::flow::Flows;
use weighhouse_standard::interface::TradeRef;
use weighhouse_standard::{Documents, Journal, Lifecycle, Proposal, Roles};

/// What the escrow relies on; fixed by the constructor.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Settings {
    /// The register of participants.
    pub participants: Address,
    /// The registry of rights, where bills of lading are records.
    pub rights: Address,
    /// How many seconds old the screening of a party or of goods may be at issue.
    pub screening_max_age: u64,
    /// Seconds between proposal and acceptance of a new administrator.
    pub admin_delay: u64,
}

/// What several have to agree on, word for word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Agreement {
    /// Hash of what is agreed on.
    pub content: Hash,
    /// Who agrees so far, a bit per party.
    pub agreed: u8,
}

/// An amendment that waits for acceptance.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Amendment {
    /// All clauses as they would be.
    pub clauses: Clauses,
    /// Who has accepted, a bit per party.
    pub accepted: u8,
}

/// Where a document or a business key was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Use {
    /// The credit.
    pub lc: u64,
    /// The presentation.
    pub n: u64,
}

/// An act of the regulator that takes two officers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Privileged {
    /// Pay although a party is frozen.
    ReleaseUnderLicence {
        /// The credit.
        lc: u64,
        /// The presentation.
        n: u64,
        /// Hash of the licence.
        licence_doc: Hash,
        /// The order that is licensed around.
        order: u64,
    },
}

/// Documentary credits and milestone escrows for export settlement.
#[storage]
// Invariant E1: what was funded is drawn, returned or held, at the end of every transaction.
#[conserve(sum(books.drawn) + sum(books.returned) + sum(books.held) == funded_total)]
#[conserve(sum(books.funded) == funded_total)]
// Invariant E3: of no credit more is drawn than was funded for it.
#[at_most(books.drawn, books.funded)]
#[at_most(books.held, books.funded)]
// Numbers are never used twice.
#[monotone(credit_count, proposal_count, calendar_count)]
pub struct Escrow {
    #[part]
    pub(crate) journal: Journal,
    #[part]
    pub(crate) lifecycle: Lifecycle,
    #[part]
    pub(crate) roles: Roles,
    #[part]
    pub(crate) documents: Documents,
    #[part]
    pub(crate) flows: Flows,

    pub(crate) settings: Const<Settings>,

    pub(crate) credit_count: Cell<u64>,
    pub(crate) credits: Map<u64, Credit>,
    /// The clauses in force, by credit.
    pub(crate) clauses: Map<u64, Clauses>,
    /// By credit and number.
    pub(crate) amendments: Map<(u64, u64), Amendment>,
    /// By credit and number.
    pub(crate) presentations: Map<(u64, u64), Presentation>,
    /// What several have to agree on, by credit and subject.
    pub(crate) agreements: Map<(u64, u8), Agreement>,

    /// By credit and source.
    pub(crate) books: Map<(u64, u8), Books>,
    /// Everything that was ever funded.
    pub(crate) funded_total: Cell<Amount>,
    /// The credit that a hold pays, by token and hold: a hold pays one credit.
    pub(crate) used_holds: Map<(Address, u64), u64>,
    /// What issued credits may still draw of a trade contract.
    pub(crate) committed: Map<TradeRef, Amount>,

    /// Invariant E6: by hash of the document, across all credits.
    pub(crate) used_hashes: Map<Hash, Use>,
    /// Invariant E6: by hash of issuer, type, number and date, across all credits.
    pub(crate) used_keys: Map<Hash, Use>,

    pub(crate) calendar_count: Cell<u64>,
    /// Calendars of banking days; a calendar never changes.
    pub(crate) calendars: Map<u64, Calendar>,
    /// Licences that the regulator filed, by credit and presentation.
    pub(crate) licences: Map<(u64, u64), Hash>,

    pub(crate) proposal_count: Cell<u64>,
    pub(crate) proposals: Map<u64, Proposal<Privileged>>,
}
