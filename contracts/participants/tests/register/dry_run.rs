//! A dry run answers what execution answers, over random states.

use crate::fixture::{DOC, Fixture, TRADE, UnderTest, at, hash, open_rules};
use weighhouse_primitives::{Amount, Timestamp};
use weighhouse_standard::interface::{
    AnnualLimit, AuthorisationKind, Direction, Move, PartyKind, Path, Purpose, Residency, RuleSet,
    Scope, ScreeningResult, Velocity,
};
use weighhouse_testkit::Dice;

const PARTIES: [&str; 7] = ["ann", "bob", "imp", "op", "second op", "cat", "nobody"];

/// One random act that changes what moves are judged by.
fn stir(register: &mut Fixture, random: &mut Dice, step: u64) {
    let name = random.pick(&PARTIES[..5]);
    let pid = register.pid(name);
    match random.below(9) {
        0 => {
            let direction = random.pick(&[Direction::Out, Direction::InOut]);
            let until = Some(Timestamp(register.now() + 40));
            let scope = Scope::Party { pid, direction };
            let order = (
                scope,
                hash("court"),
                hash(&format!("case {step}")),
                DOC,
                until,
            );
            register.both("enforcer", "order_freeze", &order);
        }
        1 => {
            let result = random.pick(&[ScreeningResult::Clear, ScreeningResult::Hit]);
            register.both(
                "screener",
                "record_screening",
                &(pid, 1_u32, 1_u64, result, DOC),
            );
        }
        2 => {
            let id: Result<u64, _> = register.call("compliance", "propose_clear_hit", &(pid, DOC));
            if let Ok(id) = id {
                register.both("second compliance", "approve_clear_hit", &id);
            }
        }
        3 => {
            register.both("compliance", "suspend", &(pid, 1_u16, DOC));
        }
        4 | 5 => {
            let reinstate = (pid, 1_u16, DOC);
            let id: Result<u64, _> = register.call("compliance", "propose_reinstate", &reinstate);
            if let Ok(id) = id {
                register.both("second compliance", "approve_reinstate", &id);
            }
        }
        6 => {
            let pair = (pid, register.pid(random.pick(&PARTIES[..5])));
            let until = Timestamp(register.now() + 60);
            let token = at(random.pick(&["token", "fenced"]));
            let reference = hash(&format!("request {step}"));
            let clear = (token, pair.0, pair.1, Amount(300), until, reference);
            register.both("compliance", "preclear", &clear);
        }
        7 => {
            let kind = AuthorisationKind::ElrOperator;
            let entry = random.pick(&["suspend_authorisation", "revoke_authorisation"]);
            let pid = register.pid("second op");
            if register.both("regulator", entry, &(pid, kind, DOC)) != 0 {
                register.authorise("second op", kind);
            }
        }
        _ => register.world.advance(30),
    }
}

/// Goal: what `explain_move` and `check_move` say before is what `admit_move` does, and every `check_` twin
/// tells the code of its message, over random states; many different codes occur.
#[test]
fn dry_run_equals_execution() {
    let (mut register, mut random) = (Fixture::trading(), Dice::new(9));
    let rules = RuleSet {
        velocity: [Velocity {
            window: 200,
            amount: Amount(600),
        }]
        .into(),
        preclear_above: Some(Amount(250)),
        travel_rule_above: Some(Amount(200)),
        ..open_rules()
    };
    register.set_rules("token", rules);
    let mut seen = std::collections::BTreeSet::new();
    for step in 0..240 {
        stir(&mut register, &mut random, step);
        let token = random.pick(&["token", "fenced"]);
        let (from, to) = (random.pick(&PARTIES), random.pick(&PARTIES));
        let actor = at(random.pick(&PARTIES));
        let movement = Move {
            path: random.pick(&[
                Path::Own,
                Path::Own,
                Path::Delegate(actor),
                Path::Hold(actor),
            ]),
            purpose: random.pick(&[
                Purpose::General,
                Purpose::TradeSettlement,
                Purpose::ImportFunding,
                Purpose::ExportConversion,
            ]),
            trade_ref: random.pick(&[Some(TRADE), Some(TRADE), None]),
            memo: random.pick(&[Some(DOC), None]),
            ..Fixture::moved(token, from, to, u128::from(random.below(300)))
        };
        seen.insert(register.move_code(movement));
        seen.insert(register.admit(token, movement));
    }
    for code in [0, 100, 101, 102, 103, 107, 116] {
        assert!(seen.contains(&code), "{code} never came: {seen:?}");
    }
}

/// Goal: twins of the messages about limits agree with them over random states.
#[test]
fn dry_run_of_limits() {
    let (mut register, mut random) = (Fixture::new(), Dice::new(10));
    register.vet("desk", PartyKind::System, Residency::Resident, *b"RU");
    let annual_limit = Some(AnnualLimit {
        class: 1,
        amount: Amount(500),
    });
    register.set_rules(
        "sold",
        RuleSet {
            annual_limit,
            ..open_rules()
        },
    );
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..60 {
        let pid = register.pid(random.pick(&["ann", "bob", "cat"]));
        let reference = hash(random.pick(&["a", "b", "c", "d"]));
        let amount = Amount(u128::from(random.below(300)));
        let code = match random.below(4) {
            0 => register.both("desk", "limit_commit", &reference),
            1 => register.both("desk", "limit_release", &reference),
            _ => register.both("desk", "limit_reserve", &(pid, 1_u16, amount, reference)),
        };
        seen.insert(code);
    }
    for code in [0, 4, 5, 110] {
        assert!(seen.contains(&code), "{code} never came: {seen:?}");
    }
}

/// Goal: a dry run changes nothing.
#[test]
fn a_dry_run_changes_nothing() {
    let register = Fixture::trading();
    let pay = Fixture::fenced("imp", "bob", 900, Purpose::TradeSettlement);
    for _ in 0..2 {
        assert_eq!(register.explain(pay).code, 0);
        let settled: Result<weighhouse_standard::interface::Verdict, _> = register
            .register
            .query_as(&register.world, at("fenced"), "explain_move", &pay);
        assert_eq!(settled.map(|verdict| verdict.code), Ok(0));
    }
    assert_eq!(register.trade(TRADE).settled, Amount::ZERO);
    assert_eq!(
        register.check("compliance", "suspend", &(register.pid("ann"), 1_u16, DOC)),
        0
    );
    assert_eq!(register.ask::<u16>("can_send", &at("ann")), 0);
}
