//! Views of transactions and of what came of them.

use super::{AddressText, HashHex, Hex, Json, PolicyView, U64};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a transaction asks for. Read and written in the same form: what `tx_decode` shows can be
/// given to `tx_encode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum ActionView {
    /// Store code.
    Upload {
        /// The module; needed when encoding, left out when a transaction is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<Hex>,
        /// Its hash.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code_hash: Option<HashHex>,
        /// Its length.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<u32>,
    },
    /// Create a contract from stored code.
    Deploy {
        /// Which code.
        code_hash: HashHex,
        /// Enters the address; zero if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        salt: Option<HashHex>,
        /// Account that may upgrade; nobody if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        admin: Option<AddressText>,
        /// Name of the constructor; needed only if the code has several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry_point: Option<String>,
        /// Its arguments by name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        args: Option<Json>,
        /// Encoded input, instead of entry point and arguments.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<Hex>,
        /// Address of the new contract; computed, not read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contract: Option<AddressText>,
    },
    /// Call an entry point.
    Call {
        /// Which contract.
        contract: AddressText,
        /// Which entry point.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry_point: Option<String>,
        /// Its arguments by name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        args: Option<Json>,
        /// Encoded input, instead of entry point and arguments.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<Hex>,
    },
    /// Replace a contract's code.
    Upgrade {
        /// Which contract.
        contract: AddressText,
        /// The new code.
        code_hash: HashHex,
        /// Entry point of the new code to call in the same transaction, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry_point: Option<String>,
        /// Its arguments by name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        args: Option<Json>,
        /// Encoded input, instead of entry point and arguments.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        input: Option<Hex>,
    },
    /// Replace the chain policy.
    Govern {
        /// The new policy, whole.
        policy: PolicyView,
    },
    /// Give a validator its voting power.
    #[serde(rename = "set_validator")]
    SetValidator {
        /// Public ed25519 key of its consensus engine.
        key: HashHex,
        /// Its power; 0 removes it.
        power: U64,
    },
}

/// A transaction, decoded with the schemas of the contracts it touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TxView {
    /// Identity, and what its keys sign.
    pub hash: HashHex,
    /// Chain it is for.
    pub chain: HashHex,
    /// Account that acts.
    pub signer: AddressText,
    /// Makes it unique.
    pub nonce: U64,
    /// Last block time at which it may execute, in seconds since 1970.
    pub valid_until: U64,
    /// Most gas it may use.
    pub gas_limit: U64,
    /// What it asks for.
    pub action: ActionView,
    /// How it is authorised: `keys`, `development`, or absent if unsigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<String>,
    /// Threshold of the signer's key policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<u8>,
    /// Public keys that signed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed_by: Vec<Hex>,
}

/// How a transaction or call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(tag = "kind")]
pub enum OutcomeView {
    /// Done.
    Succeeded {
        /// SCALE of the return value.
        data: Hex,
        /// The return value, where the schema is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Json>,
    },
    /// A contract refused.
    Reverted {
        /// Contract that refused.
        contract: AddressText,
        /// Its code.
        code: u16,
        /// Name of the refusal, where the schema is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Its typed detail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fields: Option<Json>,
        /// What it means, in the contract author's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// SCALE of the detail.
        data: Hex,
    },
    /// The machine stopped it.
    Halted(HaltView),
}

impl OutcomeView {
    /// True for [`OutcomeView::Succeeded`].
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }

    /// `Succeeded`, `Reverted` or `Halted`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Succeeded { .. } => "Succeeded",
            Self::Reverted { .. } => "Reverted",
            Self::Halted(_) => "Halted",
        }
    }
}

/// Why the machine stopped an execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct HaltView {
    /// Name of the reason.
    pub reason: String,
    /// What it means.
    pub text: String,
    /// Contract whose declared rule is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<AddressText>,
    /// The broken rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Why the action was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// An event of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct EventView {
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
}

/// The chain's answer to a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ReceiptView {
    /// Which transaction.
    pub tx: HashHex,
    /// How it ended.
    pub outcome: OutcomeView,
    /// Work done.
    pub gas_used: U64,
    /// Facts emitted.
    pub events: Vec<EventView>,
    /// Hash of its write set.
    pub effects: HashHex,
    /// Debug lines and panic messages; kept for a while only, covered by no hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub debug: Vec<String>,
}

