//! The token on the engine of a node. Run with `weighhouse contract test`.

use weighhouse_primitives::Amount;
use weighhouse_testkit::{Account, Contract, Refused, World, module_under_test};

/// A token of two decimals, at most 1,000.00 of it.
fn open(world: &mut World, issuer: &Account) -> Contract {
    let arguments = (
        "Invoice 7".to_owned(),
        "INV7".to_owned(),
        2u8,
        Amount(100_000),
    );
    world.deploy_module(issuer, &module_under_test(), "open", &arguments)
}

/// Goal: what is minted can be moved, and the supply is the sum.
#[test]
fn units_are_minted_and_moved() {
    let mut world = World::new();
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let token = open(&mut world, &issuer);
    let minted = token.call::<()>(&mut world, &issuer, "mint", &(issuer.address, Amount(500)));
    assert_eq!(minted, Ok(()));
    let moved = token.call::<()>(
        &mut world,
        &issuer,
        "transfer",
        &(holder.address, Amount(200)),
    );
    assert_eq!(moved, Ok(()));
    assert_eq!(
        token.query::<Amount>(&world, "balance_of", &holder.address),
        Amount(200)
    );
    assert_eq!(token.query::<Amount>(&world, "supply", &()), Amount(500));
}

/// Goal: nobody pays with what he has not.
#[test]
fn code_200_insufficient_balance() {
    let mut world = World::new();
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let token = open(&mut world, &issuer);
    let refused = token.call::<()>(
        &mut world,
        &holder,
        "transfer",
        &(issuer.address, Amount(1)),
    );
    assert_eq!(refused, Err(Refused::Code(200)));
}
