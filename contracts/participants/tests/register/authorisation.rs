//! Authorisations: the regulator's, to the second.

use crate::fixture::{DOC, Fixture, UnderTest};
use participants::storage::{Authorisation, AuthorisationStatus};
use weighhouse_primitives::{Hash, Timestamp};
use weighhouse_standard::interface::{AuthorisationKind, Pid};

const KIND: AuthorisationKind = AuthorisationKind::IssuingBank;

/// Goal: only the regulator grants, suspends and revokes, with a document and sensible times
/// (1, 4, 6, 7, 17).
#[test]
fn codes_of_authorisations() {
    let mut register = Fixture::new();
    let (pid, now) = (register.pid("bob"), register.now());
    let of = |from, until, doc| (pid, KIND, Timestamp(from), Timestamp(until), doc);
    let entry = "grant_authorisation";
    assert_eq!(
        register.both("regulator", entry, &of(now + 2, now + 1, DOC)),
        7
    );
    assert_eq!(
        register.both("regulator", entry, &of(now - 2, now - 1, DOC)),
        7
    );
    assert_eq!(
        register.both("regulator", entry, &of(now, now, Hash::ZERO)),
        17
    );
    assert_eq!(register.both("compliance", entry, &of(now, now, DOC)), 1);
    let unknown = (Pid(99), KIND, Timestamp(now), Timestamp(now), DOC);
    assert_eq!(register.both("regulator", entry, &unknown), 4);
    let act = (pid, KIND, DOC);
    assert_eq!(register.both("regulator", "suspend_authorisation", &act), 4);
    assert_eq!(
        register.both("regulator", entry, &of(now, now + 100, DOC)),
        0
    );
    assert_eq!(register.both("bob", "suspend_authorisation", &act), 1);
    assert_eq!(register.both("bob", "revoke_authorisation", &act), 1);
    let bare = (pid, KIND, Hash::ZERO);
    assert_eq!(
        register.both("regulator", "revoke_authorisation", &bare),
        17
    );
    assert_eq!(register.both("regulator", "suspend_authorisation", &act), 0);
    assert_eq!(register.both("regulator", "suspend_authorisation", &act), 6);
    assert_eq!(register.both("regulator", "revoke_authorisation", &act), 0);
    assert_eq!(register.both("regulator", "revoke_authorisation", &act), 6);
    let found: Option<Authorisation> = register.ask("authorisation", &(pid, KIND));
    assert_eq!(
        found.map(|found| found.status),
        Some(AuthorisationStatus::Revoked)
    );
    register.done("compliance", "close", &(pid, 1_u16, DOC));
    assert_eq!(
        register.both("regulator", entry, &of(now, now + 100, DOC)),
        6
    );
}

/// Goal: an authorisation counts from its first to its last second, both included, while it is active and
/// its participant is.
#[test]
fn i3_an_authorisation_counts_within_its_times() {
    let mut register = Fixture::new();
    let (pid, now) = (register.pid("bob"), register.now());
    let grant = (pid, KIND, Timestamp(now + 10), Timestamp(now + 20), DOC);
    register.done("regulator", "grant_authorisation", &grant);
    let counts = |register: &Fixture, at: u64| {
        register.ask::<bool>("authorised", &(pid, KIND, Timestamp(at)))
    };
    for (at, expected) in [(9, false), (10, true), (20, true), (21, false)] {
        assert_eq!(counts(&register, now + at), expected, "at {at}");
    }
    register.done("compliance", "suspend", &(pid, 1_u16, DOC));
    assert!(!counts(&register, now + 15), "a suspended participant");
    let id: u64 = register
        .call("compliance", "propose_reinstate", &(pid, 1_u16, DOC))
        .expect("proposed");
    register.done("second compliance", "approve_reinstate", &id);
    assert!(counts(&register, now + 15));
    register.done("regulator", "suspend_authorisation", &(pid, KIND, DOC));
    assert!(!counts(&register, now + 15), "suspended");
    register.done("regulator", "grant_authorisation", &grant);
    assert!(counts(&register, now + 15), "granted anew");
    register.done("regulator", "revoke_authorisation", &(pid, KIND, DOC));
    assert!(!counts(&register, now + 15), "revoked");
}
