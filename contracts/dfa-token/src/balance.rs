//! The only functions that change a balance, and the sums of a party with it.
//!
//! Invariant T13: every way out of a balance (transfer, hold, burn) asks [`Token::spend`] first. The
//! execution of a hold does not: its units were set aside when it was made. Invariant T6: what is counted
//! are parties with units where there is a register, wallets with units where there is none.

use crate::storage::{Sums, Token};
use crate::wallet::Wallet;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::interface::Pid;

impl Token {
    /// Moves `amount` of `from`, whose record is `wallet`, to `to`, a wallet of `payee`.
    ///
    /// # Errors
    /// `BadState` between wallets of which one waits for a split; `Overflow`: impossible while the
    /// supply is an amount.
    pub(crate) fn shift(
        &mut self,
        now: Timestamp,
        (from, wallet): (&Address, Wallet),
        (to, payee): (&Address, Option<Pid>),
        amount: Amount,
    ) -> Result<(), Refusal> {
        if amount.is_zero() || from == to {
            return Ok(());
        }
        let (payer, ratios) = (wallet.party, wallet.ratios);
        let rest = wallet.units.checked_sub(amount).ok_or(Refusal::Overflow)?;
        self.keep(now, from, wallet, rest);
        let mut wallet = self.wallets.get(to);
        if wallet.units.is_zero() {
            ensure!(!self.ratio_run.is_set(), Refusal::BadState);
            wallet = self.opened(to, payee, ratios);
        }
        ensure!(wallet.ratios == ratios, Refusal::BadState);
        let sum = wallet.units.checked_add(amount).ok_or(Refusal::Overflow)?;
        #[cfg(feature = "creates-a-unit")]
        let sum = sum.checked_add(Amount(1)).ok_or(Refusal::Overflow)?;
        let payee = wallet.party;
        self.keep(now, to, wallet, sum);
        if payer != payee {
            self.sum_down(payer, amount)?;
            self.sum_up(payee, amount)?;
        }
        Ok(())
    }

    /// The record of a wallet that has no units yet.
    pub(crate) fn opened(&mut self, owner: &Address, party: Option<Pid>, ratios: u16) -> Wallet {
        if let Some(pid) = party {
            let entry = (pid, *owner);
            if !self.wallets_of.contains(&entry) {
                self.wallets_of.set(&entry, ());
            }
        }
        Wallet {
            ratios,
            party,
            ..Wallet::default()
        }
    }

    /// The record of a wallet that gets new units.
    ///
    /// # Errors
    /// `BadState` while a split is under way.
    pub(crate) fn receiver(
        &mut self,
        owner: &Address,
        party: Option<Pid>,
    ) -> Result<Wallet, Refusal> {
        ensure!(!self.ratio_run.is_set(), Refusal::BadState);
        let wallet = self.wallets.get(owner);
        if !wallet.units.is_zero() {
            return Ok(wallet);
        }
        let ratios = self.ratio_count.get();
        Ok(self.opened(owner, party, ratios))
    }

    /// Adds to the sum of a party.
    pub(crate) fn sum_up(&mut self, party: Option<Pid>, amount: Amount) -> Result<(), Refusal> {
        let Some(pid) = party else { return Ok(()) };
        let mut sums = self.sums.get(&pid);
        let sum = sums.units.checked_add(amount).ok_or(Refusal::Overflow)?;
        self.count_holder(sums.units, sum);
        sums.units = sum;
        self.sums.set(&pid, sums);
        Ok(())
    }

    /// Subtracts from the sum of a party.
    pub(crate) fn sum_down(&mut self, party: Option<Pid>, amount: Amount) -> Result<(), Refusal> {
        let Some(pid) = party else { return Ok(()) };
        let mut sums = self.sums.get(&pid);
        let rest = sums.units.checked_sub(amount).ok_or(Refusal::Overflow)?;
        self.count_holder(sums.units, rest);
        sums.units = rest;
        if sums == Sums::default() {
            self.sums.remove(&pid);
        } else {
            self.sums.set(&pid, sums);
        }
        Ok(())
    }

    /// Counts who comes to have units, or has none any more.
    pub(crate) fn count_holder(&mut self, before: Amount, after: Amount) {
        match (before.is_zero(), after.is_zero()) {
            (true, false) => self.holder_count.update(|count| count.saturating_add(1)),
            (false, true) => self.holder_count.update(|count| count.saturating_sub(1)),
            _ => {}
        }
    }

    /// Sets units aside, in the wallet's record, in its party's and in the totals.
    pub(crate) fn set_aside(&mut self, wallet: &mut Wallet, amount: Amount) -> Result<(), Refusal> {
        let held = |held: Amount| held.checked_add(amount).ok_or(Refusal::Overflow);
        self.set_held(wallet, held)
    }

    /// Frees units that were set aside.
    pub(crate) fn set_free(&mut self, wallet: &mut Wallet, amount: Amount) -> Result<(), Refusal> {
        let held = |held: Amount| held.checked_sub(amount).ok_or(Refusal::Overflow);
        self.set_held(wallet, held)
    }

    fn set_held(
        &mut self,
        wallet: &mut Wallet,
        change: impl Fn(Amount) -> Result<Amount, Refusal>,
    ) -> Result<(), Refusal> {
        wallet.held = change(wallet.held)?;
        self.held_total.set(change(self.held_total.get())?);
        if let Some(pid) = wallet.party {
            let mut sums = self.sums.get(&pid);
            sums.held = change(sums.held)?;
            self.sums.set(&pid, sums);
            let mut all = self.registered.get();
            all.held = change(all.held)?;
            self.registered.set(all);
        }
        Ok(())
    }

    /// Sets the supply and remembers it; where there is a register, all units belong to parties.
    pub(crate) fn set_supply(&mut self, now: Timestamp, supply: Amount) {
        self.supply.set(supply);
        self.supply_history.set(&!now.0, supply.0);
        if self.register().is_some() {
            self.registered.update(|all| Sums {
                units: supply,
                ..all
            });
        }
    }
}
