//! Annual limits, reserved by bound contracts.

use crate::fixture::{DOC, Fixture, RULE_DELAY, UnderTest, hash, open_rules};
use participants::storage::LimitUse;
use weighhouse_primitives::{Amount, Hash, Timestamp};
use weighhouse_standard::interface::{
    AnnualLimit, PartyKind, Pid, Qualification, Residency, RuleSet,
};

const CLASS: u16 = 1;
const YEAR: u32 = 2026;

/// A register with a bound contract `desk` and a limit of 100 for the class.
fn limited() -> Fixture {
    let mut register = Fixture::new();
    register.vet("desk", PartyKind::System, Residency::Resident, *b"RU");
    set_limit(&mut register, 100);
    register
}

fn set_limit(register: &mut Fixture, amount: u128) {
    let annual_limit = Some(AnnualLimit {
        class: CLASS,
        amount: Amount(amount),
    });
    register.set_rules(
        "sold",
        RuleSet {
            annual_limit,
            ..open_rules()
        },
    );
}

fn left(register: &Fixture, name: &str, year: u32) -> u128 {
    register
        .ask::<Amount>("limit_left", &(register.pid(name), CLASS, year))
        .0
}

fn used(register: &Fixture, name: &str) -> (u128, u128) {
    let LimitUse { used, reserved } = register.ask("limit_use", &(register.pid(name), CLASS, YEAR));
    (used.0, reserved.0)
}

fn reserve(register: &mut Fixture, name: &str, amount: u128, reference: &str) -> u16 {
    let arguments = (register.pid(name), CLASS, Amount(amount), hash(reference));
    register.both("desk", "limit_reserve", &arguments)
}

/// Goal: bound contracts reserve, under references of their own, each once (1, 2, 4, 5, 8, 9).
#[test]
fn codes_of_limits() {
    let mut register = limited();
    let ann = register.pid("ann");
    let of = |pid, amount, reference| (pid, CLASS, Amount(amount), reference);
    let entry = "limit_reserve";
    assert_eq!(register.both("desk", entry, &of(ann, 0, DOC)), 8);
    assert_eq!(
        register.both("bob", entry, &of(ann, 1, DOC)),
        1,
        "no system"
    );
    assert_eq!(register.both("nobody", entry, &of(ann, 1, DOC)), 1);
    assert_eq!(register.both("desk", entry, &of(Pid(99), 1, DOC)), 4);
    assert_eq!(register.both("desk", entry, &of(ann, 1, DOC)), 0);
    assert_eq!(register.both("desk", entry, &of(ann, 1, DOC)), 5);
    assert_eq!(register.both("desk", "limit_commit", &hash("none")), 4);
    assert_eq!(register.both("bob", "limit_commit", &DOC), 1);
    assert_eq!(
        register.both("bob", "limit_release", &DOC),
        4,
        "of the caller's own"
    );
    let other = (ann, 2_u16, Amount::MAX, hash("all"));
    assert_eq!(
        register.both("desk", entry, &other),
        0,
        "a class without a limit"
    );
    let above = (ann, 2_u16, Amount(1), hash("above"));
    assert_eq!(register.both("desk", entry, &above), 9);
    register.stop(false);
    assert_eq!(register.both("desk", entry, &of(ann, 1, hash("paused"))), 2);
    assert_eq!(register.both("desk", "limit_commit", &DOC), 2);
    assert_eq!(register.both("desk", "limit_release", &DOC), 0, "an exit");
    assert_eq!(register.both("desk", "limit_release", &DOC), 4, "once");
}

/// Goal: used and reserved stay within the limit for natural persons without qualification; what is released
/// is free again; every year starts anew at local midnight (110).
#[test]
fn i6_used_and_reserved_stay_within_the_limit() {
    let mut register = limited();
    assert_eq!(reserve(&mut register, "ann", 60, "a"), 0);
    assert_eq!(reserve(&mut register, "ann", 41, "b"), 110);
    assert_eq!(reserve(&mut register, "ann", 40, "b"), 0);
    assert_eq!(
        (used(&register, "ann"), left(&register, "ann", YEAR)),
        ((0, 100), 0)
    );
    register.done("desk", "limit_commit", &hash("a"));
    assert_eq!(used(&register, "ann"), (60, 40));
    assert_eq!(reserve(&mut register, "ann", 1, "c"), 110);
    register.done("desk", "limit_release", &hash("b"));
    assert_eq!(
        (used(&register, "ann"), left(&register, "ann", YEAR)),
        ((60, 0), 40)
    );
    assert_eq!(
        reserve(&mut register, "bob", u128::MAX, "firm"),
        0,
        "not a natural person"
    );
    assert_eq!(
        (used(&register, "bob"), left(&register, "bob", YEAR)),
        ((0, 0), u128::MAX)
    );
    assert_eq!(reserve(&mut register, "ann", 40, "late"), 0);
    // 2027-01-01 00:00 three hours ahead of UTC.
    let midnight = 1_798_750_800;
    register.at_time(midnight - 1);
    assert_eq!(reserve(&mut register, "ann", 1, "old year"), 110);
    register.at_time(midnight);
    assert_eq!(reserve(&mut register, "ann", 100, "new year"), 0);
    register.done("desk", "limit_commit", &hash("late"));
    assert_eq!(
        used(&register, "ann"),
        (100, 0),
        "counted to the year of its order"
    );
    assert_eq!(
        (
            left(&register, "ann", YEAR),
            left(&register, "ann", YEAR + 1)
        ),
        (0, 0)
    );
}

/// Goal: a qualified investor is not limited while it is one, to the second; nothing it bought then counts
/// afterwards.
#[test]
fn a_qualified_investor_is_not_limited() {
    let mut register = limited();
    let until = register.now() + 100;
    let level = Qualification::Qualified {
        until: Timestamp(until),
    };
    register.done(
        "compliance",
        "set_qualification",
        &(register.pid("ann"), level, DOC),
    );
    register.at_time(until);
    assert_eq!(reserve(&mut register, "ann", 10_000, "a"), 0);
    assert_eq!(left(&register, "ann", YEAR), u128::MAX);
    register.at_time(until + 1);
    assert_eq!(left(&register, "ann", YEAR), 100);
    assert_eq!(reserve(&mut register, "ann", 101, "b"), 110);
    register.done("desk", "limit_commit", &hash("a"));
    assert_eq!(used(&register, "ann"), (0, 0));
    let nobody = (Pid(99), CLASS, YEAR);
    assert_eq!(register.ask::<Amount>("limit_left", &nobody), Amount::ZERO);
}

/// Goal: a lower limit of a class counts at once, a higher one after the delay.
#[test]
fn a_higher_limit_waits() {
    let mut register = limited();
    set_limit(&mut register, 50);
    assert_eq!(left(&register, "ann", YEAR), 50);
    set_limit(&mut register, 200);
    let set = register.now();
    register.at_time(set + RULE_DELAY - 1);
    assert_eq!(left(&register, "ann", YEAR), 50);
    register.at_time(set + RULE_DELAY);
    assert_eq!(left(&register, "ann", YEAR), 200);
    let reference: Hash = hash("x");
    let reservation: Option<participants::storage::Reservation> =
        register.ask("reservation", &(crate::fixture::at("desk"), reference));
    assert_eq!(reservation, None);
}
