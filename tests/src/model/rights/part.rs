//! Exact parts of a whole: reduced fractions of 128 bits; what does not fit is refused, never rounded.

use crate::model::code::{BAD_ARGUMENT, Code, OVERFLOW, ZERO_AMOUNT, need};
use std::cmp::Ordering;

/// Numerator and denominator as somebody writes them.
pub type Ratio = (u128, u128);

/// A reduced fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part(pub u128, pub u128);

const fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Part {
    /// Nothing.
    pub const NONE: Self = Self(0, 1);
    /// All of it.
    pub const WHOLE: Self = Self(1, 1);

    /// A part as somebody writes it: 7 without a denominator, 8 for nothing.
    pub(in crate::model) fn of((num, den): Ratio) -> Result<Self, Code> {
        need(den != 0, BAD_ARGUMENT)?;
        need(num != 0, ZERO_AMOUNT)?;
        Ok(Self::reduced(num, den))
    }

    const fn reduced(num: u128, den: u128) -> Self {
        let divisor = gcd(num, den);
        Self(num / divisor, den / divisor)
    }

    /// Both numerators over the least common denominator.
    fn common(self, other: Self) -> Option<(u128, u128, u128)> {
        let divisor = gcd(self.1, other.1);
        let (mine, theirs) = (other.1 / divisor, self.1 / divisor);
        let den = self.1.checked_mul(mine)?;
        Some((self.0.checked_mul(mine)?, other.0.checked_mul(theirs)?, den))
    }

    /// The sum.
    ///
    /// # Errors
    /// 9.
    pub fn plus(self, other: Self) -> Result<Self, Code> {
        let (one, two, den) = self.common(other).ok_or(OVERFLOW)?;
        let sum = one.checked_add(two).ok_or(OVERFLOW)?;
        Ok(Self::reduced(sum, den))
    }

    /// What is left without `other`, which is not more.
    ///
    /// # Errors
    /// 9.
    pub fn minus(self, other: Self) -> Result<Self, Code> {
        let (one, two, den) = self.common(other).ok_or(OVERFLOW)?;
        Ok(Self::reduced(one - two, den))
    }

    /// True for nothing.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl PartialOrd for Part {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Part {
    /// Whole parts first, then what is left upside down: nothing is too large for that.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut one, mut two, mut turned) = (*self, *other, false);
        loop {
            let whole = (one.0 / one.1).cmp(&(two.0 / two.1));
            let rest = (one.0 % one.1, two.0 % two.1);
            let found = match (whole, rest) {
                (Ordering::Equal, (0, 0)) => Ordering::Equal,
                (Ordering::Equal, (0, _)) => Ordering::Less,
                (Ordering::Equal, (_, 0)) => Ordering::Greater,
                (Ordering::Equal, (left, right)) => {
                    (one, two, turned) = (Self(one.1, left), Self(two.1, right), !turned);
                    continue;
                }
                (unequal, _) => unequal,
            };
            return if turned { found.reverse() } else { found };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: parts compare and add exactly, however large their numbers are.
    #[test]
    fn parts_are_exact() {
        let (third, half) = (Part(1, 3), Part(1, 2));
        assert_eq!(third.cmp(&half), std::cmp::Ordering::Less);
        assert_eq!(half.cmp(&third), std::cmp::Ordering::Greater);
        assert_eq!(third.plus(half), Ok(Part(5, 6)));
        assert_eq!(half.minus(third), Ok(Part(1, 6)));
        let (tiny, less) = (Part(1, u128::MAX - 1), Part(1, u128::MAX));
        assert!(less < tiny && tiny < third);
        assert_eq!(tiny.plus(less), Err(OVERFLOW));
        assert!(Part(u128::MAX - 1, u128::MAX) > Part(u128::MAX - 2, u128::MAX - 1));
    }
}
