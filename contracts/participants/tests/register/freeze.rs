//! Orders and forced acts, directives.

use crate::fixture::{DOC, Fixture, UnderTest, at, hash};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::interface::{
    Direction, FreezeState, FreezeView, HaltKind, Pid, Scope, Served,
};
use weighhouse_testkit::Refused;

fn state(register: &Fixture, order: u64) -> FreezeState {
    register
        .ask::<Option<FreezeView>>("order", &order)
        .expect("an order")
        .state
}

/// Goal: who orders and lifts, with what (1, 4, 5, 6, 7, 8, 17).
#[test]
fn codes_of_orders() {
    let mut register = Fixture::new();
    let (pid, direction) = (register.pid("ann"), Direction::InOut);
    let scope = Scope::Party { pid, direction };
    let (court, case) = (hash("court"), hash("case"));
    let none: Option<Timestamp> = None;
    let past = Some(Timestamp(register.now() - 1));
    let entry = "order_freeze";
    let nobody = Scope::Party {
        pid: Pid(99),
        direction,
    };
    let (token, amount) = (at("token"), Amount::ZERO);
    let nothing = Scope::Amount { pid, token, amount };
    for (who, order, code) in [
        ("enforcer", (scope, Hash::ZERO, case, DOC, none), 7),
        ("enforcer", (scope, court, Hash::ZERO, DOC, none), 7),
        ("enforcer", (scope, court, case, DOC, past), 7),
        ("enforcer", (nothing, court, case, DOC, none), 8),
        ("enforcer", (scope, court, case, Hash::ZERO, none), 17),
        ("operator", (scope, court, case, DOC, none), 1),
        ("enforcer", (nobody, court, case, DOC, none), 4),
        ("enforcer", (scope, court, case, DOC, none), 0),
        ("compliance", (scope, court, case, DOC, none), 5),
        ("compliance", (scope, hash("bank"), case, DOC, none), 0),
        ("regulator", (scope, hash("regulator"), case, DOC, none), 0),
    ] {
        assert_eq!(register.both(who, entry, &order), code, "{who}: {order:?}");
    }
    assert_eq!(
        register.both("enforcer", "lift_freeze", &(1_u64, Hash::ZERO)),
        17
    );
    assert_eq!(register.both("enforcer", "lift_freeze", &(9_u64, DOC)), 4);
    assert_eq!(
        register.both("second enforcer", "lift_freeze", &(1_u64, DOC)),
        1
    );
    assert_eq!(register.both("compliance", "lift_freeze", &(1_u64, DOC)), 1);
    assert_eq!(register.both("enforcer", "lift_freeze", &(1_u64, DOC)), 0);
    assert_eq!(register.both("enforcer", "lift_freeze", &(1_u64, DOC)), 6);
    assert_eq!(
        register.both("regulator", "lift_freeze", &(2_u64, DOC)),
        0,
        "of anybody"
    );
    register.done("admin", "revoke_role", &(Role::Regulator, at("regulator")));
    assert_eq!(
        register.both("regulator", "lift_freeze", &(3_u64, DOC)),
        1,
        "out of office"
    );
}

/// Goal: an order ends by itself after its last second.
#[test]
fn an_order_expires_after_its_last_second() {
    let mut register = Fixture::new();
    let (pid, direction) = (register.pid("ann"), Direction::InOut);
    let until = register.now() + 100;
    let order = register.order(Scope::Party { pid, direction }, Some(until));
    let order: u64 = register
        .call("enforcer", "order_freeze", &order)
        .expect("ordered");
    register.at_time(until);
    assert_eq!(state(&register, order), FreezeState::Active);
    assert_eq!(
        register.move_code(Fixture::moved("token", "ann", "bob", 1)),
        103
    );
    register.at_time(until + 1);
    assert_eq!(state(&register, order), FreezeState::Expired);
    assert_eq!(
        register.move_code(Fixture::moved("token", "ann", "bob", 1)),
        0
    );
    assert_eq!(register.both("enforcer", "lift_freeze", &(order, DOC)), 6);
}

