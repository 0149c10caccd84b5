//! Replay guards: which transactions were executed and could still be sent again.
//!
//! A block adds the hashes of its transactions in rows of the state, grouped by the end of their
//! validity; a row goes when block time has passed it. Looking a hash up means reading the rows of one
//! second. That is hardly ever done: a [`GuardFilter`] in memory knows for nearly every new transaction
//! that it is not there.
//!
//! Invariant TX-1: a hash in a row is found. The filter has no part in the answer but to make "no" quick:
//! it holds at least what the rows of the latest state hold.

use super::{Page, Value, key};
use crate::error::Fault;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock};
use weighhouse_primitives::{Hash, Height, Timestamp, TxHash};

/// Hashes of one row: 8 KiB.
const HASHES_PER_ROW: usize = 256;
const HASH_BYTES: usize = 32;
const _: () = assert!(HASHES_PER_ROW * HASH_BYTES <= crate::limits::VALUE_BYTES_MAX);
/// Rows read at a time.
const ROWS_AT_ONCE: usize = 16;

/// Transactions of one block, by the end of their validity, then hash.
pub(crate) type Executed = BTreeSet<(Timestamp, TxHash)>;

/// Reads a page of the state: prefix, after, limit.
pub(crate) type ReadPage<'a> = &'a mut dyn FnMut(&[u8], &[u8], usize) -> Result<Page, Fault>;

/// The rows that the block at `height` adds.
pub(crate) fn rows(height: Height, executed: &Executed) -> Vec<(Vec<u8>, Value)> {
    let mut seconds: BTreeMap<Timestamp, Vec<u8>> = BTreeMap::new();
    for (valid_until, hash) in executed {
        let hashes = seconds.entry(*valid_until).or_default();
        hashes.extend_from_slice(hash.as_bytes());
    }
    let mut rows = Vec::new();
    for (valid_until, hashes) in seconds {
        let chunks = hashes.chunks(HASHES_PER_ROW.saturating_mul(HASH_BYTES));
        for (chunk, hashes) in (0_u16..).zip(chunks) {
            rows.push((key::replay(valid_until, height, chunk), hashes.into()));
        }
    }
    rows
}

/// True if the rows of the state name this transaction.
///
/// # Errors
/// Fault if the state cannot be read.
pub(crate) fn is_guarded(
    page: ReadPage<'_>,
    valid_until: Timestamp,
    hash: &TxHash,
) -> Result<bool, Fault> {
    let prefix = key::replays_until(valid_until);
    let mut after = Vec::new();
    loop {
        let rows = page(&prefix, &after, ROWS_AT_ONCE)?;
        let named = |row: &Value| row.chunks(HASH_BYTES).any(|one| one == hash.as_bytes());
        if rows.iter().any(|(_, row)| named(row)) {
            return Ok(true);
        }
        match rows.last() {
            Some((last, _)) if rows.len() == ROWS_AT_ONCE => after.clone_from(last),
            _ => return Ok(false),
        }
    }
}

/// The hashes of a row.
pub(crate) fn hashes(row: &[u8]) -> impl Iterator<Item = TxHash> + '_ {
    let hash = |bytes: &[u8]| <[u8; HASH_BYTES]>::try_from(bytes).ok();
    row.chunks(HASH_BYTES)
        .filter_map(hash)
        .map(|bytes| TxHash(Hash(bytes)))
}

/// Seconds of validity that share a part of the filter, which is dropped as a whole.
const WINDOW_SECONDS: u64 = 600;
/// Bits of the first layer of a part, a power of two; each further layer has twice as many.
const FIRST_BITS: usize = 1 << 19;
/// Bits for one hash, and places of it that are set: one false "maybe" in 70,000 for each layer, because
/// each costs reading all hashes of a second.
const BITS_PER_HASH: usize = 24;
const PLACES: u64 = 12;

/// Which hashes may be in the guards, in memory: never wrong when it says no.
///
/// # Units
/// 24 to 48 bits for a hash: 24 MB for 10,000 transactions a second that are valid for ten minutes.
#[derive(Debug, Default)]
pub(crate) struct GuardFilter {
    windows: RwLock<BTreeMap<u64, Vec<Layer>>>,
}

#[derive(Debug)]
struct Layer {
    words: Vec<u64>,
    hashes: usize,
}

impl GuardFilter {
    /// Lets the filter know executed transactions.
    pub(crate) fn add(&self, executed: impl Iterator<Item = (Timestamp, TxHash)>) {
        let mut windows = self.windows.write().unwrap_or_else(PoisonError::into_inner);
        for (valid_until, hash) in executed {
            let layers = windows.entry(window(valid_until)).or_default();
            match layers.last_mut() {
                Some(layer) if !layer.is_full() => layer.insert(&hash),
                _ => {
                    let words = layers
                        .last()
                        .map_or(FIRST_BITS / 64, |layer| layer.words.len().saturating_mul(2));
                    let mut layer = Layer {
                        words: vec![0; words],
                        hashes: 0,
                    };
                    layer.insert(&hash);
                    layers.push(layer);
                }
            }
        }
    }

