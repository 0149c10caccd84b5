//! Division, merger, correction.

use crate::fixture::{COOLING, DOC, Fixture, UnderTest, mortgage, pid, transfer};
use rights_registry::application::{Correction, Piece, Request};
use rights_registry::object::{Class, Status};
use rights_registry::restriction::RestrictionKind;
use rights_registry::usage::UseKind;
use rights_registry::view::RightView;
use weighhouse_primitives::{Amount, Hash, Timestamp};

pub(crate) fn pieces(areas: &[(&str, u128)]) -> Request {
    let piece = |(ref_no, area): &(&str, u128)| Piece {
        ref_no: (*ref_no).into(),
        area: Amount(*area),
        meta: DOC,
    };
    Request::Subdivide {
        pieces: areas.iter().map(piece).collect(),
    }
}

pub(crate) fn merge(others: &[u64], ref_no: &str) -> Request {
    Request::Merge {
        others: others.to_vec(),
        ref_no: ref_no.into(),
        meta: DOC,
    }
}

fn rectify(correction: Correction) -> Request {
    Request::Rectify {
        correction,
        doc: DOC,
    }
}

impl Fixture {
    pub(crate) fn object_number(&self, ref_no: &str) -> u64 {
        let id: Option<u64> = self.ask("object_of", &(Class::Parcel, ref_no.to_owned()));
        id.expect("an object of that number")
    }

    fn tried(&mut self, who: &str, object: u64, request: Request) -> u16 {
        let entry = self.apply(who, object, request);
        self.consents(entry);
        self.cool(entry);
        let code = self.register(entry);
        if code != 0 {
            self.done(who, "withdraw", &entry);
        }
        code
    }
}

/// Goal: R5. Pieces have together the area of the whole, which is over; they inherit owners,
/// restrictions and duties.
#[test]
fn r5_areas_of_pieces_add_up() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 3), ("bob", 2, 3)]);
    f.settle("ann", id, mortgage("bank", 1));
    f.settle(
        "ann",
        id,
        rectify(Correction::Duty(Hash([3; 32]), pid("ann"))),
    );
    assert_eq!(f.tried("ann", id, pieces(&[("A", 400), ("B", 599)])), 305);
    assert_eq!(f.tried("ann", id, pieces(&[("A", 400), ("B", 601)])), 305);
    assert_eq!(
        f.tried("ann", id, pieces(&[("A", u128::MAX), ("B", 1_001)])),
        305
    );
    assert_eq!(
        f.tried("ann", id, pieces(&[("A", 400), ("B", 599), ("C", 1)])),
        0
    );
    let whole = f.object(id);
    assert_eq!((whole.status, whole.owners.len()), (Status::Closed, 0));
    let children: Vec<u64> = ["A", "B", "C"]
        .iter()
        .map(|ref_no| f.object_number(ref_no))
        .collect();
    let mut restrictions = vec![];
    for (child, area) in children.iter().zip([400, 599, 1]) {
        let object = f.object(*child);
        assert_eq!(
            (object.status, object.area),
            (Status::Live, Some(Amount(area)))
        );
        assert_eq!((&object.parents, object.duties.len()), (&vec![id], 1));
        assert_eq!(
            object
                .share_of(pid("bob"))
                .map(|part| (part.num(), part.den())),
            Some((2, 3))
        );
        assert_eq!(object.restrictions[0].rank, Some(1));
        restrictions.push(object.restrictions[0].id);
    }
    restrictions.dedup();
    assert_eq!(restrictions.len(), 3, "each has its own mortgage");
    assert_eq!(
        f.applies("ann", id, transfer("ann", "bob", (1, 3))),
        6,
        "it is over"
    );
    assert_eq!(
        f.tried("ann", children[0], rectify(Correction::Area(Amount(401)))),
        305
    );
    // And together again, in two steps.
    f.settle("ann", children[0], merge(&[children[1], children[2]], "P2"));
    let merged = f.object(f.object_number("P2"));
    assert_eq!(
        (merged.area, merged.parents),
        (Some(Amount(1_000)), children.clone())
    );
    assert_eq!((merged.restrictions.len(), merged.duties.len()), (1, 1));
    assert_eq!(f.object(children[2]).status, Status::Closed);
}

