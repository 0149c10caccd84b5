//! Records that the runtime itself keeps in the state.

use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::{Address, CodeHash, Gas, Hash, Height};

/// An account's use of its quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct AccountRecord {
    /// Number of the quota window (block time divided by its length) that `used` belongs to.
    pub window: u64,
    /// Gas used in that window.
    pub used: Gas,
}

/// A contract.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ContractRecord {
    /// Its code.
    pub code: CodeHash,
    /// Account that deployed it.
    pub deployer: Address,
    /// Account that may upgrade it.
    pub admin: Option<Address>,
    /// Block in which it was deployed.
    pub deployed_at: Height,
    /// Number of upgrades.
    pub upgrades: u32,
}

/// Stored code; the bytes are in chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CodeRecord {
    /// Length in bytes.
    pub bytes: u32,
    /// Account that uploaded it.
    pub uploader: Address,
    /// Block in which it was uploaded.
    pub uploaded_at: Height,
    /// Hash of the section `wh.schema`.
    pub schema: Hash,
}
