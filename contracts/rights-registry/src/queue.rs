//! The queue of applications: entry, order, withdrawal, rejection.
//!
//! Invariant R8: the queue of an object is ordered by number of entry, and only its first application
//! can be registered. A merger stands in the queue of every object it is about.

use crate::application::{
    Application, ApplicationState, Consent, DOCS_MAX, Decision, Ratio, Request, shares_of,
};
use crate::consent::{Objects, needed, owner_changes};
use crate::event::{ApplicationEvent, Step};
use crate::object::{Class, Status};
use crate::party::Parties;
use crate::storage::Rights;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Refusal, Role, TEXT_BYTES_MAX, bounded};

impl Rights {
    /// The objects of an application.
    ///
    /// # Errors
    /// `NotFound`.
    pub(crate) fn objects_of(&self, application: &Application) -> Result<Objects, Refusal> {
        let ids = application.objects().into_iter();
        let found = ids.map(|id| {
            let object = self.objects.find(&id).ok_or(Refusal::NotFound)?;
            Ok((id, object))
        });
        found.collect()
    }

    /// True if no earlier application on its objects waits.
    pub(crate) fn is_first(&self, entry: u64, application: &Application) -> bool {
        let objects = application.objects();
        objects.into_iter().all(|object| {
            let first = self.queue.page_of(&object, None, 1);
            first.first().is_none_or(|((_, first), ())| *first == entry)
        })
    }

    pub(crate) fn enter(
        &mut self,
        ctx: &Context,
        object: u64,
        request: Request,
        docs: Vec<Hash>,
    ) -> Result<u64, Refused> {
        self.market(ctx)?;
        let now = ctx.now();
        request.check(object, now)?;
        ensure!(!docs.is_empty(), Refusal::BadDocument);
        bounded(docs.len(), DOCS_MAX)?;
        ensure!(!docs.contains(&Hash::ZERO), Refusal::BadDocument);
        let mut application = Application {
            object,
            request,
            applicant: Pid(0),
            docs,
            at: now,
            from: now.saturating_add(self.settings.get().cooling),
            consents: Vec::new(),
            decision: Decision::Pending,
            decided_at: None,
        };
        let objects = self.objects_of(&application)?;
        application.applicant = self.applicant(ctx, &application.request, &objects)?;
        self.admissible(&application.request, &objects)?;
        self.eligible(&Parties::of(ctx))?;
        for (id, object) in &objects {
            self.unblocked(ctx, *id, (object, application.request.needs()))?;
        }
        if let Request::FirstOwnership { shares } = &application.request {
            whole(shares)?;
        }
        movable(&application.request, &objects)?;
        let party = application.applicant;
        let owners = owner_changes(&objects);
        application.consents.push(Consent { party, owners });
        let entry = self.entry_count.next();
        for object in application.objects() {
            self.queue.set(&(object, entry), ());
        }
        self.pending.set(&entry, ());
        self.applications.set(&entry, application.clone());
        let seq = self.journal.next_seq();
        let step = Step::Received { application };
        ctx.emit(ApplicationEvent { seq, entry, step });
        Ok(entry)
    }

    /// The caller, if it is a party to what is applied for.
    fn applicant(
        &self,
        ctx: &Context,
        request: &Request,
        objects: &Objects,
    ) -> Result<Pid, Refused> {
        let caller = self.party_of(&ctx.caller())?;
        if let Request::Discharge { restriction } = request {
            let mut found = objects
                .iter()
                .filter_map(|(_, o)| o.restriction(*restriction));
            ensure!(found.next().is_some(), Refusal::NotFound);
        }
        let may = needed(request, objects, ctx.now());
        // Consent is asked of more people than those whose business it is: they cannot start it.
        let owner = |pid: &Pid| objects.iter().any(|(_, o)| o.share_of(*pid).is_some());
        let party = |pid: &Pid| match request {
            Request::TransferShare { from, to, .. } => [from, to].contains(&pid),
            Request::Mortgage {
                share: Some((debtor, _)),
                creditor,
                ..
            } => [debtor, creditor].contains(&pid),
            Request::Mortgage { creditor, .. } => pid == creditor || owner(pid),
            Request::Lease { tenant: favour, .. }
            | Request::Easement { favour, .. }
            | Request::Restrict { favour, .. } => pid == favour || owner(pid),
            Request::FirstOwnership { .. } | Request::Discharge { .. } => true,
            Request::Subdivide { .. } | Request::Merge { .. } | Request::Rectify { .. } => {
                owner(pid)
            }
        };
        // What nobody owns yet is the registrar's to set right.
        let unowned = objects
            .iter()
            .all(|(_, object)| object.status == Status::Open);
        let rectifies = unowned && matches!(request, Request::Rectify { .. });
        if rectifies && self.roles.holds(&ctx.caller(), Role::Registrar) {
            return caller.ok_or_else(|| Refusal::not_party().into());
        }
        let caller = caller.filter(|pid| may.contains(pid) && party(pid));
        caller.ok_or_else(|| Refusal::not_party().into())
    }

