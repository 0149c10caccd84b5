//! The token behind the real register: every message that moves units, dry and wet, in random states; and
//! what holders ask first, out-of-date knowledge and the travel rule.

use crate::fixture::{NO_MEMO, at};
use std::collections::{BTreeMap, BTreeSet};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::interface::{Direction, PartyKind, Purpose, Residency};
use weighhouse_testkit::library::{DOC, Part, TRADE, rules};
use weighhouse_testkit::{Dice, Library, UnderTest};

const NAMES: [&str; 5] = ["importer", "exporter", "confirmer", "ann", "bob"];

/// A library whose money has a notary that is a system, and that a contract of its register redeems.
fn market() -> Library {
    let mut on = Library::trading();
    on.vet("vault", PartyKind::System, Residency::Resident, *b"RU");
    let registrar = (Role::Registrar, at("vault"));
    on.on(Part::Money).done("admin", "grant_role", &registrar);
    on.mint(Part::Money, "ann", 1_000);
    on
}

/// One random act of officers, which changes what moves are judged by; and time passes.
fn stir(on: &mut Library, random: &mut Dice, orders: &mut Vec<u64>) {
    let name = NAMES[usize::try_from(random.below(5)).expect("small")];
    match random.below(9) {
        0 if orders.len() < 2 => {
            orders.push(on.freeze_amount(name, Part::Money, 20));
        }
        1 if orders.len() < 2 => orders.push(on.freeze(name, Direction::InOut)),
        2..=4 if !orders.is_empty() => {
            let order = orders.remove(0);
            let lift = (order, DOC);
            on.on(Part::Register).code("enforcer", "lift_freeze", &lift);
        }
        5 => on.pass(100),
        _ => {}
    }
}

/// A random message; its name and the code that both answers agree on.
#[expect(
    clippy::too_many_lines,
    reason = "a table: one arm for each message that moves money"
)]
fn message(on: &mut Library, random: &mut Dice, orders: &[u64]) -> (&'static str, u16) {
    let mut name = || NAMES[usize::try_from(random.below(5)).expect("small")];
    let (who, from, to) = (name(), name(), name());
    let kind = random.below(18);
    let amount = Amount(u128::from(random.below(60)));
    let id = random.below(24);
    let order = orders.last().copied().unwrap_or(1);
    let live = on.world.time.saturating_add(700);
    let terms = (
        None::<Address>,
        amount,
        at("vault"),
        live,
        Purpose::General,
        DOC,
    );
    let mut money = on.on(Part::Money);
    match kind {
        0 => (
            "transfer",
            money.both(from, "transfer", &(at(to), amount, NO_MEMO)),
        ),
        1 => {
            let payments = vec![(at(to), amount, NO_MEMO), (at(who), amount, NO_MEMO)];
            (
                "batch_transfer",
                money.both(from, "batch_transfer", &payments),
            )
        }
        2 => (
            "approve",
            money.both(from, "approve", &(at(who), amount, live)),
        ),
        3 => {
            let take = (at(from), at(to), amount, NO_MEMO);
            ("transfer_from", money.both(who, "transfer_from", &take))
        }
        4 => {
            let issue = (at(to), amount, DOC, None::<Timestamp>);
            ("mint", money.both("minter", "mint", &issue))
        }
        5 => (
            "burn",
            money.both("vault", "burn", &(at(from), amount, DOC)),
        ),
        6 | 7 => ("create_hold", money.both(from, "create_hold", &terms)),
        8 => {
            let (to, amount, notary, expiry, purpose, reference) = terms;
            let all = (at(from), to, amount, notary, expiry, purpose, reference);
            (
                "create_hold_from",
                money.both(who, "create_hold_from", &all),
            )
        }
        9 | 10 => {
            let execute = (id, at(to), amount, id.is_multiple_of(2));
            (
                "execute_hold",
                money.both("vault", "execute_hold", &execute),
            )
        }
        11 => {
            let licensed = (id, at(to), amount, order, DOC);
            let code = money.both("vault", "execute_hold_licensed", &licensed);
            ("execute_hold_licensed", code)
        }
        12 => (
            "burn_hold",
            money.both("vault", "burn_hold", &(id, amount, DOC)),
        ),
        13 => (
            "release_hold",
            money.both("vault", "release_hold", &(id, amount)),
        ),
        14 => ("reclaim_hold", money.both("bob", "reclaim_hold", &id)),
        15 => {
            let take = (at(from), at(to), amount, order, DOC);
            (
                "forced_transfer",
                money.both("enforcer", "forced_transfer", &take),
            )
        }
        16 => {
            let take = (at(from), amount, order, DOC);
            ("forced_burn", money.both("enforcer", "forced_burn", &take))
        }
        _ => {
            let pay = (at(to), amount, Purpose::TradeSettlement, Some(TRADE));
            let code = on.on(Part::Unit).both(from, "transfer_for", &pay);
            ("transfer_for", code)
        }
    }
}

