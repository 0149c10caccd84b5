//! **Every** row of the store, to the byte.
//!
//! | prefix | key | value |
//! |---|---|---|
//! | `s` | `s ‖ state key` | the latest value, and values before it (`held.rs`) |
//! | `p` | `p ‖ escaped state key ‖ 00 01 ‖ height: u64 big-endian` | older values: what the key held before the blocks up to that height changed it |
//! | `t` | `t ‖ page key` | a page of the state tree, as at the height in `mtree` |
//! | `c` | `c ‖ height: u64 big-endian ‖ part: u32 big-endian` | SCALE `Vec<(Hash, Option<Hash>)>`: hashes of the keys that the block at that height changed and of their new values; for blocks above `mtree` |
//! | `d` | `d ‖ height: u64 big-endian ‖ part: u32 big-endian` | SCALE `Vec<(Vec<u8>, Option<Vec<u8>>)>`: look-ups of the block at that height that are not rows yet; for blocks above `mtree` |
//! | `x` | [`crate::index`] | look-ups |
//! | `m` | `m ‖ name` | meta, below |
//!
//! Escaping writes each byte `00` as `00 FF`, so that previous values are ordered as their state keys
//! are, shorter keys first, and those of one key are ordered by height.
//!
//! | meta | value |
//! |---|---|
//! | `mformat` | format of these rows: `u32` little-endian, [`FORMAT_VERSION`] |
//! | `mgenesis` | genesis hash, 32 bytes: which chain |
//! | `mtip` | SCALE of [`super::database::Tip`], 72 bytes: the block whose batch was applied last |
//! | `mtree` | `u64` little-endian: height of the stored pages of the state tree |
//! | `moldest` | `u64` little-endian: lowest height whose state can still be read |
//! | `mrefilling` | `01` while the rows are being replaced by those of another node's state: no tip then |

/// Version of the rows of the store. A store of another version is rebuilt from the log.
pub const FORMAT_VERSION: u32 = 2;

/// Meta: format version.
pub const FORMAT: &[u8] = b"mformat";
/// Meta: genesis hash.
pub const GENESIS: &[u8] = b"mgenesis";
/// Meta: tip.
pub const TIP: &[u8] = b"mtip";
/// Meta: height of the stored pages of the state tree.
pub const TREE: &[u8] = b"mtree";
/// Meta: oldest readable height.
pub const OLDEST: &[u8] = b"moldest";
/// Meta: the rows are not whole.
pub const REFILLING: &[u8] = b"mrefilling";

const TERMINATOR: [u8; 2] = [0, 1];

fn prefixed(prefix: u8, rest: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(rest.len().saturating_add(1));
    key.push(prefix);
    key.extend_from_slice(rest);
    key
}

/// Row of a state key's latest value.
#[must_use]
pub fn state(key: &[u8]) -> Vec<u8> {
    prefixed(b's', key)
}

/// Row of a page of the state tree.
#[must_use]
pub fn page(key: &[u8]) -> Vec<u8> {
    prefixed(b't', key)
}

/// Row of a part of the hashes of what the block at `height` changed.
#[must_use]
pub fn leaves(height: u64, part: u32) -> Vec<u8> {
    part_of_block(b'c', height, part)
}

/// Row of a part of the look-ups of the block at `height`.
#[must_use]
pub fn look_ups(height: u64, part: u32) -> Vec<u8> {
    part_of_block(b'd', height, part)
}

fn part_of_block(prefix: u8, height: u64, part: u32) -> Vec<u8> {
    let mut row = Vec::with_capacity(13);
    row.push(prefix);
    row.extend_from_slice(&height.to_be_bytes());
    row.extend_from_slice(&part.to_be_bytes());
    row
}

/// Start of the previous values of all keys that start with `key`; with a whole key and a
/// terminator, of that key ([`previous`]).
#[must_use]
pub fn previous_prefix(key: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(key.len().saturating_add(12));
    row.push(b'p');
    for byte in key {
        row.push(*byte);
        if *byte == 0 {
            row.push(0xff);
        }
    }
    row
}

/// Row of what `key` held before blocks up to the one at `height` changed it.
#[must_use]
pub fn previous(key: &[u8], height: u64) -> Vec<u8> {
    let mut row = previous_prefix(key);
    row.extend_from_slice(&TERMINATOR);
    row.extend_from_slice(&height.to_be_bytes());
    row
}

/// State key and height of a row made by [`previous`].
#[must_use]
pub fn split_previous(row: &[u8]) -> Option<(Vec<u8>, u64)> {
    let (body, height) = row.strip_prefix(b"p")?.split_last_chunk::<8>()?;
    let body = body.strip_suffix(&TERMINATOR)?;
    let mut key = Vec::with_capacity(body.len());
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        if *byte == 0 && bytes.next() != Some(&0xff) {
            return None;
        }
        key.push(*byte);
    }
    Some((key, u64::from_be_bytes(*height)))
}

/// The first key after all keys that start with `prefix`; `None` if there is none.
#[must_use]
pub fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

/// The first key after `key`.
#[must_use]
pub fn successor(key: &[u8]) -> Vec<u8> {
    let mut next = Vec::with_capacity(key.len().saturating_add(1));
    next.extend_from_slice(key);
    next.push(0);
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Goal: previous values come apart again and are ordered by key, then height.
        #[test]
        fn previous_rows_keep_the_order_of_keys(
            a in proptest::collection::vec(0..3_u8, 0..6), b in proptest::collection::vec(0..3_u8, 0..6),
            m in 0..3_u64, n in 0..3_u64,
        ) {
            let (one, other) = (previous(&a, m), previous(&b, n));
            prop_assert_eq!(one.cmp(&other), (&a, m).cmp(&(&b, n)));
            prop_assert_eq!(split_previous(&one), Some((a.clone(), m)));
            prop_assert_eq!(b.starts_with(&a), other.starts_with(&previous_prefix(&a)) && b.len() >= a.len());
        }
    }

    /// Goal: the end of a prefix lies behind everything that starts with it.
    #[test]
    fn prefixes_end() {
        assert_eq!(end_of(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(end_of(&[1, 0xff]), Some(vec![2]));
        assert_eq!(end_of(&[0xff]), None);
        assert_eq!(end_of(&[]), None);
    }
}
