//! Moves under a licence: around one order that freezes a party, into units that are frozen at once.

use super::Register;
use super::movement::Move;
use super::order::{Scope, order};
use crate::model::code::{
    BAD_ARGUMENT, BAD_STATE, Code, NOT_AUTHORISED, NOT_CAPABLE, NOT_FOUND, need,
};
use crate::model::{Model, Seconds};

/// Cases of orders that licences make are numbered from here on: no officer's case has such a number.
const CASES: u64 = 1_000;

impl Register {
    /// The authority of an order in force on a party of the move.
    fn licensable(&self, now: Seconds, mv: &Move, id: u64) -> Result<u8, Code> {
        let order = self.orders.get(&id).ok_or(NOT_FOUND)?;
        need(order.active(now), BAD_STATE)?;
        let Scope::Party { pid, .. } = order.scope else {
            return Err(BAD_ARGUMENT);
        };
        let sides = [self.pid_of(mv.from), self.pid_of(mv.to)];
        need(sides.contains(&Some(pid)), BAD_ARGUMENT)?;
        Ok(order.case.0)
    }
}

impl Model {
    /// Judges a move around an order, books it, and freezes what the receiver gets: the number of that
    /// order. Only a system brings a licence, and no other obstacle is passed over.
    ///
    /// # Errors
    /// 4, 6, 7 of the order, then as [`Model::judge`], and 108.
    pub(in crate::model) fn admit_licensed(
        &mut self,
        mv: &Move,
        (id, doc): (u64, u8),
    ) -> Result<u64, Code> {
        let now = self.now;
        let register = self.register.as_ref().ok_or(NOT_CAPABLE)?;
        self.closed_market(mv)?;
        let authority = register.licensable(now, mv, id)?;
        // Nobody brings a licence for its own units.
        let other = mv.path.actor().filter(|who| *who != mv.from);
        let by_system = other.is_some_and(|who| self.is_system(who));
        let fit = need(by_system, NOT_AUTHORISED);
        Self::lower(self.judge_but(mv, Some(id)), fit)?;
        let to = self.pid_of(mv.to).ok_or(NOT_FOUND)?;
        self.book(mv);
        let (token, amount) = (mv.token, mv.amount);
        let scope = Scope::Amount {
            pid: to,
            token,
            amount,
        };
        self.in_register(|register| {
            let number = u64::try_from(register.orders.len()).unwrap_or(u64::MAX);
            let papers = ((authority, CASES + number, doc), None);
            order(register, now, token, scope, papers)
        })
    }
}
