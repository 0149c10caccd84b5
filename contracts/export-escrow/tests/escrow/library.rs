//! The escrow among real contracts: register, fenced unit, money, registry of rights. No doubles.

use export_escrow::event::{Paid, Settled};
use export_escrow::regulator::Position;
use export_escrow::view::{CreditView, PresentationView};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::flow::{FlowAt, FlowCursor};
use weighhouse_standard::interface::{Direction, FreezeView, Pid, Scope, ScreeningResult};
use weighhouse_testkit::Library;
use weighhouse_testkit::UnderTest;
use weighhouse_testkit::library::{DAY, DOC, FUNDED, Part, TRADE, end_of_day};
use weighhouse_testkit::under_test::{at, events};

const NONE: Option<Hash> = None;

fn settled(library: &Library) -> u128 {
    library.trade(TRADE).settled.0
}

/// Goal: from two officers to payment, every contract the real one: an operator funds the importer, the
/// bank issues, the exporter's bill of lading is pledged and examined, and one transaction moves units, the
/// budget of the trade and control of the bill. A second honour finds nothing to pay.
#[test]
fn e2_e9_a_credit_from_funding_to_payment() {
    let mut on = Library::trading();
    assert_eq!(on.trade(TRADE).funded.0, FUNDED);
    let lc = on.credit(Part::Unit, 1_000);
    let (n, bill) = on.present(lc, 400);
    assert_eq!(on.controller(bill), Some(on.contracts.escrow.address));
    let honour = (lc, n);
    assert_eq!(
        on.on(Part::Escrow).both("ann", "honour", &honour),
        6,
        "not examined"
    );
    let verdict = (lc, n, 0_u8);
    on.on(Part::Escrow).done("bank", "examine", &verdict);
    let receipt = on.on(Part::Escrow).done("ann", "honour", &honour);
    let paid: Vec<Paid> = events(&receipt.events, "Paid");
    assert_eq!(paid.len(), 1);
    assert_eq!(
        (paid[0].to.pid, paid[0].amount),
        (on.pid("exporter"), Amount(400))
    );
    let [settlement] = &events::<Settled>(&receipt.events, "Settled")[..] else {
        panic!("one settlement")
    };
    assert_eq!(
        (settlement.drawn, settlement.returned),
        (Amount(400), Amount(0))
    );
    let from: Vec<Address> = receipt.events.iter().map(|event| event.contract).collect();
    for part in [Part::Escrow, Part::Unit, Part::Rights, Part::Register] {
        assert!(
            from.contains(&on.contract(part).address),
            "{part:?} moved in it"
        );
    }
    assert_eq!(on.balance(Part::Unit, "exporter"), 400);
    assert_eq!(on.balance(Part::Unit, "importer"), FUNDED - 400);
    assert_eq!(on.controller(bill), Some(at("importer")));
    let trade = on.trade(TRADE);
    assert_eq!((trade.settled.0, trade.funded.0), (400, FUNDED - 400));
    assert_eq!(
        on.on(Part::Escrow).both("ann", "honour", &honour),
        6,
        "paid already"
    );
    let (m, _) = on.complying(lc, 600);
    on.on(Part::Escrow).done("ann", "honour", &(lc, m));
    assert_eq!(
        (on.balance(Part::Unit, "exporter"), settled(&on)),
        (1_000, 1_000)
    );
    let held: Amount = on.ask(Part::Unit, "held_of", &at("importer"));
    assert_eq!(held, Amount::ZERO);
}

/// Goal: documents are late from the second after the last one for presenting.
#[test]
fn code_404_late_presentation() {
    let mut on = Library::trading();
    let lc = on.credit(Part::Unit, 1_000);
    let (offer, _) = on.offer(lc, 400);
    on.world.time = end_of_day(21);
    assert_eq!(on.on(Part::Escrow).check("exporter", "present", &offer), 0);
    on.pass(1);
    assert_eq!(on.on(Part::Escrow).both("exporter", "present", &offer), 404);
}

/// Goal: a hit on either party or on the goods stops a payment that is owed, a screening that grew old too;
/// two officers clear the hit and it goes through (102, 105).
#[test]
fn e10_codes_102_and_105_a_hit_stops_a_payment() {
    let mut on = Library::trading();
    let lc = on.credit(Part::Unit, 1_000);
    let honour = (lc, on.complying(lc, 400).0);
    for party in ["exporter", "importer"] {
        on.screen(party, ScreeningResult::Hit);
        assert_eq!(
            on.on(Part::Escrow).both("ann", "honour", &honour),
            102,
            "{party}"
        );
        let clear = (on.pid(party), DOC);
        let id: u64 = on
            .on(Part::Register)
            .call("compliance", "propose_clear_hit", &clear)
            .expect("proposed");
        assert_eq!(
            on.on(Part::Register)
                .both("compliance", "approve_clear_hit", &id),
            16
        );
        on.on(Part::Register)
            .done("second compliance", "approve_clear_hit", &id);
    }
    on.screen_goods(TRADE, ScreeningResult::Review);
    assert_eq!(
        on.on(Part::Escrow).both("ann", "honour", &honour),
        102,
        "goods"
    );
    on.screen_goods(TRADE, ScreeningResult::Clear);
    on.pass(31 * DAY);
    assert_eq!(
        on.on(Part::Escrow).both("ann", "honour", &honour),
        105,
        "what the unit asks"
    );
    on.screen_all();
    assert_eq!(on.on(Part::Escrow).both("ann", "honour", &honour), 0);
}

