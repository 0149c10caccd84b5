//! Reading the chain from any thread: admission, look-ups, queries, simulation, proofs.
//!
//! A reader never writes and never waits for the executor. Whatever it answers belongs to one height.
//! [`Reader::query`], [`Reader::simulate`] and [`Reader::trace`] run contracts: call them on a thread
//! with [`crate::limits::EXECUTOR_STACK_BYTES`] of stack.

mod execution;
mod listing;
mod past;
mod types;

pub use past::{PAST_BYTES_MAX, PAST_ENTRIES_MAX};
pub use types::{
    Answer, CodeInfo, EventFilter, Listing, Located, LocatedEvent, Position, Query, ReadError,
    ReaderStatus, Simulated, StateChange, TraceFrame, TxFilter,
};

use crate::admission::{self, Admitted, Gate, Rejection, Replayed, Unproven};
use crate::chain::{Clock, Committed, Shared};
use crate::error::Fault;
use crate::genesis::Genesis;
use crate::recovery::{genesis_entries, genesis_header, read_block};
use crate::state::record::{AccountRecord, CodeRecord, ContractRecord};
use crate::state::root::{prove, rebuild};
use crate::state::snapshot::Snapshot;
use crate::state::{Page, Read, StateRead, Value, guard, key};
use crate::vm::code::Code;
use crate::vm::read_code;
use parity_scale_codec::Decode;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use weighhouse_primitives::policy::{ChainPolicy, ValidatorSet};
use weighhouse_primitives::proof::StateProof;
use weighhouse_primitives::{
    Address, Block, CodeHash, Hash, Header, Height, StateRoot, Timestamp, TxHash,
};

/// How often a proof is tried again when the head moves on meanwhile.
const PROOF_TRIES: usize = 8;

/// The reading side of a chain; cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {
    shared: Arc<Shared>,
}

impl Reader {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The genesis document.
    #[must_use]
    pub fn genesis(&self) -> &Genesis {
        &self.shared.genesis
    }

    /// Header of the latest committed block; of the genesis state (height 0) before the first.
    #[must_use]
    pub fn head(&self) -> Arc<Header> {
        self.shared.head()
    }

    /// Tells the reader what time the next block will have, so that admission, simulation and queries
    /// at the latest state see the time that execution would. Never before the head's.
    pub fn set_pending_time(&self, time: Timestamp) {
        self.shared.pending_time.store(time.0, Ordering::SeqCst);
    }

    /// As [`Reader::set_pending_time`], for a clock that runs: asked whenever the time is needed.
    pub fn set_clock(&self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) {
        let mut place = self
            .shared
            .clock
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = Some(Clock(Arc::new(clock)));
    }

    /// Time of the next block, as far as known; never before the head's.
    #[must_use]
    pub fn pending_time(&self) -> Timestamp {
        let clock = self
            .shared
            .clock
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let told = || Timestamp(self.shared.pending_time.load(Ordering::SeqCst));
        clock
            .as_ref()
            .map_or_else(told, |clock| (clock.0)())
            .max(self.head().time)
    }

    /// Admission at the latest state: everything that is checked before a block.
    ///
    /// # Errors
    /// Fault; the inner error is the rejection.
    pub fn check(&self, bytes: &[u8]) -> Result<Result<Admitted, Rejection>, Fault> {
        Ok(self.check_unproven(bytes)?.and_then(Unproven::prove))
    }

    /// As [`Reader::check`], all but the equations of the signatures: many can be proved together.
    ///
    /// # Errors
    /// Fault; the inner error is the rejection.
    pub fn check_unproven(&self, bytes: &[u8]) -> Result<Result<Unproven, Rejection>, Fault> {
        self.at_the_gate(|gate, read, replayed| admission::check(bytes, gate, read, replayed))
    }

    /// Admission at the latest state of a transaction that was admitted at an earlier one: its shape and
    /// signature are not looked at again.
    ///
    /// # Errors
    /// Fault; the inner error is the rejection.
    pub fn recheck(&self, admitted: &Admitted) -> Result<Result<(), Rejection>, Fault> {
        self.at_the_gate(|gate, read, replayed| admission::recheck(admitted, gate, read, replayed))
    }

    /// Decodes a transaction and checks that its signer wanted it; the state is not looked at.
    ///
    /// # Errors
    /// Not a transaction, or not authorised by its signer.
    pub fn signed(&self, bytes: &[u8]) -> Result<Admitted, Rejection> {
        admission::signed(bytes, self.shared.genesis.development)
    }

