//! redb 4 as a store: one file, one table.
//!
//! Batches are committed without a sync of their own (`Durability::None`): they are visible at once
//! and on the disk after [`Store::flush`], which commits an empty transaction durably. A crash rolls
//! back to the last flush; replay does the rest.

use super::{Batch, Opened, Scan, Store, StoreStats, check_batch, folder_bytes, guarded};
use crate::error::Fault;
use crate::state::{Page, Value};
use redb::{Database, Durability, ReadableDatabase, TableDefinition};
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};

const ENGINE: &str = "redb";
const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

/// Rows in one table.
#[derive(Debug)]
pub struct RedbStore {
    db: Database,
    dir: PathBuf,
}

impl RedbStore {
    /// Opens or creates the store in the folder `dir`.
    ///
    /// # Errors
    /// `Fault::Io` for trouble with the folder, `Fault::Unusable` if the store is open elsewhere.
    pub fn open(dir: &Path, cache_bytes: u64) -> Result<Opened, Fault> {
        fs::create_dir_all(dir).map_err(Fault::io(format!("creating {}", dir.display())))?;
        let mut busy = false;
        let opened = guarded(ENGINE, "opening", || {
            let db = Database::builder()
                .set_cache_size(usize::try_from(cache_bytes).unwrap_or(usize::MAX))
                .create(dir.join("rows.redb"))
                .inspect_err(|error| {
                    busy = matches!(error, redb::DatabaseError::DatabaseAlreadyOpen);
                })?;
            let transaction = db.begin_write()?;
            transaction.open_table(ROWS)?;
            transaction.commit()?;
            Ok::<_, redb::Error>(db)
        });
        match opened {
            Ok(db) => Ok(Opened::Ready(Box::new(Self {
                db,
                dir: dir.to_owned(),
            }))),
            Err(_) if busy => Err(Fault::Unusable {
                place: dir.display().to_string(),
                reason: "another process has this store open".to_owned(),
            }),
            Err(fault) => Ok(Opened::Damaged(fault.to_string())),
        }
    }
}

impl Store for RedbStore {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn get(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        guarded(ENGINE, "reading a row", || {
            let table = self.db.begin_read()?.open_table(ROWS)?;
            let found = table.get(key)?;
            Ok::<_, redb::Error>(found.map(|value| Value::from(value.value())))
        })
    }

    fn scan(&self, scan: Scan<'_>) -> Result<Page, Fault> {
        if scan.is_empty() {
            return Ok(Page::new());
        }
        guarded(ENGINE, "scanning rows", || {
            let table = self.db.begin_read()?.open_table(ROWS)?;
            let end = scan.to.map_or(Bound::Unbounded, Bound::Excluded);
            let range = table.range::<&[u8]>((Bound::Included(scan.from), end))?;
            let mut page = Page::new();
            let rows: &mut dyn Iterator<Item = _> = if scan.reverse {
                &mut range.rev()
            } else {
                &mut range.into_iter()
            };
            for row in rows.take(scan.limit) {
                let (key, value) = row?;
                page.push((key.value().to_vec(), Value::from(value.value())));
            }
            Ok::<_, redb::Error>(page)
        })
    }

    fn apply(&self, batch: &Batch) -> Result<(), Fault> {
        check_batch(ENGINE, batch)?;
        guarded(ENGINE, "applying a batch", || {
            let mut transaction = self.db.begin_write()?;
            transaction.set_durability(Durability::None)?;
            {
                let mut table = transaction.open_table(ROWS)?;
                for (key, value) in batch {
                    match value {
                        Some(value) => table.insert(key.as_slice(), value.as_ref())?,
                        None => table.remove(key.as_slice())?,
                    };
                }
            }
            transaction.commit()?;
            Ok::<_, redb::Error>(())
        })
    }

    fn flush(&self) -> Result<(), Fault> {
        guarded(ENGINE, "flushing", || {
            let transaction = self.db.begin_write()?;
            transaction.commit()?;
            Ok::<_, redb::Error>(())
        })
    }

    fn stats(&self) -> Result<StoreStats, Fault> {
        Ok(StoreStats {
            engine: ENGINE,
            bytes: folder_bytes(&self.dir),
        })
    }
}
