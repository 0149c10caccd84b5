//! Group `state_`: accounts, storage, roots and proofs.

use super::group;
use crate::types::{
    AccountView, AddressText, At, EntryItem, EntryView, Hex, Json, Page, RawView, RootView,
};
use serde::{Deserialize, Serialize};

/// Parameters of `state_account`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StateAccount {
    /// Which account or contract.
    pub address: AddressText,
    /// At this height; the latest if left out.
    pub at: Option<At>,
}

/// Parameters of `state_entry`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StateEntry {
    /// Which contract.
    pub address: AddressText,
    /// Which storage cell.
    pub cell: String,
    /// Which key of a map.
    pub key: Option<Json>,
    /// At this height; the latest if left out.
    pub at: Option<At>,
    /// With a proof. At an earlier height it is built from the whole state, which must be small.
    pub proof: Option<bool>,
}

/// Parameters of `state_entries`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StateEntries {
    /// Which contract.
    pub address: AddressText,
    /// Which map.
    pub cell: String,
    /// Keys whose encoding starts with these bytes.
    pub prefix: Option<Hex>,
    /// At this height; the latest if left out.
    pub at: Option<At>,
    /// How many; 50 if left out, at most 100.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Parameters of `state_raw`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StateRaw {
    /// The state key.
    pub key: Hex,
    /// At this height; the latest if left out.
    pub at: Option<At>,
    /// With a proof. At an earlier height it is built from the whole state, which must be small.
    pub proof: Option<bool>,
}

/// Parameters of `state_root`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StateRootAt {
    /// At this height; the latest if left out.
    pub at: Option<At>,
}

group! {
    /// Accounts, storage, roots and proofs.
    pub trait StateApi {
        /// What stands at an address, and its use of the quota.
        fn state_account(StateAccount) -> AccountView, errors [1202, 1301, 1303];
        /// One storage entry of a contract, decoded by its schema.
        fn state_entry(StateEntry) -> EntryView, errors [1201, 1202, 1301, 1302, 1303, 1401, 1403];
        /// The entries of a map, in the order of their keys.
        fn state_entries(StateEntries) -> Page<EntryItem>, errors [1201, 1202, 1301, 1302, 1303, 1401, 1404];
        /// A value by its state key.
        fn state_raw(StateRaw) -> RawView, errors [1202, 1401, 1403];
        /// The state root.
        fn state_root(StateRootAt) -> RootView, errors [1202];
    }
    subscriptions {}
}
