//! What every contract has: pause, end, halt, roles, documents, hand-over, membership, calendars.

use crate::fixture::{ADMIN_DELAY, DOC, Fixture, UnderTest, at, calendar, clauses};
use export_escrow::presentation::{Disposal, Verdict};
use weighhouse_primitives::{Address, Hash};
use weighhouse_standard::Role;
use weighhouse_standard::calendar::Calendar;
use weighhouse_standard::lifecycle::Status;

/// Goal: pause, halt and end stop market acts with their codes, in this order before every other check;
/// calendars, licences and the regulator's measures go on under a pause.
#[test]
fn pause_halt_and_end_come_first() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let n = on.complying(lc, 100);
    let escrow = on.on.escrow.address;
    for (stop, code) in [("halt", 19), ("pause", 2), ("end", 3)] {
        match stop {
            "halt" => on.tell("register", "put_halt", &(escrow, true)),
            "pause" => drop(on.done("pauser", "pause", &"test".to_owned())),
            _ => drop(on.done("admin", "deactivate", &DOC)),
        }
        let terms = on.on.terms(clauses());
        let none = (Address::ZERO, 0_u64);
        assert_eq!(on.both("nobody", "apply", &terms), code);
        assert_eq!(on.both("nobody", "issue", &(99_u64, 0_u64)), code);
        assert_eq!(on.both("nobody", "honour", &(lc, n)), code);
        assert_eq!(
            on.both("nobody", "examine", &(lc, n, Verdict::Complying)),
            code
        );
        let refusal = (lc, n, Vec::<String>::new(), Disposal::Return);
        assert_eq!(on.both("nobody", "refuse", &refusal), code);
        assert_eq!(on.both("nobody", "cancel", &lc), code);
        let filed = on.code("regulator", "file_licence", &(lc, n, DOC));
        assert_eq!(filed, if stop == "end" { 3 } else { 0 });
        assert_eq!(none.1, 0);
    }
    assert_eq!(on.ask::<Status>("status", &()), Status::Deactivated);
}

/// Goal: duties stay apart, roles are ADMIN's to grant, a new ADMIN waits for the delay, documents are
/// OPERATOR's; privileged acts are in the log.
#[test]
fn offices_are_kept() {
    let mut on = Fixture::new();
    assert_eq!(
        on.code("bank", "grant_role", &(Role::Arbiter, at("new"))),
        1
    );
    assert_eq!(
        on.code("admin", "grant_role", &(Role::Auditor, at("regulator"))),
        16
    );
    on.done("admin", "grant_role", &(Role::Arbiter, at("new")));
    assert_eq!(
        on.code("admin", "grant_role", &(Role::Arbiter, at("new"))),
        5
    );
    on.done("new", "renounce_role", &Role::Arbiter);
    on.done("admin", "propose_admin", &at("new"));
    on.pass(ADMIN_DELAY - 1);
    assert_eq!(on.code("new", "accept_admin", &()), 11);
    on.pass(1);
    on.done("new", "accept_admin", &());
    let document = ("rules".to_owned(), DOC, "https://example.org".to_owned());
    assert_eq!(on.code("new", "set_document", &document), 1);
    on.done("operator", "set_document", &document);
    let log: Vec<weighhouse_standard::journal::Act> = on.ask("audit", &(0_u64, 100_u32));
    assert_eq!(log.len(), 5);
    let register = on.on.register.address;
    assert_eq!(on.code("bank", "join", &register), 1);
}

/// Goal: calendars are OPERATOR's and make sense; a credit names one that exists.
#[test]
fn calendars_are_defined_once() {
    let mut on = Fixture::new();
    assert_eq!(on.code("bank", "define_calendar", &calendar()), 1);
    let none = Calendar {
        weekend: 127,
        ..calendar()
    };
    assert_eq!(on.code("operator", "define_calendar", &none), 7);
    let many = Calendar {
        holidays: (0..257).collect(),
        ..calendar()
    };
    assert_eq!(on.code("operator", "define_calendar", &many), 13);
    let id: u64 = on
        .call("operator", "define_calendar", &calendar())
        .expect("defined");
    assert_eq!(
        on.ask::<Option<Calendar>>("calendar", &id),
        Some(calendar())
    );
    assert_eq!(on.ask::<Option<Hash>>("document_use", &DOC), None);
}
