//! Snapshots: the state as at one height, immutable, whatever the store does underneath.
//!
//! A snapshot of height *h* holds the layers up to *h* that were not stored when it was taken. A key
//! that is in one of them has the newest one's value; which is nearly always the latest that waits
//! (`super::pending`), found at once. Any other key has not changed between what the
//! store held then and *h*, so the store's value is right as long as no batch above *h* has begun to
//! be applied. That is looked at *after* reading. If one has, the value read may be too new; but the
//! batch that changed the key put the value before it beside it, earlier in the same batch. So:
//!
//! 1. read the latest value;
//! 2. if no batch above *h* has begun: it is the answer;
//! 3. else seek the first previous value of the key recorded above *h*: if there is one, it is the
//!    answer; if there is none, nothing had changed the key above *h* when the seek began, hence not
//!    when the latest value was read either: that is the answer.
//!
//! Pages follow the same order for a range of keys. A live snapshot keeps pruning away from its
//! height; hold it for a request, not for days.

use super::database::{Database, Layer, Tip};
use super::merge::{Newer, Part, Range, merge, merge_part};
use super::root::PageRead;
use super::store::Scan;
use super::{Page, StateRead, Value, row};
use crate::error::Fault;
use std::ops::Bound;
use std::sync::{Arc, RwLockReadGuard};
use weighhouse_primitives::Height;

/// Rows of previous values read at a time.
const PREVIOUS_ROWS: usize = 64;

/// The state as at one height. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Snapshot {
    view: Arc<View>,
}

#[derive(Debug)]
struct View {
    database: Arc<Database>,
    height: Height,
    /// Oldest first, all at or below `height`.
    layers: Vec<Arc<Layer>>,
}

impl Drop for View {
    fn drop(&mut self) {
        self.database.release(self.height);
    }
}

impl Snapshot {
    pub(super) fn new(database: Arc<Database>, height: Height, layers: Vec<Arc<Layer>>) -> Self {
        Self {
            view: Arc::new(View {
                database,
                height,
                layers,
            }),
        }
    }

    /// Which height.
    #[must_use]
    pub fn height(&self) -> Height {
        self.view.height
    }
}

impl StateRead for Snapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        match self.view.database.waiting_value(key) {
            None => self.view.stored(key),
            Some((height, value)) if height <= self.view.height => Ok(value),
            // A block above this height has changed the key: the layers up to it know, or the store.
            Some(_) => {
                let mut layers = self.view.layers.iter().rev();
                match layers.find_map(|layer| layer.state.get(key)) {
                    Some(change) => Ok(change.new.clone()),
                    None => self.view.stored(key),
                }
            }
        }
    }

    fn page(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Page, Fault> {
        let range = Range::of_page(prefix, after, limit);
        if range.is_empty() {
            return Ok(Page::new());
        }
        let mut newer = Newer::new();
        for layer in &self.view.layers {
            for change in layer.state.range(prefix, after) {
                newer.insert(change.key.to_vec(), change.new.clone());
            }
        }
        merge(range, &newer, |range| self.view.stored_part(range))
    }
}

impl View {
    /// True if the store may hold values above this height.
    fn is_overtaken(&self) -> bool {
        self.database.applying() > self.height
    }

    fn stored(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        let latest = self.database.stored_row(&row::state(key))?;
        if !self.is_overtaken() {
            return Ok(latest);
        }
        let above = self.database.stored_rows(Scan {
            from: &row::previous(key, self.height.next().0),
            to: Some(&row::successor(&row::previous(key, u64::MAX))),
            limit: 1,
            reverse: false,
        })?;
        match above.first() {
            Some((key, old)) => decode_old(key, old),
            None => Ok(latest),
        }
    }

    /// The first part of a range of state keys, as at this height for keys in no layer of this view.
    fn stored_part(&self, range: &Range) -> Result<Part, Fault> {
        let to = range
            .to
            .as_deref()
            .map_or_else(|| b"t".to_vec(), row::state);
        let mut rows = self.database.stored_rows(Scan {
            from: &row::state(&range.from),
            to: Some(&to),
            limit: range.limit,
            reverse: false,
        })?;
        for (key, _) in &mut rows {
            key.drain(..1);
        }
        let part = Part::of_scan(rows, range.limit);
        if !self.is_overtaken() {
            return Ok(part);
        }
        let mut covered = range.clone();
        if let Some(end) = &part.end {
            covered.to = Some(row::successor(end));
        }
        let mut rows = Page::new();
        merge_part(&covered, part.rows, &self.overtaken(&covered)?, &mut rows);
        Ok(Part {
            rows,
            end: part.end,
        })
    }

