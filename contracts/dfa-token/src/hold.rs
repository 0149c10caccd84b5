//! Holds: units set aside for a notary to execute or release.
//!
//! `Ordered -> (PartlyExecuted)* -> Executed | Released | Reclaimed | Voided`. The units stay the owner's
//! until executed. Execution is possible up to and including the second of expiry, reclaiming after it:
//! never both, never neither.
//!
//! Invariant T4: what is held by a hold stands once, in `hold_left`; it only leaves through
//! [`Token::take`], and the host checks that the sums per hold and per owner stay equal.

use crate::compliance::Sides;
use crate::event::{
    HoldConsent, HoldCreated, HoldExecuted, HoldReclaimed, HoldReleased, HoldRenewed, HoldVoided,
    Transfer, TransferKind,
};
use crate::storage::{Delegation, Hold, Privileged, Token};
use crate::wallet::Wallet;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{HoldState, HoldTerms, Move, PartyKind, Path, Side};
use weighhouse_standard::{Refusal, Role, deadline};

impl Token {
    /// Shape of a new hold.
    fn may_hold(&self, ctx: &Context, terms: &HoldTerms) -> Result<(), Refused> {
        self.lifecycle.open()?;
        ensure!(
            terms.expiry > ctx.now()
                && (terms.expiry.0 != u64::MAX || self.is_system(&terms.notary)?),
            Refusal::argument("expiry")
        );
        ensure!(!terms.amount.is_zero(), Refusal::ZeroAmount);
        Ok(())
    }

    /// True if the register knows the notary as a system: only such may have holds without end.
    pub(crate) fn is_system(&self, notary: &Address) -> Result<bool, Refused> {
        let Some(register) = self.register() else {
            return Ok(false);
        };
        let Some(pid) = register.pid_of(*notary)? else {
            return Ok(false);
        };
        let party = register.party(pid)?;
        Ok(party.is_some_and(|party| party.kind == PartyKind::System))
    }

    pub(crate) fn hold_own(&mut self, ctx: &Context, terms: HoldTerms) -> Result<u64, Refused> {
        self.may_hold(ctx, &terms)?;
        let owner = ctx.caller();
        let wallet = self.wallets.get(&owner);
        let sides = self.admit_hold(ctx, &owner, &wallet, &terms)?;
        self.order_hold(ctx, (owner, wallet), &sides, terms, None)
    }

    pub(crate) fn hold_for(
        &mut self,
        ctx: &Context,
        owner: Address,
        terms: HoldTerms,
    ) -> Result<u64, Refused> {
        self.may_hold(ctx, &terms)?;
        let wallet = self.wallets.get(&owner);
        let spender = self.may_act(&ctx.caller(), Side::Caller);
        let sides = self.admit_hold(ctx, &owner, &wallet, &terms);
        let sides = after(spender, sides)?;
        let delegation = self.use_allowance(ctx, owner, ctx.caller(), terms.amount)?;
        self.order_hold(ctx, (owner, wallet), &sides, terms, Some(delegation))
    }

    /// The move that the execution of a hold will be.
    pub(crate) fn execution(
        ctx: &Context,
        owner: Address,
        to: Address,
        amount: Amount,
        terms: &HoldTerms,
    ) -> Move {
        let path = Path::Hold(terms.notary);
        Move {
            purpose: terms.purpose,
            trade_ref: terms.trade_ref(),
            memo: (terms.reference != Hash::ZERO).then_some(terms.reference),
            ..Self::movement(ctx, (owner, to), amount, path)
        }
    }

    /// Compliance of a new hold: of the whole move if its destination is known, else of the owner; then
    /// what the token can do.
    fn admit_hold(
        &self,
        ctx: &Context,
        owner: &Address,
        wallet: &Wallet,
        terms: &HoldTerms,
    ) -> Result<Sides, Refused> {
        ensure!(!self.ratio_run.is_set(), Refusal::BadState);
        let sides = match terms.to {
            Some(to) => self.explain(ctx, Self::execution(ctx, *owner, to, terms.amount, terms))?,
            None => self.admit_act(ctx, owner, Some(wallet))?,
        };
        if terms.to.is_some() {
            self.movable()?;
        }
        ensure!(
            self.nature.get().capabilities.holdable,
            Refusal::not_capable("holdable")
        );
        Ok(sides)
    }

