//! Succession.

use crate::fixture::{DOC, UnderTest, at, events, payment};
use crate::register::{OTHER, Registered, WALLETS};
use dfa_token::event::{Transfer, TransferKind};
use weighhouse_primitives::{Address, Amount, Timestamp};
use weighhouse_standard::interface::{Pid, SuccessionShare};

/// Shares of heirs by name.
fn shares(list: &[(&str, u64, u64)]) -> Vec<SuccessionShare> {
    let share = |(name, num, den): &(&str, u64, u64)| SuccessionShare {
        heir: Pid(WALLETS
            .iter()
            .find(|wallet| wallet.0 == *name)
            .expect("known")
            .1),
        num: *num,
        den: *den,
        wallet: Some(at(name)),
    };
    list.iter().map(share).collect()
}

/// The estate of ann, settled with these shares.
fn settle(token: &mut Registered, list: &[(&str, u64, u64)]) {
    token.tell("put_succession", &(Pid(1), Some(OTHER), shares(list)));
}

/// Goal: heirs get their shares rounded down, and leftover units by the largest remainder, ties to the
/// lowest participant, whatever the order and the denominators; all wallets of the deceased count.
#[test]
fn heirs_get_exact_shares() {
    for (units, list, expected) in [
        (
            1_000,
            vec![("cat", 1, 3), ("bob", 1, 3), ("dan", 1, 3)],
            [334, 333, 333],
        ),
        (
            1_001,
            vec![("cat", 1, 3), ("bob", 1, 3), ("dan", 1, 3)],
            [334, 334, 333],
        ),
        (
            10,
            vec![("bob", 1, 2), ("cat", 1, 3), ("dan", 1, 6)],
            [5, 3, 2],
        ),
        (
            7,
            vec![("bob", 1, 7), ("cat", 5, 7), ("dan", 1, 7)],
            [1, 5, 1],
        ),
        (
            1,
            vec![("bob", 1, 4), ("cat", 1, 2), ("dan", 1, 4)],
            [0, 1, 0],
        ),
    ] {
        let mut token = Registered::new();
        token.done(
            "ann",
            "transfer",
            &payment("ann 2", 1_000 - units.min(1_000) / 2),
        );
        let minted = token.sums(1).0;
        if units > minted {
            token.mint("ann 2", units - minted);
        } else if units < minted {
            token.done("ann 2", "transfer", &payment("issuer", minted - units));
        }
        settle(&mut token, &list);
        assert_eq!(token.both("operator", "succession_transfer", &Pid(1)), 0);
        let got = ["bob", "cat", "dan"].map(|who| token.balance(who));
        assert_eq!(got, expected, "{units} units");
        assert_eq!(token.sums(1), (0, 0));
    }
}

/// Goal: succession takes a settled certificate, an OPERATOR, heirs that may receive, no open holds
/// (203) and no frozen units (202); a pause does not stop it.
#[test]
fn succession_is_checked_in_order() {
    let mut token = Registered::new();
    let go = |token: &mut Registered| token.both("operator", "succession_transfer", &Pid(1));
    assert_eq!(token.both("ann", "succession_transfer", &Pid(1)), 1);
    assert_eq!(go(&mut token), 4);
    let none: Option<weighhouse_primitives::Hash> = None;
    token.tell("put_succession", &(Pid(1), none, shares(&[])));
    assert_eq!(go(&mut token), 6);
    settle(&mut token, &[("bob", 1, 1)]);
    token.standing(2, 0, 102);
    assert_eq!(go(&mut token), 102);
    token.standing(2, 0, 0);
    let mut homeless = shares(&[("bob", 1, 1)]);
    homeless[0].wallet = None::<Address>;
    token.tell("put_succession", &(Pid(1), Some(OTHER), homeless));
    assert_eq!(go(&mut token), 100);
    settle(&mut token, &[("bob", 1, 2)]);
    assert_eq!(go(&mut token), 300);
    settle(&mut token, &[("bob", 1, 1)]);
    let id = token.hold(None, 10);
    assert_eq!(go(&mut token), 203);
    token.done("notary", "release_hold", &(id, Amount(10)));
    token.freeze(1, 1, 1);
    assert_eq!(go(&mut token), 202);
    token.tell("end_order", &1_u64);
    token.standing(1, 103, 103);
    token.stop(false);
    let receipt = token.receipt("operator", "succession_transfer", &Pid(1));
    let moved = events::<Transfer>(&receipt.events, "Transfer");
    assert_eq!(moved[0].kind, TransferKind::Succession(OTHER));
    assert_eq!(token.balance("bob"), 1_000);
    assert_eq!(go(&mut token), 6, "nothing is left");
}

/// Goal: what was locked stays locked in the heirs' hands, to the second.
#[test]
fn locked_units_stay_locked() {
    let mut token = Registered::new();
    let release = token.now() + 1_000;
    let lock = Some(Timestamp(release));
    token.done("minter", "mint", &(at("ann"), Amount(501), DOC, lock));
    settle(&mut token, &[("bob", 1, 3), ("cat", 2, 3)]);
    token.done("operator", "succession_transfer", &Pid(1));
    let locked = |token: &Registered, who: &str| token.amount("locked_of", &at(who));
    let (bob, cat) = (locked(&token, "bob"), locked(&token, "cat"));
    assert!(bob + cat >= 501, "{bob} and {cat}");
    assert!(
        bob.abs_diff(167) <= 1 && cat.abs_diff(334) <= 1,
        "{bob} and {cat}"
    );
    token.at_time(release);
    assert_eq!(locked(&token, "bob") + locked(&token, "cat"), 0);
}

/// Goal: a lot that is over locks nothing and takes no place: what is locked besides it stays locked in the
/// hands of the heir.
#[test]
fn lots_that_are_over_free_no_others() {
    let mut token = Registered::new();
    for seconds in [10, 10_000] {
        let lock = Some(Timestamp(token.now() + seconds));
        token.done("minter", "mint", &(at("ann"), Amount(100), DOC, lock));
    }
    token.world.advance(20);
    token.done("ann", "transfer", &payment("issuer", 1_100));
    settle(&mut token, &[("bob", 1, 1)]);
    token.done("operator", "succession_transfer", &Pid(1));
    assert_eq!(token.balance("bob"), 100);
    assert_eq!(token.both("bob", "transfer", &payment("cat", 1)), 204);
}

/// Goal: of several heirs that may not receive the lowest code is answered, whatever their order.
#[test]
fn the_lowest_code_of_the_heirs_is_answered() {
    let mut token = Registered::new();
    token.standing(2, 0, 104);
    token.standing(3, 0, 101);
    for list in [
        [("bob", 1, 2), ("cat", 1, 2)],
        [("cat", 1, 2), ("bob", 1, 2)],
    ] {
        settle(&mut token, &list);
        assert_eq!(token.both("operator", "succession_transfer", &Pid(1)), 101);
    }
}
