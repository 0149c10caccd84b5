//! Registration: one registrar proposes, another approves.
//!
//! Every check is made when a registration is proposed and again when it is approved; what was true in
//! between does not count. Order: the queue and the cooling period, then the parties, then what blocks
//! the object, then codes 300 and above from low to high.

use crate::application::{Application, Decision, Request};
use crate::consent::Objects;
use crate::event::{ApplicationEvent, Proposed, Step};
use crate::party::Parties;
use crate::plan::Plan;
use crate::storage::{Registration, Rights};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::proposal::propose;
use weighhouse_standard::{Proposal, Refusal, Role, deadline};

/// The first code that consents come before.
const AFTER_CONSENTS: u16 = 303;

/// The event of a new proposal.
fn proposed(seq: u64, id: u64, proposal: Proposal<Registration>) -> Proposed {
    Proposed {
        seq,
        id,
        act: proposal.act,
        by: proposal.proposer,
        until: proposal.until,
    }
}

impl Rights {
    /// The plan of an application that may be registered now.
    fn registrable(
        &self,
        ctx: &Context,
        act: &Registration,
    ) -> Result<(Application, Plan), Refused> {
        let Registration {
            entry,
            decision_doc,
        } = *act;
        let now = ctx.now();
        let application = self.applications.find(&entry).ok_or(Refusal::NotFound)?;
        self.unused(decision_doc)?;
        let objects = self.objects_of(&application)?;
        application.pending()?;
        // Invariant R8: nobody overtakes.
        ensure!(self.is_first(entry, &application), Refusal::BadState);
        self.admissible(&application.request, &objects)?;
        deadline::after_start(now, application.from)?;
        let (give, take) = sides(&application.request, &objects);
        self.eligible(&Parties::others().give(&give).take(&take))?;
        // Invariant R3: what is blocked does not change owners on application.
        for (id, object) in &objects {
            self.unblocked(ctx, *id, (object, application.request.needs()))?;
        }
        let missing = application.missing(&objects, now);
        let plan = self.plan(entry, &application, now, objects);
        let plan = match (plan, missing) {
            (Err(refusal), _) if refusal.code() < AFTER_CONSENTS => return Err(refusal.into()),
            (_, Some(_)) => return Err(Refusal::ConsentMissing.into()),
            (plan, None) => plan?,
        };
        Ok((application, plan))
    }

    pub(crate) fn propose_registration(
        &mut self,
        ctx: &Context,
        act: Registration,
    ) -> Result<u64, Refused> {
        self.market(ctx)?;
        ensure!(act.decision_doc != Hash::ZERO, Refusal::BadDocument);
        self.roles.require(ctx, Role::Registrar)?;
        self.registrable(ctx, &act)?;
        let kept = (&mut self.proposal_count, &mut self.proposals);
        let act = (act, Hash::ZERO);
        Ok(propose(ctx, &mut self.journal, kept, act, proposed))
    }

    pub(crate) fn approve_registration(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        self.market(ctx)?;
        self.roles.require(ctx, Role::Registrar)?;
        let proposal: Proposal<Registration> = self.proposals.find(&id).ok_or(Refusal::NotFound)?;
        self.by_another(ctx, &proposal)?;
        // A proposer that has lost its duty no longer stands behind the proposal.
        let stands = self.roles.holds(&proposal.proposer, Role::Registrar);
        ensure!(stands, Refusal::DutyConflict);
        proposal.in_time(ctx)?;
        let (application, plan) = self.registrable(ctx, &proposal.act)?;
        let Registration {
            entry,
            decision_doc,
        } = proposal.act;
        self.proposals.remove(&id);
        self.use_document(decision_doc, entry);
        for object in application.objects() {
            self.last_entry.set(&object, entry);
        }
        let decision = Decision::Registered(decision_doc);
        self.tally(ctx, &application.request, decision_doc)?;
        self.decide(ctx, entry, application, decision);
        let step = Step::Registered {
            decision_doc,
            proposal: id,
        };
        let event = |seq| ApplicationEvent { seq, entry, step };
        self.journal.act(ctx, decision_doc, event);
        self.carry_out(ctx, plan, decision_doc);
        Ok(())
    }
}

/// Who gives something up and who gets something by a request.
fn sides(request: &Request, objects: &Objects) -> (Vec<Pid>, Vec<Pid>) {
    let owners = || {
        let all = objects.iter().flat_map(|(_, object)| &object.owners);
        all.map(|share| share.holder).collect::<Vec<_>>()
    };
    match request {
        Request::FirstOwnership { shares } => {
            let owners = shares.iter().map(|(holder, _)| *holder);
            (Vec::new(), owners.collect())
        }
        Request::TransferShare { from, to, .. } => ([*from].into(), [*to].into()),
        Request::Mortgage {
            share, creditor, ..
        } => {
            let give = share.map_or_else(owners, |(debtor, _)| [debtor].into());
            (give, [*creditor].into())
        }
        Request::Lease { tenant: favour, .. }
        | Request::Easement { favour, .. }
        | Request::Restrict { favour, .. } => (owners(), [*favour].into()),
        // Letting an owner off, or setting the register right, is nobody's gain that could be tainted.
        Request::Discharge { .. } | Request::Rectify { .. } => (Vec::new(), Vec::new()),
        Request::Subdivide { .. } | Request::Merge { .. } => (owners(), Vec::new()),
    }
}
