//! Access to the files of the log: a small trait, so that tests can lose writes and fail syncs.

use crate::error::Fault;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Files of one folder, by name.
pub trait Files: Send + Sync + Debug {
    /// Names of all files.
    ///
    /// # Errors
    /// The operating system's.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Bytes in a file.
    ///
    /// # Errors
    /// The operating system's.
    fn len(&self, name: &str) -> io::Result<u64>;

    /// At most `bytes` bytes from `offset` on, fewer only at the end of the file.
    ///
    /// # Errors
    /// The operating system's.
    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>>;

    /// Writes all of `bytes` at `offset`; creates the file if there is none.
    ///
    /// # Errors
    /// The operating system's; an unknown part may have been written.
    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a file.
    ///
    /// # Errors
    /// The operating system's.
    fn truncate(&self, name: &str, len: u64) -> io::Result<()>;

    /// Returns once a file's bytes and length are on the disk.
    ///
    /// # Errors
    /// The operating system's; what is on the disk is unknown then, also after another try.
    fn sync(&self, name: &str) -> io::Result<()>;

    /// Returns once creations, renames and removals are on the disk.
    ///
    /// # Errors
    /// The operating system's.
    fn sync_folder(&self) -> io::Result<()>;

    /// Renames a file.
    ///
    /// # Errors
    /// The operating system's.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file; fine if there is none.
    ///
    /// # Errors
    /// The operating system's.
    fn remove(&self, name: &str) -> io::Result<()>;
}

/// Name of the file whose lock says that the folder is in use.
const LOCK: &str = "lock";
/// Files kept open at most.
const OPEN_FILES_MAX: usize = 64;

/// How often a held lock is tried again, and how long is waited between: a program that this process
/// is just starting holds copies of its locks until it runs.
const LOCK_TRIES: u32 = 25;
const LOCK_WAIT: Duration = Duration::from_millis(20);

fn patiently(lock: &File) -> Result<(), TryLockError> {
    for _ in 0..LOCK_TRIES {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
            settled => return settled,
        }
    }
    lock.try_lock()
}

/// Locks a folder by its file `lock`.
fn locked(dir: &Path, path: &Path, lock: File) -> Result<File, Fault> {
    match patiently(&lock) {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Fault::Unusable {
            place: dir.display().to_string(),
            reason: "another process is using this folder; stop it first".to_owned(),
        }),
        Err(TryLockError::Error(error)) => {
            Err(Fault::io(format!("locking {}", path.display()))(error))
        }
    }
}

/// A folder of this machine, locked against other processes while this lives.
#[derive(Debug)]
pub struct OsFiles {
    dir: PathBuf,
    open: Mutex<BTreeMap<String, Arc<File>>>,
    writable: bool,
    _lock: Option<File>,
}

impl OsFiles {
    /// Creates the folder if it is missing and locks it.
    ///
    /// # Errors
    /// `Fault::Unusable` if another process has it, `Fault::Io` if the operating system refuses.
    pub fn open(dir: &Path) -> Result<Self, Fault> {
        fs::create_dir_all(dir).map_err(Fault::io(format!("creating {}", dir.display())))?;
        let path = dir.join(LOCK);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = options
            .open(&path)
            .map_err(Fault::io(format!("opening {}", path.display())))?;
        let lock = locked(dir, &path, lock)?;
        Ok(Self {
            dir: dir.to_owned(),
            open: Mutex::default(),
            writable: true,
            _lock: Some(lock),
        })
    }

    /// The files of a folder that is there, to read only: whatever would change one of them fails. Locked
    /// against other processes as far as it has ever been used by one.
    ///
    /// # Errors
    /// As [`OsFiles::open`].
    pub fn open_to_read(dir: &Path) -> Result<Self, Fault> {
        let path = dir.join(LOCK);
        let lock = match File::open(&path) {
            Ok(lock) => Some(locked(dir, &path, lock)?),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Fault::io(format!("opening {}", path.display()))(error)),
        };
        Ok(Self {
            dir: dir.to_owned(),
            open: Mutex::default(),
            writable: false,
            _lock: lock,
        })
    }

    fn must_be_writable(&self) -> io::Result<()> {
        match self.writable {
            true => Ok(()),
            false => Err(ErrorKind::ReadOnlyFilesystem.into()),
        }
    }

    fn file(&self, name: &str, create: bool) -> io::Result<Arc<File>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(name) {
            return Ok(file.clone());
        }
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(self.writable)
            .create(create)
            .truncate(false);
        let file = Arc::new(options.open(self.dir.join(name))?);
        if open.len() >= OPEN_FILES_MAX {
            open.clear();
        }
        open.insert(name.to_owned(), file.clone());
        Ok(file)
    }

    fn forget(&self, name: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(name);
    }
}

impl Files for OsFiles {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        Ok(names)
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        Ok(self.file(name, false)?.metadata()?.len())
    }

    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let file = self.file(name, false)?;
        let left = file.metadata()?.len().saturating_sub(offset);
        let bytes = bytes.min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut found = vec![0; bytes];
        file.read_exact_at(&mut found, offset)?;
        Ok(found)
    }

    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.must_be_writable()?;
        self.file(name, true)?.write_all_at(bytes, offset)
    }

    fn truncate(&self, name: &str, len: u64) -> io::Result<()> {
        self.must_be_writable()?;
        self.file(name, false)?.set_len(len)
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        self.file(name, false)?.sync_data()
    }

    fn sync_folder(&self) -> io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.must_be_writable()?;
        self.forget(from);
        self.forget(to);
        fs::rename(self.dir.join(from), self.dir.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.must_be_writable()?;
        self.forget(name);
        match fs::remove_file(self.dir.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}
