//! The engine: what runs contracts.
//!
//! ```text
//! upload: bytes -> code::Code::check -> state
//! call:   bytes of state -> instrument -> compile (cache) -> instance -> outcome
//! ```
//!
//! * [`code`] alone decides whether a module is accepted.
//! * [`instrument`] makes it count its own gas and stack, the same on every compiler.
//! * [`engine`] configures wasmtime; [`cache`] keeps what it compiled.
//! * [`growth`] and [`memory`] guard memory from the guest's side and from the host's.
//!
//! Invariants DET-3 and GAS-2 begin here. Nothing here knows transactions or state.

pub mod cache;
pub mod code;
pub mod engine;
pub mod growth;
pub mod instrument;
pub mod memory;

#[cfg(test)]
mod tests;
