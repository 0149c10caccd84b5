//! Group `crypto`: hashes and signatures. One verification rule for contracts and transactions.

use super::HostContext;
use crate::frame::Stop;
use curve25519_dalek::constants::EIGHT_TORSION;
use ed25519_zebra::{Signature, VerificationKey, VerificationKeyBytes, batch};
use parity_scale_codec::DecodeAll;
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;
use std::sync::LazyLock;
use weighhouse_primitives::HaltReason;
use weighhouse_primitives::abi::{HASH_BLAKE3, VERIFY_ED25519};

/// Gas of one signature in a list.
const SIGNATURE_GAS: u64 = 45_000;

/// Encodings of the points of small order, without their sign.
static SMALL_ORDER: LazyLock<[[u8; 32]; 8]> =
    LazyLock::new(|| EIGHT_TORSION.map(|point| unsigned(point.compress().0)));

/// An encoding without the sign of x: the number y.
const fn unsigned(mut encoding: [u8; 32]) -> [u8; 32] {
    let [.., last] = &mut encoding;
    *last &= 0x7f;
    encoding
}

/// True if the number y of an encoding is below the field's prime, 2^255 - 19.
fn is_reduced(y: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = y;
    *first < 0xed || *last < 0x7f || middle.iter().any(|byte| *byte != 0xff)
}

/// False for bytes that are no key of an account, as far as that is known without computing a point:
/// y must be reduced and not that of a point of small order. The sign of an x that is 0 is the only
/// other freedom of an encoding, and such points are of small order.
///
/// # Source
/// ZIP 215 lets both through; docs/decisions/0002 refuses them.
pub(crate) fn is_key(bytes: &[u8; 32]) -> bool {
    let y = unsigned(*bytes);
    is_reduced(&y) && !SMALL_ORDER.contains(&y)
}

/// A message, and who is said to have signed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) key: &'a [u8; 32],
    pub(crate) signature: &'a [u8; 64],
    pub(crate) message: &'a [u8],
}

/// Does the signature hold? `None` if the key is no key.
///
/// # Source
/// ZIP 215 (cofactored equation), keys restricted by docs/decisions/0002.
pub(crate) fn verify_one(signed: &Signed<'_>) -> Option<bool> {
    if !is_key(signed.key) {
        return None;
    }
    let key = VerificationKey::try_from(*signed.key).ok()?;
    let signature = Signature::from(*signed.signature);
    Some(key.verify(&signature, signed.message).is_ok())
}

/// True if all signatures hold, each by itself: false says only that one may not.
///
/// # Source
/// ZIP 215: the equations are added up, each with a factor of 128 bits. The factors follow from all that
/// is checked, so nobody can choose a signature after its factor, and every run is the same.
pub(crate) fn verify_all<'a>(many: impl Iterator<Item = Signed<'a>>) -> bool {
    let mut batch = batch::Verifier::new();
    let mut seed =
        blake3::Hasher::new_derive_key("weighhouse 2026 factors of a batch of signatures");
    for signed in many {
        if !is_key(signed.key) {
            return false;
        }
        let signature = Signature::from(*signed.signature);
        let key = VerificationKeyBytes::from(*signed.key);
        batch.queue((key, signature, &signed.message));
        seed.update(signed.key).update(signed.signature);
        seed.update(blake3::hash(signed.message).as_bytes());
    }
    batch.verify(Factors(seed.finalize_xof())).is_ok()
}

/// The factors of a batch.
struct Factors(blake3::OutputReader);

