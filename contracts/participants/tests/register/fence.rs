//! The ring fence around foreign-trade units, (i) to (vi), and the budget of trades.

use crate::fixture::{DOC, Fixture, TRADE, UnderTest, WORTH, at, hash, open_rules};
use weighhouse_primitives::{Amount, Timestamp};
use weighhouse_standard::interface::{
    Move, PartyKind, Purpose, Residency, RuleSet, ScreeningResult, TradeState,
};

const SETTLE: Purpose = Purpose::TradeSettlement;
const FUND: Purpose = Purpose::ImportFunding;
const CONVERT: Purpose = Purpose::ExportConversion;
const MINED: Purpose = Purpose::MinedSale { lot: 1 };
const GENERAL: Purpose = Purpose::General;

/// Goal: every pair of resident, non-resident and operator has exactly the purposes of the matrix.
#[test]
fn codes_107_116_of_the_matrix() {
    let mut register = Fixture::trading();
    register.vet("far", PartyKind::Legal, Residency::NonResident, *b"IN");
    for (from, to, purpose, code) in [
        // (i) residents, neither an operator
        ("imp", "ann", SETTLE, 107),
        ("ann", "cat", GENERAL, 107),
        // (ii) non-residents
        ("bob", "far", SETTLE, 107),
        // (iii) a resident to an operator
        ("imp", "op", GENERAL, 116),
        ("imp", "op", SETTLE, 116),
        ("imp", "op", CONVERT, 116),
        ("imp", "op", MINED, 116),
        // (iv) an operator to a resident
        ("op", "imp", FUND, 0),
        ("op", "imp", SETTLE, 116),
        ("op", "ann", FUND, 116),
        // (v) across the border
        ("imp", "bob", SETTLE, 0),
        ("bob", "imp", SETTLE, 116),
        ("imp", "bob", GENERAL, 116),
        ("imp", "far", SETTLE, 116),
        ("ann", "bob", SETTLE, 116),
        ("op", "bob", FUND, 116),
        ("bob", "op", CONVERT, 116),
        // (vi) operators
        ("op", "second op", GENERAL, 114),
    ] {
        let movement = Fixture::fenced(from, to, 1, purpose);
        assert_eq!(
            register.move_code(movement),
            code,
            "{from} to {to}: {purpose:?}"
        );
    }
    let unnamed = Move {
        trade_ref: None,
        ..Fixture::fenced("imp", "bob", 1, SETTLE)
    };
    assert_eq!(register.move_code(unnamed), 116, "without a trade");
    let unknown = Move {
        trade_ref: Some(DOC),
        ..unnamed
    };
    assert_eq!(register.move_code(unknown), 116);
    register.bind("imp", "imp too");
    assert_eq!(
        register.move_code(Fixture::fenced("imp", "imp too", 1, GENERAL)),
        0,
        "one owner"
    );
}

/// Goal: a resident exporter brings proceeds to an operator under its own trade, and a miner sells where
/// the token names a register of provenance.
#[test]
fn conversion_and_mined_sale() {
    let mut register = Fixture::trading();
    let mined = RuleSet {
        ring_fenced: true,
        provenance: Some(at("miners")),
        ..open_rules()
    };
    register.set_rules("mined", mined);
    let export = hash("export");
    let terms = register.trade_terms(export, "imp", "bob");
    register.done("bank", "register_trade", &terms);
    let convert = Move {
        trade_ref: Some(export),
        ..Fixture::fenced("imp", "op", 700, CONVERT)
    };
    assert_eq!(register.admit("fenced", convert), 0);
    assert_eq!(
        register.move_code(Move {
            from: at("ann"),
            ..convert
        }),
        116,
        "another's trade"
    );
    assert_eq!(
        register.trade(export).settled,
        Amount::ZERO,
        "conversion settles nothing"
    );
    let sale = Move {
        token: at("mined"),
        ..Fixture::fenced("ann", "op", 5, MINED)
    };
    let verdict = register.explain(sale);
    assert_eq!((verdict.code, verdict.provenance), (0, Some(at("miners"))));
    let fenced = Move {
        token: at("fenced"),
        ..sale
    };
    assert_eq!(
        register.move_code(fenced),
        116,
        "nobody keeps lots for this token"
    );
}

