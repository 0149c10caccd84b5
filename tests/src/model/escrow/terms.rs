//! What a credit says.

use crate::model::cast::{NOBODY, Who};
use crate::model::code::{BAD_ARGUMENT, Code, LIMIT_EXCEEDED, OVERFLOW, ZERO_AMOUNT, need};
use crate::model::register::Pid;
use crate::model::{Seconds, Units};

/// No date lies beyond.
pub const LAST: Seconds = 200_000_000_000;

/// A document that must be shown: its type, who must have issued it, whether it is a record of the
/// registry, whose control must be pledged.
pub type Rule = (u8, Option<Pid>, bool);

/// Who evaluates a condition, and its number there.
pub type ConditionRef = (Who, u64);

/// Most conditions of a credit.
const CONDITIONS: usize = 16;

/// A part of the amount against documents of its own, paid up to and including `due`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Milestone {
    pub amount: Units,
    pub docs: Vec<Rule>,
    pub conditions: Vec<ConditionRef>,
    pub due: Seconds,
}

/// A part of the amount to be drawn within its own time: amount, first and last second.
pub type Instalment = (Units, Seconds, Seconds);

/// When and in which parts the amount is available.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Availability {
    Sight,
    /// So many days after shipment.
    Deferred(u16),
    Milestones(Vec<Milestone>),
    Instalments(Vec<Instalment>),
}

/// What an amendment may change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Clauses {
    pub amount: Units,
    pub tol_plus: u16,
    pub tol_minus: u16,
    pub availability: Availability,
    pub latest_shipment: Seconds,
    pub presentation_days: u16,
    pub expiry: Seconds,
    pub partial_allowed: bool,
    pub transferable: bool,
    pub docs: Vec<Rule>,
    pub conditions: Vec<ConditionRef>,
    /// Days that an arbiter has.
    pub dispute_days: u16,
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
    pub arbiter: Option<Who>,
    pub trade: u8,
    pub token: Who,
    pub clauses: Clauses,
}

/// `floor(amount * bps / 10000)`
pub(super) fn part(amount: Units, bps: u16) -> Units {
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
        let staged = matches!(self.availability, Availability::Milestones(_));
        need(!self.docs.is_empty() || staged, BAD_ARGUMENT)?;
        need(self.amount != 0, ZERO_AMOUNT)?;
        let own = match &self.availability {
            Availability::Milestones(parts) => parts.as_slice(),
            _ => &[],
        };
        let conditions = own.iter().map(|part| part.conditions.len()).sum::<usize>();
        need(
            self.conditions.len() + conditions <= CONDITIONS,
            LIMIT_EXCEEDED,
        )?;
        self.max_draw()?;
        self.parts_shape()
    }

    /// Parts: some, exact, together the amount, each within the credit's time.
    fn parts_shape(&self) -> Result<(), Code> {
        let Some(amounts) = self.parts() else {
            return Ok(());
        };
        need(!amounts.is_empty(), BAD_ARGUMENT)?;
        need(amounts.len() <= 24, LIMIT_EXCEEDED)?;
        need(self.tol_plus == 0 && self.tol_minus == 0, BAD_ARGUMENT)?;
        need(!amounts.contains(&0), ZERO_AMOUNT)?;
        let mut all = amounts.iter().copied();
        let sum = all.try_fold(0, Units::checked_add).ok_or(OVERFLOW)?;
        need(sum == self.amount, BAD_ARGUMENT)?;
        match &self.availability {
            Availability::Milestones(parts) => {
                let asks = |part: &Milestone| !self.docs.is_empty() || !part.docs.is_empty();
                let fits = |part: &Milestone| asks(part) && part.due <= self.expiry;
                need(parts.iter().all(fits), BAD_ARGUMENT)
            }
            Availability::Instalments(parts) => {
                let inside = |(_, from, to): &Instalment| from <= to && *to <= self.expiry;
                let apart = parts.windows(2).all(|two| two[0].2 < two[1].1);
                need(parts.iter().all(inside) && apart, BAD_ARGUMENT)
            }
            Availability::Sight | Availability::Deferred(_) => Ok(()),
        }
    }

    /// Amounts of the parts, if there are parts.
    #[must_use]
    pub fn parts(&self) -> Option<Vec<Units>> {
        match &self.availability {
            Availability::Sight | Availability::Deferred(_) => None,
            Availability::Milestones(parts) => Some(parts.iter().map(|part| part.amount).collect()),
            Availability::Instalments(parts) => Some(parts.iter().map(|part| part.0).collect()),
        }
    }

    /// The milestone of this number, from 0.
    #[must_use]
    pub fn milestone(&self, part: Option<usize>) -> Option<&Milestone> {
        match &self.availability {
            Availability::Milestones(parts) => parts.get(part?),
            _ => None,
        }
    }

    /// Conditions of the credit and, for a milestone, of the milestone.
    #[must_use]
    pub fn conditions(&self, part: Option<usize>) -> Vec<ConditionRef> {
        let own = self.milestone(part).map(|part| part.conditions.clone());
        let mut all = self.conditions.clone();
        all.extend(own.unwrap_or_default());
        all
    }

    /// Documents of the credit and, for a milestone, of the milestone.
    #[must_use]
    pub fn rules(&self, part: Option<usize>) -> Vec<Rule> {
        let own = self.milestone(part).map(|part| part.docs.clone());
        let mut all = self.docs.clone();
        all.extend(own.unwrap_or_default());
        all
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
