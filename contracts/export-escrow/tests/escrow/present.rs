//! Presentation: shape, time, claims, documents that are used once.

use crate::fixture::{
    DAY, DOC, Fixture, Offer, TRADE, UnderTest, after, at, clauses, end_of_day, pid, rule,
};
use export_escrow::presentation::{Disposal, Found, Standing, Verdict};
use export_escrow::terms::Clauses;
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_testkit::world::START;

fn with(on: &mut Fixture, lc: u64, change: impl FnOnce(&mut Offer)) -> u16 {
    let mut offer = on.offer(lc, 100);
    change(&mut offer);
    on.both("exporter", "present", &offer)
}

/// Goal: what makes no sense is refused with its own code: no documents, no hash, no number, dates to
/// come, nothing claimed, too much of everything.
#[test]
fn documents_have_a_shape() {
    let mut on = Fixture::new();
    let lc = on.credit();
    assert_eq!(with(&mut on, lc, |offer| offer.1.clear()), 7);
    assert_eq!(with(&mut on, lc, |offer| offer.1[0].hash = Hash::ZERO), 17);
    assert_eq!(with(&mut on, lc, |offer| offer.1[0].kind.clear()), 7);
    assert_eq!(
        with(&mut on, lc, |offer| offer.1[0].number = "  ".into()),
        7
    );
    assert_eq!(
        with(&mut on, lc, |offer| offer.1[0].date = after(1_000_000)),
        7
    );
    assert_eq!(with(&mut on, lc, |offer| offer.2 = Amount(0)), 8);
    assert_eq!(
        with(&mut on, lc, |offer| offer.3 = after(1)),
        7,
        "not shipped yet"
    );
    assert_eq!(
        with(&mut on, lc, |offer| offer.1[0].kind = "k".repeat(65)),
        13
    );
    assert_eq!(
        with(&mut on, lc, |offer| offer.1[0].number = "n".repeat(65)),
        13
    );
    assert_eq!(with(&mut on, lc, |offer| offer.0 = lc + 1), 4);
    let mut many = on.offer(lc, 100);
    many.1 = (0..33).map(|_| on.doc("invoice")).collect();
    assert_eq!(on.both("exporter", "present", &many), 13);
    many.1.truncate(32);
    assert_eq!(on.both("exporter", "present", &many), 0);
    let offer = on.offer(lc, 100);
    assert_eq!(on.both("importer", "present", &offer), 1);
    assert_eq!(on.both("nobody", "present", &offer), 1);
}

/// Goal: a claim is at most what is left beside claims that are settled or open, and the whole where
/// parts are not allowed; a claim that the trade contract does not bear is none.
#[test]
fn e3_claims_never_exceed_what_can_be_drawn() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 600);
    assert_eq!(with(&mut on, lc, |offer| offer.2 = Amount(501)), 401);
    on.done("other", "honour", &(lc, n));
    assert_eq!(with(&mut on, lc, |offer| offer.2 = Amount(501)), 401);
    assert_eq!(with(&mut on, lc, |offer| offer.2 = Amount(500)), 0);
    assert_eq!(with(&mut on, lc, |offer| offer.2 = Amount(1)), 401);
    let mut whole = clauses();
    whole.partial_allowed = false;
    let lc = on.issued(whole);
    assert_eq!(with(&mut on, lc, |offer| offer.2 = Amount(949)), 402);
    assert_eq!(with(&mut on, lc, |offer| offer.2 = Amount(1_101)), 401);
    assert_eq!(
        with(&mut on, lc, |offer| offer.2 = Amount(950)),
        0,
        "5 % less is whole"
    );
    let lc = on.credit();
    let mut trade = on.trade_of(10_000);
    // 2,450 are left, of which the other two credits need 400 and 1,000.
    trade.settled = Amount(7_550);
    on.tell("register", "put_trade", &(TRADE, trade));
    assert_eq!(with(&mut on, lc, |offer| offer.2 = Amount(1_051)), 116);
    assert_eq!(with(&mut on, lc, |offer| offer.2 = Amount(1_050)), 0);
}

