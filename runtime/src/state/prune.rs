//! Pruning: previous values that nobody can ask for any more are removed, a few rows at a time.

use super::database::{Database, lock};
use super::row;
use super::store::{Batch, Scan};
use crate::error::Fault;

/// What one step of pruning did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Rows looked at.
    pub examined: usize,
    /// Rows removed.
    pub removed: usize,
    /// True if nothing is left to prune at present.
    pub done: bool,
}

/// Where pruning goes on.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    next: Vec<u8>,
    floor: u64,
    finished: Option<u64>,
}

impl Database {
    /// Removes previous values that no height from `tip - keep` on needs, looking at no more than
    /// `budget` rows. Call it now and then; live snapshots keep what they need.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub fn prune(&self, keep: u64, budget: usize) -> Result<Pruned, Fault> {
        let mut sweep = lock(&self.writer);
        self.check_usable()?;
        let Some(stored) = self.stored() else {
            return Ok(Pruned {
                done: true,
                ..Pruned::default()
            });
        };
        let floor = self.raise_oldest(stored.height.0.saturating_sub(keep));
        if sweep.finished == Some(floor) {
            return Ok(Pruned {
                done: true,
                ..Pruned::default()
            });
        }
        if sweep.next.is_empty() {
            (sweep.next, sweep.floor) = (b"p".to_vec(), floor);
        }
        let scan = Scan::ascending(&sweep.next, Some(b"q"), budget.max(1));
        let rows = self.watched(self.store.scan(scan))?;
        let at_end = rows.len() < budget.max(1);
        let next = rows.last().map(|(key, _)| row::successor(key));
        let examined = rows.len();
        let outdated = |key: &[u8]| row::split_previous(key).is_some_and(|(_, at)| at <= floor);
        let mut batch: Batch = rows
            .into_iter()
            .filter(|(key, _)| outdated(key))
            .map(|(key, _)| (key, None))
            .collect();
        let removed = batch.len();
        batch.insert(
            row::OLDEST.to_vec(),
            Some(floor.to_le_bytes().as_slice().into()),
        );
        self.watched(self.store.apply(&batch))?;
        if at_end {
            sweep.finished = Some(sweep.floor);
            sweep.next = Vec::new();
        } else {
            sweep.next = next.unwrap_or_default();
        }
        Ok(Pruned {
            examined,
            removed,
            done: sweep.finished == Some(floor),
        })
    }

    /// Raises the oldest height as far as `wanted` and live snapshots allow, and says where it is.
    fn raise_oldest(&self, wanted: u64) -> u64 {
        let mut kept = lock(&self.kept);
        let live = kept.live.keys().next().copied().unwrap_or(u64::MAX);
        kept.oldest = kept.oldest.max(wanted.min(live));
        kept.oldest
    }
}
