//! Commitment to an ordered list: transactions and receipts of a block.
//!
//! A leaf is `H_item(u32 index ‖ digest)`, a node `H_list(left ‖ right)`; an odd last node moves up
//! unchanged. The index in the leaf makes every position distinct, so no padding can forge one.

use crate::hash::{Hash, domain};
use alloc::vec::Vec;
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode};

/// Shows that a digest stands at a position of a list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct ListProof {
    /// Position from 0.
    pub index: u32,
    /// Length of the list.
    pub count: u32,
    /// Siblings from the leaf upwards; levels at which the node moved up have none.
    pub siblings: Vec<Hash>,
}

fn leaves(digests: &[Hash]) -> Vec<Hash> {
    (0u32..)
        .zip(digests)
        .map(|(index, digest)| domain::LIST_ITEM.hash_encoded(&(index, digest)))
        .collect()
}

fn level_up(level: &[Hash]) -> Vec<Hash> {
    level
        .chunks(2)
        .map(|pair| match pair {
            [left, right] => domain::LIST_NODE.hash_pair(left, right),
            [single, ..] => *single,
            [] => Hash::ZERO,
        })
        .collect()
}

/// Root of the list of `digests`; zero for an empty list.
#[must_use]
pub fn list_root(digests: &[Hash]) -> Hash {
    let mut level = leaves(digests);
    while level.len() > 1 {
        level = level_up(&level);
    }
    level.first().copied().unwrap_or(Hash::ZERO)
}

/// Proof for the digest at `index`; `None` outside the list.
#[must_use]
pub fn list_proof(digests: &[Hash], index: u32) -> Option<ListProof> {
    let count = u32::try_from(digests.len()).ok()?;
    let mut position = usize::try_from(index).ok()?;
    digests.get(position)?;
    let mut level = leaves(digests);
    let mut siblings = Vec::new();
    while level.len() > 1 {
        siblings.extend(level.get(position ^ 1));
        position /= 2;
        level = level_up(&level);
    }
    Some(ListProof {
        index,
        count,
        siblings,
    })
}

impl ListProof {
    /// True if `digest` stands at `self.index` of the list with this `root`.
    #[must_use]
    pub fn verify(&self, root: &Hash, digest: &Hash) -> bool {
        if self.index >= self.count {
            return false;
        }
        let mut node = domain::LIST_ITEM.hash_encoded(&(self.index, digest));
        let (mut position, mut width) = (self.index, self.count);
        let mut siblings = self.siblings.iter();
        while width > 1 {
            if position ^ 1 < width {
                let Some(sibling) = siblings.next() else {
                    return false;
                };
                node = if position % 2 == 0 {
                    domain::LIST_NODE.hash_pair(&node, sibling)
                } else {
                    domain::LIST_NODE.hash_pair(sibling, &node)
                };
            }
            position /= 2;
            width = width.div_ceil(2);
        }
        siblings.next().is_none() && node == *root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every position of lists up to 20 proves, and nothing else does.
    #[test]
    fn proves_every_position() {
        for count in 0..20u8 {
            let digests: Vec<Hash> = (0..count).map(|i| Hash([i; 32])).collect();
            let root = list_root(&digests);
            for index in 0..u32::from(count) {
                let proof = list_proof(&digests, index).unwrap();
                for (at, digest) in (0u32..).zip(&digests) {
                    assert_eq!(proof.verify(&root, digest), at == index);
                }
            }
            assert!(list_proof(&digests, u32::from(count)).is_none());
        }
    }
}
