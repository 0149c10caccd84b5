//! Codes of compliance on every path, sums per party, freezes, in their order.

use crate::fixture::{CAP, DOC, NO_MEMO, UnderTest, at, deploy, payment, refusal};
use crate::register::{Registered, all_officers, full, open_arguments, register};
use weighhouse_primitives::{Amount, Hash, Outcome, Timestamp};
use weighhouse_standard::Role;
use weighhouse_standard::interface::{Pid, Purpose, Rule, Side, Why};
use weighhouse_testkit::World;

const NO_LOCK: Option<Timestamp> = None;

/// Goal: balances are summed per party; moves between wallets of one party leave its sum alone; holders
/// are parties, not wallets.
#[test]
fn t6_holders_are_parties_with_units() {
    let mut token = Registered::new();
    assert_eq!(token.sums(1), (1_000, 0));
    token.done("ann", "transfer", &payment("ann 2", 400));
    assert_eq!(token.sums(1), (1_000, 0));
    assert_eq!(token.ask::<u64>("holder_count", &()), 1);
    token.done("ann 2", "transfer", &payment("bob", 400));
    assert_eq!((token.sums(1), token.sums(2)), ((600, 0), (400, 0)));
    assert_eq!(token.ask::<u64>("holder_count", &()), 2);
    token.done("bob", "transfer", &payment("ann 2", 400));
    assert_eq!((token.sums(1), token.sums(2)), ((1_000, 0), (0, 0)));
    assert_eq!(token.ask::<u64>("holder_count", &()), 1);
    token.hold(None, 300);
    assert_eq!(token.sums(1), (1_000, 300));
    token.done("notary", "release_hold", &(1_u64, Amount(100)));
    assert_eq!(token.sums(1), (1_000, 200));
    let execute = (1_u64, at("bob"), Amount(150), false);
    token.done("notary", "execute_hold", &execute);
    assert_eq!((token.sums(1), token.sums(2)), ((850, 0), (150, 0)));
}

/// Every way in which units of ann leave it: who does what.
fn ways_out(token: &mut Registered) -> Vec<(&'static str, &'static str, u16)> {
    let terms = token.hold_terms(None, 10);
    let to_bob = token.hold_terms(Some("bob"), 10);
    let from = |terms: &crate::fixture::HoldArguments| {
        let (to, amount, notary, expiry, purpose, reference) = *terms;
        (at("ann"), to, amount, notary, expiry, purpose, reference)
    };
    let pull = (at("ann"), at("cat"), Amount(10), NO_MEMO);
    let burn = (at("ann"), Amount(10), DOC);
    let execute = (1_u64, at("cat"), Amount(10), true);
    let until = Timestamp(token.now() + 1_000);
    let allow = (at("bob"), Amount(10), until);
    let mut seen = Vec::new();
    let mut both = |who: &'static str, entry: &'static str, code: u16| {
        seen.push((who, entry, code));
    };
    both(
        "ann",
        "transfer",
        token.both("ann", "transfer", &payment("cat", 10)),
    );
    let batch = vec![payment("cat", 10)];
    both("ann", "batch", token.both("ann", "batch_transfer", &batch));
    both("bob", "pull", token.both("bob", "transfer_from", &pull));
    both("ann", "hold", token.both("ann", "create_hold", &terms));
    both("ann", "hold to", token.both("ann", "create_hold", &to_bob));
    both(
        "bob",
        "hold from",
        token.both("bob", "create_hold_from", &from(&terms)),
    );
    both(
        "notary",
        "execute",
        token.both("notary", "execute_hold", &execute),
    );
    both("system", "burn", token.both("system", "burn", &burn));
    both("ann", "approve", token.both("ann", "approve", &allow));
    seen
}

