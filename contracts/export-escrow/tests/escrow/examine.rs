//! Examination: verdict, one refusal, preclusion, waiver, corrupt documents, stopped clocks.

use crate::fixture::{DAY, DOC, Fixture, UnderTest, after, at, end_of_day};
use export_escrow::credit::Source;
use export_escrow::presentation::{Clock, Disposal, Standing, Verdict};
use weighhouse_primitives::{Hash, Timestamp};

type Refuse = (u64, u64, Vec<String>, Disposal);

fn refusal(lc: u64, n: u64) -> Refuse {
    (
        lc,
        n,
        vec!["no signature".into()],
        Disposal::HoldForPresenter,
    )
}

fn deadline(on: &Fixture, lc: u64, n: u64) -> Option<Timestamp> {
    match on.shown(lc, n).presentation.clock {
        Clock::Running { deadline } => Some(deadline),
        _ => None,
    }
}

/// Goal: banks examine until the end of the fifth banking day; in that second they refuse, one second
/// later they are precluded and the presentation is paid.
#[test]
fn e4_a_bank_that_is_silent_is_precluded() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let (refused, silent) = (on.complete(lc, 100), on.complete(lc, 200));
    assert_eq!(
        deadline(&on, lc, silent),
        Some(end_of_day(8)),
        "a weekend and a holiday"
    );
    on.go(end_of_day(8));
    assert_eq!(
        on.both("other", "honour", &(lc, silent)),
        6,
        "not decided yet"
    );
    assert_eq!(on.both("nominee", "refuse", &refusal(lc, refused)), 0);
    on.pass(1);
    assert_eq!(on.both("bank", "refuse", &refusal(lc, silent)), 405);
    assert_eq!(
        on.both("bank", "examine", &(lc, silent, Verdict::Complying)),
        405
    );
    assert_eq!(on.both("bank", "ask_waiver", &(lc, silent)), 405);
    assert_eq!(on.standing(lc, silent), Standing::Precluded);
    assert_eq!(on.both("other", "honour", &(lc, silent)), 0);
    assert_eq!(on.both("other", "honour", &(lc, refused)), 400);
}

/// Goal: a refusal says why, comes once, and from a bank.
#[test]
fn e5_there_is_one_refusal() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complete(lc, 100);
    assert_eq!(
        on.both("confirmer", "refuse", &refusal(lc, n)),
        1,
        "not bound"
    );
    assert_eq!(on.both("importer", "refuse", &refusal(lc, n)), 1);
    let none = (lc, n, Vec::<String>::new(), Disposal::Return);
    assert_eq!(on.both("bank", "refuse", &none), 7);
    let empty = (lc, n, vec![String::new()], Disposal::Return);
    assert_eq!(on.both("bank", "refuse", &empty), 7);
    let long = (lc, n, vec!["x".repeat(257)], Disposal::Return);
    assert_eq!(on.both("bank", "refuse", &long), 13);
    let many = (lc, n, vec!["x".to_owned(); 33], Disposal::Return);
    assert_eq!(on.both("bank", "refuse", &many), 13);
    assert_eq!(on.both("bank", "refuse", &refusal(lc, n)), 0);
    assert_eq!(on.both("bank", "refuse", &refusal(lc, n)), 6);
    assert_eq!(on.both("nominee", "refuse", &refusal(lc, n)), 6);
    assert_eq!(on.both("bank", "examine", &(lc, n, Verdict::Complying)), 6);
    let judged = on.complying(lc, 100);
    assert_eq!(
        on.both("bank", "refuse", &refusal(lc, judged)),
        6,
        "a verdict stands"
    );
    on.pass(30 * DAY);
    assert_eq!(on.standing(lc, n), Standing::Refused, "for ever");
}

/// Goal: refused documents come back: at once, or when somebody asks.
#[test]
fn refused_records_return_to_the_presenter() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let ways = [
        (Disposal::Return, true),
        (Disposal::HoldForPresenter, false),
    ];
    for (record, (disposal, at_once)) in (5..).zip(ways) {
        let n = on.present_bill(lc, 100, record);
        on.done("exporter", "complete", &(lc, n));
        assert_eq!(on.both("other", "return_documents", &(lc, n)), 6, "open");
        on.done(
            "bank",
            "refuse",
            &(lc, n, vec!["late".to_owned()], disposal),
        );
        assert_eq!(on.controller(record) == at("exporter"), at_once);
        let code = on.both("other", "return_documents", &(lc, n));
        assert_eq!(code, if at_once { 6 } else { 0 });
        assert_eq!(on.controller(record), at("exporter"));
    }
}

