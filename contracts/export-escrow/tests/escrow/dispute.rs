//! Disputes bar payment for a time; an award divides the whole claim.

use crate::fixture::{DOC, Fixture, UnderTest, at, clauses, end_of_day, pid};
use export_escrow::credit::Source;
use export_escrow::presentation::{Disposal, Standing};
use export_escrow::terms::ConditionRef;
use weighhouse_primitives::{Amount, Hash, Timestamp};
use weighhouse_standard::interface::{BreachPolicy, ConditionState, WalletStatus};

type Award = (u64, u64, Amount, Amount, Hash);

fn award(lc: u64, n: u64, pay: u128, back: u128) -> Award {
    (lc, n, Amount(pay), Amount(back), DOC)
}

/// Goal: a party disputes what is open, payment waits, the arbiter divides the claim in time, to the
/// last unit; afterwards all is as before.
#[test]
fn e2_an_award_divides_the_whole_claim_once() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 400);
    assert_eq!(
        on.both("arbiter", "award", &award(lc, n, 400, 0)),
        6,
        "no dispute"
    );
    assert_eq!(on.both("other", "open_dispute", &(lc, n, DOC)), 1);
    assert_eq!(
        on.both("importer", "open_dispute", &(lc, n, Hash::ZERO)),
        17
    );
    assert_eq!(on.both("importer", "open_dispute", &(lc, n + 1, DOC)), 4);
    assert_eq!(on.both("importer", "open_dispute", &(lc, n, DOC)), 0);
    assert_eq!(on.both("exporter", "open_dispute", &(lc, n, DOC)), 6);
    assert_eq!(on.both("other", "honour", &(lc, n)), 6);
    assert_eq!(on.both("bank", "award", &award(lc, n, 400, 0)), 1);
    assert_eq!(on.both("arbiter", "award", &award(lc, n, 300, 99)), 7);
    assert_eq!(
        on.both("arbiter", "award", &award(lc, n, u128::MAX, 401)),
        7
    );
    let no_doc = (lc, n, Amount(400), Amount(0), Hash::ZERO);
    assert_eq!(on.both("arbiter", "award", &no_doc), 17);
    on.standing_of("exporter", 0, 102);
    assert_eq!(on.both("arbiter", "award", &award(lc, n, 300, 100)), 102);
    on.standing_of("exporter", 0, 0);
    on.go(end_of_day(10));
    assert_eq!(on.both("arbiter", "award", &award(lc, n, 300, 100)), 0);
    assert_eq!(on.both("arbiter", "award", &award(lc, n, 300, 100)), 6);
    assert_eq!(on.standing(lc, n), Standing::Awarded);
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 300, 100, 700));
    assert_eq!(on.both("other", "honour", &(lc, n)), 6);
}

/// Goal: E11. An award of everything to the applicant needs no wallet of the beneficiary: who lost its last
/// one bars nobody's way back.
#[test]
fn e11_an_award_to_the_applicant_reaches_nobody_else() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 400);
    on.done("importer", "open_dispute", &(lc, n, DOC));
    let locked = (at("exporter"), pid("exporter"), WalletStatus::Locked);
    on.tell("register", "put_wallet", &locked);
    assert_eq!(on.both("arbiter", "award", &award(lc, n, 400, 0)), 100);
    assert_eq!(on.both("arbiter", "award", &award(lc, n, 0, 400)), 0);
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 0, 400, 700));
}

/// Goal: after the arbiter's last second all is as before; nobody stops a payment by quarrelling again.
#[test]
fn a_dispute_ends_by_itself() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 400);
    on.done("importer", "open_dispute", &(lc, n, DOC));
    on.go(Timestamp(end_of_day(10).0 + 1));
    assert_eq!(
        on.both("arbiter", "award", &award(lc, n, 400, 0)),
        6,
        "too late"
    );
    assert_eq!(
        on.both("importer", "open_dispute", &(lc, n, DOC)),
        6,
        "it can be paid"
    );
    on.standing_of("importer", 103, 0);
    assert_eq!(
        on.both("importer", "open_dispute", &(lc, n, DOC)),
        0,
        "now it cannot"
    );
    on.pass(11 * crate::fixture::DAY);
    on.standing_of("importer", 0, 0);
    assert_eq!(on.both("other", "honour", &(lc, n)), 0);
}

/// Goal: banks go on examining during a dispute; a refusal that was disputed before can still be decided,
/// and its claim stays reserved until then.
#[test]
fn a_disputed_refusal_can_be_awarded() {
    let mut on = Fixture::new();
    let lc = on.credit();
    on.present_bill(lc, 1_000, 5);
    assert_eq!(
        on.both("exporter", "open_dispute", &(lc, 1_u64, DOC)),
        6,
        "not complete"
    );
    on.done("exporter", "complete", &(lc, 1_u64));
    on.done("exporter", "open_dispute", &(lc, 1_u64, DOC));
    on.done(
        "bank",
        "refuse",
        &(lc, 1_u64, vec!["no".to_owned()], Disposal::Return),
    );
    assert_eq!(
        on.controller(5),
        on.on.escrow.address,
        "the arbiter may need it"
    );
    let more = on.offer(lc, 101);
    assert_eq!(on.both("exporter", "present", &more), 401);
    assert_eq!(on.both("arbiter", "award", &award(lc, 1, 0, 1_000)), 0);
    assert_eq!(on.controller(5), at("exporter"), "nothing was paid for it");
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 0, 1_000, 100));
}

/// Goal: an award pays where a breach is left to the arbiter, never where a condition is unknown or its
/// breach refuses; the applicant's part is always free. The credit's own arbiter decides alone.
#[test]
fn e4_an_award_respects_conditions() {
    let mut on = Fixture::new();
    let mut conditional = clauses();
    conditional.conditions = vec![ConditionRef {
        contract: on.on.oracle.address,
        id: 1,
    }];
    let mut terms = on.on.terms(conditional);
    terms.arbiter = Some(at("umpire"));
    let lc = on.issued_on(terms);
    let (n, second) = (on.complying(lc, 400), on.complying(lc, 100));
    for n in [n, second] {
        on.done("bank", "open_dispute", &(lc, n, DOC));
    }
    assert_eq!(on.both("arbiter", "award", &award(lc, n, 0, 400)), 1);
    assert_eq!(on.both("umpire", "award", &award(lc, n, 400, 0)), 407);
    let breach = |policy| ConditionState::Breach { policy };
    on.tell(
        "oracle",
        "put_condition",
        &(1_u64, breach(BreachPolicy::Refuse)),
    );
    assert_eq!(on.both("umpire", "award", &award(lc, n, 400, 0)), 408);
    assert_eq!(on.both("umpire", "award", &award(lc, second, 0, 100)), 0);
    on.tell(
        "oracle",
        "put_condition",
        &(1_u64, breach(BreachPolicy::Arbitrate)),
    );
    assert_eq!(on.both("umpire", "award", &award(lc, n, 250, 150)), 0);
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 250, 250, 600));
}
