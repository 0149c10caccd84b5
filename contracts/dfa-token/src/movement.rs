//! Transfers and allowances.
//!
//! Zero amounts and transfers to oneself are moves like others: every check, an event, no change.

use crate::event::{Approval, Transfer, TransferKind};
use crate::storage::{Allowance, Delegation, Token};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{BATCH_ITEMS_MAX, Refusal, bounded, deadline};

/// One item of a batch: to whom, how many, a commitment to a note.
pub type Payment = (Address, Amount, Option<Hash>);

impl Token {
    /// Refuses moves of a token that does not move.
    pub(crate) fn movable(&self) -> Result<(), Refusal> {
        ensure!(
            self.capabilities.get().transferable,
            Refusal::not_capable("transferable")
        );
        Ok(())
    }

    /// Moves units of `from` after every check of funds.
    fn pay(
        &mut self,
        ctx: &Context,
        from: Address,
        (to, amount, memo): Payment,
        kind: TransferKind,
        item: Option<u32>,
    ) -> Result<(), Refusal> {
        let wallet = self.wallets.get(&from);
        wallet.spend(ctx.now(), amount, item)?;
        self.shift(ctx.now(), (&from, wallet), &to, amount)?;
        let seq = self.journal.next_seq();
        ctx.emit(Transfer {
            seq,
            from,
            to,
            amount,
            kind,
            memo,
        });
        Ok(())
    }

    pub(crate) fn pay_own(&mut self, ctx: &Context, payment: Payment) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        self.movable()?;
        self.pay(ctx, ctx.caller(), payment, TransferKind::Own, None)
    }

    pub(crate) fn pay_for(
        &mut self,
        ctx: &Context,
        from: Address,
        payment: Payment,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        self.movable()?;
        let spender = ctx.caller();
        self.use_allowance(ctx, from, spender, payment.1)?;
        self.pay(ctx, from, payment, TransferKind::Delegate(spender), None)
    }

    pub(crate) fn pay_many(
        &mut self,
        ctx: &Context,
        payments: Vec<Payment>,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        ensure!(!payments.is_empty(), Refusal::argument("payments"));
        bounded(payments.len(), BATCH_ITEMS_MAX)?;
        self.movable()?;
        for (item, payment) in (0..).zip(payments) {
            self.pay(ctx, ctx.caller(), payment, TransferKind::Own, Some(item))?;
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
