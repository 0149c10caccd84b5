//! A registry with officers and parties, and a double of the register of participants.

use parity_scale_codec::Encode;
use rights_registry::application::Request;
use rights_registry::object::{Class, Object};
use rights_registry::storage::Settings;
use rights_registry::view::ApplicationView;
use weighhouse_primitives::{Address, Amount, Hash, Outcome, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::interface::{PartyKind, Pid, Scope};
pub(crate) use weighhouse_testkit::UnderTest;
pub(crate) use weighhouse_testkit::under_test::{at, events};
use weighhouse_testkit::{Account, Contract, Refused, World};

/// Seconds between an application and its registration.
pub(crate) const COOLING: u64 = 1_000;
/// Delay of a new administrator.
pub(crate) const ADMIN_DELAY: u64 = 3_600;
/// A document that tests may use where none is remembered.
pub(crate) const DOC: Hash = Hash([7; 32]);

/// The parties, by number of the participant: the first is 1.
pub(crate) const PARTIES: [&str; 8] = [
    "ann", "bob", "cat", "dan", "bank", "carrier", "vault", "eve",
];

/// A registry on a chain of its own.
pub(crate) struct Fixture {
    pub(crate) world: World,
    pub(crate) registry: Contract,
    pub(crate) participants: Contract,
    docs: u64,
    orders: u64,
}

/// Number of the participant of this name.
pub(crate) fn pid(name: &str) -> Pid {
    let place = PARTIES.iter().position(|party| *party == name);
    Pid(place.expect("a party") as u64 + 1)
}

/// Name of the participant with this number.
pub(crate) fn name_of(pid: Pid) -> &'static str {
    PARTIES[usize::try_from(pid.0).expect("small") - 1]
}

pub(crate) const fn settings() -> Settings {
    Settings {
        cooling: COOLING,
        admin_delay: ADMIN_DELAY,
    }
}

pub(crate) fn officers() -> Vec<(Role, Address)> {
    vec![
        (Role::Pauser, at("pauser")),
        (Role::Registrar, at("registrar")),
        (Role::Registrar, at("second registrar")),
        (Role::Enforcer, at("enforcer")),
        (Role::Regulator, at("regulator")),
        (Role::Auditor, at("auditor")),
        (Role::Arbiter, at("arbiter")),
    ]
}

/// Deploys a registry; the outcome, if it refuses.
pub(crate) fn deploy(
    world: &mut World,
    arguments: &(Settings, Address, Vec<(Role, Address)>, Address),
) -> Result<Contract, Outcome> {
    use weighhouse_primitives::Action;
    use weighhouse_testkit::world::input;
    let deployer = Account::new("deployer");
    let code = world.upload(&deployer, weighhouse_testkit::artifact("rights-registry"));
    let (salt, input) = (Hash([1; 32]), input("open", arguments));
    let action = Action::Deploy {
        code,
        salt,
        admin: None,
        input,
    };
    match world.act(&deployer, action).outcome {
        Outcome::Succeeded { .. } => Ok(Contract {
            address: Address::of_contract(&deployer.address, &code, &salt),
        }),
        other => Err(other),
    }
}

impl UnderTest for Fixture {
    fn parts(&self) -> (&World, Contract) {
        (&self.world, self.registry)
    }

    fn parts_mut(&mut self) -> (&mut World, Contract) {
        (&mut self.world, self.registry)
    }
}

impl Fixture {
    /// A registry without objects; all parties are in good standing.
    pub(crate) fn new() -> Self {
        let mut world = World::new();
        let deployer = Account::new("deployer");
        let participants = world.deploy(&deployer, "participants-double", "open", &());
        let arguments = (settings(), at("admin"), officers(), participants.address);
        let registry = deploy(&mut world, &arguments).expect("deployed");
        let mut fixture = Self {
            world,
            registry,
            participants,
            docs: 0,
            orders: 0,
        };
        for party in PARTIES {
            fixture.tell("put_wallet", &(at(party), pid(party)));
        }
        fixture.tell("put_kind", &(pid("vault"), PartyKind::System));
        fixture
    }

    /// A document that nobody used yet.
    pub(crate) fn doc(&mut self) -> Hash {
        self.docs += 1;
        Hash::of(&self.docs.to_le_bytes())
    }

    /// Tells the double of the register of participants something.
    pub(crate) fn tell(&mut self, entry: &str, arguments: &impl Encode) {
        let deployer = Account::new("deployer");
        let told: Result<(), Refused> =
            self.participants
                .call(&mut self.world, &deployer, entry, arguments);
        told.expect("the double does as told");
    }

    /// What the register answers about a party that gives something up, and gets something.
    pub(crate) fn standing(&mut self, party: &str, give: u16, take: u16) {
        self.tell("put_standing", &(pid(party), give, take));
    }

    /// An order of an authority on an object; its number.
    pub(crate) fn order(&mut self, object: u64, until: Option<u64>) -> u64 {
        self.orders += 1;
        let until = until.map(Timestamp);
        let contract = self.registry.address;
        let scope = Scope::Object {
            contract,
            id: object,
        };
        self.tell("put_order", &(self.orders, scope, DOC, until));
        self.orders
    }

    /// Ends an order in the register of participants.
    pub(crate) fn end_order(&mut self, order: u64) {
        self.tell("end_order", &order);
    }

