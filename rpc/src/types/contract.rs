//! Views of contracts, their code and their interface.

use super::{AddressText, HashHex, Hex, Json, U64};
use crate::error::ErrorBody;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether a contract works, as far as its own switches say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ContractState {
    /// No cell `paused` or `deactivated` holds true.
    Active,
    /// Its cell `paused` holds true.
    Paused,
    /// Its cell `deactivated` holds true.
    Deactivated,
}

/// A contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ContractInfo {
    /// Where it is.
    pub address: AddressText,
    /// Name in its schema.
    pub name: String,
    /// Version in its schema.
    pub version: String,
    /// Its code.
    pub code_hash: HashHex,
    /// Hash of the section `wh.schema`.
    pub schema_hash: HashHex,
    /// Account that deployed it.
    pub deployer: AddressText,
    /// Block in which it was deployed.
    pub deployed_at: U64,
    /// Account that may upgrade it; nobody if absent.
    pub admin: Option<AddressText>,
    /// Number of upgrades.
    pub upgrades: u32,
    /// Whether it works.
    pub state: ContractState,
    /// Interfaces of the contract library that it serves, by name.
    #[serde(default)]
    pub interfaces: Vec<String>,
}

/// An argument or field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct FieldView {
    /// Its name.
    pub name: String,
    /// Its type; names are explained in the schema's `types`.
    #[serde(rename = "type")]
    pub ty: String,
}

/// An entry point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct EntryPointView {
    /// Its name.
    pub name: String,
    /// `constructor`, `call`, `query` or `check`.
    pub kind: String,
    /// Number of its name.
    pub selector: u32,
    /// Its arguments, in order.
    pub args: Vec<FieldView>,
    /// Type of what it returns.
    pub returns: String,
    /// The author's documentation.
    pub docs: String,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct RefusalView {
    /// Its name.
    pub name: String,
    /// Its code.
    pub code: u16,
    /// Its typed detail.
    pub fields: Vec<FieldView>,
    /// What it means.
    pub text: String,
}

/// An event of a schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct SchemaEventView {
    /// Its name.
    pub name: String,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// What it means.
    pub docs: String,
}

/// A storage cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct CellView {
    /// Name of the field.
    pub name: String,
    /// `cell`, `const` or `map`.
    pub kind: String,
    /// Type of the key; `()` unless a map.
    pub key: String,
    /// Type of the value.
    pub value: String,
}

/// A contract's interface, readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct SchemaView {
    /// Name of the contract.
    pub name: String,
    /// Version of its crate.
    pub version: String,
    /// What it is for.
    pub docs: String,
    /// Entry points.
    pub entry_points: Vec<EntryPointView>,
    /// Refusals.
    pub errors: Vec<RefusalView>,
    /// Events.
    pub events: Vec<SchemaEventView>,
    /// Storage cells.
    pub cells: Vec<CellView>,
    /// Declared rules, as the author wrote them.
    pub rules: Vec<String>,
    /// Structs and enums by name, written out.
    pub types: BTreeMap<String, String>,
}

/// Answer to `contract_schema`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct SchemaAnswer {
    /// Which code.
    pub code_hash: HashHex,
    /// Hash of the section `wh.schema`.
    pub schema_hash: HashHex,
    /// The interface, readable.
    pub schema: SchemaView,
    /// SCALE of the schema: what programs decode.
    pub raw: Hex,
    /// SCALE of the storage cells.
    pub raw_cells: Hex,
}

/// Stored code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct CodeView {
    /// Which.
    pub code_hash: HashHex,
    /// The module.
    pub wasm: Hex,
    /// Its length.
    pub bytes: u32,
    /// Account that uploaded it.
    pub uploader: AddressText,
    /// Block in which it was uploaded.
    pub uploaded_at: U64,
}

/// Answer to a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct QueryAnswer {
    /// The return value.
    pub result: Json,
    /// Work done.
    pub gas_used: U64,
    /// Height whose state answered.
    pub height: U64,
    /// Debug lines of the contract.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub debug: Vec<String>,
}

/// One of several answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ManyAnswer {
    /// The answer.
    Ok(QueryAnswer),
    /// Why there is none.
    Error(ErrorBody),
}

/// Answer to several queries at one height.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ManyAnswers {
    /// Height whose state answered.
    pub height: U64,
    /// One for each query, in order.
    pub results: Vec<ManyAnswer>,
}
