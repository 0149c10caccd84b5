//! The state root: a sparse Merkle tree over the key-value set, kept in pages of four levels.
//!
//! The tree is defined in [`weighhouse_primitives::proof`]. Here it is stored (`page`), updated
//! once per block over the sorted changes, proved from ([`prove`]) and recomputed ([`rebuild`]).
//!
//! Invariant STATE-3: root and pages depend on the key-value set only, not on history. A page whose
//! pairs have become few is deleted: they stand in the page above.
//!
//! *Cost.* Each page on the way to a changed key is read, hashed and written once per block: for
//! 1,000 changed keys among 500,000 about 2,500 pages. Pages are about 1 KiB; read ones are cached.
//!
//! *Crash behaviour.* An update writes nothing: its pages join the block's batch (STATE-2), and only
//! after [`StateTree::commit`] do later updates build on them.

mod page;
mod prove;
mod subtree;

pub(crate) use prove::rebuild_hashed;
pub use prove::{prove, rebuild, stored_root};

use super::Value;
use crate::error::Fault;
use page::{Page, PageKey, nibble};
use quick_cache::unsync::Cache;
use std::fmt;
use std::sync::Arc;
use subtree::{Pair, Subtree};
use weighhouse_primitives::hash::{Hash, StateRoot};

/// A key hash with the hash of its new value; `None` for a removed key.
pub type TreeChange = (Hash, Option<Hash>);

/// Reads stored pages of the tree as of the last committed block, whether or not they have reached
/// the disk.
pub trait PageRead {
    /// The page with this key (see the page format), if any.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    fn page(&self, key: &[u8]) -> Result<Option<Value>, Fault>;
}

/// Pages that an update writes and deletes, ascending by key.
#[derive(Clone, Debug, Default)]
pub struct PageChanges(Vec<(PageKey, Option<Arc<Page>>)>);

impl PageChanges {
    /// Page keys with the encoded page; `None` for a deleted one.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Option<Vec<u8>>)> {
        self.0
            .iter()
            .map(|(key, page)| (key.as_bytes(), page.as_deref().map(Page::encode)))
    }

    /// Number of pages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if no page changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Updates the tree; holds the pages used last.
pub struct StateTree {
    cache: Cache<PageKey, Arc<Page>>,
}

impl fmt::Debug for StateTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateTree")
            .field("cached", &self.cache.len())
            .finish_non_exhaustive()
    }
}

impl StateTree {
    /// A tree that keeps at most `pages_max` pages in memory, 0.2 to 1.7 KiB each.
    #[must_use]
    pub fn new(pages_max: usize) -> Self {
        Self {
            cache: Cache::new(pages_max),
        }
    }

    /// Computes the root after `changes` to the tree in `pages`, and the pages that this changes.
    ///
    /// Without changes, the root as it is. May be called again, with the same or other changes, until
    /// one result is committed.
    ///
    /// # Errors
    /// `Fault` if the store fails or a page is missing or damaged.
    ///
    /// # Panics
    /// If the key hashes do not ascend strictly: a bug of the caller (STATE-3).
    pub fn update(
        &mut self,
        pages: &dyn PageRead,
        changes: &[TreeChange],
    ) -> Result<(StateRoot, PageChanges), Fault> {
        assert!(
            changes.is_sorted_by(|(one, _), (next, _)| one < next),
            "each key changes once, in order (STATE-3)"
        );
        let top = PageKey::new(&Hash::ZERO, 0);
        let mut update = Update {
            cache: &mut self.cache,
            pages,
            changed: Vec::new(),
        };
        let old = update.load(&top)?;
        let root = update.page(top, old, changes)?.hash();
        let mut changed = update.changed;
        changed.sort_unstable_by_key(|(key, _)| *key);
        Ok((StateRoot(root), PageChanges(changed)))
    }

    /// Lets later updates build on `changes`, which `pages` answer from now on.
    pub fn commit(&mut self, changes: &PageChanges) {
        for (key, page) in &changes.0 {
            match page {
                Some(page) => self.cache.insert(*key, Arc::clone(page)),
                None => {
                    self.cache.remove(key);
                }
            }
        }
    }

