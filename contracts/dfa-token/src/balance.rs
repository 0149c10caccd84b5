//! What a wallet may dispose of, and the only functions that change a balance.
//!
//! Invariant T13: every way out of a balance (transfer, hold, burn) asks [`Token::spend`] first. The
//! execution of a hold does not: its units were set aside when it was made.

use crate::storage::Token;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{Refusal, deadline};

impl Token {
    /// Refuses more than `owner` has at its disposal; answers its balance.
    ///
    /// # Errors
    /// `InsufficientBalance`, `HeldAmount`, `LockedAmount`, in this order.
    pub(crate) fn spend(
        &self,
        ctx: &Context,
        owner: &Address,
        asked: Amount,
        item: Option<u32>,
    ) -> Result<Amount, Refusal> {
        let balance = self.balances.get(owner);
        if asked.is_zero() {
            return Ok(balance);
        }
        let available = balance;
        ensure!(
            asked <= available,
            Refusal::InsufficientBalance {
                available,
                asked,
                item
            }
        );
        let available = available.saturating_sub(self.held.get(owner));
        ensure!(
            asked <= available,
            Refusal::HeldAmount {
                available,
                asked,
                item
            }
        );
        let available = available.saturating_sub(self.locked(owner, ctx.now()));
        ensure!(
            asked <= available,
            Refusal::LockedAmount {
                available,
                asked,
                item
            }
        );
        Ok(balance)
    }

    /// Units of `owner` that are locked at `now`.
    pub(crate) fn locked(&self, owner: &Address, now: Timestamp) -> Amount {
        let lots = self.lots.get(owner);
        lots.iter()
            .filter(|lot| !deadline::started(now, lot.release_at))
            .fold(Amount::ZERO, |sum, lot| {
                Amount(sum.0.saturating_add(lot.amount.0))
            })
    }

    /// What `owner` has at its disposal.
    pub(crate) fn available(&self, owner: &Address, now: Timestamp) -> Amount {
        let unheld = self
            .balances
            .get(owner)
            .saturating_sub(self.held.get(owner));
        unheld.saturating_sub(self.locked(owner, now))
    }

    /// Moves `amount` of `from`, whose balance is `balance`, to `to`.
    ///
    /// # Errors
    /// `Overflow`: impossible while the supply is an amount.
    pub(crate) fn shift(
        &mut self,
        now: Timestamp,
        (from, balance): (&Address, Amount),
        to: &Address,
        amount: Amount,
    ) -> Result<(), Refusal> {
        if amount.is_zero() || from == to {
            return Ok(());
        }
        self.debit(now, from, balance, amount)?;
        self.credit(now, to, amount)
    }

    /// Takes `amount` off the balance of `from`, which is `balance`.
    pub(crate) fn debit(
        &mut self,
        now: Timestamp,
        from: &Address,
        balance: Amount,
        amount: Amount,
    ) -> Result<(), Refusal> {
        let rest = balance.checked_sub(amount).ok_or(Refusal::Overflow)?;
        if rest.is_zero() && !balance.is_zero() {
            self.holder_count.update(|count| count.saturating_sub(1));
        }
        self.remember(now, from, rest);
        Ok(())
    }

    /// Adds `amount` to the balance of `to`.
    pub(crate) fn credit(
        &mut self,
        now: Timestamp,
        to: &Address,
        amount: Amount,
    ) -> Result<(), Refusal> {
        let balance = self.balances.get(to);
        let sum = balance.checked_add(amount).ok_or(Refusal::Overflow)?;
        if balance.is_zero() && !sum.is_zero() {
            self.holder_count.update(|count| count.saturating_add(1));
        }
        self.remember(now, to, sum);
        Ok(())
    }

    fn remember(&mut self, now: Timestamp, wallet: &Address, balance: Amount) {
        self.balances.set(wallet, balance);
        self.balance_history.set(&(*wallet, !now.0), balance.0);
    }

    /// Sets the supply and remembers it.
    pub(crate) fn set_supply(&mut self, now: Timestamp, supply: Amount) {
        self.supply.set(supply);
        self.supply_history.set(&!now.0, supply.0);
    }

    /// Balance of `wallet` at the end of the second `at`, which must be over.
    ///
    /// # Errors
    /// `TooEarly`.
    pub(crate) fn balance_then(
        &self,
        ctx: &Context,
        wallet: Address,
        at: Timestamp,
    ) -> Result<Amount, Refusal> {
        over(ctx, at)?;
        let before = (!at.0).checked_sub(1).map(|time| (wallet, time));
        let page = self.balance_history.page_of(&wallet, before.as_ref(), 1);
        Ok(Amount(page.first().map_or(0, |(_, balance)| *balance)))
    }

    /// Supply at the end of the second `at`, which must be over.
    ///
    /// # Errors
    /// `TooEarly`.
    pub(crate) fn supply_then(&self, ctx: &Context, at: Timestamp) -> Result<Amount, Refusal> {
        over(ctx, at)?;
        let before = (!at.0).checked_sub(1);
        let page = self.supply_history.page(before.as_ref(), 1);
        Ok(Amount(page.first().map_or(0, |(_, supply)| *supply)))
    }
}

/// Refuses a second that is not over yet: its last change may still come.
fn over(ctx: &Context, at: Timestamp) -> Result<(), Refusal> {
    deadline::after_start(ctx.now(), at.saturating_add(1))?;
    // The largest time has no next second; it is never over.
    ensure!(at.0 != u64::MAX, Refusal::TooEarly { from: at });
    Ok(())
}
