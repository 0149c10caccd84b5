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

pub mod admission;
pub mod chain;
pub mod error;
pub mod gas;
pub mod genesis;
pub mod index;
pub mod limits;
pub mod log;
pub mod reader;
pub mod rules;
pub mod state;
pub mod vm;

pub use admission::{Admitted, Rejection};
pub use chain::{Chain, Committed, Proposal, Settings, StoreKind, Storer};
pub use error::Fault;
pub use genesis::Genesis;
pub use reader::Reader;
