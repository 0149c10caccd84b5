//! What the escrow reports. Every event has a number; together they rebuild every position.
//!
//! What was funded changes by [`Funded`] only; what was drawn and returned by [`Settled`] and
//! [`Ended`]. No event says who a person is: participants are numbers, documents are
//! hashes.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::credit::{Fx, Party, Source, Stage};
use crate::presentation::{Disposal, Document, Found};
use crate::storage::Privileged;
use crate::terms::{Clauses, Terms};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::calendar::Calendar;

/// An importer applied for a credit.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Applied {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// The importer.
    pub applicant: Party,
    /// The exporter.
    pub beneficiary: Party,
    /// What was applied for.
    pub terms: Terms,
}

/// A hold pays a credit from now on.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Funded {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// Whose money.
    pub source: Source,
    /// The token.
    pub token: Address,
    /// Number of the hold there.
    pub hold: u64,
    /// How much is in it.
    pub amount: Amount,
}

/// What happened to a credit as a whole, without money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Mark {
    /// The issuing bank is bound.
    Issued,
    /// The credit was handed on to the beneficiary.
    Advised,
    /// The confirming bank is bound too.
    Confirmed,
    /// Clocks stand still: the issuing bank lost its authorisation.
    Stopped,
    /// Another bank acts in its place.
    AgentAssigned,
    /// Somebody agreed to give the credit up.
    CancelAgreed,
    /// Somebody agreed to a transfer.
    TransferAgreed,
    /// Somebody agreed to an exchange.
    FxAgreed,
}

/// A credit was marked.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Marked {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// What happened.
    pub mark: Mark,
    /// Who did it.
    pub by: Party,
}

/// The issuing bank proposed other clauses and is bound by them.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct AmendmentProposed {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// Number of the amendment.
    pub n: u64,
    /// The clauses as they would be.
    pub clauses: Clauses,
}

/// Somebody said what it thinks of an amendment.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct AmendmentAnswered {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// Number of the amendment.
    pub n: u64,
    /// Who.
    pub by: Party,
    /// Whether it accepts.
    pub accepted: bool,
    /// Whether the amendment is in force now.
    pub in_force: bool,
}

/// Documents were presented.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Presented {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// Number of the presentation.
    pub n: u64,
    /// Who presented.
    pub by: Party,
    /// The documents.
    pub docs: Vec<Document>,
    /// How much is claimed.
    pub claim: Amount,
    /// When the goods were shipped.
    pub shipment_date: Timestamp,
    /// The milestone or instalment that it serves.
    pub part: Option<u32>,
    /// What the contract found wrong.
    pub found: Vec<Found>,
}

/// What happened to a presentation, without money.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Turn {
    /// It is complete; the last second of a refusal, unless the clock stands still.
    Completed {
        /// That second.
        deadline: Option<Timestamp>,
    },
    /// A bank found that it complies.
    Complying,
    /// A bank refused.
    Refused {
        /// Why.
        discrepancies: Vec<String>,
        /// Where the documents go.
        disposal: Disposal,
    },
    /// The issuing bank asked the applicant to waive.
    WaiverAsked,
    /// The applicant waived.
    WaiverGiven,
    /// The issuing bank accepted the waiver.
    WaiverAccepted,
    /// A document cannot be read; the clock stands still.
    Corrupt {
        /// Its hash.
        doc: Hash,
        /// Last second for replacing it.
        until: Timestamp,
    },
    /// A corrupt document was replaced.
    Replaced {
        /// The old hash.
        doc: Hash,
        /// The new hash.
        hash: Hash,
        /// The new last second of a refusal, if the clock goes on.
        deadline: Option<Timestamp>,
    },
    /// A party disputes it.
    Disputed {
        /// Hash of what the party says.
        doc: Hash,
        /// Last second of the arbiter.
        end: Timestamp,
    },
    /// Payment was tried in time and only the law stopped it.
    Protested {
        /// The code.
        code: u16,
    },
    /// The escrow gave records back to the presenter.
    DocumentsReturned,
    /// The regulator filed a licence.
    Licensed {
        /// Hash of the licence.
        doc: Hash,
    },
    /// The confirming bank gave up its claim on the applicant's money.
    ReimbursementWaived,
}

/// A presentation took a turn.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Turned {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// Number of the presentation.
    pub n: u64,
    /// Who did it.
    pub by: Address,
    /// What happened.
    pub turn: Turn,
}

/// By which right a claim was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum PaymentKind {
    /// The undertaking of the issuing bank.
    Honour,
    /// The undertaking of the confirming bank.
    Confirmation,
    /// The confirming bank's claim on the applicant's money.
    Reimbursement,
    /// An award.
    Award {
        /// Hash of the award.
        doc: Hash,
    },
    /// A licence of the regulator, into an account that is blocked for the same sum.
    Licence {
        /// Hash of the licence.
        doc: Hash,
        /// The order that it is licensed around.
        order: u64,
    },
}

/// A claim was settled: what left the hold, and what went back.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Settled {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// Number of the presentation.
    pub n: u64,
    /// By which right.
    pub kind: PaymentKind,
    /// Whose money.
    pub source: Source,
    /// What left the hold for those who are paid.
    pub drawn: Amount,
    /// What went back to the owner of the hold.
    pub returned: Amount,
    /// What left the hold of who provides another unit, for that.
    pub provided: Amount,
}

/// Somebody got its part of a settled claim, in the unit in which it is paid.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Paid {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// Number of the presentation.
    pub n: u64,
    /// Who.
    pub to: Party,
    /// How much.
    pub amount: Amount,
}

/// A credit is over; what was left went back.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Ended {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// How it ended.
    pub stage: Stage,
    /// What went back to the applicant.
    pub applicant: Amount,
    /// What went back to the confirming bank.
    pub confirming: Amount,
    /// What went back to the provider of another unit.
    pub provider: Amount,
}

/// A part of the credit was passed on.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct CreditTransferred {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// The second beneficiary.
    pub second: Party,
    /// How much it may draw.
    pub amount: Amount,
    /// Until when.
    pub expiry: Timestamp,
    /// When it has to ship.
    pub latest_shipment: Timestamp,
}

/// A share of the proceeds was assigned.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct ProceedsAssigned {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// To whom.
    pub to: Party,
    /// Which share.
    pub bps: u16,
}

/// The beneficiary is paid in another unit.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct FxSet {
    /// Number of the event.
    pub seq: u64,
    /// Number of the credit.
    pub lc: u64,
    /// How.
    pub fx: Fx,
}

/// There is a new calendar of banking days.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct CalendarDefined {
    /// Number of the event.
    pub seq: u64,
    /// Number of the calendar.
    pub id: u64,
    /// The calendar.
    pub calendar: Calendar,
}

/// An act that takes two officers waits for the second.
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
