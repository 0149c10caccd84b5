//! Disputes and awards.
//!
//! A dispute bars payment until the arbiter decides or its time is over; then everything is as before.
//! It stops no clock: banks go on examining. An award divides the whole claim.

use crate::agree::{APPLICANT, BENEFICIARY, CONFIRMING, ISSUING, SECOND};
use crate::credit::Source;
use crate::event::{PaymentKind, Turn};
use crate::presentation::{Standing, Step};
use crate::schedule;
use crate::settle::{Claim, Settlement};
use crate::storage::Escrow;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{Refusal, Role};

impl Escrow {
    pub(crate) fn contest(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        doc: Hash,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        let mut claim = self.claim(lc, n)?;
        let seats = APPLICANT | BENEFICIARY | ISSUING | CONFIRMING | SECOND;
        self.seated(ctx, &claim.credit, seats)?;
        claim.credit.live()?;
        let standing = claim.shown.standing(ctx.now());
        let open = standing.is_open() && standing != Standing::Presented;
        ensure!(open && !claim.shown.disputed(ctx.now()), Refusal::BadState);
        if claim.shown.dispute_end.is_some() {
            // Nobody stops a payment by quarrelling again and again: a second dispute is for what
            // cannot be paid anyway.
            ensure!(self.payable(ctx, &claim).is_err(), Refusal::BadState);
        }
        let calendar = self.calendar_of(&claim.clauses)?;
        let days = claim.clauses.dispute_days.into();
        let end = schedule::days_later(&calendar, ctx.now(), days);
        claim.shown.dispute_end = Some(end);
        self.presentations.set(&(lc, n), claim.shown);
        self.turned(ctx, (lc, n), Turn::Disputed { doc, end });
        Ok(())
    }

    /// Whether it could be paid at this second, money aside.
    pub(crate) fn payable(&self, ctx: &Context, claim: &Claim) -> Result<(), Refused> {
        if claim.shown.step == Step::Reimbursable {
            self.may_send(claim.credit.parties.applicant)?;
            return Ok(());
        }
        self.owed(ctx, claim)?;
        self.lawful(ctx, claim)?;
        self.after_conditions(claim)?;
        Ok(())
    }

    pub(crate) fn decide(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        (to_beneficiary, to_applicant): (Amount, Amount),
        doc: Hash,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        let claim = self.claim(lc, n)?;
        self.arbiter(ctx, &claim)?;
        claim.credit.live()?;
        let (shown, credit) = (&claim.shown, &claim.credit);
        // Either it was never disputed, or the arbiter's time is over.
        ensure!(shown.disputed(ctx.now()), Refusal::BadState);
        let reimbursable = shown.step == Step::Reimbursable;
        let whole = if reimbursable {
            shown.advanced
        } else {
            shown.claim
        };
        let sum = to_beneficiary.checked_add(to_applicant);
        ensure!(sum == Some(whole), Refusal::argument("to_beneficiary"));
        if !to_beneficiary.is_zero() {
            if reimbursable {
                let bank = credit.parties.confirming.ok_or(Refusal::BadState)?;
                self.clean(credit.parties.applicant, bank)?;
            } else {
                self.lawful(ctx, &claim)?;
                Self::decidable(&claim)?;
            }
        }
        let records_to = self.reach(credit.parties.applicant);
        let records_to = records_to.unwrap_or(credit.parties.applicant.wallet);
        let settlement = Settlement {
            kind: PaymentKind::Award { doc },
            source: Source::Applicant,
            pay: to_beneficiary,
            back: to_applicant,
            step: Step::Awarded,
            records_to,
        };
        self.settle(ctx, claim, &settlement)
    }

    /// Refuses all but the arbiter of the credit; the ARBITER of the contract where it names none.
    fn arbiter(&self, ctx: &Context, claim: &Claim) -> Result<(), Refusal> {
        let by = ctx.caller();
        match claim.credit.parties.arbiter {
            Some(arbiter) => ensure!(by == arbiter, Refusal::not_party()),
            None => self.roles.require(ctx, Role::Arbiter)?,
        }
        Ok(())
    }
}
