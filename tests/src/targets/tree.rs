//! A state tree without thought, from its definition: what proofs are about.

use weighhouse_primitives::Hash;
use weighhouse_primitives::hash::StateRoot;
use weighhouse_primitives::proof::{
    PathEnd, StateProof, bit, key_hash, leaf_hash, node_hash, value_hash,
};

/// Pairs, and the tree over them.
pub(super) struct Tree(Vec<(Vec<u8>, Vec<u8>)>);

/// Pairs of the tree.
const PAIRS: u8 = 12;

impl Tree {
    pub(super) fn new() -> Self {
        Self((0..PAIRS).map(|n| (vec![n], vec![n, n])).collect())
    }

    pub(super) fn pairs(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.0
    }

    /// Keys that are not in it.
    pub(super) fn absent() -> impl Iterator<Item = Vec<u8>> {
        (PAIRS..2 * PAIRS).map(|n| vec![n])
    }

    pub(super) fn root(&self) -> StateRoot {
        let all: Vec<_> = self.0.iter().map(hashed).collect();
        StateRoot(subtree(&all, 0))
    }

    /// The proof of what is at a key.
    pub(super) fn proof(&self, key: &[u8]) -> StateProof {
        let place = key_hash(key);
        let mut here: Vec<_> = self.0.iter().map(hashed).collect();
        let mut siblings = Vec::new();
        while here.len() > 1 {
            let depth = siblings.len();
            let (same, other): (Vec<_>, Vec<_>) = here
                .into_iter()
                .partition(|(key, _)| bit(key, depth) == bit(&place, depth));
            siblings.push(subtree(&other, depth + 1));
            here = same;
        }
        let end = match here.first() {
            Some((key, value)) => PathEnd::Leaf {
                key: *key,
                value: *value,
            },
            None => PathEnd::Empty,
        };
        StateProof { siblings, end }
    }
}

fn hashed((key, value): &(Vec<u8>, Vec<u8>)) -> (Hash, Hash) {
    (key_hash(key), value_hash(value))
}

fn subtree(pairs: &[(Hash, Hash)], depth: usize) -> Hash {
    match pairs {
        [] => Hash::ZERO,
        [(key, value)] => leaf_hash(key, value),
        many => {
            let (right, left): (Vec<_>, Vec<_>) = many.iter().partition(|(key, _)| bit(key, depth));
            node_hash(&subtree(&left, depth + 1), &subtree(&right, depth + 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the tree is the one that proofs are verified against, for what is there and what is not.
    #[test]
    fn its_proofs_hold() {
        let tree = Tree::new();
        for (key, value) in tree.pairs() {
            assert!(tree.proof(key).verify(&tree.root(), key, Some(value)));
        }
        for key in Tree::absent() {
            assert!(tree.proof(&key).verify(&tree.root(), &key, None));
        }
    }
}
