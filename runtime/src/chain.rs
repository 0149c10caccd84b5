//! The one owner of state; the only door for node, RPC and tests.

use crate::admission::{Admitted, Rejection};
use crate::error::Fault;
use crate::genesis::Genesis;
use crate::reader::Reader;
use std::path::PathBuf;
use std::sync::Arc;
use weighhouse_primitives::{Block, BlockHash, Receipt, Timestamp, TxHash};

/// Which engine keeps derived state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreKind {
    /// sled 0.34.
    #[default]
    Sled,
    /// redb 4.
    Redb,
    /// Memory: gone when the process ends.
    Memory,
}

/// Settings of this node; none of them changes a receipt or a root (CONF-1).
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of log, store and compiled code; `None` keeps everything in memory.
    pub folder: Option<PathBuf>,
    /// Engine of the derived state.
    pub store: StoreKind,
    /// Bytes of the store engine's own cache.
    pub store_cache_bytes: u64,
    /// Entries of the read cache above it.
    pub read_cache_entries: usize,
    /// How many heights back the state can be queried; `None` keeps everything.
    pub retention: Option<u64>,
    /// Write each block to the store inside `commit`; otherwise [`Chain::storer`] must be driven.
    pub store_inline: bool,
}

impl Settings {
    /// Everything in memory, stored inline: for tests.
    #[must_use]
    pub const fn memory() -> Self {
        Self {
            folder: None,
            store: StoreKind::Memory,
            store_cache_bytes: 64 << 20,
            read_cache_entries: 100_000,
            retention: None,
            store_inline: true,
        }
    }

    /// A folder with sled, stored inline.
    #[must_use]
    pub const fn folder(folder: PathBuf) -> Self {
        Self {
            folder: Some(folder),
            store: StoreKind::Sled,
            store_cache_bytes: 256 << 20,
            read_cache_entries: 500_000,
            retention: None,
            store_inline: true,
        }
    }
}

/// What became of candidates for a block.
#[derive(Debug, Default)]
pub struct Proposal {
    /// In the block, in order.
    pub transactions: Vec<Admitted>,
    /// Not valid any more at this state.
    pub dropped: Vec<(TxHash, Rejection)>,
    /// Valid, but there was no room.
    pub deferred: Vec<Admitted>,
}

/// A committed block with its receipts.
#[derive(Debug)]
pub struct Committed {
    /// The block.
    pub block: Block,
    /// Its hash.
    pub hash: BlockHash,
    /// One receipt for each transaction, in order (TX-2).
    pub receipts: Vec<Receipt>,
    /// Debug lines and panic messages of each transaction; in no hash, not stored.
    pub debug: Vec<Vec<String>>,
}

/// The chain.
#[derive(Debug)]
pub struct Chain {}

impl Chain {
    /// Opens or creates the chain; replays what the store lacks.
    pub fn open(_genesis: Genesis, _settings: Settings) -> Result<Self, Fault> {
        unimplemented!()
    }
    /// A handle for everything that reads; cheap to clone, used from any thread.
    pub fn reader(&self) -> Reader {
        unimplemented!()
    }
    /// Sorts candidates into the next block at `time`.
    pub fn propose(&self, _time: Timestamp, _candidates: Vec<Admitted>) -> Result<Proposal, Fault> {
        unimplemented!()
    }
    /// Executes the next block in memory.
    pub fn execute(&mut self, _time: Timestamp, _transactions: Vec<Admitted>) -> Result<(), Fault> {
        unimplemented!()
    }
    /// Makes the executed block durable; when this returns, its transactions may be acknowledged.
    pub fn commit(&mut self) -> Result<Arc<Committed>, Fault> {
        unimplemented!()
    }
    /// The handle that writes committed blocks to the store, for a thread of its own.
    pub fn storer(&self) -> Storer {
        unimplemented!()
    }
    /// Development networks: forgets every block above `height`.
    pub fn revert_to(&mut self, _height: weighhouse_primitives::Height) -> Result<(), Fault> {
        unimplemented!()
    }
}

/// Writes committed blocks to the store, oldest first.
#[derive(Debug)]
pub struct Storer {}

impl Storer {
    /// Writes one block; false if there was none.
    pub fn store_next(&self) -> Result<bool, Fault> {
        unimplemented!()
    }
    /// Blocks committed but not yet stored.
    pub fn pending(&self) -> usize {
        unimplemented!()
    }
}
