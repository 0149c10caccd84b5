//! Payment under a licence: two officers, one order, a blocked account, never around screening.

use crate::fixture::{DOC, Fixture, UnderTest, at, pid};
use export_escrow::credit::Source;
use export_escrow::presentation::Standing;
use weighhouse_primitives::Hash;
use weighhouse_standard::Role;
use weighhouse_standard::interface::{Direction, Scope, ScreeningResult};

const WEEK: u64 = 7 * 86_400;

/// Goal: two regulators release what only an order on a party stops; a hit, a review, another order or
/// another obstacle is never passed over.
#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one story, each step needs those before it"
)]
fn e10_a_licence_passes_an_order_and_nothing_else() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 400);
    on.standing_of("exporter", 103, 103);
    let party = |name: &str| Scope::Party {
        pid: pid(name),
        direction: Direction::InOut,
    };
    on.tell(
        "register",
        "put_order",
        &(1_u64, party("exporter"), DOC, false),
    );
    on.tell(
        "register",
        "put_order",
        &(2_u64, party("other"), DOC, false),
    );
    on.tell(
        "register",
        "put_order",
        &(3_u64, party("exporter"), DOC, true),
    );
    assert_eq!(on.both("other", "honour", &(lc, n)), 103);
    let propose = "propose_release_under_licence";
    assert_eq!(on.code("bank", propose, &(lc, n, DOC, 1_u64)), 1);
    assert_eq!(
        on.code("regulator", propose, &(lc, n, Hash::ZERO, 1_u64)),
        17
    );
    assert_eq!(on.code("regulator", propose, &(lc, n + 1, DOC, 1_u64)), 4);
    let mut ids = vec![];
    for order in [1_u64, 2, 3, 4] {
        let id: u64 = on
            .call("regulator", propose, &(lc, n, DOC, order))
            .expect("proposed");
        ids.push(id);
    }
    let approve = "approve_release_under_licence";
    assert_eq!(on.both("regulator", approve, &ids[0]), 16, "two officers");
    assert_eq!(on.both("auditor", approve, &ids[0]), 1);
    assert_eq!(on.both("second regulator", approve, &99_u64), 4);
    assert_eq!(
        on.both("second regulator", approve, &ids[1]),
        7,
        "on another party"
    );
    assert_eq!(on.both("second regulator", approve, &ids[2]), 6, "lifted");
    assert_eq!(
        on.both("second regulator", approve, &ids[3]),
        4,
        "no such order"
    );
    on.screen("exporter", ScreeningResult::Review);
    assert_eq!(on.both("second regulator", approve, &ids[0]), 102);
    on.screen("exporter", ScreeningResult::Clear);
    on.standing_of("importer", 101, 0);
    assert_eq!(on.both("second regulator", approve, &ids[0]), 101);
    on.standing_of("importer", 103, 0);
    assert_eq!(
        on.both("second regulator", approve, &ids[0]),
        103,
        "another order"
    );
    on.standing_of("importer", 0, 0);
    on.pass(WEEK - (on.world.time.0 - weighhouse_testkit::world::START.0));
    assert_eq!(
        on.both("second regulator", approve, &ids[0]),
        0,
        "in the last second"
    );
    assert_eq!(on.both("second regulator", approve, &ids[0]), 4, "once");
    assert_eq!(on.standing(lc, n), Standing::Paid(Source::Applicant));
    assert_eq!(on.balance("exporter"), 400);
    let n = on.complying(lc, 100);
    let id: u64 = on
        .call("regulator", propose, &(lc, n, DOC, 1_u64))
        .expect("proposed");
    on.pass(WEEK + 1);
    assert_eq!(on.both("second regulator", approve, &id), 10);
}

/// An order, number 1, that lets nothing out of the importer.
fn stop_importer(on: &mut Fixture) {
    on.standing_of("importer", 103, 0);
    let scope = Scope::Party {
        pid: pid("importer"),
        direction: Direction::Out,
    };
    on.tell("register", "put_order", &(1_u64, scope, DOC, false));
}

/// Goal: a licence around an order does not hide that the bank lost its authorisation (108).
#[test]
fn code_108_a_licence_is_no_authorisation() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 400);
    stop_importer(&mut on);
    on.bank("bank", false);
    let propose = (lc, n, DOC, 1_u64);
    let id: u64 = on
        .call("regulator", "propose_release_under_licence", &propose)
        .expect("proposed");
    let approve = "approve_release_under_licence";
    assert_eq!(on.both("second regulator", approve, &id), 108);
    on.bank("bank", true);
    assert_eq!(on.both("second regulator", approve, &id), 0);
    assert_eq!(on.balance("exporter"), 400);
}

/// Goal: a regulator that lost its duty does not stand behind what it proposed.
#[test]
fn e10_who_proposed_a_release_still_has_the_duty() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 400);
    stop_importer(&mut on);
    let propose = (lc, n, DOC, 1_u64);
    let id: u64 = on
        .call("regulator", "propose_release_under_licence", &propose)
        .expect("proposed");
    let duty = (Role::Regulator, at("regulator"));
    on.done("admin", "revoke_role", &duty);
    let approve = "approve_release_under_licence";
    assert_eq!(on.both("second regulator", approve, &id), 16);
    on.done("admin", "grant_role", &duty);
    assert_eq!(on.both("second regulator", approve, &id), 0);
}
