//! What moves units without their holder: orders, recovery.

use crate::fixture::{DOC, NO_MEMO, UnderTest, at, capabilities, events, payment};
use crate::register::{OTHER, Registered};
use dfa_token::event::{Burn, Recovered, Transfer, TransferKind, Warrant};
use dfa_token::storage::Lot;
use dfa_token::storage::Measure;
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::interface::{Direction, HoldView, Pid, Recovery, Scope};

/// Arguments of `forced_transfer`.
type Force = (Address, Address, Amount, u64, Hash);

fn force(from: &str, to: &str, amount: u128, order: u64) -> Force {
    (at(from), at(to), Amount(amount), order, DOC)
}

/// An order on a whole party.
fn stop(token: &mut Registered, id: u64, pid: u64) {
    let scope = Scope::Party {
        pid: Pid(pid),
        direction: Direction::InOut,
    };
    let until: Option<Timestamp> = None;
    token.tell("put_order", &(id, scope, DOC, until));
    token.standing(pid, 103, 103);
}

/// Goal: a forced transfer is checked in order: shape, role, order, destination, funds; nothing of a
/// refused one happens.
#[test]
fn a_forced_transfer_is_checked_in_order() {
    let mut token = Registered::new();
    token.freeze(1, 1, 500);
    let zero = (at("ann"), at("cat"), Amount(0), 1_u64, Hash::ZERO);
    let no_doc = (at("ann"), at("cat"), Amount(1), 1_u64, Hash::ZERO);
    assert_eq!(token.both("ann", "forced_transfer", &zero), 8);
    assert_eq!(token.both("ann", "forced_transfer", &no_doc), 17);
    assert_eq!(
        token.both("ann", "forced_transfer", &force("ann", "cat", 1, 1)),
        1
    );
    let mut tries = |arguments: Force| token.both("enforcer", "forced_transfer", &arguments);
    assert_eq!(tries(force("ann", "cat", 1, 9)), 4);
    assert_eq!(tries(force("bob", "cat", 1, 1)), 7);
    assert_eq!(tries((at("ann"), at("cat"), Amount(1), 1, OTHER)), 17);
    assert_eq!(tries(force("ann", "cat", 501, 1)), 13);
    assert_eq!(tries(force("ann", "nobody", 1, 1)), 100);
    assert_eq!(tries(force("ann", "cat", 200, 1)), 0);
    token.tell("end_order", &1_u64);
    let late = force("ann", "cat", 1, 1);
    assert_eq!(token.both("enforcer", "forced_transfer", &late), 6);
    assert_eq!((token.balance("ann"), token.balance("cat")), (800, 200));
    let mut plain = Registered::empty(capabilities());
    plain.mint("ann", 10);
    plain.freeze(1, 1, 5);
    let taking = force("ann", "cat", 1, 1);
    assert_eq!(plain.both("enforcer", "forced_transfer", &taking), 206);
}

/// Goal: a privileged move names its order, authority, case and document, in the event and in the view
/// of those who supervise.
#[test]
fn t7_a_forced_move_names_its_order() {
    let mut token = Registered::new();
    token.freeze(4, 1, 500);
    let receipt = token.receipt("enforcer", "forced_transfer", &force("ann", "cat", 60, 4));
    let moved = events::<Transfer>(&receipt.events, "Transfer");
    let warrant = Warrant {
        order: 4,
        authority: Hash([1; 32]),
        case_ref: Hash([2; 32]),
        doc: DOC,
    };
    assert_eq!(moved[0].kind, TransferKind::Forced(warrant));
    let burn = (at("ann"), Amount(40), 4_u64, DOC);
    let receipt = token.receipt("enforcer", "forced_burn", &burn);
    let burnt = events::<Burn>(&receipt.events, "Burn");
    assert_eq!(
        (burnt[0].warrant, burnt[0].amount),
        (Some(warrant), Amount(40))
    );
    let from: Option<u64> = None;
    let served: Vec<(u64, Measure)> = token
        .ask_as("regulator", "reg_orders", &(from, 10_u32))
        .unwrap();
    let (order, measure) = served[0];
    assert_eq!(
        (order, measure.party, measure.amount),
        (4, Pid(1), Amount(100))
    );
    assert_eq!(
        (token.balance("ann"), token.amount("supply", &())),
        (900, 960)
    );
}

