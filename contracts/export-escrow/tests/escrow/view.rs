//! What the regulator sees, and what nobody else does.

use crate::fixture::{Fixture, UnderTest, after, at, pid};
use export_escrow::presentation::Standing;
use export_escrow::regulator::{InFlight, Position};
use weighhouse_primitives::{Amount, Hash, abi};
use weighhouse_standard::flow::{FlowAt, FlowCursor, Tally};
use weighhouse_testkit::Refused;

const NOBODY: Result<Vec<Position>, Refused> = Err(Refused::Code(1));

/// Goal: positions, movements, what is in flight, licences and monthly totals are there for REGULATOR and
/// AUDITOR, in pages, and for nobody else.
#[test]
fn supervisors_see_every_credit_and_movement() {
    let mut on = Fixture::new();
    let (first, second) = (on.credit(), on.confirmed());
    let n = on.complying(first, 400);
    on.done("other", "honour", &(first, n));
    let waiting = on.complete(second, 70);
    let none: Option<u64> = None;
    let page: Result<Vec<Position>, Refused> =
        on.ask_as("regulator", "reg_positions", &(none, 1_u32));
    let page = page.expect("a page");
    assert_eq!(
        (page.len(), page[0].lc, page[0].money.drawn),
        (1, first, Amount(400))
    );
    let next: Vec<Position> = on
        .ask_as("auditor", "reg_positions", &(Some(first), 100_u32))
        .expect("a page");
    assert_eq!((next.len(), next[0].confirming.held), (1, Amount(1_100)));
    assert_eq!(on.ask_as("bank", "reg_positions", &(none, 1_u32)), NOBODY);
    let too_many: Result<Vec<Position>, Refused> =
        on.ask_as("regulator", "reg_positions", &(none, 101_u32));
    assert_eq!(too_many, Err(Refused::Code(13)));
    let flying: Vec<InFlight> = on
        .ask_as("regulator", "reg_inflight", &(none, 100_u32))
        .expect("a page");
    assert_eq!(flying.len(), 2);
    assert_eq!(
        (flying[1].waiting[0].n, flying[1].waiting[0].standing),
        (waiting, Standing::Examining)
    );
    let cursor: Option<FlowCursor> = None;
    let arguments = (pid("exporter"), after(0), after(1_000), cursor, 100_u32);
    let flows: Vec<FlowAt> = on
        .ask_as("regulator", "reg_flows", &arguments)
        .expect("a page");
    assert_eq!((flows.len(), flows[0].flow.amount), (1, Amount(400)));
    assert_eq!(flows[0].flow.with, Some(pid("importer")));
    let report = (abi::selector("Paid"), 202_601_u32);
    let tally: Tally = on
        .ask_as("auditor", "reg_report", &report)
        .expect("a total");
    assert_eq!((tally.count, tally.total), (1, Amount(400)));
    on.done(
        "regulator",
        "file_licence",
        &(second, waiting, Hash([4; 32])),
    );
    let start: Option<(u64, u64)> = None;
    let licences: Vec<((u64, u64), Hash)> = on
        .ask_as("regulator", "reg_orders", &(start, 10_u32))
        .expect("a page");
    assert_eq!(licences, [((second, waiting), Hash([4; 32]))]);
    let unknown: Option<export_escrow::view::CreditView> = on.ask("credit", &99_u64);
    assert!(unknown.is_none());
    assert_eq!(on.balance("nobody"), 0);
    assert_ne!(at("nobody"), at("other"));
}
