//! Validators in text: the public key of a CometBFT as it writes it, in base64, or as hex; with its power.

use std::fmt::Write;
use weighhouse_primitives::Hash;
use weighhouse_rpc::types::HashHex;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A public key from base64 (44 characters, as in `priv_validator_key.json`) or `0x` and 64 hex digits.
#[must_use]
pub fn key(text: &str) -> Option<[u8; 32]> {
    if let Ok(hex) = text.parse::<HashHex>() {
        return Some(*hex.0.as_bytes());
    }
    let digits = text.strip_suffix('=').filter(|digits| digits.len() == 43)?;
    let (mut bytes, mut bits, mut count) = (Vec::with_capacity(32), 0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = DIGITS.iter().position(|one| *one == digit)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    // The two bits beyond the last byte are zero in the one right spelling.
    (bits & ((1 << count) - 1) == 0).then_some(())?;
    bytes.try_into().ok()
}

/// A key as CometBFT writes it.
#[must_use]
pub fn base64(key: &[u8; 32]) -> String {
    let mut text = String::with_capacity(44);
    for three in key.chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            let digit = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap_or(0);
            text.push(DIGITS.get(digit).map_or('=', |digit| char::from(*digit)));
        }
    }
    text.push('=');
    text
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
    let mut text = base64(key);
    let _ = write!(text, ":{power}");
    text
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
