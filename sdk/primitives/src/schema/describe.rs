//! Writing schemas while the compiler evaluates constants.
//!
//! [`Describe::TYPE`] gives every type that crosses the border a [`Def`]: the constant twin of
//! [`Type`](super::Type). [`Writer`] turns definitions into SCALE bytes in constant context; run once with no room
//! it measures, run again it writes. Nothing here exists at run time.

use crate::rule::Place;
use crate::{Address, Amount, Gas, Hash, Height, PublicKey, Signature, Timestamp};
use crate::{BlockHash, CodeHash, StateRoot, TxHash};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

/// Constant twin of [`super::Type`].
#[derive(Clone, Copy, Debug)]
pub enum Def {
    /// A type without parameters: its index in [`super::Type`].
    Plain(u8),
    /// `[u8; N]`.
    FixedBytes(u32),
    /// Index in [`super::Type`] and one parameter: compact, option, list, set.
    Of(u8, &'static Def),
    /// `[T; N]`.
    Array(&'static Def, u32),
    /// Index in [`super::Type`] and two parameters: map, result.
    Pair(u8, &'static Def, &'static Def),
    /// A tuple.
    Tuple(&'static [&'static Def]),
    /// A struct with named fields.
    Struct(&'static str, &'static [FieldDef]),
    /// A struct with one unnamed field.
    Newtype(&'static str, &'static Def),
    /// An enum.
    Enum(&'static str, &'static [VariantDef]),
}

/// Constant twin of [`super::Field`].
#[derive(Clone, Copy, Debug)]
pub struct FieldDef {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: &'static Def,
}

/// Constant twin of [`super::Variant`].
#[derive(Clone, Copy, Debug)]
pub struct VariantDef {
    /// Its name.
    pub name: &'static str,
    /// The byte that stands for it.
    pub index: u8,
    /// What it carries.
    pub fields: FieldsDef,
}

/// Constant twin of [`super::Fields`].
#[derive(Clone, Copy, Debug)]
pub enum FieldsDef {
    /// Nothing.
    Unit,
    /// Unnamed fields.
    Unnamed(&'static [&'static Def]),
    /// Named fields.
    Named(&'static [FieldDef]),
}

/// Constant twin of [`super::EntryPoint`].
#[derive(Clone, Copy, Debug)]
pub struct EntryDef {
    /// Its name.
    pub name: &'static str,
    /// Index of [`super::EntryKind`].
    pub kind: u8,
    /// Its arguments.
    pub args: &'static [FieldDef],
    /// Its return type.
    pub returns: &'static Def,
    /// The author's documentation.
    pub docs: &'static str,
}

/// Constant twin of [`super::ErrorSchema`].
#[derive(Clone, Copy, Debug)]
pub struct ErrorDef {
    /// Its name.
    pub name: &'static str,
    /// Its code.
    pub code: u16,
    /// Its fields.
    pub fields: &'static [FieldDef],
    /// What it means.
    pub text: &'static str,
}

/// Constant twin of [`super::EventSchema`].
#[derive(Clone, Copy, Debug)]
pub struct EventDef {
    /// Its name.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [FieldDef],
    /// What it means.
    pub docs: &'static str,
}

/// Constant twin of [`super::CellSchema`].
#[derive(Clone, Copy, Debug)]
pub struct CellDef {
    /// Name of the field.
    pub name: &'static str,
    /// Index of [`super::CellKind`].
    pub kind: u8,
    /// Key type.
    pub key: &'static Def,
    /// Value type.
    pub value: &'static Def,
}

/// Constant twin of [`super::Schema`].
#[derive(Clone, Copy, Debug)]
pub struct SchemaDef {
    /// Name of the contract.
    pub name: &'static str,
    /// Version of its crate.
    pub version: &'static str,
    /// What it is for.
    pub docs: &'static str,
    /// Entry points.
    pub entry_points: &'static [EntryDef],
    /// Refusals; several lists because a contract may pass on another enum's codes.
    pub errors: &'static [ErrorDef],
    /// Events.
    pub events: &'static [EventDef],
}

/// A type that crosses the border between contract and world.
pub trait Describe {
    /// Its definition.
    const TYPE: &'static Def;
}

macro_rules! plain {
    ($($ty:ty => $index:literal),* $(,)?) => {$(
        impl Describe for $ty {
            const TYPE: &'static Def = &Def::Plain($index);
        }
    )*};
}

plain! {
    () => 0, bool => 1, u8 => 2, u16 => 3, u32 => 4, u64 => 5, u128 => 6,
    i8 => 7, i16 => 8, i32 => 9, i64 => 10, i128 => 11,
    String => 12, str => 12, Address => 15,
    Hash => 16, crate::hash::GenesisHash => 16, TxHash => 16, CodeHash => 16, BlockHash => 16, StateRoot => 16,
    Amount => 17, Timestamp => 18, Gas => 5, Height => 5,
}

impl Describe for Signature {
    const TYPE: &'static Def = &Def::FixedBytes(64);
}

impl Describe for PublicKey {
    const TYPE: &'static Def = &Def::Enum(
        "PublicKey",
        &[VariantDef {
            name: "Ed25519",
            index: 0,
            fields: FieldsDef::Unnamed(&[&Def::FixedBytes(32)]),
        }],
    );
}

