//! Exact shares: reduced fractions, and sums that are one to the last digit.
//!
//! A [`Fraction`] keeps numerator and denominator of 128 bits, reduced; what does not fit is refused, not
//! rounded. Whether many shares make a whole ([`make_one`]) is decided with as many digits as it takes.

use crate::arithmetic::mul_div_rem;
use alloc::vec;
use core::cmp::Ordering;
use weighhouse_sdk::prelude::*;

/// A reduced fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Fraction {
    /// Numerator.
    num: u128,
    /// Denominator; 0 only in what a contract was given and did not reduce.
    den: u128,
}

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self { num: 0, den: 1 };
    /// The whole.
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// `num / den`, reduced; `None` without a denominator.
    #[must_use]
    pub fn new(num: u128, den: u128) -> Option<Self> {
        let divisor = gcd(num, den);
        (den != 0).then_some(Self {
            num: num.checked_div(divisor)?,
            den: den.checked_div(divisor)?,
        })
    }

    /// Numerator of the reduced form.
    #[must_use]
    pub const fn num(&self) -> u128 {
        self.num
    }

    /// Denominator of the reduced form.
    #[must_use]
    pub const fn den(&self) -> u128 {
        self.den
    }

    /// The same fraction, reduced again: for one that came as an argument.
    #[must_use]
    pub fn reduced(&self) -> Option<Self> {
        Self::new(self.num, self.den)
    }

    /// True for nothing.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.num == 0
    }

    /// The sum; `None` if it does not fit.
    #[must_use]
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        let (one, two, den) = self.with(other)?;
        Self::new(one.checked_add(two)?, den)
    }

    /// The difference; `None` below nothing, or if it does not fit.
    #[must_use]
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        let (one, two, den) = self.with(other)?;
        Self::new(one.checked_sub(two)?, den)
    }

    /// The product; `None` if it does not fit.
    #[must_use]
    pub fn checked_mul(&self, other: &Self) -> Option<Self> {
        let one = Self::new(self.num, other.den)?;
        let two = Self::new(other.num, self.den)?;
        Self::new(one.num.checked_mul(two.num)?, one.den.checked_mul(two.den)?)
    }

    /// Both numerators over the least denominator of both.
    fn with(&self, other: &Self) -> Option<(u128, u128, u128)> {
        let divisor = gcd(self.den, other.den);
        let mine = other.den.checked_div(divisor)?;
        let theirs = self.den.checked_div(divisor)?;
        let den = self.den.checked_mul(mine)?;
        Some((
            self.num.checked_mul(mine)?,
            other.num.checked_mul(theirs)?,
            den,
        ))
    }

    /// The part of `amount`, rounded down; `None` if it does not fit.
    #[must_use]
    pub fn of(&self, amount: u128) -> Option<u128> {
        mul_div_rem(amount, self.num, self.den).map(|(part, _)| part)
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    /// By the products of 256 bits: never out of range.
    fn cmp(&self, other: &Self) -> Ordering {
        Natural::of(self.num)
            .times(other.den)
            .cmp(&Natural::of(other.num).times(self.den))
    }
}

/// Greatest common divisor; that of 0 and `b` is `b`.
fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a.checked_rem(b).unwrap_or(0));
    }
    a
}

/// True if the shares `num / den` make exactly one. A share without a denominator makes nothing.
#[must_use]
pub fn make_one(shares: &[(u64, u64)]) -> bool {
    let mut sum = (Natural::of(0), Natural::of(1));
    for (num, den) in shares {
        if *den == 0 {
            return false;
        }
        let (num, den) = (u128::from(*num), u128::from(*den));
        let added = sum.1.clone().times(num);
        sum = (sum.0.times(den).plus(&added), sum.1.times(den));
    }
    sum.0 == sum.1
}

/// A natural number of any size: digits of 64 bits, the lowest first, none of them a leading zero.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Natural(Vec<u64>);

const LOW: u128 = u64::MAX as u128;

impl Natural {
    fn of(value: u128) -> Self {
        let (low, high) = halves(value);
        Self(vec![low, high]).trimmed()
    }

