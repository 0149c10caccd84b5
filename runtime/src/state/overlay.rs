//! Uncommitted changes above the state at the end of the previous block.
//!
//! ```text
//! checkpoint (one per frame) -> transaction -> block -> base: the state before the block
//! ```
//!
//! The overlay holds the latest value of every key that the block has touched, and a journal of the
//! values that the running transaction replaced. A checkpoint is a length of the journal; reverting
//! walks back to it. Nothing here reaches a store: the block leaves as [`Changes`] (STATE-2).
//!
//! Invariant STATE-1: a revert restores every key to its value at the checkpoint.
//!
//! *Cost.* Keys are found by a 64-bit hash, not by comparing long keys that mostly share their first 37
//! bytes; equal hashes are chained. Nothing is ever iterated in the order of the hashes (DET-2). Who
//! reads a key and then writes it finds its [`Slot`] once. The journal has at most one record per key
//! and open checkpoint. A revert costs what was written since its checkpoint, a page of a scan what it
//! passes over; [`Overlay::part`] says how much that was.
//!
//! It does not limit or charge anything: the host does, before it calls.

use super::change::{Change, Changes};
use super::{Page, StateRead, Value};
use crate::error::Fault;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};
use std::ops::Bound;
use std::sync::Arc;

/// Bytes of unchanged keys and values kept for the rest of the block; above, all are dropped at the
/// end of a transaction. Changes speed only, no result.
const REMEMBERED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes that an entry costs beside its key and value, about.
const ENTRY_BYTES: usize = 192;
/// Pairs asked of the base at a time, at least: a page that hits many removed keys asks again.
const BASE_PAGE_MIN: usize = 16;

/// A key that the block has touched.
#[derive(Clone)]
struct Entry {
    key: Arc<[u8]>,
    /// Next entry with the same hash.
    next: Option<usize>,
    /// Before the block.
    base: Option<Value>,
    /// Before the transaction; meaningful if `written_in` is the running one.
    before: Option<Value>,
    now: Option<Value>,
    /// Last transaction that read it from outside itself.
    read_in: u64,
    /// Last transaction that wrote it.
    written_in: u64,
    /// Position after its last journal record; 0 for none. Meaningful as `before`.
    journaled: usize,
    /// Written in this block, hence in `ordered` or `unordered`.
    written: bool,
}

/// How to undo a write.
struct Undo {
    entry: usize,
    value: Option<Value>,
    journaled: usize,
}

/// Where the overlay keeps a key that it has looked up; good until the running transaction ends.
#[derive(Clone, Copy, Debug)]
pub struct Slot(usize);

/// Takes a hash as it is: it is one already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "never iterated, so its order cannot matter; a look-up is most of what an overlay does"
)]
type HashIndex = std::collections::HashMap<u64, usize, BuildHasherDefault<Hashed>>;

/// A point that the overlay can revert to. Checkpoints nest; give back the latest first.
#[derive(Debug)]
#[must_use = "a checkpoint ends with commit or revert"]
pub struct Checkpoint {
    depth: usize,
    journal: usize,
}

/// The next few keys of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Those that are there, with their values.
    pub page: Page,
    /// How many were passed over: this block has removed them, or written them and taken it back.
    pub passed: usize,
    /// Where to go on; `None` at the end of the prefix.
    pub next: Option<Vec<u8>>,
}

/// A page of a scan that a transaction has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Keys start with this.
    pub prefix: Vec<u8>,
    /// Keys are greater than this.
    pub after: Vec<u8>,
    /// Last key seen; `None` if the scan saw the end of the prefix.
    pub through: Option<Vec<u8>>,
}

/// What a transaction depended on and changed, exactly: what parallel execution needs to know.
///
/// # Source
/// Decision 14.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Keys whose value before the transaction was read, ascending.
    pub reads: Vec<Arc<[u8]>>,
    /// Pages of scans, in order.
    pub scans: Vec<Scan>,
    /// Keys that have another value after the transaction, ascending.
    pub writes: Vec<Arc<[u8]>>,
}

