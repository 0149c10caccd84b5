//! From application to honour and expiry.

use crate::fixture::{
    AMOUNT, DAY, Fixture, SCREENING_AGE, UnderTest, at, clauses, end_of_day, events, pid,
};
use export_escrow::credit::{Source, Stage};
use export_escrow::event::{Ended, Paid, Settled};
use export_escrow::presentation::Standing;
use export_escrow::terms::Terms;
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::interface::{Pid, Purpose, ScreeningResult, WalletStatus};

/// Goal: a credit is applied for, issued, presented under, examined and honoured; the rest goes back
/// when it expires.
#[test]
fn a_credit_lives_from_application_to_expiry() {
    let mut on = Fixture::new();
    let lc = on.credit();
    on.done("adviser", "advise", &lc);
    let n = on.complying(lc, 600);
    let receipt = on.done("other", "honour", &(lc, n));
    let settled: Vec<Settled> = events(&receipt.events, "Settled");
    assert_eq!(
        (settled[0].drawn, settled[0].returned),
        (Amount(600), Amount(0))
    );
    let paid: Vec<Paid> = events(&receipt.events, "Paid");
    assert_eq!(
        (paid[0].to.pid, paid[0].amount),
        (pid("exporter"), Amount(600))
    );
    assert_eq!(on.balance("exporter"), 600);
    assert_eq!(on.standing(lc, n), Standing::Paid(Source::Applicant));
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 600, 0, 500));
    assert_eq!(on.settled(), 600);
    assert_eq!(on.both("other", "honour", &(lc, n)), 6, "paid once");
    on.go(end_of_day(60));
    assert_eq!(on.both("other", "expire", &lc), 11);
    on.pass(2 * DAY);
    let receipt = on.done("other", "expire", &lc);
    let ended: Vec<Ended> = events(&receipt.events, "Ended");
    assert_eq!(ended[0].applicant, Amount(500));
    assert_eq!(on.view(lc).credit.stage, Stage::Expired);
    assert_eq!(on.books(lc, Source::Applicant), (1_100, 600, 500, 0));
    assert_eq!(on.balance("importer"), 99_400);
}

/// Goal: a tolerance that no amount can reach is refused before anybody counts on it.
#[test]
fn code_9_a_tolerance_beyond_all_amounts() {
    let mut on = Fixture::new();
    let mut terms = on.on.terms(clauses());
    terms.clauses.amount = Amount(u128::MAX);
    assert_eq!(on.both("importer", "apply", &terms), 9);
}

/// Goal: an application names parties of the register and a trade contract of theirs with enough left.
#[test]
fn an_application_fits_the_trade() {
    let mut on = Fixture::new();
    let terms = on.on.terms(clauses());
    assert_eq!(
        on.both("exporter", "apply", &terms),
        116,
        "the other way round"
    );
    assert_eq!(on.both("nobody", "apply", &terms), 100);
    let mut unknown = terms.clone();
    unknown.trade_ref.0[0] = 1;
    assert_eq!(on.both("importer", "apply", &unknown), 116);
    let mut large = terms.clone();
    large.clauses.amount = Amount(10_001);
    assert_eq!(on.both("importer", "apply", &large), 116);
    large.clauses.amount = Amount(10_000);
    assert_eq!(on.both("importer", "apply", &large), 0);
    assert_eq!(
        on.both("importer", "apply", &terms),
        0,
        "drafts commit nothing"
    );
    let hold = on.hold("importer", 11_000);
    on.done("bank", "issue", &(1_u64, hold));
    assert_eq!(
        on.both("importer", "apply", &terms),
        116,
        "an issued credit does"
    );
    let hold = on.hold("importer", 1_100);
    assert_eq!(on.both("bank", "issue", &(2_u64, hold)), 116);
    let mut closed = on.trade_of(10_000);
    closed.until = Timestamp(on.world.time.0 - 1);
    on.tell("register", "put_trade", &(crate::fixture::TRADE, closed));
    assert_eq!(on.both("importer", "apply", &terms), 116, "over");
}