    /// Calls; it must succeed with a number.
    pub(crate) fn id(&mut self, who: &str, entry: &str, arguments: &impl Encode) -> u64 {
        match self.call(who, entry, arguments) {
            Ok(id) => id,
            Err(refused) => panic!("{entry} of {who}: {refused:?}"),
        }
    }

    pub(crate) fn object(&self, id: u64) -> Object {
        let object: Option<Object> = self.ask("object", &id);
        object.expect("an object")
    }

    pub(crate) fn view(&self, entry: u64) -> ApplicationView {
        let view: Option<ApplicationView> = self.ask("application", &entry);
        view.expect("an application")
    }

    /// Pauses, or ends the registry.
    pub(crate) fn stop(&mut self, for_ever: bool) {
        self.done("pauser", "pause", &"test".to_owned());
        if for_ever {
            self.done("admin", "deactivate", &DOC);
        }
    }

    /// A thing that nobody owns yet.
    pub(crate) fn create(&mut self, class: Class, ref_no: &str, area: Option<u128>) -> u64 {
        let doc = self.doc();
        let arguments = (class, ref_no.to_owned(), DOC, area.map(Amount), doc);
        self.id("registrar", "create_object", &arguments)
    }

    /// A parcel of 1,000 cm2 with these owners.
    pub(crate) fn parcel(&mut self, ref_no: &str, owners: &[(&str, u128, u128)]) -> u64 {
        let id = self.create(Class::Parcel, ref_no, Some(1_000));
        self.found(id, owners);
        id
    }

    /// A work that `owner` owns.
    pub(crate) fn work(&mut self, ref_no: &str, owner: &str) -> u64 {
        let id = self.create(Class::IpRight, ref_no, None);
        self.found(id, &[(owner, 1, 1)]);
        id
    }

    fn found(&mut self, id: u64, owners: &[(&str, u128, u128)]) {
        let shares = owners
            .iter()
            .map(|(who, num, den)| (pid(who), (*num, *den)));
        let request = Request::FirstOwnership {
            shares: shares.collect(),
        };
        self.settle(owners[0].0, id, request);
    }

    /// Applies; the number of entry.
    pub(crate) fn apply(&mut self, who: &str, object: u64, request: Request) -> u64 {
        self.id(who, "apply", &(object, request, vec![DOC]))
    }

    /// The code of an application, dry and wet.
    pub(crate) fn applies(&mut self, who: &str, object: u64, request: Request) -> u16 {
        self.both(who, "apply", &(object, request, vec![DOC]))
    }

    /// Everybody whose consent is missing consents.
    pub(crate) fn consents(&mut self, entry: u64) {
        while let Some(missing) = self.view(entry).missing {
            self.done(name_of(missing), "consent", &entry);
        }
    }

    /// Lets the cooling period of an application pass.
    pub(crate) fn cool(&mut self, entry: u64) {
        let from = self.view(entry).application.from.0;
        self.at_time(from.max(self.now()));
    }

    /// Proposes a registration; the number of the proposal.
    pub(crate) fn propose(&mut self, entry: u64) -> u64 {
        let doc = self.doc();
        self.id("registrar", "propose_register", &(entry, doc))
    }

    /// Proposes and approves a registration; the code that the first of them refuses with.
    pub(crate) fn register(&mut self, entry: u64) -> u16 {
        let arguments = (entry, self.doc());
        let dry = self.check("registrar", "propose_register", &arguments);
        match self.call::<u64>("registrar", "propose_register", &arguments) {
            Ok(id) => {
                assert_eq!(dry, 0, "the dry run differs");
                self.both("second registrar", "approve_register", &id)
            }
            Err(Refused::Code(code)) => {
                assert_eq!(dry, code, "the dry run differs");
                code
            }
            Err(other) => panic!("propose_register: {other:?}"),
        }
    }

    /// Applies, lets everybody consent and the time pass; the number of entry.
    pub(crate) fn ripe(&mut self, who: &str, object: u64, request: Request) -> u64 {
        let entry = self.apply(who, object, request);
        self.consents(entry);
        self.cool(entry);
        entry
    }

    /// A work of ann's whose transfer to bob one registrar has proposed: object, entry, proposal.
    pub(crate) fn proposed(&mut self, reference: &str) -> (u64, u64, u64) {
        let id = self.work(reference, "ann");
        let entry = self.ripe("ann", id, transfer("ann", "bob", (1, 1)));
        (id, entry, self.propose(entry))
    }

    /// Applies, lets everybody consent and the time pass, registers; the number of entry.
    pub(crate) fn settle(&mut self, who: &str, object: u64, request: Request) -> u64 {
        let entry = self.ripe(who, object, request);
        assert_eq!(self.register(entry), 0, "application {entry} is registered");
        entry
    }
}

/// A transfer of a share.
pub(crate) fn transfer(from: &str, to: &str, part: (u128, u128)) -> Request {
    Request::TransferShare {
        from: pid(from),
        to: pid(to),
        part,
    }
}

/// A mortgage on the whole object.
pub(crate) fn mortgage(creditor: &str, rank: u32) -> Request {
    Request::Mortgage {
        share: None,
        creditor: pid(creditor),
        rank,
        amount: Amount(5_000),
        until: None,
    }
}
