//! A dry run answers what execution answers, and writes nothing.

use crate::fixture::{DOC, Fixture, UnderTest, at, pid, transfer};
use crate::invariant::{PARTIES, act, stage};
use rights_registry::arrest::ForcedTransfer;
use rights_registry::object::Class;
use weighhouse_primitives::Amount;
use weighhouse_testkit::Dice;

/// Goal: over random states the checks of everything that moves ownership or control equal their
/// execution in the same state, and both kinds of answer occur.
#[test]
fn dry_run_equals_execution() {
    let (mut f, mut books) = stage();
    let mut random = Dice::new(11);
    let mut seen = [[0_u32; 2]; 4];
    for _ in 0..150 {
        act(&mut f, &mut random, &mut books);
        let id = 1 + random.below(books.objects.len() as u64 + 8);
        let (who, to) = (random.pick(&PARTIES), random.pick(&PARTIES));
        let kind = random.below(4);
        // The second proposal of a pair is tried dry and wet; consents are given on the way.
        let (by, entry, dry, receipt) = match kind {
            0 => {
                let arguments = (id, transfer(who, to, (1, 2)), vec![DOC]);
                let dry = f.check(who, "apply", &arguments);
                (who, "apply", dry, f.receipt(who, "apply", &arguments))
            }
            1 => {
                let by = [who, "vault"][usize::from(random.below(3) == 0)];
                let dry = f.check(by, "endorse", &(id, at(to)));
                (by, "endorse", dry, f.receipt(by, "endorse", &(id, at(to))))
            }
            2 => {
                let Some(entry) = books.open.first().copied() else {
                    continue;
                };
                f.cool(entry);
                let arguments = (entry, f.doc());
                let dry = f.check("registrar", "propose_register", &arguments);
                let receipt = f.receipt("registrar", "propose_register", &arguments);
                ("registrar", "propose_register", dry, receipt)
            }
            _ => {
                let act = ForcedTransfer {
                    object: id,
                    from: pid(who),
                    to: pid(to),
                    part: (1, 2),
                    order: 1 + random.below(12),
                    doc: DOC,
                };
                let dry = f.check("enforcer", "forced_transfer", &act);
                let receipt = f.receipt("enforcer", "forced_transfer", &act);
                ("enforcer", "forced_transfer", dry, receipt)
            }
        };
        books.enter(f.now(), &receipt);
        let wet = match receipt.outcome {
            weighhouse_primitives::Outcome::Succeeded { .. } => 0,
            weighhouse_primitives::Outcome::Reverted { code, .. } => code,
            other @ weighhouse_primitives::Outcome::Halted(_) => panic!("{other:?}"),
        };
        assert_eq!(dry, wet, "{entry} of {by}");
        seen[usize::try_from(kind).expect("below four")][usize::from(wet != 0)] += 1;
    }
    let both = seen[..3].iter().flatten().all(|count| *count > 0);
    assert!(both, "both answers of each: {seen:?}");
}

/// Goal: a dry run writes nothing, emits nothing and never fails on accounts that nobody knows.
#[test]
fn a_dry_run_changes_nothing() {
    let mut f = Fixture::new();
    let id = f.parcel("P1", &[("ann", 1, 1)]);
    let before = f.object(id);
    let sale = (id, transfer("ann", "bob", (1, 1)), vec![DOC]);
    assert_eq!(f.check("ann", "apply", &sale), 0);
    assert_eq!(f.check("ann", "apply", &sale), 0);
    assert_eq!(f.check("nobody", "apply", &sale), 1);
    assert_eq!(f.check("nobody", "endorse", &(id, at("nobody else"))), 4);
    assert_eq!(f.check("nobody", "consent", &77_u64), 4);
    let new = (Class::Parcel, "P2".to_owned(), DOC, Some(Amount(1)), DOC);
    assert_eq!(f.check("nobody", "create_object", &new), 1);
    assert_eq!(f.object(id), before);
    assert_eq!(
        f.ask::<Vec<u64>>("queue", &(id, None::<u64>, 10_u32)),
        [0_u64; 0]
    );
}
