//! Acts that take two persons: kept with all their arguments, made by the approval with every check anew.

use crate::event::Proposed;
use crate::storage::{Privileged, Register};
use weighhouse_sdk::prelude::*;
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

impl Register {
    /// Keeps an act for a second person.
    pub(crate) fn propose(&mut self, ctx: &Context, act: Privileged) -> u64 {
        let kept = (&mut self.proposal_count, &mut self.proposals);
        propose(ctx, &mut self.journal, kept, (act, Hash::ZERO), proposed)
    }

    /// The proposal that the caller may approve: another person's who still has one of `roles`.
    pub(crate) fn approvable(
        &self,
        ctx: &Context,
        id: u64,
        roles: &[Role],
    ) -> Result<Proposal<Privileged>, Refusal> {
        let proposal = self.proposals.find(&id).ok_or(Refusal::NotFound)?;
        proposal.by_another_person(ctx, |who| Ok::<_, Refusal>(self.accepted_pid(who)))?;
        let stands = roles
            .iter()
            .any(|role| self.roles.holds(&proposal.proposer, *role));
        // A proposer that has lost its duty no longer stands behind the proposal.
        ensure!(stands, Refusal::DutyConflict);
        Ok(proposal)
    }

    /// Refuses a caller with none of `roles`.
    pub(crate) fn require_one(&self, ctx: &Context, roles: &[Role]) -> Result<(), Refusal> {
        let caller = ctx.caller();
        let may = roles.iter().any(|role| self.roles.holds(&caller, *role));
        ensure!(
            may,
            Refusal::Unauthorized {
                needs: roles.first().copied()
            }
        );
        Ok(())
    }
}
