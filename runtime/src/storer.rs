//! The thread behind the chain: writes to the store what is durable in the log already.
//!
//! Invariant STATE-2: nothing reaches the store before its block is durable.

use crate::error::Fault;
use crate::stage::{Stage, Stages};
use crate::state::database::Database;
use std::sync::Arc;

/// Writes committed blocks to the store, oldest first.
#[derive(Clone, Debug)]
pub struct Storer {
    pub(crate) database: Arc<Database>,
    pub(crate) retention: Option<u64>,
    pub(crate) stages: Stages,
}

/// Rows that one step of pruning looks at.
const PRUNE_ROWS: usize = 512;

impl Storer {
    /// Writes the oldest waiting blocks, as many as one batch takes; false if there was none.
    ///
    /// # Errors
    /// Fault: the store failed; reopening is recovery.
    pub fn store_next(&self) -> Result<bool, Fault> {
        self.stages.time(Stage::Store, || {
            let stored = self.database.store_next()?;
            if let (true, Some(keep)) = (stored, self.retention) {
                self.database.prune(keep, PRUNE_ROWS)?;
            }
            Ok(stored)
        })
    }

    /// Blocks committed but not yet stored.
    #[must_use]
    pub fn pending(&self) -> (usize, usize) {
        self.database.pending()
    }

    /// Returns once everything stored is on the disk.
    ///
    /// # Errors
    /// Fault.
    pub fn flush(&self) -> Result<(), Fault> {
        self.database.flush()
    }
}
