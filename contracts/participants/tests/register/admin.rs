//! Deployment, life cycle, roles, supervision.

use crate::fixture::{ADMIN_DELAY, DOC, Fixture, TRADE, UnderTest, at, hash, open_rules};
use participants::storage::Settings;
use participants::{MemberView, NamedTrade, OrderedProposal};
use weighhouse_primitives::{Action, Address, Amount, Hash, Outcome, Timestamp, abi};
use weighhouse_standard::flow::{FlowAt, FlowCursor, Tally};
use weighhouse_standard::interface::{
    Direction, FreezeView, PartyKind, Pid, Purpose, Residency, Scope, ScreeningResult,
};
use weighhouse_standard::journal::Act;
use weighhouse_standard::{PAGE_ITEMS_MAX, Role};
use weighhouse_testkit::world::input;
use weighhouse_testkit::{Account, Refused, World};

fn deployed(admin: Address, roles: &[(Role, Address)], utc_offset: i32) -> u16 {
    let mut world = World::new();
    let deployer = Account::new("deployer");
    let code = world.upload(&deployer, weighhouse_testkit::artifact("participants"));
    let settings = Settings {
        admin_delay: ADMIN_DELAY,
        rule_delay: 0,
        utc_offset,
    };
    let input = input("open", &(admin, roles.to_vec(), settings));
    let (salt, admin) = (Hash([1; 32]), None);
    match world
        .act(
            &deployer,
            Action::Deploy {
                code,
                salt,
                admin,
                input,
            },
        )
        .outcome
    {
        Outcome::Succeeded { .. } => 0,
        Outcome::Reverted { code, .. } => code,
        other @ Outcome::Halted(_) => panic!("{other:?}"),
    }
}

/// Goal: a register opens with an administrator, duties apart, on this earth (7, 16).
#[test]
fn codes_7_16_of_deployment() {
    let (admin, one) = (at("admin"), at("one"));
    assert_eq!(deployed(admin, &[], 10_800), 0);
    assert_eq!(deployed(Address::ZERO, &[], 10_800), 7);
    assert_eq!(deployed(admin, &[(Role::Admin, one)], 10_800), 7);
    assert_eq!(deployed(admin, &[], 50_401), 7);
    assert_eq!(
        deployed(admin, &[(Role::Compliance, one), (Role::Auditor, one)], 0),
        16
    );
}

/// Goal: a pause stops what opens the market and nothing that protects; the end leaves exits and queries
/// (2, 3; trap: freezing under pause is undefined elsewhere).
#[test]
fn codes_2_3_a_pause_stops_no_protection() {
    let mut register = Fixture::trading();
    register.vet("desk", PartyKind::System, Residency::Resident, *b"RU");
    let (ann, bob) = (register.pid("ann"), register.pid("bob"));
    for reference in ["a", "b"] {
        let reserve = (ann, 1_u16, Amount(1), hash(reference));
        register.done("desk", "limit_reserve", &reserve);
    }
    let before = register.freeze("bob", Direction::Out);
    register.stop(false);
    let candidate = (
        PartyKind::Legal,
        Residency::Resident,
        crate::fixture::country(*b"RU"),
        DOC,
    );
    let terms = register.trade_terms(hash("new"), "bob", "imp");
    assert_eq!(register.both("operator", "register", &candidate), 2);
    assert_eq!(
        register.both("operator", "add_wallet", &(ann, at("new"))),
        2
    );
    assert_eq!(register.both("bank", "register_trade", &terms), 2);
    assert_eq!(
        register.both("compliance", "set_rules", &(at("t"), open_rules())),
        2
    );
    let scope = Scope::Party {
        pid: ann,
        direction: Direction::InOut,
    };
    let order = register.order(scope, None);
    assert_eq!(register.both("enforcer", "order_freeze", &order), 0);
    assert_eq!(register.both("enforcer", "lift_freeze", &(before, DOC)), 0);
    let screening = (bob, 1_u32, 1_u64, ScreeningResult::Hit, DOC);
    assert_eq!(register.both("screener", "record_screening", &screening), 0);
    assert_eq!(
        register.both("compliance", "suspend", &(bob, 1_u16, DOC)),
        0
    );
    assert_eq!(register.both("compliance", "lock_wallet", &at("ann")), 0);
    assert_eq!(register.both("desk", "limit_release", &hash("a")), 0);
    register.done("admin", "deactivate", &DOC);
    let order = register.order(scope, None);
    assert_eq!(register.both("enforcer", "order_freeze", &order), 3);
    assert_eq!(register.both("operator", "register", &candidate), 3);
    assert_eq!(register.both("compliance", "close", &(bob, 1_u16, DOC)), 3);
    assert_eq!(
        register.both("desk", "limit_release", &hash("b")),
        0,
        "an exit"
    );
    assert_eq!(register.ask::<Option<Pid>>("pid_of", &at("ann")), Some(ann));
}

