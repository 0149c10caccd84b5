//! Key policies by name: accounts that several keys control, `CONFIG/policies/NAME.json`.
//!
//! Holds no secret. An address is the hash of its policy, so whoever signs or sends for the account
//! needs the policy itself; this is where it waits.

use crate::keystore::{is_name, write_private};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use weighhouse_primitives::{Address, KeyPolicy, PublicKey};

/// A policy in JSON, in files and in unsigned transactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyText {
    /// How many keys must sign.
    pub threshold: u8,
    /// The keys, ascending: `0x` and 64 hex digits.
    pub keys: Vec<String>,
}

impl From<&KeyPolicy> for PolicyText {
    fn from(policy: &KeyPolicy) -> Self {
        let text = |key: &PublicKey| match key {
            PublicKey::Ed25519(bytes) => format!("0x{}", hex::encode(bytes)),
        };
        Self {
            threshold: policy.threshold,
            keys: policy.keys.iter().map(text).collect(),
        }
    }
}

impl PolicyText {
    /// The policy; `None` if a key is not a key or the whole is not well formed.
    #[must_use]
    pub fn policy(&self) -> Option<KeyPolicy> {
        let keys: Option<Vec<PublicKey>> = self.keys.iter().map(|key| parse_public(key)).collect();
        KeyPolicy::of(self.threshold, keys?)
    }
}

/// A public key as text: `0x` and 64 hex digits.
#[must_use]
pub fn parse_public(text: &str) -> Option<PublicKey> {
    let mut key = [0; 32];
    hex::decode_to_slice(text.strip_prefix("0x")?, &mut key).ok()?;
    Some(PublicKey::Ed25519(key))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    version: u32,
    name: String,
    policy: PolicyText,
}

/// The folder of policies.
#[derive(Clone, Debug)]
pub struct Policies {
    folder: PathBuf,
}

impl Policies {
    /// The policies of a configuration folder.
    #[must_use]
    pub fn new(config_dir: &Path) -> Self {
        Self {
            folder: config_dir.join("policies"),
        }
    }

    /// Policies by name, ascending; files that are not policies are left out.
    #[must_use]
    pub fn list(&self) -> Vec<(String, KeyPolicy)> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten();
        let mut list: Vec<(String, KeyPolicy)> = entries
            .filter_map(|entry| {
                let name = entry.ok()?.file_name().into_string().ok()?;
                let name = name.strip_suffix(".json")?.to_owned();
                let policy = self.read(&name)?;
                Some((name, policy))
            })
            .collect();
        list.sort();
        list
    }

    /// The policy of a name.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<KeyPolicy> {
        if !is_name(name) {
            return None;
        }
        let text = std::fs::read_to_string(self.folder.join(format!("{name}.json"))).ok()?;
        let file: PolicyFile = serde_json::from_str(&text).ok()?;
        (file.version == 1 && file.name == name)
            .then(|| file.policy.policy())
            .flatten()
    }

    /// The policy behind an address.
    #[must_use]
    pub fn of_address(&self, address: &Address) -> Option<KeyPolicy> {
        let mut list = self.list().into_iter().map(|(_, policy)| policy);
        list.find(|policy| Address::of_account(policy) == *address)
    }

    /// Stores a policy, in place of one of the same name.
    ///
    /// # Errors
    /// A bad name, or the file system.
    pub fn write(&self, name: &str, policy: &KeyPolicy) -> std::io::Result<PathBuf> {
        if !is_name(name) {
            let what = "a name has 1 to 40 of a-z, 0-9, - and _, starting with a letter";
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, what));
        }
        let file = PolicyFile {
            version: 1,
            name: name.into(),
            policy: policy.into(),
        };
        let mut text = serde_json::to_string_pretty(&file)?;
        text.push('\n');
        let path = self.folder.join(format!("{name}.json"));
        write_private(&path, text.as_bytes())?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a stored policy is found by name and by address, and only well-formed ones are.
    #[test]
    fn stored_and_found() {
        let folder = tempfile::tempdir().unwrap();
        let policies = Policies::new(folder.path());
        let keys = vec![PublicKey::Ed25519([2; 32]), PublicKey::Ed25519([1; 32])];
        let policy = KeyPolicy::of(2, keys).unwrap();
        policies.write("board", &policy).unwrap();
        assert_eq!(policies.read("board"), Some(policy.clone()));
        let address = Address::of_account(&policy);
        assert_eq!(policies.of_address(&address), Some(policy));
        assert!(policies.write("../x", &KeyPolicy::single([1; 32])).is_err());
        assert!(policies.read("nobody").is_none());
        let threshold = PolicyText {
            threshold: 3,
            keys: vec![format!("0x{}", "01".repeat(32))],
        };
        assert!(threshold.policy().is_none());
    }
}
