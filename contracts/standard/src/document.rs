//! Named documents: a hash that binds and a place to read.
//!
//! The hash is what counts; the place is a convenience and may move. Setting a name again replaces the
//! document; the events keep every version.

use crate::error::Refusal;
use crate::journal::Journal;
use crate::{NAME_BYTES_MAX, TEXT_BYTES_MAX, bounded, page_items};
use weighhouse_sdk::prelude::*;

/// A document that the contract refers to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Document {
    /// blake3 of its bytes.
    pub hash: Hash,
    /// Where to read it.
    pub uri: String,
    /// When it was set.
    pub at: Timestamp,
}

/// A document and its name.
pub type Named = (String, Document);

/// A document was set or replaced.
#[derive(Debug, Event)]
pub struct DocumentSet {
    /// Number of the event.
    pub seq: u64,
    /// Who did it.
    pub by: Address,
    /// Its name.
    pub name: String,
    /// blake3 of its bytes.
    pub hash: Hash,
    /// Where to read it.
    pub uri: String,
}

/// A document was removed.
#[derive(Debug, Event)]
pub struct DocumentRemoved {
    /// Number of the event.
    pub seq: u64,
    /// Who did it.
    pub by: Address,
    /// Its name.
    pub name: String,
    /// blake3 of its bytes.
    pub hash: Hash,
}

/// The documents of a contract, by name.
#[storage]
pub struct Documents {
    /// By name.
    documents: Map<String, Document>,
}

impl Documents {
    /// Sets or replaces a document. `may` is the contract's check of the caller's role.
    ///
    /// # Errors
    /// `BadArgument` without a name, `LimitExceeded`, `BadDocument`, what `may` refuses.
    pub fn set(
        &mut self,
        ctx: &Context,
        journal: &mut Journal,
        name: String,
        document: (Hash, String),
        may: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let (hash, uri) = document;
        ensure!(!name.is_empty(), Refusal::argument("name"));
        bounded(name.len(), NAME_BYTES_MAX)?;
        bounded(uri.len(), TEXT_BYTES_MAX)?;
        ensure!(hash != Hash::ZERO, Refusal::BadDocument);
        may()?;
        let stored = Document {
            hash,
            uri: uri.clone(),
            at: ctx.now(),
        };
        self.documents.set(&name, stored);
        let by = ctx.caller();
        journal.act(ctx, hash, |seq| DocumentSet {
            seq,
            by,
            name,
            hash,
            uri,
        });
        Ok(())
    }

    /// Removes a document. `may` is the contract's check of the caller's role.
    ///
    /// # Errors
    /// What `may` refuses, `NotFound`.
    pub fn remove(
        &mut self,
        ctx: &Context,
        journal: &mut Journal,
        name: String,
        may: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        bounded(name.len(), NAME_BYTES_MAX)?;
        may()?;
        let hash = self.documents.find(&name).ok_or(Refusal::NotFound)?.hash;
        self.documents.remove(&name);
        let by = ctx.caller();
        journal.act(ctx, hash, |seq| DocumentRemoved {
            seq,
            by,
            name,
            hash,
        });
        Ok(())
    }

    /// The document of this name.
    #[must_use]
    pub fn find(&self, name: &String) -> Option<Document> {
        if name.len() > NAME_BYTES_MAX {
            return None;
        }
        self.documents.find(name)
    }

    /// A page of documents, in the order of their names.
    ///
    /// # Errors
    /// `LimitExceeded` for more than a page.
    pub fn page(&self, after: Option<&String>, limit: u32) -> Result<Vec<Named>, Refusal> {
        bounded(after.map_or(0, String::len), NAME_BYTES_MAX)?;
        Ok(self.documents.page(after, page_items(limit)?))
    }
}
