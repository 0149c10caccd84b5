//! Did the signer want this? Keys, policy, signatures; alone or many transactions at once.
//!
//! The answer for many is the answer for each (decision 0002): many are tried together, and only if
//! that fails one by one. Together a signature costs about half.

use super::{Admitted, Rejection};
use crate::host::{Signed, is_key, verify_all, verify_one};
use weighhouse_primitives::account::Signature;
use weighhouse_primitives::transaction::KeySignature;
use weighhouse_primitives::{Address, Authorization, KeyPolicy, PublicKey};

/// What is wrong with an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Keys not strictly ascending, none, too many, or a threshold out of range.
    #[error("the key policy is not well formed")]
    PolicyShape,
    /// The policy does not hash to the signer's address.
    #[error("the key policy is not that of the signer's address")]
    PolicyMismatch,
    /// Not exactly `threshold` signatures, or not ascending, or of a key that is not there.
    #[error("the policy needs {threshold} signatures by different keys, in ascending order")]
    Count {
        /// The policy's threshold.
        threshold: u8,
    },
    /// Not a point, not canonical, or of small order.
    #[error("key {key} is weak or not canonical")]
    WeakKey {
        /// Position in the policy.
        key: u8,
    },
    /// The signature does not hold.
    #[error("the signature of key {key} does not hold for this payload on this chain")]
    Invalid {
        /// Position in the policy.
        key: u8,
    },
}

/// A transaction that has passed every check but the equations of its signatures.
#[derive(Clone, Debug)]
pub struct Unproven {
    admitted: Admitted,
    signatures: Vec<(u8, PublicKey, Signature)>,
}

impl Unproven {
    /// Looks at everything about an authorization that needs no curve.
    pub(super) fn new(admitted: Admitted, development: bool) -> Result<Self, Rejection> {
        let signer = admitted.transaction.payload.signer;
        let signatures = match &admitted.transaction.authorization {
            Authorization::Keys { policy, signatures } => keys(&signer, policy, signatures)
                .map_err(|reason| Rejection::BadSignature { reason })?,
            Authorization::Development if development => Vec::new(),
            Authorization::Development => {
                return Err(Rejection::NotAuthorised {
                    signer,
                    act: "act without a signature",
                });
            }
        };
        Ok(Self {
            admitted,
            signatures,
        })
    }

    /// What it is, if its signatures hold.
    #[must_use]
    pub const fn admitted(&self) -> &Admitted {
        &self.admitted
    }

    /// Checks its signatures.
    ///
    /// # Errors
    /// `BadSignature` for the first that does not hold.
    pub fn prove(self) -> Result<Admitted, Rejection> {
        for (key, public, signature) in &self.signatures {
            let PublicKey::Ed25519(bytes) = public;
            let reason = match verify_one(&self.signed(bytes, signature)) {
                Some(true) => continue,
                Some(false) => SignatureError::Invalid { key: *key },
                None => SignatureError::WeakKey { key: *key },
            };
            return Err(Rejection::BadSignature { reason });
        }
        Ok(self.admitted)
    }

    fn signed<'a>(&'a self, key: &'a [u8; 32], signature: &'a Signature) -> Signed<'a> {
        Signed {
            key,
            signature: &signature.0,
            message: self.admitted.hash.as_bytes(),
        }
    }
}

/// Checks the signatures of many transactions; answers in their order.
#[must_use]
pub fn prove(many: Vec<Unproven>) -> Vec<Result<Admitted, Rejection>> {
    let together = many.len() > 1
        && verify_all(many.iter().flat_map(|one| {
            one.signatures
                .iter()
                .map(|(_, PublicKey::Ed25519(key), signature)| one.signed(key, signature))
        }));
    many.into_iter()
        .map(|one| {
            if together {
                Ok(one.admitted)
            } else {
                one.prove()
            }
        })
        .collect()
}

/// The signatures with their keys, if they are those that the policy asks for.
fn keys(
    signer: &Address,
    policy: &KeyPolicy,
    signatures: &[KeySignature],
) -> Result<Vec<(u8, PublicKey, Signature)>, SignatureError> {
    if !policy.is_well_formed() {
        return Err(SignatureError::PolicyShape);
    }
    if Address::of_account(policy) != *signer {
        return Err(SignatureError::PolicyMismatch);
    }
    let threshold = policy.threshold;
    if signatures.len() != usize::from(threshold) || !signatures.is_sorted_by(|a, b| a.key < b.key)
    {
        return Err(SignatureError::Count { threshold });
    }
    let mut found = Vec::with_capacity(signatures.len());
    for KeySignature { key, signature } in signatures {
        let Some(public) = policy.keys.get(usize::from(*key)) else {
            return Err(SignatureError::Count { threshold });
        };
        let PublicKey::Ed25519(bytes) = public;
        if !is_key(bytes) {
            return Err(SignatureError::WeakKey { key: *key });
        }
        found.push((*key, *public, *signature));
    }
    Ok(found)
}
