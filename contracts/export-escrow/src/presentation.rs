//! A presentation of documents: what was shown, how it was judged, where its clock stands.
//!
//! Only what somebody did is remembered. What time alone does (a presentation that nobody completed,
//! a deadline without refusal, a corrupt document that nobody replaced, a dispute that nobody decided)
//! is computed when asked, by `Presentation::standing`.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::credit::{Party, Source};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::deadline;
use weighhouse_standard::interface::Pid;

/// Documents of a presentation.
pub const DOCUMENTS_MAX: usize = 32;
/// Bytes of an encoded presentation: its documents travel in one event.
pub const DOCUMENTS_BYTES_MAX: usize = 6 * 1024;
/// Discrepancies of a refusal.
pub const DISCREPANCIES_MAX: usize = 32;
/// Bytes of all discrepancies of a refusal.
pub const DISCREPANCIES_BYTES_MAX: usize = 4 * 1024;

/// A document that was presented: what it is and what it hashes to, never what it says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Document {
    /// Its type.
    pub kind: String,
    /// blake3 of its bytes.
    pub hash: Hash,
    /// The participant that issued it.
    pub issuer: Pid,
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Timestamp,
    /// Its number in the registry, if it is an electronic transferable record.
    pub record: Option<u64>,
}

/// What the contract itself found wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Found {
    /// Shipped after the latest date.
    LateShipment,
    /// No document of the type that rule so-and-so asks for.
    Missing(u32),
    /// The document that rule so-and-so asks for is of another issuer.
    WrongIssuer(u32),
    /// The document that rule so-and-so asks for is not a transferable record.
    NoRecord(u32),
}

/// What a bank says after examination, unless it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Verdict {
    /// The documents comply.
    Complying,
}

/// What happens to refused documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Disposal {
    /// The bank holds them until the presenter says what to do.
    HoldForPresenter,
    /// The bank holds them in case the applicant waives.
    HoldForWaiver,
    /// The bank returns them.
    Return,
    /// The bank acts as the presenter has said before.
    Instructed,
}

/// A bank's refusal; there is one at most (invariant E5).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct RefusalNotice {
    /// Who refused.
    pub by: Party,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub discrepancies: Vec<String>,
    /// Where the documents go.
    pub disposal: Disposal,
}

/// The clock of an examination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Clock {
    /// The presentation is not complete yet; it can be until then.
    Open {
        /// Last second for the notice of completeness.
        until: Timestamp,
    },
    /// Banks examine.
    Running {
        /// Last second of a refusal.
        deadline: Timestamp,
    },
    /// It stands still.
    Stopped {
        /// Banking days that are left when it goes on.
        left: u32,
    },
}

/// Documents that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Corrupt {
    /// Positions of those not replaced yet.
    pub missing: Vec<u32>,
    /// Last second for replacing them.
    pub until: Timestamp,
}

/// What somebody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Step {
    /// Nothing yet.
    Undecided,
    /// A bank found that it complies.
    Complying,
    /// The applicant waived the discrepancies and the issuing bank accepted that.
    Waived,
    /// A bank refused.
    Refused,
    /// Paid by this source.
    Paid(Source),
    /// Paid by the confirming bank, whose claim on the applicant's money is open.
    Reimbursable,
    /// An arbiter divided the claim.
    Awarded,
}

/// How far a waiver has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Waiver {
    /// Nobody asked.
    None,
    /// The issuing bank asked the applicant.
    Asked,
    /// The applicant gave it.
    Given,
}