/// Goal: a waiver goes from the bank to the applicant and back, needs all three, and moves no deadline.
#[test]
fn e4_a_waiver_takes_bank_and_applicant() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let mut offer = on.offer(lc, 100);
    offer.1.pop();
    on.done("exporter", "present", &offer);
    on.done("exporter", "complete", &(lc, 1_u64));
    let this = (lc, 1_u64);
    let before = deadline(&on, lc, 1);
    assert_eq!(on.both("importer", "give_waiver", &this), 6, "not asked");
    assert_eq!(on.both("nominee", "ask_waiver", &this), 1);
    assert_eq!(on.both("bank", "accept_waiver", &this), 6);
    assert_eq!(on.both("bank", "ask_waiver", &this), 0);
    assert_eq!(on.both("bank", "ask_waiver", &this), 6);
    assert_eq!(on.both("bank", "give_waiver", &this), 1);
    assert_eq!(on.both("bank", "accept_waiver", &this), 6, "not given");
    assert_eq!(on.both("importer", "give_waiver", &this), 0);
    assert_eq!(deadline(&on, lc, 1), before);
    on.go(end_of_day(8));
    assert_eq!(on.both("bank", "accept_waiver", &this), 0);
    assert_eq!(on.both("bank", "accept_waiver", &this), 6);
    assert_eq!(on.standing(lc, 1), Standing::Waived);
    assert_eq!(on.both("other", "honour", &this), 0);
    assert_eq!(on.standing(lc, 1), Standing::Paid(Source::Applicant));
}

/// Goal: a corrupt document stops the clock; replaced it goes on with the banking days that were left;
/// not replaced within thirty days the presentation was none.
#[test]
fn a_corrupt_document_stops_the_clock() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let offer = on.offer(lc, 100);
    on.done("exporter", "present", &offer);
    on.done("exporter", "complete", &(lc, 1_u64));
    let (bad, second) = (offer.1[0].hash, offer.1[1].hash);
    on.go(after(2 * DAY)); // Wednesday: Wednesday, Thursday, Friday, Tuesday are left
    assert_eq!(on.both("importer", "suspend_corrupt", &(lc, 1_u64, bad)), 1);
    assert_eq!(
        on.both("bank", "suspend_corrupt", &(lc, 1_u64, Hash::ZERO)),
        17
    );
    assert_eq!(on.both("bank", "suspend_corrupt", &(lc, 1_u64, DOC)), 4);
    assert_eq!(
        on.both("exporter", "represent", &(lc, 1_u64, bad, DOC)),
        6,
        "not reported"
    );
    assert_eq!(on.both("bank", "suspend_corrupt", &(lc, 1_u64, bad)), 0);
    assert_eq!(
        on.both("nominee", "suspend_corrupt", &(lc, 1_u64, second)),
        0
    );
    assert_eq!(
        on.both("bank", "suspend_corrupt", &(lc, 1_u64, bad)),
        6,
        "once each"
    );
    assert_eq!(
        on.shown(lc, 1).presentation.clock,
        Clock::Stopped { left: 4 }
    );
    assert_eq!(on.both("bank", "refuse", &refusal(lc, 1)), 409);
    assert_eq!(
        on.both("bank", "examine", &(lc, 1_u64, Verdict::Complying)),
        409
    );
    assert_eq!(on.both("other", "honour", &(lc, 1_u64)), 409);
    on.go(after(9 * DAY)); // Wednesday
    assert_eq!(on.both("bank", "represent", &(lc, 1_u64, bad, DOC)), 1);
    assert_eq!(
        on.both("exporter", "represent", &(lc, 1_u64, bad, Hash::ZERO)),
        17
    );
    assert_eq!(
        on.both("exporter", "represent", &(lc, 1_u64, bad, second)),
        18,
        "used"
    );
    assert_eq!(on.both("exporter", "represent", &(lc, 1_u64, bad, DOC)), 0);
    assert_eq!(on.standing(lc, 1), Standing::ClockStopped, "one is missing");
    assert_eq!(
        on.both("exporter", "represent", &(lc, 1_u64, second, Hash([8; 32]))),
        0
    );
    assert_eq!(
        deadline(&on, lc, 1),
        Some(end_of_day(15)),
        "four banking days after"
    );
    assert_eq!(
        on.both("bank", "suspend_corrupt", &(lc, 1_u64, DOC)),
        6,
        "once each"
    );
    assert_eq!(
        on.both("bank", "examine", &(lc, 1_u64, Verdict::Complying)),
        0
    );
}

