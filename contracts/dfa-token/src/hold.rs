//! Holds: units set aside for a notary to execute or release.
//!
//! `Ordered -> (PartlyExecuted)* -> Executed | Released | Reclaimed | Voided`. The units stay the owner's
//! until executed. Execution is possible up to and including the second of expiry, reclaiming after it:
//! never both, never neither.
//!
//! Invariant T4: what is held by a hold stands once, in `hold_left`; it only leaves through
//! [`Token::take`], and the host checks that the sums per hold and per owner stay equal.

use crate::event::{
    HoldConsent, HoldCreated, HoldExecuted, HoldReclaimed, HoldReleased, HoldRenewed, HoldVoided,
    Transfer, TransferKind,
};
use crate::storage::{Delegation, Hold, HoldState, HoldTerms, Privileged, Token};
use crate::wallet::Wallet;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{NAME_BYTES_MAX, Refusal, Role, bounded, deadline};

impl Token {
    /// Shape of a new hold.
    fn may_hold(&self, ctx: &Context, terms: &HoldTerms) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        // A hold without end is for notaries that the participant register knows as systems.
        let ends = terms.expiry.0 != u64::MAX && terms.expiry > ctx.now();
        ensure!(ends, Refusal::argument("expiry"));
        ensure!(!terms.amount.is_zero(), Refusal::ZeroAmount);
        bounded(terms.purpose.len(), NAME_BYTES_MAX)?;
        if terms.to.is_some() {
            self.movable()?;
        }
        ensure!(
            self.capabilities.get().holdable,
            Refusal::not_capable("holdable")
        );
        Ok(())
    }

    pub(crate) fn hold_own(&mut self, ctx: &Context, terms: HoldTerms) -> Result<u64, Refusal> {
        self.may_hold(ctx, &terms)?;
        self.order_hold(ctx, ctx.caller(), terms, None)
    }

    pub(crate) fn hold_for(
        &mut self,
        ctx: &Context,
        owner: Address,
        terms: HoldTerms,
    ) -> Result<u64, Refusal> {
        self.may_hold(ctx, &terms)?;
        let delegation = self.use_allowance(ctx, owner, ctx.caller(), terms.amount)?;
        self.order_hold(ctx, owner, terms, Some(delegation))
    }

    fn order_hold(
        &mut self,
        ctx: &Context,
        owner: Address,
        terms: HoldTerms,
        delegation: Option<Delegation>,
    ) -> Result<u64, Refusal> {
        let amount = terms.amount;
        // Invariant T13.
        let mut wallet = self.wallets.get(&owner);
        wallet.spend(ctx.now(), amount, None)?;
        let id = self.hold_count.next();
        wallet.held = wallet.held.checked_add(amount).ok_or(Refusal::Overflow)?;
        self.wallets.set(&owner, wallet);
        ensure!(self.held_total.credit(amount), Refusal::Overflow);
        self.hold_left.set(&id, amount);
        let hold = Hold {
            owner,
            terms: terms.clone(),
            state: HoldState::Ordered,
            delegation,
            renewable: false,
        };
        self.holds.set(&id, hold);
        let seq = self.journal.next_seq();
        let spender = delegation.map(|delegation| delegation.spender);
        ctx.emit(HoldCreated {
            seq,
            id,
            owner,
            terms,
            spender,
        });
        Ok(id)
    }

    fn found(&self, id: u64) -> Result<Hold, Refusal> {
        self.holds.find(&id).ok_or(Refusal::NotFound)
    }

    /// Takes `amount` out of a hold and sets where it stands; answers what is left, and the owner's
    /// record, in which the units are free again and which the caller has to write.
    fn take(
        &mut self,
        id: u64,
        mut hold: Hold,
        amount: Amount,
        state: HoldState,
    ) -> Result<(Amount, Wallet), Refusal> {
        let left = self.hold_left.get(&id);
        let rest = left.checked_sub(amount).ok_or(Refusal::Overflow)?;
        self.hold_left.set(&id, rest);
        let mut wallet = self.wallets.get(&hold.owner);
        wallet.held = wallet.held.checked_sub(amount).ok_or(Refusal::Overflow)?;
        ensure!(self.held_total.debit(amount).is_ok(), Refusal::Overflow);
        // What is partly released is not executed: the state tells of executions until the end.
        let now = match (rest.is_zero(), state) {
            (true, end) => end,
            (false, HoldState::Executed) => HoldState::PartlyExecuted,
            (false, _) => hold.state,
        };
        if hold.state != now {
            hold.state = now;
            self.holds.set(&id, hold);
        }
        Ok((rest, wallet))
    }

    /// As [`Token::take`], and the units stay the owner's.
    fn give_back(
        &mut self,
        id: u64,
        hold: Hold,
        amount: Amount,
        state: HoldState,
    ) -> Result<Amount, Refusal> {
        let owner = hold.owner;
        let (left, wallet) = self.take(id, hold, amount, state)?;
        self.wallets.set(&owner, wallet);
        Ok(left)
    }

    pub(crate) fn execute(
        &mut self,
        ctx: &Context,
        id: u64,
        to: Address,
        amount: Amount,
        keep_open: bool,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        let hold = self.found(id)?;
        ensure!(hold.terms.notary == ctx.caller(), Refusal::not_party());
        ensure!(hold.state.is_open(), Refusal::BadState);
        let expiry = hold.terms.expiry;
        ensure!(
            deadline::in_time(ctx.now(), expiry),
            Refusal::HoldExpired { expiry }
        );
        self.movable()?;
        if let Some(fixed) = hold.terms.to {
            ensure!(fixed == to, Refusal::WrongDestination { fixed });
        }
        let available = self.hold_left.get(&id);
        let Some(rest) = available.checked_sub(amount) else {
            return Err(Refusal::InsufficientBalance {
                available,
                asked: amount,
                item: None,
            });
        };
        let (owner, delegation) = (hold.owner, hold.delegation);
        let returned = if keep_open { Amount::ZERO } else { rest };
        let out = if keep_open { amount } else { available };
        let (left, wallet) = self.take(id, hold, out, HoldState::Executed)?;
        if owner == to {
            self.wallets.set(&owner, wallet);
        } else {
            self.shift(ctx.now(), (&owner, wallet), &to, amount)?;
        }
        if let Some(delegation) = delegation {
            self.restore_allowance(owner, delegation, returned);
        }
        let seq = self.journal.next_seq();
        ctx.emit(HoldExecuted {
            seq,
            id,
            amount,
            returned,
            left,
        });
        let (seq, kind) = (self.journal.next_seq(), TransferKind::Hold(id));
        ctx.emit(Transfer {
            seq,
            from: owner,
            to,
            amount,
            kind,
            memo: None,
        });
        Ok(())
    }

    /// An exit: neither pause nor deactivation stops it.
    pub(crate) fn release(
        &mut self,
        ctx: &Context,
        id: u64,
        amount: Amount,
    ) -> Result<(), Refusal> {
        ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        let hold = self.found(id)?;
        let by = ctx.caller();
        let party = hold.terms.notary == by || hold.terms.to == Some(by);
        ensure!(party, Refusal::not_party());
        ensure!(hold.state.is_open(), Refusal::BadState);
        let available = self.hold_left.get(&id);
        ensure!(
            amount <= available,
            Refusal::InsufficientBalance {
                available,
                asked: amount,
                item: None
            }
        );
        let (owner, delegation) = (hold.owner, hold.delegation);
        let left = self.give_back(id, hold, amount, HoldState::Released)?;
        if let Some(delegation) = delegation {
            self.restore_allowance(owner, delegation, amount);
        }
        let seq = self.journal.next_seq();
        ctx.emit(HoldReleased {
            seq,
            id,
            amount,
            left,
            by,
        });
        Ok(())
    }

    /// An exit: neither pause nor deactivation stops it.
    pub(crate) fn reclaim(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        let hold = self.found(id)?;
        ensure!(hold.state.is_open(), Refusal::BadState);
        let expiry = hold.terms.expiry;
        ensure!(
            deadline::expired(ctx.now(), expiry),
            Refusal::HoldNotExpired { expiry }
        );
        let (owner, delegation) = (hold.owner, hold.delegation);
        let amount = self.hold_left.get(&id);
        self.give_back(id, hold, amount, HoldState::Reclaimed)?;
        if let Some(delegation) = delegation {
            self.restore_allowance(owner, delegation, amount);
        }
        let seq = self.journal.next_seq();
        ctx.emit(HoldReclaimed { seq, id, amount });
        Ok(())
    }

    pub(crate) fn consent(
        &mut self,
        ctx: &Context,
        id: u64,
        renewable: bool,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        let mut hold = self.found(id)?;
        ensure!(hold.owner == ctx.caller(), Refusal::not_party());
        ensure!(hold.state.is_open(), Refusal::BadState);
        hold.renewable = renewable;
        self.holds.set(&id, hold);
        let seq = self.journal.next_seq();
        ctx.emit(HoldConsent { seq, id, renewable });
        Ok(())
    }

    pub(crate) fn renew(
        &mut self,
        ctx: &Context,
        id: u64,
        later: Timestamp,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        ensure!(later.0 != u64::MAX, Refusal::argument("expiry"));
        let mut hold = self.found(id)?;
        let expiry = hold.terms.expiry;
        ensure!(later > expiry, Refusal::argument("expiry"));
        ensure!(hold.terms.notary == ctx.caller(), Refusal::not_party());
        ensure!(hold.state.is_open() && hold.renewable, Refusal::BadState);
        ensure!(
            deadline::in_time(ctx.now(), expiry),
            Refusal::HoldExpired { expiry }
        );
        hold.terms.expiry = later;
        // One consent is good for one renewal: nobody's units are tied up for ever by one word.
        hold.renewable = false;
        self.holds.set(&id, hold);
        let seq = self.journal.next_seq();
        ctx.emit(HoldRenewed {
            seq,
            id,
            expiry: later,
        });
        Ok(())
    }

    /// The caller's duty in voiding a hold.
    fn voiding_duty(&self, who: &Address) -> Result<Role, Refusal> {
        [Role::Compliance, Role::Regulator]
            .into_iter()
            .find(|role| self.roles.holds(who, *role))
            .ok_or(Refusal::Unauthorized {
                needs: Some(Role::Compliance),
            })
    }

    pub(crate) fn propose_void(
        &mut self,
        ctx: &Context,
        id: u64,
        doc: Hash,
    ) -> Result<u64, Refusal> {
        self.lifecycle.alive()?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        self.voiding_duty(&ctx.caller())?;
        let hold = self.found(id)?;
        ensure!(hold.state.is_open(), Refusal::BadState);
        Ok(self.propose(ctx, Privileged::VoidHold { id, doc }))
    }

    /// One of COMPLIANCE and REGULATOR proposed; the other approves.
    pub(crate) fn approve_void(&mut self, ctx: &Context, number: u64) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        let by = ctx.caller();
        let duty = self.voiding_duty(&by)?;
        let proposal = self.proposals.find(&number).ok_or(Refusal::NotFound)?;
        proposal.by_another(ctx)?;
        let Privileged::VoidHold { id, doc } = proposal.act else {
            return Err(Refusal::NotFound);
        };
        // A proposer that has lost its duty no longer stands behind the proposal.
        let other = self.voiding_duty(&proposal.proposer)?;
        ensure!(duty != other, Refusal::DutyConflict);
        let hold = self.found(id)?;
        ensure!(hold.state.is_open(), Refusal::BadState);
        proposal.in_time(ctx)?;
        self.proposals.remove(&number);
        let amount = self.hold_left.get(&id);
        self.give_back(id, hold, amount, HoldState::Voided)?;
        self.journal.act(ctx, doc, |seq| HoldVoided {
            seq,
            id,
            amount,
            doc,
            proposal: number,
            by,
        });
        Ok(())
    }
}
