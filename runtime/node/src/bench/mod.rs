//! `weighhouse bench`: what a node takes, measured from outside (`load`), what a gas is worth
//! (`gas`), and work for those who count instructions (`work`).
//!
//! A load program, not a timed test: it drives a node over real sockets and reports. Reading order:
//! `load` (the run), `setup` (a token with many accounts), `generate` (signed transactions and
//! hostile input, made before and during the run in bounded memory), `crate::http` (raw keep-alive
//! connections), `follow` (which transactions are durable, by block), `query` (those who only ask),
//! `stages` (where the node says that its time went), `report`.
//!
//! Invariant: a transaction counts as durable only when its hash was read from a committed block.
//! Loopback only; bounded in time and count.

pub mod gas;
pub mod load;

pub mod work;

mod follow;
mod generate;
mod ground;
mod query;
mod report;
mod setup;
mod stages;

pub use load::{Load, Mix, run};
