//! JSON to SCALE.

use super::{Codec, CodecError, DEPTH_MAX, NUMBER_MAX, Path, TypeText, order};
use crate::nearest::nearest;
use parity_scale_codec::{Compact, Encode};
use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::ops::Range;
use weighhouse_primitives::schema::{Field, Fields, Type, Variant};

type Encoded = Result<(), CodecError>;

impl Codec {
    /// Encodes `value` as `ty`; `root` starts the path of errors, for example `args`.
    ///
    /// # Errors
    /// [`CodecError`] with the path of the first value that does not fit its type.
    pub fn encode(&self, ty: &Type, value: &Value, root: &str) -> Result<Vec<u8>, CodecError> {
        let mut encoder = Encoder::new(self);
        encoder.value(ty, value, &Path::Root(root), DEPTH_MAX)?;
        Ok(encoder.out)
    }

    /// Encodes an object as the values of `fields`, in order, without anything around them.
    ///
    /// # Errors
    /// [`CodecError`] with the path of the first value that does not fit its type.
    pub fn encode_fields(
        &self,
        fields: &[Field],
        value: &Value,
        root: &str,
    ) -> Result<Vec<u8>, CodecError> {
        let empty = Value::Object(Map::new());
        let value = if value.is_null() { &empty } else { value };
        let mut encoder = Encoder::new(self);
        encoder.fields(fields, value, &Path::Root(root), DEPTH_MAX)?;
        Ok(encoder.out)
    }
}

struct Encoder<'c> {
    codec: &'c Codec,
    out: Vec<u8>,
}

impl<'c> Encoder<'c> {
    const fn new(codec: &'c Codec) -> Self {
        let out = Vec::new();
        Self { codec, out }
    }