/// Documents under a credit and the claim that they support.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Presentation {
    /// Who presented and will be paid.
    pub by: Party,
    /// Whether that is the second beneficiary.
    pub second: bool,
    /// The documents.
    pub docs: Vec<Document>,
    /// How much is claimed.
    pub claim: Amount,
    /// When the goods were shipped.
    pub shipment_date: Timestamp,
    /// The milestone or instalment that it serves.
    pub part: Option<u32>,
    /// When it was presented.
    pub at: Timestamp,
    /// What the contract found wrong.
    pub found: Vec<Found>,
    /// The examination.
    pub clock: Clock,
    /// What was decided.
    pub step: Step,
    /// The refusal, if there was one.
    pub refusal: Option<RefusalNotice>,
    /// How far a waiver has come.
    pub waiver: Waiver,
    /// Documents that could not be read.
    pub corrupt: Option<Corrupt>,
    /// Positions of documents that were reported as corrupt, each once.
    pub reported: Vec<u32>,
    /// Last second of the arbiter; set by every dispute.
    pub dispute_end: Option<Timestamp>,
    /// Last second for paying it: that of its milestone.
    pub pay_until: Option<Timestamp>,
    /// A payment was tried in time and only the law stopped it: `pay_until` no longer counts.
    pub protested: bool,
    /// What the confirming bank paid and has not got back.
    pub advanced: Amount,
    /// Records whose control the escrow holds.
    pub pledged: Vec<u64>,
}

/// Where a presentation stands at a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Standing {
    /// Presented, not complete.
    Presented,
    /// Never completed, or a corrupt document was never replaced: as if not presented.
    Lapsed,
    /// Banks examine.
    Examining,
    /// The examination stands still.
    ClockStopped,
    /// A bank found that it complies.
    Complying,
    /// The applicant waived, the bank accepted.
    Waived,
    /// No bank refused in time.
    Precluded,
    /// A bank refused.
    Refused,
    /// Paid by this source.
    Paid(Source),
    /// Paid by the confirming bank, not reimbursed.
    Reimbursable,
    /// An arbiter divided the claim.
    Awarded,
}

impl Presentation {
    /// Where it stands at `now`, disputes aside.
    pub(crate) fn standing(&self, now: Timestamp) -> Standing {
        match self.judged(now) {
            judged if judged.honourable() && self.overdue(now).is_some() => Standing::Lapsed,
            judged => judged,
        }
    }

    /// The last second for paying it, if that is over and counts (invariant E10: what the law stopped
    /// in time is still owed).
    pub(crate) fn overdue(&self, now: Timestamp) -> Option<Timestamp> {
        self.pay_until
            .filter(|until| deadline::expired(now, *until) && !self.protested)
    }

    /// Where it stands, the last second for paying aside.
    pub(crate) fn judged(&self, now: Timestamp) -> Standing {
        match self.step {
            Step::Complying => Standing::Complying,
            Step::Waived => Standing::Waived,
            Step::Refused => Standing::Refused,
            Step::Paid(source) => Standing::Paid(source),
            Step::Reimbursable => Standing::Reimbursable,
            Step::Awarded => Standing::Awarded,
            Step::Undecided => self.undecided(now),
        }
    }

    fn undecided(&self, now: Timestamp) -> Standing {
        if let Some(corrupt) = &self.corrupt
            && deadline::expired(now, corrupt.until)
        {
            return Standing::Lapsed;
        }
        match self.clock {
            Clock::Open { until } if deadline::expired(now, until) => Standing::Lapsed,
            Clock::Open { .. } => Standing::Presented,
            Clock::Running { deadline: last } if deadline::expired(now, last) => {
                Standing::Precluded
            }
            Clock::Running { .. } => Standing::Examining,
            Clock::Stopped { .. } => Standing::ClockStopped,
        }
    }

    /// True while an arbiter may decide.
    pub(crate) fn disputed(&self, now: Timestamp) -> bool {
        let live = !matches!(self.step, Step::Paid(_) | Step::Awarded);
        live && self
            .dispute_end
            .is_some_and(|end| deadline::in_time(now, end))
    }

    /// True while money may still have to be paid for it: it reserves its claim and bars expiry.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        self.disputed(now) || self.standing(now).is_open()
    }
}

impl Standing {
    /// True where neither money was paid nor the claim is gone.
    pub(crate) const fn is_open(self) -> bool {
        !matches!(
            self,
            Self::Lapsed | Self::Refused | Self::Paid(_) | Self::Awarded
        )
    }

    /// True where the undertaking to pay stands.
    pub(crate) const fn honourable(self) -> bool {
        matches!(self, Self::Complying | Self::Waived | Self::Precluded)
    }
}
