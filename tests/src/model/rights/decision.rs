//! Registration: one registrar proposes, another approves; both make every check.

use super::plan::Plan;
use super::queue::{Application, Decision};
use super::request::Request;
use super::{Object, Sides};
use crate::model::cast::Who;
use crate::model::code::{
    BAD_DOCUMENT, BAD_STATE, CONSENT_MISSING, Code, DEADLINE_PASSED, DUTY_CONFLICT, NOT_FOUND,
    TOO_EARLY, need,
};
use crate::model::life::Role;
use crate::model::register::Pid;
use crate::model::{Answer, Model};

/// Who gives something up by a request, and who gets something.
fn sides(request: &Request, objects: &[&Object]) -> Sides {
    let owners = || -> Vec<Pid> {
        let all = objects.iter().flat_map(|object| object.owners.keys());
        all.copied().collect()
    };
    let (give, take) = match request {
        Request::FirstOwnership(shares) => {
            let all = shares.iter().map(|(pid, _)| *pid);
            (Vec::new(), all.collect())
        }
        Request::Transfer(from, to, _) => (vec![*from], vec![*to]),
        Request::Mortgage {
            share, creditor, ..
        } => {
            let give = share.map_or_else(owners, |(debtor, _)| vec![debtor]);
            (give, vec![*creditor])
        }
        Request::Lease(favour, ..)
        | Request::Easement(favour, _)
        | Request::Restrict(_, favour, _) => (owners(), vec![*favour]),
        Request::Subdivide(_) | Request::Merge(..) => (owners(), Vec::new()),
        Request::Discharge(_) | Request::Rectify(..) => (Vec::new(), Vec::new()),
    };
    Sides {
        give,
        take,
        ..Sides::default()
    }
}

/// What a registration would make of the registry, if it may be now.
fn registrable(model: &Model, entry: u64, decision: u16) -> Result<(Application, Plan), Code> {
    let rights = model.rights()?;
    let application = rights.applications.get(&entry).ok_or(NOT_FOUND)?;
    rights.unused(decision)?;
    let objects = rights.objects_of(application)?;
    application.pending()?;
    need(rights.is_first(entry, application), BAD_STATE)?;
    rights.admissible(&application.request, &objects)?;
    need(model.now >= application.from, TOO_EARLY)?;
    model.standing(&sides(&application.request, &objects))?;
    for id in application.objects() {
        model.unblocked(id, application.request.needs())?;
    }
    // Codes from low to high: a missing consent is 302.
    let missing = !rights.missing(application, model.now).is_empty();
    let plan = Plan::of(rights, application, model.now);
    match plan {
        Err(code) if code < CONSENT_MISSING || !missing => Err(code),
        _ if missing => Err(CONSENT_MISSING),
        plan => Ok((application.clone(), plan?)),
    }
}

/// `propose_register(entry_no, decision_doc) -> id`
pub(crate) fn propose_register(
    model: &mut Model,
    by: Who,
    entry: u64,
    decision: u16,
) -> Result<Answer, Code> {
    model.registering()?;
    need(decision != 0, BAD_DOCUMENT)?;
    model.rights()?.life.role(by, Role::Registrar)?;
    registrable(model, entry, decision)?;
    let until = model.now + 7 * 86_400;
    model.change_rights(|rights| {
        rights.proposed += 1;
        let waits = (entry, decision, by, until);
        rights.proposals.insert(rights.proposed, waits);
        Ok(Answer::Number(rights.proposed))
    })
}

/// `approve_register(id)`
pub(crate) fn approve_register(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    model.registering()?;
    model.rights()?.life.role(by, Role::Registrar)?;
    let waits = model.rights()?.proposals.get(&id).copied();
    let (entry, decision, one, until) = waits.ok_or(NOT_FOUND)?;
    need(!model.same_person(one, by), DUTY_CONFLICT)?;
    // Who proposed it still has the duty.
    need(model.rights()?.life.is(one, Role::Registrar), DUTY_CONFLICT)?;
    need(model.now <= until, DEADLINE_PASSED)?;
    let (mut application, plan) = registrable(model, entry, decision)?;
    application.decision = Decision::Registered;
    let now = model.now;
    model.change_rights(|rights| {
        rights.proposals.remove(&id);
        rights.documents.insert(decision);
        rights.applications.insert(entry, application);
        plan.carry_out(rights, now);
        Ok(Answer::Nothing)
    })
}
