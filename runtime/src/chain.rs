//! The one owner of state; the only door for node, RPC and tests.
//!
//! A block is executed in memory ([`Chain::propose`] or [`Chain::execute`]) and made durable by
//! [`Chain::commit`]: its record is appended to the block log and synced before anything is visible.
//! The store follows behind (`recovery.rs` brings it up when the process was killed in between).
//!
//! Invariants: STATE-2 (nothing reaches the store before commit; a block is in one batch), DET-1 (time
//! comes from the caller and is bound by the last block's).

use crate::admission::{Admitted, Rejection};
use crate::block::{self, Before, Executed, InvalidBlock, OnRejection};
use crate::error::Fault;
use crate::executor::BlockContext;
use crate::genesis::Genesis;
use crate::index::Index;
use crate::limits;
use crate::log::{BlockLog, LogReader};
use crate::reader::{CodeInfo, Reader};
use crate::recovery::{check_genesis, genesis_header, open_database, open_log};
use crate::stage::{Stage, Stages};
use crate::state::database::{Database, Layer, Tip};
use crate::state::guard::GuardFilter;
use crate::state::root::{PageChanges, StateTree, TreeChange};
use crate::state::snapshot::Snapshot;
use crate::state::store::Batch;
use crate::state::{Value, key, row};
use crate::storage::Storage;
use crate::storer::Storer;
use crate::vm::Vm;
use crate::vm::engine::VmSettings;
use parity_scale_codec::{Decode, Encode};
use quick_cache::sync::Cache;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::policy::ValidatorSet;
use weighhouse_primitives::{
    Block, BlockHash, CodeHash, Header, Height, Receipt, StateRoot, Timestamp, TxHash,
};

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
    /// Bytes of the read cache above it.
    pub read_cache_bytes: u64,
    /// How many heights back the state can be queried; `None` keeps everything.
    pub retention: Option<u64>,
    /// Write each block to the store inside `commit`; otherwise [`Chain::storer`] must be driven.
    pub store_inline: bool,
    /// The engine that runs contracts.
    pub vm: VmSettings,
    /// Keeps log and store in place of the folder: tools that look at copies, simulated disks.
    pub storage: Option<Arc<dyn Storage>>,
    /// The machine to execute on; `None` for one of its own. One engine serves any number of chains.
    pub machine: Option<Arc<Vm>>,
    /// Who is told where the time of blocks goes.
    pub stages: Stages,
}

impl Settings {
    /// Everything in memory, stored inline: for tests.
    #[must_use]
    pub const fn memory() -> Self {
        Self {
            folder: None,
            store: StoreKind::Memory,
            store_cache_bytes: 64 << 20,
            read_cache_bytes: 64 << 20,
            retention: None,
            store_inline: true,
            vm: VmSettings::USUAL,
            storage: None,
            machine: None,
            stages: Stages::UNMEASURED,
        }
    }

    /// A folder with sled, stored inline.
    #[must_use]
    pub const fn folder(folder: PathBuf) -> Self {
        Self {
            folder: Some(folder),
            store: StoreKind::Sled,
            store_cache_bytes: 64 << 20,
            read_cache_bytes: 128 << 20,
            retention: None,
            store_inline: true,
            vm: VmSettings::USUAL,
            storage: None,
            machine: None,
            stages: Stages::UNMEASURED,
        }
    }
}

