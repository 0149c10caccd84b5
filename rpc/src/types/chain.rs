//! Views of the chain: what it is, its head, headers and blocks.

use super::{AddressText, HashHex, ReceiptView, TxView, U64};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a client learns once when it connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ChainInfo {
    /// Name of the chain, for people and configuration files.
    pub chain_id: String,
    /// The same name, as the genesis document states it.
    pub name: String,
    /// Prefix of addresses.
    pub address_prefix: String,
    /// Names the chain; bound into every signature.
    pub genesis_hash: HashHex,
    /// Version of limits, schedule and instrumentation.
    pub protocol: u32,
    /// Versions of the contract interface that this node runs.
    pub abi_versions: Vec<String>,
    /// True on a development network.
    pub development: bool,
    /// Every protocol limit by name.
    pub limits: BTreeMap<String, U64>,
    /// Gas of each host function.
    pub gas_schedule: Vec<GasRow>,
}

/// What a host function costs: `base + per_byte * (length of its slices)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct GasRow {
    /// Name of the host function.
    pub function: String,
    /// What it does and what is charged beyond the formula.
    pub docs: String,
    /// Gas of a call.
    pub base: U64,
    /// Gas of each byte of the slices named in `lengths`.
    pub per_byte: U64,
    /// Arguments whose sum is multiplied by `per_byte`.
    pub lengths: Vec<String>,
}

/// The latest block in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Head {
    /// Its height; 0 before the first block.
    pub height: U64,
    /// Its hash.
    pub hash: HashHex,
    /// Its time in seconds since 1970.
    pub time: U64,
    /// State after it.
    pub state_root: HashHex,
    /// Number of its transactions.
    pub tx_count: u32,
}

/// A block header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct HeaderView {
    /// Position.
    pub height: U64,
    /// Hash of this header.
    pub hash: HashHex,
    /// Chain.
    pub chain: HashHex,
    /// Version of the rules that executed it.
    pub protocol: u32,
    /// Hash of the block before.
    pub previous: HashHex,
    /// Block time in seconds since 1970.
    pub time: U64,
    /// Number of transactions.
    pub tx_count: u32,
    /// Commitment to the transactions.
    pub tx_root: HashHex,
    /// Commitment to the receipts.
    pub receipts_root: HashHex,
    /// Hash of the block's whole write set.
    pub writes: HashHex,
    /// State after this block.
    pub state_root: HashHex,
    /// Sum of gas used.
    pub gas_used: U64,
}

/// A block, as much of it as was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct BlockView {
    /// Its header.
    pub header: HeaderView,
    /// Hashes of its transactions in order, with detail `hashes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hashes: Option<Vec<HashHex>>,
    /// Places in `hashes` of those that did not succeed, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Vec<u32>>,
    /// Its transactions, from detail `txs` on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transactions: Option<Vec<TxView>>,
    /// Their receipts, with detail `receipts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipts: Option<Vec<ReceiptView>>,
}

/// The genesis document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct GenesisView {
    /// Name for people.
    pub name: String,
    /// Prefix of addresses.
    pub prefix: String,
    /// True on a development network.
    pub development: bool,
    /// Version of limits, schedule and instrumentation.
    pub protocol: u32,
    /// No block is earlier; seconds since 1970.
    pub time: U64,
    /// The first policy.
    pub policy: PolicyView,
    /// Hash of the document.
    pub hash: HashHex,
    /// The document itself in SCALE: what the hash is over.
    pub document: super::Hex,
}

/// Who may submit, upload and deploy, and how much work an account may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyView {
    /// Account that may change this; nobody if absent.
    pub governor: Option<AddressText>,
    /// Who may send transactions at all.
    pub submit: AccessView,
    /// Who may store code.
    pub upload: AccessView,
    /// Who may create contracts.
    pub deploy: AccessView,
    /// Work per account and window; unlimited if absent.
    pub quota: Option<QuotaView>,
}

/// A validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ValidatorItem {
    /// Public ed25519 key of its consensus engine.
    pub key: HashHex,
    /// Its voting power.
    pub power: U64,
}

/// The validators of a height.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ValidatorsView {
    /// Of which height; they vote from two blocks later on.
    pub height: U64,
    /// Ascending by key; empty where the genesis names none.
    pub validators: Vec<ValidatorItem>,
}

/// Who may do a thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AccessView {
    /// Everybody.
    Open,
    /// The listed accounts only.
    Listed(Vec<AddressText>),
}

/// Gas that one account may use in one window of block time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuotaView {
    /// Length of a window in seconds.
    pub window_seconds: u32,
    /// Gas per account and window.
    pub gas: U64,
}
