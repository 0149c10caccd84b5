//! What the compiler evaluates: joining the parts of a description, and checking it.
//!
//! A failed check is an error of the contract's build; nothing here exists at run time.

use super::{Contract, Interface};
use crate::storage::{NamedPlace, NamedRule};
use weighhouse_primitives::abi::selector;
use weighhouse_primitives::rule::Place;
use weighhouse_primitives::schema::describe::{
    CellDef, Def, EntryDef, ErrorDef, EventDef, FieldsDef, RuleDef, Writer,
};

/// Most cells that one rule names.
pub const RULE_CELLS_MAX: usize = 16;

/// Filler of [`joined`].
pub const NO_CELL: CellDef = CellDef {
    name: "",
    kind: 0,
    key: &Def::Plain(0),
    value: &Def::Plain(0),
};
/// Filler of [`joined`].
pub const NO_ERROR: ErrorDef = ErrorDef {
    name: "",
    code: 0,
    fields: &[],
    text: "",
};
/// Filler of [`joined`].
pub const NO_ENTRY: EntryDef = EntryDef {
    name: "",
    kind: 0,
    args: &[],
    returns: &Def::Plain(0),
    docs: "",
};
/// Filler of [`joined`].
pub const NO_EVENT: EventDef = EventDef {
    name: "",
    fields: &[],
    docs: "",
};
/// Filler of [`joined`].
pub const NO_RULE: NamedRule = NamedRule {
    name: "",
    kind: 0,
    places: &[],
};

/// Total length of several lists.
#[must_use]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "const evaluation: a mistake is a compile error"
)]
pub const fn total<T>(mut lists: &[&[T]]) -> usize {
    let mut total = 0;
    while let [list, rest @ ..] = lists {
        total += list.len();
        lists = rest;
    }
    total
}

/// Joins several lists into one of `N` items; `empty` fills what is never seen.
#[must_use]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "const evaluation: a mistake is a compile error"
)]
pub const fn joined<T: Copy, const N: usize>(mut lists: &[&[T]], empty: T) -> [T; N] {
    let mut all = [empty; N];
    let mut count = 0;
    while let [list, rest @ ..] = lists {
        let mut items: &[T] = list;
        while let [item, others @ ..] = items {
            all[count] = *item;
            count += 1;
            items = others;
        }
        lists = rest;
    }
    all
}

/// Where the cell or field that a rule names stands.
///
/// # Panics
/// At compile time, if there is no such cell, or no such field at a fixed offset.
#[must_use]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "const evaluation: a mistake is a compile error"
)]
pub const fn place(mut cells: &[CellDef], named: NamedPlace) -> Place {
    let mut position = 0;
    while let [cell, rest @ ..] = cells {
        if selector(cell.name) == selector(named.cell) {
            return match named.field {
                None => Place::whole(position),
                Some(field) => Place::field(position, offset(cell.value, field)),
            };
        }
        position += 1;
        cells = rest;
    }
    panic!("a declared rule names a storage cell that does not exist")
}

/// Offset of a field in the stored form of a record.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "const evaluation: a mistake is a compile error"
)]
const fn offset(record: &Def, name: &str) -> u16 {
    let Def::Struct(_, mut fields) = *record else {
        panic!("a declared rule names a field, but the cell holds no struct with fields")
    };
    let mut offset = 0;
    while let [field, rest @ ..] = fields {
        if selector(field.name) == selector(name) {
            assert!(offset <= u16::MAX as u32, "the field stands too far behind");
            return offset as u16;
        }
        match width(field.ty) {
            Some(bytes) => offset += bytes,
            None => panic!(
                "a declared rule names a field behind one of variable width: move it to the front"
            ),
        }
        fields = rest;
    }
    panic!("a declared rule names a field that the record does not have")
}

/// Bytes of a type's stored form, if all values have the same.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "const evaluation: a mistake is a compile error"
)]
const fn width(def: &Def) -> Option<u32> {
    match *def {
        Def::Plain(0) => Some(0),
        Def::Plain(1 | 2 | 7) => Some(1),
        Def::Plain(3 | 8) => Some(2),
        Def::Plain(4 | 9) => Some(4),
        Def::Plain(5 | 10 | 18) => Some(8),
        Def::Plain(6 | 11 | 17) => Some(16),
        Def::Plain(15 | 16) => Some(32),
        Def::FixedBytes(count) => Some(count),
        Def::Newtype(_, of) => width(of),
        Def::Struct(_, mut fields) => {
            let mut sum = 0;
            while let [field, rest @ ..] = fields {
                match width(field.ty) {
                    Some(bytes) => sum += bytes,
                    None => return None,
                }
                fields = rest;
            }
            Some(sum)
        }
        Def::Enum(_, mut variants) => {
            while let [variant, rest @ ..] = variants {
                if !matches!(variant.fields, FieldsDef::Unit) {
                    return None;
                }
                variants = rest;
            }
            Some(1)
        }
        _ => None,
    }
}

