//! Snapshots that this node gives: taken beside the blocks, kept on the disk, handed out in chunks.
//!
//! After every block whose height is a multiple of the setting, a thread writes the state as at that
//! block into `data/snapshots/new`, then renames the folder to its height. The chain does not wait: the
//! thread reads what has reached the store, and holds back nothing but pruning. Memory is bounded by one
//! chunk; the number of snapshots kept by a setting, one of them taken at a time.
//!
//! What it does not do: decide whom to give to. A snapshot is believed by nobody: whoever takes it in
//! (`restore`) compares its root with what consensus decided.

use crate::output::chain_of;
use crate::solo::Producer;
use bytes::Bytes;
use parity_scale_codec::Encode;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tendermint_proto::v0_38::abci::{RequestLoadSnapshotChunk, Snapshot};
use weighhouse_primitives::Height;
use weighhouse_runtime::Fault;
use weighhouse_runtime::folder;
use weighhouse_runtime::reader::ReadError;
use weighhouse_runtime::state::transfer::{self, Manifest, TRANSFER_FORMAT};

/// Folder of the snapshots, in the data folder.
const FOLDER: &str = "snapshots";
/// Name of one that is being written, in there.
const NEW: &str = "new";
/// Most snapshots that are told of: as many as CometBFT asks a peer for.
const TOLD_MAX: usize = 10;
/// How often it is looked whether the store has reached a height.
const LOOK: Duration = Duration::from_millis(20);

/// When snapshots are taken, and how many are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Blocks between two; 0 for none.
    pub(super) interval: u64,
    /// Kept at most.
    pub(super) kept: usize,
}

/// The snapshots of one node.
#[derive(Debug)]
pub(super) struct Snapshots {
    folder: Option<PathBuf>,
    plan: Plan,
    /// One is being taken.
    busy: Arc<AtomicBool>,
    /// Set when the node stops: what is being taken is given up.
    stopping: Arc<AtomicBool>,
}

/// Resets a flag, also when a thread panics.
struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Snapshots {
    pub(super) fn new(data: Option<&Path>, plan: Plan, stopping: Arc<AtomicBool>) -> Self {
        Self {
            folder: data.map(|data| data.join(FOLDER)),
            plan,
            busy: Arc::default(),
            stopping,
        }
    }

    /// A block is durable: takes a snapshot of the state after it, if it is time for one.
    pub(super) fn after(&self, producer: &Producer, height: Height) {
        let Plan { interval, kept } = self.plan;
        let Some(folder) = self.folder.clone().filter(|_| interval > 0) else {
            return;
        };
        if !height.0.is_multiple_of(interval) || self.busy.swap(true, Ordering::SeqCst) {
            return;
        }
        let busy = Busy(Arc::clone(&self.busy));
        let stopping = Arc::clone(&self.stopping);
        // The handle is lent: whoever stops the node waits until it is dropped.
        let producer = producer.clone();
        tokio::task::spawn_blocking(move || {
            let go_on = || !stopping.load(Ordering::SeqCst);
            match take(&producer, height, &folder, &go_on) {
                Ok(Some(taken)) => {
                    let (entries, chunks) = (taken.entries, taken.chunks.len());
                    tracing::info!(%height, entries, chunks, "snapshot taken");
                    forget(&folder, kept);
                }
                Ok(None) => {}
                // A node without a snapshot is a node all the same.
                Err(error) => {
                    let error = chain_of(&error);
                    tracing::warn!(%height, error, "no snapshot was taken; make room on the disk");
                    let _ = folder::remove(&folder.join(NEW));
                }
            }
            drop(producer);
            drop(busy);
        });
    }

    /// What others may ask for, latest first.
    pub(super) fn list(&self) -> Vec<Snapshot> {
        let Some(folder) = &self.folder else {
            return Vec::new();
        };
        heights(folder)
            .into_iter()
            .rev()
            .take(TOLD_MAX)
            .filter_map(|height| {
                let manifest = transfer::read_manifest(&folder.join(height.to_string()));
                manifest.ok().flatten().map(|manifest| told(&manifest))
            })
            .collect()
    }

    /// A chunk of a snapshot; empty if it is not here any more.
    pub(super) fn chunk(&self, asked: &RequestLoadSnapshotChunk) -> Bytes {
        let Some(folder) = self
            .folder
            .as_ref()
            .filter(|_| asked.format == TRANSFER_FORMAT)
        else {
            return Bytes::new();
        };
        let index = usize::try_from(asked.chunk).unwrap_or(usize::MAX);
        let chunk = transfer::read_chunk(&folder.join(asked.height.to_string()), index);
        chunk.ok().flatten().unwrap_or_default().into()
    }
}

/// A snapshot as CometBFT tells of it.
pub(super) fn told(manifest: &Manifest) -> Snapshot {
    Snapshot {
        height: manifest.header.height.0,
        format: manifest.format,
        chunks: u32::try_from(manifest.chunks.len()).unwrap_or(u32::MAX),
        hash: Bytes::copy_from_slice(manifest.hash().as_bytes()),
        metadata: manifest.encode().into(),
    }
}

/// Heights of the snapshots of a folder, ascending.
fn heights(folder: &Path) -> Vec<u64> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut heights: Vec<u64> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    heights.sort_unstable();
    heights
}

fn take(
    producer: &Producer,
    height: Height,
    folder: &Path,
    go_on: &dyn Fn() -> bool,
) -> Result<Option<Manifest>, ReadError> {
    let new = folder.join(NEW);
    folder::remove(&new)?;
    let reader = producer.reader();
    // Holds the height while its blocks reach the store; then no layer of memory has to be merged in.
    let held = reader.whole_state(height)?;
    while reader.stored_height() < height {
        if !go_on() || producer.halted().is_some() {
            return Ok(None);
        }
        std::thread::park_timeout(LOOK);
    }
    let (header, state) = reader.whole_state(height)?;
    drop(held);
    let Some(manifest) = transfer::write_state(&state, &header, &new, go_on)? else {
        return Ok(None);
    };
    let done = folder.join(height.to_string());
    folder::remove(&done)?;
    let rename = std::fs::rename(&new, &done);
    rename.map_err(Fault::io(format!("renaming {}", new.display())))?;
    folder::sync(folder)?;
    Ok(Some(manifest))
}

/// Removes all but the latest.
fn forget(folder: &Path, kept: usize) {
    let heights = heights(folder);
    let superfluous = heights.len().saturating_sub(kept.max(1));
    for height in heights.into_iter().take(superfluous) {
        if let Err(error) = folder::remove(&folder.join(height.to_string())) {
            tracing::warn!(error = chain_of(&error), "an old snapshot was not removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: only the latest are kept, and what is no snapshot is left alone.
    #[test]
    fn old_snapshots_are_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["8", "16", "24", NEW, "notes"] {
            std::fs::create_dir(folder.path().join(name)).expect("made");
        }
        assert_eq!(heights(folder.path()), [8, 16, 24]);
        forget(folder.path(), 2);
        assert_eq!(heights(folder.path()), [16, 24]);
        assert!(folder.path().join(NEW).exists() && folder.path().join("notes").exists());
        assert!(heights(Path::new("/nowhere/at/all")).is_empty());
    }
}
