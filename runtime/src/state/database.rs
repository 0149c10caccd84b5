//! Committed state: layers that are not stored yet, over a bounded cache, over the store.
//!
//! A block's changes enter as a [`Layer`] and are visible at once ([`Database::push`]); the store gets
//! them later, oldest first ([`Database::store_next`]), so that execution never waits for the store's
//! writes. One batch takes several blocks when several wait: a page of the state tree that all of them
//! changed is then written once. Readers take a [`Snapshot`]: the state as at one height, whatever the
//! store does underneath.
//!
//! # Invariants
//! - STATE-2: a block's rows reach the store in one batch together with the tip row of the batch's last
//!   block, after the block is in the log. The tip therefore says exactly which blocks the store lacks.
//! - A batch begins to be applied only after `applying` names its last height, and its layers are dropped
//!   only after the cache knows its rows. A reader that sees `applying` at or below its height *after*
//!   it read has read a value that is right for its height (see [`super::snapshot`]).
//! - A cached value is the store's value before or after the batch being applied, never older.
//! - Pages of the state tree and look-ups by hash are written behind (STATE-5, [`super::behind`]).
//!
//! # Crash behaviour
//! Layers die with the process; the log has their blocks, and replay makes them again.
//!
//! What this module does not do: decide when to store, prune or flush; check roots.

use super::behind::{self, Behind, BehindSettings};
use super::change::Changes;
use super::held::{Held, Rewrite};
use super::pending::Pending;
use super::prune::Sweep;
use super::root::TreeChange;
use super::row;
use super::snapshot::Snapshot;
use super::store::{self, Batch, Scan, Store, StoreSettings, StoreStats};
use super::{Page, Value};
use crate::error::Fault;
use parity_scale_codec::{Decode, Encode};
use quick_cache::sync::Cache;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{BlockHash, Height, StateRoot};

/// Batches between two flushes of the store: bounds the blocks to replay after a power cut.
const FLUSH_EVERY: u64 = 16;

/// Which block the state belongs to.
///
/// # Shape
/// SCALE, 72 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Tip {
    /// Position.
    pub height: Height,
    /// Hash of the block's header; for genesis, zero or whatever the caller gives.
    pub block: BlockHash,
    /// Root of the state after it.
    pub state_root: StateRoot,
}

/// All that one block changed.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The block.
    pub tip: Tip,
    /// State keys.
    pub state: Changes,
    /// Of the same keys: hash, and hash of the new value.
    pub leaves: Vec<TreeChange>,
    /// Rows of changed pages of the state tree.
    pub pages: Batch,
    /// Rows of look-ups by hash, at places without order ([`crate::index`]).
    pub look_ups: Batch,
    /// Rows of all other look-ups.
    pub rows: Batch,
}

impl Layer {
    /// Rows of its batch, about: a changed key has two.
    fn row_count(&self) -> usize {
        self.rows
            .len()
            .saturating_add(self.state.len().saturating_mul(2))
    }

    /// Bytes of memory of its rows that are written behind, about.
    pub(super) fn behind_bytes(&self) -> usize {
        behind::bytes_of(&self.pages).saturating_add(behind::bytes_of(&self.look_ups))
    }
}

/// Settings of a database. None of them changes a receipt or a root (CONF-1).
#[derive(Clone, Copy, Debug)]
pub struct DatabaseSettings {
    /// Which chain the rows belong to.
    pub chain: GenesisHash,
    /// The store.
    pub store: StoreSettings,
    /// Bytes of the cache of rows above the store.
    pub cache_bytes: u64,
    /// Rows of a batch that no further block joins; a batch has one block at least.
    pub batch_rows: usize,
    /// When rows that are written behind are written.
    pub behind: BehindSettings,
}

/// What opening found.
#[derive(Debug)]
pub enum OpenedDatabase {
    /// Ready; empty if [`Database::tip`] is `None`.
    Ready(Arc<Database>),
    /// The store is damaged or of another format: wipe it, open again, replay the log. The text says
    /// what is wrong.
    Rebuild(String),
}

/// A height whose state is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state at height {asked} is not kept, heights {oldest} to {latest} are")]
pub struct HeightUnavailable {
    /// What was asked for.
    pub asked: Height,
    /// Lowest height kept.
    pub oldest: Height,
    /// The tip.
    pub latest: Height,
}

#[derive(Clone, Debug)]
struct Weight;

