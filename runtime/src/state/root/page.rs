//! A page of the state tree: four levels, sixteen subtrees.
//!
//! *Format* of a stored page (integers big-endian):
//!
//! | bytes | what |
//! |---|---|
//! | 2 | slots that hold one pair, most significant bit first |
//! | 2 | slots that hold two pairs or more |
//! | 64 or 32 per used slot, ascending | key hash and value hash of the pair; or hash of the subtree, whose page is one nibble deeper |
//!
//! *Format* of a page key: count of nibbles (1 byte), then the nibbles, two to a byte, the last byte
//! padded with zero. The top page has the key `00`.
//!
//! A page exists if its subtree holds two pairs or more; the top page if there is a pair at all. So
//! the set of pages, too, depends on the key-value set only (STATE-3).

use crate::error::Fault;
use std::fmt;
use weighhouse_primitives::hash::Hash;
use weighhouse_primitives::proof::{leaf_hash, node_hash};

/// Slots of a page.
pub(super) const SLOTS: usize = 16;
/// Nibbles of a key hash.
pub(super) const NIBBLES: usize = 64;

/// A subtree, as its parent sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// Two pairs or more.
    Node(Hash),
}

impl Subtree {
    pub(super) fn leaf(key: Hash, value: Hash) -> Self {
        let hash = leaf_hash(&key, &value);
        Self::Leaf { key, value, hash }
    }

    pub(super) const fn hash(&self) -> Hash {
        match self {
            Self::Empty => Hash::ZERO,
            Self::Leaf { hash, .. } | Self::Node(hash) => *hash,
        }
    }

    /// The subtree whose halves are `left` and `right`.
    fn join(left: &Self, right: &Self) -> Self {
        match (left, right) {
            (Self::Empty, Self::Empty) => Self::Empty,
            (Self::Leaf { .. }, Self::Empty) => *left,
            (Self::Empty, Self::Leaf { .. }) => *right,
            _ => Self::Node(node_hash(&left.hash(), &right.hash())),
        }
    }
}

/// Sixteen subtrees, four levels below the top of the page. Most pages use a few of their slots, and
/// many pages are kept in memory: only used slots take room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Slots in use, most significant bit first.
    used: u16,
    /// Their subtrees, ascending, none of them empty.
    held: Vec<Subtree>,
}

impl Page {
    /// Where the subtree of a slot stands, or would stand.
    fn position(&self, nibble: u8) -> usize {
        let before = !u16::MAX.checked_shr(u32::from(nibble)).unwrap_or(0);
        usize::try_from((self.used & before).count_ones()).unwrap_or(SLOTS)
    }

    fn uses(&self, nibble: u8) -> bool {
        self.used & mark(nibble) != 0
    }

    pub(super) fn slot(&self, nibble: u8) -> &Subtree {
        match self.uses(nibble) {
            true => self.held.get(self.position(nibble)),
            false => None,
        }
        .unwrap_or(&Subtree::Empty)
    }

    pub(super) fn set(&mut self, nibble: u8, subtree: Subtree) {
        let position = self.position(nibble);
        match (self.uses(nibble), subtree) {
            (false, Subtree::Empty) => {}
            (true, Subtree::Empty) => {
                self.used &= !mark(nibble);
                self.held.remove(position);
            }
            (true, _) => {
                if let Some(slot) = self.held.get_mut(position) {
                    *slot = subtree;
                }
            }
            (false, _) => {
                self.used |= mark(nibble);
                self.held.insert(position, subtree);
            }
        }
    }

    /// The same page, taking no more memory than it needs: for one that is kept.
    pub(super) fn compact(mut self) -> Self {
        self.held.shrink_to_fit();
        self
    }

    fn slots(&self) -> [Subtree; SLOTS] {
        let mut slots = [Subtree::Empty; SLOTS];
        let mut held = self.held.iter();
        for (slot, mark) in slots.iter_mut().zip(marks()) {
            if self.used & mark != 0 {
                *slot = held.next().copied().unwrap_or_default();
            }
        }
        slots
    }

