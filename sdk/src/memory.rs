//! Copying, filling and comparing memory, eight bytes at a time; and short bytes where they stand.
//!
//! Wasm 1.0 has no instruction for any of them, and the compiler's own routines, made for machines that
//! must not read a word from an odd place, take four bytes or one at a time. Each of those steps is paid
//! for in gas. Here a step moves 32 bytes.
//!
//! A loop that stores every byte once, in order, is what the compiler takes for a copy and replaces by a
//! call of `memcpy`, which this is. So the only loops here have a stride longer than any of their
//! stores, and what is left, at most 32 bytes, goes without a loop. For the same reason no value is
//! larger than a word.
//!
//! # Source
//! What `memcpy`, `memset` and `memcmp` do is the C standard's, 7.24; `bcmp` is that of POSIX.
#![cfg_attr(
    not(any(target_arch = "wasm32", test)),
    expect(
        dead_code,
        reason = "compilers of other targets bring these routines along"
    )
)]
#![expect(
    unsafe_code,
    reason = "these are the routines that the compiler calls for its own copies"
)]

use alloc::vec::Vec;
use core::mem::MaybeUninit;
use core::ops::Deref;
use core::{ptr, slice};

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
/// What is left of a copy in steps is copied as a whole step that ends with it, over what is there
/// already: so every length takes few branches, each of which costs gas.
///
/// # Safety
/// `from` is readable and `to` writable for `count` bytes.
#[inline(always)]
unsafe fn copy(to: *mut u8, from: *const u8, count: usize) {
    if count < 8 {
        // SAFETY: as the caller vouches.
        return unsafe { copy_few(to, from, count) };
    }
    if count <= 16 {
        // SAFETY: 8 bytes at least, the first and the last.
        unsafe { copy_one::<u64>(to, from, 0) };
        // SAFETY: as above.
        return unsafe { copy_one::<u64>(to, from, count.wrapping_sub(8)) };
    }
    let mut at = 0_usize;
    while count.wrapping_sub(at) > STEP {
        // SAFETY: more than `STEP` bytes from `at` on are within `count`.
        unsafe { copy_two(to, from, at) };
        // SAFETY: as above.
        unsafe { copy_two(to, from, at.wrapping_add(16)) };
        at = at.wrapping_add(STEP);
    }
    if count.wrapping_sub(at) > 16 {
        // SAFETY: more than 16 bytes from `at` on are within `count`.
        unsafe { copy_two(to, from, at) };
    }
    // SAFETY: `count` is more than 16.
    unsafe { copy_two(to, from, count.wrapping_sub(16)) };
}

/// Copies fewer than eight bytes.
///
/// # Safety
/// As [`copy`].
#[inline(always)]
unsafe fn copy_few(to: *mut u8, from: *const u8, count: usize) {
    if count >= 4 {
        // SAFETY: 4 bytes at least, the first and the last.
        unsafe { copy_one::<u32>(to, from, 0) };
        // SAFETY: as above.
        unsafe { copy_one::<u32>(to, from, count.wrapping_sub(4)) };
    } else if count != 0 {
        // SAFETY: one to three bytes: the first, the one in the middle, the last.
        unsafe { copy_one::<u8>(to, from, 0) };
        // SAFETY: as above.
        unsafe { copy_one::<u8>(to, from, count >> 1) };
        // SAFETY: as above.
        unsafe { copy_one::<u8>(to, from, count.wrapping_sub(1)) };
    }
}

/// What the compiler calls for its copies: [`copy`].
///
/// # Safety
/// As there.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    // SAFETY: as the caller vouches.
    unsafe { copy(to, from, count) };
    to
}

/// Appends `bytes`, without a call of [`memcpy`].
pub(crate) fn append(to: &mut Vec<u8>, bytes: &[u8]) {
    let length = to.len();
    to.reserve(bytes.len());
    // SAFETY: `reserve` made the bytes after `length` the vector's own, as many as are copied; `bytes` is
    // borrowed beside it, so they do not overlap.
    unsafe {
        copy(
            to.as_mut_ptr().wrapping_add(length),
            bytes.as_ptr(),
            bytes.len(),
        )
    };
    // SAFETY: they are initialised now, and the sum is within the capacity.
    unsafe { to.set_len(length.wrapping_add(bytes.len())) };
}

/// Most bytes of [`Few`].
const FEW: usize = 128;