/// Journaled writes over a base. See the module.
pub struct Overlay {
    base: Arc<dyn StateRead>,
    entries: Vec<Entry>,
    /// Hash of a key to the newest entry with it.
    index: HashIndex,
    /// Entries written in this block, by key, as far as a scan has needed them.
    ordered: BTreeMap<Arc<[u8]>, usize>,
    /// Entries written in this block that are not yet in `ordered`.
    unordered: Vec<usize>,
    /// Bytes of entries, about.
    remembered: usize,
    /// Number of the running transaction, from 1.
    transaction: u64,
    journal: Vec<Undo>,
    /// Lengths of the journal at the open checkpoints.
    checkpoints: Vec<usize>,
    reads: Vec<usize>,
    writes: Vec<usize>,
    scans: Vec<Scan>,
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay")
            .field("entries", &self.entries.len())
            .field("transaction", &self.transaction)
            .field("journal", &self.journal.len())
            .field("checkpoints", &self.checkpoints)
            .finish_non_exhaustive()
    }
}

impl Overlay {
    /// An overlay without changes over `base`, at the start of a block's first transaction.
    #[must_use]
    pub fn new(base: Arc<dyn StateRead>) -> Self {
        Self {
            base,
            entries: Vec::new(),
            index: HashIndex::default(),
            ordered: BTreeMap::new(),
            unordered: Vec::new(),
            remembered: 0,
            transaction: 1,
            journal: Vec::new(),
            checkpoints: Vec::new(),
            reads: Vec::new(),
            writes: Vec::new(),
            scans: Vec::new(),
        }
    }

    /// Makes room for `keys` more.
    pub fn reserve(&mut self, keys: usize) {
        self.entries.reserve(keys);
        self.index.reserve(keys);
    }

    /// The value at `key` now. The base is asked at most once per key and block.
    ///
    /// # Errors
    /// `Fault` if the base fails; nothing has changed then.
    pub fn get(&mut self, key: &[u8]) -> Result<Option<Value>, Fault> {
        let slot = self.slot(key)?;
        Ok(self.read(slot).cloned())
    }

    /// Looks `key` up, for reading and writing it without looking again.
    ///
    /// # Errors
    /// `Fault` if the base fails; nothing has changed then.
    pub fn slot(&mut self, key: &[u8]) -> Result<Slot, Fault> {
        self.load(key).map(Slot)
    }

    /// The value at a slot now.
    pub fn read(&mut self, slot: Slot) -> Option<&Value> {
        let Slot(position) = slot;
        let transaction = self.transaction;
        let entry = self.entry(position);
        let own = entry.written_in == transaction && entry.journaled != 0;
        if entry.read_in != transaction && !own {
            entry.read_in = transaction;
            self.reads.push(position);
        }
        self.entry(position).now.as_ref()
    }

    /// The value at `key` now, without remembering or recording the read.
    ///
    /// # Errors
    /// `Fault` if the base fails.
    pub fn peek(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        let found = self.find(hash_key(key), key);
        match found.and_then(|position| self.entries.get(position)) {
            Some(entry) => Ok(entry.now.clone()),
            None => self.base.get(key),
        }
    }

    /// Puts `value` at `key`.
    ///
    /// # Errors
    /// `Fault` if the base fails to give the value replaced; nothing has changed then.
    pub fn set(&mut self, key: &[u8], value: Value) -> Result<(), Fault> {
        let slot = self.slot(key)?;
        self.write(slot, Some(value));
        Ok(())
    }

    /// Empties `key`.
    ///
    /// # Errors
    /// As [`Overlay::set`].
    pub fn remove(&mut self, key: &[u8]) -> Result<(), Fault> {
        let slot = self.slot(key)?;
        self.write(slot, None);
        Ok(())
    }

    /// At most `limit` pairs whose keys start with `prefix` and are greater than `after`, ascending.
    /// `after` is a whole key, or empty for the start. Fewer than `limit` means: no more.
    ///
    /// # Errors
    /// `Fault` if the base fails.
    pub fn page(&mut self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Page, Fault> {
        let mut page = Page::new();
        let mut cursor = after.to_vec();
        while page.len() < limit {
            let asked = limit.saturating_sub(page.len()).max(BASE_PAGE_MIN);
            let part = self.merge(prefix, &cursor, asked)?;
            page.extend(part.page);
            match part.next {
                Some(key) => cursor = key,
                None => break,
            }
        }
        page.truncate(limit);
        if limit > 0 {
            let more = page.len() >= limit;
            let through = page.last().filter(|_| more).map(|(key, _)| key.clone());
            self.saw(prefix, after, through);
        }
        Ok(page)
    }

    /// As [`Overlay::page`], but looks at no more than `limit` keys, removed ones among them: whoever
    /// charges for a scan knows what it cost before it goes on.
    ///
    /// # Errors
    /// `Fault` if the base fails.
    pub fn part(&mut self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Part, Fault> {
        let part = self.merge(prefix, after, limit)?;
        self.saw(prefix, after, part.next.clone());
        Ok(part)
    }

    fn saw(&mut self, prefix: &[u8], after: &[u8], through: Option<Vec<u8>>) {
        self.scans.push(Scan {
            prefix: prefix.to_vec(),
            after: after.to_vec(),
            through,
        });
    }

    /// Opens a checkpoint.
    pub fn checkpoint(&mut self) -> Checkpoint {
        let journal = self.journal.len();
        self.checkpoints.push(journal);
        let depth = self.checkpoints.len();
        Checkpoint { depth, journal }
    }

    /// Keeps what was written since `checkpoint`, as part of what encloses it.
    ///
    /// Checkpoints opened later and still open end with it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a checkpoint is used up by its end"
    )]
    pub fn commit(&mut self, checkpoint: Checkpoint) {
        self.checkpoints
            .truncate(checkpoint.depth.saturating_sub(1));
    }

