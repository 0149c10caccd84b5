//! Wallets that hold for others, and the lists by which they name the owners.

use super::movement::plain;
use crate::model::cast::{NOBODY, Who};
use crate::model::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, Code, LIMIT_EXCEEDED, NOT_AUTHORISED, NOT_CAPABLE, NOT_FOUND,
    SHARES_MISMATCH, TOO_EARLY, UNAUTHORIZED, need,
};
use crate::model::life::Role;
use crate::model::register::Pid;
use crate::model::register::movement::Path;
use crate::model::register::trade::Authority;
use crate::model::{Answer, Model, Seconds, Units};

/// An owner behind a nominee: a participant, or nobody that is known; and how much.
pub type NamedUnits = (Option<Pid>, Units);

/// Record dates that are kept.
const DATES: usize = 16;

/// `announce_record_date(record_date, nominee_days)`: keeper of the register, or issuer.
pub(crate) fn announce(model: &mut Model, by: Who, at: Seconds, days: u16) -> Result<Answer, Code> {
    let now = model.now;
    let token = &mut model.token;
    token.life.alive()?;
    need(now <= at, BAD_ARGUMENT)?;
    if !token.life.is(by, Role::Registrar) {
        token.life.role(by, Role::Issuer)?;
    }
    let taken = token.record_dates.iter().any(|(date, _)| *date == at);
    need(!taken, ALREADY_EXISTS)?;
    let due = at.saturating_add(u64::from(days) * 86_400);
    if token.record_dates.len() >= DATES {
        token.record_dates.remove(0);
    }
    token.record_dates.push((at, due));
    Ok(Answer::Nothing)
}

impl Model {
    /// Participants that may hold for others.
    fn may_nominate(&self, pid: Pid) -> Result<(), Code> {
        let register = self.register.as_ref().ok_or(NOT_CAPABLE)?;
        let kinds = [Authority::NomineeHolder, Authority::ForeignNominee];
        let counts = kinds
            .into_iter()
            .any(|kind| register.authorised(self.now, pid, kind));
        need(counts, NOT_AUTHORISED)
    }

    /// A nominee gets no units while owners are not named that had to be.
    pub(in crate::model) fn owners_named(&self, to: Who) -> Result<(), Code> {
        let Some(since) = self.token.nominees.get(&to) else {
            return Ok(());
        };
        let dates = self.token.record_dates.iter();
        let mut over = dates.filter(|(at, due)| self.now > *due && since <= at);
        let named = over.all(|(at, _)| self.token.named.contains(&(to, *at)));
        need(named, NOT_AUTHORISED)
    }
}

/// `open_nominee(wallet)`
pub(crate) fn open_nominee(model: &mut Model, by: Who, wallet: Who) -> Result<Answer, Code> {
    model.token.life.alive()?;
    model.token.life.role(by, Role::Operator)?;
    need(model.register.is_some(), NOT_CAPABLE)?;
    let pid = model.pid_of(wallet).ok_or(NOT_FOUND)?;
    need(!model.token.nominees.contains_key(&wallet), ALREADY_EXISTS)?;
    model.may_nominate(pid)?;
    let now = model.now;
    model.token.nominees.insert(wallet, now);
    Ok(Answer::Nothing)
}

/// `file_owners(nominee_wallet, as_of, owners)`: by any wallet of the nominee; they add up to its balance
/// then, and those who are known might hold as much themselves.
pub(crate) fn file_owners(
    model: &mut Model,
    by: Who,
    (wallet, as_of): (Who, Seconds),
    owners: &[NamedUnits],
) -> Result<Answer, Code> {
    model.token.life.alive()?;
    need(owners.len() <= 256, LIMIT_EXCEEDED)?;
    need(model.register.is_some(), NOT_CAPABLE)?;
    let pid = model.pid_of(by).ok_or(UNAUTHORIZED)?;
    need(model.pid_of(wallet) == Some(pid), UNAUTHORIZED)?;
    need(model.token.nominees.contains_key(&wallet), NOT_FOUND)?;
    let filed = model.token.named.contains(&(wallet, as_of));
    need(!filed, ALREADY_EXISTS)?;
    need(as_of < model.now, TOO_EARLY)?;
    let balances = model.token.balances_at(as_of);
    let balance = balances.get(&wallet).copied().unwrap_or(0);
    model.may_nominate(pid)?;
    for (owner, units) in owners {
        let Some(pid) = owner else { continue };
        let theirs = model.a_wallet(*pid).unwrap_or(NOBODY);
        let gets = plain(model.token.at, Path::Issue, NOBODY, (theirs, *units, false));
        if theirs != wallet {
            model.judge(&gets)?;
        }
    }
    let mut sums = owners.iter().map(|(_, units)| *units);
    let sum = sums.try_fold(0, Units::checked_add);
    need(sum == Some(balance), SHARES_MISMATCH)?;
    model.token.named.insert((wallet, as_of));
    Ok(Answer::Nothing)
}
