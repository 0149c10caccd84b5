//! Recorded behaviour. A changed line in review means that deployed code changes.

use std::path::Path;
use weighhouse_build::lock::{Line, check};
use weighhouse_primitives::{Hash, abi};

/// Goal: every contract's Wasm is what `contracts/artifacts.lock` says; `BLESS=1` records it anew.
#[test]
fn artifacts_are_those_recorded() {
    let built: Vec<Line> = weighhouse_testkit::ARTIFACTS
        .iter()
        .map(|(name, version, wasm)| Line {
            name: (*name).to_owned(),
            version: (*version).to_owned(),
            bytes: wasm.len() as u64,
            blake3: Hash::of(wasm)
                .to_string()
                .trim_start_matches("0x")
                .to_owned(),
            abi: abi::IMPORT_MODULE.to_owned(),
        })
        .collect();
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/artifacts.lock");
    let bless = std::env::var_os("BLESS").is_some();
    if let Err(error) = check(&lock, &built, bless) {
        panic!("{error}");
    }
}

/// Goal: every contract of the library is within the size that CONTRACTS asks for.
#[test]
fn artifacts_are_small() {
    for (name, _, wasm) in weighhouse_testkit::ARTIFACTS {
        assert!(wasm.len() <= 400 * 1024, "{name} is {} bytes", wasm.len());
    }
}
