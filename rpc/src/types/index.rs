//! Views of tokens.

use super::{AddressText, HashHex, U64, U128};
use serde::{Deserialize, Serialize};

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TokenItem {
    /// Where it is.
    pub address: AddressText,
    /// Name of its code.
    pub contract: String,
    /// Its own name, if it has a cell `name`, or one `meta` with such a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its symbol, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// Digits behind the point, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
    /// Units that exist.
    pub supply: U128,
    /// Most units that can exist, if its rules set a cap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<U128>,
}

/// A wallet and its units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct HolderItem {
    /// Whose.
    pub holder: AddressText,
    /// How many.
    pub amount: U128,
}

/// Units that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TransferItem {
    /// In which block.
    pub height: U64,
    /// By which transaction.
    pub tx: HashHex,
    /// Of which token.
    pub token: AddressText,
    /// Who had them; absent if they are new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<AddressText>,
    /// Who has them; absent if they were destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<AddressText>,
    /// How many.
    pub amount: U128,
    /// Starts a listing strictly after this one.
    pub cursor: String,
}
