//! Invariants over random histories: T1, T2, T4, T8, T10, T11, T13.
//!
//! Many small random acts of a few parties; after each the books must balance. The random numbers come
//! from a fixed seed, so that a failure is the same on every machine.

use crate::fixture::{DOC, Fixture, NO_MEMO, UnderTest, at, events, payment};
use dfa_token::event::{
    Burn, HoldCreated, HoldExecuted, HoldReclaimed, HoldReleased, HoldVoided, Mint, Transfer,
};
use std::collections::BTreeMap;
use weighhouse_primitives::{Address, Amount, Event, Outcome, Receipt, Timestamp};
use weighhouse_standard::interface::{HoldState, HoldView};
use weighhouse_testkit::Dice;

pub(crate) const PARTIES: [&str; 4] = ["ann", "bob", "cat", "issuer"];

/// One random act, likely or not to be refused; its receipt.
pub(crate) fn act(token: &mut Fixture, random: &mut Dice) -> Receipt {
    let (who, to) = (random.pick(&PARTIES), random.pick(&PARTIES));
    let amount = u128::from(random.below(400));
    let id = random.below(12);
    if random.below(3) == 0 {
        let seconds = random.below(4) * 700;
        token.world.advance(seconds);
    }
    match random.below(12) {
        0 => {
            let lock = (random.below(3) == 0).then(|| Timestamp(token.now() + 1_000));
            token.receipt("minter", "mint", &(at(to), Amount(amount), DOC, lock))
        }
        1 => token.receipt("issuer", "burn", &(at("issuer"), Amount(amount), DOC)),
        2 => {
            let until = Timestamp(token.now() + 2_000);
            token.receipt(who, "approve", &(at(to), Amount(amount), until))
        }
        3 => {
            let from = random.pick(&PARTIES);
            token.receipt(
                who,
                "transfer_from",
                &(at(from), at(to), Amount(amount), NO_MEMO),
            )
        }
        4 | 5 => {
            let terms = token.hold_terms((id.is_multiple_of(2)).then_some(to), amount);
            token.receipt(who, "create_hold", &terms)
        }
        6 => {
            let from = at(random.pick(&PARTIES));
            let terms = token.hold_terms(None, amount);
            let arguments = (from, terms.0, terms.1, terms.2, terms.3, terms.4, terms.5);
            token.receipt(who, "create_hold_from", &arguments)
        }
        7 | 8 => {
            let keep_open = random.below(2) == 0;
            token.receipt(
                "notary",
                "execute_hold",
                &(id, at(to), Amount(amount), keep_open),
            )
        }
        9 => token.receipt("notary", "release_hold", &(id, Amount(amount))),
        10 => token.receipt(who, "reclaim_hold", &id),
        _ => token.receipt(
            who,
            "batch_transfer",
            &vec![payment(to, amount), payment("cat", 1)],
        ),
    }
}

/// Books kept outside, from events alone.
#[derive(Default)]
struct Books {
    balances: BTreeMap<Address, u128>,
    held: BTreeMap<Address, u128>,
    owners: BTreeMap<u64, Address>,
    /// Per hold: created, and left it so far.
    holds: BTreeMap<u64, (u128, u128)>,
    supply: u128,
}

impl Books {
    fn enter(&mut self, all: &[Event]) {
        for Mint { to, amount, .. } in events(all, "Mint") {
            *self.balances.entry(to).or_default() += amount.0;
            self.supply += amount.0;
        }
        for Burn { from, amount, .. } in events(all, "Burn") {
            *self.balances.entry(from).or_default() -= amount.0;
            self.supply -= amount.0;
        }
        for Transfer {
            from, to, amount, ..
        } in events(all, "Transfer")
        {
            *self.balances.entry(from).or_default() -= amount.0;
            *self.balances.entry(to).or_default() += amount.0;
        }
        for HoldCreated {
            id, owner, terms, ..
        } in events(all, "HoldCreated")
        {
            self.owners.insert(id, owner);
            self.holds.insert(id, (terms.amount.0, 0));
            *self.held.entry(owner).or_default() += terms.amount.0;
        }
        for HoldExecuted {
            id,
            amount,
            returned,
            ..
        } in events(all, "HoldExecuted")
        {
            self.leave(id, amount.0 + returned.0);
        }
        for HoldReleased { id, amount, .. } in events(all, "HoldReleased") {
            self.leave(id, amount.0);
        }
        for HoldReclaimed { id, amount, .. } in events(all, "HoldReclaimed") {
            self.leave(id, amount.0);
        }
        for HoldVoided { id, amount, .. } in events(all, "HoldVoided") {
            self.leave(id, amount.0);
        }
    }