impl quick_cache::Weighter<Vec<u8>, Option<Held>> for Weight {
    fn weight(&self, key: &Vec<u8>, value: &Option<Held>) -> u64 {
        let value = value.as_ref().map_or(0, Held::len);
        let bytes = key.len().saturating_add(value).saturating_add(96);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// Layers not yet stored, and both ends.
#[derive(Debug, Default)]
struct Shared {
    layers: VecDeque<Arc<Layer>>,
    /// Rows of `layers`, about.
    rows: usize,
    stored: Option<Tip>,
    tip: Option<Tip>,
}

/// Heights that readers need.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) oldest: u64,
    pub(super) live: BTreeMap<u64, usize>,
}

/// Committed state. Shared by all readers and the one writer.
#[derive(Debug)]
pub struct Database {
    pub(super) store: Box<dyn Store>,
    chain: GenesisHash,
    /// Rows of state, by state key.
    cache: Cache<Vec<u8>, Option<Held>, Weight>,
    /// Latest values of the layers in `shared`.
    pending: Pending,
    pub(super) behind: Behind,
    shared: RwLock<Shared>,
    pub(super) kept: Mutex<Kept>,
    /// Height of the batch that is being, or was last, applied.
    applying: AtomicU64,
    /// Read while a reader takes a row from the store into the cache, written while a batch's rows
    /// enter it: so no reader caches a row from before a batch after the batch's rows were entered.
    fill: RwLock<()>,
    batch_rows: usize,
    /// One writer to the store at a time.
    pub(super) writer: Mutex<Sweep>,
    failed: AtomicBool,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

impl Database {
    /// Opens the database in the folder `dir`, each engine in a folder of its own below.
    ///
    /// # Errors
    /// `Fault::Unusable` if the store belongs to another chain or process, `Fault::Io` and
    /// `Fault::Store` as for [`store::open`].
    pub fn open(dir: &Path, settings: &DatabaseSettings) -> Result<OpenedDatabase, Fault> {
        let name = format!("{:?}", settings.store.engine).to_lowercase();
        match store::open(&dir.join(name), settings.store)? {
            store::Opened::Ready(store) => Self::over(store, settings),
            store::Opened::Damaged(reason) => Ok(OpenedDatabase::Rebuild(reason)),
        }
    }

    /// Opens a database over an open store.
    ///
    /// # Errors
    /// `Fault::Unusable` if the store belongs to another chain.
    pub fn over(
        store: Box<dyn Store>,
        settings: &DatabaseSettings,
    ) -> Result<OpenedDatabase, Fault> {
        let (stored, oldest) = match meta::read(store.as_ref(), settings.chain) {
            Ok(meta) => meta,
            Err(fault @ Fault::Unusable { .. }) => return Err(fault),
            Err(fault) => return Ok(OpenedDatabase::Rebuild(fault.to_string())),
        };
        let items = usize::try_from(settings.cache_bytes / 256).unwrap_or(usize::MAX);
        Ok(OpenedDatabase::Ready(Arc::new(Self {
            store,
            chain: settings.chain,
            cache: Cache::with_weighter(items, settings.cache_bytes, Weight),
            pending: Pending::default(),
            behind: Behind::new(settings.behind),
            shared: RwLock::new(Shared {
                layers: VecDeque::new(),
                rows: 0,
                stored,
                tip: stored,
            }),
            kept: Mutex::new(Kept {
                oldest,
                live: BTreeMap::new(),
            }),
            applying: AtomicU64::new(stored.map_or(0, |tip| tip.height.0)),
            fill: RwLock::default(),
            batch_rows: settings.batch_rows,
            writer: Mutex::default(),
            failed: AtomicBool::new(false),
        })))
    }

    /// The block whose state is the latest; `None` before genesis.
    #[must_use]
    pub fn tip(&self) -> Option<Tip> {
        read(&self.shared).tip
    }

    /// The block whose batch the store applied last.
    #[must_use]
    pub fn stored(&self) -> Option<Tip> {
        read(&self.shared).stored
    }

    /// Layers that wait for [`Database::store_next`], and their rows. Callers bound both.
    #[must_use]
    pub fn pending(&self) -> (usize, usize) {
        let shared = read(&self.shared);
        (shared.layers.len(), shared.rows)
    }

    /// Lowest height whose state can be read.
    #[must_use]
    pub fn oldest(&self) -> Height {
        Height(lock(&self.kept).oldest)
    }

    /// Makes a block's changes visible. The first layer may have any height (genesis: 0), each other
    /// one follows the tip.
    ///
    /// # Errors
    /// `Fault::Damaged` if the heights don't follow or a row is too long: a bug of the caller, caught
    /// before it can do harm.
    pub fn push(&self, layer: Layer) -> Result<(), Fault> {
        self.check_usable()?;
        store::check_batch(self.store.engine(), &layer.rows)?;
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        match shared.tip {
            Some(tip) if tip.height.next() != layer.tip.height => {
                return Err(Fault::Damaged {
                    place: "the layers of the state".to_owned(),
                    reason: format!("height {} follows {}", layer.tip.height, tip.height),
                });
            }
            Some(_) => {}
            None => lock(&self.kept).oldest = layer.tip.height.0,
        }
        // Before the tip: whoever reads at this height finds the values.
        self.pending.enter(layer.tip.height, &layer.state);
        shared.tip = Some(layer.tip);
        shared.rows = shared.rows.saturating_add(layer.row_count());
        shared.layers.push_back(Arc::new(layer));
        Ok(())
    }

