//! redb 4 as a store: one file, one table.
//!
//! Batches are committed without a sync of their own (`Durability::None`): they are visible at once
//! and on the disk after [`Store::flush`], which commits an empty transaction durably. A crash rolls
//! back to the last flush; replay does the rest.
//!
//! redb checks its pages when it opens a file that was not closed, not when it reads them: a bit that flips
//! on the disk would be an answer. So each row ends with 8 bytes of a hash of its key and value.

use super::{Batch, Opened, Scan, Store, StoreStats, check_batch, folder_bytes, guarded};
use crate::error::Fault;
use crate::state::{Page, Value};
use redb::{
    Builder, Database, DatabaseError, Durability, ReadableDatabase, StorageBackend, TableDefinition,
};
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};

const ENGINE: &str = "redb";
const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("checked");
/// Rows without checks, of earlier versions: removed, the store is filled from the log again.
const UNCHECKED: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

/// Bytes of a row's check.
const CHECK_BYTES: usize = 8;

fn check(key: &[u8], value: &[u8]) -> [u8; CHECK_BYTES] {
    let mut hasher = blake3::Hasher::new();
    let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
    hasher
        .update(&length.to_le_bytes())
        .update(key)
        .update(value);
    let mut check = [0; CHECK_BYTES];
    hasher.finalize_xof().fill(&mut check);
    check
}

