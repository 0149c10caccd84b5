//! Group `tx_`: make, try, send, wait for and look up transactions.

use super::group;
use crate::types::{
    ActionView, AddressText, At, Encoded, HashHex, Hex, Order, Page, Simulation, Submitted,
    TraceView, TxStatus, TxSummary, TxView, U64,
};
use serde::{Deserialize, Serialize};

/// Most characters of a `client_ref`.
pub const CLIENT_REF_CHARS_MAX: usize = 64;
/// Longest wait of `tx_wait` in milliseconds.
pub const WAIT_MS_MAX: u32 = 30_000;

/// Parameters of `tx_encode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TxEncode {
    /// Account that acts.
    pub from: AddressText,
    /// What it asks for.
    pub action: ActionView,
    /// Most gas; if left out, the transaction is simulated and gets what it needs with some room.
    pub gas_limit: Option<U64>,
    /// Last second at which it may execute; an hour of block time ahead if left out.
    pub valid_until: Option<U64>,
    /// Makes it unique; random if left out.
    pub nonce: Option<U64>,
}

/// Parameters of `tx_simulate`: bytes, or an action in somebody's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TxSimulate {
    /// An unsigned payload or a signed transaction; signatures are not checked.
    pub tx: Option<Hex>,
    /// Account that would act, with `action`.
    pub from: Option<AddressText>,
    /// What it would ask for, with `from`.
    pub action: Option<ActionView>,
    /// After the state at this height; the latest if left out.
    pub at: Option<At>,
}

/// Parameters of `tx_submit`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TxSubmit {
    /// The signed transaction.
    pub tx: Hex,
    /// The sender's own name for it, up to 64 characters, unique for each signer while the
    /// transaction is remembered.
    pub client_ref: Option<String>,
}

/// A transaction by hash: parameters of `tx_get`, `tx_trace` and `tx_subscribe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ByHash {
    /// Which.
    pub hash: HashHex,
}

/// Parameters of `tx_wait`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TxWait {
    /// Which.
    pub hash: HashHex,
    /// How long; 30,000 if left out. That is the most, and more counts as it.
    pub timeout_ms: Option<u32>,
}

/// Parameters of `tx_by_ref`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TxByRef {
    /// Who signed it.
    pub signer: AddressText,
    /// The sender's own name for it.
    pub client_ref: String,
}

/// Parameters of `tx_list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TxList {
    /// Signed by this account.
    pub account: Option<AddressText>,
    /// Called, deployed or upgraded this contract.
    pub contract: Option<AddressText>,
    /// Called this entry point.
    pub entry_point: Option<String>,
    /// Ended so: `Succeeded`, `Reverted` or `Halted`.
    pub outcome: Option<String>,
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

/// Parameters of `tx_pending`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TxPending {
    /// Signed by this account.
    pub account: Option<AddressText>,
    /// How many; 50 if left out, at most 100.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Parameters of `tx_decode`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TxDecode {
    /// An unsigned payload or a signed transaction.
    pub tx: Hex,
}

group! {
    /// Make, try, send, wait for and look up transactions.
    pub trait TxApi {
        /// Encodes an unsigned transaction by the contract's schema; answers what to sign.
        fn tx_encode(TxEncode) -> Encoded, errors [1012, 1201, 1203, 1301, 1302, 1303];
        /// What executing would do and charge, exactly, in this state; nothing is sent.
        fn tx_simulate(TxSimulate) -> Simulation, errors [1201, 1202, 1203, 1301, 1302, 1303, 1402, 1403];
        /// Checks a signed transaction and lets it wait for a block. Sending the same bytes again
        /// answers `known` and changes nothing.
        fn tx_submit(TxSubmit) -> Submitted,
            errors [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1301, 1502, 1503];
        /// What is known of a transaction.
        fn tx_get(ByHash) -> TxStatus, errors [];
        /// Waits until a transaction is durable, at most `timeout_ms`; a time-out is the status
        /// `pending` or `unknown`, never an error.
        fn tx_wait(TxWait) -> TxStatus, errors [];
        /// What is known of the transaction that a signer sent under a name of its own.
        fn tx_by_ref(TxByRef) -> TxStatus, errors [1201, 1301, 1303];
        /// Committed transactions by account or contract.
        fn tx_list(TxList) -> Page<TxSummary>, errors [1301, 1303, 1401, 1404];
        /// Transactions that wait for a block.
        fn tx_pending(TxPending) -> Page<TxSummary>, errors [1301, 1303, 1401, 1404];
        /// The call tree of a committed transaction; its block is executed again up to it.
        fn tx_trace(ByHash) -> TraceView, errors [1201, 1202, 1403];
        /// Decodes transaction bytes with the schemas of the contracts they touch.
        fn tx_decode(TxDecode) -> TxView, errors [1301];
    }
    subscriptions {
        /// Status changes of a transaction; `committed` is the last message.
        fn tx_subscribe(ByHash) -> TxStatus, as "tx_changed", until "tx_unsubscribe", errors [1405];
    }
}