impl TryRng for Factors {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Factors {}

/// True if `signature` of `message` by `key` holds.
///
/// # Source
/// As for transactions: one rule.
#[must_use]
pub fn verify_ed25519(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let signed = Signed {
        key,
        signature,
        message,
    };
    verify_one(&signed) == Some(true)
}

/// Hashes guest bytes; see the table.
pub(super) fn hash(
    context: &mut HostContext<'_>,
    algorithm: u32,
    data_ptr: u32,
    data_len: u32,
    out_ptr: u32,
) -> Result<(), Stop> {
    if algorithm != HASH_BLAKE3 {
        return Err(HaltReason::HostLimit.into());
    }
    let digest = blake3::hash(context.read(data_ptr, data_len)?);
    context.write(out_ptr, digest.as_bytes())
}

/// Verifies one signature; see the table.
pub(super) fn verify(
    context: &mut HostContext<'_>,
    algorithm: u32,
    key_ptr: u32,
    message_ptr: u32,
    message_len: u32,
    signature_ptr: u32,
) -> Result<u32, Stop> {
    if algorithm != VERIFY_ED25519 {
        return Err(HaltReason::HostLimit.into());
    }
    let key = context
        .read(key_ptr, 32)?
        .first_chunk::<32>()
        .ok_or(HaltReason::BadPointer)?;
    let message = context.read(message_ptr, message_len)?;
    let signature = context
        .read(signature_ptr, 64)?
        .first_chunk::<64>()
        .ok_or(HaltReason::BadPointer)?;
    Ok(u32::from(verify_ed25519(key, message, signature)))
}

/// Verifies a list of signatures over one message; see the table.
pub(super) fn verify_many(
    context: &mut HostContext<'_>,
    algorithm: u32,
    list_ptr: u32,
    list_len: u32,
    message_ptr: u32,
    message_len: u32,
) -> Result<u32, Stop> {
    if algorithm != VERIFY_ED25519 {
        return Err(HaltReason::HostLimit.into());
    }
    let list = context.read(list_ptr, list_len)?.to_vec();
    let Ok(list) = Vec::<([u8; 32], [u8; 64])>::decode_all(&mut &*list) else {
        return Ok(0);
    };
    let message = context.read(message_ptr, message_len)?.to_vec();
    for (key, signature) in &list {
        context.charge(SIGNATURE_GAS)?;
        if !verify_ed25519(key, &message, signature) {
            return Ok(0);
        }
    }
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::edwards::CompressedEdwardsY;
    use proptest::prelude::*;

    /// The rule as written: a point, canonical, not of small order.
    fn by_the_book(bytes: &[u8; 32]) -> bool {
        CompressedEdwardsY(*bytes)
            .decompress()
            .is_some_and(|point| !point.is_small_order() && point.compress().0 == *bytes)
    }

    fn is_usable(bytes: &[u8; 32]) -> bool {
        is_key(bytes) && VerificationKey::try_from(*bytes).is_ok()
    }

    /// Goal: every encoding near an edge is judged as by the rule: small order, y not reduced, either sign.
    #[test]
    fn keys_at_the_edges_are_judged_by_the_rule() {
        let mut prime = [0xff_u8; 32];
        (prime[0], prime[31]) = (0xed, 0x7f);
        let mut edges: Vec<[u8; 32]> = EIGHT_TORSION.map(|point| point.compress().0).to_vec();
        for small in 0..=40_u8 {
            let mut y = [0; 32];
            y[0] = small;
            edges.push(y);
            let mut above = prime;
            above[0] = prime[0].wrapping_add(small);
            edges.push(above);
            let mut below = prime;
            below[0] = prime[0].wrapping_sub(small);
            edges.push(below);
        }
        let mut accepted = 0;
        for edge in edges {
            for sign in [0, 0x80] {
                let mut bytes = edge;
                bytes[31] ^= sign;
                let expected = by_the_book(&bytes);
                assert_eq!(is_usable(&bytes), expected, "{bytes:?}");
                accepted += u32::from(expected);
            }
        }
        assert!(accepted > 10, "some edges are keys");
    }

    proptest! {
        /// Goal: any bytes are judged as by the rule.
        #[test]
        fn any_bytes_are_judged_by_the_rule(bytes: [u8; 32]) {
            prop_assert_eq!(is_usable(&bytes), by_the_book(&bytes));
        }
    }
}