    /// Refuses requests that do not fit the state of their objects.
    ///
    /// # Errors
    /// `BadArgument`, `AlreadyExists`, `BadState`.
    pub(crate) fn admissible(&self, request: &Request, objects: &Objects) -> Result<(), Refusal> {
        for (_, object) in objects {
            let class = object.class;
            ensure!(request.fits(class), Refusal::argument("request"));
            let alike = objects.iter().all(|(_, other)| other.class == class);
            ensure!(alike, Refusal::argument("others"));
            match request {
                Request::Subdivide { pieces } => {
                    for piece in pieces {
                        self.free_number(class, &piece.ref_no)?;
                    }
                }
                Request::Merge { ref_no, .. } => self.free_number(class, ref_no)?,
                _ => {}
            }
            let wanted = match request {
                Request::FirstOwnership { .. } => object.status == Status::Open,
                Request::Rectify { .. } => object.status != Status::Closed,
                _ => object.status == Status::Live,
            };
            ensure!(wanted, Refusal::BadState);
        }
        Ok(())
    }

    pub(crate) fn take_back(&mut self, ctx: &Context, entry: u64) -> Result<(), Refused> {
        // An exit: whoever waits may leave the queue at any time.
        let application = self.applications.find(&entry).ok_or(Refusal::NotFound)?;
        self.must_be(ctx, application.applicant)?;
        application.pending()?;
        self.decide(ctx, entry, application, Decision::Withdrawn);
        let seq = self.journal.next_seq();
        let step = Step::Withdrawn;
        ctx.emit(ApplicationEvent { seq, entry, step });
        Ok(())
    }

    pub(crate) fn turn_down(
        &mut self,
        ctx: &Context,
        entry: u64,
        reason: String,
    ) -> Result<(), Refused> {
        self.market(ctx)?;
        ensure!(!reason.is_empty(), Refusal::argument("reason"));
        bounded(reason.len(), TEXT_BYTES_MAX)?;
        self.roles.require(ctx, Role::Registrar)?;
        let application = self.applications.find(&entry).ok_or(Refusal::NotFound)?;
        application.pending()?;
        let decision = Decision::Rejected(reason.clone());
        self.decide(ctx, entry, application, decision);
        let step = Step::Rejected { reason };
        let event = |seq| ApplicationEvent { seq, entry, step };
        self.journal.act(ctx, Hash::ZERO, event);
        Ok(())
    }

    /// Ends an application: it leaves every queue.
    pub(crate) fn decide(
        &mut self,
        ctx: &Context,
        entry: u64,
        mut application: Application,
        decision: Decision,
    ) {
        for object in application.objects() {
            self.queue.remove(&(object, entry));
        }
        self.pending.remove(&entry);
        application.decision = decision;
        application.decided_at = Some(ctx.now());
        self.applications.set(&entry, application);
    }

    /// How far an application has come.
    pub(crate) fn state_of(
        &self,
        ctx: &Context,
        entry: u64,
        application: &Application,
    ) -> ApplicationState {
        match application.decision {
            Decision::Registered(_) => ApplicationState::Registered,
            Decision::Rejected(_) => ApplicationState::Rejected,
            Decision::Withdrawn => ApplicationState::Withdrawn,
            Decision::Pending if !self.is_first(entry, application) => ApplicationState::Queued,
            Decision::Pending => {
                let objects = self.objects_of(application).unwrap_or_default();
                match application.missing(&objects, ctx.now()) {
                    Some(_) => ApplicationState::Received,
                    None => ApplicationState::Consented,
                }
            }
        }
    }
}

/// Refuses shares that are not the whole together.
fn whole(shares: &[(Pid, Ratio)]) -> Result<(), Refusal> {
    let shares = shares_of(shares)?;
    let mut parts = shares.iter().map(|share| share.part);
    let sum = parts.try_fold(Fraction::ZERO, |sum, part| sum.checked_add(&part));
    let sum = sum.ok_or(Refusal::Overflow)?;
    ensure!(sum == Fraction::ONE, Refusal::SharesMismatch);
    Ok(())
}

/// Refuses to move what never moves on application: certificates never do, records by endorsement.
fn movable(request: &Request, objects: &Objects) -> Result<(), Refusal> {
    let moves = matches!(request, Request::TransferShare { .. });
    let fixed = objects
        .iter()
        .any(|(_, object)| matches!(object.class, Class::Certificate | Class::TransferableRecord));
    ensure!(!(moves && fixed), Refusal::NotTransferable);
    Ok(())
}