/// At most [`FEW`] bytes, where they stand.
///
/// Invariant: the first `length` are initialised.
#[derive(Debug)]
pub(crate) struct Few {
    bytes: [MaybeUninit<u8>; FEW],
    length: usize,
}

impl Few {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [MaybeUninit::uninit(); FEW],
            length: 0,
        }
    }

    /// Begins with these four.
    #[inline(always)]
    pub(crate) fn beginning(four: [u8; 4]) -> Self {
        let mut few = Self::new();
        let start: *mut [u8; 4] = few.bytes.as_mut_ptr().cast();
        // SAFETY: `bytes` has more than four, and nobody else has it.
        unsafe { start.write(four) };
        few.length = 4;
        few
    }

    pub(crate) fn clear(&mut self) {
        self.length = 0;
    }

    /// Appends a byte; false, and nothing changes, if there is no room.
    #[inline(always)]
    pub(crate) fn push(&mut self, byte: u8) -> bool {
        let Some(room) = self.bytes.get_mut(self.length) else {
            return false;
        };
        room.write(byte);
        self.length = self.length.wrapping_add(1);
        true
    }

    /// Appends `bytes`; false, and nothing changes, if there is no room.
    #[inline(always)]
    pub(crate) fn append(&mut self, bytes: &[u8]) -> bool {
        // The length is never more than `FEW`.
        if FEW.wrapping_sub(self.length) < bytes.len() {
            return false;
        }
        let room = self.bytes.as_mut_ptr().wrapping_add(self.length);
        // SAFETY: there is room for so many bytes; `bytes` is borrowed beside it, so they do not overlap.
        unsafe { copy(room.cast(), bytes.as_ptr(), bytes.len()) };
        self.length = self.length.wrapping_add(bytes.len());
        true
    }
}

impl Default for Few {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Few {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: so many bytes are initialised, and within `bytes`.
        unsafe { slice::from_raw_parts(self.bytes.as_ptr().cast(), self.length) }
    }
}

/// Fills `count` bytes with the lowest byte of `byte`.
///
/// # Safety
/// `to` is writable for `count` bytes.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    let [byte, ..] = byte.to_le_bytes();
    let word = u64::from_le_bytes([byte; 8]);
    if count < 8 {
        // SAFETY: as the caller vouches.
        unsafe { fill_few(to, word, count) };
        return to;
    }
    let mut at = 0_usize;
    while count.wrapping_sub(at) > STEP {
        // SAFETY: more than `STEP` bytes from `at` on are within `count`.
        unsafe { fill_two(to, word, at) };
        // SAFETY: as above.
        unsafe { fill_two(to, word, at.wrapping_add(16)) };
        at = at.wrapping_add(STEP);
    }
    if count > 16 {
        if count.wrapping_sub(at) > 16 {
            // SAFETY: more than 16 bytes from `at` on are within `count`.
            unsafe { fill_two(to, word, at) };
        }
        // SAFETY: `count` is more than 16.
        unsafe { fill_two(to, word, count.wrapping_sub(16)) };
    } else {
        // SAFETY: 8 bytes at least, the first and the last.
        unsafe { fill_one(to, word, 0) };
        // SAFETY: as above.
        unsafe { fill_one(to, word, count.wrapping_sub(8)) };
    }
    to
}

/// Fills fewer than eight bytes.
///
/// # Safety
/// As `memset`, of the lowest byte of `word`, all of whose bytes are the same.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "all bytes of the word are the same"
)]
unsafe fn fill_few(to: *mut u8, word: u64, count: usize) {
    if count >= 4 {
        // SAFETY: 4 bytes at least, the first and the last.
        unsafe { fill_one(to, word as u32, 0) };
        // SAFETY: as above.
        unsafe { fill_one(to, word as u32, count.wrapping_sub(4)) };
    } else if count != 0 {
        // SAFETY: one to three bytes: the first, the one in the middle, the last.
        unsafe { fill_one(to, word as u8, 0) };
        // SAFETY: as above.
        unsafe { fill_one(to, word as u8, count >> 1) };
        // SAFETY: as above.
        unsafe { fill_one(to, word as u8, count.wrapping_sub(1)) };
    }
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

    /// Goal: bytes of every length are appended to what is there, whether there is room or not.
    #[test]
    fn appending_extends() {
        for (length, place) in places() {
            let mut found = bytes(place);
            append(&mut found, &bytes(length));
            assert_eq!(found, [bytes(place), bytes(length)].concat());
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
