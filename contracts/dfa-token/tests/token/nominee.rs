//! Nominees and the owners behind them.

use crate::fixture::{DOC, Fixture, UnderTest, at, events, payment};
use crate::register::{OTHER, Registered};
use dfa_token::NamedUnits;
use dfa_token::event::OwnersFiled;
use dfa_token::storage::NamedOwner;
use weighhouse_primitives::{Amount, Timestamp};
use weighhouse_standard::interface::{AuthorisationKind, Pid};

const DAY: u64 = 86_400;

/// dan is a nominee with 100 units; its record date, over, which it has three days to answer.
fn nominee() -> (Registered, u64) {
    let mut token = Registered::new();
    let authorised = (Pid(7), AuthorisationKind::NomineeHolder, true);
    token.tell("put_authorised", &authorised);
    token.done("operator", "open_nominee", &at("dan"));
    token.done("ann", "transfer", &payment("dan", 100));
    let date = token.now() + 10;
    token.done("issuer", "announce_record_date", &(Timestamp(date), 3_u16));
    token.at_time(date + 1);
    (token, date)
}

fn list(bob: u128, unknown: u128) -> Vec<NamedUnits> {
    vec![
        (NamedOwner::Party(Pid(2)), Amount(bob)),
        (NamedOwner::Commitment(OTHER), Amount(unknown)),
    ]
}

/// Goal: the owners that a nominee names add up to its balance at that second (300), once, in its own
/// name, with an authorisation; only those who supervise see them.
#[test]
fn code_300_owners_add_up_to_the_balance() {
    let (mut token, date) = nominee();
    let file = |at_time: u64, owners| (at("dan"), Timestamp(at_time), owners);
    let now = token.now();
    assert_eq!(
        token.code("dan", "file_owners", &file(now, list(60, 40))),
        11
    );
    assert_eq!(
        token.code("bob", "file_owners", &file(date, list(60, 40))),
        1
    );
    assert_eq!(
        token.code("dan", "file_owners", &file(date, list(60, 41))),
        300
    );
    let many = vec![(NamedOwner::Commitment(OTHER), Amount(1)); 257];
    assert_eq!(token.code("dan", "file_owners", &file(date, many)), 13);
    token.standing(2, 0, 104);
    assert_eq!(
        token.code("dan", "file_owners", &file(date, list(60, 40))),
        104
    );
    token.standing(2, 0, 0);
    token.limit(Some(59), None, false, None);
    assert_eq!(
        token.code("dan", "file_owners", &file(date, list(60, 40))),
        112
    );
    token.limit(None, None, false, None);
    let authorised = |is: bool| (Pid(7), AuthorisationKind::NomineeHolder, is);
    token.tell("put_authorised", &authorised(false));
    assert_eq!(
        token.code("dan", "file_owners", &file(date, list(60, 40))),
        108
    );
    token.tell("put_authorised", &authorised(true));
    let receipt = token.receipt("dan", "file_owners", &file(date, list(60, 40)));
    let filed = events::<OwnersFiled>(&receipt.events, "OwnersFiled");
    assert_eq!((filed[0].nominee, filed[0].owners), (at("dan"), 2));
    assert_eq!(
        token.code("dan", "file_owners", &file(date, list(60, 40))),
        5
    );
    let asked = (at("dan"), Timestamp(date));
    let seen: Option<Vec<NamedUnits>> = token.ask_as("auditor", "reg_owners", &asked).unwrap();
    assert_eq!(seen, Some(list(60, 40)));
    let hidden = token.ask_as::<Option<Vec<NamedUnits>>>("ann", "reg_owners", &asked);
    assert_eq!(hidden, Err(weighhouse_testkit::Refused::Code(1)));
}

/// Goal: a nominee that has not named its owners gets no units from the second after the last one for
/// that (108), until it has; it can still send, and others are not concerned.
#[test]
fn code_108_an_overdue_nominee_gets_nothing() {
    let (mut token, date) = nominee();
    let due = date + 3 * DAY;
    for (time, code) in [(due - 1, 0), (due, 0), (due + 1, 108)] {
        token.at_time(time);
        assert_eq!(
            token.check("ann", "transfer", &payment("dan", 1)),
            code,
            "at {time}"
        );
    }
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), 0);
    assert_eq!(token.both("dan", "transfer", &payment("bob", 1)), 0);
    token.tell("put_code", &109_u16);
    assert_eq!(
        token.both("ann", "transfer", &payment("dan", 1)),
        108,
        "the lesser code"
    );
    token.tell("put_code", &107_u16);
    assert_eq!(token.both("ann", "transfer", &payment("dan", 1)), 107);
    token.tell("put_code", &0_u16);
    let file = (at("dan"), Timestamp(date), list(60, 40));
    token.done("dan", "file_owners", &file);
    assert_eq!(token.both("ann", "transfer", &payment("dan", 1)), 0);
}

/// Goal: record dates lie ahead, are announced once, by issuer or keeper; nominees are entered once, by
/// OPERATOR, if authorised.
#[test]
fn dates_and_nominees_are_entered_once() {
    let (mut token, date) = nominee();
    let announce = |at_time: u64| (Timestamp(at_time), 3_u16);
    assert_eq!(
        token.code("issuer", "announce_record_date", &announce(date)),
        7
    );
    let ahead = announce(date + 100);
    assert_eq!(token.code("ann", "announce_record_date", &ahead), 1);
    assert_eq!(token.code("system", "announce_record_date", &ahead), 0);
    assert_eq!(token.code("issuer", "announce_record_date", &ahead), 5);
    assert_eq!(token.code("ann", "open_nominee", &at("bob")), 1);
    assert_eq!(token.code("operator", "open_nominee", &at("nobody")), 4);
    assert_eq!(token.code("operator", "open_nominee", &at("dan")), 5);
    assert_eq!(token.code("operator", "open_nominee", &at("bob")), 108);
    let file = (at("bob"), Timestamp(date), list(0, 0));
    assert_eq!(token.code("bob", "file_owners", &file), 4);
    let mut open = Fixture::new();
    let keeper = (weighhouse_standard::Role::Operator, at("operator"));
    open.done("admin", "grant_role", &keeper);
    assert_eq!(open.code("operator", "open_nominee", &at("dan")), 206);
    assert_ne!(DOC, OTHER);
}