/// Goal: supervisors see positions and flows in every contract, nobody else does.
#[test]
fn supervisors_see_the_payment_everywhere() {
    let mut on = Library::trading();
    let lc = on.credit(Part::Unit, 1_000);
    let honour = (lc, on.complying(lc, 400).0);
    on.on(Part::Escrow).done("ann", "honour", &honour);
    let first: Option<u64> = None;
    let page = (first, 100_u32);
    assert_eq!(
        on.on(Part::Escrow)
            .ask_as::<Vec<Position>>("importer", "reg_positions", &page)
            .ok(),
        None
    );
    let positions: Vec<Position> = on
        .on(Part::Escrow)
        .ask_as("regulator", "reg_positions", &page)
        .expect("a page");
    assert_eq!(
        (positions[0].money.drawn, positions[0].money.held),
        (Amount(400), Amount(600))
    );
    let start: Option<FlowCursor> = None;
    let flows = (
        on.pid("exporter"),
        Timestamp(0),
        on.world.time,
        start,
        100_u32,
    );
    for part in [Part::Escrow, Part::Register] {
        let seen: Vec<FlowAt> = on
            .on(part)
            .ask_as("auditor", "reg_flows", &flows)
            .expect("a page");
        let paid: Vec<&FlowAt> = seen.iter().filter(|flow| !flow.flow.out).collect();
        assert_eq!(paid.len(), 1, "{part:?}");
        assert_eq!(
            (paid[0].flow.amount, paid[0].flow.with),
            (Amount(400), Some(on.pid("importer")))
        );
        assert_eq!(paid[0].flow.reference, TRADE);
    }
}

/// Goal: a confirming bank pays what the law stops on the importer's side, and is repaid out of the
/// importer's hold under the trade, which grows once (E9).
#[test]
fn e9_a_confirming_bank_is_repaid_under_the_trade() {
    let mut on = Library::trading();
    let lc = on.confirmed_credit(Part::Money, 1_000);
    let n = on.complying(lc, 300).0;
    let order = on.freeze("importer", Direction::InOut);
    assert_eq!(on.on(Part::Escrow).both("ann", "honour", &(lc, n)), 103);
    let own = (lc, n, NONE);
    assert_eq!(
        on.on(Part::Escrow)
            .both("confirmer", "honour_confirming", &own),
        0
    );
    assert_eq!(
        (on.balance(Part::Money, "exporter"), settled(&on)),
        (300, 0)
    );
    assert_eq!(on.on(Part::Escrow).both("ann", "reimburse", &(lc, n)), 103);
    on.lift(order);
    assert_eq!(on.on(Part::Escrow).both("ann", "reimburse", &(lc, n)), 0);
    assert_eq!(
        (on.balance(Part::Money, "confirmer"), settled(&on)),
        (100_000, 300)
    );
}

/// Goal: assignees are paid out of the importer's hold, and the trade grows by all of it; units that are
/// fenced in reach the exporter only: nothing else is promised of them (116), and a bank's own pay nobody (107).
#[test]
fn e7_e9_codes_107_and_116_assignees_and_the_fence() {
    let mut on = Library::trading();
    let lc = on.credit(Part::Money, 1_000);
    let quarter = (lc, on.pid("carrier"), 2_500_u16);
    assert_eq!(
        on.on(Part::Escrow)
            .both("exporter", "assign_proceeds", &quarter),
        0
    );
    let honour = (lc, on.complying(lc, 400).0);
    on.on(Part::Escrow).done("ann", "honour", &honour);
    let got = (
        on.balance(Part::Money, "exporter"),
        on.balance(Part::Money, "carrier"),
    );
    assert_eq!((got, settled(&on)), ((300, 100), 400));
    let lc = on.credit(Part::Unit, 1_000);
    let quarter = (lc, on.pid("carrier"), 2_500_u16);
    assert_eq!(
        on.on(Part::Escrow)
            .both("exporter", "assign_proceeds", &quarter),
        116
    );
    let pass = (
        lc,
        at("carrier"),
        Amount(400),
        end_of_day(50),
        end_of_day(10),
    );
    assert_eq!(
        on.on(Part::Escrow)
            .both("exporter", "transfer_credit", &pass),
        116
    );
    on.mint(Part::Unit, "confirmer", 500);
    let lc = on.confirmed_credit(Part::Unit, 500);
    let n = on.complying(lc, 100).0;
    let order = on.freeze("importer", Direction::InOut);
    let own = (lc, n, NONE);
    let escrow = on
        .on(Part::Escrow)
        .both("confirmer", "honour_confirming", &own);
    assert_eq!(escrow, 107, "a bank's fenced units pay nobody");
    on.lift(order);
    assert_eq!(on.on(Part::Escrow).both("ann", "honour", &(lc, n)), 0);
}

