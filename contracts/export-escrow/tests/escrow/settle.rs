//! Money and control of the bill of lading move together, once, and only when everything holds.

use crate::fixture::{DAY, Fixture, UnderTest, at, clauses, end_of_day, events, pid};
use export_escrow::credit::{Source, Stage};
use export_escrow::event::{Ended, Settled};
use export_escrow::presentation::Standing;
use export_escrow::terms::{Availability, Clauses, ConditionRef};
use weighhouse_primitives::{Amount, Timestamp};
use weighhouse_standard::interface::{BreachPolicy, ConditionState};
use weighhouse_testkit::world::START;

fn on_condition(on: &Fixture) -> Clauses {
    let mut clauses = clauses();
    clauses.conditions = vec![ConditionRef {
        contract: on.on.oracle.address,
        id: 1,
    }];
    clauses
}

/// Goal: honour moves units and control of the bill of lading in one call, to the exporter and to the
/// importer; a token that refuses leaves both where they were.
#[test]
fn e2_honour_moves_money_and_bill_together_and_once() {
    let mut on = Fixture::new();
    let lc = on.credit();
    on.present_bill(lc, 400, 5);
    on.done("exporter", "complete", &(lc, 1_u64));
    let verdict = export_escrow::presentation::Verdict::Complying;
    on.done("nominee", "examine", &(lc, 1_u64, verdict));
    let reason = "test".to_owned();
    let () = on.on("token", "pauser", "pause", &reason);
    assert_eq!(
        on.both("other", "honour", &(lc, 1_u64)),
        2,
        "what the token says"
    );
    assert_eq!(on.controller(5), on.on.escrow.address);
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 0, 0, 1_100));
    let () = on.on("token", "pauser", "unpause", &());
    assert_eq!(on.both("other", "honour", &(lc, 1_u64)), 0);
    assert_eq!(
        (on.balance("exporter"), on.controller(5)),
        (400, at("importer"))
    );
    assert_eq!(on.both("other", "honour", &(lc, 1_u64)), 6);
    assert_eq!(
        on.both("confirmer", "honour_confirming", &(lc, 1_u64, NONE)),
        1,
        "not confirmed"
    );
    assert_eq!(on.both("other", "return_documents", &(lc, 1_u64)), 6);
}

const NONE: Option<weighhouse_primitives::Hash> = None;

/// Goal: the trade contract grows by exactly what is paid, and a credit drawn in full closes: what was
/// set aside beyond goes back in the same call.
#[test]
fn e9_the_trade_grows_by_what_is_paid() {
    let mut on = Fixture::new();
    let lc = on.credit();
    for (claim, sum) in [(300, 300), (200, 500), (600, 1_100)] {
        let n = on.complying(lc, claim);
        let receipt = on.done("other", "honour", &(lc, n));
        assert_eq!((on.settled(), on.balance("exporter")), (sum, sum));
        let ended: Vec<Ended> = events(&receipt.events, "Ended");
        assert_eq!(ended.len(), usize::from(sum == 1_100));
    }
    assert_eq!(on.view(lc).credit.stage, Stage::Closed);
    let mut single = clauses();
    single.partial_allowed = false;
    let lc = on.issued(single);
    let n = on.complying(lc, 960);
    on.done("other", "honour", &(lc, n));
    assert_eq!(on.view(lc).credit.stage, Stage::Closed, "drawn in one");
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 960, 140, 0));
    assert_eq!(on.both("other", "expire", &lc), 6);
}

/// Goal: a deferred payment is due from the first second of its day, not one second before.
#[test]
fn deferred_payment_waits_for_its_day() {
    let mut on = Fixture::new();
    let mut deferred = clauses();
    deferred.availability = Availability::Deferred { days: 90 };
    let lc = on.issued(deferred);
    let n = on.complying(lc, 100);
    on.go(end_of_day(89));
    assert_eq!(on.both("other", "honour", &(lc, n)), 11);
    assert_eq!(
        on.both("other", "expire", &lc),
        406,
        "owed after the credit's time"
    );
    on.pass(1);
    assert_eq!(on.both("other", "honour", &(lc, n)), 0);
    assert_eq!(on.both("other", "expire", &lc), 0);
}

