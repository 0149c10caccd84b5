//! A build of the token with a mistake, which the host does not let through.

use crate::fixture::{Fixture, UnderTest, at, capabilities, limits, meta, officers, payment};
use weighhouse_primitives::{HaltReason, Outcome};
use weighhouse_testkit::{Account, World};

/// Goal: the token whose transfer credits one unit more than it debits is halted by its own declared
/// rule, which the receipt names, and nothing changes; acts that do not move units go on.
#[test]
fn t1_the_host_refuses_a_unit_from_nowhere() {
    let mut world = World::new();
    let arguments = (
        meta(),
        capabilities(),
        limits(),
        at("admin"),
        officers(),
        None,
    );
    let arguments: crate::fixture::OpenArguments = arguments;
    let deployer = Account::new("deployer");
    let token = world.deploy(&deployer, "broken-token", "open", &arguments);
    let mut token = Fixture { world, token };
    token.mint("ann", 1_000);
    let outcome = token
        .receipt("ann", "transfer", &payment("bob", 10))
        .outcome;
    let Outcome::Halted(HaltReason::RuleBroken { contract, rule }) = outcome else {
        panic!("expected a broken rule, got {outcome:?}")
    };
    assert_eq!(contract, token.token.address);
    assert_eq!(rule, "conserve(sum(wallets.units) == supply)");
    assert_eq!((token.balance("ann"), token.balance("bob")), (1_000, 0));
    assert_eq!(token.code("ann", "transfer", &payment("bob", 0)), 0);
    assert_eq!(token.amount("supply", &()), 1_000);
}
