//! The invariants that are about all of it: random, partly hostile histories against a small model.

use crate::fixture::{DOC, FRESH, Fixture, TRADE, UnderTest, WORTH, at, country, events, hash};
use participants::Register;
use std::collections::BTreeMap;
use weighhouse_primitives::{Amount, Timestamp};
use weighhouse_sdk::entry::Contract as _;
use weighhouse_sdk::primitives::schema::describe::{Def, FieldsDef};
use weighhouse_standard::Role;
use weighhouse_standard::interface::{
    Direction, FreezeState, Move, Party, PartyKind, PartyStatus, Pid, Purpose, Residency, Scope,
    ScreeningResult,
};
use weighhouse_testkit::Dice;

/// Goal: whoever proposes, accepts, locks or recovers what: a wallet that was once bound to a participant
/// is bound to it for ever.
#[test]
fn i1_a_wallet_belongs_to_one_participant_for_ever() {
    let (mut register, mut random) = (Fixture::new(), Dice::new(1));
    let wallets = ["w1", "w2", "w3", "w4"];
    let owners = ["ann", "bob", "cat"];
    let mut bound: BTreeMap<&str, Pid> = BTreeMap::new();
    for step in 0..80 {
        let (wallet, other) = (random.pick(&wallets), random.pick(&wallets));
        let pid = register.pid(random.pick(&owners));
        match random.below(5) {
            0 | 1 => {
                let code = register.both("operator", "add_wallet", &(pid, at(wallet)));
                assert_eq!(
                    code,
                    if bound.contains_key(wallet) { 5 } else { 0 },
                    "step {step}"
                );
                bound.entry(wallet).or_insert(pid);
            }
            2 => drop(register.code(wallet, "accept_wallet", &())),
            3 => drop(register.code(wallet, "lock_wallet", &at(wallet))),
            _ => {
                let arguments = (pid, at(wallet), at(other), DOC);
                let id: Result<u64, _> =
                    register.call("operator", "propose_recover_wallet", &arguments);
                if let Ok(id) = id {
                    register.done("second operator", "approve_recover_wallet", &id);
                }
            }
        }
        for (wallet, pid) in &bound {
            let found: Option<Pid> = register.ask("pid_of", &at(wallet));
            assert!(
                found.is_none_or(|found| found == *pid),
                "step {step}: {wallet}"
            );
        }
    }
}

/// Goal: nobody becomes active by one officer alone, whatever the order of acts.
#[test]
fn i2_nobody_is_active_by_one_officer() {
    let (mut register, mut random) = (Fixture::empty(), Dice::new(2));
    for role in [Role::Operator, Role::Compliance, Role::Screener] {
        for officer in ["one", "two"] {
            register.done("admin", "grant_role", &(role, at(officer)));
        }
    }
    let mut proposers: BTreeMap<u64, &str> = BTreeMap::new();
    for _ in 0..60 {
        let who = random.pick(&["one", "two"]);
        let pid = Pid(1 + random.below(6));
        let until = Timestamp(register.now() + FRESH);
        match random.below(4) {
            0 => {
                let arguments = (PartyKind::Legal, Residency::Resident, country(*b"RU"), DOC);
                let pid: Pid = register
                    .call(who, "register", &arguments)
                    .expect("registered");
                proposers.insert(pid.0, who);
            }
            1 => {
                let screening = (pid, 1_u32, 1_u64, ScreeningResult::Clear, DOC);
                register.code(who, "record_screening", &screening);
            }
            _ => {
                let code = register.both(who, "approve", &(pid, until, 1_u8, DOC));
                assert!(
                    code != 0 || proposers[&pid.0] != who,
                    "{who} approved its own {pid:?}"
                );
            }
        }
    }
    let active = |pid: &u64| {
        let party: Option<Party> = register.ask("party", &Pid(*pid));
        party.is_some_and(|party| party.status == PartyStatus::Active)
    };
    assert!(proposers.keys().any(active), "some were approved");
}

