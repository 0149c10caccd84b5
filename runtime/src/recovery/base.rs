//! A chain that starts from another node's state instead of the genesis state (state sync).
//!
//! The files of that state ([`crate::state::transfer`]) stay in the folder `base`: like the genesis
//! document, they are what the store is made from when it is lost, and the block log continues them. The
//! blocks up to that height are not here.
//!
//! | folder | holds |
//! |---|---|
//! | `base.new` | what is being received; removed at every start |
//! | `base` | the state that this chain starts from |
//!
//! Invariant: a state is used only if its root is that of its header ([`Chain::restore`]'s caller has
//! compared that with what consensus decided). *Crash behaviour.* The rename to `base` decides: before
//! it the chain starts from genesis again, behind it from the base; a store in between says that it is
//! not whole and is made again.

use crate::chain::{Chain, TREE_PAGES, page_rows};
use crate::error::Fault;
use crate::folder;
use crate::recovery::check_protocol;
use crate::state::database::Tip;
use crate::state::held;
use crate::state::root::{StateTree, TreeChange};
use crate::state::row;
use crate::state::store::Batch;
use crate::state::transfer::{self, BadState, Manifest};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::proof::{key_hash, value_hash};
use weighhouse_primitives::{Height, StateRoot};

/// Folder of the state that a chain starts from, in its data folder.
pub const BASE: &str = "base";
/// Folder of a state that is being received, in the data folder.
pub const RECEIVED: &str = "base.new";

/// Leaves that enter the tree at once: 17 MB.
const LEAVES_MAX: usize = 262_144;
/// Rows of a batch of the store.
const BATCH_ROWS: usize = 16_384;

/// The base of the chain in `folder`, if it has one; removes what was being received.
pub(super) fn load(folder: Option<&Path>, chain: GenesisHash) -> Result<Option<Manifest>, Fault> {
    let Some(folder) = folder else {
        return Ok(None);
    };
    folder::remove(&folder.join(RECEIVED))?;
    let manifest = transfer::read_manifest(&folder.join(BASE))?;
    match manifest {
        Some(manifest) if manifest.header.chain != chain => Err(Fault::Unusable {
            place: folder.join(BASE).display().to_string(),
            reason: "it belongs to another chain; use another data folder".into(),
        }),
        manifest => Ok(manifest),
    }
}

impl Chain {
    /// Starts from the state in the folder `received` of the data folder, in place of genesis: a manifest
    /// and its chunks that came from others. Its header must be one whose state root consensus decided for.
    /// For a chain without blocks; nobody can read meanwhile. Gives the height.
    ///
    /// # Errors
    /// Fault: the chain must be opened again. The inner error says what is wrong with the state; the chain
    /// is at genesis, or at its former base, then.
    pub fn restore(&mut self, received: &Path) -> Result<Result<Height, BadState>, Fault> {
        let folder = match self.restorable() {
            Ok(folder) => folder,
            Err(bad) => return Ok(Err(bad)),
        };
        let Some(manifest) = transfer::read_manifest(received)? else {
            return Ok(Err(BadState::Manifest("it is missing".into())));
        };
        if let Err(bad) = self.check_header(&manifest) {
            return Ok(Err(bad));
        }
        self.forget_executed();
        if let Err(bad) = self.fill(received, &manifest)? {
            match transfer::read_manifest(&folder.join(BASE))? {
                Some(former) => self.start_from_base(&folder, &former)?,
                None => {
                    self.shared.database.clear()?;
                    self.tree = StateTree::new(TREE_PAGES);
                    self.apply_genesis()?;
                }
            }
            return Ok(Err(bad));
        }
        let base = folder.join(BASE);
        folder::sync(received)?;
        folder::remove(&base)?;
        std::fs::rename(received, &base)
            .map_err(Fault::io(format!("renaming {}", received.display())))?;
        folder::sync(&folder)?;
        self.begin_at(&manifest)?;
        Ok(Ok(manifest.header.height))
    }

    /// The data folder, if this chain may still start from elsewhere.
    fn restorable(&self) -> Result<PathBuf, BadState> {
        if let Some(last) = self.log.last() {
            return Err(BadState::NotFresh(format!("it has blocks up to {last}")));
        }
        let folder = self.folder.clone();
        folder.ok_or_else(|| BadState::NotFresh("it is kept in memory only".into()))
    }

