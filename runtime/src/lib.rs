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

pub mod error;
pub mod limits;
pub mod log;
pub mod state;
pub mod vm;

pub use error::Fault;
