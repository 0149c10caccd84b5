//! Proofs from the stored pages, and the root computed without them.

use super::page::{NIBBLES, Page, PageKey, nibble};
use super::subtree::{Pair, Subtree, halves, hash_of};
use super::{PageRead, load};
use crate::error::Fault;
use weighhouse_primitives::hash::{Hash, StateRoot};
use weighhouse_primitives::proof::{PathEnd, StateProof, bit, key_hash, value_hash};

/// The root of the tree that `pages` hold.
///
/// # Errors
/// `Fault` if the store fails or the top page is damaged.
pub fn stored_root(pages: &dyn PageRead) -> Result<StateRoot, Fault> {
    let top = load(pages, &PageKey::new(&Hash::ZERO, 0))?;
    Ok(StateRoot(top.map_or(Hash::ZERO, |page| page.fold().hash())))
}

/// Proves what the state that `pages` commit to holds at `key`: a value or nothing.
///
/// Verified by [`StateProof::verify`] under the root of the same pages. Reads one page per four
/// levels: five or six for a million pairs.
///
/// # Errors
/// `Fault` if the store fails or a page is missing or damaged.
pub fn prove(pages: &dyn PageRead, key: &[u8]) -> Result<StateProof, Fault> {
    prove_place(pages, &key_hash(key))
}

pub(super) fn prove_place(pages: &dyn PageRead, place: &Hash) -> Result<StateProof, Fault> {
    let mut siblings = Vec::new();
    for depth in 0..NIBBLES {
        let page_key = PageKey::new(place, depth);
        let page = match load(pages, &page_key)? {
            Some(page) => page,
            None if depth == 0 => Page::default(),
            None => return Err(super::missing(&page_key)),
        };
        if let Some(end) = walk(&page, place, depth, &mut siblings) {
            return Ok(StateProof { siblings, end });
        }
    }
    Err(Fault::Damaged {
        place: String::from("state tree"),
        reason: format!("pages go on below the last nibble of {place}"),
    })
}

/// Walks down the four levels of a page; `None` where the path goes on in the page below.
fn walk(page: &Page, place: &Hash, depth: usize, siblings: &mut Vec<Hash>) -> Option<PathEnd> {
    let slot = nibble(place, depth);
    let levels = page.levels();
    // Height above the slots; the subtree on the path at that height is number `slot >> height`.
    for (height, level) in levels.iter().enumerate().rev() {
        let index = usize::from(slot) >> height;
        match level.get(index)? {
            Subtree::Empty => return Some(PathEnd::Empty),
            Subtree::Leaf { key, value, .. } => {
                return Some(PathEnd::Leaf {
                    key: *key,
                    value: *value,
                });
            }
            // Only in a slot: above the slots, several pairs are a node.
            Subtree::Few(pairs, _) => {
                let below = depth.saturating_add(1).saturating_mul(4);
                return Some(walk_few(pairs, place, below, siblings));
            }
            Subtree::Node(_) => {}
        }
        let below = height.checked_sub(1).and_then(|below| levels.get(below))?;
        let child = usize::from(slot) >> height.saturating_sub(1);
        siblings.push(below.get(child ^ 1)?.hash());
    }
    None
}

/// Walks down from bit `depth` through pairs that have no page.
fn walk_few(mut pairs: &[Pair], place: &Hash, depth: usize, siblings: &mut Vec<Hash>) -> PathEnd {
    for depth in depth.. {
        match pairs {
            [] => break,
            [(key, value)] => {
                return PathEnd::Leaf {
                    key: *key,
                    value: *value,
                };
            }
            _ => {
                let (left, right) = halves(pairs, depth);
                let (ours, theirs) = match bit(place, depth) {
                    true => (right, left),
                    false => (left, right),
                };
                siblings.push(hash_of(theirs, depth.saturating_add(1)));
                pairs = ours;
            }
        }
    }
    PathEnd::Empty
}

/// The root of a whole state, from its definition: the reference for the stored tree, and the
/// offline check that the state is what the root says.
///
/// Takes 64 bytes of memory per pair and about two hashes. Keys may come in any order, each once.
pub fn rebuild<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> StateRoot
where
    K: AsRef<[u8]>,
    V: AsRef<[u8]>,
{
    let hashes = pairs
        .into_iter()
        .map(|(key, value)| (key_hash(key.as_ref()), value_hash(value.as_ref())));
    rebuild_hashed(hashes.collect())
}

/// As [`rebuild`], for hashed keys and values.
pub(crate) fn rebuild_hashed(mut pairs: Vec<(Hash, Hash)>) -> StateRoot {
    pairs.sort_unstable();
    pairs.dedup_by_key(|(key, _)| *key);
    StateRoot(hash_of(&pairs, 0))
}
