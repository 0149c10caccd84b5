//! Answers that are put together from several cells.
//!
//! States that depend on time are computed here, when asked: no job is needed to make them true.

use crate::storage::{Hold, Meta, Token};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::{Refusal, Role, deadline, page_items};

/// A hold as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct HoldView {
    /// What was agreed and how far it has come.
    pub hold: Hold,
    /// What is still held.
    pub left: Amount,
    /// Past its expiry: it can be reclaimed, no longer executed.
    pub expired: bool,
}

/// Extract of the register for one wallet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Statement {
    /// What the token is.
    pub meta: Meta,
    /// The wallet.
    pub holder: Address,
    /// The end of which second.
    pub at: Timestamp,
    /// Its balance then, held and locked units included.
    pub balance: Amount,
    /// The supply then.
    pub supply: Amount,
}

/// What a wallet has.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Position {
    /// The wallet.
    pub holder: Address,
    /// All of it.
    pub balance: Amount,
    /// The part that is held.
    pub held: Amount,
    /// The part that is locked.
    pub locked: Amount,
}

/// A wallet and all of its units.
pub type Holding = (Address, Amount);

/// A hold with units in it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct InFlight {
    /// Its number.
    pub id: u64,
    /// How it stands.
    pub hold: HoldView,
}

impl Token {
    pub(crate) fn hold_view(&self, ctx: &Context, id: u64) -> Option<HoldView> {
        let hold = self.holds.find(&id)?;
        let expired = hold.state.is_open() && deadline::expired(ctx.now(), hold.terms.expiry);
        Some(HoldView {
            left: self.hold_left.get(&id),
            expired,
            hold,
        })
    }

    pub(crate) fn holder_page(
        &self,
        after: Option<Address>,
        limit: u32,
    ) -> Result<Vec<Holding>, Refusal> {
        let page = self.wallets.page(after.as_ref(), page_items(limit)?);
        Ok(page
            .into_iter()
            .map(|(holder, wallet)| (holder, wallet.units))
            .collect())
    }

    pub(crate) fn extract(
        &self,
        ctx: &Context,
        holder: Address,
        at: Timestamp,
    ) -> Result<Statement, Refusal> {
        let balance = self.balance_then(ctx, holder, at)?;
        let supply = self.supply_then(ctx, at)?;
        Ok(Statement {
            meta: self.meta.get(),
            holder,
            at,
            balance,
            supply,
        })
    }

    /// Refuses all but those who supervise.
    fn supervised(&self, ctx: &Context) -> Result<(), Refusal> {
        let caller = ctx.caller();
        let may =
            self.roles.holds(&caller, Role::Regulator) || self.roles.holds(&caller, Role::Auditor);
        ensure!(
            may,
            Refusal::Unauthorized {
                needs: Some(Role::Regulator)
            }
        );
        Ok(())
    }

    pub(crate) fn positions(
        &self,
        ctx: &Context,
        after: Option<Address>,
        limit: u32,
    ) -> Result<Vec<Position>, Refusal> {
        let items = page_items(limit)?;
        self.supervised(ctx)?;
        let page = self.wallets.page(after.as_ref(), items).into_iter();
        Ok(page
            .map(|(holder, wallet)| Position {
                holder,
                balance: wallet.units,
                held: wallet.held,
                locked: wallet.locked(ctx.now()),
            })
            .collect())
    }

    pub(crate) fn in_flight(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<InFlight>, Refusal> {
        let items = page_items(limit)?;
        self.supervised(ctx)?;
        let page = self.hold_left.page(after.as_ref(), items).into_iter();
        Ok(page
            .filter_map(|(id, _)| {
                Some(InFlight {
                    id,
                    hold: self.hold_view(ctx, id)?,
                })
            })
            .collect())
    }
}
