//! Life cycle, roles, documents, the log of privileged acts, supervision.

use crate::fixture::{ADMIN_DELAY, DOC, Fixture, UnderTest, at, payment};
use dfa_token::{InFlight, Owner, Position, Statement};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp, abi};
use weighhouse_standard::document::Named;
use weighhouse_standard::journal::{ACTS_KEPT, Act};
use weighhouse_standard::lifecycle::Status;
use weighhouse_standard::role::Administrator;
use weighhouse_standard::{PAGE_ITEMS_MAX, Role};
use weighhouse_testkit::Refused;

/// Goal: active, paused, active, paused, deactivated: who may, when, and for ever.
#[test]
fn codes_2_3_6_follow_the_life_cycle() {
    let mut token = Fixture::new();
    let reason = "test".to_owned();
    assert_eq!(token.code("admin", "pause", &reason), 1);
    assert_eq!(token.code("pauser", "pause", &"r".repeat(257)), 13);
    assert_eq!(token.code("pauser", "unpause", &()), 6);
    assert_eq!(
        token.code("admin", "deactivate", &DOC),
        6,
        "only while paused"
    );
    assert_eq!(token.code("pauser", "pause", &"r".repeat(256)), 0);
    assert_eq!(token.code("pauser", "pause", &reason), 6);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), 2);
    assert_eq!(token.code("ann", "unpause", &()), 1);
    assert_eq!(token.code("pauser", "unpause", &()), 0);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), 0);
    token.stop(false);
    assert_eq!(token.code("admin", "deactivate", &Hash::ZERO), 17);
    assert_eq!(token.code("pauser", "deactivate", &DOC), 1);
    assert_eq!(token.code("admin", "deactivate", &DOC), 0);
    assert_eq!(token.ask::<Status>("status", &()), Status::Deactivated);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), 3);
    assert_eq!(token.code("pauser", "unpause", &()), 3, "irreversible");
    assert_eq!(
        token.code("admin", "grant_role", &(Role::Minter, at("ann"))),
        3
    );
    assert_eq!(token.balance("ann"), 999, "queries go on");
}

/// Goal: roles are granted once, revoked and given up; duties exclude each other (16).
#[test]
fn code_16_duties_exclude_each_other() {
    let mut token = Fixture::new();
    let duties = [
        Role::Issuer,
        Role::Compliance,
        Role::Regulator,
        Role::Enforcer,
        Role::Auditor,
    ];
    for first in duties {
        token.done("admin", "grant_role", &(first, at("cat")));
        for second in duties.into_iter().filter(|duty| *duty != first) {
            let code = token.code("admin", "grant_role", &(second, at("cat")));
            assert_eq!(code, 16, "{first:?} and {second:?}");
        }
        assert_eq!(token.code("admin", "grant_role", &(first, at("cat"))), 5);
        assert_eq!(
            token.code("admin", "grant_role", &(Role::Minter, at("cat"))),
            0
        );
        let mut both = [first, Role::Minter];
        both.sort();
        assert_eq!(token.ask::<Vec<Role>>("roles", &at("cat")), both);
        assert_eq!(token.code("cat", "renounce_role", &Role::Minter), 0);
        assert_eq!(token.code("admin", "revoke_role", &(first, at("cat"))), 0);
        assert_eq!(token.code("admin", "revoke_role", &(first, at("cat"))), 4);
    }
    assert_eq!(
        token.code("ann", "grant_role", &(Role::Minter, at("ann"))),
        1
    );
    assert_eq!(
        token.code("ann", "revoke_role", &(Role::Minter, at("minter"))),
        1
    );
    assert_eq!(token.code("ann", "renounce_role", &Role::Minter), 4);
    assert_eq!(
        token.code("admin", "grant_role", &(Role::Admin, at("ann"))),
        7
    );
    assert_eq!(token.code("admin", "renounce_role", &Role::Admin), 7);
}

/// Goal: a new administrator takes over from the second on at which the delay ends (11).
#[test]
fn code_11_an_administrator_takes_over_after_the_delay() {
    let mut token = Fixture::new();
    assert_eq!(token.code("ann", "propose_admin", &at("ann")), 1);
    assert_eq!(token.code("admin", "propose_admin", &Address::ZERO), 7);
    token.done("admin", "propose_admin", &at("bob"));
    assert_eq!(token.code("admin", "propose_admin", &at("cat")), 5);
    let from = token.now() + ADMIN_DELAY;
    for (time, who, code) in [(from - 1, "bob", 11), (from, "cat", 1), (from, "bob", 0)] {
        token.at_time(time);
        assert_eq!(token.code(who, "accept_admin", &()), code);
    }
    let admin: Administrator = token.ask("admin", &());
    assert_eq!((admin.address, admin.successor), (at("bob"), None));
    assert_eq!(
        token.code("admin", "propose_admin", &at("cat")),
        1,
        "the old one is out"
    );
    token.done("bob", "propose_admin", &at("cat"));
    assert_eq!(token.code("cat", "cancel_admin", &()), 1);
    token.done("bob", "cancel_admin", &());
    assert_eq!(token.code("bob", "cancel_admin", &()), 4);
    token.world.advance(ADMIN_DELAY);
    assert_eq!(token.code("cat", "accept_admin", &()), 1);
}

