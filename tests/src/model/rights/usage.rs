//! Rights to use, and sub-rights that die with them (R7).

use super::request::{Acts, ahead, check_acts};
use super::{Blocks, Class, Detail, Rights, Sides, Status};
use crate::model::cast::Who;
use crate::model::code::{
    BAD_ARGUMENT, BAD_STATE, CONSENT_MISSING, Code, LIMIT_EXCEEDED, NOT_FOUND, RIGHT_EXPIRED,
    TOO_EARLY, UNAUTHORIZED, need,
};
use crate::model::register::Pid;
use crate::model::{Answer, Model, Seconds};
use parity_scale_codec::Encode;

/// Kinds of rights, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum UseKind {
    Lease,
    Use,
    Licence,
}

/// What ended a right, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum UseState {
    Granted,
    Revoked,
    Reclaimed,
    Replaced,
}

/// A right to use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Use {
    pub object: u64,
    pub kind: UseKind,
    pub user: Pid,
    pub acts: Acts,
    pub until: Option<Seconds>,
    pub revocable: bool,
    pub parent: Option<u64>,
    pub state: UseState,
    /// It was registered on application: a restriction stands for it.
    pub registered: bool,
}

impl Use {
    /// The right of a lease.
    pub(super) fn lease(object: u64, user: Pid, acts: &Acts, until: Seconds) -> Self {
        Self {
            object,
            kind: UseKind::Lease,
            user,
            acts: acts.clone(),
            until: Some(until),
            revocable: false,
            parent: None,
            state: UseState::Granted,
            registered: true,
        }
    }
}

/// Use must be free.
const USAGE: Blocks = (false, false, true);
/// Rights from an object down to the last sub-right.
const DEPTH: usize = 8;

impl Rights {
    /// A right and all above it, the lowest first.
    fn upwards(&self, id: u64) -> Vec<&Use> {
        let mut all: Vec<&Use> = Vec::new();
        let mut next = self.uses.get(&id);
        while let Some(right) = next {
            all.push(right);
            next = right.parent.and_then(|parent| self.uses.get(&parent));
        }
        all
    }

    /// True while a right, all above it, and the object are there.
    #[must_use]
    pub fn lives(&self, id: u64, now: Seconds) -> bool {
        let all = self.upwards(id);
        let counts = |right: &&Use| {
            right.state == UseState::Granted && right.until.is_none_or(|until| now <= until)
        };
        let object = all.last().and_then(|top| self.objects.get(&top.object));
        all.iter().all(counts) && object.is_some_and(|object| object.status == Status::Live)
    }

    /// True if a right that nobody ended hangs on this object or right. Leases on an object are its
    /// restrictions and are looked at as such.
    pub(super) fn has_uses(&self, above: u64) -> bool {
        self.uses.values().any(|right| {
            let own = right.parent.unwrap_or(right.object) == above;
            own && right.state == UseState::Granted && !right.registered
        })
    }
}

fn enter(model: &mut Model, right: Use) -> Result<Answer, Code> {
    model.change_rights(|rights| {
        let id = rights.id();
        rights.uses.insert(id, right);
        Ok(Answer::Number(id))
    })
}

/// `grant_use(object, kind, user, until, revocable, rights) -> id`: the owner of all of it.
pub(crate) fn grant_use(
    model: &mut Model,
    by: Who,
    (object_id, kind, user): (u64, UseKind, Pid),
    (until, revocable, acts): (Option<Seconds>, bool, &Acts),
) -> Result<Answer, Code> {
    model.registering()?;
    need(kind != UseKind::Lease, BAD_ARGUMENT)?;
    ahead(until, model.now)?;
    check_acts(acts)?;
    let object = model.rights()?.object(object_id)?;
    let own = model
        .pid_of(by)
        .filter(|pid| object.owners.contains_key(pid));
    need(own.is_some(), UNAUTHORIZED)?;
    let usable = matches!(
        object.class,
        Class::Parcel | Class::IpRight | Class::Concession
    );
    need(usable && object.detail == Detail::Plain, BAD_STATE)?;
    object.live()?;
    model.standing(&Sides {
        caller: Some(by),
        take: vec![user],
        ..Sides::default()
    })?;
    model.unblocked(object_id, USAGE)?;
    need(object.sole_owner().is_some(), CONSENT_MISSING)?;
    let right = Use {
        object: object_id,
        kind,
        user,
        acts: acts.clone(),
        until,
        revocable,
        parent: None,
        state: UseState::Granted,
        registered: false,
    };
    enter(model, right)
}

/// `sublicense(right, user, until, rights) -> id`: within the caller's own right.
pub(crate) fn sublicense(
    model: &mut Model,
    by: Who,
    (above, user): (u64, Pid),
    (until, acts): (Option<Seconds>, &Acts),
) -> Result<Answer, Code> {
    model.registering()?;
    ahead(until, model.now)?;
    check_acts(acts)?;
    let rights = model.rights()?;
    let parent = rights.uses.get(&above).ok_or(NOT_FOUND)?.clone();
    model.is_party(by, parent.user)?;
    model.standing(&Sides {
        caller: Some(by),
        take: vec![user],
        ..Sides::default()
    })?;
    model.unblocked(parent.object, USAGE)?;
    need(rights.lives(above, model.now), RIGHT_EXPIRED)?;
    let within = acts.iter().all(|act| parent.acts.contains(act));
    let in_time = |end| until.is_some_and(|until| until <= end);
    need(within && parent.until.is_none_or(in_time), BAD_ARGUMENT)?;
    need(rights.upwards(above).len() < DEPTH, LIMIT_EXCEEDED)?;
    let right = Use {
        user,
        acts: acts.clone(),
        until,
        parent: Some(above),
        registered: false,
        ..parent
    };
    enter(model, right)
}

fn end(model: &mut Model, id: u64, state: UseState) -> Result<Answer, Code> {
    model.change_rights(|rights| {
        let right = rights.uses.get_mut(&id).ok_or(NOT_FOUND)?;
        right.state = state;
        Ok(Answer::Nothing)
    })
}

/// `revoke_use(right)`: whoever granted it; an irrevocable one after its time.
pub(crate) fn revoke_use(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    model.registering()?;
    let rights = model.rights()?;
    let right = rights.uses.get(&id).ok_or(NOT_FOUND)?;
    let granter = match right.parent {
        Some(parent) => rights.uses.get(&parent).map(|above| above.user),
        None => rights.object(right.object)?.sole_owner(),
    };
    let caller = model.pid_of(by);
    need(caller.is_some() && caller == granter, UNAUTHORIZED)?;
    // A registered lease ends by discharge.
    need(
        right.state == UseState::Granted && !right.registered,
        BAD_STATE,
    )?;
    let over = right.until.is_some_and(|until| model.now > until);
    need(right.revocable || over, BAD_STATE)?;
    end(model, id, UseState::Revoked)
}

/// `reclaim(right)`: anybody's, never stopped, once it or a right above it is over.
pub(crate) fn reclaim(model: &mut Model, id: u64) -> Result<Answer, Code> {
    let rights = model.rights()?;
    let right = rights.uses.get(&id).ok_or(NOT_FOUND)?;
    need(right.state == UseState::Granted, BAD_STATE)?;
    need(!rights.lives(id, model.now), TOO_EARLY)?;
    end(model, id, UseState::Reclaimed)
}
