//! Execution of holds under a licence of the regulator, around an order that freezes a party.
//!
//! Who may bring a licence, which order it passes over and what else stops the move is the register's to
//! say; it also freezes what the receiver gets. The token makes the move like any other execution.

use crate::event::HoldLicensed;
use crate::storage::Token;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;

/// A move of held units that a licence is brought for.
pub(crate) struct Licence {
    pub(crate) id: u64,
    pub(crate) to: Address,
    pub(crate) amount: Amount,
    pub(crate) order: u64,
    pub(crate) doc: Hash,
}

impl Token {
    pub(crate) fn execute_under(
        &mut self,
        ctx: &Context,
        licence: &Licence,
    ) -> Result<u64, Refused> {
        let Licence {
            id,
            to,
            amount,
            order,
            doc,
        } = *licence;
        self.lifecycle.open()?;
        ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        let hold = self.usable(ctx, id)?;
        let register = self.needed("freezable")?;
        let owner = self.holder_of(&hold);
        let movement = Self::execution(ctx, owner, to, amount, &hold.terms);
        let licensed = register.admit_licensed(movement, order, doc)?;
        let sides = self.judge(ctx, &movement, licensed.verdict, None)?;
        ensure!(
            self.nature.get().capabilities.freezable,
            Refusal::not_capable("freezable")
        );
        let blocking = licensed.order;
        self.journal.act(ctx, doc, |seq| HoldLicensed {
            seq,
            id,
            order,
            blocking,
            doc,
        });
        self.carry_out(ctx, (id, hold), &movement, &sides, true)?;
        Ok(blocking)
    }
}