/// Goal: nothing moves from a party that may not send, by any path, whatever the code; the same acts work
/// once it may.
#[test]
fn t5_codes_100_to_105_stop_every_way_out() {
    let mut token = Registered::new();
    token.hold(None, 200);
    let until = Timestamp(token.now() + 1_000);
    token.done("ann", "approve", &(at("bob"), Amount(500), until));
    for code in [100, 101, 102, 103, 104, 105] {
        token.standing(1, code, 0);
        for (who, way, found) in ways_out(&mut token) {
            assert_eq!(found, code, "{way} by {who}");
        }
        let moved = (token.balance("ann"), token.balance("cat"));
        assert_eq!(moved, (1_000, 0), "code {code}");
    }
    let release = (1_u64, Amount(10));
    assert_eq!(token.both("notary", "release_hold", &release), 0, "an exit");
    token.standing(1, 0, 0);
    for (who, way, found) in ways_out(&mut token) {
        assert_eq!(found, 0, "{way} by {who}");
    }
}

/// Goal: a party that may not receive gets nothing by any path; it may still send.
#[test]
fn who_may_not_receive_gets_nothing() {
    let mut token = Registered::new();
    token.done("ann", "transfer", &payment("bob", 100));
    let open = token.hold(None, 50);
    token.standing(2, 0, 104);
    let to_bob = token.hold_terms(Some("bob"), 10);
    let mint = (at("bob"), Amount(10), DOC, NO_LOCK);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), 104);
    assert_eq!(token.both("ann", "create_hold", &to_bob), 104);
    assert_eq!(token.both("minter", "mint", &mint), 104);
    let execute = (open, at("bob"), Amount(10), true);
    assert_eq!(token.both("notary", "execute_hold", &execute), 104);
    let unknown = payment("nobody", 1);
    assert_eq!(token.both("ann", "transfer", &unknown), 100);
    assert_eq!(token.both("bob", "transfer", &payment("ann", 100)), 0);
}

/// Goal: the least code wins; of equal ones that of the caller, then of the sender; and the detail says
/// whose it is.
#[test]
fn codes_ascend_and_name_the_party() {
    let mut token = Registered::new();
    let until = Timestamp(token.now() + 1_000);
    token.done("ann", "approve", &(at("bob"), Amount(500), until));
    let take = (at("ann"), at("cat"), Amount(10), NO_MEMO);
    let side = |token: &mut Registered, codes: [u16; 3]| {
        let [caller, sender, receiver] = codes;
        token.standing(2, caller, 0);
        token.standing(1, sender, 0);
        token.standing(3, 0, receiver);
        let outcome = token.receipt("bob", "transfer_from", &take).outcome;
        let (code, why): (u16, Why) = refusal(&outcome);
        assert_eq!(why.rule, Rule::Wallet);
        (code, why.side)
    };
    assert_eq!(side(&mut token, [103, 103, 103]), (103, Side::Caller));
    assert_eq!(side(&mut token, [104, 103, 103]), (103, Side::Sender));
    assert_eq!(side(&mut token, [104, 105, 102]), (102, Side::Receiver));
}

/// Goal: in a batch the detail names the item, unless it is the sender's fault, who is the same for all.
#[test]
fn a_batch_names_the_failing_item_of_compliance() {
    let mut token = Registered::new();
    token.standing(3, 0, 102);
    let batch = vec![payment("bob", 1), payment("cat", 1), payment("dan", 1)];
    let refuse = |token: &mut Registered| {
        let outcome = token.receipt("ann", "batch_transfer", &batch).outcome;
        let (code, why): (u16, Why) = refusal(&outcome);
        (code, why.side)
    };
    assert_eq!(refuse(&mut token), (102, Side::Item(1)));
    token.standing(3, 0, 0);
    token.limit(None, Some(3), false, None);
    assert_eq!(refuse(&mut token), (111, Side::Item(2)));
    token.standing(1, 101, 0);
    assert_eq!(refuse(&mut token), (101, Side::Sender));
    assert_eq!(token.balance("bob"), 0);
}

