//! Copies of a node: what cannot be computed again, and nothing else.
//!
//! A copy holds `genesis.toml`, `weighhouse.toml`, the block log, and the state that the log continues where
//! the node started from another's (`base`). The store and compiled code are
//! derived from the log and are rebuilt at the first start. While a stopped node is copied, its log is
//! open, so that no node writes to it; a running one copies itself, to the last record that is whole in
//! the copy. The copy is then opened itself, which checks length, hash and chaining of its records, before
//! anybody relies on it.

use crate::config::{DATA_FOLDER, FILE, GENESIS_FILE};
use crate::genesis_file;
use crate::output::{Failure, chain_of};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use weighhouse_primitives::Height;
use weighhouse_runtime::log::BlockLog;
use weighhouse_runtime::state::transfer;
use weighhouse_runtime::{BASE, Fault, Genesis, folder};

/// Folder of the block log in a node's data folder.
const LOG_FOLDER: &str = "log";
/// Ending of the log's segments.
const SEGMENT: &str = "log";

/// What was copied.
#[derive(Clone, Debug)]
pub struct Copied {
    /// The chain.
    pub genesis: Genesis,
    /// Height of the last block in the copy.
    pub height: Height,
    /// Bytes of the block log.
    pub log_bytes: u64,
}

impl Copied {
    /// What was copied, for programs.
    #[must_use]
    pub fn document(&self) -> Value {
        json!({
            "chain": self.genesis.name,
            "genesis_hash": self.genesis.hash().to_string(),
            "height": self.height.to_string(),
            "log_bytes": self.log_bytes.to_string(),
        })
    }
}

/// Copies the node in `from` to `to`, which must not exist.
///
/// # Errors
/// If `from` is no node's folder, is running or damaged, or `to` exists or cannot be written. What
/// was written before the trouble stays there and is named.
pub fn copy(from: &Path, to: &Path) -> Result<Copied, Failure> {
    must_not_exist(to)?;
    let genesis = genesis_file::read(&from.join(GENESIS_FILE))?;
    let source = from.join(DATA_FOLDER).join(LOG_FOLDER);
    if !source.exists() {
        return Err(
            Failure::usage(format!("{} does not exist", source.display()))
                .help("the node has never been started: copy its genesis.toml by hand"),
        );
    }
    let (log, _) = BlockLog::open(&source, genesis.hash())?;
    checked(from, to, genesis, log.last().unwrap_or_default())
}

/// Copies the node that runs in `from`, by that very node, to `to`, which must not exist. The copy has
/// every block up to `durable`, perhaps later ones.
///
/// # Errors
/// As [`copy`].
pub fn copy_running(from: &Path, to: &Path, durable: Height) -> Result<Copied, Failure> {
    must_not_exist(to)?;
    let genesis = genesis_file::read(&from.join(GENESIS_FILE))?;
    checked(from, to, genesis, durable)
}

/// A copy is never made over something.
fn must_not_exist(to: &Path) -> Result<(), Failure> {
    if to.exists() {
        return Err(Failure::usage(format!("{} exists already", to.display()))
            .help("nothing was changed; name a folder that does not exist"));
    }
    Ok(())
}

/// Copies, then reads the copy: it must reach `least`.
fn checked(from: &Path, to: &Path, genesis: Genesis, least: Height) -> Result<Copied, Failure> {
    let source = from.join(DATA_FOLDER).join(LOG_FOLDER);
    let target = to.join(DATA_FOLDER).join(LOG_FOLDER);
    let copied = copy_files(from, to, &source, &target);
    let log_bytes = copied.map_err(|fault| {
        Failure::failed(format!("the copy failed: {}", chain_of(&fault)))
            .detail(format!("an incomplete copy is in {}", to.display()))
            .help("make room, remove the incomplete copy, and do it again")
    })?;
    let (copy, _) = BlockLog::open(&target, genesis.hash())?;
    let base = checked_base(&to.join(DATA_FOLDER).join(BASE))?;
    let height = copy.last().or(base).unwrap_or_default();
    if height < least {
        return Err(Failure::failed(format!(
            "the copy ends at height {height}, the original at {least}"
        ))
        .help("remove the copy and do it again; check the disk that it is on"));
    }
    Ok(Copied {
        genesis,
        height,
        log_bytes,
    })
}

/// Height of the state that the log continues, after a look at every byte of it.
fn checked_base(base: &Path) -> Result<Option<Height>, Failure> {
    let Some(manifest) = transfer::read_manifest(base)? else {
        return Ok(None);
    };
    for (index, hash) in manifest.chunks.iter().enumerate() {
        let chunk = transfer::read_chunk(base, index)?.unwrap_or_default();
        if transfer::chunk_hash(&chunk) != *hash {
            return Err(Failure::failed(format!(
                "chunk {index} of the copy of the state in {} is not what its manifest names",
                base.display()
            ))
            .help("remove the copy and do it again; check the disks"));
        }
    }
    Ok(Some(manifest.header.height))
}

