//! What those who supervise see of a token with a register, and invariants over random histories.

use crate::fixture::{DOC, NO_MEMO, UnderTest, at, events, payment};
use crate::register::{Registered, WALLETS};
use dfa_token::event::{Burn, Mint, RatioApplied, Transfer};
use dfa_token::{Flow, Owner, Report, ReportKind, Statement};
use std::collections::BTreeMap;
use weighhouse_primitives::{Address, Amount, Event, Outcome, Receipt, Timestamp};
use weighhouse_standard::interface::Pid;
use weighhouse_testkit::{Dice, Refused};

type Cursor = Option<(Address, Timestamp)>;

/// Goal: flows of a party are the changes of its wallets' balances, in pages; statements add its wallets
/// up; both are for those who supervise only where they should be.
#[test]
fn flows_and_statements_of_a_party() {
    let mut token = Registered::new();
    let start = token.now();
    token.world.advance(10);
    token.done("ann", "transfer", &payment("ann 2", 300));
    token.world.advance(10);
    token.done("ann 2", "transfer", &payment("bob", 300));
    token.world.advance(1);
    let none: Cursor = None;
    let ask = |token: &Registered, who: &str, after: Cursor, limit: u32| {
        let arguments = (
            Pid(1),
            Timestamp(start),
            Timestamp(start + 100),
            after,
            limit,
        );
        token.ask_as::<Vec<Flow>>(who, "reg_flows", &arguments)
    };
    assert_eq!(ask(&token, "ann", none, 10), Err(Refused::Code(1)));
    assert_eq!(ask(&token, "regulator", none, 101), Err(Refused::Code(13)));
    let all = ask(&token, "regulator", none, 10).unwrap();
    let mut figures: Vec<_> = all
        .iter()
        .map(|flow| (flow.at.0 - start, flow.before.0, flow.after.0))
        .collect();
    figures.sort_unstable();
    let expected = [(0, 0, 1_000), (10, 0, 300), (10, 1_000, 700), (20, 300, 0)];
    assert_eq!(figures, expected);
    let mut paged = Vec::new();
    let mut after = none;
    while let Some(flow) = ask(&token, "auditor", after, 1).unwrap().pop() {
        after = Some((flow.wallet, flow.at));
        paged.push(flow);
    }
    assert_eq!(paged, all);
    let of = |owner: Owner, second: u64| {
        let statement: Statement = token.ask("statement", &(owner, Timestamp(second)));
        statement.balance.0
    };
    assert_eq!(of(Owner::Party(Pid(1)), start + 10), 1_000);
    assert_eq!(of(Owner::Wallet(at("ann")), start + 10), 700);
    assert_eq!(of(Owner::Party(Pid(1)), start + 20), 700);
    assert_eq!(of(Owner::Party(Pid(2)), start + 20), 300);
}

/// Goal: a report tells of a period that is over: supply before and after, what was taken under orders.
#[test]
fn reports_tell_of_a_period() {
    let mut token = Registered::new();
    let start = token.now();
    token.world.advance(10);
    token.mint("bob", 50);
    token.freeze(1, 1, 100);
    let taking = (at("ann"), at("cat"), Amount(40), 1_u64, DOC);
    token.done("enforcer", "forced_transfer", &taking);
    token.world.advance(10);
    let ask = |kind: ReportKind, from: u64, to: u64| {
        let period = (Timestamp(from), Timestamp(to));
        token.ask_as::<Report>("regulator", "reg_report", &(kind, period))
    };
    let issue = ask(ReportKind::Issue, start + 1, start + 15).unwrap();
    assert_eq!(
        (issue.opening, issue.closing),
        (Amount(1_000), Amount(1_050))
    );
    assert_eq!((issue.holders, issue.orders), (3, 0));
    let measures = ask(ReportKind::Measures, start, start + 15).unwrap();
    assert_eq!((measures.orders, measures.taken), (1, Amount(40)));
    let before = ask(ReportKind::Measures, start, start + 5).unwrap();
    assert_eq!((before.orders, before.taken), (0, Amount(0)));
    assert_eq!(ask(ReportKind::Issue, 5, 4), Err(Refused::Code(7)));
    assert_eq!(
        ask(ReportKind::Issue, 0, start + 20),
        Err(Refused::Code(11))
    );
}

/// Wallets of the random history, with their participants.
const ACTORS: [(&str, u64); 4] = [("ann", 1), ("ann 2", 1), ("bob", 2), ("cat", 3)];