/// The value of a stored row.
///
/// # Errors
/// `Fault::Damaged` if it is not what was stored.
fn checked(key: &[u8], row: &[u8]) -> Result<Value, Fault> {
    match row.split_last_chunk::<CHECK_BYTES>() {
        Some((value, stored)) if *stored == check(key, value) => Ok(value.into()),
        _ => Err(Fault::Damaged {
            place: "the redb store".into(),
            reason: format!(
                "a row of {} bytes of key no longer checks: repair the store from the log",
                key.len()
            ),
        }),
    }
}

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
        let path = dir.join("rows.redb");
        Self::opened(dir, cache_bytes, |builder| builder.create(path))
    }

    /// Opens or creates the store in something else than a file: a simulated disk.
    ///
    /// # Errors
    /// As [`RedbStore::open`].
    pub fn over(backend: impl StorageBackend, cache_bytes: u64) -> Result<Opened, Fault> {
        let nowhere = Path::new("");
        Self::opened(nowhere, cache_bytes, |builder| {
            builder.create_with_backend(backend)
        })
    }

    fn opened(
        dir: &Path,
        cache_bytes: u64,
        open: impl FnOnce(&mut Builder) -> Result<Database, DatabaseError>,
    ) -> Result<Opened, Fault> {
        let mut busy = false;
        let opened = guarded(ENGINE, "opening", || {
            let mut builder = Database::builder();
            builder.set_cache_size(usize::try_from(cache_bytes).unwrap_or(usize::MAX));
            let db = open(&mut builder).inspect_err(|error| {
                busy = matches!(error, DatabaseError::DatabaseAlreadyOpen);
            })?;
            let transaction = db.begin_write()?;
            transaction.open_table(ROWS)?;
            transaction.delete_table(UNCHECKED)?;
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
            Ok::<_, redb::Error>(found.map(|row| checked(key, row.value())))
        })?
        .transpose()
    }

    fn scan(&self, scan: Scan<'_>) -> Result<Page, Fault> {
        if scan.is_empty() {
            return Ok(Page::new());
        }
        guarded(ENGINE, "scanning rows", || {
            let table = self.db.begin_read()?.open_table(ROWS)?;
            let end = scan.to.map_or(Bound::Unbounded, Bound::Excluded);
            let range = table.range::<&[u8]>((Bound::Included(scan.from), end))?;
            let mut page = Vec::new();
            let rows: &mut dyn Iterator<Item = _> = if scan.reverse {
                &mut range.rev()
            } else {
                &mut range.into_iter()
            };
            for row in rows.take(scan.limit) {
                let (key, row) = row?;
                let key = key.value();
                page.push(checked(key, row.value()).map(|value| (key.to_vec(), value)));
            }
            Ok::<_, redb::Error>(page)
        })?
        .into_iter()
        .collect()
    }

    fn apply(&self, batch: &Batch) -> Result<(), Fault> {
        check_batch(ENGINE, batch)?;
        guarded(ENGINE, "applying a batch", || {
            let mut transaction = self.db.begin_write()?;
            transaction.set_durability(Durability::None)?;
            {
                let mut table = transaction.open_table(ROWS)?;
                let mut row = Vec::new();
                for (key, value) in batch {
                    match value {
                        Some(value) => {
                            row.clear();
                            row.extend_from_slice(value);
                            row.extend_from_slice(&check(key, value));
                            table.insert(key.as_slice(), row.as_slice())?
                        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// A file in memory that outlives its database.
    #[derive(Clone, Debug, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl StorageBackend for Kept {
        fn len(&self) -> std::io::Result<u64> {
            Ok(self.0.lock().unwrap().len() as u64)
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
            let start = usize::try_from(offset).unwrap();
            out.copy_from_slice(&self.0.lock().unwrap()[start..start + out.len()]);
            Ok(())
        }

        fn set_len(&self, len: u64) -> std::io::Result<()> {
            self.0
                .lock()
                .unwrap()
                .resize(usize::try_from(len).unwrap(), 0);
            Ok(())
        }

        fn sync_data(&self) -> std::io::Result<()> {
            Ok(())
        }

        fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
            let start = usize::try_from(offset).unwrap();
            self.0.lock().unwrap()[start..start + data.len()].copy_from_slice(data);
            Ok(())
        }
    }

    fn ready(opened: Opened) -> Box<dyn Store> {
        match opened {
            Opened::Ready(store) => store,
            Opened::Damaged(reason) => panic!("{reason}"),
        }
    }

    /// Goal: a bit that flips in a stored value is damage when the row is read, never another value. Found by
    /// the simulation: redb does not check what it reads.
    #[test]
    fn a_flipped_bit_of_a_row_is_no_answer() {
        let file = Kept::default();
        let value = [0xa7; 40];
        {
            let store = ready(RedbStore::over(file.clone(), 1 << 20).unwrap());
            let row = (b"key".to_vec(), Some(Value::from(value)));
            store.apply(&Batch::from([row])).unwrap();
            store.flush().unwrap();
        }
        let places: Vec<usize> = {
            let bytes = file.0.lock().unwrap();
            let found = bytes.windows(value.len()).enumerate();
            found
                .filter(|(_, window)| *window == value)
                .map(|(place, _)| place)
                .collect()
        };
        assert!(!places.is_empty());
        for place in places {
            file.0.lock().unwrap()[place + 7] ^= 4;
        }
        let whole = Scan {
            from: &[],
            to: None,
            limit: 9,
            reverse: false,
        };
        match RedbStore::over(file, 1 << 20).unwrap() {
            Opened::Damaged(_) => {}
            Opened::Ready(store) => {
                assert!(matches!(store.get(b"key"), Err(Fault::Damaged { .. })));
                assert!(matches!(store.scan(whole), Err(Fault::Damaged { .. })));
            }
        }
    }

    /// Goal: rows of a version without checks are no rows: the store is empty, and filled from the log.
    #[test]
    fn rows_without_checks_are_forgotten() {
        let file = Kept::default();
        let db = Database::builder()
            .create_with_backend(file.clone())
            .unwrap();
        let transaction = db.begin_write().unwrap();
        {
            let mut table = transaction.open_table(UNCHECKED).unwrap();
            table
                .insert(b"key".as_slice(), b"value".as_slice())
                .unwrap();
        }
        transaction.commit().unwrap();
        drop(db);
        let store = ready(RedbStore::over(file, 1 << 20).unwrap());
        assert_eq!(store.get(b"key").unwrap(), None);
    }
}
