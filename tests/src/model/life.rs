//! What every contract has: officers, a pause, an end.

use super::Seconds;
use super::cast::{NOBODY, Who};
use super::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, DEACTIVATED, DUTY_CONFLICT,
    NOT_FOUND, PAUSED, TOO_EARLY, UNAUTHORIZED, need,
};
use parity_scale_codec::Encode;
use std::collections::BTreeSet;

/// What somebody may be entrusted with, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Role {
    Admin,
    Pauser,
    Operator,
    Compliance,
    Screener,
    Regulator,
    Enforcer,
    Registrar,
    Issuer,
    Minter,
    Auditor,
    Arbiter,
    Oracle,
}

/// Where a contract stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Status {
    #[default]
    Active,
    Paused,
    Deactivated,
}

/// Officers, a pause, an end.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// Where it stands.
    pub status: Status,
    /// Who has which role.
    pub officers: BTreeSet<(Role, Who)>,
    /// Who will be ADMIN, and the first second to accept.
    pub handover: Option<(Who, Seconds)>,
}

/// Seconds between the proposal of another ADMIN and acceptance.
pub const ADMIN_DELAY: Seconds = 3_600;

/// Duties of which one person has one.
const EXCLUSIVE: [Role; 5] = [
    Role::Issuer,
    Role::Compliance,
    Role::Regulator,
    Role::Enforcer,
    Role::Auditor,
];

/// What ADMIN and officers say about offices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum OfficeMessage {
    GrantRole(Role, Who),
    RevokeRole(Role, Who),
    RenounceRole(Role),
    ProposeAdmin(Who),
    AcceptAdmin,
    CancelAdmin,
}

impl Life {
    /// Step 1 of market acts.
    ///
    /// # Errors
    /// 3, 2.
    pub fn open(&self) -> Result<(), Code> {
        self.alive()?;
        need(self.status != Status::Paused, PAUSED)
    }

    /// Step 1 of officers' acts and forced measures, which a pause does not stop.
    ///
    /// # Errors
    /// 3.
    pub fn alive(&self) -> Result<(), Code> {
        need(self.status != Status::Deactivated, DEACTIVATED)
    }

    /// Somebody who may see everything: one with an office that supervises, or else nobody in particular.
    #[must_use]
    pub fn supervisor(&self) -> Option<Who> {
        let sees = |role: &Role| matches!(role, Role::Regulator | Role::Auditor);
        let mut officers = self.officers.iter();
        officers.find(|(role, _)| sees(role)).map(|(_, who)| *who)
    }

    /// True if `who` has the role.
    #[must_use]
    pub fn is(&self, who: Who, role: Role) -> bool {
        self.officers.contains(&(role, who))
    }

    /// Step 3: the caller's role.
    ///
    /// # Errors
    /// 1.
    pub fn role(&self, who: Who, role: Role) -> Result<(), Code> {
        need(self.is(who, role), UNAUTHORIZED)
    }

    /// `pause(reason)`.
    ///
    /// # Errors
    /// 3, 1, 6.
    pub fn pause(&mut self, by: Who) -> Result<(), Code> {
        self.alive()?;
        self.role(by, Role::Pauser)?;
        need(self.status == Status::Active, BAD_STATE)?;
        self.status = Status::Paused;
        Ok(())
    }

    /// `unpause()`.
    ///
    /// # Errors
    /// 3, 1, 6.
    pub fn unpause(&mut self, by: Who) -> Result<(), Code> {
        self.alive()?;
        self.role(by, Role::Pauser)?;
        need(self.status == Status::Paused, BAD_STATE)?;
        self.status = Status::Active;
        Ok(())
    }

