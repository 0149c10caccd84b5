//! Rows that wait to be written: pages of the state tree, look-ups.
//!
//! A changed key changes some three pages of the tree at places without order, and the next blocks change
//! many of the same pages again; where a transaction is stands at a place without order too. So the store
//! does not get these rows with their block, but what makes them, short and one after the other: the
//! *leaves* of the tree, hashes of the changed keys and of their new values; and the look-ups themselves.
//! The rows are written now and then, all together, in the order of their keys.
//!
//! # Invariants
//! - STATE-5: the stored pages and look-ups are those of the height in [`row::TREE`]; what makes those of
//!   every block above it, up to the tip, is stored. So the stored pages with the stored leaves give the
//!   root of the tip.
//! - What waits here is newer than the store, and older than any layer that is not stored.
//!
//! # Crash behaviour
//! Waiting rows die with the process. Opening reads the look-ups, recovery applies the leaves to the stored
//! pages and compares the root.

use super::Value;
use super::database::{Database, Layer};
use super::root::TreeChange;
use super::row;
use super::store::{Batch, Scan};
use crate::error::Fault;
use parity_scale_codec::{Decode, DecodeAll, Encode};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

/// Leaves of one row, 33 to 65 bytes each; look-ups of one row, some 50 bytes each.
const ROW_PARTS: usize = 200;
/// Rows of leaves read at a time when starting.
const SCAN_ROWS: usize = 64;
/// Bytes that a row takes besides key and value, about.
const ROW_OVERHEAD: usize = 96;

/// When waiting rows are written.
#[derive(Clone, Copy, Debug)]
pub struct BehindSettings {
    /// Bytes that may wait.
    pub bytes_max: usize,
    /// Leaves that may be stored without their pages: what a crash makes recovery apply again.
    pub leaves_max: usize,
}

