//! Licences and sources of everything that is linked: the part of `deny.toml` that needs no other program.

use super::tree::{Findings, root};
use cargo_metadata::MetadataCommand;

/// Licences whose terms a user of the program can meet by shipping their texts.
const ALLOWED: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Where nodes run; what only other systems link is not fetched for this.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// True if some choice that the expression offers is allowed. `OR` binds weaker than `AND`.
fn allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" OR ").any(|choice| {
        choice
            .split(" AND ")
            .all(|licence| ALLOWED.contains(&licence.trim()))
    })
}

/// Goal: no dependency whose licence would bind the user of the program.
#[test]
fn dependencies_have_allowed_licences() {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options([
            "--locked".into(),
            "--filter-platform".into(),
            PLATFORM.into(),
        ])
        .exec()
        .expect("cargo metadata");
    let mut findings = Findings::default();
    for package in &metadata.packages {
        let licence = package.license.as_deref().unwrap_or("none");
        if !allowed(licence) {
            let what = format!("{} {}: {licence}", package.name, package.version);
            findings.add("Cargo.lock", 0, what);
        }
    }
    findings.settle("use another crate, or extend tests/tidy/licence.rs with the reason");
}

/// Where third-party crates come from.
const REGISTRY: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

/// Goal: every crate that is not ours comes from the registry, with its checksum.
#[test]
fn dependencies_come_from_the_registry() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    let mut findings = Findings::default();
    for package in lock.split("[[package]]").skip(1) {
        let name = package
            .lines()
            .find_map(|line| line.strip_prefix("name = "));
        let source = package.lines().find(|line| line.starts_with("source = "));
        let sealed = package.contains("\nchecksum = \"");
        if source.is_some_and(|source| source != REGISTRY || !sealed) {
            let what = format!("{} comes from {source:?}", name.unwrap_or_default());
            findings.add("Cargo.lock", 0, what);
        }
    }
    findings.settle("take the crate from the registry; deny.toml says the same");
}

/// Goal: `cargo-deny` allows the licences that are allowed here, and no others.
#[test]
fn licences_are_listed_alike() {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    let document: toml::Table = text.parse().expect("TOML");
    let listed = document["licenses"]["allow"].as_array().expect("a list");
    let listed: Vec<&str> = listed.iter().filter_map(toml::Value::as_str).collect();
    assert_eq!(listed, ALLOWED);
}

/// Goal: the rule for expressions does what it says.
#[test]
fn expressions_are_understood() {
    for good in [
        "MIT",
        "MIT OR GPL-3.0",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "MIT/Apache-2.0",
    ] {
        assert!(allowed(good), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "none"] {
        assert!(!allowed(bad), "{bad}");
    }
}
