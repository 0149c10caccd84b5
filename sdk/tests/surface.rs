//! What the macros write, seen through the sections that a Wasm module would carry.
#![expect(
    missing_docs,
    clippy::cast_possible_truncation,
    dead_code,
    missing_debug_implementations,
    unreachable_pub,
    reason = "a contract that exists for its description; the codec casts its indices"
)]

use weighhouse_sdk::entry::Contract;
use weighhouse_sdk::prelude::*;
use weighhouse_sdk::primitives::rule::{Place, Rule, RuleKind};
use weighhouse_sdk::primitives::schema::describe::Writer;
use weighhouse_sdk::primitives::schema::{CellKind, CellSchema, EntryKind, Schema, Type};
use weighhouse_sdk::storage::StorageKey;

/// A part with a cell and a rule of its own.
#[storage]
#[monotone(turns)]
pub struct Switch {
    on: Cell<bool>,
    turns: Cell<u64>,
}

/// A purse.
#[storage]
#[conserve(sum(free) + sum(locked) == total)]
#[at_most(total, cap)]
#[conserve(sum(books.kept) == total)]
#[at_most(books.kept, books.most)]
pub struct Purse {
    #[part]
    switch: Switch,
    cap: Const<Amount>,
    total: Cell<Amount>,
    free: Map<Address, Amount>,
    locked: Map<(Address, u64), Amount>,
    books: Map<u32, Book>,
}

/// Numbers behind fields of fixed width.
#[derive(Clone, Encode, Decode, Describe)]
pub struct Book {
    of: Address,
    open: (),
    kept: Amount,
    page: u32,
    most: Amount,
    lines: Vec<u8>,
}

#[derive(Clone, Encode, Decode, Describe)]
pub enum Colour {
    Red,
    #[codec(index = 7)]
    Blue {
        shade: u8,
    },
}

#[derive(Encode, Decode, Describe)]
pub struct Wrapped(Colour);

#[errors]
pub enum Common {
    /// switched
    /// off
    #[code(2)]
    Off,
}

#[errors]
pub enum Own {
    #[code(300)]
    Odd { number: u32 },
}

/// It happened.
#[derive(Event)]
pub struct Happened {
    pub r#type: Wrapped,
}

/// Entry points in a module of their own.
mod turn {
    use super::{Own, Purse};
    use weighhouse_sdk::prelude::*;

    /// It turned.
    #[derive(Event)]
    pub struct Turned {
        pub turns: u64,
    }

    #[contract(part = Turns, events(Turned))]
    impl Purse {
        /// Turns.
        #[call(check)]
        pub fn turn(&mut self, ctx: &Context) -> Result<u64, Own> {
            let turns = self.switch.turns.next();
            ctx.emit(Turned { turns });
            Ok(turns)
        }
    }
}

#[contract(errors(Common, Own), events(Happened), parts(turn::Turns))]
impl Purse {
    #[constructor]
    pub fn open(&mut self, cap: Amount) {
        self.cap.set(cap);
    }

    /// Puts.
    #[call(check)]
    pub fn put(&mut self, amount: Amount, ctx: &Context, colour: Colour) -> Result<u64, Own> {
        ensure!(amount.0.is_multiple_of(2), Own::Odd { number: 1 });
        ctx.emit(Happened {
            r#type: Wrapped(colour),
        });
        Ok(self.switch.turns.next())
    }

    #[query]
    pub fn free_of(&self, holder: Address) -> Amount {
        self.free.get(&holder)
    }

    /// Names and modules that generated code might use too stay the author's.
    #[query]
    pub fn named(&self, input: u8, contract: event::Own, selector: u32) -> u32 {
        u32::from(input).max(u32::from(contract.0)).max(selector)
    }
}

mod event {
    #[derive(
        weighhouse_sdk::codec::Encode,
        weighhouse_sdk::codec::Decode,
        weighhouse_sdk::prelude::Describe,
    )]
    pub struct Own(pub u8);
}

#[contract]
pub trait Free {
    #[query]
    fn free_of(&self, holder: Address) -> Amount;
}

const _: () = weighhouse_sdk::entry::constant::implements::<Purse, FreeRef>();

static SCHEMA: [u8; Writer::<0>::new().schema(&Purse::SCHEMA).len()] =
    Writer::new().schema(&Purse::SCHEMA).into_bytes();
static CELLS: [u8; Writer::<0>::new().cells(Purse::CELLS).len()] =
    Writer::new().cells(Purse::CELLS).into_bytes();
static RULES: [u8; Writer::<0>::new().rules(Purse::RULES).len()] =
    Writer::new().rules(Purse::RULES).into_bytes();

