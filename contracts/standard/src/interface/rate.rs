//! Rates of exchange between tokens.

use weighhouse_sdk::prelude::*;

/// A rate: `num` units of the one for `den` of the other, and when that was so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Rate {
    /// Units of the quoted token ...
    pub num: u128,
    /// ... for so many of the base token.
    pub den: u128,
    /// When.
    pub at: Timestamp,
}

/// A contract that knows rates.
#[contract]
pub trait Rates {
    /// The last rate: units of `quote` for units of `base`.
    #[query]
    fn rate(&self, base: Address, quote: Address) -> Option<Rate>;
}
