//! From what a stopped process left behind to a chain that goes on.
//!
//! The log is the truth. The store's tip says which blocks it has; the rest is executed again and
//! must compute what the log recorded. A store that is damaged, of another format or ahead of the log
//! is wiped and rebuilt from the first block; where the chain started from another node's state, from that
//! (`base`).

mod audit;
mod base;

pub use base::{BASE, RECEIVED};

use crate::admission::Admitted;
use crate::block::{OnRejection, quiet};
use crate::chain::{Chain, Settings, StoreKind, TREE_PAGES, page_rows};
use crate::error::Fault;
use crate::folder;
use crate::genesis::Genesis;
use crate::limits::{PROTOCOL_VERSION, VALUE_BYTES_MAX};
use crate::log::{BlockLog, LogReader, LogSettings, MemoryFiles};
use crate::state::behind::BehindSettings;
use crate::state::change::{Change, Changes};
use crate::state::database::{Database, DatabaseSettings, Layer, OpenedDatabase, Tip};
use crate::state::root::StateTree;
use crate::state::store::memory::MemoryStore;
use crate::state::store::{Batch, Engine, Opened, StoreSettings};
use crate::state::{StateRead, guard, key};
use crate::storage::Storage;
use parity_scale_codec::Encode;
use std::sync::Arc;
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::proof::{key_hash, value_hash};
use weighhouse_primitives::{
    Block, BlockHash, Gas, Hash, Header, Height, StateRoot, Timestamp, TxHash,
};

/// Place of the fault that says that a store is ahead of its log: acknowledged blocks are missing from that.
pub const AHEAD_OF_LOG: &str = "the state store";

/// Refuses a genesis that this program cannot run.
pub(crate) fn check_genesis(genesis: &Genesis) -> Result<(), Fault> {
    let refuse = |reason: String| {
        Err(Fault::Unusable {
            place: "the genesis".into(),
            reason,
        })
    };
    check_protocol(genesis.protocol).or_else(refuse)?;
    if genesis
        .policy
        .quota
        .is_some_and(|quota| quota.window_seconds == 0)
    {
        return refuse("the quota's window is 0 seconds: state at least 1".into());
    }
    let bytes = genesis.policy.encoded_size();
    if bytes > VALUE_BYTES_MAX {
        return refuse(format!(
            "its policy has {bytes} bytes, at most {VALUE_BYTES_MAX} are allowed: name fewer accounts"
        ));
    }
    if !genesis.validators.0.is_empty() && !genesis.validators.is_valid() {
        return refuse(
            "its validators have no power, or too much together, or are too many".into(),
        );
    }
    Ok(())
}

/// Refuses a protocol that this program does not run.
fn check_protocol(asked: u32) -> Result<(), String> {
    match asked {
        PROTOCOL_VERSION => Ok(()),
        other => Err(format!(
            "it asks for protocol {other}, this program runs {PROTOCOL_VERSION}: use the program of that \
             version"
        )),
    }
}

/// The entries of the genesis state: the policy, and the validators if there are any.
pub(crate) fn genesis_entries(genesis: &Genesis) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut entries = vec![(key::policy(), genesis.policy.encode())];
    if !genesis.validators.0.is_empty() {
        entries.push((key::validators(), genesis.validators.encode()));
    }
    entries
}

/// Header of the genesis state: height 0, nothing before it, no transactions.
pub(crate) fn genesis_header(genesis: &Genesis, state_root: StateRoot) -> Header {
    Header {
        chain: genesis.hash(),
        protocol: genesis.protocol,
        height: Height::GENESIS,
        previous: BlockHash::default(),
        time: genesis.time,
        tx_count: 0,
        tx_root: Hash::ZERO,
        receipts_root: Hash::ZERO,
        writes: Hash::ZERO,
        state_root,
        gas_used: Gas::ZERO,
    }
}

/// Opens the block log of `settings`: on disk, in memory, or wherever they keep it.
pub(crate) fn open_log(settings: &Settings, chain: GenesisHash) -> Result<BlockLog, Fault> {
    let (log, torn) = match (&settings.storage, &settings.folder) {
        (Some(storage), _) => {
            let (files, sizes) = storage.log()?;
            BlockLog::over(files, chain, sizes)?
        }
        (None, Some(folder)) => BlockLog::open(&folder.join("log"), chain)?,
        (None, None) => {
            let files = Arc::new(MemoryFiles::default());
            BlockLog::over(files, chain, LogSettings::default())?
        }
    };
    if let Some(torn) = torn {
        tracing::warn!(?torn, "removed a record that was never acknowledged");
    }
    Ok(log)
}