impl<T: Describe> Describe for Option<T> {
    const TYPE: &'static Def = &Def::Of(20, T::TYPE);
}

/// `Vec<u8>` is bytes, every other `Vec<T>` a list.
impl<T: Describe> Describe for Vec<T> {
    const TYPE: &'static Def = if matches!(T::TYPE, Def::Plain(2)) {
        &Def::Plain(13)
    } else {
        &Def::Of(21, T::TYPE)
    };
}

/// `[u8; N]` is fixed bytes, every other array a list of fixed length.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the length of an array that is encoded field by field is far below 2^32"
)]
impl<T: Describe, const N: usize> Describe for [T; N] {
    const TYPE: &'static Def = if matches!(T::TYPE, Def::Plain(2)) {
        &Def::FixedBytes(N as u32)
    } else {
        &Def::Array(T::TYPE, N as u32)
    };
}

impl<T: Describe> Describe for BTreeSet<T> {
    const TYPE: &'static Def = &Def::Of(23, T::TYPE);
}

impl<K: Describe, V: Describe> Describe for BTreeMap<K, V> {
    const TYPE: &'static Def = &Def::Pair(24, K::TYPE, V::TYPE);
}

impl<T: Describe, E: Describe> Describe for Result<T, E> {
    const TYPE: &'static Def = &Def::Pair(29, T::TYPE, E::TYPE);
}

macro_rules! tuples {
    ($(($($name:ident),*);)*) => {$(
        impl<$($name: Describe),*> Describe for ($($name,)*) {
            const TYPE: &'static Def = &Def::Tuple(&[$($name::TYPE),*]);
        }
    )*};
}

tuples! { (A, B); (A, B, C); (A, B, C, D); (A, B, C, D, E); (A, B, C, D, E, F); }

/// Appends SCALE to a buffer of `N` bytes; beyond them it only counts.
#[derive(Debug)]
pub struct Writer<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "const evaluation: a mistake is a compile error of the contract, not a wrong byte"
)]
impl<const N: usize> Writer<N> {
    /// An empty buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }

    /// Bytes written or counted so far.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if nothing was written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The buffer, which must be exactly full.
    ///
    /// # Panics
    /// If `N` is not the measured length: a bug of the macros, caught at compile time.
    #[must_use]
    pub const fn into_bytes(self) -> [u8; N] {
        assert!(
            self.len == N,
            "a schema is written at exactly its measured length"
        );
        self.bytes
    }

    /// The buffer and how much of it was written; what did not fit is not there.
    #[must_use]
    pub const fn written(self) -> ([u8; N], usize) {
        let len = if self.len < N { self.len } else { N };
        (self.bytes, len)
    }

