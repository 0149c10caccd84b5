//! The contract library on one chain: register, two units, registry of rights, escrow, all of them real.
//!
//! What the contracts' own tests put doubles in place of stands here as it would in production: every
//! party is registered by one officer and approved by another, every unit asks the register, the
//! escrow is a vetted system. [`Library::new`] has contracts and officers, [`Library::trading`] the
//! parties of an export as well; `export` has what a documentary credit takes.
//!
//! Names are the keys of accounts ([`at`]): `library.on(Part::Unit).done("importer", "transfer_for", ..)`.
//! Messages of contracts that this crate does not link are written as tuples, which encode alike.

mod export;

pub use export::{BILL, INVOICE, Offer, Paper};

use crate::account::Account;
use crate::contract::Contract;
use crate::under_test::{UnderTest, at};
use crate::world::{START, World};
use parity_scale_codec::{Decode, Encode};
use std::collections::BTreeMap;
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::calendar::Calendar;
use weighhouse_standard::interface::{
    AuthorisationKind, Country, Currency, Direction, PartyKind, Pid, Purpose, Residency, RuleSet,
    Scope, ScreeningResult, Trade, TradeRef,
};

/// A day in seconds.
pub const DAY: u64 = 86_400;
/// The document of acts where any will do.
pub const DOC: Hash = Hash([7; 32]);
/// The trade contract between importer and exporter.
pub const TRADE: TradeRef = Hash([9; 32]);
/// How much may be paid under it.
pub const TRADE_AMOUNT: u128 = 10_000;
/// What the operator has given the importer under it.
pub const FUNDED: u128 = 5_000;
/// How old a screening may be, for units and at the issue of a credit.
pub const SCREENING_AGE: u64 = 30 * DAY;
/// Until when parties, authorisations and the trade are good, in seconds from the start.
pub const LIFETIME: u64 = 400 * DAY;
/// Seconds between an application to the registry of rights and its registration.
pub const COOLING: u64 = 1_000;
/// Delay of a new administrator, and of rules that are not tighter.
pub const DELAY: u64 = 3_600;

/// Officers of every contract.
const OFFICERS: [(Role, &str); 13] = [
    (Role::Pauser, "pauser"),
    (Role::Operator, "operator"),
    (Role::Operator, "second operator"),
    (Role::Compliance, "compliance"),
    (Role::Compliance, "second compliance"),
    (Role::Screener, "screener"),
    (Role::Regulator, "regulator"),
    (Role::Regulator, "second regulator"),
    (Role::Enforcer, "enforcer"),
    (Role::Auditor, "auditor"),
    (Role::Minter, "minter"),
    (Role::Minter, "second minter"),
    (Role::Arbiter, "arbiter"),
];

/// Officers of the register and the registry only: with a unit, a REGISTRAR is another contract.
const REGISTRARS: [(Role, &str); 2] = [
    (Role::Registrar, "registrar"),
    (Role::Registrar, "second registrar"),
];

/// The parties of [`Library::trading`].
pub const PARTIES: [(&str, PartyKind, Residency, [u8; 2]); 9] = [
    ("importer", PartyKind::Legal, Residency::Resident, *b"RU"),
    ("exporter", PartyKind::Legal, Residency::NonResident, *b"CN"),
    ("bank", PartyKind::Legal, Residency::Resident, *b"RU"),
    (
        "confirmer",
        PartyKind::Legal,
        Residency::NonResident,
        *b"CN",
    ),
    (
        "currency bank",
        PartyKind::Legal,
        Residency::Resident,
        *b"RU",
    ),
    ("elr", PartyKind::Legal, Residency::Resident, *b"RU"),
    ("carrier", PartyKind::Legal, Residency::NonResident, *b"CN"),
    ("ann", PartyKind::Natural, Residency::Resident, *b"RU"),
    ("bob", PartyKind::Natural, Residency::Resident, *b"RU"),
];

/// What parties of [`Library::trading`] are authorised to be.
const AUTHORISED: [(&str, AuthorisationKind); 4] = [
    ("bank", AuthorisationKind::IssuingBank),
    ("confirmer", AuthorisationKind::IssuingBank),
    ("currency bank", AuthorisationKind::AuthorisedInstitution),
    ("elr", AuthorisationKind::ElrOperator),
];