fn copy_files(from: &Path, to: &Path, source: &Path, target: &Path) -> Result<u64, Fault> {
    folder::make(target)?;
    for name in [GENESIS_FILE, FILE] {
        if from.join(name).exists() {
            copy_file(&from.join(name), &to.join(name))?;
        }
    }
    // Listed before the first is copied: of these only the last may still grow, and a segment that
    // begins meanwhile is left out, so that nothing is missing in between.
    let mut segments = files(source)?;
    segments.sort();
    let mut bytes = 0;
    for path in segments {
        let name = path
            .file_name()
            .filter(|_| path.extension().is_some_and(|end| end == SEGMENT));
        if let Some(name) = name {
            bytes += copy_file(&path, &target.join(name))?;
        }
    }
    let (base, copy) = (
        from.join(DATA_FOLDER).join(BASE),
        to.join(DATA_FOLDER).join(BASE),
    );
    if base.exists() {
        copy_folder(&base, &copy)?;
    }
    folder::sync(target)?;
    folder::sync(to)?;
    Ok(bytes)
}

/// Copies the files of a folder that does not change.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Fault> {
    folder::make(to)?;
    for path in files(from)? {
        if let Some(name) = path.file_name() {
            copy_file(&path, &to.join(name))?;
        }
    }
    folder::sync(to)
}

/// What is in a folder, in no order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let paths = |entries: std::fs::ReadDir| entries.map(|entry| Ok(entry?.path())).collect();
    let listed = std::fs::read_dir(folder).and_then(paths);
    listed.map_err(Fault::io(format!("listing {}", folder.display())))
}

fn copy_file(from: &Path, to: &Path) -> Result<u64, Fault> {
    let copied = std::fs::copy(from, to);
    let bytes = copied.map_err(Fault::io(format!("copying {}", from.display())))?;
    folder::sync(to)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::verify::{Asked, on_executor_thread, verify};
    use weighhouse_primitives::Timestamp;
    use weighhouse_runtime::Chain;

    /// A node of three empty blocks.
    fn node(folder: &Path) -> Genesis {
        let genesis = Genesis::development(Timestamp(1_000));
        std::fs::create_dir_all(folder).expect("a folder");
        let text = genesis_file::format(&genesis);
        std::fs::write(folder.join(GENESIS_FILE), text).expect("written");
        let settings = weighhouse_runtime::Settings::folder(folder.join(DATA_FOLDER));
        let start = genesis.clone();
        on_executor_thread(move || {
            let mut chain = Chain::open(start, settings).expect("a chain");
            for time in 0..3 {
                chain
                    .propose(Timestamp(2_000 + time), Vec::new())
                    .expect("a block");
                chain.commit().expect("durable");
            }
        })
        .expect("no panic");
        genesis
    }

    /// The state that a log continues is copied with it, and a copy that is not the same is refused.
    #[test]
    fn a_base_is_copied() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("node"), folder.path().join("copy"));
        let genesis = node(&from);
        let base = from.join(DATA_FOLDER).join(BASE);
        on_executor_thread(move || {
            let settings = weighhouse_runtime::Settings::memory();
            let mut chain = Chain::open(genesis, settings).expect("a chain");
            chain
                .propose(Timestamp(2_000), Vec::new())
                .expect("a block");
            chain.commit().expect("durable");
            let (header, state) = chain.reader().whole_state(Height(1)).expect("kept");
            transfer::write_state(&state, &header, &base, &|| true).expect("written");
        })
        .expect("no panic");
        std::fs::remove_dir_all(from.join(DATA_FOLDER).join(LOG_FOLDER)).expect("removed");
        std::fs::create_dir(from.join(DATA_FOLDER).join(LOG_FOLDER)).expect("made");
        assert_eq!(copy(&from, &to).expect("copied").height, Height(1));
        let chunk = transfer::chunk_path(&from.join(DATA_FOLDER).join(BASE), 0);
        std::fs::write(chunk, b"rot").expect("written");
        let refused = copy(&from, &folder.path().join("other"));
        assert!(refused.expect_err("rot").what().contains("chunk 0"));
    }

    /// A copy opens, replays to the same root, and is never made over something.
    #[test]
    fn a_copy_is_a_node() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("node"), folder.path().join("copy"));
        let genesis = node(&from);
        let copied = copy(&from, &to).expect("copied");
        assert_eq!(copied.height, Height(3));
        assert!(!to.join(DATA_FOLDER).join("state").exists());
        let report = verify(
            genesis,
            &Settings::defaults(),
            &to.join(DATA_FOLDER),
            &Asked::default(),
        )
        .expect("sound");
        assert!(report.holds());
        assert_eq!(report.head.height, Height(3));
        assert!(
            copy(&from, &to)
                .expect_err("there")
                .what()
                .contains("exists already")
        );
        assert!(copy(&folder.path().join("nothing"), &folder.path().join("x")).is_err());
    }
}