/// What the model remembers of the random history of [`i4_i5_histories_agree_with_the_model`].
#[derive(Default)]
struct Books {
    settled: u128,
    funded: u128,
    /// Amount orders on the importer: left, last second, lifted.
    orders: Vec<(u128, Option<u64>, bool)>,
}

impl Books {
    fn active(&self, index: usize, now: u64) -> bool {
        let (left, until, lifted) = self.orders[index];
        left > 0 && !lifted && until.is_none_or(|until| now <= until)
    }

    fn frozen(&self, now: u64) -> u128 {
        let active = (0..self.orders.len()).filter(|index| self.active(*index, now));
        active.map(|index| self.orders[index].0).sum()
    }

    /// One random act, of which the model knows whether it succeeds.
    fn act(&mut self, register: &mut Fixture, random: &mut Dice, step: u64) {
        let (pid, token) = (register.pid("imp"), at("fenced"));
        let amount = u128::from(random.below(400));
        let now = register.now();
        match random.below(6) {
            0 => {
                let fund = Fixture::fenced("op", "imp", amount, Purpose::ImportFunding);
                let fits = amount <= WORTH - self.settled - self.funded.min(WORTH - self.settled);
                assert_eq!(register.admit("fenced", fund) == 0, fits, "step {step}");
                self.funded += if fits { amount } else { 0 };
            }
            1 => {
                let pay = Fixture::fenced("imp", "bob", amount, Purpose::TradeSettlement);
                let fits = self.settled + amount <= WORTH;
                assert_eq!(register.admit("fenced", pay) == 0, fits, "step {step}");
                if fits {
                    self.settled += amount;
                    self.funded = self.funded.saturating_sub(amount);
                }
            }
            2 if amount > 0 => {
                let until = (amount % 3 == 0).then_some(now + 50);
                let amount_of = Amount(amount);
                let scope = Scope::Amount {
                    pid,
                    token,
                    amount: amount_of,
                };
                let order = (
                    scope,
                    hash("court"),
                    hash(&format!("case {step}")),
                    DOC,
                    until.map(Timestamp),
                );
                register.done("enforcer", "order_freeze", &order);
                self.orders.push((amount, until, false));
            }
            3 | 4 if !self.orders.is_empty() && amount > 0 => {
                let index = random.index(self.orders.len());
                let act = (
                    index as u64 + 1,
                    at("imp"),
                    Some(at("ann")),
                    Amount(amount),
                    DOC,
                );
                let fits = self.active(index, now) && amount <= self.orders[index].0;
                assert_eq!(
                    register.code("fenced", "serve_order", &act) == 0,
                    fits,
                    "step {step}"
                );
                self.orders[index].0 -= if fits { amount } else { 0 };
            }
            5 if !self.orders.is_empty() => {
                let index = random.index(self.orders.len());
                let code = register.both("regulator", "lift_freeze", &(index as u64 + 1, DOC));
                assert_eq!(code == 0, self.active(index, now), "step {step}");
                self.orders[index].2 = true;
            }
            _ => register.world.advance(10),
        }
    }
}

/// Goal: over a random history of funding, payment, orders, service and lifting, trade budget and frozen sum
/// are those of the model: settled within the amount, and every order changed by its own acts only.
#[test]
fn i4_i5_histories_agree_with_the_model() {
    let (mut register, mut random) = (Fixture::trading(), Dice::new(45));
    let (mut books, token) = (Books::default(), at("fenced"));
    let pid = register.pid("imp");
    for step in 0..150 {
        books.act(&mut register, &mut random, step);
        let trade = register.trade(TRADE);
        assert_eq!(
            (trade.settled.0, trade.funded.0),
            (books.settled, books.funded),
            "step {step}"
        );
        assert!(trade.settled <= trade.amount, "I5 at step {step}");
        let frozen: Amount = register.ask("frozen_req", &(pid, token));
        assert_eq!(frozen.0, books.frozen(register.now()), "I4 at step {step}");
    }
    let listed = register.orders_of("imp").into_iter();
    let active = listed
        .filter(|view| view.state == FreezeState::Active)
        .count();
    let expected = (0..books.orders.len()).filter(|index| books.active(*index, register.now()));
    assert_eq!(active, expected.count());
}

