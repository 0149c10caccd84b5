//! A token with officers and three holders.

use dfa_token::storage::{Capabilities, Kind, Limits, Meta};
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::{Address, Amount, Hash, Outcome, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::interface::Purpose;
pub(crate) use weighhouse_testkit::UnderTest;
pub(crate) use weighhouse_testkit::under_test::{at, events};
use weighhouse_testkit::{Account, Contract, World};

/// Cap of the token unless a test says otherwise.
pub(crate) const CAP: u128 = 1_000_000;
/// What one minter may create.
pub(crate) const THRESHOLD: u128 = 100_000;
/// Delay of a new administrator.
pub(crate) const ADMIN_DELAY: u64 = 3_600;
/// A document.
pub(crate) const DOC: Hash = Hash([7; 32]);
/// No note.
pub(crate) const NO_MEMO: Option<Hash> = None;

/// A token on a chain of its own.
pub(crate) struct Fixture {
    pub(crate) world: World,
    pub(crate) token: Contract,
}

pub(crate) fn meta() -> Meta {
    Meta {
        name: "North quay bond".into(),
        symbol: "NQB".into(),
        decimals: 2,
        kind: Kind::Dfa,
        issuer: at("issuer"),
        terms: DOC,
    }
}

pub(crate) const fn capabilities() -> Capabilities {
    Capabilities {
        transferable: true,
        holdable: true,
        freezable: false,
        recoverable: false,
        mintable: true,
        burnable: true,
        ring_fenced: false,
    }
}

pub(crate) const fn limits() -> Limits {
    Limits {
        cap: Amount(CAP),
        mint_threshold: Amount(THRESHOLD),
        admin_delay: ADMIN_DELAY,
    }
}

pub(crate) fn officers() -> Vec<(Role, Address)> {
    vec![
        (Role::Pauser, at("pauser")),
        (Role::Compliance, at("compliance")),
        (Role::Regulator, at("regulator")),
        (Role::Auditor, at("auditor")),
        (Role::Minter, at("minter")),
        (Role::Minter, at("second minter")),
    ]
}

/// Deploys a token; the outcome, if it refuses.
pub(crate) fn deploy(world: &mut World, arguments: &OpenArguments) -> Result<Contract, Outcome> {
    use weighhouse_primitives::Action;
    use weighhouse_testkit::world::input;
    let deployer = Account::new("deployer");
    let code = world.upload(&deployer, weighhouse_testkit::artifact("dfa-token"));
    let (salt, input) = (Hash([1; 32]), input("open", arguments));
    let receipt = world.act(
        &deployer,
        Action::Deploy {
            code,
            salt,
            admin: None,
            input,
        },
    );
    match receipt.outcome {
        Outcome::Succeeded { .. } => Ok(Contract {
            address: Address::of_contract(&deployer.address, &code, &salt),
        }),
        other => Err(other),
    }
}

impl UnderTest for Fixture {
    fn parts(&self) -> (&World, Contract) {
        (&self.world, self.token)
    }

    fn parts_mut(&mut self) -> (&mut World, Contract) {
        (&mut self.world, self.token)
    }
}

impl Fixture {
    /// A token without units.
    pub(crate) fn empty() -> Self {
        Self::with(capabilities(), limits())
    }

    /// A token without units, with these properties.
    pub(crate) fn with(capabilities: Capabilities, limits: Limits) -> Self {
        let mut world = World::new();
        let arguments = (meta(), capabilities, limits, at("admin"), officers(), None);
        let token = deploy(&mut world, &arguments).expect("deployed");
        Self { world, token }
    }

    /// A token of which ann has 1,000 units.
    pub(crate) fn new() -> Self {
        let mut fixture = Self::empty();
        fixture.mint("ann", 1_000);
        fixture
    }

    pub(crate) fn mint(&mut self, to: &str, amount: u128) {
        let lock: Option<Timestamp> = None;
        self.done("minter", "mint", &(at(to), Amount(amount), DOC, lock));
    }

    /// An amount that a query answers.
    pub(crate) fn amount(&self, entry: &str, arguments: &impl Encode) -> u128 {
        self.ask::<Amount>(entry, arguments).0
    }

    pub(crate) fn balance(&self, who: &str) -> u128 {
        self.amount("balance_of", &at(who))
    }

    /// A hold of ann's units by the notary that expires in an hour; its number.
    pub(crate) fn hold(&mut self, to: Option<&str>, amount: u128) -> u64 {
        let arguments = self.hold_terms(to, amount);
        self.call("ann", "create_hold", &arguments).expect("a hold")
    }

    /// Arguments of `create_hold`.
    pub(crate) fn hold_terms(&self, to: Option<&str>, amount: u128) -> HoldArguments {
        let expiry = Timestamp(self.now() + 3_600);
        (
            to.map(at),
            Amount(amount),
            at("notary"),
            expiry,
            Purpose::General,
            DOC,
        )
    }

    /// Pauses, or ends the token.
    pub(crate) fn stop(&mut self, for_ever: bool) {
        self.done("pauser", "pause", &"test".to_owned());
        if for_ever {
            self.done("admin", "deactivate", &DOC);
        }
    }
}

/// Arguments of the constructor.
pub(crate) type OpenArguments = (
    Meta,
    Capabilities,
    Limits,
    Address,
    Vec<(Role, Address)>,
    Option<Address>,
);

/// Arguments of `create_hold`.
pub(crate) type HoldArguments = (Option<Address>, Amount, Address, Timestamp, Purpose, Hash);

/// Arguments of `transfer`.
pub(crate) fn payment(to: &str, amount: u128) -> (Address, Amount, Option<Hash>) {
    (at(to), Amount(amount), NO_MEMO)
}

/// Code and detail of a refusal.
pub(crate) fn refusal<D: Decode>(outcome: &Outcome) -> (u16, D) {
    match outcome {
        Outcome::Reverted { code, data, .. } => (
            *code,
            D::decode(&mut &data[..]).expect("the detail decodes"),
        ),
        other => panic!("expected a refusal, got {other:?}"),
    }
}
