//! The address book: names for addresses, `CONFIG/book.toml`.
//!
//! One table for each address prefix, because an address belongs to one kind of network and a name
//! may mean one address on each:
//!
//! ```toml
//! [whdev]
//! invoice = "whdev1..."
//! ```

use crate::keystore::{is_name, write_private};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use weighhouse_primitives::Address;
use weighhouse_rpc::address::Prefix;

/// Why the book cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// The file system.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it says.
        source: std::io::Error,
    },
    /// Not a book.
    #[error("{} is not an address book: {reason}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Not a name.
    #[error("{name:?} is not a name: 1 to 40 of a-z, 0-9, - and _, starting with a letter")]
    Name {
        /// What was given.
        name: String,
    },
}

/// The address book, whole.
#[derive(Clone, Debug)]
pub struct Book {
    path: PathBuf,
    tables: BTreeMap<String, BTreeMap<String, String>>,
}

impl Book {
    /// Reads the book of a configuration folder; no file is an empty book.
    ///
    /// # Errors
    /// If the file cannot be read, or holds something that is no address.
    pub fn open(config_dir: &Path) -> Result<Self, BookError> {
        let path = config_dir.join("book.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(BookError::Io { path, source }),
        };
        let format = |reason: String| BookError::Format {
            path: path.clone(),
            reason,
        };
        let tables: BTreeMap<String, BTreeMap<String, String>> =
            toml::from_str(&text).map_err(|error| format(error.message().to_owned()))?;
        for (prefix, names) in &tables {
            let parser = Prefix::new(prefix)
                .ok_or_else(|| format(format!("[{prefix}] is not a prefix of addresses")))?;
            for (name, address) in names {
                let parsed = parser.parse(address);
                parsed.map_err(|error| format(format!("{prefix}.{name}: {error}")))?;
            }
        }
        Ok(Self { path, tables })
    }

    /// The address of a name on networks with this prefix.
    #[must_use]
    pub fn address(&self, prefix: &Prefix, name: &str) -> Option<Address> {
        prefix
            .parse(self.tables.get(prefix.as_str())?.get(name)?)
            .ok()
    }

    /// The name of an address.
    #[must_use]
    pub fn name(&self, prefix: &Prefix, address: &Address) -> Option<&str> {
        let mut names = self.tables.get(prefix.as_str())?.iter();
        let found = names.find(|(_, text)| prefix.parse(text).as_ref() == Ok(address));
        found.map(|(name, _)| name.as_str())
    }

    /// Everything: prefix, name, address.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.tables.iter().flat_map(|(prefix, names)| {
            let names = names.iter();
            names.map(move |(name, address)| (prefix.as_str(), name.as_str(), address.as_str()))
        })
    }

    /// Adds or replaces a name and stores the book; answers the address it had before.
    ///
    /// # Errors
    /// A bad name, or the file system.
    pub fn set(
        &mut self,
        prefix: &Prefix,
        name: &str,
        address: &Address,
    ) -> Result<Option<String>, BookError> {
        if !is_name(name) {
            return Err(BookError::Name { name: name.into() });
        }
        let names = self.tables.entry(prefix.as_str().into()).or_default();
        let before = names.insert(name.into(), prefix.format(address));
        self.store()?;
        Ok(before)
    }

    /// Removes a name from every table and stores the book; false if it was not there.
    ///
    /// # Errors
    /// The file system's.
    pub fn remove(&mut self, name: &str) -> Result<bool, BookError> {
        let mut found = false;
        for names in self.tables.values_mut() {
            found |= names.remove(name).is_some();
        }
        if found {
            self.store()?;
        }
        Ok(found)
    }

    fn store(&self) -> Result<(), BookError> {
        let text = toml::to_string(&self.tables).map_err(|error| BookError::Format {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        write_private(&self.path, text.as_bytes()).map_err(|source| BookError::Io {
            path: self.path.clone(),
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: names are kept by prefix, survive the disk, and damage is named.
    #[test]
    fn names_by_prefix() {
        let folder = tempfile::tempdir().unwrap();
        let (dev, real) = (Prefix::new("whdev").unwrap(), Prefix::new("wh").unwrap());
        let mut book = Book::open(folder.path()).unwrap();
        book.set(&dev, "invoice", &Address([1; 32])).unwrap();
        book.set(&real, "invoice", &Address([2; 32])).unwrap();
        assert!(book.set(&dev, "Bad Name", &Address([1; 32])).is_err());
        let mut book = Book::open(folder.path()).unwrap();
        assert_eq!(book.address(&dev, "invoice"), Some(Address([1; 32])));
        assert_eq!(book.address(&real, "invoice"), Some(Address([2; 32])));
        assert_eq!(book.name(&dev, &Address([1; 32])), Some("invoice"));
        assert_eq!(book.entries().count(), 2);
        assert!(book.remove("invoice").unwrap() && !book.remove("invoice").unwrap());
        std::fs::write(folder.path().join("book.toml"), "[wh]\na = \"x\"").unwrap();
        let error = Book::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("wh.a"), "{error}");
    }
}
