//! sled 0.34 as a store, with every caution that its measurements ask for.
//!
//! One tree, prefixed keys. What is done differently from its defaults, and why:
//!
//! - Its batches stall every reader of every sled store of the process, for 0.2 s and more under load.
//!   Rows are inserted one by one instead, ordered by key, after the whole batch went into the redo file
//!   (`redo.rs`); a second tree says which batch was begun and which is done (decision 0010).
//! - A leftover `snap.*.generating` makes sled refuse its own files: removed before opening.
//! - A truncated `snap.*` does too: moved aside, then one more attempt; sled rebuilds from its log.
//! - Damaged files make it panic inside `open`: caught, reported as damage.
//! - `flush` is not an fsync on Linux: a second handle on the file `db` is synced after it.
//! - Pages beyond a quarter of a segment go to files that are never synced: values are bounded and
//!   segments are large enough for a leaf full of the longest values.
//!
//! # Crash behaviour
//! sled comes back as after some insert, all earlier ones included. If a batch was begun and is not
//! done, it and those after it are applied again from the redo file; if they are not there, the store is
//! damaged and is rebuilt.

use super::redo::{Recorded, Redo};
use super::{
    Batch, Opened, ROW_KEY_BYTES_MAX, ROW_VALUE_BYTES_MAX, Scan, Store, StoreStats, check_batch,
    folder_bytes, guarded,
};
use crate::error::Fault;
use crate::state::{Page, Value};
use std::fs::{self, File};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const ENGINE: &str = "sled";
/// Bytes of sled's log segments.
const SEGMENT_BYTES: usize = 2 * 1024 * 1024;
/// Rows of a full leaf before it is split.
const LEAF_ROWS_MAX: usize = 17;
const _: () = assert!(
    LEAF_ROWS_MAX * (ROW_VALUE_BYTES_MAX + ROW_KEY_BYTES_MAX) < SEGMENT_BYTES / 4,
    "a leaf never goes to a blob file"
);

/// Name of the tree that says which batches were begun and are done.
const BATCHES: &str = "batches";
/// In it: number of the batch whose rows were last begun to be inserted, `u64` little-endian.
const BEGUN: &[u8] = b"begun";
/// In it: number of the batch whose rows were last all inserted.
const DONE: &[u8] = b"done";
/// Bytes of the redo file at which the engine is flushed and the file begins anew.
const REDO_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Rows in sled's default tree.
#[derive(Debug)]
pub struct SledStore {
    db: sled::Db,
    batches: sled::Tree,
    writer: Mutex<Writer>,
    file: File,
    dir: PathBuf,
}

#[derive(Debug)]
struct Writer {
    redo: Redo,
    /// Number of the last batch.
    number: u64,
}

impl SledStore {
    /// Opens or creates the store in the folder `dir`.
    ///
    /// # Errors
    /// `Fault::Io` for trouble with the folder, `Fault::Unusable` if the store is open elsewhere.
    pub fn open(dir: &Path, cache_bytes: u64) -> Result<Opened, Fault> {
        fs::create_dir_all(dir).map_err(Fault::io(format!("creating {}", dir.display())))?;
        remove_unfinished_snapshots(dir)?;
        let db = match open_engine(dir, cache_bytes) {
            Ok(db) => db,
            Err(reason) if is_locked(&reason) => {
                return Err(Fault::Unusable {
                    place: dir.display().to_string(),
                    reason: "another process has this store open".to_owned(),
                });
            }
            Err(_) => {
                move_snapshots_aside(dir)?;
                match open_engine(dir, cache_bytes) {
                    Ok(db) => db,
                    Err(reason) => return Ok(Opened::Damaged(reason)),
                }
            }
        };
        let path = dir.join("db");
        let file = File::open(&path).map_err(Fault::io(format!("opening {}", path.display())))?;
        let (redo, recorded) = Redo::open(dir)?;
        let batches = guarded(ENGINE, "opening", || db.open_tree(BATCHES))?;
        let number = read_number(&batches, DONE)?;
        let store = Self {
            db,
            batches,
            writer: Mutex::new(Writer { redo, number }),
            file,
            dir: dir.to_owned(),
        };
        store.redo(recorded)
    }

    /// Applies the recorded batches that the engine has not, or not wholly.
    fn redo(self, recorded: Vec<Recorded>) -> Result<Opened, Fault> {
        let begun = read_number(&self.batches, BEGUN)?;
        let mut done = read_number(&self.batches, DONE)?;
        for Recorded { number, rows } in recorded {
            if Some(number) == done.checked_add(1) {
                self.insert(number, &rows)?;
                done = number;
            }
        }
        if begun > done {
            let reason =
                format!("batch {begun} was begun, {done} is done, and it was not recorded");
            return Ok(Opened::Damaged(reason));
        }
        {
            let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            self.flush_with(&mut writer)?;
            // The engine has all of it on the disk.
            writer.redo.clear()?;
            writer.number = done;
        }
        Ok(Opened::Ready(Box::new(self)))
    }