    fn order_hold(
        &mut self,
        ctx: &Context,
        (owner, mut wallet): (Address, Wallet),
        sides: &Sides,
        terms: HoldTerms,
        delegation: Option<Delegation>,
    ) -> Result<u64, Refused> {
        let amount = terms.amount;
        // Invariant T13.
        self.spend(ctx.now(), &wallet, sides, amount, None)?;
        let id = self.hold_count.next();
        self.set_aside(&mut wallet, amount)?;
        self.wallets.set(&owner, wallet);
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

    /// The wallet whose units a hold sets aside now: the owner's, or the one that took its place.
    pub(crate) fn holder_of(&self, hold: &Hold) -> Address {
        let mut owner = hold.owner;
        if !self.nature.get().capabilities.recoverable {
            return owner;
        }
        // A wallet that was given up never comes back, so this ends.
        while let Some(next) = self.successors.find(&owner) {
            owner = next;
        }
        owner
    }

    /// Takes `amount` out of a hold and sets where it stands; answers what is left, and the owner's
    /// record, in which the units are free again and which the caller has to write.
    fn take(
        &mut self,
        id: u64,
        mut hold: Hold,
        (owner, amount): (&Address, Amount),
        state: HoldState,
    ) -> Result<(Amount, Wallet), Refusal> {
        let left = self.hold_left.get(&id);
        let rest = left.checked_sub(amount).ok_or(Refusal::Overflow)?;
        self.hold_left.set(&id, rest);
        let mut wallet = self.wallets.get(owner);
        self.set_free(&mut wallet, amount)?;
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

    /// As [`Token::take`], and the units stay the owner's; its allowance comes back.
    fn give_back(
        &mut self,
        id: u64,
        hold: Hold,
        amount: Amount,
        state: HoldState,
    ) -> Result<Amount, Refusal> {
        let (owner, delegation) = (hold.owner, hold.delegation);
        let holder = self.holder_of(&hold);
        let (left, wallet) = self.take(id, hold, (&holder, amount), state)?;
        self.wallets.set(&holder, wallet);
        if let Some(delegation) = delegation.filter(|_| state != HoldState::Voided) {
            self.restore_allowance(owner, delegation, amount);
        }
        Ok(left)
    }

    /// The hold that the caller, its notary, may make use of now.
    pub(crate) fn usable(&self, ctx: &Context, id: u64) -> Result<Hold, Refusal> {
        let hold = self.found(id)?;
        ensure!(hold.terms.notary == ctx.caller(), Refusal::not_party());
        ensure!(hold.state.is_open(), Refusal::BadState);
        let expiry = hold.terms.expiry;
        ensure!(
            deadline::in_time(ctx.now(), expiry),
            Refusal::HoldExpired { expiry }
        );
        Ok(hold)
    }

    /// Refuses more than a hold has left.
    fn enough(&self, id: u64, asked: Amount) -> Result<Amount, Refusal> {
        let available = self.hold_left.get(&id);
        ensure!(
            asked <= available,
            Refusal::InsufficientBalance {
                available,
                asked,
                item: None
            }
        );
        Ok(available)
    }

    pub(crate) fn execute(
        &mut self,
        ctx: &Context,
        id: u64,
        to: Address,
        amount: Amount,
        keep_open: bool,
    ) -> Result<(), Refused> {
        self.lifecycle.open()?;
        ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        let hold = self.usable(ctx, id)?;
        let owner = self.holder_of(&hold);
        let movement = Self::execution(ctx, owner, to, amount, &hold.terms);
        let sides = self.admit(ctx, movement, None)?;
        self.carry_out(ctx, (id, hold), &movement, &sides, keep_open)
    }

    /// Moves held units once compliance has let them: capability, destination, funds, then the books.
    pub(crate) fn carry_out(
        &mut self,
        ctx: &Context,
        (id, hold): (u64, Hold),
        movement: &Move,
        sides: &Sides,
        keep_open: bool,
    ) -> Result<(), Refused> {
        let Move {
            from: owner,
            to,
            amount,
            ..
        } = *movement;
        self.movable()?;
        if let Some(fixed) = hold.terms.to {
            ensure!(fixed == to, Refusal::WrongDestination { fixed });
        }
        let available = self.enough(id, amount)?;
        let (allowed, delegation) = (hold.owner, hold.delegation);
        let rest = available.saturating_sub(amount);
        let returned = if keep_open { Amount::ZERO } else { rest };
        let out = if keep_open { amount } else { available };
        let (left, wallet) = self.take(id, hold, (&owner, out), HoldState::Executed)?;
        if owner == to {
            self.wallets.set(&owner, wallet);
        } else {
            self.shift(ctx.now(), (&owner, wallet), (&to, sides.to), amount)?;
        }
        if let Some(delegation) = delegation {
            self.restore_allowance(allowed, delegation, returned);
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
            purpose: movement.purpose,
            memo: None,
        });
        self.use_lot(movement, sides)
    }

    /// The notary destroys held units: those who keep the register of the issue redeem so.
    pub(crate) fn burn_held(
        &mut self,
        ctx: &Context,
        id: u64,
        amount: Amount,
        basis_doc: Hash,
    ) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        ensure!(basis_doc != Hash::ZERO, Refusal::BadDocument);
        let hold = self.usable(ctx, id)?;
        self.redeemer(ctx)?;
        ensure!(!self.ratio_run.is_set(), Refusal::BadState);
        let owner = self.holder_of(&hold);
        self.may_act(&owner, Side::Sender)?;
        self.burnable()?;
        self.enough(id, amount)?;
        let (left, wallet) = self.take(id, hold, (&owner, amount), HoldState::Executed)?;
        let seq = self.journal.next_seq();
        ctx.emit(HoldExecuted {
            seq,
            id,
            amount,
            returned: Amount::ZERO,
            left,
        });
        self.destroy(ctx, (&owner, wallet), amount, basis_doc, None)?;
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
        self.enough(id, amount)?;
        let left = self.give_back(id, hold, amount, HoldState::Released)?;
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
        let amount = self.hold_left.get(&id);
        self.give_back(id, hold, amount, HoldState::Reclaimed)?;
        let seq = self.journal.next_seq();
        ctx.emit(HoldReclaimed { seq, id, amount });
        Ok(())
    }

