//! Chain policy: who may submit, upload and deploy, and how much work an account may ask for.

use crate::address::Address;
use crate::gas::Gas;
use alloc::collections::{BTreeMap, BTreeSet};
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode};

/// Who may do a thing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum Access {
    /// Everybody.
    #[codec(index = 0)]
    Open,
    /// The listed accounts only.
    #[codec(index = 1)]
    Listed(BTreeSet<Address>),
}

impl Access {
    /// True if `account` may.
    #[must_use]
    pub fn allows(&self, account: &Address) -> bool {
        match self {
            Self::Open => true,
            Self::Listed(accounts) => accounts.contains(account),
        }
    }
}

/// Gas that one account may use in one window of block time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Quota {
    /// Length of a window in seconds, at least 1. Windows start at multiples of it.
    pub window_seconds: u32,
    /// Gas per account and window.
    pub gas: Gas,
}

/// The chain's policy: set in genesis, replaced as a whole by [`crate::Action::Govern`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct ChainPolicy {
    /// Account whose key policy may change this; `None` freezes the policy for ever.
    pub governor: Option<Address>,
    /// Who may send transactions at all. The governor always may.
    pub submit: Access,
    /// Who may store code.
    pub upload: Access,
    /// Who may create contracts.
    pub deploy: Access,
    /// Work per account and window; `None` is unlimited.
    pub quota: Option<Quota>,
}

/// Who votes on blocks where several nodes run one chain: ed25519 key of each consensus engine, and its
/// voting power, at least 1.
///
/// # Shape
/// SCALE map, ascending by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct ValidatorSet(pub BTreeMap<[u8; 32], u64>);

impl ValidatorSet {
    /// Most validators: votes of all go into every block.
    pub const COUNT_MAX: usize = 128;
    /// Most power of all together; far below what an engine counts with.
    pub const POWER_MAX: u64 = 1_000_000_000_000;

    /// True if it can vote on blocks: somebody is in it, nobody without power, and within the bounds.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let total = self
            .0
            .values()
            .try_fold(0_u64, |total, power| total.checked_add(*power));
        !self.0.is_empty()
            && self.0.len() <= Self::COUNT_MAX
            && self.0.values().all(|power| *power > 0)
            && total.is_some_and(|total| total <= Self::POWER_MAX)
    }

    /// The set after `key` gets `power`; with 0 it leaves. `None` if that is not valid, or nothing leaves.
    #[must_use]
    pub fn with(&self, key: [u8; 32], power: u64) -> Option<Self> {
        let mut set = self.clone();
        match power {
            0 => set.0.remove(&key).map(|_| ())?,
            power => {
                set.0.insert(key, power);
            }
        }
        set.is_valid().then_some(set)
    }

    /// What leads from `self` to `next`: each key at most once, power 0 for one that leaves.
    #[must_use]
    pub fn changes_to(&self, next: &Self) -> BTreeMap<[u8; 32], u64> {
        let gone = self.0.keys().filter(|key| !next.0.contains_key(*key));
        let set = next
            .0
            .iter()
            .filter(|(key, power)| self.0.get(*key) != Some(*power));
        gone.map(|key| (*key, 0))
            .chain(set.map(|(key, power)| (*key, *power)))
            .collect()
    }
}

impl ChainPolicy {
    /// Everything open and unlimited, changed by nobody: for development networks.
    #[must_use]
    pub const fn open() -> Self {
        Self {
            governor: None,
            submit: Access::Open,
            upload: Access::Open,
            deploy: Access::Open,
            quota: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: at least one validator remains, power and number are bounded, and a set changes into another
    /// by at most one update of each key.
    #[test]
    fn validator_sets_stay_valid() {
        let set = ValidatorSet([([1; 32], 10), ([2; 32], 5)].into());
        assert!(set.is_valid() && !ValidatorSet::default().is_valid());
        let one = set.with([2; 32], 0).unwrap();
        assert_eq!(one.with([1; 32], 0), None);
        assert_eq!(set.with([3; 32], 0), None);
        assert_eq!(set.with([3; 32], ValidatorSet::POWER_MAX), None);
        assert_eq!(set.with([3; 32], u64::MAX), None);
        let full = (0..=255)
            .map(|byte| ([byte; 32], 1))
            .take(ValidatorSet::COUNT_MAX);
        let full = ValidatorSet(full.collect());
        assert!(full.is_valid() && full.with([255; 32], 1).is_none());
        let other = one.with([3; 32], 7).unwrap().with([1; 32], 11).unwrap();
        let changes = set.changes_to(&other);
        assert_eq!(changes, [([1; 32], 11), ([2; 32], 0), ([3; 32], 7)].into());
        assert!(set.changes_to(&set).is_empty());
    }
}
