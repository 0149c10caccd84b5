//! Descriptions of a contract's interface, carried in its Wasm.
//!
//! The custom sections `wh.schema`, `wh.storage` and `wh.build` are SCALE of the types here. The
//! compiler writes them while it evaluates constants ([`describe`]), so that no code has to run to
//! learn a contract's interface and the description cannot drift from the code.

pub mod describe;

use crate::codec::decode_canonical;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode, Error};

/// A type as the schema knows it: a tree, because recursive types do not cross the border.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum Type {
    /// `()`.
    #[codec(index = 0)]
    Unit,
    /// `bool`.
    #[codec(index = 1)]
    Bool,
    /// `u8`.
    #[codec(index = 2)]
    U8,
    /// `u16`.
    #[codec(index = 3)]
    U16,
    /// `u32`.
    #[codec(index = 4)]
    U32,
    /// `u64`.
    #[codec(index = 5)]
    U64,
    /// `u128`.
    #[codec(index = 6)]
    U128,
    /// `i8`.
    #[codec(index = 7)]
    I8,
    /// `i16`.
    #[codec(index = 8)]
    I16,
    /// `i32`.
    #[codec(index = 9)]
    I32,
    /// `i64`.
    #[codec(index = 10)]
    I64,
    /// `i128`.
    #[codec(index = 11)]
    I128,
    /// UTF-8 text.
    #[codec(index = 12)]
    String,
    /// `Vec<u8>`.
    #[codec(index = 13)]
    Bytes,
    /// `[u8; N]`.
    #[codec(index = 14)]
    FixedBytes(u32),
    /// [`crate::Address`].
    #[codec(index = 15)]
    Address,
    /// [`crate::Hash`] and its kin.
    #[codec(index = 16)]
    Hash,
    /// [`crate::Amount`]: a `u128` that counts units of a token.
    #[codec(index = 17)]
    Amount,
    /// [`crate::Timestamp`]: a `u64` of seconds.
    #[codec(index = 18)]
    Timestamp,
    /// `Compact` of an unsigned integer.
    #[codec(index = 19)]
    Compact(Box<Type>),
    /// `Option<T>`.
    #[codec(index = 20)]
    Option(Box<Type>),
    /// `Vec<T>`.
    #[codec(index = 21)]
    List(Box<Type>),
    /// `[T; N]`.
    #[codec(index = 22)]
    Array(Box<Type>, u32),
    /// `BTreeSet<T>`.
    #[codec(index = 23)]
    Set(Box<Type>),
    /// `BTreeMap<K, V>`.
    #[codec(index = 24)]
    Map(Box<Type>, Box<Type>),
    /// A tuple of two or more.
    #[codec(index = 25)]
    Tuple(Vec<Type>),
    /// A struct with named fields.
    #[codec(index = 26)]
    Struct(String, Vec<Field>),
    /// A struct with one unnamed field; transparent in JSON.
    #[codec(index = 27)]
    Newtype(String, Box<Type>),
    /// An enum.
    #[codec(index = 28)]
    Enum(String, Vec<Variant>),
    /// `Result<T, E>`.
    #[codec(index = 29)]
    Result(Box<Type>, Box<Type>),
}

/// A named value.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// The byte that stands for it.
    pub index: u8,
    /// What it carries.
    pub fields: Fields,
}

/// What a variant carries.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum Fields {
    /// Nothing.
    #[codec(index = 0)]
    Unit,
    /// Unnamed fields.
    #[codec(index = 1)]
    Unnamed(Vec<Type>),
    /// Named fields.
    #[codec(index = 2)]
    Named(Vec<Field>),
}

/// What an entry point may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum EntryKind {
    /// Runs once, at deployment.
    #[codec(index = 0)]
    Constructor,
    /// May write.
    #[codec(index = 1)]
    Call,
    /// May not write.
    #[codec(index = 2)]
    Query,
    /// The dry run of a call: same code, writes discarded; answers the error code, 0 for success.
    #[codec(index = 3)]
    Check,
}

/// An exported contract function.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct EntryPoint {
    /// Its name.
    pub name: String,
    /// [`crate::abi::selector`] of the name.
    pub selector: u32,
    /// What it may do.
    pub kind: EntryKind,
    /// Its arguments, in order.
    pub args: Vec<Field>,
    /// Type of the return value: of the `Ok` side if it can refuse.
    pub returns: Type,
    /// The author's documentation.
    pub docs: String,
}

/// A refusal with its code.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct ErrorSchema {
    /// Its name.
    pub name: String,
    /// Its code, unique in the contract.
    pub code: u16,
    /// Its typed detail.
    pub fields: Vec<Field>,
    /// What it means, in one sentence.
    pub text: String,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct EventSchema {
    /// Its name.
    pub name: String,
    /// [`crate::abi::selector`] of the name.
    pub kind: u32,
    /// Its fields.
    pub fields: Vec<Field>,
    /// What it means.
    pub docs: String,
}

/// A contract's interface.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Schema {
    /// Name of the contract.
    pub name: String,
    /// Version of its crate.
    pub version: String,
    /// What it is for.
    pub docs: String,
    /// Entry points.
    pub entry_points: Vec<EntryPoint>,
    /// Refusals.
    pub errors: Vec<ErrorSchema>,
    /// Events.
    pub events: Vec<EventSchema>,
}

impl Schema {
    /// Decodes the section `wh.schema`.
    ///
    /// # Errors
    /// The codec's error; leftover bytes, deep nesting and non-canonical encodings are errors.
    pub fn decode_section(bytes: &[u8]) -> Result<Self, Error> {
        decode_canonical(bytes)
    }

    /// The entry point of this name.
    #[must_use]
    pub fn entry_point(&self, name: &str) -> Option<&EntryPoint> {
        self.entry_points.iter().find(|entry| entry.name == name)
    }

    /// The refusal with this code.
    #[must_use]
    pub fn error(&self, code: u16) -> Option<&ErrorSchema> {
        self.errors.iter().find(|error| error.code == code)
    }

    /// The event of this kind.
    #[must_use]
    pub fn event(&self, kind: u32) -> Option<&EventSchema> {
        self.events.iter().find(|event| event.kind == kind)
    }
}

/// Kind of a storage cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum CellKind {
    /// One value at the bare prefix.
    #[codec(index = 0)]
    Cell,
    /// One value, written once by the constructor.
    #[codec(index = 1)]
    Const,
    /// Values at `prefix ‖ key`.
    #[codec(index = 2)]
    Map,
}

/// A storage cell: what stands under a key prefix.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct CellSchema {
    /// Name of the field.
    pub name: String,
    /// Four bytes that every key of the cell starts with: [`crate::abi::selector`] of the name,
    /// big-endian. Stable when fields are reordered.
    pub prefix: [u8; 4],
    /// What it is.
    pub kind: CellKind,
    /// Type of the key; [`Type::Unit`] unless a map. Keys are order-preserving, not SCALE.
    pub key: Type,
    /// Type of the value, stored as SCALE.
    pub value: Type,
}

/// How the module was built, as far as known.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct BuildRecord {
    /// `rustc --version`.
    pub compiler: String,
    /// Version of the SDK.
    pub sdk: String,
    /// Source commit; empty if unknown.
    pub source: String,
}
