//! Blocks: ordered transactions and what came of them.

use crate::gas::Gas;
use crate::hash::{BlockHash, GenesisHash, Hash, StateRoot, domain};
use crate::time::Timestamp;
use crate::transaction::Transaction;
use alloc::vec::Vec;
use core::fmt;
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};

/// Position of a block. Genesis is 0, the first block 1.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen,
)]
pub struct Height(pub u64);

impl DecodeWithMemTracking for Height {}

impl Height {
    /// The genesis state.
    pub const GENESIS: Self = Self(0);

    /// The height after this one; heights never reach the end of `u64`.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What a block commits to.
///
/// # Shape
/// SCALE, fields in order, 220 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Header {
    /// Chain.
    pub chain: GenesisHash,
    /// Version of the rules (limits, gas schedule, instrumentation) that executed it.
    pub protocol: u32,
    /// Position.
    pub height: Height,
    /// Hash of the block before; zero for the first.
    pub previous: BlockHash,
    /// Block time; never before that of the block before.
    pub time: Timestamp,
    /// Number of transactions.
    pub tx_count: u32,
    /// [`crate::merkle::list_root`] of the transactions' hashes.
    pub tx_root: Hash,
    /// [`crate::merkle::list_root`] of the encoded receipts' hashes.
    pub receipts_root: Hash,
    /// Hash of the block's whole write set.
    pub writes: Hash,
    /// State after this block.
    pub state_root: StateRoot,
    /// Sum of gas used.
    pub gas_used: Gas,
}

impl Header {
    /// Identity of the block.
    #[must_use]
    pub fn hash(&self) -> BlockHash {
        BlockHash(domain::BLOCK.hash_encoded(self))
    }
}

/// A committed block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Block {
    /// What it commits to.
    pub header: Header,
    /// Its transactions, in order.
    pub transactions: Vec<Transaction>,
}
