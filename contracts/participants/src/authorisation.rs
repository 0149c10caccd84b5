//! Authorisations: what the regulator allows a participant to be, and when.
//!
//! `Active <-> Suspended -> Revoked`; granting anew brings a suspended or revoked one back, with new times.

use crate::documented;
use crate::event::{AuthorisationGranted, AuthorisationRevoked, AuthorisationSuspended};
use crate::storage::{Authorisation, AuthorisationStatus, Member, Register};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{AuthorisationKind, PartyStatus, Pid};
use weighhouse_standard::{Refusal, Role, deadline};

#[contract(
    part = Authorisations,
    events(AuthorisationGranted, AuthorisationSuspended, AuthorisationRevoked)
)]
impl Register {
    /// Authorises a participant, or changes the times of its authorisation; the regulator's.
    #[call(check)]
    pub fn grant_authorisation(
        &mut self,
        ctx: &Context,
        pid: Pid,
        kind: AuthorisationKind,
        from: Timestamp,
        until: Timestamp,
        doc: Hash,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        let ends = from <= until && deadline::in_time(ctx.now(), until);
        ensure!(ends, Refusal::argument("until"));
        documented(doc)?;
        self.roles.require(ctx, Role::Regulator)?;
        let member = self.member(pid)?;
        ensure!(
            member.party.status != PartyStatus::Closed,
            Refusal::BadState
        );
        let status = AuthorisationStatus::Active;
        let granted = Authorisation {
            from,
            until,
            status,
            doc,
        };
        self.authorisations.set(&(pid, kind), granted);
        let by = ctx.caller();
        self.journal.act(ctx, doc, |seq| AuthorisationGranted {
            seq,
            pid,
            kind,
            from,
            until,
            doc,
            by,
        });
        Ok(())
    }

    /// Stops an authorisation; the regulator's.
    #[call(check)]
    pub fn suspend_authorisation(
        &mut self,
        ctx: &Context,
        pid: Pid,
        kind: AuthorisationKind,
        doc: Hash,
    ) -> Result<(), Refusal> {
        self.alter(ctx, (pid, kind), AuthorisationStatus::Suspended, doc)?;
        let by = ctx.caller();
        self.journal.act(ctx, doc, |seq| AuthorisationSuspended {
            seq,
            pid,
            kind,
            doc,
            by,
        });
        Ok(())
    }

    /// Ends an authorisation; the regulator's.
    #[call(check)]
    pub fn revoke_authorisation(
        &mut self,
        ctx: &Context,
        pid: Pid,
        kind: AuthorisationKind,
        doc: Hash,
    ) -> Result<(), Refusal> {
        self.alter(ctx, (pid, kind), AuthorisationStatus::Revoked, doc)?;
        let by = ctx.caller();
        self.journal.act(ctx, doc, |seq| AuthorisationRevoked {
            seq,
            pid,
            kind,
            doc,
            by,
        });
        Ok(())
    }

    /// True if the participant is authorised at that second.
    #[query]
    pub fn authorised(&self, pid: Pid, kind: AuthorisationKind, at: Timestamp) -> bool {
        self.is_authorised(pid, kind, at)
    }

    /// An authorisation, whatever its state.
    #[query]
    pub fn authorisation(&self, pid: Pid, kind: AuthorisationKind) -> Option<Authorisation> {
        self.authorisations.find(&(pid, kind))
    }
}

impl Register {
    /// Suspends an active authorisation, or ends one that has not ended.
    fn alter(
        &mut self,
        ctx: &Context,
        key: (Pid, AuthorisationKind),
        to: AuthorisationStatus,
        doc: Hash,
    ) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        documented(doc)?;
        self.roles.require(ctx, Role::Regulator)?;
        let found = self.authorisations.find(&key).ok_or(Refusal::NotFound)?;
        let may = match to {
            AuthorisationStatus::Suspended => found.status == AuthorisationStatus::Active,
            _ => found.status != to,
        };
        ensure!(may, Refusal::BadState);
        let status = to;
        let altered = Authorisation {
            status,
            doc,
            ..found
        };
        self.authorisations.set(&key, altered);
        Ok(())
    }

    /// Invariant I3: active, within its times, of a participant that is active itself.
    pub(crate) fn is_authorised(&self, pid: Pid, kind: AuthorisationKind, at: Timestamp) -> bool {
        let member = self.members.find(&pid);
        member.is_some_and(|member| self.is_authorised_as(pid, &member, kind, at))
    }

    /// The same of a participant that was looked up already.
    pub(crate) fn is_authorised_as(
        &self,
        pid: Pid,
        member: &Member,
        kind: AuthorisationKind,
        at: Timestamp,
    ) -> bool {
        let found = self.authorisations.find(&(pid, kind));
        member.party.status == PartyStatus::Active
            && found.is_some_and(|found| {
                found.status == AuthorisationStatus::Active
                    && deadline::started(at, found.from)
                    && deadline::in_time(at, found.until)
            })
    }
}
