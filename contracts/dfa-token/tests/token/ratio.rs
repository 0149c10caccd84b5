//! Splits of all units.

use crate::fixture::{CAP, DOC, Fixture, UnderTest, at, events, payment};
use crate::register::{Registered, full};
use dfa_token::RATIO_WALLETS;
use dfa_token::event::RatioApplied;
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};

/// Goal: every wallet's units are multiplied, rounded down, with the fraction reported; sums, supply,
/// history and locks follow.
#[test]
fn a_split_reaches_every_wallet() {
    let mut token = Registered::new();
    let release = Some(Timestamp(token.now() + 1_000));
    token.done("minter", "mint", &(at("bob"), Amount(7), DOC, release));
    let before = token.now();
    token.world.advance(10);
    let split = (3_u64, 2_u64, 9_u64);
    assert_eq!(token.code("ann", "apply_ratio", &split), 1);
    assert_eq!(
        token.code("system", "apply_ratio", &(0_u64, 2_u64, 9_u64)),
        7
    );
    assert_eq!(
        token.code("system", "apply_ratio", &(3_u64, 0_u64, 9_u64)),
        7
    );
    let receipt = token.receipt("system", "apply_ratio", &split);
    let mut applied = events::<RatioApplied>(&receipt.events, "RatioApplied");
    applied.sort_by_key(|event| event.before);
    let figures: Vec<_> = applied
        .iter()
        .map(|event| (event.before.0, event.after.0, event.rest))
        .collect();
    assert_eq!(figures, [(7, 10, 1), (1_000, 1_500, 0)]);
    assert_eq!((token.sums(1), token.sums(2)), ((1_500, 0), (10, 0)));
    assert_eq!(token.amount("supply", &()), 1_510);
    assert_eq!(token.amount("locked_of", &at("bob")), 10);
    let then = |who: &str| (at(who), Timestamp(before));
    assert_eq!(token.amount("balance_of_at", &then("ann")), 1_000);
    assert_eq!(token.amount("supply_at", &Timestamp(before)), 1_007);
    assert_eq!(token.both("ann", "transfer", &payment("cat", 1)), 0);
    token.mint("dan", 5);
    assert_eq!(token.both("dan", "transfer", &payment("cat", 5)), 0);
    let back = (1_u64, 1_000_u64, 10_u64);
    token.done("system", "apply_ratio", &back);
    assert_eq!((token.balance("ann"), token.balance("cat")), (1, 0));
    assert_eq!(token.ask::<u64>("holder_count", &()), 1);
}

/// Goal: a split waits for the end of holds (203) and stays within the cap (205).
#[test]
fn a_split_waits_for_holds_and_keeps_the_cap() {
    let mut token = Registered::new();
    let id = token.hold(None, 10);
    let split = |num: u64| (num, 1_u64, 1_u64);
    assert_eq!(token.both("system", "apply_ratio", &split(2)), 203);
    token.done("notary", "release_hold", &(id, Amount(10)));
    let too_much = u64::try_from(CAP / 1_000).unwrap() + 1;
    assert_eq!(token.code("system", "apply_ratio", &split(too_much)), 205);
    assert_eq!(token.code("system", "apply_ratio", &split(u64::MAX)), 205);
    assert_eq!(token.code("system", "apply_ratio", &split(too_much - 1)), 0);
    assert_eq!(token.amount("supply", &()), CAP);
}

/// Goal: while a split is under way no unit is split twice or not at all: nothing moves between wallets
/// that had it and wallets that did not (6), nothing is made, destroyed, set aside or opened.
#[test]
fn a_split_under_way_mixes_nothing() {
    let mut token = Registered::empty(full());
    token.mint("ann", 90_000);
    let count = RATIO_WALLETS + 5;
    for first in (0..count).step_by(50) {
        let mut batch: Vec<(Address, Amount, Option<Hash>)> = Vec::new();
        for index in first..(first + 50).min(count) {
            let name = format!("holder {index}");
            token.tell(
                "put_wallet",
                &(
                    at(&name),
                    weighhouse_standard::interface::Pid(1_000 + index as u64),
                ),
            );
            batch.push(payment(&name, 10));
        }
        token.done("ann", "batch_transfer", &batch);
    }
    let split = (2_u64, 1_u64, 1_u64);
    let done: bool = token.call("system", "apply_ratio", &split).unwrap();
    assert!(!done);
    let mut holders: Vec<String> = (0..count).map(|index| format!("holder {index}")).collect();
    holders.sort_by_key(|name| at(name));
    let (first, second) = (holders[0].clone(), holders[1].clone());
    let (last, other) = (holders[count - 1].clone(), holders[count - 2].clone());
    assert_eq!((token.balance(&first), token.balance(&last)), (20, 10));
    assert_eq!(token.both(&first, "transfer", &payment(&last, 1)), 6);
    assert_eq!(token.both(&last, "transfer", &payment(&first, 1)), 6);
    assert_eq!(
        token.both(&last, "transfer", &payment("bob", 1)),
        6,
        "a new wallet"
    );
    assert_eq!(token.both(&first, "transfer", &payment(&second, 1)), 0);
    assert_eq!(token.both(&last, "transfer", &payment(&other, 1)), 0);
    let none: Option<Timestamp> = None;
    assert_eq!(
        token.both("minter", "mint", &(at(&first), Amount(1), DOC, none)),
        6
    );
    assert_eq!(
        token.both("system", "burn", &(at(&first), Amount(1), DOC)),
        6
    );
    let terms = token.hold_terms(None, 1);
    assert_eq!(token.both(&first, "create_hold", &terms), 6);
    assert_eq!(
        token.code("system", "apply_ratio", &(3_u64, 1_u64, 1_u64)),
        6
    );
    let done: bool = token.call("system", "apply_ratio", &split).unwrap();
    assert!(done);
    assert_eq!(token.amount("supply", &()), 180_000);
    assert_eq!((token.balance(&last), token.balance(&other)), (18, 22));
    assert_eq!(token.both(&last, "transfer", &payment("bob", 1)), 0);
}

/// Goal: a token without a register is split alike.
#[test]
fn a_token_open_to_all_is_split_alike() {
    let mut token = Fixture::new();
    let registrar = (weighhouse_standard::Role::Registrar, at("keeper"));
    token.done("admin", "grant_role", &registrar);
    token.done("keeper", "apply_ratio", &(1_u64, 3_u64, 1_u64));
    assert_eq!(
        (token.balance("ann"), token.amount("supply", &())),
        (333, 333)
    );
}
