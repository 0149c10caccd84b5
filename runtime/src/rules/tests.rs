//! Declared rules against a plain reading of the whole state.

use super::*;
use crate::limits::RULES_MAX;
use crate::state::change::Changes;
use proptest::prelude::*;
use std::collections::BTreeMap;
use weighhouse_primitives::rule::{Place, Rule, RuleKind};
use weighhouse_primitives::schema::{CellKind, CellSchema, Field, Type};

const BALANCES: u16 = 0;
const ESCROWED: u16 = 1;
const SUPPLY: u16 = 2;
const CAP: u16 = 3;
const SERIAL: u16 = 4;
const TITLES: u16 = 5;
const COUNTERS: u16 = 6;
const TEXT: u16 = 7;
const STAMP: u16 = 8;
const WALLETS: u16 = 9;
const TOTALS: u16 = 10;

/// Offsets in the records of `WALLETS` and `TOTALS`.
const OWNED: u16 = 33;
const PINNED: u16 = 49;

fn prefix(cell: u16) -> [u8; 4] {
    let [high, low] = cell.to_be_bytes();
    [0xc0, 0, high, low]
}

/// `{ owner: Address, active: bool, units { owned: Amount, pinned: Amount }, serial: u32, note: String }`.
fn record() -> Type {
    let field = |name: &str, ty: Type| Field {
        name: name.into(),
        ty,
    };
    let units = vec![field("owned", Type::Amount), field("pinned", Type::Amount)];
    Type::Struct(
        "Wallet".into(),
        vec![
            field("owner", Type::Address),
            field("active", Type::Bool),
            field("units", Type::Struct("Units".into(), units)),
            field("serial", Type::U32),
            field("note", Type::String),
            field("after", Type::Amount),
        ],
    )
}

/// A stored record with these amounts.
fn wallet(owned: u128, pinned: u128, serial: u32) -> Option<Value> {
    let mut stored = vec![7; usize::from(OWNED)];
    stored.extend_from_slice(&owned.to_le_bytes());
    stored.extend_from_slice(&pinned.to_le_bytes());
    stored.extend_from_slice(&serial.to_le_bytes());
    stored.extend_from_slice(b"\x04n");
    bytes(&stored)
}

fn cells() -> Vec<CellSchema> {
    let height = Type::Newtype("Height".into(), Box::new(Type::U64));
    let kinds = [
        (CellKind::Map, Type::Amount),
        (CellKind::Map, Type::Amount),
        (CellKind::Cell, Type::Amount),
        (CellKind::Const, Type::Amount),
        (CellKind::Cell, Type::U32),
        (CellKind::Map, Type::String),
        (CellKind::Map, height),
        (CellKind::Cell, Type::String),
        (CellKind::Cell, Type::Timestamp),
        (CellKind::Map, record()),
        (CellKind::Cell, record()),
    ];
    let numbered = (0u16..).zip(kinds);
    numbered
        .map(|(number, (kind, value))| CellSchema {
            name: format!("cell{number}"),
            prefix: prefix(number),
            kind,
            key: Type::Unit,
            value,
        })
        .collect()
}

fn contract(byte: u8) -> Address {
    Address([byte; 32])
}

fn state_key(address: u8, cell: u16, rest: &[u8]) -> Arc<[u8]> {
    let own = [&prefix(cell)[..], rest].concat();
    Arc::from(key::storage(&contract(address), &own))
}

fn bytes(value: &[u8]) -> Option<Value> {
    Some(Value::from(value))
}

fn amount(units: u128) -> Option<Value> {
    bytes(&units.to_le_bytes())
}

fn change(cell: u16, rest: &[u8], old: Option<Value>, new: Option<Value>) -> Change {
    Change {
        key: state_key(1, cell, rest),
        old,
        new,
    }
}

fn rule(kind: RuleKind) -> Arc<ContractRules> {
    let name = "the rule".into();
    Arc::new(ContractRules::new(&[Rule { name, kind }], &cells()).unwrap())
}

/// Whether the one rule `kind` of contract 1 holds on `changes` over the state `now`.
fn holds_with(kind: RuleKind, changes: Vec<Change>, now: &[(u16, Option<Value>)]) -> bool {
    let rules = rule(kind);
    let changes = Changes::new(changes);
    let mut read = |asked: &[u8]| {
        let found = now
            .iter()
            .find(|(cell, _)| *state_key(1, *cell, b"") == *asked);
        Ok(found.and_then(|(_, value)| value.clone()))
    };
    let broken = check(
        changes.as_slice(),
        |address| Ok((*address == contract(1)).then(|| Arc::clone(&rules))),
        &mut read,
    );
    match broken.unwrap() {
        None => true,
        Some((address, name)) => {
            assert_eq!((address, name.as_str()), (contract(1), "the rule"));
            false
        }
    }
}

