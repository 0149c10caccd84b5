//! Register of participants: who they are, what they may do, what stops them.
//!
//! Other contracts ask before they act: may this wallet receive, is this bank authorised at this second,
//! may these units move. The register answers with a code and the reason; what it decides for a token it
//! also books (trade budgets, preclearances, velocity), in the call that moves the units.
//!
//! Reading order: `storage`, [`event`], the constructor below, then one module per subject, each with its
//! entry points: `party`, `wallet`, `authorisation`, `freeze`, `directive`, `trade`, `succession`, `rules`,
//! `limit`, `view`; at last `standing` (who may send and receive), `movement` (may units move) and `licence`,
//! which bring all of it together.
//!
//! Order of checks, everywhere: deactivated, paused, halted; shape of the arguments; the caller's role;
//! existence; state, then time; compliance, by rising code, within a code caller, sender, receiver.
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

mod authorisation;
mod directive;
mod freeze;
mod licence;
mod limit;
mod party;
mod rules;
mod succession;
mod trade;
mod view;
mod wallet;

mod movement;
mod proposal;
mod standing;

pub use storage::Register;
pub use view::{MemberView, NamedTrade, OrderedProposal};

use event::Proposed;
use storage::Settings;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::calendar::UTC_OFFSET_MAX;
use weighhouse_standard::interface::{ParticipantsRef, Pid};
use weighhouse_standard::{Refusal, Role};

weighhouse_standard::messages! { Register, documents: Compliance, pid_of: Register::person }

#[contract(
    errors(Refusal),
    events(Proposed),
    parts(
        party::Parties,
        wallet::Wallets,
        authorisation::Authorisations,
        freeze::Freezes,
        directive::Directives,
        trade::Trades,
        succession::Successions,
        rules::Rules,
        limit::Limits,
        movement::Moves,
        licence::Licences,
        view::Views,
        Messages
    ),
    interfaces(ParticipantsRef)
)]
impl Register {
    /// Opens an empty register. `roles` names the first holders of roles, ADMIN excepted: officers act by
    /// role before they are participants themselves.
    #[constructor]
    pub fn open(
        &mut self,
        admin: Address,
        roles: Vec<(Role, Address)>,
        settings: Settings,
    ) -> Result<(), Refusal> {
        ensure!(admin != Address::ZERO, Refusal::argument("admin"));
        let near = settings.utc_offset.unsigned_abs() <= UTC_OFFSET_MAX.unsigned_abs();
        ensure!(near, Refusal::argument("utc_offset"));
        self.roles.appoint(admin, settings.admin_delay, roles)?;
        self.settings.set(settings);
        Ok(())
    }

    /// Numbers fixed at deployment.
    #[query]
    pub fn settings(&self) -> Settings {
        self.settings.get()
    }
}

impl Register {
    /// The person behind an address, for the separation of duties.
    pub(crate) fn person(&self, who: &Address) -> Result<Option<Pid>, Refused> {
        Ok(self.accepted_pid(who))
    }
}

/// Refuses an act without a document.
pub(crate) fn documented(doc: Hash) -> Result<(), Refusal> {
    ensure!(doc != Hash::ZERO, Refusal::BadDocument);
    Ok(())
}
