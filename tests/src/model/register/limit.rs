//! Annual limits of natural persons that are not qualified: reserved, then used or given back.

use super::party::Kind;
use super::rules::RULE_DELAY;
use super::{Party, Pid, Register};
use crate::model::cast::Who;
use crate::model::code::{
    ALREADY_EXISTS, ANNUAL_LIMIT, Code, NOT_FOUND, OVERFLOW, UNAUTHORIZED, ZERO_AMOUNT, need,
};
use crate::model::{Answer, Model, Seconds, Units};

/// Seconds by which local time is ahead.
const OFFSET: Seconds = 10_800;

/// The limit of a class, and a higher one that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct ClassLimit {
    pub amount: Units,
    pub next: Option<(Units, Seconds)>,
}

/// What somebody took of a class in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Taken {
    pub used: Units,
    pub reserved: Units,
}

/// What a contract reserved for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Whose, of which class, in which year.
    pub of: (Pid, u16, u64),
    /// How much.
    pub amount: Units,
    /// The law limits this participant.
    pub counted: bool,
}

/// The year of a local day, counted from the first of January 1970.
fn year(mut day: u64) -> u64 {
    let mut year = 1970;
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = 365 + u64::from(leap);
        if day < days {
            return year;
        }
        (day, year) = (day - days, year + 1);
    }
}

impl Party {
    /// The law limits what it may take.
    fn limited(&self, now: Seconds) -> bool {
        let qualified = self.qualified.is_some_and(|until| now <= until);
        self.kind == Kind::Natural && !qualified
    }
}

impl Register {
    fn class_limit(&self, now: Seconds, class: u16) -> Option<Units> {
        let ClassLimit { amount, next } = self.limits.get(&class)?;
        let next = next.filter(|(_, from)| now >= *from);
        Some(next.map_or(*amount, |(next, _)| next))
    }

    /// A lower limit counts at once, a higher one later.
    pub(super) fn limit_class(&mut self, now: Seconds, limit: Option<(u16, Units)>) {
        let Some((class, most)) = limit else { return };
        let current = self.class_limit(now, class);
        let limit = match current.filter(|current| most > *current) {
            Some(amount) => ClassLimit {
                amount,
                next: Some((most, now + RULE_DELAY)),
            },
            None => ClassLimit {
                amount: most,
                next: None,
            },
        };
        self.limits.insert(class, limit);
    }

    /// The caller is the wallet of an active system.
    fn bound(&self, now: Seconds, by: Who) -> Result<(), Code> {
        let acts = self.sends(now, by).is_ok();
        let system = self.party_of(by).is_some_and(|(_, party)| party.system());
        need(acts && system, UNAUTHORIZED)
    }

    /// What a participant may still take.
    fn left(&self, now: Seconds, of: (Pid, u16, u64)) -> Units {
        let taken = self.taken.get(&of).copied().unwrap_or_default();
        let limit = self.class_limit(now, of.1);
        limit.map_or(Units::MAX, |limit| {
            limit
                .saturating_sub(taken.used)
                .saturating_sub(taken.reserved)
        })
    }

    /// Takes a reservation off: used, or free again.
    fn take(&mut self, by: Who, reference: u8, commit: bool) -> Result<Answer, Code> {
        let reserved = self.reservations.remove(&(by, reference));
        let Reservation {
            of,
            amount,
            counted,
        } = reserved.ok_or(NOT_FOUND)?;
        if counted {
            let taken = self.taken.entry(of).or_default();
            taken.reserved -= amount;
            let used = if commit { amount } else { 0 };
            taken.used = taken.used.checked_add(used).ok_or(OVERFLOW)?;
        }
        Ok(Answer::Nothing)
    }
}

/// `limit_reserve(pid, class, amt, ref)`: a bound contract's. I6.
pub(crate) fn reserve(
    model: &mut Model,
    by: Who,
    (pid, class, amount): (Pid, u16, Units),
    reference: u8,
) -> Result<Answer, Code> {
    let (now, start) = (model.now, model.start);
    model.in_register(|register| {
        register.life.open()?;
        need(amount != 0, ZERO_AMOUNT)?;
        register.bound(now, by)?;
        let counted = register.party(pid)?.limited(now);
        let key = (by, reference);
        need(!register.reservations.contains_key(&key), ALREADY_EXISTS)?;
        let of = (pid, class, year((start + now + OFFSET) / 86_400));
        if counted {
            need(amount <= register.left(now, of), ANNUAL_LIMIT)?;
            let taken = register.taken.entry(of).or_default();
            taken.reserved = taken.reserved.checked_add(amount).ok_or(OVERFLOW)?;
        }
        let reservation = Reservation {
            of,
            amount,
            counted,
        };
        register.reservations.insert(key, reservation);
        Ok(Answer::Nothing)
    })
}

/// `limit_commit(ref)`
pub(crate) fn commit(model: &mut Model, by: Who, reference: u8) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.open()?;
        register.bound(now, by)?;
        register.take(by, reference, true)
    })
}

/// `limit_release(ref)`: an exit, of who reserved it.
pub(crate) fn release(model: &mut Model, by: Who, reference: u8) -> Result<Answer, Code> {
    model.in_register(|register| register.take(by, reference, false))
}