/// Goal: the issuer's documents are set, replaced, listed in order and removed.
#[test]
fn documents_have_a_hash() {
    let mut token = Fixture::new();
    let set = |name: &str, hash| (name.to_owned(), hash, "https://example.org/d".to_owned());
    assert_eq!(token.code("issuer", "set_document", &set("", DOC)), 7);
    assert_eq!(
        token.code("issuer", "set_document", &set(&"n".repeat(65), DOC)),
        13
    );
    assert_eq!(
        token.code("issuer", "set_document", &set("terms", Hash::ZERO)),
        17
    );
    assert_eq!(token.code("ann", "set_document", &set("terms", DOC)), 1);
    token.done("issuer", "set_document", &set("terms", DOC));
    token.done("issuer", "set_document", &set("annex", DOC));
    token.done("issuer", "set_document", &set("terms", Hash([8; 32])));
    let after: Option<String> = None;
    let page: Vec<Named> = token.ask("documents", &(after, 10_u32));
    let names: Vec<&str> = page.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        (names, page[1].1.hash),
        (vec!["annex", "terms"], Hash([8; 32]))
    );
    assert_eq!(token.code("ann", "remove_document", &"annex".to_owned()), 1);
    token.done("issuer", "remove_document", &"annex".to_owned());
    assert_eq!(
        token.code("issuer", "remove_document", &"annex".to_owned()),
        4
    );
}

/// Goal: privileged acts are logged with who, when, what and on which document; the log is bounded.
#[test]
fn the_log_keeps_the_last_privileged_acts() {
    let mut token = Fixture::new();
    token.done("ann", "transfer", &payment("bob", 1));
    token.stop(true);
    let acts: Vec<Act> = token.ask("audit", &(0_u64, 10_u32));
    let kinds: Vec<u32> = acts.iter().map(|act| act.kind).collect();
    assert_eq!(
        kinds,
        ["Paused", "Deactivated"].map(abi::selector),
        "neither transfers nor what one minter may create"
    );
    assert_eq!(
        (acts[1].by, acts[1].doc, acts[1].at),
        (at("admin"), DOC, token.world.time)
    );
    let from: Vec<Act> = token.ask("audit", &(acts[1].seq, 10_u32));
    assert_eq!(from, acts[1..]);
    let refused = token.ask_as::<Vec<Act>>("ann", "audit", &(0_u64, PAGE_ITEMS_MAX + 1));
    assert_eq!(refused, Err(Refused::Code(13)));

    let mut token = Fixture::empty();
    for _ in 0..ACTS_KEPT / 2 + 1 {
        token.done("pauser", "pause", &String::new());
        token.done("pauser", "unpause", &());
    }
    let page: Vec<Act> = token.ask("audit", &(0_u64, PAGE_ITEMS_MAX));
    assert_eq!(
        (page[0].seq, page.len()),
        (3, 100),
        "the first two are forgotten"
    );
}

/// Goal: those who supervise see positions and holds; nobody else does.
#[test]
fn supervision_sees_positions_and_holds() {
    let mut token = Fixture::new();
    let id = token.hold(Some("bob"), 400);
    let (holder, hold): (Option<Address>, Option<u64>) = (None, None);
    let positions: Vec<Position> = token
        .ask_as("regulator", "reg_positions", &(holder, 10_u32))
        .unwrap();
    let expected = Position {
        holder: at("ann"),
        balance: Amount(1_000),
        held: Amount(400),
        locked: Amount(0),
        party: None,
    };
    assert_eq!(positions, [expected]);
    let holds: Vec<InFlight> = token
        .ask_as("auditor", "reg_inflight", &(hold, 10_u32))
        .unwrap();
    assert_eq!((holds[0].id, holds[0].hold.left), (id, Amount(400)));
    let refused = token.ask_as::<Vec<Position>>("ann", "reg_positions", &(holder, 10_u32));
    assert_eq!(refused, Err(Refused::Code(1)));
}

/// Goal: a statement tells of a second that is over, and of no other (11).
#[test]
fn code_11_a_statement_tells_of_the_past() {
    let mut token = Fixture::new();
    let then = token.now();
    let ask = |token: &Fixture, at_time: u64| {
        token.ask_as::<Statement>(
            "bob",
            "statement",
            &(Owner::Wallet(at("ann")), Timestamp(at_time)),
        )
    };
    assert_eq!(ask(&token, then), Err(Refused::Code(11)));
    token.world.advance(1);
    token.done("ann", "transfer", &payment("bob", 1));
    let statement = ask(&token, then).unwrap();
    assert_eq!(
        (statement.balance, statement.supply),
        (Amount(1_000), Amount(1_000))
    );
    assert_eq!(ask(&token, then + 1), Err(Refused::Code(11)));
}