    /// As [`Reader::signed`], all but the equations of the signatures: many can be proved together.
    ///
    /// # Errors
    /// Not a transaction, or not authorised by its signer.
    pub fn signed_unproven(&self, bytes: &[u8]) -> Result<Unproven, Rejection> {
        admission::signed_unproven(bytes, self.shared.genesis.development)
    }

    /// Runs a check at the latest state.
    fn at_the_gate<T>(
        &self,
        check: impl FnOnce(&Gate<'_>, Read<'_>, Replayed<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let snapshot = self.latest()?;
        let policy = policy_of(&snapshot)?;
        let gate = Gate {
            chain: self.shared.genesis_hash,
            development: self.shared.genesis.development,
            now: self.pending_time(),
            policy: &policy,
        };
        let filter = &self.shared.filter;
        let mut replayed = |valid_until, hash: &TxHash| {
            if !filter.may_contain(valid_until, hash) {
                return Ok(false);
            }
            let mut page = |prefix: &[u8], after: &[u8], limit| snapshot.page(prefix, after, limit);
            guard::is_guarded(&mut page, valid_until, hash)
        };
        check(&gate, &mut |key| snapshot.get(key), &mut replayed)
    }

    /// Checks and compiles code off the block path, so that the first call finds it ready.
    ///
    /// # Errors
    /// Fault; the inner error says which rule the module breaks, where, and the cure.
    pub fn prepare_code(&self, code: &[u8]) -> Result<Result<CodeHash, Rejection>, Fault> {
        let prepared = self.shared.vm.prepare(code)?;
        Ok(prepared.map_err(|error| Rejection::BadCode {
            reason: error.to_string(),
        }))
    }

    fn latest(&self) -> Result<Snapshot, Fault> {
        match self.snapshot(None) {
            Ok(snapshot) => Ok(snapshot),
            Err(ReadError::Fault(fault)) => Err(fault),
            Err(other) => Err(Fault::Damaged {
                place: "the latest state".into(),
                reason: other.to_string(),
            }),
        }
    }

    /// The state as at a height; the latest for `None`.
    fn snapshot(&self, at: Option<Height>) -> Result<Snapshot, ReadError> {
        let height = at.unwrap_or_else(|| self.head().height);
        self.shared
            .database
            .snapshot(height)
            .map_err(|unavailable| ReadError::Height {
                asked: unavailable.asked,
                oldest: unavailable.oldest,
                latest: unavailable.latest,
            })
    }

    /// A block by height (1 and above).
    ///
    /// # Errors
    /// Fault.
    pub fn block(&self, height: Height) -> Result<Option<Block>, Fault> {
        if let Some(committed) = self.committed(height) {
            return Ok(Some(committed.block.clone()));
        }
        if height < self.oldest_block() || height > self.head().height {
            return Ok(None);
        }
        read_block(&self.shared.log, height)
    }

    /// Lowest height whose block is here: 1, unless the chain started from another node's state.
    #[must_use]
    pub fn oldest_block(&self) -> Height {
        let base = self.shared.base();
        base.map_or(Height::GENESIS, |base| base.height).next()
    }

    /// Refuses heights whose blocks this node never had.
    ///
    /// # Errors
    /// `ReadError::Missing` if `height` is one of them.
    pub fn must_have(&self, height: Height) -> Result<(), ReadError> {
        let oldest = self.oldest_block();
        if height == Height::GENESIS || height >= oldest {
            return Ok(());
        }
        Err(ReadError::Missing {
            asked: height,
            oldest,
            latest: self.head().height,
        })
    }

    /// The state as at a height of its own, for whoever reads all of it beside the chain, with its header.
    /// Hold it no longer than that takes: it keeps pruning away.
    ///
    /// # Errors
    /// Height not available, or fault.
    pub fn whole_state(&self, at: Height) -> Result<(Header, Snapshot), ReadError> {
        let snapshot = self.snapshot(Some(at))?;
        let header = self.header(at)?.ok_or_else(|| Fault::Damaged {
            place: format!("block {at}"),
            reason: "its state is kept, but it is not".into(),
        })?;
        Ok((header, snapshot))
    }

    /// Height of the state that has reached the store.
    #[must_use]
    pub fn stored_height(&self) -> Height {
        let stored = self.shared.database.stored();
        stored.map_or(Height::GENESIS, |tip| tip.height)
    }

    /// A header by height; height 0 is the genesis state.
    ///
    /// # Errors
    /// Fault.
    pub fn header(&self, height: Height) -> Result<Option<Header>, Fault> {
        if let Some(base) = self.shared.base().filter(|base| base.height == height) {
            return Ok(Some(Header::clone(&base)));
        }
        if height != Height::GENESIS {
            return Ok(self.block(height)?.map(|block| block.header));
        }
        let root = rebuild(genesis_entries(&self.shared.genesis));
        Ok(Some(genesis_header(&self.shared.genesis, root)))
    }

    /// Receipts, block and debug lines of the latest commits, for those who come late.
    #[must_use]
    pub fn committed(&self, height: Height) -> Option<Arc<Committed>> {
        let recent = self
            .shared
            .recent
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let first = recent.front()?.block.header.height;
        let position = usize::try_from(height.0.checked_sub(first.0)?).ok()?;
        recent.get(position).map(Arc::clone)
    }

    /// Value of a state key.
    ///
    /// # Errors
    /// Height not available, or fault.
    pub fn state(
        &self,
        key: &[u8],
        at: Option<Height>,
    ) -> Result<(Height, Option<Value>), ReadError> {
        let snapshot = self.snapshot(at)?;
        Ok((snapshot.height(), snapshot.get(key)?))
    }

    /// Page of state keys.
    ///
    /// # Errors
    /// Height not available, or fault.
    pub fn state_page(
        &self,
        prefix: &[u8],
        after: &[u8],
        limit: usize,
        at: Option<Height>,
    ) -> Result<(Height, Page), ReadError> {
        let snapshot = self.snapshot(at)?;
        Ok((snapshot.height(), snapshot.page(prefix, after, limit)?))
    }

    /// Proof of a state key under the latest state root: the header that holds the root, the value,
    /// the proof. It is verified before it is given out.
    ///
    /// # Errors
    /// Fault.
    pub fn prove(&self, key: &[u8]) -> Result<(Arc<Header>, Option<Value>, StateProof), Fault> {
        // The head may move between reading pages; then the proof does not hold and is made again.
        for _ in 0..PROOF_TRIES {
            let header = self.head();
            let value = self.latest()?.get(key)?;
            let proof = prove(&*self.shared.database, key)?;
            if proof.verify(&header.state_root, key, value.as_deref()) {
                return Ok((header, value, proof));
            }
        }
        Err(Fault::Damaged {
            place: "the state tree".into(),
            reason: format!("no proof of the key holds after {PROOF_TRIES} tries"),
        })
    }

    /// An account's record.
    ///
    /// # Errors
    /// Height not available, or fault.
    pub fn account(
        &self,
        address: &Address,
        at: Option<Height>,
    ) -> Result<(Height, AccountRecord), ReadError> {
        let (height, value) = self.state(&key::account(address), at)?;
        Ok((
            height,
            value
                .map(|bytes| decode(&bytes))
                .transpose()?
                .unwrap_or_default(),
        ))
    }

    /// A contract's record.
    ///
    /// # Errors
    /// Not found, height not available, or fault.
    pub fn contract(
        &self,
        address: &Address,
        at: Option<Height>,
    ) -> Result<(Height, ContractRecord), ReadError> {
        let (height, value) = self.state(&key::contract(address), at)?;
        let bytes = value.ok_or(ReadError::NotFound { what: "contract" })?;
        Ok((height, decode(&bytes)?))
    }

    /// Contracts in order of address, after one.
    ///
    /// # Errors
    /// Fault.
    pub fn contracts(
        &self,
        after: Option<&Address>,
        limit: usize,
    ) -> Result<Vec<(Address, ContractRecord)>, Fault> {
        let after = after.map(key::contract).unwrap_or_default();
        let page = self.latest()?.page(&key::contracts(), &after, limit)?;
        page.iter()
            .filter_map(|(key, value)| {
                let address = key.get(1..)?.first_chunk::<32>()?;
                Some(decode(value).map(|record| (Address(*address), record)))
            })
            .collect()
    }

    /// A code's record.
    ///
    /// # Errors
    /// Not found, or fault.
    pub fn code(&self, hash: &CodeHash) -> Result<CodeRecord, ReadError> {
        let value = self.latest()?.get(&key::code(hash))?;
        Ok(decode(&value.ok_or(ReadError::NotFound { what: "code" })?)?)
    }

    /// A code's bytes.
    ///
    /// # Errors
    /// Not found, or fault.
    pub fn code_bytes(&self, hash: &CodeHash) -> Result<Vec<u8>, ReadError> {
        self.code(hash)?;
        let snapshot = self.latest()?;
        Ok(read_code(hash, &mut |key| snapshot.get(key))?)
    }

    /// What a code says of itself; kept in memory after the first time.
    ///
    /// # Errors
    /// Not found, or fault.
    pub fn code_info(&self, hash: &CodeHash) -> Result<Arc<CodeInfo>, ReadError> {
        if let Some(info) = self.shared.infos.get(hash) {
            return Ok(info);
        }
        let bytes = self.code_bytes(hash)?;
        Ok(self.keep_info(hash, &bytes)?)
    }

    /// Keeps in memory what these bytes of a code say of itself.
    fn keep_info(&self, hash: &CodeHash, bytes: &[u8]) -> Result<Arc<CodeInfo>, Fault> {
        let description = Code::describe(bytes).map_err(|error| Fault::Damaged {
            place: format!("code {hash}"),
            reason: error.to_string(),
        })?;
        let info = Arc::new(CodeInfo::from(description));
        self.shared.infos.insert(*hash, Arc::clone(&info));
        Ok(info)
    }

    /// Loads the code of deployed contracts, at most `limit` of them by address, so that their first call
    /// after a start finds it in memory. Returns the number of different codes.
    ///
    /// # Errors
    /// Fault.
    pub fn load_contracts(&self, limit: usize) -> Result<usize, ReadError> {
        let contracts = self.contracts(None, limit)?;
        let codes: BTreeSet<CodeHash> = contracts.iter().map(|(_, record)| record.code).collect();
        let snapshot = self.latest()?;
        for code in &codes {
            let bytes = read_code(code, &mut |key| snapshot.get(key))?;
            self.keep_info(code, &bytes)?;
            self.shared.vm.linked(code, || Ok(bytes.clone()))?;
        }
        Ok(codes.len())
    }

    /// The chain policy.
    ///
    /// # Errors
    /// Height not available, or fault.
    pub fn policy(&self, at: Option<Height>) -> Result<ChainPolicy, ReadError> {
        Ok(policy_of(&self.snapshot(at)?)?)
    }

    /// The validators, if the genesis names any; with the height.
    ///
    /// # Errors
    /// Height not available, or fault.
    pub fn validators(&self, at: Option<Height>) -> Result<(Height, ValidatorSet), ReadError> {
        let (height, value) = self.state(&key::validators(), at)?;
        let set = value.map(|bytes| decode(&bytes)).transpose()?;
        Ok((height, set.unwrap_or_default()))
    }

    /// Figures for status and metrics.
    ///
    /// # Errors
    /// Fault.
    pub fn status(&self) -> Result<ReaderStatus, Fault> {
        Ok(ReaderStatus {
            oldest: self.shared.database.oldest(),
            store_bytes: self.shared.database.stats()?.bytes,
            log_bytes: self.shared.log.bytes()?,
            store_lag: self.shared.database.pending().0,
        })
    }

    /// Recomputes the state root from the flat state: the offline corruption check.
    ///
    /// # Errors
    /// Fault.
    pub fn recompute_root(&self) -> Result<StateRoot, Fault> {
        let snapshot = self.latest()?;
        let mut leaves: Vec<(Hash, Hash)> = Vec::new();
        let mut after = Vec::new();
        loop {
            let page = snapshot.page(&[], &after, 4_096)?;
            let Some((last, _)) = page.last() else { break };
            after.clone_from(last);
            leaves.extend(page.iter().map(|(key, value)| {
                use weighhouse_primitives::proof::{key_hash, value_hash};
                (key_hash(key), value_hash(value))
            }));
        }
        Ok(crate::state::root::rebuild_hashed(leaves))
    }
}

fn decode<T: Decode>(bytes: &[u8]) -> Result<T, Fault> {
    Ok(T::decode(&mut &*bytes)?)
}

fn policy_of(state: &impl StateRead) -> Result<ChainPolicy, Fault> {
    let bytes = state.get(&key::policy())?.ok_or_else(|| Fault::Damaged {
        place: "chain policy".into(),
        reason: "absent from the state".into(),
    })?;
    decode(&bytes)
}
