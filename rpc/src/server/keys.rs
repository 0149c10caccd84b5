//! API keys: who may ask at all, where the operator says that not everybody may.
//!
//! # Format
//! A text file, one key a line: `NAME HASH`, the name of `a-z`, `0-9` and `-`, the hash as 64 hex digits; empty
//! lines and lines that begin with `#` are left out. The key itself, `whk_` and 64 hex digits from 32 bytes of
//! the system's randomness, is nowhere but with its owner; it is presented as `Authorization: Bearer KEY`.
//!
//! A key is looked up by its hash, compared in constant time with every hash of the file. Logs and figures name
//! the name, never the key.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// What the hash is of, beside the key.
const DOMAIN: &str = "weighhouse 2026-11 api key";
/// What a key begins with.
const PREFIX: &str = "whk_";
/// Random bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Longest name.
const NAME_BYTES_MAX: usize = 32;
/// Most keys.
const KEYS_MAX: usize = 1_024;

/// Named hashes of keys; none means that everybody may ask.
#[derive(Clone, Default)]
pub struct ApiKeys(Arc<[(Arc<str>, blake3::Hash)]>);

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// Why a text is no list of keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiKeysError {
    /// A line that is not `NAME HASH`.
    #[error("line {line} is not a name of a-z, 0-9 and - and a hash of 64 hex digits")]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// The same name again.
    #[error("line {line} has the name {name} again")]
    Twice {
        /// Counted from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// Too many.
    #[error("there are more than {KEYS_MAX} keys")]
    TooMany,
    /// None at all.
    #[error("there is no key in it")]
    Empty,
}

impl ApiKeys {
    /// Reads a list.
    ///
    /// # Errors
    /// One of [`ApiKeysError`], with its line.
    pub fn parse(text: &str) -> Result<Self, ApiKeysError> {
        let mut names = BTreeSet::new();
        let mut keys = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let wrong = || ApiKeysError::Line { line };
            let (name, hash) = text.split_once(char::is_whitespace).ok_or_else(wrong)?;
            let hash = blake3::Hash::from_hex(hash.trim()).map_err(|_| wrong())?;
            if !is_name(name) {
                return Err(wrong());
            }
            if !names.insert(name.to_owned()) {
                let name = name.into();
                return Err(ApiKeysError::Twice { line, name });
            }
            keys.push((Arc::from(name), hash));
        }
        match keys.len() {
            0 => Err(ApiKeysError::Empty),
            count if count > KEYS_MAX => Err(ApiKeysError::TooMany),
            _ => Ok(Self(keys.into())),
        }
    }

    /// A key from random bytes, and the line of the file that lets it in.
    #[must_use]
    pub fn make(name: &str, random: &[u8; KEY_BYTES]) -> (String, String) {
        let key = format!("{PREFIX}{}", hex::encode(random));
        let line = format!("{name} {}", hash(key.as_bytes()).to_hex());
        (key, line)
    }

    /// Names of the keys.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter().map(|(name, _)| name)
    }

    /// Whose key the value of an `Authorization` header is. Every hash is compared, whichever it is.
    pub(crate) fn name_of(&self, authorization: &[u8]) -> Option<Arc<str>> {
        let (scheme, key) = authorization.split_at_checked(7)?;
        if !scheme.eq_ignore_ascii_case(b"bearer ") {
            return None;
        }
        let presented = hash(key.trim_ascii());
        let mut found = None;
        for (name, known) in self.0.iter() {
            // Of this type, equality takes the same time for all values.
            if *known == presented {
                found = Some(name);
            }
        }
        found.cloned()
    }
}

/// True for what may name a key.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(allowed)
}

fn hash(key: &[u8]) -> blake3::Hash {
    blake3::Hash::from_bytes(blake3::derive_key(DOMAIN, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a key that was made is found by its name, and nothing that only looks like it is.
    #[test]
    fn keys_are_found_by_what_they_are() {
        let (one, first) = ApiKeys::make("bank-a", &[1; KEY_BYTES]);
        let (two, second) = ApiKeys::make("bank-b", &[2; KEY_BYTES]);
        let keys = ApiKeys::parse(&format!("# who\n\n{first}\n{second}\n")).unwrap();
        let name = |text: String| keys.name_of(text.as_bytes());
        assert_eq!(name(format!("Bearer {one}")).as_deref(), Some("bank-a"));
        assert_eq!(name(format!("bearer {two} ")).as_deref(), Some("bank-b"));
        for wrong in [
            one.clone(),
            format!("Basic {one}"),
            format!("Bearer {}", &one[1..]),
            format!("Bearer {}", first.split(' ').nth(1).unwrap()),
            "Bearer ".into(),
            String::new(),
        ] {
            assert_eq!(name(wrong.clone()), None, "{wrong}");
        }
        let shown = format!("{keys:?}");
        assert!(
            shown.contains("bank-a") && !shown.contains(&first[7..]),
            "{shown}"
        );
        assert!(!first.contains(&one[4..]), "the file does not have the key");
    }

    /// Goal: a file that is not well formed is refused with its line.
    #[test]
    fn mistakes_are_named() {
        let (_, line) = ApiKeys::make("bank-a", &[1; KEY_BYTES]);
        let refused = |text: &str| ApiKeys::parse(text).unwrap_err();
        assert_eq!(refused("\nbank-a"), ApiKeysError::Line { line: 2 });
        assert_eq!(refused("bank-a 12"), ApiKeysError::Line { line: 1 });
        assert_eq!(
            refused(&line.to_uppercase()),
            ApiKeysError::Line { line: 1 }
        );
        assert_eq!(refused("# nobody\n"), ApiKeysError::Empty);
        let twice = refused(&format!("{line}\n{line}"));
        assert!(matches!(twice, ApiKeysError::Twice { line: 2, .. }));
        let many = |count: usize| -> String {
            let line = |n: usize| ApiKeys::make(&format!("k{n}"), &[3; KEY_BYTES]).1;
            (0..count).map(|n| line(n) + "\n").collect()
        };
        assert_eq!(
            ApiKeys::parse(&many(KEYS_MAX)).unwrap().names().count(),
            KEYS_MAX
        );
        assert_eq!(refused(&many(KEYS_MAX + 1)), ApiKeysError::TooMany);
    }
}
