//! Orders that freeze a party, an amount or an object, and forced acts under them.
//!
//! `Active -> Lifted | Expired`. Orders are items: lifting or serving one leaves every other as it is
//! (invariant I4), and what they freeze is the sum of those in force.

use crate::documented;
use crate::event::{FreezeLifted, FreezeOrdered, OrderServed};
use crate::standing::receiving_code;
use crate::storage::{ORDERS_MAX, Register};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{
    Direction, Freeze, FreezeState, FreezeView, Pid, Scope, Served, Side,
};
use weighhouse_standard::{Refusal, Role, bounded, deadline};

/// Who may order.
const ORDERING: [Role; 3] = [Role::Enforcer, Role::Compliance, Role::Regulator];

#[contract(part = Freezes, events(FreezeOrdered, FreezeLifted, OrderServed))]
impl Register {
    /// Orders a freeze; a court's gateway's, compliance's or the regulator's. In force at once.
    #[call(check)]
    pub fn order_freeze(
        &mut self,
        ctx: &Context,
        scope: Scope,
        authority: Hash,
        case_ref: Hash,
        doc: Hash,
        until: Option<Timestamp>,
    ) -> Result<u64, Refusal> {
        self.lifecycle.alive()?;
        ensure!(authority != Hash::ZERO, Refusal::argument("authority"));
        ensure!(case_ref != Hash::ZERO, Refusal::argument("case_ref"));
        let ahead = until.is_none_or(|until| deadline::in_time(ctx.now(), until));
        ensure!(ahead, Refusal::argument("until"));
        if let Scope::Amount { amount, .. } = scope {
            ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        }
        documented(doc)?;
        self.require_one(ctx, &ORDERING)?;
        self.freeze(ctx, scope, (authority, case_ref, doc), until)
    }

    /// Lifts an order: who made it, in person, or the regulator.
    #[call(check)]
    pub fn lift_freeze(&mut self, ctx: &Context, order: u64, doc: Hash) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        documented(doc)?;
        let view = self.order_view(order, ctx.now()).ok_or(Refusal::NotFound)?;
        let by = ctx.caller();
        let own = by == view.order.by && self.require_one(ctx, &ORDERING).is_ok();
        if !own {
            self.roles.require(ctx, Role::Regulator)?;
        }
        ensure!(view.state == FreezeState::Active, Refusal::BadState);
        self.end_order(order, view.order);
        self.journal.act(ctx, doc, |seq| FreezeLifted {
            seq,
            order,
            doc,
            by,
        });
        Ok(())
    }

    /// Books a forced act under an order, for the token that makes it in the same call.
    #[call]
    pub fn serve_order(
        &mut self,
        ctx: &Context,
        id: u64,
        from: Address,
        to: Option<Address>,
        amount: Amount,
        doc: Hash,
    ) -> Result<Served, Refusal> {
        self.lifecycle.alive()?;
        ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        documented(doc)?;
        let (token, now) = (ctx.caller(), ctx.now());
        ensure!(self.rule_books.contains(&token), Refusal::not_party());
        let FreezeView { order, state, .. } = self.order_view(id, now).ok_or(Refusal::NotFound)?;
        ensure!(state == FreezeState::Active, Refusal::BadState);
        let pid = self
            .accepted_pid(&from)
            .filter(|pid| order.scope.pid() == Some(*pid));
        let pid = pid.ok_or_else(|| Refusal::argument("from"))?;
        if let Scope::Amount { token: on, .. } = order.scope {
            ensure!(on == token, Refusal::argument("order"));
        }
        ensure!(doc == order.doc, Refusal::BadDocument);
        let receiver = to.map(|to| self.holder(&to, now));
        if let Some(receiver) = &receiver
            && let Some(found) = receiving_code(receiver.as_ref(), Side::Receiver, now)
        {
            return Err(found.refusal());
        }
        let earlier = self.frozen_before(pid, &token, now, id);
        let left = self.reduce(id, order, amount)?;
        let to = receiver.flatten().map(|receiver| receiver.pid);
        let from = pid;
        self.journal.act(ctx, doc, |seq| OrderServed {
            seq,
            order: id,
            token,
            from,
            to,
            amount,
            left,
            doc,
        });
        Ok(Served { from, to, earlier })
    }

    /// Orders on a participant that were not lifted, oldest first.
    #[query]
    pub fn orders_of(&self, ctx: &Context, pid: Pid) -> Vec<FreezeView> {
        self.live_orders(pid, ctx.now())
    }

    /// Orders on an object of a registry that were not lifted, oldest first.
    #[query]
    pub fn orders_on(&self, ctx: &Context, contract: Address, id: u64) -> Vec<FreezeView> {
        let page = self
            .orders_by_object
            .page_of(&(contract, id), None, ORDERS_MAX);
        page.into_iter()
            .filter_map(|((_, _, order), ())| self.order_view(order, ctx.now()))
            .collect()
    }

    /// An order.
    #[query]
    pub fn order(&self, ctx: &Context, id: u64) -> Option<FreezeView> {
        self.order_view(id, ctx.now())
    }

    /// Sum of the active amount orders on a participant for a token; may exceed what it has.
    #[query]
    pub fn frozen_req(&self, ctx: &Context, pid: Pid, token: Address) -> Amount {
        self.frozen_before(pid, &token, ctx.now(), u64::MAX)
    }
}

