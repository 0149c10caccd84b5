//! The invoice on the engine of a node. Run with `weighhouse contract test`.

use weighhouse_primitives::{Amount, Timestamp};
use weighhouse_testkit::{Account, Contract, Refused, World, module_under_test};

/// An invoice of at most 1,000.00, due a day after the start of the world.
fn open(world: &mut World, issuer: &Account) -> Contract {
    let due = Timestamp(world.time.0 + 86_400);
    let arguments = (
        "Invoice 7".to_owned(),
        "INV7".to_owned(),
        2u8,
        Amount(100_000),
        due,
    );
    world.deploy_module(issuer, &module_under_test(), "open", &arguments)
}

/// Goal: what is minted can be moved, and the supply is the sum.
#[test]
fn units_are_minted_and_moved() {
    let mut world = World::new();
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let invoice = open(&mut world, &issuer);
    let minted = invoice.call::<()>(&mut world, &issuer, "mint", &(issuer.address, Amount(500)));
    assert_eq!(minted, Ok(()));
    let moved = invoice.call::<()>(
        &mut world,
        &issuer,
        "transfer",
        &(holder.address, Amount(200)),
    );
    assert_eq!(moved, Ok(()));
    assert_eq!(
        invoice.query::<Amount>(&world, "balance_of", &holder.address),
        Amount(200)
    );
    assert_eq!(invoice.query::<Amount>(&world, "supply", &()), Amount(500));
}

/// Goal: units move in the last second, and not one second later.
#[test]
fn code_10_deadline_passed() {
    let mut world = World::new();
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let invoice = open(&mut world, &issuer);
    let minted = invoice.call::<()>(&mut world, &issuer, "mint", &(issuer.address, Amount(500)));
    assert_eq!(minted, Ok(()));
    let transfer = (holder.address, Amount(1));
    world.advance(86_400);
    assert_eq!(
        invoice.call::<()>(&mut world, &issuer, "transfer", &transfer),
        Ok(())
    );
    world.advance(1);
    let refused = invoice.call::<()>(&mut world, &issuer, "transfer", &transfer);
    assert_eq!(refused, Err(Refused::Code(10)));
}

/// Goal: nobody pays with what he has not.
#[test]
fn code_200_insufficient_balance() {
    let mut world = World::new();
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let invoice = open(&mut world, &issuer);
    let refused = invoice.call::<()>(
        &mut world,
        &holder,
        "transfer",
        &(issuer.address, Amount(1)),
    );
    assert_eq!(refused, Err(Refused::Code(200)));
}