    /// False only if the transaction was never added.
    pub(crate) fn may_contain(&self, valid_until: Timestamp, hash: &TxHash) -> bool {
        let windows = self.windows.read().unwrap_or_else(PoisonError::into_inner);
        windows
            .get(&window(valid_until))
            .is_some_and(|layers| layers.iter().any(|layer| layer.may_contain(hash)))
    }

    /// Drops what ended before `now`.
    pub(crate) fn forget_before(&self, now: Timestamp) {
        let mut windows = self.windows.write().unwrap_or_else(PoisonError::into_inner);
        *windows = windows.split_off(&window(now));
    }

    /// Drops everything: before the state is computed anew.
    pub(crate) fn clear(&self) {
        let mut windows = self.windows.write().unwrap_or_else(PoisonError::into_inner);
        windows.clear();
    }
}

fn window(time: Timestamp) -> u64 {
    time.0.checked_div(WINDOW_SECONDS).unwrap_or(0)
}

impl Layer {
    fn is_full(&self) -> bool {
        let bits = self.words.len().saturating_mul(64);
        self.hashes.saturating_mul(BITS_PER_HASH) >= bits
    }

    /// Word and bit of each place: a transaction's hash is as good as random already.
    fn places(&self, hash: &TxHash) -> impl Iterator<Item = (usize, u64)> + use<> {
        let [first, step] = halves(hash);
        let mask = self.words.len().saturating_mul(64).saturating_sub(1);
        (0..PLACES).map(move |turn| {
            let place = first.wrapping_add(turn.wrapping_mul(step | 1));
            let bit = usize::try_from(place & u64::MAX >> 1).unwrap_or(0) & mask;
            (bit / 64, 1 << (bit % 64))
        })
    }

    fn insert(&mut self, hash: &TxHash) {
        for (word, bit) in self.places(hash) {
            if let Some(word) = self.words.get_mut(word) {
                *word |= bit;
            }
        }
        self.hashes = self.hashes.saturating_add(1);
    }

    fn may_contain(&self, hash: &TxHash) -> bool {
        self.places(hash)
            .all(|(word, bit)| self.words.get(word).is_some_and(|word| word & bit != 0))
    }
}

/// Two independent numbers of a hash.
fn halves(hash: &TxHash) -> [u64; 2] {
    let mut parts = hash
        .as_bytes()
        .chunks(8)
        .map(|bytes| <[u8; 8]>::try_from(bytes).map_or(0, u64::from_le_bytes));
    [parts.next().unwrap_or(0), parts.next().unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tx(number: u64) -> TxHash {
        TxHash(Hash::of(&number.to_le_bytes()))
    }

    fn page_of(rows: &[(Vec<u8>, Value)], prefix: &[u8], after: &[u8], limit: usize) -> Page {
        let wanted = |row: &&(Vec<u8>, Value)| row.0.starts_with(prefix) && *row.0 > *after;
        rows.iter().filter(wanted).take(limit).cloned().collect()
    }

    /// Goal: every executed transaction is found in the rows under its own end of validity, no other.
    #[test]
    fn tx_1_rows_name_every_transaction() {
        let until = |number: u64| Timestamp(1_000 + number % 3);
        let executed: Executed = (0..2_000)
            .map(|number| (until(number), tx(number)))
            .collect();
        let mut all = rows(Height(7), &executed);
        all.extend(rows(Height(8), &[(until(2_000), tx(2_000))].into()));
        all.sort();
        let named: usize = all.iter().map(|(_, row)| hashes(row).count()).sum();
        assert_eq!(named, 2_001);
        let mut page =
            |prefix: &[u8], after: &[u8], limit: usize| Ok(page_of(&all, prefix, after, limit));
        for number in 0..=2_000 {
            assert!(is_guarded(&mut page, until(number), &tx(number)).unwrap());
            assert!(!is_guarded(&mut page, until(number + 1), &tx(number)).unwrap());
        }
        assert!(!is_guarded(&mut page, Timestamp(1_000), &tx(2_001)).unwrap());
    }

    /// Goal: the filter never denies what was added, and seldom suspects what was not.
    #[test]
    fn tx_1_the_filter_denies_nothing_that_was_added() {
        let filter = GuardFilter::default();
        let until = |number: u64| Timestamp(number % 1_800);
        filter.add((0..100_000).map(|number| (until(number), tx(number))));
        assert!((0..100_000).all(|number| filter.may_contain(until(number), &tx(number))));
        let suspected = (100_000..200_000)
            .filter(|number| filter.may_contain(until(*number), &tx(*number)))
            .count();
        assert!(suspected < 100, "{suspected} of 100,000");
    }

    /// Goal: what can no longer be sent is forgotten, nothing else.
    #[test]
    fn the_filter_forgets_what_has_ended() {
        let filter = GuardFilter::default();
        filter.add([(Timestamp(599), tx(1)), (Timestamp(600), tx(2))].into_iter());
        filter.forget_before(Timestamp(600));
        assert!(!filter.may_contain(Timestamp(599), &tx(1)));
        assert!(filter.may_contain(Timestamp(600), &tx(2)));
        filter.clear();
        assert!(!filter.may_contain(Timestamp(600), &tx(2)));
    }
}
