//! The engine: what runs contracts.
//!
//! ```text
//! upload: bytes -> code::Code::check -> state
//! call:   bytes of state -> instrument -> compile (cache) -> instance -> outcome
//! ```
//!
//! * [`code`] alone decides whether a module is accepted.
//! * [`instrument`] makes it count its own gas and stack, the same on every compiler.
//! * [`engine`] configures wasmtime; [`cache`] keeps what it compiled; [`machine`] ties them together.
//! * `linked` is code ready to run; `instance` runs one frame and is set back to `image`; `idle` keeps
//!   it for the next; `answer` tells outcomes from faults.
//! * [`growth`] and [`memory`] guard memory from the guest's side and from the host's.
//!
//! Invariants DET-3 and GAS-2 begin here. Nothing here knows transactions or state.

pub mod code;
pub mod instrument;

pub mod cache;
pub mod engine;
pub mod machine;

mod answer;
mod idle;
mod image;
pub(crate) mod instance;
pub(crate) mod linked;

pub mod growth;
pub mod memory;

pub use machine::Vm;
pub(crate) use machine::read_code;