/// Goal: a new administrator takes over from the second on at which the delay ends (11).
#[test]
fn code_11_an_administrator_takes_over_after_the_delay() {
    let mut register = Fixture::empty();
    register.done("admin", "propose_admin", &at("next"));
    let from = register.now() + ADMIN_DELAY;
    for (time, code) in [(from - 1, 11), (from, 0)] {
        register.at_time(time);
        assert_eq!(register.code("next", "accept_admin", &()), code);
    }
    let grant = (Role::Minter, at("x"));
    assert_eq!(
        register.code("admin", "grant_role", &grant),
        1,
        "the old one is out"
    );
}

/// A register in which the importer has paid 100, 50 and 25 in three steps of ten seconds.
fn paid() -> (Fixture, Timestamp) {
    let mut register = Fixture::trading();
    let start = Timestamp(register.now());
    for amount in [100, 50, 25] {
        register.world.advance(10);
        let pay = Fixture::fenced("imp", "bob", amount, Purpose::TradeSettlement);
        assert_eq!(register.admit("fenced", pay), 0);
    }
    (register, start)
}

/// Goal: supervisors, and only they, page through all there is (1, 13).
#[test]
fn supervisors_see_everything() {
    let (mut register, _) = paid();
    let order = register.freeze("ann", Direction::Out);
    register.done("compliance", "suspend", &(register.pid("cat"), 1_u16, DOC));
    let reinstate = (register.pid("cat"), 1_u16, DOC);
    register.done("compliance", "propose_reinstate", &reinstate);
    for who in ["regulator", "auditor"] {
        let page: Vec<MemberView> = register
            .ask_as(who, "reg_positions", &(Some(Pid(1)), 2_u32))
            .expect("a page");
        assert_eq!(
            page.iter().map(|view| view.pid.0).collect::<Vec<_>>(),
            [2, 3]
        );
        assert_eq!(page[0].wallets, [at("cat")]);
        let orders: Vec<FreezeView> = register
            .ask_as(who, "reg_orders", &(None::<u64>, 10_u32))
            .expect("a page");
        assert_eq!(
            orders.iter().map(|view| view.id).collect::<Vec<_>>(),
            [order]
        );
        let acts: Vec<OrderedProposal> = register
            .ask_as(who, "reg_inflight", &(None::<u64>, 10_u32))
            .expect("a page");
        assert_eq!(acts.len(), 1);
        let trades: Vec<NamedTrade> = register
            .ask_as(who, "reg_trades", &(None::<Hash>, 10_u32))
            .expect("a page");
        assert_eq!((trades[0].0, trades[0].1.settled), (TRADE, Amount(175)));
    }
    let refused = |entry: &str, limit: u32| {
        register.ask_as::<Vec<FreezeView>>("compliance", entry, &(None::<u64>, limit))
    };
    assert_eq!(refused("reg_orders", 10), Err(Refused::Code(1)));
    assert_eq!(
        refused("reg_orders", PAGE_ITEMS_MAX + 1),
        Err(Refused::Code(13))
    );
}

/// Goal: movements of a participant come in pages of any span of time, and the report of a month adds up.
#[test]
fn flows_and_reports_add_up() {
    let (register, start) = paid();
    let (bob, end) = (register.pid("bob"), Timestamp(register.now()));
    let flows = |from, to, after: Option<FlowCursor>, limit: u32| {
        register
            .ask_as::<Vec<FlowAt>>("regulator", "reg_flows", &(bob, from, to, after, limit))
            .expect("a page")
    };
    let amounts = |page: &[FlowAt]| page.iter().map(|at| at.flow.amount.0).collect::<Vec<_>>();
    let all = flows(start, end, None, 10);
    assert_eq!(amounts(&all), [100, 50, 25]);
    assert!(
        all.iter()
            .all(|at| !at.flow.out && at.flow.with == Some(register.pid("imp")))
    );
    let first = FlowCursor {
        at: all[0].at,
        seq: all[0].seq,
    };
    assert_eq!(amounts(&flows(start, end, Some(first), 1)), [50]);
    assert_eq!(
        amounts(&flows(all[1].at, all[1].at, None, 10)),
        [50],
        "both ends included"
    );
    let kind = abi::selector("TradeSettled");
    let tally: Tally = register
        .ask_as("auditor", "reg_report", &(kind, 202_601_u32))
        .expect("a report");
    assert_eq!((tally.count, tally.total), (3, Amount(175)));
}

/// Goal: privileged acts are logged with who, when and on which document.
#[test]
fn privileged_acts_are_logged() {
    let mut register = Fixture::new();
    let order = register.freeze("ann", Direction::Out);
    register.done("regulator", "lift_freeze", &(order, hash("decision")));
    let acts: Vec<Act> = register.ask("audit", &(0_u64, 100_u32));
    let [.., ordered, lifted] = &acts[..] else {
        panic!("two acts: {acts:?}")
    };
    assert_eq!(
        (ordered.by, ordered.kind),
        (at("enforcer"), abi::selector("FreezeOrdered"))
    );
    assert_eq!((lifted.by, lifted.doc), (at("regulator"), hash("decision")));
}