impl Register {
    /// Enters an order after existence and state: the participant, the case, room in the list.
    pub(crate) fn freeze(
        &mut self,
        ctx: &Context,
        scope: Scope,
        (authority, case_ref, doc): (Hash, Hash, Hash),
        until: Option<Timestamp>,
    ) -> Result<u64, Refusal> {
        if let Some(pid) = scope.pid() {
            self.member(pid)?;
        }
        let case = (authority, case_ref);
        ensure!(!self.cases.contains(&case), Refusal::AlreadyExists);
        self.make_room(&scope, ctx.now())?;
        let id = self.order_count.next();
        self.cases.set(&case, id);
        let by = ctx.caller();
        let order = Freeze {
            scope,
            authority,
            case_ref,
            doc,
            by,
            from: ctx.now(),
            until,
            lifted: false,
        };
        self.orders.set(&id, order);
        match scope {
            Scope::Party { pid, .. } | Scope::Amount { pid, .. } => {
                self.orders_by_pid.set(&(pid, id), ());
                let mut member = self.member(pid)?;
                member.orders = member.orders.saturating_add(1);
                self.members.set(&pid, member);
            }
            Scope::Object {
                contract,
                id: object,
            } => {
                self.orders_by_object.set(&(contract, object, id), ());
            }
        }
        self.journal.act(ctx, doc, |seq| FreezeOrdered {
            seq,
            order: id,
            scope,
            authority,
            case_ref,
            doc,
            until,
            by,
        });
        Ok(id)
    }

    /// Takes expired orders off a full list; a list full of orders in force takes no more.
    fn make_room(&mut self, scope: &Scope, now: Timestamp) -> Result<(), Refusal> {
        let numbers: Vec<u64> = match scope {
            Scope::Party { pid, .. } | Scope::Amount { pid, .. } => {
                let page = self.orders_by_pid.page_of(pid, None, ORDERS_MAX);
                page.into_iter().map(|((_, order), ())| order).collect()
            }
            Scope::Object { contract, id } => {
                let page = self
                    .orders_by_object
                    .page_of(&(*contract, *id), None, ORDERS_MAX);
                page.into_iter().map(|((_, _, order), ())| order).collect()
            }
        };
        if numbers.len() < ORDERS_MAX {
            return Ok(());
        }
        let mut kept = 0_usize;
        let views: Vec<FreezeView> = numbers
            .into_iter()
            .filter_map(|id| self.order_view(id, now))
            .collect();
        for view in views {
            if view.state == FreezeState::Expired {
                self.unlist(view.id, &view.order.scope);
            } else {
                kept = kept.saturating_add(1);
            }
        }
        bounded(kept.saturating_add(1), ORDERS_MAX)
    }