/// Goal: codes that only the register can tell come from it unchanged, on every move.
#[test]
fn codes_106_to_117_are_the_registers() {
    let mut token = Registered::new();
    let open = token.hold(None, 100);
    for code in [2, 19, 106, 107, 108, 109, 110, 113, 114, 115, 116, 117] {
        token.tell("put_code", &code);
        let to_bob = token.hold_terms(Some("bob"), 10);
        let execute = (open, at("bob"), Amount(10), true);
        let mint = (at("bob"), Amount(10), DOC, NO_LOCK);
        assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), code);
        assert_eq!(token.both("ann", "transfer", &payment("bob", 5_000)), code);
        assert_eq!(token.both("ann", "create_hold", &to_bob), code);
        assert_eq!(token.both("notary", "execute_hold", &execute), code);
        assert_eq!(token.both("minter", "mint", &mint), code);
    }
    assert_eq!(token.balance("bob"), 0);
}

/// Goal: holders and balances are compared by the token itself, before codes above theirs (111, 112).
#[test]
fn codes_111_and_112_are_the_tokens_own() {
    let mut token = Registered::new();
    token.done("ann", "transfer", &payment("bob", 300));
    token.limit(Some(400), Some(2), false, None);
    token.tell("put_code", &114_u16);
    assert_eq!(token.both("ann", "transfer", &payment("cat", 1)), 111);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 101)), 112);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 100)), 114);
    token.tell("put_code", &110_u16);
    assert_eq!(token.both("ann", "transfer", &payment("cat", 1)), 110);
    token.tell("put_code", &0_u16);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 100)), 0);
    let own = payment("ann 2", 600);
    assert_eq!(token.both("ann", "transfer", &own), 0, "one owner");
    assert_eq!(token.both("ann", "transfer", &payment("cat", 0)), 0);
    let all = payment("cat", 400);
    assert_eq!(
        token.both("bob", "transfer", &all),
        0,
        "one comes, one goes"
    );
    let mint = |who: &str| (at(who), Amount(1), DOC, NO_LOCK);
    assert_eq!(token.both("minter", "mint", &mint("bob")), 111);
    assert_eq!(token.both("minter", "mint", &mint("cat")), 112);
}

/// Goal: orders on amounts take what comes in later too; what is frozen cannot be moved or set aside; a
/// hold made before stays executable (202).
#[test]
fn t13_code_202_orders_freeze_amounts() {
    let mut token = Registered::new();
    let earlier = token.hold(None, 300);
    token.freeze(1, 1, 500);
    assert_eq!(
        (token.frozen(1), token.amount("available_of", &at("ann"))),
        (500, 200)
    );
    let terms = |amount: u128| token.hold_terms(None, amount);
    let (too_much, enough) = (terms(201), terms(200));
    assert_eq!(token.both("ann", "create_hold", &too_much), 202);
    assert_eq!(token.check("ann", "create_hold", &enough), 0);
    let outcome = token
        .receipt("ann", "transfer", &payment("bob", 201))
        .outcome;
    let detail: (u16, (Amount, Amount, Option<u32>)) = refusal(&outcome);
    assert_eq!(detail, (202, (Amount(200), Amount(201), None)));
    assert_eq!(token.both("ann", "transfer", &payment("bob", 701)), 203);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 200)), 0);
    let execute = (earlier, at("bob"), Amount(300), false);
    assert_eq!(token.both("notary", "execute_hold", &execute), 0);
    token.freeze(2, 1, 1_000);
    assert_eq!((token.frozen(1), token.sums(1)), (500, (500, 0)));
    token.mint("ann 2", 600);
    assert_eq!(token.frozen(1), 1_100, "credits are caught");
    assert_eq!(token.both("ann 2", "transfer", &payment("bob", 1)), 202);
    token.tell("end_order", &2_u64);
    assert_eq!(token.amount("available_of", &at("ann 2")), 600);
    assert_eq!(token.amount("available_of", &at("ann")), 500);
    assert_eq!(token.both("ann 2", "transfer", &payment("bob", 600)), 0);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), 202);
    assert_eq!(
        token.amount("frozen_of", &Pid(99)),
        0,
        "a query never fails"
    );
}

