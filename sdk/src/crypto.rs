//! Hashes and signatures, computed by the host.

use crate::sys;
use alloc::vec::Vec;
use parity_scale_codec::Encode;
use weighhouse_primitives::abi::{HASH_BLAKE3, VERIFY_ED25519};
use weighhouse_primitives::{Hash, PublicKey, Signature};

/// Plain blake3 of `data`, as `b3sum` prints it.
///
/// # Gas
/// Row `hash` of the table of host functions.
#[must_use]
pub fn hash(data: &[u8]) -> Hash {
    sys::hash(HASH_BLAKE3, data)
}

/// Plain blake3 of the SCALE encoding of `value`.
#[must_use]
pub fn hash_encoded<T: Encode + ?Sized>(value: &T) -> Hash {
    value.using_encoded(hash)
}

/// True if `signature` of `message` by `key` holds.
///
/// A message that is signed outside transactions should name the chain ([`crate::Context::chain`]),
/// the contract ([`crate::Context::contract`]) and its purpose, so that it counts nowhere else.
#[must_use]
pub fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    let PublicKey::Ed25519(key) = key;
    sys::verify(VERIFY_ED25519, key, message, &signature.0)
}

/// True if every one of `signatures` over the same `message` holds.
///
/// An empty list holds: who needs at least one says so.
#[must_use]
pub fn verify_many(signatures: &[(PublicKey, Signature)], message: &[u8]) -> bool {
    let list: Vec<([u8; 32], [u8; 64])> = signatures
        .iter()
        .map(|(key, signature)| {
            let PublicKey::Ed25519(key) = key;
            (*key, signature.0)
        })
        .collect();
    list.using_encoded(|list| sys::verify_many(VERIFY_ED25519, list, message))
}
