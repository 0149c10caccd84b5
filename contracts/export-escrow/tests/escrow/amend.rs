//! Amendments: in force when all who must have accepted, not one clause before.

use crate::fixture::{DAY, Fixture, UnderTest, after, clauses, end_of_day};
use export_escrow::credit::Source;
use export_escrow::presentation::Found;
use export_escrow::storage::Amendment;
use weighhouse_primitives::{Amount, Timestamp};

/// Goal: an amendment is in force once beneficiary and confirming bank have accepted; until then, and
/// after a rejection, the old clauses bind.
#[test]
fn e8_no_clause_changes_without_those_it_protects() {
    let mut on = Fixture::new();
    let lc = on.confirmed();
    let mut worse = clauses();
    worse.amount = Amount(500);
    assert_eq!(
        on.both("importer", "propose_amend", &(lc, worse.clone())),
        1
    );
    assert_eq!(
        on.both("bank", "propose_amend", &(lc + 1, worse.clone())),
        4
    );
    assert_eq!(on.both("bank", "propose_amend", &(lc, worse.clone())), 0);
    assert_eq!(
        on.both("bank", "propose_amend", &(lc, worse.clone())),
        5,
        "one waits"
    );
    let this = (lc, 1_u64);
    assert_eq!(on.both("importer", "accept_amend", &this), 1);
    assert_eq!(on.both("confirmer", "accept_amend", &this), 0);
    assert_eq!(on.both("confirmer", "accept_amend", &this), 5);
    assert_eq!(on.view(lc).clauses, clauses(), "the beneficiary has not");
    assert_eq!(on.both("exporter", "reject_amend", &this), 0);
    assert_eq!(on.both("exporter", "accept_amend", &this), 6);
    assert_eq!(on.both("exporter", "accept_amend", &(lc, 2_u64)), 4);
    on.done("bank", "propose_amend", &(lc, worse.clone()));
    on.done("exporter", "accept_amend", &(lc, 2_u64));
    assert_eq!(on.view(lc).clauses, clauses());
    on.done("confirmer", "accept_amend", &(lc, 2_u64));
    assert_eq!(on.view(lc).clauses, worse);
    let amendment: Option<Amendment> = on.ask("amendment", &(lc, 2_u64));
    assert_eq!(amendment.expect("kept").clauses, worse);
}

/// Goal: more than is funded takes a further hold, of the applicant and of the confirming bank; less
/// than is claimed is refused.
#[test]
fn raising_the_amount_takes_a_further_hold() {
    let mut on = Fixture::new();
    let lc = on.confirmed();
    let mut more = clauses();
    more.amount = Amount(2_000);
    assert_eq!(on.both("bank", "propose_amend", &(lc, more.clone())), 500);
    let hold = on.hold("importer", 1_100);
    assert_eq!(on.both("other", "add_hold", &(lc, hold)), 1);
    assert_eq!(on.both("importer", "add_hold", &(lc, hold)), 0);
    assert_eq!(on.both("importer", "add_hold", &(lc, hold)), 5);
    assert_eq!(on.both("bank", "propose_amend", &(lc, more.clone())), 0);
    assert_eq!(on.both("exporter", "accept_amend", &(lc, 1_u64)), 0);
    assert_eq!(on.both("confirmer", "accept_amend", &(lc, 1_u64)), 500);
    let hold = on.hold("confirmer", 1_100);
    on.done("confirmer", "add_hold", &(lc, hold));
    assert_eq!(on.both("confirmer", "accept_amend", &(lc, 1_u64)), 0);
    let n = on.complying(lc, 2_200);
    on.done("other", "honour", &(lc, n));
    assert_eq!(on.books(lc, Source::Applicant), (2_200, 2_200, 0, 0));
    assert_eq!(on.books(lc, Source::Confirming), (2_200, 0, 2_200, 0));
    let lc = on.credit();
    on.present(lc, 700);
    let mut less = clauses();
    (less.amount, less.tol_plus) = (Amount(699), 0);
    assert_eq!(on.both("bank", "propose_amend", &(lc, less.clone())), 7);
    less.amount = Amount(700);
    assert_eq!(on.both("bank", "propose_amend", &(lc, less)), 0);
    let mut budget = clauses();
    budget.amount = Amount(9_000);
    let hold = on.hold("importer", 20_000);
    on.done("importer", "add_hold", &(lc, hold));
    on.done("exporter", "reject_amend", &(lc, 1_u64));
    assert_eq!(
        on.both("bank", "propose_amend", &(lc, budget)),
        116,
        "2,200 of 10,000 are settled"
    );
}

/// Goal: a presentation that only the amended clauses admit is the beneficiary's acceptance; one that
/// both admit is none, and none is while others have not accepted.
#[test]
fn presenting_to_an_amendment_accepts_it() {
    let mut on = Fixture::new();
    let lc = on.confirmed();
    let mut later = clauses();
    later.latest_shipment = after(30 * DAY);
    on.done("bank", "propose_amend", &(lc, later.clone()));
    on.go(after(25 * DAY));
    let mut offer = on.offer(lc, 100);
    offer.3 = after(24 * DAY);
    let n: u64 = on.call("exporter", "present", &offer).unwrap();
    assert_eq!(
        on.shown(lc, n).presentation.found,
        [Found::LateShipment],
        "not accepted by all"
    );
    on.done("confirmer", "accept_amend", &(lc, 1_u64));
    let mut both = on.offer(lc, 100);
    both.3 = after(10 * DAY);
    on.done("exporter", "present", &both);
    assert_eq!(on.view(lc).clauses, clauses(), "nothing follows from that");
    let mut offer = on.offer(lc, 100);
    offer.3 = after(24 * DAY);
    assert_eq!(on.both("exporter", "present", &offer), 0);
    assert_eq!(on.view(lc).clauses, later);
    assert!(on.shown(lc, 3).presentation.found.is_empty());
}

/// Goal: clauses that make no sense are refused with their own codes.
#[test]
fn clauses_have_a_shape() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let mut try_with = |change: &dyn Fn(&mut export_escrow::terms::Clauses), code: u16| {
        let mut changed = clauses();
        change(&mut changed);
        assert_eq!(
            on.both("bank", "propose_amend", &(lc, changed.clone())),
            code
        );
        let mut terms = on.on.terms(changed);
        terms.trade_ref = crate::fixture::TRADE;
        assert_eq!(on.both("importer", "apply", &terms), code);
    };
    try_with(&|c| c.amount = Amount(0), 8);
    try_with(&|c| c.amount = Amount(u128::MAX), 9);
    try_with(&|c| c.tol_plus = 10_001, 7);
    try_with(&|c| c.tol_minus = 10_000, 7);
    try_with(&|c| c.expiry = after(0), 7);
    try_with(&|c| c.expiry = Timestamp(u64::MAX), 7);
    try_with(&|c| c.latest_shipment = Timestamp(end_of_day(60).0 + 1), 7);
    try_with(&|c| c.docs.clear(), 7);
    try_with(&|c| c.docs[0].kind.clear(), 7);
    try_with(&|c| c.docs[0].kind = "k".repeat(65), 13);
    try_with(&|c| c.docs = vec![c.docs[0].clone(); 33], 13);
    try_with(&|c| c.calendar = 2, 4);
    let condition = export_escrow::terms::ConditionRef {
        contract: crate::fixture::at("other"),
        id: 1,
    };
    try_with(&|c| c.conditions = vec![condition; 17], 13);
}
