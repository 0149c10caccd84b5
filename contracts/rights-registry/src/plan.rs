//! What an application would make of the register, worked out before anything is written.
//!
//! Proposing a registration and approving it ask for the same plan; only the approval carries it out.
//! So the second registrar, the dry run and the execution all see one answer.

use crate::application::{Application, Request, fraction, shares_of};
use crate::consent::Objects;
use crate::event::Cause;
use crate::object::{Detail, Object, RESTRICTIONS_MAX};
use crate::restriction::{Basis, Blocks, Restriction, RestrictionKind};
use crate::storage::Rights;
use crate::usage::{UseKind, UseRight, UseState};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Refusal, bounded};

/// A change of a right to use that comes with a registration.
pub(crate) enum RightChange {
    /// It begins.
    New(UseRight),
    /// It ends.
    End(UseRight, UseState),
}

/// The register as it would be.
pub(crate) struct Plan {
    /// The application.
    pub(crate) entry: u64,
    /// When.
    pub(crate) now: Timestamp,
    /// The last number given out.
    pub(crate) last_id: u64,
    /// New states of objects, new objects among them.
    pub(crate) objects: Objects,
    /// New states of rights.
    pub(crate) rights: Vec<(u64, RightChange)>,
    /// An area that is set right: what was registered, what is.
    pub(crate) area: Option<(Amount, Amount)>,
}

impl Plan {
    /// A number that nothing has yet.
    pub(crate) fn id(&mut self) -> u64 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }

    /// A restriction that starts now, on the whole, and blocks nothing.
    fn restriction(&mut self, kind: RestrictionKind, favour: Pid) -> Restriction {
        Restriction {
            id: self.id(),
            kind,
            favour: Some(favour),
            share: None,
            rank: None,
            amount: None,
            right: None,
            basis: Basis::Entry(self.entry),
            from: self.now,
            until: None,
            blocks: Blocks::NOTHING,
        }
    }

    fn keep(&mut self, id: u64, mut object: Object, new: Restriction) -> Result<(), Refusal> {
        object.restrictions.push(new);
        bounded(object.restrictions.len(), RESTRICTIONS_MAX)?;
        self.objects.push((id, object));
        Ok(())
    }
}

impl Rights {
    /// Works out what the application makes of its objects.
    ///
    /// # Errors
    /// `SharesMismatch`, `RankTaken`, `Encumbered`, `AreaMismatch`, `NotFound`, `LimitExceeded`, `Overflow`.
    pub(crate) fn plan(
        &self,
        entry: u64,
        application: &Application,
        now: Timestamp,
        objects: Objects,
    ) -> Result<Plan, Refusal> {
        let mut plan = Plan {
            entry,
            now,
            last_id: self.id_count.get(),
            objects: Vec::new(),
            rights: Vec::new(),
            area: None,
        };
        let mut objects = objects.into_iter();
        let (id, mut object) = objects.next().ok_or(Refusal::NotFound)?;
        // What is over leaves the object with the next change; the log keeps it.
        object.restrictions.retain(|one| one.counts(now));
        match &application.request {
            Request::FirstOwnership { shares } => {
                object.found(shares_of(shares)?)?;
                plan.objects.push((id, object));
            }
            Request::TransferShare { from, to, part } => {
                let part = fraction(*part)?;
                transfer(&mut object, (*from, *to, part))?;
                plan.objects.push((id, object));
            }
            Request::Mortgage { .. } => mortgage(&mut plan, id, object, &application.request)?,
            Request::Discharge { restriction } => {
                self.discharge(&mut plan, (id, object), *restriction)?;
            }
            Request::Lease {
                tenant,
                acts,
                until,
            } => {
                let mut right = UseRight::new(id, UseKind::Lease, *tenant, acts.clone());
                right.from = now;
                right.until = Some(*until);
                let mut lease = plan.restriction(RestrictionKind::Lease, *tenant);
                lease.until = right.until;
                let right_id = plan.id();
                lease.right = Some(right_id);
                plan.rights.push((right_id, RightChange::New(right)));
                plan.keep(id, object, lease)?;
            }
            Request::Easement { favour, until } => {
                let mut easement = plan.restriction(RestrictionKind::Easement, *favour);
                easement.until = *until;
                plan.keep(id, object, easement)?;
            }
            Request::Restrict {
                kind,
                favour,
                until,
            } => {
                let mut restriction = plan.restriction(*kind, *favour);
                restriction.until = *until;
                if *kind == RestrictionKind::Prohibition {
                    restriction.blocks = Blocks::DISPOSAL;
                }
                plan.keep(id, object, restriction)?;
            }
            Request::Subdivide { pieces } => self.subdivide(&mut plan, (id, object), pieces)?,
            Request::Merge { ref_no, meta, .. } => {
                let all = core::iter::once((id, object)).chain(objects).collect();
                self.merge(&mut plan, all, (ref_no.clone(), *meta))?;
            }
            Request::Rectify { correction, .. } => {
                self.rectify(&mut plan, (id, object), correction)?;
            }
        }
        Ok(plan)
    }

