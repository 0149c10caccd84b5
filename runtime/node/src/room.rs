//! Room on the disk: a node that runs out of it takes no transactions, and takes them again when there is some.
//!
//! Two things say that there is none. The disk has less than `store.reserve_bytes` left: the node stops making
//! blocks while the store can still write what it lags behind. Or the block log had no room for a block, which
//! may come before that (a quota, the largest size of a file): nothing of the block was acknowledged, its
//! transactions wait on.
//!
//! What it does not do: a decided block of a network is executed whatever room there is; if the log has none
//! for it, the node stops.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why a node without room takes no transactions.
pub(crate) const FULL: &str = "its disk is full";

/// Watches the disk of a folder.
#[derive(Debug, Default)]
pub(crate) struct Room {
    folder: Option<PathBuf>,
    reserve: u64,
    full: AtomicBool,
}

impl Room {
    /// Keeps so many bytes of the disk of `folder`.
    pub(crate) fn new(folder: Option<PathBuf>, reserve: u64) -> Self {
        Self {
            folder,
            reserve,
            full: AtomicBool::new(false),
        }
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
        }
    }
}
