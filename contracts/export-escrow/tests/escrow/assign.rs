//! One transfer, shares of the proceeds, payment in another unit.

use crate::fixture::{DAY, Fixture, UnderTest, after, at, clauses, end_of_day, events, pid};
use export_escrow::credit::{Fx, Source, Stage};
use export_escrow::event::Paid;
use export_escrow::presentation::Verdict;
use weighhouse_primitives::{Address, Amount, Timestamp};
use weighhouse_standard::interface::Rate;

type Transfer = (u64, Address, Amount, Timestamp, Timestamp);

fn transfer(lc: u64, amount: u128) -> Transfer {
    (
        lc,
        at("second"),
        Amount(amount),
        end_of_day(40),
        after(10 * DAY),
    )
}

/// Goal: a credit is transferred once, by beneficiary and issuing bank together, on terms that only
/// shrink, to a vetted party.
#[test]
fn a_credit_is_transferred_once_on_narrower_terms() {
    let mut on = Fixture::new();
    let lc = on.credit();
    assert_eq!(
        on.both("importer", "transfer_credit", &transfer(lc, 400)),
        1
    );
    assert_eq!(on.both("exporter", "transfer_credit", &transfer(lc, 0)), 8);
    assert_eq!(
        on.both("exporter", "transfer_credit", &transfer(lc, 1_101)),
        7
    );
    let mut longer = transfer(lc, 400);
    longer.3 = end_of_day(61);
    assert_eq!(on.both("exporter", "transfer_credit", &longer), 7);
    let mut later = transfer(lc, 400);
    later.4 = after(21 * DAY);
    assert_eq!(on.both("exporter", "transfer_credit", &later), 7);
    on.standing_of("second", 0, 102);
    assert_eq!(
        on.both("exporter", "transfer_credit", &transfer(lc, 400)),
        102
    );
    on.standing_of("second", 0, 0);
    assert_eq!(
        on.both("exporter", "transfer_credit", &transfer(lc, 400)),
        0
    );
    assert_eq!(
        on.both("exporter", "transfer_credit", &transfer(lc, 400)),
        5
    );
    assert_eq!(
        on.both("bank", "transfer_credit", &transfer(lc, 401)),
        0,
        "not the same"
    );
    assert!(on.view(lc).credit.transferred.is_none());
    assert_eq!(on.both("bank", "transfer_credit", &transfer(lc, 400)), 0);
    assert!(
        on.view(lc).credit.transferred.is_none(),
        "the bank began anew"
    );
    assert_eq!(
        on.both("exporter", "transfer_credit", &transfer(lc, 400)),
        0
    );
    assert!(on.view(lc).credit.transferred.is_some());
    assert_eq!(
        on.both("exporter", "transfer_credit", &transfer(lc, 100)),
        303
    );
    let mut never = clauses();
    never.transferable = false;
    let lc = on.issued(never);
    assert_eq!(
        on.both("exporter", "transfer_credit", &transfer(lc, 100)),
        303
    );
}

/// Goal: the second beneficiary presents and is paid its share, the first the rest, neither more;
/// assignees get their share of the first's, and every unit is somebody's.
#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one story, each step needs those before it"
)]
fn e7_beneficiaries_and_assignees_are_paid_and_nobody_else() {
    let mut on = Fixture::new();
    let lc = on.credit();
    for who in ["exporter", "bank"] {
        on.done(who, "transfer_credit", &transfer(lc, 400));
    }
    let offer = on.offer(lc, 401);
    assert_eq!(on.both("second", "present", &offer), 401);
    let offer = on.offer(lc, 701);
    assert_eq!(on.both("exporter", "present", &offer), 401);
    let offer = on.offer(lc, 400);
    let n: u64 = on.call("second", "present", &offer).expect("presented");
    assert_eq!(on.both("exporter", "complete", &(lc, n)), 1);
    on.done("second", "complete", &(lc, n));
    on.done("bank", "examine", &(lc, n, Verdict::Complying));
    assert_eq!(
        on.both("exporter", "assign_proceeds", &(lc, pid("assignee"), 0_u16)),
        7
    );
    assert_eq!(
        on.both(
            "exporter",
            "assign_proceeds",
            &(lc, pid("assignee"), 10_001_u16)
        ),
        7
    );
    assert_eq!(
        on.both("second", "assign_proceeds", &(lc, pid("assignee"), 1_u16)),
        1
    );
    on.standing_of("assignee", 0, 103);
    assert_eq!(
        on.both(
            "exporter",
            "assign_proceeds",
            &(lc, pid("assignee"), 3_333_u16)
        ),
        103
    );
    on.standing_of("assignee", 0, 0);
    assert_eq!(
        on.both(
            "exporter",
            "assign_proceeds",
            &(lc, pid("assignee"), 3_333_u16)
        ),
        0
    );
    on.standing_of("assignee", 0, 103);
    assert_eq!(
        on.both("exporter", "assign_proceeds", &(lc, pid("assignee"), 1_u16)),
        5,
        "what is there already comes before who may receive"
    );
    on.standing_of("assignee", 0, 0);
    assert_eq!(
        on.both(
            "exporter",
            "assign_proceeds",
            &(lc, pid("other"), 6_668_u16)
        ),
        7
    );
    on.done("other", "honour", &(lc, n));
    assert_eq!(
        (on.balance("second"), on.balance("assignee")),
        (400, 0),
        "the second's is whole"
    );
    let n = on.complying(lc, 101);
    let receipt = on.done("other", "honour", &(lc, n));
    let paid: Vec<Paid> = events(&receipt.events, "Paid");
    let parts: Vec<(_, u128)> = paid
        .iter()
        .map(|paid| (paid.to.pid, paid.amount.0))
        .collect();
    assert_eq!(
        parts,
        [(pid("assignee"), 34), (pid("exporter"), 67)],
        "33.66 and 67.34"
    );
    on.standing_of("assignee", 0, 102);
    let n = on.complying(lc, 10);
    assert_eq!(
        on.both("other", "honour", &(lc, n)),
        102,
        "a hit stops it for all"
    );
}