fn database_settings(settings: &Settings, chain: GenesisHash) -> DatabaseSettings {
    DatabaseSettings {
        chain,
        store: StoreSettings {
            engine: match settings.store {
                StoreKind::Sled => Engine::Sled,
                StoreKind::Redb => Engine::Redb,
                StoreKind::Memory => Engine::Memory,
            },
            cache_bytes: settings.store_cache_bytes,
        },
        cache_bytes: settings.read_cache_bytes,
        batch_rows: BATCH_ROWS,
        behind: BehindSettings::default(),
    }
}

/// Opens the store of `settings`; wipes it if it is damaged.
pub(crate) fn open_database(
    settings: &Settings,
    chain: GenesisHash,
) -> Result<Arc<Database>, Fault> {
    let wanted = database_settings(settings, chain);
    if let Some(storage) = &settings.storage {
        return open_stored(storage.as_ref(), &wanted);
    }
    let Some(folder) = &settings.folder else {
        return ready(Database::over(Box::new(MemoryStore::new()), &wanted)?);
    };
    let folder = folder.join("state");
    match Database::open(&folder, &wanted)? {
        OpenedDatabase::Ready(database) => Ok(database),
        OpenedDatabase::Rebuild(reason) => {
            tracing::warn!(reason, "the store is rebuilt from the block log");
            folder::remove(&folder)?;
            ready(Database::open(&folder, &wanted)?)
        }
    }
}

/// The same over a storage of the settings' own.
fn open_stored(storage: &dyn Storage, wanted: &DatabaseSettings) -> Result<Arc<Database>, Fault> {
    let open = || match storage.store()? {
        Opened::Ready(store) => Database::over(store, wanted),
        Opened::Damaged(reason) => Ok(OpenedDatabase::Rebuild(reason)),
    };
    match open()? {
        OpenedDatabase::Ready(database) => Ok(database),
        OpenedDatabase::Rebuild(reason) => {
            tracing::warn!(reason, "the store is rebuilt from the block log");
            storage.wipe()?;
            ready(open()?)
        }
    }
}

fn ready(opened: OpenedDatabase) -> Result<Arc<Database>, Fault> {
    match opened {
        OpenedDatabase::Ready(database) => Ok(database),
        OpenedDatabase::Rebuild(reason) => Err(Fault::Damaged {
            place: "a store that was just made".into(),
            reason,
        }),
    }
}

/// Rows of replay guards read at a time.
const GUARD_ROWS: usize = 256;

/// Rows of a batch of the store that no further block joins: about 3,000 transfers, 10 MB.
const BATCH_ROWS: usize = 32_768;
/// Blocks, and rows, that replay lets wait for the store.
const REPLAY_PENDING_MAX: (usize, usize) = (64, BATCH_ROWS);

impl Chain {
    /// Brings the store up to the log, genesis included.
    pub(crate) fn recover(&mut self) -> Result<(), Fault> {
        let base = base::load(self.folder.as_deref(), self.shared.genesis_hash)?;
        if let Some(base) = &base {
            self.set_base(base);
        }
        self.check_continues()?;
        let last = self.log.last().unwrap_or(self.bottom());
        let tip = self.shared.database.tip();
        self.found = tip.map(|tip| tip.height);
        if tip.is_some_and(|tip| tip.height > last) {
            return Err(Fault::Damaged {
                place: AHEAD_OF_LOG.into(),
                reason: format!(
                    "it is at height {}, the block log ends at {last}: blocks are missing from the \
                     log; restore it, or delete the folder `state` to accept the shorter log",
                    tip.map_or(0, |tip| tip.height.0)
                ),
            });
        }
        // A store of an engine that was used before the base came is of no use.
        let bottom = self.bottom();
        let tip = tip.filter(|tip| tip.height >= bottom);
        match (tip, base, self.folder.clone()) {
            (Some(tip), ..) => self.resume_at(tip)?,
            (None, Some(base), Some(folder)) => self.start_from_base(&folder, &base)?,
            (None, ..) => self.apply_genesis()?,
        }
        let stored = self.shared.head().height;
        self.replay(stored, last)
    }

