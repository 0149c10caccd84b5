//! One key file: a secret encrypted under a passphrase.

use super::{KeystoreError, PASSPHRASE_BYTES_MIN, Secret};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ed25519_zebra::{SigningKey, VerificationKey};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use weighhouse_primitives::{Address, KeyPolicy};
use weighhouse_rpc::address::{PREFIX_PRODUCTION, Prefix};
use zeroize::Zeroizing;

/// Most memory that a key file may ask for when it is unlocked, in KiB: 1 GiB.
const MEMORY_KIB_MAX: u32 = 1 << 20;
/// Most passes that a key file may ask for.
const PASSES_MAX: u32 = 64;

/// How hard a passphrase is to guess.
#[derive(Clone, Copy, Debug)]
pub struct Strength {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Strength {
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            passes: 3,
        }
    }
}

/// A key file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    pub(super) version: u32,
    /// Name of the key, and of the file.
    pub name: String,
    pub(super) algorithm: String,
    pub(super) public_key: String,
    pub(super) address: String,
    pub(super) kdf: Kdf,
    pub(super) cipher: Cipher,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kdf {
    pub(super) name: String,
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
    pub(super) salt: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cipher {
    pub(super) name: String,
    pub(super) nonce: String,
    pub(super) text: String,
}

/// The public key of a secret.
#[must_use]
pub fn public_key(secret: &Secret) -> [u8; 32] {
    VerificationKey::from(&SigningKey::from(**secret)).into()
}

/// A new secret from the operating system.
///
/// # Errors
/// If the system gives no random bytes.
pub fn generate() -> Result<Secret, KeystoreError> {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(secret.as_mut_slice()).map_err(KeystoreError::Random)?;
    Ok(secret)
}

impl KeyFile {
    /// Encrypts a secret under a passphrase.
    ///
    /// # Errors
    /// If the passphrase is too short or the system gives no random bytes.
    pub fn seal(
        name: &str,
        secret: &Secret,
        passphrase: &str,
        strength: Strength,
    ) -> Result<Self, KeystoreError> {
        if passphrase.len() < PASSPHRASE_BYTES_MIN {
            return Err(KeystoreError::PassphraseShort {
                bytes: passphrase.len(),
            });
        }
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        getrandom::fill(&mut salt).map_err(KeystoreError::Random)?;
        getrandom::fill(&mut nonce).map_err(KeystoreError::Random)?;
        let public = public_key(secret);
        let mut file = Self {
            version: 1,
            name: name.into(),
            algorithm: "ed25519".into(),
            public_key: hex(&public),
            address: production_address(&public),
            kdf: Kdf {
                name: "argon2id".into(),
                memory_kib: strength.memory_kib,
                passes: strength.passes,
                lanes: 1,
                salt: hex(&salt),
            },
            cipher: Cipher {
                name: "xchacha20poly1305".into(),
                nonce: hex(&nonce),
                text: String::new(),
            },
        };
        let locked = || KeystoreError::Locked { name: name.into() };
        let cipher = file.cipher_of(passphrase).ok_or_else(locked)?;
        let payload = Payload {
            msg: secret.as_slice(),
            aad: &file.associated(),
        };
        let text = cipher.encrypt(&XNonce::from(nonce), payload);
        file.cipher.text = hex(&text.map_err(|_| locked())?);
        Ok(file)
    }

    /// Decrypts the secret.
    ///
    /// # Errors
    /// [`KeystoreError::Locked`] for a wrong passphrase and for any change of the file.
    pub fn unlock(&self, passphrase: &str) -> Result<Secret, KeystoreError> {
        let locked = || KeystoreError::Locked {
            name: self.name.clone(),
        };
        let nonce: [u8; 24] = bytes(&self.cipher.nonce).ok_or_else(locked)?;
        let text = unhex(&self.cipher.text).ok_or_else(locked)?;
        let cipher = self.cipher_of(passphrase).ok_or_else(locked)?;
        let payload = Payload {
            msg: &text,
            aad: &self.associated(),
        };
        let plain = cipher.decrypt(&XNonce::from(nonce), payload);
        let plain = Zeroizing::new(plain.map_err(|_| locked())?);
        let secret = <[u8; 32]>::try_from(plain.as_slice()).map_err(|_| locked())?;
        Ok(Zeroizing::new(secret))
    }

    /// The public key.
    ///
    /// # Errors
    /// If the file holds no key of 32 bytes.
    pub fn public(&self) -> Result<[u8; 32], KeystoreError> {
        bytes(&self.public_key).ok_or_else(|| KeystoreError::Format {
            path: PathBuf::from(&self.name),
            reason: "public_key is not 0x and 64 hex digits".into(),
        })
    }

    /// The file's text.
    pub(super) fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("strings always serialise");
        format!("{text}\n")
    }

    /// Every field but `cipher.text`: compact JSON, fields in the order of the struct.
    fn associated(&self) -> Vec<u8> {
        let mut open = self.clone();
        open.cipher.text.clear();
        serde_json::to_vec(&open).expect("strings and numbers always serialise")
    }

    fn cipher_of(&self, passphrase: &str) -> Option<XChaCha20Poly1305> {
        let salt: [u8; 16] = bytes(&self.kdf.salt)?;
        let params = Params::new(
            self.kdf.memory_kib,
            self.kdf.passes,
            self.kdf.lanes,
            Some(32),
        );
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.ok()?);
        let mut key = Zeroizing::new([0; 32]);
        argon
            .hash_password_into(passphrase.as_bytes(), &salt, key.as_mut_slice())
            .ok()?;
        XChaCha20Poly1305::new_from_slice(key.as_slice()).ok()
    }

    pub(super) fn check(&self, path: &Path) -> Result<(), KeystoreError> {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let reason = if self.version != 1 {
            format!("version is {}", self.version)
        } else if self.algorithm != "ed25519" {
            format!("algorithm is {}, known is ed25519", self.algorithm)
        } else if self.kdf.name != "argon2id" || self.kdf.lanes != 1 {
            "kdf is not argon2id with one lane".into()
        } else if self.kdf.memory_kib > MEMORY_KIB_MAX || self.kdf.passes > PASSES_MAX {
            format!("kdf asks for more than {MEMORY_KIB_MAX} KiB or {PASSES_MAX} passes")
        } else if self.cipher.name != "xchacha20poly1305" {
            format!("cipher is {}, known is xchacha20poly1305", self.cipher.name)
        } else if stem != Some(self.name.as_str()) {
            format!("it says that its name is {}", self.name)
        } else {
            return Ok(());
        };
        Err(KeystoreError::Format {
            path: path.into(),
            reason,
        })
    }
}

fn production_address(public: &[u8; 32]) -> String {
    let prefix = Prefix::new(PREFIX_PRODUCTION).expect("the production prefix is well formed");
    prefix.format(&Address::of_account(&KeyPolicy::single(*public)))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("0x")?).ok()
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    unhex(text)?.try_into().ok()
}
