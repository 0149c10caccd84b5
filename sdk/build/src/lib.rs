//! Contract crate to reproducible, hashed Wasm.
//!
//! The one builder: authors reach it through `weighhouse contract build`, tests and the program itself
//! through their build scripts ([`script`]). It runs cargo with the same profile, flags and environment
//! everywhere ([`cargo`]), appends the section `wh.build`, and hashes the bytes; the same sources give
//! the same bytes in any folder. It does not judge the code: acceptance has one home, the runtime's
//! validator.

pub mod cargo;
pub mod lock;
pub mod script;

pub use cargo::{ContractCrate, contract_at, find_contracts, find_fixtures};

use std::path::{Path, PathBuf};
use weighhouse_primitives::abi::SECTION_BUILD;
use weighhouse_primitives::schema::BuildRecord;
use weighhouse_primitives::{CodeHash, Hash};

/// The target that contracts are compiled for: no operating system, Wasm 1.0 and mutable globals.
pub const TARGET: &str = "wasm32v1-none";

/// A contract's Wasm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Name of the crate.
    pub name: String,
    /// Version of the crate.
    pub version: String,
    /// The whole module, section `wh.build` included.
    pub wasm: Vec<u8>,
    /// Hash of `wasm`: its name on a chain.
    pub hash: CodeHash,
    /// Where it was written.
    pub path: PathBuf,
}

/// Why there is no artifact.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The compiler has no library for the target.
    #[error(
        "the target {TARGET} is not installed\n\
         run: rustup target add {TARGET}\n\
         (Rust from a distribution: install its package of the standard library for {TARGET})"
    )]
    MissingTarget,
    /// Cargo or rustc could not be started.
    #[error("{program} did not start: {source}")]
    NoProgram {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// Cargo or rustc ended with a failure.
    #[error("{what} failed\n{stderr}")]
    Failed {
        /// What was done.
        what: String,
        /// What it said.
        stderr: String,
    },
    /// Cargo answered something unexpected.
    #[error("cargo metadata is not understood: {source}")]
    Metadata {
        /// Where.
        source: serde_json::Error,
    },
    /// The folder has no contract.
    #[error("{dir} is no contract: its library needs crate-type = [\"cdylib\", \"rlib\"]", dir = dir.display())]
    NoContract {
        /// The folder.
        dir: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The table of recorded artifacts is not as written by [`lock`].
    #[error("{path}: {reason}", path = path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl BuildError {
    fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// Builds one contract.
///
/// `target_dir` is a cargo target directory; the build uses its folder `contracts`, so it never waits
/// for, or disturbs, a build of the workspace. `source` is recorded in the module and therefore changes
/// its hash: the commit, or empty.
///
/// # Errors
/// The target is missing, cargo fails, a file cannot be read or written.
pub fn build(
    contract: &ContractCrate,
    target_dir: &Path,
    source: &str,
) -> Result<Artifact, BuildError> {
    let compiler = cargo::compiler_version()?;
    let dir = target_dir.join("contracts");
    std::fs::create_dir_all(&dir).map_err(BuildError::file(&dir))?;
    // Two build scripts may be here at once: cargo replaces its output while the other reads it.
    let guard_path = dir.join(".weighhouse-build.lock");
    let guard = std::fs::File::create(&guard_path).map_err(BuildError::file(&guard_path))?;
    guard.lock().map_err(BuildError::file(&guard_path))?;
    let module = cargo::compile(contract, &dir)?;
    let mut wasm = std::fs::read(&module).map_err(BuildError::file(&module))?;
    append_record(
        &mut wasm,
        &BuildRecord {
            compiler,
            sdk: env!("CARGO_PKG_VERSION").to_owned(),
            source: source.to_owned(),
        },
    );
    let path = dir.join(format!("{}.wasm", contract.name));
    write_if_changed(&path, &wasm)?;
    Ok(Artifact {
        name: contract.name.clone(),
        version: contract.version.clone(),
        hash: CodeHash(Hash::of(&wasm)),
        wasm,
        path,
    })
}

/// Appends the custom section `wh.build`.
fn append_record(wasm: &mut Vec<u8>, record: &BuildRecord) {
    use parity_scale_codec::Encode;
    let mut body = Vec::new();
    leb128(SECTION_BUILD.len(), &mut body);
    body.extend_from_slice(SECTION_BUILD.as_bytes());
    record.encode_to(&mut body);
    wasm.push(0);
    leb128(body.len(), wasm);
    wasm.extend_from_slice(&body);
}

fn leb128(mut value: usize, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Writes a file unless it has these bytes already, so that its time says when it changed.
fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    std::fs::write(path, bytes).map_err(BuildError::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The appended section is one that any reader finds: id, length, name, record.
    #[test]
    fn record_is_a_custom_section() {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        let record = BuildRecord {
            compiler: "c".repeat(200),
            sdk: String::new(),
            source: String::new(),
        };
        append_record(&mut wasm, &record);
        // 204 bytes of record and 9 of name: 213 = 0xd5 0x01 in LEB128.
        assert_eq!(&wasm[8..12], &[0, 0xd5, 0x01, 8]);
        assert_eq!(&wasm[12..20], SECTION_BUILD.as_bytes());
        assert_eq!(wasm.len(), 8 + 3 + 213);
    }
}
