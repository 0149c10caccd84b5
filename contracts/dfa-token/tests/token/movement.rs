//! Transfers, batches, allowances.

use crate::fixture::{
    CAP, Fixture, NO_MEMO, UnderTest, at, capabilities, events, limits, payment, refusal,
};
use dfa_token::event::{Transfer, TransferKind};
use dfa_token::storage::{Allowance, Capabilities};
use weighhouse_primitives::{Amount, Hash, Timestamp};

/// Goal: a transfer moves units, says so in one event, and nothing else changes.
#[test]
fn a_transfer_moves_units() {
    let mut token = Fixture::new();
    let memo = Some(Hash([9; 32]));
    let receipt = token.receipt("ann", "transfer", &(at("bob"), Amount(300), memo));
    assert!(receipt.outcome.is_success(), "{:?}", receipt.outcome);
    assert_eq!((token.balance("ann"), token.balance("bob")), (700, 300));
    assert_eq!(token.amount("supply", &()), 1_000);
    let [moved] = &events::<Transfer>(&receipt.events, "Transfer")[..] else {
        panic!("one event: {:?}", receipt.events)
    };
    assert_eq!(
        (moved.from, moved.to, moved.amount),
        (at("ann"), at("bob"), Amount(300))
    );
    assert_eq!((moved.kind, moved.memo), (TransferKind::Own, memo));
    assert_eq!(receipt.events.len(), 1);
}

/// Goal: zero amounts and transfers to oneself are moves like others: an event, no change; also by
/// somebody who has nothing.
#[test]
fn zero_and_self_transfers_are_normal_moves() {
    let mut token = Fixture::new();
    for (who, to, amount) in [("ann", "bob", 0), ("ann", "ann", 1_000), ("bob", "cat", 0)] {
        let receipt = token.receipt(who, "transfer", &payment(to, amount));
        assert!(
            receipt.outcome.is_success(),
            "{who} to {to}: {:?}",
            receipt.outcome
        );
        assert_eq!(receipt.events.len(), 1, "{who} to {to}");
    }
    assert_eq!((token.balance("ann"), token.balance("bob")), (1_000, 0));
    assert_eq!(token.ask::<u64>("holder_count", &()), 1);
    assert_eq!(
        token.code("ann", "transfer", &payment("ann", 1_001)),
        200,
        "checks are made"
    );
    token.stop(false);
    assert_eq!(
        token.code("ann", "transfer", &payment("bob", 0)),
        2,
        "checks are made"
    );
}

/// Goal: codes of funds come in their order: balance, then held, then locked units.
#[test]
fn codes_200_203_204_come_in_order() {
    let mut token = Fixture::empty();
    let lock = Some(Timestamp(token.now() + 100));
    token.mint("ann", 700);
    token.done(
        "minter",
        "mint",
        &(at("ann"), Amount(300), crate::fixture::DOC, lock),
    );
    token.hold(None, 200);
    for (amount, code, available) in [(1_001, 200, 1_000), (801, 203, 800), (501, 204, 500)] {
        let outcome = token
            .receipt("ann", "transfer", &payment("bob", amount))
            .outcome;
        let detail: (u16, (Amount, Amount, Option<u32>)) = refusal(&outcome);
        assert_eq!(detail, (code, (Amount(available), Amount(amount), None)));
    }
    assert_eq!(token.both("ann", "transfer", &payment("bob", 500)), 0);
}

/// Goal: a batch is all or nothing, and its refusal names the item.
#[test]
fn a_batch_names_the_failing_item() {
    let mut token = Fixture::new();
    let batch = vec![payment("bob", 600), payment("ann", 5), payment("cat", 401)];
    let outcome = token.receipt("ann", "batch_transfer", &batch).outcome;
    let detail: (u16, (Amount, Amount, Option<u32>)) = refusal(&outcome);
    assert_eq!(detail, (200, (Amount(400), Amount(401), Some(2))));
    assert_eq!(
        token.balance("bob"),
        0,
        "nothing of a refused batch happens"
    );
    let batch = vec![payment("bob", 600), payment("ann", 5), payment("cat", 400)];
    let receipt = token.receipt("ann", "batch_transfer", &batch);
    assert_eq!(receipt.events.len(), 3);
    assert_eq!(
        (
            token.balance("ann"),
            token.balance("bob"),
            token.balance("cat")
        ),
        (0, 600, 400)
    );
}

/// Goal: a batch has at least one item and at most 256.
#[test]
fn a_batch_is_bounded() {
    let mut token = Fixture::new();
    let none: Vec<(weighhouse_primitives::Address, Amount, Option<Hash>)> = Vec::new();
    assert_eq!(token.both("ann", "batch_transfer", &none), 7);
    assert_eq!(
        token.both("ann", "batch_transfer", &vec![payment("bob", 1); 257]),
        13
    );
    assert_eq!(
        token.both("ann", "batch_transfer", &vec![payment("bob", 1); 256]),
        0
    );
    assert_eq!(token.balance("bob"), 256);
}

