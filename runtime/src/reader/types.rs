//! What readers ask for and get.

use crate::error::Fault;
use crate::state::Value;
use crate::vm::code::Description;
use weighhouse_primitives::rule::Rule;
use weighhouse_primitives::schema::{BuildRecord, CellSchema, Schema};
use weighhouse_primitives::{Address, Event, Gas, Height, Outcome, Receipt, Transaction, TxHash};

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
    /// A block from before the state that this node started from.
    #[error(
        "block {asked} is not here: this node started from another's state and has blocks {oldest} to {latest}"
    )]
    Missing {
        /// What was asked for.
        asked: Height,
        /// Lowest height whose block is here.
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
    /// Too large a state to build the tree of an earlier height again for one proof.
    #[error(
        "the state has more than {entries} entries or {bytes} bytes: a proof is made under the latest root only"
    )]
    StateTooLarge {
        /// Bound of the entries.
        entries: usize,
        /// Bound of their bytes.
        bytes: usize,
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

impl From<Description> for CodeInfo {
    fn from(description: Description) -> Self {
        let Description {
            schema,
            cells,
            rules,
            build,
            ..
        } = description;
        Self {
            schema,
            cells,
            rules,
            build,
        }
    }
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
