//! Reading the chain from any thread: admission, look-ups, queries, simulation, proofs.

use crate::admission::{Admitted, Rejection};
use crate::chain::Committed;
use crate::error::Fault;
use crate::genesis::Genesis;
use crate::state::record::{AccountRecord, CodeRecord, ContractRecord};
use crate::state::{Page, Value};
use std::sync::Arc;
use weighhouse_primitives::policy::ChainPolicy;
use weighhouse_primitives::proof::StateProof;
use weighhouse_primitives::rule::Rule;
use weighhouse_primitives::schema::{BuildRecord, CellSchema, Schema};
use weighhouse_primitives::{
    Address, Block, BlockHash, CodeHash, Event, Gas, Hash, Header, Height, Outcome, Payload,
    Receipt, Transaction, TxHash,
};

/// Why a read cannot be answered. `Fault` is the node's trouble, the others are answers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No such height, or its state is no longer kept.
    #[error("height {asked} is not available; state is kept from {oldest} to {latest}")]
    Height {
        /// What was asked for.
        asked: Height,
        /// Oldest height that can be asked for.
        oldest: Height,
        /// Latest height.
        latest: Height,
    },
    /// There is nothing there.
    #[error("no such {what}")]
    NotFound {
        /// `contract`, `code`, `transaction`, ...
        what: &'static str,
    },
    /// This node is ill.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A transaction where it was executed.
#[derive(Clone, Debug)]
pub struct Located {
    /// In which block.
    pub height: Height,
    /// At which place.
    pub index: u32,
    /// Itself.
    pub transaction: Transaction,
    /// Its receipt.
    pub receipt: Receipt,
}

/// What a contract's code says of itself.
#[derive(Clone, Debug)]
pub struct CodeInfo {
    /// Its interface.
    pub schema: Schema,
    /// Its storage cells.
    pub cells: Vec<CellSchema>,
    /// Its declared rules.
    pub rules: Vec<Rule>,
    /// How it was built, if it says so.
    pub build: Option<BuildRecord>,
}

/// A read-only call.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which contract.
    pub contract: Address,
    /// `selector ‖ SCALE(arguments)` of a query or a check.
    pub input: Vec<u8>,
    /// In whose name; [`Address::ZERO`] for nobody.
    pub caller: Address,
    /// At which height; `None` for the latest.
    pub at: Option<Height>,
    /// Most gas, up to [`crate::limits::QUERY_GAS_MAX`].
    pub gas_limit: Gas,
}

/// Answer to a query.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Height whose state answered.
    pub height: Height,
    /// How it ended.
    pub outcome: Outcome,
    /// Work done.
    pub gas_used: Gas,
    /// Debug lines and panic messages.
    pub debug: Vec<String>,
}

/// One call of a transaction's call tree.
#[derive(Clone, Debug)]
pub struct TraceFrame {
    /// Contracts above it.
    pub depth: u32,
    /// Which contract.
    pub contract: Address,
    /// Who called it.
    pub caller: Address,
    /// `selector ‖ SCALE(arguments)`.
    pub input: Vec<u8>,
    /// How it ended.
    pub outcome: Outcome,
    /// Gas used, frames below included.
    pub gas_used: Gas,
    /// Calls of host functions, by name.
    pub host_calls: Vec<(&'static str, u64)>,
}

/// A state key that a transaction changes.
#[derive(Clone, Debug)]
pub struct StateChange {
    /// The state key ([`crate::state::key`]).
    pub key: Vec<u8>,
    /// Value before; `None` if absent.
    pub old: Option<Value>,
    /// Value after; `None` if removed.
    pub new: Option<Value>,
}

/// What executing a transaction would do, or did.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// State after which it was executed.
    pub height: Height,
    /// The receipt it would get, to the gas.
    pub receipt: Receipt,
    /// What it changes, by key.
    pub changes: Vec<StateChange>,
    /// Its calls, in order of entry.
    pub frames: Vec<TraceFrame>,
    /// Debug lines and panic messages.
    pub debug: Vec<String>,
}

/// An event where it was emitted.
#[derive(Clone, Debug)]
pub struct LocatedEvent {
    /// In which block.
    pub height: Height,
    /// By which transaction of the block.
    pub tx_index: u32,
    /// As which event of the transaction.
    pub event_index: u32,
    /// Hash of the transaction.
    pub tx: TxHash,
    /// Itself.
    pub event: Event,
}

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Of this contract only.
    pub contract: Option<Address>,
    /// Of this kind only.
    pub kind: Option<u32>,
    /// From this height, inclusive.
    pub from: Height,
    /// To this height, inclusive; `None` for the latest.
    pub to: Option<Height>,
    /// Latest first.
    pub descending: bool,
}

/// Position in a listing of events or transactions: pages resume strictly after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Block.
    pub height: Height,
    /// Transaction of the block.
    pub tx_index: u32,
    /// Event of the transaction; 0 in listings of transactions.
    pub event_index: u32,
}

/// Which transactions.
#[derive(Clone, Debug, Default)]
pub struct TxFilter {
    /// Signed by this account.
    pub account: Option<Address>,
    /// Called, deployed or upgraded this contract.
    pub contract: Option<Address>,
    /// From this height, inclusive.
    pub from: Height,
    /// To this height, inclusive; `None` for the latest.
    pub to: Option<Height>,
    /// Latest first.
    pub descending: bool,
}

/// One page of a listing, with where to go on.
#[derive(Clone, Debug)]
pub struct Listing<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page resumes; `None` at the end.
    pub next: Option<Position>,
}

