//! Presentations of documents, and where they stand.

use super::Source;
use super::terms::Rule;
use crate::model::register::Pid;
use crate::model::{Seconds, Units};

/// A document: its type, hash, issuer, number, date.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Document {
    pub kind: u8,
    pub hash: u16,
    pub issuer: Pid,
    pub number: u16,
    pub date: Seconds,
    /// The record of the registry that it is.
    pub record: Option<u64>,
}

/// What makes a document the same, however it is written: issuer, type, number, date.
pub type Key = (Pid, u8, u16, Seconds);

impl Document {
    /// Its business key.
    #[must_use]
    pub const fn key(&self) -> Key {
        (self.issuer, self.kind, self.number, self.date)
    }
}

/// The clock of the banks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Not complete: it can be completed up to and including.
    Open(Seconds),
    /// Last second of a refusal.
    Running(Seconds),
    /// It stands still, with so many banking days left.
    Stopped(u64),
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Step {
    Undecided,
    Complying,
    Waived,
    Refused,
    Paid(Source),
    Reimbursable,
    Awarded,
}

/// What happens to refused documents, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, parity_scale_codec::Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Disposal {
    HoldForPresenter,
    HoldForWaiver,
    Return,
    Instructed,
}

/// How far a waiver came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Waiver {
    None,
    Asked,
    Given,
}

/// Where a presentation stands at a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Standing {
    Presented,
    Lapsed,
    Examining,
    ClockStopped,
    Complying,
    Waived,
    Precluded,
    Refused,
    Paid,
    Reimbursable,
    Awarded,
}

/// A presentation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Presentation {
    /// The second beneficiary's.
    pub second: bool,
    /// The milestone or instalment that it serves.
    pub part: Option<usize>,
    /// Last second for paying it: that of its milestone.
    pub pay_until: Option<Seconds>,
    /// Payment was tried in time and only the law stopped it.
    pub protested: bool,
    /// Last second of the arbiter.
    pub dispute_end: Option<Seconds>,
    /// Records whose control the escrow has for it.
    pub pledged: Vec<u64>,
    pub docs: Vec<Document>,
    pub claim: Units,
    pub shipment: Seconds,
    /// The contract itself found something that does not comply.
    pub discrepant: bool,
    pub clock: Clock,
    pub step: Step,
    pub waiver: Waiver,
    /// Documents that cannot be read, and the last second to replace them.
    pub corrupt: Option<(Vec<usize>, Seconds)>,
    /// Documents that were reported once.
    pub reported: Vec<usize>,
    /// What a confirming bank paid and was not paid back.
    pub advanced: Units,
}

impl Presentation {
    /// Where it stands at `now`; no call is needed to make it so.
    #[must_use]
    pub fn standing(&self, now: Seconds) -> Standing {
        match self.judged(now) {
            Standing::Complying | Standing::Waived | Standing::Precluded if self.overdue(now) => {
                Standing::Lapsed
            }
            judged => judged,
        }
    }

    /// Its last second for paying is over, and nobody protested.
    #[must_use]
    pub fn overdue(&self, now: Seconds) -> bool {
        !self.protested && self.pay_until.is_some_and(|until| now > until)
    }

    /// Where it stands, the last second for paying aside.
    #[must_use]
    pub fn judged(&self, now: Seconds) -> Standing {
        match self.step {
            Step::Complying => Standing::Complying,
            Step::Waived => Standing::Waived,
            Step::Refused => Standing::Refused,
            Step::Paid(_) => Standing::Paid,
            Step::Reimbursable => Standing::Reimbursable,
            Step::Awarded => Standing::Awarded,
            Step::Undecided => {
                if self.corrupt.as_ref().is_some_and(|(_, until)| now > *until) {
                    return Standing::Lapsed;
                }
                match self.clock {
                    Clock::Open(until) if now > until => Standing::Lapsed,
                    Clock::Open(_) => Standing::Presented,
                    Clock::Running(last) if now > last => Standing::Precluded,
                    Clock::Running(_) => Standing::Examining,
                    Clock::Stopped(_) => Standing::ClockStopped,
                }
            }
        }
    }

    /// True while an arbiter may decide.
    #[must_use]
    pub fn disputed(&self, now: Seconds) -> bool {
        let over = matches!(self.step, Step::Paid(_) | Step::Awarded);
        !over && self.dispute_end.is_some_and(|end| now <= end)
    }

    /// True while money may still have to be paid for it.
    #[must_use]
    pub fn is_open(&self, now: Seconds) -> bool {
        let over = [
            Standing::Lapsed,
            Standing::Refused,
            Standing::Paid,
            Standing::Awarded,
        ];
        self.disputed(now) || !over.contains(&self.standing(now))
    }

    /// True while its claim is neither settled nor lost.
    #[must_use]
    pub fn reserves(&self, now: Seconds) -> bool {
        self.step != Step::Reimbursable && self.is_open(now)
    }

    /// True if it came to nothing: what it showed can be shown again.
    #[must_use]
    pub fn lost(&self, now: Seconds) -> bool {
        let settled = matches!(
            self.step,
            Step::Paid(_) | Step::Reimbursable | Step::Awarded
        );
        !settled && !self.is_open(now)
    }
}

/// True if every rule finds a document of its own, in the order of the rules.
#[must_use]
pub fn complies(rules: &[Rule], docs: &[Document]) -> bool {
    let mut free: Vec<&Document> = docs.iter().collect();
    rules.iter().all(|(kind, issuer, recorded)| {
        let fits = |doc: &&&Document| {
            let form = !recorded || doc.record.is_some();
            doc.kind == *kind && issuer.is_none_or(|i| i == doc.issuer) && form
        };
        let found = free.iter().position(|doc| fits(&doc));
        found.map(|at| free.swap_remove(at)).is_some()
    })
}