    const fn byte(mut self, byte: u8) -> Self {
        if self.len < N {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
        self
    }

    const fn raw(mut self, bytes: &[u8]) -> Self {
        let mut index = 0;
        while index < bytes.len() {
            self = self.byte(bytes[index]);
            index += 1;
        }
        self
    }

    const fn u16(self, value: u16) -> Self {
        self.raw(&value.to_le_bytes())
    }

    const fn u32(self, value: u32) -> Self {
        self.raw(&value.to_le_bytes())
    }

    const fn compact(self, value: usize) -> Self {
        if value < 64 {
            self.byte((value as u8) << 2)
        } else if value < 1 << 14 {
            self.u16(((value as u16) << 2) | 1)
        } else {
            self.u32(((value as u32) << 2) | 2)
        }
    }

    const fn text(self, text: &str) -> Self {
        self.compact(text.len()).raw(text.as_bytes())
    }

    /// Appends a type.
    #[must_use]
    pub const fn def(self, def: &Def) -> Self {
        match *def {
            Def::Plain(index) => self.byte(index),
            Def::FixedBytes(count) => self.byte(14).u32(count),
            Def::Of(index, of) => self.byte(index).def(of),
            Def::Array(of, count) => self.byte(22).def(of).u32(count),
            Def::Pair(index, first, second) => self.byte(index).def(first).def(second),
            Def::Tuple(members) => self.byte(25).defs(members),
            Def::Struct(name, fields) => self.byte(26).text(name).fields(fields),
            Def::Newtype(name, of) => self.byte(27).text(name).def(of),
            Def::Enum(name, variants) => {
                let mut out = self.byte(28).text(name).compact(variants.len());
                let mut index = 0;
                while index < variants.len() {
                    let variant = &variants[index];
                    out = out.text(variant.name).byte(variant.index);
                    out = match variant.fields {
                        FieldsDef::Unit => out.byte(0),
                        FieldsDef::Unnamed(members) => out.byte(1).defs(members),
                        FieldsDef::Named(fields) => out.byte(2).fields(fields),
                    };
                    index += 1;
                }
                out
            }
        }
    }

    const fn defs(self, defs: &[&Def]) -> Self {
        let mut out = self.compact(defs.len());
        let mut index = 0;
        while index < defs.len() {
            out = out.def(defs[index]);
            index += 1;
        }
        out
    }

    const fn fields(self, fields: &[FieldDef]) -> Self {
        let mut out = self.compact(fields.len());
        let mut index = 0;
        while index < fields.len() {
            out = out.text(fields[index].name).def(fields[index].ty);
            index += 1;
        }
        out
    }

    /// Appends a contract's interface: the section `wh.schema`.
    #[must_use]
    pub const fn schema(self, schema: &SchemaDef) -> Self {
        let mut out = self
            .text(schema.name)
            .text(schema.version)
            .text(schema.docs);
        out = out.compact(schema.entry_points.len());
        let mut index = 0;
        while index < schema.entry_points.len() {
            let entry = &schema.entry_points[index];
            out = out
                .text(entry.name)
                .u32(crate::abi::selector(entry.name))
                .byte(entry.kind);
            out = out.fields(entry.args).def(entry.returns).text(entry.docs);
            index += 1;
        }
        out = out.compact(schema.errors.len());
        index = 0;
        while index < schema.errors.len() {
            let error = &schema.errors[index];
            out = out
                .text(error.name)
                .u16(error.code)
                .fields(error.fields)
                .text(error.text);
            index += 1;
        }
        out = out.compact(schema.events.len());
        index = 0;
        while index < schema.events.len() {
            let event = &schema.events[index];
            out = out.text(event.name).u32(crate::abi::selector(event.name));
            out = out.fields(event.fields).text(event.docs);
            index += 1;
        }
        out
    }

    /// Appends a contract's storage cells: the section `wh.storage`.
    #[must_use]
    pub const fn cells(self, cells: &[CellDef]) -> Self {
        let mut out = self.compact(cells.len());
        let mut index = 0;
        while index < cells.len() {
            let cell = &cells[index];
            out = out
                .text(cell.name)
                .raw(&crate::abi::selector(cell.name).to_be_bytes());
            out = out.byte(cell.kind).def(cell.key).def(cell.value);
            index += 1;
        }
        out
    }

    /// Appends declared rules: the section `wh.rules`.
    #[must_use]
    pub const fn rules(self, rules: &[RuleDef]) -> Self {
        let mut out = self.compact(rules.len());
        let mut index = 0;
        while index < rules.len() {
            let rule = &rules[index];
            out = out.text(rule.name).byte(rule.kind);
            if rule.kind == 0 {
                out = out.compact(rule.places.len() - 1);
            }
            let mut at = 0;
            while at < rule.places.len() {
                let Place { cell, offset } = rule.places[at];
                out = match offset {
                    _ if rule.kind == 1 => out.u16(cell),
                    None => out.u16(cell).byte(0),
                    Some(offset) => out.u16(cell).byte(1).u16(offset),
                };
                at += 1;
            }
            index += 1;
        }
        out
    }
}

impl<const N: usize> Default for Writer<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Constant twin of [`crate::rule::Rule`].
#[derive(Clone, Copy, Debug)]
pub struct RuleDef {
    /// As the author wrote it.
    pub name: &'static str,
    /// Index of [`crate::rule::RuleKind`].
    pub kind: u8,
    /// What it is about; for a conservation the maps, then the total.
    pub places: &'static [Place],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Place, Rule, RuleKind};
    use crate::schema::{CellKind, CellSchema, EntryKind, Schema, Type};
    use parity_scale_codec::DecodeAll;

