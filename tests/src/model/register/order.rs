//! Freezes: orders on a party, on an amount of its units, on a thing. Orders are items: none changes
//! another.

use super::{Pid, Register};
use crate::model::cast::Who;
use crate::model::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, LIMIT_EXCEEDED, NOT_FOUND,
    UNAUTHORIZED, ZERO_AMOUNT, need,
};
use crate::model::life::Role;
use crate::model::{Answer, Model, Seconds, Units};

/// Orders in force that a party may have.
const ORDERS: usize = 100;

/// What an order is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that a party does; what comes in as well, if `both`.
    Party {
        /// Whom.
        pid: Pid,
        /// Both ways.
        both: bool,
    },
    /// Units of a party.
    Amount {
        /// Whose.
        pid: Pid,
        /// Of which token.
        token: Who,
        /// How many.
        amount: Units,
    },
    /// A thing in a contract.
    Object {
        /// Which contract.
        contract: Who,
        /// Its number.
        id: u64,
    },
}

impl Scope {
    /// Whose, if it is about a party.
    #[must_use]
    pub const fn pid(self) -> Option<Pid> {
        match self {
            Self::Party { pid, .. } | Self::Amount { pid, .. } => Some(pid),
            Self::Object { .. } => None,
        }
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Order {
    pub scope: Scope,
    /// Authority, and its number for it; those of licences have numbers of their own.
    pub case: (u8, u64),
    pub doc: u8,
    pub by: Who,
    pub until: Option<Seconds>,
    pub lifted: bool,
}

impl Order {
    /// True while it is in force.
    #[must_use]
    pub fn active(&self, now: Seconds) -> bool {
        !self.lifted && self.until.is_none_or(|until| now <= until)
    }
}

const ORDERING: [Role; 3] = [Role::Enforcer, Role::Compliance, Role::Regulator];

impl Register {
    /// Which directions orders close, that of one number aside: out, in.
    pub(super) fn frozen(&self, now: Seconds, pid: Pid, but: Option<u64>) -> (bool, bool) {
        let others = self.orders.iter().filter(|(id, _)| but != Some(**id));
        let active = others.filter(|(_, order)| order.active(now));
        active.fold((false, false), |(out, inwards), (_, order)| {
            match order.scope {
                Scope::Party { pid: whose, both } if whose == pid => (true, inwards || both),
                _ => (out, inwards),
            }
        })
    }

    /// Sum of the active amount orders before this one on a participant's units of a token.
    #[must_use]
    pub fn claimed(&self, now: Seconds, (pid, on): (Pid, Who), before: u64) -> Units {
        let active = self.orders.range(..before);
        let claims = active.filter(|(_, order)| order.active(now));
        claims.fold(0, |sum: Units, (_, order)| match order.scope {
            Scope::Amount {
                pid: whose,
                token,
                amount,
            } if whose == pid && token == on => sum.saturating_add(amount),
            _ => sum,
        })
    }

    /// Numbers of the orders in force on this thing.
    #[must_use]
    pub fn orders_on(&self, now: Seconds, contract: Who, id: u64) -> Vec<u64> {
        let scope = Scope::Object { contract, id };
        let active = self.orders.iter().filter(|(_, order)| order.active(now));
        let on = active.filter(|(_, order)| order.scope == scope);
        on.map(|(number, _)| *number).collect()
    }

    fn orders_somebody(&self, who: Who) -> bool {
        ORDERING.iter().any(|role| self.life.is(who, *role))
    }
}

/// `order_freeze(scope, authority, case_ref, doc, until?)`: not stopped by a pause.
pub(crate) fn order_freeze(
    model: &mut Model,
    by: Who,
    scope: Scope,
    (authority, case, doc): (u8, u8, u8),
    until: Option<Seconds>,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        need(authority != 0 && case != 0, BAD_ARGUMENT)?;
        need(until.is_none_or(|until| now <= until), BAD_ARGUMENT)?;
        let something = !matches!(scope, Scope::Amount { amount: 0, .. });
        need(something, ZERO_AMOUNT)?;
        need(doc != 0, BAD_DOCUMENT)?;
        need(register.orders_somebody(by), UNAUTHORIZED)?;
        let case = u64::from(case);
        let number = self::order(register, now, by, scope, ((authority, case, doc), until))?;
        Ok(Answer::Number(number))
    })
}

/// Enters an order: once for each case, and not too many on one thing.
pub(super) fn order(
    register: &mut Register,
    now: Seconds,
    by: Who,
    scope: Scope,
    ((authority, case, doc), until): ((u8, u64, u8), Option<Seconds>),
) -> Result<u64, Code> {
    if let Some(pid) = scope.pid() {
        register.party(pid)?;
    }
    let case = (authority, case);
    let known = register.orders.values().any(|order| order.case == case);
    need(!known, ALREADY_EXISTS)?;
    let same = |order: &&Order| match scope.pid() {
        Some(pid) => order.scope.pid() == Some(pid),
        None => order.scope == scope,
    };
    let in_force = register.orders.values().filter(|order| order.active(now));
    need(in_force.filter(same).count() < ORDERS, LIMIT_EXCEEDED)?;
    let number = u64::try_from(register.orders.len()).unwrap_or(u64::MAX) + 1;
    let order = Order {
        scope,
        case,
        doc,
        by,
        until,
        lifted: false,
    };
    register.orders.insert(number, order);
    Ok(number)
}

/// `lift_freeze(order, doc)`: by who ordered it, while in office, or REGULATOR.
pub(crate) fn lift_freeze(model: &mut Model, by: Who, id: u64, doc: u8) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        need(doc != 0, BAD_DOCUMENT)?;
        let order = register.orders.get(&id).ok_or(NOT_FOUND)?;
        let own = order.by == by && register.orders_somebody(by);
        need(own || register.life.is(by, Role::Regulator), UNAUTHORIZED)?;
        need(order.active(now), BAD_STATE)?;
        register.end(id);
        Ok(Answer::Nothing)
    })
}

impl Register {
    fn end(&mut self, id: u64) {
        if let Some(order) = self.orders.get_mut(&id) {
            order.lifted = true;
        }
    }

    /// `serve_order`, which the token calls: serves an order with units of `from` of the
    /// token `on`; answers what earlier
    /// orders claim of its participant.
    pub(in crate::model) fn serve(
        &mut self,
        now: Seconds,
        (on, id): (Who, u64),
        (from, to): (Who, Option<Who>),
        amount: Units,
        doc: u8,
    ) -> Result<(Pid, Units), Code> {
        self.life.alive()?;
        need(self.rules.contains_key(&on), UNAUTHORIZED)?;
        let order = self.orders.get(&id).ok_or(NOT_FOUND)?;
        need(order.active(now), BAD_STATE)?;
        let scope = order.scope;
        let pid = self.pid_of(from).filter(|pid| scope.pid() == Some(*pid));
        let pid = pid.ok_or(BAD_ARGUMENT)?;
        if let Scope::Amount { token, .. } = scope {
            need(token == on, BAD_ARGUMENT)?;
        }
        need(doc == order.doc, BAD_DOCUMENT)?;
        if let Some(to) = to {
            self.receives(now, to)?;
        }
        let earlier = self.claimed(now, (pid, on), id);
        if let Scope::Amount {
            pid,
            token,
            amount: left,
        } = scope
        {
            let amount = left.checked_sub(amount).ok_or(LIMIT_EXCEEDED)?;
            if let Some(order) = self.orders.get_mut(&id) {
                order.scope = Scope::Amount { pid, token, amount };
                order.lifted = amount == 0;
            }
        }
        Ok((pid, earlier))
    }
}
