//! Fields of a document by key and kind, with a complaint for whatever is not as it must be.

use super::{Document, Entry, Flaw, Item};
use crate::nearest::suggestion;

/// Looks keys up and says what is wrong with them.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// The document.
    pub document: &'a Document,
    /// Where a missing key can be seen, for the help: `as in docs/...`.
    like: &'a str,
}

impl<'a> Fields<'a> {
    /// The fields of a document that may have these keys and no others.
    ///
    /// # Errors
    /// The first key that is not one of them, with the nearest that is.
    pub fn of(
        document: &'a Document,
        known: &[impl AsRef<str>],
        like: &'a str,
    ) -> Result<Self, Flaw> {
        let known = || known.iter().map(AsRef::as_ref);
        for entry in &document.entries {
            if !known().any(|key| key == entry.key) {
                let reason = format!("unknown key {}", entry.key);
                let help = suggestion(&entry.key, known()).unwrap_or_else(|| {
                    let keys: Vec<&str> = known().collect();
                    format!("the keys are {}", keys.join(", "))
                });
                return Err(document.flaw(entry.line, reason, &help));
            }
        }
        Ok(Self { document, like })
    }

    /// The entry of a key, if there is one.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.document.entries.iter().find(|entry| entry.key == key)
    }

    /// The entry of a key that must be there.
    ///
    /// # Errors
    /// If it is not.
    pub fn needed(&self, key: &str) -> Result<&'a Entry, Flaw> {
        self.entry(key).ok_or_else(|| {
            let help = format!("add {key} = ..., {}", self.like);
            self.document.flaw(None, format!("{key} is missing"), &help)
        })
    }

    /// The complaint about an entry of another kind than `expected`.
    #[must_use]
    pub fn wrong(&self, entry: &Entry, expected: &str) -> Flaw {
        let reason = format!("{} is {}, must be {expected}", entry.key, entry.item.kind());
        self.document.flaw(entry.line, reason, "correct the value")
    }

    /// A text and its line.
    ///
    /// # Errors
    /// If it is missing or something else.
    pub fn text(&self, key: &str) -> Result<(&'a str, usize), Flaw> {
        let entry = self.needed(key)?;
        match &entry.item {
            Item::Text(text) => Ok((text, entry.line)),
            _ => Err(self.wrong(entry, "a text in quotes")),
        }
    }

    /// True or false.
    ///
    /// # Errors
    /// If it is missing or something else.
    pub fn flag(&self, key: &str) -> Result<bool, Flaw> {
        let entry = self.needed(key)?;
        match entry.item {
            Item::Bool(value) => Ok(value),
            _ => Err(self.wrong(entry, "true or false")),
        }
    }

    /// A list of texts with their lines.
    ///
    /// # Errors
    /// If it is missing or something else.
    pub fn list(&self, key: &str) -> Result<&'a [(String, usize)], Flaw> {
        let entry = self.needed(key)?;
        match &entry.item {
            Item::List(texts) => Ok(texts),
            _ => Err(self.wrong(entry, "a list of texts")),
        }
    }

    /// The number of an entry, within bounds.
    ///
    /// # Errors
    /// If it is something else, or outside.
    pub fn number(&self, entry: &Entry, min: u64, max: u64) -> Result<u64, Flaw> {
        let expected = format!("a number from {min} to {max}");
        let Item::Integer(number) = entry.item else {
            return Err(self.wrong(entry, &expected));
        };
        u64::try_from(number)
            .ok()
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| {
                let reason = format!("{} is {number}, must be {expected}", entry.key);
                self.document.flaw(entry.line, reason, "correct the value")
            })
    }
}