    fn value(&mut self, ty: &Type, value: &Value, at: &Path<'_>, depth: u32) -> Encoded {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(at.bad(
                format!("a type of at most {DEPTH_MAX} levels"),
                "a deeper one",
            ));
        };
        match ty {
            Type::Unit if value.is_null() => Ok(()),
            Type::Bool => match value {
                Value::Bool(value) => put(&mut self.out, value),
                _ => Err(mismatch(ty, value, at)),
            },
            Type::String => match value {
                Value::String(text) => put(&mut self.out, text),
                _ => Err(mismatch(ty, value, at)),
            },
            Type::Bytes | Type::FixedBytes(_) | Type::Hash => bytes(ty, value, at, &mut self.out),
            Type::Address => self.address(value, at),
            Type::Compact(inner) => compact(inner, value, at, &mut self.out),
            Type::Option(inner) => self.option(inner, value, at, depth),
            Type::List(inner) => self.list(ty, inner, value, at, depth),
            Type::Array(inner, count) => {
                let items = array(ty, value, at, usize::try_from(*count).ok())?;
                self.items(inner, items, at, depth)
            }
            Type::Set(inner) => self.set(ty, inner, value, at, depth),
            Type::Map(key, inner) => self.map(ty, (key, inner), value, at, depth),
            Type::Tuple(members) => self.tuple(ty, members, value, at, depth),
            Type::Struct(_, fields) => self.fields(fields, value, at, depth),
            Type::Newtype(_, inner) => self.value(inner, value, at, depth),
            Type::Enum(name, variants) => self.variant(name, variants, value, at, depth),
            Type::Result(ok, err) => self.result((ok, err), value, at, depth),
            _ => integer(ty, value, at, &mut self.out),
        }
    }

    fn address(&mut self, value: &Value, at: &Path<'_>) -> Encoded {
        let Value::String(text) = value else {
            return Err(mismatch(&Type::Address, value, at));
        };
        let parsed = self.codec.prefix.parse(text);
        let address = parsed.map_err(|error| CodecError::Address {
            path: at.to_string(),
            error,
        })?;
        put(&mut self.out, &address)
    }

    fn option(&mut self, inner: &Type, value: &Value, at: &Path<'_>, depth: u32) -> Encoded {
        if value.is_null() {
            return put(&mut self.out, &0u8);
        }
        self.out.push(1);
        if !is_nullable(inner) {
            return self.value(inner, value, at, depth);
        }
        match sole_entry(value) {
            Some(("Some", payload)) => self.value(inner, payload, &Path::Field(at, "Some"), depth),
            _ => Err(at.bad("null or {\"Some\": value}", describe(value))),
        }
    }

    fn list(
        &mut self,
        ty: &Type,
        inner: &Type,
        value: &Value,
        at: &Path<'_>,
        depth: u32,
    ) -> Encoded {
        let items = array(ty, value, at, None)?;
        count(items.len(), at, &mut self.out)?;
        self.items(inner, items, at, depth)
    }

    fn items(&mut self, inner: &Type, items: &[Value], at: &Path<'_>, depth: u32) -> Encoded {
        items
            .iter()
            .enumerate()
            .try_for_each(|(i, item)| self.value(inner, item, &Path::Index(at, i), depth))
    }

    fn set(
        &mut self,
        ty: &Type,
        inner: &Type,
        value: &Value,
        at: &Path<'_>,
        depth: u32,
    ) -> Encoded {
        let items = array(ty, value, at, None)?;
        count(items.len(), at, &mut self.out)?;
        let mut previous: Option<Range<usize>> = None;
        for (i, item) in items.iter().enumerate() {
            let at = Path::Index(at, i);
            let start = self.out.len();
            self.value(inner, item, &at, depth)?;
            let one = start..self.out.len();
            let before = previous.map(|previous| &self.out[previous]);
            ascending(inner, before, &self.out[one.clone()], item, &at)?;
            previous = Some(one);
        }
        Ok(())
    }

    fn map(
        &mut self,
        ty: &Type,
        (key, inner): (&Type, &Type),
        value: &Value,
        at: &Path<'_>,
        depth: u32,
    ) -> Encoded {
        let entries = array(ty, value, at, None)?;
        count(entries.len(), at, &mut self.out)?;
        let mut previous: Option<Range<usize>> = None;
        for (i, entry) in entries.iter().enumerate() {
            let at = Path::Index(at, i);
            let Some([k, v]) = entry.as_array().map(Vec::as_slice) else {
                return Err(at.bad("[key, value]", describe(entry)));
            };
            let start = self.out.len();
            self.value(key, k, &Path::Index(&at, 0), depth)?;
            let one = start..self.out.len();
            let before = previous.map(|previous| &self.out[previous]);
            ascending(key, before, &self.out[one.clone()], k, &at)?;
            previous = Some(one);
            self.value(inner, v, &Path::Index(&at, 1), depth)?;
        }
        Ok(())
    }

    fn tuple(
        &mut self,
        ty: &Type,
        members: &[Type],
        value: &Value,
        at: &Path<'_>,
        depth: u32,
    ) -> Encoded {
        let items = array(ty, value, at, Some(members.len()))?;
        members
            .iter()
            .zip(items)
            .enumerate()
            .try_for_each(|(i, (ty, item))| self.value(ty, item, &Path::Index(at, i), depth))
    }

    fn fields(&mut self, fields: &[Field], value: &Value, at: &Path<'_>, depth: u32) -> Encoded {
        let Value::Object(object) = value else {
            return Err(at.bad(object_text(fields), describe(value)));
        };
        for name in object.keys() {
            if !fields.iter().any(|field| field.name == *name) {
                return Err(unknown(
                    at,
                    "field",
                    name,
                    fields.iter().map(|f| f.name.as_str()),
                ));
            }
        }
        for field in fields {
            let at = Path::Field(at, &field.name);
            match (object.get(&field.name), &field.ty) {
                (Some(value), ty) => self.value(ty, value, &at, depth)?,
                (None, Type::Option(_)) => self.out.push(0),
                (None, ty) => return Err(at.bad(TypeText(ty).to_string(), "nothing")),
            }
        }
        Ok(())
    }

    fn variant(
        &mut self,
        name: &str,
        variants: &[Variant],
        value: &Value,
        at: &Path<'_>,
        depth: u32,
    ) -> Encoded {
        let (chosen, payload) = match value {
            Value::String(chosen) => (chosen.as_str(), &Value::Null),
            _ => sole_entry(value).ok_or_else(|| {
                let expected = format!("{name} as {{\"Variant\": payload}} with one key");
                at.bad(expected, describe(value))
            })?,
        };
        let Some(variant) = variants.iter().find(|variant| variant.name == chosen) else {
            return Err(unknown(
                at,
                "variant",
                chosen,
                variants.iter().map(|v| v.name.as_str()),
            ));
        };
        self.out.push(variant.index);
        let at = Path::Field(at, &variant.name);
        match &variant.fields {
            Fields::Unit => self.value(&Type::Unit, payload, &at, depth),
            Fields::Unnamed(members) => match members.as_slice() {
                [] => self.value(&Type::Unit, payload, &at, depth),
                [single] => self.value(single, payload, &at, depth),
                _ => self.tuple(&Type::Tuple(members.clone()), members, payload, &at, depth),
            },
            Fields::Named(fields) => self.fields(fields, payload, &at, depth),
        }
    }

    fn result(
        &mut self,
        (ok, err): (&Type, &Type),
        value: &Value,
        at: &Path<'_>,
        depth: u32,
    ) -> Encoded {
        let (index, ty, side, payload) = match sole_entry(value) {
            Some(("Ok", payload)) => (0, ok, "Ok", payload),
            Some(("Err", payload)) => (1, err, "Err", payload),
            _ => return Err(at.bad("{\"Ok\": value} or {\"Err\": value}", describe(value))),
        };
        self.out.push(index);
        self.value(ty, payload, &Path::Field(at, side), depth)
    }
}

