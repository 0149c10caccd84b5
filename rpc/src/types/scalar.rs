//! Numbers, bytes, hashes, addresses and heights on the wire.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use weighhouse_primitives::{
    Amount, BlockHash, CodeHash, Gas, Hash, Height, StateRoot, Timestamp, TxHash, hash::GenesisHash,
};

/// A text that is not the scalar it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, got {got:?}")]
pub struct ScalarError {
    /// What should stand there.
    pub expected: &'static str,
    /// What does, shortened.
    pub got: String,
}

fn scalar_error(expected: &'static str, got: &str) -> ScalarError {
    ScalarError {
        expected,
        got: got.chars().take(80).collect(),
    }
}

macro_rules! decimal {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = ScalarError;

            /// Digits only: no sign, no leading zero, no exponent.
            fn from_str(text: &str) -> Result<Self, ScalarError> {
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                let plain = digits && (text == "0" || !text.starts_with('0'));
                let value = if plain { text.parse().ok() } else { None };
                value.map(Self).ok_or_else(|| scalar_error($expected, text))
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Decimal;
                impl Visitor<'_> for Decimal {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_u64<E: Error>(self, value: u64) -> Result<$name, E> {
                        if value > crate::codec::NUMBER_MAX {
                            let got = serde::de::Unexpected::Unsigned(value);
                            return Err(E::invalid_value(got, &self));
                        }
                        Ok($name(value.into()))
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(|_| {
                            E::invalid_value(serde::de::Unexpected::Str(text), &self)
                        })
                    }
                }
                deserializer.deserialize_any(Decimal)
            }
        }

        #[cfg(feature = "server")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string", "pattern": "^(0|[1-9][0-9]*)$", "description": $expected
                })
            }
        }
    };
}

decimal! {
    /// A `u64`: heights, gas, seconds, counts.
    U64, u64, "a u64 as a decimal string"
}
decimal! {
    /// A `u128`: amounts.
    U128, u128, "a u128 as a decimal string"
}

impl From<Height> for U64 {
    fn from(height: Height) -> Self {
        Self(height.0)
    }
}

impl From<Gas> for U64 {
    fn from(gas: Gas) -> Self {
        Self(gas.0)
    }
}

impl From<Timestamp> for U64 {
    fn from(time: Timestamp) -> Self {
        Self(time.0)
    }
}

impl From<Amount> for U128 {
    fn from(amount: Amount) -> Self {
        Self(amount.0)
    }
}

macro_rules! text {
    ($name:ident, $pattern:literal, $expected:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(|_| {
                            let short: String = text.chars().take(80).collect();
                            E::invalid_value(serde::de::Unexpected::Str(&short), &self)
                        })
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }

        #[cfg(feature = "server")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string", "pattern": $pattern, "description": $expected
                })
            }
        }
    };
}

/// Bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hex(pub Vec<u8>);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(&self.0))
    }
}

impl FromStr for Hex {
    type Err = ScalarError;

    fn from_str(text: &str) -> Result<Self, ScalarError> {
        let digits = text.strip_prefix("0x");
        let bytes = digits.and_then(|digits| decoded(digits.as_bytes()));
        bytes.map(Self).ok_or_else(|| scalar_error(HEX, text))
    }
}

impl From<Vec<u8>> for Hex {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Hex {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

/// The bytes that hex digits stand for; `None` if they are not pairs of digits. Every transaction passes here:
/// no branch for a digit, a refusal at the end.
fn decoded(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let mut seen = 0;
    let byte = |pair: &[u8; 2]| {
        let [high, low] = pair.map(nibble);
        seen |= high | low;
        (high << 4) | (low & 0x0f)
    };
    let bytes = pairs.iter().map(byte).collect();
    (seen < NO_DIGIT).then_some(bytes)
}

/// What [`nibble`] gives for a character that is no hex digit.
const NO_DIGIT: u8 = 0x10;

const fn nibble(digit: u8) -> u8 {
    let number = digit.wrapping_sub(b'0');
    let letter = (digit | 0x20).wrapping_sub(b'a');
    if number < 10 {
        number
    } else if letter < 6 {
        letter.wrapping_add(10)
    } else {
        NO_DIGIT
    }
}

const HEX: &str = "bytes as 0x and an even number of hex digits";
text!(
    Hex,
    "^0x([0-9a-fA-F]{2})*$",
    "bytes as 0x and an even number of hex digits"
);

/// A hash: of a transaction, block, code, document, state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct HashHex(pub Hash);

impl fmt::Display for HashHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for HashHex {
    type Err = ScalarError;

