//! Proofs about the state, and their offline verifier.
//!
//! The state root commits to the flat set of (key, value) pairs by a binary sparse Merkle tree over
//! `key_hash = H_key(key)`:
//!
//! | subtree | hash |
//! |---|---|
//! | empty | 32 zero bytes |
//! | exactly one pair | `H_leaf(key_hash ‖ H_value(value))`, at whatever depth it becomes alone |
//! | two or more | `H_node(left ‖ right)`; bit `d` of `key_hash` (most significant first) chooses at depth `d` |
//!
//! The root depends on the set only, not on the order of changes (invariant STATE-3).

use crate::hash::{Hash, StateRoot, domain};
use alloc::vec::Vec;
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode};

/// Hash of a state key: its place in the tree.
#[must_use]
pub fn key_hash(key: &[u8]) -> Hash {
    domain::STATE_KEY.hash(key)
}

/// Hash of a state value.
#[must_use]
pub fn value_hash(value: &[u8]) -> Hash {
    domain::STATE_VALUE.hash(value)
}

/// Hash of the leaf that pairs a key with a value.
#[must_use]
pub fn leaf_hash(key: &Hash, value: &Hash) -> Hash {
    domain::STATE_LEAF.hash_pair(key, value)
}

/// Hash of an inner node; a node of two empty subtrees does not exist.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    domain::STATE_NODE.hash_pair(left, right)
}

/// Bit `depth` of a key hash, most significant first.
#[must_use]
pub fn bit(key: &Hash, depth: usize) -> bool {
    let byte = key.0.get(depth / 8).copied().unwrap_or(0);
    byte & (0x80u8 >> (depth % 8)) != 0
}

/// What stands where the path of the key ends.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum PathEnd {
    /// Nothing: the key is absent.
    #[codec(index = 0)]
    Empty,
    /// One pair, of this key or (then the key is absent) of another with the same first bits.
    #[codec(index = 1)]
    Leaf {
        /// Hash of its key.
        key: Hash,
        /// Hash of its value.
        value: Hash,
    },
}

/// Shows what the state holds at a key: a value, or nothing.
///
/// # Shape
/// SCALE `(Vec<[u8; 32]>, PathEnd)`: 32 bytes per level, about 20 levels for 1,000,000 pairs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct StateProof {
    /// Hashes of the subtrees beside the path, from the root down.
    pub siblings: Vec<Hash>,
    /// What the path ends in.
    pub end: PathEnd,
}

impl StateProof {
    /// True if, under `root`, the state holds exactly `value` at `key` (`None`: nothing).
    ///
    /// Needs nothing but its arguments, costs one hash per level, and never panics.
    #[must_use]
    pub fn verify(&self, root: &StateRoot, key: &[u8], value: Option<&[u8]>) -> bool {
        let place = key_hash(key);
        let end = match (&self.end, value) {
            (PathEnd::Empty, None) => Hash::ZERO,
            (PathEnd::Leaf { key, value: held }, Some(value)) => {
                if *key != place || *held != value_hash(value) {
                    return false;
                }
                leaf_hash(key, held)
            }
            (PathEnd::Leaf { key, value: held }, None) => {
                let depth = self.siblings.len();
                if *key == place || (0..depth).any(|d| bit(key, d) != bit(&place, d)) {
                    return false;
                }
                leaf_hash(key, held)
            }
            (PathEnd::Empty, Some(_)) => return false,
        };
        self.siblings.len() <= 256 && self.fold(&place, end) == root.0
    }

    fn fold(&self, place: &Hash, end: Hash) -> Hash {
        self.siblings
            .iter()
            .enumerate()
            .rev()
            .fold(end, |node, (depth, sibling)| {
                if bit(place, depth) {
                    node_hash(sibling, &node)
                } else {
                    node_hash(&node, sibling)
                }
            })
    }
}
