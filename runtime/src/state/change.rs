//! What a transaction or a block changed: sorted, real changes only.
//!
//! [`Changes`] come out of the [`super::overlay::Overlay`] and go into the receipt's effects hash, the
//! declared rules, the state root and the store. A key that was written and ends with the value it
//! had is not in the list: what a block did is a function of the state before and after it.
//!
//! Invariant DET-2: changes are iterated in the order of their keys, never in that of their making.

use super::Value;
use super::root::TreeChange;
use parity_scale_codec::{Compact, Encode};
use std::sync::Arc;
use weighhouse_primitives::hash::{Hash, domain};
use weighhouse_primitives::proof::{key_hash, value_hash};

/// One key whose value is another than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The whole state key.
    pub key: Arc<[u8]>,
    /// What it held; `None` for nothing.
    pub old: Option<Value>,
    /// What it holds now; `None` for nothing.
    pub new: Option<Value>,
}

/// Changes ascending by key, each key once, each with `old != new`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// Sorts `changes`, whose keys differ, and drops those that change nothing.
    #[must_use]
    pub fn new(mut changes: Vec<Change>) -> Self {
        changes.retain(|change| change.old != change.new);
        changes.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Self(changes)
    }

    /// The changes, ascending by key.
    pub fn iter(&self) -> std::slice::Iter<'_, Change> {
        self.0.iter()
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Change] {
        &self.0
    }

    /// Number of changed keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The change of `key`, if it changed.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<&Change> {
        let position = self
            .0
            .binary_search_by(|change| change.key.as_ref().cmp(key))
            .ok()?;
        self.0.get(position)
    }

    /// The changes of keys that start with `prefix` and are greater than `after` (empty: all).
    #[must_use]
    pub fn range(&self, prefix: &[u8], after: &[u8]) -> &[Change] {
        let start = self.0.partition_point(|change| {
            let key = change.key.as_ref();
            key < prefix || (!after.is_empty() && key <= after)
        });
        let rest = self.0.get(start..).unwrap_or_default();
        let end = rest.partition_point(|change| change.key.starts_with(prefix));
        rest.get(..end).unwrap_or_default()
    }

    /// The changes of keys at or above `from` and below `to` (`None`: all above).
    #[must_use]
    pub fn between(&self, from: &[u8], to: Option<&[u8]>) -> &[Change] {
        let start = self.0.partition_point(|change| change.key.as_ref() < from);
        let rest = self.0.get(start..).unwrap_or_default();
        let end = rest.partition_point(|change| to.is_none_or(|to| change.key.as_ref() < to));
        rest.get(..end).unwrap_or_default()
    }

    /// Commits to the changed keys and their new values: see [`hash_changes`].
    #[must_use]
    pub fn hash(&self) -> Hash {
        hash_changes(
            self.0
                .iter()
                .map(|change| (change.key.as_ref(), change.new.as_deref())),
        )
    }

    /// The same changes as the state tree takes them: hashed, ascending by key hash.
    #[must_use]
    pub fn tree_changes(&self) -> Vec<TreeChange> {
        let mut changes: Vec<TreeChange> = self
            .0
            .iter()
            .map(|change| (key_hash(&change.key), change.new.as_deref().map(value_hash)))
            .collect();
        changes.sort_unstable_by_key(|change| change.0);
        changes
    }
}

impl<'a> IntoIterator for &'a Changes {
    type Item = &'a Change;
    type IntoIter = std::slice::Iter<'a, Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The effects hash: commits to a write set.
///
/// # Shape
/// Domain `effects` over SCALE `Vec<(Vec<u8>, Option<Vec<u8>>)>`: changed keys, ascending, with their
/// new values.
#[must_use]
pub fn hash_changes<'a>(
    changes: impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)> + Clone,
) -> Hash {
    let length = |(key, value): (&[u8], Option<&[u8]>)| {
        let value = value.map_or(0, <[u8]>::len);
        key.len().saturating_add(value).saturating_add(12)
    };
    let lengths = changes.clone().map(length);
    let mut bytes = Vec::with_capacity(lengths.fold(8, usize::saturating_add));
    // A count above u32::MAX cannot be encoded; no block is that large (BLOCK_GAS_MAX).
    Compact(u32::try_from(changes.len()).unwrap_or(u32::MAX)).encode_to(&mut bytes);
    changes.for_each(|change| change.encode_to(&mut bytes));
    domain::EFFECTS.hash(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(key: &str, old: Option<&str>, new: Option<&str>) -> Change {
        let value = |text: &str| Value::from(text.as_bytes());
        Change {
            key: Arc::from(key.as_bytes()),
            old: old.map(value),
            new: new.map(value),
        }
    }

    /// Goal: the list is sorted, without changes that change nothing, and answers look-ups.
    #[test]
    fn det_2_changes_are_ordered_by_key() {
        let changes = Changes::new(vec![
            change("b2", None, Some("x")),
            change("a", Some("1"), Some("1")),
            change("b1", Some("y"), None),
            change("c", Some("1"), Some("2")),
        ]);
        let keys: Vec<&[u8]> = changes.iter().map(|change| change.key.as_ref()).collect();
        assert_eq!(keys, [&b"b1"[..], b"b2", b"c"]);
        assert_eq!(changes.get(b"a"), None);
        assert_eq!(
            changes.get(b"b1").map(|change| change.new.clone()),
            Some(None)
        );
        assert_eq!(changes.range(b"b", b"").len(), 2);
        assert_eq!(changes.range(b"b", b"b1").len(), 1);
        assert_eq!(changes.range(b"b", b"b2").len(), 0);
        assert_eq!(changes.range(b"", b"").len(), 3);
        assert_eq!(changes.range(b"bb", b"").len(), 0);
    }

    /// Goal: the effects hash is the hash of the documented encoding.
    #[test]
    fn effects_hash_is_over_scale() {
        let changes = Changes::new(vec![
            change("k", None, Some("v")),
            change("gone", Some("v"), None),
        ]);
        let same: Vec<(Vec<u8>, Option<Vec<u8>>)> = vec![
            (b"gone".to_vec(), None),
            (b"k".to_vec(), Some(b"v".to_vec())),
        ];
        assert_eq!(changes.hash(), domain::EFFECTS.hash_encoded(&same));
        assert_ne!(changes.hash(), Changes::default().hash());
    }
}