/// Goal: a participant takes a hundred orders in force (13); expired ones make room.
#[test]
fn code_13_orders_of_a_participant_are_bounded() {
    let mut register = Fixture::new();
    let pid = register.pid("ann");
    let (token, amount) = (at("token"), Amount(1));
    let until = register.now() + 10;
    for number in 0..100_u64 {
        let case = Hash::of(&number.to_le_bytes());
        let until = (number == 50).then_some(Timestamp(until));
        let order = (
            Scope::Amount { pid, token, amount },
            hash("court"),
            case,
            DOC,
            until,
        );
        register.done("enforcer", "order_freeze", &order);
    }
    let order = register.order(Scope::Amount { pid, token, amount }, None);
    assert_eq!(register.both("enforcer", "order_freeze", &order), 13);
    register.at_time(until + 1);
    assert_eq!(register.both("enforcer", "order_freeze", &order), 0);
    let frozen: Amount = register.ask("frozen_req", &(pid, token));
    assert_eq!(
        (frozen, register.orders_of("ann").len()),
        (Amount(100), 100)
    );
}

/// Goal: lifting or serving one order leaves every other as it is; earlier ones stay whole (traps:
/// overwriting freeze amounts, freeze above balance).
#[test]
fn i4_an_order_never_changes_another() {
    let mut register = Fixture::new();
    let first = register.freeze_amount("ann", "token", 300);
    let second = register.freeze_amount("ann", "token", 500);
    let third = register.freeze_amount("ann", "other", 70);
    let pid = register.pid("ann");
    let frozen =
        |register: &Fixture, token: &str| register.ask::<Amount>("frozen_req", &(pid, at(token))).0;
    assert_eq!(
        (frozen(&register, "token"), frozen(&register, "other")),
        (800, 70)
    );
    let verdict = register.explain(Fixture::moved("token", "ann", "bob", 1));
    assert_eq!(
        (verdict.code, verdict.frozen),
        (0, Amount(800)),
        "above any balance"
    );
    let serve = (second, at("ann"), Some(at("bob")), Amount(200), DOC);
    let served: Served = register
        .call("token", "serve_order", &serve)
        .expect("served");
    let expected = Served {
        from: pid,
        to: Some(register.pid("bob")),
        earlier: Amount(300),
    };
    assert_eq!(served, expected);
    assert_eq!(frozen(&register, "token"), 600);
    register.done("enforcer", "lift_freeze", &(first, DOC));
    assert_eq!(frozen(&register, "token"), 300);
    let burn = (second, at("ann"), None::<Address>, Amount(300), DOC);
    let served: Served = register
        .call("token", "serve_order", &burn)
        .expect("served");
    assert_eq!((served.to, served.earlier), (None, Amount::ZERO));
    assert_eq!(
        state(&register, second),
        FreezeState::Lifted,
        "served in full"
    );
    assert_eq!(
        (frozen(&register, "token"), frozen(&register, "other")),
        (0, 70)
    );
    assert_eq!(state(&register, third), FreezeState::Active);
}

/// Goal: a forced act names an active order on that participant and token with its document
/// (1, 4, 6, 7, 8, 13, 17, and what stops the receiver).
#[test]
fn codes_of_forced_acts() {
    let mut register = Fixture::new();
    register.set_rules("other", crate::fixture::open_rules());
    let order = register.freeze_amount("ann", "token", 300);
    let of = |from: &str, to: Option<&str>, amount, doc| {
        (order, at(from), to.map(at), Amount(amount), doc)
    };
    let entry = "serve_order";
    for (who, act, code) in [
        ("token", of("ann", None, 0, DOC), 8),
        ("token", of("ann", None, 1, Hash::ZERO), 17),
        ("ann", of("ann", None, 1, DOC), 1),
        ("token", of("bob", None, 1, DOC), 7),
        ("token", of("nobody", None, 1, DOC), 7),
        ("token", of("ann", None, 1, hash("other")), 17),
        ("other", of("ann", None, 1, DOC), 7),
        ("token", of("ann", None, 301, DOC), 13),
        ("token", of("ann", Some("nobody"), 1, DOC), 100),
    ] {
        assert_eq!(register.code(who, entry, &act), code, "{who}: {act:?}");
    }
    let unknown = (99_u64, at("ann"), None::<Address>, Amount(1), DOC);
    assert_eq!(register.code("token", entry, &unknown), 4);
    register.freeze("bob", Direction::InOut);
    assert_eq!(
        register.code("token", entry, &of("ann", Some("bob"), 1, DOC)),
        103
    );
    register.stop(false);
    assert_eq!(
        register.code("token", entry, &of("ann", Some("cat"), 1, DOC)),
        0,
        "while paused"
    );
    register.done("enforcer", "lift_freeze", &(order, DOC));
    assert_eq!(register.code("token", entry, &of("ann", None, 1, DOC)), 6);
    let party = register.freeze("ann", Direction::Out);
    let act = (party, at("ann"), Some(at("cat")), Amount(1_000_000), DOC);
    let served: Result<Served, Refused> = register.call("token", entry, &act);
    assert_eq!(
        served.map(|served| served.earlier),
        Ok(Amount::ZERO),
        "a party order has no amount"
    );
}

