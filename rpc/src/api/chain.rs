//! Group `chain_`: what the chain is, its blocks, its head.

use super::{NoParams, group};
use crate::types::{
    At, BlockView, ChainInfo, GenesisView, HashHex, Head, HeaderView, Order, Page, U64,
    ValidatorsView,
};
use serde::{Deserialize, Serialize};

/// How much of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// The header.
    #[default]
    Header,
    /// And the hashes of the transactions: enough to know which are durable, and quickly read.
    Hashes,
    /// And the transactions.
    Txs,
    /// And their receipts.
    Receipts,
}

/// Parameters of `chain_block`: a height or a hash; the latest block if neither is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChainBlock {
    /// By height.
    pub height: Option<At>,
    /// By hash.
    pub hash: Option<HashHex>,
    /// How much of it; the header if left out.
    pub detail: Option<Detail>,
}

/// Parameters of `chain_blocks`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChainBlocks {
    /// From this height, inclusive; 1 if left out.
    pub from: Option<U64>,
    /// To this height, inclusive; the latest if left out.
    pub to: Option<U64>,
    /// Oldest first if left out.
    pub order: Option<Order>,
    /// How many; 50 if left out, at most 100.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Parameters of `chain_validators`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChainValidators {
    /// At which height; the latest if left out.
    pub at: Option<At>,
}

group! {
    /// What the chain is, its blocks, its head.
    pub trait ChainApi {
        /// What a client learns once: identity, prefix, versions, limits, gas schedule.
        fn chain_info() -> ChainInfo, errors [];
        /// The latest block in short.
        fn chain_head() -> Head, errors [];
        /// A block by height or hash, with as much of it as asked for.
        fn chain_block(ChainBlock) -> BlockView, errors [1201, 1202];
        /// Headers in order.
        fn chain_blocks(ChainBlocks) -> Page<HeaderView>, errors [1401, 1404];
        /// The genesis document and its hash.
        fn chain_genesis() -> GenesisView, errors [];
        /// The validators, as governance has set them, at a height.
        fn chain_validators(ChainValidators) -> ValidatorsView, errors [1202];
    }
    subscriptions {
        /// The header of every new block.
        fn chain_subscribe_heads(NoParams) -> HeaderView, as "chain_head_changed", until "chain_unsubscribe_heads", errors [1405];
    }
}
