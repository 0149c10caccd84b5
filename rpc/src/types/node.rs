//! Views of the node itself.

use super::{HashHex, Hex, U64};
use serde::{Deserialize, Serialize};

/// Versions of what runs here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct NodeVersion {
    /// Version of the node.
    pub node: String,
    /// Version of this interface.
    pub rpc: String,
    /// Version of the contract interface.
    pub abi: String,
    /// Version of limits, schedule and instrumentation.
    pub protocol: u32,
}

/// Transactions that wait for a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct PoolStatus {
    /// How many.
    pub count: U64,
    /// Their bytes.
    pub bytes: U64,
    /// How many fit.
    pub count_max: U64,
}

/// How the node is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct NodeStatus {
    /// Latest height.
    pub height: U64,
    /// Time of the latest block, in seconds since 1970.
    pub time: U64,
    /// Oldest height whose state can be queried.
    pub oldest_height: U64,
    /// Lowest height whose block, transactions and events are here: above 1 where the node started from
    /// another node's state.
    pub oldest_block: U64,
    /// True while the node is not where the others of its chain are; a solo node always is.
    pub syncing: bool,
    /// True if the node can take transactions.
    pub ready: bool,
    /// `ready`; `syncing`: behind the others of its chain; `read_only`: answers, and takes no transactions
    /// (1502); `faulted`: it has stopped and is ending (1503).
    pub state: String,
    /// Why the node takes no transactions, if it takes none.
    pub reason: Option<String>,
    /// Waiting transactions.
    pub pool: PoolStatus,
    /// Bytes of the store.
    pub store_bytes: U64,
    /// Bytes of the block log.
    pub log_bytes: U64,
    /// Blocks committed but not yet in the store.
    pub store_lag: U64,
    /// Seconds since the server started.
    pub uptime_seconds: U64,
}

/// How far the index of transactions and events is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct IndexStatus {
    /// Height up to which it answers.
    pub indexed_height: U64,
    /// Latest height.
    pub latest_height: U64,
}

/// Other nodes that this one talks to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct NodePeers {
    /// Their addresses; a solo node has none.
    pub peers: Vec<String>,
}

/// Every block of a development network: what `dev_dump` answers and `dev_load` takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DevDump {
    /// Chain that the blocks are of.
    pub genesis_hash: HashHex,
    /// Height of the last block.
    pub height: U64,
    /// SCALE of each block, from height 1.
    pub blocks: Vec<Hex>,
}

/// Height after a development command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct DevHeight {
    /// The latest height now.
    pub height: U64,
}

/// Clock after a development command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct DevTime {
    /// Time of the next block, in seconds since 1970.
    pub time: U64,
}

/// A point to return to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct DevSnapshot {
    /// Give it to `dev_revert`.
    pub id: U64,
    /// Its height.
    pub height: U64,
}