/// Goal: a directive that halts the token comes before every refusal but those of the life cycle (19).
#[test]
fn code_19_a_halt_comes_first() {
    let mut token = Registered::new();
    let open = token.hold(Some("bob"), 100);
    token.halt(true);
    let zero = token.hold_terms(None, 0);
    let good = token.hold_terms(None, 5);
    let past = (at("bob"), Amount(1), Timestamp(1));
    let none: Vec<(weighhouse_primitives::Address, Amount, Option<Hash>)> = Vec::new();
    assert_eq!(token.both("ann", "create_hold", &zero), 19);
    assert_eq!(token.both("ann", "create_hold", &good), 19);
    assert_eq!(token.both("ann", "approve", &past), 19);
    assert_eq!(token.both("ann", "batch_transfer", &none), 19);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 5_000)), 19);
    let mint = (at("ann"), Amount(0), DOC, NO_LOCK);
    assert_eq!(token.both("ann", "mint", &mint), 19);
    let execute = (99_u64, at("bob"), Amount(0), true);
    assert_eq!(token.both("notary", "execute_hold", &execute), 19);
    assert_eq!(
        token.both("notary", "release_hold", &(open, Amount(50))),
        0,
        "an exit"
    );
    token.world.advance(4_000);
    assert_eq!(token.both("cat", "reclaim_hold", &open), 0, "an exit");
    token.stop(false);
    assert_eq!(token.both("ann", "transfer", &payment("bob", 1)), 2);
}

/// Goal: a directive stops proposals of issues as it stops issues: good ones too (19).
#[test]
fn code_19_a_halt_stops_proposals_of_issues() {
    let mut token = Registered::new();
    let issue = (at("ann"), Amount(5), DOC, NO_LOCK);
    token.halt(true);
    assert_eq!(token.code("minter", "propose_mint", &issue), 19);
    token.halt(false);
    assert_eq!(token.code("minter", "propose_mint", &issue), 0);
}

/// Goal: of a hold that a spender makes, the lowest code is the answer, the spender's or the owner's, and
/// the spender's if they are the same.
#[test]
fn codes_of_a_spenders_hold_ascend() {
    let mut token = Registered::new();
    let until = Timestamp(token.now() + 1_000);
    token.done("ann", "approve", &(at("bob"), Amount(10), until));
    let (to, amount, notary, expiry, purpose, reference) = token.hold_terms(None, 10);
    let hold = (at("ann"), to, amount, notary, expiry, purpose, reference);
    for (spender, owner, expected) in [(103, 101, 101), (101, 103, 101), (0, 102, 102)] {
        token.standing(2, spender, 0);
        token.standing(1, owner, 0);
        assert_eq!(token.both("bob", "create_hold_from", &hold), expected);
    }
    token.standing(1, 103, 0);
    token.standing(2, 103, 0);
    let outcome = token.receipt("bob", "create_hold_from", &hold).outcome;
    let (code, why) = refusal::<Why>(&outcome);
    assert_eq!((code, why.side), (103, Side::Caller));
}

/// Goal: exits work when the register stops everything.
#[test]
fn exits_do_not_ask_the_register() {
    let mut token = Registered::new();
    let open = token.hold(Some("bob"), 100);
    token.standing(1, 103, 103);
    token.standing(2, 103, 103);
    token.tell("put_code", &2_u16);
    assert_eq!(token.both("bob", "release_hold", &(open, Amount(60))), 0);
    token.world.advance(4_000);
    assert_eq!(token.both("dan", "reclaim_hold", &open), 0);
    assert_eq!((token.balance("ann"), token.sums(1)), (1_000, (1_000, 0)));
}

/// Goal: a hold without end is for notaries that the register knows as systems (7).
#[test]
fn a_hold_without_end_takes_a_system() {
    let mut token = Registered::new();
    let terms = |notary: &str| {
        let none: Option<weighhouse_primitives::Address> = None;
        let expiry = Timestamp(u64::MAX);
        (none, Amount(5), at(notary), expiry, Purpose::General, DOC)
    };
    assert_eq!(token.both("ann", "create_hold", &terms("notary")), 7);
    assert_eq!(token.both("ann", "create_hold", &terms("nobody")), 7);
    assert_eq!(token.both("ann", "create_hold", &terms("system")), 0);
}

