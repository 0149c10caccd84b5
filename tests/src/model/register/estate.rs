//! Succession: an estate is opened, which stops its wallets from sending, and settled by two officers.

use super::order::{Scope, order};
use super::party::Kind;
use super::{Act, Pid, Register};
use crate::model::cast::Who;
use crate::model::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, LIMIT_EXCEEDED, NOT_FOUND,
    SHARES_MISMATCH, need,
};
use crate::model::life::Role;
use crate::model::rights::part::Part;
use crate::model::{Answer, Model, Seconds};

/// An heir and its share.
pub type Share = (Pid, u64, u64);

/// What somebody left.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Estate {
    pub order: u64,
    pub settled: bool,
    pub shares: Vec<Share>,
}

impl Register {
    /// An estate that waits: its order is in force, nobody settled it.
    fn open_estate(&self, now: Seconds, pid: Pid) -> Result<(), Code> {
        let estate = self.estates.get(&pid).ok_or(NOT_FOUND)?;
        let stands = self.orders[&estate.order].active(now);
        need(stands && !estate.settled, BAD_STATE)
    }

    fn settleable(&self, now: Seconds, pid: Pid, shares: &[Share]) -> Result<(), Code> {
        self.party(pid)?;
        for (heir, ..) in shares {
            self.party(*heir)?;
        }
        self.open_estate(now, pid)?;
        let each = shares
            .iter()
            .map(|(_, num, den)| (u128::from(*num), u128::from(*den)));
        let sum = each
            .map(Part::of)
            .try_fold(Part::NONE, |sum, part| sum.plus(part?));
        need(sum == Ok(Part::WHOLE), SHARES_MISMATCH)
    }
}

/// `open_succession(pid, doc) -> order`: of a natural person.
pub(crate) fn open_succession(
    model: &mut Model,
    by: Who,
    pid: Pid,
    doc: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Operator)?;
        let kind = register.party(pid)?.kind;
        let mortal = matches!(kind, Kind::Natural | Kind::SoleTrader);
        need(mortal, BAD_ARGUMENT)?;
        need(register.open_estate(now, pid).is_err(), ALREADY_EXISTS)?;
        let settled = register
            .estates
            .get(&pid)
            .is_some_and(|estate| estate.settled);
        need(!settled, BAD_STATE)?;
        let scope = Scope::Party { pid, both: false };
        let number = order(register, now, by, scope, ((0, doc.into(), doc), None))?;
        let estate = Estate {
            order: number,
            settled: false,
            shares: Vec::new(),
        };
        register.estates.insert(pid, estate);
        Ok(Answer::Number(number))
    })
}

/// `propose_settle_succession(pid, shares, cert) -> id`
pub(crate) fn propose_settle(
    model: &mut Model,
    by: Who,
    (pid, shares): (Pid, &[Share]),
    cert: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        need(shares.len() <= 256, LIMIT_EXCEEDED)?;
        let sound = |(heir, num, den): &Share| *heir != pid && *num > 0 && *den > 0;
        let twice =
            |(at, share): (usize, &Share)| shares[..at].iter().any(|other| other.0 == share.0);
        let once = !shares.iter().enumerate().any(twice);
        let shaped = once && shares.iter().all(sound) && !shares.is_empty();
        need(shaped, BAD_ARGUMENT)?;
        need(cert != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Operator)?;
        register.settleable(now, pid, shares)?;
        let shares = shares.to_vec();
        Ok(register.propose(now, by, Act::Settle { pid, shares }))
    })
}

/// `approve_settle_succession(id)`: by another officer.
pub(crate) fn approve_settle(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        let (act, until) = register.approvable(by, id, Role::Operator)?;
        let Act::Settle { pid, shares } = act else {
            return Err(NOT_FOUND);
        };
        register.settleable(now, pid, &shares)?;
        register.close_proposal(now, id, until)?;
        let estate = register.estates.get_mut(&pid).ok_or(NOT_FOUND)?;
        estate.settled = true;
        estate.shares = shares;
        Ok(Answer::Nothing)
    })
}
