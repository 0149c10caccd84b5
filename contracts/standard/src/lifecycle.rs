//! Active, paused, deactivated.
//!
//! `Active <-> Paused -> Deactivated`. A pause stops what users and markets do, never an exit, a forced
//! measure or a query, and extends no deadline. Deactivation is for ever; only exits and queries
//! remain. What is an exit, the contract says: it asks [`Lifecycle::open`] before market acts,
//! [`Lifecycle::alive`] before the others, and nothing before an exit.

use crate::error::Refusal;
use crate::journal::Journal;
use crate::role::{Role, Roles};
use crate::{TEXT_BYTES_MAX, bounded};
use weighhouse_sdk::prelude::*;

/// Where a contract stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Status {
    /// Everything works.
    #[default]
    Active,
    /// Market acts are stopped.
    Paused,
    /// Only exits and queries work, for ever.
    Deactivated,
}

/// Market acts are stopped.
#[derive(Debug, Event)]
pub struct Paused {
    /// Number of the event.
    pub seq: u64,
    /// Who did it.
    pub by: Address,
    /// Why.
    pub reason: String,
}

/// Market acts work again.
#[derive(Debug, Event)]
pub struct Unpaused {
    /// Number of the event.
    pub seq: u64,
    /// Who did it.
    pub by: Address,
}

/// The contract has ended.
#[derive(Debug, Event)]
pub struct Deactivated {
    /// Number of the event.
    pub seq: u64,
    /// Who did it.
    pub by: Address,
    /// The document it rests on.
    pub doc: Hash,
}

/// Where the contract stands.
#[storage]
pub struct Lifecycle {
    /// Absent while it was never paused.
    status: Cell<Status>,
}

impl Lifecycle {
    /// Where the contract stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.get()
    }

    /// Refuses market acts while paused or deactivated.
    ///
    /// # Errors
    /// `Deactivated`, `Paused`.
    pub fn open(&self) -> Result<(), Refusal> {
        match self.status.get() {
            Status::Active => Ok(()),
            Status::Paused => Err(Refusal::Paused),
            Status::Deactivated => Err(Refusal::Deactivated),
        }
    }

    /// Refuses administrative acts and forced measures once deactivated.
    ///
    /// # Errors
    /// `Deactivated`.
    pub fn alive(&self) -> Result<(), Refusal> {
        ensure!(
            self.status.get() != Status::Deactivated,
            Refusal::Deactivated
        );
        Ok(())
    }

    /// Stops market acts.
    ///
    /// # Errors
    /// `Deactivated`, `LimitExceeded`, `Unauthorized` unless PAUSER, `BadState` if paused already.
    pub fn pause(
        &mut self,
        ctx: &Context,
        roles: &Roles,
        journal: &mut Journal,
        reason: String,
    ) -> Result<(), Refusal> {
        self.alive()?;
        bounded(reason.len(), TEXT_BYTES_MAX)?;
        roles.require(ctx, Role::Pauser)?;
        ensure!(self.status.get() == Status::Active, Refusal::BadState);
        self.status.set(Status::Paused);
        journal.act(ctx, Hash::ZERO, |seq| Paused {
            seq,
            by: ctx.caller(),
            reason,
        });
        Ok(())
    }

    /// Lets market acts go on.
    ///
    /// # Errors
    /// `Deactivated`, `Unauthorized` unless PAUSER, `BadState` if not paused.
    pub fn unpause(
        &mut self,
        ctx: &Context,
        roles: &Roles,
        journal: &mut Journal,
    ) -> Result<(), Refusal> {
        self.alive()?;
        roles.require(ctx, Role::Pauser)?;
        ensure!(self.status.get() == Status::Paused, Refusal::BadState);
        self.status.set(Status::Active);
        journal.act(ctx, Hash::ZERO, |seq| Unpaused {
            seq,
            by: ctx.caller(),
        });
        Ok(())
    }

    /// Ends the contract, for ever; only while paused.
    ///
    /// # Errors
    /// `Deactivated`, `BadDocument`, `Unauthorized` unless ADMIN, `BadState` unless paused.
    pub fn deactivate(
        &mut self,
        ctx: &Context,
        roles: &Roles,
        journal: &mut Journal,
        doc: Hash,
    ) -> Result<(), Refusal> {
        self.alive()?;
        ensure!(doc != Hash::ZERO, Refusal::BadDocument);
        roles.require(ctx, Role::Admin)?;
        ensure!(self.status.get() == Status::Paused, Refusal::BadState);
        self.status.set(Status::Deactivated);
        journal.act(ctx, doc, |seq| Deactivated {
            seq,
            by: ctx.caller(),
            doc,
        });
        Ok(())
    }
}