/// Places that rules name.
///
/// # Panics
/// At compile time, if a rule names too many, or one that does not exist.
#[must_use]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "const evaluation: a mistake is a compile error"
)]
pub const fn places<const N: usize>(
    rules: &[NamedRule],
    cells: &[CellDef],
) -> [[Place; RULE_CELLS_MAX]; N] {
    let mut table = [[Place::whole(0); RULE_CELLS_MAX]; N];
    let mut rule = 0;
    while rule < N {
        let named = rules[rule].places;
        assert!(
            named.len() <= RULE_CELLS_MAX,
            "a rule names at most 16 cells"
        );
        let mut at = 0;
        while at < named.len() {
            table[rule][at] = place(cells, named[at]);
            at += 1;
        }
        rule += 1;
    }
    table
}

/// Rules with places in numbers.
#[must_use]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "const evaluation: a mistake is a compile error"
)]
pub const fn rules<const N: usize>(
    named: &[NamedRule],
    places: &'static [[Place; RULE_CELLS_MAX]; N],
) -> [RuleDef; N] {
    let mut rules = [RuleDef {
        name: "",
        kind: 0,
        places: &[],
    }; N];
    let mut rule = 0;
    while rule < N {
        rules[rule] = RuleDef {
            name: named[rule].name,
            kind: named[rule].kind,
            places: places[rule].split_at(named[rule].places.len()).0,
        };
        rule += 1;
    }
    rules
}

/// Checks that a contract has the entry points of an interface: name, kind, types.
///
/// # Panics
/// At compile time, if one is missing or differs.
pub const fn implements<C: Contract, I: Interface>() {
    let mut wanted = I::ENTRY_POINTS;
    while let [entry, rest @ ..] = wanted {
        let mut offered = C::SCHEMA.entry_points;
        let mut found = false;
        while let [candidate, others @ ..] = offered {
            if selector(candidate.name) == selector(entry.name) {
                found = candidate.kind == entry.kind && shape(candidate) == shape(entry);
            }
            offered = others;
        }
        assert!(
            found,
            "an entry point of the interface is missing or differs"
        );
        wanted = rest;
    }
}

/// Number that stands for the types of arguments and answer: FNV-1a of their encoding.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "const evaluation: a mistake is a compile error"
)]
const fn shape(entry: &EntryDef) -> u64 {
    let mut writer = Writer::<1024>::new().def(entry.returns);
    let mut args = entry.args;
    while let [arg, rest @ ..] = args {
        writer = writer.def(arg.ty);
        args = rest;
    }
    let (bytes, len) = writer.written();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut index = 0;
    while index < len {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        index += 1;
    }
    hash
}

/// Checks that a contract has at most one constructor.
///
/// # Panics
/// At compile time, if there are more.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "const evaluation: a mistake is a compile error"
)]
pub const fn one_constructor(mut entries: &[EntryDef]) {
    let mut constructors = 0;
    while let [entry, rest @ ..] = entries {
        if entry.kind == 0 {
            constructors += 1;
        }
        entries = rest;
    }
    assert!(constructors <= 1, "a contract has one constructor");
}

/// Checks that the refusals of a part are among those of the contract, by code and name.
///
/// # Panics
/// At compile time, if one is not.
pub const fn listed(all: &[ErrorDef], mut some: &[ErrorDef]) {
    while let [error, rest @ ..] = some {
        let mut others = all;
        let mut found = false;
        while let [other, further @ ..] = others {
            if other.code == error.code && selector(other.name) == selector(error.name) {
                found = true;
            }
            others = further;
        }
        assert!(
            found,
            "a part refuses with an enum that `errors(..)` of the main `impl` does not list"
        );
        some = rest;
    }
}

macro_rules! unique {
    ($(#[$doc:meta])* $name:ident, $item:ty, $one:ident => $number:expr, $message:literal) => {
        $(#[$doc])*
        pub const fn $name(mut items: &[$item]) {
            while let [$one, rest @ ..] = items {
                let number = $number;
                let mut others = rest;
                while let [$one, further @ ..] = others {
                    assert!(number != $number, $message);
                    others = further;
                }
                items = rest;
            }
        }
    };
}

unique! {
    /// Checks that no two cells share a prefix.
    ///
    /// # Panics
    /// At compile time, if two do.
    unique_cells, CellDef, cell => selector(cell.name),
    "two storage cells have the same prefix: rename one"
}
unique! {
    /// Checks that no two entry points share a selector.
    ///
    /// # Panics
    /// At compile time, if two do.
    unique_entry_points, EntryDef, entry => selector(entry.name),
    "two entry points have the same selector: rename one"
}
unique! {
    /// Checks that no two events share a kind.
    ///
    /// # Panics
    /// At compile time, if two do.
    unique_events, EventDef, event => selector(event.name),
    "two events have the same kind: rename one"
}
unique! {
    /// Checks that no two refusals share a code.
    ///
    /// # Panics
    /// At compile time, if two do.
    unique_errors, ErrorDef, error => error.code,
    "two refusals have the same code"
}
