//! Documentary credit and milestone escrow for export settlement.
//!
//! An importer's money is set aside in a hold of a token; a bank undertakes that it reaches the exporter
//! against complying documents, within deadlines to the second. The escrow is the notary: it holds no
//! units itself, it decides when a hold moves, to whom, and when it goes back.
//!
//! Reading order: `storage` and [`terms`] (what is remembered), [`credit`] and [`presentation`] (how far
//! it has come), `schedule` (deadlines), then the acts in the order of a credit's life: `issue`, `amend`,
//! `present` with `assess`, `examine`, `settle`, `confirm`, `assign`, `dispute`, `licence`, `close`. What
//! other contracts are asked stands in `outside` and `law`; entry points below and in `entry`.
//!
//! Order of checks, everywhere: deactivated, paused or halted; shape of the arguments; existence and the
//! caller's seat; state, then time; the law; documents, conditions and the like; funds.
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

pub mod credit;
pub mod presentation;
pub mod terms;

mod agree;
mod amend;
mod assess;
mod assign;
mod close;
mod confirm;
mod dispute;
mod entry;
mod examine;
mod fund;
mod issue;
pub mod law;
mod licence;
mod outside;
mod present;
pub mod regulator;
mod schedule;
mod settle;
pub mod view;

pub use assign::ASSIGNEES_MAX;
pub use fund::HOLDS_MAX;
pub use present::{OPEN_MAX, PRESENTATIONS_MAX};
pub use schedule::{EXAMINATION_DAYS, REPLACEMENT_DAYS};
pub use storage::{Escrow, Settings};

use event::{
    AmendmentAnswered, AmendmentProposed, Applied, CalendarDefined, CreditTransferred, Ended,
    Funded, FxSet, Marked, Paid, Presented, ProceedsAssigned, Proposed, Settled, Turned,
};
use terms::{Clauses, Terms};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::calendar::Calendar;
use weighhouse_standard::{Refusal, Role};

#[contract(
    errors(Refusal),
    events(
        Applied,
        Funded,
        Marked,
        AmendmentProposed,
        AmendmentAnswered,
        Presented,
        Turned,
        Settled,
        Paid,
        Ended,
        CreditTransferred,
        ProceedsAssigned,
        FxSet,
        CalendarDefined,
        Proposed
    ),
    parts(
        entry::presentation::Presentations,
        entry::settlement::Settlements,
        entry::office::Offices,
        entry::view::Views,
        entry::Messages,
        entry::Membership
    )
)]
impl Escrow {
    /// Opens an escrow without credits. `roles` names the holders of roles, ADMIN excepted.
    #[constructor]
    pub fn open(
        &mut self,
        settings: Settings,
        admin: Address,
        roles: Vec<(Role, Address)>,
    ) -> Result<(), Refusal> {
        ensure!(admin != Address::ZERO, Refusal::argument("admin"));
        let known = settings.participants != Address::ZERO && settings.rights != Address::ZERO;
        ensure!(known, Refusal::argument("settings"));
        self.roles.appoint(admin, settings.admin_delay, roles)?;
        self.settings.set(settings);
        Ok(())
    }

    /// Applies for a credit; the caller is the applicant. Nobody is bound yet.
    #[call(check)]
    pub fn apply(&mut self, ctx: &Context, terms: Terms) -> Result<u64, Refused> {
        self.draft(ctx, terms)
    }

    /// Binds the issuing bank, against a hold of the applicant's money of which the escrow is notary.
    #[call(check)]
    pub fn issue(&mut self, ctx: &Context, lc: u64, hold: u64) -> Result<(), Refused> {
        self.bind(ctx, lc, hold)
    }

    /// Hands the credit on to the beneficiary; the advising bank's.
    #[call(check)]
    pub fn advise(&mut self, ctx: &Context, lc: u64) -> Result<(), Refused> {
        self.hand_on(ctx, lc)
    }

    /// Binds the confirming bank, against a hold of its own money.
    #[call(check)]
    pub fn confirm(&mut self, ctx: &Context, lc: u64, conf_hold: u64) -> Result<(), Refused> {
        self.add_undertaking(ctx, lc, conf_hold)
    }

    /// Adds a further hold of the applicant, the confirming bank or the provider of another unit.
    #[call(check)]
    pub fn add_hold(&mut self, ctx: &Context, lc: u64, hold: u64) -> Result<(), Refused> {
        self.add_hold_of(ctx, lc, hold)
    }

    /// Proposes other clauses; the issuing bank's, which is bound by them at once.
    #[call(check)]
    pub fn propose_amend(
        &mut self,
        ctx: &Context,
        lc: u64,
        changes: Clauses,
    ) -> Result<u64, Refused> {
        self.suggest(ctx, lc, changes)
    }

    /// Accepts an amendment: beneficiary, second beneficiary, confirming bank. The last of them puts it
    /// in force.
    #[call(check)]
    pub fn accept_amend(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.answer(ctx, (lc, n), true)
    }

    /// Rejects an amendment: the clauses in force stay.
    #[call(check)]
    pub fn reject_amend(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.answer(ctx, (lc, n), false)
    }

    /// Gives the credit up: a draft by the applicant, an issued credit by all who are bound or entitled.
    #[call(check)]
    pub fn cancel(&mut self, ctx: &Context, lc: u64) -> Result<(), Refused> {
        self.give_up(ctx, lc)
    }

    /// Ends a credit whose time is over; anybody's. What is left goes back.
    #[call(check)]
    pub fn expire(&mut self, ctx: &Context, lc: u64) -> Result<(), Refused> {
        self.lapse(ctx, lc)
    }

    /// Defines a calendar of banking days; OPERATOR's. A calendar never changes.
    #[call]
    pub fn define_calendar(&mut self, ctx: &Context, calendar: Calendar) -> Result<u64, Refused> {
        self.new_calendar(ctx, calendar)
    }
}
