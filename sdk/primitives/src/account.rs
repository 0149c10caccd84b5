//! Accounts: addresses controlled by keys.

use alloc::vec::Vec;
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode};

/// Most keys a policy can name.
pub const POLICY_KEYS_MAX: usize = 16;

/// A public key with its algorithm. Indices 1 and 2 are reserved for P-256 and secp256k1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking,
)]
pub enum PublicKey {
    /// 32 bytes, RFC 8032 encoding. Verified by the cofactored rule of ZIP 215; weak and
    /// non-canonical keys are refused (docs/decisions/0002).
    #[codec(index = 0)]
    Ed25519([u8; 32]),
}

/// A signature; its algorithm is that of the key it belongs to.
///
/// # Shape
/// 64 raw bytes: `R ‖ S`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Signature(pub [u8; 64]);

/// Who may act for an account: `threshold` of `keys`.
///
/// # Shape
/// SCALE `(u8, Vec<PublicKey>)`, 35 bytes for a single key. Keys are strictly ascending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking)]
pub struct KeyPolicy {
    /// How many different keys must sign; 1 to the number of keys.
    pub threshold: u8,
    /// The keys, strictly ascending, 1 to [`POLICY_KEYS_MAX`].
    pub keys: Vec<PublicKey>,
}

impl KeyPolicy {
    /// The policy of one ed25519 key.
    #[must_use]
    pub fn single(key: [u8; 32]) -> Self {
        Self {
            threshold: 1,
            keys: alloc::vec![PublicKey::Ed25519(key)],
        }
    }

    /// `threshold` of `keys`, sorted; `None` unless [`KeyPolicy::is_well_formed`].
    #[must_use]
    pub fn of(threshold: u8, mut keys: Vec<PublicKey>) -> Option<Self> {
        keys.sort_unstable();
        let policy = Self { threshold, keys };
        policy.is_well_formed().then_some(policy)
    }

    /// Bounds, order and threshold hold. Whether each key is a valid point is checked by the host.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        !self.keys.is_empty()
            && self.keys.len() <= POLICY_KEYS_MAX
            && self.threshold >= 1
            && usize::from(self.threshold) <= self.keys.len()
            && self.keys.is_sorted_by(|a, b| a < b)
    }
}
