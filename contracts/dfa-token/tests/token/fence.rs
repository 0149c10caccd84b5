//! Units for foreign trade: the fence, trades and their budgets, mined sales.

use crate::fixture::{DOC, UnderTest, at, payment};
use crate::register::{OTHER, Registered, full};
use dfa_token::event::{Transfer, TransferKind};
use dfa_token::storage::Capabilities;
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::interface::Purpose;

/// A ring-fenced token of which ann has 1,000 units, and trade `DOC` with a budget of 500.
fn fenced() -> Registered {
    let fenced = Capabilities {
        ring_fenced: true,
        ..full()
    };
    let mut token = Registered::empty(fenced);
    token.limit(None, None, true, None);
    token.tell("put_budget", &(DOC, Amount(500)));
    token.mint("ann", 1_000);
    token
}

/// Arguments of `transfer_for`.
fn settle(to: &str, amount: u128, trade: Option<Hash>) -> (Address, Amount, Purpose, Option<Hash>) {
    (at(to), Amount(amount), Purpose::TradeSettlement, trade)
}

/// Goal: fenced units move under a trade only, within its budget, which each move uses up exactly; two
/// wallets of one owner need none (107, 116).
#[test]
fn codes_107_and_116_fenced_units_move_under_a_trade() {
    let mut token = fenced();
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), 107);
    assert_eq!(token.both("ann", "transfer", &payment("ann 2", 100)), 0);
    assert_eq!(
        token.both("ann", "transfer_for", &settle("bob", 1, None)),
        107
    );
    assert_eq!(
        token.both("ann", "transfer_for", &settle("bob", 1, Some(OTHER))),
        116
    );
    assert_eq!(
        token.both("ann", "transfer_for", &settle("bob", 501, Some(DOC))),
        116
    );
    let receipt = token.receipt("ann", "transfer_for", &settle("bob", 300, Some(DOC)));
    let moved = crate::fixture::events::<Transfer>(&receipt.events, "Transfer");
    let [moved] = &moved[..] else {
        panic!("one event: {:?}", receipt.outcome)
    };
    assert_eq!((moved.kind, moved.memo), (TransferKind::Own, Some(DOC)));
    assert_eq!(moved.purpose, Purpose::TradeSettlement);
    assert_eq!(token.told::<Amount>("budget", &DOC), Amount(200));
    assert_eq!(
        token.both("ann", "transfer_for", &settle("bob", 201, Some(DOC))),
        116
    );
    assert_eq!(
        token.both("ann", "transfer_for", &settle("bob", 200, Some(DOC))),
        0
    );
    assert_eq!((token.balance("bob"), token.sums(2)), (500, (500, 0)));
}

/// Goal: a move that the token refuses books nothing with the register.
#[test]
fn a_refused_move_books_nothing() {
    let mut token = fenced();
    token.done("ann", "transfer", &payment("ann 2", 900));
    assert_eq!(
        token.both("ann", "transfer_for", &settle("bob", 101, Some(DOC))),
        200
    );
    assert_eq!(token.told::<Amount>("budget", &DOC), Amount(500));
    let check = token.check("ann", "transfer_for", &settle("bob", 100, Some(DOC)));
    assert_eq!(
        (check, token.told::<Amount>("budget", &DOC)),
        (0, Amount(500))
    );
}

/// Goal: a hold of fenced units carries its purpose and trade to its execution, which is judged again.
#[test]
fn a_hold_carries_its_trade() {
    let mut token = fenced();
    let expiry = Timestamp(token.now() + 100);
    let terms = |purpose, reference: Hash| {
        let to = Some(at("bob"));
        (to, Amount(400), at("notary"), expiry, purpose, reference)
    };
    let none = terms(Purpose::General, DOC);
    assert_eq!(token.both("ann", "create_hold", &none), 107);
    let trade = terms(Purpose::TradeSettlement, DOC);
    let id: u64 = token.call("ann", "create_hold", &trade).expect("a hold");
    assert_eq!(
        token.told::<Amount>("budget", &DOC),
        Amount(500),
        "explained"
    );
    token.tell("put_budget", &(DOC, Amount(399)));
    let execute = (id, at("bob"), Amount(400), false);
    assert_eq!(token.both("notary", "execute_hold", &execute), 116);
    token.tell("put_budget", &(DOC, Amount(400)));
    assert_eq!(token.both("notary", "execute_hold", &execute), 0);
    assert_eq!(token.told::<Amount>("budget", &DOC), Amount(0));
}

/// Goal: register and token agree on the fence, or nothing moves (107); a token without a fence has no
/// `transfer_for` (206).
#[test]
fn the_fence_is_the_tokens_and_the_registers() {
    let mut token = Registered::new();
    assert_eq!(
        token.both("ann", "transfer_for", &settle("bob", 1, None)),
        206
    );
    token.limit(None, None, true, None);
    token.tell("put_budget", &(DOC, Amount(500)));
    assert_eq!(
        token.both("ann", "transfer_for", &settle("bob", 1, Some(DOC))),
        107
    );
    let mut token = fenced();
    token.limit(None, None, false, None);
    assert_eq!(
        token.both("ann", "transfer_for", &settle("bob", 1, Some(DOC))),
        107
    );
}

/// Goal: a mined sale uses up its lot of provenance, and is refused without a keeper of lots (116) or
/// with what the keeper refuses.
#[test]
fn a_mined_sale_uses_its_lot_up() {
    let mut token = Registered::empty(Capabilities {
        ring_fenced: true,
        ..full()
    });
    token.limit(None, None, true, None);
    token.mint("ann", 1_000);
    let sale = |lot: u64, amount| {
        let none: Option<Hash> = None;
        (
            at("ann 2"),
            Amount(amount),
            Purpose::MinedSale { lot },
            none,
        )
    };
    assert_eq!(token.both("ann", "transfer_for", &sale(7, 10)), 116);
    let keeper = token.register.address;
    token.limit(None, None, true, Some(keeper));
    assert_eq!(token.both("ann", "transfer_for", &sale(7, 10)), 6);
    token.tell("put_lot", &(7_u64, Amount(15)));
    assert_eq!(token.both("ann", "transfer_for", &sale(7, 10)), 0);
    assert_eq!(token.both("ann", "transfer_for", &sale(7, 6)), 6);
    assert_eq!(token.both("ann", "transfer_for", &sale(7, 5)), 0);
    assert_eq!(token.balance("ann 2"), 15);
}
