//! Views of state and events.

use super::{AddressText, HashHex, Hex, Json, U64};
use serde::{Deserialize, Serialize};

/// What stands at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// No contract: keys, or nothing yet.
    Account,
    /// A contract.
    Contract,
}

/// An account's use of its quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct QuotaUse {
    /// Length of a window in seconds.
    pub window_seconds: u32,
    /// Gas used in the current window.
    pub used: U64,
    /// Gas per window; absent if unlimited.
    pub limit: U64,
    /// Gas left in the current window.
    pub left: U64,
}

/// An account or contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct AccountView {
    /// Where.
    pub address: AddressText,
    /// What stands there.
    pub kind: AccountKind,
    /// Use of the quota; absent if unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<QuotaUse>,
    /// Code, of a contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_hash: Option<HashHex>,
    /// Height whose state answered.
    pub height: U64,
}

/// A proof about the state, to be checked offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ProofView {
    /// Height whose state root it is under.
    pub height: U64,
    /// That state root.
    pub state_root: HashHex,
    /// The block header, SCALE; its hash is the block's.
    pub header: Hex,
    /// SCALE of the proof.
    pub proof: Hex,
}

/// A storage entry of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct EntryView {
    /// The state key.
    pub key: Hex,
    /// The value; absent if there is none.
    pub value: Option<Json>,
    /// The value's bytes.
    pub raw: Option<Hex>,
    /// Height whose state answered.
    pub height: U64,
    /// Proof of the entry or its absence, if asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<ProofView>,
}

/// One entry of a map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct EntryItem {
    /// Its key; absent for a plain cell.
    pub key: Option<Json>,
    /// Its value.
    pub value: Option<Json>,
    /// The storage key behind the contract's address, cell prefix included.
    pub raw_key: Hex,
    /// The value's bytes.
    pub raw: Hex,
}

/// A raw state entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct RawView {
    /// The bytes; absent if there are none.
    pub value: Option<Hex>,
    /// Height whose state answered.
    pub height: U64,
    /// Proof, if asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<ProofView>,
}

/// A state root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct RootView {
    /// The root.
    pub root: HashHex,
    /// The height.
    pub height: U64,
}

/// An event where it was emitted; an item of `event_list` and of the event stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct EventItem {
    /// In which block.
    pub height: U64,
    /// By which transaction.
    pub tx: HashHex,
    /// Place of the transaction in the block.
    pub tx_index: u32,
    /// Place of the event in the transaction.
    pub index: u32,
    /// Contract that emitted it.
    pub contract: AddressText,
    /// Number of the event's name.
    pub kind: u32,
    /// Its name, where the schema is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its fields, where the schema is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Json>,
    /// SCALE of the fields.
    pub raw: Hex,
    /// Resumes strictly after this event.
    pub cursor: String,
}