    fn leave(&mut self, id: u64, amount: u128) {
        self.holds.get_mut(&id).expect("created").1 += amount;
        *self.held.get_mut(&self.owners[&id]).expect("held") -= amount;
    }
}

/// Goal: after every act of a random history the sum of balances is the supply, what is held is within
/// the balance, every held unit has left its hold at most once, and events alone give the same books.
#[test]
fn t1_t2_t4_t11_events_fold_to_books_that_balance() {
    for seed in [1, 2] {
        let (mut token, mut random, mut books) =
            (Fixture::empty(), Dice::new(seed), Books::default());
        let (mut succeeded, mut last_seq) = (0, 0);
        for step in 0..250 {
            let receipt = act(&mut token, &mut random);
            match receipt.outcome {
                Outcome::Succeeded { .. } => succeeded += 1,
                Outcome::Reverted { .. } => {}
                Outcome::Halted(reason) => panic!("seed {seed}, step {step}: {reason:?}"),
            }
            for event in &receipt.events {
                let seq = u64::from_le_bytes(event.data[..8].try_into().unwrap());
                assert_eq!(seq, last_seq + 1, "events are numbered without gaps");
                last_seq = seq;
            }
            books.enter(&receipt.events);
            balance(&token, &books, seed, step);
        }
        assert!(
            succeeded > 80,
            "a history in which things happen: {succeeded}"
        );
        for (id, (created, left)) in &books.holds {
            let view = token.ask::<Option<HoldView>>("hold", id).expect("a hold");
            assert_eq!(*created, left + view.left.0, "hold {id}");
            let open = matches!(view.state, HoldState::Ordered | HoldState::PartlyExecuted);
            assert_eq!(open, view.left.0 > 0, "hold {id}");
        }
    }
}

fn balance(token: &Fixture, books: &Books, seed: u64, step: u32) {
    let mut sum = 0;
    for who in PARTIES {
        let (balance, held) = (token.balance(who), token.amount("held_of", &at(who)));
        let locked = token.amount("locked_of", &at(who));
        let place = format!("seed {seed}, step {step}, {who}");
        assert_eq!(
            balance,
            books.balances.get(&at(who)).copied().unwrap_or(0),
            "{place}"
        );
        assert_eq!(
            held,
            books.held.get(&at(who)).copied().unwrap_or(0),
            "{place}"
        );
        assert!(
            held + locked <= balance,
            "{place}: {held} + {locked} of {balance}"
        );
        sum += balance;
    }
    let supply = token.amount("supply", &());
    assert_eq!(
        (sum, supply),
        (supply, books.supply),
        "seed {seed}, step {step}"
    );
    let with_units = PARTIES.iter().filter(|who| token.balance(who) > 0).count();
    assert_eq!(token.ask::<u64>("holder_count", &()), with_units as u64);
}

