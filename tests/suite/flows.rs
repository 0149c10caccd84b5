//! Whole stories through the chain's one door.

use weighhouse_primitives::{Action, Address, Amount, HaltReason, Outcome};
use weighhouse_testkit::world::{input, succeeded};
use weighhouse_testkit::{Account, Contract, Refused, World};

fn bond(world: &mut World, issuer: &Account, cap: u128) -> Contract {
    world.deploy(issuer, "bond", "open", &Amount(cap))
}

/// Goal: a contract is uploaded, deployed, called and queried, and its refusals carry their codes.
#[test]
fn a_bond_is_issued_and_moved() {
    let mut world = World::new();
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let bond = bond(&mut world, &issuer, 1_000);

    let minted = bond.call::<()>(&mut world, &issuer, "mint", &(issuer.address, Amount(600)));
    assert_eq!(minted, Ok(()));
    let receipt = bond.receipt(
        &mut world,
        &issuer,
        "transfer",
        &(holder.address, Amount(250)),
    );
    assert!(receipt.outcome.is_success(), "{:?}", receipt.outcome);
    assert_eq!(receipt.events.len(), 1);
    assert_eq!(
        bond.query::<Amount>(&world, "balance_of", &holder.address),
        Amount(250)
    );
    assert_eq!(bond.query::<Amount>(&world, "supply", &()), Amount(600));

    let refused = bond.call::<()>(
        &mut world,
        &holder,
        "transfer",
        &(issuer.address, Amount(251)),
    );
    assert_eq!(refused, Err(Refused::Code(200)));
    let above = bond.call::<()>(&mut world, &issuer, "mint", &(issuer.address, Amount(401)));
    assert_eq!(above, Err(Refused::Code(205)));
    assert_eq!(
        bond.query::<Amount>(&world, "balance_of", &holder.address),
        Amount(250)
    );
}

/// Goal: a dry run answers what the call would, and changes nothing.
#[test]
fn a_check_answers_what_the_call_would() {
    let mut world = World::new();
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let bond = bond(&mut world, &issuer, 1_000);
    bond.call::<()>(&mut world, &issuer, "mint", &(issuer.address, Amount(10)))
        .unwrap();
    let check = |world: &World, amount| {
        let arguments = (holder.address, Amount(amount));
        bond.query_as::<u16>(world, issuer.address, "check_transfer", &arguments)
    };
    assert_eq!(check(&world, 10), Ok(0));
    assert_eq!(check(&world, 11), Ok(200));
    assert_eq!(
        bond.query::<Amount>(&world, "balance_of", &holder.address),
        Amount(0)
    );
}

/// Goal: a query cannot write, and a call to nothing is refused with its reason.
#[test]
fn what_is_not_there_is_refused() {
    let mut world = World::new();
    let issuer = Account::new("issuer");
    let bond = bond(&mut world, &issuer, 1_000);
    let unknown = bond.call::<()>(&mut world, &issuer, "no_such_entry", &());
    assert_eq!(unknown, Err(Refused::Halted(HaltReason::NoEntryPoint)));
    let again = bond.call::<()>(&mut world, &issuer, "open", &Amount(1));
    assert_eq!(
        again,
        Err(Refused::Halted(HaltReason::NoEntryPoint)),
        "constructors run once"
    );
    let nobody = Action::Call {
        contract: Address([9; 32]),
        input: input("open", &()),
    };
    let receipt = world.act(&issuer, nobody);
    assert_eq!(receipt.outcome, Outcome::Halted(HaltReason::NoEntryPoint));
}

/// Goal: simulation says to the gas what execution then does.
#[test]
fn simulation_equals_execution() {
    let mut world = World::new();
    let (issuer, holder) = (Account::new("issuer"), Account::new("holder"));
    let bond = bond(&mut world, &issuer, 1_000);
    bond.call::<()>(&mut world, &issuer, "mint", &(issuer.address, Amount(10)))
        .unwrap();
    let action = Action::Call {
        contract: bond.address,
        input: input("transfer", &(holder.address, Amount(3))),
    };
    let payload = world.payload(&issuer.address, action);
    let reader = world.reader.clone();
    let simulated = {
        let payload = payload.clone();
        world.on_chain(move |_| reader.simulate(&payload, None).unwrap())
    };
    let receipt = world.send(&issuer.sign(payload));
    assert_eq!(simulated.receipt, receipt);
    assert!(
        succeeded(&receipt.outcome).is_empty(),
        "a transfer answers nothing"
    );
    let reader = world.reader.clone();
    let traced = world.on_chain(move |_| reader.trace(&receipt.tx).unwrap());
    assert_eq!(traced.receipt, simulated.receipt);
    assert_eq!(traced.frames.len(), 1);
}
