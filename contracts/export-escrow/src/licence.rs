//! Payment under a licence of the regulator, although a party is frozen.
//!
//! Two officers decide. The money reaches an account that is blocked for the same sum by an order of
//! its own. A licence never overrides screening: who has a hit, or is under review, is not paid.

use crate::credit::Source;
use crate::event::{PaymentKind, Proposed};
use crate::law::{SANCTIONS_HIT, stopped};
use crate::presentation::Step;
use crate::settle::{Claim, Settlement};
use crate::storage::{Escrow, Privileged};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{FreezeState, Scope, ScreeningResult, Side};
use weighhouse_standard::proposal::propose;
use weighhouse_standard::{Proposal, Refusal, Role};

/// The event of a new proposal.
fn proposed(seq: u64, id: u64, proposal: Proposal<Privileged>) -> Proposed {
    Proposed {
        seq,
        id,
        act: proposal.act,
        by: proposal.proposer,
        until: proposal.until,
    }
}

impl Escrow {
    pub(crate) fn suggest_release(
        &mut self,
        ctx: &Context,
        (lc, n): (u64, u64),
        licence_doc: Hash,
        order: u64,
    ) -> Result<u64, Refused> {
        self.lifecycle.alive()?;
        ensure!(licence_doc != Hash::ZERO, Refusal::BadDocument);
        self.roles.require(ctx, Role::Regulator)?;
        let claim = self.claim(lc, n)?;
        self.owed(ctx, &claim)?;
        let act = Privileged::ReleaseUnderLicence {
            lc,
            n,
            licence_doc,
            order,
        };
        let kept = (&mut self.proposal_count, &mut self.proposals);
        let act = (act, licence_doc);
        Ok(propose(ctx, &mut self.journal, kept, act, proposed))
    }

    pub(crate) fn release_licensed(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        // A forced measure: no pause stops it, the end of the contract does.
        self.lifecycle.alive()?;
        self.roles.require(ctx, Role::Regulator)?;
        let proposal = self.proposals.find(&id).ok_or(Refusal::NotFound)?;
        proposal.by_another_person(ctx, |who| self.person(who))?;
        // A proposer that has lost its duty no longer stands behind the proposal.
        let stands = self.roles.holds(&proposal.proposer, Role::Regulator);
        ensure!(stands, Refusal::DutyConflict);
        proposal.in_time(ctx)?;
        let Privileged::ReleaseUnderLicence {
            lc,
            n,
            licence_doc: doc,
            order,
        } = proposal.act;
        self.proposals.remove(&id);
        let claim = self.claim(lc, n)?;
        self.owed(ctx, &claim)?;
        self.licensable(ctx, &claim, order)?;
        let (pay, back) = self.after_conditions(&claim)?;
        // The bank keeps the records for an applicant that may be the frozen one.
        let records_to = self.reach(claim.credit.parties.issuing)?;
        let settlement = Settlement {
            kind: PaymentKind::Licence { doc, order },
            source: Source::Applicant,
            pay,
            back,
            step: Step::Paid(Source::Applicant),
            records_to,
        };
        self.settle(ctx, claim, &settlement)
    }

    /// Refuses unless an active order on the applicant or a payee is all that stops the payment.
    fn licensable(&self, ctx: &Context, claim: &Claim, order: u64) -> Result<(), Refused> {
        for payee in claim.payees() {
            let result = self.screening(payee.pid)?.map(|last| last.result);
            let clear = result == Some(ScreeningResult::Clear);
            ensure!(clear, stopped(SANCTIONS_HIT, Side::Receiver));
        }
        let known = self.order(order)?.ok_or(Refusal::NotFound)?;
        let stands = known.state == FreezeState::Active;
        ensure!(stands, Refusal::BadState);
        let mut concerned = claim.payees();
        concerned.push(claim.credit.parties.applicant);
        let frozen = match known.order.scope {
            Scope::Party { pid, .. } => Some(pid),
            Scope::Amount { .. } | Scope::Object { .. } => None,
        };
        let concerns = concerned.iter().any(|party| frozen == Some(party.pid));
        ensure!(concerns, Refusal::argument("order"));
        self.lawful_but(ctx, claim, frozen)
    }
}
