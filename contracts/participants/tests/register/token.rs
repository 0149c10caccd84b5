//! The register behind a real token: what it decides and books happens as units move, and is undone with
//! what fails.

use crate::fixture::{DOC, Fixture, TRADE, UnderTest, at, hash, open_rules};
use parity_scale_codec::Encode;
use participants::storage::Share;
use weighhouse_primitives::{Amount, Hash, Outcome, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::interface::{HaltKind, Pid, Purpose, RuleSet, Scope, ScreeningResult};
use weighhouse_testkit::{Account, Contract};

/// A trading register and a token under it.
pub(crate) struct Market {
    pub(crate) register: Fixture,
    pub(crate) token: Contract,
}

impl Market {
    /// A fenced token of which the operator has 5,000, or an open one of which ann has.
    pub(crate) fn new(ring_fenced: bool) -> Self {
        let mut register = Fixture::trading();
        let meta = (
            "Unit".to_owned(),
            "UNT".to_owned(),
            2_u8,
            4_u8,
            at("issuer"),
            DOC,
        );
        // Transferable, holdable, freezable, recoverable, mintable, burnable, and perhaps fenced.
        let capabilities = ([true; 6], ring_fenced);
        let limits = (Amount(1_000_000), Amount(1_000_000), 3_600_u64);
        let roles = vec![
            (Role::Minter, at("minter")),
            (Role::Enforcer, at("enforcer")),
            (Role::Operator, at("operator")),
        ];
        let arguments = (
            meta,
            capabilities,
            limits,
            at("admin"),
            roles,
            Some(register.register.address),
        );
        let deployer = Account::new("deployer");
        let token = register
            .world
            .deploy(&deployer, "dfa-token", "open", &arguments);
        let rules = RuleSet {
            ring_fenced,
            ..open_rules()
        };
        register.done("compliance", "set_rules", &(token.address, rules));
        let mut market = Self { register, token };
        let first = at(if ring_fenced { "op" } else { "ann" });
        let free: Option<Timestamp> = None;
        assert_eq!(
            market.code("minter", "mint", &(first, Amount(5_000), DOC, free)),
            0
        );
        market
    }

    /// Calls the token; the code, which the dry run told before.
    pub(crate) fn code(&mut self, who: &str, entry: &str, arguments: &impl Encode) -> u16 {
        let world = &mut self.register.world;
        let twin = format!("check_{entry}");
        let dry: u16 = self
            .token
            .query_as(world, at(who), &twin, arguments)
            .expect("a check answers");
        let wet = match self
            .token
            .receipt(world, &Account::new(who), entry, arguments)
            .outcome
        {
            Outcome::Succeeded { .. } => 0,
            Outcome::Reverted { code, .. } => code,
            other @ Outcome::Halted(_) => panic!("{entry} of {who}: {other:?}"),
        };
        assert_eq!(dry, wet, "{entry} of {who}: the dry run differs");
        wet
    }

    pub(crate) fn pay(&mut self, from: &str, to: &str, amount: u128, purpose: Purpose) -> u16 {
        self.code(
            from,
            "transfer_for",
            &(at(to), Amount(amount), purpose, Some(TRADE)),
        )
    }

    pub(crate) fn balance(&self, who: &str) -> u128 {
        self.token
            .query::<Amount>(&self.register.world, "balance_of", &at(who))
            .0
    }

    pub(crate) fn budget(&self) -> (u128, u128) {
        let trade = self.register.trade(TRADE);
        (trade.settled.0, trade.funded.0)
    }
}

/// Goal: funding and payment of a fenced unit move units and the trade's budget together, or neither; a
/// budget is not used by a payment that fails for want of funds.
#[test]
fn i5_units_and_budget_move_together() {
    let mut market = Market::new(true);
    assert_eq!(market.pay("op", "imp", 600, Purpose::ImportFunding), 0);
    assert_eq!((market.balance("imp"), market.budget()), (600, (0, 600)));
    assert_eq!(market.pay("imp", "bob", 601, Purpose::TradeSettlement), 200);
    assert_eq!(market.budget(), (0, 600), "undone with the payment");
    assert_eq!(market.pay("imp", "bob", 600, Purpose::TradeSettlement), 0);
    assert_eq!((market.balance("bob"), market.budget()), (600, (600, 0)));
    assert_eq!(market.pay("op", "imp", 401, Purpose::ImportFunding), 116);
    assert_eq!(market.pay("op", "ann", 1, Purpose::ImportFunding), 116);
    assert_eq!(market.pay("bob", "imp", 1, Purpose::TradeSettlement), 116);
    assert_eq!(market.pay("op", "nobody", 1, Purpose::ImportFunding), 100);
    market.register.stop(false);
    assert_eq!(market.pay("op", "imp", 1, Purpose::ImportFunding), 2);
}

/// Goal: a hit, a suspension, an order and a halt stop the units of a real token at once; what an order
/// freezes is taken under that order, and other orders stay whole.
#[test]
fn i4_measures_reach_the_token() {
    let mut market = Market::new(false);
    let none: Option<Hash> = None;
    let move_of = |amount: u128| (at("bob"), Amount(amount), none);
    let token = market.token.address;
    let pid = market.register.pid("ann");
    let mut orders = Vec::new();
    for amount in [3_000, 1_500] {
        let amount = Amount(amount);
        let scope = Scope::Amount { pid, token, amount };
        let order = market.register.order(scope, None);
        orders.push(
            market
                .register
                .call::<u64>("enforcer", "order_freeze", &order)
                .expect("ordered"),
        );
    }
    assert_eq!(market.code("ann", "transfer", &move_of(501)), 202);
    assert_eq!(market.code("ann", "transfer", &move_of(500)), 0);
    let take = |order, amount: u128| (at("ann"), at("cat"), Amount(amount), order, DOC);
    assert_eq!(
        market.code("enforcer", "forced_transfer", &take(orders[1], 1_501)),
        13
    );
    assert_eq!(
        market.code("enforcer", "forced_transfer", &take(orders[1], 1_500)),
        0
    );
    assert_eq!(
        (market.balance("ann"), market.balance("cat")),
        (3_000, 1_500)
    );
    let left: Amount = market.register.ask("frozen_req", &(pid, token));
    assert_eq!(left, Amount(3_000), "the earlier order is whole");
    assert_eq!(
        market.code("enforcer", "forced_transfer", &take(orders[1], 1)),
        6,
        "served"
    );
    market.register.screen("cat", ScreeningResult::Hit);
    assert_eq!(market.code("cat", "transfer", &move_of(1)), 102);
    let halt = (HaltKind::HaltAsset, token, DOC);
    market.register.done("regulator", "directive", &halt);
    assert_eq!(market.code("cat", "transfer", &move_of(1)), 19);
}

/// Goal: what a lost wallet and an estate had goes where the register says, restrictions included.
#[test]
fn recovery_and_succession_reach_the_token() {
    let mut market = Market::new(false);
    let lost = (at("ann"), at("ann too"));
    assert_eq!(
        market.code("operator", "recover", &lost),
        4,
        "not recovered"
    );
    market.register.bind("ann", "ann too");
    let ann = market.register.pid("ann");
    let proposal = (ann, lost.0, lost.1, DOC);
    let id: u64 = market
        .register
        .call("operator", "propose_recover_wallet", &proposal)
        .expect("proposed");
    market
        .register
        .done("second operator", "approve_recover_wallet", &id);
    let none: Option<Hash> = None;
    assert_eq!(
        market.code("ann", "transfer", &(at("bob"), Amount(1), none)),
        100
    );
    assert_eq!(market.code("operator", "recover", &lost), 0);
    assert_eq!(
        (market.balance("ann"), market.balance("ann too")),
        (0, 5_000)
    );
    market
        .register
        .done("registrar", "open_succession", &(ann, DOC));
    assert_eq!(
        market.code("ann too", "transfer", &(at("bob"), Amount(1), none)),
        103
    );
    let pids: [Pid; 2] = ["cat", "imp"].map(|name| market.register.pid(name));
    let shares: Vec<Share> = vec![(pids[0], 1, 3), (pids[1], 2, 3)];
    let settle = (ann, shares, hash("certificate"));
    let id: u64 = market
        .register
        .call("registrar", "propose_settle_succession", &settle)
        .expect("proposed");
    market
        .register
        .done("operator", "approve_settle_succession", &id);
    assert_eq!(market.code("operator", "succession_transfer", &ann), 0);
    assert_eq!(
        (market.balance("cat"), market.balance("imp")),
        (1_667, 3_333)
    );
    assert_eq!(market.balance("ann too"), 0);
}

/// Goal: a fenced payment with everything the register checks stays within a small part of a
/// transaction's gas.
#[test]
fn a_fenced_payment_is_cheap() {
    let mut market = Market::new(true);
    assert_eq!(market.pay("op", "imp", 600, Purpose::ImportFunding), 0);
    let arguments = (
        at("bob"),
        Amount(100),
        Purpose::TradeSettlement,
        Some(TRADE),
    );
    let world = &mut market.register.world;
    let receipt = market
        .token
        .receipt(world, &Account::new("imp"), "transfer_for", &arguments);
    assert!(receipt.outcome.is_success(), "{:?}", receipt.outcome);
    assert!(receipt.gas_used.0 < 400_000, "{} gas", receipt.gas_used.0);
}
