//! Orders of authorities on objects: mirrored, ended, served. They stand before everything else (R3).

use super::part::{Part, Ratio};
use super::{Class, Detail, Kind, Object, Restriction, Sides, Status};
use crate::model::cast::{RIGHTS, Who};
use crate::model::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, ENCUMBERED, LIMIT_EXCEEDED,
    NOT_FOUND, NOT_TRANSFERABLE, NOT_VETTED, OBJECT_RESTRICTED, SHARES_MISMATCH, need,
};
use crate::model::life::Role;
use crate::model::register::Pid;
use crate::model::register::order::{Order, Scope};
use crate::model::{Answer, Model};

/// A transfer that an order demands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Forced {
    pub object: u64,
    pub from: Pid,
    pub to: Pid,
    pub part: Ratio,
    pub order: u64,
    pub doc: u8,
}

fn order(model: &Model, number: u64) -> Result<Order, Code> {
    let register = model.register.as_ref().ok_or(NOT_FOUND)?;
    register.orders.get(&number).cloned().ok_or(NOT_FOUND)
}

/// The order is on this object.
fn names(order: &Order, id: u64) -> Result<(), Code> {
    let here = Scope::Object {
        contract: RIGHTS,
        id,
    };
    need(order.scope == here, BAD_ARGUMENT)
}

impl Object {
    fn arrested(&self, number: u64) -> bool {
        let mut all = self.restrictions.iter();
        all.any(|one| one.order == Some(number))
    }
}

/// `arrest(object, order)`: anybody's; the register says what is true.
pub(crate) fn arrest(model: &mut Model, id: u64, number: u64) -> Result<Answer, Code> {
    model.rights()?.life.alive()?;
    let mut object = model.rights()?.object(id)?.clone();
    let order = order(model, number)?;
    need(!object.arrested(number), ALREADY_EXISTS)?;
    let now = model.now;
    let closed = object.status == Status::Closed;
    need(!closed && order.active(now), BAD_STATE)?;
    names(&order, id)?;
    let arrests = object.restrictions.iter().filter(|one| one.order.is_some());
    need(arrests.count() < 12, LIMIT_EXCEEDED)?;
    object.restrictions.retain(|one| one.counts(now));
    model.change_rights(|rights| {
        object.restrictions.push(Restriction {
            id: rights.id(),
            kind: Kind::Arrest,
            favour: None,
            share: None,
            rank: None,
            amount: None,
            right: None,
            order: Some(number),
            until: order.until,
            blocks: (true, true, true),
        });
        rights.store(now, id, object);
        Ok(Answer::Nothing)
    })
}

/// `lift(object, order)`: anybody's, and never stopped.
pub(crate) fn lift(model: &mut Model, id: u64, number: u64) -> Result<Answer, Code> {
    let mut object = model.rights()?.object(id)?.clone();
    need(object.arrested(number), NOT_FOUND)?;
    let now = model.now;
    need(!order(model, number)?.active(now), BAD_STATE)?;
    object.restrictions.retain(|one| one.order != Some(number));
    model.change_rights(|rights| {
        rights.store(now, id, object);
        Ok(Answer::Nothing)
    })
}

/// `forced_transfer({object, from, to, part, order, doc})`: under that order, after every earlier one.
pub(crate) fn forced_transfer(model: &mut Model, by: Who, act: &Forced) -> Result<Answer, Code> {
    model.rights()?.life.alive()?;
    let part = Part::of(act.part)?;
    need(act.doc != 0, BAD_DOCUMENT)?;
    model.rights()?.life.role(by, Role::Enforcer)?;
    let mut object = model.rights()?.object(act.object)?.clone();
    let order = order(model, act.order)?;
    object.live()?;
    let now = model.now;
    need(order.active(now), BAD_STATE)?;
    names(&order, act.object)?;
    need(order.doc == act.doc, BAD_DOCUMENT)?;
    model.standing(&Sides {
        take: vec![act.to],
        ..Sides::default()
    })?;
    let mut all = model.standing_orders(act.object);
    all.extend(object.bound(now).filter_map(|one| one.order));
    let first = all.iter().all(|other| *other >= act.order);
    need(first, OBJECT_RESTRICTED)?;
    let whole = object.detail == Detail::Plain || part == Part::WHOLE;
    need(whole, SHARES_MISMATCH)?;
    let wallet = model.a_wallet(act.to).ok_or(NOT_VETTED)?;
    if let Detail::Record(record) = &mut object.detail {
        record.wallet = wallet;
    }
    object.shift(act.from, act.to, part)?;
    need(object.class != Class::Certificate, NOT_TRANSFERABLE)?;
    follow(&mut object, act.from, act.to)?;
    model.change_rights(|rights| {
        rights.store(now, act.object, object);
        Ok(Answer::Nothing)
    })
}

/// A mortgage on the share goes along; a mortgaged share is not torn apart.
fn follow(object: &mut Object, from: Pid, to: Pid) -> Result<(), Code> {
    let rest = object.share_of(from);
    let shares = object.restrictions.iter_mut();
    for (whose, secured) in shares.filter_map(|one| one.share.as_mut()) {
        if *whose == from && *secured > rest {
            need(rest.is_none(), ENCUMBERED)?;
            *whose = to;
        }
    }
    Ok(())
}