/// Goal: operators move units to each other with a preclearance only, and a move of nothing leaves it.
#[test]
fn code_114_between_operators() {
    let mut register = Fixture::trading();
    let movement = Fixture::fenced("op", "second op", 10, GENERAL);
    assert_eq!(register.admit("fenced", movement), 114);
    let pair = (register.pid("op"), register.pid("second op"));
    let until = Timestamp(register.now() + 10);
    let clear = (
        at("fenced"),
        pair.0,
        pair.1,
        Amount(10),
        until,
        hash("clear"),
    );
    register.done("compliance", "preclear", &clear);
    let nothing = Fixture::fenced("op", "second op", 0, GENERAL);
    assert_eq!(register.admit("fenced", nothing), 0);
    assert_eq!(register.admit("fenced", movement), 0);
    assert_eq!(register.admit("fenced", movement), 114);
}

/// Goal: an operator that lost its authorisation is a resident like others.
#[test]
fn code_107_an_operator_is_one_while_authorised() {
    let mut register = Fixture::trading();
    let movement = Fixture::fenced("op", "imp", 1, FUND);
    assert_eq!(register.move_code(movement), 0);
    let kind = weighhouse_standard::interface::AuthorisationKind::ElrOperator;
    register.done(
        "regulator",
        "suspend_authorisation",
        &(register.pid("op"), kind, DOC),
    );
    assert_eq!(register.move_code(movement), 107);
}

/// Goal: never more is paid than the trade is worth, nor more funded than is left to pay; what was funded
/// and paid can be funded again.
#[test]
fn i5_settled_never_exceeds_the_amount() {
    let mut register = Fixture::trading();
    let books = |register: &Fixture| {
        let trade = register.trade(TRADE);
        assert!(trade.settled <= trade.amount);
        (trade.settled.0, trade.funded.0)
    };
    let fund = |amount| Fixture::fenced("op", "imp", amount, FUND);
    let pay = |amount| Fixture::fenced("imp", "bob", amount, SETTLE);
    assert_eq!(register.admit("fenced", fund(WORTH + 1)), 116);
    assert_eq!(register.admit("fenced", fund(600)), 0);
    assert_eq!(register.admit("fenced", fund(401)), 116, "funded already");
    assert_eq!(register.admit("fenced", pay(600)), 0);
    assert_eq!(books(&register), (600, 0));
    assert_eq!(register.admit("fenced", fund(400)), 0);
    assert_eq!(register.admit("fenced", fund(1)), 116);
    assert_eq!(register.admit("fenced", pay(401)), 116);
    assert_eq!(register.admit("fenced", pay(0)), 0);
    assert_eq!(register.admit("fenced", pay(400)), 0);
    assert_eq!(books(&register), (WORTH, 0));
    assert_eq!(register.admit("fenced", pay(1)), 116, "used up");
    assert_eq!(register.admit("fenced", pay(u128::MAX)), 116);
}

/// Goal: a trade ends after its last second and when its bank closes it.
#[test]
fn a_trade_ends() {
    let mut register = Fixture::trading();
    let until = register.trade(TRADE).until;
    let pay = Fixture::fenced("imp", "bob", 1, SETTLE);
    register.at_time(until.0);
    assert_eq!(register.move_code(pay), 0);
    register.at_time(until.0 + 1);
    assert_eq!(register.move_code(pay), 116);
    let mut register = Fixture::trading();
    assert_eq!(register.both("bob", "close_trade", &TRADE), 1);
    assert_eq!(register.both("bank", "close_trade", &TRADE), 0);
    assert_eq!(register.trade(TRADE).state, TradeState::Closed);
    assert_eq!(register.move_code(pay), 116);
    assert_eq!(
        register.move_code(Fixture::fenced("op", "imp", 1, FUND)),
        116
    );
}

/// Goal: a hit on the goods stops payment under the trade, also in a token without a fence; a settlement
/// is held to its trade there too, other moves are free.
#[test]
fn code_102_a_hit_on_the_goods_stops_payment() {
    let mut register = Fixture::trading();
    let open = Move {
        token: at("token"),
        ..Fixture::fenced("imp", "bob", 400, SETTLE)
    };
    assert_eq!(register.admit("token", open), 0);
    assert_eq!(register.trade(TRADE).settled, Amount(400));
    assert_eq!(
        register.move_code(Move {
            amount: Amount(601),
            ..open
        }),
        116
    );
    let screening = (TRADE, 9_u32, 1_u64, ScreeningResult::Hit, DOC);
    register.done("screener", "record_trade_screening", &screening);
    assert_eq!(register.move_code(open), 102);
    assert_eq!(
        register.move_code(Fixture::fenced("op", "imp", 1, FUND)),
        102
    );
    assert_eq!(
        register.move_code(Fixture::moved("token", "imp", "bob", 5)),
        0
    );
}
