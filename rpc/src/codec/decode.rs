//! SCALE to JSON.

use super::encode::is_nullable;
use super::{Codec, CodecError, DEPTH_MAX, Path, TypeText, VALUES_MAX, order};
use parity_scale_codec::{Compact, Decode};
use serde_json::{Map, Value, json};
use std::cmp::Ordering;
use weighhouse_primitives::schema::{Field, Fields, Type, Variant};
use weighhouse_primitives::{Address, Hash};

type Decoded = Result<Value, CodecError>;

impl Codec {
    /// Decodes all of `bytes` as `ty` into canonical JSON; `root` starts the path of errors.
    ///
    /// # Errors
    /// [`CodecError::BadArgument`] with the path, for bytes that end early, go on, are not canonical
    /// or would build more than [`VALUES_MAX`] values.
    pub fn decode(&self, ty: &Type, bytes: &[u8], root: &str) -> Decoded {
        let mut decoder = Decoder::new(self, bytes);
        let at = Path::Root(root);
        let value = decoder.value(ty, &at, DEPTH_MAX)?;
        decoder.end(&at)?;
        Ok(value)
    }

    /// Decodes all of `bytes` as the values of `fields`, in order, into an object.
    ///
    /// # Errors
    /// As [`Codec::decode`].
    pub fn decode_fields(&self, fields: &[Field], bytes: &[u8], root: &str) -> Decoded {
        let mut decoder = Decoder::new(self, bytes);
        let at = Path::Root(root);
        let value = decoder.fields(fields, &at, DEPTH_MAX)?;
        decoder.end(&at)?;
        Ok(value)
    }
}

struct Decoder<'c> {
    codec: &'c Codec,
    input: &'c [u8],
    values_left: u32,
}

impl<'c> Decoder<'c> {
    const fn new(codec: &'c Codec, input: &'c [u8]) -> Self {
        Self {
            codec,
            input,
            values_left: VALUES_MAX,
        }
    }

    fn end(&self, at: &Path<'_>) -> Result<(), CodecError> {
        match self.input.len() {
            0 => Ok(()),
            left => Err(at.bad("the end of the bytes", format!("{left} more"))),
        }
    }

