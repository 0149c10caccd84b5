//! Participants: registered by one officer, approved by another, screened, suspended, closed.
//!
//! `Pending -> Active <-> Suspended -> Closed`. Invariant I2: nobody is active without two different
//! officers, whose persons differ too where they are participants themselves.

use crate::documented;
use crate::event::{Approved, HitCleared, QualificationSet, Registered, Screened, StatusChanged};
use crate::storage::{Member, Privileged, Register};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{
    AuthorisationKind, Country, Party, PartyKind, PartyStatus, Pid, Qualification, Residency, Rule,
    Screening, ScreeningResult, Side, Why,
};
use weighhouse_standard::{Refusal, Role, deadline};

/// Whose word brings a candidate in, beside the operator's.
const ONBOARDING: [AuthorisationKind; 2] = [
    AuthorisationKind::InformationSystemOperator,
    AuthorisationKind::AuthorisedInstitution,
];

const HIT: Refusal = Refusal::SanctionsHit {
    why: Why {
        side: Side::Any,
        rule: Rule::Sanctions,
    },
};

#[contract(
    part = Parties,
    events(Registered, Approved, QualificationSet, Screened, HitCleared, StatusChanged)
)]
impl Register {
    /// Registers a candidate; an operator's or an authorised onboarding agent's. It waits for approval.
    #[call(check)]
    pub fn register(
        &mut self,
        ctx: &Context,
        kind: PartyKind,
        residency: Residency,
        country: Country,
        pii: Hash,
    ) -> Result<Pid, Refusal> {
        self.lifecycle.open()?;
        let letters = country.0.iter().all(u8::is_ascii_uppercase);
        ensure!(letters, Refusal::argument("country"));
        documented(pii)?;
        let by = ctx.caller();
        if !self.roles.holds(&by, Role::Operator) {
            self.acting_as(ctx, &ONBOARDING)
                .map_err(|_| Refusal::Unauthorized {
                    needs: Some(Role::Operator),
                })?;
        }
        let pid = Pid(self.pid_count.next());
        let party = Party {
            kind,
            residency,
            country,
            qualification: Qualification::NonQualified,
            status: PartyStatus::Pending,
            kyc_until: Timestamp(0),
            risk: 0,
            pii,
            screening: None,
        };
        let member = Member {
            party,
            proposer: by,
            approver: None,
            orders: 0,
        };
        self.members.set(&pid, member);
        let seq = self.journal.next_seq();
        ctx.emit(Registered {
            seq,
            pid,
            kind,
            residency,
            country,
            pii,
            by,
        });
        Ok(pid)
    }

    /// Approves a candidate, or renews what is known of an active participant. Another officer than the
    /// one who registered it.
    #[call(check)]
    pub fn approve(
        &mut self,
        ctx: &Context,
        pid: Pid,
        kyc_until: Timestamp,
        risk: u8,
        doc: Hash,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        ensure!(kyc_until > ctx.now(), Refusal::argument("kyc_until"));
        documented(doc)?;
        self.roles.require(ctx, Role::Compliance)?;
        let mut member = self.member(pid)?;
        let by = ctx.caller();
        // Invariant I2.
        let same = self.accepted_pid(&by).is_some()
            && self.accepted_pid(&by) == self.accepted_pid(&member.proposer);
        ensure!(by != member.proposer && !same, Refusal::DutyConflict);
        self.of_another(ctx, pid)?;
        let open = matches!(
            member.party.status,
            PartyStatus::Pending | PartyStatus::Active
        );
        ensure!(open, Refusal::BadState);
        let clear = member
            .party
            .screening
            .is_some_and(|screening| screening.result == ScreeningResult::Clear);
        ensure!(clear, HIT);
        member.party.status = PartyStatus::Active;
        member.party.kyc_until = kyc_until;
        member.party.risk = risk;
        member.approver = Some(by);
        self.members.set(&pid, member);
        self.journal.act(ctx, doc, |seq| Approved {
            seq,
            pid,
            kyc_until,
            risk,
            doc,
            by,
        });
        Ok(())
    }

    /// Says whether a participant is a qualified investor.
    #[call(check)]
    pub fn set_qualification(
        &mut self,
        ctx: &Context,
        pid: Pid,
        level: Qualification,
        doc: Hash,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        if let Qualification::Qualified { until } = level {
            ensure!(
                deadline::in_time(ctx.now(), until),
                Refusal::argument("until")
            );
        }
        documented(doc)?;
        self.roles.require(ctx, Role::Compliance)?;
        let mut member = self.member(pid)?;
        self.of_another(ctx, pid)?;
        ensure!(
            member.party.status != PartyStatus::Closed,
            Refusal::BadState
        );
        member.party.qualification = level;
        self.members.set(&pid, member);
        let by = ctx.caller();
        self.journal.act(ctx, doc, |seq| QualificationSet {
            seq,
            pid,
            qualification: level,
            doc,
            by,
        });
        Ok(())
    }

