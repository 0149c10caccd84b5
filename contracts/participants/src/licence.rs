//! Moves under a licence of the regulator, around an order that freezes a party.
//!
//! What that one order forbids the licence allows, nothing else: the move is judged like any other, with
//! the order passed over. What the receiver gets is frozen with it by an amount order of its own,
//! made in the same call, which the regulator alone lifts.

use crate::documented;
use crate::storage::Register;
use weighhouse_sdk::crypto;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::interface::{Freeze, FreezeState, FreezeView, Licensed, Move, Scope};

#[contract(part = Licences)]
impl Register {
    /// As `admit_move`, around the party order `order`; freezes what the receiver gets.
    #[call]
    pub fn admit_licensed(
        &mut self,
        ctx: &Context,
        movement: Move,
        order: u64,
        licence_doc: Hash,
    ) -> Result<Licensed, Refusal> {
        ensure!(!movement.amount.is_zero(), Refusal::ZeroAmount);
        documented(licence_doc)?;
        ensure!(ctx.caller() == movement.token, Refusal::not_party());
        if self.closed_market(&movement).is_some() {
            let verdict = self.judge(ctx.now(), &movement, None).0;
            return Ok(Licensed { verdict, order: 0 });
        }
        let passed = self.licensable(ctx, &movement, order)?;
        let (verdict, booking) = self.judge(ctx.now(), &movement, Some(order));
        let Some(pid) = verdict.to.filter(|_| verdict.code == 0) else {
            return Ok(Licensed { verdict, order: 0 });
        };
        self.book(ctx, &movement, &verdict, booking)?;
        let (token, amount) = (movement.token, movement.amount);
        // The next number of an order makes the case one that there has not been.
        let number = self.order_count.get();
        let case = crypto::hash_encoded(&(token, order, licence_doc, number));
        let scope = Scope::Amount { pid, token, amount };
        let warrant = (passed.authority, case, licence_doc);
        let order = self.freeze(ctx, scope, warrant, None)?;
        Ok(Licensed { verdict, order })
    }
}

impl Register {
    /// The order in force that freezes one of the two parties of a move.
    fn licensable(&self, ctx: &Context, movement: &Move, id: u64) -> Result<Freeze, Refusal> {
        let FreezeView { order, state, .. } =
            self.order_view(id, ctx.now()).ok_or(Refusal::NotFound)?;
        ensure!(state == FreezeState::Active, Refusal::BadState);
        let Scope::Party { pid, .. } = order.scope else {
            return Err(Refusal::argument("order"));
        };
        let concerns = [movement.from, movement.to]
            .iter()
            .any(|wallet| self.accepted_pid(wallet) == Some(pid));
        ensure!(concerns, Refusal::argument("order"));
        Ok(order)
    }
}
