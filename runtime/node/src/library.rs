//! The contract library inside the program: name, version and Wasm of every contract.
//!
//! Built from the sources by the build script, so that `contract deploy dfa-token` works anywhere.

/// A contract of the library.
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its module.
    pub wasm: &'static [u8],
}

static CONTRACTS: &[(&str, &str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/contracts.rs"));

/// Every contract, by name.
pub fn contracts() -> impl Iterator<Item = Embedded> {
    CONTRACTS.iter().map(|(name, version, wasm)| Embedded {
        name,
        version,
        wasm,
    })
}

/// The contract of this name.
#[must_use]
pub fn find(name: &str) -> Option<Embedded> {
    contracts().find(|contract| contract.name == name)
}