fn holds(kind: RuleKind, changes: Vec<Change>) -> bool {
    holds_with(kind, changes, &[])
}

fn conserve() -> RuleKind {
    RuleKind::Conserve {
        maps: vec![Place::whole(BALANCES), Place::whole(ESCROWED)],
        total: Place::whole(SUPPLY),
    }
}

/// Goal: transfers between maps, mints and burns that the total follows keep the sum.
#[test]
fn conserve_holds() {
    let transfer = vec![
        change(BALANCES, b"a", amount(10), amount(3)),
        change(BALANCES, b"b", None, amount(5)),
        change(ESCROWED, b"a", amount(1), amount(3)),
        change(CAP, b"", None, amount(77)),
    ];
    assert!(holds(conserve(), transfer));
    let mint = vec![
        change(BALANCES, b"a", None, amount(5)),
        change(SUPPLY, b"", None, amount(5)),
    ];
    assert!(holds(conserve(), mint));
    let burn = vec![
        change(BALANCES, b"a", amount(5), None),
        change(SUPPLY, b"", amount(9), amount(4)),
    ];
    assert!(holds(conserve(), burn));
    assert!(holds(conserve(), vec![]));
    let nothing = vec![change(BALANCES, b"a", amount(0), None)];
    assert!(holds(conserve(), nothing), "zero and absent are the same");
}

/// Goal: money from nowhere, a total that moves alone and values of wrong width break the sum.
#[test]
fn conserve_breaks() {
    let broken = [
        change(BALANCES, b"a", amount(1), amount(2)),
        change(ESCROWED, b"a", amount(1), None),
        change(SUPPLY, b"", None, amount(1)),
        change(BALANCES, b"a", None, bytes(&[0; 15])),
        change(BALANCES, b"a", None, bytes(&[0; 17])),
        change(BALANCES, b"a", bytes(b""), None),
        change(BALANCES, b"", None, amount(1)),
        change(SUPPLY, b"", None, bytes(b"")),
    ];
    for one in broken {
        assert!(!holds(conserve(), vec![one.clone()]), "{one:?}");
    }
}

/// Goal: sums above 128 bits are compared whole, not wrapped.
#[test]
fn conserve_does_not_wrap() {
    let wrapped = vec![
        change(BALANCES, b"a", None, amount(u128::MAX)),
        change(BALANCES, b"b", None, amount(1)),
    ];
    assert!(!holds(conserve(), wrapped), "the sum is 2^128, not 0");
    let wide = vec![
        change(BALANCES, b"a", amount(u128::MAX), None),
        change(BALANCES, b"b", amount(u128::MAX), None),
        change(BALANCES, b"c", None, amount(u128::MAX)),
        change(ESCROWED, b"d", None, amount(u128::MAX)),
    ];
    assert!(holds(conserve(), wide));
}

/// Goal: keys of no cell, of other cells and longer than a single cell's do not count.
#[test]
fn other_keys_do_not_count() {
    let mut others = vec![
        change(SUPPLY, b"longer", None, amount(1)),
        change(COUNTERS, b"a", None, amount(1)),
        change(TITLES, b"a", None, amount(1)),
    ];
    for own in [&b""[..], &[0xc0], &[0xc0, 0, 0], &[0xff; 9]] {
        others.push(Change {
            key: Arc::from(key::storage(&contract(1), own)),
            old: None,
            new: amount(1),
        });
    }
    others.push(Change {
        key: Arc::from(key::account(&contract(1))),
        old: None,
        new: amount(1),
    });
    assert!(holds(conserve(), others.clone()));
    others.push(change(BALANCES, b"a", None, amount(1)));
    assert!(!holds(conserve(), others));
}

/// Goal: first writes are free; changing or removing what was there is not, whatever its type.
#[test]
fn immutable_holds_and_breaks() {
    for cell in [CAP, TITLES, TEXT] {
        let rest: &[u8] = if cell == TITLES { b"k" } else { b"" };
        let kind = || RuleKind::Immutable { cell };
        let first = change(cell, rest, None, bytes(b"x"));
        let again = change(cell, rest, bytes(b"x"), bytes(b"y"));
        let removed = change(cell, rest, bytes(b"x"), None);
        assert!(holds(kind(), vec![first]));
        assert!(!holds(kind(), vec![again]));
        assert!(!holds(kind(), vec![removed]));
    }
}

