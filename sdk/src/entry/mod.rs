//! From the host's call to the author's function and back: what generated code calls.

pub mod constant;

use crate::error::Refused;
use crate::{Buffer, storage, sys};
use alloc::vec;
use alloc::vec::Vec;
use parity_scale_codec::{Decode, Encode, Output};
use weighhouse_primitives::abi::{ANSWER_REVERTED, ANSWER_SUCCEEDED};
use weighhouse_primitives::schema::describe::{
    CellDef, Def, Describe, EntryDef, ErrorDef, EventDef, FieldDef, FieldsDef, RuleDef, SchemaDef,
};

/// What a contract says about itself; written by `#[contract]`.
pub trait Contract {
    /// Its interface: the section `wh.schema`.
    const SCHEMA: SchemaDef;
    /// Its storage: the section `wh.storage`.
    const CELLS: &'static [CellDef];
    /// Its declared rules: the section `wh.rules`.
    const RULES: &'static [RuleDef];
}

/// Some entry points of the contract `C`, joined in by its main `impl`; written by
/// `#[contract(part = Name)]`.
pub trait Part<C> {
    /// Its entry points, in order.
    const ENTRY_POINTS: &'static [EntryDef];
    /// Events that only it emits.
    const EVENTS: &'static [EventDef];
    /// Refusals that its signatures name; the main `impl` lists them.
    const ERRORS: &'static [ErrorDef];

    /// Runs the entry point with this selector, if it is one of the part.
    fn dispatch(selector: u32, input: &mut &[u8]) -> Option<Vec<u8>>;
}

/// Entry points that a contract may promise to have; written by `#[contract]` for every caller.
pub trait Interface {
    /// The entry points.
    const ENTRY_POINTS: &'static [EntryDef];
}

/// Names the sections of a contract, so that the compiler makes them.
///
/// Nothing is done with them: calls of it vanish, and the sections' bytes with them from the data that
/// every instance starts with. `#[used]` would keep them there.
#[inline(never)]
pub fn described(_schema: &[u8], _storage: &[u8], _rules: &[u8]) {}

/// Runs one call: input of `len` bytes, `dispatch` to the author's function, pointer and length of
/// the answer. The body of the export `wh_call`.
pub fn run(len: u32, dispatch: fn(u32, &mut &[u8]) -> Vec<u8>) -> u64 {
    let input = read_input(len as usize);
    let Some((selector, mut arguments)) = input.split_first_chunk::<4>() else {
        malformed()
    };
    let answer = dispatch(u32::from_le_bytes(*selector), &mut arguments);
    sys::pointer_and_length(answer.leak())
}

fn read_input(len: usize) -> Vec<u8> {
    let mut input = vec![0; len];
    sys::with_window(|window| {
        let inside = len.min(window.len());
        if let (Some((head, tail)), Some(window)) =
            (input.split_at_mut_checked(inside), window.get(..inside))
        {
            head.copy_from_slice(window);
            if !tail.is_empty() {
                sys::input_read(u32::try_from(inside).unwrap_or(u32::MAX), tail);
            }
        }
    });
    input
}

/// Takes the next argument off `input`.
///
/// Only the canonical encoding is accepted. SCALE by itself lets maps and sets through unsorted or
/// with repetitions, so types that contain one are encoded again and compared. Nesting needs no
/// limit: a type with a [`Describe::TYPE`] is a finite tree.
#[must_use]
pub fn argument<T: Decode + Encode + Describe>(input: &mut &[u8]) -> T {
    let before = *input;
    let Ok(value) = T::decode(input) else {
        malformed()
    };
    if const { has_order(T::TYPE) } {
        let used = before.len().saturating_sub(input.len());
        let mut again = Buffer::new();
        value.encode_to(&mut again);
        if before.get(..used) != Some(&again[..]) {
            malformed()
        }
    }
    value
}

/// Refuses input that goes on after the last argument.
pub fn no_more_arguments(input: &[u8]) {
    if !input.is_empty() {
        malformed()
    }
}

/// The answer to a selector that nobody wrote.
///
/// # Panics
/// Always: the host looks the selector up in the schema first.
pub fn unknown_entry_point() -> Vec<u8> {
    panic!("no such entry point")
}

fn malformed() -> ! {
    panic!("the input is not the arguments of the entry point")
}

/// Ends a call that cannot refuse.
#[must_use]
pub fn answer<T: Encode>(value: &T) -> Vec<u8> {
    storage::flush();
    let mut answer = Buffer::new();
    answer.push_byte(ANSWER_SUCCEEDED);
    value.encode_to(&mut answer);
    answer.kept()
}

/// Ends a call that may refuse.
#[must_use]
pub fn answer_result<T: Encode, E: Into<Refused>>(result: Result<T, E>) -> Vec<u8> {
    match result {
        Ok(value) => answer(&value),
        Err(refusal) => refuse(refusal.into()),
    }
}

/// The answer of a refusal. Code 0 says that a callee's refusal follows, unchanged: contract, code and
/// fields as the last call answered them, which the host compares.
fn refuse(refused: Refused) -> Vec<u8> {
    let mut answer = Buffer::new();
    answer.push_byte(ANSWER_REVERTED);
    let fields = match refused {
        Refused::Own { code, data } => {
            code.encode_to(&mut answer);
            data
        }
        Refused::Callee {
            contract,
            code,
            data,
        } => {
            (0_u16, contract, code).encode_to(&mut answer);
            data
        }
        Refused::Halted(_) => panic!("a called contract was stopped"),
    };
    answer.write(&fields);
    answer.kept()
}

/// True if a map or a set is part of the type.
const fn has_order(def: &Def) -> bool {
    match *def {
        Def::Plain(_) | Def::FixedBytes(_) => false,
        Def::Of(index, of) => index == 23 || has_order(of),
        Def::Array(of, _) | Def::Newtype(_, of) => has_order(of),
        Def::Pair(index, first, second) => index == 24 || has_order(first) || has_order(second),
        Def::Tuple(members) => any_has_order(members),
        Def::Struct(_, fields) => any_field_has_order(fields),
        Def::Enum(_, mut variants) => {
            while let [variant, rest @ ..] = variants {
                let found = match variant.fields {
                    FieldsDef::Unit => false,
                    FieldsDef::Unnamed(members) => any_has_order(members),
                    FieldsDef::Named(fields) => any_field_has_order(fields),
                };
                if found {
                    return true;
                }
                variants = rest;
            }
            false
        }
    }
}

const fn any_has_order(mut defs: &[&Def]) -> bool {
    while let [def, rest @ ..] = defs {
        if has_order(def) {
            return true;
        }
        defs = rest;
    }
    false
}

const fn any_field_has_order(mut fields: &[FieldDef]) -> bool {
    while let [field, rest @ ..] = fields {
        if has_order(field.ty) {
            return true;
        }
        fields = rest;
    }
    false
}
