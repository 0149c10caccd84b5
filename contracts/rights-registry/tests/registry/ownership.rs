//! Shares: exact, always the whole together, moved with the consent of those concerned.

use crate::fixture::{Fixture, UnderTest, mortgage, pid, transfer};
use rights_registry::application::{ApplicationState, Request};
use rights_registry::object::{Class, Status};
use rights_registry::restriction::RestrictionKind;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Pid;

fn part(num: u128, den: u128) -> Fraction {
    Fraction::new(num, den).expect("a fraction")
}

fn shares(f: &Fixture, id: u64) -> Vec<(Pid, Fraction)> {
    let owners = f.object(id).owners.into_iter();
    owners.map(|share| (share.holder, share.part)).collect()
}

/// Goal: R1. Shares of first owners are the whole exactly, and stay so to the last digit.
#[test]
fn r1_shares_are_the_whole_exactly() {
    let mut f = Fixture::new();
    let id = f.create(Class::Parcel, "P1", Some(1_000));
    let big = 3_u128.pow(60);
    let request = |num| Request::FirstOwnership {
        shares: vec![(pid("ann"), (1, big)), (pid("bob"), (num, big))],
    };
    assert_eq!(
        f.applies("ann", id, request(big - 2)),
        300,
        "one part in 3^60 is missing"
    );
    assert_eq!(f.applies("ann", id, request(big)), 300);
    f.settle("ann", id, request(big - 1));
    assert_eq!(f.object(id).status, Status::Live);
    f.settle("bob", id, transfer("bob", "ann", (big - 1, big)));
    assert_eq!(shares(&f, id), [(pid("ann"), Fraction::ONE)]);
    f.settle("ann", id, transfer("ann", "bob", (1, 3)));
    f.settle("ann", id, transfer("ann", "cat", (1, 7)));
    let expected = [
        (pid("ann"), part(11, 21)),
        (pid("bob"), part(1, 3)),
        (pid("cat"), part(1, 7)),
    ];
    assert_eq!(shares(&f, id), expected);
    assert_eq!(
        f.ask::<Vec<(u64, Fraction)>>("holdings", &(pid("cat"), None::<u64>, 10_u32)),
        [(id, part(1, 7))]
    );
}

/// Goal: nobody transfers more than is owned; sums that do not fit are refused as such.
#[test]
fn code_300_more_than_owned() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 2), ("bob", 1, 2)]);
    let entry = f.ripe("ann", id, transfer("ann", "bob", (2, 3)));
    assert_eq!(f.register(entry), 300);
    f.done("ann", "withdraw", &entry);
    let huge = u128::MAX - 158;
    let entry = f.ripe("ann", id, transfer("ann", "bob", (1, huge)));
    assert_eq!(f.register(entry), 9, "no exact difference fits 128 bits");
}

/// Goal: a transfer needs both parties, the co-owners if a stranger comes in, mortgagees, holders of
/// pre-emption and cautions; a missing one is code 302.
#[test]
fn code_302_every_consent_counts() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 2), ("bob", 1, 2)]);
    f.settle("ann", id, mortgage("bank", 1));
    for (kind, favour) in [
        (RestrictionKind::PreEmption, "dan"),
        (RestrictionKind::Caution, "eve"),
    ] {
        let request = Request::Restrict {
            kind,
            favour: pid(favour),
            until: None,
        };
        f.settle(favour, id, request);
    }
    let entry = f.apply("cat", id, transfer("ann", "cat", (1, 4)));
    f.cool(entry);
    let needed = ["ann", "bob", "cat", "dan", "bank", "eve"].map(pid);
    let view = f.view(entry);
    assert_eq!(
        (view.needed, view.state),
        (needed.to_vec(), ApplicationState::Received)
    );
    assert_eq!(f.both("carrier", "consent", &entry), 1);
    assert_eq!(f.both("stranger", "consent", &entry), 1);
    assert_eq!(f.both("ann", "consent", &99_u64), 4);
    for who in ["ann", "bob", "dan", "bank", "eve"] {
        assert_eq!(f.register(entry), 302, "before {who}");
        assert_eq!(f.both(who, "consent", &entry), 0);
        assert_eq!(f.both(who, "consent", &entry), 5, "{who} once");
    }
    assert_eq!(f.view(entry).state, ApplicationState::Consented);
    assert_eq!(f.register(entry), 0);
    // Among co-owners nobody else is asked; whoever has the pre-emption needs none.
    let entry = f.apply("ann", id, transfer("ann", "bob", (1, 8)));
    assert_eq!(
        f.view(entry).needed,
        ["ann", "bob", "dan", "bank", "eve"].map(pid)
    );
    f.done("ann", "withdraw", &entry);
    let entry = f.apply("ann", id, transfer("ann", "dan", (1, 8)));
    assert_eq!(
        f.view(entry).needed,
        ["ann", "bob", "cat", "dan", "bank", "eve"].map(pid)
    );
}