/// Goal: no sequence of grants gives one person two duties that exclude each other, by any of its wallets.
#[test]
fn i7_duties_stay_apart() {
    let (mut register, mut random) = (Fixture::new(), Dice::new(7));
    register.bind("ann", "ann too");
    register.bind("cat", "cat too");
    let duties = [
        Role::Issuer,
        Role::Compliance,
        Role::Regulator,
        Role::Enforcer,
        Role::Auditor,
    ];
    let people = [["ann", "ann too"], ["cat", "cat too"]];
    for _ in 0..80 {
        let person = random.pick(&people);
        let wallet = random.pick(&person);
        let grant = (random.pick(&duties), at(wallet));
        if random.below(3) == 0 {
            register.code("admin", "revoke_role", &grant);
        } else {
            register.code("admin", "grant_role", &grant);
        }
        for person in people {
            let mut held: Vec<Role> = Vec::new();
            for wallet in person {
                held.extend(register.ask::<Vec<Role>>("roles", &at(wallet)));
            }
            held.sort();
            held.dedup();
            assert!(held.len() <= 1, "{person:?} has {held:?}");
        }
    }
}

/// Goal: nothing in storage and nothing in an event can carry a name or an address of a person: no text but
/// codes of goods and the documents and pauses of the contract itself.
#[test]
fn i8_no_text_that_could_name_a_person() {
    let allowed = [
        "TradeRegistered.hs_code",
        "Paused.reason",
        "DocumentSet.name",
        "DocumentSet.uri",
        "DocumentRemoved.name",
        "documents",
        "trades",
    ];
    for event in Register::SCHEMA.events {
        for field in event.fields {
            let name = format!("{}.{}", event.name, field.name);
            assert!(
                !has_text(field.ty) || allowed.contains(&name.as_str()),
                "{name}"
            );
        }
    }
    for cell in Register::CELLS {
        let text = has_text(cell.key) || has_text(cell.value);
        assert!(!text || allowed.contains(&cell.name), "{}", cell.name);
    }
}

/// Indices of text and bytes in the schema's table of types.
const TEXTS: [u8; 3] = [12, 13, 14];

/// True if text or bytes of any length are part of the type.
fn has_text(def: &Def) -> bool {
    match *def {
        Def::Plain(index) => TEXTS.contains(&index),
        Def::FixedBytes(_) => false,
        Def::Of(_, of) | Def::Array(of, _) | Def::Newtype(_, of) => has_text(of),
        Def::Pair(_, first, second) => has_text(first) || has_text(second),
        Def::Tuple(members) => members.iter().any(|def| has_text(def)),
        Def::Struct(_, fields) => fields.iter().any(|field| has_text(field.ty)),
        Def::Enum(_, variants) => variants.iter().any(|variant| match variant.fields {
            FieldsDef::Unit => false,
            FieldsDef::Unnamed(members) => members.iter().any(|def| has_text(def)),
            FieldsDef::Named(fields) => fields.iter().any(|field| has_text(field.ty)),
        }),
    }
}

/// Goal: every event has the next number, whatever subject it is of.
#[test]
fn events_are_numbered_without_a_gap() {
    let mut register = Fixture::trading();
    let direction = Direction::Out;
    let scope = Scope::Party {
        pid: register.pid("ann"),
        direction,
    };
    let order = register.order(scope, None);
    let receipt = register.receipt("enforcer", "order_freeze", &order);
    let first: u64 = events::<(u64, u64)>(&receipt.events, "FreezeOrdered")[0].0;
    let pay = Fixture::fenced("imp", "bob", 1, Purpose::TradeSettlement);
    let receipt = register.receipt("fenced", "admit_move", &pay);
    let second: u64 = events::<(u64, [u8; 32])>(&receipt.events, "TradeSettled")[0].0;
    assert_eq!(second, first + 1);
    let free = Move {
        token: at("token"),
        ..Fixture::moved("token", "imp", "bob", 1)
    };
    let receipt = register.receipt("token", "admit_move", &free);
    assert!(
        receipt.events.is_empty(),
        "what changes nothing here is reported by the token"
    );
}
