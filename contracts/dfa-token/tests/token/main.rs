//! The token on the real engine: real Wasm, real blocks, a clock that tests move.
//!
//! One file per part of the story; `invariant` names the invariants of the specification, `refusal` the
//! codes. Tests reach the token as users do, through transactions and queries.

mod admin;
mod broken;
mod compliance;
mod dry_run;
mod estate;
mod fence;
mod fixture;
mod hold;
mod invariant;
mod issue;
mod library;
mod measure;
mod movement;
mod nominee;
mod permit;
mod ratio;
mod register;
mod supervision;