    /// Whether a state of that header can be this chain's.
    ///
    /// # Errors
    /// What does not fit.
    fn check_header(&self, manifest: &Manifest) -> Result<(), BadState> {
        let header = &manifest.header;
        let genesis = &self.shared.genesis;
        let wrong = |what: &str| Err(BadState::Manifest(format!("it is of another {what}")));
        if header.chain != self.shared.genesis_hash {
            return wrong("chain");
        }
        if check_protocol(header.protocol).is_err() {
            return wrong("protocol");
        }
        if header.height == Height::GENESIS || header.time < genesis.time {
            return wrong("history");
        }
        Ok(())
    }

    /// Makes the store from the base, which was checked when it came.
    pub(super) fn start_from_base(
        &mut self,
        folder: &Path,
        manifest: &Manifest,
    ) -> Result<(), Fault> {
        let base = folder.join(BASE);
        tracing::info!(height = %manifest.header.height, "the store is made from the base");
        self.fill(&base, manifest)?.map_err(|bad| Fault::Damaged {
            place: base.display().to_string(),
            reason: format!("{bad}: restore it, or remove the data folder and sync again"),
        })?;
        self.begin_at(manifest)
    }

    /// Fills the store with the entries of all chunks, and compares the root; there is no tip yet.
    fn fill(&mut self, from: &Path, manifest: &Manifest) -> Result<Result<(), BadState>, Fault> {
        let database = Arc::clone(&self.shared.database);
        database.begin_refill()?;
        self.tree = StateTree::new(TREE_PAGES);
        let (mut leaves, mut root) = (Vec::new(), StateRoot::default());
        let (mut after, mut count) = (Vec::new(), 0_u64);
        for (index, hash) in manifest.chunks.iter().enumerate() {
            let bad = |reason: String| Ok(Err(BadState::Chunk { index, reason }));
            let Some(chunk) = transfer::read_chunk(from, index)? else {
                return bad("it is missing".into());
            };
            if transfer::chunk_hash(&chunk) != *hash {
                return bad("it has another hash".into());
            }
            let entries = match transfer::entries(&chunk, &after) {
                Ok(entries) => entries,
                Err(reason) => return bad(reason),
            };
            drop(chunk);
            let mut rows = Batch::new();
            for (key, value) in entries {
                leaves.push((key_hash(&key), Some(value_hash(&value))));
                rows.insert(row::state(&key), Some(held::row_of(&value)));
                after = key;
                count = count.saturating_add(1);
                if rows.len() >= BATCH_ROWS {
                    database.refill(std::mem::take(&mut rows))?;
                }
            }
            database.refill(rows)?;
            if leaves.len() >= LEAVES_MAX {
                root = self.grow(&mut leaves)?;
            }
        }
        if !leaves.is_empty() {
            root = self.grow(&mut leaves)?;
        }
        let stated = manifest.header.state_root;
        if root != stated {
            let (computed, stated) = (root.to_string(), stated.to_string());
            return Ok(Err(BadState::Root { computed, stated }));
        }
        if count != manifest.entries {
            let reason = format!("it states {} entries, {count} came", manifest.entries);
            return Ok(Err(BadState::Manifest(reason)));
        }
        Ok(Ok(()))
    }

    /// Lets leaves enter the tree, and its pages the store.
    fn grow(&mut self, leaves: &mut Vec<TreeChange>) -> Result<StateRoot, Fault> {
        leaves.sort_unstable();
        let database = &self.shared.database;
        let (root, pages) = self.tree.update(&**database, leaves)?;
        leaves.clear();
        let mut rows = Batch::new();
        for (key, page) in page_rows(&pages) {
            rows.insert(key, page);
            if rows.len() >= BATCH_ROWS {
                database.refill(std::mem::take(&mut rows))?;
            }
        }
        database.refill(rows)?;
        self.tree.commit(&pages);
        Ok(root)
    }

    /// The filled store is the state after the base's block: the chain goes on from there.
    fn begin_at(&mut self, manifest: &Manifest) -> Result<(), Fault> {
        let header = &manifest.header;
        self.shared.database.end_refill(Tip {
            height: header.height,
            block: header.hash(),
            state_root: header.state_root,
        })?;
        self.shared.forget_recent();
        self.shared.filter.clear();
        self.set_base(manifest);
        self.set_head(header.clone());
        self.read_guards()
    }

    /// From now on everybody knows where the blocks of this chain begin.
    pub(super) fn set_base(&self, manifest: &Manifest) {
        let mut base = self
            .shared
            .base
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *base = Some(Arc::new(manifest.header.clone()));
    }

    /// Height of the state that the first block of the log builds on.
    pub(super) fn bottom(&self) -> Height {
        let base = self.shared.base();
        base.map_or(Height::GENESIS, |base| base.height)
    }
}

#[cfg(test)]
mod tests;
