//! Wallets: proposed, accepted, locked, recovered.

use crate::fixture::{DOC, Fixture, UnderTest, at};
use weighhouse_primitives::{Address, Hash};
use weighhouse_standard::Role;
use weighhouse_standard::interface::{PartyKind, Pid, Recovery, Residency, Wallet, WalletStatus};

/// Goal: a wallet is proposed by an operator and counts once it has accepted itself (1, 4, 5, 6, 7).
#[test]
fn a_wallet_counts_once_it_has_accepted() {
    let mut register = Fixture::new();
    let pid = register.pid("ann");
    assert_eq!(
        register.both("operator", "add_wallet", &(pid, Address::ZERO)),
        7
    );
    assert_eq!(register.both("ann", "add_wallet", &(pid, at("new"))), 1);
    assert_eq!(
        register.both("operator", "add_wallet", &(Pid(99), at("new"))),
        4
    );
    assert_eq!(register.both("new", "accept_wallet", &()), 4);
    assert_eq!(
        register.both("operator", "add_wallet", &(pid, at("new"))),
        0
    );
    assert_eq!(
        register.move_code(Fixture::moved("token", "new", "bob", 1)),
        100
    );
    assert_eq!(
        register.ask::<Option<Pid>>("pid_of", &at("new")),
        None,
        "not accepted"
    );
    assert_eq!(register.both("new", "accept_wallet", &()), 0);
    assert_eq!(register.both("new", "accept_wallet", &()), 6);
    assert_eq!(
        register.move_code(Fixture::moved("token", "new", "bob", 1)),
        0
    );
    let bob = register.pid("bob");
    assert_eq!(
        register.both("operator", "add_wallet", &(bob, at("new"))),
        5,
        "bound for ever"
    );
    let wallets: Vec<Address> = register.ask("wallets", &pid);
    assert_eq!(wallets, [at("ann"), at("new")]);
}

/// Goal: a locked wallet is good for nothing; its own participant or compliance locks it.
#[test]
fn a_locked_wallet_is_not_vetted() {
    let mut register = Fixture::new();
    register.bind("ann", "second");
    assert_eq!(register.both("bob", "lock_wallet", &at("ann")), 1);
    assert_eq!(register.both("compliance", "lock_wallet", &at("nobody")), 4);
    assert_eq!(register.both("second", "lock_wallet", &at("ann")), 0);
    assert_eq!(register.both("second", "lock_wallet", &at("ann")), 6);
    assert_eq!(
        register.move_code(Fixture::moved("token", "ann", "bob", 1)),
        100
    );
    assert_eq!(
        register.move_code(Fixture::moved("token", "bob", "ann", 1)),
        100
    );
    assert_eq!(
        register.ask::<Option<Address>>("wallet_of", &register.pid("ann")),
        Some(at("second"))
    );
    assert_eq!(register.both("compliance", "lock_wallet", &at("second")), 0);
    assert_eq!(
        register.both("second", "lock_wallet", &at("second")),
        1,
        "locked wallets lock nothing"
    );
}

/// Goal: what is given up, and for what (1, 4, 6, 7, 17).
#[test]
fn codes_of_recovery() {
    let mut register = Fixture::new();
    register.bind("ann", "second");
    let pid = register.pid("ann");
    let propose = "propose_recover_wallet";
    let of = |lost: &str, new: &str, doc| (pid, at(lost), at(new), doc);
    assert_eq!(
        register.both("operator", propose, &of("ann", "second", Hash::ZERO)),
        17
    );
    assert_eq!(
        register.both("operator", propose, &of("ann", "ann", DOC)),
        7
    );
    assert_eq!(register.both("ann", propose, &of("ann", "second", DOC)), 1);
    assert_eq!(
        register.both("operator", propose, &of("nobody", "second", DOC)),
        4
    );
    assert_eq!(
        register.both("operator", propose, &of("bob", "second", DOC)),
        7,
        "another's"
    );
    assert_eq!(
        register.both("operator", propose, &of("ann", "bob", DOC)),
        7,
        "another's"
    );
    register.done("operator", "add_wallet", &(pid, at("third")));
    assert_eq!(
        register.both("operator", propose, &of("ann", "third", DOC)),
        7,
        "not accepted"
    );
    assert_eq!(
        register.both("operator", propose, &of("third", "second", DOC)),
        6
    );
}

/// Goal: a lost wallet is given up by two operators for one in use of the same participant; it is of no
/// use afterwards, whatever it was good for (trap: recovered wallets still usable).
#[test]
fn a_recovered_wallet_is_of_no_use() {
    let mut register = Fixture::new();
    register.bind("ann", "second");
    register.done("admin", "grant_role", &(Role::Screener, at("ann")));
    let pid = register.pid("ann");
    let propose = "propose_recover_wallet";
    let of = |lost: &str, new: &str, doc| (pid, at(lost), at(new), doc);
    let id: u64 = register
        .call("operator", propose, &of("ann", "second", DOC))
        .expect("proposed");
    let approve = "approve_recover_wallet";
    assert_eq!(register.both("operator", approve, &id), 16);
    assert_eq!(register.both("compliance", approve, &id), 1);
    assert_eq!(register.both("second operator", approve, &id), 0);
    let lost: Option<Wallet> = register.ask("wallet", &at("ann"));
    assert_eq!(lost.map(|lost| lost.status), Some(WalletStatus::Recovered));
    let recovery: Option<Recovery> = register.ask("recovery", &at("ann"));
    assert_eq!(recovery.map(|recovery| recovery.new), Some(at("second")));
    assert_eq!(
        register.move_code(Fixture::moved("token", "ann", "bob", 1)),
        100
    );
    assert_eq!(
        register.move_code(Fixture::moved("token", "bob", "ann", 1)),
        100
    );
    assert_eq!(register.both("ann", "accept_wallet", &()), 6);
    assert_eq!(
        register.ask::<Vec<Role>>("roles", &at("ann")),
        [],
        "roles go with it"
    );
    assert_eq!(
        register.both("operator", propose, &of("ann", "second", DOC)),
        6,
        "for ever"
    );
    assert_eq!(
        register.move_code(Fixture::moved("token", "second", "bob", 1)),
        0
    );
}

/// Goal: a wallet does not bring a second duty to a person.
#[test]
fn code_16_a_wallet_brings_no_second_duty() {
    let mut register = Fixture::new();
    register.done("admin", "grant_role", &(Role::Auditor, at("ann")));
    let pid = register.pid("ann");
    register.done("operator", "add_wallet", &(pid, at("enforcer")));
    assert_eq!(register.both("enforcer", "accept_wallet", &()), 16);
    register.vet("eve", PartyKind::Legal, Residency::Resident, *b"RU");
    register.bind("eve", "eve at work");
    register.done("admin", "grant_role", &(Role::Issuer, at("eve")));
    let clash = (Role::Regulator, at("eve at work"));
    assert_eq!(
        register.code("admin", "grant_role", &clash),
        16,
        "one person, two wallets"
    );
    let same = (Role::Issuer, at("eve at work"));
    assert_eq!(
        register.code("admin", "grant_role", &same),
        0,
        "the same duty twice is one"
    );
}
