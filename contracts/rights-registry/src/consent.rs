//! Whose consent an application needs.
//!
//! Needed are the parties to it, the co-owners where a stranger comes in or the whole is burdened, and
//! those in whose favour the object is restricted. A consent counts for the owners of the time it was
//! given at: when a share changes hands, all consents have to be given again (R9).

use crate::application::{Application, Consent, Request};
use crate::event::{ApplicationEvent, Step};
use crate::object::Object;
use crate::party::Parties;
use crate::restriction::{Restriction, RestrictionKind};
use crate::storage::Rights;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::interface::Pid;

/// An application's objects, in its order, with their numbers.
pub(crate) type Objects = Vec<(u64, Object)>;

/// How often the owners of these objects changed: only grows, so equal means unchanged.
pub(crate) fn owner_changes(objects: &Objects) -> u64 {
    let changes = objects.iter().map(|(_, object)| object.owner_changes);
    changes.fold(0, u64::saturating_add)
}

/// Everybody whose consent is needed, each once, in order.
pub(crate) fn needed(request: &Request, objects: &Objects, now: Timestamp) -> Vec<Pid> {
    let mut parties = Vec::new();
    for (_, object) in objects {
        parties_of(request, object, now, &mut parties);
    }
    let mut sorted = Vec::with_capacity(parties.len());
    for party in parties {
        include(&mut sorted, party);
    }
    sorted
}

/// Puts a party into a sorted list that has each once.
pub(crate) fn include(parties: &mut Vec<Pid>, party: Pid) {
    if let Err(at) = parties.binary_search(&party) {
        parties.insert(at, party);
    }
}

/// Those in whose favour restrictions of some kinds are.
fn favoured<'a>(
    object: &'a Object,
    now: Timestamp,
    whom: impl Fn(&Restriction) -> bool + 'a,
) -> impl Iterator<Item = Pid> + 'a {
    let counting = object.bound(now).filter(move |one| whom(one));
    counting.filter_map(|one| one.favour)
}

fn parties_of(request: &Request, object: &Object, now: Timestamp, parties: &mut Vec<Pid>) {
    use RestrictionKind::{Caution, Mortgage, PreEmption};
    let owners = || object.owners.iter().map(|share| share.holder);
    let secured = |one: &Restriction| matches!(one.kind, Mortgage | Caution);
    match request {
        Request::FirstOwnership { shares } => parties.extend(shares.iter().map(|(pid, _)| *pid)),
        Request::TransferShare { from, to, .. } => {
            parties.extend([*from, *to]);
            // Co-owners say who joins them; among themselves shares move freely.
            if object.share_of(*to).is_none() {
                parties.extend(owners());
            }
            // A mortgage on another's share is not touched.
            let (from, to) = (*from, *to);
            let touched = move |one: &Restriction| {
                let other = one.share.is_some_and(|share| share.holder != from);
                match one.kind {
                    Mortgage => !other,
                    Caution => true,
                    PreEmption => one.favour != Some(to),
                    _ => false,
                }
            };
            parties.extend(favoured(object, now, touched));
        }
        Request::Mortgage {
            share, creditor, ..
        } => {
            parties.push(*creditor);
            match share {
                Some((debtor, _)) => parties.push(*debtor),
                None => parties.extend(owners()),
            }
            parties.extend(favoured(object, now, secured));
        }
        Request::Discharge { restriction } => {
            let restriction = object.restriction(*restriction);
            parties.extend(restriction.and_then(|one| one.favour));
        }
        Request::Lease { tenant: favour, .. } | Request::Easement { favour, .. } => {
            parties.push(*favour);
            parties.extend(owners());
            parties.extend(favoured(object, now, secured));
        }
        Request::Restrict {
            kind: Caution,
            favour,
            ..
        } => parties.push(*favour),
        Request::Restrict { favour, .. } => {
            parties.push(*favour);
            parties.extend(owners());
            parties.extend(favoured(object, now, secured));
        }
        Request::Subdivide { .. } | Request::Merge { .. } => {
            parties.extend(owners());
            parties.extend(favoured(object, now, |_| true));
        }
        Request::Rectify { .. } => parties.extend(owners()),
    }
}

impl Application {
    /// The first party that is missing.
    pub(crate) fn missing(&self, objects: &Objects, now: Timestamp) -> Option<Pid> {
        let owners = owner_changes(objects);
        let given = |party: &Pid| {
            let mut consents = self.consents.iter();
            consents.any(|consent| consent.party == *party && consent.owners == owners)
        };
        let needed = needed(&self.request, objects, now);
        needed.into_iter().find(|party| !given(party))
    }
}

impl Rights {
    pub(crate) fn give_consent(&mut self, ctx: &Context, entry: u64) -> Result<(), Refused> {
        self.market(ctx)?;
        let mut application = self.applications.find(&entry).ok_or(Refusal::NotFound)?;
        let objects = self.objects_of(&application)?;
        let party = self.party_of(&ctx.caller())?;
        let needed = needed(&application.request, &objects, ctx.now());
        let party = party.filter(|party| needed.contains(party));
        let party = party.ok_or(Refusal::not_party())?;
        let owners = owner_changes(&objects);
        let consent = Consent { party, owners };
        let given = application.consents.contains(&consent);
        ensure!(!given, Refusal::AlreadyExists);
        application.pending()?;
        self.eligible(&Parties::of(ctx))?;
        // What was said about former owners counts no more.
        application
            .consents
            .retain(|consent| consent.owners == owners);
        application.consents.push(consent);
        self.applications.set(&entry, application);
        let seq = self.journal.next_seq();
        let step = Step::Consented { party };
        ctx.emit(ApplicationEvent { seq, entry, step });
        Ok(())
    }
}
