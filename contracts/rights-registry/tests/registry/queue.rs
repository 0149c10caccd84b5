//! The way of an application: entry, queue, consents, decision, and every refusal on it.

use crate::fixture::{COOLING, DOC, Fixture, UnderTest, mortgage, pid, transfer};
use rights_registry::application::{ApplicationState, Decision, Request};
use rights_registry::object::{Class, Status};
use weighhouse_primitives::{Amount, Hash};

/// Goal: an object is entered by a registrar, once per number and document, with the area of its class.
#[test]
fn objects_are_entered_by_registrars() {
    let mut f = Fixture::new();
    let new = |class: Class, ref_no: &str, area: Option<u128>, doc: u8| {
        (
            class,
            ref_no.to_owned(),
            DOC,
            area.map(Amount),
            Hash([doc; 32]),
        )
    };
    let long = "x".repeat(65);
    let cases = [
        (7, new(Class::Parcel, "", Some(1), 20)),
        (13, new(Class::Parcel, &long, Some(1), 20)),
        (7, new(Class::Parcel, "P1", None, 20)),
        (7, new(Class::IpRight, "P1", Some(1), 20)),
        (7, new(Class::Utility, "P1", None, 20)),
        (7, new(Class::TransferableRecord, "P1", None, 20)),
        (8, new(Class::Parcel, "P1", Some(0), 20)),
        (17, new(Class::Parcel, "P1", Some(1), 0)),
        (0, new(Class::Parcel, "P1", Some(1), 20)),
        (5, new(Class::Parcel, "P1", Some(1), 21)),
        (18, new(Class::Parcel, "P2", Some(1), 20)),
        (0, new(Class::IpRight, "P1", None, 21)),
        (0, new(Class::Concession, "C1", Some(5), 22)),
        (0, new(Class::Certificate, "Z1", None, 23)),
    ];
    for (code, arguments) in cases {
        assert_eq!(
            f.both("registrar", "create_object", &arguments),
            code,
            "{arguments:?}"
        );
    }
    assert_eq!(
        f.both(
            "ann",
            "create_object",
            &new(Class::Parcel, "P3", Some(1), 24)
        ),
        1
    );
    let most = new(Class::Parcel, "P3", Some(u128::MAX), 24);
    assert_eq!(
        f.both("registrar", "create_object", &most),
        9,
        "the areas add up"
    );
    assert_eq!(
        f.ask::<Option<u64>>("object_of", &(Class::Parcel, "P1".to_owned())),
        Some(1)
    );
    assert_eq!(f.object(1).status, Status::Open);
}

/// Goal: whoever is no party to a request cannot make it, and requests that make no sense are refused
/// with the code of what is wrong, before anything else.
#[test]
fn applications_are_checked_when_they_come_in() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    let first = |shares| Request::FirstOwnership { shares };
    let cases = [
        ("cat", 1, transfer("ann", "bob", (1, 1))),
        ("stranger", 1, transfer("ann", "bob", (1, 1))),
        ("ann", 7, transfer("ann", "bob", (1, 0))),
        ("ann", 8, transfer("ann", "bob", (0, 1))),
        (
            "ann",
            7,
            first(vec![(pid("ann"), (1, 2)), (pid("ann"), (1, 2))]),
        ),
        ("ann", 6, first(vec![(pid("ann"), (1, 1))])),
        ("ann", 7, mortgage("bank", 0)),
        ("cat", 1, mortgage("bank", 1)),
        ("ann", 4, Request::Discharge { restriction: 99 }),
    ];
    for (who, code, request) in cases {
        assert_eq!(
            f.applies(who, id, request.clone()),
            code,
            "{who}: {request:?}"
        );
    }
    assert_eq!(f.applies("ann", 99, transfer("ann", "bob", (1, 1))), 4);
    let request = transfer("ann", "bob", (1, 1));
    let none: Vec<Hash> = vec![];
    assert_eq!(f.both("ann", "apply", &(id, request.clone(), none)), 17);
    assert_eq!(
        f.both("ann", "apply", &(id, request.clone(), vec![Hash::ZERO])),
        17
    );
    assert_eq!(
        f.both("ann", "apply", &(id, request.clone(), vec![DOC; 33])),
        13
    );
    assert_eq!(f.both("ann", "apply", &(id, request, vec![DOC; 32])), 0);
    let work = f.work("W1", "ann");
    let easement = Request::Easement {
        favour: pid("bob"),
        until: None,
    };
    assert_eq!(
        f.applies("ann", work, easement),
        7,
        "works have no easements"
    );
    let certificate = f.create(Class::Certificate, "Z1", None);
    f.settle("ann", certificate, first(vec![(pid("ann"), (1, 1))]));
    assert_eq!(
        f.applies("ann", certificate, transfer("ann", "bob", (1, 1))),
        303
    );
    let open = f.create(Class::Parcel, "P2", Some(10));
    let halves = vec![(pid("ann"), (1, 2)), (pid("bob"), (1, 3))];
    assert_eq!(f.applies("ann", open, first(halves)), 300);
    assert_eq!(
        f.applies("ann", open, transfer("ann", "bob", (1, 1))),
        6,
        "nobody owns it"
    );
}