/// Goal: only objects of the same owners, shares and burdens become one.
#[test]
fn codes_300_and_304_of_mergers() {
    let mut f = Fixture::new();
    let one = f.parcel("P1", &[("ann", 1, 2), ("bob", 1, 2)]);
    let two = f.parcel("P2", &[("ann", 1, 3), ("bob", 2, 3)]);
    assert_eq!(f.tried("ann", one, merge(&[two], "P3")), 300);
    f.settle("bob", two, transfer("bob", "ann", (1, 6)));
    f.settle("ann", one, mortgage("bank", 1));
    assert_eq!(f.tried("ann", one, merge(&[two], "P3")), 304);
    f.settle("ann", two, mortgage("bank", 2));
    assert_eq!(
        f.tried("ann", one, merge(&[two], "P3")),
        304,
        "of another rank"
    );
    let restriction = f.object(two).restrictions[0].id;
    f.settle("bank", two, Request::Discharge { restriction });
    f.settle("ann", two, mortgage("bank", 1));
    assert_eq!(f.tried("ann", one, merge(&[two], "P3")), 0);
    assert_eq!(f.object(f.object_number("P3")).restrictions.len(), 1);
}

/// Goal: requests to divide and merge that make no sense are refused with the code of what is wrong.
#[test]
fn division_and_merger_refuse() {
    let mut f = Fixture::new();
    let (one, two) = (
        f.parcel("P1", &[("ann", 1, 1)]),
        f.parcel("P2", &[("ann", 1, 1)]),
    );
    let many: Vec<(String, u128)> = (0..17).map(|n| (format!("N{n}"), 1)).collect();
    let many: Vec<(&str, u128)> = many
        .iter()
        .map(|(ref_no, area)| (ref_no.as_str(), *area))
        .collect();
    let cases = [
        (7, pieces(&[("A", 1_000)])),
        (7, pieces(&[("A", 500), ("A", 500)])),
        (7, pieces(&[("A", 500), ("", 500)])),
        (8, pieces(&[("A", 1_000), ("B", 0)])),
        (5, pieces(&[("A", 500), ("P2", 500)])),
        (13, pieces(&many)),
        (7, merge(&[], "P3")),
        (7, merge(&[two, two], "P3")),
        (7, merge(&[one], "P3")),
        (4, merge(&[99], "P3")),
        (5, merge(&[two], "P2")),
        (13, merge(&(2..18).collect::<Vec<u64>>(), "P3")),
    ];
    for (code, request) in cases {
        assert_eq!(f.applies("ann", one, request.clone()), code, "{request:?}");
    }
    // A number taken in the meantime is found at the registration.
    let entry = f.apply("ann", one, pieces(&[("A", 500), ("B", 500)]));
    f.cool(entry);
    f.create(Class::Parcel, "A", Some(1));
    assert_eq!(f.register(entry), 5);
    f.done("ann", "withdraw", &entry);
    let order = f.order(two, None);
    assert_eq!(
        f.applies("ann", one, merge(&[two], "P3")),
        117,
        "one of them is under an order"
    );
    f.end_order(order);
    assert_eq!(f.applies("ann", one, merge(&[two], "P3")), 0);
}

/// Goal: rights of use stop a division, leases go along as rights of their own.
#[test]
fn code_304_of_rights_in_use() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    let until = Timestamp(f.now() + 50 * COOLING);
    let lease = Request::Lease {
        tenant: pid("cat"),
        acts: vec!["farm".into()],
        until,
    };
    f.settle("ann", id, lease);
    let rights = vec!["walk".to_owned()];
    let used = f.id(
        "ann",
        "grant_use",
        &(id, UseKind::Use, pid("dan"), Some(until), true, rights),
    );
    assert_eq!(
        f.ask::<Vec<u64>>("rights", &(id, None::<u64>, 10_u32)),
        [used]
    );
    assert_eq!(f.tried("ann", id, pieces(&[("A", 500), ("B", 500)])), 304);
    f.done("ann", "revoke_use", &used);
    let leased = f.object(id).restrictions[0].right.expect("a right");
    let sub = (leased, pid("dan"), Some(until), vec!["farm".to_owned()]);
    let sub = f.id("cat", "sublicense", &sub);
    assert_eq!(
        f.tried("ann", id, pieces(&[("A", 500), ("B", 500)])),
        304,
        "a sub-lease"
    );
    f.at_time(f.now());
    assert_eq!(
        f.both("cat", "revoke_use", &sub),
        6,
        "irrevocable as the lease"
    );
    f.at_time(until.0 + 1);
    f.done("eve", "reclaim", &sub);
    assert_eq!(f.tried("ann", id, pieces(&[("A", 500), ("B", 500)])), 0);
    // With a lease that lasts.
    let piece = f.object_number("A");
    let lease = Request::Lease {
        tenant: pid("cat"),
        acts: vec!["farm".into()],
        until: Timestamp(f.now() + 50 * COOLING),
    };
    f.settle("ann", piece, lease);
    let old = f.object(piece).restrictions[0].right.expect("a right");
    assert_eq!(f.tried("ann", piece, pieces(&[("C", 250), ("D", 250)])), 0);
    let lives = |f: &Fixture, id: u64| {
        f.ask::<Option<RightView>>("right", &id)
            .expect("a right")
            .lives
    };
    assert!(!lives(&f, old));
    for ref_no in ["C", "D"] {
        let object = f.object(f.object_number(ref_no));
        assert_eq!(object.restrictions[0].kind, RestrictionKind::Lease);
        let right = object.restrictions[0].right.expect("a right of its own");
        assert!(right != old && lives(&f, right));
    }
}