/// Goal: who judges documents or disputes is neither paid nor pays; parties and goods are clear and
/// freshly screened when a bank is bound, and the goods are no hit when money moves.
#[test]
fn judges_stand_apart_and_parties_are_screened() {
    let mut on = Fixture::new();
    for change in [
        |terms: &mut Terms| terms.issuing_bank = at("importer"),
        |terms: &mut Terms| terms.issuing_bank = at("exporter"),
        |terms: &mut Terms| terms.nominated = Some(at("exporter")),
        |terms: &mut Terms| terms.confirming = Some(at("bank")),
        |terms: &mut Terms| terms.arbiter = Some(at("bank")),
        |terms: &mut Terms| terms.trade_ref = Hash::ZERO,
        |terms: &mut Terms| terms.token = Address::ZERO,
    ] {
        let mut terms = on.on.terms(clauses());
        change(&mut terms);
        assert_eq!(on.both("importer", "apply", &terms), 7);
    }
    let terms = on.on.terms(clauses());
    let lc: u64 = on.call("importer", "apply", &terms).expect("a draft");
    let issue = (lc, on.hold("importer", 1_100));
    on.bank("bank", false);
    assert_eq!(on.both("bank", "issue", &issue), 108);
    on.bank("bank", true);
    on.screen("exporter", ScreeningResult::Review);
    assert_eq!(on.both("bank", "issue", &issue), 102);
    on.screen("exporter", ScreeningResult::Clear);
    on.standing_of("importer", 0, 104);
    assert_eq!(
        on.both("bank", "issue", &issue),
        104,
        "takes on nothing new"
    );
    on.standing_of("importer", 0, 0);
    on.pass(SCREENING_AGE);
    assert_eq!(on.check("bank", "issue", &issue), 0, "the last second");
    on.pass(1);
    assert_eq!(on.both("bank", "issue", &issue), 105);
    on.screen("exporter", ScreeningResult::Clear);
    on.screen("importer", ScreeningResult::Clear);
    assert_eq!(on.both("bank", "issue", &issue), 105, "the goods");
    goods(&mut on, ScreeningResult::Hit);
    assert_eq!(on.both("bank", "issue", &issue), 102);
    goods(&mut on, ScreeningResult::Clear);
    assert_eq!(on.both("bank", "issue", &issue), 0);
    let mut offer = on.offer(lc, 100);
    offer.3 = on.world.time;
    let n: u64 = on.call("exporter", "present", &offer).expect("presented");
    on.done("exporter", "complete", &(lc, n));
    on.pass(15 * DAY);
    goods(&mut on, ScreeningResult::Review);
    assert_eq!(on.both("other", "honour", &(lc, n)), 102, "always");
    goods(&mut on, ScreeningResult::Clear);
    on.pass(SCREENING_AGE + 1);
    assert_eq!(
        on.both("other", "honour", &(lc, n)),
        0,
        "an old screening stops nothing"
    );
}

fn goods(on: &mut Fixture, result: ScreeningResult) {
    let mut trade = on.trade_of(10_000);
    trade.screening = Some(on.screening(result));
    on.tell("register", "put_trade", &(crate::fixture::TRADE, trade));
}

/// Goal: the hold behind a credit is the applicant's, for the escrow, without end, large enough, and
/// behind one credit only.
#[test]
fn issue_takes_a_hold_that_can_pay() {
    let mut on = Fixture::new();
    let terms = on.on.terms(clauses());
    let lc: u64 = on.call("importer", "apply", &terms).expect("a draft");
    let good = on.hold("importer", 1_100);
    assert_eq!(on.both("importer", "issue", &(lc, good)), 1);
    assert_eq!(on.both("bank", "issue", &(lc + 1, good)), 4);
    assert_eq!(on.both("bank", "issue", &(lc, good + 1)), 4);
    let less = on.hold("importer", 1_099);
    assert_eq!(on.both("bank", "issue", &(lc, less)), 500);
    let theirs = on.hold("confirmer", 1_100);
    assert_eq!(on.both("bank", "issue", &(lc, theirs)), 7);
    let bound = on.hold_with("token", "importer", Some(at("bank")), 1_100);
    assert_eq!(on.both("bank", "issue", &(lc, bound)), 7);
    let none: Option<Address> = None;
    let escrow = on.on.escrow.address;
    let trade = (Purpose::TradeSettlement, crate::fixture::TRADE);
    let (max, most) = (Timestamp(u64::MAX), Amount(1_100));
    let ends = (none, most, escrow, end_of_day(400), trade.0, trade.1);
    let other = on.on.rights.address;
    on.tell(
        "register",
        "put_wallet",
        &(other, Pid(101), WalletStatus::Active),
    );
    let elsewhere = (none, most, other, max, trade.0, trade.1);
    let general = (none, most, escrow, max, Purpose::General, trade.1);
    for arguments in [ends, elsewhere, general] {
        let hold: u64 = on.on("token", "importer", "create_hold", &arguments);
        assert_eq!(on.both("bank", "issue", &(lc, hold)), 7);
    }
    assert_eq!(on.both("bank", "issue", &(lc, good)), 0);
    assert_eq!(on.both("bank", "issue", &(lc, good)), 6);
    let lc: u64 = on.call("importer", "apply", &terms).expect("a draft");
    assert_eq!(
        on.both("bank", "issue", &(lc, good)),
        5,
        "behind another credit"
    );
    let bound = on.hold_with("token", "importer", Some(at("exporter")), AMOUNT + 100);
    assert_eq!(on.both("bank", "issue", &(lc, bound)), 0);
}
