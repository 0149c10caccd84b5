//! A dry run answers what execution answers, and writes nothing.

use crate::fixture::{DOC, Fixture, UnderTest, at, payment};
use crate::invariant::{PARTIES, act};
use weighhouse_primitives::{Amount, Timestamp};
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
