//! Trade contracts: registration, screening, closing.

use crate::fixture::{DOC, Fixture, TRADE, TradeArguments, UnderTest, events, hash};
use participants::event::{TradeFunded, TradeSettled};
use weighhouse_primitives::{Amount, Hash, Timestamp};
use weighhouse_standard::interface::{Currency, Direction, Pid, Purpose, ScreeningResult};

/// Goal: what a registration needs: shape, an authorised bank, vetted partners on both sides of the border,
/// a reference and a document of its own (1, 4, 5, 7, 8, 17, 18, 100, 103, 107).
#[test]
fn codes_of_registration() {
    let mut register = Fixture::trading();
    let good = register.trade_terms(hash("new"), "bob", "imp");
    let with = |change: &dyn Fn(&mut TradeArguments)| {
        let mut terms = good.clone();
        change(&mut terms);
        terms
    };
    let now = Timestamp(register.now());
    let (ann, imp) = (register.pid("ann"), register.pid("imp"));
    let cases: Vec<(&str, TradeArguments, u16)> = vec![
        ("bank", with(&|terms| terms.0 = Hash::ZERO), 7),
        ("bank", with(&|terms| terms.4 = Currency(*b"cny")), 7),
        ("bank", with(&|terms| terms.5 = String::new()), 7),
        ("bank", with(&|terms| terms.5 = "2709x".into()), 7),
        ("bank", with(&|terms| terms.7 = now), 7),
        ("bank", with(&|terms| terms.3 = Amount::ZERO), 8),
        ("bank", with(&|terms| terms.5 = "1".repeat(65)), 13),
        ("bank", with(&|terms| terms.6 = Hash::ZERO), 17),
        ("imp", good.clone(), 1),
        ("operator", good.clone(), 1),
        ("bank", with(&|terms| terms.1 = Pid(99)), 4),
        ("bank", with(&|terms| terms.0 = TRADE), 5),
        ("bank", with(&|terms| terms.6 = Hash::of(&TRADE.0)), 18),
        ("bank", with(&|terms| (terms.1, terms.2) = (ann, imp)), 107),
    ];
    for (who, terms, code) in cases {
        assert_eq!(
            register.both(who, "register_trade", &terms),
            code,
            "{who}: {terms:?}"
        );
    }
    let order = register.freeze("imp", Direction::Out);
    assert_eq!(register.both("bank", "register_trade", &good), 103);
    register.done("enforcer", "lift_freeze", &(order, DOC));
    register.freeze("bank", Direction::InOut);
    assert_eq!(
        register.both("bank", "register_trade", &good),
        1,
        "a frozen bank acts for nobody"
    );
}

/// Goal: a bank acts while it is authorised, and on trades of its own.
#[test]
fn a_bank_closes_its_own_trades() {
    let mut register = Fixture::trading();
    let kind = weighhouse_standard::interface::AuthorisationKind::AuthorisedInstitution;
    register.authorise("op", kind);
    assert_eq!(
        register.both("op", "close_trade", &TRADE),
        1,
        "another bank"
    );
    assert_eq!(register.both("bank", "close_trade", &DOC), 4);
    register.world.advance(86_401);
    assert_eq!(
        register.both("bank", "close_trade", &TRADE),
        1,
        "authorised no more"
    );
    assert_eq!(register.both("regulator", "close_trade", &TRADE), 0);
    assert_eq!(register.both("regulator", "close_trade", &TRADE), 6);
}

/// Goal: goods are screened; a hit stays until a later version of the list (1, 4, 7, 17).
#[test]
fn goods_are_screened() {
    let mut register = Fixture::trading();
    let entry = "record_trade_screening";
    let of = |version: u64, result| (TRADE, 1_u32, version, result, DOC);
    let bare = (TRADE, 1_u32, 1_u64, ScreeningResult::Clear, Hash::ZERO);
    assert_eq!(register.both("screener", entry, &bare), 17);
    assert_eq!(
        register.both("bank", entry, &of(1, ScreeningResult::Clear)),
        1
    );
    let unknown = (DOC, 1_u32, 1_u64, ScreeningResult::Clear, DOC);
    assert_eq!(register.both("screener", entry, &unknown), 4);
    assert_eq!(
        register.both("screener", entry, &of(2, ScreeningResult::Clear)),
        0
    );
    assert_eq!(
        register.both("screener", entry, &of(1, ScreeningResult::Clear)),
        7
    );
    assert_eq!(
        register.both("screener", entry, &of(2, ScreeningResult::Hit)),
        0
    );
    assert_eq!(
        register.both("screener", entry, &of(2, ScreeningResult::Clear)),
        7
    );
    assert_eq!(
        register.both("screener", entry, &of(3, ScreeningResult::Clear)),
        0
    );
}

/// Goal: funding and payment are reported, once each, with the books after them.
#[test]
fn budget_events_tell_the_books() {
    let mut register = Fixture::trading();
    let fund = Fixture::fenced("op", "imp", 600, Purpose::ImportFunding);
    let receipt = register.receipt("fenced", "admit_move", &fund);
    let [funded] = &events::<TradeFunded>(&receipt.events, "TradeFunded")[..] else {
        panic!("one event: {:?}", receipt.events)
    };
    assert_eq!((funded.amount, funded.funded), (Amount(600), Amount(600)));
    assert_eq!(funded.operator, register.pid("op"));
    let pay = Fixture::fenced("imp", "bob", 250, Purpose::TradeSettlement);
    let receipt = register.receipt("fenced", "admit_move", &pay);
    let [paid] = &events::<TradeSettled>(&receipt.events, "TradeSettled")[..] else {
        panic!("one event: {:?}", receipt.events)
    };
    assert_eq!((paid.settled, paid.funded), (Amount(250), Amount(350)));
    assert_eq!((receipt.events.len(), paid.seq), (1, funded.seq + 1));
}
