//! Rules of the token, preclearances.

use super::{Pid, Register};
use crate::model::cast::Who;
use crate::model::code::{ALREADY_EXISTS, BAD_ARGUMENT, Code, NOT_FOUND, ZERO_AMOUNT, need};
use crate::model::life::Role;
use crate::model::{Answer, Model, Seconds, Units};

/// Seconds after which rules that are not tighter are in force.
pub const RULE_DELAY: Seconds = 7_200;

/// Rules; what is absent does not limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Countries that may buy; all, if there are none.
    pub allow: Vec<[u8; 2]>,
    /// Countries that may not.
    pub deny: Vec<[u8; 2]>,
    /// Only the qualified may buy.
    pub qualified_only: bool,
    /// Class, and most that one may take of it in a year.
    pub annual: Option<(u16, Units)>,
    /// Most that one may have.
    pub max_balance: Option<Units>,
    /// Most that may have any.
    pub max_holders: Option<u64>,
    /// Most that one may send in windows of so many seconds.
    pub velocity: Vec<(u64, Units)>,
    /// Above it a preclearance is needed.
    pub preclear_above: Option<Units>,
    /// Above it a note is needed.
    pub told_above: Option<Units>,
    /// Seconds after which a screening is stale.
    pub screening_age: Option<Seconds>,
    /// Only markets move units.
    pub venue_only: bool,
    /// Units move under trades only.
    pub ring_fenced: bool,
    /// Who keeps lots of provenance.
    pub provenance: Option<Who>,
}

/// Rules in force, and those that will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// In force.
    pub current: Rules,
    /// From when on others are.
    pub next: Option<(Rules, Seconds)>,
}

/// Leave for one move.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Preclearance {
    pub token: Who,
    pub from: Pid,
    pub to: Pid,
    pub most: Units,
    pub until: Seconds,
}

/// True if a limit is at least as tight: what was limited still is, no further.
fn bounds<T: PartialOrd>(new: Option<T>, old: Option<T>) -> bool {
    old.is_none_or(|old| new.is_some_and(|new| new <= old))
}

impl Rules {
    /// True if nothing is allowed that `old` forbids.
    #[must_use]
    pub fn tightens(&self, old: &Self) -> bool {
        let allows = old.allow.is_empty()
            || (!self.allow.is_empty() && self.allow.iter().all(|one| old.allow.contains(one)));
        let denies = old.deny.iter().all(|one| self.deny.contains(one));
        let slower = old.velocity.iter().all(|(window, most)| {
            let same = |(other, amount): &(u64, Units)| other == window && amount <= most;
            self.velocity.iter().any(same)
        });
        let class = |rules: &Self| rules.annual.map(|(class, _)| class);
        let most = |rules: &Self| rules.annual.map(|(_, most)| most);
        let yearly =
            old.annual.is_none() || class(self) == class(old) && bounds(most(self), most(old));
        allows
            && yearly
            && (self.provenance.is_none() || self.provenance == old.provenance)
            && denies
            && slower
            && (self.qualified_only || !old.qualified_only)
            && (self.venue_only || !old.venue_only)
            && bounds(self.max_balance, old.max_balance)
            && bounds(self.max_holders, old.max_holders)
            && bounds(self.preclear_above, old.preclear_above)
            && bounds(self.told_above, old.told_above)
            && bounds(self.screening_age, old.screening_age)
    }
}

impl Register {
    /// The rules of a token in force at `now`; none, if there are none.
    #[must_use]
    pub fn rules_at(&self, token: Who, now: Seconds) -> Rules {
        let Some(Book { current, next }) = self.rules.get(&token) else {
            return Rules::default();
        };
        let next = next.as_ref().filter(|(_, from)| now >= *from);
        next.map_or(current, |(rules, _)| rules).clone()
    }

    /// The oldest preclearance that fits.
    pub(super) fn covering(&self, now: Seconds, on: (Who, Pid, Pid), amount: Units) -> Option<u64> {
        let fits = |(_, leave): &(&u64, &Preclearance)| {
            (leave.token, leave.from, leave.to) == on && amount <= leave.most && now <= leave.until
        };
        self.preclearances.iter().find(fits).map(|(id, _)| *id)
    }
}

/// `set_rules(token, rules)`: tighter ones at once, others after the delay.
pub(crate) fn set_rules(
    model: &mut Model,
    by: Who,
    token: Who,
    rules: &Rules,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.open()?;
        need(
            rules.velocity.iter().all(|(window, _)| *window > 0),
            BAD_ARGUMENT,
        )?;
        register.life.role(by, Role::Compliance)?;
        let first = Book {
            current: rules.clone(),
            next: None,
        };
        let annual = rules.annual;
        let Some(_) = register.rules.get(&token) else {
            register.rules.insert(token, first);
            register.limit_class(now, annual);
            return Ok(Answer::Nothing);
        };
        let current = register.rules_at(token, now);
        need(rules.ring_fenced == current.ring_fenced, BAD_ARGUMENT)?;
        let book = if rules.tightens(&current) {
            first
        } else {
            let next = Some((rules.clone(), now + RULE_DELAY));
            Book { current, next }
        };
        register.rules.insert(token, book);
        register.limit_class(now, annual);
        Ok(Answer::Nothing)
    })
}

/// `preclear(token, from, to, max_amt, until, ref)`
pub(crate) fn preclear(
    model: &mut Model,
    by: Who,
    leave: &Preclearance,
    reference: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.open()?;
        need(now <= leave.until && reference != 0, BAD_ARGUMENT)?;
        need(leave.most != 0, ZERO_AMOUNT)?;
        register.life.role(by, Role::Compliance)?;
        register.party(leave.from)?;
        register.party(leave.to)?;
        need(register.rules.contains_key(&leave.token), NOT_FOUND)?;
        need(register.preclear_refs.insert(reference), ALREADY_EXISTS)?;
        register.precleared += 1;
        register
            .preclearances
            .insert(register.precleared, leave.clone());
        Ok(Answer::Number(register.precleared))
    })
}

/// `decline(id)`
pub(crate) fn decline(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    model.in_register(|register| {
        register.life.alive()?;
        register.life.role(by, Role::Compliance)?;
        need(register.preclearances.remove(&id).is_some(), NOT_FOUND)?;
        Ok(Answer::Nothing)
    })
}