    /// Enters a screening. A hit blocks at once; only two officers clear it.
    #[call(check)]
    pub fn record_screening(
        &mut self,
        ctx: &Context,
        pid: Pid,
        list_id: u32,
        list_version: u64,
        result: ScreeningResult,
        evidence: Hash,
    ) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        documented(evidence)?;
        self.roles.require(ctx, Role::Screener)?;
        let mut member = self.member(pid)?;
        let newest = self.list_versions.get(&(pid, list_id));
        ensure!(list_version >= newest, Refusal::argument("list_version"));
        let hit = |screening: Screening| screening.result == ScreeningResult::Hit;
        let stands = member.party.screening.is_some_and(hit);
        ensure!(!stands || result == ScreeningResult::Hit, Refusal::BadState);
        let screening = Screening {
            list_id,
            list_version,
            result,
            at: ctx.now(),
        };
        self.list_versions.set(&(pid, list_id), list_version);
        member.party.screening = Some(screening);
        self.members.set(&pid, member);
        let by = ctx.caller();
        let seq = self.journal.next_seq();
        ctx.emit(Screened {
            seq,
            pid,
            screening,
            evidence,
            by,
        });
        Ok(())
    }

    /// Proposes to clear a participant of a hit.
    #[call(check)]
    pub fn propose_clear_hit(
        &mut self,
        ctx: &Context,
        pid: Pid,
        doc: Hash,
    ) -> Result<u64, Refusal> {
        self.lifecycle.alive()?;
        documented(doc)?;
        self.roles.require(ctx, Role::Compliance)?;
        self.of_another(ctx, pid)?;
        self.hit(pid)?;
        Ok(self.propose(ctx, Privileged::ClearHit { pid, doc }))
    }

    /// Clears a participant of a hit, as another officer proposed.
    #[call(check)]
    pub fn approve_clear_hit(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.roles.require(ctx, Role::Compliance)?;
        let proposal = self.approvable(ctx, id, &[Role::Compliance])?;
        let Privileged::ClearHit { pid, doc } = proposal.act else {
            return Err(Refusal::NotFound);
        };
        self.of_another(ctx, pid)?;
        let (mut member, screening) = self.hit(pid)?;
        proposal.in_time(ctx)?;
        self.proposals.remove(&id);
        member.party.screening = Some(Screening {
            result: ScreeningResult::Clear,
            ..screening
        });
        self.members.set(&pid, member);
        let by = ctx.caller();
        self.journal.act(ctx, doc, |seq| HitCleared {
            seq,
            pid,
            doc,
            proposal: id,
            by,
        });
        Ok(())
    }

    /// Stops a participant. Neither way is open to it.
    #[call(check)]
    pub fn suspend(
        &mut self,
        ctx: &Context,
        pid: Pid,
        reason: u16,
        doc: Hash,
    ) -> Result<(), Refusal> {
        self.stop(ctx, pid, PartyStatus::Suspended, (reason, doc))
    }

    /// Proposes to let a suspended participant go on.
    #[call(check)]
    pub fn propose_reinstate(
        &mut self,
        ctx: &Context,
        pid: Pid,
        reason: u16,
        doc: Hash,
    ) -> Result<u64, Refusal> {
        self.lifecycle.open()?;
        documented(doc)?;
        self.roles.require(ctx, Role::Compliance)?;
        self.of_another(ctx, pid)?;
        self.suspended(pid)?;
        Ok(self.propose(ctx, Privileged::Reinstate { pid, reason, doc }))
    }

    /// Lets a suspended participant go on, as another officer proposed.
    #[call(check)]
    pub fn approve_reinstate(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        self.roles.require(ctx, Role::Compliance)?;
        let proposal = self.approvable(ctx, id, &[Role::Compliance])?;
        let Privileged::Reinstate { pid, reason, doc } = proposal.act else {
            return Err(Refusal::NotFound);
        };
        self.of_another(ctx, pid)?;
        let member = self.suspended(pid)?;
        proposal.in_time(ctx)?;
        self.proposals.remove(&id);
        self.set_status(
            ctx,
            (pid, member),
            PartyStatus::Active,
            (reason, doc, Some(id)),
        );
        Ok(())
    }

    /// Closes a participant, for ever.
    #[call(check)]
    pub fn close(
        &mut self,
        ctx: &Context,
        pid: Pid,
        reason: u16,
        doc: Hash,
    ) -> Result<(), Refusal> {
        self.stop(ctx, pid, PartyStatus::Closed, (reason, doc))
    }
}

impl Register {
    /// Refuses an officer who decides in favour of itself.
    fn of_another(&self, ctx: &Context, pid: Pid) -> Result<(), Refusal> {
        let own = self.accepted_pid(&ctx.caller()) == Some(pid);
        ensure!(!own, Refusal::DutyConflict);
        Ok(())
    }

    /// A participant whose last screening is a hit.
    fn hit(&self, pid: Pid) -> Result<(Member, Screening), Refusal> {
        let member = self.member(pid)?;
        let hit = member
            .party
            .screening
            .filter(|screening| screening.result == ScreeningResult::Hit);
        Ok((member, hit.ok_or(Refusal::BadState)?))
    }

    fn suspended(&self, pid: Pid) -> Result<Member, Refusal> {
        let member = self.member(pid)?;
        ensure!(
            member.party.status == PartyStatus::Suspended,
            Refusal::BadState
        );
        Ok(member)
    }

    /// Suspends an active participant, or closes one that is not closed.
    fn stop(
        &mut self,
        ctx: &Context,
        pid: Pid,
        to: PartyStatus,
        (reason, doc): (u16, Hash),
    ) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        documented(doc)?;
        self.roles.require(ctx, Role::Compliance)?;
        let member = self.member(pid)?;
        let now = member.party.status;
        let may = match to {
            PartyStatus::Suspended => now == PartyStatus::Active,
            _ => now != to,
        };
        ensure!(may, Refusal::BadState);
        self.set_status(ctx, (pid, member), to, (reason, doc, None));
        Ok(())
    }

    fn set_status(
        &mut self,
        ctx: &Context,
        (pid, mut member): (Pid, Member),
        status: PartyStatus,
        (reason, doc, proposal): (u16, Hash, Option<u64>),
    ) {
        member.party.status = status;
        self.members.set(&pid, member);
        let by = ctx.caller();
        self.journal.act(ctx, doc, |seq| StatusChanged {
            seq,
            pid,
            status,
            reason,
            doc,
            proposal,
            by,
        });
    }
}
