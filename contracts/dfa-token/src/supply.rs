//! Units come into being and cease to be.
//!
//! One MINTER creates up to the threshold; above it one proposes and another approves. Every check is
//! made when units are created, none of them counts from the time of the proposal.

use crate::event::{Burn, LotCreated, Mint, Proposed};
use crate::storage::{Issue, Lot, Privileged, Token};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{Proposal, Refusal, Role, deadline};

impl Token {
    /// Shape and role of a mint, one person or two.
    fn may_issue(&self, ctx: &Context, issue: &Issue) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        let locks = issue
            .release_at
            .is_none_or(|at| !deadline::started(ctx.now(), at));
        ensure!(locks, Refusal::argument("release_at"));
        ensure!(!issue.amount.is_zero(), Refusal::ZeroAmount);
        ensure!(issue.basis_doc != Hash::ZERO, Refusal::BadDocument);
        self.roles.require(ctx, Role::Minter)
    }

    pub(crate) fn issue_alone(&mut self, ctx: &Context, issue: Issue) -> Result<(), Refusal> {
        self.may_issue(ctx, &issue)?;
        // Invariant T7: above the threshold one person is not enough.
        ensure!(
            issue.amount <= self.limits.get().mint_threshold,
            Refusal::DutyConflict
        );
        self.issue(ctx, issue, None)
    }

    pub(crate) fn propose_issue(&mut self, ctx: &Context, issue: Issue) -> Result<u64, Refusal> {
        self.may_issue(ctx, &issue)?;
        Ok(self.propose(ctx, Privileged::Mint(issue)))
    }

    pub(crate) fn approve_issue(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        self.roles.require(ctx, Role::Minter)?;
        let proposal = self.proposals.find(&id).ok_or(Refusal::NotFound)?;
        proposal.by_another(ctx)?;
        let Privileged::Mint(issue) = &proposal.act else {
            return Err(Refusal::NotFound);
        };
        proposal.in_time(ctx)?;
        self.may_issue(ctx, issue)?;
        self.proposals.remove(&id);
        self.issue(ctx, issue.clone(), Some(id))
    }

    /// Keeps an act for a second person.
    pub(crate) fn propose(&mut self, ctx: &Context, act: Privileged) -> u64 {
        let id = self.proposal_count.next();
        let proposal = Proposal::new(ctx, act.clone());
        let (by, until) = (proposal.proposer, proposal.until);
        self.proposals.set(&id, proposal);
        self.journal.act(ctx, Hash::ZERO, |seq| Proposed {
            seq,
            id,
            act,
            by,
            until,
        });
        id
    }

    /// Creates units, all checks of capability, lots and cap included.
    fn issue(&mut self, ctx: &Context, issue: Issue, proposal: Option<u64>) -> Result<(), Refusal> {
        let Issue {
            to,
            amount,
            basis_doc,
            release_at,
        } = issue;
        let (now, by) = (ctx.now(), ctx.caller());
        ensure!(
            self.capabilities.get().mintable,
            Refusal::not_capable("mintable")
        );
        let mut wallet = self.wallets.get(&to);
        if let Some(release_at) = release_at {
            wallet.lock(now, Lot { amount, release_at })?;
        }
        // Invariant T3, refused with its own code before the host's rule would.
        let asked = self
            .supply
            .get()
            .checked_add(amount)
            .ok_or(Refusal::Overflow)?;
        let cap = self.cap.get();
        ensure!(asked <= cap, Refusal::CapExceeded { cap, asked });
        self.set_supply(now, asked);
        let units = wallet.units.checked_add(amount).ok_or(Refusal::Overflow)?;
        self.keep(now, &to, wallet, units);
        let event = |seq| Mint {
            seq,
            to,
            amount,
            basis_doc,
            by,
            proposal,
        };
        if proposal.is_some() {
            self.journal.act(ctx, basis_doc, event);
        } else {
            ctx.emit(event(self.journal.next_seq()));
        }
        if let Some(release_at) = release_at {
            let seq = self.journal.next_seq();
            ctx.emit(LotCreated {
                seq,
                owner: to,
                amount,
                release_at,
            });
        }
        Ok(())
    }

    pub(crate) fn destroy(
        &mut self,
        ctx: &Context,
        from: Address,
        amount: Amount,
        basis_doc: Hash,
    ) -> Result<(), Refusal> {
        // Not stopped by a pause: redemption is the holders' way out.
        self.lifecycle.alive()?;
        ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        ensure!(basis_doc != Hash::ZERO, Refusal::BadDocument);
        let by = ctx.caller();
        self.roles.require(ctx, Role::Issuer)?;
        ensure!(by == from, Refusal::not_party());
        ensure!(
            self.capabilities.get().burnable,
            Refusal::not_capable("burnable")
        );
        let wallet = self.wallets.get(&from);
        wallet.spend(ctx.now(), amount, None)?;
        let rest = self
            .supply
            .get()
            .checked_sub(amount)
            .ok_or(Refusal::Overflow)?;
        self.debit(ctx.now(), &from, wallet, amount)?;
        self.set_supply(ctx.now(), rest);
        self.journal.act(ctx, basis_doc, |seq| Burn {
            seq,
            from,
            amount,
            basis_doc,
            by,
        });
        Ok(())
    }
}