/// One random act under a register that freezes, suspends and lets go on.
fn act(token: &mut Registered, random: &mut Dice, orders: &mut u64) -> Outcome {
    let pick = |random: &mut Dice| ACTORS[usize::try_from(random.below(4)).expect("below four")];
    let ((who, pid), (to, _)) = (pick(random), pick(random));
    let amount = u128::from(random.below(300));
    let id = 1 + random.below(12);
    token.world.advance(random.below(3) * 400);
    match random.below(12) {
        0 => {
            let code = [0, 0, 101, 103][usize::try_from(random.below(4)).expect("below four")];
            token.standing(pid, code, 0);
            Outcome::Succeeded { data: [].into() }
        }
        1 => {
            *orders += 1;
            token.freeze(*orders, pid, amount);
            Outcome::Succeeded { data: [].into() }
        }
        2 => {
            let order = 1 + random.below((*orders).max(1));
            let taking = (at(who), at(to), Amount(amount / 2), order, DOC);
            token
                .receipt("enforcer", "forced_transfer", &taking)
                .outcome
        }
        3 => {
            let lock = amount
                .is_multiple_of(3)
                .then(|| Timestamp(token.now() + 900));
            token
                .receipt("minter", "mint", &(at(to), Amount(amount), DOC, lock))
                .outcome
        }
        4 => {
            token
                .receipt("system", "burn", &(at(who), Amount(amount / 4), DOC))
                .outcome
        }
        5 | 6 => {
            let terms = token.hold_terms(id.is_multiple_of(2).then_some(to), amount);
            token.receipt(who, "create_hold", &terms).outcome
        }
        7 => {
            let execute = (id, at(to), Amount(amount / 2), id.is_multiple_of(3));
            token.receipt("notary", "execute_hold", &execute).outcome
        }
        8 => {
            token
                .receipt("notary", "release_hold", &(id, Amount(amount / 3)))
                .outcome
        }
        9 => token.receipt("notary", "reclaim_hold", &id).outcome,
        _ => token.receipt(who, "transfer", &payment(to, amount)).outcome,
    }
}

/// Goal: whatever happens, wallets and parties add up to the supply, holds stay within, holders are
/// parties with units, and what is frozen is no more than what is not held.
#[test]
fn t1_t2_t6_sums_of_parties_are_sums_of_wallets() {
    for seed in [21, 22] {
        let (mut token, mut random, mut orders) = (Registered::new(), Dice::new(seed), 0);
        let mut succeeded = 0;
        for step in 0..150 {
            match act(&mut token, &mut random, &mut orders) {
                Outcome::Succeeded { .. } => succeeded += 1,
                Outcome::Reverted { .. } => {}
                Outcome::Halted(reason) => panic!("seed {seed}, step {step}: {reason:?}"),
            }
            let mut all = 0;
            let mut holders = 0;
            for pid in 1..=3 {
                let wallets = ACTORS.iter().filter(|actor| actor.1 == pid);
                let of = |entry: &str| -> u128 {
                    let own = wallets
                        .clone()
                        .map(|(who, _)| token.amount(entry, &at(who)));
                    own.sum()
                };
                let (units, held) = token.sums(pid);
                let place = format!("seed {seed}, step {step}, party {pid}");
                assert_eq!((units, held), (of("balance_of"), of("held_of")), "{place}");
                assert!(token.frozen(pid) <= units - held, "{place}");
                all += units;
                holders += u64::from(units > 0);
            }
            assert_eq!(token.amount("supply", &()), all, "seed {seed}, step {step}");
            assert_eq!(token.ask::<u64>("holder_count", &()), holders);
        }
        assert!(
            succeeded > 50,
            "a history in which things happen: {succeeded}"
        );
    }
    assert_eq!(WALLETS[0].0, ACTORS[0].0);
}

