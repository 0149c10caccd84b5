//! Values by key: [`Map`].

use super::{
    Field, StartsWith, StorageKey, decode_value, encode_value, fetch, read, remove, write_encoded,
};
use crate::{Buffer, sys};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::Amount;
use weighhouse_primitives::schema::describe::{Def, Describe};

/// Values by key, ordered by key. Reads and writes at once; nothing is kept in memory.
pub struct Map<K, V> {
    prefix: u32,
    types: PhantomData<fn(K) -> V>,
}

impl<K: StorageKey, V: Encode + Decode + Describe> Map<K, V> {
    fn whole_key(&self, key: &impl StorageKey) -> Vec<u8> {
        let mut stored = Buffer::beginning(self.prefix.to_be_bytes());
        key.write(&mut stored);
        stored.to_vec()
    }

    /// The value at `key`, if there is one.
    pub fn find(&self, key: &K) -> Option<V> {
        let mut stored = Buffer::beginning(self.prefix.to_be_bytes());
        key.write(&mut stored);
        read(&stored)
    }

    /// The value at `key`, or the type's default.
    pub fn get(&self, key: &K) -> V
    where
        V: Default,
    {
        self.find(key).unwrap_or_default()
    }

    /// True if there is a value at `key`.
    pub fn contains(&self, key: &K) -> bool {
        let mut stored = Buffer::beginning(self.prefix.to_be_bytes());
        key.write(&mut stored);
        fetch(&stored, &mut []) >= 0
    }

    /// Sets the value at `key`. An amount of zero is not stored but removed.
    pub fn set(&mut self, key: &K, value: V) {
        let mut bytes = Buffer::new();
        encode_value(&value, &mut bytes);
        let mut stored = Buffer::beginning(self.prefix.to_be_bytes());
        key.write(&mut stored);
        write_encoded(&stored, &bytes);
    }

    /// Removes the value at `key`; true if there was one.
    pub fn remove(&mut self, key: &K) -> bool {
        let mut stored = Buffer::beginning(self.prefix.to_be_bytes());
        key.write(&mut stored);
        remove(&stored)
    }

    /// At most `limit` entries with keys greater than `after`, in the order of keys.
    ///
    /// A page shorter than `limit` is the last one; the last key of a page is the next `after`.
    /// # Gas
    /// Row `storage_page` of the table of host functions, once or a few times.
    pub fn page(&self, after: Option<&K>, limit: usize) -> Vec<(K, V)> {
        self.scan(self.prefix.to_be_bytes().to_vec(), after, limit)
    }

    /// As [`Map::page`], of the keys that begin with `head`: a map by `(Address, u64)` can be read
    /// for one address.
    pub fn page_of<H: StorageKey>(&self, head: &H, after: Option<&K>, limit: usize) -> Vec<(K, V)>
    where
        K: StartsWith<H>,
    {
        self.scan(self.whole_key(head), after, limit)
    }

    fn scan(&self, prefix: Vec<u8>, after: Option<&K>, limit: usize) -> Vec<(K, V)> {
        let mut entries = Vec::new();
        let mut last = after.map_or_else(Vec::new, |key| self.whole_key(key));
        // Gas: the host charges for room, so the first page has as much as small values need.
        let mut room = vec![0; limit.saturating_mul(128).clamp(512, 16 * 1024)];
        while entries.len() < limit {
            let filled = sys::storage_page(&prefix, &last, &mut room);
            let Ok(filled) = usize::try_from(filled) else {
                room = vec![0; usize::try_from(filled.unsigned_abs()).unwrap_or(usize::MAX)];
                continue;
            };
            let mut page = room.get(..filled).unwrap_or_default();
            if page.is_empty() {
                break;
            }
            while let Some((key, value, rest)) = split_pair(page) {
                page = rest;
                if entries.len() < limit {
                    entries.push((read_key(key), decode_value(value)));
                }
                last = key.to_vec();
            }
        }
        entries
    }
}

/// Takes `(key_len: u16, value_len: u16, key, value)` off a page.
fn split_pair(page: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let ([a, b, c, d], rest) = page.split_first_chunk::<4>()?;
    let (key, rest) = rest.split_at_checked(u16::from_le_bytes([*a, *b]).into())?;
    let (value, rest) = rest.split_at_checked(u16::from_le_bytes([*c, *d]).into())?;
    Some((key, value, rest))
}

/// The typed key of a stored one.
fn read_key<K: StorageKey>(stored: &[u8]) -> K {
    let mut bytes = stored.get(4..).unwrap_or_default();
    match K::read(&mut bytes) {
        Some(key) if bytes.is_empty() => key,
        _ => panic!("a stored key is not of the type of its map"),
    }
}

impl<K: StorageKey + PartialEq> Map<K, Amount> {
    /// Adds `amount` at `key`; false, and nothing changes, above [`Amount::MAX`].
    #[must_use]
    pub fn credit(&mut self, key: &K, amount: Amount) -> bool {
        self.get(key)
            .checked_add(amount)
            .map(|sum| self.set(key, sum))
            .is_some()
    }

    /// Subtracts `amount` at `key`.
    ///
    /// # Errors
    /// What is there, if it is less than `amount`; nothing changes.
    pub fn debit(&mut self, key: &K, amount: Amount) -> Result<(), Amount> {
        let available = self.get(key);
        let rest = available.checked_sub(amount).ok_or(available)?;
        self.set(key, rest);
        Ok(())
    }

    /// Moves `amount` from `from` to `to`. From a holder to itself changes nothing, but still asks
    /// for that much to be there.
    ///
    /// # Errors
    /// What `from` has, if it is less than `amount`; nothing changes.
    /// # Panics
    /// If `to` would hold more than [`Amount::MAX`]: impossible where the sum is conserved.
    #[track_caller]
    pub fn shift(&mut self, from: K, to: K, amount: Amount) -> Result<(), Amount> {
        let available = self.get(&from);
        let rest = available.checked_sub(amount).ok_or(available)?;
        if from == to || amount.is_zero() {
            return Ok(());
        }
        self.set(&from, rest);
        assert!(self.credit(&to, amount), "a balance overflows");
        Ok(())
    }
}

impl<K: Describe, V: Describe> Field for Map<K, V> {
    const KIND: u8 = 2;
    const KEY: &'static Def = K::TYPE;
    const VALUE: &'static Def = V::TYPE;

    fn at(prefix: u32) -> Self {
        Self {
            prefix,
            types: PhantomData,
        }
    }
}

impl<K, V> fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Map")
    }
}
