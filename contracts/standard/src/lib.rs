//! Parts that contracts share: one enum of refusals, roles, life cycle, documents, four eyes, journal.
//!
//! A part is a struct of storage cells that a contract embeds in its own, or a plain function. Each
//! part keeps to the order of checks of the contract library: deactivated or paused, shape of the
//! arguments, the caller's role, existence, state, time. A part writes its own events, numbered by
//! the contract's [`Journal`].
//!
//! | module | what |
//! |---|---|
//! | [`error`] | [`Refusal`]: every code of the library that a contract here can answer |
//! | [`interface`] | what contracts ask of each other |
//! | [`journal`] | the rising number of events, and the log of privileged acts |
//! | [`role`] | who may do what; duties that exclude each other; hand-over of the administrator |
//! | [`lifecycle`] | active, paused, deactivated |
//! | [`document`] | named documents with their hashes |
//! | [`proposal`] | acts that need two persons |
//! | [`deadline`] | the inclusive rules of time |
//! | [`calendar`] | local days, banking days, months |
//! | [`arithmetic`] | products of 256 bits, splits that lose nothing |
//! | [`fraction`] | exact shares |
//! | [`flow`] | movements and totals for supervisors |
//! | [`message`] | the messages that every contract has |
//!
//! No part calls a register of participants: where persons matter, the contract passes a function that
//! tells the person behind an address.
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

extern crate alloc;

pub mod error;
pub mod interface;

pub mod arithmetic;
pub mod calendar;
pub mod deadline;
pub mod fraction;
pub mod journal;

pub mod document;
pub mod flow;
pub mod lifecycle;
pub mod proposal;
pub mod role;

pub mod message;

#[doc(hidden)]
pub use alloc::{string::String, vec::Vec};
pub use document::Documents;
pub use error::Refusal;
pub use flow::Flows;
pub use journal::Journal;
pub use lifecycle::Lifecycle;
pub use proposal::Proposal;
pub use role::{Role, Roles};

/// Bytes of a name.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes of a reason or an address on the web.
pub const TEXT_BYTES_MAX: usize = 256;
/// Items of a batch.
pub const BATCH_ITEMS_MAX: usize = 256;
/// Items of a page.
pub const PAGE_ITEMS_MAX: u32 = 100;

/// Refuses what is longer than allowed.
///
/// # Errors
/// `LimitExceeded` with both numbers.
pub fn bounded(given: usize, max: usize) -> Result<(), Refusal> {
    if given > max {
        return Err(Refusal::LimitExceeded {
            max: as_u64(max),
            given: as_u64(given),
        });
    }
    Ok(())
}

/// The size of a page as the storage wants it.
///
/// # Errors
/// `LimitExceeded` above [`PAGE_ITEMS_MAX`].
pub fn page_items(limit: u32) -> Result<usize, Refusal> {
    let items = usize::try_from(limit).unwrap_or(usize::MAX);
    bounded(items, usize::try_from(PAGE_ITEMS_MAX).unwrap_or(usize::MAX))?;
    Ok(items)
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