impl Default for BehindSettings {
    fn default() -> Self {
        Self {
            bytes_max: 32 * 1024 * 1024,
            leaves_max: 200_000,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Behind {
    settings: BehindSettings,
    waiting: RwLock<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    rows: Batch,
    /// Their bytes, about.
    bytes: usize,
    /// Stored rows of what makes them.
    makers: Vec<Vec<u8>>,
    /// Leaves in `makers`.
    leaves: usize,
}

impl Behind {
    pub(super) fn new(settings: BehindSettings) -> Self {
        Self {
            settings,
            waiting: RwLock::default(),
        }
    }

    /// What this row will be, if it waits: gone, or a value.
    pub(super) fn row(&self, key: &[u8]) -> Option<Option<Value>> {
        let waiting = self.waiting.read().unwrap_or_else(PoisonError::into_inner);
        waiting.rows.get(key).cloned()
    }

    /// The rows that wait from `from` on, up to `to`.
    pub(super) fn rows(&self, from: &[u8], to: Option<&[u8]>) -> Batch {
        let waiting = self.waiting.read().unwrap_or_else(PoisonError::into_inner);
        let to = to.map_or(Bound::Unbounded, Bound::Excluded);
        let range = waiting.rows.range::<[u8], _>((Bound::Included(from), to));
        range.map(|(key, row)| (key.clone(), row.clone())).collect()
    }

    /// Adds to `batch`, which stores these layers, all rows that wait and those of the layers, or, while
    /// they are not many, what makes those of the layers. True for the former.
    pub(super) fn join(&self, batch: &mut Batch, layers: &[Arc<Layer>], first: bool) -> bool {
        let waiting = self.waiting.read().unwrap_or_else(PoisonError::into_inner);
        let joining = |count: fn(&Layer) -> usize| {
            let counts = layers.iter().map(|layer| count(layer));
            counts.fold(0, usize::saturating_add)
        };
        let leaves = waiting.leaves.saturating_add(joining(|l| l.leaves.len()));
        let bytes = waiting.bytes.saturating_add(joining(Layer::behind_bytes));
        let write = first || leaves > self.settings.leaves_max || bytes > self.settings.bytes_max;
        if write {
            batch.extend(waiting.rows.clone());
            for layer in layers {
                batch.extend(layer.pages.clone());
                batch.extend(layer.look_ups.clone());
            }
            batch.extend(waiting.makers.iter().map(|row| (row.clone(), None)));
            let height = layers.last().map_or(0, |layer| layer.tip.height.0);
            let height = height.to_le_bytes().as_slice().into();
            batch.insert(row::TREE.to_vec(), Some(height));
        } else {
            let makers = layers.iter().flat_map(|layer| makers(layer));
            batch.extend(makers.map(|(row, bytes)| (row, Some(bytes))));
        }
        write
    }

    /// The batch that [`Behind::join`] added to is in the store; its layers are still waiting.
    pub(super) fn applied(&self, layers: &[Arc<Layer>], written: bool) {
        let mut waiting = self.waiting.write().unwrap_or_else(PoisonError::into_inner);
        if written {
            *waiting = Waiting::default();
            return;
        }
        for layer in layers {
            waiting.enter(&layer.pages);
            waiting.enter(&layer.look_ups);
            waiting.makers.extend(makers(layer).map(|(row, _)| row));
            waiting.leaves = waiting.leaves.saturating_add(layer.leaves.len());
        }
    }

    pub(super) fn clear(&self) {
        let mut waiting = self.waiting.write().unwrap_or_else(PoisonError::into_inner);
        *waiting = Waiting::default();
    }
}

impl Waiting {
    fn enter(&mut self, rows: &Batch) {
        for (key, row) in rows {
            self.bytes = self.bytes.saturating_add(row_bytes(key, row.as_ref()));
            if let Some(before) = self.rows.insert(key.clone(), row.clone()) {
                let gone = row_bytes(key, before.as_ref());
                self.bytes = self.bytes.saturating_sub(gone);
            }
        }
    }
}

fn row_bytes(key: &[u8], row: Option<&Value>) -> usize {
    let row = row.map_or(0, |row| row.len());
    key.len().saturating_add(row).saturating_add(ROW_OVERHEAD)
}

/// Bytes of memory of rows that wait, about.
pub(super) fn bytes_of(rows: &Batch) -> usize {
    let bytes = rows.iter().map(|(key, row)| row_bytes(key, row.as_ref()));
    bytes.fold(0, usize::saturating_add)
}

/// The rows of what makes a block's pages and look-ups.
fn makers(layer: &Layer) -> impl Iterator<Item = (Vec<u8>, Value)> + use<'_> {
    let height = layer.tip.height.0;
    let leaves = (0_u32..).zip(layer.leaves.chunks(ROW_PARTS));
    let leaves = leaves.map(move |(part, of)| (row::leaves(height, part), of.encode().into()));
    let look_ups: Vec<_> = layer.look_ups.iter().collect();
    let parts = (0_u32..).zip(
        look_ups
            .chunks(ROW_PARTS)
            .map(<[_]>::encode)
            .collect::<Vec<_>>(),
    );
    let look_ups = parts.map(move |(part, of)| (row::look_ups(height, part), of.into()));
    leaves.chain(look_ups)
}

/// Starting.
impl Database {
    /// Lets the look-ups that have no row yet wait again; gives the leaves above the stored pages, the last
    /// change of each key, ascending by key hash: whoever makes the pages of them gives these to
    /// [`Database::adopt_pages`].
    ///
    /// # Errors
    /// `Fault` if the store fails or a row does not decode.
    pub(crate) fn resume_behind(&self) -> Result<Vec<TreeChange>, Fault> {
        self.behind.clear();
        let mut changes = BTreeMap::new();
        let mut from = b"c".to_vec();
        loop {
            let rows = self.stored_rows(Scan::ascending(&from, Some(b"e"), SCAN_ROWS))?;
            let Some((last, _)) = rows.last() else { break };
            from = row::successor(last);
            let waiting = self.behind.waiting.write();
            let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
            for (row, bytes) in rows {
                if row.starts_with(b"c") {
                    let leaves: Vec<TreeChange> = decode(&bytes)?;
                    waiting.leaves = waiting.leaves.saturating_add(leaves.len());
                    changes.extend(leaves);
                } else {
                    let rows: Vec<(Vec<u8>, Option<Vec<u8>>)> = decode(&bytes)?;
                    let rows = rows.into_iter();
                    waiting.enter(&rows.map(|(key, row)| (key, row.map(Value::from))).collect());
                }
                waiting.makers.push(row);
            }
        }
        Ok(changes.into_iter().collect())
    }

    /// Takes the pages that were made from the leaves of [`Database::resume_behind`].
    pub(crate) fn adopt_pages(&self, pages: &Batch) {
        let waiting = self.behind.waiting.write();
        waiting.unwrap_or_else(PoisonError::into_inner).enter(pages);
    }
}

fn decode<T: Decode>(mut bytes: &[u8]) -> Result<T, Fault> {
    T::decode_all(&mut bytes).map_err(|_| Fault::Damaged {
        place: "what makes waiting rows of the store".to_owned(),
        reason: "a row does not decode".to_owned(),
    })
}
