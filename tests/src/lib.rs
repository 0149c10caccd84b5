//! Runs the real thing in tests; never shipped.
//!
//! The names to begin with: [`World`] (a chain with a block clock and accounts), [`Contract`] (deployed from an
//! artefact of `contracts/`, called by entry-point name), [`UnderTest`] (a world and one contract in
//! it, called by people with names), [`Library`] (the contract library on one chain, all of it real),
//! [`Account`] (keys made from a name), and [`artifact`] (the Wasm that the build script made from the
//! sources of this very checkout), [`mod@fuzz`] (random histories that can be had again).

pub mod account;
pub mod closed_pool;
pub mod contract;
pub mod dice;
pub mod fuzz;
pub mod host_calls;
pub mod library;
pub mod model;
mod note;
pub mod targets;
pub mod under_test;
pub mod variable;
pub mod world;

pub use account::Account;
pub use contract::{Contract, Refused};
pub use dice::Dice;
pub use fuzz::{Choices, fuzz};
pub use library::Library;
pub use under_test::UnderTest;
pub use world::World;

/// Name, version and Wasm of every contract of this workspace.
pub static ARTIFACTS: &[(&str, &str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/contracts.rs"));

/// As [`ARTIFACTS`], of the contracts below `tests/fixtures/`, doubles that only tests use, and of the
/// templates that new contracts start from.
pub static FIXTURES: &[(&str, &str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));

/// The Wasm of a contract of this workspace or of a fixture, by crate name.
///
/// # Panics
/// If no contract has that name: a mistake of the test.
#[must_use]
pub fn artifact(name: &str) -> &'static [u8] {
    ARTIFACTS
        .iter()
        .chain(FIXTURES)
        .find(|(known, ..)| *known == name)
        .map(|(.., wasm)| *wasm)
        .unwrap_or_else(|| panic!("no contract `{name}` under contracts/ or tests/fixtures/"))
}

/// The module that `weighhouse contract test` has built, for the tests of a contract of one's own; the
/// artefact of a contract of this workspace, for its tests.
///
/// # Panics
/// If the tests were not started by `weighhouse contract test` and belong to no contract here.
#[must_use]
pub fn module_under_test() -> Vec<u8> {
    if let Some(path) = std::env::var_os("WEIGHHOUSE_MODULE") {
        return std::fs::read(&path).expect("the module that was just built can be read");
    }
    // Cargo says whose tests it runs.
    let name = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let known = ARTIFACTS.iter().chain(FIXTURES);
    known
        .filter(|(known, ..)| *known == name)
        .map(|(.., wasm)| wasm.to_vec())
        .next()
        .expect("these tests run a Wasm module: start them with `weighhouse contract test`")
}
