//! Block time.

use core::fmt;
use parity_scale_codec::{Decode, Encode, MaxEncodedLen};

/// Seconds since 1970-01-01 00:00 UTC, as the block header states them. The only clock there is.
///
/// # Shape
/// `u64` little-endian. Never decreases from block to block.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, MaxEncodedLen,
)]
pub struct Timestamp(pub u64);

impl parity_scale_codec::DecodeWithMemTracking for Timestamp {}

impl Timestamp {
    /// `self + seconds`, or the largest value.
    #[must_use]
    pub const fn saturating_add(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
