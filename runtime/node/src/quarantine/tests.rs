//! The list over a folder, as a node that ends in the middle leaves it.

use super::*;
use weighhouse_primitives::{
    Action, Address, Authorization, Gas, Payload, Timestamp, Transaction, hash::GenesisHash,
};

fn candidate(nonce: u64) -> Admitted {
    let payload = Payload {
        chain: GenesisHash::default(),
        signer: Address([7; 32]),
        nonce,
        valid_until: Timestamp(1),
        gas_limit: Gas(1),
        action: Action::Call {
            contract: Address([9; 32]),
            input: Vec::new(),
        },
    };
    Admitted {
        hash: payload.hash(),
        bytes: 1,
        transaction: Transaction {
            payload,
            authorization: Authorization::Development,
        },
    }
}

fn hashes(candidates: &[Admitted]) -> Vec<TxHash> {
    candidates.iter().map(|one| one.hash).collect()
}

fn open(folder: &Path) -> Quarantine {
    Quarantine::open(Some(folder)).expect("a list")
}

/// Goal: what ends the node among others is executed alone, what ends it alone is quarantined, and what
/// is executed alone is acquitted; a release gives another chance.
#[test]
fn two_ends_are_a_quarantine() {
    let folder = tempfile::tempdir().expect("a folder");
    let (bad, good) = (candidate(1), candidate(2));
    let together = vec![good.clone(), bad.clone(), candidate(3)];

    // The node ends while three are executed.
    open(folder.path()).begin(&together).expect("noted");
    let mut second = open(folder.path());
    assert_eq!(second.charges().count(), 3);
    assert!(second.quarantined().is_empty());
    let mut next = together.clone();
    assert_eq!(second.separate(&mut next).len(), 2);
    assert_eq!(hashes(&next), [good.hash]);
    second.begin(&next).expect("noted");
    second.end().expect("executed");
    assert_eq!(second.charges().count(), 2, "the good one is acquitted");
    let mut next = vec![bad.clone(), good.clone()];
    assert_eq!(hashes(&second.separate(&mut next)), [good.hash]);
    assert_eq!(hashes(&next), [bad.hash]);
    second.begin(&next).expect("noted");
    drop(second);

    // It ended again, this time with the bad one alone.
    let mut third = open(folder.path());
    assert_eq!(third.quarantined(), BTreeSet::from([bad.hash]));
    assert!(third.release(&bad.hash).expect("released"));
    assert!(!third.release(&bad.hash).expect("nothing there"));
    drop(third);
    assert!(open(folder.path()).quarantined().is_empty());
}

/// Goal: a node that ends between blocks, or has no folder, accuses nobody.
#[test]
fn quiet_ends_accuse_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut list = open(folder.path());
    list.begin(&[candidate(1)]).expect("noted");
    list.end().expect("executed");
    list.begin(&[]).expect("an empty block");
    drop(list);
    assert_eq!(open(folder.path()).charges().count(), 0);
    let mut nowhere = Quarantine::open(None).expect("a list");
    nowhere.begin(&[candidate(1)]).expect("nothing noted");
    nowhere.end().expect("nothing noted");
}

/// Goal: a list that somebody spoiled is refused by line, never half read.
#[test]
fn a_spoiled_list_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(LIST), "suspect 0x12\n").expect("written");
    let refused = Quarantine::open(Some(folder.path())).expect_err("spoiled");
    assert!(refused.to_string().contains("line 1"), "{refused}");
}

/// Goal: in a block that is executed whole or not at all, the second end names the transaction that was being
/// executed, not its neighbours; a block that is refused acquits nobody, one that is executed acquits all.
#[test]
fn a_block_of_others_names_its_transaction() {
    let folder = tempfile::tempdir().expect("a folder");
    let block: Vec<Admitted> = (1..=3).map(candidate).collect();
    let bad = block[1].hash;
    // The node ends while the block is executed.
    let mut first = open(folder.path());
    assert!(!first.suspects(&block));
    first.begin(&block).expect("noted");
    drop(first);
    // It is executed one by one: first it is refused, then the node ends again.
    let mut second = open(folder.path());
    assert!(second.suspects(&block));
    second.begin_one_by_one(&block);
    second.next(&block[0].hash).expect("noted");
    second.give_up().expect("refused");
    assert_eq!(second.charges().count(), 3);
    second.begin_one_by_one(&block);
    for one in &block[..2] {
        second.next(&one.hash).expect("noted");
    }
    drop(second);
    let mut third = open(folder.path());
    assert_eq!(third.quarantined(), BTreeSet::from([bad]));
    assert!(third.holds(&bad) && !third.holds(&block[0].hash));
    // A block without it.
    let others = [block[0].clone(), block[2].clone()];
    third.begin_one_by_one(&others);
    for one in &others {
        third.next(&one.hash).expect("noted");
    }
    third.end().expect("executed");
    assert_eq!(third.charges().count(), 1);
    drop(third);
    assert_eq!(open(folder.path()).charges().count(), 1);
}
