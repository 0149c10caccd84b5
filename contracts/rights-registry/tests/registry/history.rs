//! The version log: nothing that was ever registered is lost or changed.

use crate::fixture::{DOC, Fixture, UnderTest, mortgage, pid, transfer};
use rights_registry::event::{Cause, Subject};
use rights_registry::object::{Class, Object};
use rights_registry::storage::Version;
use std::collections::BTreeMap;
use weighhouse_primitives::{Amount, Timestamp};
use weighhouse_testkit::Refused;

impl Fixture {
    fn then(&self, id: u64, at: u64) -> Option<Object> {
        let version: Option<Version> = self.ask("as_at", &(id, Timestamp(at)));
        match version?.state {
            Subject::Object(object) => Some(object),
            Subject::Right(right) => panic!("{right:?}"),
        }
    }
}

/// Goal: R6. At every second that is over, an object reads as it was at the end of that second, whatever
/// happened since, however often it changed within a second.
#[test]
fn r6_history_reads_as_it_was() {
    let mut f = Fixture::new();
    let id = f.create(Class::Parcel, "P1", Some(1_000));
    let born = f.now();
    let mut states: BTreeMap<u64, Object> = BTreeMap::from([(born, f.object(id))]);
    let shares = rights_registry::application::Request::FirstOwnership {
        shares: vec![(pid("ann"), (1, 1))],
    };
    f.settle("ann", id, shares);
    states.insert(f.now(), f.object(id));
    for (num, who) in [(2, "bob"), (3, "cat"), (5, "dan")] {
        f.settle("ann", id, transfer("ann", who, (1, num * num)));
        states.insert(f.now(), f.object(id));
        f.settle(
            "ann",
            id,
            mortgage("bank", u32::try_from(num).expect("small")),
        );
        states.insert(f.now(), f.object(id));
        // Two changes in one second: the later counts.
        let (one, two) = (f.order(id, None), f.order(id, None));
        f.done("eve", "arrest", &(id, one));
        f.done("eve", "arrest", &(id, two));
        states.insert(f.now(), f.object(id));
        f.end_order(one);
        f.end_order(two);
        f.world.advance(7);
        f.done("eve", "lift", &(id, one));
        f.done("eve", "lift", &(id, two));
        states.insert(f.now(), f.object(id));
    }
    let now = f.now();
    let refused: Result<Option<Version>, Refused> = f.ask_as("ann", "as_at", &(id, Timestamp(now)));
    assert_eq!(refused, Err(Refused::Code(11)), "this second is not over");
    f.world.advance(1);
    assert_eq!(f.then(id, born - 1), None, "before it was entered");
    let times: Vec<u64> = states.keys().copied().collect();
    for (place, at) in times.iter().enumerate() {
        assert_eq!(f.then(id, *at).as_ref(), Some(&states[at]), "at {at}");
        let next = times.get(place + 1).copied().unwrap_or(f.now());
        assert_eq!(
            f.then(id, next - 1).as_ref(),
            Some(&states[at]),
            "before {next}"
        );
    }
    let never: Result<Option<Version>, Refused> =
        f.ask_as("ann", "as_at", &(id, Timestamp(u64::MAX)));
    assert_eq!(never, Err(Refused::Code(11)));
    assert_eq!(
        f.ask::<Option<Version>>("as_at", &(999_u64, Timestamp(now))),
        None
    );
}

/// Goal: R6. The log has every version once, numbered without gaps, with its cause, from young to old.
#[test]
fn r6_the_log_has_every_version() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    for who in ["bob", "ann", "bob", "ann"] {
        let from = f.object(id).sole_owner().expect("one owner");
        f.settle(
            who,
            id,
            transfer(crate::fixture::name_of(from), who, (1, 1)),
        );
    }
    let mut versions: Vec<u64> = vec![];
    let mut after: Option<(Timestamp, u64)> = None;
    loop {
        let page: Vec<(Timestamp, Version)> = f.ask("versions", &(id, after, 2_u32));
        for (at, version) in &page {
            let Subject::Object(object) = &version.state else {
                panic!("{version:?}");
            };
            versions.push(object.version);
            after = Some((*at, object.version));
            let created = matches!(version.cause, Cause::Created { .. });
            assert_eq!(created, object.version == 1, "{:?}", version.cause);
        }
        if page.len() < 2 {
            break;
        }
    }
    assert_eq!(versions, [6, 5, 4, 3, 2, 1]);
    let page: Result<Vec<(Timestamp, Version)>, Refused> =
        f.ask_as("ann", "versions", &(id, None::<(Timestamp, u64)>, 101_u32));
    assert_eq!(page, Err(Refused::Code(13)));
}

/// Goal: one number space: an object, a right and a restriction never share a number.
#[test]
fn numbers_are_given_once() {
    let mut f = Fixture::new();
    let one = f.work("W1", "ann");
    f.settle("ann", one, mortgage("bank", 1));
    let rights = vec!["print".to_owned()];
    let kind = rights_registry::usage::UseKind::Licence;
    let right = f.id(
        "ann",
        "grant_use",
        &(one, kind, pid("bob"), None::<Timestamp>, true, rights),
    );
    let two = f.create(Class::Concession, "C1", Some(5));
    assert_eq!(
        (one, f.object(one).restrictions[0].id, right, two),
        (1, 2, 3, 4)
    );
    assert_eq!(f.object(two).area, Some(Amount(5)));
    assert_eq!(f.object(two).meta, DOC);
}
