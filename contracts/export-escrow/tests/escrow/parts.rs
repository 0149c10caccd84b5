//! Milestones, each once and in time; instalments, each in its window.

use crate::fixture::{DAY, Fixture, Offer, UnderTest, after, clauses, end_of_day, rule};
use export_escrow::credit::{Source, Stage};
use export_escrow::presentation::{Standing, Verdict};
use export_escrow::terms::{Availability, Clauses, ConditionRef, Instalment, Milestone};
use weighhouse_primitives::{Amount, Timestamp};
use weighhouse_standard::interface::ConditionState;

fn milestone(amount: u128, kind: &str, due: u64) -> Milestone {
    Milestone {
        amount: Amount(amount),
        docs: vec![rule(kind)],
        conditions: vec![],
        due: end_of_day(due),
    }
}

fn milestones(on: &Fixture) -> Clauses {
    let mut parts = [
        milestone(300, "start report", 10),
        milestone(300, "half report", 20),
        milestone(400, "end report", 30),
    ];
    parts[2].conditions = vec![ConditionRef {
        contract: on.on.oracle.address,
        id: 1,
    }];
    let mut clauses = clauses();
    clauses.availability = Availability::Milestones(parts.into());
    (clauses.tol_plus, clauses.tol_minus) = (0, 0);
    clauses.latest_shipment = after(40 * DAY);
    clauses.docs.clear();
    clauses
}

fn report(on: &mut Fixture, lc: u64, kind: &str, amount: u128) -> Offer {
    (lc, vec![on.doc(kind)], Amount(amount), on.world.time)
}

fn accepted(on: &mut Fixture, lc: u64, kind: &str, amount: u128) -> u64 {
    let offer = report(on, lc, kind, amount);
    let n: u64 = on.call("exporter", "present", &offer).expect("presented");
    on.done("exporter", "complete", &(lc, n));
    on.done("bank", "examine", &(lc, n, Verdict::Complying));
    n
}

/// Goal: each milestone is paid once, against its own documents and conditions, until its own last
/// second; the last one closes the credit.
#[test]
fn a_milestone_is_paid_once_and_in_time() {
    let mut on = Fixture::new();
    let lc = on.issued(milestones(&on));
    assert_eq!(on.both("other", "release_milestone", &(lc, 3_u32)), 4);
    assert_eq!(
        on.both("other", "release_milestone", &(lc, 0_u32)),
        400,
        "nothing accepted"
    );
    let odd = report(&mut on, lc, "start report", 299);
    assert_eq!(
        on.both("exporter", "present", &odd),
        401,
        "no such milestone"
    );
    let half = accepted(&mut on, lc, "half report", 300);
    assert_eq!(
        on.shown(lc, half).presentation.part,
        Some(1),
        "by its documents"
    );
    let start = accepted(&mut on, lc, "start report", 300);
    assert_eq!(on.shown(lc, start).presentation.part, Some(0));
    let third = report(&mut on, lc, "start report", 300);
    assert_eq!(
        on.both("exporter", "present", &third),
        401,
        "both are claimed"
    );
    on.go(end_of_day(10));
    assert_eq!(on.both("other", "release_milestone", &(lc, 0_u32)), 0);
    assert_eq!(on.both("other", "release_milestone", &(lc, 0_u32)), 6);
    on.go(Timestamp(end_of_day(20).0 + 1));
    assert_eq!(on.both("other", "release_milestone", &(lc, 1_u32)), 10);
    assert_eq!(
        on.both("other", "honour", &(lc, half)),
        10,
        "by neither name"
    );
    assert_eq!(on.standing(lc, half), Standing::Lapsed);
    let end = accepted(&mut on, lc, "end report", 400);
    assert_eq!(on.both("other", "release_milestone", &(lc, 2_u32)), 407);
    on.tell("oracle", "put_condition", &(1_u64, ConditionState::Ok));
    assert_eq!(on.both("other", "release_milestone", &(lc, 2_u32)), 0);
    assert_eq!(on.standing(lc, end), Standing::Paid(Source::Applicant));
    assert_eq!(on.balance("exporter"), 700);
    on.go(Timestamp(end_of_day(60).0 + 1));
    assert_eq!(on.both("other", "expire", &lc), 0);
    assert_eq!(
        on.books(lc, Source::Applicant),
        (1_000, 700, 300, 0),
        "the lapsed one is back"
    );
}

/// Goal: what only the law stopped in time is paid after the milestone's last second, if somebody
/// protested; without obstacle there is nothing to protest.
#[test]
fn e10_a_protested_milestone_stays_owed() {
    let mut on = Fixture::new();
    let lc = on.issued(milestones(&on));
    let n = accepted(&mut on, lc, "start report", 300);
    assert_eq!(on.both("other", "protest", &(lc, n)), 6, "nothing stops it");
    on.standing_of("importer", 103, 0);
    on.go(end_of_day(10));
    assert_eq!(on.both("other", "release_milestone", &(lc, 0_u32)), 103);
    assert_eq!(on.both("other", "protest", &(lc, n)), 0);
    assert_eq!(on.both("other", "protest", &(lc, n)), 6, "once is enough");
    let late = accepted(&mut on, lc, "half report", 300);
    on.go(Timestamp(end_of_day(20).0 + 1));
    assert_eq!(
        on.both("other", "protest", &(lc, late)),
        10,
        "too late to protest"
    );
    on.standing_of("importer", 0, 0);
    assert_eq!(on.both("other", "release_milestone", &(lc, 0_u32)), 0);
    let sight = on.credit();
    let n = on.complying(sight, 100);
    on.standing_of("importer", 103, 0);
    assert_eq!(
        on.both("other", "protest", &(sight, n)),
        6,
        "it has no last second"
    );
}

