//! The confirming bank pays with its own money where the law stops the applicant's.

use crate::fixture::{DOC, Fixture, UnderTest, at, clauses, end_of_day};
use export_escrow::credit::{Source, Stage};
use export_escrow::presentation::Standing;
use weighhouse_primitives::{Hash, Timestamp};

const NONE: Option<Hash> = None;

/// Goal: confirmation is the named bank's, with a hold of its own money, once.
#[test]
fn confirmation_is_backed_by_own_funds() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let (own, theirs) = (on.hold("confirmer", 1_100), on.hold("importer", 1_100));
    let less = on.hold("confirmer", 1_099);
    assert_eq!(on.both("adviser", "confirm", &(lc, own)), 1);
    assert_eq!(on.both("confirmer", "confirm", &(lc, theirs)), 7);
    assert_eq!(on.both("confirmer", "confirm", &(lc, less)), 500);
    on.standing_of("confirmer", 103, 0);
    assert_eq!(on.both("confirmer", "confirm", &(lc, own)), 103);
    on.standing_of("confirmer", 0, 0);
    assert_eq!(on.both("confirmer", "confirm", &(lc, own)), 0);
    assert_eq!(on.both("confirmer", "confirm", &(lc, own)), 6);
    assert_eq!(on.books(lc, Source::Confirming), (1_100, 0, 0, 1_100));
    assert_eq!(on.both("adviser", "advise", &lc), 0);
    assert_eq!(on.both("adviser", "advise", &lc), 6);
    assert_eq!(on.both("bank", "advise", &lc), 1);
}

/// Goal: a bank never advances what no hold can pay back: it does not confirm while the applicant's hold is
/// bound to the beneficiary, and such a hold is not added once it has confirmed (E10, E11).
#[test]
fn e11_what_is_advanced_can_be_reimbursed() {
    let mut on = Fixture::new();
    let exporter = Some(at("exporter"));
    let bound = on.hold_with("token", "importer", exporter, 1_100);
    let terms = on.on.terms(clauses());
    let lc: u64 = on.call("importer", "apply", &terms).expect("a draft");
    on.done("bank", "issue", &(lc, bound));
    let own = on.hold("confirmer", 1_100);
    assert_eq!(on.both("confirmer", "confirm", &(lc, own)), 209);
    let lc = on.confirmed();
    let more = on.hold_with("token", "importer", exporter, 10);
    assert_eq!(on.both("importer", "add_hold", &(lc, more)), 7);
    let more = on.hold("importer", 10);
    assert_eq!(on.both("importer", "add_hold", &(lc, more)), 0);
}

/// Goal: it pays where the applicant is suspended or frozen, or the issuing bank has lost its
/// authorisation, not otherwise; then its claim is on the frozen hold, and is paid when the law lets it.
#[test]
fn e2_one_source_pays_and_the_other_reimburses() {
    let mut on = Fixture::new();
    let lc = on.confirmed();
    let n = on.complying(lc, 100);
    let this = (lc, n, NONE);
    assert_eq!(on.both("bank", "honour_confirming", &this), 1);
    assert_eq!(
        on.both("confirmer", "honour_confirming", &this),
        6,
        "nothing stops the other"
    );
    on.standing_of("importer", 104, 0);
    assert_eq!(on.both("confirmer", "honour_confirming", &this), 104);
    on.standing_of("importer", 103, 0);
    on.standing_of("exporter", 0, 103);
    assert_eq!(
        on.both("confirmer", "honour_confirming", &this),
        103,
        "who may not be paid is not"
    );
    on.standing_of("exporter", 0, 0);
    assert_eq!(on.both("confirmer", "honour_confirming", &this), 0);
    assert_eq!(on.standing(lc, n), Standing::Reimbursable);
    assert_eq!(on.books(lc, Source::Confirming), (1_100, 100, 0, 1_000));
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 0, 0, 1_100));
    assert_eq!((on.balance("exporter"), on.settled()), (100, 0));
    assert_eq!(on.both("confirmer", "honour_confirming", &this), 6);
    assert_eq!(
        on.both("other", "honour", &(lc, n)),
        6,
        "paid by the other source"
    );
    assert_eq!(
        on.both("other", "reimburse", &(lc, n)),
        103,
        "the frozen hold stays frozen"
    );
    on.go(Timestamp(end_of_day(60).0 + 1));
    assert_eq!(
        on.both("other", "expire", &lc),
        406,
        "the bank's claim is open"
    );
    on.standing_of("importer", 0, 0);
    let before = on.balance("confirmer");
    assert_eq!(on.both("other", "reimburse", &(lc, n)), 0);
    assert_eq!(on.balance("confirmer"), before + 100);
    assert_eq!(on.settled(), 100, "once, with the importer's money");
    assert_eq!(on.both("other", "reimburse", &(lc, n)), 6);
    assert_eq!(on.standing(lc, n), Standing::Paid(Source::Confirming));
    assert_eq!(on.both("other", "expire", &lc), 0);
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 100, 1_000, 0));
    assert_eq!(on.books(lc, Source::Confirming), (1_100, 100, 1_000, 0));
    assert_eq!(on.balance("exporter"), 100, "once");
}

