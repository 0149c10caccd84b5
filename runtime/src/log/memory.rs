//! Files in memory: for chains that are gone when the process ends.

use super::files::Files;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Files by name; syncing them does nothing.
#[derive(Debug, Default)]
pub struct MemoryFiles(Mutex<BTreeMap<String, Vec<u8>>>);

impl MemoryFiles {
    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size(bytes: u64) -> io::Result<usize> {
    usize::try_from(bytes).map_err(|_| io::Error::from(ErrorKind::OutOfMemory))
}

fn absent() -> io::Error {
    io::Error::from(ErrorKind::NotFound)
}

impl Files for MemoryFiles {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.files().keys().cloned().collect())
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        let files = self.files();
        Ok(u64::try_from(files.get(name).ok_or_else(absent)?.len()).unwrap_or(u64::MAX))
    }

    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let files = self.files();
        let rest = files
            .get(name)
            .ok_or_else(absent)?
            .get(size(offset)?..)
            .unwrap_or(&[]);
        Ok(rest.get(..bytes.min(rest.len())).unwrap_or(rest).to_vec())
    }

    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let start = size(offset)?;
        let end = start
            .checked_add(bytes.len())
            .ok_or(ErrorKind::OutOfMemory)?;
        let mut files = self.files();
        let file = files.entry(name.to_owned()).or_default();
        if file.len() < end {
            file.resize(end, 0);
        }
        if let Some(place) = file.get_mut(start..end) {
            place.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn truncate(&self, name: &str, len: u64) -> io::Result<()> {
        self.files()
            .get_mut(name)
            .ok_or_else(absent)?
            .truncate(size(len)?);
        Ok(())
    }

    fn sync(&self, _name: &str) -> io::Result<()> {
        Ok(())
    }

    fn sync_folder(&self) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut files = self.files();
        let file = files.remove(from).ok_or_else(absent)?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.files().remove(name);
        Ok(())
    }
}