fn instalments() -> Clauses {
    let part = |amount, from: u64, to| Instalment {
        amount: Amount(amount),
        from: after(from * DAY),
        to: end_of_day(to),
    };
    let parts = vec![part(400, 1, 9), part(300, 10, 19), part(300, 20, 29)];
    let mut clauses = clauses();
    clauses.availability = Availability::Instalments(parts);
    (clauses.tol_plus, clauses.tol_minus) = (0, 0);
    clauses.latest_shipment = after(40 * DAY);
    clauses
}

/// Goal: an instalment is drawn from the first to the last second of its window; one that was not lapses
/// with all later ones, and their part goes back.
#[test]
fn an_instalment_that_is_not_drawn_lapses_with_the_rest() {
    let mut on = Fixture::new();
    let lc = on.issued(instalments());
    let offer = on.offer(lc, 400);
    on.go(Timestamp(after(DAY).0 - 1));
    assert_eq!(on.both("exporter", "present", &offer), 11);
    on.pass(1);
    let more = on.offer(lc, 401);
    assert_eq!(on.both("exporter", "present", &more), 401);
    on.go(end_of_day(9));
    let n = on.complying(lc, 400);
    assert_eq!(on.shown(lc, n).presentation.part, Some(0));
    on.pass(1);
    let early = on.offer(lc, 300);
    assert_eq!(
        on.both("exporter", "present", &early),
        11,
        "between two windows"
    );
    on.done("other", "honour", &(lc, n));
    on.go(Timestamp(end_of_day(19).0 + 1));
    assert_eq!(
        on.both("exporter", "present", &early),
        403,
        "the second was not drawn"
    );
    on.go(after(25 * DAY));
    assert_eq!(
        on.both("exporter", "present", &early),
        404,
        "and shipped long ago"
    );
    let mut later = early.clone();
    later.3 = after(20 * DAY);
    assert_eq!(on.both("exporter", "present", &later), 403);
    on.go(Timestamp(end_of_day(60).0 + 1));
    assert_eq!(on.both("other", "expire", &lc), 0);
    assert_eq!(on.books(lc, Source::Applicant), (1_000, 400, 600, 0));
}

/// Goal: an instalment is drawn as a whole or in parts as the credit says; a refused one is not drawn;
/// all of them drawn close the credit.
#[test]
fn instalments_are_drawn_one_after_the_other() {
    let mut on = Fixture::new();
    let mut whole = instalments();
    whole.partial_allowed = false;
    let lc = on.issued(whole);
    on.go(after(2 * DAY));
    let less = on.offer(lc, 399);
    assert_eq!(on.both("exporter", "present", &less), 402);
    for (day, claim) in [(2, 400), (11, 300), (21, 300)] {
        on.go(after(day * DAY));
        let mut offer = on.offer(lc, claim);
        offer.3 = after(day * DAY);
        let n: u64 = on.call("exporter", "present", &offer).expect("presented");
        on.done("exporter", "complete", &(lc, n));
        on.done("bank", "examine", &(lc, n, Verdict::Complying));
        on.done("other", "honour", &(lc, n));
    }
    assert_eq!(on.view(lc).credit.stage, Stage::Closed);
    assert_eq!(on.settled(), 1_000);
}

/// Goal: parts add up to the amount, have windows in order, ask for documents.
#[test]
fn parts_have_a_shape() {
    let mut on = Fixture::new();
    let good = milestones(&on);
    let mut try_with = |change: &dyn Fn(&mut Clauses), code: u16| {
        let mut changed = good.clone();
        change(&mut changed);
        let terms = on.on.terms(changed);
        assert_eq!(on.both("importer", "apply", &terms), code);
    };
    try_with(&|_| (), 0);
    try_with(&|c| c.amount = Amount(1_001), 7);
    try_with(&|c| c.tol_plus = 1, 7);
    try_with(&|c| c.tol_minus = 1, 7);
    let none = Availability::Milestones(vec![]);
    try_with(&|c| c.availability = none.clone(), 7);
    let bare = Availability::Milestones(vec![Milestone {
        docs: vec![],
        ..milestone(1_000, "x", 10)
    }]);
    try_with(&|c| c.availability = bare.clone(), 7);
    let late = Availability::Milestones(vec![milestone(1_000, "x", 61)]);
    try_with(&|c| c.availability = late.clone(), 7);
    let zero = Availability::Milestones(vec![milestone(1_000, "x", 1), milestone(0, "y", 1)]);
    try_with(&|c| c.availability = zero.clone(), 8);
    let many = Availability::Milestones(vec![milestone(40, "x", 1); 25]);
    try_with(&|c| c.availability = many.clone(), 13);
    let windows = |from: u64, to: u64| {
        let part = |amount, from: u64, to: u64| Instalment {
            amount: Amount(amount),
            from: after(from),
            to: after(to),
        };
        Availability::Instalments(vec![part(500, 0, 100), part(500, from, to)])
    };
    for (from, to, code) in [
        (101, 101, 0),
        (100, 200, 7),
        (102, 101, 7),
        (101, 99 * DAY, 7),
    ] {
        let availability = windows(from, to);
        let docs = clauses().docs;
        try_with(
            &|c| (c.availability, c.docs) = (availability.clone(), docs.clone()),
            code,
        );
    }
}
