//! The confirming bank's undertaking, its claim on the applicant's money, and protest.
//!
//! The confirming bank pays with its own money where the law stops the applicant's: the beneficiary is
//! paid, the frozen hold stays frozen, and the claim on it passes to the bank. It never pays a
//! beneficiary that may not be paid.

use crate::credit::Source;
use crate::event::{PaymentKind, Turn};
use crate::law::{PARTY_FROZEN, SANCTIONS_HIT, SUSPENDED, stopped};
use crate::presentation::Step;
use crate::settle::{Claim, Settlement};
use crate::storage::Escrow;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::Side;
use weighhouse_standard::{Refusal, Role};

impl Escrow {
    pub(crate) fn pay_confirmed(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        licence_doc: Option<Hash>,
    ) -> Result<(), Refused> {
        self.trading(ctx)?;
        ensure!(licence_doc != Some(Hash::ZERO), Refusal::BadDocument);
        let claim = self.claim(lc, n)?;
        let bank = claim.credit.parties.confirming;
        let bank = bank.filter(|_| claim.credit.confirmed);
        let bank = bank.ok_or(Refusal::not_party())?;
        self.acts(ctx, bank)?;
        self.owed(ctx, &claim)?;
        self.payable_to(&claim)?;
        self.may_send(bank)?;
        self.excused(ctx, &claim, licence_doc)?;
        let (pay, _) = self.after_conditions(&claim)?;
        let records_to = self.reach(bank)?;
        let settlement = Settlement {
            kind: PaymentKind::Confirmation,
            source: Source::Confirming,
            pay,
            back: Amount::ZERO,
            step: Step::Reimbursable,
            records_to,
        };
        self.settle(ctx, claim, &settlement)
    }

    /// Refuses unless the law stops the applicant's money or the issuing bank.
    fn excused(
        &self,
        ctx: &Context,
        claim: &Claim,
        licence_doc: Option<Hash>,
    ) -> Result<(), Refused> {
        let code = self.sends(claim.credit.parties.applicant)?;
        match code {
            SUSPENDED | PARTY_FROZEN => Ok(()),
            SANCTIONS_HIT => {
                let filed = self.licences.find(&(claim.lc, claim.n));
                let licensed = filed.is_some() && filed == licence_doc;
                ensure!(licensed, stopped(code, Side::Sender));
                Ok(())
            }
            0 => {
                let lost = !self.is_authorised(ctx, claim.credit.parties.issuing)?;
                ensure!(lost, Refusal::BadState);
                Ok(())
            }
            other => Err(stopped(other, Side::Sender)),
        }
    }

    /// The confirming bank's claim on the applicant's money, once the law lets it move.
    pub(crate) fn repay(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.trading(ctx)?;
        let claim = self.claim(lc, n)?;
        claim.credit.live()?;
        ensure!(claim.shown.step == Step::Reimbursable, Refusal::BadState);
        ensure!(!claim.shown.disputed(ctx.now()), Refusal::BadState);
        let bank = claim.credit.parties.confirming.ok_or(Refusal::BadState)?;
        self.may_send(claim.credit.parties.applicant)?;
        self.may_receive(bank)?;
        let settlement = Settlement {
            kind: PaymentKind::Reimbursement,
            source: Source::Applicant,
            pay: claim.shown.advanced,
            back: Amount::ZERO,
            step: Step::Paid(Source::Confirming),
            records_to: bank.wallet,
        };
        self.settle(ctx, claim, &settlement)
    }

    /// The confirming bank gives its claim up: the applicant's money is free.
    pub(crate) fn forgo(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        let mut claim = self.claim(lc, n)?;
        let bank = claim.credit.parties.confirming;
        self.acts(ctx, bank.ok_or(Refusal::not_party())?)?;
        claim.credit.live()?;
        ensure!(claim.shown.step == Step::Reimbursable, Refusal::BadState);
        let before = claim.credit.reserved(&claim.clauses);
        let rest = claim.credit.advanced.checked_sub(claim.shown.advanced);
        claim.credit.advanced = rest.ok_or(Refusal::Overflow)?;
        self.reserve(&claim.credit, before, &claim.clauses);
        claim.shown.step = Step::Paid(Source::Confirming);
        claim.shown.advanced = Amount::ZERO;
        self.presentations.set(&(lc, n), claim.shown);
        self.turned(ctx, (lc, n), Turn::ReimbursementWaived);
        self.close_if_exhausted(ctx, lc, claim.credit, &claim.clauses)
    }

    /// Notes that payment was tried in time and only the law stopped it (invariant E10).
    pub(crate) fn note_protest(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.trading(ctx)?;
        let mut claim = self.claim(lc, n)?;
        self.owed(ctx, &claim)?;
        let waits = claim.shown.pay_until.is_some() && !claim.shown.protested;
        ensure!(waits, Refusal::BadState);
        let obstacle = self.obstacle(ctx, &claim)?.ok_or(Refusal::BadState)?;
        let code = obstacle.code;
        self.after_conditions(&claim)?;
        claim.shown.protested = true;
        self.presentations.set(&(lc, n), claim.shown);
        self.turned(ctx, (lc, n), Turn::Protested { code });
        Ok(())
    }

    pub(crate) fn enter_licence(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        doc: Hash,
    ) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        self.roles.require(ctx, Role::Regulator)?;
        let claim = self.claim(lc, n)?;
        claim.credit.live()?;
        self.licences.set(&(lc, n), doc);
        let by = ctx.caller();
        let turn = Turn::Licensed { doc };
        self.journal.act(ctx, doc, |seq| crate::event::Turned {
            seq,
            lc,
            n,
            by,
            turn,
        });
        Ok(())
    }
}