/// What became of candidates for a block.
#[derive(Debug, Default)]
pub struct Proposal {
    /// In the block, in order.
    pub included: Vec<TxHash>,
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

/// What time the next block would have: asked by readers only, never by execution (DET-1).
#[derive(Clone)]
pub(crate) struct Clock(pub(crate) Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// State shared by the chain and everything that reads.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) genesis: Genesis,
    pub(crate) genesis_hash: GenesisHash,
    pub(crate) vm: Arc<Vm>,
    pub(crate) database: Arc<Database>,
    pub(crate) filter: Arc<GuardFilter>,
    pub(crate) log: LogReader,
    pub(crate) head: RwLock<Arc<Header>>,
    /// Header of the state that the chain starts from, if that is not the genesis state.
    pub(crate) base: RwLock<Option<Arc<Header>>>,
    pub(crate) pending_time: AtomicU64,
    pub(crate) clock: RwLock<Option<Clock>>,
    pub(crate) recent: RwLock<VecDeque<Arc<Committed>>>,
    pub(crate) infos: Cache<CodeHash, Arc<CodeInfo>>,
}

/// Committed blocks kept in memory for those who ask soon after, at most.
const RECENT_BLOCKS: usize = 64;
/// Transactions of all but the latest of these blocks, at most: 1 to 2 KB each.
const RECENT_TRANSACTIONS: usize = 32_768;

/// Code descriptions kept in memory.
const INFOS: usize = 256;

impl Shared {
    pub(crate) fn head(&self) -> Arc<Header> {
        Arc::clone(&self.head.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn base(&self) -> Option<Arc<Header>> {
        self.base
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn remember(&self, committed: &Arc<Committed>) {
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        let transactions = |block: &Arc<Committed>| block.receipts.len();
        let mut held = recent
            .iter()
            .map(transactions)
            .fold(0, usize::saturating_add);
        while recent.len() >= RECENT_BLOCKS || held > RECENT_TRANSACTIONS {
            let Some(oldest) = recent.pop_front() else {
                break;
            };
            held = held.saturating_sub(transactions(&oldest));
        }
        recent.push_back(Arc::clone(committed));
    }

    /// Forgets recent blocks and the time they set: after a revert.
    pub(crate) fn forget_recent(&self) {
        self.recent
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.pending_time
            .store(self.genesis.time.0, Ordering::SeqCst);
    }

    /// What a block at `height` and `time` sees.
    pub(crate) const fn context(&self, height: Height, time: Timestamp) -> BlockContext {
        BlockContext {
            chain: self.genesis_hash,
            height,
            time,
            development: self.genesis.development,
        }
    }
}

/// A block executed in memory, waiting for [`Chain::commit`].
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) header: Header,
    executed: Executed,
    leaves: Vec<TreeChange>,
    pages: PageChanges,
}

/// The chain: see the module.
#[derive(Debug)]
pub struct Chain {
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: BlockLog,
    pub(crate) tree: StateTree,
    prepared: Option<Prepared>,
    pub(crate) folder: Option<PathBuf>,
    /// Height of the store when the chain was opened; `None` for an empty one.
    pub(crate) found: Option<Height>,
    store_inline: bool,
    retention: Option<u64>,
    stages: Stages,
}

impl Chain {
    /// Opens or creates the chain in `settings.folder`; executes the blocks of the log that the store
    /// lacks, and rebuilds a store that is damaged or of another format.
    ///
    /// # Errors
    /// Fault: the folder cannot be used or belongs to another chain, the log is damaged, or replay
    /// computes something else than the log recorded.
    pub fn open(genesis: Genesis, settings: Settings) -> Result<Self, Fault> {
        check_genesis(&genesis)?;
        let genesis_hash = genesis.hash();
        let log = open_log(&settings, genesis_hash)?;
        let database = open_database(&settings, genesis_hash)?;
        let code = settings.folder.as_ref().map(|folder| folder.join("code"));
        let vm = match settings.machine {
            Some(vm) => vm,
            None => Arc::new(Vm::measured(
                &settings.vm,
                code.as_deref(),
                settings.stages.clone(),
            )?),
        };
        let shared = Arc::new(Shared {
            head: RwLock::new(Arc::new(genesis_header(&genesis, StateRoot::default()))),
            base: RwLock::new(None),
            pending_time: AtomicU64::new(genesis.time.0),
            clock: RwLock::new(None),
            genesis,
            genesis_hash,
            vm,
            database,
            filter: Arc::default(),
            log: log.reader().clone(),
            recent: RwLock::new(VecDeque::new()),
            infos: Cache::new(INFOS),
        });
        let mut chain = Self {
            shared,
            log,
            tree: StateTree::new(TREE_PAGES),
            prepared: None,
            folder: settings.folder,
            found: None,
            store_inline: settings.store_inline,
            retention: settings.retention,
            stages: settings.stages,
        };
        chain.recover()?;
        Ok(chain)
    }

    /// A handle for everything that reads; cheap to clone, used from any thread.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared))
    }

    /// The handle that writes committed blocks to the store, for a thread of its own.
    #[must_use]
    pub fn storer(&self) -> Storer {
        Storer {
            database: Arc::clone(&self.shared.database),
            retention: self.retention,
            stages: self.stages.clone(),
        }
    }

    /// Executes `candidates` in order as the next block at `time`, leaving out what may not stand
    /// there; the block waits in memory for [`Chain::commit`].
    ///
    /// # Errors
    /// Fault.
    pub fn propose(
        &mut self,
        time: Timestamp,
        candidates: Vec<Admitted>,
    ) -> Result<Proposal, Fault> {
        self.prepared = None;
        let prepared = self.prepare(time, candidates, OnRejection::LeaveOut, &mut block::quiet)?;
        let mut prepared = prepared.map_err(|invalid| Fault::Engine {
            action: "ordering a block",
            reason: format!("not left out: {invalid}"),
        })?;
        let executed = &mut prepared.executed;
        let proposal = Proposal {
            included: executed.transactions.iter().map(|tx| tx.hash).collect(),
            dropped: std::mem::take(&mut executed.dropped),
            deferred: std::mem::take(&mut executed.deferred),
        };
        self.prepared = Some(prepared);
        Ok(proposal)
    }

