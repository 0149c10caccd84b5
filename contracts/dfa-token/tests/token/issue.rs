//! Construction, minting, lots, burning.

use crate::fixture::{
    CAP, DOC, Fixture, OpenArguments, THRESHOLD, UnderTest, at, capabilities, deploy, events,
    limits, meta, officers, payment,
};
use dfa_token::LOTS_MAX;
use dfa_token::event::{Burn, LotCreated, Mint};
use dfa_token::storage::{Capabilities, Issue, Limits, Lot, Meta};
use weighhouse_primitives::{Address, Amount, Hash, Outcome, Timestamp};
use weighhouse_standard::Role;
use weighhouse_testkit::World;

const FREE: Option<Timestamp> = None;

fn refused(arguments: &OpenArguments) -> u16 {
    match deploy(&mut World::new(), arguments) {
        Err(Outcome::Reverted { code, .. }) => code,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Goal: the constructor refuses what no token can be, and what only a register could keep.
#[test]
fn construction_refuses_what_nobody_could_keep() {
    let none: Option<Address> = None;
    let good = (
        meta(),
        capabilities(),
        limits(),
        at("admin"),
        officers(),
        none,
    );
    let with_meta = |meta: Meta, code: u16| {
        let arguments = (meta, good.1, good.2, good.3, good.4.clone(), none);
        assert_eq!(refused(&arguments), code, "{:?}", arguments.0);
    };
    with_meta(
        Meta {
            decimals: 19,
            ..meta()
        },
        7,
    );
    with_meta(
        Meta {
            name: String::new(),
            ..meta()
        },
        7,
    );
    with_meta(
        Meta {
            symbol: "S".repeat(65),
            ..meta()
        },
        13,
    );
    with_meta(
        Meta {
            terms: Hash::ZERO,
            ..meta()
        },
        17,
    );
    for promise in [
        Capabilities {
            freezable: true,
            ..capabilities()
        },
        Capabilities {
            recoverable: true,
            ..capabilities()
        },
        Capabilities {
            ring_fenced: true,
            ..capabilities()
        },
    ] {
        let arguments = (meta(), promise, good.2, good.3, good.4.clone(), none);
        assert_eq!(refused(&arguments), 206, "{promise:?}");
    }
}

/// Goal: the constructor refuses a register that is not there, and duties that exclude each other;
/// the longest name and the most decimals are accepted.
#[test]
fn construction_refuses_a_register_and_combined_duties() {
    let none: Option<Address> = None;
    let good = (
        meta(),
        capabilities(),
        limits(),
        at("admin"),
        officers(),
        none,
    );
    let register = (
        meta(),
        good.1,
        good.2,
        good.3,
        good.4.clone(),
        Some(at("register")),
    );
    assert_eq!(refused(&register), 7);
    let both = vec![(Role::Compliance, at("issuer"))];
    assert_eq!(refused(&(meta(), good.1, good.2, good.3, both, none)), 16);
    let admin = vec![(Role::Admin, at("ann"))];
    assert_eq!(refused(&(meta(), good.1, good.2, good.3, admin, none)), 7);
    let most = Meta {
        decimals: 18,
        name: "N".repeat(64),
        ..meta()
    };
    let last = (most, good.1, good.2, good.3, good.4.clone(), none);
    assert!(deploy(&mut World::new(), &last).is_ok());
}

/// Goal: what was fixed at issue is what is answered.
#[test]
fn t10_capabilities_are_as_issued() {
    let mut token = Fixture::new();
    token.done("ann", "transfer", &payment("bob", 1));
    token.stop(true);
    assert_eq!(token.ask::<Meta>("meta", &()), meta());
    assert_eq!(
        token.ask::<Capabilities>("capabilities", &()),
        capabilities()
    );
    assert_eq!(token.ask::<Limits>("limits", &()), limits());
}

/// Goal: shape, role and document of a mint, in their order.
#[test]
fn a_mint_is_checked_in_order() {
    let mut token = Fixture::empty();
    let past = Some(Timestamp(token.now()));
    let cases: [(&str, u128, Hash, Option<Timestamp>, u16); 6] = [
        ("ann", 0, Hash::ZERO, past, 7),
        ("ann", 0, Hash::ZERO, FREE, 8),
        ("ann", 1, Hash::ZERO, FREE, 17),
        ("ann", 1, DOC, FREE, 1),
        ("minter", THRESHOLD + 1, DOC, FREE, 16),
        ("minter", THRESHOLD, DOC, FREE, 0),
    ];
    for (who, amount, doc, lock, code) in cases {
        let arguments = (at("ann"), Amount(amount), doc, lock);
        assert_eq!(
            token.both(who, "mint", &arguments),
            code,
            "{who} mints {amount}"
        );
    }
    let fixed = Capabilities {
        mintable: false,
        ..capabilities()
    };
    let mut token = Fixture::with(fixed, limits());
    assert_eq!(
        token.both("minter", "mint", &(at("ann"), Amount(1), DOC, FREE)),
        206
    );
}

/// An issue that takes two minters.
fn large() -> Issue {
    Issue {
        to: at("ann"),
        amount: Amount(THRESHOLD + 1),
        basis_doc: DOC,
        release_at: None,
    }
}

/// Goal: above the threshold one minter proposes and another approves, within seven days, once.
#[test]
fn a_large_mint_takes_two() {
    let mut token = Fixture::empty();
    let issue = large();
    assert_eq!(token.code("ann", "propose_mint", &issue), 1);
    let id: u64 = token.call("minter", "propose_mint", &issue).unwrap();
    assert_eq!(token.balance("ann"), 0, "a proposal changes nothing");
    assert_eq!(token.both("minter", "approve_mint", &id), 16);
    assert_eq!(token.both("ann", "approve_mint", &id), 1);
    assert_eq!(token.both("second minter", "approve_mint", &(id + 1)), 4);
    let receipt = token.receipt("second minter", "approve_mint", &id);
    assert!(receipt.outcome.is_success(), "{:?}", receipt.outcome);
    let minted = events::<Mint>(&receipt.events, "Mint");
    assert_eq!(
        (minted[0].proposal, minted[0].by),
        (Some(id), at("second minter"))
    );
    assert_eq!(token.both("second minter", "approve_mint", &id), 4, "once");
    let start = token.now();
    for (offset, code) in [(-1, 0), (0, 0), (1, 10)] {
        let id: u64 = token.call("minter", "propose_mint", &issue).unwrap();
        let until = token.now() + 7 * 24 * 3_600;
        token.at_time(until.saturating_add_signed(offset));
        assert_eq!(
            token.both("second minter", "approve_mint", &id),
            code,
            "{offset} s"
        );
    }
    assert!(token.now() > start);
}

/// Goal: a minter that lost its duty does not stand behind what it proposed; once it has it again, it does.
#[test]
fn t7_who_proposed_a_mint_still_has_the_duty() {
    let mut token = Fixture::empty();
    let issue = large();
    let id: u64 = token.call("minter", "propose_mint", &issue).unwrap();
    let duty = (Role::Minter, at("minter"));
    assert_eq!(token.code("admin", "revoke_role", &duty), 0);
    assert_eq!(token.both("second minter", "approve_mint", &id), 16);
    assert_eq!(token.code("admin", "grant_role", &duty), 0);
    assert_eq!(token.both("second minter", "approve_mint", &id), 0);
}

/// Goal: supply never passes the cap (205); with the largest cap, never what an amount holds (9).
#[test]
fn t3_supply_is_at_most_the_cap() {
    let mut token = Fixture::with(
        capabilities(),
        Limits {
            cap: Amount(1_000),
            mint_threshold: Amount(u128::MAX),
            ..limits()
        },
    );
    let mint = |amount| (at("ann"), Amount(amount), DOC, FREE);
    assert_eq!(token.both("minter", "mint", &mint(1_001)), 205);
    assert_eq!(token.both("minter", "mint", &mint(999)), 0);
    assert_eq!(token.both("minter", "mint", &mint(2)), 205);
    assert_eq!(token.both("minter", "mint", &mint(1)), 0);
    assert_eq!(
        token.both("minter", "mint", &mint(u128::MAX)),
        9,
        "overflow comes first"
    );
    assert_eq!(token.amount("supply", &()), 1_000);

    let mut token = Fixture::with(
        capabilities(),
        Limits {
            cap: Amount::MAX,
            mint_threshold: Amount::MAX,
            ..limits()
        },
    );
    assert_eq!(token.both("minter", "mint", &mint(u128::MAX)), 0);
    assert_eq!(token.both("minter", "mint", &mint(1)), 9);
}

/// Goal: a lot is locked up to the second before its release and free from that second on.
#[test]
fn a_lot_is_free_from_its_second_on() {
    let mut token = Fixture::new();
    let release = token.now() + 50;
    let locked = (at("ann"), Amount(500), DOC, Some(Timestamp(release)));
    let receipt = token.receipt("minter", "mint", &locked);
    let lots = events::<LotCreated>(&receipt.events, "LotCreated");
    assert_eq!((lots[0].owner, lots[0].amount), (at("ann"), Amount(500)));
    for (time, code, locked) in [
        (release - 1, 204, 500),
        (release, 0, 0),
        (release + 1, 0, 0),
    ] {
        token.at_time(time);
        assert_eq!(token.amount("locked_of", &at("ann")), locked);
        assert_eq!(token.amount("available_of", &at("ann")), 1_500 - locked);
        assert_eq!(
            token.check("ann", "transfer", &payment("bob", 1_001)),
            code,
            "at {time}"
        );
    }
}

/// Goal: a wallet has at most 32 lots; lots of one second are one, free lots make room.
#[test]
fn code_13_lots_are_bounded() {
    let mut token = Fixture::empty();
    let now = token.now();
    let lot = |offset: u64| {
        (
            at("ann"),
            Amount(1),
            DOC,
            Some(Timestamp(now + 10 + offset)),
        )
    };
    for offset in 0..LOTS_MAX as u64 {
        assert_eq!(token.code("minter", "mint", &lot(offset)), 0);
    }
    assert_eq!(token.both("minter", "mint", &lot(99)), 13);
    assert_eq!(token.both("minter", "mint", &lot(0)), 0, "the same second");
    assert_eq!(
        token.ask::<Vec<Lot>>("lots", &at("ann"))[0].amount,
        Amount(2)
    );
    token.at_time(now + 10);
    assert_eq!(token.both("minter", "mint", &lot(99)), 0, "one is free");
}

/// Goal: the issuer destroys available units of its own, with a document, and nobody else's.
#[test]
fn a_burn_is_the_issuers_own() {
    let mut token = Fixture::new();
    token.done("ann", "transfer", &payment("issuer", 600));
    let burn = |from: &str, amount, doc| (at(from), Amount(amount), doc);
    assert_eq!(token.both("issuer", "burn", &burn("issuer", 0, DOC)), 8);
    assert_eq!(
        token.both("issuer", "burn", &burn("issuer", 1, Hash::ZERO)),
        17
    );
    assert_eq!(token.both("ann", "burn", &burn("ann", 1, DOC)), 1);
    assert_eq!(token.both("issuer", "burn", &burn("ann", 1, DOC)), 1);
    assert_eq!(token.both("issuer", "burn", &burn("issuer", 601, DOC)), 200);
    let terms = token.hold_terms(None, 500);
    token.done("issuer", "create_hold", &terms);
    assert_eq!(token.both("issuer", "burn", &burn("issuer", 101, DOC)), 203);
    let receipt = token.receipt("issuer", "burn", &burn("issuer", 100, DOC));
    let burnt = events::<Burn>(&receipt.events, "Burn");
    assert_eq!(
        (burnt[0].from, burnt[0].amount),
        (at("issuer"), Amount(100))
    );
    assert_eq!(token.amount("supply", &()), 900);
    assert_eq!(
        token.both("minter", "mint", &(at("ann"), Amount(1), DOC, FREE)),
        0
    );

    let fixed = Capabilities {
        burnable: false,
        ..capabilities()
    };
    let mut token = Fixture::with(fixed, limits());
    token.mint("issuer", CAP.min(THRESHOLD));
    assert_eq!(token.both("issuer", "burn", &burn("issuer", 1, DOC)), 206);
}

/// Goal: a burn is a way out: a pause does not stop it, the end of the token does.
#[test]
fn a_pause_does_not_stop_a_burn() {
    let mut token = Fixture::empty();
    token.mint("issuer", 100);
    let burn = (at("issuer"), Amount(1), DOC);
    token.stop(false);
    assert_eq!(
        token.both("minter", "mint", &(at("ann"), Amount(1), DOC, FREE)),
        2
    );
    assert_eq!(token.both("issuer", "burn", &burn), 0);
    token.done("admin", "deactivate", &DOC);
    assert_eq!(token.both("issuer", "burn", &burn), 3);
}
