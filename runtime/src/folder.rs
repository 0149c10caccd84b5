//! Files and folders that survive a power cut: written, synced, removed.
//!
//! What this module does not do: the block log, which has its own door to the disk
//! ([`crate::log`]).

use crate::error::Fault;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Writes a file, which survives once [`sync`] of its folder is done.
///
/// # Errors
/// `Fault::Io`.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(Fault::io(format!("writing {}", path.display())))
}

/// Makes a folder and those above it, if they are not there.
///
/// # Errors
/// `Fault::Io`.
pub fn make(folder: &Path) -> Result<(), Fault> {
    let made = std::fs::create_dir_all(folder);
    made.map_err(Fault::io(format!("making {}", folder.display())))
}

/// Returns once a file, or the names in a folder, are on the disk.
///
/// # Errors
/// `Fault::Io`.
pub fn sync(path: &Path) -> Result<(), Fault> {
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(Fault::io(format!("syncing {}", path.display())))
}

/// Removes a folder with all in it, if it is there.
///
/// # Errors
/// `Fault::Io`.
pub fn remove(folder: &Path) -> Result<(), Fault> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Fault::io(format!("removing {}", folder.display()))(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
