//! Utility rights: a quantity that the holder may demand of the issuer.

use super::{Class, Detail, Object, Sides};
use crate::model::cast::Who;
use crate::model::code::{
    BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, LIMIT_EXCEEDED, NOT_FOUND, OVERFLOW,
    RIGHT_EXPIRED, UNAUTHORIZED, ZERO_AMOUNT, need,
};
use crate::model::life::Role;
use crate::model::register::Pid;
use crate::model::{Answer, Model, Seconds, Units};

/// What a utility right has beside an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Utility {
    pub issuer: Pid,
    pub quantity: Units,
    pub claimed: Units,
    pub performed: Units,
    pub until: Seconds,
    pub disputed: bool,
}

/// `issue_utility(ref, issuer, holder, quantity, unit, performance_doc, until) -> id`
pub(crate) fn issue_utility(
    model: &mut Model,
    by: Who,
    (ref_no, doc): (u16, u16),
    (issuer, holder): (Pid, Pid),
    (quantity, until): (Units, Seconds),
) -> Result<Answer, Code> {
    model.registering()?;
    need(ref_no != 0 && model.now <= until, BAD_ARGUMENT)?;
    need(quantity != 0, ZERO_AMOUNT)?;
    need(doc != 0, BAD_DOCUMENT)?;
    model.is_party(by, issuer)?;
    model.rights()?.free_number(Class::Utility, ref_no)?;
    model.rights()?.unused(doc)?;
    model.standing(&Sides {
        caller: Some(by),
        take: vec![holder],
        to: vec![by],
        ..Sides::default()
    })?;
    let now = model.now;
    model.change_rights(|rights| {
        rights.issued = rights.issued.checked_add(quantity).ok_or(OVERFLOW)?;
        rights.documents.insert(doc);
        let utility = Utility {
            issuer,
            quantity,
            claimed: 0,
            performed: 0,
            until,
            disputed: false,
        };
        let owned = (holder, Detail::Utility(utility));
        let id = rights.id();
        rights.store(now, id, Object::owned(Class::Utility, ref_no, doc, owned));
        Ok(Answer::Number(id))
    })
}

fn found(model: &Model, id: u64) -> Result<(Object, Utility), Code> {
    let object = model.rights()?.object(id)?.clone();
    match object.detail.clone() {
        Detail::Utility(utility) => Ok((object, utility)),
        _ => Err(NOT_FOUND),
    }
}

/// The right, if its holder, or `either` party, calls. Of a right that is over nobody is a party: 6 first.
fn own(model: &Model, by: Who, id: u64, either: bool) -> Result<(Object, Utility), Code> {
    let (object, utility) = found(model, id)?;
    object.live()?;
    let caller = model.pid_of(by);
    let holds = caller.is_some() && caller == object.sole_owner();
    let owes = either && caller == Some(utility.issuer);
    need(holds || owes, UNAUTHORIZED)?;
    Ok((object, utility))
}

/// Keeps a right; one that is performed in full is over, without claims nothing is disputed.
fn keep(
    model: &mut Model,
    id: u64,
    (mut object, mut utility): (Object, Utility),
    doc: Option<u16>,
) -> Result<Answer, Code> {
    utility.disputed &= utility.claimed != 0;
    if utility.performed == utility.quantity {
        object.close();
    }
    object.detail = Detail::Utility(utility);
    let now = model.now;
    model.change_rights(|rights| {
        rights.documents.extend(doc);
        rights.store(now, id, object);
        Ok(Answer::Nothing)
    })
}

/// `claim_performance(id, qty)`: the holder's, not more than is open.
pub(crate) fn claim(model: &mut Model, by: Who, id: u64, quantity: Units) -> Result<Answer, Code> {
    model.registering()?;
    need(quantity != 0, ZERO_AMOUNT)?;
    let (object, mut utility) = own(model, by, id, false)?;
    need(!utility.disputed, BAD_STATE)?;
    model.standing(&Sides {
        caller: Some(by),
        ..Sides::default()
    })?;
    model.unblocked(id, (false, false, true))?;
    need(model.now <= utility.until, RIGHT_EXPIRED)?;
    let open = utility.quantity - utility.claimed - utility.performed;
    need(quantity <= open, LIMIT_EXCEEDED)?;
    utility.claimed += quantity;
    keep(model, id, (object, utility), None)
}

/// `confirm_performance(id, qty, doc)`: the holder's, not more than is claimed.
pub(crate) fn confirm(
    model: &mut Model,
    by: Who,
    id: u64,
    (quantity, doc): (Units, u16),
) -> Result<Answer, Code> {
    model.registering()?;
    need(quantity != 0, ZERO_AMOUNT)?;
    need(doc != 0, BAD_DOCUMENT)?;
    let (object, mut utility) = own(model, by, id, false)?;
    model.rights()?.unused(doc)?;
    model.standing(&Sides {
        caller: Some(by),
        ..Sides::default()
    })?;
    need(quantity <= utility.claimed, LIMIT_EXCEEDED)?;
    utility.claimed -= quantity;
    utility.performed += quantity;
    keep(model, id, (object, utility), Some(doc))
}

/// `dispute_performance(id, doc)`: either party's, while something is claimed.
pub(crate) fn dispute(model: &mut Model, by: Who, id: u64, doc: u16) -> Result<Answer, Code> {
    model.rights()?.life.alive()?;
    need(doc != 0, BAD_DOCUMENT)?;
    let (object, mut utility) = own(model, by, id, true)?;
    need(utility.claimed != 0 && !utility.disputed, BAD_STATE)?;
    utility.disputed = true;
    keep(model, id, (object, utility), None)
}

/// `resolve_performance(id, performed, doc)`: the arbiter's; the rest of the claim is open again.
pub(crate) fn resolve(
    model: &mut Model,
    by: Who,
    id: u64,
    (performed, doc): (Units, u16),
) -> Result<Answer, Code> {
    model.rights()?.life.alive()?;
    need(doc != 0, BAD_DOCUMENT)?;
    model.rights()?.life.role(by, Role::Arbiter)?;
    let (object, mut utility) = found(model, id)?;
    model.rights()?.unused(doc)?;
    need(utility.disputed, BAD_STATE)?;
    need(performed <= utility.claimed, LIMIT_EXCEEDED)?;
    utility.claimed = 0;
    utility.performed += performed;
    keep(model, id, (object, utility), Some(doc))
}