/// Goal: nothing is paid while a condition is unknown or breached; a penalty goes back to the importer,
/// rounded up.
#[test]
fn e4_conditions_hold_before_money_moves() {
    let mut on = Fixture::new();
    let lc = on.issued(on_condition(&on));
    let n = on.complying(lc, 333);
    assert_eq!(on.both("other", "honour", &(lc, n)), 407, "nobody knows it");
    let breach = |policy| ConditionState::Breach { policy };
    for (state, code) in [
        (ConditionState::Unknown { why: 653 }, 407),
        (breach(BreachPolicy::Refuse), 408),
        (breach(BreachPolicy::Arbitrate), 408),
    ] {
        on.tell("oracle", "put_condition", &(1_u64, state));
        assert_eq!(on.both("other", "honour", &(lc, n)), code);
    }
    on.tell(
        "oracle",
        "put_condition",
        &(1_u64, breach(BreachPolicy::PenaltyBps(150))),
    );
    let receipt = on.done("other", "honour", &(lc, n));
    let settled: Vec<Settled> = events(&receipt.events, "Settled");
    assert_eq!(
        (settled[0].drawn, settled[0].returned),
        (Amount(328), Amount(5)),
        "4.995 up"
    );
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 328, 5, 767));
    let n = on.complying(lc, 100);
    on.tell(
        "oracle",
        "put_condition",
        &(1_u64, breach(BreachPolicy::PenaltyBps(20_000))),
    );
    assert_eq!(on.both("other", "honour", &(lc, n)), 0, "all of it back");
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 328, 105, 667));
    let n = on.complying(lc, 100);
    on.tell("oracle", "put_condition", &(1_u64, ConditionState::Ok));
    assert_eq!(on.both("other", "honour", &(lc, n)), 0);
    let mut nobody = on_condition(&on);
    nobody.conditions[0].contract = at("other");
    let lc = on.issued(nobody);
    let n = on.complying(lc, 100);
    assert_eq!(
        on.both("other", "honour", &(lc, n)),
        407,
        "no contract there"
    );
}

/// Goal: everything that was set aside is drawn, returned or held, whatever officers of the token do to
/// the hold; what they gave back is not paid twice.
#[test]
fn e1_a_voided_hold_is_returned_once() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 400);
    let hold = on.view(lc).credit.funding[0].hold;
    let id: u64 = on.on(
        "token",
        "compliance",
        "propose_void_hold",
        &(hold, crate::fixture::DOC),
    );
    let () = on.on("token", "regulator", "approve_void_hold", &id);
    assert_eq!(on.both("other", "honour", &(lc, n)), 6, "the hold is over");
    on.done("importer", "open_dispute", &(lc, n, crate::fixture::DOC));
    let award = (lc, n, Amount(0), Amount(400), crate::fixture::DOC);
    assert_eq!(on.both("arbiter", "award", &award), 0);
    on.go(Timestamp(end_of_day(60).0 + 1));
    assert_eq!(on.both("other", "expire", &lc), 0);
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 0, 1_100, 0));
    assert_eq!(on.balance("importer"), 100_000);
}

/// Goal: a frozen or sanctioned side stops payment for as long as it lasts, and the claim is paid
/// afterwards, even after the credit's time; the lowest code is named, and whose it is.
#[test]
fn e10_the_law_stops_payment_and_destroys_no_claim() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 100);
    for (who, give, take, code) in [
        ("importer", 101, 101, 101),
        ("importer", 103, 0, 103),
        ("exporter", 102, 102, 102),
        ("exporter", 0, 104, 104),
    ] {
        on.standing_of(who, give, take);
        assert_eq!(on.both("other", "honour", &(lc, n)), code);
        let why: Option<export_escrow::law::Obstacle> = on.ask("why_honour", &(lc, n));
        let why = why.expect("an obstacle");
        assert_eq!((why.code, why.pid), (code, Some(pid(who))));
        on.standing_of(who, 0, 0);
    }
    on.standing_of("importer", 103, 0);
    on.standing_of("exporter", 0, 101);
    assert_eq!(on.both("other", "honour", &(lc, n)), 101, "codes ascend");
    on.standing_of("exporter", 0, 0);
    on.go(Timestamp(end_of_day(60).0 + DAY));
    assert_eq!(on.both("other", "expire", &lc), 406);
    on.standing_of("importer", 0, 0);
    assert_eq!(on.both("other", "honour", &(lc, n)), 0);
    assert_eq!(on.both("other", "expire", &lc), 0);
}

/// Goal: a wallet that is locked or given up is paid nothing and says nothing; the party is paid at
/// another wallet of its own.
#[test]
fn e7_a_lost_wallet_is_neither_paid_nor_heard() {
    use weighhouse_standard::interface::WalletStatus;
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 100);
    let lost = (at("exporter"), pid("exporter"), WalletStatus::Recovered);
    on.tell("register", "put_wallet", &lost);
    assert_eq!(on.both("other", "honour", &(lc, n)), 100);
    let offer = on.offer(lc, 50);
    assert_eq!(on.both("exporter", "present", &offer), 100);
    let new = (
        at("exporter's other"),
        pid("exporter"),
        WalletStatus::Active,
    );
    on.tell("register", "put_wallet", &new);
    assert_eq!(on.both("other", "honour", &(lc, n)), 0);
    assert_eq!(
        (on.balance("exporter"), on.balance("exporter's other")),
        (0, 100)
    );
    assert_eq!(on.both("exporter's other", "present", &offer), 0);
    assert_eq!(on.standing(lc, n), Standing::Paid(Source::Applicant));
    assert_eq!(offer.3, START);
}
