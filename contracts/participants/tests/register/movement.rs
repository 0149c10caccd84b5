//! Eligibility: who may send, receive and act; rules of a token; the order of codes.

use crate::fixture::{DOC, FRESH, Fixture, UnderTest, at, country, hash, open_rules};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::interface::{
    AuthorisationKind, Direction, HaltKind, Move, PartyKind, Path, Pid, Qualification, Residency,
    Rule, RuleSet, ScreeningResult, Side, Velocity, Verdict, Why,
};
use weighhouse_testkit::Refused;

fn codes(register: &Fixture, name: &str) -> (u16, u16) {
    let send: u16 = register.ask("can_send", &at(name));
    let receive: u16 = register.ask("can_receive", &at(name));
    assert_eq!(
        register.move_code(Fixture::moved("token", name, "bob", 1)),
        send,
        "{name} sends"
    );
    assert_eq!(
        register.move_code(Fixture::moved("token", "bob", name, 1)),
        receive,
        "{name} gets"
    );
    (send, receive)
}

/// Goal: what stops a party stops it in the ways of the specification: 100 to 104 (traps: freeze by
/// direction; who has expired may leave but not enter, on the sender's side too).
#[test]
fn codes_100_to_104_by_direction() {
    let mut register = Fixture::new();
    assert_eq!(codes(&register, "ann"), (0, 0));
    assert_eq!(codes(&register, "nobody"), (100, 100));
    register.candidate("new", PartyKind::Natural, Residency::Resident, *b"RU");
    register.bind("new", "new");
    assert_eq!(codes(&register, "new"), (100, 100), "pending");
    let order = register.freeze("ann", Direction::Out);
    assert_eq!(codes(&register, "ann"), (103, 0), "frozen outwards");
    register.done("enforcer", "lift_freeze", &(order, DOC));
    register.freeze("ann", Direction::InOut);
    assert_eq!(codes(&register, "ann"), (103, 103), "frozen both ways");
    register.screen("ann", ScreeningResult::Review);
    assert_eq!(
        codes(&register, "ann"),
        (103, 103),
        "a review alone stops nobody"
    );
    register.screen("ann", ScreeningResult::Hit);
    assert_eq!(codes(&register, "ann"), (102, 102));
    register.done("compliance", "suspend", &(register.pid("ann"), 1_u16, DOC));
    assert_eq!(codes(&register, "ann"), (101, 101));
    register.done("compliance", "close", &(register.pid("ann"), 1_u16, DOC));
    assert_eq!(codes(&register, "ann"), (100, 100));
    let until = register.now() + FRESH;
    let renewal = (register.pid("bob"), Timestamp(until + 1), 1_u8, DOC);
    register.done("compliance", "approve", &renewal);
    register.at_time(until);
    assert_eq!(codes(&register, "cat"), (0, 0), "the last second counts");
    register.at_time(until + 1);
    assert_eq!(
        codes(&register, "cat"),
        (0, 104),
        "known out of date: exit only"
    );
}

/// Goal: a spender or notary is checked as well (trap: only owner and receiver are), and of several
/// reasons the lowest code counts, within it caller before sender before receiver.
#[test]
fn the_lowest_code_of_caller_sender_receiver() {
    let mut register = Fixture::new();
    let why = |register: &Fixture, movement: Move| {
        let verdict = register.explain(movement);
        (verdict.code, verdict.why)
    };
    let by = |path| Move {
        path,
        ..Fixture::moved("token", "ann", "bob", 1)
    };
    let wallet = |side| {
        Some(Why {
            side,
            rule: Rule::Wallet,
        })
    };
    for path in [Path::Delegate(at("cat")), Path::Hold(at("cat"))] {
        assert_eq!(why(&register, by(path)), (0, None));
    }
    for path in [Path::Delegate(at("nobody")), Path::Hold(at("nobody"))] {
        assert_eq!(why(&register, by(path)), (100, wallet(Side::Caller)));
    }
    register.freeze("cat", Direction::Out);
    let frozen = |side| {
        Some(Why {
            side,
            rule: Rule::PartyOrder,
        })
    };
    assert_eq!(
        why(&register, by(Path::Delegate(at("cat")))),
        (103, frozen(Side::Caller))
    );
    register.freeze("ann", Direction::Out);
    assert_eq!(
        why(&register, by(Path::Delegate(at("cat")))),
        (103, frozen(Side::Caller))
    );
    assert_eq!(why(&register, by(Path::Own)), (103, frozen(Side::Sender)));
    register.done("compliance", "suspend", &(register.pid("bob"), 1_u16, DOC));
    let suspended = Some(Why {
        side: Side::Receiver,
        rule: Rule::Suspension,
    });
    assert_eq!(
        why(&register, by(Path::Delegate(at("cat")))),
        (101, suspended)
    );
    let unknown = Move {
        to: at("nobody"),
        ..by(Path::Delegate(at("cat")))
    };
    assert_eq!(why(&register, unknown), (100, wallet(Side::Receiver)));
}

