//! Orders of authorities: they stop everything, and nothing stops them.

use crate::fixture::{DOC, Fixture, UnderTest, at, mortgage, pid, transfer};
use rights_registry::application::Request;
use rights_registry::arrest::ForcedTransfer;
use rights_registry::record::RecordType;
use rights_registry::usage::UseKind;
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Scope;

fn force(object: u64, order: u64, (from, to): (&str, &str)) -> ForcedTransfer {
    ForcedTransfer {
        object,
        from: pid(from),
        to: pid(to),
        part: (1, 1),
        order,
        doc: DOC,
    }
}

fn licence(
    f: &Fixture,
    object: u64,
) -> (
    u64,
    UseKind,
    weighhouse_standard::interface::Pid,
    Option<Timestamp>,
    bool,
    Vec<String>,
) {
    let until = Some(Timestamp(f.now() + 10_000));
    (
        object,
        UseKind::Licence,
        pid("bob"),
        until,
        true,
        vec!["print".into()],
    )
}

/// Goal: R3. An object under an order changes owners by no path but a forced act under that order, from
/// the second the order exists, mirrored or not.
#[test]
fn r3_blocked_objects_stay_with_their_owners() {
    let mut f = Fixture::new();
    let (id, entry, proposal) = f.proposed("W1");
    let order = f.order(id, None);
    for mirrored in [false, true] {
        if mirrored {
            assert_eq!(f.both("eve", "arrest", &(id, order)), 0);
        }
        assert_eq!(f.register(entry), 117);
        assert_eq!(
            f.both("second registrar", "approve_register", &proposal),
            117
        );
        assert_eq!(f.applies("ann", id, transfer("ann", "bob", (1, 2))), 117);
        assert_eq!(f.applies("ann", id, mortgage("bank", 1)), 117);
        let arguments = licence(&f, id);
        assert_eq!(f.both("ann", "grant_use", &arguments), 117);
    }
    assert_eq!(f.object(id).sole_owner(), Some(pid("ann")));
    assert_eq!(
        f.both(
            "enforcer",
            "forced_transfer",
            &force(id, order, ("ann", "cat"))
        ),
        0
    );
    assert_eq!(f.object(id).sole_owner(), Some(pid("cat")));
    assert_eq!(
        f.applies("cat", id, transfer("cat", "bob", (1, 2))),
        117,
        "until it is lifted"
    );
    f.end_order(order);
    assert_eq!(
        f.applies("cat", id, transfer("cat", "bob", (1, 2))),
        117,
        "here too"
    );
    assert_eq!(f.both("eve", "lift", &(id, order)), 0);
    assert_eq!(f.applies("cat", id, transfer("cat", "bob", (1, 2))), 0);
    assert_eq!(f.register(entry), 300, "the seller owns nothing any more");
}

/// Goal: an order stops records and utility rights as well; control that a contract holds goes back.
#[test]
fn r3_records_and_utility_rights() {
    let mut f = Fixture::new();
    let doc = f.doc();
    let bill = (RecordType::BillOfLading, "B1".to_owned(), doc, at("ann"));
    let id = f.id("carrier", "issue_record", &bill);
    f.done("ann", "pledge_control", &(id, at("vault")));
    let order = f.order(id, None);
    f.done("eve", "arrest", &(id, order));
    assert_eq!(f.both("vault", "endorse", &(id, at("bob"))), 117);
    assert_eq!(f.both("vault", "return_control", &id), 0, "an exit");
    assert_eq!(f.both("ann", "endorse", &(id, at("bob"))), 117);
    assert_eq!(f.both("ann", "surrender", &id), 117);
    assert_eq!(f.both("ann", "to_paper", &(id, Hash([77; 32]))), 117);
    assert_eq!(f.both("ann", "pledge_control", &(id, at("vault"))), 117);
    let half = ForcedTransfer {
        part: (1, 2),
        ..force(id, order, ("ann", "bob"))
    };
    assert_eq!(
        f.both("enforcer", "forced_transfer", &half),
        300,
        "one holder"
    );
    assert_eq!(
        f.both(
            "enforcer",
            "forced_transfer",
            &force(id, order, ("ann", "bob"))
        ),
        0
    );
    assert_eq!(f.ask::<Option<Address>>("controller", &id), Some(at("bob")));
    f.end_order(order);
    f.done("eve", "lift", &(id, order));
    assert_eq!(f.both("bob", "endorse", &(id, at("cat"))), 0);
}

