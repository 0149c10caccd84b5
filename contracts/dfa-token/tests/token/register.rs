//! A token with a register of participants that answers what a test tells it.

use crate::fixture::{
    DOC, Fixture, OpenArguments, UnderTest, at, capabilities, deploy, limits, meta, officers,
};
use dfa_token::storage::{Capabilities, Sums};
use parity_scale_codec::{Decode, Encode};
use std::ops::{Deref, DerefMut};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::interface::{PartyKind, Pid, Scope};
use weighhouse_testkit::{Account, Contract, World};

/// Holders, and their participants; ann has two wallets.
pub(crate) const WALLETS: [(&str, u64); 8] = [
    ("ann", 1),
    ("ann 2", 1),
    ("bob", 2),
    ("cat", 3),
    ("issuer", 4),
    ("notary", 5),
    ("system", 6),
    ("dan", 7),
];

/// A token whose register is a double.
pub(crate) struct Registered {
    token: Fixture,
    pub(crate) register: Contract,
}

impl Deref for Registered {
    type Target = Fixture;

    fn deref(&self) -> &Fixture {
        &self.token
    }
}

impl DerefMut for Registered {
    fn deref_mut(&mut self) -> &mut Fixture {
        &mut self.token
    }
}

/// Everything that only a register can keep, but no fence.
pub(crate) const fn full() -> Capabilities {
    Capabilities {
        freezable: true,
        recoverable: true,
        ..capabilities()
    }
}

/// Those of [`officers`], and those that only a token with a register needs.
pub(crate) fn all_officers() -> Vec<(Role, Address)> {
    let mut all = officers();
    all.push((Role::Enforcer, at("enforcer")));
    all.push((Role::Operator, at("operator")));
    all.push((Role::Registrar, at("system")));
    all
}

/// A register that knows [`WALLETS`].
pub(crate) fn register(world: &mut World) -> Contract {
    let teller = Account::new("teller");
    let register = world.deploy(&teller, "participants-double", "open", &());
    for (name, pid) in WALLETS {
        let arguments = (at(name), Pid(pid));
        let receipt = register.receipt(world, &teller, "put_wallet", &arguments);
        assert!(receipt.outcome.is_success(), "{:?}", receipt.outcome);
    }
    let system = (Pid(6), PartyKind::System);
    register.receipt(world, &teller, "put_kind", &system);
    register
}

/// Arguments of the constructor with this register.
pub(crate) fn open_arguments(capabilities: Capabilities, register: Contract) -> OpenArguments {
    let register = Some(register.address);
    let (admin, officers) = (at("admin"), all_officers());
    (meta(), capabilities, limits(), admin, officers, register)
}

impl Registered {
    /// A token without units.
    pub(crate) fn empty(capabilities: Capabilities) -> Self {
        let mut world = World::new();
        let register = register(&mut world);
        let arguments = open_arguments(capabilities, register);
        let token = deploy(&mut world, &arguments).expect("deployed");
        let token = Fixture { world, token };
        Self { token, register }
    }

    /// A token of which ann has 1,000 units.
    pub(crate) fn new() -> Self {
        let mut registered = Self::empty(full());
        registered.mint("ann", 1_000);
        registered
    }

    /// Tells the register something.
    pub(crate) fn tell(&mut self, entry: &str, arguments: &impl Encode) {
        let teller = Account::new("teller");
        let register = self.register;
        let receipt = register.receipt(&mut self.token.world, &teller, entry, arguments);
        assert!(
            receipt.outcome.is_success(),
            "{entry}: {:?}",
            receipt.outcome
        );
    }

    /// Asks the register.
    pub(crate) fn told<T: Decode>(&self, entry: &str, arguments: &impl Encode) -> T {
        self.register.query(&self.token.world, entry, arguments)
    }

    /// With which codes a party may not send, and not receive.
    pub(crate) fn standing(&mut self, pid: u64, send: u16, receive: u16) {
        self.tell("put_standing", &(Pid(pid), send, receive));
    }

    /// An order on an amount of a party's units.
    pub(crate) fn freeze(&mut self, id: u64, pid: u64, amount: u128) {
        let (pid, token, amount) = (Pid(pid), self.token.token.address, Amount(amount));
        let scope = Scope::Amount { pid, token, amount };
        let until: Option<Timestamp> = None;
        self.tell("put_order", &(id, scope, DOC, until));
    }

    /// Limits of the token: most per party, most holders, the fence, who keeps lots.
    pub(crate) fn limit(
        &mut self,
        balance: Option<u128>,
        holders: Option<u64>,
        fenced: bool,
        provenance: Option<Address>,
    ) {
        let token = self.token.token.address;
        let limits = (balance.map(Amount), holders, fenced, provenance);
        self.tell("put_limits", &(token, limits));
    }

    /// A directive halts the token.
    pub(crate) fn halt(&mut self, is: bool) {
        let token = self.token.token.address;
        self.tell("put_halt", &(token, is));
    }

    /// Sums of a party.
    pub(crate) fn sums(&self, pid: u64) -> (u128, u128) {
        let sums: Sums = self.ask("sum_of", &Pid(pid));
        (sums.units.0, sums.held.0)
    }

    pub(crate) fn frozen(&self, pid: u64) -> u128 {
        self.amount("frozen_of", &Pid(pid))
    }
}

/// A document other than [`DOC`].
pub(crate) const OTHER: Hash = Hash([8; 32]);
