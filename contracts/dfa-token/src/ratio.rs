//! Splits and reverse splits: every wallet's units times `num`, divided by `den`, rounded down.
//!
//! A register of holders may be long, so a split takes as many calls as it needs, each of them over the
//! next wallets in order; the supply follows each. Every record counts the splits that its units went
//! through: between a wallet that had this one and a wallet that did not, nothing moves, and while one is
//! under way no wallet gets its first units, none are made, destroyed or set aside. So no unit is split
//! twice or not at all. Fractions are reported for whoever pays them in cash.

use crate::event::RatioApplied;
use crate::storage::{RatioRun, Token};
use crate::wallet::Wallet;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::arithmetic::{mul_div, mul_div_rem};
use weighhouse_standard::{Refusal, Role};

/// Wallets that one call splits.
pub const RATIO_WALLETS: usize = 100;

impl Token {
    /// Begins a split, or goes on with it; true once every wallet is done.
    pub(crate) fn split_units(
        &mut self,
        ctx: &Context,
        (num, den): (u64, u64),
        ca_id: u64,
    ) -> Result<bool, Refused> {
        self.lifecycle.alive()?;
        ensure!(num != 0, Refusal::argument("num"));
        ensure!(den != 0, Refusal::argument("den"));
        self.roles.require(ctx, Role::Registrar)?;
        let mut run = match self.ratio_run.find() {
            Some(run) => {
                let same = (run.num, run.den, run.ca_id) == (num, den, ca_id);
                ensure!(same, Refusal::BadState);
                run
            }
            None => self.begin_split((num, den), ca_id)?,
        };
        let page = self.wallets.page(run.after.as_ref(), RATIO_WALLETS);
        let done = page.len() < RATIO_WALLETS;
        let mut supply = self.supply.get();
        for (owner, wallet) in page {
            run.after = Some(owner);
            let before = wallet.units;
            let after = self.split_wallet(ctx, &run, &owner, wallet)?;
            let others = supply.checked_sub(before).ok_or(Refusal::Overflow)?;
            supply = others.checked_add(after).ok_or(Refusal::Overflow)?;
        }
        self.set_supply(ctx.now(), supply);
        if done {
            self.ratio_run.remove();
        } else {
            self.ratio_run.set(run);
        }
        Ok(done)
    }

    fn begin_split(&mut self, (num, den): (u64, u64), ca_id: u64) -> Result<RatioRun, Refusal> {
        // What a hold says is what its contract counts on: holds end before a split.
        let (asked, item) = (self.supply.get(), None);
        let held = self.held_total.get();
        let available = asked.saturating_sub(held);
        ensure!(
            held.is_zero(),
            Refusal::HeldAmount {
                available,
                asked,
                item
            }
        );
        let after = mul_div(asked.0, num.into(), den.into()).ok_or(Refusal::Overflow)?;
        let (cap, asked) = (self.cap.get(), Amount(after));
        ensure!(asked <= cap, Refusal::CapExceeded { cap, asked });
        let count = self.ratio_count.get();
        let next = count.checked_add(1).ok_or(Refusal::Overflow)?;
        self.ratio_count.set(next);
        Ok(RatioRun {
            num,
            den,
            ca_id,
            after: None,
        })
    }

    fn split_wallet(
        &mut self,
        ctx: &Context,
        run: &RatioRun,
        owner: &Address,
        mut wallet: Wallet,
    ) -> Result<Amount, Refusal> {
        let (num, den) = (run.num.into(), run.den.into());
        let (before, party) = (wallet.units, wallet.party);
        let (units, rest) = mul_div_rem(before.0, num, den).ok_or(Refusal::Overflow)?;
        let after = Amount(units);
        for lot in &mut wallet.lots {
            let part = mul_div(lot.amount.0, num, den).ok_or(Refusal::Overflow)?;
            lot.amount = Amount(part);
        }
        wallet.lots.retain(|lot| !lot.amount.is_zero());
        wallet.ratios = self.ratio_count.get();
        self.keep(ctx.now(), owner, wallet, after);
        self.sum_down(party, before)?;
        self.sum_up(party, after)?;
        let rest = u64::try_from(rest).unwrap_or(u64::MAX);
        let (ca_id, wallet) = (run.ca_id, *owner);
        let seq = self.journal.next_seq();
        ctx.emit(RatioApplied {
            seq,
            ca_id,
            wallet,
            before,
            after,
            rest,
        });
        Ok(after)
    }
}
