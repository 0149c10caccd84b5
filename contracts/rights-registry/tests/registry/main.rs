//! The registry on the real engine: real Wasm, real blocks, a clock that tests move.
//!
//! One file per part of the story; the invariants of the specification are in the names of tests. The
//! register of participants is a double that answers what a test tells it. Tests reach the registry as
//! users do, through transactions and queries.

mod admin;
mod arrest;
mod dry_run;
mod encumbrance;
mod fixture;
mod history;
mod invariant;
mod library;
mod order;
mod ownership;
mod parcel;
mod queue;
mod record;
mod usage;
mod utility;
mod view;
