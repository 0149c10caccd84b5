//! What every contract has: officers, a pause, an end.

use super::cast::Who;
use super::code::{BAD_DOCUMENT, BAD_STATE, Code, DEACTIVATED, PAUSED, UNAUTHORIZED, need};
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
}
