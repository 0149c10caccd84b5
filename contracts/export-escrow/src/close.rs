//! How a credit ends: drawn, expired, or given up by all who are bound.
//!
//! Invariant E11: whatever state a credit is in, its money can leave: an open presentation is paid,
//! awarded or lapses, an expired credit is ended by anybody. What is left always goes back to the
//! owner of the hold, frozen or not, paused or not.

use crate::agree::{ISSUING, Subject};
use crate::credit::{Credit, Source, Stage};
use crate::event::{Ended, Mark};
use crate::fund::Order;
use crate::settle::exhausted;
use crate::storage::Escrow;
use crate::terms::Clauses;
use weighhouse_sdk::crypto;
use weighhouse_sdk::event::Event as _;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{Refusal, deadline};

impl Escrow {
    /// Ends a credit: everything that is left goes back.
    pub(crate) fn end(
        &mut self,
        ctx: &Context,
        (lc, credit): (u64, &mut Credit),
        stage: Stage,
        orders: &mut Vec<Order>,
    ) -> Result<(), Refused> {
        let clauses = self.clauses_of(lc)?;
        let before = credit.reserved(&clauses);
        let mut back = [Amount::ZERO; 3];
        let sources = [Source::Applicant, Source::Confirming, Source::Provider];
        for (amount, source) in back.iter_mut().zip(sources) {
            *amount = credit.left(source);
            self.give_back((lc, credit), source, *amount, orders)?;
        }
        credit.stage = stage;
        credit.pending = None;
        self.reserve(credit, before, &clauses);
        let [applicant, confirming, provider] = back;
        let seq = self.journal.next_seq();
        let (event, to) = ((seq, Ended::KIND), Some(credit.parties.applicant.pid));
        let reference = credit.trade_ref;
        self.flows
            .book(ctx, event, (None, to), applicant, reference)?;
        ctx.emit(Ended {
            seq,
            lc,
            stage,
            applicant,
            confirming,
            provider,
        });
        Ok(())
    }

    fn end_at_once(
        &mut self,
        ctx: &Context,
        lc: u64,
        mut credit: Credit,
        stage: Stage,
    ) -> Result<(), Refused> {
        let mut orders = Vec::new();
        self.end(ctx, (lc, &mut credit), stage, &mut orders)?;
        self.credits.set(&lc, credit);
        self.carry_out(&orders)
    }

    /// Ends a credit of which nothing can be drawn any more; stores it in any case.
    pub(crate) fn close_if_exhausted(
        &mut self,
        ctx: &Context,
        lc: u64,
        mut credit: Credit,
        clauses: &Clauses,
    ) -> Result<(), Refused> {
        self.prune(ctx, (lc, &mut credit))?;
        if exhausted(&credit, clauses)? {
            return self.end_at_once(ctx, lc, credit, Stage::Closed);
        }
        self.credits.set(&lc, credit);
        Ok(())
    }

    /// An exit: neither pause nor deactivation stops it.
    pub(crate) fn lapse(&mut self, ctx: &Context, lc: u64) -> Result<(), Refused> {
        let mut credit = self.found(lc)?;
        let over = matches!(credit.stage, Stage::Draft | Stage::Issued);
        ensure!(over, Refusal::BadState);
        let clauses = self.clauses_of(lc)?;
        let end = self.calendar_of(&clauses)?.moved(clauses.expiry);
        ensure!(
            deadline::expired(ctx.now(), end),
            Refusal::TooEarly {
                from: end.saturating_add(1)
            }
        );
        self.prune(ctx, (lc, &mut credit))?;
        // Invariant E11: once the contract has ended nothing can be paid any more, so nothing bars
        // the way back.
        let ended = self.lifecycle.alive().is_err();
        let free = credit.open.is_empty() || ended;
        ensure!(free, Refusal::OpenPresentation);
        self.end_at_once(ctx, lc, credit, Stage::Expired)
    }

    /// A draft is the applicant's to give up; an issued credit needs all who are bound or entitled.
    pub(crate) fn give_up(&mut self, ctx: &Context, lc: u64) -> Result<(), Refused> {
        self.trading(ctx)?;
        let mut credit = self.found(lc)?;
        if credit.stage == Stage::Draft {
            self.acts(ctx, credit.parties.applicant)?;
            return self.end_at_once(ctx, lc, credit, Stage::Cancelled);
        }
        let required = ISSUING | credit.protected();
        let seats = self.seated(ctx, &credit, required)?;
        credit.live()?;
        self.prune(ctx, (lc, &mut credit))?;
        ensure!(credit.open.is_empty(), Refusal::OpenPresentation);
        // Agreement is on the credit as it is now: after another presentation or amendment
        // everybody says so again.
        let clauses = self.clauses_of(lc)?;
        let content = crypto::hash_encoded(&(clauses, credit.used, credit.presentations, required));
        let all = self.agree((lc, Subject::Cancel), content, required, seats)?;
        if all {
            return self.end_at_once(ctx, lc, credit, Stage::Cancelled);
        }
        let by = self.party(ctx.caller())?;
        self.mark(ctx, lc, Mark::CancelAgreed, by);
        Ok(())
    }
}