    /// Applies the oldest waiting layers to the store, in one batch, and drops them. False if none waits.
    ///
    /// # Errors
    /// `Fault` if the store fails; the database refuses everything from then on.
    pub fn store_next(&self) -> Result<bool, Fault> {
        let _writer = lock(&self.writer);
        self.check_usable()?;
        let (layers, stored) = self.next_layers();
        let Some(last) = layers.last().map(|layer| layer.tip) else {
            return Ok(false);
        };
        let mut batch = self.batch(&layers, stored.is_none())?;
        let behind = self.behind.join(&mut batch, &layers, stored.is_none());
        self.applying.store(last.height.0, Ordering::SeqCst);
        // Invariant STATE-2: all rows of its blocks in one batch, the tip row in it.
        self.watched(self.store.apply(&batch))?;
        self.enter_in_cache(batch);
        self.behind.applied(&layers, behind);
        {
            let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
            shared.stored = Some(last);
            for layer in &layers {
                shared.rows = shared.rows.saturating_sub(layer.row_count());
                shared.layers.pop_front();
            }
        }
        // After the cache and the store: whoever does not find a value here finds it there.
        for layer in &layers {
            self.pending.leave(layer.tip.height, &layer.state);
        }
        let flushed = stored.map_or(0, |tip| tip.height.0 / FLUSH_EVERY);
        if last.height.0 / FLUSH_EVERY > flushed {
            self.watched(self.store.flush())?;
        }
        Ok(true)
    }

    /// The layers of the next batch, oldest first, and what is stored before it. The very first block,
    /// which has no earlier state, is a batch of its own.
    fn next_layers(&self) -> (Vec<Arc<Layer>>, Option<Tip>) {
        let shared = read(&self.shared);
        let mut rows = 0_usize;
        let fits = |layer: &&Arc<Layer>| {
            let first = rows == 0;
            rows = rows.saturating_add(layer.row_count()).saturating_add(1);
            first || (shared.stored.is_some() && rows <= self.batch_rows)
        };
        let layers = shared.layers.iter().take_while(fits).cloned().collect();
        (layers, shared.stored)
    }

    /// Forgets everything, waiting layers included: the next [`Database::push`] is a first one. For
    /// rebuilding in place, while nobody reads.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub fn clear(&self) -> Result<(), Fault> {
        let _writer = lock(&self.writer);
        self.check_usable()?;
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        loop {
            let some = Scan::ascending(&[], None, 4_096);
            let rows = self.watched(self.store.scan(some))?;
            if rows.is_empty() {
                break;
            }
            let batch: Batch = rows.into_iter().map(|(key, _)| (key, None)).collect();
            self.watched(self.store.apply(&batch))?;
        }
        let _fill = self.fill.write().unwrap_or_else(PoisonError::into_inner);
        self.cache.clear();
        self.pending.clear();
        self.behind.clear();
        *shared = Shared::default();
        lock(&self.kept).oldest = 0;
        self.applying.store(0, Ordering::SeqCst);
        Ok(())
    }

    /// Returns once everything stored is on the disk.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub fn flush(&self) -> Result<(), Fault> {
        let _writer = lock(&self.writer);
        self.check_usable()?;
        self.watched(self.store.flush())
    }