/// Goal: numbers only grow, in cells and in each key of a map; removal is a fall to zero.
#[test]
fn monotone_holds_and_breaks() {
    let serial = |old, new| {
        let change = change(SERIAL, b"", old, new);
        holds(
            RuleKind::Monotone {
                place: Place::whole(SERIAL),
            },
            vec![change],
        )
    };
    let word = |number: u32| bytes(&number.to_le_bytes());
    assert!(serial(None, word(7)));
    assert!(serial(word(255), word(256)), "little-endian");
    assert!(serial(word(0), None));
    assert!(!serial(word(256), word(255)));
    assert!(!serial(word(1), None));
    assert!(!serial(word(1), bytes(&[9; 8])), "wrong width");
    assert!(!serial(bytes(&[9]), word(1)), "wrong width");

    let counters = |old: u64, new: u64| {
        let one = change(COUNTERS, b"a", None, bytes(&[1; 8]));
        let (old, new) = (bytes(&old.to_le_bytes()), bytes(&new.to_le_bytes()));
        let changes = vec![one, change(COUNTERS, b"b", old, new)];
        holds(
            RuleKind::Monotone {
                place: Place::whole(COUNTERS),
            },
            changes,
        )
    };
    assert!(counters(1, u64::MAX));
    assert!(!counters(u64::MAX, 1));
}

/// Goal: the bound is checked whichever side changes, reading the other; absent is zero.
#[test]
fn at_most_holds_and_breaks() {
    let supply = |new: Option<Value>| change(SUPPLY, b"", amount(1), new);
    let cap = |new: Option<Value>| change(CAP, b"", amount(100), new);
    let check = |changes: Vec<Change>, now: &[(u16, Option<Value>)]| {
        let (lower, upper) = (Place::whole(SUPPLY), Place::whole(CAP));
        holds_with(RuleKind::AtMost { lower, upper }, changes, now)
    };
    assert!(check(vec![supply(amount(9))], &[(CAP, amount(9))]));
    assert!(!check(vec![supply(amount(10))], &[(CAP, amount(9))]));
    assert!(
        !check(vec![supply(amount(10))], &[]),
        "no cap is a cap of zero"
    );
    assert!(check(vec![supply(None)], &[]));
    assert!(check(vec![cap(amount(5))], &[(SUPPLY, amount(5))]));
    assert!(!check(vec![cap(amount(4))], &[(SUPPLY, amount(5))]));
    assert!(!check(vec![cap(None)], &[(SUPPLY, amount(5))]));
    let both = [(SUPPLY, amount(999)), (CAP, amount(0))];
    assert!(check(vec![supply(amount(7)), cap(amount(7))], &both));
    assert!(!check(vec![supply(amount(8)), cap(amount(7))], &both));
    assert!(!check(vec![supply(bytes(b""))], &[(CAP, amount(9))]));
    assert!(!check(vec![supply(amount(0))], &[(CAP, bytes(&[1; 8]))]));
    assert!(check(vec![], &[(SUPPLY, amount(5))]), "nothing is written");
    let widths = RuleKind::AtMost {
        lower: Place::whole(SERIAL),
        upper: Place::whole(STAMP),
    };
    let serial = vec![change(SERIAL, b"", None, bytes(&[0, 0, 0, 1]))];
    assert!(holds_with(
        widths,
        serial,
        &[(STAMP, bytes(&[0, 0, 0, 1, 0, 0, 0, 0]))]
    ));
}

/// Goal: the first broken rule is named: contracts by address, then rules as declared.
#[test]
fn the_first_broken_rule_is_named() {
    let immutable = |cell| RuleKind::Immutable { cell };
    let named = |name: &str, kind| Rule {
        name: name.into(),
        kind,
    };
    let rules = vec![
        named("serial", immutable(SERIAL)),
        named("supply", immutable(SUPPLY)),
        named("cap", immutable(CAP)),
    ];
    let rules = Arc::new(ContractRules::new(&rules, &cells()).unwrap());
    let at = |address: u8, cell: u16| Change {
        key: state_key(address, cell, b""),
        old: amount(1),
        new: amount(2),
    };
    let changes = Changes::new(vec![at(3, SERIAL), at(2, CAP), at(2, SUPPLY), at(1, CAP)]);
    let asked = std::cell::RefCell::new(Vec::new());
    let rules_of = |address: &Address| {
        asked.borrow_mut().push(*address);
        Ok((*address != contract(1)).then(|| Arc::clone(&rules)))
    };
    let broken = check(changes.as_slice(), rules_of, &mut |_| Ok(None)).unwrap();
    assert_eq!(broken, Some((contract(2), "supply".into())));
    assert_eq!(*asked.borrow(), [contract(1), contract(2)], "once each");
}