    /// Inserts the rows of a batch, in the order of their keys.
    fn insert(&self, number: u64, rows: &Batch) -> Result<(), Fault> {
        guarded(ENGINE, "applying a batch", || {
            self.batches.insert(BEGUN, &number.to_le_bytes())?;
            for (key, value) in rows {
                match value {
                    Some(value) => self.db.insert(key, value.as_ref())?,
                    None => self.db.remove(key)?,
                };
            }
            self.batches.insert(DONE, &number.to_le_bytes())
        })?;
        Ok(())
    }

    fn flush_with(&self, writer: &mut Writer) -> Result<(), Fault> {
        guarded(ENGINE, "flushing", || self.db.flush())?;
        let path = self.dir.join("db");
        self.file
            .sync_data()
            .map_err(Fault::io(format!("syncing {}", path.display())))?;
        writer.redo.restart();
        Ok(())
    }
}

/// A number of the tree of batches; 0 if it was never written.
fn read_number(batches: &sled::Tree, name: &[u8]) -> Result<u64, Fault> {
    let found = guarded(ENGINE, "reading the batches", || batches.get(name))?;
    let Some(bytes) = found else { return Ok(0) };
    let bytes = bytes.as_ref().try_into().map_err(|_| Fault::Store {
        engine: ENGINE,
        action: "reading the batches",
        reason: format!("a number has {} bytes", bytes.len()),
    })?;
    Ok(u64::from_le_bytes(bytes))
}

/// How often a locked store is tried again, and how long is waited between.
///
/// sled's own threads let go of the file a moment after the last handle is dropped, so a store that
/// this process has just closed may still be locked. Other processes are kept away by the lock of the
/// block log, which is taken first.
const LOCK_TRIES: u32 = 100;
const LOCK_WAIT: Duration = Duration::from_millis(20);

fn is_locked(reason: &str) -> bool {
    reason.contains("could not acquire lock")
}

/// Opens the engine, waiting for threads of its last user.
fn open_engine(dir: &Path, cache_bytes: u64) -> Result<sled::Db, String> {
    let mut opened = try_engine(dir, cache_bytes);
    for _ in 0..LOCK_TRIES {
        match &opened {
            Err(reason) if is_locked(reason) => std::thread::sleep(LOCK_WAIT),
            _ => break,
        }
        opened = try_engine(dir, cache_bytes);
    }
    opened
}

/// One attempt; a panic is a reason too.
fn try_engine(dir: &Path, cache_bytes: u64) -> Result<sled::Db, String> {
    let config = sled::Config::new()
        .path(dir)
        .cache_capacity(cache_bytes)
        .mode(sled::Mode::LowSpace)
        .segment_size(SEGMENT_BYTES)
        .flush_every_ms(Some(500));
    guarded(ENGINE, "opening", || config.open()).map_err(|fault| fault.to_string())
}

/// Names in `dir` that sled takes for snapshots.
fn snapshots(dir: &Path) -> Result<Vec<PathBuf>, Fault> {
    let action = || format!("listing {}", dir.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(Fault::io(action()))? {
        let entry = entry.map_err(Fault::io(action()))?;
        if entry.file_name().to_string_lossy().starts_with("snap.") {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn remove_unfinished_snapshots(dir: &Path) -> Result<(), Fault> {
    for path in snapshots(dir)? {
        if path.extension().is_some_and(|end| end == "generating") {
            fs::remove_file(&path).map_err(Fault::io(format!("removing {}", path.display())))?;
        }
    }
    Ok(())
}

fn move_snapshots_aside(dir: &Path) -> Result<(), Fault> {
    for path in snapshots(dir)? {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let aside = dir.join(format!("aside.{}", name.unwrap_or_default()));
        fs::rename(&path, &aside).map_err(Fault::io(format!("moving {}", path.display())))?;
    }
    Ok(())
}

impl Store for SledStore {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn get(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        let found = guarded(ENGINE, "reading a row", || self.db.get(key))?;
        Ok(found.map(|value| Value::from(value.as_ref())))
    }

    fn scan(&self, scan: Scan<'_>) -> Result<Page, Fault> {
        if scan.is_empty() {
            return Ok(Page::new());
        }
        guarded(ENGINE, "scanning rows", || {
            let end = scan.to.map_or(Bound::Unbounded, Bound::Excluded);
            let range = self.db.range::<&[u8], _>((Bound::Included(scan.from), end));
            let pair = |row: sled::Result<(sled::IVec, sled::IVec)>| {
                row.map(|(key, value)| (key.to_vec(), Value::from(value.as_ref())))
            };
            if scan.reverse {
                range
                    .rev()
                    .take(scan.limit)
                    .map(pair)
                    .collect::<sled::Result<Page>>()
            } else {
                range.take(scan.limit).map(pair).collect()
            }
        })
    }

    fn apply(&self, batch: &Batch) -> Result<(), Fault> {
        check_batch(ENGINE, batch)?;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.redo.bytes() > REDO_BYTES_MAX {
            self.flush_with(&mut writer)?;
        }
        let number = writer.number.saturating_add(1);
        writer.redo.record(number, batch)?;
        self.insert(number, batch)?;
        writer.number = number;
        Ok(())
    }

    fn flush(&self) -> Result<(), Fault> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.flush_with(&mut writer)
    }

    fn stats(&self) -> Result<StoreStats, Fault> {
        Ok(StoreStats {
            engine: ENGINE,
            bytes: folder_bytes(&self.dir),
        })
    }
}

#[cfg(test)]
mod tests;
