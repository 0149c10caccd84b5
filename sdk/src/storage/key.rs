//! Keys whose bytes sort as their values do.
//!
//! # Format
//! | type | bytes |
//! |---|---|
//! | unsigned integers, amounts, times, heights | big-endian |
//! | signed integers | big-endian with the sign bit flipped |
//! | `bool` | 0 or 1 |
//! | `[u8; N]`, addresses, hashes | as they are |
//! | `String`, `Vec<u8>` | each 0 becomes `0 255`; then `0 0` |
//! | tuples | one after the other |
//!
//! No key is a prefix of another of the same type. SCALE would not do: its integers are little-endian.

use crate::Buffer;
use alloc::string::String;
use alloc::vec::Vec;
use parity_scale_codec::Output;
use weighhouse_primitives::{Address, Amount, CodeHash, Gas, Hash, Height, Timestamp, TxHash};

/// A type that can be the key of a [`super::Map`].
pub trait StorageKey: Sized {
    /// Appends the key's bytes.
    fn write(&self, out: &mut Buffer);

    /// Takes a key off stored bytes; `None` if they are not one.
    fn read(input: &mut &[u8]) -> Option<Self>;
}

/// Says that the bytes of a key begin with those of `H`.
pub trait StartsWith<H> {}

impl<A, B> StartsWith<A> for (A, B) {}
impl<A, B, C> StartsWith<A> for (A, B, C) {}
impl<A, B, C> StartsWith<(A, B)> for (A, B, C) {}
impl<A, B, C, D> StartsWith<A> for (A, B, C, D) {}
impl<A, B, C, D> StartsWith<(A, B)> for (A, B, C, D) {}
impl<A, B, C, D> StartsWith<(A, B, C)> for (A, B, C, D) {}

fn take<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, rest) = input.split_first_chunk::<N>()?;
    *input = rest;
    Some(*bytes)
}

macro_rules! unsigned {
    ($($ty:ty),*) => {$(
        impl StorageKey for $ty {
            fn write(&self, out: &mut Buffer) {
                out.write(&self.to_be_bytes());
            }

            fn read(input: &mut &[u8]) -> Option<Self> {
                take(input).map(Self::from_be_bytes)
            }
        }
    )*};
}

unsigned! { u8, u16, u32, u64, u128 }

macro_rules! signed {
    ($($ty:ty as $bits:ty),*) => {$(
        impl StorageKey for $ty {
            fn write(&self, out: &mut Buffer) {
                ((*self ^ Self::MIN).cast_unsigned()).write(out);
            }

            fn read(input: &mut &[u8]) -> Option<Self> {
                <$bits>::read(input).map(|bits| bits.cast_signed() ^ Self::MIN)
            }
        }
    )*};
}

signed! { i8 as u8, i16 as u16, i32 as u32, i64 as u64, i128 as u128 }

macro_rules! newtypes {
    ($($ty:ident),*) => {$(
        impl StorageKey for $ty {
            fn write(&self, out: &mut Buffer) {
                self.0.write(out);
            }

            fn read(input: &mut &[u8]) -> Option<Self> {
                StorageKey::read(input).map(Self)
            }
        }
    )*};
}

newtypes! { Address, Hash, CodeHash, TxHash, Amount, Timestamp, Height, Gas }

impl<const N: usize> StorageKey for [u8; N] {
    fn write(&self, out: &mut Buffer) {
        out.write(self);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        take(input)
    }
}

impl StorageKey for bool {
    fn write(&self, out: &mut Buffer) {
        out.push_byte(u8::from(*self));
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        match take(input)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

impl StorageKey for Vec<u8> {
    fn write(&self, out: &mut Buffer) {
        for byte in self {
            out.push_byte(*byte);
            if *byte == 0 {
                out.push_byte(255);
            }
        }
        out.write(&[0, 0]);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        let mut bytes = Self::new();
        loop {
            match take(input)? {
                [0] => match take(input)? {
                    [0] => return Some(bytes),
                    [255] => bytes.push(0),
                    _ => return None,
                },
                [byte] => bytes.push(byte),
            }
        }
    }
}

impl StorageKey for String {
    fn write(&self, out: &mut Buffer) {
        for byte in self.bytes() {
            out.push_byte(byte);
            if byte == 0 {
                out.push_byte(255);
            }
        }
        out.write(&[0, 0]);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Self::from_utf8(Vec::read(input)?).ok()
    }
}

macro_rules! tuples {
    ($(($($name:ident . $index:tt),*);)*) => {$(
        impl<$($name: StorageKey),*> StorageKey for ($($name,)*) {
            fn write(&self, out: &mut Buffer) {
                $(self.$index.write(out);)*
            }

            fn read(input: &mut &[u8]) -> Option<Self> {
                Some(($($name::read(input)?,)*))
            }
        }
    )*};
}

tuples! { (A.0, B.1); (A.0, B.1, C.2); (A.0, B.1, C.2, D.3); }

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn bytes<K: StorageKey>(key: &K) -> Vec<u8> {
        let mut out = Buffer::new();
        StorageKey::write(key, &mut out);
        out.to_vec()
    }

    fn holds<K: StorageKey + Ord + core::fmt::Debug>(mut keys: Vec<K>) {
        keys.sort();
        for pair in keys.windows(2) {
            assert!(bytes(&pair[0]) < bytes(&pair[1]), "{pair:?}");
        }
        for key in &keys {
            let stored = bytes(key);
            let mut rest = &stored[..];
            assert_eq!(K::read(&mut rest).as_ref(), Some(key));
            assert!(rest.is_empty());
        }
    }

    /// Bytes sort as values do and read back, for every kind of key.
    #[test]
    fn keys_keep_order_and_read_back() {
        holds(vec![0_u64, 1, 255, 256, u64::MAX]);
        holds(vec![i32::MIN, -256, -1, 0, 1, 255, 256, i32::MAX]);
        holds(vec![false, true]);
        holds(vec![Address([1; 32]), Address([2; 32]), Address::ZERO]);
        holds(
            ["", "a", "a\0", "a\0b", "a\u{1}", "ab", "b"]
                .map(String::from)
                .to_vec(),
        );
        holds(vec![
            (String::from("a"), 2_u8),
            (String::from("a"), 1),
            (String::from("a\0"), 0),
            (String::new(), 9),
        ]);
    }
}
