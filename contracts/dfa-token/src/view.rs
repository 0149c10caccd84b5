//! Answers that are put together from several cells.
//!
//! States that depend on time are computed here, when asked: no job is needed to make them true.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums"
)]

use crate::storage::{Meta, Token};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{HoldView, Pid};
use weighhouse_standard::{Refusal, deadline, page_items};

/// Of whom an extract is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Owner {
    /// One wallet.
    Wallet(Address),
    /// A participant of the register, over all of its wallets.
    Party(Pid),
}

/// Extract of the register.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Statement {
    /// What the token is.
    pub meta: Meta,
    /// Of whom.
    pub holder: Owner,
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
    /// Whose it is, where the token has a register.
    pub party: Option<Pid>,
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
            owner: self.holder_of(&hold),
            terms: hold.terms,
            state: hold.state,
            left: self.hold_left.get(&id),
            expired,
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
        holder: Owner,
        at: Timestamp,
    ) -> Result<Statement, Refusal> {
        let balance = match holder {
            Owner::Wallet(wallet) => self.balance_then(ctx, wallet, at)?,
            Owner::Party(pid) => {
                let mut sum = Amount::ZERO;
                for wallet in self.wallets_of(pid) {
                    let units = self.balance_then(ctx, wallet, at)?;
                    sum = sum.checked_add(units).ok_or(Refusal::Overflow)?;
                }
                sum
            }
        };
        let supply = self.supply_then(ctx, at)?;
        Ok(Statement {
            meta: self.meta.get(),
            holder,
            at,
            balance,
            supply,
        })
    }

    /// Every wallet of a party that ever had units.
    pub(crate) fn wallets_of(&self, pid: Pid) -> Vec<Address> {
        let mut wallets = Vec::new();
        let mut after = None;
        loop {
            let page = self.wallets_of.page_of(&pid, after.as_ref(), 100);
            let Some((last, ())) = page.last() else {
                return wallets;
            };
            after = Some(*last);
            wallets.extend(page.into_iter().map(|((_, wallet), ())| wallet));
        }
    }

    pub(crate) fn positions(
        &self,
        ctx: &Context,
        after: Option<Address>,
        limit: u32,
    ) -> Result<Vec<Position>, Refusal> {
        let page = self
            .roles
            .survey(ctx, &self.wallets, after.as_ref(), limit)?;
        let page = page.into_iter();
        Ok(page
            .map(|(holder, wallet)| Position {
                holder,
                balance: wallet.units,
                held: wallet.held,
                locked: wallet.locked(ctx.now()),
                party: wallet.party,
            })
            .collect())
    }

    pub(crate) fn in_flight(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<InFlight>, Refusal> {
        let page = self
            .roles
            .survey(ctx, &self.hold_left, after.as_ref(), limit)?;
        let page = page.into_iter();
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