    fn trimmed(mut self) -> Self {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    fn times(&self, factor: u128) -> Self {
        let (low, high) = halves(factor);
        let mut shifted = self.times_digit(high);
        shifted.0.insert(0, 0);
        self.times_digit(low).plus(&shifted)
    }

    fn times_digit(&self, factor: u64) -> Self {
        let (mut digits, mut carry) = (Vec::with_capacity(self.0.len().saturating_add(2)), 0);
        for digit in &self.0 {
            // A product of two digits and a carry fit 128 bits.
            let product = u128::from(*digit).wrapping_mul(factor.into());
            let (low, high) = halves(product.wrapping_add(carry));
            digits.push(low);
            carry = u128::from(high);
        }
        digits.push(halves(carry).0);
        Self(digits).trimmed()
    }

    fn plus(&self, other: &Self) -> Self {
        let (mut digits, mut carry) = (Vec::with_capacity(self.0.len()), 0);
        for index in 0..self.0.len().max(other.0.len()) {
            let digit = |natural: &Self| natural.0.get(index).copied().map_or(0, u128::from);
            let sum = digit(self).wrapping_add(digit(other)).wrapping_add(carry);
            let (low, high) = halves(sum);
            digits.push(low);
            carry = u128::from(high);
        }
        digits.push(halves(carry).0);
        Self(digits).trimmed()
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let longer = self.0.len().cmp(&other.0.len());
        longer.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

/// Low and high half.
fn halves(value: u128) -> (u64, u64) {
    let low = u64::try_from(value & LOW).unwrap_or(u64::MAX);
    let high = u64::try_from(value >> 64).unwrap_or(u64::MAX);
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fraction(num: u128, den: u128) -> Fraction {
        Fraction::new(num, den).unwrap()
    }

    /// Goal: fractions are reduced, so that equal ones are equal.
    #[test]
    fn fractions_are_reduced() {
        assert_eq!(fraction(2, 4), fraction(1, 2));
        assert_eq!(fraction(0, 7), Fraction::ZERO);
        assert_eq!(Fraction::new(1, 0), None);
        let third = fraction(1, 3);
        assert_eq!(third.checked_add(&fraction(1, 6)), Some(fraction(1, 2)));
        assert_eq!(third.checked_sub(&fraction(1, 3)), Some(Fraction::ZERO));
        assert_eq!(third.checked_sub(&fraction(1, 2)), None);
        assert_eq!(third.checked_mul(&fraction(3, 5)), Some(fraction(1, 5)));
        assert_eq!(third.of(100), Some(33));
        assert_eq!(
            fraction(1, u128::MAX).checked_add(&fraction(1, u128::MAX - 1)),
            None
        );
    }

    /// Goal: the order is exact where 128 bits would overflow.
    #[test]
    fn order_is_exact() {
        let (less, more) = (
            fraction(u128::MAX - 2, u128::MAX - 1),
            fraction(u128::MAX - 1, u128::MAX),
        );
        assert!(less < more && more < Fraction::ONE && Fraction::ZERO < less);
        assert_eq!(less.cmp(&less), Ordering::Equal);
    }

    /// Goal: shares make one exactly, whatever their denominators, and not by rounding.
    #[test]
    fn shares_make_one_exactly() {
        assert!(make_one(&[(1, 3), (1, 3), (1, 3)]));
        assert!(make_one(&[(2, 4), (1, 3), (1, 6)]));
        assert!(!make_one(&[(1, 3), (1, 3)]));
        assert!(!make_one(&[(1, 0)]));
        assert!(!make_one(&[]));
        let max = u64::MAX;
        assert!(make_one(&[(max - 1, max), (1, max)]));
        assert!(!make_one(&[(max - 1, max), (1, max - 1)]));
        let primes = [
            (1, 4_294_967_291),
            (4_294_967_290, 4_294_967_291),
            (0, 4_294_967_279),
        ];
        assert!(make_one(&primes));
        let mut many: Vec<(u64, u64)> = (0..255).map(|n| (1, max - n)).collect();
        assert!(!make_one(&many));
        many = (0..256).map(|_| (1, 256)).collect();
        assert!(make_one(&many));
    }
}
