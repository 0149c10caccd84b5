//! Whose consent an application needs; a consent counts for the owners it was given under (R9).

use super::queue::Application;
use super::request::Request;
use super::{Kind, Object, Restriction, Rights, Sides};
use crate::model::cast::Who;
use crate::model::code::{ALREADY_EXISTS, Code, NOT_FOUND, UNAUTHORIZED, need};
use crate::model::register::Pid;
use crate::model::{Answer, Model, Seconds};
use std::collections::BTreeSet;

/// Everybody whose consent is needed.
#[must_use]
pub fn needed(request: &Request, objects: &[&Object], now: Seconds) -> BTreeSet<Pid> {
    let each = objects.iter().map(|object| of_object(request, object, now));
    each.flatten().collect()
}

/// Those in whose favour restrictions that count are, if they are such.
fn favoured(object: &Object, now: Seconds, such: impl Fn(&Restriction) -> bool) -> Vec<Pid> {
    let bound = object.bound(now).filter(|one| such(one));
    bound.filter_map(|one| one.favour).collect()
}

fn of_object(request: &Request, object: &Object, now: Seconds) -> Vec<Pid> {
    let owners = || object.owners.keys().copied();
    let secured = |one: &Restriction| matches!(one.kind, Kind::Mortgage | Kind::Caution);
    match request {
        Request::FirstOwnership(shares) => shares.iter().map(|(pid, _)| *pid).collect(),
        Request::Transfer(from, to, _) => {
            let mut all = vec![*from, *to];
            if !object.owners.contains_key(to) {
                all.extend(owners());
            }
            let touched = |one: &Restriction| match one.kind {
                Kind::Mortgage => one.share.is_none_or(|(whose, _)| whose == *from),
                Kind::PreEmption => one.favour != Some(*to),
                Kind::Caution => true,
                _ => false,
            };
            all.extend(favoured(object, now, touched));
            all
        }
        Request::Mortgage {
            share, creditor, ..
        } => {
            let mut all = vec![*creditor];
            match share {
                Some((debtor, _)) => all.push(*debtor),
                None => all.extend(owners()),
            }
            all.extend(favoured(object, now, secured));
            all
        }
        Request::Discharge(id) => {
            let found = object.restriction(*id);
            found.and_then(|one| one.favour).into_iter().collect()
        }
        Request::Restrict(Kind::Caution, favour, _) => vec![*favour],
        Request::Lease(favour, ..)
        | Request::Easement(favour, _)
        | Request::Restrict(_, favour, _) => {
            let mut all = vec![*favour];
            all.extend(owners());
            all.extend(favoured(object, now, secured));
            all
        }
        Request::Subdivide(_) | Request::Merge(..) => {
            let all = favoured(object, now, |_| true);
            all.into_iter().chain(owners()).collect()
        }
        Request::Rectify(..) => owners().collect(),
    }
}

impl Rights {
    /// Objects of an application, the first one first.
    pub(super) fn objects_of(&self, application: &Application) -> Result<Vec<&Object>, Code> {
        let ids = application.objects();
        ids.into_iter().map(|id| self.object(id)).collect()
    }

    /// Whose consent an application needs, and who has not given it under the owners of now.
    #[must_use]
    pub fn consents(
        &self,
        application: &Application,
        now: Seconds,
    ) -> (BTreeSet<Pid>, BTreeSet<Pid>) {
        let objects = self.objects_of(application).unwrap_or_default();
        let changes = changes(&objects);
        let needed = needed(&application.request, &objects, now);
        let mut missing = needed.clone();
        missing.retain(|pid| !application.consents.contains(&(*pid, changes)));
        (needed, missing)
    }

    /// Those whose consent is missing.
    #[must_use]
    pub fn missing(&self, application: &Application, now: Seconds) -> BTreeSet<Pid> {
        self.consents(application, now).1
    }
}

/// How often the owners of these objects changed.
pub(super) fn changes(objects: &[&Object]) -> u64 {
    objects.iter().map(|object| object.changes).sum()
}

/// `consent(entry_no)`
pub(crate) fn consent(model: &mut Model, by: Who, entry: u64) -> Result<Answer, Code> {
    model.registering()?;
    let rights = model.rights()?;
    let application = rights.applications.get(&entry).ok_or(NOT_FOUND)?;
    let objects = rights.objects_of(application)?;
    let needed = needed(&application.request, &objects, model.now);
    let pid = model.pid_of(by).filter(|pid| needed.contains(pid));
    let pid = pid.ok_or(UNAUTHORIZED)?;
    let given = (pid, changes(&objects));
    need(!application.consents.contains(&given), ALREADY_EXISTS)?;
    application.pending()?;
    model.standing(&Sides {
        caller: Some(by),
        ..Sides::default()
    })?;
    model.change_rights(|rights| {
        let application = rights.applications.get_mut(&entry).ok_or(NOT_FOUND)?;
        application.consents.insert(given);
        Ok(Answer::Nothing)
    })
}
