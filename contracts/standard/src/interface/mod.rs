//! What contracts of the library ask of each other: traits, whose typed callers are generated, and the
//! types that cross.
//!
//! A contract that is called promises the trait with `#[contract(interfaces(ParticipantsRef))]`; one
//! that calls needs only this crate. So a contract that comes later plugs in without a change here.
//!
//! | trait | who serves it | who calls it |
//! |---|---|---|
//! | [`Participants`] | register of participants | everybody |
//! | [`Holds`] | tokens | escrow, offering, exchange, corporate actions |
//! | [`LicensedHolds`] | tokens with a register | escrow |
//! | [`Control`] | registry of rights | escrow |
//! | [`Conditions`] | device oracle | escrow, corporate actions |
//! | [`Provenance`] | registry of miners | tokens |
//! | [`Rates`] | oracle of rates | escrow |
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

mod condition;
mod control;
mod freeze;
mod hold;
mod licence;
mod movement;
mod participants;
mod party;
mod rate;
mod trade;

pub use condition::{
    BreachPolicy, ConditionState, Conditions, ConditionsRef, Provenance, ProvenanceRef,
};
pub use control::{Control, ControlRef, RecordState, RecordView};
pub use freeze::{
    Direction, Freeze, FreezeState, FreezeView, HaltKind, Recovery, Scope, Served, Succession,
    SuccessionShare,
};
pub use hold::{HoldState, HoldTerms, HoldView, Holds, HoldsRef};
pub use licence::{Licensed, LicensedHolds, LicensedHoldsRef};
pub use movement::{AnnualLimit, Move, Path, Purpose, Rule, RuleSet, Side, Velocity, Verdict, Why};
pub use participants::{Participants, ParticipantsRef};
pub use party::{
    AuthorisationKind, Country, Party, PartyKind, PartyStatus, Pid, Qualification, Residency,
    Screening, ScreeningResult, Wallet, WalletStatus,
};
pub use rate::{Rate, Rates, RatesRef};
pub use trade::{Currency, Trade, TradeRef, TradeState};