/// Goal: rules that do not fit the storage are refused with the reason.
#[test]
fn unfit_rules_are_refused() {
    let refused = |kind: RuleKind| {
        let rule = Rule {
            name: "r".into(),
            kind,
        };
        ContractRules::new(&[rule], &cells()).unwrap_err()
    };
    let conserve = |maps: &[u16], total| {
        let maps = maps.iter().copied().map(Place::whole).collect();
        let total = Place::whole(total);
        refused(RuleKind::Conserve { maps, total })
    };
    assert_eq!(conserve(&[], SUPPLY), RuleError::Maps { rule: 0 });
    assert_eq!(conserve(&[0, 1, 0], SUPPLY), RuleError::Maps { rule: 0 });
    let is_unfit = |error| matches!(error, RuleError::Unfit { rule: 0, .. });
    assert!(is_unfit(conserve(&[SUPPLY], SUPPLY)));
    assert!(is_unfit(conserve(&[BALANCES], ESCROWED)));
    assert!(is_unfit(conserve(&[COUNTERS], SUPPLY)));
    assert!(is_unfit(conserve(&[BALANCES], SERIAL)));
    assert!(is_unfit(refused(RuleKind::Monotone {
        place: Place::whole(TEXT)
    })));
    let (lower, upper) = (Place::whole(BALANCES), Place::whole(CAP));
    assert!(is_unfit(refused(RuleKind::AtMost { lower, upper })));
    let missing = refused(RuleKind::Immutable { cell: 11 });
    assert_eq!(
        missing,
        RuleError::NoCell {
            rule: 0,
            cell: 11,
            cells: 11
        }
    );
}

/// Goal: rules are at most 32, with names of 1 to 128 bytes, each used once.
#[test]
fn names_and_number_of_rules_are_bounded() {
    let kind = || RuleKind::Immutable { cell: CAP };
    let declare = |names: Vec<String>| {
        let rules = names.into_iter().map(|name| Rule { name, kind: kind() });
        ContractRules::new(&rules.collect::<Vec<_>>(), &cells())
    };
    let many = |count: usize| declare((0..count).map(|i| format!("{i:0128}")).collect());
    assert!(many(RULES_MAX).is_ok());
    assert_eq!(many(33), Err(RuleError::TooMany { count: 33 }));
    for bytes in [0, 129] {
        let error = declare(vec!["x".repeat(bytes)]).unwrap_err();
        assert_eq!(error, RuleError::Name { rule: 0, bytes });
    }
    let twice = declare(vec!["a".into(), "b".into(), "a".into()]);
    let name = "a".into();
    assert_eq!(twice, Err(RuleError::NameTaken { rule: 2, name }));
}

/// Goal: a field of a record is summed, compared and counted as a value of its own would be; the rest
/// of the record is free; a record too short for the field breaks the rule.
#[test]
fn rules_about_fields_hold_and_break() {
    let conserve = || RuleKind::Conserve {
        maps: vec![Place::field(WALLETS, OWNED), Place::whole(ESCROWED)],
        total: Place::field(TOTALS, PINNED),
    };
    let moved = vec![
        change(WALLETS, b"a", wallet(10, 1, 0), wallet(3, 9, 5)),
        change(WALLETS, b"b", None, wallet(5, 0, 0)),
        change(ESCROWED, b"a", None, amount(2)),
    ];
    assert!(holds(conserve(), moved.clone()));
    let minted = vec![
        change(WALLETS, b"a", wallet(1, 0, 0), wallet(4, 0, 0)),
        change(TOTALS, b"", wallet(0, 1, 0), wallet(77, 4, 0)),
    ];
    assert!(holds(conserve(), minted.clone()));
    assert!(!holds(conserve(), minted[..1].to_vec()));
    assert!(!holds(conserve(), minted[1..].to_vec()));
    assert!(!holds(conserve(), moved[1..].to_vec()));
    let gone = change(WALLETS, b"a", wallet(0, 0, 0), None);
    assert!(holds(conserve(), vec![gone]), "absent counts as zero");
    let cut = |length: usize| {
        let value = wallet(0, 0, 0).unwrap();
        change(WALLETS, b"a", None, bytes(&value[..length]))
    };
    assert!(holds(conserve(), vec![cut(49)]));
    for length in [0, 33, 48] {
        assert!(!holds(conserve(), vec![cut(length)]), "{length} bytes");
    }

    let place = Place::field(WALLETS, 65);
    let serial = |old, new| {
        let changes = vec![change(WALLETS, b"a", wallet(9, 9, old), wallet(1, 1, new))];
        holds(RuleKind::Monotone { place }, changes)
    };
    assert!(serial(255, 256));
    assert!(!serial(256, 255));
}

