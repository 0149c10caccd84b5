//! What those who supervise are shown, and nobody else.

use crate::fixture::{COOLING, DOC, Fixture, UnderTest, mortgage, pid, transfer};
use parity_scale_codec::Encode;
use rights_registry::supervision::{InFlight, MirroredOrder, Position, WHOLE};
use weighhouse_primitives::{Timestamp, abi};
use weighhouse_standard::flow::{FlowAt, FlowCursor, Tally};
use weighhouse_standard::interface::Pid;
use weighhouse_testkit::Refused;

/// Goal: REGULATOR and AUDITOR see everything, others are refused, pages have an end.
#[test]
fn supervisors_see_everything() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 4), ("bob", 3, 4)]);
    f.settle("ann", id, transfer("ann", "bob", (1, 8)));
    let order = f.order(id, None);
    f.done("eve", "arrest", &(id, order));
    let none: Option<(Pid, u64)> = None;
    for who in ["regulator", "auditor"] {
        let all: Vec<Position> = f
            .ask_as(who, "reg_positions", &(none, 10_u32))
            .expect("seen");
        assert_eq!(all.len(), 2);
        assert!(all[0].party == pid("ann") && all[0].restricted);
        assert_eq!((all[0].part.num(), all[0].part.den()), (1, 8));
        let next: Vec<Position> = f
            .ask_as(who, "reg_positions", &(Some((pid("ann"), id)), 10_u32))
            .expect("seen");
        assert_eq!(next, all[1..]);
    }
}

/// Goal: what came to a party and left it is a page from the first second to the last, both included.
#[test]
fn flows_are_paged_by_time() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 4), ("bob", 3, 4)]);
    let from = Timestamp(f.now() + 1);
    f.settle("ann", id, transfer("ann", "bob", (1, 8)));
    let to = Timestamp(f.now());
    let flows = |f: &Fixture, from: Timestamp, after: Option<FlowCursor>| -> Vec<FlowAt> {
        let arguments = (pid("ann"), from, to, after, 10_u32);
        f.ask_as("regulator", "reg_flows", &arguments)
            .expect("seen")
    };
    let all = flows(&f, Timestamp(0), None);
    let amounts: Vec<(bool, u128)> = all
        .iter()
        .map(|one| (one.flow.out, one.flow.amount.0))
        .collect();
    assert_eq!(amounts, [(false, WHOLE / 4), (true, WHOLE / 8)]);
    assert_eq!(flows(&f, from, None), all[1..]);
    let FlowAt { at, seq, .. } = all[0];
    assert_eq!(
        flows(&f, Timestamp(0), Some(FlowCursor { at, seq })),
        all[1..]
    );
}

/// Goal: what is under way, orders and monthly counts are there for supervisors.
#[test]
fn applications_orders_and_counts() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 4), ("bob", 3, 4)]);
    f.settle("ann", id, transfer("ann", "bob", (1, 8)));
    let entry = f.apply("ann", id, mortgage("bank", 1));
    let until = f.now() + COOLING;
    let order = f.order(id, Some(until));
    f.done("eve", "arrest", &(id, order));
    let waiting: Vec<InFlight> = f
        .ask_as("auditor", "reg_inflight", &(None::<u64>, 10_u32))
        .expect("seen");
    assert_eq!(
        waiting.iter().map(|(entry, _)| *entry).collect::<Vec<_>>(),
        [entry]
    );
    let orders = |f: &Fixture| -> Vec<MirroredOrder> {
        let none: Option<(u64, u64)> = None;
        f.ask_as("auditor", "reg_orders", &(none, 10_u32))
            .expect("seen")
    };
    assert_eq!(
        (
            orders(&f)[0].order,
            orders(&f)[0].object,
            orders(&f)[0].counts
        ),
        (order, id, true)
    );
    f.at_time(until + 1);
    assert!(!orders(&f)[0].counts, "over by itself");
    let tally = |f: &Fixture, kind: u32| -> Tally {
        f.ask_as("regulator", "reg_report", &(kind, 202_601_u32))
            .expect("seen")
    };
    assert_eq!(
        (tally(&f, 1).count, tally(&f, 2).count, tally(&f, 3).count),
        (1, 1, 0)
    );
    assert_eq!(
        tally(&f, abi::selector("Changed")).count,
        4,
        "owners came and went"
    );
}

/// Arguments of a page of this length.
type Page = dyn Fn(u32) -> Vec<u8>;

/// Goal: nobody else sees these pages, and no page is longer than a hundred.
#[test]
fn supervision_is_not_public() {
    let f = Fixture::new();
    let refused = |who: &str, entry: &str, arguments: &Page, limit: u32| {
        let answer: Result<Raw, Refused> = f.ask_as(who, entry, &Raw(arguments(limit)));
        answer.err()
    };
    let pages: [(&str, &Page); 4] = [
        ("reg_positions", &|limit| {
            (None::<(Pid, u64)>, limit).encode()
        }),
        ("reg_inflight", &|limit| (None::<u64>, limit).encode()),
        ("reg_orders", &|limit| (None::<(u64, u64)>, limit).encode()),
        ("reg_flows", &|limit| {
            let now = Timestamp(5);
            (pid("ann"), now, now, None::<FlowCursor>, limit).encode()
        }),
    ];
    for (entry, arguments) in pages {
        assert_eq!(
            refused("ann", entry, arguments, 10),
            Some(Refused::Code(1)),
            "{entry}"
        );
        assert_eq!(
            refused("regulator", entry, arguments, 101),
            Some(Refused::Code(13)),
            "{entry}"
        );
        assert_eq!(refused("regulator", entry, arguments, 100), None, "{entry}");
    }
    let report: Result<Tally, Refused> = f.ask_as("ann", "reg_report", &(1_u32, 202_601_u32));
    assert_eq!(report, Err(Refused::Code(1)));
}

/// Bytes as they are: arguments encoded already, or an answer that is not looked at.
#[derive(Debug, PartialEq)]
struct Raw(Vec<u8>);

impl Encode for Raw {
    fn encode_to<T: parity_scale_codec::Output + ?Sized>(&self, out: &mut T) {
        out.write(&self.0);
    }
}

impl parity_scale_codec::Decode for Raw {
    fn decode<I: parity_scale_codec::Input>(_: &mut I) -> Result<Self, parity_scale_codec::Error> {
        Ok(Self(Vec::new()))
    }
}

/// Goal: no page of public indices is longer than a hundred, and unknown numbers answer nothing.
#[test]
fn public_pages_have_a_limit() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    for entry in ["queue", "rights"] {
        let page: Result<Vec<u64>, Refused> = f.ask_as("ann", entry, &(id, None::<u64>, 101_u32));
        assert_eq!(page, Err(Refused::Code(13)), "{entry}");
    }
    let page: Result<Raw, Refused> =
        f.ask_as("ann", "holdings", &(pid("ann"), None::<u64>, 101_u32));
    assert_eq!(page, Err(Refused::Code(13)));
    for entry in [
        "object",
        "application",
        "right",
        "controller",
        "record",
        "proposal",
    ] {
        assert_eq!(f.ask::<Option<u8>>(entry, &99_u64), None, "{entry}");
    }
    let class = rights_registry::object::Class::Parcel;
    assert_eq!(
        f.ask::<Option<u64>>("object_of", &(class, "x".repeat(65))),
        None
    );
    assert_eq!(f.ask::<Option<u64>>("used_document", &DOC), None);
}