/// Goal: paused and deactivated come first, then the halt, then rules that are missing (2, 3, 4, 19);
/// a pause answers 2 to everybody.
#[test]
fn codes_2_3_4_19_of_moves() {
    let mut register = Fixture::new();
    assert_eq!(
        register.move_code(Fixture::moved("unknown", "ann", "bob", 1)),
        4
    );
    register.done(
        "regulator",
        "directive",
        &(HaltKind::HaltAsset, at("unknown"), DOC),
    );
    register.done(
        "regulator",
        "directive",
        &(HaltKind::HaltContract, at("cat"), DOC),
    );
    assert_eq!(
        register.move_code(Fixture::moved("unknown", "ann", "bob", 1)),
        19
    );
    let path = Path::Hold(at("cat"));
    let movement = Move {
        path,
        ..Fixture::moved("token", "ann", "bob", 1)
    };
    assert_eq!(register.move_code(movement), 19, "a halted notary");
    register.stop(false);
    assert_eq!(
        register.move_code(Fixture::moved("unknown", "nobody", "bob", 1)),
        2
    );
    assert_eq!(
        register.admit("token", Fixture::moved("token", "ann", "bob", 1)),
        2
    );
    assert_eq!(
        register.ask::<u16>("can_send", &at("ann")),
        0,
        "standing is no move"
    );
    register.done("admin", "deactivate", &DOC);
    assert_eq!(
        register.admit("token", Fixture::moved("token", "ann", "bob", 1)),
        3
    );
}

/// Goal: only the token itself has a move booked.
#[test]
fn code_1_only_the_token_admits() {
    let mut register = Fixture::new();
    let movement = Fixture::moved("token", "ann", "bob", 1);
    for who in ["ann", "bob", "compliance"] {
        let admitted: Result<Verdict, Refused> = register.call(who, "admit_move", &movement);
        assert_eq!(admitted, Err(Refused::Code(1)), "{who}");
    }
    assert_eq!(register.admit("token", movement), 0);
}

/// Goal: zero amounts and moves to oneself are judged as others, and cost nothing.
#[test]
fn zero_and_self_moves_are_judged() {
    let mut register = Fixture::new();
    register.set_rules(
        "slow",
        RuleSet {
            velocity: [Velocity {
                window: 100,
                amount: Amount(5),
            }]
            .into(),
            ..open_rules()
        },
    );
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann", "ann", 1_000)),
        0
    );
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann", "bob", 0)),
        0
    );
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "nobody", "nobody", 0)),
        100
    );
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann", "bob", u128::MAX)),
        113
    );
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann", "bob", 5)),
        0
    );
}

/// Goal: a screening is fresh up to and including its last second, on both sides (105).
#[test]
fn code_105_screening_ages() {
    let mut register = Fixture::new();
    let screening_max_age = Some(1_000);
    register.set_rules(
        "strict",
        RuleSet {
            screening_max_age,
            ..open_rules()
        },
    );
    register.screen("ann", ScreeningResult::Clear);
    let screened = register.now();
    register.at_time(screened + 500);
    register.screen("bob", ScreeningResult::Clear);
    register.at_time(screened + 1_000);
    assert_eq!(
        register.move_code(Fixture::moved("strict", "ann", "bob", 1)),
        0
    );
    register.at_time(screened + 1_001);
    assert_eq!(
        register.move_code(Fixture::moved("strict", "ann", "bob", 1)),
        105
    );
    assert_eq!(
        register.move_code(Fixture::moved("strict", "bob", "ann", 1)),
        105
    );
}

/// Goal: countries decide who may come to own, not who may leave (106).
#[test]
fn code_106_stops_who_buys() {
    let mut register = Fixture::new();
    let (ru, cn) = (country(*b"RU"), country(*b"CN"));
    register.set_rules(
        "home",
        RuleSet {
            allow: [ru].into(),
            ..open_rules()
        },
    );
    register.set_rules(
        "away",
        RuleSet {
            allow: [ru, cn].into(),
            deny: [ru].into(),
            ..open_rules()
        },
    );
    assert_eq!(
        register.move_code(Fixture::moved("home", "ann", "bob", 1)),
        106
    );
    assert_eq!(
        register.move_code(Fixture::moved("home", "bob", "ann", 1)),
        0
    );
    assert_eq!(
        register.move_code(Fixture::moved("away", "bob", "ann", 1)),
        106,
        "denial wins"
    );
    assert_eq!(
        register.move_code(Fixture::moved("away", "ann", "bob", 1)),
        0
    );
}

