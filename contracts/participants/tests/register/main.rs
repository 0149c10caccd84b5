//! The register on the real engine: real Wasm, real blocks, a clock that tests move.
//!
//! One file per subject; `invariant` names the invariants of the specification. Tests reach the register as
//! users and tokens do: a token is an account here that asks in its own name.

mod admin;
mod authorisation;
mod dry_run;
mod fence;
mod fixture;
mod freeze;
mod invariant;
mod licence;
mod limit;
mod movement;
mod party;
mod rules;
mod succession;
mod token;
mod trade;
mod wallet;
