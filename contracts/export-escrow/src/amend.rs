//! Amendments: proposed by the issuing bank, in force only when all who must have accepted.
//!
//! Until then the clauses in force bind. The issuing bank cannot take a proposal back. Invariant E8:
//! no clause changes without the beneficiary's word, or its presentation that only the amended clauses
//! admit, which counts as its word.

use crate::agree::{BENEFICIARY, CONFIRMING};
use crate::credit::{Credit, Party, Source};
use crate::event::{AmendmentAnswered, AmendmentProposed};
use crate::settle::exchanged;
use crate::storage::{Amendment, Escrow};
use crate::terms::Clauses;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;

impl Escrow {
    pub(crate) fn suggest(
        &mut self,
        ctx: &Context,
        lc: u64,
        clauses: Clauses,
    ) -> Result<u64, Refused> {
        self.trading(ctx)?;
        clauses.check(ctx.now())?;
        let mut credit = self.found(lc)?;
        self.acts(ctx, credit.parties.issuing)?;
        ensure!(
            self.calendars.contains(&clauses.calendar),
            Refusal::NotFound
        );
        ensure!(credit.pending.is_none(), Refusal::AlreadyExists);
        credit.live()?;
        self.authorised_bank(ctx, credit.parties.issuing)?;
        self.bearable(ctx, lc, &credit, &clauses, false)?;
        credit.amendments = credit.amendments.saturating_add(1);
        let n = credit.amendments;
        credit.pending = Some(n);
        self.credits.set(&lc, credit);
        let amendment = Amendment {
            clauses: clauses.clone(),
            accepted: 0,
        };
        self.amendments.set(&(lc, n), amendment);
        let seq = self.journal.next_seq();
        ctx.emit(AmendmentProposed {
            seq,
            lc,
            n,
            clauses,
        });
        Ok(n)
    }

    pub(crate) fn answer(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        accept: bool,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        let mut credit = self.found(lc)?;
        let amendment = self.amendments.find(&(lc, n)).ok_or(Refusal::NotFound)?;
        let seats = self.seated(ctx, &credit, credit.protected())?;
        ensure!(credit.pending == Some(n), Refusal::BadState);
        credit.live()?;
        let by = self.party(ctx.caller())?;
        if accept {
            self.accept(ctx, (lc, &mut credit), n, amendment, (by, seats))?;
        } else {
            credit.pending = None;
            self.answered(ctx, (lc, n), by, (false, false));
        }
        self.credits.set(&lc, credit);
        Ok(())
    }

    /// Enters an acceptance; with the last one the amendment is in force.
    pub(crate) fn accept(
        &mut self,
        ctx: &Context,
        (lc, credit): (u64, &mut Credit),
        n: u64,
        mut amendment: Amendment,
        (by, seats): (Party, u8),
    ) -> Result<(), Refused> {
        let accepted = amendment.accepted | (seats & credit.protected());
        ensure!(accepted != amendment.accepted, Refusal::AlreadyExists);
        if seats & CONFIRMING != 0 {
            let most = amendment.clauses.max_draw()?;
            self.covered(credit, Source::Confirming, most)?;
        }
        let in_force = accepted == credit.protected();
        if in_force {
            self.enforce(ctx, (lc, credit), &amendment.clauses)?;
        }
        amendment.accepted = accepted;
        self.amendments.set(&(lc, n), amendment);
        self.answered(ctx, (lc, n), by, (true, in_force));
        Ok(())
    }

    fn answered(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        by: Party,
        (accepted, in_force): (bool, bool),
    ) {
        let seq = self.journal.next_seq();
        ctx.emit(AmendmentAnswered {
            seq,
            lc,
            n,
            by,
            accepted,
            in_force,
        });
    }

    /// Refuses clauses that the money, the trade contract or the claims do not bear.
    fn bearable(
        &self,
        ctx: &Context,
        lc: u64,
        credit: &Credit,
        clauses: &Clauses,
        enforced: bool,
    ) -> Result<(), Refused> {
        let now = self.clauses_of(lc)?;
        let most = clauses.max_draw()?;
        let claimed = self.open_claims(ctx, (lc, credit), None)?;
        let bound = claimed.checked_add(credit.used).ok_or(Refusal::Overflow)?;
        ensure!(most >= bound, Refusal::argument("amount"));
        let passed_on = credit.transferred.map_or(Amount::ZERO, |t| t.amount);
        ensure!(most >= passed_on, Refusal::argument("amount"));
        // Parts that were claimed stay where they are: a presentation names its part by number.
        let same_kind = core::mem::discriminant(&clauses.availability)
            == core::mem::discriminant(&now.availability);
        ensure!(
            credit.presentations == 0 || same_kind,
            Refusal::argument("availability")
        );
        let (own, more) = (credit.reserved(&now), credit.reserved(clauses));
        self.budget(ctx, (&credit.parties, &credit.trade_ref), more, own)?;
        self.covered(credit, Source::Applicant, most)?;
        if credit.confirmed && enforced {
            self.covered(credit, Source::Confirming, most)?;
        }
        if let Some(fx) = &credit.fx {
            let rest = exchanged(fx, most.saturating_sub(credit.used))?;
            ensure!(credit.left(Source::Provider) >= rest, Refusal::NotFunded);
        }
        Ok(())
    }

    /// Refuses where the holds of a source do not reach for what can still be drawn.
    fn covered(&self, credit: &Credit, source: Source, most: Amount) -> Result<(), Refused> {
        let rest = most.saturating_sub(credit.used);
        ensure!(credit.left(source) >= rest, Refusal::NotFunded);
        Ok(())
    }

    /// Puts clauses in force.
    fn enforce(
        &mut self,
        ctx: &Context,
        (lc, credit): (u64, &mut Credit),
        clauses: &Clauses,
    ) -> Result<(), Refused> {
        clauses.check(ctx.now())?;
        self.bearable(ctx, lc, credit, clauses, true)?;
        let before = credit.reserved(&self.clauses_of(lc)?);
        self.reserve(credit, before, clauses);
        self.prune(ctx, (lc, credit))?;
        // A milestone that is due later is due later for what was presented for it, too.
        for n in credit.open.clone() {
            let Some(mut shown) = self.presentations.find(&(lc, n)) else {
                continue;
            };
            let later = clauses.milestone(shown.part).map(|part| part.due);
            if later > shown.pay_until && shown.pay_until.is_some() {
                shown.pay_until = later;
                self.presentations.set(&(lc, n), shown);
            }
        }
        self.clauses.set(&lc, clauses.clone());
        credit.pending = None;
        Ok(())
    }

    /// The amendment that waits for nobody but the beneficiary, if there is one.
    pub(crate) fn awaits_beneficiary(&self, lc: u64, credit: &Credit) -> Option<(u64, Amendment)> {
        let n = credit.pending?;
        let amendment = self.amendments.find(&(lc, n))?;
        let last = (amendment.accepted | BENEFICIARY) == credit.protected();
        last.then_some((n, amendment))
    }
}
