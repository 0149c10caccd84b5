//! Stores: where committed state is kept so that it need not be computed again.
//!
//! A store is an ordered map from bytes to bytes with one atomic batch. Everything in it is derived
//! from the block log ([`crate::log`]): lost, damaged or deleted, it is rebuilt. Three engines stand
//! behind the same small trait, and the same tests run over all three, so that no habit of one leaks:
//!
//! | engine | place | batch visible | on disk |
//! |---|---|---|---|
//! | sled 0.34 | folder | row by row behind a redo file, readers don't wait | after [`Store::flush`] |
//! | redb 4 | one file | whole, readers don't wait | after [`Store::flush`] |
//! | memory | - | whole | never |
//!
//! # Crash behaviour
//! After a crash a store holds the batches up to some batch, each whole. Which one doesn't matter:
//! the tip row, in the same batch, says where replay begins (STATE-2). A store that cannot be opened
//! is reported as [`Opened::Damaged`]; the answer is to remove the folder, and replay.
//!
//! What this module does not do: heights, history, caching ([`super::database`] does).

pub mod memory;
pub mod redb;
mod redo;
pub mod sled;

use super::{Page, Value};
use crate::error::Fault;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Bytes of the longest row value: a state value of the largest size and its envelope.
///
/// # Source
/// `docs/state.md`: sled writes large values to files that it never syncs.
pub const ROW_VALUE_BYTES_MAX: usize = crate::limits::VALUE_BYTES_MAX + 64;
/// Bytes of the longest row key.
pub const ROW_KEY_BYTES_MAX: usize = 2 * 1024;

/// Rows to write (`Some`) and to remove (`None`), applied all or not at all.
pub type Batch = BTreeMap<Vec<u8>, Option<Value>>;

/// Which rows to scan.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    /// First key, inclusive.
    pub from: &'a [u8],
    /// End of the keys, exclusive; `None` for no end.
    pub to: Option<&'a [u8]>,
    /// At most so many rows.
    pub limit: usize,
    /// Descending: starts at the end of the range.
    pub reverse: bool,
}

impl<'a> Scan<'a> {
    /// The first `limit` rows from `from`, inclusive, to `to`, exclusive.
    #[must_use]
    pub fn ascending(from: &'a [u8], to: Option<&'a [u8]>, limit: usize) -> Self {
        Self {
            from,
            to,
            limit,
            reverse: false,
        }
    }

    /// True if no key can be in the range.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.limit == 0 || self.to.is_some_and(|to| to <= self.from)
    }
}

/// What a store says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreStats {
    /// Name of the engine.
    pub engine: &'static str,
    /// Bytes it takes on disk; for memory, bytes of keys and values.
    pub bytes: u64,
}

/// An ordered map with an atomic batch.
pub trait Store: Send + Sync + Debug {
    /// Name of the engine.
    fn engine(&self) -> &'static str;

    /// The value at `key`.
    ///
    /// # Errors
    /// `Fault` if the engine fails or finds damage.
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Fault>;

    /// The rows in a range, materialised: no engine iterator leaks. Each row is as at some moment
    /// during the call; a batch applied meanwhile may be seen in part.
    ///
    /// # Errors
    /// `Fault` if the engine fails or finds damage.
    fn scan(&self, scan: Scan<'_>) -> Result<Page, Fault>;

    /// Applies all of `batch` or nothing.
    ///
    /// # Errors
    /// `Fault` if a key or value is too long, or the engine fails; afterwards the store must not be
    /// used any more, reopening is recovery.
    fn apply(&self, batch: &Batch) -> Result<(), Fault>;

    /// Returns once all applied batches are on the disk.
    ///
    /// # Errors
    /// `Fault` if the engine fails; as for [`Store::apply`].
    fn flush(&self) -> Result<(), Fault>;

    /// Figures for operators.
    ///
    /// # Errors
    /// `Fault` if the engine fails.
    fn stats(&self) -> Result<StoreStats, Fault>;
}

/// Engines by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// sled 0.34.
    Sled,
    /// redb 4.
    Redb,
    /// Memory only: everything is replayed at every start.
    Memory,
}

impl Engine {
    /// The engine called `name` in settings.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "sled" => Some(Self::Sled),
            "redb" => Some(Self::Redb),
            "memory" => Some(Self::Memory),
            _ => None,
        }
    }
}

/// Settings of a store. None of them changes a receipt or a root (CONF-1).
#[derive(Clone, Copy, Debug)]
pub struct StoreSettings {
    /// Which engine.
    pub engine: Engine,
    /// Bytes of the engine's own cache.
    pub cache_bytes: u64,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            engine: Engine::Sled,
            cache_bytes: 64 * 1024 * 1024,
        }
    }
}

/// What opening found.
#[derive(Debug)]
pub enum Opened {
    /// A store, empty if there was none.
    Ready(Box<dyn Store>),
    /// Files that the engine cannot make sense of: remove the folder and rebuild. The text is the engine's.
    Damaged(String),
}

/// Opens the store in the folder `dir`, or creates it.
///
/// # Errors
/// `Fault::Io` if the folder cannot be created or read, `Fault::Unusable` if another process has
/// the store open. Damage is an answer, not an error.
pub fn open(dir: &Path, settings: StoreSettings) -> Result<Opened, Fault> {
    match settings.engine {
        Engine::Sled => sled::SledStore::open(dir, settings.cache_bytes),
        Engine::Redb => redb::RedbStore::open(dir, settings.cache_bytes),
        Engine::Memory => Ok(Opened::Ready(Box::new(memory::MemoryStore::new()))),
    }
}

/// Refuses rows that an engine would not keep well.
pub(crate) fn check_batch(engine: &'static str, batch: &Batch) -> Result<(), Fault> {
    for (key, value) in batch {
        let bytes = value.as_ref().map_or(0, |value| value.len());
        if bytes > ROW_VALUE_BYTES_MAX || key.len() > ROW_KEY_BYTES_MAX {
            return Err(Fault::Store {
                engine,
                action: "checking a batch",
                reason: format!(
                    "a row has {} bytes of key and {bytes} bytes of value, limits are \
                     {ROW_KEY_BYTES_MAX} and {ROW_VALUE_BYTES_MAX}",
                    key.len()
                ),
            });
        }
    }
    Ok(())
}

/// Runs an operation of an engine that may panic on damaged files.
fn guarded<T, E: std::fmt::Display>(
    engine: &'static str,
    action: &'static str,
    operation: impl FnOnce() -> Result<T, E>,
) -> Result<T, Fault> {
    let reason = match catch_unwind(AssertUnwindSafe(operation)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => format!("it panicked: {}", panic_text(panic.as_ref())),
    };
    Err(Fault::Store {
        engine,
        action,
        reason,
    })
}

/// The words of a panic, as far as they are text.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no text").to_owned()
}

/// Bytes of all files below `dir`; files that vanish meanwhile count nothing.
fn folder_bytes(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return 0;
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => folder_bytes(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .fold(0, u64::saturating_add)
}

#[cfg(test)]
pub(crate) mod tests;