/// One of the contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Register of participants (C1).
    Register,
    /// Unit for foreign trade, fenced in (C2).
    Unit,
    /// Settlement money, not fenced (C2).
    Money,
    /// Registry of rights (C3).
    Rights,
    /// Documentary credits (C4).
    Escrow,
}

/// Where the contracts are.
#[derive(Clone, Copy, Debug)]
pub struct Contracts {
    /// Register of participants.
    pub register: Contract,
    /// Unit for foreign trade.
    pub unit: Contract,
    /// Settlement money.
    pub money: Contract,
    /// Registry of rights.
    pub rights: Contract,
    /// Documentary credits.
    pub escrow: Contract,
}

/// One contract of the library, to be called: see [`UnderTest`].
#[derive(Debug)]
pub struct Desk<'a> {
    world: &'a mut World,
    contract: Contract,
}

impl UnderTest for Desk<'_> {
    fn parts(&self) -> (&World, Contract) {
        (self.world, self.contract)
    }

    fn parts_mut(&mut self) -> (&mut World, Contract) {
        (self.world, self.contract)
    }
}

/// The contract library on a chain of its own.
#[derive(Debug)]
pub struct Library {
    /// The chain.
    pub world: World,
    /// Where the contracts are.
    pub contracts: Contracts,
    pids: BTreeMap<String, Pid>,
    fresh: u64,
}

/// So many seconds after the start: Monday 2026-01-12, 09:00 local time.
#[must_use]
pub const fn after(seconds: u64) -> Timestamp {
    Timestamp(START.0 + seconds)
}

/// The last second of a local day, day 0 being that of the start.
#[must_use]
pub const fn end_of_day(day: u64) -> Timestamp {
    Timestamp(START.0 + 15 * 3_600 + day * DAY - 1)
}

/// Rules that ask for a fresh screening of both sides, and nothing else but the fence if there is one.
#[must_use]
pub const fn rules(ring_fenced: bool) -> RuleSet {
    RuleSet {
        allow: Vec::new(),
        deny: Vec::new(),
        req_qualified: false,
        annual_limit: None,
        max_balance: None,
        max_holders: None,
        velocity: Vec::new(),
        preclear_above: None,
        travel_rule_above: None,
        screening_max_age: Some(SCREENING_AGE),
        venue_only: false,
        ring_fenced,
        provenance: None,
    }
}

fn roles(of: &[(Role, &str)]) -> Vec<(Role, Address)> {
    of.iter().map(|(role, name)| (*role, at(name))).collect()
}

/// A unit of a kind (3 settlement money, 4 foreign trade) that can do everything.
fn unit(world: &mut World, symbol: &str, kind: u8, register: Contract) -> Contract {
    let meta = (symbol, symbol, 2_u8, kind, at("issuer"), DOC);
    let ring_fenced = kind == 4;
    let capabilities = ([true; 6], ring_fenced);
    let limits = (Amount(1_000_000_000_000), Amount(1_000_000_000), DELAY);
    let register = Some(register.address);
    let arguments = (
        meta,
        capabilities,
        limits,
        at("admin"),
        roles(&OFFICERS),
        register,
    );
    world.deploy(&Account::new("deployer"), "dfa-token", "open", &arguments)
}

impl Default for Library {
    fn default() -> Self {
        Self::new()
    }
}

impl Library {
    /// Contracts and officers; no parties but the escrow itself.
    #[must_use]
    pub fn new() -> Self {
        let mut world = World::new();
        let deployer = Account::new("deployer");
        let registrars = [&OFFICERS[..], &REGISTRARS].concat();
        let settings = (DELAY, DELAY, 10_800_i32);
        let arguments = (at("admin"), roles(&registrars), settings);
        let register = world.deploy(&deployer, "participants", "open", &arguments);
        let money = unit(&mut world, "CNY", 3, register);
        let unit = unit(&mut world, "FTU", 4, register);
        let settings = (COOLING, DELAY);
        let arguments = (settings, at("admin"), roles(&registrars), register.address);
        let rights = world.deploy(&deployer, "rights-registry", "open", &arguments);
        let settings = (register.address, rights.address, SCREENING_AGE, DELAY);
        let arguments = (settings, at("admin"), roles(&OFFICERS));
        let escrow = world.deploy(&deployer, "export-escrow", "open", &arguments);
        let contracts = Contracts {
            register,
            unit,
            money,
            rights,
            escrow,
        };
        let mut library = Self {
            world,
            contracts,
            pids: BTreeMap::new(),
            fresh: 0,
        };
        library.set_rules(Part::Unit, rules(true));
        library.set_rules(Part::Money, rules(false));
        library.join_escrow();
        let calendar = Calendar::default();
        library
            .on(Part::Escrow)
            .done("operator", "define_calendar", &calendar);
        library
    }

