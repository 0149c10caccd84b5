//! Replacing the whole state in place: a node starts from the state of another.
//!
//! From [`Database::begin_refill`] to [`Database::end_refill`] the store has a row that says so, and no
//! tip: nothing can be read, and a store that is opened with it is wiped and made again.
//!
//! Invariant STATE-2 for what is below the first block: the tip row is written when everything else is on
//! the disk.

use super::{Database, Shared, Tip, lock};
use crate::error::Fault;
use crate::state::row;
use crate::state::store::Batch;
use parity_scale_codec::Encode;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

impl Database {
    /// Forgets everything, waiting layers included, and takes rows until [`Database::end_refill`].
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub(crate) fn begin_refill(&self) -> Result<(), Fault> {
        self.clear()?;
        let mut rows = Batch::new();
        for (name, value) in [
            (row::REFILLING, [1].as_slice()),
            (row::FORMAT, row::FORMAT_VERSION.to_le_bytes().as_slice()),
            (row::GENESIS, self.chain.as_bytes().as_slice()),
        ] {
            rows.insert(name.to_vec(), Some(value.into()));
        }
        self.refill(rows)?;
        self.flush()
    }

    /// Writes rows of the new state.
    ///
    /// # Errors
    /// `Fault` if the store fails; the database refuses everything from then on.
    pub(crate) fn refill(&self, rows: Batch) -> Result<(), Fault> {
        let _writer = lock(&self.writer);
        self.check_usable()?;
        self.watched(self.store.apply(&rows))?;
        self.enter_in_cache(rows);
        Ok(())
    }

    /// Everything is there: from now on the state is that of `tip`, and nothing before it is known.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub(crate) fn end_refill(&self, tip: Tip) -> Result<(), Fault> {
        self.flush()?;
        let height = tip.height.0;
        let rows = Batch::from([
            (row::TIP.to_vec(), Some(tip.encode().into())),
            (
                row::OLDEST.to_vec(),
                Some(height.to_le_bytes().as_slice().into()),
            ),
            (
                row::TREE.to_vec(),
                Some(height.to_le_bytes().as_slice().into()),
            ),
            (row::REFILLING.to_vec(), None),
        ]);
        self.refill(rows)?;
        self.flush()?;
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        *shared = Shared {
            stored: Some(tip),
            tip: Some(tip),
            ..Shared::default()
        };
        lock(&self.kept).oldest = height;
        self.applying.store(height, Ordering::SeqCst);
        Ok(())
    }
}
