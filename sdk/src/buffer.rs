//! Where everything is encoded: keys, values, events, inputs and answers.
//!
//! SCALE writes a value in many small pieces, and a contract encodes a dozen short values in a call. With a
//! `Vec`, each piece costs two calls of functions and each value a block of memory, all of it gas. Here a
//! piece costs one call, and what is short stays on the stack. All of a contract encodes into this one
//! type, so that the code of each encoding is there once.

use crate::memory::{Few, append};
use alloc::vec::Vec;
use core::ops::Deref;
use parity_scale_codec::Output;

/// Bytes that only get longer; short ones take no memory from the allocator.
#[derive(Debug, Default)]
pub struct Buffer {
    few: Few,
    /// All of them, once they are not few.
    many: Option<Vec<u8>>,
}

impl Buffer {
    /// An empty one. Better not moved: it is as long as what is short may be.
    #[inline(always)]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            few: Few::new(),
            many: None,
        }
    }

    /// One that begins with these four bytes: a selector, the prefix of a key.
    #[inline(always)]
    #[must_use]
    pub fn beginning(four: [u8; 4]) -> Self {
        Self {
            few: Few::beginning(four),
            many: None,
        }
    }

    /// The bytes, to be kept.
    #[inline(never)]
    pub(crate) fn kept(&self) -> Vec<u8> {
        self.to_vec()
    }

    pub(crate) fn clear(&mut self) {
        self.few.clear();
        self.many = None;
    }

    #[cold]
    #[inline(never)]
    fn write_many(&mut self, bytes: &[u8]) {
        let few = &self.few;
        let many = self.many.get_or_insert_with(|| {
            let mut many = Vec::with_capacity(few.len().saturating_add(bytes.len()));
            append(&mut many, few);
            many
        });
        append(many, bytes);
    }
}

impl Output for Buffer {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) {
        if self.many.is_some() || !self.few.append(bytes) {
            self.write_many(bytes);
        }
    }

    #[inline(never)]
    fn push_byte(&mut self, byte: u8) {
        if self.many.is_some() || !self.few.push(byte) {
            self.write_many(&[byte]);
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.many {
            Some(many) => many,
            None => &self.few,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// Goal: pieces of every length come out as they went in, before and after they are many.
    #[test]
    fn pieces_follow_one_another() {
        for piece in 0..200_usize {
            let bytes: Vec<u8> = (0..piece).map(|at| u8::try_from(at).unwrap()).collect();
            let (mut buffer, mut expected) = (Buffer::beginning([1, 2, 3, 4]), vec![1, 2, 3, 4]);
            for _ in 0..5 {
                buffer.write(&bytes);
                buffer.push_byte(7);
                expected.extend_from_slice(&bytes);
                expected.push(7);
                assert_eq!(*buffer, expected);
            }
            assert_eq!(buffer.to_vec(), expected);
        }
    }
}
