//! **The** table of error codes, and the only conversion into them.
//!
//! Own codes are positive: JSON-RPC reserves -32768 to -32000, and the server library itself answers
//! -32000, -32001 and -32005 to -32011. A code, once published, keeps its meaning. What a contract
//! refuses travels inside 1101, never as the outer code.
//!
//! # Source
//! JSON-RPC 2.0, section 5.1.

use crate::address::AddressError;
use crate::codec::CodecError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $code:literal, $name:literal, $text:literal, $hint:literal;)*) => {
        /// Every code.
        pub mod code {
            $($(#[$doc])* pub const $constant: i32 = $code;)*
        }

        /// The table, ascending by group.
        pub const TABLE: &[CodeRow] = &[$(CodeRow {
            code: $code,
            name: $name,
            text: $text,
            hint: $hint,
        },)*];
    };
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeRow {
    /// The code.
    pub code: i32,
    /// Its stable short name.
    pub name: &'static str,
    /// What it means.
    pub text: &'static str,
    /// What to do.
    pub hint: &'static str,
}

codes! {
    /// Not JSON.
    PARSE = -32700, "parse", "the request is not JSON", "send one JSON-RPC 2.0 object or an array of at most 50";
    /// Not a JSON-RPC request.
    REQUEST = -32600, "request", "the request is not JSON-RPC 2.0", "see /openrpc.json for methods and an example";
    /// No such method. Data: `nearest`.
    METHOD = -32601, "method", "there is no such method", "rpc.discover lists the methods";
    /// Wrong parameters. Data: `path`, `expected`, `got`.
    PARAMS = -32602, "params", "a parameter has a wrong form", "parameters go by name; see rpc.discover";
    /// Trouble of this node. Data: `incident` only.
    INTERNAL = -32603, "internal", "the node failed to answer", "give the incident id to the node's operator";

    /// The authorization does not prove the signer's will. Data: `reason`.
    BAD_SIGNATURE = 1001, "bad_signature", "the authorization does not prove the signer's will", "sign the signing_hash of tx_encode with the keys of the signer's policy";
    /// Signed for another chain. Data: `expected`, `got`.
    WRONG_CHAIN = 1002, "wrong_chain", "signed for another chain", "sign with this chain's genesis_hash (chain_info)";
    /// Executed already. Data: `hash`.
    REPLAYED = 1003, "replayed", "this transaction was executed already", "look it up with tx_get; choose another nonce to do it again";
    /// Valid for too long. Data: `valid_until`, `latest`.
    VALID_TOO_LONG = 1004, "valid_too_long", "valid_until lies too far ahead", "choose a valid_until of at most `latest`";
    /// Its validity has ended. Data: `valid_until`, `now`.
    EXPIRED = 1005, "expired", "the validity of the transaction has ended", "sign again with a later valid_until";
    /// Gas limit below what is charged before execution. Data: `needed`, `limit`.
    GAS_LIMIT_TOO_LOW = 1006, "gas_limit_too_low", "the gas limit does not cover what is charged before execution", "use gas_limit_suggested of tx_simulate";
    /// Quota of the account used up. Data: `window_seconds`, `used`, `limit`, `asked`.
    OVER_QUOTA = 1007, "over_quota", "the account has used up its gas quota of this window", "wait for the next window or lower the gas limit";
    /// Longer than allowed. Data: `bytes`, `limit`.
    TOO_LARGE = 1008, "too_large", "the transaction is longer than allowed", "split it; the limits are in chain_info";
    /// No room in the pool. Data: `retry_after_ms`.
    POOL_FULL = 1009, "pool_full", "there is no room for more waiting transactions", "send it again later";
    /// The chain policy forbids it. Data: `signer`, `act`.
    NOT_AUTHORISED = 1010, "not_authorised", "the chain policy does not let the signer do this", "the policy is in chain_genesis; its governor can change it";
    /// The reference names another transaction. Data: `hash`.
    REF_CONFLICT = 1011, "ref_conflict", "this client_ref of this signer names another transaction", "choose another client_ref, or look that transaction up with tx_by_ref";
    /// Gas limit above that of a transaction. Data: `max`, `limit`.
    GAS_LIMIT_TOO_HIGH = 1012, "gas_limit_too_high", "the gas limit is above that of a transaction", "use gas_limit_suggested of tx_simulate";
    /// The module breaks a rule of the validator. Data: `reason`.
    BAD_CODE = 1013, "bad_code", "the module breaks a rule of the validator", "build it with `weighhouse contract build`; the limits are in chain_info";
    /// Executing it ended this node twice. Data: `hash`.
    QUARANTINED = 1014, "quarantined", "executing this transaction ended this node twice", "send it to another node; the operator may release it with `weighhouse node quarantine`";

    /// A contract refused. Data: `contract`, `entry_point`, `code`, `error`, `fields`, `text`.
    REVERTED = 1101, "reverted", "the contract refused", "the contract's code, its name and its fields say why";
    /// The machine stopped the execution. Data: `reason`, `gas_used`.
    HALTED = 1102, "halted", "the execution was stopped by a rule of the machine", "`reason` names the rule";

    /// Nothing there. Data: `what`.
    NOT_FOUND = 1201, "not_found", "there is no such thing", "check the address, hash or height and the network";
    /// State at that height is not kept. Data: `asked`, `oldest`, `latest`.
    HEIGHT_UNAVAILABLE = 1202, "height_unavailable", "this height is not available", "ask between `oldest` and `latest`";
    /// The code carries no schema that helps. Data: `what`.
    NO_SCHEMA = 1203, "no_schema", "the code's schema does not describe this", "pass encoded bytes instead of JSON";
    /// The index is behind. Data: `indexed`, `latest`.
    INDEX_BEHIND = 1204, "index_behind", "the index has not reached this height", "ask again later; see index_status";

    /// A value has a wrong form. Data: `path`, `expected`, `got`.
    BAD_ARGUMENT = 1301, "bad_argument", "a value has not the form that its type asks for", "give what is expected at `path`; the types of a contract are in contract_schema";
    /// A misspelt name. Data: `path`, `nearest`.
    UNKNOWN_NAME = 1302, "unknown_name", "there is no such name", "`nearest` lists known names like it; rpc.discover has those of parameters, contract_schema those of a contract";
    /// An address of another network. Data: `path`, `expected`, `got`.
    WRONG_PREFIX = 1303, "wrong_prefix", "the address belongs to another network", "use an address of this chain, or the other network's node";

    /// More than allowed. Data: `got`, `limit`.
    TOO_MANY = 1401, "too_many", "more items than allowed", "ask for fewer, in several requests";
    /// A query used up its gas. Data: `gas_used`.
    QUERY_GAS = 1402, "query_gas", "the query used up its gas", "ask for less, page by page";
    /// Too much at once. Data: `retry_after_ms`.
    RATE = 1403, "rate", "this client asks for too much at once, or the node has too many queries to answer", "ask again after retry_after_ms; rpc.discover has the cost of each method";
    /// A cursor that is not from here.
    CURSOR_INVALID = 1404, "cursor_invalid", "the cursor is not one of this listing", "pass next_cursor of the page before, with the same filter";
    /// A subscription over HTTP.
    USE_WEBSOCKET = 1405, "use_websocket", "subscriptions need a WebSocket", "connect to ws://.../rpc";

    /// The node is catching up. Data: `behind`.
    SYNCING = 1501, "syncing", "the node is catching up", "ask again later";
    /// The node takes no transactions.
    READ_ONLY = 1502, "read_only", "the node takes no transactions", "send to another node";
    /// The node has stopped.
    FAULTED = 1503, "faulted", "the node has stopped after a fault", "its log names the cause; restarting it is recovery";
}

/// The row of a code.
#[must_use]
pub fn row(code: i32) -> Option<&'static CodeRow> {
    TABLE.iter().find(|row| row.code == code)
}

/// The row of a name.
#[must_use]
pub fn row_by_name(name: &str) -> Option<&'static CodeRow> {
    TABLE.iter().find(|row| row.name == name)
}

