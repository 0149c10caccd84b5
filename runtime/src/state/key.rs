//! **Every** state key: prefix, shape, example.
//!
//! | prefix | key | value |
//! |---|---|---|
//! | `a` | `a ‖ address` | [`super::record::AccountRecord`] |
//! | `c` | `c ‖ address` | [`super::record::ContractRecord`] |
//! | `h` | `h ‖ code hash` | [`super::record::CodeRecord`] |
//! | `k` | `k ‖ code hash ‖ chunk: u16 big-endian` | up to 16 KiB of code |
//! | `p` | `p` | [`weighhouse_primitives::policy::ChainPolicy`] |
//! | `r` | `r ‖ valid_until: u64 big-endian ‖ height: u64 big-endian ‖ chunk: u16 big-endian` | replay guards (`state/guard.rs`): hashes of the block's transactions, 32 bytes each, ascending |
//! | `s` | `s ‖ contract address ‖ storage key` | the contract's bytes |
//! | `v` | `v` | [`weighhouse_primitives::policy::ValidatorSet`], if the genesis names validators |
//!
//! Invariant STATE-4: prefixes are one byte and distinct, and within a prefix everything before a
//! variable part has fixed width, so no key is a prefix of another kind's key.

use weighhouse_primitives::{Address, CodeHash, Height, Timestamp};

fn key(prefix: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len = parts.iter().map(|part| part.len()).sum::<usize>();
    let mut key = Vec::with_capacity(len.saturating_add(1));
    key.push(prefix);
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

/// An account's quota use.
#[must_use]
pub fn account(address: &Address) -> Vec<u8> {
    key(b'a', &[address.as_bytes()])
}

/// A contract.
#[must_use]
pub fn contract(address: &Address) -> Vec<u8> {
    key(b'c', &[address.as_bytes()])
}

/// Prefix of all contracts.
#[must_use]
pub fn contracts() -> Vec<u8> {
    vec![b'c']
}

/// Stored code.
#[must_use]
pub fn code(hash: &CodeHash) -> Vec<u8> {
    key(b'h', &[hash.as_bytes()])
}

/// One chunk of stored code.
#[must_use]
pub fn code_chunk(hash: &CodeHash, chunk: u16) -> Vec<u8> {
    key(b'k', &[hash.as_bytes(), &chunk.to_be_bytes()])
}

/// The chain policy.
#[must_use]
pub fn policy() -> Vec<u8> {
    vec![b'p']
}

/// The validators.
#[must_use]
pub fn validators() -> Vec<u8> {
    vec![b'v']
}

/// Replay guards of transactions of the block at `height`, a part of those valid until then.
#[must_use]
pub fn replay(valid_until: Timestamp, height: Height, chunk: u16) -> Vec<u8> {
    let (until, height) = (valid_until.0.to_be_bytes(), height.0.to_be_bytes());
    key(b'r', &[&until, &height, &chunk.to_be_bytes()])
}

/// Prefix of the replay guards of transactions valid until then.
#[must_use]
pub fn replays_until(valid_until: Timestamp) -> Vec<u8> {
    key(b'r', &[&valid_until.0.to_be_bytes()])
}

/// Prefix of all replay guards, ordered by the end of their validity.
#[must_use]
pub fn replays() -> Vec<u8> {
    vec![b'r']
}

/// The end of validity in a replay guard's key; `None` for another kind of key.
#[must_use]
pub fn replay_valid_until(key: &[u8]) -> Option<Timestamp> {
    let bytes = key.strip_prefix(b"r")?.first_chunk::<8>()?;
    Some(Timestamp(u64::from_be_bytes(*bytes)))
}

/// A contract's storage.
#[must_use]
pub fn storage(contract: &Address, storage_key: &[u8]) -> Vec<u8> {
    let prefix_bytes = contract.as_bytes().len().saturating_add(1);
    let mut key = Vec::with_capacity(storage_key.len().saturating_add(prefix_bytes));
    storage_into(&mut key, contract, storage_key);
    key
}

/// As [`storage`], in place of what `key` holds.
pub fn storage_into(key: &mut Vec<u8>, contract: &Address, storage_key: &[u8]) {
    key.clear();
    key.push(b's');
    key.extend_from_slice(contract.as_bytes());
    key.extend_from_slice(storage_key);
}

/// Contract and storage key of a storage key; `None` for another kind of key.
#[must_use]
pub fn split_storage(key: &[u8]) -> Option<(Address, &[u8])> {
    let (address, rest) = key.strip_prefix(b"s")?.split_first_chunk::<32>()?;
    Some((Address(*address), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: no key of one kind is a prefix of a key of another kind.
    #[test]
    fn state_4_prefixes_are_disjoint() {
        let (address, hash) = (Address([1; 32]), CodeHash::default());
        let keys = [
            account(&address),
            contract(&address),
            code(&hash),
            code_chunk(&hash, 0),
            policy(),
            validators(),
            replay(Timestamp(1), Height(1), 0),
            storage(&address, b""),
        ];
        for (i, one) in keys.iter().enumerate() {
            for (j, other) in keys.iter().enumerate() {
                assert_eq!(one.starts_with(other), i == j, "{i} {j}");
            }
        }
    }

    /// Goal: what is put together comes apart again.
    #[test]
    fn keys_come_apart() {
        let address = Address([7; 32]);
        assert_eq!(
            split_storage(&storage(&address, b"xy")),
            Some((address, &b"xy"[..]))
        );
        assert_eq!(split_storage(&account(&address)), None);
        let guard = replay(Timestamp(77), Height(1), 2);
        assert!(guard.starts_with(&replays_until(Timestamp(77))));
        assert_eq!(replay_valid_until(&guard), Some(Timestamp(77)));
    }
}
