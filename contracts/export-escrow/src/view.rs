//! Answers that are put together from several cells, as they are at this second.

use crate::credit::{Books, Credit, Source};
use crate::law::Obstacle;
use crate::presentation::{Presentation, Standing};
use crate::schedule;
use crate::storage::Escrow;
use crate::terms::Clauses;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;

/// A credit as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct CreditView {
    /// The credit.
    pub credit: Credit,
    /// The clauses in force.
    pub clauses: Clauses,
    /// The most that can be drawn in all.
    pub max_draw: Amount,
    /// Its last second: the expiry, moved to the end of a banking day if its day is closed.
    pub last: Timestamp,
    /// The applicant's money.
    pub money: Books,
    /// The confirming bank's money.
    pub confirming: Books,
    /// The money of who provides another unit.
    pub provider: Books,
}

/// A presentation as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct PresentationView {
    /// The presentation.
    pub presentation: Presentation,
    /// Where it stands.
    pub standing: Standing,
    /// Whether an arbiter may decide.
    pub disputed: bool,
    /// Whether money may still have to be paid for it.
    pub open: bool,
}

impl Escrow {
    pub(crate) fn credit_view(&self, lc: u64) -> Option<CreditView> {
        let credit = self.credits.find(&lc)?;
        let clauses = self.clauses.find(&lc)?;
        let calendar = self.calendar_of(&clauses).ok()?;
        Some(CreditView {
            max_draw: clauses.max_draw().ok()?,
            last: calendar.moved(clauses.expiry),
            money: self.books_of(lc, Source::Applicant),
            confirming: self.books_of(lc, Source::Confirming),
            provider: self.books_of(lc, Source::Provider),
            credit,
            clauses,
        })
    }

    pub(crate) fn presentation_view(
        &self,
        ctx: &Context,
        lc: u64,
        n: u64,
    ) -> Option<PresentationView> {
        let presentation = self.presentations.find(&(lc, n))?;
        Some(PresentationView {
            standing: presentation.standing(ctx.now()),
            disputed: presentation.disputed(ctx.now()),
            open: presentation.is_open(ctx.now()),
            presentation,
        })
    }

    /// The last second for presenting documents of goods shipped at `shipment_date`.
    pub(crate) fn last_present(
        &self,
        lc: u64,
        shipment_date: Timestamp,
    ) -> Result<Timestamp, Refusal> {
        self.found(lc)?;
        let clauses = self.clauses_of(lc)?;
        let calendar = self.calendar_of(&clauses)?;
        let (expiry, days) = (clauses.expiry, clauses.presentation_days);
        Ok(schedule::last_present(
            &calendar,
            expiry,
            shipment_date,
            days,
        ))
    }

    /// Why the law stops payment of a claim, if it does.
    pub(crate) fn why(&self, ctx: &Context, lc: u64, n: u64) -> Result<Option<Obstacle>, Refused> {
        let claim = self.claim(lc, n)?;
        self.obstacle(ctx, &claim)
    }
}
