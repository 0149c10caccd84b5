//! Balances and supply at seconds that are over.
//!
//! The youngest balances of a wallet stand in its record, older ones in rows of `wallet_history`: see
//! [`crate::wallet`]. The supply changes seldom and has a row of its own for each second of a change.

use crate::storage::Token;
use crate::wallet::Checkpoint;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{Refusal, deadline};

impl Token {
    /// Balance of `owner` at the end of the second `at`, which must be over.
    ///
    /// # Errors
    /// `TooEarly`.
    pub(crate) fn balance_then(
        &self,
        ctx: &Context,
        owner: Address,
        at: Timestamp,
    ) -> Result<Amount, Refusal> {
        over(ctx, at)?;
        let recent = self.wallets.get(&owner).recent;
        if let Some(units) = last_until(&recent, at) {
            return Ok(units);
        }
        let before = (!at.0).checked_sub(1).map(|time| (owner, time));
        let page = self.wallet_history.page_of(&owner, before.as_ref(), 1);
        let row = page.first().and_then(|(_, row)| last_until(row, at));
        Ok(row.unwrap_or_default())
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

/// The last balance of a second up to `at`.
fn last_until(checkpoints: &[Checkpoint], at: Timestamp) -> Option<Amount> {
    let mut young_first = checkpoints.iter().rev();
    let found = young_first.find(|checkpoint| checkpoint.at <= at);
    found.map(|checkpoint| checkpoint.units)
}

/// Refuses a second that is not over yet: its last change may still come.
fn over(ctx: &Context, at: Timestamp) -> Result<(), Refusal> {
    deadline::after_start(ctx.now(), at.saturating_add(1))?;
    // The largest time has no next second; it is never over.
    ensure!(at.0 != u64::MAX, Refusal::TooEarly { from: at });
    Ok(())
}
