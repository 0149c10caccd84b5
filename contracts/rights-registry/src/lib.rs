//! A registry of digital rights: land, intellectual property, utility rights, transferable records.
//!
//! Things are entered by registrars, owned in exact fractions, and changed on application: parties apply,
//! those concerned consent, the queue of an object keeps the order of entry, two registrars decide.
//! Orders of authorities are mirrored from the register of participants and stand before everything
//! else. Rights to use and records for trade move by their own rules, without a registrar. Every state
//! that ever was can be read again.
//!
//! Reading order: `storage` (what is remembered, and the rules that the host enforces); [`object`],
//! [`restriction`], [`application`] (what it consists of); `queue`, `consent`, `plan`, `parcel`, `decision`
//! (the way of an application); `arrest`, [`usage`], [`utility`], [`record`]; `history` (the one way into
//! the register); [`view`], [`supervision`]; the entry points in `part`.
//!
//! Order of checks, everywhere: deactivated or paused; shape of the arguments; role; existence; state,
//! then time; parties, codes ascending; what blocks the object; codes 300 and above from low to high.
//! Where the right to act hangs on a thing, the thing is looked up first.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic,
        clippy::indexing_slicing
    )
)]

pub mod event;
pub mod storage;

pub mod application;
pub mod object;
pub mod restriction;

mod consent;
mod decision;
mod parcel;
mod plan;
mod queue;

pub mod arrest;
pub mod record;
pub mod usage;
pub mod utility;

mod history;
mod party;

pub mod supervision;
pub mod view;

mod part;

pub use storage::Rights;
use storage::Settings;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::ControlRef;
use weighhouse_standard::{Refusal, Role};

weighhouse_standard::messages! { Rights, documents: Registrar, pid_of: Rights::party_of }

#[contract(
    errors(Refusal),
    interfaces(ControlRef),
    parts(
        part::land::Land,
        part::enforcement::Enforcement,
        part::usage::Usage,
        part::record::Records,
        part::query::Queries,
        Messages
    )
)]
impl Rights {
    /// Opens the registry. `roles` names the officers, ADMIN excepted; `participants` is the register
    /// that says who is who.
    #[constructor]
    pub fn open(
        &mut self,
        settings: Settings,
        admin: Address,
        roles: Vec<(Role, Address)>,
        participants: Address,
    ) -> Result<(), Refusal> {
        ensure!(admin != Address::ZERO, Refusal::argument("admin"));
        let known = participants != Address::ZERO;
        ensure!(known, Refusal::argument("participants"));
        self.roles.appoint(admin, settings.admin_delay, roles)?;
        self.settings.set(settings);
        self.participants.set(participants);
        Ok(())
    }
}
