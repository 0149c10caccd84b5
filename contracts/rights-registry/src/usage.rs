//! Rights to use an object, and sub-rights below them.
//!
//! Whoever owns an object wholly grants a use or a licence; its user grants sub-rights within its own:
//! not more acts, not longer (R7). A right lives while it is neither revoked nor reclaimed, its time is
//! not over, the right it was made from lives, and nobody has to write anything to make it end.

use crate::application::distinct;
use crate::event::Cause;
use crate::object::{Class, Detail, Object};
use crate::party::Parties;
use crate::restriction::Blocks;
use crate::storage::Rights;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{NAME_BYTES_MAX, Refusal, bounded, deadline};

/// Acts that one right can allow.
pub const ACTS_MAX: usize = 32;
/// Rights from the object down to the last sub-right.
pub const DEPTH_MAX: usize = 8;

/// Kinds of rights to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum UseKind {
    /// Registered on application, see the restriction of the same number.
    Lease,
    /// Use of a thing.
    Use,
    /// Use of a result of intellectual work.
    Licence,
}

/// What ended a right before its time, if anything did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum UseState {
    /// Nothing.
    Granted,
    /// The one who granted it.
    Revoked,
    /// Anybody, after its end.
    Reclaimed,
    /// Its object was divided or merged; the parts have rights of their own.
    Replaced,
}

/// A right to use an object.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct UseRight {
    /// The object.
    pub object: u64,
    /// What kind of right.
    pub kind: UseKind,
    /// Who may use it.
    pub user: Pid,
    /// What for.
    pub acts: Vec<String>,
    /// Since when.
    pub from: Timestamp,
    /// Its last second.
    pub until: Option<Timestamp>,
    /// It can be revoked before its time.
    pub revocable: bool,
    /// The right it was made from.
    pub parent: Option<u64>,
    /// What ended it.
    pub state: UseState,
    /// Which state this is; the first is 1.
    pub version: u64,
}

/// Refuses lists of acts that are none.
///
/// # Errors
/// `BadArgument` for none, for one twice and for no name; `LimitExceeded`.
pub(crate) fn check_acts(acts: &[String]) -> Result<(), Refusal> {
    ensure!(!acts.is_empty(), Refusal::argument("rights"));
    bounded(acts.len(), ACTS_MAX)?;
    for act in acts {
        ensure!(!act.is_empty(), Refusal::argument("rights"));
        bounded(act.len(), NAME_BYTES_MAX)?;
    }
    ensure!(distinct(acts.iter()), Refusal::argument("rights"));
    Ok(())
}

impl UseRight {
    /// A right that starts now.
    pub(crate) fn new(object: u64, kind: UseKind, user: Pid, acts: Vec<String>) -> Self {
        Self {
            object,
            kind,
            user,
            acts,
            from: Timestamp(0),
            until: None,
            revocable: false,
            parent: None,
            state: UseState::Granted,
            version: 0,
        }
    }

    /// True while nothing but a parent's end can have ended it.
    fn counts(&self, now: Timestamp) -> bool {
        let in_time = self.until.is_none_or(|until| deadline::in_time(now, until));
        self.state == UseState::Granted && in_time
    }
}

const USAGE: Blocks = Blocks {
    usage: true,
    ..Blocks::NOTHING
};

impl Rights {
    /// True while the right and all rights above it count, and its object is there.
    ///
    /// Invariant R7: no right outlives the one it was made from.
    pub(crate) fn right_lives(&self, right: &UseRight, now: Timestamp) -> bool {
        let mut right = right.clone();
        loop {
            if !right.counts(now) {
                return false;
            }
            match right.parent {
                None => {
                    return self
                        .objects
                        .find(&right.object)
                        .is_some_and(|o| o.live().is_ok());
                }
                Some(parent) => match self.use_rights.find(&parent) {
                    Some(above) => right = above,
                    None => return false,
                },
            }
        }
    }

    fn depth_of(&self, right: &UseRight) -> usize {
        let mut depth = 1_usize;
        let mut above = right.parent;
        while let Some(parent) = above {
            depth = depth.saturating_add(1);
            above = self.use_rights.find(&parent).and_then(|right| right.parent);
        }
        depth
    }

    pub(crate) fn use_grant(
        &mut self,
        ctx: &Context,
        object_id: u64,
        mut right: UseRight,
    ) -> Result<u64, Refused> {
        self.market(ctx)?;
        let now = ctx.now();
        let kind = matches!(right.kind, UseKind::Use | UseKind::Licence);
        ensure!(kind, Refusal::argument("kind"));
        let ahead = right
            .until
            .is_none_or(|until| !deadline::started(now, until));
        ensure!(ahead, Refusal::argument("until"));
        check_acts(&right.acts)?;
        let object = self.objects.find(&object_id).ok_or(Refusal::NotFound)?;
        let owner = self.party_of(&ctx.caller())?;
        let own = owner.and_then(|owner| object.share_of(owner));
        ensure!(own.is_some(), Refusal::not_party());
        let fits = matches!(
            object.class,
            Class::Parcel | Class::IpRight | Class::Concession
        );
        ensure!(fits && object.detail == Detail::Plain, Refusal::BadState);
        object.live()?;
        self.eligible(&Parties::of(ctx).take(&[right.user]))?;
        self.unblocked(ctx, object_id, (&object, USAGE))?;
        // Co-owners say it together: by an application for a lease.
        ensure!(object.sole_owner().is_some(), Refusal::ConsentMissing);
        right.from = now;
        Ok(self.enter_right(ctx, right, Cause::Granted))
    }