/// Goal: mirroring follows the register: what is not so there is refused.
#[test]
fn arrests_mirror_the_register() {
    let mut f = Fixture::new();
    let (id, other) = (f.work("W1", "ann"), f.work("W2", "ann"));
    let order = f.order(id, None);
    assert_eq!(f.both("eve", "arrest", &(99_u64, order)), 4);
    assert_eq!(f.both("eve", "arrest", &(id, 99_u64)), 4);
    assert_eq!(
        f.both("eve", "arrest", &(other, order)),
        7,
        "on another object"
    );
    assert_eq!(f.both("eve", "lift", &(id, order)), 4, "not mirrored");
    assert_eq!(f.both("eve", "arrest", &(id, order)), 0);
    assert_eq!(f.both("eve", "arrest", &(id, order)), 5);
    assert_eq!(f.both("eve", "lift", &(id, order)), 6, "in force");
    f.end_order(order);
    assert_eq!(f.both("eve", "lift", &(id, order)), 0);
    assert_eq!(f.both("eve", "arrest", &(id, order)), 6, "over");
    // The same number of another registry is another object.
    let scope = Scope::Object {
        contract: at("another registry"),
        id,
    };
    f.tell("put_order", &(50_u64, scope, DOC, None::<Timestamp>));
    assert_eq!(f.both("eve", "arrest", &(id, 50_u64)), 7);
    assert_eq!(f.applies("ann", id, transfer("ann", "bob", (1, 2))), 0);
}

/// Goal: an order ends by itself one second after its last, without a call; a second order leaves the
/// first one whole.
#[test]
fn orders_end_to_the_second_and_apart() {
    let mut f = Fixture::new();
    let id = f.work("W1", "ann");
    let until = f.now() + 1_000;
    let (short, long) = (f.order(id, Some(until)), f.order(id, Some(until + 500)));
    f.done("eve", "arrest", &(id, short));
    f.done("eve", "arrest", &(id, long));
    let sale = || transfer("ann", "bob", (1, 2));
    f.at_time(until);
    assert_eq!(f.applies("ann", id, sale()), 117);
    assert_eq!(f.both("eve", "lift", &(id, short)), 6, "its last second");
    f.at_time(until + 1);
    assert_eq!(f.applies("ann", id, sale()), 117, "the longer one");
    assert_eq!(f.both("eve", "lift", &(id, short)), 0);
    assert_eq!(f.object(id).restrictions.len(), 1);
    f.at_time(until + 500);
    assert_eq!(f.applies("ann", id, sale()), 117);
    f.at_time(until + 501);
    assert_eq!(f.applies("ann", id, sale()), 0, "nobody lifted anything");
}

/// A parcel of ann's and bob's, ann's half mortgaged, under two orders; both orders.
fn mortgaged(f: &mut Fixture) -> (u64, u64, u64) {
    let id = f.parcel("P1", &[("ann", 1, 2), ("bob", 1, 2)]);
    let share = Request::Mortgage {
        share: Some((pid("ann"), (1, 2))),
        creditor: pid("bank"),
        rank: 1,
        amount: Amount(5),
        until: None,
    };
    f.settle("ann", id, share);
    (id, f.order(id, None), f.order(id, None))
}

/// Ann's half goes to cat.
fn half(id: u64, order: u64) -> ForcedTransfer {
    ForcedTransfer {
        part: (1, 2),
        ..force(id, order, ("ann", "cat"))
    }
}

/// Goal: a forced transfer names its order and document, and serves earlier orders first.
#[test]
fn forced_transfers_refuse() {
    let mut f = Fixture::new();
    let (id, first, second) = mortgaged(&mut f);
    let with = |change: &dyn Fn(&mut ForcedTransfer)| {
        let mut act = half(id, first);
        change(&mut act);
        act
    };
    let bad = [
        (7, with(&|act| act.part = (1, 0))),
        (8, with(&|act| act.part = (0, 1))),
        (17, with(&|act| act.doc = Hash::ZERO)),
        (17, with(&|act| act.doc = Hash([9; 32]))),
        (4, with(&|act| act.object = 99)),
        (4, with(&|act| act.order = 99)),
        (117, with(&|act| act.order = second)),
        (300, with(&|act| act.part = (2, 3))),
        (304, with(&|act| act.part = (1, 4))),
    ];
    for (code, act) in bad {
        assert_eq!(f.both("enforcer", "forced_transfer", &act), code, "{act:?}");
    }
    assert_eq!(f.both("ann", "forced_transfer", &half(id, first)), 1);
    f.standing("cat", 0, 104);
    assert_eq!(f.both("enforcer", "forced_transfer", &half(id, first)), 104);
}

/// Goal: a forced transfer takes nothing from mortgagees, heeds no freeze of its target, and serves one
/// order only.
#[test]
fn forced_transfers_follow_their_order() {
    let mut f = Fixture::new();
    let (id, first, second) = mortgaged(&mut f);
    f.standing("ann", 103, 103);
    let code = f.both("enforcer", "forced_transfer", &half(id, first));
    assert_eq!(code, 0, "a frozen party is no shelter");
    let object = f.object(id);
    assert_eq!(object.share_of(pid("cat")), Fraction::new(1, 2));
    let mortgage = object.restrictions.iter().find_map(|one| one.share);
    let debtor = mortgage.map(|share| share.holder);
    assert_eq!(debtor, Some(pid("cat")), "it went along");
    f.end_order(first);
    let back = ForcedTransfer {
        from: pid("cat"),
        to: pid("dan"),
        ..half(id, second)
    };
    let over = ForcedTransfer {
        order: first,
        ..back.clone()
    };
    assert_eq!(f.both("enforcer", "forced_transfer", &over), 6, "lifted");
    assert_eq!(f.both("enforcer", "forced_transfer", &back), 0);
}
