//! The suite: flows, admission, hostile contracts, crashes, conformance. One binary, because every
//! binary that links the engine costs time.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where it stands"
)]

mod admission;
mod conformance;
mod crash;
mod flows;
mod hostile;
mod invariant;
mod replay;
mod rpc;
