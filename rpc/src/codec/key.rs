//! Keys of storage maps: bytes that sort as the values do, as the SDK writes them.
//!
//! | type | bytes |
//! |---|---|
//! | unsigned integers, amounts, times | big-endian |
//! | signed integers | big-endian with the sign bit flipped |
//! | `bool` | 0 or 1 |
//! | `[u8; N]`, addresses, hashes | as they are |
//! | `String`, `Vec<u8>` | each 0 becomes `0 255`; then `0 0` |
//! | tuples | one after the other |

use super::{Codec, CodecError, Path, TypeText};
use serde_json::{Value, json};
use weighhouse_primitives::schema::Type;

impl Codec {
    /// Encodes the key of a map, without the cell's prefix.
    ///
    /// # Errors
    /// As [`Codec::encode`]; also for a type that cannot be a key.
    pub fn encode_key(&self, ty: &Type, value: &Value, root: &str) -> Result<Vec<u8>, CodecError> {
        let mut out = Vec::new();
        write(ty, &self.encode(ty, value, root)?, root, &mut out)?;
        Ok(out)
    }

    /// Decodes the key of a map, without the cell's prefix; `None` if the bytes are not one.
    #[must_use]
    pub fn decode_key(&self, ty: &Type, mut bytes: &[u8]) -> Option<Value> {
        let value = self.read_key(ty, &mut bytes)?;
        bytes.is_empty().then_some(value)
    }

    fn read_key(&self, ty: &Type, input: &mut &[u8]) -> Option<Value> {
        let plain = |this: &Self, mut bytes: Vec<u8>| {
            bytes.reverse();
            this.decode(ty, &bytes, "key").ok()
        };
        match ty {
            Type::String => String::from_utf8(unescape(input)?).ok().map(Value::String),
            Type::Bytes => Some(json!(format!("0x{}", hex::encode(unescape(input)?)))),
            Type::Newtype(_, inner) => self.read_key(inner, input),
            Type::Tuple(members) => {
                let read = members.iter().map(|member| self.read_key(member, input));
                read.collect::<Option<Vec<Value>>>().map(Value::Array)
            }
            Type::FixedBytes(len) => {
                let bytes = take(input, usize::try_from(*len).ok()?)?;
                self.decode(ty, bytes, "key").ok()
            }
            Type::Address | Type::Hash => self.decode(ty, take(input, 32)?, "key").ok(),
            Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::I128 => {
                let mut bytes = take(input, width(ty)?)?.to_vec();
                bytes.first_mut().map(|first| *first ^= 0x80)?;
                plain(self, bytes)
            }
            _ => plain(self, take(input, width(ty)?)?.to_vec()),
        }
    }
}

fn take<'b>(input: &mut &'b [u8], len: usize) -> Option<&'b [u8]> {
    let (head, tail) = input.split_at_checked(len)?;
    *input = tail;
    Some(head)
}

fn width(ty: &Type) -> Option<usize> {
    Some(match ty {
        Type::Bool | Type::U8 | Type::I8 => 1,
        Type::U16 | Type::I16 => 2,
        Type::U32 | Type::I32 => 4,
        Type::U64 | Type::I64 | Type::Timestamp => 8,
        Type::U128 | Type::I128 | Type::Amount => 16,
        _ => return None,
    })
}

fn unescape(input: &mut &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        match take(input, 1)? {
            [0] => match take(input, 1)? {
                [0] => return Some(bytes),
                [255] => bytes.push(0),
                _ => return None,
            },
            other => bytes.extend_from_slice(other),
        }
    }
}

/// Turns the SCALE encoding of a key into its ordered form.
fn write(ty: &Type, scale: &[u8], root: &str, out: &mut Vec<u8>) -> Result<(), CodecError> {
    let mut input = scale;
    step(ty, &mut input, out).ok_or_else(|| {
        Path::Root(root).bad(
            "a type that can be the key of a map",
            TypeText(ty).to_string(),
        )
    })
}

fn step(ty: &Type, input: &mut &[u8], out: &mut Vec<u8>) -> Option<()> {
    use parity_scale_codec::Decode;
    match ty {
        Type::String | Type::Bytes => {
            for byte in Vec::<u8>::decode(input).ok()? {
                out.push(byte);
                if byte == 0 {
                    out.push(255);
                }
            }
            out.extend_from_slice(&[0, 0]);
        }
        Type::Newtype(_, inner) => step(inner, input, out)?,
        Type::Tuple(members) => members
            .iter()
            .try_for_each(|member| step(member, input, out))?,
        Type::FixedBytes(len) => out.extend_from_slice(take(input, usize::try_from(*len).ok()?)?),
        Type::Address | Type::Hash => out.extend_from_slice(take(input, 32)?),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::I128 => {
            let start = out.len();
            out.extend(take(input, width(ty)?)?.iter().rev());
            out.get_mut(start).map(|first| *first ^= 0x80)?;
        }
        _ => out.extend(take(input, width(ty)?)?.iter().rev()),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Prefix;
    use crate::codec::parse_type;

    /// Goal: keys sort as values, and read back.
    #[test]
    fn keys_keep_order_and_read_back() {
        let codec = Codec::new(Prefix::new("wh").unwrap());
        for (ty, ascending) in [
            (
                "u64",
                vec![
                    json!("0"),
                    json!("255"),
                    json!("256"),
                    json!("18446744073709551615"),
                ],
            ),
            (
                "i32",
                vec![json!(-256), json!(-1), json!(0), json!(255), json!(256)],
            ),
            (
                "String",
                vec![
                    json!(""),
                    json!("a"),
                    json!("a\u{0}"),
                    json!("ab"),
                    json!("b"),
                ],
            ),
            (
                "(String, u8)",
                vec![json!(["a", 2]), json!(["a\u{0}", 1]), json!(["b", 0])],
            ),
            ("bool", vec![json!(false), json!(true)]),
        ] {
            let ty = parse_type(ty, None).unwrap();
            let keys: Vec<Vec<u8>> = ascending
                .iter()
                .map(|value| codec.encode_key(&ty, value, "key").unwrap())
                .collect();
            assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
            for (key, value) in keys.iter().zip(&ascending) {
                assert_eq!(codec.decode_key(&ty, key).as_ref(), Some(value));
            }
        }
        let list = parse_type("Vec<u16>", None).unwrap();
        assert!(codec.encode_key(&list, &json!([1]), "key").is_err());
    }
}