/// Goal: entry points, twins, codes of both enums and events arrive in the schema.
#[test]
fn the_schema_says_what_the_author_wrote() {
    let schema = Schema::decode_section(&SCHEMA).unwrap();
    assert_eq!(schema.docs, "A purse.");
    let put = schema.entry_point("put").unwrap();
    assert_eq!(put.docs, "Puts.");
    let names: Vec<&str> = put.args.iter().map(|arg| arg.name.as_str()).collect();
    assert_eq!(names, ["amount", "colour"]);
    assert_eq!(put.returns, Type::U64);
    let twin = schema.entry_point("check_put").unwrap();
    assert_eq!((twin.kind, &twin.args), (EntryKind::Check, &put.args));
    assert_eq!(twin.returns, Type::U16);
    assert_eq!(schema.error(2).unwrap().text, "switched off");
    assert_eq!(schema.error(300).unwrap().fields[0].ty, Type::U32);
    assert_eq!(Own::Odd { number: 1 }.code(), 300);
    let happened = &schema.events[0];
    assert_eq!(
        (&*happened.name, &*happened.fields[0].name),
        ("Happened", "type")
    );
    let Type::Newtype(_, colour) = &happened.fields[0].ty else {
        panic!("a struct of one unnamed field is a newtype")
    };
    let Type::Enum(_, variants) = &**colour else {
        panic!("an enum is an enum")
    };
    assert_eq!((variants[0].index, variants[1].index), (0, 7));
}

/// Goal: the entry points and events of a part follow those of the main `impl`, and its calls are the
/// caller's too.
#[test]
fn a_part_of_the_interface_joins_in() {
    let schema = Schema::decode_section(&SCHEMA).unwrap();
    let names: Vec<&str> = schema
        .entry_points
        .iter()
        .map(|e| e.name.as_str())
        .collect();
    let expected = [
        "open",
        "put",
        "check_put",
        "free_of",
        "named",
        "turn",
        "check_turn",
    ];
    assert_eq!(names, expected);
    let events: Vec<&str> = schema
        .events
        .iter()
        .map(|event| event.name.as_str())
        .collect();
    assert_eq!(events, ["Happened", "Turned"]);
    let _: fn(&PurseRef) -> Result<u64, CallError> = PurseRef::turn;
    let _: fn(&PurseRef) -> Result<u16, CallError> = PurseRef::check_turn;
}

/// Goal: parts join in, and rules name cells by where they are in the whole.
#[test]
fn cells_and_rules_agree() {
    let cells = Vec::<CellSchema>::decode(&mut &CELLS[..]).unwrap();
    let names: Vec<&str> = cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(
        names,
        ["on", "turns", "cap", "total", "free", "locked", "books"]
    );
    assert_eq!(cells[2].kind, CellKind::Const);
    assert_eq!(cells[5].key, Type::Tuple([Type::Address, Type::U64].into()));
    let rules = Vec::<Rule>::decode(&mut &RULES[..]).unwrap();
    let kinds: Vec<_> = rules.iter().map(|r| (&*r.name, r.kind.clone())).collect();
    let conserve = |maps: &[Place]| RuleKind::Conserve {
        maps: maps.to_vec(),
        total: Place::whole(3),
    };
    let at_most = |lower, upper| RuleKind::AtMost { lower, upper };
    let (whole, field) = (Place::whole, Place::field);
    assert_eq!(
        kinds,
        [
            ("monotone(turns)", RuleKind::Monotone { place: whole(1) }),
            (
                "conserve(sum(free) + sum(locked) == total)",
                conserve(&[whole(4), whole(5)])
            ),
            ("at_most(total, cap)", at_most(whole(3), whole(2))),
            (
                "conserve(sum(books.kept) == total)",
                conserve(&[field(6, 32)])
            ),
            (
                "at_most(books.kept, books.most)",
                at_most(field(6, 32), field(6, 52))
            ),
            ("immutable(cap)", RuleKind::Immutable { cell: 2 }),
        ]
    );
}

/// Goal: a refusal of either enum becomes the code and the fields that the schema describes.
#[test]
fn refusals_carry_code_and_fields() {
    let refused: Refused = Own::Odd { number: 5 }.into();
    assert_eq!(
        refused,
        Refused::Own {
            code: 300,
            data: 5_u32.encode()
        }
    );
    let passed: Refused = CallError::Reverted {
        contract: Address::ZERO,
        code: 9,
        data: Vec::new(),
    }
    .into();
    assert_eq!(passed.code(), Some(9));
    let mut key = weighhouse_sdk::Buffer::new();
    (Address::ZERO, 258_u64).write(&mut key);
    assert_eq!(key[32..], [0, 0, 0, 0, 0, 0, 1, 2]);
}
