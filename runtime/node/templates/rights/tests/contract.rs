//! The registry on the engine of a node. Run with `weighhouse contract test`.

use weighhouse_primitives::{Address, Hash};
use weighhouse_testkit::{Account, Contract, Refused, World, module_under_test};

/// A registry with one record, issued to the holder.
struct Registry {
    world: World,
    contract: Contract,
    registrar: Account,
    holder: Account,
    escrow: Account, // stands for a contract: to the registry both are addresses
    id: u64,
}

const NUMBER: Hash = Hash([1; 32]);
const DOC: Hash = Hash([2; 32]);

impl Registry {
    fn new() -> Self {
        let mut world = World::new();
        let [registrar, holder, escrow] = ["registrar", "holder", "escrow"].map(Account::new);
        let contract = world.deploy_module(&registrar, &module_under_test(), "open", &());
        let arguments = (NUMBER, DOC, holder.address);
        let id = contract.call::<u64>(&mut world, &registrar, "issue", &arguments);
        assert_eq!(id, Ok(1));
        Self {
            world,
            contract,
            registrar,
            holder,
            escrow,
            id: 1,
        }
    }

    fn controller(&self) -> Option<Address> {
        self.contract.query(&self.world, "controller", &self.id)
    }
}

/// Goal: there is one controller at any time, and only that one gives control on.
#[test]
fn control_moves_by_endorsement_only() {
    let mut registry = Registry::new();
    let next = Account::new("next").address;
    let arguments = (registry.id, next);
    let Registry {
        world,
        contract,
        registrar,
        holder,
        ..
    } = &mut registry;
    let refused = contract.call::<()>(world, registrar, "endorse", &arguments);
    assert_eq!(refused, Err(Refused::Code(306)));
    let done = contract.call::<()>(world, holder, "endorse", &arguments);
    assert_eq!(done, Ok(()));
    let again = contract.call::<()>(world, holder, "endorse", &arguments);
    assert_eq!(again, Err(Refused::Code(306)));
    assert_eq!(registry.controller(), Some(next));
}

/// Goal: a pledged record is the contract's to return or to pass on, and nobody else's.
#[test]
fn a_pledge_comes_back_or_goes_on() {
    let mut registry = Registry::new();
    let (id, pledgor) = (registry.id, registry.holder.address);
    let to = registry.escrow.address;
    let Registry {
        world,
        contract,
        holder,
        escrow,
        ..
    } = &mut registry;
    for round in ["return_control", "endorse"] {
        let pledged = contract.call::<()>(world, holder, "pledge_control", &(id, to));
        assert_eq!(pledged, Ok(()), "{round}");
        let refused = contract.call::<()>(world, holder, "surrender", &id);
        assert_eq!(refused, Err(Refused::Code(306)), "{round}");
        let refused = contract.call::<()>(world, escrow, "surrender", &id);
        assert_eq!(refused, Err(Refused::Code(6)), "{round}");
        let done = match round {
            "endorse" => contract.call::<()>(world, escrow, round, &(id, pledgor)),
            _ => contract.call::<()>(world, escrow, round, &id),
        };
        assert_eq!(done, Ok(()), "{round}");
    }
    assert_eq!(registry.controller(), Some(pledgor));
}

/// Goal: a surrendered record has no controller and never moves again.
#[test]
fn a_surrendered_record_is_over() {
    let mut registry = Registry::new();
    let id = registry.id;
    let to = registry.escrow.address;
    let Registry {
        world,
        contract,
        holder,
        ..
    } = &mut registry;
    assert_eq!(contract.call::<()>(world, holder, "surrender", &id), Ok(()));
    let refused = contract.call::<()>(world, holder, "endorse", &(id, to));
    assert_eq!(refused, Err(Refused::Code(6)));
    assert_eq!(registry.controller(), None);
}

/// Goal: a business number is used once, and only the registrar issues.
#[test]
fn numbers_are_given_once() {
    let mut registry = Registry::new();
    let to = registry.holder.address;
    let Registry {
        world,
        contract,
        registrar,
        holder,
        ..
    } = &mut registry;
    let mut issue =
        |who: &Account, number: Hash| contract.call::<u64>(world, who, "issue", &(number, DOC, to));
    assert_eq!(issue(registrar, NUMBER), Err(Refused::Code(5)));
    assert_eq!(issue(holder, Hash([3; 32])), Err(Refused::Code(1)));
    assert_eq!(issue(registrar, Hash::ZERO), Err(Refused::Code(7)));
    assert_eq!(issue(registrar, Hash([3; 32])), Ok(2));
    assert_eq!(
        contract.query::<Option<u64>>(world, "find", &NUMBER),
        Some(1)
    );
}
