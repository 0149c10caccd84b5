//! Fuzz targets: every place where bytes of strangers come in, as a function from bytes.
//!
//! A target panics if a promise is broken: nothing panics on input, what is decoded is encoded to the same
//! bytes, what was not proved does not verify, an answer is never a fault. `tests/fuzz` hands them to
//! libFuzzer; `tests/suite/fuzz.rs` runs each over its corpus and over mutations of it ([`mutate`]).

mod data;
mod host;
pub mod mutate;
mod rpc;
pub mod seeds;
mod tree;

/// A function from bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: also that of its corpus below `tests/fuzz/corpus`.
    pub name: &'static str,
    /// Cases that take about a second in a build for tests.
    pub cases: u64,
    /// Feeds it.
    pub run: fn(&[u8]),
}

/// All targets.
pub static TARGETS: [Target; 8] = [
    Target {
        name: "transaction",
        cases: 20_000,
        run: data::transaction,
    },
    Target {
        name: "block",
        cases: 20_000,
        run: data::block,
    },
    Target {
        name: "log_record",
        cases: 4_000,
        run: data::log_record,
    },
    Target {
        name: "proof",
        cases: 10_000,
        run: data::proof,
    },
    Target {
        name: "schema",
        cases: 5_000,
        run: data::schema,
    },
    Target {
        name: "module",
        cases: 5_000,
        run: data::module,
    },
    Target {
        name: "host",
        cases: 400,
        run: host::host,
    },
    Target {
        name: "rpc",
        cases: 600,
        run: rpc::rpc,
    },
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Feeds the target of this name.
///
/// # Panics
/// If there is none, or if a promise is broken.
pub fn feed(name: &str, bytes: &[u8]) {
    let target = target(name).unwrap_or_else(|| panic!("no target {name}"));
    (target.run)(bytes);
}