    pub(crate) fn consent(
        &mut self,
        ctx: &Context,
        id: u64,
        renewable: bool,
    ) -> Result<(), Refused> {
        self.lifecycle.open()?;
        let mut hold = self.found(id)?;
        let owner = self.holder_of(&hold);
        ensure!(owner == ctx.caller(), Refusal::not_party());
        ensure!(hold.state.is_open(), Refusal::BadState);
        self.admit_act(ctx, &owner, None)?;
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
    ) -> Result<(), Refused> {
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
        let notary = hold.terms.notary;
        self.admit_act(ctx, &notary, None)?;
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
    pub(crate) fn approve_void(&mut self, ctx: &Context, number: u64) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        let by = ctx.caller();
        let duty = self.voiding_duty(&by)?;
        let proposal = self.proposals.find(&number).ok_or(Refusal::NotFound)?;
        proposal.by_another_person(ctx, |one| self.person(one))?;
        let Privileged::VoidHold { id, doc } = proposal.act else {
            return Err(Refusal::NotFound.into());
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

/// What `then` came to, unless `first` refuses with a code as low or lower: codes of compliance ascend,
/// whoever they are about.
fn after<T>(first: Result<(), Refused>, then: Result<T, Refused>) -> Result<T, Refused> {
    match (first, then) {
        (Err(Refused::Own { code, .. }), Err(Refused::Own { code: lower, data }))
            if lower < code =>
        {
            Err(Refused::Own { code: lower, data })
        }
        (Err(refused), _) => Err(refused),
        (Ok(()), then) => then,
    }
}
