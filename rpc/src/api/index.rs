//! Group `index_`: tokens, their holders, and what moved.

use super::group;
use crate::types::{
    AddressText, At, HolderItem, IndexStatus, Order, Page, TokenItem, TransferItem, U64,
};
use serde::{Deserialize, Serialize};

/// Parameters of `index_tokens`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IndexTokens {
    /// Of this symbol.
    pub symbol: Option<String>,
    /// How many; 50 if left out, at most 100.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Parameters of `index_holders`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IndexHolders {
    /// Of this token.
    pub token: AddressText,
    /// At this height; the latest if left out.
    pub at: Option<At>,
    /// How many; 50 if left out, at most 100.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Parameters of `index_transfers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IndexTransfers {
    /// Of this token; of all if left out.
    pub token: Option<AddressText>,
    /// From or to this wallet.
    pub account: Option<AddressText>,
    /// From this height, inclusive.
    pub from: Option<U64>,
    /// To this height, inclusive.
    pub to: Option<U64>,
    /// Oldest first if left out.
    pub order: Option<Order>,
    /// How many; 50 if left out, at most 100.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

group! {
    /// Tokens, their holders, and what moved.
    pub trait IndexApi {
        /// How far the index of transactions and events is.
        fn index_status() -> IndexStatus, errors [];
        /// Tokens in the order of their addresses: contracts whose rules say that the amounts of a map by
        /// address add up to a cell `supply`.
        fn index_tokens(IndexTokens) -> Page<TokenItem>, errors [1401, 1404];
        /// Wallets with units of a token, in the order of their addresses.
        fn index_holders(IndexHolders) -> Page<HolderItem>,
            errors [1201, 1202, 1203, 1301, 1303, 1401, 1404];
        /// Units that moved, were created or destroyed: events `Transfer`, `Mint` and `Burn` with the
        /// fields `from`, `to` and `amount`.
        fn index_transfers(IndexTransfers) -> Page<TransferItem>, errors [1301, 1303, 1401, 1404];
    }
    subscriptions {}
}
