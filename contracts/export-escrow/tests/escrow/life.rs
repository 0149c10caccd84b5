//! From application to honour and expiry.

use crate::fixture::{AMOUNT, DAY, Fixture, at, clauses, end_of_day, events, pid};
use export_escrow::credit::{Source, Stage};
use export_escrow::event::{Ended, Paid, Settled};
use export_escrow::presentation::Standing;
use weighhouse_primitives::{Address, Amount, Timestamp};
use weighhouse_standard::interface::{Pid, Purpose, WalletStatus};

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