    /// Undoes everything written since `checkpoint`.
    ///
    /// Checkpoints opened later and still open end with it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a checkpoint is used up by its end"
    )]
    pub fn revert(&mut self, checkpoint: Checkpoint) {
        self.undo_to(checkpoint.journal);
        self.checkpoints
            .truncate(checkpoint.depth.saturating_sub(1));
    }

    /// What the running transaction has changed so far.
    #[must_use]
    pub fn transaction_changes(&self) -> Changes {
        let entries = self.writes.iter().filter_map(|at| self.entries.get(*at));
        Changes::new(
            entries
                .filter(|entry| entry.before != entry.now)
                .map(|entry| Change {
                    key: Arc::clone(&entry.key),
                    old: entry.before.clone(),
                    new: entry.now.clone(),
                })
                .collect(),
        )
    }

    /// Number of different keys that the running transaction has written, reverted writes included:
    /// what `limits::WRITES_MAX` bounds.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.writes.len()
    }

    /// What the running transaction has read and changed so far.
    #[must_use]
    pub fn access(&self) -> Access {
        let read = self.reads.iter().filter_map(|at| self.entries.get(*at));
        let mut reads: Vec<_> = read.map(|entry| Arc::clone(&entry.key)).collect();
        reads.sort_unstable();
        let changes = self.transaction_changes();
        Access {
            reads,
            scans: self.scans.clone(),
            writes: changes.iter().map(|one| Arc::clone(&one.key)).collect(),
        }
    }

    /// Ends the running transaction, keeps what it wrote for the block, and begins the next.
    pub fn finish_transaction(&mut self) {
        self.journal.clear();
        self.checkpoints.clear();
        self.reads.clear();
        self.writes.clear();
        self.scans.clear();
        self.transaction = self.transaction.saturating_add(1);
        if self.remembered > REMEMBERED_BYTES_MAX {
            self.forget_reads();
        }
    }

    /// Ends the running transaction, undoes what it wrote, and begins the next.
    pub fn discard_transaction(&mut self) {
        self.undo_to(0);
        self.finish_transaction();
    }

    /// What the finished transactions changed together; a running one is discarded.
    #[must_use]
    pub fn into_block_changes(mut self) -> Changes {
        self.undo_to(0);
        let changed = |entry: &Entry| entry.written && entry.base != entry.now;
        Changes::new(
            self.entries
                .into_iter()
                .filter(changed)
                .map(|entry| Change {
                    key: entry.key,
                    old: entry.base,
                    new: entry.now,
                })
                .collect(),
        )
    }

    fn entry(&mut self, position: usize) -> &mut Entry {
        self.entries
            .get_mut(position)
            .expect("positions come from `load`, entries leave between transactions only (STATE-1)")
    }

    fn find(&self, hash: u64, key: &[u8]) -> Option<usize> {
        let mut at = self.index.get(&hash).copied();
        while let Some(position) = at {
            let entry = self.entries.get(position)?;
            if entry.key.as_ref() == key {
                return at;
            }
            at = entry.next;
        }
        None
    }

    /// Position of the entry of `key`, made from the base if the block has not touched the key yet.
    fn load(&mut self, key: &[u8]) -> Result<usize, Fault> {
        let hash = hash_key(key);
        if let Some(position) = self.find(hash, key) {
            return Ok(position);
        }
        let value = self.base.get(key)?;
        let position = self.entries.len();
        self.remembered = self.remembered.saturating_add(cost(key, value.as_ref()));
        let next = self.index.insert(hash, position);
        self.entries.push(Entry {
            key: Arc::from(key),
            next,
            base: value.clone(),
            before: None,
            now: value,
            read_in: 0,
            written_in: 0,
            journaled: 0,
            written: false,
        });
        Ok(position)
    }

    /// Puts a value, or none, at a slot.
    pub fn write(&mut self, slot: Slot, value: Option<Value>) {
        let Slot(position) = slot;
        let floor = self.checkpoints.last().copied().unwrap_or(0);
        let after = self.journal.len().saturating_add(1);
        let transaction = self.transaction;
        let entry = self.entry(position);
        let first_in_transaction = entry.written_in != transaction;
        let first_in_block = !entry.written;
        if first_in_transaction {
            entry.written_in = transaction;
            entry.before.clone_from(&entry.now);
            entry.journaled = 0;
            entry.written = true;
        }
        let old = std::mem::replace(&mut entry.now, value);
        // Invariant STATE-1: the first write since the latest checkpoint records the value then.
        if entry.journaled <= floor {
            let journaled = std::mem::replace(&mut entry.journaled, after);
            self.journal.push(Undo {
                entry: position,
                value: old,
                journaled,
            });
        }
        if first_in_transaction {
            self.writes.push(position);
        }
        if first_in_block {
            self.unordered.push(position);
        }
    }

    /// Invariant STATE-1: records are undone latest first, so the oldest value wins.
    fn undo_to(&mut self, length: usize) {
        while self.journal.len() > length {
            let Some(undo) = self.journal.pop() else {
                break;
            };
            let entry = self.entry(undo.entry);
            entry.now = undo.value;
            entry.journaled = undo.journaled;
        }
    }

    /// The next `limit` keys: the written entries, which win, merged with a page of the base.
    fn merge(&mut self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Part, Fault> {
        for position in std::mem::take(&mut self.unordered) {
            let key = Arc::clone(&self.entry(position).key);
            self.ordered.insert(key, position);
        }
        let below = self.base.page(prefix, after, limit)?;
        // What lies behind the last key of a full page is not known yet.
        let last = (below.len() >= limit)
            .then(|| below.last().map(|(key, _)| key.clone()))
            .flatten();
        let mut ours = self.written(prefix, after, last.as_deref()).peekable();
        let mut below = below.into_iter().peekable();
        let mut part = Part::default();
        while part.page.len().saturating_add(part.passed) < limit {
            let key = below.peek().map(|(key, _)| key.as_slice());
            let own = ours.next_if(|(own, _)| key.is_none_or(|key| *own <= key));
            let (key, value) = match own {
                Some((own, value)) => {
                    below.next_if(|(key, _)| key == own);
                    (own.to_vec(), value)
                }
                None => match below.next() {
                    Some((key, value)) => (key, Some(value)),
                    None => return Ok(Part { next: None, ..part }),
                },
            };
            part.next = Some(key.clone());
            match value {
                Some(value) => part.page.push((key, value)),
                None => part.passed = part.passed.saturating_add(1),
            }
        }
        Ok(part)
    }

    /// Keys with `prefix` in (`after`, `last`] that the block has written, with their values now.
    fn written<'a>(
        &'a self,
        prefix: &'a [u8],
        after: &[u8],
        last: Option<&[u8]>,
    ) -> impl Iterator<Item = (&'a [u8], Option<Value>)> {
        let start = if after.is_empty() || after < prefix {
            Bound::Included(prefix)
        } else {
            Bound::Excluded(after)
        };
        let end = last.map_or(Bound::Unbounded, Bound::Included);
        self.ordered
            .range::<[u8], _>((start, end))
            .take_while(move |(key, _)| key.starts_with(prefix))
            .filter_map(|(key, at)| Some((key.as_ref(), self.entries.get(*at)?.now.clone())))
    }

    /// Drops the entries that the block has only read. Only between transactions.
    fn forget_reads(&mut self) {
        let mut kept = std::mem::take(&mut self.entries);
        kept.retain(|entry| entry.written);
        kept.shrink_to_fit();
        self.index.clear();
        self.ordered.clear();
        self.remembered = 0;
        for (position, entry) in kept.iter_mut().enumerate() {
            entry.next = self.index.insert(hash_key(&entry.key), position);
        }
        self.unordered = (0..kept.len()).collect();
        self.entries = kept;
    }
}

fn cost(key: &[u8], value: Option<&Value>) -> usize {
    let value = value.map_or(0, |value| value.len());
    key.len().saturating_add(value).saturating_add(ENTRY_BYTES)
}

/// `SipHash` with a fixed key: only a place in the index; a collision costs a comparison.
fn hash_key(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(key);
    hasher.finish()
}

#[cfg(test)]
mod tests;
