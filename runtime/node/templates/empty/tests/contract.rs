//! The contract on the engine of a node. Run with `weighhouse contract test`.

use weighhouse_testkit::{Account, Refused, World, module_under_test};

/// Goal: the owner changes the note, nobody else does.
#[test]
fn only_the_owner_writes() {
    let mut world = World::new();
    let (owner, other) = (Account::new("owner"), Account::new("other"));
    let contract = world.deploy_module(&owner, &module_under_test(), "open", &());
    let text = "first".to_owned();
    let changed = contract.call::<()>(&mut world, &owner, "set_note", &text);
    assert_eq!(changed, Ok(()));
    assert_eq!(contract.query::<String>(&world, "note", &()), text);
    let refused = contract.call::<()>(&mut world, &other, "set_note", &text);
    assert_eq!(refused, Err(Refused::Code(1)));
}