/// Goal: of two orders the one that is served shrinks by what is taken, the other stays whole; a later
/// order takes nothing that an earlier one claims, nor what is held.
#[test]
fn t12_serving_one_order_leaves_the_other_alone() {
    let mut token = Registered::new();
    token.hold(None, 100);
    token.freeze(1, 1, 600);
    token.freeze(2, 1, 500);
    let mut tries = |amount, order| {
        let taking = force("ann", "cat", amount, order);
        token.both("enforcer", "forced_transfer", &taking)
    };
    assert_eq!(tries(301, 2), 202, "600 of 900 are claimed earlier");
    assert_eq!(tries(300, 2), 0);
    assert_eq!(tries(600, 1), 0);
    assert_eq!(tries(1, 2), 203, "the rest is held");
    assert_eq!(token.balance("cat"), 900);
    token.mint("ann", 50);
    assert_eq!(token.frozen(1), 50, "200 of the second order are left");
    let again = force("ann", "cat", 50, 2);
    assert_eq!(token.both("enforcer", "forced_transfer", &again), 0);
}

/// Goal: orders reach what is locked, and take it before what is free; a frozen, unvetted party and a
/// pause do not stand in the way, the end of the token does.
#[test]
fn an_order_reaches_locked_units_of_a_frozen_party() {
    let mut token = Registered::new();
    let release = Timestamp(token.now() + 1_000);
    token.done(
        "minter",
        "mint",
        &(at("ann"), Amount(400), DOC, Some(release)),
    );
    stop(&mut token, 1, 1);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), 103);
    token.stop(false);
    let taking = force("ann", "cat", 300, 1);
    assert_eq!(token.both("enforcer", "forced_transfer", &taking), 0);
    assert_eq!(
        token.amount("locked_of", &at("ann")),
        100,
        "locked ones first"
    );
    assert_eq!(token.amount("locked_of", &at("cat")), 0);
    assert_eq!((token.sums(1), token.sums(3)), ((1_100, 0), (300, 0)));
    assert_eq!(token.ask::<u64>("holder_count", &()), 2);
    let rest = (at("ann"), Amount(1_101), 1_u64, DOC);
    assert_eq!(token.both("enforcer", "forced_burn", &rest), 200);
    token.done("admin", "deactivate", &DOC);
    assert_eq!(token.both("enforcer", "forced_transfer", &taking), 3);
}

/// Goal: an approval gives no claim on what an order took: the spender gets no more than is available.
#[test]
fn an_approval_does_not_survive_enforcement() {
    let mut token = Registered::new();
    let until = Timestamp(token.now() + 1_000);
    token.done("ann", "approve", &(at("bob"), Amount(1_000), until));
    token.freeze(1, 1, 900);
    token.done("enforcer", "forced_transfer", &force("ann", "cat", 700, 1));
    let take = |amount| (at("ann"), at("bob"), Amount(amount), NO_MEMO);
    assert_eq!(token.both("bob", "transfer_from", &take(301)), 200);
    assert_eq!(token.both("bob", "transfer_from", &take(101)), 202);
    assert_eq!(token.both("bob", "transfer_from", &take(100)), 0);
}

fn give_up(token: &mut Registered, lost: &str, new: &str) {
    let recovery = Recovery {
        pid: Pid(1),
        new: at(new),
        doc: OTHER,
    };
    token.tell("put_recovery", &(at(lost), recovery));
}