    /// With [`PARTIES`], the trade [`TRADE`], and [`FUNDED`] of the fenced unit with the importer; the
    /// importer and the confirming bank have 100,000 of the money each.
    #[must_use]
    pub fn trading() -> Self {
        let mut library = Self::new();
        for (name, kind, residency, country) in PARTIES {
            library.vet(name, kind, residency, country);
        }
        for (name, kind) in AUTHORISED {
            library.authorise(name, kind);
        }
        library.register_trade(TRADE, "exporter", "importer", TRADE_AMOUNT);
        library.mint(Part::Unit, "elr", 1_000_000);
        library.fund("importer", FUNDED);
        for name in ["importer", "confirmer"] {
            library.mint(Part::Money, name, 100_000);
        }
        library
    }

    /// The escrow becomes a vetted system, so that it can be the notary of holds without end.
    fn join_escrow(&mut self) {
        self.admit("escrow", PartyKind::System, Residency::Resident, *b"RU");
        let (pid, escrow) = (self.pid("escrow"), self.contracts.escrow.address);
        self.on(Part::Register)
            .done("operator", "add_wallet", &(pid, escrow));
        let register = self.contracts.register.address;
        self.on(Part::Escrow).done("admin", "join", &register);
    }

    /// Where a contract is.
    #[must_use]
    pub const fn contract(&self, part: Part) -> Contract {
        match part {
            Part::Register => self.contracts.register,
            Part::Unit => self.contracts.unit,
            Part::Money => self.contracts.money,
            Part::Rights => self.contracts.rights,
            Part::Escrow => self.contracts.escrow,
        }
    }