    const SCHEMA: SchemaDef = SchemaDef {
        name: "bond",
        version: "1.0.0",
        docs: "A bond.",
        entry_points: &[EntryDef {
            name: "transfer",
            kind: 1,
            args: &[FieldDef {
                name: "lines",
                ty: <Vec<(Address, Amount)>>::TYPE,
            }],
            returns: <Result<[u8; 4], Option<PublicKey>>>::TYPE,
            docs: "",
        }],
        errors: &[ErrorDef {
            name: "Paused",
            code: 2,
            fields: &[],
            text: "paused",
        }],
        events: &[EventDef {
            name: "Moved",
            fields: &[],
            docs: "",
        }],
    };
    const SCHEMA_BYTES: [u8; Writer::<0>::new().schema(&SCHEMA).len()] =
        Writer::new().schema(&SCHEMA).into_bytes();
    const CELL: CellDef = CellDef {
        name: "balances",
        kind: 2,
        key: Address::TYPE,
        value: Amount::TYPE,
    };
    const CELL_BYTES: [u8; Writer::<0>::new().cells(&[CELL]).len()] =
        Writer::new().cells(&[CELL]).into_bytes();
    const RULES: [RuleDef; 3] = [
        RuleDef {
            name: "conserve",
            kind: 0,
            places: &[Place::whole(0), Place::field(1, 16), Place::whole(7)],
        },
        RuleDef {
            name: "at_most",
            kind: 3,
            places: &[Place::whole(1), Place::whole(2)],
        },
        RuleDef {
            name: "immutable",
            kind: 1,
            places: &[Place::whole(4)],
        },
    ];
    const RULE_BYTES: [u8; Writer::<0>::new().rules(&RULES).len()] =
        Writer::new().rules(&RULES).into_bytes();

    /// What the compiler writes is what the codec reads.
    #[test]
    fn constant_bytes_decode() {
        let schema = Schema::decode_section(&SCHEMA_BYTES).unwrap();
        let entry = schema.entry_point("transfer").unwrap();
        assert_eq!(entry.kind, EntryKind::Call);
        assert_eq!(
            entry.args[0].ty,
            Type::List(Type::Tuple([Type::Address, Type::Amount].into()).into())
        );
        assert_eq!(schema.error(2).unwrap().name, "Paused");
        let cells = Vec::<CellSchema>::decode_all(&mut &CELL_BYTES[..]).unwrap();
        assert_eq!(
            (cells[0].kind, cells[0].value.clone()),
            (CellKind::Map, Type::Amount)
        );
        let rules = Vec::<Rule>::decode_all(&mut &RULE_BYTES[..]).unwrap();
        assert_eq!(
            rules[0].kind,
            RuleKind::Conserve {
                maps: [Place::whole(0), Place::field(1, 16)].into(),
                total: Place::whole(7),
            }
        );
        let (lower, upper) = (Place::whole(1), Place::whole(2));
        assert_eq!(rules[1].kind, RuleKind::AtMost { lower, upper });
        assert_eq!(rules[2].kind, RuleKind::Immutable { cell: 4 });
    }
}