/// Goal: a hold that is bound to the beneficiary pays nobody else: what would need that is refused.
#[test]
fn a_bound_hold_pays_nobody_else() {
    let mut on = Fixture::new();
    let terms = on.on.terms(clauses());
    let lc: u64 = on.call("importer", "apply", &terms).expect("a draft");
    let bound = on.hold_with("token", "importer", Some(at("exporter")), 1_100);
    on.done("bank", "issue", &(lc, bound));
    assert_eq!(
        on.both("exporter", "assign_proceeds", &(lc, pid("assignee"), 1_u16)),
        209
    );
    assert_eq!(
        on.both("exporter", "transfer_credit", &transfer(lc, 400)),
        209
    );
    let fx = exchange(&mut on, 2_400, after(0));
    assert_eq!(on.both("bank", "set_fx", &(lc, fx)), 209);
    let lc = on.credit();
    on.done("exporter", "assign_proceeds", &(lc, pid("assignee"), 1_u16));
    let bound = on.hold_with("token", "importer", Some(at("exporter")), 100);
    assert_eq!(on.both("importer", "add_hold", &(lc, bound)), 7);
}

/// 11 of the other unit for 5 of the credit's, at most an hour old, within 1 %.
fn exchange(on: &mut Fixture, provided: u128, at_time: Timestamp) -> Fx {
    let fx = Fx {
        pay_token: on.on.other.address,
        num: 11,
        den: 5,
        source: on.on.oracle.address,
        max_age: 3_600,
        band: 100,
        provider_hold: on.hold_with("other", "provider", None, provided),
    };
    rate(on, 220, at_time);
    fx
}

fn rate(on: &mut Fixture, num: u128, at: Timestamp) {
    let rate = Rate { num, den: 100, at };
    let (base, quote) = (on.on.token.address, on.on.other.address);
    on.tell("oracle", "put_rate", &(base, quote, rate));
}

/// Goal: both legs of an exchange move in one honour or neither does; an old rate and one outside the
/// band stop it, to the second and to the last digit.
#[test]
fn e1_both_legs_of_an_exchange_move_or_neither() {
    let mut on = Fixture::new();
    let lc = on.credit();
    let less = exchange(&mut on, 2_419, after(0));
    assert_eq!(
        on.both("bank", "set_fx", &(lc, less)),
        500,
        "1,100 take 2,420"
    );
    let start = on.world.time;
    let fx = exchange(&mut on, 2_500, start);
    assert_eq!(on.both("importer", "set_fx", &(lc, fx)), 1);
    let same = Fx {
        pay_token: on.on.token.address,
        ..fx
    };
    assert_eq!(on.both("bank", "set_fx", &(lc, same)), 7);
    assert_eq!(on.both("bank", "set_fx", &(lc, Fx { den: 0, ..fx })), 7);
    assert_eq!(on.both("bank", "set_fx", &(lc, fx)), 0);
    assert!(on.view(lc).credit.fx.is_none(), "the bank alone");
    assert_eq!(on.both("exporter", "set_fx", &(lc, fx)), 0);
    assert_eq!(on.both("exporter", "set_fx", &(lc, fx)), 6);
    assert_eq!(on.books(lc, Source::Provider), (2_500, 0, 0, 2_500));
    let n = on.complying(lc, 333);
    on.pass(3_601 - (on.world.time.0 - start.0));
    assert_eq!(
        on.both("other", "honour", &(lc, n)),
        653,
        "a second too old"
    );
    let now = on.world.time;
    for (num, code) in [(217, 700), (223, 700), (218, 0)] {
        rate(&mut on, num, now);
        assert_eq!(on.check("other", "honour", &(lc, n)), code, "{num}");
    }
    on.standing_of("provider", 103, 0);
    assert_eq!(on.both("other", "honour", &(lc, n)), 103);
    on.standing_of("provider", 0, 0);
    assert_eq!(on.both("other", "honour", &(lc, n)), 0);
    let got: Amount = on.on.other.query(&on.world, "balance_of", &at("exporter"));
    assert_eq!(
        (got.0, on.balance("provider"), on.balance("exporter")),
        (732, 333, 0)
    );
    let n = on.complying(lc, 767);
    on.done("other", "honour", &(lc, n));
    assert_eq!(on.view(lc).credit.stage, Stage::Closed);
    assert_eq!(on.books(lc, Source::Provider), (2_500, 732 + 1_687, 81, 0));
    assert_eq!(on.settled(), 1_100);
}