/// Goal: the last second for presenting is that of the day, moved from a closed day, never after the
/// credit's own; one second later it is late.
#[test]
fn presentations_are_late_after_the_last_second() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let last: Timestamp = on.ask("last_presentation", &(lc, START));
    assert_eq!(last, end_of_day(21));
    let mut short = clauses();
    short.presentation_days = 5; // Saturday; Monday is a holiday
    let closed = on.issued(short);
    let moved: Timestamp = on.ask("last_presentation", &(closed, START));
    assert_eq!(moved, end_of_day(8));
    on.go(moved);
    assert_eq!(with(&mut on, closed, |_| ()), 0);
    on.pass(1);
    assert_eq!(with(&mut on, closed, |_| ()), 404);
    assert_eq!(with(&mut on, lc, |_| ()), 0);
    let mut weekend = clauses();
    weekend.expiry = Timestamp(end_of_day(61).0 - 100); // Saturday
    weekend.presentation_days = 90;
    let lc = on.issued(weekend);
    assert_eq!(on.view(lc).last, end_of_day(63), "to the end of Monday");
    on.go(end_of_day(63));
    assert_eq!(
        on.both("other", "expire", &lc),
        11,
        "not while it can be presented"
    );
    assert_eq!(with(&mut on, lc, |_| ()), 0);
    on.pass(1);
    assert_eq!(with(&mut on, lc, |_| ()), 404);
    assert_eq!(
        on.both("other", "expire", &lc),
        0,
        "what was never complete is not open"
    );
}

/// Goal: completeness is said in time, by the presenter, once; who says nothing has not presented.
#[test]
fn completeness_has_the_same_deadline() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let (early, late) = (on.present(lc, 100), on.present(lc, 1_000));
    assert_eq!(on.both("bank", "complete", &(lc, early)), 1);
    assert_eq!(on.both("exporter", "complete", &(lc, 3_u64)), 4);
    assert_eq!(
        on.both("bank", "examine", &(lc, early, Verdict::Complying)),
        6
    );
    on.go(end_of_day(21));
    assert_eq!(on.both("exporter", "complete", &(lc, early)), 0);
    assert_eq!(on.both("exporter", "complete", &(lc, early)), 6);
    on.pass(1);
    assert_eq!(on.both("exporter", "complete", &(lc, late)), 404);
    assert_eq!(on.standing(lc, late), Standing::Lapsed);
    assert_eq!(
        with(&mut on, lc, |offer| {
            offer.2 = Amount(1_000);
            offer.3 = after(10 * DAY);
        }),
        0,
        "its claim is free"
    );
}

/// Goal: a hash, or a business key however written, serves one presentation of one credit; a refused
/// one frees it under the same credit only.
#[test]
fn e6_documents_are_used_once_across_credits() {
    let mut on = Fixture::new();
    let (lc, other) = (on.credit(), on.credit());
    let first = on.offer(lc, 100);
    on.done("exporter", "present", &first);
    let same_hash = |on: &mut Fixture, lc: u64| {
        let hash = first.1[0].hash;
        with(on, lc, |offer| offer.1[0].hash = hash)
    };
    let same_key = |on: &mut Fixture, lc: u64| {
        let number = format!(" {} ", first.1[0].number.to_uppercase());
        with(on, lc, |offer| offer.1[0].number = number)
    };
    for credit in [lc, other] {
        assert_eq!(same_hash(&mut on, credit), 18);
        assert_eq!(same_key(&mut on, credit), 18);
    }
    let twice = |offer: &mut Offer| offer.1[1].hash = offer.1[0].hash;
    assert_eq!(with(&mut on, lc, twice), 18, "within one presentation");
    let another_date = |offer: &mut Offer| {
        offer.1[0].number = "invoice 1".into();
        offer.1[0].date = Timestamp(START.0 - 1);
    };
    assert_eq!(with(&mut on, lc, another_date), 0, "another document");
    on.done("exporter", "complete", &(lc, 1_u64));
    let why = vec!["blurred".to_owned()];
    on.done("bank", "refuse", &(lc, 1_u64, why, Disposal::Return));
    assert_eq!(same_hash(&mut on, other), 18, "another credit");
    assert_eq!(same_key(&mut on, other), 18, "another credit");
    let mut again = first.clone();
    again.3 = START;
    assert_eq!(on.both("exporter", "present", &again), 0, "the same credit");
    assert_eq!(on.both("exporter", "present", &again), 18, "used again");
}