/// Goal: qualification, to the second, decides who may come to own, not who keeps (109).
#[test]
fn code_109_stops_who_buys() {
    let mut register = Fixture::new();
    register.set_rules(
        "skilled",
        RuleSet {
            req_qualified: true,
            ..open_rules()
        },
    );
    assert_eq!(
        register.move_code(Fixture::moved("skilled", "ann", "bob", 1)),
        109
    );
    let until = register.now() + 50;
    let level = Qualification::Qualified {
        until: Timestamp(until),
    };
    register.done(
        "compliance",
        "set_qualification",
        &(register.pid("bob"), level, DOC),
    );
    register.at_time(until);
    assert_eq!(
        register.move_code(Fixture::moved("skilled", "ann", "bob", 1)),
        0
    );
    register.at_time(until + 1);
    assert_eq!(
        register.move_code(Fixture::moved("skilled", "ann", "bob", 1)),
        109
    );
    assert_eq!(
        register.move_code(Fixture::moved("skilled", "bob", "bob", 1)),
        0,
        "keeps"
    );
    register.bind("bob", "bob too");
    assert_eq!(
        register.move_code(Fixture::moved("skilled", "bob", "bob too", 1)),
        0,
        "one owner"
    );
}

/// Goal: what a participant sends in a window adds up over its wallets, and starts anew with the next
/// window (113).
#[test]
fn code_113_velocity() {
    let mut register = Fixture::new();
    let rule = |window, amount| Velocity {
        window,
        amount: Amount(amount),
    };
    let velocity = [rule(1_000, 100), rule(10_000, 150)].into();
    register.set_rules(
        "slow",
        RuleSet {
            velocity,
            ..open_rules()
        },
    );
    register.bind("ann", "ann too");
    let start = register.now().next_multiple_of(10_000);
    register.at_time(start);
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann", "bob", 60)),
        0
    );
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann too", "bob", 41)),
        113
    );
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann too", "ann", 1_000)),
        0,
        "one owner"
    );
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann too", "bob", 40)),
        0
    );
    register.at_time(start + 999);
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann", "bob", 1)),
        113
    );
    register.at_time(start + 1_000);
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann", "bob", 51)),
        113,
        "the longer window"
    );
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann", "bob", 50)),
        0
    );
    register.at_time(start + 10_000);
    assert_eq!(
        register.admit("slow", Fixture::moved("slow", "ann", "bob", 100)),
        0
    );
}

/// A register whose token `big` takes preclearance above 100.
fn precleared() -> Fixture {
    let mut register = Fixture::new();
    let preclear_above = Some(Amount(100));
    let rules = RuleSet {
        preclear_above,
        ..open_rules()
    };
    register.set_rules("big", rules);
    register
}

/// Arguments of `preclear`.
type Clear = (Address, Pid, Pid, Amount, Timestamp, Hash);

/// From ann to bob, 500 of `big`.
fn clear(register: &Fixture, until: u64, reference: &str) -> Clear {
    let (from, to) = (register.pid("ann"), register.pid("bob"));
    let (amount, until) = (Amount(500), Timestamp(until));
    (at("big"), from, to, amount, until, hash(reference))
}

/// Goal: who clears what beforehand, and withdraws it (1, 4, 5, 7, 8).
#[test]
fn codes_of_preclearances() {
    let mut register = precleared();
    let until = register.now() + 100;
    let good = clear(&register, until, "one");
    let (token, from, to, amount, time, reference) = good;
    let late = Timestamp(register.now() - 1);
    let entry = "preclear";
    for (who, arguments, code) in [
        ("compliance", (token, from, to, amount, late, reference), 7),
        ("compliance", (token, from, to, amount, time, Hash::ZERO), 7),
        (
            "compliance",
            (token, from, to, Amount::ZERO, time, reference),
            8,
        ),
        ("operator", good, 1),
        (
            "compliance",
            (token, Pid(99), to, amount, time, reference),
            4,
        ),
        (
            "compliance",
            (at("none"), from, to, amount, time, reference),
            4,
        ),
        ("compliance", good, 0),
        ("compliance", good, 5),
    ] {
        assert_eq!(register.both(who, entry, &arguments), code, "{arguments:?}");
    }
    assert_eq!(register.both("bob", "decline", &1_u64), 1);
    assert_eq!(register.both("compliance", "decline", &99_u64), 4);
    assert_eq!(register.both("compliance", "decline", &1_u64), 0);
    assert_eq!(register.both("compliance", "decline", &1_u64), 4);
    let movement = Fixture::moved("big", "ann", "bob", 500);
    assert_eq!(register.move_code(movement), 114, "withdrawn");
}