    /// Forgets every page: after the stored tree has been replaced.
    pub fn forget(&mut self) {
        self.cache.clear();
    }
}

fn load(pages: &dyn PageRead, key: &PageKey) -> Result<Option<Page>, Fault> {
    let bytes = pages.page(key.as_bytes())?;
    bytes.map(|bytes| Page::decode(key, &bytes)).transpose()
}

fn missing(key: &PageKey) -> Fault {
    Fault::Damaged {
        place: format!("state tree page {key}"),
        reason: String::from("the page above names it, but it is not there"),
    }
}

struct Update<'a> {
    cache: &'a mut Cache<PageKey, Arc<Page>>,
    pages: &'a dyn PageRead,
    changed: Vec<(PageKey, Option<Arc<Page>>)>,
}

impl Update<'_> {
    fn load(&mut self, key: &PageKey) -> Result<Option<Arc<Page>>, Fault> {
        if let Some(page) = self.cache.get(key) {
            return Ok(Some(Arc::clone(page)));
        }
        let page = load(self.pages, key)?.map(Arc::new);
        if let Some(page) = &page {
            self.cache.insert(*key, Arc::clone(page));
        }
        Ok(page)
    }

    /// Applies `changes`, all below the page `key`, to `old`, or to nothing.
    fn page(
        &mut self,
        key: PageKey,
        old: Option<Arc<Page>>,
        changes: &[TreeChange],
    ) -> Result<Subtree, Fault> {
        let depth = key.depth();
        let mut page = old.as_deref().cloned().unwrap_or_default();
        for group in changes.chunk_by(|(a, _), (b, _)| nibble(a, depth) == nibble(b, depth)) {
            let Some((place, _)) = group.first() else {
                continue;
            };
            let slot = nibble(place, depth);
            let below = PageKey::new(place, depth.saturating_add(1));
            let subtree = self.subtree(below, page.slot(slot), group)?;
            page.set(slot, subtree);
        }
        // Invariant STATE-3: which pages exist depends on the pairs below them only.
        let few = page.few().and_then(|pairs| match depth {
            0 if !pairs.is_empty() => None,
            _ => Subtree::of(&pairs, depth.saturating_mul(4)),
        });
        if let Some(few) = few {
            if old.is_some() {
                self.changed.push((key, None));
            }
            return Ok(few);
        }
        let subtree = page.fold();
        if old.as_deref() != Some(&page) {
            self.changed.push((key, Some(Arc::new(page.compact()))));
        }
        Ok(subtree)
    }

    /// Applies `changes` to the subtree `before`, whose page, if it has one, is `key`.
    fn subtree(
        &mut self,
        key: PageKey,
        before: &Subtree,
        changes: &[TreeChange],
    ) -> Result<Subtree, Fault> {
        let mut pairs = Vec::new();
        if !before.collect(&mut pairs) {
            let old = self.load(&key)?.ok_or_else(|| missing(&key))?;
            return self.page(key, Some(old), changes);
        }
        let pairs = merged(&pairs, changes);
        match Subtree::of(&pairs, key.depth().saturating_mul(4)) {
            Some(subtree) => Ok(subtree),
            None => {
                let all: Vec<TreeChange> = pairs.iter().map(|(k, v)| (*k, Some(*v))).collect();
                self.page(key, None, &all)
            }
        }
    }
}

/// What `changes` leave of `pairs`, both ascending.
fn merged(pairs: &[Pair], changes: &[TreeChange]) -> Vec<Pair> {
    let changed = |key: &Hash| changes.binary_search_by_key(key, |change| change.0).is_ok();
    let kept = pairs.iter().filter(|(key, _)| !changed(key)).copied();
    let set = changes.iter();
    let mut merged: Vec<Pair> = kept
        .chain(set.filter_map(|(key, value)| value.map(|value| (*key, value))))
        .collect();
    merged.sort_unstable();
    merged
}

#[cfg(test)]
mod tests;