/// An error as it travels: `{code, message, data: {name, hint, ...}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// One of [`TABLE`], or one of the server library's own.
    pub code: i32,
    /// What failed, for people, with the numbers.
    pub message: String,
    /// `name`, `hint` and the typed fields of the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl ErrorBody {
    /// An error of the table, with name and hint filled in.
    #[must_use]
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        let mut data = Map::new();
        if let Some(row) = row(code) {
            data.insert("name".into(), row.name.into());
            data.insert("hint".into(), row.hint.into());
        }
        Self {
            code,
            message: message.into(),
            data: Some(Value::Object(data)),
        }
    }

    /// The same with a typed field; values that are not JSON are left out.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Serialize) -> Self {
        if let (Some(Value::Object(data)), Ok(value)) =
            (&mut self.data, serde_json::to_value(value))
        {
            data.insert(key.into(), value);
        }
        self
    }

    /// A field of the data.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Value> {
        self.data.as_ref()?.get(key)
    }

    /// The stable short name.
    #[must_use]
    pub fn name(&self) -> &str {
        let named = self.field("name").and_then(Value::as_str);
        named
            .or_else(|| row(self.code).map(|row| row.name))
            .unwrap_or("unknown")
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        let given = self.field("hint").and_then(Value::as_str);
        given.or_else(|| row(self.code).map(|row| row.hint))
    }

    /// A parameter of a wrong form.
    #[must_use]
    pub fn params(path: &str, expected: &str, got: &str) -> Self {
        Self::new(
            code::PARAMS,
            format!("{path}: expected {expected}, got {got}"),
        )
        .with("path", path)
        .with("expected", expected)
        .with("got", got)
    }

    /// A value of a wrong form.
    #[must_use]
    pub fn bad_argument(path: &str, expected: &str, got: &str) -> Self {
        CodecError::BadArgument {
            path: path.into(),
            expected: expected.into(),
            got: got.into(),
        }
        .into()
    }

    /// Nothing there.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(code::NOT_FOUND, format!("no such {what}")).with("what", what)
    }

    /// An address that is not one of this chain.
    #[must_use]
    pub fn address(path: &str, error: AddressError) -> Self {
        CodecError::Address {
            path: path.into(),
            error,
        }
        .into()
    }
}

