//! Mortgages, leases, easements, prohibitions: entered by consent, ended by those they favour.

use crate::fixture::{COOLING, Fixture, UnderTest, mortgage, pid, transfer};
use rights_registry::application::Request;
use rights_registry::restriction::{Restriction, RestrictionKind};
use rights_registry::usage::UseState;
use rights_registry::view::RightView;
use weighhouse_primitives::{Amount, Timestamp};

fn part_mortgage(debtor: &str, part: (u128, u128), rank: u32) -> Request {
    Request::Mortgage {
        share: Some((pid(debtor), part)),
        creditor: pid("bank"),
        rank,
        amount: Amount(5_000),
        until: None,
    }
}

fn restrict(kind: RestrictionKind, favour: &str) -> Request {
    Request::Restrict {
        kind,
        favour: pid(favour),
        until: None,
    }
}

impl Fixture {
    /// Consents and time given, what registration answers.
    fn outcome(&mut self, who: &str, object: u64, request: Request) -> u16 {
        let entry = self.ripe(who, object, request);
        let code = self.register(entry);
        if code != 0 {
            self.done(who, "withdraw", &entry);
        }
        code
    }

    fn last_restriction(&self, object: u64) -> Restriction {
        self.object(object)
            .restrictions
            .pop()
            .expect("a restriction")
    }
}

/// Goal: R2. Two live mortgages never share a rank, on the whole or on shares; an expired one frees it.
#[test]
fn r2_ranks_of_live_mortgages_differ() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 2), ("bob", 1, 2)]);
    let until = f.now() + 20 * COOLING;
    let short = Request::Mortgage {
        share: None,
        creditor: pid("bank"),
        rank: 1,
        amount: Amount(1),
        until: Some(Timestamp(until)),
    };
    assert_eq!(f.outcome("ann", id, short), 0);
    assert_eq!(f.outcome("ann", id, mortgage("bank", 1)), 301);
    assert_eq!(f.outcome("ann", id, part_mortgage("ann", (1, 2), 1)), 301);
    assert_eq!(f.outcome("ann", id, part_mortgage("ann", (1, 2), 2)), 0);
    assert_eq!(f.outcome("bob", id, part_mortgage("bob", (1, 2), 2)), 301);
    let entry = f.ripe("ann", id, mortgage("bank", 1));
    f.at_time(until);
    assert_eq!(f.register(entry), 301, "its last second");
    f.at_time(until + 1);
    assert_eq!(f.register(entry), 0);
    let ranks: Vec<_> = f
        .object(id)
        .restrictions
        .iter()
        .map(|one| one.rank)
        .collect();
    assert_eq!(ranks, [Some(2), Some(1)]);
}

/// Goal: a share is mortgaged up to what is owned, and what is mortgaged is not transferred away.
#[test]
fn codes_300_and_304_of_mortgaged_shares() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 2), ("bob", 1, 2)]);
    assert_eq!(f.outcome("ann", id, part_mortgage("ann", (2, 3), 1)), 300);
    assert_eq!(f.outcome("ann", id, part_mortgage("ann", (1, 3), 1)), 0);
    assert_eq!(f.outcome("ann", id, transfer("ann", "cat", (1, 4))), 304);
    assert_eq!(f.outcome("ann", id, transfer("ann", "cat", (1, 6))), 0);
    assert_eq!(
        f.outcome("bob", id, transfer("bob", "cat", (1, 2))),
        0,
        "not mortgaged"
    );
}

/// Goal: only the one in whose favour a restriction is discharges it.
#[test]
fn discharge_is_the_creditors() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    f.settle("ann", id, mortgage("bank", 1));
    let restriction = f.last_restriction(id).id;
    let discharge = || Request::Discharge { restriction };
    assert_eq!(f.applies("ann", id, discharge()), 1);
    let (one, two) = (
        f.apply("bank", id, discharge()),
        f.apply("bank", id, discharge()),
    );
    f.cool(two);
    assert_eq!(f.register(one), 0);
    assert_eq!(f.register(two), 4, "it is gone");
    f.done("bank", "withdraw", &two);
    assert!(f.object(id).restrictions.is_empty());
    // An arrest is the register's to end.
    let order = f.order(id, None);
    f.done("eve", "arrest", &(id, order));
    let restriction = f.last_restriction(id).id;
    for who in ["ann", "bank", "eve"] {
        assert_eq!(f.applies(who, id, Request::Discharge { restriction }), 1);
    }
}