/// Goal: events alone give the same balances when units move without their holders: by order, recovery,
/// succession and split.
#[test]
fn t11_events_fold_to_balances_under_measures() {
    let mut token = Registered::empty(crate::register::full());
    let mut books: BTreeMap<Address, u128> = BTreeMap::new();
    let recovery = (Pid(1), at("ann 2"), DOC);
    token.tell("put_recovery", &(at("ann"), recovery));
    let heir = (Pid(3), 1_u64, 1_u64, Some(at("cat")));
    token.tell("put_succession", &(Pid(2), Some(DOC), vec![heir]));
    let none: Option<Timestamp> = None;
    let mut fold = |token: &mut Registered, receipt: Receipt| {
        assert!(receipt.outcome.is_success(), "{:?}", receipt.outcome);
        for event in &receipt.events {
            enter(&mut books, event);
        }
        for (who, _) in WALLETS {
            let expected = books.get(&at(who)).copied().unwrap_or(0);
            assert_eq!(token.balance(who), expected, "{who}");
        }
    };
    let mint = token.receipt("minter", "mint", &(at("ann"), Amount(1_000), DOC, none));
    fold(&mut token, mint);
    let batch = vec![payment("bob", 301), payment("dan", 100)];
    let paid = token.receipt("ann", "batch_transfer", &batch);
    fold(&mut token, paid);
    token.freeze(1, 7, 100);
    let taking = (at("dan"), at("cat"), Amount(60), 1_u64, DOC);
    let taken = token.receipt("enforcer", "forced_transfer", &taking);
    fold(&mut token, taken);
    let burn = (at("dan"), Amount(40), 1_u64, DOC);
    let burnt = token.receipt("enforcer", "forced_burn", &burn);
    fold(&mut token, burnt);
    let recovered = token.receipt("operator", "recover", &(at("ann"), at("ann 2")));
    fold(&mut token, recovered);
    let inherited = token.receipt("operator", "succession_transfer", &Pid(2));
    fold(&mut token, inherited);
    let split = token.receipt("system", "apply_ratio", &(1_u64, 2_u64, 1_u64));
    fold(&mut token, split);
    assert_eq!(token.amount("supply", &()), 299 + 180);
}

/// Enters what an event says of balances.
fn enter(books: &mut BTreeMap<Address, u128>, event: &Event) {
    let one = std::slice::from_ref(event);
    for Mint { to, amount, .. } in events(one, "Mint") {
        *books.entry(to).or_default() += amount.0;
    }
    for Burn { from, amount, .. } in events(one, "Burn") {
        *books.entry(from).or_default() -= amount.0;
    }
    for Transfer {
        from, to, amount, ..
    } in events(one, "Transfer")
    {
        *books.entry(from).or_default() -= amount.0;
        *books.entry(to).or_default() += amount.0;
    }
    for RatioApplied { wallet, after, .. } in events(one, "RatioApplied") {
        books.insert(wallet, after.0);
    }
}

/// Goal: over random states of a token with a register, every dry run equals its execution, and both
/// kinds of answer occur.
#[test]
fn dry_run_equals_execution_under_a_register() {
    let (mut token, mut random, mut orders) = (Registered::new(), Dice::new(31), 0);
    let mut seen = [[0_u32; 2]; 8];
    for round in 0..120_usize {
        act(&mut token, &mut random, &mut orders);
        let pick =
            |random: &mut Dice| ACTORS[usize::try_from(random.below(4)).expect("below four")].0;
        let (who, to) = (pick(&mut random), pick(&mut random));
        let amount = u128::from(random.below(150));
        let id = 1 + random.below(10);
        let none: Option<Timestamp> = None;
        let kind = round % 8;
        let code = match kind {
            0 => token.both(who, "transfer", &payment(to, amount)),
            1 => {
                let terms = token.hold_terms(Some(to), amount);
                token.both(who, "create_hold", &terms)
            }
            2 => token.both(
                "notary",
                "execute_hold",
                &(id, at(to), Amount(amount), true),
            ),
            3 => token.both("minter", "mint", &(at(to), Amount(amount), DOC, none)),
            4 => token.both("system", "burn", &(at(who), Amount(amount), DOC)),
            5 => {
                let order = 1 + random.below(orders.max(1));
                let taking = (at(who), at(to), Amount(amount / 4), order, DOC);
                token.both("enforcer", "forced_transfer", &taking)
            }
            6 => {
                let batch = vec![payment(to, amount), payment("dan", 1)];
                token.both(who, "batch_transfer", &batch)
            }
            _ => {
                let until = Timestamp(token.now() + 50);
                token.done("dan", "approve", &(at("bob"), Amount(1), until));
                token.both(
                    "bob",
                    "transfer_from",
                    &(at(who), at(to), Amount(0), NO_MEMO),
                )
            }
        };
        seen[kind][usize::from(code != 0)] += 1;
    }
    let both = seen
        .iter()
        .filter(|counts| counts.iter().all(|count| *count > 0));
    assert!(both.count() >= 6, "both answers of most: {seen:?}");
}
