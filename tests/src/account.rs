//! Accounts with keys made from a name: the same name is the same account in every test.

use ed25519_zebra::SigningKey;
use weighhouse_primitives::transaction::KeySignature;
use weighhouse_primitives::{
    Address, Authorization, Hash, KeyPolicy, Payload, PublicKey, Signature, Transaction,
};

/// An account that signs with the keys of its policy.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its address.
    pub address: Address,
    policy: KeyPolicy,
    keys: Vec<SigningKey>,
}

fn key_of(name: &str) -> SigningKey {
    SigningKey::from(Hash::of(name.as_bytes()).0)
}

fn public(key: &SigningKey) -> [u8; 32] {
    ed25519_zebra::VerificationKey::from(key).into()
}

impl Account {
    /// One key, made from `name`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self::shared(1, &[name])
    }

    /// `threshold` of the keys made from `names`; the first `threshold` sign.
    ///
    /// # Panics
    /// If the policy is not well formed: a mistake of the test.
    #[must_use]
    pub fn shared(threshold: u8, names: &[&str]) -> Self {
        let mut keys: Vec<SigningKey> = names.iter().map(|name| key_of(name)).collect();
        keys.sort_by_key(public);
        let public_keys = keys
            .iter()
            .map(|key| PublicKey::Ed25519(public(key)))
            .collect();
        let policy = KeyPolicy::of(threshold, public_keys).expect("a well-formed policy");
        Self {
            address: Address::of_account(&policy),
            policy,
            keys,
        }
    }

    /// Its key policy.
    #[must_use]
    pub const fn policy(&self) -> &KeyPolicy {
        &self.policy
    }

    /// Signs a message with the first key: for permits and the like.
    #[must_use]
    pub fn sign_message(&self, message: &[u8]) -> Signature {
        Signature(self.keys[0].sign(message).into())
    }

    /// Signs a payload with as many keys as the policy asks for.
    #[must_use]
    pub fn sign(&self, payload: Payload) -> Transaction {
        let hash = payload.hash();
        let signatures = (0u8..)
            .zip(&self.keys)
            .take(usize::from(self.policy.threshold))
            .map(|(key, signing)| KeySignature {
                key,
                signature: Signature(signing.sign(hash.as_bytes()).into()),
            })
            .collect();
        let authorization = Authorization::Keys {
            policy: self.policy.clone(),
            signatures,
        };
        Transaction {
            payload,
            authorization,
        }
    }
}