/// Goal: what the contract itself finds wrong is remembered, and no bank can call it right.
#[test]
fn e4_found_discrepancies_do_not_comply() {
    let mut on = Fixture::new();
    let mut strict = clauses();
    strict.docs[0].issuer = Some(pid("exporter"));
    strict.docs.push(rule("certificate"));
    strict.docs[2].etr = true;
    strict.latest_shipment = Timestamp(START.0 - DAY);
    let lc = on.issued(strict);
    let mut offer = on.offer(lc, 100);
    offer.1[0].issuer = pid("other");
    offer.1[1].kind = "packing list".into();
    offer.1.push(on.doc("certificate"));
    on.done("exporter", "present", &offer);
    on.done("exporter", "complete", &(lc, 1_u64));
    let found = on.shown(lc, 1).presentation.found;
    let expected = [
        Found::LateShipment,
        Found::WrongIssuer(0),
        Found::Missing(1),
        Found::NoRecord(2),
    ];
    assert_eq!(found, expected);
    for bank in ["bank", "nominee"] {
        assert_eq!(
            on.both(bank, "examine", &(lc, 1_u64, Verdict::Complying)),
            400
        );
    }
    assert_eq!(on.both("other", "honour", &(lc, 1_u64)), 6);
}

/// Goal: shipment in the last second of the latest date is in time, one second later it is not; the
/// latest date does not move from a closed day.
#[test]
fn latest_shipment_is_inclusive_and_never_moves() {
    let mut on = Fixture::new();
    let mut saturday = clauses();
    saturday.latest_shipment = end_of_day(5);
    let lc = on.issued(saturday);
    on.go(end_of_day(6));
    for (late, shipped) in [
        (false, end_of_day(5)),
        (true, Timestamp(end_of_day(5).0 + 1)),
    ] {
        let mut offer = on.offer(lc, 10);
        offer.3 = shipped;
        let n: u64 = on.call("exporter", "present", &offer).unwrap();
        let found = on.shown(lc, n).presentation.found;
        assert_eq!(found.contains(&Found::LateShipment), late);
    }
}

/// Goal: control of a bill of lading is pledged to the escrow before it is presented, and it is that
/// very document.
#[test]
fn records_are_pledged_before_presentation() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let mut offer = on.offer(lc, 100);
    offer.1[1].record = Some(5);
    assert_eq!(on.both("exporter", "present", &offer), 4);
    on.pledged(5, DOC);
    assert_eq!(
        on.both("exporter", "present", &offer),
        17,
        "another document"
    );
    let hash = offer.1[1].hash;
    on.pledged(5, hash);
    let none: Option<Address> = None;
    let mut theirs = on
        .on
        .rights
        .query::<Option<weighhouse_standard::interface::RecordView>>(&on.world, "record", &5_u64)
        .unwrap();
    theirs.controller = at("exporter");
    theirs.pledgor = none;
    on.tell("rights", "put_record", &(5_u64, theirs));
    assert_eq!(on.both("exporter", "present", &offer), 306, "not pledged");
    on.pledged(5, hash);
    assert_eq!(on.both("exporter", "present", &offer), 0);
    assert_eq!(on.shown(lc, 1).presentation.pledged, [5]);
}

/// Goal: a credit has at most so many open presentations, and what is over counts no longer.
#[test]
fn open_presentations_are_bounded() {
    let mut on = Fixture::new();
    let lc = on.credit();
    for _ in 0..export_escrow::OPEN_MAX {
        on.present(lc, 1);
    }
    assert_eq!(with(&mut on, lc, |offer| offer.2 = Amount(1)), 13);
    on.go(Timestamp(end_of_day(21).0 + 1));
    assert_eq!(
        with(&mut on, lc, |offer| {
            offer.2 = Amount(1);
            offer.3 = after(DAY);
        }),
        0
    );
}

/// Goal: what makes no sense (7) is told before nothing (8), in presentations as in terms.
#[test]
fn code_7_comes_before_code_8() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let (_, docs, none, _) = on.offer(lc, 0);
    let ahead = Timestamp(on.now() + 1);
    assert_eq!(
        on.both("exporter", "present", &(lc, docs.clone(), none, ahead)),
        7
    );
    assert_eq!(on.both("exporter", "present", &(lc, docs, none, START)), 8);
    let nothing = Clauses {
        amount: Amount(0),
        ..clauses()
    };
    let terms = on.on.terms(nothing.clone());
    assert_eq!(on.both("importer", "apply", &terms), 8);
    let terms = on.on.terms(Clauses {
        docs: vec![],
        ..nothing
    });
    assert_eq!(on.both("importer", "apply", &terms), 7);
}

/// Goal: a document that was not presented is not there (4), whatever the state of the presentation; and
/// a stranger is told that it is not a party (1).
#[test]
fn codes_1_and_4_come_before_state_and_law() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 100);
    let corrupt = (lc, n, Hash([99; 32]));
    assert_eq!(on.both("bank", "suspend_corrupt", &corrupt), 4);
    assert_eq!(on.both("stranger", "suspend_corrupt", &corrupt), 1);
    assert_eq!(on.both("stranger", "add_hold", &(lc, 1_u64)), 1);
}
