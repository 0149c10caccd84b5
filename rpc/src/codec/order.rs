//! The order of encoded values: that of the Rust types they came from.
//!
//! Maps and sets are encoded in the order of their keys, and SCALE writes integers little-endian, so
//! the order of bytes is not the order of values.

use parity_scale_codec::{Compact, Decode};
use std::cmp::Ordering;
use weighhouse_primitives::schema::{Field, Fields, Type, Variant};

/// Compares two complete encodings of `ty`.
pub(super) fn compare(ty: &Type, mut a: &[u8], mut b: &[u8]) -> Ordering {
    step(ty, &mut a, &mut b)
}

/// Compares one value of each input and, if they are equal, moves past both.
fn step(ty: &Type, a: &mut &[u8], b: &mut &[u8]) -> Ordering {
    match ty {
        Type::Unit => Ordering::Equal,
        Type::Bool | Type::U8 => decoded::<u8>(a, b),
        Type::U16 => decoded::<u16>(a, b),
        Type::U32 => decoded::<u32>(a, b),
        Type::U64 | Type::Timestamp => decoded::<u64>(a, b),
        Type::U128 | Type::Amount => decoded::<u128>(a, b),
        Type::I8 => decoded::<i8>(a, b),
        Type::I16 => decoded::<i16>(a, b),
        Type::I32 => decoded::<i32>(a, b),
        Type::I64 => decoded::<i64>(a, b),
        Type::I128 => decoded::<i128>(a, b),
        Type::Compact(_) => {
            let read = |input: &mut &[u8]| Compact::<u128>::decode(input).map(|c| c.0).ok();
            read(a).cmp(&read(b))
        }
        Type::String | Type::Bytes => decoded::<Vec<u8>>(a, b),
        Type::FixedBytes(len) => raw(usize::try_from(*len).unwrap_or(usize::MAX), a, b),
        Type::Address | Type::Hash => raw(32, a, b),
        Type::Option(inner) => match (flag(a), flag(b)) {
            (1, 1) => step(inner, a, b),
            (left, right) => left.cmp(&right),
        },
        Type::Result(ok, err) => match (flag(a), flag(b)) {
            (0, 0) => step(ok, a, b),
            (1, 1) => step(err, a, b),
            (left, right) => left.cmp(&right),
        },
        Type::List(inner) | Type::Set(inner) => sequence(&[inner], a, b),
        Type::Map(key, value) => sequence(&[key, value], a, b),
        Type::Array(inner, count) => (0..*count)
            .map(|_| step(inner, a, b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal),
        Type::Tuple(members) => all(members.iter(), a, b),
        Type::Struct(_, fields) => named(fields, a, b),
        Type::Newtype(_, inner) => step(inner, a, b),
        Type::Enum(_, variants) => variant(variants, a, b),
    }
}

fn decoded<T: Decode + Ord>(a: &mut &[u8], b: &mut &[u8]) -> Ordering {
    T::decode(a).ok().cmp(&T::decode(b).ok())
}

fn raw(len: usize, a: &mut &[u8], b: &mut &[u8]) -> Ordering {
    let take = |input: &mut &[u8]| {
        let (head, tail) = input.split_at(len.min(input.len()));
        let head = head.to_vec();
        *input = tail;
        head
    };
    take(a).cmp(&take(b))
}

fn flag(input: &mut &[u8]) -> u8 {
    u8::decode(input).unwrap_or(0)
}

fn all<'t>(mut types: impl Iterator<Item = &'t Type>, a: &mut &[u8], b: &mut &[u8]) -> Ordering {
    types
        .find_map(|ty| Some(step(ty, a, b)).filter(|order| order.is_ne()))
        .unwrap_or(Ordering::Equal)
}

fn named(fields: &[Field], a: &mut &[u8], b: &mut &[u8]) -> Ordering {
    all(fields.iter().map(|field| &field.ty), a, b)
}

/// Item by item; of two lists that agree as far as they go, the shorter is less.
fn sequence(item: &[&Type], a: &mut &[u8], b: &mut &[u8]) -> Ordering {
    let count = |input: &mut &[u8]| Compact::<u32>::decode(input).map_or(0, |count| count.0);
    let (left, right) = (count(a), count(b));
    for _ in 0..left.min(right) {
        let order = all(item.iter().copied(), a, b);
        if order.is_ne() {
            return order;
        }
    }
    left.cmp(&right)
}

fn variant(variants: &[Variant], a: &mut &[u8], b: &mut &[u8]) -> Ordering {
    let (left, right) = (flag(a), flag(b));
    let place = |index: u8| variants.iter().position(|variant| variant.index == index);
    match variants.iter().find(|variant| variant.index == left) {
        Some(found) if left == right => match &found.fields {
            Fields::Unit => Ordering::Equal,
            Fields::Unnamed(members) => all(members.iter(), a, b),
            Fields::Named(fields) => named(fields, a, b),
        },
        _ => place(left).cmp(&place(right)),
    }
}