/// Goal: the thirtieth day is in time to its last second, and then the presentation lapsed: its keys
/// are free under the credit, and it bars nothing.
#[test]
fn a_corrupt_document_is_replaced_within_thirty_days() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let offers = [on.offer(lc, 100), on.offer(lc, 200)];
    for (n, offer) in (1_u64..).zip(&offers) {
        on.done("exporter", "present", offer);
        on.done("exporter", "complete", &(lc, n));
        on.done("bank", "suspend_corrupt", &(lc, n, offer.1[0].hash));
    }
    on.go(end_of_day(30));
    let [first, second] = [offers[0].1[0].hash, offers[1].1[0].hash];
    assert_eq!(
        on.both("exporter", "represent", &(lc, 1_u64, first, DOC)),
        0
    );
    assert_eq!(on.standing(lc, 1), Standing::Examining);
    assert!(on.shown(lc, 2).open);
    on.pass(1);
    let late = (lc, 2_u64, second, Hash([8; 32]));
    assert_eq!(on.both("exporter", "represent", &late), 10);
    assert_eq!(on.standing(lc, 2), Standing::Lapsed);
    assert!(!on.shown(lc, 2).open);
    let mut again = offers[1].clone();
    again.3 = after(15 * DAY);
    assert_eq!(on.both("exporter", "present", &again), 0);
}

/// Goal: when the issuing bank loses its authorisation clocks stand still from the note of it until the
/// regulator has put an agent in its place; the banking days left are counted from the day of the stop.
#[test]
fn e11_an_agent_takes_the_place_of_a_bank() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let early = on.complete(lc, 100);
    let owed = on.complying(lc, 50);
    assert_eq!(on.code("other", "stop_clock", &lc), 6, "it is authorised");
    assert_eq!(on.code("regulator", "assign_agent", &(lc, at("agent"))), 6);
    on.go(after(3 * DAY)); // Thursday: Thursday, Friday, Tuesday are left
    on.bank("bank", false);
    assert_eq!(
        on.both("bank", "examine", &(lc, early, Verdict::Complying)),
        108
    );
    assert_eq!(on.both("other", "honour", &(lc, owed)), 108);
    on.done("other", "stop_clock", &lc);
    assert_eq!(on.code("other", "stop_clock", &lc), 6, "noted");
    assert_eq!(
        on.both("nominee", "examine", &(lc, early, Verdict::Complying)),
        409
    );
    let during = on.complete(lc, 70);
    on.go(after(20 * DAY)); // a Sunday
    assert_eq!(
        on.standing(lc, early),
        Standing::ClockStopped,
        "no preclusion meanwhile"
    );
    assert_eq!(on.code("other", "assign_agent", &(lc, at("agent"))), 1);
    assert_eq!(
        on.code("regulator", "assign_agent", &(lc, at("other"))),
        108
    );
    on.done("regulator", "assign_agent", &(lc, at("agent")));
    assert_eq!(
        deadline(&on, lc, early),
        Some(end_of_day(23)),
        "three banking days"
    );
    assert_eq!(deadline(&on, lc, during), Some(end_of_day(25)), "all five");
    assert_eq!(
        on.both("bank", "examine", &(lc, early, Verdict::Complying)),
        1
    );
    assert_eq!(
        on.both("agent", "examine", &(lc, early, Verdict::Complying)),
        0
    );
    assert_eq!(on.both("other", "honour", &(lc, owed)), 0);
    on.go(Timestamp(end_of_day(25).0 + 1));
    assert_eq!(on.both("other", "honour", &(lc, during)), 0, "precluded");
}