/// Goal: a lease makes a right and a restriction; both end by the tenant's discharge or by time.
#[test]
fn leases_are_rights_and_restrictions() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 2), ("bob", 1, 2)]);
    let until = Timestamp(f.now() + 20 * COOLING);
    let lease = |until| Request::Lease {
        tenant: pid("cat"),
        acts: vec!["farm".into()],
        until,
    };
    let now = Timestamp(f.now());
    assert_eq!(f.applies("ann", id, lease(now)), 7, "over before it begins");
    assert_eq!(f.outcome("cat", id, lease(until)), 0);
    let restriction = f.last_restriction(id);
    assert_eq!(
        (restriction.kind, restriction.until),
        (RestrictionKind::Lease, Some(until))
    );
    let right = restriction.right.expect("a right");
    let lives = |f: &Fixture| {
        f.ask::<Option<RightView>>("right", &right)
            .expect("a right")
            .lives
    };
    assert!(lives(&f));
    assert_eq!(
        f.ask::<u16>("check_use", &(right, pid("cat"), "farm".to_owned())),
        0
    );
    assert_eq!(f.both("ann", "revoke_use", &right), 1, "one of two owners");
    let acts = vec!["farm".to_owned()];
    let sub = f.id("cat", "sublicense", &(right, pid("dan"), Some(until), acts));
    assert_eq!(
        f.ask::<u16>("check_use", &(sub, pid("dan"), "farm".to_owned())),
        0
    );
    let discharge = Request::Discharge {
        restriction: restriction.id,
    };
    assert_eq!(f.outcome("cat", id, discharge), 0);
    assert!(!lives(&f) && f.object(id).restrictions.is_empty());
    assert_eq!(
        f.ask::<u16>("check_use", &(sub, pid("dan"), "farm".to_owned())),
        307
    );
    let view: Option<RightView> = f.ask("right", &right);
    assert_eq!(view.expect("a right").right.state, UseState::Revoked);
}

/// Goal: a prohibition blocks disposal until its holder discharges it; easements and cautions block
/// nothing; only these kinds can be applied for.
#[test]
fn prohibitions_and_easements() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    for kind in [
        RestrictionKind::Arrest,
        RestrictionKind::Mortgage,
        RestrictionKind::Lease,
    ] {
        assert_eq!(f.applies("ann", id, restrict(kind, "ann")), 7);
    }
    let easement = Request::Easement {
        favour: pid("bob"),
        until: None,
    };
    assert_eq!(f.outcome("bob", id, easement), 0);
    assert_eq!(
        f.outcome("eve", id, restrict(RestrictionKind::Caution, "eve")),
        0
    );
    assert_eq!(
        f.applies("cat", id, restrict(RestrictionKind::Caution, "eve")),
        1
    );
    assert_eq!(
        f.outcome("ann", id, restrict(RestrictionKind::Prohibition, "dan")),
        0
    );
    assert_eq!(f.applies("ann", id, transfer("ann", "cat", (1, 1))), 117);
    assert_eq!(f.applies("ann", id, mortgage("bank", 1)), 117);
    let restriction = f.last_restriction(id).id;
    assert_eq!(f.outcome("dan", id, Request::Discharge { restriction }), 0);
    assert_eq!(f.outcome("ann", id, transfer("ann", "cat", (1, 1))), 0);
    assert_eq!(
        f.object(id).restrictions.len(),
        2,
        "they stay with the object"
    );
}

/// Goal: an object takes twenty restrictions from applications; an order finds room beside them.
#[test]
fn code_13_restrictions() {
    let mut f = Fixture::new();
    let id = f.work("W1", "ann");
    for rank in 1..=20 {
        assert_eq!(f.outcome("ann", id, mortgage("bank", rank)), 0, "{rank}");
    }
    assert_eq!(f.outcome("ann", id, mortgage("bank", 21)), 13);
    for _ in 0..12 {
        let order = f.order(id, None);
        assert_eq!(f.both("eve", "arrest", &(id, order)), 0);
    }
    let order = f.order(id, None);
    assert_eq!(f.both("eve", "arrest", &(id, order)), 13);
    assert_eq!(
        f.applies("ann", id, transfer("ann", "bob", (1, 1))),
        117,
        "it counts unmirrored"
    );
}
