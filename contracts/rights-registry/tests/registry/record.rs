//! Transferable records: one controller, endorsement, presentation, paper and back.

use crate::fixture::{DOC, Fixture, UnderTest, at, pid, transfer};
use rights_registry::object::{Detail, Object, Status};
use rights_registry::record::{Record, RecordType};
use weighhouse_primitives::{Address, Hash};
use weighhouse_standard::interface::{RecordState, RecordView};

impl Fixture {
    /// A bill of lading of the carrier's, for `holder`.
    fn bill(&mut self, ref_no: &str, holder: &str) -> u64 {
        let doc = self.doc();
        let arguments = (RecordType::BillOfLading, ref_no.to_owned(), doc, at(holder));
        self.id("carrier", "issue_record", &arguments)
    }

    fn controller(&self, id: u64) -> Option<Address> {
        self.ask("controller", &id)
    }

    fn record(&self, id: u64) -> Record {
        match self.object(id).detail {
            Detail::Record(record) => record,
            other => panic!("{other:?}"),
        }
    }
}

/// Goal: a record is issued by a party in good standing, once per number and document.
#[test]
fn records_are_issued_once() {
    let mut f = Fixture::new();
    let new = |ref_no: &str, doc: u8, holder: &str| {
        (
            RecordType::BillOfLading,
            ref_no.to_owned(),
            Hash([doc; 32]),
            at(holder),
        )
    };
    let cases = [
        ("carrier", 7, new("", 20, "ann")),
        ("carrier", 17, new("B1", 0, "ann")),
        ("stranger", 100, new("B1", 20, "ann")),
        ("carrier", 100, new("B1", 20, "stranger")),
        ("carrier", 0, new("B1", 20, "ann")),
        ("carrier", 5, new("B1", 21, "ann")),
        ("carrier", 18, new("B2", 20, "ann")),
    ];
    for (who, code, arguments) in cases {
        assert_eq!(
            f.both(who, "issue_record", &arguments),
            code,
            "{arguments:?}"
        );
    }
    f.standing("carrier", 0, 104);
    assert_eq!(
        f.both("carrier", "issue_record", &new("B3", 22, "ann")),
        104,
        "an obligation"
    );
    f.standing("ann", 0, 101);
    assert_eq!(
        f.both("carrier", "issue_record", &new("B3", 22, "ann")),
        101,
        "the lower code"
    );
    let view: Option<RecordView> = f.ask("record", &1_u64);
    let view = view.expect("a record");
    assert_eq!((view.ref_no, view.doc), (Hash::of(b"B1"), Hash([20; 32])));
    assert_eq!(
        (view.issuer, view.controller),
        (Some(pid("carrier")), at("ann"))
    );
    assert_eq!(f.ask::<Option<RecordView>>("record", &99_u64), None);
}

/// Goal: R4. Whatever happens to a record, at most one can act on it, and that is who the registry says.
#[test]
fn r4_exactly_one_controller() {
    let mut f = Fixture::new();
    let id = f.bill("B1", "ann");
    let everybody = ["ann", "bob", "cat", "vault", "carrier"];
    let expect = |f: &Fixture, who: &str| {
        assert_eq!(f.controller(id), Some(at(who)));
        for party in everybody {
            let code = if party == who { 0 } else { 306 };
            assert_eq!(f.check(party, "endorse", &(id, at("dan"))), code, "{party}");
            assert_eq!(f.check(party, "surrender", &id), code, "{party}");
        }
    };
    expect(&f, "ann");
    assert_eq!(f.both("ann", "endorse", &(id, at("bob"))), 0);
    expect(&f, "bob");
    assert_eq!(f.both("bob", "pledge_control", &(id, at("vault"))), 0);
    expect(&f, "vault");
    assert_eq!(f.record(id).state, RecordState::Presented);
    assert_eq!(f.both("bob", "return_control", &id), 306);
    assert_eq!(f.both("vault", "return_control", &id), 0);
    expect(&f, "bob");
    assert_eq!(f.both("vault", "return_control", &id), 306, "once");
    f.done("bob", "pledge_control", &(id, at("vault")));
    assert_eq!(
        f.both("vault", "endorse", &(id, at("cat"))),
        0,
        "the escrow passes it on"
    );
    expect(&f, "cat");
    // Another wallet of the holder is the holder.
    f.tell("put_wallet", &(at("cat's second"), pid("cat")));
    assert_eq!(f.check("cat's second", "endorse", &(id, at("dan"))), 0);
    assert_eq!(f.both("cat", "endorse", &(id, at("cat"))), 0, "to oneself");
    assert_eq!(f.record(id).endorsements, 3);
    assert_eq!(f.both("cat", "surrender", &id), 0);
    assert_eq!(f.controller(id), None);
    for (entry, code) in [("surrender", 6), ("return_control", 6)] {
        assert_eq!(f.both("cat", entry, &id), code);
    }
    assert_eq!(f.both("cat", "endorse", &(id, at("dan"))), 6);
    assert_eq!(f.both("cat", "pledge_control", &(id, at("vault"))), 6);
    assert_eq!(f.both("cat", "to_paper", &(id, DOC)), 6);
    assert_eq!(f.record(id).last_holder, Some(pid("cat")));
}

