//! Executes blocks of transactions against the state.
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

pub mod chain;
pub mod genesis;
pub mod limits;

pub mod admission;
pub mod block;

pub mod executor;
mod frame;
pub mod vm;

mod host;

pub mod gas;
pub mod rules;
pub mod state;

pub mod log;
mod recovery;

pub mod index;
pub mod reader;

pub mod error;

pub use admission::{Admitted, Rejection};
pub use chain::{Chain, Committed, Proposal, Settings, StoreKind, Storer};
pub use error::Fault;
pub use genesis::Genesis;
pub use host::verify_ed25519;
pub use reader::Reader;
