//! What moves units without their holder.

use crate::event::Recovered;
use crate::measure::Taking;
use crate::storage::Token;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::Pid;

#[contract(part = Measures, events(Recovered))]
impl Token {
    /// Moves units under an order of an authority.
    #[call(check)]
    pub fn forced_transfer(
        &mut self,
        ctx: &Context,
        from: Address,
        to: Address,
        amount: Amount,
        order: u64,
        doc: Hash,
    ) -> Result<(), Refused> {
        let taking = Taking {
            from,
            to: Some(to),
            amount,
            order,
            doc,
        };
        self.force(ctx, &taking)
    }

    /// Destroys units under an order of an authority.
    #[call(check)]
    pub fn forced_burn(
        &mut self,
        ctx: &Context,
        from: Address,
        amount: Amount,
        order: u64,
        doc: Hash,
    ) -> Result<(), Refused> {
        let taking = Taking {
            from,
            to: None,
            amount,
            order,
            doc,
        };
        self.force(ctx, &taking)
    }

    /// Gives what a lost wallet has to the one that took its place in the register.
    #[call(check)]
    pub fn recover(&mut self, ctx: &Context, lost: Address, new: Address) -> Result<(), Refused> {
        self.take_over(ctx, lost, new)
    }

    /// Gives what a deceased party has to its heirs, as the register's certificate says.
    #[call(check)]
    pub fn succession_transfer(&mut self, ctx: &Context, pid: Pid) -> Result<(), Refused> {
        self.settle_estate(ctx, pid)
    }
}
