//! Utility rights: claimed, performed, disputed, extinguished.

use crate::fixture::{DOC, Fixture, UnderTest, pid, transfer};
use rights_registry::object::{Detail, Status};
use rights_registry::utility::Utility;
use weighhouse_primitives::{Amount, Hash, Timestamp};
use weighhouse_standard::interface::Pid;

type Terms = (String, Pid, Pid, Amount, String, Hash, Timestamp);

impl Fixture {
    fn terms(&mut self, ref_no: &str, quantity: u128) -> Terms {
        let until = Timestamp(self.now() + 10_000);
        let (issuer, holder) = (pid("carrier"), pid("ann"));
        (
            ref_no.into(),
            issuer,
            holder,
            Amount(quantity),
            "hours".into(),
            self.doc(),
            until,
        )
    }

    /// A right of ann's to 100 hours of the carrier's.
    fn utility(&mut self) -> u64 {
        let terms = self.terms("U1", 100);
        self.id("carrier", "issue_utility", &terms)
    }

    fn counts(&self, id: u64) -> (u128, u128, u128, bool) {
        let Detail::Utility(utility) = self.object(id).detail else {
            panic!("no utility right");
        };
        let Utility {
            claimed,
            performed,
            disputed,
            ..
        } = utility.clone();
        (utility.open().0, claimed.0, performed.0, disputed)
    }
}

/// The terms with a change.
fn with(terms: &Terms, change: impl FnOnce(&mut Terms)) -> Terms {
    let mut terms = terms.clone();
    change(&mut terms);
    terms
}

/// Goal: a right is issued by the one who has to perform, for something, for a time to come.
#[test]
fn issues_refuse() {
    let mut f = Fixture::new();
    let good = f.terms("U1", 100);
    let now = Timestamp(f.now());
    let cases = [
        ("carrier", 7, with(&good, |terms| terms.0 = String::new())),
        ("carrier", 7, with(&good, |terms| terms.4 = String::new())),
        ("carrier", 13, with(&good, |terms| terms.4 = "x".repeat(65))),
        (
            "carrier",
            7,
            with(&good, |terms| terms.6 = Timestamp(now.0 - 1)),
        ),
        ("carrier", 8, with(&good, |terms| terms.3 = Amount(0))),
        ("carrier", 17, with(&good, |terms| terms.5 = Hash::ZERO)),
        ("ann", 1, good.clone()),
        ("carrier", 0, with(&good, |terms| terms.6 = now)),
        ("carrier", 5, with(&good, |terms| terms.5 = Hash([9; 32]))),
        ("carrier", 18, with(&good, |terms| terms.0 = "U2".into())),
    ];
    for (who, code, terms) in cases {
        assert_eq!(f.both(who, "issue_utility", &terms), code, "{terms:?}");
    }
    let next = f.terms("U2", u128::MAX);
    assert_eq!(
        f.both("carrier", "issue_utility", &next),
        9,
        "all rights together"
    );
    for (give, take, holder, code) in [(0, 104, 0, 104), (101, 0, 100, 100), (0, 0, 105, 105)] {
        f.standing("carrier", give, take);
        f.standing("ann", 0, holder);
        let next = f.terms("U2", 1);
        assert_eq!(f.both("carrier", "issue_utility", &next), code);
    }
}

/// Goal: the holder demands up to the last second and up to the quantity, and what is performed ends.
#[test]
fn claims_and_performance() {
    let mut f = Fixture::new();
    let id = f.utility();
    let until = f.now() + 10_000;
    let work = f.work("W1", "ann");
    for (who, code, arguments) in [
        ("ann", 8, (id, Amount(0))),
        ("ann", 4, (99, Amount(1))),
        ("ann", 4, (work, Amount(1))),
        ("carrier", 1, (id, Amount(1))),
        ("stranger", 1, (id, Amount(1))),
        ("ann", 13, (id, Amount(101))),
        ("ann", 0, (id, Amount(60))),
        ("ann", 13, (id, Amount(41))),
    ] {
        assert_eq!(
            f.both(who, "claim_performance", &arguments),
            code,
            "{who} {arguments:?}"
        );
    }
    assert_eq!(f.counts(id), (40, 60, 0, false));
    let (doc, second, third) = (f.doc(), f.doc(), f.doc());
    for (who, code, arguments) in [
        ("ann", 8, (id, Amount(0), doc)),
        ("ann", 17, (id, Amount(1), Hash::ZERO)),
        ("ann", 4, (99, Amount(1), doc)),
        ("carrier", 1, (id, Amount(1), doc)),
        ("ann", 13, (id, Amount(61), doc)),
        ("ann", 0, (id, Amount(20), doc)),
        ("ann", 18, (id, Amount(20), doc)),
        ("ann", 0, (id, Amount(40), second)),
        ("ann", 13, (id, Amount(1), third)),
    ] {
        assert_eq!(
            f.both(who, "confirm_performance", &arguments),
            code,
            "{who} {arguments:?}"
        );
    }
    assert_eq!(f.counts(id), (40, 0, 60, false));
    f.at_time(until);
    assert_eq!(f.both("ann", "claim_performance", &(id, Amount(30))), 0);
    f.at_time(until + 1);
    assert_eq!(f.both("ann", "claim_performance", &(id, Amount(10))), 307);
    assert_eq!(
        f.both("ann", "confirm_performance", &(id, Amount(30), third)),
        0,
        "claimed in time"
    );
    assert_eq!(f.object(id).status, Status::Live, "ten hours lapsed");
}