    fn from_str(text: &str) -> Result<Self, ScalarError> {
        let mut bytes = [0; 32];
        text.strip_prefix("0x")
            .and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
            .map(|()| Self(Hash(bytes)))
            .ok_or_else(|| scalar_error("a hash as 0x and 64 hex digits", text))
    }
}

text!(
    HashHex,
    "^0x[0-9a-fA-F]{64}$",
    "a hash as 0x and 64 hex digits"
);

macro_rules! hashes {
    ($($name:ident),*) => {$(
        impl From<$name> for HashHex {
            fn from(hash: $name) -> Self {
                Self(hash.0)
            }
        }

        impl From<HashHex> for $name {
            fn from(hash: HashHex) -> Self {
                Self(hash.0)
            }
        }
    )*};
}

hashes!(TxHash, CodeHash, BlockHash, StateRoot, GenesisHash);

impl From<Hash> for HashHex {
    fn from(hash: Hash) -> Self {
        Self(hash)
    }
}

/// An address as text. Only a [`crate::address::Prefix`] can read it, because the prefix belongs to
/// the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressText(pub String);

impl fmt::Display for AddressText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T: Into<String>> From<T> for AddressText {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

#[cfg(feature = "server")]
impl schemars::JsonSchema for AddressText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "description": "bech32m with the chain's prefix, or 0x and 64 hex digits"
        })
    }
}

/// At which height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// The latest.
    #[default]
    Latest,
    /// This one.
    Height(u64),
}

impl At {
    /// The height, or `None` for the latest.
    #[must_use]
    pub const fn height(self) -> Option<Height> {
        match self {
            Self::Latest => None,
            Self::Height(height) => Some(Height(height)),
        }
    }
}

impl FromStr for At {
    type Err = ScalarError;

    fn from_str(text: &str) -> Result<Self, ScalarError> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        let height: Result<U64, _> = text.parse();
        height
            .map(|height| Self::Height(height.0))
            .map_err(|_| scalar_error("a height or \"latest\"", text))
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Latest => serializer.serialize_str("latest"),
            Self::Height(height) => U64(*height).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AtVisitor;
        impl Visitor<'_> for AtVisitor {
            type Value = At;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a height as a decimal string, or \"latest\"")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<At, E> {
                Ok(At::Height(value))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<At, E> {
                text.parse()
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(AtVisitor)
    }
}

#[cfg(feature = "server")]
impl schemars::JsonSchema for At {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "At".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "pattern": "^(latest|0|[1-9][0-9]*)$",
            "description": "a height as a decimal string, or \"latest\""
        })
    }
}

/// Direction of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Oldest first.
    #[default]
    Asc,
    /// Latest first.
    Desc,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: wide integers are strings in both directions, and no other form slips through.
    #[test]
    fn wide_integers_are_strings() {
        let max = U128(u128::MAX);
        let text = serde_json::to_string(&max).unwrap();
        assert_eq!(text, "\"340282366920938463463374607431768211455\"");
        assert_eq!(serde_json::from_str::<U128>(&text).unwrap(), max);
        assert_eq!(
            serde_json::from_str::<U64>("9007199254740991").unwrap().0,
            (1 << 53) - 1
        );
        for wrong in [
            "9007199254740992",
            "-1",
            "1.0",
            "\"01\"",
            "\"+1\"",
            "\"1e3\"",
            "\"\"",
            "null",
        ] {
            assert!(serde_json::from_str::<U64>(wrong).is_err(), "{wrong}");
        }
    }

    /// Goal: hashes and bytes need their prefix and the right number of digits.
    #[test]
    fn hex_is_strict() {
        assert_eq!("0xDEad".parse::<Hex>().unwrap().to_string(), "0xdead");
        assert!("dead".parse::<Hex>().is_err() && "0xdea".parse::<Hex>().is_err());
        for character in 0..=0x7f_u8 {
            let text = format!("0x1{0}{0}1", char::from(character));
            let digit = char::from(character).is_ascii_hexdigit();
            assert_eq!(text.parse::<Hex>().is_ok(), digit, "{text:?}");
            if digit {
                let expected = text.to_lowercase();
                assert_eq!(text.parse::<Hex>().unwrap().to_string(), expected);
            }
        }
        assert!("0xdead".parse::<HashHex>().is_err());
        assert_eq!(
            serde_json::from_str::<At>("\"latest\"").unwrap(),
            At::Latest
        );
        assert_eq!(serde_json::from_str::<At>("7").unwrap(), At::Height(7));
        assert!(serde_json::from_str::<At>("\"newest\"").is_err());
    }
}