/// Goal: recovery follows the register's, once, to the wallet it names; by OPERATOR only.
#[test]
fn a_recovery_follows_the_registers() {
    let mut token = Registered::new();
    let recover = |lost: &str, new: &str| (at(lost), at(new));
    assert_eq!(token.both("operator", "recover", &recover("ann", "ann")), 7);
    assert_eq!(token.both("ann", "recover", &recover("ann", "ann 2")), 1);
    assert_eq!(
        token.both("operator", "recover", &recover("ann", "ann 2")),
        4
    );
    give_up(&mut token, "ann", "ann 2");
    assert_eq!(token.both("operator", "recover", &recover("ann", "bob")), 7);
    token.stop(false);
    let receipt = token.receipt("operator", "recover", &recover("ann", "ann 2"));
    let recovered = events::<Recovered>(&receipt.events, "Recovered");
    assert_eq!((recovered[0].new, recovered[0].doc), (at("ann 2"), OTHER));
    let moved = events::<Transfer>(&receipt.events, "Transfer");
    assert_eq!(
        (moved[0].kind, moved[0].amount),
        (TransferKind::Recovery, Amount(1_000))
    );
    assert_eq!(
        token.both("operator", "recover", &recover("ann", "ann 2")),
        6
    );
    assert_eq!((token.balance("ann"), token.balance("ann 2")), (0, 1_000));
    assert_eq!(
        (token.sums(1), token.ask::<u64>("holder_count", &())),
        ((1_000, 0), 1)
    );
    let mut plain = Registered::empty(capabilities());
    give_up(&mut plain, "ann", "ann 2");
    assert_eq!(
        plain.both("operator", "recover", &recover("ann", "ann 2")),
        206
    );
}

/// Goal: recovery launders nothing: locks stay, holds follow and end at the new wallet, allowances of the
/// lost wallet are void for ever, also without any units.
#[test]
fn recovery_launders_no_restriction() {
    let mut token = Registered::new();
    let release = Timestamp(token.now() + 5_000);
    token.done(
        "minter",
        "mint",
        &(at("ann"), Amount(400), DOC, Some(release)),
    );
    token.done(
        "minter",
        "mint",
        &(at("ann 2"), Amount(5), DOC, Some(release)),
    );
    let until = Timestamp(u64::MAX);
    token.done("ann", "approve", &(at("bob"), Amount(500), until));
    let terms = token.hold_terms(None, 200);
    let (to, amount, notary, expiry, purpose, reference) = terms;
    let from = (at("ann"), to, amount, notary, expiry, purpose, reference);
    let id: u64 = token.call("bob", "create_hold_from", &from).unwrap();
    give_up(&mut token, "ann", "ann 2");
    token.done("operator", "recover", &(at("ann"), at("ann 2")));
    let lots: Vec<Lot> = token.ask("lots", &at("ann 2"));
    assert_eq!(lots.iter().map(|lot| lot.amount.0).sum::<u128>(), 405);
    assert_eq!(token.amount("available_of", &at("ann 2")), 800);
    assert_eq!(token.amount("held_of", &at("ann 2")), 200);
    let hold: Option<HoldView> = token.ask("hold", &id);
    assert_eq!(hold.map(|hold| hold.owner), Some(at("ann 2")));
    let take = (at("ann"), at("bob"), Amount(0), NO_MEMO);
    let more = (at("ann"), at("bob"), Amount(1), NO_MEMO);
    assert_eq!(token.both("bob", "transfer_from", &take), 0);
    assert_eq!(token.both("bob", "transfer_from", &more), 201);
    assert_eq!(token.both("notary", "release_hold", &(id, Amount(50))), 0);
    let execute = (id, at("bob"), Amount(100), false);
    assert_eq!(token.both("notary", "execute_hold", &execute), 0);
    assert_eq!(
        (
            token.balance("ann 2"),
            token.amount("held_of", &at("ann 2"))
        ),
        (1_305, 0)
    );
    assert_eq!(
        token.both("bob", "transfer_from", &more),
        201,
        "not restored"
    );
    let mut empty = Registered::new();
    give_up(&mut empty, "ann 2", "ann");
    empty.done("ann 2", "approve", &(at("bob"), Amount(5), until));
    assert_eq!(
        empty.both("operator", "recover", &(at("ann 2"), at("ann"))),
        0
    );
    let none: Option<dfa_token::storage::Allowance> =
        empty.ask("allowance", &(at("ann 2"), at("bob")));
    assert_eq!(none, None);
    assert_eq!(empty.balance("ann"), 1_000);
}