    /// Executes a block that was ordered elsewhere; it waits in memory for [`Chain::commit`], in place of
    /// any that waited before. After an error none waits.
    ///
    /// # Errors
    /// Fault; the inner error says what makes the block invalid. Signatures are not looked at: they were
    /// when the transactions were admitted.
    pub fn execute(
        &mut self,
        time: Timestamp,
        transactions: Vec<Admitted>,
    ) -> Result<Result<(), InvalidBlock>, Fault> {
        self.execute_noting(time, transactions, &mut block::quiet)
    }

    /// As [`Chain::execute`]; `note` learns of each transaction before it is executed, and may stop it.
    ///
    /// # Errors
    /// The same, and those of `note`.
    pub fn execute_noting(
        &mut self,
        time: Timestamp,
        transactions: Vec<Admitted>,
        note: &mut dyn FnMut(&TxHash) -> Result<(), Fault>,
    ) -> Result<Result<(), InvalidBlock>, Fault> {
        self.prepared = None;
        let prepared = self.prepare(time, transactions, OnRejection::Refuse, note)?;
        Ok(prepared.map(|prepared| self.prepared = Some(prepared)))
    }

    /// Executes a list of transactions as the next block, in memory.
    pub(crate) fn prepare(
        &mut self,
        time: Timestamp,
        candidates: Vec<Admitted>,
        on_rejection: OnRejection,
        before: Before<'_>,
    ) -> Result<Result<Prepared, InvalidBlock>, Fault> {
        let head = self.shared.head();
        // Block time never decreases, whatever the caller's clock does.
        let time = time.max(head.time);
        let context = self.shared.context(head.height.next(), time);
        let base = Arc::new(self.snapshot(head.height)?);
        let execution = block::begin(&self.shared.vm, base, context, &self.shared.filter)?;
        let executed = self.stages.time(Stage::Execute, || {
            block::execute(execution, candidates, on_rejection, before)
        });
        let executed = match executed? {
            Ok(executed) => executed,
            Err(refused) => return Ok(Err(refused)),
        };
        let (leaves, root) = self.stages.time(Stage::Root, || {
            let leaves = executed.changes.tree_changes();
            let root = self.tree.update(&*self.shared.database, &leaves);
            (leaves, root)
        });
        let (state_root, pages) = root?;
        let header = self.stages.time(Stage::Seal, || Header {
            chain: self.shared.genesis_hash,
            protocol: self.shared.genesis.protocol,
            height: context.height,
            previous: if head.height == Height::GENESIS {
                BlockHash::default()
            } else {
                head.hash()
            },
            time,
            tx_count: u32::try_from(executed.transactions.len()).unwrap_or(u32::MAX),
            tx_root: executed.tx_root(),
            receipts_root: executed.receipts_root(),
            writes: executed.changes.hash(),
            state_root,
            gas_used: executed.gas_used,
        });
        Ok(Ok(Prepared {
            header,
            executed,
            leaves,
            pages,
        }))
    }

    /// Forgets the executed block that waits, if one does.
    pub(crate) fn forget_executed(&mut self) {
        self.prepared = None;
    }

    /// Header and receipts of the executed block that waits for [`Chain::commit`].
    #[must_use]
    pub fn executed(&self) -> Option<(&Header, &[Receipt])> {
        let prepared = self.prepared.as_ref()?;
        Some((&prepared.header, &prepared.executed.receipts))
    }

    /// What the executed block that waits for [`Chain::commit`] changes in the validators: each key at most
    /// once, power 0 for one that leaves.
    ///
    /// # Errors
    /// Fault: the stored set does not decode.
    pub fn validator_changes(&self) -> Result<BTreeMap<[u8; 32], u64>, Fault> {
        let prepared = self.prepared.as_ref();
        let change = prepared.and_then(|one| one.executed.changes.get(&key::validators()));
        let Some(change) = change else {
            return Ok(BTreeMap::new());
        };
        let set = |value: &Option<Value>| match value {
            Some(bytes) => ValidatorSet::decode(&mut &**bytes),
            None => Ok(ValidatorSet::default()),
        };
        Ok(set(&change.old)?.changes_to(&set(&change.new)?))
    }

