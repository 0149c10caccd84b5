//! `contracts/artifacts.lock`: what every contract's Wasm hashes to.
//!
//! Binaries are not committed; this table is. A line that changes in review means that a contract's
//! deployed code changes. It is rewritten by `BLESS=1 cargo test` only.
//!
//! # Format
//! TOML: a list `artifact` of `name`, `version`, `bytes`, `blake3` (64 hex digits), `abi`, by name.

use crate::{Artifact, BuildError};
use std::fmt::Write as _;
use std::path::Path;
use weighhouse_primitives::abi::IMPORT_MODULE;

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Name of the contract.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Size of its Wasm.
    pub bytes: u64,
    /// Hash of its Wasm, 64 hex digits.
    pub blake3: String,
    /// Interface to the host that it was built for.
    pub abi: String,
}

impl Line {
    /// The line of an artifact.
    #[must_use]
    pub fn of(artifact: &Artifact) -> Self {
        Self {
            name: artifact.name.clone(),
            version: artifact.version.clone(),
            bytes: artifact.wasm.len().try_into().unwrap_or(u64::MAX),
            blake3: artifact
                .hash
                .to_string()
                .trim_start_matches("0x")
                .to_owned(),
            abi: IMPORT_MODULE.to_owned(),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    artifact: Vec<Line>,
}

/// Reads the table; a file that does not exist is an empty one.
///
/// # Errors
/// The file cannot be read or is not such a table.
pub fn read(path: &Path) -> Result<Vec<Line>, BuildError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(BuildError::file(path)(error)),
    };
    toml::from_str::<Table>(&text)
        .map(|table| table.artifact)
        .map_err(|error| BuildError::Lock {
            path: path.to_owned(),
            reason: error.to_string(),
        })
}

/// The table as text.
#[must_use]
pub fn render(lines: &[Line]) -> String {
    let mut text = String::from(
        "# What every contract's Wasm hashes to. Rewritten by BLESS=1 cargo test, never by hand.\n",
    );
    for line in lines {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n[[artifact]]\nname = \"{}\"\nversion = \"{}\"\nbytes = {}\nblake3 = \"{}\"\nabi = \"{}\"\n",
            line.name, line.version, line.bytes, line.blake3, line.abi
        );
    }
    text
}

/// Compares the table at `path` with what was built, or rewrites it if `bless`.
///
/// # Errors
/// [`BuildError::Lock`] that names every difference; the file cannot be read or written.
pub fn check(path: &Path, built: &[Line], bless: bool) -> Result<(), BuildError> {
    if bless {
        return crate::write_if_changed(path, render(built).as_bytes());
    }
    let recorded = read(path)?;
    let mut reason = String::new();
    for line in built.iter().filter(|line| !recorded.contains(line)) {
        let old = recorded.iter().find(|old| old.name == line.name);
        let old = old.map_or("nothing", |old| &old.blake3);
        let _ = write!(
            reason,
            "\n  {}: recorded {old}, built {} ({} bytes)",
            line.name, line.blake3, line.bytes
        );
    }
    for old in &recorded {
        if !built.iter().any(|line| line.name == old.name) {
            let _ = write!(reason, "\n  {}: recorded, but no such contract", old.name);
        }
    }
    if reason.is_empty() {
        return Ok(());
    }
    Err(BuildError::Lock {
        path: path.to_owned(),
        reason: format!("contracts have changed; BLESS=1 cargo test records them{reason}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, blake3: &str) -> Line {
        Line {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            bytes: 3,
            blake3: blake3.to_owned(),
            abi: IMPORT_MODULE.to_owned(),
        }
    }

    /// What is written is read back, and every kind of difference is named.
    #[test]
    fn differences_are_named() {
        let path = std::env::temp_dir().join(format!("artifacts-{}.lock", std::process::id()));
        let recorded = [line("bond", "aa"), line("gone", "bb")];
        check(&path, &recorded, true).unwrap();
        assert_eq!(read(&path).unwrap(), recorded);
        assert!(check(&path, &recorded, false).is_ok());
        let error = check(&path, &[line("bond", "cc"), line("new", "dd")], false).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("bond: recorded aa, built cc"), "{message}");
        assert!(message.contains("new: recorded nothing"), "{message}");
        assert!(message.contains("gone: recorded, but no"), "{message}");
        std::fs::remove_file(path).unwrap();
    }
}
