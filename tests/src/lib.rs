//! Runs the real thing in tests; never shipped.
//!
//! Four names: [`World`] (a chain with a block clock and accounts), [`Contract`] (deployed from an
//! artefact of `contracts/`, called by entry-point name), [`Account`] (keys made from a name), and
//! [`artifact`] (the Wasm that the build script made from the sources of this very checkout).

pub mod account;
pub mod contract;
pub mod world;

pub use account::Account;
pub use contract::{Contract, Refused};
pub use world::World;

/// Name, version and Wasm of every contract of this workspace.
pub static ARTIFACTS: &[(&str, &str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/contracts.rs"));

/// The Wasm of a contract of this workspace, by crate name.
///
/// # Panics
/// If no contract has that name: a mistake of the test.
#[must_use]
pub fn artifact(name: &str) -> &'static [u8] {
    ARTIFACTS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(.., wasm)| *wasm)
        .unwrap_or_else(|| panic!("no contract `{name}` under contracts/"))
}
