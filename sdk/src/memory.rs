//! Copying, filling and comparing memory, eight bytes at a time.
//!
//! Wasm 1.0 has no instruction for any of them, and the compiler's own routines, made for machines that
//! must not read a word from an odd place, take four bytes or one at a time. Each of those steps is paid
//! for in gas. Here a step moves 32 bytes.
//!
//! A loop that stores every byte once, in order, is what the compiler takes for a copy and replaces by a
//! call of `memcpy`, which this is. So the only loops here have a stride longer than any of their
//! stores, and what is left, less than 32 bytes, goes without a loop. For the same reason no value is
//! larger than a word.
//!
//! # Source
//! What `memcpy`, `memset` and `memcmp` do is the C standard's, 7.24; `bcmp` is that of POSIX.
#![expect(
    unsafe_code,
    reason = "these are the routines that the compiler calls for its own copies"
)]

use core::ptr;

/// Bytes of one step of a loop: four words.
const STEP: usize = 32;

/// Copies a `T`; places need no alignment.
///
/// # Safety
/// `from` is readable and `to` writable for the size of a `T` from `at` on.
#[inline(always)]
unsafe fn copy_one<T>(to: *mut u8, from: *const u8, at: usize) {
    // SAFETY: as the caller vouches.
    let value = unsafe { from.wrapping_add(at).cast::<T>().read_unaligned() };
    // SAFETY: as above.
    unsafe { to.wrapping_add(at).cast::<T>().write_unaligned(value) };
}

/// Copies two words. Not in a loop: the profile of contracts does not unroll any.
///
/// # Safety
/// As [`copy_one`], for 16 bytes.
#[inline(always)]
unsafe fn copy_two(to: *mut u8, from: *const u8, at: usize) {
    // SAFETY: as the caller vouches.
    unsafe { copy_one::<u64>(to, from, at) };
    // SAFETY: as above.
    unsafe { copy_one::<u64>(to, from, at.wrapping_add(8)) };
}

/// Fills the size of a `T`, as [`copy_one`].
///
/// # Safety
/// `to` is writable for the size of a `T` from `at` on.
#[inline(always)]
unsafe fn fill_one<T>(to: *mut u8, value: T, at: usize) {
    // SAFETY: as the caller vouches.
    unsafe { ptr::write_unaligned(to.wrapping_add(at).cast::<T>(), value) };
}

/// Fills two words.
///
/// # Safety
/// As [`fill_one`], for 16 bytes.
#[inline(always)]
unsafe fn fill_two(to: *mut u8, word: u64, at: usize) {
    // SAFETY: as the caller vouches.
    unsafe { fill_one(to, word, at) };
    // SAFETY: as above.
    unsafe { fill_one(to, word, at.wrapping_add(8)) };
}

/// Copies `count` bytes between places that do not overlap.
///
/// # Safety
/// `from` is readable and `to` writable for `count` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    let mut at = 0_usize;
    while count.wrapping_sub(at) >= STEP {
        // SAFETY: `STEP` bytes from `at` on are within `count`.
        unsafe { copy_two(to, from, at) };
        // SAFETY: as above.
        unsafe { copy_two(to, from, at.wrapping_add(16)) };
        at = at.wrapping_add(STEP);
    }
    // The binary digits of `count` say which parts are left.
    if count & 16 != 0 {
        // SAFETY: 16 bytes at least are left.
        unsafe { copy_two(to, from, at) };
        at = at.wrapping_add(16);
    }
    if count & 8 != 0 {
        // SAFETY: 8 bytes at least are left.
        unsafe { copy_one::<u64>(to, from, at) };
        at = at.wrapping_add(8);
    }
    if count & 4 != 0 {
        // SAFETY: 4 bytes at least are left.
        unsafe { copy_one::<u32>(to, from, at) };
        at = at.wrapping_add(4);
    }
    if count & 2 != 0 {
        // SAFETY: 2 bytes at least are left.
        unsafe { copy_one::<u16>(to, from, at) };
        at = at.wrapping_add(2);
    }
    if count & 1 != 0 {
        // SAFETY: the last byte is left.
        unsafe { copy_one::<u8>(to, from, at) };
    }
    to
}