/// Goal: R8. Registration follows entry: a later application on an object waits until every earlier one
/// is registered, rejected or withdrawn, whatever became of each.
#[test]
fn r8_registration_follows_entry() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    let entries: Vec<u64> = (1..=4)
        .map(|rank| f.apply("ann", id, mortgage("bank", rank)))
        .collect();
    for entry in &entries {
        f.consents(*entry);
    }
    f.cool(entries[3]);
    assert_eq!(f.view(entries[0]).state, ApplicationState::Consented);
    assert_eq!(f.view(entries[1]).state, ApplicationState::Queued);
    assert_eq!(
        f.ask::<Vec<u64>>("queue", &(id, None::<u64>, 10_u32)),
        entries
    );
    for waiting in &entries[1..] {
        assert_eq!(f.register(*waiting), 6, "{waiting} waits");
    }
    assert_eq!(f.register(entries[0]), 0);
    f.done("ann", "withdraw", &entries[1]);
    assert_eq!(f.register(entries[3]), 6);
    f.done("registrar", "reject", &(entries[2], "no".to_owned()));
    assert_eq!(f.register(entries[3]), 0);
    let ranks = f
        .object(id)
        .restrictions
        .iter()
        .map(|one| one.rank)
        .collect::<Vec<_>>();
    assert_eq!(ranks, [Some(1), Some(4)]);
    let decided = entries
        .iter()
        .map(|entry| f.view(*entry).state)
        .collect::<Vec<_>>();
    assert_eq!(
        decided,
        [
            ApplicationState::Registered,
            ApplicationState::Withdrawn,
            ApplicationState::Rejected,
            ApplicationState::Registered
        ]
    );
}

/// Goal: a merger stands in the queue of each of its objects.
#[test]
fn r8_a_merger_waits_for_all_its_objects() {
    let mut f = Fixture::new();
    let (one, two) = (
        f.parcel("P1", &[("ann", 1, 1)]),
        f.parcel("P2", &[("ann", 1, 1)]),
    );
    let earlier = f.apply("ann", two, transfer("ann", "ann", (1, 2)));
    let merge = Request::Merge {
        others: vec![two],
        ref_no: "P3".into(),
        meta: DOC,
    };
    let merger = f.apply("ann", one, merge);
    let later = f.apply("ann", one, mortgage("bank", 1));
    f.consents(later);
    f.cool(later);
    assert_eq!(f.view(merger).state, ApplicationState::Queued);
    assert_eq!(f.register(merger), 6);
    assert_eq!(f.register(later), 6);
    assert_eq!(f.register(earlier), 0, "to oneself is a normal transfer");
    assert_eq!(
        f.register(merger),
        302,
        "consents of before the transfer ended"
    );
    f.consents(merger);
    assert_eq!(f.register(merger), 0);
    assert_eq!(f.register(later), 6, "its object is over");
}

/// Goal: nothing is registered one second before the cooling period is over, and nothing later than
/// seven days after it was proposed.
#[test]
fn cooling_and_approval_to_the_second() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    let entry = f.apply("ann", id, transfer("ann", "bob", (1, 1)));
    f.consents(entry);
    let from = f.now() + COOLING;
    assert_eq!(f.view(entry).application.from.0, from);
    f.at_time(from - 1);
    assert_eq!(f.register(entry), 11);
    f.at_time(from);
    let (timely, other) = (f.propose(entry), f.propose(entry));
    f.at_time(from + 7 * 86_400);
    assert_eq!(f.both("second registrar", "approve_register", &timely), 0);
    assert_eq!(
        f.both("second registrar", "approve_register", &other),
        6,
        "decided"
    );
    let entry = f.apply("bob", id, transfer("bob", "cat", (1, 1)));
    f.consents(entry);
    f.cool(entry);
    let late = f.propose(entry);
    let now = f.now();
    f.at_time(now + 7 * 86_400 + 1);
    assert_eq!(f.both("second registrar", "approve_register", &late), 10);
    assert_eq!(f.object(id).sole_owner(), Some(pid("bob")));
}

