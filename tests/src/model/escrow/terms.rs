//! What a credit says.

use crate::model::cast::{NOBODY, Who};
use crate::model::code::{BAD_ARGUMENT, Code, OVERFLOW, ZERO_AMOUNT, need};
use crate::model::register::Pid;
use crate::model::{Seconds, Units};

/// No date lies beyond.
pub const LAST: Seconds = 200_000_000_000;

/// A document that must be shown: its type, and who must have issued it.
pub type Rule = (u8, Option<Pid>);

/// What an amendment may change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Clauses {
    pub amount: Units,
    pub tol_plus: u16,
    pub tol_minus: u16,
    /// Paid so many days after shipment; at sight without.
    pub deferred: Option<u16>,
    pub latest_shipment: Seconds,
    pub presentation_days: u16,
    pub expiry: Seconds,
    pub partial_allowed: bool,
    pub docs: Vec<Rule>,
    pub calendar: u64,
}

/// What an applicant applies for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Terms {
    pub beneficiary: Who,
    pub issuing: Who,
    pub advising: Option<Who>,
    pub confirming: Option<Who>,
    pub nominated: Option<Who>,
    pub trade: u8,
    pub token: Who,
    pub clauses: Clauses,
}

/// `floor(amount * bps / 10000)`
fn part(amount: Units, bps: u16) -> Units {
    // Whole ten thousands first: nothing overflows.
    let (whole, rest) = (amount / 10_000, amount % 10_000);
    whole * u128::from(bps) + rest * u128::from(bps) / 10_000
}

impl Clauses {
    /// `max_draw = amount + floor(amount * tol_plus / 10000)`
    ///
    /// # Errors
    /// 9.
    pub fn max_draw(&self) -> Result<Units, Code> {
        let more = part(self.amount, self.tol_plus);
        self.amount.checked_add(more).ok_or(OVERFLOW)
    }

    /// `min_full = amount - floor(amount * tol_minus / 10000)`
    #[must_use]
    pub fn min_full(&self) -> Units {
        self.amount - part(self.amount, self.tol_minus)
    }

    /// Step 2.
    pub(in crate::model) fn shape(&self, now: Seconds) -> Result<(), Code> {
        need(
            self.tol_plus <= 10_000 && self.tol_minus < 10_000,
            BAD_ARGUMENT,
        )?;
        need(self.expiry <= LAST && self.expiry > now, BAD_ARGUMENT)?;
        need(self.latest_shipment <= self.expiry, BAD_ARGUMENT)?;
        need(!self.docs.is_empty(), BAD_ARGUMENT)?;
        need(self.amount != 0, ZERO_AMOUNT)?;
        self.max_draw().map(drop)
    }
}

impl Terms {
    /// Step 2.
    pub(in crate::model) fn shape(&self, now: Seconds) -> Result<(), Code> {
        need(self.trade != 0 && self.token != NOBODY, BAD_ARGUMENT)?;
        need(self.beneficiary != self.issuing, BAD_ARGUMENT)?;
        need(self.confirming != Some(self.issuing), BAD_ARGUMENT)?;
        self.clauses.shape(now)
    }
}