/// Goal: what is wrong is set right on application, by owners, or by a registrar while nobody owns it.
#[test]
fn rectification() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    let text = Hash([3; 32]);
    let cases = [
        (7, Correction::RefNo(String::new())),
        (17, Correction::Meta(Hash::ZERO)),
        (8, Correction::Area(Amount::ZERO)),
    ];
    for (code, correction) in cases {
        assert_eq!(f.applies("ann", id, rectify(correction)), code);
    }
    let blank = Request::Rectify {
        correction: Correction::Meta(DOC),
        doc: Hash::ZERO,
    };
    assert_eq!(f.applies("ann", id, blank), 17);
    assert_eq!(f.applies("bob", id, rectify(Correction::Meta(DOC))), 1);
    assert_eq!(
        f.tried("ann", id, rectify(Correction::RefNo("P9".into()))),
        0
    );
    assert_eq!(
        f.ask::<Option<u64>>("object_of", &(Class::Parcel, "P1".to_owned())),
        None
    );
    assert_eq!(f.object_number("P9"), id);
    f.create(Class::Parcel, "P1", Some(1));
    assert_eq!(
        f.tried("ann", id, rectify(Correction::RefNo("P1".into()))),
        5
    );
    assert_eq!(
        f.tried("ann", id, rectify(Correction::Area(Amount(900)))),
        0
    );
    assert_eq!(
        f.tried("ann", id, rectify(Correction::Area(Amount(u128::MAX)))),
        9
    );
    assert_eq!(
        f.tried("ann", id, rectify(Correction::Duty(text, pid("ann")))),
        0
    );
    assert_eq!(
        f.tried("ann", id, rectify(Correction::Duty(text, pid("bob")))),
        5
    );
    assert_eq!(f.tried("ann", id, rectify(Correction::DutyEnded(text))), 0);
    assert_eq!(f.tried("ann", id, rectify(Correction::DutyEnded(text))), 4);
}

/// Goal: an object carries at most eight duties; works have no area; and a registrar, who is a party as
/// well, corrects what nobody owns.
#[test]
fn rectification_has_limits() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    let text = Hash([3; 32]);
    for number in 0..8 {
        let duty = Correction::Duty(Hash([number + 10; 32]), pid("ann"));
        assert_eq!(f.tried("ann", id, rectify(duty)), 0);
    }
    assert_eq!(
        f.tried("ann", id, rectify(Correction::Duty(text, pid("ann")))),
        13
    );
    let work = f.work("W1", "ann");
    assert_eq!(
        f.tried("ann", work, rectify(Correction::Area(Amount(1)))),
        7,
        "works have none"
    );
    let open = f.create(Class::Parcel, "P2", Some(10));
    assert_eq!(
        f.applies("ann", open, rectify(Correction::Area(Amount(11)))),
        1
    );
    assert_eq!(
        f.applies("registrar", open, rectify(Correction::Area(Amount(11)))),
        1,
        "no party"
    );
    f.tell("put_wallet", &(crate::fixture::at("registrar"), pid("eve")));
    assert_eq!(
        f.tried("registrar", open, rectify(Correction::Area(Amount(11)))),
        0
    );
    assert_eq!(f.object(open).area, Some(Amount(11)));
}