/// Figures of the node for status and metrics.
#[derive(Clone, Debug, Default)]
pub struct ReaderStatus {
    /// Oldest height whose state can be queried.
    pub oldest: Height,
    /// Bytes that the store occupies.
    pub store_bytes: u64,
    /// Bytes that the block log occupies.
    pub log_bytes: u64,
    /// Blocks committed but not yet in the store.
    pub store_lag: usize,
}

/// The reading side of a chain; cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {}

impl Reader {
    /// The genesis document.
    pub fn genesis(&self) -> &Genesis {
        unimplemented!()
    }
    /// Header of the latest committed block; of the genesis state (height 0) before the first.
    pub fn head(&self) -> Arc<Header> {
        unimplemented!()
    }
    /// Admission at the latest state: everything that is checked before a block.
    pub fn check(&self, _bytes: &[u8]) -> Result<Result<Admitted, Rejection>, Fault> {
        unimplemented!()
    }
    /// A block by height (1 and above).
    pub fn block(&self, _height: Height) -> Result<Option<Block>, Fault> {
        unimplemented!()
    }
    /// A header by height; height 0 is the genesis state.
    pub fn header(&self, _height: Height) -> Result<Option<Header>, Fault> {
        unimplemented!()
    }
    /// Height of a block by its hash.
    pub fn height_of(&self, _hash: &BlockHash) -> Result<Option<Height>, Fault> {
        unimplemented!()
    }
    /// Receipts of a block.
    pub fn receipts(&self, _height: Height) -> Result<Option<Vec<Receipt>>, Fault> {
        unimplemented!()
    }
    /// A committed transaction with its receipt.
    pub fn transaction(&self, _hash: &TxHash) -> Result<Option<Located>, Fault> {
        unimplemented!()
    }
    /// Transactions by account or contract.
    pub fn transactions(
        &self,
        _filter: &TxFilter,
        _after: Option<Position>,
        _limit: usize,
    ) -> Result<Listing<Located>, Fault> {
        unimplemented!()
    }
    /// Events by filter.
    pub fn events(
        &self,
        _filter: &EventFilter,
        _after: Option<Position>,
        _limit: usize,
    ) -> Result<Listing<LocatedEvent>, Fault> {
        unimplemented!()
    }
    /// Value of a state key.
    pub fn state(
        &self,
        _key: &[u8],
        _at: Option<Height>,
    ) -> Result<(Height, Option<Value>), ReadError> {
        unimplemented!()
    }
    /// Page of state keys.
    pub fn state_page(
        &self,
        _prefix: &[u8],
        _after: &[u8],
        _limit: usize,
        _at: Option<Height>,
    ) -> Result<(Height, Page), ReadError> {
        unimplemented!()
    }
    /// Proof of a state key under the latest state root.
    pub fn prove(&self, _key: &[u8]) -> Result<(Arc<Header>, Option<Value>, StateProof), Fault> {
        unimplemented!()
    }
    /// An account's record.
    pub fn account(
        &self,
        _address: &Address,
        _at: Option<Height>,
    ) -> Result<(Height, AccountRecord), ReadError> {
        unimplemented!()
    }
    /// A contract's record.
    pub fn contract(
        &self,
        _address: &Address,
        _at: Option<Height>,
    ) -> Result<(Height, ContractRecord), ReadError> {
        unimplemented!()
    }
    /// Contracts in order of address, after one.
    pub fn contracts(
        &self,
        _after: Option<&Address>,
        _limit: usize,
    ) -> Result<Vec<(Address, ContractRecord)>, Fault> {
        unimplemented!()
    }
    /// A code's record.
    pub fn code(&self, _hash: &CodeHash) -> Result<CodeRecord, ReadError> {
        unimplemented!()
    }
    /// A code's bytes.
    pub fn code_bytes(&self, _hash: &CodeHash) -> Result<Vec<u8>, ReadError> {
        unimplemented!()
    }
    /// What a code says of itself; cached.
    pub fn code_info(&self, _hash: &CodeHash) -> Result<Arc<CodeInfo>, ReadError> {
        unimplemented!()
    }
    /// The chain policy.
    pub fn policy(&self, _at: Option<Height>) -> Result<ChainPolicy, ReadError> {
        unimplemented!()
    }
    /// Runs a query or a check. Must be called on a thread with a large stack: see [`Reader::query`].
    pub fn query(&self, _query: &Query) -> Result<Answer, ReadError> {
        unimplemented!()
    }
    /// Several queries at one height.
    pub fn query_many(&self, _queries: &[Query]) -> Result<Vec<Answer>, ReadError> {
        unimplemented!()
    }
    /// What executing a payload would do after the state at `at`, to the gas; signatures are not asked for.
    pub fn simulate(
        &self,
        _payload: &Payload,
        _at: Option<Height>,
    ) -> Result<Simulated, ReadError> {
        unimplemented!()
    }
    /// What a committed transaction did: executes its block again up to it.
    pub fn trace(&self, _hash: &TxHash) -> Result<Simulated, ReadError> {
        unimplemented!()
    }
    /// Checks and compiles code off the block path, so that the first call finds it ready.
    pub fn prepare_code(&self, _code: &[u8]) -> Result<Result<CodeHash, Rejection>, Fault> {
        unimplemented!()
    }
    /// Receipts, block and debug lines of the latest commits, for those who come late.
    pub fn committed(&self, _height: Height) -> Option<Arc<Committed>> {
        unimplemented!()
    }
    /// Figures for status and metrics.
    pub fn status(&self) -> Result<ReaderStatus, Fault> {
        unimplemented!()
    }
    /// Recomputes the state root from the flat state: the offline corruption check.
    pub fn recompute_root(&self) -> Result<Hash, Fault> {
        unimplemented!()
    }
}
