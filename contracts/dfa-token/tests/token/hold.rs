//! Holds from order to end, at the seconds around their expiry.

use crate::fixture::{
    DOC, Fixture, NO_MEMO, UnderTest, at, capabilities, events, limits, payment, refusal,
};
use dfa_token::event::{
    HoldCreated, HoldExecuted, HoldReleased, HoldVoided, Transfer, TransferKind,
};
use dfa_token::storage::{Allowance, Capabilities};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_standard::interface::{HoldState, HoldView};

fn view(token: &Fixture, id: u64) -> HoldView {
    token.ask::<Option<HoldView>>("hold", &id).expect("a hold")
}

/// `(balance, held, available)` of a wallet.
fn wallet(token: &Fixture, who: &str) -> (u128, u128, u128) {
    let of = |entry| token.amount(entry, &at(who));
    (of("balance_of"), of("held_of"), of("available_of"))
}

/// Goal: a hold sets units aside; they stay the owner's but are not at its disposal.
#[test]
fn a_hold_sets_units_aside() {
    let mut token = Fixture::new();
    let terms = token.hold_terms(Some("bob"), 400);
    let receipt = token.receipt("ann", "create_hold", &terms);
    let created = events::<HoldCreated>(&receipt.events, "HoldCreated");
    assert_eq!(
        (created[0].id, created[0].owner),
        (1, at("ann")),
        "numbers begin at 1"
    );
    assert_eq!(wallet(&token, "ann"), (1_000, 400, 600));
    let hold = view(&token, 1);
    assert_eq!(
        (hold.left, hold.state, hold.expired),
        (Amount(400), HoldState::Ordered, false)
    );
    assert_eq!(
        token.ask::<Option<HoldView>>("hold", &2_u64),
        None,
        "a query never fails"
    );
}

/// Goal: the shape of a hold is checked in order; its end must lie ahead and exist.
#[test]
fn a_hold_is_checked_in_order() {
    let mut token = Fixture::new();
    let good = token.hold_terms(None, 100);
    let now = token.now();
    for (expiry, code) in [
        (now - 1, 7),
        (now, 7),
        (now + 1, 0),
        (u64::MAX, 7),
        (u64::MAX - 1, 0),
    ] {
        let terms = (good.0, good.1, good.2, Timestamp(expiry), good.4, good.5);
        assert_eq!(
            token.check("ann", "create_hold", &terms),
            code,
            "expiry {expiry}, now {now}"
        );
    }
    let zero = (good.0, Amount(0), good.2, good.3, good.4, good.5);
    assert_eq!(token.both("ann", "create_hold", &zero), 8);
    assert_eq!(token.both("bob", "create_hold", &good), 200);
    let fixed = Capabilities {
        holdable: false,
        ..capabilities()
    };
    let mut token = Fixture::with(fixed, limits());
    token.mint("ann", 1_000);
    assert_eq!(token.both("ann", "create_hold", &good), 206);
}

/// Goal: execution moves to the destination and returns the rest, unless it is kept open.
#[test]
fn an_execution_moves_and_returns_the_rest() {
    let mut token = Fixture::new();
    let id = token.hold(Some("bob"), 400);
    let receipt = token.receipt(
        "notary",
        "execute_hold",
        &(id, at("bob"), Amount(100), true),
    );
    assert!(receipt.outcome.is_success(), "{:?}", receipt.outcome);
    assert_eq!(wallet(&token, "ann"), (900, 300, 600));
    assert_eq!(view(&token, id).state, HoldState::PartlyExecuted);
    let moved = events::<Transfer>(&receipt.events, "Transfer");
    assert_eq!(
        (moved[0].kind, moved[0].amount),
        (TransferKind::Hold(id), Amount(100))
    );
    let receipt = token.receipt(
        "notary",
        "execute_hold",
        &(id, at("bob"), Amount(50), false),
    );
    let executed = events::<HoldExecuted>(&receipt.events, "HoldExecuted");
    let amounts = (executed[0].amount, executed[0].returned, executed[0].left);
    assert_eq!(amounts, (Amount(50), Amount(250), Amount(0)));
    assert_eq!(wallet(&token, "ann"), (850, 0, 850));
    assert_eq!(token.balance("bob"), 150);
    assert_eq!(view(&token, id).state, HoldState::Executed);
}