/// Goal: what no record allows is refused with the code of what is wrong.
#[test]
fn records_refuse() {
    let mut f = Fixture::new();
    let (id, work) = (f.bill("B1", "ann"), f.work("W1", "ann"));
    assert_eq!(f.both("ann", "endorse", &(99_u64, at("bob"))), 4);
    assert_eq!(f.both("ann", "endorse", &(work, at("bob"))), 4, "no record");
    assert_eq!(f.both("ann", "endorse", &(id, at("stranger"))), 100);
    assert_eq!(f.both("ann", "pledge_control", &(id, Address::ZERO)), 7);
    assert_eq!(f.both("ann", "pledge_control", &(id, at("ann"))), 7);
    assert_eq!(f.both("ann", "pledge_control", &(id, at("stranger"))), 100);
    assert_eq!(
        f.both("ann", "pledge_control", &(id, at("bob"))),
        108,
        "no system"
    );
    f.done("ann", "pledge_control", &(id, at("vault")));
    assert_eq!(f.both("ann", "pledge_control", &(id, at("vault"))), 306);
    assert_eq!(
        f.both("vault", "pledge_control", &(id, at("ann"))),
        6,
        "pledged already"
    );
    f.done("vault", "return_control", &id);
    assert_eq!(f.applies("ann", id, transfer("ann", "bob", (1, 1))), 303);
    for code in [101, 102, 103] {
        f.standing("ann", code, 0);
        assert_eq!(f.both("ann", "endorse", &(id, at("bob"))), code);
        f.standing("bob", 0, 101);
        assert_eq!(
            f.both("ann", "endorse", &(id, at("bob"))),
            101,
            "the lower of both"
        );
        f.standing("ann", 0, 0);
        f.standing("bob", 0, code);
        assert_eq!(f.both("ann", "endorse", &(id, at("bob"))), code);
        f.standing("bob", 0, 0);
    }
    let doc = f.doc();
    let arguments = (RecordType::Certificate, "Z1".to_owned(), doc, at("ann"));
    let certificate = f.id("carrier", "issue_record", &arguments);
    assert_eq!(f.both("ann", "endorse", &(certificate, at("bob"))), 303);
    assert_eq!(
        f.both("ann", "pledge_control", &(certificate, at("vault"))),
        303
    );
}

/// Goal: of paper and record one is valid at a time, and no paper counts twice.
#[test]
fn paper_and_back() {
    let mut f = Fixture::new();
    let (one, two) = (f.bill("B1", "ann"), f.bill("B2", "ann"));
    let (paper, later) = (f.doc(), f.doc());
    assert_eq!(
        f.both("carrier", "from_paper", &(one, paper, at("bob"))),
        6,
        "it is no paper"
    );
    assert_eq!(f.both("ann", "to_paper", &(one, Hash::ZERO)), 17);
    assert_eq!(f.both("ann", "to_paper", &(99_u64, paper)), 4);
    assert_eq!(f.both("bob", "to_paper", &(one, paper)), 306);
    assert_eq!(f.both("ann", "to_paper", &(one, paper)), 0);
    assert_eq!(f.both("ann", "to_paper", &(two, paper)), 18);
    assert_eq!(
        (f.record(one).state, f.controller(one)),
        (RecordState::ConvertedToPaper, None)
    );
    assert_eq!(f.object(one).status, Status::Closed);
    assert_eq!(f.both("ann", "endorse", &(one, at("bob"))), 6);
    assert_eq!(
        f.both("carrier", "from_paper", &(one, Hash::ZERO, at("bob"))),
        17
    );
    assert_eq!(
        f.both("carrier", "from_paper", &(99_u64, paper, at("bob"))),
        4
    );
    assert_eq!(
        f.both("ann", "from_paper", &(one, paper, at("bob"))),
        1,
        "the issuer's"
    );
    assert_eq!(
        f.both("carrier", "from_paper", &(two, paper, at("bob"))),
        18,
        "another's paper"
    );
    let new = f.id("carrier", "from_paper", &(one, later, at("bob")));
    assert_eq!(f.controller(new), Some(at("bob")));
    assert_eq!(f.record(one).replaced_by, Some(new));
    let object: Object = f.object(new);
    assert_eq!((object.ref_no.as_str(), object.parents), ("B1", vec![one]));
    let number = (object.class, "B1".to_owned());
    assert_eq!(f.ask::<Option<u64>>("object_of", &number), Some(new));
    assert_eq!(
        f.both("carrier", "from_paper", &(one, later, at("bob"))),
        18
    );
    assert_eq!(
        f.both("carrier", "from_paper", &(one, paper, at("bob"))),
        18,
        "both papers are void"
    );
    let fresh = f.doc();
    assert_eq!(f.both("carrier", "from_paper", &(one, fresh, at("bob"))), 6);
    // The paper that went out may be the one that comes back.
    let paper = f.doc();
    f.done("ann", "to_paper", &(two, paper));
    assert_eq!(f.both("carrier", "from_paper", &(two, paper, at("ann"))), 0);
}
