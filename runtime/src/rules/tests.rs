//! Declared rules against a plain reading of the whole state.

use super::*;
use crate::state::change::Changes;
use proptest::prelude::*;
use std::collections::BTreeMap;

const BALANCES: u16 = 0;
const ESCROWED: u16 = 1;
const SUPPLY: u16 = 2;
const CAP: u16 = 3;
const SERIAL: u16 = 4;
const TITLES: u16 = 5;
const COUNTERS: u16 = 6;
const TEXT: u16 = 7;
const STAMP: u16 = 8;

fn prefix(cell: u16) -> [u8; 4] {
    let [high, low] = cell.to_be_bytes();
    [0xc0, 0, high, low]
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
    Arc::new(ContractRules::new(vec![Rule { name, kind }], &cells()).unwrap())
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
        maps: vec![BALANCES, ESCROWED],
        total: SUPPLY,
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
        holds(RuleKind::Monotone { cell: SERIAL }, vec![change])
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
        holds(RuleKind::Monotone { cell: COUNTERS }, changes)
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
        let (lower, upper) = (SUPPLY, CAP);
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
        lower: SERIAL,
        upper: STAMP,
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
    let rules = Arc::new(ContractRules::new(rules, &cells()).unwrap());
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
        ContractRules::new(vec![rule], &cells()).unwrap_err()
    };
    let conserve = |maps: &[u16], total| {
        let maps = maps.to_vec();
        refused(RuleKind::Conserve { maps, total })
    };
    assert_eq!(conserve(&[], SUPPLY), RuleError::Maps { rule: 0 });
    assert_eq!(conserve(&[0, 1, 0], SUPPLY), RuleError::Maps { rule: 0 });
    let is_unfit = |error| matches!(error, RuleError::Unfit { rule: 0, .. });
    assert!(is_unfit(conserve(&[SUPPLY], SUPPLY)));
    assert!(is_unfit(conserve(&[BALANCES], ESCROWED)));
    assert!(is_unfit(conserve(&[COUNTERS], SUPPLY)));
    assert!(is_unfit(conserve(&[BALANCES], SERIAL)));
    assert!(is_unfit(refused(RuleKind::Monotone { cell: TEXT })));
    let (lower, upper) = (BALANCES, CAP);
    assert!(is_unfit(refused(RuleKind::AtMost { lower, upper })));
    let missing = refused(RuleKind::Immutable { cell: 9 });
    assert_eq!(
        missing,
        RuleError::NoCell {
            rule: 0,
            cell: 9,
            cells: 9
        }
    );

    let many = |count| {
        let kind = RuleKind::Immutable { cell: CAP };
        let rule = Rule {
            name: "x".repeat(128),
            kind,
        };
        ContractRules::new(vec![rule; count], &cells())
    };
    assert!(many(RULES_MAX).is_ok());
    assert_eq!(many(33), Err(RuleError::TooMany { count: 33 }));
    for bytes in [0, 129] {
        let kind = RuleKind::Immutable { cell: CAP };
        let rule = Rule {
            name: "x".repeat(bytes),
            kind,
        };
        let error = ContractRules::new(vec![rule], &cells()).unwrap_err();
        assert_eq!(error, RuleError::Name { rule: 0, bytes });
    }
    let mut twice = cells();
    twice[1].prefix = twice[0].prefix;
    let error = ContractRules::new(vec![], &twice).unwrap_err();
    assert_eq!(error, RuleError::SamePrefix { prefix: prefix(0) });
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