    /// Takes an order off the lists of those not lifted.
    fn unlist(&mut self, id: u64, scope: &Scope) {
        match scope {
            Scope::Party { pid, .. } | Scope::Amount { pid, .. } => {
                if self.orders_by_pid.remove(&(*pid, id))
                    && let Some(mut member) = self.members.find(pid)
                {
                    member.orders = member.orders.saturating_sub(1);
                    self.members.set(pid, member);
                }
            }
            Scope::Object {
                contract,
                id: object,
            } => {
                self.orders_by_object.remove(&(*contract, *object, id));
            }
        }
    }

    fn end_order(&mut self, id: u64, order: Freeze) {
        self.unlist(id, &order.scope);
        let lifted = true;
        self.orders.set(&id, Freeze { lifted, ..order });
    }

    pub(crate) fn order_view(&self, id: u64, now: Timestamp) -> Option<FreezeView> {
        let order = self.orders.find(&id)?;
        let expired = order
            .until
            .is_some_and(|until| deadline::expired(now, until));
        let state = match (order.lifted, expired) {
            (true, _) => FreezeState::Lifted,
            (false, true) => FreezeState::Expired,
            (false, false) => FreezeState::Active,
        };
        Some(FreezeView { id, order, state })
    }

    pub(crate) fn live_orders(&self, pid: Pid, now: Timestamp) -> Vec<FreezeView> {
        let page = self.orders_by_pid.page_of(&pid, None, ORDERS_MAX);
        page.into_iter()
            .filter_map(|((_, order), ())| self.order_view(order, now))
            .collect()
    }

    /// Sum of the active amount orders on a participant for a token with numbers below `before`.
    pub(crate) fn frozen_before(
        &self,
        pid: Pid,
        on: &Address,
        now: Timestamp,
        before: u64,
    ) -> Amount {
        let active = self
            .live_orders(pid, now)
            .into_iter()
            .filter(|view| view.id < before && view.state == FreezeState::Active);
        active.fold(Amount::ZERO, |sum, view| match view.order.scope {
            Scope::Amount { token, amount, .. } if token == *on => {
                Amount(sum.0.saturating_add(amount.0))
            }
            Scope::Amount { .. } | Scope::Party { .. } | Scope::Object { .. } => sum,
        })
    }

    /// Invariant I4: takes `amount` off this order alone; answers what is left of an amount order.
    fn reduce(&mut self, id: u64, order: Freeze, asked: Amount) -> Result<Option<Amount>, Refusal> {
        let Scope::Amount { pid, token, amount } = order.scope else {
            return Ok(None);
        };
        let as_u64 = |amount: Amount| u64::try_from(amount.0).unwrap_or(u64::MAX);
        let too_much = Refusal::LimitExceeded {
            max: as_u64(amount),
            given: as_u64(asked),
        };
        let left = amount.checked_sub(asked).ok_or(too_much)?;
        let amount = left;
        let scope = Scope::Amount { pid, token, amount };
        let order = Freeze { scope, ..order };
        if left.is_zero() {
            self.end_order(id, order);
        } else {
            self.orders.set(&id, order);
        }
        Ok(Some(left))
    }

    /// Stops the wallets of a deceased: an order of the register itself.
    pub(crate) fn freeze_estate(
        &mut self,
        ctx: &Context,
        pid: Pid,
        doc: Hash,
    ) -> Result<u64, Refusal> {
        let direction = Direction::Out;
        let scope = Scope::Party { pid, direction };
        self.freeze(ctx, scope, (Hash::ZERO, doc, doc), None)
    }
}
