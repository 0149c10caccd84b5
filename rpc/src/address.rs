//! Addresses as people read and type them: bech32m with the chain's prefix.
//!
//! One prefix serves accounts and contracts of a chain, because the kind is not in the bytes. Output
//! is always bech32m in lower case; input also takes `0x` and 64 hex digits. The raw 32 bytes never
//! leave this layer in any other text form, so an address cannot be mistaken for a hash.
//!
//! # Source
//! BIP 350 (bech32m); `docs/json.md`.

use bech32::primitives::decode::UncheckedHrpstring;
use bech32::{Bech32m, Hrp};
use std::fmt;
use weighhouse_primitives::Address;

/// Prefix of production networks.
pub const PREFIX_PRODUCTION: &str = "wh";
/// Prefix of development networks.
pub const PREFIX_DEVELOPMENT: &str = "whdev";

/// Longest prefix: an address stays within the 90 characters that bech32m can check.
pub const PREFIX_CHARS_MAX: usize = 16;

/// Why a text is not an address of this chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Upper and lower case letters together.
    #[error("address mixes upper and lower case")]
    MixedCase,
    /// A mistyped character somewhere.
    #[error("address has a wrong checksum: at least one character is mistyped")]
    Checksum,
    /// An address of another network.
    #[error("address starts with {got}1 ({network}), this chain uses {expected}1")]
    WrongPrefix {
        /// Prefix of this chain.
        expected: String,
        /// Prefix of the text.
        got: String,
        /// Network that the prefix belongs to.
        network: &'static str,
    },
    /// A good checksum over something that is not 32 bytes.
    #[error("address holds {got} bytes, must be 32")]
    Length {
        /// Its length.
        got: usize,
    },
    /// `0x` without exactly 64 hex digits behind it.
    #[error("address starts with 0x and needs exactly 64 hex digits behind it")]
    Hex,
    /// Neither `prefix1...` nor `0x...`.
    #[error("{got:?} has not the shape of an address")]
    Shape {
        /// The text, shortened.
        got: String,
    },
}

/// The prefix of a chain's addresses: reads and writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(Hrp);

impl Prefix {
    /// A prefix as the genesis document names it; `None` unless it is lower-case bech32.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let hrp = Hrp::parse(text).ok()?;
        (hrp.as_str() == text
            && text.len() <= PREFIX_CHARS_MAX
            && !text.bytes().any(|byte| byte.is_ascii_uppercase()))
        .then_some(Self(hrp))
    }

    /// The prefix itself, without the separator.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address in full: 61 characters with `wh`, 64 with `whdev`.
    ///
    /// # Panics
    /// Never: a prefix and 32 bytes fit bech32m, which [`Prefix::new`] has made sure of.
    #[must_use]
    pub fn format(&self, address: &Address) -> String {
        bech32::encode::<Bech32m>(self.0, address.as_bytes())
            .expect("32 bytes and a prefix of a few characters fit bech32m")
    }

    /// The address for narrow places: its first 10 and last 6 characters, never fewer.
    #[must_use]
    pub fn format_short(&self, address: &Address) -> String {
        let text = self.format(address);
        let (head, tail) = (text.get(..10), text.get(text.len().saturating_sub(6)..));
        match (head, tail) {
            (Some(head), Some(tail)) => format!("{head}...{tail}"),
            _ => text,
        }
    }

    /// Reads an address.
    ///
    /// # Errors
    /// One of [`AddressError`]; mixed case, wrong checksum and wrong prefix are told apart, and a
    /// prefix is only called wrong once the checksum holds.
    pub fn parse(&self, text: &str) -> Result<Address, AddressError> {
        if let Some(digits) = text.strip_prefix("0x") {
            return parse_hex(digits);
        }
        let upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
        let lower = text.bytes().any(|byte| byte.is_ascii_lowercase());
        if upper && lower {
            return Err(AddressError::MixedCase);
        }
        let shape = || AddressError::Shape {
            got: text.chars().take(80).collect(),
        };
        if !text.is_ascii() || text.len() > 90 {
            return Err(shape());
        }
        let unchecked = UncheckedHrpstring::new(text).map_err(|_| shape())?;
        let checked = unchecked
            .validate_and_remove_checksum::<Bech32m>()
            .map_err(|_| AddressError::Checksum)?;
        let got = checked.hrp().to_lowercase();
        if got != self.as_str() {
            return Err(AddressError::WrongPrefix {
                expected: self.as_str().into(),
                network: network_of(&got),
                got,
            });
        }
        let bytes: Vec<u8> = checked.byte_iter().collect();
        let found = bytes.len();
        let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| AddressError::Length { got: found })?;
        Ok(Address(bytes))
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The network that a prefix belongs to, for messages.
#[must_use]
pub fn network_of(prefix: &str) -> &'static str {
    match prefix {
        PREFIX_PRODUCTION => "a production network",
        PREFIX_DEVELOPMENT => "a development network",
        _ => "an unknown network",
    }
}

