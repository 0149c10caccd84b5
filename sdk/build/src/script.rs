//! For build scripts: all contracts of this workspace, compiled into the crate that asks.
//!
//! ```text
//! // build.rs
//! fn main() {
//!     if let Err(error) = weighhouse_build::script::embed_contracts() {
//!         panic!("{error}");
//!     }
//! }
//! // src: name, version and Wasm of every contract, by name
//! pub static CONTRACTS: &[(&str, &str, &[u8])] =
//!     include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
//! ```

use crate::{Artifact, BuildError, ContractCrate, build};
use crate::{find_contracts, find_fixtures, write_if_changed};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What contracts are made of, below the root of the workspace.
const SOURCES: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "contracts",
    "sdk/Cargo.toml",
    "sdk/src",
    "sdk/macros",
    "sdk/primitives",
];

/// Builds all contracts of the workspace that the calling build script belongs to and writes
/// `contracts.rs`, an expression of type `&[(&str, &str, &[u8])]`, into its `OUT_DIR`.
///
/// Cargo is told to run the script again when the sources of a contract change.
///
/// # Errors
/// As [`build`]; also if this is not a build script of the workspace.
pub fn embed_contracts() -> Result<Vec<Artifact>, BuildError> {
    let (workspace, out_dir) = places()?;
    announce(&workspace, &SOURCES);
    build_all_into(&workspace, &out_dir)
}

/// Builds the contracts that only tests use, those of [`find_fixtures`], and writes `fixtures.rs` as
/// [`embed_contracts`] writes `contracts.rs`. For the test kit.
///
/// # Errors
/// As [`embed_contracts`].
pub fn embed_fixtures() -> Result<Vec<Artifact>, BuildError> {
    let (workspace, out_dir) = places()?;
    announce(&workspace, &["tests/fixtures", "runtime/node/templates"]);
    build_into(find_fixtures(&workspace)?, &out_dir, "fixtures.rs")
}

/// The workspace of the calling build script, and its `OUT_DIR`.
fn places() -> Result<(PathBuf, PathBuf), BuildError> {
    let variable = |name: &str| {
        std::env::var_os(name).map(PathBuf::from).ok_or_else(|| {
            let reason = format!("{name} is not set: this is not a build script");
            BuildError::Failed {
                what: "embedding contracts".to_owned(),
                stderr: reason,
            }
        })
    };
    let (out_dir, package) = (variable("OUT_DIR")?, variable("CARGO_MANIFEST_DIR")?);
    let workspace = package
        .ancestors()
        .find(|dir| dir.join("contracts").is_dir() && dir.join("Cargo.lock").is_file())
        .unwrap_or(&package);
    Ok((workspace.to_owned(), out_dir))
}

/// Builds all contracts of `workspace` into `out_dir`: `NAME.wasm` each, and `contracts.rs`.
///
/// # Errors
/// As [`build`].
pub fn build_all_into(workspace: &Path, out_dir: &Path) -> Result<Vec<Artifact>, BuildError> {
    build_into(find_contracts(workspace)?, out_dir, "contracts.rs")
}

fn build_into(
    contracts: Vec<ContractCrate>,
    out_dir: &Path,
    table_name: &str,
) -> Result<Vec<Artifact>, BuildError> {
    let mut artifacts = Vec::new();
    let mut table = String::from("&[\n");
    for contract in contracts {
        let target_dir = target_dir(out_dir).unwrap_or(&contract.target_dir);
        let mut artifact = build(&contract, target_dir, "")?;
        artifact.path = out_dir.join(format!("{}.wasm", artifact.name));
        write_if_changed(&artifact.path, &artifact.wasm)?;
        // Writing to a string does not fail.
        let _ = writeln!(
            table,
            "    ({:?}, {:?}, include_bytes!({:?}) as &[u8]),",
            artifact.name, artifact.version, artifact.path
        );
        artifacts.push(artifact);
    }
    table.push_str("]\n");
    write_if_changed(&out_dir.join(table_name), table.as_bytes())?;
    Ok(artifacts)
}

/// The cargo target directory that `out_dir` lies in: cargo marks it as a cache.
fn target_dir(out_dir: &Path) -> Option<&Path> {
    out_dir
        .ancestors()
        .find(|dir| dir.join("CACHEDIR.TAG").is_file())
}

#[expect(clippy::print_stdout, reason = "how a build script talks to cargo")]
fn announce(workspace: &Path, sources: &[&str]) {
    for source in sources {
        println!(
            "cargo:rerun-if-changed={}",
            workspace.join(source).display()
        );
    }
}
