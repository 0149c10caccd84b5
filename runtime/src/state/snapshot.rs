//! Snapshots: the state as at one height, immutable, whatever the store does underneath.
//!
//! A snapshot of height *h* holds the layers up to *h* that were not stored when it was taken. A key
//! that is in one of them has the newest one's value; which is nearly always the latest that waits
//! (`super::pending`), found at once. Any other key has not changed between what the
//! store held then and *h*, so the store's value is right as long as no batch above *h* has begun to
//! be applied. That is looked at *after* reading. If one has, the value read may be too new; but the
//! row that has it also has the versions before it (`super::held`), or they went to rows of their own
//! earlier in the same batch. So:
//!
//! 1. read the row of the key;
//! 2. if no batch above *h* has begun: its latest value is the answer;
//! 3. else, if its versions reach back to *h*, they have the answer;
//! 4. else seek the first row of versions of the key above *h*: if there is one, it has the answer;
//!    if there is none, nothing older than the row's own versions was changed above *h*: they, or the
//!    latest value, are the answer.
//!
//! Pages follow the same order for a range of keys. A live snapshot keeps pruning away from its
//! height; hold it for a request, not for days.

use super::database::{Database, Layer};
use super::held::{self, Held, Past};
use super::hidden::{HIDDEN_MIN, Hidden};
use super::merge::{Newer, Part, Range, merge, merge_part};
use super::root::PageRead;
use super::store::Scan;
use super::{Page, StateRead, Value, row};
use crate::error::Fault;
use std::ops::Bound;
use std::sync::Arc;
use weighhouse_primitives::Height;

/// Keys of a page looked at together, at least: removed ones must not lead to many small reads. Few in
/// tests of this crate, whose random states are small.
const KEYS_AT_ONCE_MIN: usize = if cfg!(test) { 3 } else { 16 };
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
    /// Where nothing is.
    hidden: Hidden,
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
                hidden: Hidden::default(),
            }),
        }
    }

    /// Which height.
    #[must_use]
    pub fn height(&self) -> Height {
        self.view.height
    }

    /// Stretches of removed keys that scans of this snapshot have learned to skip.
    #[cfg(test)]
    pub(super) fn stretches(&self) -> usize {
        self.view.hidden.len()
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
        self.view.page(Range::of_page(prefix, after, limit))
    }
}