    /// Enters a right under the object or right it was made from.
    fn enter_right(&mut self, ctx: &Context, right: UseRight, cause: Cause) -> u64 {
        let id = self.id_count.next();
        let above = right.parent.unwrap_or(right.object);
        self.rights_below.set(&(above, id), ());
        self.store_right(ctx, id, right, cause);
        id
    }

    pub(crate) fn use_sublicense(
        &mut self,
        ctx: &Context,
        parent_id: u64,
        mut right: UseRight,
    ) -> Result<u64, Refused> {
        self.market(ctx)?;
        let now = ctx.now();
        let ahead = right
            .until
            .is_none_or(|until| !deadline::started(now, until));
        ensure!(ahead, Refusal::argument("until"));
        check_acts(&right.acts)?;
        let parent = self.use_rights.find(&parent_id).ok_or(Refusal::NotFound)?;
        self.must_be(ctx, parent.user)?;
        let object = self.objects.find(&parent.object).ok_or(Refusal::NotFound)?;
        self.eligible(&Parties::of(ctx).take(&[right.user]))?;
        self.unblocked(ctx, parent.object, (&object, USAGE))?;
        ensure!(self.right_lives(&parent, now), Refusal::RightExpired);
        // Invariant R7: not more than the user has, not longer.
        let within = right.acts.iter().all(|act| parent.acts.contains(act));
        ensure!(within, Refusal::argument("rights"));
        let shorter = match (right.until, parent.until) {
            (_, None) => true,
            (Some(until), Some(end)) => until <= end,
            (None, Some(_)) => false,
        };
        ensure!(shorter, Refusal::argument("until"));
        bounded(self.depth_of(&parent).saturating_add(1), DEPTH_MAX)?;
        right.object = parent.object;
        right.kind = parent.kind;
        right.revocable = parent.revocable;
        right.parent = Some(parent_id);
        right.from = now;
        Ok(self.enter_right(ctx, right, Cause::Granted))
    }

    /// Whoever granted the right: the user of the right above, or the owner of the object.
    fn granted_by(&self, right: &UseRight, caller: Option<Pid>) -> bool {
        let Some(caller) = caller else {
            return false;
        };
        match right.parent {
            Some(parent) => self
                .use_rights
                .find(&parent)
                .is_some_and(|above| above.user == caller),
            None => {
                let object = self.objects.find(&right.object);
                object.is_some_and(|object| object.sole_owner() == Some(caller))
            }
        }
    }

    pub(crate) fn use_revoke(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        self.market(ctx)?;
        let right = self.use_rights.find(&id).ok_or(Refusal::NotFound)?;
        let caller = self.party_of(&ctx.caller())?;
        ensure!(self.granted_by(&right, caller), Refusal::not_party());
        // A lease is a restriction of the register: it ends by discharge.
        let registered = right.kind == UseKind::Lease && right.parent.is_none();
        let standing = right.state == UseState::Granted && !registered;
        ensure!(standing, Refusal::BadState);
        let over = right
            .until
            .is_some_and(|until| deadline::expired(ctx.now(), until));
        ensure!(right.revocable || over, Refusal::BadState);
        self.end_right(ctx, id, right, (UseState::Revoked, Cause::Revoked));
        Ok(())
    }

    pub(crate) fn use_reclaim(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        let right = self.use_rights.find(&id).ok_or(Refusal::NotFound)?;
        ensure!(right.state == UseState::Granted, Refusal::BadState);
        let now = ctx.now();
        let from = right.until.unwrap_or(Timestamp(u64::MAX)).saturating_add(1);
        let dead = !self.right_lives(&right, now);
        ensure!(dead, Refusal::TooEarly { from });
        self.end_right(ctx, id, right, (UseState::Reclaimed, Cause::Reclaimed));
        Ok(())
    }

    pub(crate) fn end_right(
        &mut self,
        ctx: &Context,
        id: u64,
        mut right: UseRight,
        (state, cause): (UseState, Cause),
    ) {
        let above = right.parent.unwrap_or(right.object);
        self.rights_below.remove(&(above, id));
        right.state = state;
        self.store_right(ctx, id, right, cause);
    }

    /// True if a right that nobody ended hangs on this object or right.
    pub(crate) fn has_rights(&self, above: u64) -> bool {
        !self.rights_below.page_of(&above, None, 1).is_empty()
    }

    /// Whether `user` may do `act` under a right: 0, or the code that says why not.
    pub(crate) fn usable(
        &self,
        ctx: &Context,
        id: u64,
        (user, act): (Pid, &str),
    ) -> Result<(), Refused> {
        let right = self.use_rights.find(&id).ok_or(Refusal::NotFound)?;
        ensure!(right.user == user, Refusal::not_party());
        let object: Object = self.objects.find(&right.object).ok_or(Refusal::NotFound)?;
        self.unblocked(ctx, right.object, (&object, USAGE))?;
        ensure!(self.right_lives(&right, ctx.now()), Refusal::RightExpired);
        let allowed = right.acts.iter().any(|one| one == act);
        ensure!(allowed, Refusal::argument("act"));
        Ok(())
    }
}