/// Goal: a sanctions hit on the applicant takes a licence that the regulator filed; a bank without
/// authorisation takes none; a claim that the bank gives up bars nothing.
#[test]
fn a_hit_takes_a_filed_licence() {
    let mut on = Fixture::new();
    let lc = on.confirmed();
    let n = on.complying(lc, 1_100);
    on.standing_of("importer", 102, 102);
    let licence = Some(DOC);
    assert_eq!(
        on.both("confirmer", "honour_confirming", &(lc, n, Some(Hash::ZERO))),
        17
    );
    assert_eq!(
        on.both("confirmer", "honour_confirming", &(lc, n, NONE)),
        102
    );
    assert_eq!(
        on.both("confirmer", "honour_confirming", &(lc, n, licence)),
        102,
        "not filed"
    );
    assert_eq!(on.code("auditor", "file_licence", &(lc, n, DOC)), 1);
    assert_eq!(
        on.code("regulator", "file_licence", &(lc, n, Hash::ZERO)),
        17
    );
    assert_eq!(on.code("regulator", "file_licence", &(lc, n + 1, DOC)), 4);
    on.done("regulator", "file_licence", &(lc, n, DOC));
    let other = Some(Hash([8; 32]));
    assert_eq!(
        on.both("confirmer", "honour_confirming", &(lc, n, other)),
        102
    );
    assert_eq!(
        on.both("confirmer", "honour_confirming", &(lc, n, licence)),
        0
    );
    assert_eq!(
        on.view(lc).credit.stage,
        Stage::Issued,
        "drawn, not reimbursed"
    );
    assert_eq!(on.both("bank", "waive_reimbursement", &(lc, n)), 1);
    assert_eq!(on.both("confirmer", "waive_reimbursement", &(lc, n)), 0);
    assert_eq!(on.view(lc).credit.stage, Stage::Closed);
    assert_eq!(
        on.books(lc, Source::Applicant),
        (1_100, 0, 1_100, 0),
        "though it is on the list"
    );
    on.standing_of("importer", 0, 0);
    let lc = on.confirmed();
    let n = on.complying(lc, 10);
    on.bank("bank", false);
    assert_eq!(on.both("confirmer", "honour_confirming", &(lc, n, NONE)), 0);
    assert_eq!(on.both("confirmer", "waive_reimbursement", &(lc, n + 1)), 4);
}

/// Goal: of what stops a payment by the confirming bank, and a reimbursement, the lowest code is the
/// answer, whoever it is about.
#[test]
fn codes_of_the_confirming_banks_payment_ascend() {
    let mut on = Fixture::new();
    let lc = on.confirmed();
    let n = on.complying(lc, 100);
    let this = (lc, n, NONE);
    on.standing_of("importer", 102, 0);
    on.standing_of("exporter", 0, 104);
    on.standing_of("confirmer", 101, 0);
    assert_eq!(on.both("confirmer", "honour_confirming", &this), 101);
    on.standing_of("confirmer", 0, 0);
    assert_eq!(on.both("confirmer", "honour_confirming", &this), 102);
    on.standing_of("importer", 103, 0);
    on.standing_of("exporter", 0, 0);
    assert_eq!(on.both("confirmer", "honour_confirming", &this), 0);
    on.standing_of("confirmer", 0, 101);
    assert_eq!(on.both("other", "reimburse", &(lc, n)), 101);
}
