//! The suite: flows, admission, hostile contracts, limits, crashes, conformance. One binary, because every
//! binary that links the engine costs time.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where it stands"
)]

mod admission;
mod attacks;
mod brief;
mod conformance;
mod crash;
mod damage;
mod flows;
mod fuzz;
mod hostile;
mod invariant;
mod limits;
mod modules;
mod replay;
mod rpc;
mod variants;
