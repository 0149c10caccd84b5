//! Licences: the regulator lets a payment through that an order on a party would stop, into units that are
//! frozen at once. Screening it never passes over.

use super::Source;
use super::condition::after_conditions;
use super::document::Step;
use super::settle::{Kind, Settlement, lawful_but, owed, payees, settle};
use crate::model::cast::Who;
use crate::model::code::{
    BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, DEADLINE_PASSED, DUTY_CONFLICT, NOT_FOUND,
    SANCTIONS_HIT, need,
};
use crate::model::life::Role;
use crate::model::register::order::Scope;
use crate::model::register::{Finding, Pid, WalletState};
use crate::model::{Answer, Model, Seconds};

/// A payment under licence that waits for a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Proposal {
    pub lc: u64,
    pub n: u64,
    pub doc: u8,
    pub order: u64,
    pub by: Who,
    pub until: Seconds,
}

/// `file_licence(lc, n, doc)`: the regulator's; the last one counts.
pub(crate) fn file_licence(
    model: &mut Model,
    by: Who,
    (lc, n): (u64, u64),
    doc: u8,
) -> Result<Answer, Code> {
    model.escrow()?.life.alive()?;
    need(doc != 0, BAD_DOCUMENT)?;
    model.escrow()?.life.role(by, Role::Regulator)?;
    let credit = model.credit(lc)?;
    model.shown(lc, n)?;
    credit.live()?;
    if let Some(escrow) = model.escrow.as_mut() {
        escrow.licences.insert((lc, n), doc);
    }
    Ok(Answer::Nothing)
}

/// `propose_release_under_licence(lc, n, licence_doc, order) -> id`
pub(crate) fn propose_release(
    model: &mut Model,
    by: Who,
    (lc, n): (u64, u64),
    (doc, order): (u8, u64),
) -> Result<Answer, Code> {
    model.escrow()?.life.alive()?;
    need(doc != 0, BAD_DOCUMENT)?;
    model.escrow()?.life.role(by, Role::Regulator)?;
    let credit = model.credit(lc)?;
    owed(model, credit, model.shown(lc, n)?)?;
    let until = model.now + 7 * 86_400;
    let escrow = model.escrow.as_mut().ok_or(NOT_FOUND)?;
    escrow.proposed += 1;
    let proposal = Proposal {
        lc,
        n,
        doc,
        order,
        by,
        until,
    };
    escrow.proposals.insert(escrow.proposed, proposal);
    Ok(Answer::Number(escrow.proposed))
}

/// The person behind a wallet in use.
fn person(model: &Model, who: Who) -> Option<Pid> {
    let known = model.register.as_ref()?.wallets.get(&who).copied();
    known.and_then(|(pid, state)| (state == WalletState::Active).then_some(pid))
}

/// `approve_release_under_licence(id)`: by another person; no pause stops it.
pub(crate) fn approve_release(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    model.escrow()?.life.alive()?;
    model.escrow()?.life.role(by, Role::Regulator)?;
    let waits = model.escrow()?.proposals.get(&id).copied();
    let waits = waits.ok_or(NOT_FOUND)?;
    let one = person(model, waits.by);
    let same = waits.by == by || one.is_some() && one == person(model, by);
    need(!same, DUTY_CONFLICT)?;
    // Who proposed it still has the duty.
    let stands = model.escrow()?.life.is(waits.by, Role::Regulator);
    need(stands, DUTY_CONFLICT)?;
    need(model.now <= waits.until, DEADLINE_PASSED)?;
    let (lc, n) = (waits.lc, waits.n);
    if let Some(escrow) = model.escrow.as_mut() {
        escrow.proposals.remove(&id);
    }
    let credit = model.credit(lc)?.clone();
    let shown = model.shown(lc, n)?.clone();
    owed(model, &credit, &shown)?;
    let register = model.register.as_ref().ok_or(NOT_FOUND)?;
    let mut concerned = payees(&credit, &shown);
    for payee in &concerned {
        let screening = register.parties.get(&payee.pid).and_then(|p| p.screening);
        let clear = matches!(screening, Some((Finding::Clear, _)));
        need(clear, SANCTIONS_HIT)?;
    }
    concerned.push(credit.applicant);
    let order = register.orders.get(&waits.order).ok_or(NOT_FOUND)?;
    need(order.active(model.now), BAD_STATE)?;
    let frozen = match order.scope {
        Scope::Party { pid, .. } => Some(pid),
        Scope::Amount { .. } | Scope::Object { .. } => None,
    };
    let concerns = concerned.iter().any(|party| frozen == Some(party.pid));
    need(concerns, BAD_ARGUMENT)?;
    lawful_but(model, &credit, &shown, frozen)?;
    let (pay, back) = after_conditions(model, &credit, &shown)?;
    let settlement = Settlement {
        kind: Kind::Licence(waits.order, waits.doc),
        source: Source::Applicant,
        pay,
        back,
        step: Step::Paid(Source::Applicant),
        records_to: model.reach(credit.issuing)?,
    };
    settle(model, (lc, n), &settlement)?;
    Ok(Answer::Nothing)
}