impl fmt::Display for ErrorBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.message, self.code, self.name())
    }
}

impl std::error::Error for ErrorBody {}

impl From<CodecError> for ErrorBody {
    fn from(error: CodecError) -> Self {
        let message = error.to_string();
        match error {
            CodecError::BadArgument {
                path,
                expected,
                got,
            } => Self::new(code::BAD_ARGUMENT, message)
                .with("path", path)
                .with("expected", expected)
                .with("got", got),
            CodecError::UnknownName {
                path,
                what,
                name,
                nearest,
            } => Self::new(code::UNKNOWN_NAME, message)
                .with("path", path)
                .with("what", what)
                .with("unknown", name)
                .with("nearest", nearest),
            CodecError::Address { path, error } => match &error {
                AddressError::WrongPrefix { expected, got, .. } => {
                    Self::new(code::WRONG_PREFIX, message)
                        .with("path", path)
                        .with("expected", expected)
                        .with("got", got)
                }
                _ => Self::new(code::BAD_ARGUMENT, message)
                    .with("path", path)
                    .with("expected", "an address of this chain")
                    .with("got", error.to_string()),
            },
        }
    }
}

#[cfg(feature = "server")]
mod convert;
#[cfg(feature = "server")]
pub(crate) use convert::internal;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Goal: codes and names are unique, own codes are positive, the library's own are not used.
    #[test]
    fn the_table_is_sound() {
        let codes: BTreeSet<i32> = TABLE.iter().map(|row| row.code).collect();
        let names: BTreeSet<&str> = TABLE.iter().map(|row| row.name).collect();
        assert_eq!((codes.len(), names.len()), (TABLE.len(), TABLE.len()));
        let standard = [-32700, -32600, -32601, -32602, -32603];
        assert!(
            codes
                .iter()
                .all(|code| (1000..1600).contains(code) || standard.contains(code))
        );
    }

    /// Goal: an error carries name, hint and its typed fields.
    #[test]
    fn errors_carry_their_data() {
        let error = ErrorBody::params("tx", "hex", "nothing");
        let text = serde_json::to_value(&error).unwrap();
        assert_eq!(text["data"]["name"], "params");
        assert_eq!(text["data"]["path"], "tx");
        let error = ErrorBody::address(
            "signer",
            AddressError::WrongPrefix {
                expected: "wh".into(),
                got: "whdev".into(),
                network: "a development network",
            },
        );
        assert_eq!((error.code, error.name()), (1303, "wrong_prefix"));
        let error = ErrorBody::address("signer", AddressError::Checksum);
        assert_eq!(
            (error.code, error.field("path").unwrap()),
            (1301, &"signer".into())
        );
    }
}
