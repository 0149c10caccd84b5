//! The confirming bank's undertaking, its claim on the applicant's money, and protest.
//!
//! The confirming bank pays with its own money where the law stops the applicant's: the beneficiary is
//! paid, the frozen hold stays frozen, and the claim on it passes to the bank. It never pays a
//! beneficiary that may not be paid.

use crate::credit::{Party, Source};
use crate::event::{PaymentKind, Turn};
use crate::law::{PARTY_FROZEN, SANCTIONS_HIT, SUSPENDED};
use crate::presentation::Step;
use crate::settle::{Claim, Settlement};
use crate::storage::Escrow;
use weighhouse_sdk::prelude::*;
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
        self.excused(ctx, &claim, bank, licence_doc)?;
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

    /// Refuses a payment by the confirming bank that the law stops, codes ascending, and one that the
    /// applicant's hold could make. What stops the applicant excuses it: suspension, a freeze, a hit with a
    /// licence filed, a bank without authorisation.
    fn excused(
        &self,
        ctx: &Context,
        claim: &Claim,
        bank: Party,
        licence_doc: Option<Hash>,
    ) -> Result<(), Refused> {
        let applicant = claim.credit.parties.applicant;
        let code = self.sends(applicant)?;
        let excuses = match code {
            SUSPENDED | PARTY_FROZEN => true,
            SANCTIONS_HIT => {
                let filed = self.licences.find(&(claim.lc, claim.n));
                filed.is_some() && filed == licence_doc
            }
            _ => false,
        };
        let left = if excuses { 0 } else { code };
        self.payable_by(bank, (applicant, left), claim)?;
        let may = excuses || !self.is_authorised(ctx, claim.credit.parties.issuing)?;
        ensure!(may, Refusal::BadState);
        Ok(())
    }

    /// The confirming bank's claim on the applicant's money, once the law lets it move.
    pub(crate) fn repay(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.trading(ctx)?;
        let claim = self.claim(lc, n)?;
        claim.credit.live()?;
        ensure!(claim.shown.step == Step::Reimbursable, Refusal::BadState);
        ensure!(!claim.shown.disputed(ctx.now()), Refusal::BadState);
        let bank = claim.credit.parties.confirming.ok_or(Refusal::BadState)?;
        self.clean(claim.credit.parties.applicant, bank)?;
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