/// Goal: who may execute, of what, to whom: every refusal with its code.
#[test]
fn an_execution_is_checked_in_order() {
    let mut token = Fixture::new();
    let id = token.hold(Some("bob"), 400);
    let run = |to: &str, amount| (id, at(to), Amount(amount), false);
    assert_eq!(token.both("notary", "execute_hold", &run("bob", 0)), 8);
    assert_eq!(
        token.both(
            "notary",
            "execute_hold",
            &(id + 1, at("bob"), Amount(1), false)
        ),
        4
    );
    assert_eq!(token.both("ann", "execute_hold", &run("bob", 1)), 1);
    assert_eq!(token.both("bob", "execute_hold", &run("bob", 1)), 1);
    let outcome = token
        .receipt("notary", "execute_hold", &run("cat", 1))
        .outcome;
    assert_eq!(
        refusal::<Address>(&outcome),
        (209, at("bob")),
        "the fixed destination is named"
    );
    assert_eq!(token.both("notary", "execute_hold", &run("bob", 401)), 200);
    assert_eq!(token.both("notary", "execute_hold", &run("bob", 400)), 0);
    assert_eq!(
        token.both("notary", "execute_hold", &run("bob", 1)),
        6,
        "it is over"
    );
    assert_eq!(token.both("notary", "release_hold", &(id, Amount(1))), 6);
    assert_eq!(token.both("ann", "reclaim_hold", &id), 6);
    let free = token.hold(None, 5);
    assert_eq!(
        token.both(
            "notary",
            "execute_hold",
            &(free, at("cat"), Amount(5), false)
        ),
        0
    );
}

/// Goal: at no second can a hold be both executed and reclaimed, or neither (207, 208).
#[test]
fn codes_207_208_meet_at_the_second_of_expiry() {
    for (offset, execute, reclaim) in [(-1, 0, 208), (0, 0, 208), (1, 207, 0)] {
        let mut token = Fixture::new();
        let id = token.hold(Some("bob"), 400);
        let expiry = view(&token, id).terms.expiry.0;
        token.at_time(expiry.saturating_add_signed(offset));
        assert_eq!(view(&token, id).expired, offset > 0);
        let run = (id, at("bob"), Amount(400), false);
        assert_eq!(
            token.check("notary", "execute_hold", &run),
            execute,
            "{offset} s"
        );
        assert_eq!(
            token.both("cat", "reclaim_hold", &id),
            reclaim,
            "{offset} s"
        );
        if reclaim == 0 {
            assert_eq!(
                wallet(&token, "ann"),
                (1_000, 0, 1_000),
                "always to the owner"
            );
            assert_eq!(view(&token, id).state, HoldState::Reclaimed);
        } else {
            assert_eq!(token.both("notary", "execute_hold", &run), 0);
        }
    }
}

/// Goal: notary and payee release, in parts, also after expiry; the owner cannot.
#[test]
fn a_release_returns_units() {
    let mut token = Fixture::new();
    let id = token.hold(Some("bob"), 400);
    assert_eq!(token.both("ann", "release_hold", &(id, Amount(1))), 1);
    assert_eq!(token.both("bob", "release_hold", &(id, Amount(0))), 8);
    assert_eq!(token.both("bob", "release_hold", &(id, Amount(401))), 200);
    assert_eq!(token.both("bob", "release_hold", &(9_u64, Amount(1))), 4);
    let receipt = token.receipt("bob", "release_hold", &(id, Amount(100)));
    let released = events::<HoldReleased>(&receipt.events, "HoldReleased");
    assert_eq!((released[0].left, released[0].by), (Amount(300), at("bob")));
    assert_eq!(view(&token, id).state, HoldState::Ordered);
    token.world.advance(10_000);
    assert_eq!(token.both("notary", "release_hold", &(id, Amount(300))), 0);
    assert_eq!(view(&token, id).state, HoldState::Released);
    assert_eq!(wallet(&token, "ann"), (1_000, 0, 1_000));
}

