//! Room on the disk: a node that runs out of it takes no transactions, and takes them again when there is some.
//!
//! Two things say that there is none. The disk has less than `store.reserve_bytes` left: the node stops making
//! blocks while the store can still write what it lags behind. Or the block log had no room for a block, which
//! may come before that (a quota, the largest size of a file): nothing of the block was acknowledged, its
//! transactions wait on.
//!
//! A store cannot be opened on a disk without any room. So the node keeps some under a name, the file `reserve` in its
//! data folder: a start that finds less room than that gives the file up, opens what is there, read-only, and
//! makes it again once there is room.
//!
//! What it does not do: a decided block of a network is executed whatever room there is; if the log has none
//! for it, the node stops.

use rustix::fs::FallocateFlags;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Why a node without room takes no transactions.
pub(crate) const FULL: &str = "its disk is full";

/// Name of the file that keeps room for a start.
const FILE: &str = "reserve";
/// Its size; less if less is to be kept free.
const FILE_BYTES: u64 = 16 << 20;

/// Watches the disk of a folder.
#[derive(Debug, Default)]
pub(crate) struct Room {
    folder: Option<PathBuf>,
    reserve: u64,
    full: AtomicBool,
}

impl Room {
    /// Keeps so many bytes of the disk of `folder`. On a disk without room the file that keeps some is given up
    /// here, before anything is opened.
    pub(crate) fn new(folder: Option<PathBuf>, reserve: u64) -> Self {
        let room = Self {
            folder,
            reserve,
            full: AtomicBool::new(false),
        };
        let needed = FILE_BYTES.min(reserve);
        if let Some(path) = room.file()
            && room.free().is_some_and(|free| free < needed)
        {
            let given_up = std::fs::remove_file(&path).is_ok();
            tracing::warn!(
                given_up,
                "little room on the disk, so the reserve is given up"
            );
            room.runs_out("the disk had no room when the node was started");
        }
        room
    }

    /// Makes the file that keeps room, if there is enough for it beside the reserve. Without it the node only
    /// does not start on a full disk, so that its failure stops nothing.
    pub(crate) fn keep(&self) {
        let Some(path) = self.file() else {
            return;
        };
        let bytes = FILE_BYTES.min(self.reserve);
        let kept = path.metadata().is_ok_and(|file| file.len() >= bytes);
        let enough = self.reserve.saturating_add(bytes);
        if kept || self.free().is_none_or(|free| free < enough) {
            return;
        }
        if let Err(error) = allocate(&path, bytes) {
            // Half of it keeps nothing for sure.
            let _ = std::fs::remove_file(&path);
            tracing::warn!(%error, "no room can be reserved for a start on a full disk");
        }
    }

    fn file(&self) -> Option<PathBuf> {
        let folder = self.folder.as_ref().filter(|_| self.reserve > 0)?;
        Some(folder.join(FILE))
    }

    /// True while the node takes nothing.
    pub(crate) fn is_full(&self) -> bool {
        self.full.load(Ordering::SeqCst)
    }

    /// True if the disk keeps its reserve; with a margin once it did not. A disk that does not say counts as
    /// one that does.
    pub(crate) fn keeps_reserve(&self) -> bool {
        let Some(free) = self.free() else {
            return true;
        };
        let margin = if self.is_full() { self.reserve / 4 } else { 0 };
        free >= self.reserve.saturating_add(margin)
    }

    fn free(&self) -> Option<u64> {
        let folder = self.folder.as_ref().filter(|_| self.reserve > 0)?;
        let found = rustix::fs::statvfs(folder).ok()?;
        Some(found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// There is no room: `cause` says what found it out.
    pub(crate) fn runs_out(&self, cause: &str) {
        if !self.full.swap(true, Ordering::SeqCst) {
            tracing::error!(
                cause,
                "read-only: the disk is full; free some room, the node goes on by itself"
            );
        }
    }

    /// There is room again.
    pub(crate) fn comes_back(&self) {
        if self.full.swap(false, Ordering::SeqCst) {
            tracing::info!("there is room on the disk again: transactions are taken");
            self.keep();
        }
    }
}

/// Makes a file that has its blocks, not only its length.
fn allocate(path: &Path, bytes: u64) -> std::io::Result<()> {
    let file: File = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the file has its blocks, is made once, is not made where nothing is to be kept, and goes where there
    /// is no room.
    #[test]
    fn room_is_kept_under_a_name() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        let room = |reserve| Room::new(Some(folder.path().into()), reserve);
        room(0).keep();
        assert!(!path.exists());
        let kept = room(1 << 20);
        kept.keep();
        assert!(!kept.is_full());
        let made = path.metadata().expect("made");
        assert!(made.len() == 1 << 20 && made.blocks() * 512 >= 1 << 20);
        kept.keep();
        assert_eq!(
            made.mtime_nsec(),
            path.metadata().expect("there").mtime_nsec()
        );
        // More is asked for than there is.
        room(u64::MAX / 4).keep();
        assert_eq!(path.metadata().expect("there").len(), 1 << 20);
        Room::new(None, 1 << 20).keep();
    }
}
