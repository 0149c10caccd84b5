//! Applications: entry, withdrawal, rejection. On one object the earlier goes first (R8).

use super::consent::{changes, needed};
use super::part::Part;
use super::request::Request;
use super::{Class, Object, Rights, Sides, Status};
use crate::model::cast::Who;
use crate::model::code::{
    BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, LIMIT_EXCEEDED, NOT_FOUND, NOT_TRANSFERABLE,
    SHARES_MISMATCH, UNAUTHORIZED, ZERO_AMOUNT, need,
};
use crate::model::life::Role;
use crate::model::register::Pid;
use crate::model::{Answer, Model, Seconds, Units};
use std::collections::BTreeSet;

/// How an application stands; what waits is told apart by [`Rights::progress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Decision {
    Pending,
    Registered,
    Rejected,
    Withdrawn,
}

/// How far an application came, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Progress {
    Received,
    Queued,
    Consented,
    Registered,
    Rejected,
    Withdrawn,
}

/// What somebody applied for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Application {
    pub object: u64,
    pub request: Request,
    pub applicant: Pid,
    /// First second of its registration.
    pub from: Seconds,
    /// Who, under which owners.
    pub consents: BTreeSet<(Pid, u64)>,
    pub decision: Decision,
}

impl Application {
    /// Numbers of the objects it is about.
    pub(super) fn objects(&self) -> Vec<u64> {
        let mut all = vec![self.object];
        if let Request::Merge(others, ..) = &self.request {
            all.extend(others);
        }
        all
    }

    pub(super) fn pending(&self) -> Result<(), Code> {
        need(self.decision == Decision::Pending, BAD_STATE)
    }
}

impl Rights {
    /// True if nothing earlier waits on one of its objects.
    pub(super) fn is_first(&self, entry: u64, application: &Application) -> bool {
        let own = application.objects();
        let mut earlier = self.applications.range(..entry);
        !earlier.any(|(_, other)| {
            let shared = other.objects().iter().any(|id| own.contains(id));
            other.decision == Decision::Pending && shared
        })
    }

    /// How far an application came.
    #[must_use]
    pub fn progress(&self, entry: u64, now: Seconds) -> Option<Progress> {
        let application = self.applications.get(&entry)?;
        Some(match application.decision {
            Decision::Registered => Progress::Registered,
            Decision::Rejected => Progress::Rejected,
            Decision::Withdrawn => Progress::Withdrawn,
            Decision::Pending if !self.is_first(entry, application) => Progress::Queued,
            Decision::Pending if self.missing(application, now).is_empty() => Progress::Consented,
            Decision::Pending => Progress::Received,
        })
    }

    /// The request fits its objects as they are: 7, 5, 6.
    pub(super) fn admissible(&self, request: &Request, objects: &[&Object]) -> Result<(), Code> {
        let first = objects.first().map(|object| object.class);
        let first = first.ok_or(NOT_FOUND)?;
        let fits = objects
            .iter()
            .all(|object| request.fits(object.class) && object.class == first);
        need(fits, BAD_ARGUMENT)?;
        match request {
            Request::Subdivide(pieces) => {
                let mut numbers = pieces.iter().map(|(number, ..)| *number);
                numbers.try_for_each(|number| self.free_number(first, number))?;
            }
            Request::Merge(_, number, _) => self.free_number(first, *number)?,
            _ => {}
        }
        let wanted = |status: Status| match request {
            Request::FirstOwnership(_) => status == Status::Open,
            Request::Rectify(..) => status != Status::Closed,
            _ => status == Status::Live,
        };
        let all = objects.iter().all(|object| wanted(object.status));
        need(all, BAD_STATE)
    }
}

/// `create_object(class, ref_no, meta, area?, doc) -> id`
pub(crate) fn create_object(
    model: &mut Model,
    by: Who,
    (class, ref_no, area): (Class, u16, Option<Units>),
    (meta, doc): (u16, u16),
) -> Result<Answer, Code> {
    model.registering()?;
    need(ref_no != 0, BAD_ARGUMENT)?;
    let measured = match class {
        Class::Utility | Class::TransferableRecord => false,
        Class::Parcel => area.is_some(),
        Class::Concession => true,
        Class::IpRight | Class::Certificate => area.is_none(),
    };
    need(measured, BAD_ARGUMENT)?;
    need(area != Some(0), ZERO_AMOUNT)?;
    need(meta != 0 && doc != 0, BAD_DOCUMENT)?;
    model.rights()?.life.role(by, Role::Registrar)?;
    model.rights()?.free_number(class, ref_no)?;
    model.rights()?.unused(doc)?;
    let now = model.now;
    model.change_rights(|rights| {
        rights.measure(0, area.unwrap_or(0))?;
        let id = rights.id();
        rights.documents.insert(doc);
        let object = Object {
            area,
            ..Object::new(class, ref_no, (meta, doc))
        };
        rights.store(now, id, object);
        Ok(Answer::Number(id))
    })
}