/// Goal: exits work while the token is paused and after it has ended; market acts do not.
#[test]
fn exits_work_in_every_state() {
    for for_ever in [false, true] {
        let mut token = Fixture::new();
        let (first, second) = (token.hold(Some("bob"), 100), token.hold(None, 100));
        token.stop(for_ever);
        let code = if for_ever { 3 } else { 2 };
        let terms = token.hold_terms(None, 1);
        assert_eq!(token.both("ann", "create_hold", &terms), code);
        let run = (first, at("bob"), Amount(1), true);
        assert_eq!(token.both("notary", "execute_hold", &run), code);
        assert_eq!(token.code("ann", "consent_renewal", &(first, true)), code);
        assert_eq!(token.both("bob", "release_hold", &(first, Amount(100))), 0);
        token.world.advance(3_601);
        assert_eq!(token.both("cat", "reclaim_hold", &second), 0);
        assert_eq!(wallet(&token, "ann"), (1_000, 0, 1_000));
    }
}

/// Goal: a hold made on an allowance uses it, and what returns to the owner restores it.
#[test]
fn a_release_restores_the_allowance() {
    let mut token = Fixture::new();
    let until = Timestamp(token.now() + 10_000);
    let left = |token: &Fixture| -> u128 {
        let allowance: Option<Allowance> = token.ask("allowance", &(at("ann"), at("bob")));
        allowance.map_or(0, |allowance| allowance.amount.0)
    };
    token.done("ann", "approve", &(at("bob"), Amount(500), until));
    let terms = token.hold_terms(None, 400);
    let from = (
        at("ann"),
        terms.0,
        terms.1,
        terms.2,
        terms.3,
        terms.4,
        terms.5,
    );
    let id: u64 = token.call("bob", "create_hold_from", &from).unwrap();
    assert_eq!(left(&token), 100);
    assert_eq!(token.both("bob", "create_hold_from", &from), 201);
    token.done("notary", "release_hold", &(id, Amount(150)));
    assert_eq!(left(&token), 250);
    token.done(
        "notary",
        "execute_hold",
        &(id, at("cat"), Amount(200), false),
    );
    assert_eq!(
        (left(&token), token.balance("cat")),
        (300, 200),
        "the rest returned too"
    );
}

/// Goal: an allowance that the owner withdrew or replaced does not come back by a release.
#[test]
fn a_withdrawn_allowance_stays_withdrawn() {
    let mut token = Fixture::new();
    let until = Timestamp(token.now() + 10_000);
    token.done("ann", "approve", &(at("bob"), Amount(500), until));
    let terms = token.hold_terms(None, 400);
    let from = (
        at("ann"),
        terms.0,
        terms.1,
        terms.2,
        terms.3,
        terms.4,
        terms.5,
    );
    let id: u64 = token.call("bob", "create_hold_from", &from).unwrap();
    token.done("ann", "approve", &(at("bob"), Amount(0), until));
    token.done("notary", "release_hold", &(id, Amount(100)));
    let take = (at("ann"), at("bob"), Amount(1), NO_MEMO);
    assert_eq!(token.both("bob", "transfer_from", &take), 201);
    token.done("ann", "approve", &(at("bob"), Amount(7), until));
    token.done("notary", "release_hold", &(id, Amount(100)));
    let allowance: Option<Allowance> = token.ask("allowance", &(at("ann"), at("bob")));
    assert_eq!(allowance.expect("live").amount, Amount(7));
}