    /// One of the contracts, to be called.
    pub const fn on(&mut self, part: Part) -> Desk<'_> {
        let contract = self.contract(part);
        Desk {
            world: &mut self.world,
            contract,
        }
    }

    /// Asks in nobody's name; it must answer.
    #[must_use]
    pub fn ask<T: Decode>(&self, part: Part, entry: &str, arguments: &impl Encode) -> T {
        self.contract(part).query(&self.world, entry, arguments)
    }

    /// Number of the participant of this name.
    ///
    /// # Panics
    /// If nobody has it.
    #[must_use]
    pub fn pid(&self, name: &str) -> Pid {
        self.pids[name]
    }

    /// A hash that nobody used yet.
    pub fn fresh(&mut self) -> Hash {
        self.fresh += 1;
        Hash::of(&self.fresh.to_le_bytes())
    }

    /// Moves the clock.
    pub const fn pass(&mut self, seconds: u64) {
        self.world.advance(seconds);
    }

    /// Registered by the operator, screened, approved by compliance; without a wallet.
    ///
    /// # Panics
    /// If an officer is refused.
    pub fn admit(&mut self, name: &str, kind: PartyKind, residency: Residency, country: [u8; 2]) {
        let arguments = (kind, residency, Country(country), Hash::of(name.as_bytes()));
        let pid: Pid = self
            .on(Part::Register)
            .call("operator", "register", &arguments)
            .expect("registered");
        self.pids.insert(name.into(), pid);
        self.screen(name, ScreeningResult::Clear);
        let approval = (pid, after(LIFETIME), 1_u8, DOC);
        self.on(Part::Register)
            .done("compliance", "approve", &approval);
    }

    /// As [`Library::admit`], with the wallet of its name.
    pub fn vet(&mut self, name: &str, kind: PartyKind, residency: Residency, country: [u8; 2]) {
        self.admit(name, kind, residency, country);
        self.bind(name, name);
    }

    /// Gives a party a further wallet.
    pub fn bind(&mut self, name: &str, wallet: &str) {
        let arguments = (self.pid(name), at(wallet));
        self.on(Part::Register)
            .done("operator", "add_wallet", &arguments);
        self.on(Part::Register).done(wallet, "accept_wallet", &());
    }

    /// Enters a screening of a party, now.
    pub fn screen(&mut self, name: &str, result: ScreeningResult) {
        let arguments = (self.pid(name), 1_u32, 1_u64, result, DOC);
        self.on(Part::Register)
            .done("screener", "record_screening", &arguments);
    }

    /// Screens all parties and the goods of [`TRADE`] anew, with nothing found.
    pub fn screen_all(&mut self) {
        let names: Vec<String> = self.pids.keys().cloned().collect();
        for name in names {
            self.screen(&name, ScreeningResult::Clear);
        }
        self.screen_goods(TRADE, ScreeningResult::Clear);
    }

    /// Enters a screening of the goods of a trade, now.
    pub fn screen_goods(&mut self, trade: TradeRef, result: ScreeningResult) {
        let arguments = (trade, 1_u32, 1_u64, result, DOC);
        self.on(Part::Register)
            .done("screener", "record_trade_screening", &arguments);
    }

    /// Authorises a party from now on.
    pub fn authorise(&mut self, name: &str, kind: AuthorisationKind) {
        let arguments = (self.pid(name), kind, self.world.time, after(LIFETIME), DOC);
        self.on(Part::Register)
            .done("regulator", "grant_authorisation", &arguments);
    }

    /// Sets the rules of a unit.
    pub fn set_rules(&mut self, part: Part, rules: RuleSet) {
        let arguments = (self.contract(part).address, rules);
        self.on(Part::Register)
            .done("compliance", "set_rules", &arguments);
    }

    /// Registers a trade contract and screens its goods.
    pub fn register_trade(
        &mut self,
        trade: TradeRef,
        exporter: &str,
        importer: &str,
        amount: u128,
    ) {
        let doc = self.fresh();
        let (exporter, importer) = (self.pid(exporter), self.pid(importer));
        let terms = (
            Amount(amount),
            Currency(*b"CNY"),
            "270900".to_owned(),
            doc,
            after(LIFETIME),
        );
        let arguments = (trade, exporter, importer, terms);
        self.on(Part::Register)
            .done("currency bank", "register_trade", &arguments);
        self.screen_goods(trade, ScreeningResult::Clear);
    }

    /// A trade contract as the register has it.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn trade(&self, trade: TradeRef) -> Trade {
        let found: Option<Trade> = self.ask(Part::Register, "trade", &trade);
        found.expect("a trade")
    }

    /// Creates units for a wallet.
    pub fn mint(&mut self, unit: Part, to: &str, amount: u128) {
        let arguments = (at(to), Amount(amount), DOC, None::<Timestamp>);
        self.on(unit).done("minter", "mint", &arguments);
    }

    /// The operator of the regime gives the importer fenced units under [`TRADE`].
    pub fn fund(&mut self, importer: &str, amount: u128) {
        let arguments = (
            at(importer),
            Amount(amount),
            Purpose::ImportFunding,
            Some(TRADE),
        );
        self.on(Part::Unit).done("elr", "transfer_for", &arguments);
    }

    /// All units of a wallet.
    #[must_use]
    pub fn balance(&self, unit: Part, wallet: &str) -> u128 {
        self.ask::<Amount>(unit, "balance_of", &at(wallet)).0
    }

    /// A court orders a freeze; its number.
    ///
    /// # Panics
    /// If it is refused.
    pub fn order(&mut self, scope: Scope) -> u64 {
        let case = self.fresh();
        let authority = Hash([1; 32]);
        let arguments = (scope, authority, case, DOC, None::<Timestamp>);
        self.on(Part::Register)
            .call("enforcer", "order_freeze", &arguments)
            .expect("an order")
    }

    /// A court freezes a party; the number of the order.
    pub fn freeze(&mut self, name: &str, direction: Direction) -> u64 {
        let pid = self.pid(name);
        self.order(Scope::Party { pid, direction })
    }

    /// A court freezes an amount of a party's units; the number of the order.
    pub fn freeze_amount(&mut self, name: &str, unit: Part, amount: u128) -> u64 {
        let (pid, token) = (self.pid(name), self.contract(unit).address);
        let amount = Amount(amount);
        self.order(Scope::Amount { pid, token, amount })
    }

    /// A court arrests an object of the registry of rights; the number of the order.
    pub fn arrest(&mut self, id: u64) -> u64 {
        let contract = self.contracts.rights.address;
        self.order(Scope::Object { contract, id })
    }

    /// The court lifts its order.
    pub fn lift(&mut self, order: u64) {
        self.on(Part::Register)
            .done("enforcer", "lift_freeze", &(order, DOC));
    }
}
