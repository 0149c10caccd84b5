//! A register with officers, vetted parties and two tokens.

use participants::storage::Settings;
use std::collections::BTreeMap;
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::interface::{
    AuthorisationKind, Country, Currency, Direction, FreezeView, Move, PartyKind, Path, Pid,
    Purpose, Residency, RuleSet, Scope, ScreeningResult, Trade, TradeRef, Verdict,
};
pub(crate) use weighhouse_testkit::UnderTest;
pub(crate) use weighhouse_testkit::under_test::{at, events};
use weighhouse_testkit::{Account, Contract, World};

/// A document.
pub(crate) const DOC: Hash = Hash([7; 32]);
/// The trade of [`Fixture::trading`].
pub(crate) const TRADE: TradeRef = Hash([8; 32]);
/// What it is worth.
pub(crate) const WORTH: u128 = 1_000;
/// Delay of a new administrator.
pub(crate) const ADMIN_DELAY: u64 = 3_600;
/// Delay of rules that are not tighter.
pub(crate) const RULE_DELAY: u64 = 7_200;
/// Seconds for which what is known of a party is fresh.
pub(crate) const FRESH: u64 = 1_000_000;

/// Officers by role.
const OFFICERS: [(Role, &str); 11] = [
    (Role::Pauser, "pauser"),
    (Role::Operator, "operator"),
    (Role::Operator, "second operator"),
    (Role::Compliance, "compliance"),
    (Role::Compliance, "second compliance"),
    (Role::Screener, "screener"),
    (Role::Regulator, "regulator"),
    (Role::Enforcer, "enforcer"),
    (Role::Enforcer, "second enforcer"),
    (Role::Registrar, "registrar"),
    (Role::Auditor, "auditor"),
];

/// A register on a chain of its own.
pub(crate) struct Fixture {
    pub(crate) world: World,
    pub(crate) register: Contract,
    /// Participants by the name of their first wallet.
    pub(crate) pids: BTreeMap<String, Pid>,
    /// Makes case numbers and documents differ.
    count: u8,
}

/// A hash that stands for this text.
pub(crate) fn hash(text: &str) -> Hash {
    Hash::of(text.as_bytes())
}

pub(crate) const fn country(letters: [u8; 2]) -> Country {
    Country(letters)
}

/// Rules that forbid nothing.
pub(crate) const fn open_rules() -> RuleSet {
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
        screening_max_age: None,
        venue_only: false,
        ring_fenced: false,
        provenance: None,
    }
}

impl UnderTest for Fixture {
    fn parts(&self) -> (&World, Contract) {
        (&self.world, self.register)
    }

    fn parts_mut(&mut self) -> (&mut World, Contract) {
        (&mut self.world, self.register)
    }
}

impl Fixture {
    /// A register with officers and nobody else.
    pub(crate) fn empty() -> Self {
        let mut world = World::new();
        let roles: Vec<(Role, Address)> = OFFICERS
            .iter()
            .map(|(role, name)| (*role, at(name)))
            .collect();
        let settings = Settings {
            admin_delay: ADMIN_DELAY,
            rule_delay: RULE_DELAY,
            utc_offset: 10_800,
        };
        let arguments = (at("admin"), roles, settings);
        let register = world.deploy(
            &Account::new("deployer"),
            "participants",
            "open",
            &arguments,
        );
        Self {
            world,
            register,
            pids: BTreeMap::new(),
            count: 0,
        }
    }

    /// Ann and cat are natural persons and residents, bob is a foreign firm; the open `token` has rules.
    pub(crate) fn new() -> Self {
        let mut register = Self::empty();
        register.vet("ann", PartyKind::Natural, Residency::Resident, *b"RU");
        register.vet("cat", PartyKind::Natural, Residency::Resident, *b"RU");
        register.vet("bob", PartyKind::Legal, Residency::NonResident, *b"CN");
        register.set_rules("token", open_rules());
        register
    }

    /// With an authorised `bank`, an operator `op`, an importer `imp` and an exporter `bob` under the
    /// trade [`TRADE`], and the token `fenced`.
    pub(crate) fn trading() -> Self {
        let mut register = Self::new();
        for name in ["bank", "op", "second op", "imp"] {
            register.vet(name, PartyKind::Legal, Residency::Resident, *b"RU");
        }
        register.authorise("bank", AuthorisationKind::AuthorisedInstitution);
        register.authorise("op", AuthorisationKind::ElrOperator);
        register.authorise("second op", AuthorisationKind::ElrOperator);
        let fenced = RuleSet {
            ring_fenced: true,
            ..open_rules()
        };
        register.set_rules("fenced", fenced);
        let terms = register.trade_terms(TRADE, "bob", "imp");
        register.done("bank", "register_trade", &terms);
        register
    }

    pub(crate) fn pid(&self, name: &str) -> Pid {
        self.pids[name]
    }

    /// Registers, screens and approves a party, and gives it the wallet of its name.
    pub(crate) fn vet(&mut self, name: &str, kind: PartyKind, side: Residency, land: [u8; 2]) {
        let pid = self.candidate(name, kind, side, land);
        self.screen(name, ScreeningResult::Clear);
        let until = Timestamp(self.now() + FRESH);
        self.done("compliance", "approve", &(pid, until, 1_u8, DOC));
        self.bind(name, name);
    }

    /// Registers a party.
    pub(crate) fn candidate(
        &mut self,
        name: &str,
        kind: PartyKind,
        side: Residency,
        land: [u8; 2],
    ) -> Pid {
        let arguments = (kind, side, country(land), hash(name));
        let pid = self
            .call("operator", "register", &arguments)
            .expect("registered");
        self.pids.insert(name.into(), pid);
        pid
    }