/// Goal: duties of one person exclude each other whatever its wallets, at issue and later; one person
/// does not approve its own proposal from another wallet (16).
#[test]
fn code_16_persons_not_wallets_count() {
    let mut world = World::new();
    let double = register(&mut world);
    let mut arguments = open_arguments(full(), double);
    arguments.4.push((Role::Enforcer, at("ann")));
    arguments.4.push((Role::Auditor, at("ann 2")));
    let refused = deploy(&mut world, &arguments);
    assert!(matches!(refused, Err(Outcome::Reverted { code: 16, .. })));
    let mut token = Registered::new();
    let grant = |role, who: &str| (role, at(who));
    token.done("admin", "grant_role", &grant(Role::Auditor, "ann"));
    let second = grant(Role::Compliance, "ann 2");
    assert_eq!(token.code("admin", "grant_role", &second), 16);
    token.done("admin", "grant_role", &grant(Role::Minter, "ann"));
    token.done("admin", "grant_role", &grant(Role::Minter, "ann 2"));
    let issue = dfa_token::storage::Issue {
        to: at("bob"),
        amount: Amount(CAP / 2),
        basis_doc: DOC,
        release_at: None,
    };
    let id: u64 = token.call("ann", "propose_mint", &issue).unwrap();
    assert_eq!(token.both("ann 2", "approve_mint", &id), 16);
    assert_eq!(token.both("minter", "approve_mint", &id), 0);
    assert_eq!(all_officers().len(), 9);
}

/// Goal: who keeps the register of the issue redeems holders' available units, and holds of which it is
/// the notary; another officer does not, nor a keeper that is no system.
#[test]
fn redemption_burns_units_of_holders() {
    let mut token = Registered::new();
    let burn = |amount| (at("ann"), Amount(amount), DOC);
    assert_eq!(token.both("minter", "burn", &burn(1)), 1);
    assert_eq!(token.both("issuer", "burn", &burn(1)), 1);
    token.done("admin", "grant_role", &(Role::Registrar, at("bob")));
    assert_eq!(token.both("bob", "burn", &burn(1)), 1, "no system");
    let (to, amount, _, expiry, purpose, reference) = token.hold_terms(None, 400);
    let terms = (to, amount, at("system"), expiry, purpose, reference);
    let id: u64 = token.call("ann", "create_hold", &terms).unwrap();
    token.freeze(1, 1, 100);
    assert_eq!(token.both("system", "burn", &burn(501)), 202);
    assert_eq!(token.both("system", "burn", &burn(500)), 0);
    let held = |id: u64, amount, doc| (id, Amount(amount), doc);
    assert_eq!(token.both("system", "burn_hold", &held(id, 0, DOC)), 8);
    assert_eq!(
        token.both("system", "burn_hold", &held(id, 1, Hash::ZERO)),
        17
    );
    assert_eq!(token.both("system", "burn_hold", &held(9, 1, DOC)), 4);
    assert_eq!(token.both("notary", "burn_hold", &held(id, 1, DOC)), 1);
    assert_eq!(token.both("system", "burn_hold", &held(id, 401, DOC)), 200);
    token.standing(1, 102, 0);
    assert_eq!(token.both("system", "burn_hold", &held(id, 400, DOC)), 102);
    token.standing(1, 0, 0);
    assert_eq!(token.both("system", "burn_hold", &held(id, 400, DOC)), 0);
    assert_eq!(
        (token.sums(1), token.amount("supply", &())),
        ((100, 0), 100)
    );
    token.tell("end_order", &1_u64);
    let own = token.hold(None, 1);
    assert_eq!(
        token.both("notary", "burn_hold", &held(own, 1, DOC)),
        1,
        "no duty"
    );
}
