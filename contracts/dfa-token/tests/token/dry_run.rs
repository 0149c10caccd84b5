//! A dry run answers what execution answers, and writes nothing.

use crate::fixture::{DOC, Fixture, UnderTest, at, payment};
use crate::invariant::{PARTIES, act};
use crate::register::{OTHER, Registered};
use weighhouse_primitives::{Amount, Timestamp};
use weighhouse_standard::interface::{Pid, Recovery, SuccessionShare};
use weighhouse_testkit::Dice;

/// Goal: over random states the checks of transfer, mint and `execute_hold` equal their execution in the
/// same state, and both kinds of answer occur.
#[test]
fn dry_run_equals_execution() {
    let (mut token, mut random) = (Fixture::new(), Dice::new(11));
    let mut seen = [[0_u32; 2]; 3];
    for _ in 0..100 {
        act(&mut token, &mut random);
        let amount = u128::from(random.below(300));
        let (who, to) = (random.pick(&PARTIES), random.pick(&PARTIES));
        let kind = random.below(3);
        let code = match kind {
            0 => token.both(who, "transfer", &payment(to, amount)),
            1 => {
                let lock = (amount.is_multiple_of(2))
                    .then(|| Timestamp(token.now() + u64::try_from(amount).unwrap()));
                let by = if amount.is_multiple_of(5) {
                    who
                } else {
                    "minter"
                };
                token.both(by, "mint", &(at(to), Amount(amount), DOC, lock))
            }
            _ => {
                let id = random.below(10);
                token.both(
                    "notary",
                    "execute_hold",
                    &(id, at(to), Amount(amount), true),
                )
            }
        };
        seen[usize::try_from(kind).unwrap()][usize::from(code != 0)] += 1;
    }
    assert!(
        seen.iter().flatten().all(|count| *count > 0),
        "both answers of each: {seen:?}"
    );
}

/// What only officers do, by number: a split, a recovery, a succession, the approval of an issue, that of the
/// end of a hold.
const OFFICERS_ACTS: u64 = 5;

/// A random act of officers, likely or not to be refused; dry run and execution agree on the code.
fn officers_act(token: &mut Registered, random: &mut Dice, kind: u64) -> u16 {
    let id = 1 + random.below(6);
    match kind {
        0 => {
            let ratio = (random.below(4), 1 + random.below(2), 1 + random.below(3));
            let by = random.pick(&["system", "system", "system", "issuer"]);
            token.both(by, "apply_ratio", &ratio)
        }
        1 => {
            if random.once_in(2) {
                let recovery = Recovery {
                    pid: Pid(1),
                    new: at("ann 2"),
                    doc: OTHER,
                };
                token.tell("put_recovery", &(at("ann"), recovery));
            }
            let new = random.pick(&["ann 2", "ann 2", "bob"]);
            token.both("operator", "recover", &(at("ann"), at(new)))
        }
        2 => {
            if random.once_in(2) {
                let share = |heir: u64, num: u64, name: &str| SuccessionShare {
                    heir: Pid(heir),
                    num,
                    den: 3,
                    wallet: Some(at(name)),
                };
                let shares = vec![share(3, 1, "cat"), share(7, 2, "dan")];
                let cert = random.once_in(2).then_some(OTHER);
                token.tell("put_succession", &(Pid(2), cert, shares));
            }
            token.both("operator", "succession_transfer", &Pid(2))
        }
        3 => {
            let lock: Option<Timestamp> = None;
            let amount = Amount(u128::from(random.below(300)));
            let issue = (at(random.pick(&PARTIES)), amount, DOC, lock);
            token.receipt("minter", "propose_mint", &issue);
            let by = random.pick(&["second minter", "second minter", "minter"]);
            token.both(by, "approve_mint", &id)
        }
        _ => {
            let hold = random.below(4);
            token.receipt("compliance", "propose_void_hold", &(hold, DOC));
            let by = random.pick(&["regulator", "regulator", "compliance"]);
            token.both(by, "approve_void_hold", &id)
        }
    }
}

/// Goal: of a token with a register the checks of splits, recoveries, successions and approvals equal their
/// execution in random states, and both kinds of answer occur for each.
#[test]
fn dry_run_equals_execution_of_officers() {
    let mut random = Dice::new(12);
    let mut seen = [[0_u32; 2]; 5];
    for round in 0..12 {
        let mut token = Registered::new();
        for who in ["bob", "cat"] {
            token.mint(who, 500 + u128::from(random.below(9)));
        }
        for step in 0..14 {
            // Holds bar splits and successions: every other token begins without.
            if round % 2 == 0 || step > 9 {
                act(&mut token, &mut random);
            }
            let kind = random.below(OFFICERS_ACTS);
            let code = officers_act(&mut token, &mut random, kind);
            seen[usize::try_from(kind).unwrap()][usize::from(code != 0)] += 1;
        }
    }
    assert!(
        seen.iter().flatten().all(|count| *count > 0),
        "both answers of each: {seen:?}"
    );
}

/// Goal: a dry run writes nothing, emits nothing and never fails on accounts that nobody knows.
#[test]
fn a_dry_run_changes_nothing() {
    let token = Fixture::new();
    assert_eq!(token.check("ann", "transfer", &payment("bob", 1_000)), 0);
    assert_eq!(
        token.check("nobody", "transfer", &payment("nobody else", 1)),
        200
    );
    assert_eq!(
        token.check(
            "nobody",
            "execute_hold",
            &(5_u64, at("ann"), Amount(1), true)
        ),
        4
    );
    assert_eq!((token.balance("ann"), token.balance("bob")), (1_000, 0));
}
