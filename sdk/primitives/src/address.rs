//! Addresses of accounts and contracts.

use crate::account::KeyPolicy;
use crate::hash::{CodeHash, Hash, domain};
use core::fmt;
use parity_scale_codec::{Decode, Encode, MaxEncodedLen};

/// Identifier of an account or a contract; the kind is not in the bytes.
///
/// # Shape
/// 32 raw bytes. The text form (bech32m with the chain's prefix) belongs to the edges.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen,
)]
pub struct Address(pub [u8; 32]);

impl parity_scale_codec::DecodeWithMemTracking for Address {}

impl Address {
    /// All zeros: nobody. No key policy and no deployment hashes to it.
    pub const ZERO: Self = Self([0; 32]);

    /// Address of the account that `policy` controls.
    #[must_use]
    pub fn of_account(policy: &KeyPolicy) -> Self {
        Self(domain::ACCOUNT.hash_encoded(policy).0)
    }

    /// Address of the contract that `deployer` creates from `code` with `salt`.
    ///
    /// The same triple always names the same address, so a deployer can announce it beforehand;
    /// nobody else can occupy it.
    #[must_use]
    pub fn of_contract(deployer: &Self, code: &CodeHash, salt: &Hash) -> Self {
        Self(domain::CONTRACT.hash_encoded(&(deployer, code, salt)).0)
    }

    /// The raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl AsRef<[u8]> for Address {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Hash(self.0), f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
