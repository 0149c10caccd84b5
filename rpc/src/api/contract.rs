//! Group `contract_`: contracts, their code and interface, and questions to them.

use super::group;
use crate::types::{
    AddressText, At, CodeView, ContractInfo, HashHex, Hex, Json, ManyAnswers, Page, QueryAnswer,
    SchemaAnswer,
};
use serde::{Deserialize, Serialize};

/// Most queries of one `contract_query_many`.
pub const QUERIES_MAX: usize = 50;

/// Parameters of `contract_info`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContractAt {
    /// Which contract.
    pub address: AddressText,
    /// At this height; the latest if left out.
    pub at: Option<At>,
}

/// Parameters of `contract_list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContractList {
    /// Whose schema has this name.
    pub name: Option<String>,
    /// Serving this interface of the contract library: its entry points, by name.
    pub interface: Option<String>,
    /// Of this code.
    pub code_hash: Option<HashHex>,
    /// Deployed by this account.
    pub deployer: Option<AddressText>,
    /// How many; 50 if left out, at most 100.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A code, by itself or by a contract: parameters of `contract_schema`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CodeOf {
    /// The code of this contract.
    pub address: Option<AddressText>,
    /// This code.
    pub code_hash: Option<HashHex>,
}

/// Parameters of `contract_code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ByCode {
    /// Which code.
    pub code_hash: HashHex,
}

/// Parameters of `contract_query`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContractQuery {
    /// Which contract.
    pub address: AddressText,
    /// Which query or check.
    pub entry_point: String,
    /// Its arguments by name.
    pub args: Option<Json>,
    /// At this height; the latest if left out.
    pub at: Option<At>,
    /// In whose name; nobody's if left out.
    pub caller: Option<AddressText>,
}

/// One of several queries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QueryItem {
    /// Which contract.
    pub address: AddressText,
    /// Which query or check.
    pub entry_point: String,
    /// Its arguments by name.
    pub args: Option<Json>,
    /// In whose name; nobody's if left out.
    pub caller: Option<AddressText>,
}

/// Parameters of `contract_query_many`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContractQueryMany {
    /// The queries, at most 50. Each has the gas that those before it have left of the most of one query.
    pub queries: Vec<QueryItem>,
    /// At this height, all of them; the latest if left out.
    pub at: Option<At>,
}

/// What is encoded or decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum CodecKind {
    /// Arguments of the entry point `name`; the bytes start with its selector.
    Args,
    /// Return value of the entry point `name`.
    Return,
    /// Fields of the event `name`.
    Event,
    /// Fields of the refusal `name`.
    Error,
    /// Value of the storage cell `name`.
    Storage,
}

/// Parameters of `contract_encode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContractEncode {
    /// By the code of this contract.
    pub address: Option<AddressText>,
    /// By this code.
    pub code_hash: Option<HashHex>,
    /// What.
    pub kind: CodecKind,
    /// Name of the entry point, event, refusal or cell.
    pub name: String,
    /// The value.
    pub value: Json,
}

/// Parameters of `contract_decode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContractDecode {
    /// By the code of this contract.
    pub address: Option<AddressText>,
    /// By this code.
    pub code_hash: Option<HashHex>,
    /// What.
    pub kind: CodecKind,
    /// Name of the entry point, event, refusal or cell.
    pub name: String,
    /// The bytes.
    pub bytes: Hex,
}

/// Answer to `contract_encode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct EncodedValue {
    /// The bytes.
    pub bytes: Hex,
}

/// Answer to `contract_decode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct DecodedValue {
    /// The value.
    pub value: Json,
}

group! {
    /// Contracts, their code and interface, and questions to them.
    pub trait ContractApi {
        /// A contract: its code, who deployed it, who may upgrade it, whether it works.
        fn contract_info(ContractAt) -> ContractInfo, errors [1201, 1202, 1301, 1303];
        /// Contracts in the order of their addresses.
        fn contract_list(ContractList) -> Page<ContractInfo>, errors [1301, 1302, 1303, 1401, 1404];
        /// The interface that a code describes itself with.
        fn contract_schema(CodeOf) -> SchemaAnswer, errors [1201, 1203, 1301, 1303];
        /// A stored module.
        fn contract_code(ByCode) -> CodeView, errors [1201];
        /// Asks a contract; runs a query or a check, which write nothing.
        fn contract_query(ContractQuery) -> QueryAnswer,
            errors [1101, 1102, 1201, 1202, 1301, 1302, 1303, 1402, 1403];
        /// Asks several contracts at one height; each answer is its own success or failure.
        fn contract_query_many(ContractQueryMany) -> ManyAnswers, errors [1202, 1401, 1403];
        /// Encodes a value by a schema.
        fn contract_encode(ContractEncode) -> EncodedValue, errors [1201, 1301, 1302, 1303];
        /// Decodes bytes by a schema.
        fn contract_decode(ContractDecode) -> DecodedValue, errors [1201, 1301, 1302, 1303];
    }
    subscriptions {}
}
