//! What travels: JSON views of the chain's types.
//!
//! | in Rust | in JSON |
//! |---|---|
//! | [`U64`], [`U128`] | decimal string; input also takes integers up to 2^53 - 1 |
//! | [`HashHex`], [`Hex`] | `0x` and lower-case hex digits |
//! | [`AddressText`] | bech32m; input also takes `0x` and 64 digits |
//! | [`At`] | a height, or `"latest"` |
//! | `Option` | left out or `null` |
//!
//! These are the only types of the protocol that know serde; `primitives` does not.

mod chain;
mod contract;
mod index;
mod node;
mod scalar;
mod state;
mod tx;

pub use chain::{
    AccessView, BlockView, ChainInfo, GasRow, GenesisView, Head, HeaderView, PolicyView, QuotaView,
    ValidatorItem, ValidatorsView,
};
pub use contract::{
    CellView, CodeView, ContractInfo, ContractState, EntryPointView, FieldView, ManyAnswer,
    ManyAnswers, QueryAnswer, RefusalView, SchemaAnswer, SchemaEventView, SchemaView,
};
pub use index::{HolderItem, TokenItem, TransferItem};
pub use node::{
    DevDump, DevHeight, DevSnapshot, DevTime, IndexStatus, NodePeers, NodeStatus, NodeVersion,
    PoolStatus,
};
pub use scalar::{AddressText, At, HashHex, Hex, Order, ScalarError, U64, U128};
pub use state::{
    AccountKind, AccountView, EntryItem, EntryView, EventItem, ProofView, QuotaUse, RawView,
    RootView,
};
pub use tx::{
    ActionView, BlockPlace, ChangeView, Encoded, EventView, FrameView, HaltView, OutcomeView,
    ReceiptView, Simulation, Submitted, SubmittedAs, TraceView, TxState, TxStatus, TxSummary,
    TxView,
};

use serde::{Deserialize, Serialize};

/// Free-form JSON of a contract's value: read without repeated keys, see [`crate::codec`].
pub type Json = crate::codec::StrictValue;

/// One page of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts: pass it as `cursor`; absent at the end.
    pub next_cursor: Option<String>,
    /// Lowest height that was looked at.
    pub scanned_from: U64,
    /// Highest height that was looked at.
    pub scanned_to: U64,
    /// Oldest height whose state can be queried.
    pub oldest_height: U64,
    /// Lowest height whose block, transactions and events are here: above 1 where the node started from
    /// another node's state.
    pub oldest_block: U64,
    /// Latest height.
    pub latest_height: U64,
}