/// Goal: registration takes two registrars, who are two persons, and a decision of its own.
#[test]
fn registration_takes_two_registrars() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    let entry = f.apply("ann", id, transfer("ann", "bob", (1, 1)));
    f.consents(entry);
    f.cool(entry);
    assert_eq!(
        f.both("registrar", "propose_register", &(entry, Hash::ZERO)),
        17
    );
    assert_eq!(f.both("ann", "propose_register", &(entry, DOC)), 1);
    assert_eq!(f.both("registrar", "propose_register", &(99_u64, DOC)), 4);
    let used = match f.view(1).application.decision {
        Decision::Registered(doc) => doc,
        other => panic!("{other:?}"),
    };
    assert_eq!(f.both("registrar", "propose_register", &(entry, used)), 18);
    let proposal = f.propose(entry);
    assert_eq!(
        f.both("registrar", "approve_register", &proposal),
        16,
        "the proposer"
    );
    assert_eq!(f.both("ann", "approve_register", &proposal), 1);
    assert_eq!(f.both("second registrar", "approve_register", &99_u64), 4);
    // The proposer's other wallet is the proposer.
    for wallet in ["registrar", "second registrar"] {
        f.tell("put_wallet", &(crate::fixture::at(wallet), pid("dan")));
    }
    assert_eq!(
        f.both("second registrar", "approve_register", &proposal),
        16
    );
    f.tell("put_wallet", &(crate::fixture::at("registrar"), pid("eve")));
    assert_eq!(f.both("second registrar", "approve_register", &proposal), 0);
    assert_eq!(
        f.both("second registrar", "approve_register", &proposal),
        4,
        "it is done"
    );
}

/// Goal: a decision that was used for another registration in the meantime is found at approval.
#[test]
fn a_decision_is_used_once() {
    let mut f = Fixture::new();
    let (one, two) = (f.work("W1", "ann"), f.work("W2", "ann"));
    let entries = [one, two].map(|id| f.apply("ann", id, transfer("ann", "bob", (1, 1))));
    for entry in entries {
        f.consents(entry);
    }
    f.cool(entries[1]);
    let doc = f.doc();
    let proposals = entries.map(|entry| f.id("registrar", "propose_register", &(entry, doc)));
    assert_eq!(
        f.both("second registrar", "approve_register", &proposals[0]),
        0
    );
    assert_eq!(
        f.both("second registrar", "approve_register", &proposals[1]),
        18
    );
    assert_eq!(
        f.ask::<Option<u64>>("used_document", &doc),
        Some(entries[0])
    );
}

/// Goal: only the applicant withdraws, only a registrar rejects, each before the decision.
#[test]
fn withdrawal_and_rejection() {
    let mut f = Fixture::new();
    let id = f.work("W1", "ann");
    let entry = f.apply("ann", id, transfer("ann", "bob", (1, 1)));
    assert_eq!(f.both("bob", "withdraw", &entry), 1);
    assert_eq!(f.both("ann", "withdraw", &99_u64), 4);
    assert_eq!(f.both("ann", "reject", &(entry, "no".to_owned())), 1);
    assert_eq!(f.both("registrar", "reject", &(entry, String::new())), 7);
    assert_eq!(f.both("registrar", "reject", &(entry, "x".repeat(257))), 13);
    assert_eq!(f.both("registrar", "reject", &(99_u64, "no".to_owned())), 4);
    assert_eq!(f.both("ann", "withdraw", &entry), 0);
    assert_eq!(f.both("ann", "withdraw", &entry), 6);
    assert_eq!(f.both("registrar", "reject", &(entry, "no".to_owned())), 6);
    assert_eq!(f.both("bob", "consent", &entry), 6);
    f.cool(entry);
    assert_eq!(f.register(entry), 6);
}