/// Goal: a token that is not transferable does not move (206), by no path.
#[test]
fn code_206_not_transferable() {
    let fixed = Capabilities {
        transferable: false,
        ..capabilities()
    };
    let mut token = Fixture::with(fixed, limits());
    token.mint("ann", 1_000);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), 206);
    assert_eq!(
        token.both("ann", "batch_transfer", &vec![payment("bob", 1)]),
        206
    );
    let from = (at("ann"), at("bob"), Amount(0), NO_MEMO);
    assert_eq!(token.both("bob", "transfer_from", &from), 206);
    let to_bob = token.hold_terms(Some("bob"), 5);
    assert_eq!(token.both("ann", "create_hold", &to_bob), 206);
    let open = token.hold(None, 5);
    assert_eq!(
        token.both(
            "notary",
            "execute_hold",
            &(open, at("bob"), Amount(5), false)
        ),
        206
    );
    assert_eq!(
        token.both("notary", "release_hold", &(open, Amount(5))),
        0,
        "an exit"
    );
}

/// Goal: a spender takes up to the allowance, until its last second, and not beyond (201).
#[test]
fn an_allowance_ends_with_its_amount_and_its_time() {
    let mut token = Fixture::new();
    let until = token.now() + 100;
    token.done(
        "ann",
        "approve",
        &(at("bob"), Amount(300), Timestamp(until)),
    );
    let take = |amount| (at("ann"), at("cat"), Amount(amount), NO_MEMO);
    assert_eq!(token.both("bob", "transfer_from", &take(301)), 201);
    assert_eq!(
        token.both("cat", "transfer_from", &take(1)),
        201,
        "nobody else's allowance"
    );
    assert_eq!(token.both("bob", "transfer_from", &take(100)), 0);
    for (time, code) in [(until - 1, 0), (until, 0), (until + 1, 201)] {
        token.at_time(time);
        assert_eq!(
            token.both("bob", "transfer_from", &take(10)),
            code,
            "at {time}"
        );
    }
    assert_eq!(
        token.both("bob", "transfer_from", &take(0)),
        0,
        "zero asks for nothing"
    );
    assert_eq!(token.balance("cat"), 120);
}

/// Goal: an allowance that is larger than the funds does not replace them; allowance is asked first.
#[test]
fn allowance_is_checked_before_funds() {
    let mut token = Fixture::new();
    let until = Timestamp(token.now() + 100);
    token.done("ann", "approve", &(at("bob"), Amount(CAP), until));
    let take = |amount| (at("ann"), at("cat"), Amount(amount), NO_MEMO);
    assert_eq!(token.both("bob", "transfer_from", &take(CAP + 1)), 201);
    assert_eq!(token.both("bob", "transfer_from", &take(1_001)), 200);
    token.hold(None, 600);
    assert_eq!(token.both("bob", "transfer_from", &take(401)), 203);
}

/// Goal: an approval replaces the one before; one that could never count is refused (7).
#[test]
fn an_approval_replaces() {
    let mut token = Fixture::new();
    let now = token.now();
    let live =
        |token: &Fixture| -> Option<Allowance> { token.ask("allowance", &(at("ann"), at("bob"))) };
    token.done(
        "ann",
        "approve",
        &(at("bob"), Amount(300), Timestamp(now + 100)),
    );
    token.done(
        "ann",
        "approve",
        &(at("bob"), Amount(50), Timestamp(now + 200)),
    );
    let allowance = live(&token).expect("live");
    assert_eq!(
        (allowance.amount, allowance.live_until),
        (Amount(50), Timestamp(now + 200))
    );
    for (until, code) in [(now - 1, 7), (now, 0), (now + 1, 0)] {
        let arguments = (at("bob"), Amount(50), Timestamp(until));
        assert_eq!(
            token.both("ann", "approve", &arguments),
            code,
            "until {until}, now {now}"
        );
    }
    assert_eq!(
        token.code("ann", "approve", &(at("bob"), Amount(0), Timestamp(0))),
        0
    );
    assert_eq!(live(&token), None);
    token.stop(false);
    let late = (at("bob"), Amount(1), Timestamp(now + 10));
    assert_eq!(
        token.both("ann", "approve", &late),
        2,
        "a pause stops approvals too"
    );
}

/// Goal: the number of holders is the number of wallets with units, and pages list exactly those.
#[test]
fn holders_are_wallets_with_units() {
    let mut token = Fixture::new();
    token.done("ann", "transfer", &payment("bob", 400));
    token.done("ann", "transfer", &payment("cat", 600));
    assert_eq!(token.ask::<u64>("holder_count", &()), 2);
    let page = |token: &Fixture, after: Option<weighhouse_primitives::Address>, limit: u32| {
        token.ask::<Vec<(weighhouse_primitives::Address, Amount)>>("holders", &(after, limit))
    };
    let mut expected = vec![(at("bob"), Amount(400)), (at("cat"), Amount(600))];
    expected.sort();
    assert_eq!(page(&token, None, 100), expected);
    assert_eq!(page(&token, None, 1), expected[..1]);
    assert_eq!(page(&token, Some(expected[0].0), 5), expected[1..]);
    let after: Option<weighhouse_primitives::Address> = None;
    let refused = token.ask_as::<Vec<(weighhouse_primitives::Address, Amount)>>(
        "ann",
        "holders",
        &(after, 101_u32),
    );
    assert_eq!(refused, Err(weighhouse_testkit::Refused::Code(13)));
}