    fn value(&mut self, ty: &Type, at: &Path<'_>, depth: u32) -> Decoded {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(at.bad(
                format!("a type of at most {DEPTH_MAX} levels"),
                "a deeper one",
            ));
        };
        self.values_left = self
            .values_left
            .checked_sub(1)
            .ok_or_else(|| at.bad(format!("at most {VALUES_MAX} values"), "more"))?;
        match ty {
            Type::Unit => Ok(Value::Null),
            Type::Bool => self.read::<bool>(ty, at).map(Value::Bool),
            Type::String => self.read::<String>(ty, at).map(Value::String),
            Type::Bytes => self.read::<Vec<u8>>(ty, at).map(hex_text),
            Type::FixedBytes(len) => self.raw(*len, ty, at).map(hex_text),
            Type::Hash => self
                .read::<Hash>(ty, at)
                .map(|hash| json!(hash.to_string())),
            Type::Address => {
                let address = self.read::<Address>(ty, at)?;
                Ok(Value::String(self.codec.prefix.format(&address)))
            }
            Type::Compact(inner) => self.compact(inner, at),
            Type::Option(inner) => self.option(inner, ty, at, depth),
            Type::List(inner) => self.counted(at, |this, at| this.value(inner, at, depth)),
            Type::Array(inner, count) => {
                self.repeat(*count, at, |this, at| this.value(inner, at, depth))
            }
            Type::Set(inner) => self.set(inner, at, depth),
            Type::Map(key, inner) => self.map(key, inner, at, depth),
            Type::Tuple(members) => self.tuple(members, at, depth),
            Type::Struct(_, fields) => self.fields(fields, at, depth),
            Type::Newtype(_, inner) => self.value(inner, at, depth),
            Type::Enum(_, variants) => self.variant(variants, ty, at, depth),
            Type::Result(ok, err) => match self.read::<u8>(ty, at)? {
                0 => Ok(json!({ "Ok": self.value(ok, &Path::Field(at, "Ok"), depth)? })),
                1 => Ok(json!({ "Err": self.value(err, &Path::Field(at, "Err"), depth)? })),
                other => Err(at.bad("0 (Ok) or 1 (Err)", format!("byte {other}"))),
            },
            _ => self.integer(ty, at),
        }
    }

    fn read<T: Decode>(&mut self, ty: &Type, at: &Path<'_>) -> Result<T, CodecError> {
        T::decode(&mut self.input).map_err(|_| self.short(ty, at))
    }

    fn short(&self, ty: &Type, at: &Path<'_>) -> CodecError {
        let head: String = hex::encode(&self.input[..self.input.len().min(8)]);
        let got = match self.input.len() {
            0 => "the end of the bytes".into(),
            len @ 1..=8 => format!("0x{head}, {len} bytes to the end"),
            _ => format!("0x{head}..."),
        };
        at.bad(format!("a canonical encoding of {}", TypeText(ty)), got)
    }

    fn raw(&mut self, len: u32, ty: &Type, at: &Path<'_>) -> Result<Vec<u8>, CodecError> {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let Some((head, tail)) = self.input.split_at_checked(len) else {
            return Err(self.short(ty, at));
        };
        let head = head.to_vec();
        self.input = tail;
        Ok(head)
    }

    fn integer(&mut self, ty: &Type, at: &Path<'_>) -> Decoded {
        Ok(match ty {
            Type::U8 => json!(self.read::<u8>(ty, at)?),
            Type::U16 => json!(self.read::<u16>(ty, at)?),
            Type::U32 => json!(self.read::<u32>(ty, at)?),
            Type::I8 => json!(self.read::<i8>(ty, at)?),
            Type::I16 => json!(self.read::<i16>(ty, at)?),
            Type::I32 => json!(self.read::<i32>(ty, at)?),
            Type::U64 | Type::Timestamp => text(self.read::<u64>(ty, at)?),
            Type::I64 => text(self.read::<i64>(ty, at)?),
            Type::I128 => text(self.read::<i128>(ty, at)?),
            _ => text(self.read::<u128>(ty, at)?),
        })
    }

    fn compact(&mut self, inner: &Type, at: &Path<'_>) -> Decoded {
        let ty = &Type::Compact(inner.clone().into());
        Ok(match inner {
            Type::U8 => json!(self.read::<Compact<u8>>(ty, at)?.0),
            Type::U16 => json!(self.read::<Compact<u16>>(ty, at)?.0),
            Type::U32 => json!(self.read::<Compact<u32>>(ty, at)?.0),
            Type::U64 | Type::Timestamp => text(self.read::<Compact<u64>>(ty, at)?.0),
            Type::U128 | Type::Amount => text(self.read::<Compact<u128>>(ty, at)?.0),
            _ => {
                return Err(at.bad(
                    "Compact of an unsigned integer",
                    TypeText(inner).to_string(),
                ));
            }
        })
    }

    fn option(&mut self, inner: &Type, ty: &Type, at: &Path<'_>, depth: u32) -> Decoded {
        match self.read::<u8>(ty, at)? {
            0 => Ok(Value::Null),
            1 if is_nullable(inner) => {
                Ok(json!({ "Some": self.value(inner, &Path::Field(at, "Some"), depth)? }))
            }
            1 => self.value(inner, at, depth),
            other => Err(at.bad("0 (nothing) or 1 (something)", format!("byte {other}"))),
        }
    }

    fn count(&mut self, at: &Path<'_>) -> Result<u32, CodecError> {
        let read = Compact::<u32>::decode(&mut self.input);
        read.map(|count| count.0)
            .map_err(|_| at.bad("a canonical count of items", "something else"))
    }

    fn counted(
        &mut self,
        at: &Path<'_>,
        item: impl FnMut(&mut Self, &Path<'_>) -> Decoded,
    ) -> Decoded {
        let count = self.count(at)?;
        self.repeat(count, at, item)
    }

    fn repeat(
        &mut self,
        count: u32,
        at: &Path<'_>,
        mut item: impl FnMut(&mut Self, &Path<'_>) -> Decoded,
    ) -> Decoded {
        let mut items = Vec::new();
        for _ in 0..count {
            let value = item(self, &Path::Index(at, items.len()))?;
            items.push(value);
        }
        Ok(Value::Array(items))
    }

    fn set(&mut self, inner: &Type, at: &Path<'_>, depth: u32) -> Decoded {
        let mut previous = None;
        self.counted(at, |this, at| {
            let start = this.input;
            let value = this.value(inner, at, depth)?;
            this.ascending(inner, start, &mut previous, at)?;
            Ok(value)
        })
    }

    fn map(&mut self, key: &Type, inner: &Type, at: &Path<'_>, depth: u32) -> Decoded {
        let mut previous = None;
        self.counted(at, |this, at| {
            let start = this.input;
            let k = this.value(key, &Path::Index(at, 0), depth)?;
            this.ascending(key, start, &mut previous, at)?;
            let v = this.value(inner, &Path::Index(at, 1), depth)?;
            Ok(Value::Array(vec![k, v]))
        })
    }

    /// The key read since `start` must be greater than `previous`, which it then replaces.
    fn ascending(
        &self,
        ty: &Type,
        start: &'c [u8],
        previous: &mut Option<&'c [u8]>,
        at: &Path<'_>,
    ) -> Result<(), CodecError> {
        let read = &start[..start.len().saturating_sub(self.input.len())];
        let order = previous.map(|previous| order::compare(ty, previous, read));
        *previous = Some(read);
        match order {
            None | Some(Ordering::Less) => Ok(()),
            Some(_) => Err(at.bad("strictly ascending keys", "a key out of order or repeated")),
        }
    }

    fn tuple(&mut self, members: &[Type], at: &Path<'_>, depth: u32) -> Decoded {
        let mut items = Vec::with_capacity(members.len());
        for (i, ty) in members.iter().enumerate() {
            items.push(self.value(ty, &Path::Index(at, i), depth)?);
        }
        Ok(Value::Array(items))
    }

    fn fields(&mut self, fields: &[Field], at: &Path<'_>, depth: u32) -> Decoded {
        let mut object = Map::new();
        for field in fields {
            let value = self.value(&field.ty, &Path::Field(at, &field.name), depth)?;
            object.insert(field.name.clone(), value);
        }
        Ok(Value::Object(object))
    }

    fn variant(&mut self, variants: &[Variant], ty: &Type, at: &Path<'_>, depth: u32) -> Decoded {
        let index = self.read::<u8>(ty, at)?;
        let Some(variant) = variants.iter().find(|variant| variant.index == index) else {
            return Err(at.bad(TypeText(ty).to_string(), format!("variant {index}")));
        };
        if variants
            .iter()
            .all(|variant| carries_nothing(&variant.fields))
        {
            return Ok(json!(variant.name));
        }
        let at = Path::Field(at, &variant.name);
        let payload = match &variant.fields {
            Fields::Unit => Value::Null,
            Fields::Unnamed(members) => match members.as_slice() {
                [] => Value::Null,
                [single] => self.value(single, &at, depth)?,
                _ => self.tuple(members, &at, depth)?,
            },
            Fields::Named(fields) => self.fields(fields, &at, depth)?,
        };
        Ok(json!({ variant.name.as_str(): payload }))
    }
}

fn carries_nothing(fields: &Fields) -> bool {
    match fields {
        Fields::Unit => true,
        Fields::Unnamed(members) => members.is_empty(),
        Fields::Named(_) => false,
    }
}

fn text(value: impl ToString) -> Value {
    Value::String(value.to_string())
}

fn hex_text(bytes: Vec<u8>) -> Value {
    Value::String(format!("0x{}", hex::encode(bytes)))
}
