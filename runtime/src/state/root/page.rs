//! A page of the state tree: four levels, sixteen subtrees.
//!
//! *Format* of a stored page (integers big-endian):
//!
//! | bytes | what |
//! |---|---|
//! | 2 | slots that hold one to four pairs, most significant bit first |
//! | 2 | slots that hold more pairs |
//! | 1 and 64 for each pair, or 32, per used slot, ascending | count of the pairs, then key hash and value hash of each, ascending; or hash of the subtree, whose page is one nibble deeper |
//!
//! *Format* of a page key: count of nibbles (1 byte), then the nibbles, two to a byte, the last byte
//! padded with zero. The top page has the key `00`.
//!
//! A page exists if its subtree holds more than four pairs; the top page if there is a pair at all. So
//! the set of pages, too, depends on the key-value set only (STATE-3).

use super::subtree::{FEW, Pair, Subtree};
use crate::error::Fault;
use std::fmt;
use weighhouse_primitives::hash::Hash;

/// Slots of a page.
pub(super) const SLOTS: usize = 16;
/// Nibbles of a key hash.
pub(super) const NIBBLES: usize = 64;

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
            (true, subtree) => {
                if let Some(slot) = self.held.get_mut(position) {
                    *slot = subtree;
                }
            }
            (false, subtree) => {
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
        let mut slots = [const { Subtree::Empty }; SLOTS];
        let mut held = self.held.iter();
        for (slot, mark) in slots.iter_mut().zip(marks()) {
            if self.used & mark != 0 {
                *slot = held.next().cloned().unwrap_or_default();
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
                [one] => one.clone(),
                _ => {
                    let (left, right) = slots.split_at(slots.len().div_euclid(2));
                    Subtree::join(&half(left), &half(right))
                }
            }
        }
        half(&self.slots())
    }

    /// All its pairs, if they are few and none are in pages below.
    pub(super) fn few(&self) -> Option<Vec<Pair>> {
        let mut pairs = Vec::new();
        for subtree in &self.held {
            if !subtree.collect(&mut pairs) || pairs.len() > FEW {
                return None;
            }
        }
        Some(pairs)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let (mut few, mut nodes) = (0_u16, 0_u16);
        let mut body = Vec::with_capacity(1024);
        let mut pairs = Vec::with_capacity(FEW);
        for (slot, mark) in self.slots().iter().zip(marks()) {
            match slot {
                Subtree::Empty => {}
                Subtree::Node(hash) => {
                    nodes |= mark;
                    body.extend_from_slice(hash.as_bytes());
                }
                Subtree::Leaf { .. } | Subtree::Few(..) => {
                    few |= mark;
                    pairs.clear();
                    slot.collect(&mut pairs);
                    body.push(u8::try_from(pairs.len()).unwrap_or(0));
                    for (key, value) in &pairs {
                        body.extend_from_slice(key.as_bytes());
                        body.extend_from_slice(value.as_bytes());
                    }
                }
            }
        }
        let mut bytes = Vec::with_capacity(body.len().saturating_add(4));
        bytes.extend_from_slice(&few.to_be_bytes());
        bytes.extend_from_slice(&nodes.to_be_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// Reads a stored page, which must be one that [`Page::encode`] writes at `place`.
    pub(super) fn decode(place: &PageKey, bytes: &[u8]) -> Result<Self, Fault> {
        Self::decode_checked(place, bytes).ok_or_else(|| Fault::Damaged {
            place: format!("state tree page {place}"),
            reason: format!("{} bytes that are not a page of this place", bytes.len()),
        })
    }

    fn decode_checked(place: &PageKey, bytes: &[u8]) -> Option<Self> {
        let (few, rest) = bytes.split_first_chunk::<2>()?;
        let (nodes, mut rest) = rest.split_first_chunk::<2>()?;
        let (few, nodes) = (u16::from_be_bytes(*few), u16::from_be_bytes(*nodes));
        if few & nodes != 0 {
            return None;
        }
        let used = few | nodes;
        let mut page = Self {
            used: 0,
            held: Vec::with_capacity(usize::try_from(used.count_ones()).unwrap_or(SLOTS)),
        };
        let below = place.depth().saturating_add(1).saturating_mul(4);
        for (nibble, mark) in (0u8..).zip(marks()) {
            if nodes & mark != 0 {
                page.set(nibble, Subtree::Node(take_hash(&mut rest)?));
            } else if few & mark != 0 {
                let pairs = take_pairs(&mut rest)?;
                if !pairs.iter().all(|(key, _)| place.covers(key, nibble)) {
                    return None;
                }
                page.set(nibble, Subtree::of(&pairs, below)?);
            }
        }
        rest.is_empty().then_some(page)
    }
}

fn take_hash(bytes: &mut &[u8]) -> Option<Hash> {
    let (hash, rest) = bytes.split_first_chunk::<32>()?;
    *bytes = rest;
    Some(Hash(*hash))
}

/// A count and as many pairs, one at least, ascending.
fn take_pairs(bytes: &mut &[u8]) -> Option<Vec<Pair>> {
    let (count, rest) = bytes.split_first()?;
    *bytes = rest;
    let mut pairs = Vec::with_capacity(FEW);
    for _ in 0..*count {
        pairs.push((take_hash(bytes)?, take_hash(bytes)?));
    }
    let ascend = pairs.is_sorted_by(|(one, _), (next, _)| one < next);
    (ascend && !pairs.is_empty()).then_some(pairs)
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
        let mut array = [const { Subtree::Empty }; SLOTS];
        for step in 0..200_u8 {
            let nibble = step.wrapping_mul(7) % 16;
            let subtree = match step % 3 {
                0 => Subtree::Empty,
                1 => Subtree::Node(Hash([step; 32])),
                _ => Subtree::leaf(Hash([nibble << 4; 32]), Hash([step; 32])),
            };
            page.set(nibble, subtree.clone());
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
        assert_eq!(bytes.len(), 4 + 1 + 64 + 32);
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