    /// Gives a party a further wallet.
    pub(crate) fn bind(&mut self, name: &str, wallet: &str) {
        let pid = self.pid(name);
        self.done("operator", "add_wallet", &(pid, at(wallet)));
        self.done(wallet, "accept_wallet", &());
    }

    pub(crate) fn screen(&mut self, name: &str, result: ScreeningResult) {
        let arguments = (self.pid(name), 1_u32, 1_u64, result, DOC);
        self.done("screener", "record_screening", &arguments);
    }

    /// Authorises a party for a day from now.
    pub(crate) fn authorise(&mut self, name: &str, kind: AuthorisationKind) {
        let (from, until) = (Timestamp(self.now()), Timestamp(self.now() + 86_400));
        let arguments = (self.pid(name), kind, from, until, DOC);
        self.done("regulator", "grant_authorisation", &arguments);
    }

    pub(crate) fn set_rules(&mut self, token: &str, rules: RuleSet) {
        self.done("compliance", "set_rules", &(at(token), rules));
    }

    /// Arguments of `register_trade`: for a day, worth [`WORTH`], with a document of its own.
    pub(crate) fn trade_terms(
        &self,
        trade_ref: TradeRef,
        exporter: &str,
        importer: &str,
    ) -> TradeArguments {
        let until = Timestamp(self.now() + 86_400);
        let parties = (self.pid(exporter), self.pid(importer));
        (
            trade_ref,
            parties.0,
            parties.1,
            Amount(WORTH),
            Currency(*b"CNY"),
            "270900".into(),
            Hash::of(&trade_ref.0),
            until,
        )
    }

    /// Arguments of `order_freeze` on a new case.
    pub(crate) fn order(&mut self, scope: Scope, until: Option<u64>) -> OrderArguments {
        self.count += 1;
        let case = Hash([self.count; 32]);
        (scope, hash("court"), case, DOC, until.map(Timestamp))
    }

    /// Orders a freeze of a party.
    pub(crate) fn freeze(&mut self, name: &str, direction: Direction) -> u64 {
        let pid = self.pid(name);
        let order = self.order(Scope::Party { pid, direction }, None);
        self.call("enforcer", "order_freeze", &order)
            .expect("ordered")
    }

    /// Orders a freeze of an amount of `token`.
    pub(crate) fn freeze_amount(&mut self, name: &str, token: &str, amount: u128) -> u64 {
        let (pid, token, amount) = (self.pid(name), at(token), Amount(amount));
        let order = self.order(Scope::Amount { pid, token, amount }, None);
        self.call("enforcer", "order_freeze", &order)
            .expect("ordered")
    }

    pub(crate) fn orders_of(&self, name: &str) -> Vec<FreezeView> {
        self.ask("orders_of", &self.pid(name))
    }

    pub(crate) fn trade(&self, trade_ref: TradeRef) -> Trade {
        self.ask::<Option<Trade>>("trade", &trade_ref)
            .expect("a trade")
    }

    /// A move of `token` by its holder.
    pub(crate) fn moved(token: &str, from: &str, to: &str, amount: u128) -> Move {
        Move {
            token: at(token),
            from: at(from),
            to: at(to),
            amount: Amount(amount),
            path: Path::Own,
            purpose: Purpose::General,
            trade_ref: None,
            memo: None,
        }
    }

    /// A move of the fenced token for this purpose, under [`TRADE`].
    pub(crate) fn fenced(from: &str, to: &str, amount: u128, purpose: Purpose) -> Move {
        Move {
            purpose,
            trade_ref: Some(TRADE),
            ..Self::moved("fenced", from, to, amount)
        }
    }

    pub(crate) fn explain(&self, movement: Move) -> Verdict {
        self.ask("explain_move", &movement)
    }

    /// The code of a move, the same from both queries where there is no memo; to `check_move` a trade is one.
    pub(crate) fn move_code(&self, movement: Move) -> u16 {
        let verdict = self.explain(movement);
        let told = movement.memo.is_none() && movement.trade_ref.is_some() && verdict.code == 115;
        if movement.memo.is_none() && !told {
            let Move {
                token,
                from,
                to,
                amount,
                path,
                purpose,
                trade_ref,
                ..
            } = movement;
            let arguments = (token, from, to, amount, path, (purpose, trade_ref));
            assert_eq!(self.ask::<u16>("check_move", &arguments), verdict.code);
        }
        assert_eq!(verdict.why.is_some(), verdict.code != 0);
        verdict.code
    }

    /// The token makes a move; the code, which both queries gave before.
    pub(crate) fn admit(&mut self, token: &str, movement: Move) -> u16 {
        let dry = self.explain(movement);
        let wet: Verdict = self
            .call(token, "admit_move", &movement)
            .expect("an answer");
        assert_eq!(dry, wet, "explained and admitted differ");
        wet.code
    }

    /// Pauses, or ends the register.
    pub(crate) fn stop(&mut self, for_ever: bool) {
        self.done("pauser", "pause", &"test".to_owned());
        if for_ever {
            self.done("admin", "deactivate", &DOC);
        }
    }
}

/// Arguments of `order_freeze`.
pub(crate) type OrderArguments = (Scope, Hash, Hash, Hash, Option<Timestamp>);

/// Arguments of `register_trade`.
pub(crate) type TradeArguments = (
    TradeRef,
    Pid,
    Pid,
    Amount,
    Currency,
    String,
    Hash,
    Timestamp,
);
