//! Who may depend on whom, and who may use which library.
//!
//! The two tables are the data of `docs/architecture.md`; a change of either needs a decision record.

use super::tree::{Findings, code_lines, files, find_word, root};
use cargo_metadata::{DependencyKind, MetadataCommand};
use std::collections::BTreeSet;

/// Crate, the crates of the workspace that it may use, those that only its tests or build may use.
const ARROWS: [(&str, &[&str], &[&str]); 9] = [
    ("weighhouse-primitives", &[], &[]),
    ("weighhouse-sdk-macros", &[], &[]),
    (
        "weighhouse-sdk",
        &["weighhouse-primitives", "weighhouse-sdk-macros"],
        &[],
    ),
    ("weighhouse-build", &["weighhouse-primitives"], &[]),
    ("weighhouse-runtime", &["weighhouse-primitives"], &[]),
    (
        "weighhouse-rpc",
        &["weighhouse-primitives", "weighhouse-runtime"],
        &[],
    ),
    (
        "weighhouse-node",
        &[
            "weighhouse-primitives",
            "weighhouse-runtime",
            "weighhouse-rpc",
            "weighhouse-build",
        ],
        &["weighhouse-build"],
    ),
    ("weighhouse-standard", &["weighhouse-sdk"], &[]),
    (
        "weighhouse-testkit",
        &[
            "weighhouse-primitives",
            "weighhouse-runtime",
            "weighhouse-rpc",
            "weighhouse-standard",
        ],
        &["weighhouse-build", "weighhouse-node"],
    ),
];

/// The same for every contract.
const CONTRACT: (&[&str], &[&str]) = (
    &["weighhouse-sdk", "weighhouse-standard"],
    &["weighhouse-testkit", "weighhouse-primitives"],
);

/// The same for every template of a contract; tests of some pay with a token.
const TEMPLATE: (&[&str], &[&str]) = (
    CONTRACT.0,
    &["weighhouse-testkit", "weighhouse-primitives", "dfa-token"],
);

/// Name of a library in source, and the paths below which it may stand. Tests are free.
const FENCES: [(&str, &[&str]); 27] = [
    ("wasmtime", &["runtime/src/vm/", "runtime/src/host/mod.rs"]),
    (
        "wasmparser",
        &["runtime/src/vm/code/", "runtime/src/vm/instrument"],
    ),
    (
        "wasm_encoder",
        &["runtime/src/vm/instrument", "runtime/node/src/bench/gas/"],
    ),
    ("sled", &["runtime/src/state/store/"]),
    ("redb", &["runtime/src/state/store/"]),
    (
        "quick_cache",
        &[
            "runtime/src/chain.rs",
            "runtime/src/state/",
            "runtime/src/vm/cache.rs",
        ],
    ),
    ("curve25519_dalek", &["runtime/src/host/crypto.rs"]),
    (
        "ed25519_zebra",
        &[
            "runtime/src/admission.rs",
            "runtime/src/host/crypto.rs",
            "runtime/node/src/",
            "tests/src/",
        ],
    ),
    (
        "clap",
        &[
            "runtime/node/src/cli/",
            "runtime/node/src/config.rs",
            "runtime/node/src/output.rs",
        ],
    ),
    ("clap_complete", &["runtime/node/src/cli/completion.rs"]),
    ("tokio", &["rpc/src/", "runtime/node/src/", "tests/src/"]),
    ("jsonrpsee", &["rpc/src/"]),
    ("prost", &["runtime/node/src/abci/"]),
    ("tendermint_proto", &["runtime/node/src/abci/"]),
    ("jsonrpsee_http_client", &["rpc/src/client/"]),
    ("jsonrpsee_ws_client", &["rpc/src/client/"]),
    ("rustls", &["rpc/src/client/", "rpc/src/server/tls.rs"]),
    ("tokio_rustls", &["rpc/src/server/tls.rs"]),
    ("schemars", &["rpc/src/"]),
    ("bech32", &["rpc/src/address.rs"]),
    ("argon2", &["runtime/node/src/keystore"]),
    ("chacha20poly1305", &["runtime/node/src/keystore"]),
    ("rpassword", &["runtime/node/src/cli/passphrase.rs"]),
    ("syn", &["sdk/macros/src/"]),
    ("quote", &["sdk/macros/src/"]),
    ("proc_macro2", &["sdk/macros/src/"]),
    (
        "serde_json",
        &[
            "rpc/src/",
            "runtime/node/src/",
            "sdk/build/src/",
            "tests/src/",
        ],
    ),
];

/// Goal: crates depend on each other exactly as the picture allows.
#[test]
fn arrows_between_crates_are_the_allowed_ones() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata");
    let members: BTreeSet<&str> = metadata.packages.iter().map(|p| p.name.as_str()).collect();
    let mut findings = Findings::default();
    for package in &metadata.packages {
        let file = package
            .manifest_path
            .strip_prefix(root())
            .expect("below the root");
        let row = ARROWS.iter().find(|row| row.0 == package.name.as_str());
        let (always, other) = match row {
            Some((_, always, other)) => (*always, *other),
            None if file.starts_with("contracts") || file.starts_with("tests/fixtures") => CONTRACT,
            None if file.starts_with("runtime/node/templates") => TEMPLATE,
            None => {
                findings.add(
                    file.as_str(),
                    0,
                    format!("crate {} is not planned", package.name),
                );
                continue;
            }
        };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let normal = dependency.kind == DependencyKind::Normal;
            let allowed = always.contains(&name) || (!normal && other.contains(&name));
            if members.contains(name) && !allowed {
                let what = format!("{} uses {name} ({})", package.name, dependency.kind);
                findings.add(file.as_str(), 0, what);
            }
        }
    }
    findings
        .settle("turn the arrow round, or write a decision record and extend tests/tidy/arrow.rs");
}

/// Goal: a heavy library stays behind its fence, so that it can be replaced.
#[test]
fn libraries_stay_behind_their_fences() {
    let mut findings = Findings::default();
    for (path, text) in files(&[".rs"]) {
        if path.contains("/tests/") || path.starts_with("tests/") || path.ends_with("tests.rs") {
            continue;
        }
        let source = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        for (number, line) in code_lines(source) {
            for (library, paths) in &FENCES {
                let inside = paths.iter().any(|allowed| path.starts_with(allowed));
                if !inside && uses(line, library) {
                    findings.add(&path, number, format!("uses {library}"));
                }
            }
        }
    }
    findings.settle("use the module that wraps the library; the fences are in tests/tidy/arrow.rs");
}

/// True if the line names the library as a path, not as a module of ours.
fn uses(line: &str, library: &str) -> bool {
    let Some(at) = find_word(line, library) else {
        return false;
    };
    let (before, after) = (&line[..at], &line[at + library.len()..]);
    let ours = before.ends_with("::") || before.ends_with('.');
    let imported = before.trim_end().ends_with("use") && after.starts_with([';', ' ']);
    !ours && (after.starts_with("::") || imported)
}