    /// The rows of the batch of these layers.
    fn batch(&self, layers: &[Arc<Layer>], first: bool) -> Result<Batch, Fault> {
        let mut batch = Batch::new();
        let mut keys: BTreeMap<&Arc<[u8]>, Rewrite> = BTreeMap::new();
        for layer in layers {
            let rows = layer.rows.iter();
            batch.extend(rows.map(|(key, value)| (key.clone(), value.clone())));
            for change in &layer.state {
                let rewrite = match keys.entry(&change.key) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    // What held nothing has no row.
                    Entry::Vacant(entry) => entry.insert(Rewrite::new(match change.old {
                        Some(_) => self.stored_state(&change.key)?,
                        None => None,
                    })),
                };
                rewrite.change(layer.tip.height.0, change.new.clone());
            }
        }
        let floor = lock(&self.kept).oldest;
        for (key, rewrite) in keys {
            let rewritten = rewrite.finish(floor);
            batch.insert(row::state(key), rewritten.row);
            for (height, versions) in rewritten.moved {
                batch.insert(row::previous(key, height), Some(versions));
            }
        }
        let mut meta = |name: &[u8], value: &[u8]| batch.insert(name.to_vec(), Some(value.into()));
        if let Some(last) = layers.last() {
            meta(row::TIP, &last.tip.encode());
            if first {
                meta(row::FORMAT, &row::FORMAT_VERSION.to_le_bytes());
                meta(row::GENESIS, self.chain.as_bytes());
                meta(row::OLDEST, &last.tip.height.0.to_le_bytes());
            }
        }
        Ok(batch)
    }

    /// Lets the cache know a batch that has been applied.
    fn enter_in_cache(&self, batch: Batch) {
        let _fill = self.fill.write().unwrap_or_else(PoisonError::into_inner);
        for (mut key, row) in batch {
            if key.first() != Some(&b's') {
                continue;
            }
            key.drain(..1);
            match row.as_deref().and_then(Held::decode) {
                // Replay guards are written once and read once: they would only push others out.
                Some(held) if !key.starts_with(b"r") => self.cache.insert(key, Some(held)),
                _ => {
                    self.cache.remove(key.as_slice());
                }
            }
        }
    }

    /// The state as at `height`.
    ///
    /// # Errors
    /// [`HeightUnavailable`] if the height is above the tip or pruned.
    pub fn snapshot(self: &Arc<Self>, height: Height) -> Result<Snapshot, HeightUnavailable> {
        let shared = read(&self.shared);
        let mut kept = lock(&self.kept);
        let latest = shared.tip.map_or(Height(0), |tip| tip.height);
        if shared.tip.is_none() || height > latest || height.0 < kept.oldest {
            return Err(HeightUnavailable {
                asked: height,
                oldest: Height(kept.oldest),
                latest,
            });
        }
        let live = kept.live.entry(height.0).or_default();
        *live = live.saturating_add(1);
        let known = shared
            .layers
            .iter()
            .filter(|layer| layer.tip.height <= height);
        Ok(Snapshot::new(
            self.clone(),
            height,
            known.cloned().collect(),
        ))
    }

    /// A snapshot of this height is no longer needed.
    pub(super) fn release(&self, height: Height) {
        let mut kept = lock(&self.kept);
        if let Some(live) = kept.live.get_mut(&height.0) {
            *live = live.saturating_sub(1);
            if *live == 0 {
                kept.live.remove(&height.0);
            }
        }
    }

    /// Height of the batch that is being, or was last, applied to the store.
    pub(super) fn applying(&self) -> Height {
        Height(self.applying.load(Ordering::SeqCst))
    }

    /// The latest value of a state key, if it waits to be stored, with the height that set it.
    pub(super) fn waiting_value(&self, key: &[u8]) -> Option<(Height, Option<Value>)> {
        self.pending.get(key)
    }

    /// The row of a state key as it is now in the store, through the cache.
    pub(super) fn stored_state(&self, key: &[u8]) -> Result<Option<Held>, Fault> {
        if let Some(found) = self.cache.get(key) {
            return Ok(found);
        }
        let _fill = read(&self.fill);
        let row = self.stored_row(&row::state(key))?;
        let held = row.map(|row| {
            Held::decode(&row).ok_or_else(|| Fault::Damaged {
                place: "the rows of state of the store".to_owned(),
                reason: format!("a row of {} bytes of key does not decode", key.len()),
            })
        });
        let held = held.transpose()?;
        self.cache.insert(key.to_vec(), held.clone());
        Ok(held)
    }

    /// A row of the store as it is now.
    pub(super) fn stored_row(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        self.check_usable()?;
        self.store.get(key)
    }

    /// Rows of the store as they are now.
    pub(super) fn stored_rows(&self, scan: Scan<'_>) -> Result<Page, Fault> {
        self.check_usable()?;
        self.store.scan(scan)
    }

    /// The layers that wait, oldest first, and the tip.
    pub(super) fn waiting(&self) -> (Vec<Arc<Layer>>, Option<Tip>) {
        let shared = read(&self.shared);
        (shared.layers.iter().cloned().collect(), shared.tip)
    }

    /// Figures of the store for operators.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    pub fn stats(&self) -> Result<StoreStats, Fault> {
        self.store.stats()
    }

    pub(super) fn check_usable(&self) -> Result<(), Fault> {
        if !self.failed.load(Ordering::SeqCst) {
            return Ok(());
        }
        Err(Fault::Store {
            engine: self.store.engine(),
            action: "looking at the store",
            reason: "an earlier operation failed, reopening is recovery".to_owned(),
        })
    }

    /// Remembers a failure of the store.
    pub(super) fn watched<T>(&self, result: Result<T, Fault>) -> Result<T, Fault> {
        if result.is_err() {
            self.failed.store(true, Ordering::SeqCst);
        }
        result
    }
}

mod meta;
mod refill;
#[cfg(test)]
mod tests;
