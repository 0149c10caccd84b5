//! Group `crypto`: hashes and signatures. One verification rule for contracts and transactions.

use super::HostContext;
use crate::frame::Stop;
use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_zebra::{Signature, VerificationKey};
use parity_scale_codec::DecodeAll;
use weighhouse_primitives::HaltReason;
use weighhouse_primitives::abi::{HASH_BLAKE3, VERIFY_ED25519};

/// Gas of one signature in a list.
const SIGNATURE_GAS: u64 = 45_000;

/// A public key that may verify: canonical encoding of a point that is not of small order.
///
/// # Source
/// ZIP 215 lets both through; docs/decisions/0002 refuses them.
pub(crate) fn decode_key(bytes: &[u8; 32]) -> Option<VerificationKey> {
    let point = CompressedEdwardsY(*bytes).decompress()?;
    if point.is_small_order() || point.compress().0 != *bytes {
        return None;
    }
    VerificationKey::try_from(*bytes).ok()
}

/// True if `signature` of `message` by `key` holds.
///
/// # Source
/// ZIP 215 (cofactored equation), keys restricted by docs/decisions/0002.
#[must_use]
pub fn verify_ed25519(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    decode_key(key).is_some_and(|key| key.verify(&Signature::from(*signature), message).is_ok())
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