/// Step 3 of an application: the caller is one of those whose business it is.
fn applicant(model: &Model, by: Who, request: &Request, objects: &[&Object]) -> Result<Pid, Code> {
    let caller = model.pid_of(by);
    if let Request::Discharge(id) = request {
        let found = objects
            .iter()
            .any(|object| object.restriction(*id).is_some());
        need(found, NOT_FOUND)?;
    }
    let owner = |pid: Pid| {
        objects
            .iter()
            .any(|object| object.owners.contains_key(&pid))
    };
    let open = objects.iter().all(|object| object.status == Status::Open);
    let registrar = model.rights()?.life.is(by, Role::Registrar);
    let party = |pid: Pid| match request {
        Request::FirstOwnership(_) | Request::Discharge(_) => true,
        Request::Transfer(from, to, _) => pid == *from || pid == *to,
        Request::Mortgage {
            share: Some((debtor, _)),
            creditor,
            ..
        } => pid == *debtor || pid == *creditor,
        Request::Mortgage { creditor, .. } => pid == *creditor || owner(pid),
        Request::Lease(favour, ..)
        | Request::Easement(favour, _)
        | Request::Restrict(_, favour, _) => pid == *favour || owner(pid),
        Request::Subdivide(_) | Request::Merge(..) | Request::Rectify(..) => owner(pid),
    };
    let concerned = needed(request, objects, model.now);
    let setting_right = matches!(request, Request::Rectify(..)) && open && registrar;
    let caller = caller.filter(|pid| setting_right || (concerned.contains(pid) && party(*pid)));
    caller.ok_or(UNAUTHORIZED)
}

/// `apply(object, request, docs) -> entry_no`
pub(crate) fn apply(
    model: &mut Model,
    by: Who,
    (object, request): (u64, &Request),
    docs: &[u16],
) -> Result<Answer, Code> {
    model.registering()?;
    request.check(object, model.now)?;
    need(docs.len() <= 32, LIMIT_EXCEEDED)?;
    need(!docs.is_empty() && !docs.contains(&0), BAD_DOCUMENT)?;
    let rights = model.rights()?;
    let mut application = Application {
        object,
        request: request.clone(),
        applicant: 0,
        from: model.now + rights.cooling,
        consents: BTreeSet::new(),
        decision: Decision::Pending,
    };
    let objects = rights.objects_of(&application)?;
    application.applicant = applicant(model, by, request, &objects)?;
    rights.admissible(request, &objects)?;
    model.standing(&Sides {
        caller: Some(by),
        ..Sides::default()
    })?;
    for id in application.objects() {
        model.unblocked(id, request.needs())?;
    }
    if let Request::FirstOwnership(shares) = request {
        let parts = shares.iter().map(|(_, ratio)| Part::of(*ratio));
        let sum = parts
            .into_iter()
            .try_fold(Part::NONE, |sum, part| sum.plus(part?))?;
        need(sum == Part::WHOLE, SHARES_MISMATCH)?;
    }
    let fixed =
        |object: &&Object| matches!(object.class, Class::Certificate | Class::TransferableRecord);
    let moves = matches!(request, Request::Transfer(..));
    need(!(moves && objects.iter().any(fixed)), NOT_TRANSFERABLE)?;
    let own = (application.applicant, changes(&objects));
    application.consents.insert(own);
    model.change_rights(|rights| {
        let entry = u64::try_from(rights.applications.len()).unwrap_or(u64::MAX) + 1;
        rights.applications.insert(entry, application);
        Ok(Answer::Number(entry))
    })
}

fn decide(model: &mut Model, entry: u64, decision: Decision) -> Result<Answer, Code> {
    model.change_rights(|rights| {
        let application = rights.applications.get_mut(&entry).ok_or(NOT_FOUND)?;
        application.decision = decision;
        Ok(Answer::Nothing)
    })
}

/// `withdraw(entry_no)`: an exit, the applicant's.
pub(crate) fn withdraw(model: &mut Model, by: Who, entry: u64) -> Result<Answer, Code> {
    let application = model.rights()?.applications.get(&entry).ok_or(NOT_FOUND)?;
    model.is_party(by, application.applicant)?;
    application.pending()?;
    decide(model, entry, Decision::Withdrawn)
}

/// `reject(entry_no, reason)`
pub(crate) fn reject(
    model: &mut Model,
    by: Who,
    entry: u64,
    reasoned: bool,
) -> Result<Answer, Code> {
    model.registering()?;
    need(reasoned, BAD_ARGUMENT)?;
    model.rights()?.life.role(by, Role::Registrar)?;
    let application = model.rights()?.applications.get(&entry).ok_or(NOT_FOUND)?;
    application.pending()?;
    decide(model, entry, Decision::Rejected)
}
