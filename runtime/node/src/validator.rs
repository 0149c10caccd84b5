//! Validators in text: the public key of a CometBFT as it writes it, in base64, or as hex; with its power.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use weighhouse_primitives::Hash;
use weighhouse_rpc::types::HashHex;

/// A public key from base64 (44 characters, as in `priv_validator_key.json`) or `0x` and 64 hex digits.
#[must_use]
pub fn key(text: &str) -> Option<[u8; 32]> {
    match text.parse::<HashHex>() {
        Ok(hex) => Some(*hex.0.as_bytes()),
        Err(_) => STANDARD.decode(text).ok()?.try_into().ok(),
    }
}

/// A key as CometBFT writes it.
#[must_use]
pub fn base64(key: &[u8; 32]) -> String {
    STANDARD.encode(key)
}

/// `KEY:POWER`, as in `genesis.toml`.
#[must_use]
pub fn entry(text: &str) -> Option<([u8; 32], u64)> {
    let (written, power) = text.rsplit_once(':')?;
    let power = power.parse().ok().filter(|power| *power > 0)?;
    Some((key(written)?, power))
}

/// What [`entry`] reads.
#[must_use]
pub fn entry_text(key: &[u8; 32], power: u64) -> String {
    format!("{}:{power}", base64(key))
}

/// A key as hex, as JSON-RPC has it.
#[must_use]
pub const fn hex(key: [u8; 32]) -> HashHex {
    HashHex(Hash(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: keys come in both spellings and go out as CometBFT writes them; others are refused.
    #[test]
    fn keys_come_as_cometbft_writes_them() {
        let bytes: [u8; 32] = std::array::from_fn(|at| u8::try_from(at * 7 + 3).unwrap_or(0));
        let text = base64(&bytes);
        assert_eq!(text, "AwoRGB8mLTQ7QklQV15lbHN6gYiPlp2kq7K5wMfO1dw=");
        assert_eq!(key(&text), Some(bytes));
        assert_eq!(key(&hex(bytes).to_string()), Some(bytes));
        assert_eq!(entry(&entry_text(&bytes, 10)), Some((bytes, 10)));
        for wrong in ["", "abc", &text[1..], &text[..43], "0x12"] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
        assert_eq!(entry(&format!("{text}:0")), None);
        assert_eq!(entry(&text), None);
    }
}
