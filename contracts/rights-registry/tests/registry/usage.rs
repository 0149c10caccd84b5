//! Rights to use and sub-rights: within the parent's, never beyond.

use crate::fixture::{COOLING, Fixture, UnderTest, mortgage, pid};
use rights_registry::object::Class;
use rights_registry::usage::{UseKind, UseState};
use rights_registry::view::RightView;
use weighhouse_primitives::Timestamp;
use weighhouse_standard::interface::Pid;

type Grant = (u64, UseKind, Pid, Option<Timestamp>, bool, Vec<String>);

fn acts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn grant(object: u64, until: Option<u64>, revocable: bool, names: &[&str]) -> Grant {
    let until = until.map(Timestamp);
    (
        object,
        UseKind::Licence,
        pid("bob"),
        until,
        revocable,
        acts(names),
    )
}

fn sub(
    right: u64,
    user: &str,
    until: Option<u64>,
    names: &[&str],
) -> (u64, Pid, Option<Timestamp>, Vec<String>) {
    (right, pid(user), until.map(Timestamp), acts(names))
}

impl Fixture {
    fn lives(&self, right: u64) -> bool {
        let view: Option<RightView> = self.ask("right", &right);
        view.expect("a right").lives
    }

    fn usable(&self, right: u64, user: &str, act: &str) -> u16 {
        self.ask("check_use", &(right, pid(user), act.to_owned()))
    }
}

/// Goal: a right is granted by the one owner of a thing that can be used, for a time to come.
#[test]
fn grants_refuse() {
    let mut f = Fixture::new();
    let id = f.work("W1", "ann");
    let soon = Some(f.now() + 1_000);
    let many: Vec<String> = (0..33).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let long = "x".repeat(65);
    let lease = (
        id,
        UseKind::Lease,
        pid("bob"),
        None::<Timestamp>,
        true,
        acts(&["print"]),
    );
    assert_eq!(f.both("ann", "grant_use", &lease), 7);
    let now = Some(f.now());
    let cases = [
        ("ann", 7, grant(id, now, true, &["print"])),
        ("ann", 7, grant(id, soon, true, &[])),
        ("ann", 7, grant(id, soon, true, &[""])),
        ("ann", 7, grant(id, soon, true, &["print", "print"])),
        ("ann", 13, grant(id, soon, true, &many)),
        ("ann", 13, grant(id, soon, true, &[&long])),
        ("ann", 4, grant(99, soon, true, &["print"])),
        ("bob", 1, grant(id, soon, true, &["print"])),
        ("stranger", 1, grant(id, soon, true, &["print"])),
        ("ann", 0, grant(id, soon, true, &many[..32])),
    ];
    for (who, code, arguments) in cases {
        assert_eq!(f.both(who, "grant_use", &arguments), code, "{arguments:?}");
    }
    for (give, take, code) in [(103, 0, 103), (0, 104, 104), (103, 102, 102)] {
        f.standing("ann", give, 0);
        f.standing("bob", 0, take);
        assert_eq!(
            f.both("ann", "grant_use", &grant(id, soon, true, &["print"])),
            code
        );
    }
    f.standing("ann", 0, 0);
    f.standing("bob", 0, 0);
    let shared = f.parcel("P1", &[("ann", 1, 2), ("bob", 1, 2)]);
    assert_eq!(
        f.both("ann", "grant_use", &grant(shared, None, true, &["walk"])),
        302
    );
    let certificate = f.create(Class::Certificate, "Z1", None);
    assert_eq!(
        f.both(
            "ann",
            "grant_use",
            &grant(certificate, None, true, &["read"])
        ),
        1
    );
    f.settle("ann", id, mortgage("bank", 1));
    assert_eq!(
        f.both("ann", "grant_use", &grant(id, None, true, &["print"])),
        0,
        "a mortgage leaves use"
    );
}