/// Goal: above a bound a move takes a preclearance: exact pair, up to its amount and second, once (114).
#[test]
fn code_114_preclearance_is_good_for_one_move() {
    let mut register = precleared();
    let until = register.now() + 100;
    let big = |from, to, amount| Fixture::moved("big", from, to, amount);
    assert_eq!(register.move_code(big("ann", "bob", 100)), 0);
    assert_eq!(register.move_code(big("ann", "bob", 101)), 114);
    let one = clear(&register, until, "one");
    register.done("compliance", "preclear", &one);
    for movement in [
        big("bob", "ann", 101),
        big("ann", "cat", 101),
        big("ann", "bob", 501),
    ] {
        assert_eq!(register.move_code(movement), 114, "{movement:?}");
    }
    assert_eq!(register.admit("big", big("ann", "bob", 500)), 0);
    assert_eq!(
        register.admit("big", big("ann", "bob", 500)),
        114,
        "used up"
    );
    let two = clear(&register, until, "two");
    register.done("compliance", "preclear", &two);
    register.at_time(until);
    assert_eq!(register.move_code(big("ann", "bob", 500)), 0);
    register.at_time(until + 1);
    assert_eq!(register.move_code(big("ann", "bob", 500)), 114, "over");
}

/// Goal: above a bound the parties must have told each other who they are (115).
#[test]
fn code_115_travel_rule() {
    let mut register = Fixture::new();
    let travel_rule_above = Some(Amount(100));
    register.set_rules(
        "told",
        RuleSet {
            travel_rule_above,
            ..open_rules()
        },
    );
    assert_eq!(
        register.move_code(Fixture::moved("told", "ann", "bob", 100)),
        0
    );
    let movement = Fixture::moved("told", "ann", "bob", 101);
    assert_eq!(register.move_code(movement), 115);
    assert_eq!(
        register.move_code(Move {
            memo: Some(DOC),
            ..movement
        }),
        0
    );
}

/// Goal: a token for markets only moves by the hand of an authorised market or of a system (116).
#[test]
fn code_116_venue_only() {
    let mut register = Fixture::new();
    register.vet("desk", PartyKind::System, Residency::Resident, *b"RU");
    register.set_rules(
        "listed",
        RuleSet {
            venue_only: true,
            ..open_rules()
        },
    );
    let by = |path| Move {
        path,
        ..Fixture::moved("listed", "ann", "bob", 1)
    };
    assert_eq!(register.move_code(by(Path::Own)), 116);
    assert_eq!(register.move_code(by(Path::Delegate(at("desk")))), 116);
    assert_eq!(register.move_code(by(Path::Hold(at("desk")))), 0);
    assert_eq!(register.move_code(by(Path::Hold(at("cat")))), 116);
    register.authorise("cat", AuthorisationKind::ExchangeOperator);
    assert_eq!(register.move_code(by(Path::Hold(at("cat")))), 0);
    register.world.advance(86_401);
    assert_eq!(
        register.move_code(by(Path::Hold(at("cat")))),
        116,
        "authorised no more"
    );
}

/// Goal: an issue has no sender; its receiver is checked as a buyer.
#[test]
fn an_issue_checks_the_receiver() {
    let mut register = Fixture::new();
    register.set_rules(
        "home",
        RuleSet {
            allow: [country(*b"RU")].into(),
            venue_only: true,
            ..open_rules()
        },
    );
    let issue = |to: &str| Move {
        from: weighhouse_primitives::Address::ZERO,
        path: Path::Issue,
        ..Fixture::moved("home", "nobody", to, 1)
    };
    assert_eq!(register.move_code(issue("ann")), 0);
    assert_eq!(register.move_code(issue("bob")), 106);
    assert_eq!(register.move_code(issue("nobody")), 100);
    let verdict = register.explain(issue("ann"));
    assert_eq!(
        (verdict.from, verdict.to),
        (None, Some(register.pid("ann")))
    );
}
