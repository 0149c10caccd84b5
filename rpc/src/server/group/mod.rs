//! The groups of methods over the chain's reader: one file per file of [`crate::api`].

mod chain;
mod contract;
mod dev;
mod event;
mod index;
mod interface;
pub(crate) mod interfaces;
mod node;
mod state;
mod tx;