    /// `deactivate(doc)`: only while paused, for ever.
    ///
    /// # Errors
    /// 3, 17, 1, 6.
    pub fn deactivate(&mut self, by: Who, doc: u8) -> Result<(), Code> {
        self.alive()?;
        need(doc != 0, BAD_DOCUMENT)?;
        self.role(by, Role::Admin)?;
        need(self.status == Status::Paused, BAD_STATE)?;
        self.status = Status::Deactivated;
        Ok(())
    }

    /// True if one person could not have the roles of both.
    #[must_use]
    pub fn clash(&self, one: Who, other: Who) -> bool {
        let held = EXCLUSIVE
            .into_iter()
            .filter(|duty| self.is(one, *duty) || self.is(other, *duty));
        held.count() > 1
    }

    /// Offices change hands; `person` tells who is behind a wallet.
    ///
    /// # Errors
    /// 3, then as the messages say.
    pub fn office<P: PartialEq>(
        &mut self,
        now: Seconds,
        by: Who,
        message: OfficeMessage,
        person: impl Fn(Who) -> Option<P>,
    ) -> Result<(), Code> {
        self.alive()?;
        match message {
            OfficeMessage::GrantRole(role, who) => self.grant(by, (role, who), person),
            OfficeMessage::RevokeRole(role, who) => self.revoke(by, (role, who)),
            OfficeMessage::RenounceRole(role) => self.revoke(by, (role, by)),
            OfficeMessage::ProposeAdmin(to) => {
                need(to != NOBODY && !self.is(to, Role::Admin), BAD_ARGUMENT)?;
                self.role(by, Role::Admin)?;
                need(self.handover.is_none(), ALREADY_EXISTS)?;
                self.handover = Some((to, now + ADMIN_DELAY));
                Ok(())
            }
            OfficeMessage::AcceptAdmin => {
                let planned = self.handover.filter(|(to, _)| *to == by);
                let (_, from) = planned.ok_or(UNAUTHORIZED)?;
                need(now >= from, TOO_EARLY)?;
                self.handover = None;
                self.officers.retain(|(role, _)| *role != Role::Admin);
                self.officers.insert((Role::Admin, by));
                Ok(())
            }
            OfficeMessage::CancelAdmin => {
                self.role(by, Role::Admin)?;
                self.handover.take().map(drop).ok_or(NOT_FOUND)
            }
        }
    }

    /// `grant_role`: ADMIN's; one person has one of the duties that exclude each other.
    fn grant<P: PartialEq>(
        &mut self,
        by: Who,
        (role, who): (Role, Who),
        person: impl Fn(Who) -> Option<P>,
    ) -> Result<(), Code> {
        need(role != Role::Admin, BAD_ARGUMENT)?;
        self.role(by, Role::Admin)?;
        let duty = EXCLUSIVE.contains(&role);
        let other = |(held, _): &&(Role, Who)| EXCLUSIVE.contains(held) && *held != role;
        let others: Vec<Who> = self
            .officers
            .iter()
            .filter(other)
            .map(|(_, who)| *who)
            .collect();
        need(!duty || !others.contains(&who), DUTY_CONFLICT)?;
        if let Some(one) = person(who).filter(|_| duty) {
            let same = others
                .into_iter()
                .any(|other| person(other).as_ref() == Some(&one));
            need(!same, DUTY_CONFLICT)?;
        }
        need(self.officers.insert((role, who)), ALREADY_EXISTS)
    }

    /// `revoke_role`: ADMIN's, or of oneself.
    fn revoke(&mut self, by: Who, (role, who): (Role, Who)) -> Result<(), Code> {
        need(role != Role::Admin, BAD_ARGUMENT)?;
        if by != who {
            self.role(by, Role::Admin)?;
        }
        need(self.officers.remove(&(role, who)), NOT_FOUND)
    }

    /// A wallet that is given up loses its roles; that of ADMIN is handed over, never lost.
    pub(super) fn strip(&mut self, lost: Who) {
        let stays = |(role, who): &(Role, Who)| *role == Role::Admin || *who != lost;
        self.officers.retain(stays);
    }
}
