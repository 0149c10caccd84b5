//! `weighhouse demo`: an issuance, told on a real node.
//!
//! The node is another process with a folder of its own; this side only speaks JSON-RPC to it, as any
//! client would. Reading order: `issuance` (what is read from files and refused before anything is
//! sent), `process` (a node that can be killed), `account` and `session` (who signs, how it is
//! sent), `token` (the asset on the chain), `watch` (events as they happen), `story` (the acts),
//! `crash` (killing the node under load), `ledger` (what is true then), `aftermath` (the acts that
//! compare the two), `report`.
//!
//! Invariant: a check that fails, fails the command; nothing is repaired or retried until it holds.
//! What it does not do: measure. That is `weighhouse bench load`.

pub mod issuance;

pub mod account;
pub mod process;
pub mod random;
pub mod session;
pub mod token;
pub mod watch;

mod aftermath;
mod crash;
mod ledger;
mod progress;
mod replay;
mod report;
mod story;

pub use story::{Plan, run};