/// Goal: two regulators release what only an order on the exporter stops; it arrives frozen for the same
/// sum and counts under the trade; a hit is never passed over (E10, E11).
#[test]
fn e11_released_under_licence_into_a_blocked_account() {
    let mut on = Library::trading();
    let lc = on.credit(Part::Unit, 1_000);
    let n = on.complying(lc, 400).0;
    let order = on.freeze("exporter", Direction::InOut);
    assert_eq!(on.on(Part::Escrow).both("ann", "honour", &(lc, n)), 103);
    let propose = (lc, n, DOC, order);
    let id: u64 = on
        .on(Part::Escrow)
        .call("regulator", "propose_release_under_licence", &propose)
        .expect("proposed");
    let approve = "approve_release_under_licence";
    on.screen("exporter", ScreeningResult::Review);
    assert_eq!(
        on.on(Part::Escrow).both("second regulator", approve, &id),
        102
    );
    on.screen("exporter", ScreeningResult::Clear);
    let other = on.freeze("importer", Direction::Out);
    assert_eq!(
        on.on(Part::Escrow).both("second regulator", approve, &id),
        103,
        "two orders"
    );
    on.lift(other);
    assert_eq!(
        on.on(Part::Escrow).both("second regulator", approve, &id),
        0
    );
    assert_eq!(
        (on.balance(Part::Unit, "exporter"), settled(&on)),
        (400, 400)
    );
    let free: Amount = on.ask(Part::Unit, "available_of", &at("exporter"));
    assert_eq!(free, Amount::ZERO);
    let pid: Pid = on.pid("exporter");
    let orders: Vec<FreezeView> = on.ask(Part::Register, "orders_of", &pid);
    let (token, amount) = (on.contracts.unit.address, Amount(400));
    assert_eq!(orders[1].order.scope, Scope::Amount { pid, token, amount });
    assert_eq!(orders[1].order.doc, DOC);
    on.lift(order);
    let free: Amount = on.ask(Part::Unit, "available_of", &at("exporter"));
    assert_eq!(free, Amount::ZERO, "its own order stays");
}

/// Goal: a record that was pledged and never presented goes back to who pledged it, on its word alone; one
/// that a presentation has does not; a record that is presented again serves the new presentation.
#[test]
fn a_pledged_record_has_a_way_back() {
    let mut on = Library::trading();
    let lc = on.credit(Part::Unit, 1_000);
    let (offer, bill) = on.offer(lc, 400);
    assert_eq!(
        on.on(Part::Escrow)
            .both("exporter", "return_record", &99_u64),
        4
    );
    assert_eq!(
        on.on(Part::Escrow).both("importer", "return_record", &bill),
        1
    );
    assert_eq!(
        on.on(Part::Escrow).both("exporter", "return_record", &bill),
        0
    );
    assert_eq!(on.controller(bill), Some(at("exporter")));
    assert_eq!(
        on.on(Part::Escrow).both("exporter", "return_record", &bill),
        306
    );
    let pledge = (bill, on.contracts.escrow.address);
    on.on(Part::Rights)
        .done("exporter", "pledge_control", &pledge);
    on.on(Part::Escrow).done("exporter", "present", &offer);
    assert_eq!(
        on.on(Part::Escrow).both("exporter", "return_record", &bill),
        6
    );
    on.on(Part::Escrow)
        .done("exporter", "complete", &(lc, 1_u64));
    let discrepancies = vec!["no signature".to_owned()];
    let refuse = (lc, 1_u64, discrepancies, 0_u8);
    on.on(Part::Escrow).done("bank", "refuse", &refuse);
    let again: u64 = on
        .on(Part::Escrow)
        .call("exporter", "present", &offer)
        .expect("again");
    assert_eq!(
        on.on(Part::Escrow)
            .both("ann", "return_documents", &(lc, 1_u64)),
        6
    );
    on.on(Part::Escrow)
        .done("exporter", "complete", &(lc, again));
    on.on(Part::Escrow)
        .done("bank", "examine", &(lc, again, 0_u8));
    assert_eq!(on.on(Part::Escrow).both("ann", "honour", &(lc, again)), 0);
    assert_eq!(on.controller(bill), Some(at("importer")));
}

/// Goal: what views say of a credit is what the real contracts did: standing, books, and why a payment is
/// stopped.
#[test]
fn views_agree_with_the_world() {
    let mut on = Library::trading();
    let lc = on.credit(Part::Unit, 1_000);
    let (n, _) = on.complying(lc, 400);
    let view: Option<CreditView> = on.ask(Part::Escrow, "credit", &lc);
    let held = view.expect("a credit").money.held;
    assert_eq!(
        held,
        on.ask::<Amount>(Part::Unit, "held_of", &at("importer"))
    );
    let shown: Option<PresentationView> = on.ask(Part::Escrow, "presentation", &(lc, n));
    assert_eq!(
        shown.map(|shown| shown.standing),
        Some(export_escrow::presentation::Standing::Complying)
    );
}