/// Goal: a right performed in full is over.
#[test]
fn performed_in_full() {
    let mut f = Fixture::new();
    let id = f.utility();
    f.done("ann", "claim_performance", &(id, Amount(100)));
    let doc = f.doc();
    f.done("ann", "confirm_performance", &(id, Amount(100), doc));
    let object = f.object(id);
    assert_eq!((object.status, object.owners.len()), (Status::Closed, 0));
    assert_eq!(f.both("ann", "claim_performance", &(id, Amount(1))), 6);
    assert_eq!(f.both("ann", "dispute_performance", &(id, DOC)), 6);
    assert_eq!(f.applies("ann", id, transfer("ann", "bob", (1, 1))), 6);
}

/// Goal: either side disputes what is claimed, once; the holder or an arbiter ends it, and what was not
/// performed can be claimed again.
#[test]
fn disputes_end() {
    let mut f = Fixture::new();
    let id = f.utility();
    assert_eq!(
        f.both("ann", "dispute_performance", &(id, DOC)),
        6,
        "nothing is claimed"
    );
    f.done("ann", "claim_performance", &(id, Amount(60)));
    assert_eq!(
        f.both("carrier", "dispute_performance", &(id, Hash::ZERO)),
        17
    );
    assert_eq!(f.both("bob", "dispute_performance", &(id, DOC)), 1);
    let doc = f.doc();
    assert_eq!(
        f.both("arbiter", "resolve_performance", &(id, Amount(1), doc)),
        6,
        "no dispute"
    );
    assert_eq!(f.both("carrier", "dispute_performance", &(id, DOC)), 0);
    assert_eq!(f.both("ann", "dispute_performance", &(id, DOC)), 6, "once");
    assert_eq!(f.both("ann", "claim_performance", &(id, Amount(1))), 6);
    f.stop(false);
    assert_eq!(
        f.both("ann", "resolve_performance", &(id, Amount(1), doc)),
        1
    );
    assert_eq!(
        f.both(
            "arbiter",
            "resolve_performance",
            &(id, Amount(1), Hash::ZERO)
        ),
        17
    );
    assert_eq!(
        f.both("arbiter", "resolve_performance", &(99_u64, Amount(1), doc)),
        4
    );
    assert_eq!(
        f.both("arbiter", "resolve_performance", &(id, Amount(61), doc)),
        13
    );
    assert_eq!(
        f.both("arbiter", "resolve_performance", &(id, Amount(25), doc)),
        0
    );
    f.done("pauser", "unpause", &());
    assert_eq!(f.counts(id), (75, 0, 25, false));
    f.done("ann", "claim_performance", &(id, Amount(75)));
    f.done("ann", "dispute_performance", &(id, DOC));
    let (one, two) = (f.doc(), f.doc());
    f.done("ann", "confirm_performance", &(id, Amount(10), one));
    assert_eq!(
        f.counts(id),
        (0, 65, 35, true),
        "the rest is still disputed"
    );
    f.done("ann", "confirm_performance", &(id, Amount(65), two));
    assert_eq!(f.object(id).status, Status::Closed);
}

/// Goal: a utility right moves as a whole, with what is claimed of it; an order stops demands.
#[test]
fn utility_rights_move_whole() {
    let mut f = Fixture::new();
    let id = f.utility();
    f.done("ann", "claim_performance", &(id, Amount(60)));
    let entry = f.apply("ann", id, transfer("ann", "bob", (1, 2)));
    f.consents(entry);
    f.cool(entry);
    assert_eq!(f.register(entry), 300);
    f.done("ann", "withdraw", &entry);
    f.settle("ann", id, transfer("ann", "bob", (1, 1)));
    assert_eq!(f.both("ann", "claim_performance", &(id, Amount(1))), 1);
    assert_eq!(f.counts(id), (40, 60, 0, false));
    let order = f.order(id, None);
    assert_eq!(f.both("bob", "claim_performance", &(id, Amount(1))), 117);
    f.end_order(order);
    assert_eq!(f.both("bob", "claim_performance", &(id, Amount(1))), 0);
}