fn put(out: &mut Vec<u8>, value: &impl Encode) -> Encoded {
    value.encode_to(out);
    Ok(())
}

fn count(len: usize, at: &Path<'_>, out: &mut Vec<u8>) -> Encoded {
    let len = u32::try_from(len).map_err(|_| at.bad("fewer items", len.to_string()))?;
    put(out, &Compact(len))
}

fn unknown<'n>(
    at: &Path<'_>,
    what: &'static str,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> CodecError {
    CodecError::UnknownName {
        path: at.to_string(),
        what,
        name: shorten(name),
        nearest: nearest(name, known),
    }
}

fn ascending(
    ty: &Type,
    previous: Option<&[u8]>,
    next: &[u8],
    value: &Value,
    at: &Path<'_>,
) -> Encoded {
    let order = previous.map(|previous| order::compare(ty, previous, next));
    match order {
        None | Some(Ordering::Less) => Ok(()),
        Some(Ordering::Equal) => Err(at.bad("no repeats", format!("{} again", describe(value)))),
        Some(Ordering::Greater) => Err(at.bad(
            "ascending order",
            format!("{} after a larger one", describe(value)),
        )),
    }
}

fn array<'v>(
    ty: &Type,
    value: &'v Value,
    at: &Path<'_>,
    len: Option<usize>,
) -> Result<&'v [Value], CodecError> {
    match value {
        Value::Array(items) if len.is_none_or(|len| len == items.len()) => Ok(items),
        _ => Err(mismatch(ty, value, at)),
    }
}

/// The one entry of an object with one entry.
fn sole_entry(value: &Value) -> Option<(&str, &Value)> {
    let object = value.as_object()?;
    let mut entries = object.iter();
    match (entries.next(), entries.next()) {
        (Some((key, value)), None) => Some((key, value)),
        _ => None,
    }
}

/// True if `null` is a value of this type in JSON, so that an option of it must say `Some`.
pub(super) fn is_nullable(ty: &Type) -> bool {
    match ty {
        Type::Unit | Type::Option(_) => true,
        Type::Newtype(_, inner) => is_nullable(inner),
        _ => false,
    }
}

fn bytes(ty: &Type, value: &Value, at: &Path<'_>, out: &mut Vec<u8>) -> Encoded {
    let fixed = match ty {
        Type::FixedBytes(len) => usize::try_from(*len).ok(),
        Type::Hash => Some(32),
        _ => None,
    };
    let digits = value.as_str().and_then(|text| text.strip_prefix("0x"));
    let decoded = digits.and_then(|digits| hex::decode(digits).ok());
    match decoded {
        Some(bytes) if fixed.is_none() => put(out, &bytes),
        Some(bytes) if fixed == Some(bytes.len()) => {
            out.extend_from_slice(&bytes);
            Ok(())
        }
        Some(bytes) => Err(at.bad(TypeText(ty).to_string(), format!("{} bytes", bytes.len()))),
        None => {
            let expected = format!("{} as 0x and an even number of hex digits", TypeText(ty));
            Err(at.bad(expected, describe(value)))
        }
    }
}

