//! Decoding of bytes that nobody vouches for.
//!
//! SCALE by itself accepts trailing bytes, repeated map keys, over-long compact integers and nesting
//! that overflows the stack. Whatever is signed, hashed or stored goes through [`decode_canonical`].

use parity_scale_codec::{Decode, DecodeLimit, Encode, Error};

/// Deepest nesting of a decoded value.
pub const DECODE_DEPTH_MAX: u32 = 32;

/// Decodes all of `bytes`, with bounded nesting, and refuses every encoding but the canonical one.
///
/// # Errors
/// The codec's error; leftover bytes and non-canonical encodings are errors too.
pub fn decode_canonical<T: Decode + Encode>(bytes: &[u8]) -> Result<T, Error> {
    let value = T::decode_all_with_depth_limit(DECODE_DEPTH_MAX, &mut &*bytes)?;
    if value.using_encoded(|again| again == bytes) {
        Ok(value)
    } else {
        Err(Error::from("the encoding is not canonical"))
    }
}
