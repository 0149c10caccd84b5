//! Typed storage: [`Cell`], [`Const`] and [`Map`] over the contract's keys and values.
//!
//! A struct marked `#[storage]` names them. The key of a field starts with four bytes, the selector of
//! the field's name, big-endian; a map appends its order-preserving key ([`StorageKey`]). Values are
//! SCALE; an [`Amount`](weighhouse_primitives::Amount) of zero is not stored, so that empty balances
//! cost nothing. Reordering fields keeps the keys; renaming a field changes them.
//!
//! Cells are read once and written once: what they were set to waits until the frame succeeds or
//! calls another contract ([`flush`]). Maps read and write at once.

mod cell;
mod key;
mod map;

pub use cell::{Cell, Const};
pub use key::{StartsWith, StorageKey};
pub use map::Map;

use crate::{Buffer, sys};
use alloc::vec::Vec;
use core::cell::RefCell;
use parity_scale_codec::{Decode, Encode, Output};
use weighhouse_primitives::schema::describe::{CellDef, Def, Describe};

/// A struct of storage fields; written by `#[storage]`.
pub trait Storage {
    /// Its cells, parts included, in order.
    const CELLS: &'static [CellDef];
    /// Its rules, parts included.
    const RULES: &'static [NamedRule];
    /// The author's documentation.
    const DOCS: &'static str;

    /// The struct, with nothing read yet.
    fn open() -> Self;
}

/// A declared rule that names its cells.
#[derive(Clone, Copy, Debug)]
pub struct NamedRule {
    /// As the author wrote it.
    pub name: &'static str,
    /// Index of [`weighhouse_primitives::rule::RuleKind`].
    pub kind: u8,
    /// Fields; for a conservation the maps, then the total.
    pub places: &'static [NamedPlace],
}

/// A cell, or a field of the records in it, by name.
#[derive(Clone, Copy, Debug)]
pub struct NamedPlace {
    /// Name of the cell.
    pub cell: &'static str,
    /// Name of the field; `None` if the value itself is meant.
    pub field: Option<&'static str>,
}

/// A field of a storage struct.
pub trait Field {
    /// Index of [`weighhouse_primitives::schema::CellKind`].
    const KIND: u8;
    /// Key type.
    const KEY: &'static Def;
    /// Value type.
    const VALUE: &'static Def;

    /// The field whose keys start with `prefix`.
    fn at(prefix: u32) -> Self;
}

/// Values that cells were set to and that are not written yet, by prefix.
type Unwritten = RefCell<Vec<(u32, Vec<u8>)>>;

#[cfg(target_arch = "wasm32")]
static UNWRITTEN: sys::Global<Unwritten> = sys::Global::new(RefCell::new(Vec::new()));
#[cfg(not(target_arch = "wasm32"))]
std::thread_local! {
    static UNWRITTEN: Unwritten = const { RefCell::new(Vec::new()) };
}

/// Remembers what to write at a cell; an empty value removes it.
fn write_later(prefix: u32, value: impl FnOnce(&mut Buffer)) {
    let mut bytes = Buffer::new();
    value(&mut bytes);
    keep_unwritten(prefix, &bytes);
}

#[inline(never)]
fn keep_unwritten(prefix: u32, value: &Buffer) {
    UNWRITTEN.with(|unwritten| {
        let mut unwritten = unwritten.borrow_mut();
        let waiting = unwritten.iter_mut().find(|(cell, _)| *cell == prefix);
        match waiting {
            Some((_, bytes)) => *bytes = value.to_vec(),
            None => unwritten.push((prefix, value.to_vec())),
        }
    });
}

/// Writes what cells were set to. Generated code does so when a call succeeds, and
/// [`crate::call::Target`] before it leaves the contract.
pub fn flush() {
    UNWRITTEN.with(|unwritten| {
        for (prefix, value) in unwritten.borrow_mut().drain(..) {
            write(&prefix.to_be_bytes(), &value);
        }
    });
}

/// The bytes at `key`, as many as `room` takes; how many there are, or below 0. Where keys are written is
/// compiled for each type of map: what does not depend on it is here once.
#[inline(never)]
fn fetch(key: &Buffer, room: &mut [u8]) -> i64 {
    sys::storage_get(key, room)
}

/// [`write`] of what was just encoded.
#[inline(never)]
fn write_encoded(key: &Buffer, value: &Buffer) {
    write(key, value);
}

/// Removes `key`; true if it was there.
#[inline(never)]
fn remove(key: &Buffer) -> bool {
    sys::storage_remove(key)
}

/// Stores `value`, or removes the key where there is none.
fn write(key: &[u8], value: &[u8]) {
    if value.is_empty() {
        sys::storage_remove(key);
    } else {
        sys::storage_set(key, value);
    }
}

/// Writes the stored form of `value` into an empty buffer: nothing for an amount of zero, SCALE for the
/// rest.
fn encode_value<V: Encode + Describe>(value: &V, out: &mut Buffer) {
    value.encode_to(out);
    if is_amount::<V>() && out.iter().all(|byte| *byte == 0) {
        out.clear();
    }
    // A type without bytes, such as `()`, is stored as one, so that it can be told from nothing.
    if is_empty::<V>() {
        out.push_byte(1);
    }
}

/// The value stored at `key`.
fn read<V: Decode + Describe>(key: &Buffer) -> Option<V> {
    sys::with_window(|window| {
        let stored = usize::try_from(fetch(key, window)).ok()?;
        match window.get(..stored) {
            Some(bytes) => Some(decode_value(bytes)),
            None => panic!("a stored value is larger than the window"),
        }
    })
}

fn decode_value<V: Decode + Describe>(mut bytes: &[u8]) -> V {
    if is_empty::<V>() {
        bytes = &[];
    }
    match V::decode(&mut bytes) {
        Ok(value) if bytes.is_empty() => value,
        _ => panic!("a stored value is not of the type of its cell"),
    }
}

const fn is_amount<V: Describe>() -> bool {
    matches!(*V::TYPE, Def::Plain(17))
}

const fn is_empty<V: Describe>() -> bool {
    matches!(*V::TYPE, Def::Plain(0))
}