/// Goal: over random states every message that moves units answers dry what it answers wet; each is made
/// and refused, and many different codes occur.
#[test]
fn dry_run_equals_execution_of_every_message() {
    let (mut on, mut random) = (market(), Dice::new(23));
    for name in NAMES {
        on.mint(Part::Money, name, 1_000);
    }
    let mut orders = Vec::new();
    let mut seen: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    let mut codes = BTreeSet::new();
    for _ in 0..260 {
        stir(&mut on, &mut random, &mut orders);
        let (name, code) = message(&mut on, &mut random, &orders);
        seen.entry(name).or_default().insert(code == 0);
        codes.insert(code);
    }
    assert_eq!(seen.len(), 16, "every message: {seen:?}");
    let both = seen.values().filter(|answers| answers.len() == 2).count();
    assert!(both >= 10, "made and refused: {seen:?}");
    assert!(codes.len() >= 10, "{codes:?}");
}

/// Goal: out-of-date knowledge of a holder does not trap it: it sets units aside and they go where knowledge
/// is fresh; who gets them is judged when it is known, at the hold or at the execution (104).
#[test]
fn code_104_a_hold_is_a_way_out() {
    let mut on = market();
    let soon = on.world.time.saturating_add(10);
    for name in ["ann", "bob"] {
        let renew = (on.pid(name), soon, 1_u8, DOC);
        on.on(Part::Register).done("compliance", "approve", &renew);
    }
    on.pass(11);
    let expiry = on.world.time.saturating_add(1_000);
    let to = |to: Option<&str>| {
        (
            to.map(at),
            Amount(50),
            at("vault"),
            expiry,
            Purpose::General,
            Hash::ZERO,
        )
    };
    let mut money = on.on(Part::Money);
    assert_eq!(money.both("ann", "create_hold", &to(Some("bob"))), 104);
    assert_eq!(money.both("ann", "create_hold", &to(Some("exporter"))), 0);
    assert_eq!(money.both("ann", "create_hold", &to(None)), 0);
    assert_eq!(
        money.both(
            "vault",
            "execute_hold",
            &(2_u64, at("bob"), Amount(50), false)
        ),
        104
    );
    assert_eq!(
        money.both(
            "vault",
            "execute_hold",
            &(2_u64, at("exporter"), Amount(50), false)
        ),
        0
    );
}

/// Goal: above the threshold of the travel rule a move takes a commitment: the memo of a transfer, the
/// reference of a hold, the trade of a fenced move; where a fenced move has no trade, that argument carries
/// the commitment. The register answers `check_move` alike (115).
#[test]
fn code_115_every_way_can_carry_a_commitment() {
    let mut on = market();
    for (part, fenced) in [(Part::Money, false), (Part::Unit, true)] {
        let mut tight = rules(fenced);
        tight.travel_rule_above = Some(Amount(100));
        on.set_rules(part, tight);
    }
    let mut money = on.on(Part::Money);
    assert_eq!(
        money.both("ann", "transfer", &(at("bob"), Amount(101), NO_MEMO)),
        115
    );
    assert_eq!(
        money.both("ann", "transfer", &(at("bob"), Amount(100), NO_MEMO)),
        0
    );
    assert_eq!(
        money.both("ann", "transfer", &(at("bob"), Amount(101), Some(DOC))),
        0
    );
    let expiry = on.world.time.saturating_add(1_000);
    let hold = |reference: Hash| {
        let to = Some(at("bob"));
        (
            to,
            Amount(101),
            at("vault"),
            expiry,
            Purpose::General,
            reference,
        )
    };
    let mut money = on.on(Part::Money);
    assert_eq!(money.both("ann", "create_hold", &hold(Hash::ZERO)), 115);
    assert_eq!(money.both("ann", "create_hold", &hold(DOC)), 0);
    let pay = (
        at("exporter"),
        Amount(500),
        Purpose::TradeSettlement,
        Some(TRADE),
    );
    let unit = on.contracts.unit.address;
    let own = 0_u8;
    let moved = (unit, at("importer"), pay.0, pay.1, (own, pay.2, pay.3));
    assert_eq!(on.ask::<u16>(Part::Register, "check_move", &moved), 0);
    assert_eq!(on.on(Part::Unit).both("importer", "transfer_for", &pay), 0);
    on.vet("second elr", PartyKind::Legal, Residency::Resident, *b"RU");
    let kind = weighhouse_standard::interface::AuthorisationKind::ElrOperator;
    on.authorise("second elr", kind);
    let clear = (unit, on.pid("elr"), on.pid("second elr"));
    let until = on.world.time.saturating_add(1_000);
    let clear = (clear, Amount(500), until, DOC);
    on.on(Part::Register).done("compliance", "preclear", &clear);
    let without = (at("second elr"), Amount(500), Purpose::General, NO_MEMO);
    assert_eq!(on.on(Part::Unit).both("elr", "transfer_for", &without), 115);
    let told = (at("second elr"), Amount(500), Purpose::General, Some(DOC));
    assert_eq!(on.on(Part::Unit).both("elr", "transfer_for", &told), 0);
}