/// Goal: R7. A sub-right has not more acts and not more time than its parent and ends with it, however
/// deep and however the parent ends.
#[test]
fn r7_sub_rights_die_with_the_parent() {
    let mut f = Fixture::new();
    let id = f.work("W1", "ann");
    let end = f.now() + 10_000;
    let top = f.id(
        "ann",
        "grant_use",
        &grant(id, Some(end), true, &["print", "sell"]),
    );
    let cases = [
        ("cat", 1, sub(top, "cat", Some(end), &["print"])),
        ("bob", 4, sub(99, "cat", Some(end), &["print"])),
        ("bob", 7, sub(top, "cat", Some(end), &["film"])),
        ("bob", 7, sub(top, "cat", Some(end + 1), &["print"])),
        ("bob", 7, sub(top, "cat", None, &["print"])),
        ("bob", 7, sub(top, "cat", Some(end), &[])),
    ];
    for (who, code, arguments) in cases {
        assert_eq!(f.both(who, "sublicense", &arguments), code, "{arguments:?}");
    }
    let users = ["cat", "dan", "eve", "ann", "bob", "cat", "dan"];
    let mut chain = vec![top];
    for (above, user) in ["bob", "cat", "dan", "eve", "ann", "bob", "cat"]
        .iter()
        .zip(users)
    {
        let arguments = sub(*chain.last().expect("one"), user, Some(end), &["print"]);
        chain.push(f.id(above, "sublicense", &arguments));
    }
    let deeper = sub(chain[7], "eve", Some(end), &["print"]);
    assert_eq!(f.both("dan", "sublicense", &deeper), 13, "eight deep");
    assert!(chain.iter().all(|right| f.lives(*right)));
    assert_eq!(f.usable(chain[7], "dan", "print"), 0);
    assert_eq!(f.usable(chain[7], "dan", "sell"), 7);
    assert_eq!(f.usable(chain[7], "eve", "print"), 1);
    assert_eq!(f.usable(99, "eve", "print"), 4);
    // The fourth of eight is revoked: those below are dead, those above live.
    assert_eq!(
        f.both("ann", "revoke_use", &chain[3]),
        1,
        "not who granted it"
    );
    assert_eq!(f.both("dan", "revoke_use", &chain[3]), 0);
    assert_eq!(f.both("dan", "revoke_use", &chain[3]), 6, "once");
    let alive: Vec<bool> = chain.iter().map(|right| f.lives(*right)).collect();
    assert_eq!(alive, [true, true, true, false, false, false, false, false]);
    assert_eq!(f.usable(chain[7], "dan", "print"), 307);
    let arguments = sub(chain[4], "dan", Some(end), &["print"]);
    assert_eq!(
        f.both("ann", "sublicense", &arguments),
        307,
        "its parent is dead"
    );
    assert_eq!(f.both("eve", "reclaim", &chain[5]), 0, "anybody, at once");
    assert_eq!(f.both("eve", "reclaim", &chain[2]), 11, "it lives");
    // The rest ends by time, to the second.
    f.at_time(end);
    assert!(f.lives(chain[2]));
    assert_eq!(f.both("eve", "reclaim", &top), 11);
    f.at_time(end + 1);
    assert!(!f.lives(top) && !f.lives(chain[2]));
    let arguments = sub(top, "cat", Some(end + 5), &["print"]);
    assert_eq!(f.both("bob", "sublicense", &arguments), 307);
    assert_eq!(f.both("eve", "reclaim", &top), 0);
    assert_eq!(f.both("eve", "reclaim", &top), 6);
}

/// Goal: an irrevocable right is revoked by nobody before its time is over, and by the one who granted
/// it from then on; sub-rights are as revocable as their parent.
#[test]
fn irrevocable_rights_last() {
    let mut f = Fixture::new();
    let id = f.work("W1", "ann");
    let end = f.now() + 10 * COOLING;
    let right = f.id("ann", "grant_use", &grant(id, Some(end), false, &["print"]));
    let below = f.id(
        "bob",
        "sublicense",
        &sub(right, "cat", Some(end - 5), &["print"]),
    );
    assert_eq!(f.both("ann", "revoke_use", &99_u64), 4);
    assert_eq!(f.both("ann", "revoke_use", &right), 6);
    assert_eq!(f.both("bob", "revoke_use", &below), 6);
    f.at_time(end);
    assert_eq!(f.both("ann", "revoke_use", &right), 6);
    assert_eq!(f.both("bob", "revoke_use", &below), 0, "its time is over");
    f.at_time(end + 1);
    assert_eq!(f.both("ann", "revoke_use", &right), 0);
    let view: Option<RightView> = f.ask("right", &right);
    assert_eq!(view.expect("a right").right.state, UseState::Revoked);
}

/// Goal: a right outlives a change of owners, and is then the new owner's to revoke.
#[test]
fn rights_stay_with_the_object() {
    let mut f = Fixture::new();
    let id = f.work("W1", "ann");
    let right = f.id("ann", "grant_use", &grant(id, None, true, &["print"]));
    f.settle("ann", id, crate::fixture::transfer("ann", "cat", (1, 1)));
    assert!(f.lives(right));
    assert_eq!(f.both("ann", "revoke_use", &right), 1);
    assert_eq!(f.both("cat", "revoke_use", &right), 0);
}
