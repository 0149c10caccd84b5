//! Keys at rest: one encrypted file for each key, `CONFIG/keys/NAME.json`.
//!
//! # Format
//! ```json
//! { "version": 1, "name": "issuer", "algorithm": "ed25519", "public_key": "0x...", "address": "wh1...",
//!   "kdf": { "name": "argon2id", "memory_kib": 65536, "passes": 3, "lanes": 1, "salt": "0x..." },
//!   "cipher": { "name": "xchacha20poly1305", "nonce": "0x...", "text": "0x..." } }
//! ```
//! `cipher.text` is the 32-byte secret and a 16-byte tag. Every other field is associated data, in the
//! order above as compact JSON, so that a swapped name, public key or cost makes decryption fail.
//! `address` carries the production prefix: a file does not know on which networks it will be used.
//!
//! # Crash behaviour
//! A file is written under a temporary name with mode 0600, synced, then renamed: there is always the
//! whole old file or the whole new one.
//!
//! # Cost
//! 64 MiB and three passes for each unlocking, a good quarter of a second in release builds.
//!
//! # Source
//! RFC 9106 (argon2id); draft-irtf-cfrg-xchacha.

mod file;

pub use file::{KeyFile, Strength, generate, public_key};

use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A secret key; wiped from memory when dropped.
pub type Secret = Zeroizing<[u8; 32]>;

/// Shortest passphrase that is accepted, in bytes.
pub const PASSPHRASE_BYTES_MIN: usize = 8;
/// Why a key cannot be stored or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeystoreError {
    /// Names become file names.
    #[error("{name:?} is not a key name: 1 to 40 of a-z, 0-9, - and _, starting with a letter")]
    Name {
        /// What was given.
        name: String,
    },
    /// No such key.
    #[error("no key {name} in {}", folder.display())]
    Unknown {
        /// Its name.
        name: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// Keys that are there.
        known: Vec<String>,
    },
    /// A key of this name is there already.
    #[error("a key {name} exists already")]
    Taken {
        /// Its name.
        name: String,
    },
    /// Not a key file, or one of a later version.
    #[error("{} is not a key file of version 1: {reason}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The passphrase is wrong or the file was changed; the two cannot be told apart.
    #[error("key {name} cannot be unlocked: the passphrase is wrong or the file was changed")]
    Locked {
        /// Its name.
        name: String,
    },
    /// Too short to protect anything.
    #[error("the passphrase has {bytes} bytes, at least {PASSPHRASE_BYTES_MIN} are needed")]
    PassphraseShort {
        /// Its length.
        bytes: usize,
    },
    /// Others may read the file.
    #[error("{} may be read by others (mode {mode:o})", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The operating system gives no randomness.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    /// The file system.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it says.
        source: std::io::Error,
    },
}

/// The folder of key files.
#[derive(Clone, Debug)]
pub struct Keystore {
    folder: PathBuf,
}

impl Keystore {
    /// The keystore of a configuration folder; created when the first key is stored.
    #[must_use]
    pub fn new(config_dir: &Path) -> Self {
        Self {
            folder: config_dir.join("keys"),
        }
    }

    /// Where the files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Names of all keys, ascending.
    ///
    /// # Errors
    /// If the folder exists and cannot be read.
    pub fn names(&self) -> Result<Vec<String>, KeystoreError> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(self.io(source)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.map_err(|source| self.io(source))?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if let (Some(stem), Some("json")) = (stem, path.extension().and_then(|e| e.to_str())) {
                names.push(stem.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Reads a key file; the secret stays encrypted.
    ///
    /// # Errors
    /// Unknown name, a file that others may read, or one that is not a key file.
    pub fn read(&self, name: &str) -> Result<KeyFile, KeystoreError> {
        let path = self.path(name)?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(KeystoreError::Unknown {
                    name: name.into(),
                    folder: self.folder.clone(),
                    known: self.names()?,
                });
            }
            Err(source) => return Err(KeystoreError::Io { path, source }),
        };
        private(&path)?;
        let file: KeyFile = serde_json::from_str(&text).map_err(|error| KeystoreError::Format {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        file.check(&path)?;
        Ok(file)
    }

    /// Stores a key under a name that is free, or in place of the key of that name.
    ///
    /// # Errors
    /// A bad name, a name that is taken unless `replace`, or the file system.
    pub fn write(&self, file: &KeyFile, replace: bool) -> Result<PathBuf, KeystoreError> {
        let path = self.path(&file.name)?;
        if !replace && path.exists() {
            return Err(KeystoreError::Taken {
                name: file.name.clone(),
            });
        }
        let text = file.text();
        write_private(&path, text.as_bytes()).map_err(|source| KeystoreError::Io {
            path: path.clone(),
            source,
        })?;
        Ok(path)
    }

    /// Deletes a key file for ever.
    ///
    /// # Errors
    /// Unknown name, or the file system.
    pub fn remove(&self, name: &str) -> Result<(), KeystoreError> {
        self.read(name)?;
        let path = self.path(name)?;
        std::fs::remove_file(&path).map_err(|source| KeystoreError::Io { path, source })
    }

    fn path(&self, name: &str) -> Result<PathBuf, KeystoreError> {
        if is_name(name) {
            Ok(self.folder.join(format!("{name}.json")))
        } else {
            Err(KeystoreError::Name { name: name.into() })
        }
    }

    fn io(&self, source: std::io::Error) -> KeystoreError {
        KeystoreError::Io {
            path: self.folder.clone(),
            source,
        }
    }
}

/// True for 1 to 40 of `a-z`, `0-9`, `-`, `_` that start with a letter: keys, policies, address book.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let tail = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
    (1..=40).contains(&name.len())
        && name.bytes().all(tail)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Writes a file that only its owner may read: whole, or not at all.
///
/// # Errors
/// The file system's.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(unix)]
fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// Refuses a file that the group or others may read.
#[cfg(unix)]
fn private(path: &Path) -> Result<(), KeystoreError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).map_err(|source| KeystoreError::Io {
        path: path.into(),
        source,
    })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(KeystoreError::Exposed {
            path: path.into(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn private(_path: &Path) -> Result<(), KeystoreError> {
    Ok(())
}

#[cfg(test)]
mod tests;
