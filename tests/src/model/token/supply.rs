//! Units come into being and cease to be.

use super::movement::{plain, propose};
use super::{Act, Proposal};
use crate::model::cast::{NOBODY, Who};
use crate::model::code::{
    BAD_ARGUMENT, BAD_DOCUMENT, CAP_EXCEEDED, Code, DEADLINE_PASSED, DUTY_CONFLICT, LIMIT_EXCEEDED,
    NOT_FOUND, OVERFLOW, UNAUTHORIZED, ZERO_AMOUNT, need,
};
use crate::model::life::Role;
use crate::model::register::movement::Path;
use crate::model::{Answer, Model, Seconds, Units};

/// Lots that a wallet may have.
const LOTS: usize = 32;

/// What is to be made: for whom, how much, on which document, locked until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Issue {
    pub to: Who,
    pub amount: Units,
    pub doc: u8,
    pub release_at: Option<Seconds>,
}

/// Shape and role of an issue.
fn may_issue(model: &Model, by: Who, issue: &Issue) -> Result<(), Code> {
    let locks = issue.release_at.is_none_or(|free| model.now < free);
    need(locks, BAD_ARGUMENT)?;
    need(issue.amount != 0, ZERO_AMOUNT)?;
    need(issue.doc != 0, BAD_DOCUMENT)?;
    model.token.life.role(by, Role::Minter)
}

/// Makes the units: compliance of the receiver, lots, overflow, cap.
fn make(model: &mut Model, issue: &Issue) -> Result<(), Code> {
    let Issue { to, amount, .. } = *issue;
    let made = plain(model.token.at, Path::Issue, NOBODY, (to, amount, false));
    model.admit(&made)?;
    let now = model.now;
    let mut purse = model.token.purse(to);
    if let Some(free) = issue.release_at {
        purse.lots.retain(|free, _| now < *free);
        *purse.lots.entry(free).or_default() += amount;
        need(purse.lots.len() <= LOTS, LIMIT_EXCEEDED)?;
    }
    let supply = model.token.supply.checked_add(amount).ok_or(OVERFLOW)?;
    need(supply <= model.token.cap, CAP_EXCEEDED)?;
    model.token.supply = supply;
    purse.units += amount;
    model.token.purses.insert(to, purse);
    Ok(())
}

/// `mint(to, amount, basis_doc, release_at?)`: one MINTER, up to the threshold.
pub(crate) fn mint(model: &mut Model, by: Who, issue: &Issue) -> Result<Answer, Code> {
    model.market(|model| {
        may_issue(model, by, issue)?;
        need(issue.amount <= model.token.threshold, DUTY_CONFLICT)?;
        make(model, issue)?;
        Ok(Answer::Nothing)
    })
}

/// `propose_mint(issue)`
pub(crate) fn propose_mint(model: &mut Model, by: Who, issue: &Issue) -> Result<Answer, Code> {
    model.market(|model| {
        may_issue(model, by, issue)?;
        Ok(propose(model, by, Act::Mint(*issue)))
    })
}

/// `approve_mint(id)`: another MINTER, who is another person.
pub(crate) fn approve_mint(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    model.market(|model| {
        model.token.life.role(by, Role::Minter)?;
        let Some(Proposal {
            act,
            by: one,
            until,
        }) = model.token.proposals.get(&id).cloned()
        else {
            return Err(NOT_FOUND);
        };
        need(!model.same_person(one, by), DUTY_CONFLICT)?;
        let Act::Mint(issue) = act else {
            return Err(NOT_FOUND);
        };
        // Who proposed it still has the duty.
        need(model.token.life.is(one, Role::Minter), DUTY_CONFLICT)?;
        need(model.now <= until, DEADLINE_PASSED)?;
        may_issue(model, by, &issue)?;
        make(model, &issue)?;
        model.token.proposals.remove(&id);
        Ok(Answer::Nothing)
    })
}

/// True if the caller may destroy units of others: the keeper of the register of the issue. The issuer
/// may destroy its own.
pub(super) fn redeemer(model: &Model, by: Who) -> Result<bool, Code> {
    if model.token.life.is(by, Role::Registrar) {
        return Ok(model.is_system(by));
    }
    model.token.life.role(by, Role::Issuer)?;
    Ok(false)
}

/// Takes units off a wallet and out of the world.
pub(super) fn destroy(model: &mut Model, from: Who, amount: Units) {
    model.token.change(from, |purse| purse.units -= amount);
    model.token.supply -= amount;
}

/// `burn(from, amount, basis_doc)`: not stopped by a pause.
pub(crate) fn burn(
    model: &mut Model,
    by: Who,
    from: Who,
    amount: Units,
    doc: u8,
) -> Result<Answer, Code> {
    model.token.life.alive()?;
    need(amount != 0, ZERO_AMOUNT)?;
    need(doc != 0, BAD_DOCUMENT)?;
    let others = redeemer(model, by)?;
    need(others || by == from, UNAUTHORIZED)?;
    model.may_send(from)?;
    model.funds(from, amount)?;
    destroy(model, from, amount);
    Ok(Answer::Nothing)
}