/// Goal: that an order is about another token is told before what is wrong with document and receiver (7).
#[test]
fn code_7_an_order_on_another_token_comes_first() {
    let mut register = Fixture::new();
    register.set_rules("other", crate::fixture::open_rules());
    let order = register.freeze_amount("ann", "token", 300);
    for (to, doc) in [(None, hash("other")), (Some("nobody"), DOC)] {
        let act = (order, at("ann"), to.map(at), Amount(1), doc);
        assert_eq!(register.code("other", "serve_order", &act), 7);
        assert!([17, 100].contains(&register.code("token", "serve_order", &act)));
    }
}

/// Goal: orders on objects are listed for the registry that keeps them.
#[test]
fn orders_on_objects_are_listed() {
    let mut register = Fixture::new();
    let (contract, id) = (at("rights"), 5_u64);
    let order = register.order(Scope::Object { contract, id }, None);
    let order: u64 = register
        .call("enforcer", "order_freeze", &order)
        .expect("ordered");
    let listed: Vec<FreezeView> = register.ask("orders_on", &(contract, id));
    assert_eq!(
        listed.iter().map(|view| view.id).collect::<Vec<_>>(),
        [order]
    );
    assert_eq!(
        register.ask::<Vec<FreezeView>>("orders_on", &(contract, 6_u64)),
        []
    );
    register.done("regulator", "lift_freeze", &(order, DOC));
    assert_eq!(
        register.ask::<Vec<FreezeView>>("orders_on", &(contract, id)),
        []
    );
}

/// Goal: a halted token or notary stops moves until every directive is lifted (19; 1, 4, 6, 7, 17).
#[test]
fn code_19_a_directive_halts() {
    let mut register = Fixture::new();
    let entry = "directive";
    let of = |kind, target: &str, doc| (kind, at(target), doc);
    let zero = (HaltKind::HaltAsset, Address::ZERO, DOC);
    assert_eq!(register.both("regulator", entry, &zero), 7);
    let bare = of(HaltKind::HaltAsset, "token", Hash::ZERO);
    assert_eq!(register.both("regulator", entry, &bare), 17);
    let halt = of(HaltKind::HaltAsset, "token", DOC);
    assert_eq!(register.both("compliance", entry, &halt), 1);
    assert_eq!(register.both("regulator", entry, &halt), 0);
    assert_eq!(register.both("regulator", entry, &halt), 0);
    let movement = Fixture::moved("token", "nobody", "nobody", 1);
    assert_eq!(
        register.move_code(movement),
        19,
        "before existence and compliance"
    );
    assert!(register.ask::<bool>("halted", &at("token")));
    assert_eq!(register.both("regulator", "lift_directive", &9_u64), 4);
    assert_eq!(register.both("compliance", "lift_directive", &1_u64), 1);
    assert_eq!(register.both("regulator", "lift_directive", &1_u64), 0);
    assert_eq!(register.both("regulator", "lift_directive", &1_u64), 6);
    assert!(
        register.ask::<bool>("halted", &at("token")),
        "the second still stands"
    );
    register.done("regulator", "lift_directive", &2_u64);
    assert!(!register.ask::<bool>("halted", &at("token")));
    register.done("regulator", entry, &of(HaltKind::ReportOrder, "token", DOC));
    assert!(
        !register.ask::<bool>("halted", &at("token")),
        "a report halts nothing"
    );
}
