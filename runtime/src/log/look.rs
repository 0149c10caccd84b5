//! The files of a log as they would be after opening it, without changing them.
//!
//! Opening a log removes a torn tail and an unfinished segment and syncs its last record. Whoever only looks
//! lets a log open over these files: what it cuts or removes is gone for its readers, and there on the disk.
//! Nothing can be appended.

use super::files::Files;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
struct Changes {
    /// Lengths of files that were cut.
    cut: BTreeMap<String, u64>,
    removed: BTreeSet<String>,
}

/// See the module.
#[derive(Debug)]
pub struct Looking {
    under: Arc<dyn Files>,
    changes: Mutex<Changes>,
}

impl Looking {
    /// Looks at these files.
    #[must_use]
    pub fn at(under: Arc<dyn Files>) -> Self {
        Self {
            under,
            changes: Mutex::default(),
        }
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files for Looking {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = self.under.list()?;
        let changes = self.changes();
        names.retain(|name| !changes.removed.contains(name));
        Ok(names)
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        let cut = self.changes().cut.get(name).copied();
        let length = self.under.len(name)?;
        Ok(cut.map_or(length, |cut| cut.min(length)))
    }

    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let left = self.len(name)?.saturating_sub(offset);
        let bytes = bytes.min(usize::try_from(left).unwrap_or(usize::MAX));
        self.under.read(name, offset, bytes)
    }

    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        // What is there already may be written again.
        match self.read(name, offset, bytes.len()) {
            Ok(there) if there == bytes => Ok(()),
            _ => Err(ErrorKind::ReadOnlyFilesystem.into()),
        }
    }

    fn truncate(&self, name: &str, len: u64) -> io::Result<()> {
        self.changes().cut.insert(name.to_owned(), len);
        Ok(())
    }

    fn sync(&self, _name: &str) -> io::Result<()> {
        Ok(())
    }

    fn sync_folder(&self) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, _from: &str, _to: &str) -> io::Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.changes().removed.insert(name.to_owned());
        Ok(())
    }
}