/// Goal: a hold is renewed once per consent of its owner, before it is over.
#[test]
fn a_renewal_needs_consent_each_time() {
    let mut token = Fixture::new();
    let id = token.hold(None, 400);
    let expiry = view(&token, id).terms.expiry.0;
    let later = |by: u64| (id, Timestamp(expiry + by));
    assert_eq!(
        token.code("notary", "renew_hold", &later(100)),
        6,
        "no consent"
    );
    assert_eq!(token.code("notary", "consent_renewal", &(id, true)), 1);
    token.done("ann", "consent_renewal", &(id, true));
    assert_eq!(
        token.code("notary", "renew_hold", &later(0)),
        7,
        "not later"
    );
    assert_eq!(
        token.code("notary", "renew_hold", &(id, Timestamp(u64::MAX))),
        7
    );
    assert_eq!(token.code("ann", "renew_hold", &later(100)), 1);
    token.at_time(expiry);
    assert_eq!(
        token.code("notary", "renew_hold", &later(100)),
        0,
        "in its last second"
    );
    assert_eq!(
        token.code("notary", "renew_hold", &later(200)),
        6,
        "one consent, one renewal"
    );
    token.done("ann", "consent_renewal", &(id, true));
    token.at_time(expiry + 101);
    assert_eq!(token.code("notary", "renew_hold", &later(200)), 207, "over");
}

/// Goal: voiding takes one of compliance and one of the regulator, in either order, with a document.
#[test]
fn t7_a_void_takes_both_duties() {
    let mut token = Fixture::new();
    token.done(
        "admin",
        "grant_role",
        &(weighhouse_standard::Role::Compliance, at("deputy")),
    );
    for (first, second, same) in [
        ("compliance", "regulator", "deputy"),
        ("regulator", "compliance", "ann"),
    ] {
        let id = token.hold(None, 100);
        assert_eq!(token.code("ann", "propose_void_hold", &(id, DOC)), 1);
        assert_eq!(
            token.code(first, "propose_void_hold", &(id, Hash::ZERO)),
            17
        );
        assert_eq!(token.code(first, "propose_void_hold", &(99_u64, DOC)), 4);
        let number: u64 = token.call(first, "propose_void_hold", &(id, DOC)).unwrap();
        assert_eq!(token.both(first, "approve_void_hold", &number), 16);
        let code = if same == "ann" { 1 } else { 16 };
        assert_eq!(token.both(same, "approve_void_hold", &number), code);
        token.stop(false);
        let receipt = token.receipt(second, "approve_void_hold", &number);
        let voided = events::<HoldVoided>(&receipt.events, "HoldVoided");
        assert_eq!(
            (voided[0].id, voided[0].proposal, voided[0].doc),
            (id, number, DOC)
        );
        assert_eq!(view(&token, id).state, HoldState::Voided);
        assert_eq!(token.code(second, "approve_void_hold", &number), 4, "once");
        assert_eq!(token.code("notary", "release_hold", &(id, Amount(1))), 6);
        token.done("pauser", "unpause", &());
    }
    assert_eq!(wallet(&token, "ann"), (1_000, 0, 1_000));
}

/// Goal: an approval of a void counts for seven days, its last second included.
#[test]
fn code_10_an_approval_has_seven_days() {
    for (offset, code) in [(-1, 0), (0, 0), (1, 10)] {
        let mut token = Fixture::new();
        let id = token.hold(None, 100);
        let number: u64 = token
            .call("compliance", "propose_void_hold", &(id, DOC))
            .unwrap();
        let until = token.now() + 7 * 24 * 3_600;
        token.at_time(until.saturating_add_signed(offset));
        assert_eq!(
            token.both("regulator", "approve_void_hold", &number),
            code,
            "{offset} s"
        );
    }
}

/// Goal: executing to the owner itself ends the hold and moves nothing.
#[test]
fn a_hold_can_be_executed_to_its_owner() {
    let mut token = Fixture::new();
    let id = token.hold(None, 400);
    assert_eq!(
        token.both(
            "notary",
            "execute_hold",
            &(id, at("ann"), Amount(400), false)
        ),
        0
    );
    assert_eq!(wallet(&token, "ann"), (1_000, 0, 1_000));
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1_000)), 0);
}
