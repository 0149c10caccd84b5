//! How credits end, and that money can always leave.

use crate::fixture::{DOC, Fixture, UnderTest, at, clauses, end_of_day};
use export_escrow::credit::{Source, Stage};
use weighhouse_primitives::Timestamp;

/// Goal: an issued credit is given up by beneficiary, issuing and confirming bank together, with nothing
/// open; a draft by the applicant.
#[test]
fn cancelling_takes_all_who_are_bound() {
    let mut on = Fixture::new();
    let terms = on.on.terms(clauses());
    let draft: u64 = on.call("importer", "apply", &terms).expect("a draft");
    assert_eq!(on.both("bank", "cancel", &draft), 1);
    assert_eq!(on.both("importer", "cancel", &draft), 0);
    assert_eq!(on.both("importer", "cancel", &draft), 1);
    assert_eq!(on.both("bank", "cancel", &draft), 6);
    let lc = on.confirmed();
    assert_eq!(on.both("importer", "cancel", &lc), 1);
    assert_eq!(on.both("adviser", "cancel", &lc), 1);
    assert_eq!(on.both("exporter", "cancel", &lc), 0);
    assert_eq!(on.both("exporter", "cancel", &lc), 5);
    assert_eq!(on.both("bank", "cancel", &lc), 0);
    let n = on.complete(lc, 100);
    assert_eq!(on.both("confirmer", "cancel", &lc), 406);
    on.done("bank", "refuse", &(lc, n, vec!["late".to_owned()], RETURN));
    assert_eq!(on.both("confirmer", "cancel", &lc), 0);
    assert_eq!(
        on.view(lc).credit.stage,
        Stage::Issued,
        "the others agreed to another state"
    );
    assert_eq!(on.both("bank", "cancel", &lc), 0);
    assert_eq!(on.both("exporter", "cancel", &lc), 0);
    assert_eq!(on.view(lc).credit.stage, Stage::Cancelled);
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 0, 1_100, 0));
    assert_eq!(on.books(lc, Source::Confirming), (1_100, 0, 1_100, 0));
    let offer = on.offer(lc, 1);
    assert_eq!(on.both("exporter", "present", &offer), 6);
    assert_eq!(on.both("bank", "propose_amend", &(lc, clauses())), 6);
    assert_eq!(on.both("other", "expire", &lc), 6);
    assert_eq!(on.credit(), lc + 1, "the trade is free again");
}

const RETURN: export_escrow::presentation::Disposal = export_escrow::presentation::Disposal::Return;

/// Goal: expiry gives back everything, to a frozen owner, under a pause of both contracts, and not one
/// second early.
#[test]
fn e11_expiry_returns_the_rest_whatever_stands_in_the_way() {
    let mut on = Fixture::new();
    let lc = on.confirmed();
    on.standing_of("importer", 103, 103);
    on.standing_of("confirmer", 102, 102);
    on.done("pauser", "pause", &"test".to_owned());
    let () = on.on("token", "pauser", "pause", &"test".to_owned());
    on.go(end_of_day(60));
    assert_eq!(on.both("anybody", "expire", &lc), 11);
    on.pass(1);
    assert_eq!(on.both("anybody", "expire", &lc), 0);
    assert_eq!(on.both("anybody", "expire", &lc), 6);
    assert_eq!(on.both("anybody", "expire", &(lc + 1)), 4);
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 0, 1_100, 0));
    assert_eq!(on.books(lc, Source::Confirming), (1_100, 0, 1_100, 0));
    for (who, units) in [("importer", 100_000), ("confirmer", 100_000)] {
        let free: weighhouse_primitives::Amount =
            on.on.token.query(&on.world, "available_of", &at(who));
        assert_eq!(free.0, units);
    }
}

/// Goal: once the contract has ended nothing can be paid, so a claim that is owed no longer bars the way
/// back: money and records return.
#[test]
fn e11_the_end_of_the_contract_bars_no_exit() {
    let mut on = Fixture::new();
    let lc = on.credit();
    on.present_bill(lc, 400, 5);
    on.done("exporter", "complete", &(lc, 1_u64));
    on.done("pauser", "pause", &"test".to_owned());
    on.go(Timestamp(end_of_day(60).0 + 1));
    assert_eq!(on.both("other", "expire", &lc), 406, "owed by silence");
    assert_eq!(on.both("other", "honour", &(lc, 1_u64)), 2);
    on.done("admin", "deactivate", &DOC);
    assert_eq!(on.both("other", "honour", &(lc, 1_u64)), 3);
    assert_eq!(
        on.both("other", "return_documents", &(lc, 1_u64)),
        6,
        "not yet"
    );
    assert_eq!(on.both("other", "expire", &lc), 0);
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 0, 1_100, 0));
    assert_eq!(on.both("other", "return_documents", &(lc, 1_u64)), 0);
    assert_eq!(on.controller(5), at("exporter"));
}