/// Goal: at every second of a random history that is over, the balances add up to the supply, and each
/// is what it was at the end of that second.
#[test]
fn t8_checkpoints_add_up() {
    let (mut token, mut random) = (Fixture::new(), Dice::new(3));
    let mut history: BTreeMap<u64, [u128; 4]> = BTreeMap::new();
    let start = token.now();
    for _ in 0..120 {
        act(&mut token, &mut random);
        history.insert(token.now(), PARTIES.map(|who| token.balance(who)));
    }
    token.world.advance(1);
    let then = |token: &Fixture, entry: &str, who: Option<&str>, time: u64| -> u128 {
        match who {
            Some(who) => token.amount(entry, &(at(who), Timestamp(time))),
            None => token.amount(entry, &Timestamp(time)),
        }
    };
    for (time, balances) in &history {
        let past = PARTIES.map(|who| then(&token, "balance_of_at", Some(who), *time));
        assert_eq!(past, *balances, "at {time}");
        assert_eq!(
            then(&token, "supply_at", None, *time),
            past.iter().sum::<u128>()
        );
        let after = time + 1;
        if !history.contains_key(&after) && after < token.now() {
            let between = PARTIES.map(|who| then(&token, "balance_of_at", Some(who), after));
            assert_eq!(between, *balances, "after {time}");
        }
    }
    assert_eq!(
        then(&token, "supply_at", None, start - 1),
        0,
        "before the first mint"
    );
    let now = Timestamp(token.now());
    let refused = token.ask_as::<Amount>("ann", "supply_at", &now);
    assert_eq!(
        refused,
        Err(weighhouse_testkit::Refused::Code(11)),
        "now is not over"
    );
}

/// Goal: no path gets more than the available units out of a wallet, one unit more is refused by each.
#[test]
fn t13_no_path_gives_more_than_available() {
    let mut token = Fixture::empty();
    token.mint("issuer", 700);
    let lock = Some(Timestamp(token.now() + 1_000));
    token.done("minter", "mint", &(at("issuer"), Amount(200), DOC, lock));
    let terms = token.hold_terms(None, 300);
    token.done("issuer", "create_hold", &terms);
    let until = Timestamp(token.now() + 1_000);
    token.done("issuer", "approve", &(at("bob"), Amount(10_000), until));
    assert_eq!(token.amount("available_of", &at("issuer")), 400);
    for (amount, code) in [(401, 204), (400, 0)] {
        let terms = token.hold_terms(None, amount);
        let from = (
            at("issuer"),
            terms.0,
            terms.1,
            terms.2,
            terms.3,
            terms.4,
            terms.5,
        );
        let pull = (at("issuer"), at("bob"), Amount(amount), NO_MEMO);
        let burn = (at("issuer"), Amount(amount), DOC);
        let batch = vec![payment("bob", amount - 1), payment("bob", 1)];
        assert_eq!(
            token.check("issuer", "transfer", &payment("bob", amount)),
            code
        );
        assert_eq!(token.check("issuer", "batch_transfer", &batch), code);
        assert_eq!(token.check("bob", "transfer_from", &pull), code);
        assert_eq!(token.check("issuer", "create_hold", &terms), code);
        assert_eq!(token.check("bob", "create_hold_from", &from), code);
        assert_eq!(token.check("issuer", "burn", &burn), code);
    }
}

/// Goal: the history of one wallet is exact over many seconds, over rows that left its record, over
/// seconds with several changes, and over times at which it had nothing.
#[test]
fn t8_a_wallet_remembers_every_second() {
    let mut token = Fixture::new();
    let mut history: BTreeMap<u64, u128> = BTreeMap::new();
    let mut random = Dice::new(5);
    history.insert(token.now() - 1, 0);
    for step in 0..60 {
        let (ann, bob) = (token.balance("ann"), token.balance("bob"));
        match random.below(4) {
            0 => token.done("ann", "transfer", &payment("bob", ann)),
            1 => token.done("bob", "transfer", &payment("ann", bob)),
            _ => token.done("bob", "transfer", &payment("ann", bob / 2)),
        };
        history.insert(token.now(), token.balance("ann"));
        token.world.advance(u64::from(step % 3 != 0));
    }
    token.world.advance(1);
    for (second, units) in &history {
        let then = token.amount("balance_of_at", &(at("ann"), Timestamp(*second)));
        assert_eq!(then, *units, "at {second}");
        let bob = token.amount("balance_of_at", &(at("bob"), Timestamp(*second)));
        let supply = token.amount("supply_at", &Timestamp(*second));
        assert_eq!(then + bob, supply, "at {second}");
    }
    assert!(history.values().filter(|units| **units == 0).count() > 2);
}
