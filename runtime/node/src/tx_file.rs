//! A transaction on its way to its signatures: a file that people can pass on.
//!
//! ```json
//! { "version": 1, "prefix": "whdev", "payload": "0x...", "signing_hash": "0x...",
//!   "policy": { "threshold": 2, "keys": ["0x..."] }, "signatures": [{ "key": "0x...", "signature": "0x..." }] }
//! ```
//! The payload is what counts: `signing_hash` is compared with it whenever the file is read, so that a
//! hash that was compared aloud cannot belong to other bytes.

use crate::policies::{PolicyText, parse_public};
use parity_scale_codec::Encode;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::transaction::KeySignature;
use weighhouse_primitives::{
    Address, Authorization, KeyPolicy, Payload, PublicKey, Signature, Transaction,
};

/// Why a file is not a transaction, or cannot be completed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TxFileError {
    /// The file system.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it says.
        source: std::io::Error,
    },
    /// Not such a file.
    #[error("{} is not a transaction file: {reason}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody knows the signer's keys.
    #[error("the key policy of the signer is not in the file")]
    NoPolicy,
    /// The policy belongs to another account.
    #[error("the key policy is not that of the signer")]
    WrongPolicy,
    /// The key does not belong to the account.
    #[error("key {key} is not one of the signer's")]
    ForeignKey {
        /// The public key.
        key: String,
    },
    /// Not enough signatures.
    #[error("{have} of {need} signatures")]
    Unfinished {
        /// How many there are.
        have: usize,
        /// How many are needed.
        need: usize,
    },
}

/// A transaction file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TxFile {
    version: u32,
    /// Prefix of the chain's addresses.
    pub prefix: String,
    payload: String,
    signing_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<PolicyText>,
    #[serde(default)]
    signatures: Vec<SignatureText>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureText {
    key: String,
    signature: String,
}

impl TxFile {
    /// An unsigned transaction.
    #[must_use]
    pub fn new(prefix: &str, payload: &Payload, policy: Option<&KeyPolicy>) -> Self {
        Self {
            version: 1,
            prefix: prefix.into(),
            payload: format!("0x{}", hex::encode(payload.encode())),
            signing_hash: payload.hash().to_string(),
            policy: policy.map(PolicyText::from),
            signatures: Vec::new(),
        }
    }

