//! The escrow on the engine of a node, with a real token. Run with `weighhouse contract test`.

use dfa_token::storage::{Capabilities, Kind, Limits, Meta};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_testkit::world::START;
use weighhouse_testkit::{Account, Contract, Refused, World, module_under_test};

const DAY: u64 = 86_400;
const PRICE: Amount = Amount(700);
const DELIVER_BY: Timestamp = Timestamp(START.0 + DAY);
const OBJECT_BY: Timestamp = Timestamp(START.0 + 3 * DAY);
const HELD_UNTIL: Timestamp = Timestamp(START.0 + 5 * DAY);
const DOC: Hash = Hash([7; 32]);

/// A token, an escrow that is paid in it, and a buyer with 1,000 units of which 700 are held.
struct Trade {
    world: World,
    token: Contract,
    escrow: Contract,
    hold: u64,
}

fn token(world: &mut World, issuer: &Account) -> Contract {
    let meta = Meta {
        name: "Settlement units".into(),
        symbol: "SU".into(),
        decimals: 2,
        kind: Kind::Dfa,
        issuer: issuer.address,
        terms: DOC,
    };
    let capabilities = Capabilities {
        transferable: true,
        holdable: true,
        freezable: false,
        recoverable: false,
        mintable: true,
        burnable: true,
        ring_fenced: false,
    };
    let limits = Limits {
        cap: Amount(1_000_000),
        mint_threshold: Amount(100_000),
        admin_delay: 3_600,
    };
    let admin = Account::new("admin").address;
    let roles = vec![(weighhouse_standard::Role::Minter, issuer.address)];
    let arguments = (meta, capabilities, limits, admin, roles, None::<Address>);
    world.deploy(issuer, "dfa-token", "open", &arguments)
}

impl Trade {
    fn new() -> Self {
        let mut world = World::new();
        let [issuer, buyer] = ["issuer", "buyer"].map(Account::new);
        let token = token(&mut world, &issuer);
        let arbiter = Account::new("arbiter").address;
        let arguments = (token.address, arbiter);
        let escrow = world.deploy_module(&issuer, &module_under_test(), "open", &arguments);
        let units = (buyer.address, Amount(1_000), DOC, None::<Timestamp>);
        let minted = token.call::<()>(&mut world, &issuer, "mint", &units);
        assert_eq!(minted, Ok(()));
        let mut trade = Self {
            world,
            token,
            escrow,
            hold: 0,
        };
        trade.hold = trade.held(escrow.address);
        trade
    }

    /// Sets the price aside for a notary.
    fn held(&mut self, notary: Address) -> u64 {
        let seller = Account::new("seller").address;
        let purpose = weighhouse_standard::interface::Purpose::General;
        let terms = (Some(seller), PRICE, notary, HELD_UNTIL, purpose, Hash::ZERO);
        let buyer = Account::new("buyer");
        let hold = self
            .token
            .call(&mut self.world, &buyer, "create_hold", &terms);
        hold.expect("the buyer has that much")
    }

    fn agree(&mut self, who: &str, hold: u64) -> Result<u64, Refused> {
        let arguments = (hold, DELIVER_BY, OBJECT_BY);
        let who = Account::new(who);
        self.escrow.call(&mut self.world, &who, "agree", &arguments)
    }

    fn act(&mut self, who: &str, entry: &str) -> Result<(), Refused> {
        let who = Account::new(who);
        match entry {
            "deliver" => self.escrow.call(&mut self.world, &who, entry, &(1u64, DOC)),
            _ => self.escrow.call(&mut self.world, &who, entry, &1u64),
        }
    }

    fn decide(&mut self, who: &str, pay: bool) -> Result<(), Refused> {
        let who = Account::new(who);
        let arguments = (1u64, pay);
        self.escrow
            .call(&mut self.world, &who, "decide", &arguments)
    }

    fn units(&self, who: &str) -> u128 {
        let who = Account::new(who).address;
        let units: Amount = self.token.query(&self.world, "balance_of", &who);
        units.0
    }
}

/// Goal: what is delivered and accepted is paid, once.
#[test]
fn delivery_is_paid() {
    let mut trade = Trade::new();
    assert_eq!(trade.agree("buyer", trade.hold), Ok(1));
    assert_eq!(trade.act("buyer", "accept"), Err(Refused::Code(6)));
    assert_eq!(trade.act("buyer", "deliver"), Err(Refused::Code(1)));
    assert_eq!(trade.act("seller", "deliver"), Ok(()));
    assert_eq!(trade.act("seller", "accept"), Err(Refused::Code(11)));
    assert_eq!(trade.act("buyer", "accept"), Ok(()));
    assert_eq!((trade.units("buyer"), trade.units("seller")), (300, 700));
    assert_eq!(trade.act("buyer", "accept"), Err(Refused::Code(6)));
}

/// Goal: silence means consent, one second after the time for objections and not before.
#[test]
fn silence_is_consent() {
    let mut trade = Trade::new();
    assert_eq!(trade.agree("buyer", trade.hold), Ok(1));
    assert_eq!(trade.act("seller", "deliver"), Ok(()));
    trade.world.time = OBJECT_BY;
    assert_eq!(trade.act("seller", "accept"), Err(Refused::Code(11)));
    trade.world.advance(1);
    assert_eq!(trade.act("seller", "accept"), Ok(()));
    assert_eq!(trade.units("seller"), 700);
}

/// Goal: without delivery in time the buyer gets the units back, one second after the deadline.
#[test]
fn no_delivery_no_payment() {
    let mut trade = Trade::new();
    assert_eq!(trade.agree("buyer", trade.hold), Ok(1));
    trade.world.time = DELIVER_BY;
    assert_eq!(trade.act("buyer", "refund"), Err(Refused::Code(11)));
    trade.world.advance(1);
    assert_eq!(trade.act("seller", "deliver"), Err(Refused::Code(10)));
    assert_eq!(trade.act("stranger", "refund"), Err(Refused::Code(1)));
    assert_eq!(trade.act("buyer", "refund"), Ok(()));
    assert_eq!((trade.units("buyer"), trade.units("seller")), (1_000, 0));
}

/// Goal: about what was delivered the arbiter decides, either way, and nobody else.
#[test]
fn the_arbiter_decides() {
    for (pay, units) in [(true, 700), (false, 0)] {
        let mut trade = Trade::new();
        assert_eq!(trade.agree("buyer", trade.hold), Ok(1));
        assert_eq!(trade.act("seller", "deliver"), Ok(()));
        assert_eq!(trade.act("buyer", "refund"), Err(Refused::Code(6)));
        assert_eq!(trade.decide("buyer", pay), Err(Refused::Code(1)));
        assert_eq!(trade.decide("arbiter", pay), Ok(()));
        assert_eq!(trade.units("seller"), units);
    }
}

/// Goal: a deal stands on an open hold of the buyer's for this escrow, and on one only.
#[test]
fn a_deal_needs_its_own_hold() {
    let mut trade = Trade::new();
    assert_eq!(trade.agree("seller", trade.hold), Err(Refused::Code(1)));
    assert_eq!(trade.agree("buyer", 99), Err(Refused::Code(500)));
    assert_eq!(trade.agree("buyer", trade.hold), Ok(1));
    assert_eq!(trade.agree("buyer", trade.hold), Err(Refused::Code(5)));
    trade.world.time = Timestamp(DELIVER_BY.0 + 1);
    assert_eq!(trade.agree("buyer", trade.hold), Err(Refused::Code(7)));
}
