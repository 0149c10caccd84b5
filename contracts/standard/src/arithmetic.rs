//! Products of 256 bits and splits that lose nothing.
//!
//! Whoever pays out rounds down ([`mul_div`]), whoever charges rounds up ([`mul_div_up`]). A
//! [`split`] always adds up to its total: leftover units go by largest remainder, ties to the lowest
//! number.

use alloc::vec::Vec;

/// Quotient and remainder of `a * b / c`, over the full product; `None` if `c` is zero or the
/// quotient does not fit.
#[must_use]
pub fn mul_div_rem(a: u128, b: u128, c: u128) -> Option<(u128, u128)> {
    let (high, low) = product(a, b);
    if high >= c {
        return None; // division by zero included
    }
    if high == 0 {
        return Some((low.checked_div(c)?, low.checked_rem(c)?));
    }
    // Long division, one bit of the low half at a time. The remainder stays below c, so the quotient
    // gets exactly 128 bits; a bit that leaves the top of the remainder says that it exceeds c.
    let (mut rest, mut quotient) = (high, 0_u128);
    for bit in (0..128_u32).rev() {
        let carried = rest >> 127;
        rest = (rest << 1) | ((low >> bit) & 1);
        quotient <<= 1;
        if carried == 1 || rest >= c {
            rest = rest.wrapping_sub(c);
            quotient |= 1;
        }
    }
    Some((quotient, rest))
}

/// `floor(a * b / c)`.
#[must_use]
pub fn mul_div(a: u128, b: u128, c: u128) -> Option<u128> {
    mul_div_rem(a, b, c).map(|(quotient, _)| quotient)
}

/// `ceil(a * b / c)`.
#[must_use]
pub fn mul_div_up(a: u128, b: u128, c: u128) -> Option<u128> {
    match mul_div_rem(a, b, c)? {
        (quotient, 0) => Some(quotient),
        (quotient, _) => quotient.checked_add(1),
    }
}

/// High and low half of `a * b`.
fn product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a_high, a_low) = (a >> 64, a & LOW);
    let (b_high, b_low) = (b >> 64, b & LOW);
    // Products of two 64-bit halves and sums of a product and two halves fit 128 bits.
    let low = a_low.wrapping_mul(b_low);
    let middle = a_high.wrapping_mul(b_low).wrapping_add(low >> 64);
    let other = a_low.wrapping_mul(b_high).wrapping_add(middle & LOW);
    let high = a_high
        .wrapping_mul(b_high)
        .wrapping_add(middle >> 64)
        .wrapping_add(other >> 64);
    (high, (other << 64) | (low & LOW))
}

/// Shares of `total` in proportion to the weights of `(number, weight)`, in the order given.
///
/// `None` if there is no weight at all, or the weights overflow.
#[must_use]
pub fn split(total: u128, parts: &[(u64, u128)]) -> Option<Vec<u128>> {
    let whole = parts
        .iter()
        .try_fold(0_u128, |sum, (_, weight)| sum.checked_add(*weight))?;
    let mut shares = Vec::with_capacity(parts.len());
    let mut order = Vec::with_capacity(parts.len());
    let mut left = total;
    for (index, (number, weight)) in parts.iter().enumerate() {
        let (share, remainder) = mul_div_rem(total, *weight, whole)?;
        left = left.checked_sub(share)?;
        shares.push(share);
        order.push((core::cmp::Reverse(remainder), *number, index));
    }
    order.sort_unstable();
    for (_, _, index) in order {
        if left == 0 {
            break;
        }
        let share = shares.get_mut(index)?;
        *share = share.checked_add(1)?;
        left = left.checked_sub(1)?;
    }
    Some(shares)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The product is exact over its whole range, where 128 bits would overflow.
    #[test]
    fn product_has_256_bits() {
        let max = u128::MAX;
        assert_eq!(mul_div(max, max, max), Some(max));
        assert_eq!(mul_div_rem(max, max, max - 1), None, "one more than fits");
        assert_eq!(mul_div(max, 2, 4), Some(max / 2));
        assert_eq!(mul_div(max - 1, max, max), Some(max - 1));
        assert_eq!(mul_div(1 << 100, 1 << 100, 1 << 90), Some(1 << 110));
        assert_eq!(mul_div(7, 3, 0), None);
    }

    /// Quotient times divisor plus remainder is the product, bit for bit, over the whole range.
    #[test]
    fn division_undoes_the_product() {
        let mut state = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835_u128;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state >> (state % 97)
        };
        for _ in 0..2_000 {
            let (a, b, c) = (next(), next(), next().max(1));
            let (high, low) = product(a, b);
            match mul_div_rem(a, b, c) {
                None => assert!(high >= c, "{a} * {b} / {c}"),
                Some((quotient, rest)) => {
                    let (back_high, back_low) = product(quotient, c);
                    let (sum, carry) = back_low.overflowing_add(rest);
                    assert!(rest < c);
                    assert_eq!((back_high + u128::from(carry), sum), (high, low));
                }
            }
        }
    }

    /// Rounding is down for what is paid out, up for what is charged.
    #[test]
    fn rounding_has_a_direction() {
        assert_eq!(
            (mul_div(7, 3, 2), mul_div_up(7, 3, 2)),
            (Some(10), Some(11))
        );
        assert_eq!(
            (mul_div(8, 3, 2), mul_div_up(8, 3, 2)),
            (Some(12), Some(12))
        );
    }

    /// A split adds up; the leftover goes by largest remainder, then by the lowest number.
    #[test]
    fn split_loses_nothing() {
        assert_eq!(split(10, &[(3, 1), (1, 1), (2, 1)]), Some([3, 4, 3].into()));
        assert_eq!(split(100, &[(1, 1), (2, 2)]), Some([33, 67].into()));
        assert_eq!(split(0, &[(1, 1)]), Some([0].into()));
        assert_eq!(split(1, &[(1, 0)]), None);
        let parts: Vec<(u64, u128)> = (0..97).map(|n| (n, u128::from(n) * 7 + 1)).collect();
        let shares = split(u128::MAX, &parts).unwrap();
        assert_eq!(shares.iter().sum::<u128>(), u128::MAX);
    }
}