/// Fills `count` bytes with the lowest byte of `byte`.
///
/// # Safety
/// `to` is writable for `count` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    let [byte, ..] = byte.to_le_bytes();
    let word = u64::from_le_bytes([byte; 8]);
    let half = u32::from_le_bytes([byte; 4]);
    let mut at = 0_usize;
    while count.wrapping_sub(at) >= STEP {
        // SAFETY: `STEP` bytes from `at` on are within `count`.
        unsafe { fill_two(to, word, at) };
        // SAFETY: as above.
        unsafe { fill_two(to, word, at.wrapping_add(16)) };
        at = at.wrapping_add(STEP);
    }
    if count & 16 != 0 {
        // SAFETY: 16 bytes at least are left.
        unsafe { fill_two(to, word, at) };
        at = at.wrapping_add(16);
    }
    if count & 8 != 0 {
        // SAFETY: 8 bytes at least are left.
        unsafe { fill_one(to, word, at) };
        at = at.wrapping_add(8);
    }
    if count & 4 != 0 {
        // SAFETY: 4 bytes at least are left.
        unsafe { fill_one(to, half, at) };
        at = at.wrapping_add(4);
    }
    if count & 2 != 0 {
        // SAFETY: 2 bytes at least are left.
        unsafe { fill_one(to, u16::from_le_bytes([byte; 2]), at) };
        at = at.wrapping_add(2);
    }
    if count & 1 != 0 {
        // SAFETY: the last byte is left.
        unsafe { fill_one(to, byte, at) };
    }
    to
}

/// The `T` at `from + at`.
///
/// # Safety
/// `from` is readable for the size of a `T` from `at` on.
#[inline(always)]
unsafe fn read_one<T>(from: *const u8, at: usize) -> T {
    // SAFETY: as the caller vouches.
    unsafe { from.wrapping_add(at).cast::<T>().read_unaligned() }
}

/// Compares `count` bytes: negative, zero or positive as the first that differ do.
///
/// # Safety
/// Both places are readable for `count` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
    let mut at = 0_usize;
    while count.wrapping_sub(at) >= 8 {
        // SAFETY: 8 bytes from `at` on are within `count`.
        let one: u64 = unsafe { read_one(left, at) };
        // SAFETY: as above.
        let other: u64 = unsafe { read_one(right, at) };
        if one != other {
            // The first byte weighs most.
            return if one.swap_bytes() < other.swap_bytes() {
                -1
            } else {
                1
            };
        }
        at = at.wrapping_add(8);
    }
    while at < count {
        // SAFETY: the byte at `at` is within `count`.
        let one: u8 = unsafe { read_one(left, at) };
        // SAFETY: as above.
        let other: u8 = unsafe { read_one(right, at) };
        if one != other {
            return i32::from(one).wrapping_sub(i32::from(other));
        }
        at = at.wrapping_add(1);
    }
    0
}

/// Compares `count` bytes: zero if they are equal.
///
/// # Safety
/// As [`memcmp`].
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
unsafe extern "C" fn bcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
    // SAFETY: as the caller vouches.
    unsafe { memcmp(left, right, count) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Lengths, and places after an even one, that the tests go through.
    fn places() -> impl Iterator<Item = (usize, usize)> {
        (0..150).flat_map(|length| (0..9).map(move |place| (length, place)))
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect()
    }

    /// Goal: every length at every alignment is copied, and nothing beside it.
    #[test]
    fn copies_are_exact() {
        for (length, place) in places() {
            let from = bytes(length + 3);
            let mut found = vec![0xee; length + place + 8];
            let mut expected = found.clone();
            expected[place..place + length].copy_from_slice(&from[3..]);
            // SAFETY: both places hold as many bytes.
            unsafe { memcpy(found[place..].as_mut_ptr(), from[3..].as_ptr(), length) };
            assert_eq!(found, expected);
        }
    }

    /// Goal: every length at every alignment is filled with the lowest byte, and nothing beside it.
    #[test]
    fn fills_are_exact() {
        for (length, place) in places() {
            let mut found = vec![0xee; length + place + 8];
            let mut expected = found.clone();
            expected[place..place + length].fill(0x5a);
            // SAFETY: the place holds as many bytes.
            unsafe { memset(found[place..].as_mut_ptr(), 0x0123_455a, length) };
            assert_eq!(found, expected);
        }
    }

    /// Goal: places are ordered as slices of bytes are, whichever byte differs, and equal if none does.
    #[test]
    fn comparisons_are_those_of_slices() {
        for (length, place) in places() {
            let left = bytes(length);
            let mut right = left.clone();
            if let Some(byte) = right.get_mut(length * place / 9) {
                *byte = byte.wrapping_add(128);
            }
            for (one, other) in [(&left, &right), (&right, &left), (&left, &left)] {
                // SAFETY: both places hold as many bytes.
                let found = unsafe { memcmp(one.as_ptr(), other.as_ptr(), length) };
                assert_eq!(found.signum(), one.cmp(other) as i32);
                // SAFETY: as above.
                let differ = unsafe { bcmp(one.as_ptr(), other.as_ptr(), length) };
                assert_eq!(differ == 0, one == other);
            }
        }
    }
}
