//! The suite: flows, admission, hostile contracts, crashes, conformance. One binary, because every
//! binary that links the engine costs time.

mod admission;
mod conformance;
mod crash;
mod flows;
mod hostile;
mod invariant;
mod replay;
