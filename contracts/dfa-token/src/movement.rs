//! Transfers and allowances.
//!
//! Zero amounts and transfers to oneself are moves like others: every check, an event, no change.

use crate::compliance::{Sides, under_trade};
use crate::event::{Approval, Transfer, TransferKind};
use crate::storage::{Allowance, Delegation, Token};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{Move, Path, Purpose, TradeRef};
use weighhouse_standard::{BATCH_ITEMS_MAX, Refusal, bounded, deadline};

/// One item of a batch: to whom, how many, a commitment to a note.
pub type Payment = (Address, Amount, Option<Hash>);

impl Token {
    /// Refuses moves of a token that does not move.
    pub(crate) fn movable(&self) -> Result<(), Refusal> {
        ensure!(
            self.nature.get().capabilities.transferable,
            Refusal::not_capable("transferable")
        );
        Ok(())
    }

    /// Makes a move that compliance has let through, after every check of funds.
    fn pay(
        &mut self,
        ctx: &Context,
        movement: Move,
        sides: &Sides,
        item: Option<u32>,
    ) -> Result<(), Refused> {
        let Move {
            from,
            to,
            amount,
            purpose,
            memo,
            ..
        } = movement;
        let wallet = self.wallets.get(&from);
        self.spend(ctx.now(), &wallet, sides, amount, item)?;
        self.shift(ctx.now(), (&from, wallet), (&to, sides.to), amount)?;
        let kind = match movement.path {
            Path::Delegate(spender) => TransferKind::Delegate(spender),
            _ => TransferKind::Own,
        };
        let seq = self.journal.next_seq();
        ctx.emit(Transfer {
            seq,
            from,
            to,
            amount,
            kind,
            purpose,
            memo,
        });
        self.use_lot(&movement, sides)
    }

    pub(crate) fn pay_own(&mut self, ctx: &Context, payment: Payment) -> Result<(), Refused> {
        self.lifecycle.open()?;
        self.pay_item(ctx, payment, None)
    }

    fn pay_item(
        &mut self,
        ctx: &Context,
        (to, amount, memo): Payment,
        item: Option<u32>,
    ) -> Result<(), Refused> {
        let movement = Move {
            memo,
            ..Self::movement(ctx, (ctx.caller(), to), amount, Path::Own)
        };
        let sides = self.admit(ctx, movement, item)?;
        self.movable()?;
        self.pay(ctx, movement, &sides, item)
    }

    /// A move of units for foreign trade.
    pub(crate) fn pay_under(
        &mut self,
        ctx: &Context,
        (to, amount): (Address, Amount),
        purpose: Purpose,
        trade_ref: Option<TradeRef>,
    ) -> Result<(), Refused> {
        self.lifecycle.open()?;
        let movement = Self::movement(ctx, (ctx.caller(), to), amount, Path::Own);
        let movement = under_trade(movement, purpose, trade_ref);
        let sides = self.admit(ctx, movement, None)?;
        self.movable()?;
        ensure!(
            self.nature.get().capabilities.ring_fenced,
            Refusal::not_capable("ring_fenced")
        );
        self.pay(ctx, movement, &sides, None)
    }

    pub(crate) fn pay_for(
        &mut self,
        ctx: &Context,
        from: Address,
        (to, amount, memo): Payment,
    ) -> Result<(), Refused> {
        self.lifecycle.open()?;
        let spender = ctx.caller();
        let movement = Move {
            memo,
            ..Self::movement(ctx, (from, to), amount, Path::Delegate(spender))
        };
        let sides = self.admit(ctx, movement, None)?;
        self.movable()?;
        self.use_allowance(ctx, from, spender, amount)?;
        self.pay(ctx, movement, &sides, None)
    }