/// Where a transaction was executed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct BlockPlace {
    /// In which block.
    pub height: U64,
    /// At which place of it.
    pub index: u32,
}

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum TxState {
    /// Waits for a block.
    Pending,
    /// Executed and durable.
    Committed,
    /// Not known here: never sent, refused, or dropped.
    Unknown,
}

/// What is known of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TxStatus {
    /// Which.
    pub hash: HashHex,
    /// How far it is.
    pub status: TxState,
    /// Itself, unless unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<TxView>,
    /// Its receipt, once committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptView>,
    /// Where it was executed, once committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<BlockPlace>,
    /// If unknown to a node that started from another node's state: lowest height whose transactions it
    /// knows. Ask a node that has earlier ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_block: Option<U64>,
}

/// A transaction in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TxSummary {
    /// Which.
    pub hash: HashHex,
    /// Account that acted.
    pub signer: AddressText,
    /// `upload`, `deploy`, `call`, `upgrade` or `govern`.
    pub action: String,
    /// Contract called, deployed or upgraded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<AddressText>,
    /// Entry point, where the schema is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_point: Option<String>,
    /// Where it was executed; absent while pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<BlockPlace>,
    /// How it ended: `Succeeded`, `Reverted` or `Halted`; absent while pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Work done; absent while pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gas_used: Option<U64>,
}

/// An unsigned transaction, ready to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Encoded {
    /// SCALE of the payload.
    pub unsigned: Hex,
    /// What the keys sign: the 32 bytes of this hash, which is also the transaction's identity.
    pub signing_hash: HashHex,
    /// The payload decoded again, for the signer's eyes.
    pub summary: TxView,
    /// The nonce, chosen or given.
    pub nonce: U64,
}

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SubmittedAs {
    /// New; waits for a block.
    Accepted,
    /// Sent before: pending or committed already. Nothing happens twice.
    Known,
}

/// Answer to a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Submitted {
    /// Identity of the transaction.
    pub hash: HashHex,
    /// Whether it is new.
    pub status: SubmittedAs,
}

/// A state key that a transaction changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ChangeView {
    /// The state key.
    pub key: Hex,
    /// Contract whose storage it is, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<AddressText>,
    /// Its cell, where the schema is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The cell's key, for a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell_key: Option<Json>,
    /// Value before; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Hex>,
    /// Value after; absent if removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<Hex>,
    /// Value before, decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_value: Option<Json>,
    /// Value after, decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_value: Option<Json>,
}

/// What executing a transaction would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Simulation {
    /// State after which it was executed.
    pub height: U64,
    /// How it would end.
    pub outcome: OutcomeView,
    /// What it would be charged, exactly, in this state.
    pub gas_used: U64,
    /// A limit with room for a state that changed meanwhile.
    pub gas_limit_suggested: U64,
    /// The return value, if it would succeed and the schema is known.
    #[serde(rename = "return", default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<Json>,
    /// Facts it would emit.
    pub events: Vec<EventView>,
    /// What it would change, by key.
    pub changes: Vec<ChangeView>,
    /// Declared rules that it would break.
    pub broken_rules: Vec<String>,
    /// Debug lines and panic messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub debug: Vec<String>,
}

/// One call of a call tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct FrameView {
    /// Contracts above it.
    pub depth: u32,
    /// Which contract.
    pub contract: AddressText,
    /// Who called it.
    pub caller: AddressText,
    /// Entry point, where the schema is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_point: Option<String>,
    /// Its arguments, where the schema is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Json>,
    /// Encoded input.
    pub input: Hex,
    /// How it ended.
    pub outcome: OutcomeView,
    /// Gas used, frames below included.
    pub gas_used: U64,
    /// Calls of host functions, by name.
    pub host_calls: BTreeMap<String, U64>,
}

/// What a committed transaction did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TraceView {
    /// Its receipt.
    pub receipt: ReceiptView,
    /// Its calls, in order of entry.
    pub frames: Vec<FrameView>,
    /// What it changed, by key.
    pub changes: Vec<ChangeView>,
}