/// Goal: `at_most` of two fields of a map holds in each record by itself; of fields of two cells it
/// reads the one that did not change.
#[test]
fn at_most_of_fields() {
    let within = |new| {
        let (lower, upper) = (Place::field(WALLETS, PINNED), Place::field(WALLETS, OWNED));
        let rich = change(WALLETS, b"b", None, wallet(100, 0, 0));
        let changes = vec![rich, change(WALLETS, b"a", wallet(9, 9, 0), new)];
        holds(RuleKind::AtMost { lower, upper }, changes)
    };
    assert!(within(wallet(5, 5, 0)));
    assert!(within(None));
    assert!(!within(wallet(5, 6, 0)));
    assert!(!within(bytes(&[0; 64])));
    let (lower, upper) = (Place::whole(SUPPLY), Place::field(TOTALS, OWNED));
    let kind = || RuleKind::AtMost { lower, upper };
    let supply = |units| vec![change(SUPPLY, b"", None, amount(units))];
    assert!(holds_with(kind(), supply(7), &[(TOTALS, wallet(7, 0, 0))]));
    assert!(!holds_with(kind(), supply(8), &[(TOTALS, wallet(7, 0, 0))]));
}

/// Goal: an offset at which no unsigned integer begins, or that follows a field of variable width, is
/// refused: a module cannot have other bytes summed than its records' own.
#[test]
fn offsets_are_checked_against_the_type() {
    let declare = |place: Place| {
        let rule = Rule {
            name: "r".into(),
            kind: RuleKind::Monotone { place },
        };
        ContractRules::new(&[rule], &cells())
    };
    for offset in [OWNED, PINNED, 65] {
        assert!(declare(Place::field(WALLETS, offset)).is_ok(), "{offset}");
    }
    for offset in [0, 32, 34, 48, 64, 66, 69, 70, 71, u16::MAX] {
        let (rule, cell) = (0, WALLETS);
        let error = RuleError::NoField { rule, cell, offset };
        assert_eq!(declare(Place::field(WALLETS, offset)), Err(error));
    }
    let (rule, cell, offset) = (0, SERIAL, 0);
    let error = RuleError::NoField { rule, cell, offset };
    assert_eq!(declare(Place::field(SERIAL, 0)), Err(error));
    assert!(declare(Place::whole(WALLETS)).is_err());
    let narrow = RuleKind::Conserve {
        maps: vec![Place::field(WALLETS, 65)],
        total: Place::whole(SUPPLY),
    };
    let rule = Rule {
        name: "r".into(),
        kind: narrow,
    };
    let error = ContractRules::new(&[rule], &cells()).unwrap_err();
    assert!(matches!(error, RuleError::Unfit { cell: WALLETS, .. }));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Goal: the check by differences agrees with summing the whole state, if that held before.
    #[test]
    fn conserve_agrees_with_whole_sums(
        before in proptest::collection::btree_map((0u16..2, any::<u8>()), 0u128..9, 0..12),
        after in proptest::collection::btree_map((0u16..2, any::<u8>()), 0u128..9, 0..12),
        slip in -1i64..2,
    ) {
        let sum = |map: &BTreeMap<(u16, u8), u128>| map.values().sum::<u128>();
        let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let of = |map: &BTreeMap<_, u128>, key| map.get(key).copied().and_then(amount);
        let mut changes: Vec<_> = keys
            .into_iter()
            .map(|key| change(key.0, &[key.1], of(&before, key), of(&after, key)))
            .collect();
        let total = sum(&after).checked_add_signed(slip.into()).unwrap_or(0);
        changes.push(change(SUPPLY, b"", amount(sum(&before)), amount(total)));
        prop_assert_eq!(holds(conserve(), changes), total == sum(&after));
    }
}

/// Goal: places of keys are ordered as the beginnings of the keys are, shorter keys included.
#[test]
fn places_are_ordered_as_keys() {
    let keys: [&[u8]; 9] = [
        b"",
        b"\0",
        b"\0\0\0",
        b"\0\0\0\0",
        b"\0\0\0\x01",
        b"a",
        b"a\0\0\0",
        b"abcd",
        b"\xff",
    ];
    let places: Vec<u64> = keys.iter().map(|key| place_of(key)).collect();
    assert!(places.is_sorted_by(|one, next| one < next), "{places:?}");
    assert_eq!(place_of(b"abcd"), place_of(b"abcde"));
}
