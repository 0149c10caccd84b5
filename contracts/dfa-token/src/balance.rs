//! The only functions that change a balance.
//!
//! Invariant T13: every way out of a balance (transfer, hold, burn) asks [`Wallet::spend`] first. The
//! execution of a hold does not: its units were set aside when it was made.

use crate::storage::Token;
use crate::wallet::Wallet;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;

impl Token {
    /// Moves `amount` of `from`, whose record is `wallet`, to `to`.
    ///
    /// # Errors
    /// `Overflow`: impossible while the supply is an amount.
    pub(crate) fn shift(
        &mut self,
        now: Timestamp,
        (from, wallet): (&Address, Wallet),
        to: &Address,
        amount: Amount,
    ) -> Result<(), Refusal> {
        if amount.is_zero() || from == to {
            return Ok(());
        }
        self.debit(now, from, wallet, amount)?;
        self.credit(now, to, amount)
    }

    /// Takes `amount` off the balance of `from`, whose record is `wallet`.
    pub(crate) fn debit(
        &mut self,
        now: Timestamp,
        from: &Address,
        wallet: Wallet,
        amount: Amount,
    ) -> Result<(), Refusal> {
        let rest = wallet.units.checked_sub(amount).ok_or(Refusal::Overflow)?;
        self.keep(now, from, wallet, rest);
        Ok(())
    }

    /// Adds `amount` to the balance of `to`.
    pub(crate) fn credit(
        &mut self,
        now: Timestamp,
        to: &Address,
        amount: Amount,
    ) -> Result<(), Refusal> {
        let wallet = self.wallets.get(to);
        let sum = wallet.units.checked_add(amount).ok_or(Refusal::Overflow)?;
        self.keep(now, to, wallet, sum);
        Ok(())
    }
}
