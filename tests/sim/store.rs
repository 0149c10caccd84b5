//! Stores on the simulated disk: redb, the real engine, over a file of it; and a model of any engine.
//!
//! The model keeps what the trait promises and not more: after a power cut it comes back as after some
//! batch, the last flushed one or a later one; it may also say that it is damaged.

use crate::disk::{Disk, Open, STORE};
use std::io::{self, ErrorKind};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use weighhouse_runtime::log::LogSettings;
use weighhouse_runtime::log::files::Files;
use weighhouse_runtime::state::store::redb::RedbStore;
use weighhouse_runtime::state::store::{Batch, Opened, Scan, Store, StoreStats};
use weighhouse_runtime::state::{Page, Value};
use weighhouse_runtime::{Fault, Storage};
use weighhouse_testkit::Dice;

/// Bytes of redb's cache: small, so that it reads and writes.
const CACHE_BYTES: u64 = 256 * 1024;

type Rows = std::collections::BTreeMap<Vec<u8>, Value>;

/// Where a simulated node keeps its data.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    open: Open,
    /// The model, if redb is not what the store is.
    model: Option<Model>,
    sizes: LogSettings,
}

impl Place {
    pub(crate) fn new(disk: &Disk, model: Option<Model>, sizes: LogSettings) -> Self {
        Self {
            open: disk.open(),
            model,
            sizes,
        }
    }
}

impl Storage for Place {
    fn log(&self) -> Result<(Arc<dyn Files>, LogSettings), Fault> {
        Ok((Arc::new(LogFiles(self.open.clone())), self.sizes))
    }

    fn store(&self) -> Result<Opened, Fault> {
        match &self.model {
            Some(model) => Ok(model.open(&self.open)),
            None => {
                let made = self.open.with(|disk| {
                    disk.make(STORE);
                    Ok(())
                });
                made.map_err(Fault::io("making the store"))?;
                RedbStore::over(Backend(self.open.clone()), CACHE_BYTES)
            }
        }
    }

    fn wipe(&self) -> Result<(), Fault> {
        if let Some(model) = &self.model {
            model.wipe();
        }
        self.open
            .with(|disk| disk.remove(STORE))
            .map_err(Fault::io("removing the store"))
    }
}

/// The files of the log: all but the store's.
#[derive(Debug)]
struct LogFiles(Open);

impl Files for LogFiles {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = self.0.list()?;
        names.retain(|name| name != STORE);
        Ok(names)
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        Files::len(&self.0, name)
    }

    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        self.0.read(name, offset, bytes)
    }

    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write(name, offset, bytes)
    }

    fn truncate(&self, name: &str, len: u64) -> io::Result<()> {
        self.0.truncate(name, len)
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        self.0.sync(name)
    }

    fn sync_folder(&self) -> io::Result<()> {
        self.0.sync_folder()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }
}

/// The store's file as redb wants it.
#[derive(Debug)]
struct Backend(Open);

impl redb::StorageBackend for Backend {
    fn len(&self) -> Result<u64, io::Error> {
        self.0.with(|disk| disk.len(STORE))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let found = self.0.with(|disk| disk.read(STORE, offset, out.len()))?;
        if found.len() != out.len() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        out.copy_from_slice(&found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.0.with(|disk| disk.set_len(STORE, len))
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.0.with(|disk| disk.sync(STORE))
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.0.with(|disk| disk.write(STORE, offset, data))
    }
}

#[derive(Clone, Debug, Default)]
struct ModelRows {
    rows: Rows,
    flushed: Rows,
    /// Batches since the last flush.
    batches: Vec<Batch>,
    damaged: bool,
}

/// A model of a store engine; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model(Arc<Mutex<ModelRows>>);

impl Model {
    fn rows(&self) -> MutexGuard<'_, ModelRows> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, disk: &Open) -> Opened {
        if self.rows().damaged {
            return Opened::Damaged("as the simulation wants it".into());
        }
        Opened::Ready(Box::new(ModelStore {
            model: self.clone(),
            disk: disk.clone(),
        }))
    }

    fn wipe(&self) {
        *self.rows() = ModelRows::default();
    }

    /// A model of its own with the same rows.
    pub(crate) fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.rows().clone())))
    }

    /// The next opening finds damage.
    pub(crate) fn damage(&self) {
        self.rows().damaged = true;
    }

    /// Some of the batches since the last flush are lost, the latest ones.
    pub(crate) fn cut_power(&self, dice: &mut Dice) {
        let mut model = self.rows();
        let kept = dice.index(model.batches.len() + 1);
        let batches = std::mem::take(&mut model.batches);
        model.rows = std::mem::take(&mut model.flushed);
        for batch in batches.into_iter().take(kept) {
            apply(&mut model.rows, &batch);
        }
        model.flushed = model.rows.clone();
    }
}

fn apply(rows: &mut Rows, batch: &Batch) {
    for (key, value) in batch {
        match value {
            Some(value) => rows.insert(key.clone(), value.clone()),
            None => rows.remove(key),
        };
    }
}

#[derive(Debug)]
struct ModelStore {
    model: Model,
    disk: Open,
}

impl ModelStore {
    fn operation(&self, what: &[u8], bytes: u64) -> Result<(), Fault> {
        self.disk
            .with(|disk| disk.other(what, bytes))
            .map_err(Fault::io("working on the model of a store"))
    }
}

impl Store for ModelStore {
    fn engine(&self) -> &'static str {
        "model"
    }

    fn get(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        Ok(self.model.rows().rows.get(key).cloned())
    }

    fn scan(&self, scan: Scan<'_>) -> Result<Page, Fault> {
        if scan.is_empty() {
            return Ok(Page::new());
        }
        let model = self.model.rows();
        let end = scan.to.map_or(Bound::Unbounded, Bound::Excluded);
        let range = model
            .rows
            .range::<[u8], _>((Bound::Included(scan.from), end));
        let pair = |(key, value): (&Vec<u8>, &Value)| (key.clone(), value.clone());
        Ok(match scan.reverse {
            true => range.rev().take(scan.limit).map(pair).collect(),
            false => range.take(scan.limit).map(pair).collect(),
        })
    }

    fn apply(&self, batch: &Batch) -> Result<(), Fault> {
        self.operation(b"apply", batch.len() as u64)?;
        let mut model = self.model.rows();
        apply(&mut model.rows, batch);
        model.batches.push(batch.clone());
        Ok(())
    }

    fn flush(&self) -> Result<(), Fault> {
        self.operation(b"flush", 0)?;
        let mut model = self.model.rows();
        model.flushed = model.rows.clone();
        model.batches.clear();
        Ok(())
    }

    fn stats(&self) -> Result<StoreStats, Fault> {
        Ok(StoreStats {
            engine: self.engine(),
            bytes: 0,
        })
    }
}