    /// Reads a file and compares its hash with its bytes.
    ///
    /// # Errors
    /// A file that cannot be read, or is not such a file.
    pub fn read(path: &Path) -> Result<Self, TxFileError> {
        let text = std::fs::read_to_string(path).map_err(|source| TxFileError::Io {
            path: path.into(),
            source,
        })?;
        Self::parse(&text).map_err(|reason| TxFileError::Format {
            path: path.into(),
            reason,
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if file.version != 1 {
            return Err(format!("version is {}, known is 1", file.version));
        }
        let payload = file.decode().ok_or("the payload does not decode")?;
        if payload.hash().to_string() != file.signing_hash {
            return Err(format!(
                "signing_hash is {}, the payload's is {}",
                file.signing_hash,
                payload.hash()
            ));
        }
        Ok(file)
    }

    /// Writes the file.
    ///
    /// # Errors
    /// The file system's.
    pub fn write(&self, path: &Path) -> Result<(), TxFileError> {
        std::fs::write(path, self.text()).map_err(|source| TxFileError::Io {
            path: path.into(),
            source,
        })
    }

    /// The file's text.
    ///
    /// # Panics
    /// Never: strings and numbers always serialise.
    #[must_use]
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("strings always serialise");
        format!("{text}\n")
    }

    fn decode(&self) -> Option<Payload> {
        let bytes = hex::decode(self.payload.strip_prefix("0x")?).ok()?;
        decode_canonical(&bytes).ok()
    }

    /// The payload.
    ///
    /// # Panics
    /// Never: the payload was decoded when the file was read or made.
    #[must_use]
    pub fn payload(&self) -> Payload {
        self.decode().expect("the payload was decoded before")
    }

    /// The signer's key policy, if it is in the file.
    #[must_use]
    pub fn policy(&self) -> Option<KeyPolicy> {
        self.policy.as_ref()?.policy()
    }

    /// Puts the signer's key policy into the file.
    ///
    /// # Errors
    /// If it is not the signer's.
    pub fn set_policy(&mut self, policy: &KeyPolicy) -> Result<(), TxFileError> {
        if Address::of_account(policy) != self.payload().signer {
            return Err(TxFileError::WrongPolicy);
        }
        self.policy = Some(policy.into());
        Ok(())
    }

    /// How many signatures there are, and how many are needed, if the policy is known.
    #[must_use]
    pub fn progress(&self) -> (usize, Option<usize>) {
        let need = self.policy.as_ref().map(|policy| policy.threshold.into());
        (self.signatures.len(), need)
    }

    /// Public keys that have signed.
    pub fn signed_by(&self) -> impl Iterator<Item = &str> {
        self.signatures
            .iter()
            .map(|signature| signature.key.as_str())
    }

    /// Forgets all signatures.
    pub fn clear(&mut self) {
        self.signatures.clear();
    }

    /// Adds, or replaces, the signature of one key.
    ///
    /// # Errors
    /// If the policy is unknown, or the key is not in it.
    pub fn add(&mut self, public: &[u8; 32], signature: Signature) -> Result<(), TxFileError> {
        let policy = self.policy().ok_or(TxFileError::NoPolicy)?;
        let key = format!("0x{}", hex::encode(public));
        if !policy.keys.contains(&PublicKey::Ed25519(*public)) {
            return Err(TxFileError::ForeignKey { key });
        }
        self.signatures.retain(|held| held.key != key);
        self.signatures.push(SignatureText {
            key,
            signature: format!("0x{}", hex::encode(signature.0)),
        });
        Ok(())
    }

    /// The complete transaction, with exactly as many signatures as the policy needs.
    ///
    /// # Errors
    /// If signatures are missing.
    pub fn transaction(&self) -> Result<Transaction, TxFileError> {
        let payload = self.payload();
        let policy = self.policy().ok_or(TxFileError::NoPolicy)?;
        if Address::of_account(&policy) != payload.signer {
            return Err(TxFileError::WrongPolicy);
        }
        let mut signatures: Vec<KeySignature> = self
            .signatures
            .iter()
            .filter_map(|held| {
                let public = parse_public(&held.key)?;
                let position = policy.keys.iter().position(|key| *key == public)?;
                let bytes = hex::decode(held.signature.strip_prefix("0x")?).ok()?;
                Some(KeySignature {
                    key: u8::try_from(position).ok()?,
                    signature: Signature(bytes.try_into().ok()?),
                })
            })
            .collect();
        signatures.sort_by_key(|signature| signature.key);
        signatures.dedup_by_key(|signature| signature.key);
        let need = usize::from(policy.threshold);
        if signatures.len() < need {
            return Err(TxFileError::Unfinished {
                have: signatures.len(),
                need,
            });
        }
        signatures.truncate(need);
        Ok(Transaction {
            payload,
            authorization: Authorization::Keys { policy, signatures },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keystore::Secret;
    use crate::signer::KeySigner;
    use weighhouse_primitives::hash::GenesisHash;
    use weighhouse_primitives::{Action, Gas, Timestamp};

    fn signer(seed: u8) -> KeySigner {
        KeySigner::new(&Secret::new([seed; 32]))
    }

    fn file(policy: &KeyPolicy) -> TxFile {
        let payload = Payload {
            chain: GenesisHash::default(),
            signer: Address::of_account(policy),
            nonce: 1,
            valid_until: Timestamp(2),
            gas_limit: Gas(3),
            action: Action::Call {
                contract: Address::ZERO,
                input: vec![4],
            },
        };
        TxFile::new("whdev", &payload, Some(policy))
    }

    /// Goal: two of three people complete a transaction, in any order; strangers cannot.
    #[test]
    fn two_of_three_sign() {
        let people = [signer(1), signer(2), signer(3)];
        let keys = people.iter().map(|one| PublicKey::Ed25519(*one.public()));
        let policy = KeyPolicy::of(2, keys.collect()).unwrap();
        let mut file = file(&policy);
        let hash = file.payload().hash().0;
        for one in [&people[2], &people[2], &people[0]] {
            assert!(matches!(
                file.transaction(),
                Err(TxFileError::Unfinished { .. })
            ));
            file.add(one.public(), one.sign(&hash)).unwrap();
        }
        let stranger = signer(9);
        assert!(matches!(
            file.add(stranger.public(), stranger.sign(&hash)),
            Err(TxFileError::ForeignKey { .. })
        ));
        let again = TxFile::parse(&file.text()).unwrap();
        let Authorization::Keys { signatures, .. } = again.transaction().unwrap().authorization
        else {
            panic!("signed by keys");
        };
        assert_eq!(signatures.len(), 2);
        assert!(signatures.is_sorted_by(|a, b| a.key < b.key));
    }

    /// Goal: a file whose hash and bytes differ is refused, and so is a foreign policy.
    #[test]
    fn hash_and_bytes_belong_together() {
        let policy = signer(1).policy();
        let mut file = file(&policy);
        assert!(file.set_policy(&signer(2).policy()).is_err());
        file.signing_hash = file.signing_hash.replace('0', "1");
        assert!(TxFile::parse(&file.text()).is_err());
        assert!(TxFile::parse("{}").is_err());
    }
}