impl View {
    /// At most `range.limit` pairs of a range, ascending. Costs what it finds and passes over, however much
    /// the layers hold; a long stretch of removed keys is passed over once ([`super::hidden`]).
    fn page(&self, mut range: Range) -> Result<Page, Fault> {
        let limit = range.limit;
        let (start, mut passed) = (range.from.clone(), 0_usize);
        let mut found = Page::new();
        // Behind the last key that was there; `passed` removed ones have followed.
        let behind = |found: &Page| match found.last() {
            Some((key, _)) => row::successor(key),
            None => start.clone(),
        };
        while found.len() < limit && !range.is_empty() {
            if let Some(behind) = self.hidden.behind(&range.from) {
                range.from = behind;
                continue;
            }
            range.limit = limit.saturating_sub(found.len()).max(KEYS_AT_ONCE_MIN);
            let (keys, end) = self.next_keys(&range)?;
            for (key, value) in keys {
                let Some(value) = value else {
                    passed = passed.saturating_add(1);
                    continue;
                };
                if passed >= HIDDEN_MIN {
                    self.hidden.note(behind(&found), key.clone());
                }
                passed = 0;
                found.push((key, value));
            }
            match end {
                Some(end) => range.from = row::successor(&end),
                None => {
                    if let Some(to) = range.to.filter(|_| passed >= HIDDEN_MIN) {
                        self.hidden.note(behind(&found), to);
                    }
                    break;
                }
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// The next keys of a range in store and layers, with what the newest layer says, and the last key
    /// up to which these are all; `None` for the whole range.
    fn next_keys(&self, range: &Range) -> Result<(Newer, Option<Vec<u8>>), Fault> {
        let Part { rows, mut end } = self.stored_part(range)?;
        let mut keys: Newer = rows
            .into_iter()
            .map(|(key, row)| (key, Some(row)))
            .collect();
        for layer in &self.layers {
            let changes = layer.state.between(&range.from, range.to.as_deref());
            let (taken, more) = changes
                .split_at_checked(range.limit)
                .unwrap_or((changes, &[]));
            for change in taken {
                keys.insert(change.key.to_vec(), change.new.clone());
            }
            let last = taken.last().filter(|_| !more.is_empty());
            end = match (end, last) {
                (Some(end), Some(last)) => Some(end.min(last.key.to_vec())),
                (end, last) => end.or_else(|| last.map(|last| last.key.to_vec())),
            };
        }
        keys.retain(|key, _| end.as_ref().is_none_or(|end| key <= end));
        Ok((keys, end))
    }

    /// True if the store may hold values above this height.
    fn is_overtaken(&self) -> bool {
        self.database.applying() > self.height
    }

    fn stored(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        let held = self.database.stored_state(key)?;
        if !self.is_overtaken() {
            return Ok(held.map(|held| held.latest));
        }
        let past = match &held {
            Some(held) => past(key, held.past(self.height.0))?,
            None => Past::default(),
        };
        if !past.reached {
            let from = row::previous(key, self.height.next().0);
            let to = row::successor(&row::previous(key, u64::MAX));
            let first = Scan::ascending(&from, Some(&to), 1);
            let above = self.database.stored_rows(first)?;
            if let Some((_, versions)) = above.first() {
                let older = past_of_row(key, versions, self.height)?;
                return Ok(older);
            }
        }
        Ok(past.value.unwrap_or_else(|| held.map(|held| held.latest)))
    }

    /// The first part of a range of state keys, as at this height for keys in no layer of this view.
    fn stored_part(&self, range: &Range) -> Result<Part, Fault> {
        let to = range
            .to
            .as_deref()
            .map_or_else(|| b"t".to_vec(), row::state);
        let from = row::state(&range.from);
        let scan = Scan::ascending(&from, Some(&to), range.limit);
        let rows = self.database.stored_rows(scan)?;
        let overtaken = self.is_overtaken();
        let mut latest = Page::with_capacity(rows.len());
        let mut earlier = Newer::new();
        for (mut key, row) in rows {
            key.drain(..1);
            let held = Held::decode(&row).ok_or_else(|| broken(&key))?;
            if overtaken && let Some(value) = past(&key, held.past(self.height.0))?.value {
                earlier.insert(key.clone(), value);
            }
            latest.push((key, held.latest));
        }
        let part = Part::of_scan(latest, range.limit);
        if !overtaken {
            return Ok(part);
        }
        let mut covered = range.clone();
        if let Some(end) = &part.end {
            covered.to = Some(row::successor(end));
        }
        // Versions in rows of their own are older than those in the rows of state.
        earlier.extend(self.overtaken(&covered)?);
        let mut rows = Page::new();
        merge_part(&covered, part.rows, &earlier, &mut rows);
        Ok(Part {
            rows,
            end: part.end,
        })
    }

    /// Of the keys in a range, those with versions in rows of their own that are above this height, with
    /// their values as at it.
    fn overtaken(&self, range: &Range) -> Result<Newer, Fault> {
        let mut found = Newer::new();
        let mut from = row::previous_prefix(&range.from);
        let to = range
            .to
            .as_deref()
            .map_or_else(|| b"q".to_vec(), row::previous_prefix);
        loop {
            let scan = Scan::ascending(&from, Some(&to), PREVIOUS_ROWS);
            let rows = self.database.stored_rows(scan)?;
            let more = rows.len() == PREVIOUS_ROWS;
            for (record, versions) in rows {
                let (key, height) = row::split_previous(&record).ok_or_else(|| broken(&record))?;
                // One record of a key decides: below, seek the first above; above, go on behind.
                from = if height <= self.height.0 {
                    row::previous(&key, self.height.next().0)
                } else {
                    row::successor(&row::previous(&key, u64::MAX))
                };
                if height > self.height.0 && !found.contains_key(&key) {
                    let value = past_of_row(&key, &versions, self.height)?;
                    found.insert(key, value);
                }
            }
            if !more {
                return Ok(found);
            }
        }
    }
}

fn broken(key: &[u8]) -> Fault {
    Fault::Damaged {
        place: "the rows of state of the store".to_owned(),
        reason: format!("a row of {} bytes of key does not decode", key.len()),
    }
}

fn past(key: &[u8], found: Option<Past>) -> Result<Past, Fault> {
    found.ok_or_else(|| broken(key))
}

/// What the key of a row of versions that reaches above `height` held at it.
fn past_of_row(key: &[u8], versions: &[u8], height: Height) -> Result<Option<Value>, Fault> {
    let found = past(key, held::past(versions, height.0))?;
    found.value.ok_or_else(|| broken(key))
}

/// Reads of whole rows at the tip.
impl Database {
    /// A page of the state tree, or that the tip has none.
    fn tree_page(&self, row: &[u8]) -> Result<Option<Value>, Fault> {
        for layer in self.waiting().0.iter().rev() {
            if let Some(page) = layer.pages.get(row) {
                return Ok(page.clone());
            }
        }
        self.row_behind(row)
    }

    /// A row that no layer has: waiting to be written, or stored.
    fn row_behind(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        match self.behind.row(key) {
            Some(row) => Ok(row),
            None => self.stored_row(key),
        }
    }

    /// The row of a look-up at `key` as of now. State is read from snapshots.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub fn row(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        for layer in self.waiting().0.iter().rev() {
            if let Some(row) = layer.rows.get(key).or_else(|| layer.look_ups.get(key)) {
                return Ok(row.clone());
            }
        }
        self.row_behind(key)
    }

    /// Rows in a range as of now, waiting layers included. For rows that are written once, and with their
    /// block: not those of `look_ups`.
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
}

/// Pages as at the tip: newest layer first, then what waits to be written, then the store.
impl PageRead for Database {
    fn page(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        self.tree_page(&row::page(key))
    }
}
