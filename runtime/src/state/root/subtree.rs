//! A subtree of the state tree, as the page that holds it sees it.

use std::sync::Arc;
use weighhouse_primitives::hash::Hash;
use weighhouse_primitives::proof::{bit, leaf_hash, node_hash};

/// Key hash and value hash.
pub(super) type Pair = (Hash, Hash);

/// Pairs of a subtree that has no page of its own, at most.
///
/// With fewer, most pages at the bottom of the tree would hold two or three pairs; with more, pages would
/// grow beyond 4 KiB.
pub(super) const FEW: usize = 4;

/// Everything below one slot of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Subtree {
    /// No pair.
    #[default]
    Empty,
    /// One pair.
    Leaf {
        /// Hash of its key.
        key: Hash,
        /// Hash of its value.
        value: Hash,
        /// Hash of the leaf, kept because it is asked for more often than it changes.
        hash: Hash,
    },
    /// Two to [`FEW`] pairs, ascending, with the hash of the subtree.
    Few(Arc<[Pair]>, Hash),
    /// More pairs: in pages below.
    Node(Hash),
}

impl Subtree {
    pub(super) fn leaf(key: Hash, value: Hash) -> Self {
        let hash = leaf_hash(&key, &value);
        Self::Leaf { key, value, hash }
    }

    /// The subtree of these pairs, ascending, all alike in their first `depth` bits; `None` if there are
    /// too many for one without a page.
    pub(super) fn of(pairs: &[Pair], depth: usize) -> Option<Self> {
        match pairs {
            [] => Some(Self::Empty),
            [(key, value)] => Some(Self::leaf(*key, *value)),
            _ if pairs.len() <= FEW => Some(Self::Few(pairs.into(), hash_of(pairs, depth))),
            _ => None,
        }
    }

    pub(super) const fn hash(&self) -> Hash {
        match self {
            Self::Empty => Hash::ZERO,
            Self::Leaf { hash, .. } | Self::Few(_, hash) | Self::Node(hash) => *hash,
        }
    }

    /// Its pairs, appended to `pairs`; false if they are in pages below.
    pub(super) fn collect(&self, pairs: &mut Vec<Pair>) -> bool {
        match self {
            Self::Empty => {}
            Self::Leaf { key, value, .. } => pairs.push((*key, *value)),
            Self::Few(few, _) => pairs.extend_from_slice(few),
            Self::Node(_) => return false,
        }
        true
    }

    /// The subtree whose halves are `left` and `right`.
    pub(super) fn join(left: &Self, right: &Self) -> Self {
        match (left, right) {
            (Self::Empty, Self::Empty) => Self::Empty,
            (Self::Leaf { .. }, Self::Empty) => left.clone(),
            (Self::Empty, Self::Leaf { .. }) => right.clone(),
            _ => Self::Node(node_hash(&left.hash(), &right.hash())),
        }
    }
}

/// Hash of the subtree of these pairs, ascending, all alike in their first `depth` bits.
pub(super) fn hash_of(pairs: &[Pair], depth: usize) -> Hash {
    match pairs {
        [] => Hash::ZERO,
        [(key, value)] => leaf_hash(key, value),
        _ => {
            let (left, right) = halves(pairs, depth);
            let below = depth.saturating_add(1);
            node_hash(&hash_of(left, below), &hash_of(right, below))
        }
    }
}

/// The pairs whose bit `depth` is 0, and those whose bit is 1.
pub(super) fn halves(pairs: &[Pair], depth: usize) -> (&[Pair], &[Pair]) {
    pairs.split_at(pairs.partition_point(|(key, _)| !bit(key, depth)))
}