fn parse_hex(digits: &str) -> Result<Address, AddressError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| AddressError::Hex)?;
    Ok(Address(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prefix(text: &str) -> Prefix {
        Prefix::new(text).unwrap()
    }

    /// Goal: the lengths that people see are the documented ones.
    #[test]
    fn lengths_are_61_and_64() {
        let address = Address([7; 32]);
        assert_eq!(prefix("wh").format(&address).len(), 61);
        assert_eq!(prefix("whdev").format(&address).len(), 64);
        assert_eq!(prefix("wh").format_short(&address).len(), 10 + 3 + 6);
        assert!(Prefix::new("WH").is_none() && Prefix::new("").is_none());
    }

    /// Goal: mixed case, wrong checksum and wrong prefix are three different errors.
    #[test]
    fn three_mistakes_are_three_errors() {
        let here = prefix("whdev");
        let text = here.format(&Address([9; 32]));
        let mixed = text.replacen('w', "W", 1);
        assert_eq!(here.parse(&mixed), Err(AddressError::MixedCase));
        let last = if text.ends_with('q') { "p" } else { "q" };
        let typo = format!("{}{last}", &text[..text.len() - 1]);
        assert_eq!(here.parse(&typo), Err(AddressError::Checksum));
        let foreign = prefix("wh").format(&Address([9; 32]));
        assert_eq!(
            here.parse(&foreign),
            Err(AddressError::WrongPrefix {
                expected: "whdev".into(),
                got: "wh".into(),
                network: "a production network",
            })
        );
    }

    /// Goal: what is not 32 bytes, not 64 digits or not an address at all says so.
    #[test]
    fn other_shapes_are_named() {
        let here = prefix("wh");
        let short = bech32::encode::<Bech32m>(Hrp::parse("wh").unwrap(), &[1; 20]).unwrap();
        assert_eq!(here.parse(&short), Err(AddressError::Length { got: 20 }));
        assert_eq!(here.parse("0xabcd"), Err(AddressError::Hex));
        assert!(matches!(
            here.parse("alice"),
            Err(AddressError::Shape { .. })
        ));
        assert!(matches!(here.parse(""), Err(AddressError::Shape { .. })));
        let wrong_variant = bech32::encode::<bech32::Bech32>(Hrp::parse("wh").unwrap(), &[1; 32]);
        assert_eq!(
            here.parse(&wrong_variant.unwrap()),
            Err(AddressError::Checksum)
        );
    }

    proptest! {
        /// Goal: text and hex both lead back to the same address, in either case.
        #[test]
        fn text_leads_back(bytes: [u8; 32]) {
            let (here, address) = (prefix("whdev"), Address(bytes));
            prop_assert_eq!(here.parse(&here.format(&address)), Ok(address));
            prop_assert_eq!(here.parse(&here.format(&address).to_uppercase()), Ok(address));
            prop_assert_eq!(here.parse(&address.to_string()), Ok(address));
        }

        /// Goal: no text makes the parser panic.
        #[test]
        fn any_text_is_answered(text in ".{0,100}") {
            let _ = prefix("wh").parse(&text);
        }
    }
}
