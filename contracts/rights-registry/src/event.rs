//! What the registry reports. Every event has a number; together they rebuild the register.
//!
//! An object or a right changes by [`Changed`] only, which carries its whole new state and why; an
//! application by [`ApplicationEvent`] only. Texts of parties are hashes: nobody's name reaches an event.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::application::Application;
use crate::object::Object;
use crate::storage::Registration;
use crate::usage::UseRight;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Pid;

/// What has a history in the register.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
#[expect(
    clippy::large_enum_variant,
    reason = "most subjects are objects; a box would cost an allocation each"
)]
pub enum Subject {
    /// A thing, with its owners and restrictions.
    Object(Object),
    /// A right to use one.
    Right(UseRight),
}

/// What a measure of an authority rests on, as the register of participants has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Warrant {
    /// Number of the order.
    pub order: u64,
    /// Commitment to the authority behind it.
    pub authority: Hash,
    /// Commitment to the case there.
    pub case_ref: Hash,
    /// blake3 of the order.
    pub doc: Hash,
}

/// Why something changed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Cause {
    /// A registrar entered it, on this document.
    Created {
        /// The document.
        doc: Hash,
    },
    /// An application was registered.
    Registered {
        /// The application.
        entry: u64,
        /// The decision.
        decision_doc: Hash,
    },
    /// An order of an authority was mirrored.
    Arrested(Warrant),
    /// A mirrored order is over.
    Lifted(Warrant),
    /// A share was moved by force.
    Forced {
        /// Under which order.
        warrant: Warrant,
        /// From whom.
        from: Pid,
        /// To whom.
        to: Pid,
        /// How much of the whole.
        part: Fraction,
    },
    /// A right to use was granted.
    Granted,
    /// A right to use was revoked.
    Revoked,
    /// A right to use was over and was reclaimed.
    Reclaimed,
    /// A utility right or a record was issued.
    Issued {
        /// By whom.
        issuer: Pid,
    },
    /// Performance was demanded.
    Claimed {
        /// How much.
        quantity: Amount,
    },
    /// Performance was confirmed.
    Confirmed {
        /// How much.
        quantity: Amount,
        /// The act of acceptance.
        doc: Hash,
    },
    /// What is claimed is disputed.
    Disputed {
        /// Why.
        doc: Hash,
    },
    /// A dispute was decided.
    Resolved {
        /// How much counts as performed.
        performed: Amount,
        /// The decision.
        doc: Hash,
    },
    /// A record went to another holder.
    Endorsed {
        /// From whom.
        from: Pid,
        /// To whom.
        to: Pid,
        /// To which wallet.
        wallet: Address,
    },
    /// A record was given back to its issuer.
    Surrendered,
    /// A record became paper.
    ToPaper {
        /// The paper.
        doc: Hash,
    },
    /// A record came from paper.
    FromPaper {
        /// The record that had become this paper.
        old: u64,
        /// The paper, void from here on.
        doc: Hash,
    },
    /// The paper of a record became another record.
    Replaced {
        /// Which one.
        by: u64,
    },
    /// Control of a record went to a contract.
    Pledged {
        /// Which one.
        contract: Address,
    },
    /// Control of a record came back from a contract.
    Returned {
        /// Which one.
        contract: Address,
    },
}

/// An object or a right has a new state.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Changed {
    /// Number of the event.
    pub seq: u64,
    /// Number of the object or right.
    pub id: u64,
    /// Why.
    pub cause: Cause,
    /// Who called.
    pub by: Address,
    /// The new state, whole.
    pub state: Subject,
}

/// What happened to an application.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
#[expect(
    clippy::large_enum_variant,
    reason = "a step is made to be emitted, once"
)]
pub enum Step {
    /// It came in.
    Received {
        /// The whole of it.
        application: Application,
    },
    /// A party consented.
    Consented {
        /// Who.
        party: Pid,
    },
    /// It was registered.
    Registered {
        /// The decision.
        decision_doc: Hash,
        /// The approved proposal.
        proposal: u64,
    },
    /// It was refused.
    Rejected {
        /// Why.
        reason: String,
    },
    /// The applicant took it back.
    Withdrawn,
}

/// An application went a step further.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct ApplicationEvent {
    /// Number of the event.
    pub seq: u64,
    /// Number of the application.
    pub entry: u64,
    /// What happened.
    pub step: Step,
}

/// A registration waits for a second registrar.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Proposed {
    /// Number of the event.
    pub seq: u64,
    /// Number of the proposal.
    pub id: u64,
    /// What would be registered.
    pub act: Registration,
    /// Who proposed it.
    pub by: Address,
    /// Last second for an approval.
    pub until: Timestamp,
}
