//! What a wallet has: one record, so that a transfer reads and writes two.
//!
//! The amounts stand first: the host finds them at fixed offsets and sums them over all wallets
//! (invariants T1, T2). A wallet without units has no record.
//!
//! # History
//! A record ends with the balances after its last changes, at most `RECENT_MAX` of them, one per
//! second. When there is no room, they move together into one row of `wallet_history`, under the wallet
//! and the inverted time of the oldest: times sort from young to old, and the first row from a time on
//! is the one that covers it. A row is never changed later, except that a second change within the
//! second of its only entry replaces it. So the balance at a second that is over is exact for ever.

use crate::storage::{Lot, Token};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Refusal, deadline};

/// Lots that a wallet may have at a time.
pub const LOTS_MAX: usize = 32;
/// Lots that a wallet may come to have by recovery or succession, which must not fail for a few too many.
pub(crate) const LOTS_KEPT_MAX: usize = 256;
/// Checkpoints that stand in a wallet's record.
const RECENT_MAX: usize = 8;

/// A balance from a second on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Checkpoint {
    /// The second of the change.
    pub at: Timestamp,
    /// The balance after the last change in it.
    pub units: Amount,
}

/// What a wallet has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Wallet {
    /// All units, held and locked ones included.
    pub units: Amount,
    /// The part that holds have set aside.
    pub held: Amount,
    /// How many splits its units went through: see `crate::ratio`.
    pub ratios: u16,
    /// Whose it is, where the token has a register; never changes.
    pub party: Option<Pid>,
    /// Locked units, at most [`LOTS_MAX`] lots; lots that are free are dropped at the next mint.
    pub lots: Vec<Lot>,
    /// The youngest part of its history, from old to young.
    pub recent: Vec<Checkpoint>,
}

impl Wallet {
    /// Units that are locked at `now`.
    pub(crate) fn locked(&self, now: Timestamp) -> Amount {
        let locked = |lot: &&Lot| !deadline::started(now, lot.release_at);
        let lots = self.lots.iter().filter(locked);
        Amount(lots.fold(0, |sum, lot| lot.amount.0.saturating_add(sum)))
    }

    /// Units at its disposal at `now`.
    pub(crate) fn available(&self, now: Timestamp) -> Amount {
        let unheld = self.units.saturating_sub(self.held);
        unheld.saturating_sub(self.locked(now))
    }

    /// Refuses more than what is at its disposal.
    ///
    /// # Errors
    /// `InsufficientBalance`, `HeldAmount`, `LockedAmount`, in this order.
    pub(crate) fn spend(
        &self,
        now: Timestamp,
        asked: Amount,
        item: Option<u32>,
    ) -> Result<(), Refusal> {
        if asked.is_zero() {
            return Ok(());
        }
        let available = self.units;
        ensure!(
            asked <= available,
            Refusal::InsufficientBalance {
                available,
                asked,
                item
            }
        );
        let available = available.saturating_sub(self.held);
        ensure!(
            asked <= available,
            Refusal::HeldAmount {
                available,
                asked,
                item
            }
        );
        let available = available.saturating_sub(self.locked(now));
        ensure!(
            asked <= available,
            Refusal::LockedAmount {
                available,
                asked,
                item
            }
        );
        Ok(())
    }

    /// Adds a lot; drops those that are free, joins those of the same second. How many there may be is
    /// for the caller to say.
    ///
    /// # Errors
    /// `Overflow`.
    pub(crate) fn lock(&mut self, now: Timestamp, lot: Lot) -> Result<(), Refusal> {
        self.lots
            .retain(|lot| !deadline::started(now, lot.release_at));
        let same = |other: &&mut Lot| other.release_at == lot.release_at;
        match self.lots.iter_mut().find(same) {
            Some(same) => {
                let sum = same.amount.checked_add(lot.amount);
                same.amount = sum.ok_or(Refusal::Overflow)?;
            }
            None if !deadline::started(now, lot.release_at) => self.lots.push(lot),
            None => {}
        }
        Ok(())
    }

    /// Takes `amount` out of lots, those that would be free next first: locked units serve orders
    /// before free ones do.
    pub(crate) fn unlock(&mut self, now: Timestamp, amount: Amount) {
        self.lots
            .retain(|lot| !deadline::started(now, lot.release_at));
        self.lots.sort_unstable_by_key(|lot| lot.release_at);
        let mut left = amount;
        for lot in &mut self.lots {
            let part = lot.amount.min(left);
            lot.amount = lot.amount.saturating_sub(part);
            left = left.saturating_sub(part);
        }
        self.lots.retain(|lot| !lot.amount.is_zero());
    }

    /// Sets the balance and remembers it; what has no room moves into `history`.
    fn change(&mut self, now: Timestamp, units: Amount, history: &mut Vec<Checkpoint>) {
        self.units = units;
        match self.recent.last_mut() {
            Some(last) if last.at == now => last.units = units,
            _ => {
                if self.recent.len() >= RECENT_MAX {
                    history.append(&mut self.recent);
                }
                self.recent.push(Checkpoint { at: now, units });
            }
        }
        if units.is_zero() {
            history.append(&mut self.recent);
        }
    }
}

impl Token {
    /// Writes the record of `owner` after a change of its balance to `units`.
    pub(crate) fn keep(
        &mut self,
        now: Timestamp,
        owner: &Address,
        mut wallet: Wallet,
        units: Amount,
    ) {
        if wallet.party.is_none() {
            self.count_holder(wallet.units, units);
        }
        let mut history = Vec::new();
        wallet.change(now, units, &mut history);
        if let Some(oldest) = history.first() {
            let key = (*owner, !oldest.at.0);
            self.wallet_history.set(&key, history);
        }
        if units.is_zero() {
            self.wallets.remove(owner);
        } else {
            self.wallets.set(owner, wallet);
        }
    }
}