    /// The log must begin where the genesis state or the base ends.
    fn check_continues(&self) -> Result<(), Fault> {
        let expected = self.bottom().next();
        match self.log.reader().first() {
            Some(first) if first != expected => Err(Fault::Damaged {
                place: "the block log".into(),
                reason: format!(
                    "it begins at height {first}, expected {expected}: blocks are missing, or the \
                     folder `base` that they continue; restore them"
                ),
            }),
            _ => Ok(()),
        }
    }

    /// The genesis state: the chain policy and the validators.
    fn apply_genesis(&mut self) -> Result<(), Fault> {
        let entries = genesis_entries(&self.shared.genesis);
        let mut leaves: Vec<_> = entries
            .iter()
            .map(|(key, value)| (key_hash(key), Some(value_hash(value))))
            .collect();
        leaves.sort_unstable();
        let (state_root, pages) = self.tree.update(&*self.shared.database, &leaves)?;
        self.tree.commit(&pages);
        let change = |(key, value): (Vec<u8>, Vec<u8>)| Change {
            key: key.into(),
            old: None,
            new: Some(value.into()),
        };
        self.shared.database.push(Layer {
            tip: Tip {
                height: Height::GENESIS,
                block: BlockHash::default(),
                state_root,
            },
            state: Changes::new(entries.into_iter().map(change).collect()),
            leaves,
            pages: page_rows(&pages),
            look_ups: Batch::new(),
            rows: Batch::new(),
        })?;
        self.set_head(genesis_header(&self.shared.genesis, state_root));
        while self.shared.database.store_next()? {}
        Ok(())
    }

    /// Takes the head from the log's block at the store's tip; the two must agree.
    fn resume_at(&mut self, tip: Tip) -> Result<(), Fault> {
        let base = self.shared.base();
        let header = match (tip.height, base) {
            (height, Some(base)) if height == base.height => Header::clone(&base),
            (Height::GENESIS, _) => genesis_header(&self.shared.genesis, tip.state_root),
            (height, _) => logged_block(&self.shared.log, height)?.header,
        };
        let agrees = tip.height == Height::GENESIS || header.hash() == tip.block;
        if !agrees || header.state_root != tip.state_root {
            return Err(Fault::Damaged {
                place: format!("the state store at height {}", tip.height),
                reason:
                    "it is not that of the log's block: delete the folder `state`, it is rebuilt \
                         from the log"
                        .into(),
            });
        }
        self.catch_up_tree(tip)?;
        self.set_head(header);
        self.read_guards()
    }

    /// Invariant STATE-5: the stored pages with the stored leaves above them give the root of the tip.
    fn catch_up_tree(&mut self, tip: Tip) -> Result<(), Fault> {
        let database = &self.shared.database;
        let leaves = database.resume_behind()?;
        if leaves.is_empty() {
            return Ok(());
        }
        let (root, pages) = self.tree.update(&**database, &leaves)?;
        if root != tip.state_root {
            return Err(Fault::Damaged {
                place: format!("the state tree of the store at height {}", tip.height),
                reason: format!(
                    "its root is {root}, that of the block is {}: delete the folder `state`, it is \
                     rebuilt from the log",
                    tip.state_root
                ),
            });
        }
        self.tree.commit(&pages);
        database.adopt_pages(&page_rows(&pages));
        Ok(())
    }

    /// Lets the filter know the replay guards of the stored state.
    fn read_guards(&self) -> Result<(), Fault> {
        self.each_guard(|until, hashes| {
            self.shared.filter.add(hashes.map(|hash| (until, hash)));
        })
    }

    /// Replay guards of the state that the filter denies.
    pub(crate) fn denied_guards(&self) -> Result<u64, Fault> {
        let (filter, mut denied) = (&self.shared.filter, 0_u64);
        self.each_guard(|until, hashes| {
            for hash in hashes {
                denied = denied.saturating_add(u64::from(!filter.may_contain(until, &hash)));
            }
        })?;
        Ok(denied)
    }