    /// Of the keys in a range, those changed above this height, with their values as at it.
    fn overtaken(&self, range: &Range) -> Result<Newer, Fault> {
        let mut found = Newer::new();
        let mut from = row::previous_prefix(&range.from);
        let to = range
            .to
            .as_deref()
            .map_or_else(|| b"q".to_vec(), row::previous_prefix);
        loop {
            let rows = self.database.stored_rows(Scan {
                from: &from,
                to: Some(&to),
                limit: PREVIOUS_ROWS,
                reverse: false,
            })?;
            let more = rows.len() == PREVIOUS_ROWS;
            for (record, old) in rows {
                let (key, height) = row::split_previous(&record).ok_or_else(|| broken(&record))?;
                // One record of a key decides: below, seek the first above; above, go on behind.
                from = if height <= self.height.0 {
                    row::previous(&key, self.height.next().0)
                } else {
                    row::successor(&row::previous(&key, u64::MAX))
                };
                if height > self.height.0 && !found.contains_key(&key) {
                    found.insert(key, decode_old(&record, &old)?);
                }
            }
            if !more {
                return Ok(found);
            }
        }
    }
}

fn broken(record: &[u8]) -> Fault {
    Fault::Damaged {
        place: "the previous values of the store".to_owned(),
        reason: format!("a row of {} bytes of key does not decode", record.len()),
    }
}

fn decode_old(record: &[u8], old: &[u8]) -> Result<Option<Value>, Fault> {
    row::decode_old(old).ok_or_else(|| broken(record))
}

/// The rows at the tip, with the store held still: no batch is applied while this lives, though
/// layers may be pushed. For what reads many rows that have no history, such as proofs. Drop it soon.
#[derive(Debug)]
pub struct Pinned<'a> {
    database: &'a Database,
    layers: Vec<Arc<Layer>>,
    tip: Option<Tip>,
    _gate: RwLockReadGuard<'a, ()>,
}

impl Pinned<'_> {
    /// The block that the rows belong to.
    #[must_use]
    pub fn tip(&self) -> Option<Tip> {
        self.tip
    }

    /// The row at `key` ([`super::row`]), pages of the state tree or look-ups.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub fn row(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        row_over(self.database, &self.layers, key)
    }

    /// The value at a state key.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub fn state(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        for layer in self.layers.iter().rev() {
            if let Some(change) = layer.state.get(key) {
                return Ok(change.new.clone());
            }
        }
        self.database.stored_row(&row::state(key))
    }
}

fn row_over(
    database: &Database,
    layers: &[Arc<Layer>],
    key: &[u8],
) -> Result<Option<Value>, Fault> {
    for layer in layers.iter().rev() {
        if let Some(value) = layer.rows.get(key) {
            return Ok(value.clone());
        }
    }
    database.stored_row(key)
}

impl PageRead for Pinned<'_> {
    fn page(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        self.row(&row::page(key))
    }
}

impl PageRead for Database {
    fn page(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        self.row(&row::page(key))
    }
}

/// Reads of whole rows at the tip.
impl Database {
    /// The row at `key` as of now: a page of the state tree, a look-up. State is read from snapshots.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub fn row(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        row_over(self, &self.waiting().0, key)
    }

    /// Rows in a range as of now, waiting layers included. For rows that are written once.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub fn rows(&self, scan: Scan<'_>) -> Result<Page, Fault> {
        if scan.is_empty() {
            return Ok(Page::new());
        }
        let to = scan.to.map_or(Bound::Unbounded, Bound::Excluded);
        let bounds = (Bound::Included(scan.from), to);
        let mut newer = Newer::new();
        for layer in self.waiting().0 {
            for (key, value) in layer.rows.range::<[u8], _>(bounds) {
                newer.insert(key.clone(), value.clone());
            }
        }
        let range = Range {
            from: scan.from.to_vec(),
            to: scan.to.map(<[u8]>::to_vec),
            limit: scan.limit,
            reverse: scan.reverse,
        };
        merge(range, &newer, |range| {
            let rows = self.stored_rows(Scan {
                from: &range.from,
                to: range.to.as_deref(),
                limit: range.limit,
                reverse: range.reverse,
            })?;
            Ok(Part::of_scan(rows, range.limit))
        })
    }

    /// The rows at the tip with the store held still; see [`Pinned`].
    #[must_use]
    pub fn pin(&self) -> Pinned<'_> {
        let gate = self.hold();
        let (layers, tip) = self.waiting();
        Pinned {
            database: self,
            layers,
            tip,
            _gate: gate,
        }
    }
}
