//! Units come into being and cease to be.
//!
//! One MINTER creates up to the threshold; above it one proposes and another approves. Every check is
//! made when units are created, none of them counts from the time of the proposal.

use crate::compliance::Sides;
use crate::event::{Burn, LotCreated, Mint, Proposed, Warrant};
use crate::storage::{Issue, Lot, Privileged, Token};
use crate::wallet::{LOTS_MAX, Wallet};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{Path, Side};
use weighhouse_standard::proposal::propose;
use weighhouse_standard::{Proposal, Refusal, Role, bounded, deadline};

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

    pub(crate) fn issue_alone(&mut self, ctx: &Context, issue: Issue) -> Result<(), Refused> {
        self.may_issue(ctx, &issue)?;
        // Invariant T7: above the threshold one person is not enough.
        ensure!(
            issue.amount <= self.limits.get().mint_threshold,
            Refusal::DutyConflict
        );
        self.issue(ctx, issue, None)
    }

    pub(crate) fn propose_issue(&mut self, ctx: &Context, issue: Issue) -> Result<u64, Refused> {
        self.may_issue(ctx, &issue)?;
        self.not_halted(ctx)?;
        Ok(self.propose(ctx, Privileged::Mint(issue)))
    }

    pub(crate) fn approve_issue(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        self.lifecycle.open()?;
        self.roles.require(ctx, Role::Minter)?;
        let proposal = self.proposals.find(&id).ok_or(Refusal::NotFound)?;
        proposal.by_another_person(ctx, |one| self.person(one))?;
        let Privileged::Mint(issue) = &proposal.act else {
            return Err(Refusal::NotFound.into());
        };
        // A proposer that has lost its duty no longer stands behind the proposal.
        let stands = self.roles.holds(&proposal.proposer, Role::Minter);
        ensure!(stands, Refusal::DutyConflict);
        proposal.in_time(ctx)?;
        self.may_issue(ctx, issue)?;
        self.proposals.remove(&id);
        self.issue(ctx, issue.clone(), Some(id))
    }

    /// Keeps an act for a second person.
    pub(crate) fn propose(&mut self, ctx: &Context, act: Privileged) -> u64 {
        let kept = (&mut self.proposal_count, &mut self.proposals);
        propose(ctx, &mut self.journal, kept, (act, Hash::ZERO), proposed)
    }

    /// Creates units, all checks of capability, lots and cap included.
    fn issue(&mut self, ctx: &Context, issue: Issue, proposal: Option<u64>) -> Result<(), Refused> {
        let Issue {
            to,
            amount,
            basis_doc,
            release_at,
        } = issue;
        let (now, by) = (ctx.now(), ctx.caller());
        let movement = Self::movement(ctx, (Address::ZERO, to), amount, Path::Issue);
        let sides = self.admit(ctx, movement, None)?;
        ensure!(
            self.nature.get().capabilities.mintable,
            Refusal::not_capable("mintable")
        );
        let mut wallet = self.receiver(&to, sides.to)?;
        if let Some(release_at) = release_at {
            wallet.lock(now, Lot { amount, release_at })?;
            bounded(wallet.lots.len(), LOTS_MAX)?;
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
        let party = wallet.party;
        self.keep(now, &to, wallet, units);
        self.sum_up(party, amount)?;
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

    /// Refuses tokens whose units cannot be destroyed.
    pub(crate) fn burnable(&self) -> Result<(), Refusal> {
        ensure!(
            self.nature.get().capabilities.burnable,
            Refusal::not_capable("burnable")
        );
        Ok(())
    }

    /// Refuses all but those who redeem: the issuer, and the contract that keeps the register of the
    /// issue. Answers whether it is the latter, which a register must know as a system.
    pub(crate) fn redeemer(&self, ctx: &Context) -> Result<bool, Refused> {
        let by = ctx.caller();
        if self.roles.holds(&by, Role::Registrar) {
            return self.is_system(&by);
        }
        self.roles.require(ctx, Role::Issuer)?;
        Ok(false)
    }

    pub(crate) fn redeem(
        &mut self,
        ctx: &Context,
        from: Address,
        amount: Amount,
        basis_doc: Hash,
    ) -> Result<(), Refused> {
        // Not stopped by a pause: redemption is the holders' way out.
        self.lifecycle.alive()?;
        ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        ensure!(basis_doc != Hash::ZERO, Refusal::BadDocument);
        let of_all = self.redeemer(ctx)?;
        ensure!(of_all || ctx.caller() == from, Refusal::not_party());
        ensure!(!self.ratio_run.is_set(), Refusal::BadState);
        self.may_act(&from, Side::Sender)?;
        self.burnable()?;
        let wallet = self.wallets.get(&from);
        let frozen = self.frozen_req(ctx, wallet.party);
        self.spend(ctx.now(), &wallet, &Sides::frozen(frozen), amount, None)?;
        self.destroy(ctx, (&from, wallet), amount, basis_doc, None)?;
        Ok(())
    }

    /// Takes `amount` out of the world, and off the wallet whose record this is.
    pub(crate) fn destroy(
        &mut self,
        ctx: &Context,
        (from, wallet): (&Address, Wallet),
        amount: Amount,
        basis_doc: Hash,
        warrant: Option<Warrant>,
    ) -> Result<(), Refusal> {
        let overflow = || Refusal::Overflow;
        let supply = self.supply.get().checked_sub(amount).ok_or_else(overflow)?;
        let rest = wallet.units.checked_sub(amount).ok_or_else(overflow)?;
        let party = wallet.party;
        self.keep(ctx.now(), from, wallet, rest);
        self.sum_down(party, amount)?;
        self.set_supply(ctx.now(), supply);
        let (from, by) = (*from, ctx.caller());
        self.journal.act(ctx, basis_doc, |seq| Burn {
            seq,
            from,
            amount,
            basis_doc,
            by,
            warrant,
        });
        Ok(())
    }
}