    /// The levels of the page from the slots up to its top, the last level.
    pub(super) fn levels(&self) -> Vec<Vec<Subtree>> {
        let mut levels = vec![self.slots().to_vec()];
        while let Some(level) = levels.last()
            && level.len() > 1
        {
            let (pairs, _) = level.as_chunks::<2>();
            let above = pairs.iter().map(|[left, right]| Subtree::join(left, right));
            let above = above.collect();
            levels.push(above);
        }
        levels
    }

    /// The whole page as one subtree.
    pub(super) fn fold(&self) -> Subtree {
        fn half(slots: &[Subtree]) -> Subtree {
            match slots {
                [] => Subtree::Empty,
                [one] => *one,
                _ => {
                    let (left, right) = slots.split_at(slots.len().div_euclid(2));
                    Subtree::join(&half(left), &half(right))
                }
            }
        }
        half(&self.slots())
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut leaves = 0u16;
        let mut nodes = 0u16;
        let mut body = Vec::with_capacity(1024);
        for (slot, mark) in self.slots().iter().zip(marks()) {
            match slot {
                Subtree::Empty => {}
                Subtree::Leaf { key, value, .. } => {
                    leaves |= mark;
                    body.extend_from_slice(key.as_bytes());
                    body.extend_from_slice(value.as_bytes());
                }
                Subtree::Node(hash) => {
                    nodes |= mark;
                    body.extend_from_slice(hash.as_bytes());
                }
            }
        }
        let mut bytes = Vec::with_capacity(body.len().saturating_add(4));
        bytes.extend_from_slice(&leaves.to_be_bytes());
        bytes.extend_from_slice(&nodes.to_be_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// Reads a stored page, which must be one that [`Page::encode`] writes at `place`.
    pub(super) fn decode(place: &PageKey, bytes: &[u8]) -> Result<Self, Fault> {
        let damaged = || Fault::Damaged {
            place: format!("state tree page {place}"),
            reason: format!("{} bytes that are not a page of this place", bytes.len()),
        };
        let (leaves, rest) = bytes.split_first_chunk::<2>().ok_or_else(damaged)?;
        let (nodes, mut rest) = rest.split_first_chunk::<2>().ok_or_else(damaged)?;
        let (leaves, nodes) = (u16::from_be_bytes(*leaves), u16::from_be_bytes(*nodes));
        if leaves & nodes != 0 {
            return Err(damaged());
        }
        let mut next = || {
            let (hash, after) = rest.split_first_chunk::<32>()?;
            rest = after;
            Some(Hash(*hash))
        };
        let used = leaves | nodes;
        let mut page = Self {
            used: 0,
            held: Vec::with_capacity(usize::try_from(used.count_ones()).unwrap_or(SLOTS)),
        };
        for (nibble, mark) in (0u8..).zip(marks()) {
            if leaves & mark != 0 {
                let key = next().ok_or_else(damaged)?;
                let value = next().ok_or_else(damaged)?;
                if !place.covers(&key, nibble) {
                    return Err(damaged());
                }
                page.set(nibble, Subtree::leaf(key, value));
            } else if nodes & mark != 0 {
                page.set(nibble, Subtree::Node(next().ok_or_else(damaged)?));
            }
        }
        if next().is_some() || !rest.is_empty() {
            return Err(damaged());
        }
        Ok(page)
    }
}

/// The bit of a slot.
fn mark(nibble: u8) -> u16 {
    0x8000u16.checked_shr(u32::from(nibble)).unwrap_or(0)
}

fn marks() -> impl Iterator<Item = u16> {
    (0..16u32).map(|slot| 0x8000u16.checked_shr(slot).unwrap_or(0))
}

/// Nibble `depth` of a key hash, most significant first.
pub(super) fn nibble(key: &Hash, depth: usize) -> u8 {
    let byte = key.0.get(depth / 2).copied().unwrap_or(0);
    if depth.is_multiple_of(2) {
        byte >> 4
    } else {
        byte & 15
    }
}

/// Name of a page: the nibbles on the way to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PageKey([u8; 33]);

impl PageKey {
    /// The page on the way to `key`, `depth` nibbles down.
    pub(super) fn new(key: &Hash, depth: usize) -> Self {
        let mut bytes = [0; 33];
        let (count, path) = bytes.split_at_mut(1);
        count.fill(u8::try_from(depth).unwrap_or(u8::MAX));
        for (index, (to, from)) in path.iter_mut().zip(key.0).enumerate() {
            // Nibbles 2 * index and 2 * index + 1.
            *to = match depth.saturating_sub(index.saturating_mul(2)) {
                0 => break,
                1 => from & 0xf0,
                _ => from,
            };
        }
        Self(bytes)
    }

    pub(super) fn depth(&self) -> usize {
        usize::from(self.0.first().copied().unwrap_or(0))
    }

    /// The stored key.
    pub(super) fn as_bytes(&self) -> &[u8] {
        let len = self.depth().div_ceil(2).saturating_add(1);
        self.0.get(..len).unwrap_or(&self.0)
    }

    /// True if `key` belongs below slot `slot` of this page.
    fn covers(&self, key: &Hash, slot: u8) -> bool {
        Self::new(key, self.depth()) == *self && nibble(key, self.depth()) == slot
    }
}

impl fmt::Display for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.as_bytes();
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: page keys are short, distinct by depth, and cut the last nibble.
    #[test]
    fn page_keys_are_compact() {
        let key = Hash([0xab; 32]);
        assert_eq!(PageKey::new(&key, 0).as_bytes(), [0]);
        assert_eq!(PageKey::new(&key, 1).as_bytes(), [1, 0xa0]);
        assert_eq!(PageKey::new(&key, 2).as_bytes(), [2, 0xab]);
        assert_eq!(PageKey::new(&key, 3).as_bytes(), [3, 0xab, 0xa0]);
        assert_eq!(PageKey::new(&key, 63).as_bytes().len(), 33);
        assert_ne!(
            PageKey::new(&Hash::ZERO, 1),
            PageKey::new(&Hash::ZERO, 2),
            "depth counts"
        );
        assert_eq!((nibble(&key, 0), nibble(&key, 63)), (0xa, 0xb));
    }

    /// Goal: slots are set, replaced and emptied like those of an array.
    #[test]
    fn slots_are_independent() {
        let mut page = Page::default();
        let mut array = [Subtree::Empty; SLOTS];
        for step in 0..200_u8 {
            let nibble = step.wrapping_mul(7) % 16;
            let subtree = match step % 3 {
                0 => Subtree::Empty,
                1 => Subtree::Node(Hash([step; 32])),
                _ => Subtree::leaf(Hash([nibble << 4; 32]), Hash([step; 32])),
            };
            page.set(nibble, subtree);
            array[usize::from(nibble)] = subtree;
            assert_eq!(page.slots(), array);
            assert!((0..16).all(|at| *page.slot(at) == array[usize::from(at)]));
        }
    }

    /// Goal: a stored page reads back; a page of another place, cut or longer, is damage.
    #[test]
    fn damaged_pages_are_refused() {
        let place = PageKey::new(&Hash([0x12; 32]), 1);
        let mut page = Page::default();
        page.set(2, Subtree::leaf(Hash([0x12; 32]), Hash([7; 32])));
        page.set(15, Subtree::Node(Hash([9; 32])));
        let bytes = page.encode();
        assert_eq!(bytes.len(), 4 + 64 + 32);
        assert_eq!(Page::decode(&place, &bytes).unwrap(), page);
        let elsewhere = PageKey::new(&Hash([0x22; 32]), 1);
        assert!(Page::decode(&elsewhere, &bytes).is_err());
        for cut in 0..bytes.len() {
            assert!(Page::decode(&place, &bytes[..cut]).is_err(), "{cut}");
        }
        assert!(Page::decode(&place, &[&bytes[..], &[0]].concat()).is_err());
        let mut both = bytes;
        both[2] |= both[0];
        assert!(Page::decode(&place, &both).is_err());
    }
}