    /// Gives every row of replay guards of the latest state: end of validity, hashes.
    fn each_guard(
        &self,
        mut each: impl FnMut(Timestamp, &mut dyn Iterator<Item = TxHash>),
    ) -> Result<(), Fault> {
        let snapshot = self.snapshot(self.shared.head().height)?;
        let mut after = Vec::new();
        loop {
            let rows = snapshot.page(&key::replays(), &after, GUARD_ROWS)?;
            for (key, row) in &rows {
                let until = key::replay_valid_until(key).unwrap_or_default();
                each(until, &mut guard::hashes(row));
            }
            match rows.last() {
                Some((last, _)) if rows.len() == GUARD_ROWS => after.clone_from(last),
                _ => return Ok(()),
            }
        }
    }

    /// Executes the log's blocks above `stored`, up to `last`.
    fn replay(&mut self, stored: Height, last: Height) -> Result<(), Fault> {
        let mut height = stored;
        while height < last {
            height = height.next();
            let block = logged_block(&self.shared.log, height)?;
            self.replay_block(block)?;
            let (blocks, rows) = self.shared.database.pending();
            if blocks >= REPLAY_PENDING_MAX.0 || rows >= REPLAY_PENDING_MAX.1 {
                self.shared.database.store_next()?;
            }
        }
        while self.shared.database.store_next()? {}
        Ok(())
    }

    fn replay_block(&mut self, block: Block) -> Result<(), Fault> {
        let Block {
            header,
            transactions,
        } = block;
        let height = header.height.0;
        let candidates = transactions.into_iter().map(Admitted::unchecked).collect();
        let prepared =
            match self.prepare(header.time, candidates, OnRejection::Refuse, &mut quiet)? {
                Ok(prepared) => prepared,
                Err(invalid) => {
                    return Err(Fault::Diverged {
                        height,
                        what: "transaction",
                        computed: format!("refused: {invalid}"),
                        recorded: "executed".into(),
                    });
                }
            };
        let diverged = |what, computed: String, recorded: String| {
            Err(Fault::Diverged {
                height,
                what,
                computed,
                recorded,
            })
        };
        let ours = &prepared.header;
        if ours.receipts_root != header.receipts_root {
            return diverged(
                "receipts root",
                ours.receipts_root.to_string(),
                header.receipts_root.to_string(),
            );
        }
        if ours.state_root != header.state_root {
            return diverged(
                "state root",
                ours.state_root.to_string(),
                header.state_root.to_string(),
            );
        }
        if *ours != header {
            return diverged("header", ours.hash().to_string(), header.hash().to_string());
        }
        self.publish(prepared).map(|_| ())
    }

    /// Development networks: forgets every block above `height` and computes the state anew.
    ///
    /// # Errors
    /// Fault; also on a chain that is no development network.
    pub fn revert_to(&mut self, height: Height) -> Result<(), Fault> {
        if !self.shared.genesis.development {
            return Err(Fault::Unusable {
                place: "this chain".into(),
                reason: "blocks are reverted on development networks only".into(),
            });
        }
        if self.shared.base().is_some() {
            return Err(Fault::Unusable {
                place: "this chain".into(),
                reason: "it started from another node's state: its earlier blocks are not here"
                    .into(),
            });
        }
        self.log.truncate_after(height)?;
        self.shared.database.clear()?;
        self.tree = StateTree::new(TREE_PAGES);
        self.shared.forget_recent();
        self.shared.filter.clear();
        self.apply_genesis()?;
        self.replay(Height::GENESIS, height)
    }
}

/// Reads and decodes a block of `log`; `None` above its end.
pub(crate) fn read_block(log: &LogReader, height: Height) -> Result<Option<Block>, Fault> {
    let Some(payload) = log.read(height)? else {
        return Ok(None);
    };
    decode_canonical(&payload)
        .map(Some)
        .map_err(|error| Fault::Damaged {
            place: format!("block {height} of the log"),
            reason: error.to_string(),
        })
}

/// Reads and decodes a block that `log` must have.
///
/// # Errors
/// Fault: it is damaged, or missing.
pub fn logged_block(log: &LogReader, height: Height) -> Result<Block, Fault> {
    read_block(log, height)?.ok_or_else(|| Fault::Damaged {
        place: format!("block {height} of the log"),
        reason: "it is missing".into(),
    })
}
