//! Execution of a hold under a licence: one order is passed over, nothing else, and what is received is
//! frozen.

use crate::fixture::{DOC, Fixture, TRADE, UnderTest, at};
use crate::token::Market;
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::interface::{
    Direction, FreezeState, FreezeView, Move, PartyKind, Path, Purpose, Residency, Scope,
    ScreeningResult,
};

/// A fenced market with a hold of 500 of the importer's units for the exporter, whose notary is a system.
fn held() -> (Market, u64) {
    let mut market = Market::new(true);
    assert_eq!(market.pay("op", "imp", 600, Purpose::ImportFunding), 0);
    let register = &mut market.register;
    register.vet("vault", PartyKind::System, Residency::Resident, *b"RU");
    let id = hold(&mut market, "vault");
    (market, id)
}

/// A hold of 250 of the importer's units; its number.
fn hold(market: &mut Market, notary: &str) -> u64 {
    let expiry = Timestamp(market.register.now() + 1_000);
    let purpose = Purpose::TradeSettlement;
    let terms = (
        None::<Address>,
        Amount(250),
        at(notary),
        expiry,
        purpose,
        TRADE,
    );
    let imp = weighhouse_testkit::Account::new("imp");
    let world = &mut market.register.world;
    let made = market.token.call(world, &imp, "create_hold", &terms);
    made.expect("a hold")
}

/// Arguments of `execute_hold_licensed` to the exporter.
fn licensed(id: u64, amount: u128, order: u64) -> (u64, Address, Amount, u64, Hash) {
    (id, at("bob"), Amount(amount), order, DOC)
}

const EXECUTE: &str = "execute_hold_licensed";

/// Goal: units reach a frozen exporter under a licence and are frozen there for the same sum, by an
/// order that the regulator alone lifts; the trade is booked as by any payment, the rest stays held.
#[test]
fn a_licensed_payment_arrives_frozen() {
    let (mut market, id) = held();
    let order = market.register.freeze("bob", Direction::InOut);
    let execute = (id, at("bob"), Amount(200), true);
    assert_eq!(market.code("vault", "execute_hold", &execute), 103);
    assert_eq!(market.code("vault", EXECUTE, &licensed(id, 200, order)), 0);
    assert_eq!((market.balance("bob"), market.budget()), (200, (200, 400)));
    let orders = market.register.orders_of("bob");
    let [party, blocked] = &orders[..] else {
        panic!("two orders: {orders:?}")
    };
    assert_eq!((party.id, party.state), (order, FreezeState::Active));
    let FreezeView {
        id: blocking,
        order: made,
        state,
    } = blocked.clone();
    let (pid, token) = (market.register.pid("bob"), market.token.address);
    let amount = Amount(200);
    assert_eq!(state, FreezeState::Active);
    assert_eq!(made.scope, Scope::Amount { pid, token, amount });
    assert_eq!((made.doc, made.by), (DOC, token));
    assert_eq!(made.authority, party.order.authority);
    let free: Amount = market
        .token
        .query(&market.register.world, "available_of", &at("bob"));
    assert_eq!(free, Amount::ZERO);
    assert_eq!(
        market
            .register
            .both("enforcer", "lift_freeze", &(blocking, DOC)),
        1
    );
    assert_eq!(
        market
            .register
            .both("regulator", "lift_freeze", &(blocking, DOC)),
        0
    );
    assert_eq!(market.code("vault", EXECUTE, &licensed(id, 51, order)), 200);
    assert_eq!(market.code("vault", EXECUTE, &licensed(id, 25, order)), 0);
    assert_eq!(
        market.code("vault", EXECUTE, &licensed(id, 25, order)),
        0,
        "another case"
    );
    assert_eq!(market.balance("bob"), 250);
}

/// Goal: the order must be in force, on a party of the move, and no other obstacle goes with it
/// (4, 6, 7, 17, 101, 102, 103, 104, 107, 108).
#[test]
fn codes_of_what_no_licence_passes() {
    let (mut market, id) = held();
    let order = market.register.freeze("bob", Direction::InOut);
    let other = market.register.freeze("ann", Direction::Out);
    let sum = market.register.freeze_amount("bob", "fenced", 5);
    let lifted = market.register.freeze("bob", Direction::Out);
    market
        .register
        .done("enforcer", "lift_freeze", &(lifted, DOC));
    let no_doc = (id, at("bob"), Amount(1), order, Hash::ZERO);
    for (code, arguments) in [
        (8, licensed(id, 0, order)),
        (17, no_doc),
        (4, licensed(99, 1, order)),
        (4, licensed(id, 1, 99)),
        (6, licensed(id, 1, lifted)),
        (7, licensed(id, 1, other)),
        (7, licensed(id, 1, sum)),
    ] {
        assert_eq!(
            market.code("vault", EXECUTE, &arguments),
            code,
            "{arguments:?}"
        );
    }
    assert_eq!(market.code("ann", EXECUTE, &licensed(id, 1, order)), 1);
    let second = market.register.freeze("imp", Direction::Out);
    assert_eq!(
        market.code("vault", EXECUTE, &licensed(id, 1, order)),
        103,
        "two orders"
    );
    market
        .register
        .done("enforcer", "lift_freeze", &(second, DOC));
    let fenced_in = (id, at("cat"), Amount(1), order, DOC);
    assert_eq!(
        market.code("vault", EXECUTE, &fenced_in),
        7,
        "on neither party"
    );
    let plain = hold(&mut market, "op");
    assert_eq!(
        market.code("op", EXECUTE, &licensed(plain, 1, order)),
        108,
        "no system"
    );
    market.register.screen("bob", ScreeningResult::Hit);
    assert_eq!(market.code("vault", EXECUTE, &licensed(id, 1, order)), 102);
}

/// Goal: out-of-date knowledge of the receiver and a pause of the register stop a licensed payment too;
/// a licence on the sender's side works like one on the receiver's.
#[test]
fn codes_2_and_104_stop_licensed_payments() {
    let (mut market, id) = held();
    let order = market.register.freeze("imp", Direction::InOut);
    market.register.stop(false);
    assert_eq!(market.code("vault", EXECUTE, &licensed(id, 1, order)), 2);
    market.register.done("pauser", "unpause", &());
    assert_eq!(market.code("vault", EXECUTE, &licensed(id, 100, order)), 0);
    assert_eq!(market.balance("bob"), 100);
    let suspend = (market.register.pid("vault"), 1_u16, DOC);
    market.register.done("compliance", "suspend", &suspend);
    assert_eq!(market.code("vault", EXECUTE, &licensed(id, 1, order)), 101);
}

/// Goal: nobody but the token itself has a licensed move booked.
#[test]
fn code_1_only_the_token_asks_for_itself() {
    let mut register = Fixture::trading();
    let order = register.freeze("bob", Direction::InOut);
    let movement = Move {
        path: Path::Hold(at("vault")),
        ..Fixture::fenced("imp", "bob", 5, Purpose::TradeSettlement)
    };
    for (who, doc, code) in [
        ("imp", DOC, 1),
        ("fenced", Hash::ZERO, 17),
        ("fenced", DOC, 0),
    ] {
        assert_eq!(
            register.code(who, "admit_licensed", &(movement, order, doc)),
            code,
            "{who}"
        );
    }
    let frozen: Amount = register.ask("frozen_req", &(register.pid("bob"), at("fenced")));
    assert_eq!(frozen, Amount::ZERO, "a refused move freezes nothing");
    let none: Option<FreezeView> = register.ask("order", &(order + 1));
    assert_eq!(none, None);
}