/// Goal: R9. Consents given to waiting applications end when a share changes hands.
#[test]
fn r9_consents_are_cleared_by_a_transfer() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 2), ("bob", 1, 2)]);
    let sale = f.apply("ann", id, transfer("ann", "bob", (1, 4)));
    let waiting = f.apply("bob", id, mortgage("bank", 1));
    f.consents(sale);
    f.consents(waiting);
    f.cool(waiting);
    assert_eq!(f.view(waiting).missing, None);
    assert_eq!(f.register(sale), 0);
    assert_eq!(f.view(waiting).missing, Some(pid("ann")));
    assert_eq!(f.register(waiting), 302);
    f.consents(waiting);
    assert_eq!(f.register(waiting), 0);
    // What does not change owners clears nothing.
    let discharge = Request::Discharge {
        restriction: f.object(id).restrictions[0].id,
    };
    let first = f.apply("bank", id, discharge);
    let second = f.apply("ann", id, mortgage("bank", 1));
    f.consents(second);
    f.cool(second);
    assert_eq!(f.register(first), 0);
    assert_eq!(f.view(second).missing, None);
    assert_eq!(f.register(second), 0);
}

/// Goal: parties are judged at the registration: giver and taker, lowest code first, of one code the
/// caller's before the giver's.
#[test]
fn codes_100_to_105_of_parties() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    let entry = f.ripe("ann", id, transfer("ann", "bob", (1, 1)));
    for code in 100..=105 {
        f.standing("ann", code, 0);
        assert_eq!(f.register(entry), code, "the giver");
        f.standing("ann", 0, 0);
        f.standing("bob", 0, code);
        assert_eq!(f.register(entry), code, "the taker");
        f.standing("ann", 105, 0);
        assert_eq!(f.register(entry), code, "the lower of both");
        f.standing("ann", 0, code);
        f.standing("bob", code, 0);
        assert_eq!(f.check("bob", "consent", &entry), 5, "who consented before");
        assert_eq!(
            f.applies("bob", id, transfer("ann", "bob", (1, 1))),
            code,
            "the caller"
        );
        f.standing("ann", 0, 0);
        f.standing("bob", 0, 0);
    }
    // A taker without a wallet in use is not vetted.
    let nobody = Request::TransferShare {
        from: pid("ann"),
        to: Pid(77),
        part: (1, 1),
    };
    f.done("ann", "withdraw", &entry);
    let entry = f.apply("ann", id, nobody);
    f.cool(entry);
    assert_eq!(f.register(entry), 100);
}

/// Goal: an object has at most 64 owners.
#[test]
fn code_13_owners() {
    let mut f = Fixture::new();
    let id = f.create(Class::Parcel, "P1", Some(1));
    let request = |count: u64| Request::FirstOwnership {
        shares: (1..=count)
            .map(|n| (Pid(n), (1, u128::from(count))))
            .collect(),
    };
    assert_eq!(f.applies("ann", id, request(65)), 13);
    assert_eq!(f.applies("ann", id, request(64)), 0);
}
