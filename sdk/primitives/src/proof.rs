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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    type Pairs = [(&'static [u8], &'static [u8])];

    const PAIRS: &Pairs = &[(b"a", b"1"), (b"b", b"2"), (b"c", b""), (b"", b"empty key")];

    /// Root and proof for `place`, from the definition alone.
    fn tree(pairs: &[(Hash, Hash)], place: &Hash, depth: usize) -> (Hash, StateProof) {
        let ended = |end| StateProof {
            siblings: Vec::new(),
            end,
        };
        match pairs {
            [] => (Hash::ZERO, ended(PathEnd::Empty)),
            [(key, value)] => {
                let (key, value) = (*key, *value);
                (leaf_hash(&key, &value), ended(PathEnd::Leaf { key, value }))
            }
            _ => {
                let side = |right| {
                    pairs
                        .iter()
                        .copied()
                        .filter(move |p| bit(&p.0, depth) == right)
                };
                let (left, right): (Vec<_>, Vec<_>) = (side(false).collect(), side(true).collect());
                let (left, left_proof) = tree(&left, place, depth + 1);
                let (right, right_proof) = tree(&right, place, depth + 1);
                let (mut proof, sibling) = if bit(place, depth) {
                    (right_proof, left)
                } else {
                    (left_proof, right)
                };
                proof.siblings.insert(0, sibling);
                (node_hash(&left, &right), proof)
            }
        }
    }

    fn proved(pairs: &Pairs, key: &[u8]) -> (StateRoot, StateProof) {
        let hashed: Vec<_> = pairs
            .iter()
            .map(|(k, v)| (key_hash(k), value_hash(v)))
            .collect();
        let (root, proof) = tree(&hashed, &key_hash(key), 0);
        (StateRoot(root), proof)
    }

    /// Goal: the format is frozen: these roots may change only with the state format.
    #[test]
    fn state_3_recorded_roots() {
        let roots = [
            "0x0000000000000000000000000000000000000000000000000000000000000000",
            "0xfa58d878fa8ce48e7fc56fad6b6b1d262f6e5a4c5e929853177a6c9822835cdb",
            "0x6775cd913a592a90b0afa7c24579a5974e733f65ece6fb15218f0555ebf5eb97",
            "0x23ffaba668f1ec7fcaeac55fa907fdc02ee5ff782e5829ffe93b6bfb616bcf8e",
            "0x73c1b8e2ab2d7b050d0526a12c32f1e2059223cc3de98bcbe6e98d3a20886589",
        ];
        for (count, recorded) in roots.iter().enumerate() {
            let (root, _) = proved(&PAIRS[..count], b"a");
            assert_eq!(root.to_string(), *recorded, "{count} pairs");
        }
        let (_, proof) = proved(PAIRS, b"absent");
        let digest = Hash::of(&proof.encode());
        assert_eq!(
            digest.to_string(),
            "0xdd898d6e4c4f286e4284a9dfe2cf261e351836b5eb416c8bc9fbb73caf4c0e8e",
            "{proof:?}"
        );
    }

    /// Goal: a proof shows what is there, and nothing else, under its own root only.
    #[test]
    fn proofs_show_presence_and_absence() {
        let (root, _) = proved(PAIRS, b"a");
        for (key, value) in PAIRS {
            let (_, proof) = proved(PAIRS, key);
            assert!(proof.verify(&root, key, Some(value)));
            assert!(!proof.verify(&root, key, None));
            assert!(!proof.verify(&root, key, Some(b"3")));
            assert!(!proof.verify(&root, b"d", Some(value)));
            assert!(!proof.verify(&StateRoot::default(), key, Some(value)));
        }
        for number in 0..40 {
            let key = format!("absent {number}");
            let (_, proof) = proved(PAIRS, key.as_bytes());
            assert!(proof.verify(&root, key.as_bytes(), None));
            assert!(!proof.verify(&root, key.as_bytes(), Some(b"")));
            assert!(!proof.verify(&root, b"a", None), "{key}");
        }
        let (empty, proof) = proved(&[], b"a");
        assert!(proof.verify(&empty, b"a", None));
        assert!(!proof.verify(&root, b"a", None));
    }

    /// Goal: a proof of absence by another pair counts only if that pair lies on the path.
    #[test]
    fn another_pair_must_share_the_path() {
        let (root, proof) = proved(PAIRS, b"a");
        let elsewhere = (0..).map(|number: u32| number.to_string()).find(|key| {
            let place = key_hash(key.as_bytes());
            (0..proof.siblings.len()).any(|depth| bit(&place, depth) != bit(&key_hash(b"a"), depth))
        });
        let elsewhere = elsewhere.unwrap();
        assert!(!proof.verify(&root, elsewhere.as_bytes(), None));
    }

    /// Goal: proofs longer than a path are refused, not followed.
    #[test]
    fn overlong_proofs_are_refused() {
        let (_, mut proof) = proved(&PAIRS[..1], b"a");
        let at_depth = |proof: &StateProof| {
            StateRoot(proof.fold(
                &key_hash(b"a"),
                leaf_hash(&key_hash(b"a"), &value_hash(b"1")),
            ))
        };
        proof.siblings = alloc::vec![Hash([7; 32]); 256];
        assert!(proof.verify(&at_depth(&proof), b"a", Some(b"1")));
        proof.siblings.push(Hash([7; 32]));
        assert!(!proof.verify(&at_depth(&proof), b"a", Some(b"1")));
    }
}