    /// Carries a plan out.
    pub(crate) fn carry_out(&mut self, ctx: &Context, plan: Plan, decision_doc: Hash) {
        self.id_count.set(plan.last_id);
        let entry = plan.entry;
        if let Some((was, is)) = plan.area {
            let others = self.area_total.get().saturating_sub(was);
            self.area_total.set(Amount(others.0.saturating_add(is.0)));
        }
        for (id, change) in plan.rights {
            match change {
                RightChange::New(right) => {
                    self.store_right(
                        ctx,
                        id,
                        right,
                        Cause::Registered {
                            entry,
                            decision_doc,
                        },
                    );
                }
                RightChange::End(mut right, state) => {
                    right.state = state;
                    self.store_right(
                        ctx,
                        id,
                        right,
                        Cause::Registered {
                            entry,
                            decision_doc,
                        },
                    );
                }
            }
        }
        for (id, object) in plan.objects {
            self.store(
                ctx,
                id,
                object,
                Cause::Registered {
                    entry,
                    decision_doc,
                },
            );
        }
    }

    fn discharge(
        &self,
        plan: &mut Plan,
        (id, mut object): (u64, Object),
        restriction: u64,
    ) -> Result<(), Refusal> {
        let found = object.restriction(restriction).ok_or(Refusal::NotFound)?;
        let right = found.right;
        if let Some((id, right)) = right.and_then(|id| Some((id, self.use_rights.find(&id)?))) {
            let end = RightChange::End(right, UseState::Revoked);
            plan.rights.push((id, end));
        }
        object.restrictions.retain(|one| one.id != restriction);
        plan.objects.push((id, object));
        Ok(())
    }
}

/// Moves a share; what is mortgaged of it stays.
fn transfer(object: &mut Object, (from, to, part): (Pid, Pid, Fraction)) -> Result<(), Refusal> {
    if let Detail::Utility(_) = object.detail {
        // One holder demands: a utility right moves as a whole.
        ensure!(part == Fraction::ONE, Refusal::SharesMismatch);
    }
    object.shift(from, to, part)?;
    let rest = object.share_of(from).unwrap_or(Fraction::ZERO);
    let mut shares = object.restrictions.iter().filter_map(|one| one.share);
    let uncovered = shares.any(|share| share.holder == from && share.part > rest);
    ensure!(!uncovered, Refusal::Encumbered);
    Ok(())
}

fn mortgage(plan: &mut Plan, id: u64, object: Object, request: &Request) -> Result<(), Refusal> {
    let Request::Mortgage {
        share,
        creditor,
        rank,
        amount,
        until,
    } = request
    else {
        return Err(Refusal::argument("request"));
    };
    let mut mortgage = plan.restriction(RestrictionKind::Mortgage, *creditor);
    if let Some((holder, ratio)) = *share {
        let part = fraction(ratio)?;
        let owned = object.share_of(holder).unwrap_or(Fraction::ZERO);
        ensure!(part <= owned, Refusal::SharesMismatch);
        mortgage.share = Some(crate::object::Share { holder, part });
    }
    // Invariant R2: the ranks of live mortgages differ.
    let taken = object
        .restrictions
        .iter()
        .any(|one| one.rank == Some(*rank));
    ensure!(!taken, Refusal::RankTaken);
    mortgage.rank = Some(*rank);
    mortgage.amount = Some(*amount);
    mortgage.until = *until;
    plan.keep(id, object, mortgage)
}
