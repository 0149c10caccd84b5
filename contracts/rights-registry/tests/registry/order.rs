//! The order of checks where one message breaks several rules: the codes are those of the order of the
//! specification, whichever rule is easier to look at first.

use crate::fixture::{DOC, Fixture, UnderTest, at, pid, transfer};
use rights_registry::application::{Correction, Piece, Request};
use rights_registry::arrest::ForcedTransfer;
use rights_registry::object::Class;
use rights_registry::record::RecordType;
use weighhouse_primitives::{Amount, Hash, Timestamp};

/// Goal: of a list of shares, pieces or a correction with several mistakes, the argument that makes no
/// sense (7) comes before the amount that is nothing (8), and that before the missing document (17).
#[test]
fn shapes_come_in_order() {
    let mut f = Fixture::new();
    let open = f.create(Class::Parcel, "O1", Some(10));
    let shares = vec![(pid("ann"), (0, 1)), (pid("bob"), (1, 0))];
    let founded = f.applies("ann", open, Request::FirstOwnership { shares });
    assert_eq!(founded, 7, "a fraction of nothing, and none");
    let parcel = f.parcel("P1", &[("ann", 1, 1)]);
    let piece = |ref_no: &str, area: u128, meta: Hash| Piece {
        ref_no: ref_no.into(),
        area: Amount(area),
        meta,
    };
    let cases = [
        (7, [piece("A", 0, DOC), piece("", 1, DOC)]),
        (8, [piece("A", 1, Hash([0; 32])), piece("B", 0, DOC)]),
        (17, [piece("A", 1, DOC), piece("B", 1, Hash([0; 32]))]),
    ];
    for (code, pieces) in cases {
        let pieces = pieces.into();
        let divided = f.applies("ann", parcel, Request::Subdivide { pieces });
        assert_eq!(divided, code);
    }
    let correction = Correction::RefNo(String::new());
    let doc = Hash([0; 32]);
    let corrected = f.applies("ann", parcel, Request::Rectify { correction, doc });
    assert_eq!(corrected, 7, "no number, no document");
}

/// Goal: R1. A part that is owned but leaves a rest that fits no number is an overflow (9), not more than
/// what is owned (300).
#[test]
fn r1_a_rest_that_fits_no_number_is_an_overflow() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 2), ("bob", 1, 2)]);
    for (part, code) in [((1, u128::MAX), 9), ((u128::MAX, u128::MAX - 1), 300)] {
        let entry = f.ripe("ann", id, transfer("ann", "bob", part));
        assert_eq!(f.register(entry), code);
        f.done("ann", "withdraw", &entry);
    }
}

/// Goal: of a certificate more is taken by force than there is: 300 comes before 303.
#[test]
fn forced_codes_ascend() {
    let mut f = Fixture::new();
    let doc = f.doc();
    let certificate = (RecordType::Certificate, "C1".to_owned(), doc, at("ann"));
    let id = f.id("carrier", "issue_record", &certificate);
    let order = f.order(id, None);
    for (part, code) in [((1_u128, 2_u128), 300), ((1, 1), 303)] {
        let act = ForcedTransfer {
            object: id,
            from: pid("ann"),
            to: pid("bob"),
            part,
            order,
            doc: DOC,
        };
        assert_eq!(f.both("enforcer", "forced_transfer", &act), code);
    }
}

/// Goal: what is there already (5) and what is not (4) come before a document that was used (18).
#[test]
fn existence_comes_before_documents() {
    let mut f = Fixture::new();
    let parcel = f.parcel("P1", &[("ann", 1, 1)]);
    let until = Timestamp(f.now() + 10_000);
    let used = f.doc();
    let parties = (pid("carrier"), pid("ann"));
    let utility = |ref_no: &str| {
        let quantity = (Amount(5), "t".to_owned());
        (ref_no.to_owned(), parties, quantity, used, until)
    };
    f.id("carrier", "issue_utility", &utility("U1"));
    assert_eq!(f.both("carrier", "issue_utility", &utility("U1")), 5);
    assert_eq!(f.both("carrier", "issue_utility", &utility("U2")), 18);
    assert_eq!(f.both("ann", "to_paper", &(parcel, used)), 4, "no record");
}

/// Goal: R4. A contract that is not in good standing is refused control for that (101) before it is
/// refused for being no system (108).
#[test]
fn r4_codes_of_a_custodian_ascend() {
    let mut f = Fixture::new();
    let doc = f.doc();
    let bill = (RecordType::BillOfLading, "B1".to_owned(), doc, at("ann"));
    let id = f.id("carrier", "issue_record", &bill);
    for (standing, code) in [(101, 101), (0, 108)] {
        f.standing("bob", 0, standing);
        assert_eq!(f.both("ann", "pledge_control", &(id, at("bob"))), code);
    }
}