    pub(crate) fn pay_many(
        &mut self,
        ctx: &Context,
        payments: Vec<Payment>,
    ) -> Result<(), Refused> {
        self.lifecycle.open()?;
        ensure!(!payments.is_empty(), Refusal::argument("payments"));
        bounded(payments.len(), BATCH_ITEMS_MAX)?;
        for (item, payment) in (0..).zip(payments) {
            self.pay_item(ctx, payment, Some(item))?;
        }
        Ok(())
    }

    /// The allowance as it counts now: nothing once it is over.
    pub(crate) fn live_allowance(
        &self,
        ctx: &Context,
        owner: Address,
        spender: Address,
    ) -> Option<Allowance> {
        let allowance = self.allowances.find(&(owner, spender))?;
        // What the owner of a wallet that was given up had allowed is void.
        let recoverable = self.nature.get().capabilities.recoverable;
        if recoverable && self.successors.contains(&owner) {
            return None;
        }
        deadline::in_time(ctx.now(), allowance.live_until).then_some(allowance)
    }

    /// Takes `asked` off the allowance; answers under which approval.
    ///
    /// # Errors
    /// `InsufficientAllowance`.
    pub(crate) fn use_allowance(
        &mut self,
        ctx: &Context,
        owner: Address,
        spender: Address,
        asked: Amount,
    ) -> Result<Delegation, Refusal> {
        let allowance = self.live_allowance(ctx, owner, spender);
        let available = allowance.map_or(Amount::ZERO, |allowance| allowance.amount);
        let Some(rest) = available.checked_sub(asked) else {
            return Err(Refusal::InsufficientAllowance { available, asked });
        };
        let approval = allowance.map_or(0, |allowance| allowance.approval);
        // An allowance that is used up stays: a hold that is released restores it.
        if let Some(allowance) = allowance.filter(|_| !asked.is_zero()) {
            self.allowances.set(
                &(owner, spender),
                Allowance {
                    amount: rest,
                    ..allowance
                },
            );
        }
        Ok(Delegation { spender, approval })
    }

    /// Gives `amount` back to the allowance it came from, unless the owner has approved anew since:
    /// what was withdrawn must not come back.
    pub(crate) fn restore_allowance(&mut self, owner: Address, from: Delegation, amount: Amount) {
        let key = (owner, from.spender);
        let Some(allowance) = self.allowances.find(&key) else {
            return;
        };
        if allowance.approval != from.approval || amount.is_zero() {
            return;
        }
        let amount = Amount(allowance.amount.0.saturating_add(amount.0));
        self.allowances.set(
            &key,
            Allowance {
                amount,
                ..allowance
            },
        );
    }

    pub(crate) fn allow(
        &mut self,
        ctx: &Context,
        spender: Address,
        amount: Amount,
        live_until: Timestamp,
    ) -> Result<(), Refused> {
        self.lifecycle.open()?;
        Self::approvable(ctx, amount, live_until)?;
        let owner = ctx.caller();
        self.admit_act(ctx, &owner, None)?;
        self.set_allowance(ctx, (owner, spender), (amount, live_until), None);
        Ok(())
    }

    /// Refuses an approval that could never count.
    pub(crate) fn approvable(
        ctx: &Context,
        amount: Amount,
        live_until: Timestamp,
    ) -> Result<(), Refusal> {
        let counts = amount.is_zero() || deadline::in_time(ctx.now(), live_until);
        ensure!(counts, Refusal::argument("live_until"));
        Ok(())
    }

    /// Replaces the allowance.
    pub(crate) fn set_allowance(
        &mut self,
        ctx: &Context,
        (owner, spender): (Address, Address),
        (amount, live_until): (Amount, Timestamp),
        permit: Option<u64>,
    ) {
        let seq = self.journal.next_seq();
        if amount.is_zero() {
            self.allowances.remove(&(owner, spender));
        } else {
            let allowance = Allowance {
                amount,
                live_until,
                approval: seq,
            };
            self.allowances.set(&(owner, spender), allowance);
        }
        ctx.emit(Approval {
            seq,
            owner,
            spender,
            amount,
            live_until,
            permit,
        });
    }
}