fn integer(ty: &Type, value: &Value, at: &Path<'_>, out: &mut Vec<u8>) -> Encoded {
    match ty {
        Type::U8 => put(out, &unsigned::<u8>(ty, value, at)?),
        Type::U16 => put(out, &unsigned::<u16>(ty, value, at)?),
        Type::U32 => put(out, &unsigned::<u32>(ty, value, at)?),
        Type::U64 | Type::Timestamp => put(out, &unsigned::<u64>(ty, value, at)?),
        Type::U128 | Type::Amount => put(out, &unsigned::<u128>(ty, value, at)?),
        Type::I8 => put(out, &signed::<i8>(ty, value, at)?),
        Type::I16 => put(out, &signed::<i16>(ty, value, at)?),
        Type::I32 => put(out, &signed::<i32>(ty, value, at)?),
        Type::I64 => put(out, &signed::<i64>(ty, value, at)?),
        Type::I128 => put(out, &signed::<i128>(ty, value, at)?),
        _ => Err(mismatch(ty, value, at)),
    }
}

fn compact(inner: &Type, value: &Value, at: &Path<'_>, out: &mut Vec<u8>) -> Encoded {
    match inner {
        Type::U8 => put(out, &Compact(unsigned::<u8>(inner, value, at)?)),
        Type::U16 => put(out, &Compact(unsigned::<u16>(inner, value, at)?)),
        Type::U32 => put(out, &Compact(unsigned::<u32>(inner, value, at)?)),
        Type::U64 | Type::Timestamp => put(out, &Compact(unsigned::<u64>(inner, value, at)?)),
        Type::U128 | Type::Amount => put(out, &Compact(unsigned::<u128>(inner, value, at)?)),
        _ => Err(at.bad(
            "Compact of an unsigned integer",
            TypeText(inner).to_string(),
        )),
    }
}

fn unsigned<T: TryFrom<u128>>(ty: &Type, value: &Value, at: &Path<'_>) -> Result<T, CodecError> {
    let number = match value {
        Value::Number(number) => number.as_u64().filter(|n| *n <= NUMBER_MAX).map(u128::from),
        Value::String(text) if is_decimal(text) => text.parse().ok(),
        _ => None,
    };
    number
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| mismatch(ty, value, at))
}

fn signed<T: TryFrom<i128>>(ty: &Type, value: &Value, at: &Path<'_>) -> Result<T, CodecError> {
    let number = match value {
        Value::Number(number) => number
            .as_i64()
            .filter(|n| n.unsigned_abs() <= NUMBER_MAX)
            .map(i128::from),
        Value::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let negative_zero = text == "-0";
            (is_decimal(digits) && !negative_zero)
                .then(|| text.parse().ok())
                .flatten()
        }
        _ => None,
    };
    number
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| mismatch(ty, value, at))
}

/// Digits only, no leading zero.
fn is_decimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.is_empty()
        && (text == "0" || !text.starts_with('0'))
}

fn mismatch(ty: &Type, value: &Value, at: &Path<'_>) -> CodecError {
    at.bad(wanted(ty), describe(value))
}

/// What a type asks for, in words.
fn wanted(ty: &Type) -> String {
    let name = TypeText(ty);
    match ty {
        Type::Unit => "null".into(),
        Type::Bool => "true or false".into(),
        Type::String => "a string".into(),
        Type::U8 | Type::U16 | Type::U32 | Type::I8 | Type::I16 | Type::I32 => {
            format!("{name} as a whole number")
        }
        Type::Amount => "an amount in base units: a u128 as a decimal string".into(),
        Type::Timestamp => "a time in seconds since 1970: a u64 as a decimal string".into(),
        Type::U64 | Type::U128 | Type::I64 | Type::I128 => {
            format!("{name} as a decimal string")
        }
        Type::Address => "an address as text".into(),
        Type::Tuple(members) => format!("{name} as an array of {}", members.len()),
        Type::Array(_, count) => format!("{name} as an array of {count}"),
        Type::List(_) | Type::Set(_) => format!("{name} as an array"),
        Type::Map(..) => format!("{name} as an array of [key, value]"),
        _ => name.to_string(),
    }
}

fn object_text(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    format!(
        "an object with {}",
        if names.is_empty() {
            "no field".into()
        } else {
            names.join(", ")
        }
    )
}

/// What is there, in words, short.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) if number.is_f64() => {
            format!("number {number} (not an integer of at most 53 bits)")
        }
        Value::Number(number) => format!("number {number}"),
        Value::String(text) => format!("string {:?}", shorten(text)),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(object) => {
            let keys: Vec<String> = object.keys().take(4).map(|key| shorten(key)).collect();
            format!(
                "an object with {}",
                if keys.is_empty() {
                    "no field".into()
                } else {
                    keys.join(", ")
                }
            )
        }
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((cut, _)) => format!("{}...", &text[..cut]),
        None => text.into(),
    }
}