    /// Makes the executed block durable: log record written and synced, then visible. When this
    /// returns, its transactions may be acknowledged.
    ///
    /// # Errors
    /// Fault: nothing may be acknowledged, and the chain must be opened again. `Fault::Full`: the disk has no
    /// room; nothing may be acknowledged, the block is forgotten, and the chain can be used on. Also if there
    /// is no executed block.
    pub fn commit(&mut self) -> Result<Arc<Committed>, Fault> {
        let prepared = self.prepared.take().ok_or(Fault::Engine {
            action: "committing a block",
            reason: "none was executed".into(),
        })?;
        let (committed, payload) = self.stages.time(Stage::Seal, || {
            let committed = committed(&prepared);
            let payload = committed.block.encode();
            (committed, payload)
        });
        let header = &committed.block.header;
        self.stages.time(Stage::Log, || {
            self.log.append(header.height, header.previous, &payload)
        })?;
        self.publish_as(prepared, committed)
    }

    /// Makes sure that the log has room for the largest block.
    ///
    /// # Errors
    /// `Fault::Full` if it has none: nothing changed. Any other: the chain must be opened again.
    pub fn make_room(&mut self) -> Result<(), Fault> {
        let height = self.shared.head().height.next();
        self.log.reserve(height, BLOCK_RECORD_BYTES)
    }

    /// Makes a block of the log visible again.
    pub(crate) fn publish(&mut self, prepared: Prepared) -> Result<Arc<Committed>, Fault> {
        let committed = committed(&prepared);
        self.publish_as(prepared, committed)
    }

    /// Makes a block that is in the log visible, and lets the store have it.
    fn publish_as(
        &mut self,
        prepared: Prepared,
        committed: Committed,
    ) -> Result<Arc<Committed>, Fault> {
        let committed = Arc::new(committed);
        let stages = self.stages.clone();
        stages.time(Stage::Publish, || self.show(prepared, &committed))?;
        if self.store_inline {
            let storer = self.storer();
            while storer.store_next()? {}
        }
        Ok(committed)
    }

    fn show(&mut self, prepared: Prepared, committed: &Arc<Committed>) -> Result<(), Fault> {
        let header = committed.block.header.clone();
        self.remember_guards(committed);
        self.tree.commit(&prepared.pages);
        self.shared.database.push(Layer {
            tip: Tip {
                height: header.height,
                block: committed.hash,
                state_root: header.state_root,
            },
            state: prepared.executed.changes,
            leaves: prepared.leaves,
            pages: page_rows(&prepared.pages),
            look_ups: Index::look_ups(&committed.block, &committed.receipts),
            rows: Index::rows(&committed.block, &committed.receipts),
        })?;
        self.shared.remember(committed);
        self.set_head(header);
        Ok(())
    }

    /// Invariant TX-1: the filter knows a block's transactions before anybody can build on the block.
    fn remember_guards(&self, committed: &Committed) {
        let payloads = committed.block.transactions.iter().map(|tx| &tx.payload);
        let receipts = committed.receipts.iter().map(|receipt| receipt.tx);
        let filter = &self.shared.filter;
        filter.add(payloads.map(|payload| payload.valid_until).zip(receipts));
        filter.forget_before(committed.block.header.time);
    }

    /// The latest header, for everybody.
    pub(crate) fn set_head(&self, header: Header) {
        self.shared
            .pending_time
            .fetch_max(header.time.0, Ordering::SeqCst);
        *self
            .shared
            .head
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(header);
    }

    pub(crate) fn snapshot(&self, height: Height) -> Result<Snapshot, Fault> {
        self.shared
            .database
            .snapshot(height)
            .map_err(|unavailable| Fault::Damaged {
                place: "the committed state".into(),
                reason: unavailable.to_string(),
            })
    }
}

/// Bytes of the largest block as the log keeps it: its transactions, and a header.
const BLOCK_RECORD_BYTES: usize = limits::BLOCK_BYTES_MAX + 4 * 1024;

/// Pages of the state tree kept in memory: about 80 MB.
pub(crate) const TREE_PAGES: usize = 100_000;

/// Rows of changed pages.
pub(crate) fn page_rows(pages: &PageChanges) -> Batch {
    let pages = pages.iter();
    pages
        .map(|(key, page)| (row::page(key), page.map(Value::from)))
        .collect()
}

fn committed(prepared: &Prepared) -> Committed {
    let transactions = prepared
        .executed
        .transactions
        .iter()
        .map(|tx| tx.transaction.clone())
        .collect();
    Committed {
        hash: prepared.header.hash(),
        block: Block {
            header: prepared.header.clone(),
            transactions,
        },
        receipts: prepared.executed.receipts.clone(),
        debug: prepared.executed.debug.clone(),
    }
}
