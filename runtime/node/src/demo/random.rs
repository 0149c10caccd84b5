//! Numbers that look random and are the same every time.

/// A sequence of numbers that a seed decides.
///
/// # Source
/// Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014), `SplitMix64`.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number below `end`; zero if `end` is.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from(self.number().checked_rem(end).unwrap_or_default()).unwrap_or_default()
    }

    /// The next amount up to and including `most`.
    pub fn up_to(&mut self, most: u128) -> u128 {
        let number = (u128::from(self.number()) << 64) | u128::from(self.number());
        most.checked_add(1)
            .map_or(number, |end| number.checked_rem(end).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the sequence is the published one, and bounds are kept.
    #[test]
    fn sequence_is_fixed_and_bounded() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.number(), 6_457_827_717_110_365_317);
        assert_eq!(random.number(), 3_203_168_211_198_807_973);
        assert!((0..100).all(|_| random.below(7) < 7 && random.up_to(3) <= 3));
        assert_eq!((random.below(0), random.up_to(0)), (0, 0));
    }
}
