//! Rules of tokens: who sets them, when they are in force.

use crate::fixture::{Fixture, RULE_DELAY, UnderTest, at, country, open_rules};
use participants::storage::RuleBook;
use weighhouse_primitives::{Address, Amount, Timestamp};
use weighhouse_standard::interface::{AnnualLimit, Country, RuleSet, Velocity};

fn rules(register: &Fixture, token: &str) -> Option<RuleSet> {
    register.ask("rules", &at(token))
}

/// Goal: who sets rules, and what rules are (1, 7, 13).
#[test]
fn codes_of_rules() {
    let mut register = Fixture::new();
    let entry = "set_rules";
    let velocity = |window, count: usize| RuleSet {
        velocity: vec![
            Velocity {
                window,
                amount: Amount(1)
            };
            count
        ],
        ..open_rules()
    };
    let deny = |countries: Vec<Country>| RuleSet {
        deny: countries,
        ..open_rules()
    };
    for (who, token, rules, code) in [
        ("compliance", Address::ZERO, open_rules(), 7),
        ("compliance", at("new"), deny(vec![country(*b"xx")]), 7),
        (
            "compliance",
            at("new"),
            deny(vec![country(*b"XX"); 257]),
            13,
        ),
        ("compliance", at("new"), velocity(0, 1), 7),
        ("compliance", at("new"), velocity(1, 5), 13),
        ("operator", at("new"), velocity(1, 4), 1),
        ("compliance", at("new"), velocity(1, 4), 0),
    ] {
        assert_eq!(register.both(who, entry, &(token, rules)), code);
    }
    let fenced = RuleSet {
        ring_fenced: true,
        ..open_rules()
    };
    assert_eq!(
        register.both("compliance", entry, &(at("token"), fenced)),
        7,
        "fixed at issue"
    );
}

/// Rules with a bound of every kind.
fn strict() -> RuleSet {
    let ru = country(*b"RU");
    RuleSet {
        allow: [ru].into(),
        deny: [country(*b"XX")].into(),
        req_qualified: true,
        annual_limit: Some(AnnualLimit {
            class: 1,
            amount: Amount(100),
        }),
        max_balance: Some(Amount(100)),
        max_holders: Some(10),
        velocity: [Velocity {
            window: 10,
            amount: Amount(5),
        }]
        .into(),
        preclear_above: Some(Amount(5)),
        travel_rule_above: Some(Amount(5)),
        screening_max_age: Some(1_000),
        venue_only: true,
        ring_fenced: false,
        provenance: None,
    }
}

/// The same with one bound loosened each.
fn looser() -> [RuleSet; 12] {
    [
        RuleSet {
            allow: Vec::new(),
            ..strict()
        },
        RuleSet {
            deny: Vec::new(),
            ..strict()
        },
        RuleSet {
            req_qualified: false,
            ..strict()
        },
        RuleSet {
            annual_limit: None,
            ..strict()
        },
        RuleSet {
            max_balance: Some(Amount(101)),
            ..strict()
        },
        RuleSet {
            max_holders: None,
            ..strict()
        },
        RuleSet {
            velocity: [Velocity {
                window: 10,
                amount: Amount(6),
            }]
            .into(),
            ..strict()
        },
        RuleSet {
            preclear_above: Some(Amount(6)),
            ..strict()
        },
        RuleSet {
            travel_rule_above: None,
            ..strict()
        },
        RuleSet {
            screening_max_age: Some(1_001),
            ..strict()
        },
        RuleSet {
            venue_only: false,
            ..strict()
        },
        RuleSet {
            provenance: Some(at("miners")),
            ..strict()
        },
    ]
}

/// Goal: tighter rules are in force at once, any other change after the delay, to the second.
#[test]
fn loosening_waits() {
    let mut register = Fixture::new();
    let strict = strict();
    register.set_rules("token", strict.clone());
    assert_eq!(
        rules(&register, "token"),
        Some(strict.clone()),
        "tighter in every respect"
    );
    for loose in looser() {
        register.set_rules("token", loose.clone());
        assert_eq!(rules(&register, "token"), Some(strict.clone()), "{loose:?}");
    }
    let set = register.now();
    let book: Option<RuleBook> = register.ask("rule_book", &at("token"));
    let next = book.and_then(|book| book.next).expect("rules that wait");
    assert_eq!(next.from, Timestamp(set + RULE_DELAY));
    register.at_time(set + RULE_DELAY - 1);
    assert_eq!(rules(&register, "token"), Some(strict.clone()));
    register.at_time(set + RULE_DELAY);
    assert_eq!(rules(&register, "token"), Some(next.rules.clone()));
    register.set_rules("token", strict.clone());
    assert_eq!(
        rules(&register, "token"),
        Some(strict),
        "tightened again at once"
    );
}
