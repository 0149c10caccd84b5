//! The pool alone: bounds, order, names, expiry.

use super::*;
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{Action, Authorization, Gas, Payload, Transaction};

fn tx(signer: u8, nonce: u64, valid_until: u64) -> Admitted {
    let payload = Payload {
        chain: GenesisHash::default(),
        signer: Address([signer; 32]),
        nonce,
        valid_until: Timestamp(valid_until),
        gas_limit: Gas(1),
        action: Action::Call {
            contract: Address::ZERO,
            input: Vec::new(),
        },
    };
    Admitted {
        hash: payload.hash(),
        bytes: 100,
        transaction: Transaction {
            payload,
            authorization: Authorization::Development,
        },
    }
}

fn limits(transactions_max: usize, bytes_max: usize, per_signer_max: usize) -> Limits {
    Limits {
        transactions_max,
        bytes_max,
        per_signer_max,
        refs_max: 2,
    }
}

/// Every bound lets in exactly as many as it says.
#[test]
fn bounds_hold_at_n_and_n_plus_one() {
    for (limits, what) in [
        (limits(3, 10_000, 10), "transactions"),
        (limits(10, 300, 10), "bytes"),
        (limits(10, 10_000, 3), "transactions of this signer"),
    ] {
        let mut pool = Pool::new(limits);
        for nonce in 0..3 {
            assert_eq!(
                pool.add(tx(1, nonce, 9), None),
                Ok(Added::Accepted),
                "{what}"
            );
        }
        let refused = pool.add(tx(1, 3, 9), None);
        assert!(matches!(refused, Err(PoolError::Full { what: got, .. }) if got == what));
        pool.settle([&tx(1, 0, 9).hash]);
        assert_eq!(pool.add(tx(1, 3, 9), None), Ok(Added::Accepted), "{what}");
    }
}

/// A hash waits once, also while its block is being made.
#[test]
fn known_until_settled() {
    let mut pool = Pool::new(Limits::default());
    let one = tx(1, 1, 9);
    assert_eq!(pool.add(one.clone(), None), Ok(Added::Accepted));
    assert_eq!(pool.add(one.clone(), None), Ok(Added::Known));
    assert_eq!(pool.take(10, 1_000).len(), 1);
    assert_eq!(pool.add(one.clone(), None), Ok(Added::Known));
    assert!(pool.take(10, 1_000).is_empty());
    assert_eq!(pool.status(&one.hash), Status::Pending);
    pool.settle([&one.hash]);
    assert_eq!(pool.status(&one.hash), Status::Absent);
    assert_eq!((pool.len(), pool.bytes()), (0, 0));
}

/// Candidates come in order of arrival within count and bytes; what found no room keeps its place.
#[test]
fn order_of_arrival() {
    let mut pool = Pool::new(Limits::default());
    let all: Vec<Admitted> = (0..5).map(|nonce| tx(1, nonce, 9)).collect();
    for one in &all {
        pool.add(one.clone(), None).expect("room");
    }
    let first = pool.take(10, 250);
    assert_eq!(first.len(), 2);
    pool.put_back([&first[1].hash]);
    let hashes: Vec<TxHash> = pool.take(3, 10_000).iter().map(|one| one.hash).collect();
    assert_eq!(hashes, [all[1].hash, all[2].hash, all[3].hash]);
    assert!(pool.has_candidates());
    assert_eq!(pool.take(1, 10).len(), 1, "one always fits");
}

/// A client reference belongs to one transaction of its signer, and the oldest is forgotten first.
#[test]
fn client_refs() {
    let mut pool = Pool::new(limits(10, 10_000, 10));
    let (one, two) = (tx(1, 1, 9), tx(1, 2, 9));
    pool.add(one.clone(), Some("a".into())).expect("room");
    assert_eq!(
        pool.add(two.clone(), Some("a".into())),
        Err(PoolError::RefConflict { hash: one.hash })
    );
    assert_eq!(pool.status(&two.hash), Status::Absent);
    assert_eq!(pool.add(one.clone(), Some("a".into())), Ok(Added::Known));
    pool.add(tx(2, 1, 9), Some("a".into()))
        .expect("another signer's name");
    assert_eq!(pool.by_ref(Address([1; 32]), "a"), Some(one.hash));
    pool.add(two, Some("b".into())).expect("room");
    assert_eq!(pool.by_ref(Address([1; 32]), "a"), None);
}

/// What expired while it waited is dropped with its reason; what is in a block stays.
#[test]
fn expiry() {
    let mut pool = Pool::new(Limits::default());
    let (early, late) = (tx(1, 1, 5), tx(1, 2, 6));
    pool.add(early.clone(), None).expect("room");
    pool.add(late.clone(), None).expect("room");
    assert!(
        pool.expire(Timestamp(5)).is_empty(),
        "valid until 5, inclusive"
    );
    assert_eq!(pool.expire(Timestamp(6)), [early.hash]);
    assert!(matches!(
        pool.status(&early.hash),
        Status::Dropped(Rejection::Expired { .. })
    ));
    assert_eq!(pool.take(9, 1_000).len(), 1);
    assert!(pool.expire(Timestamp(100)).is_empty());
    assert_eq!(pool.status(&late.hash), Status::Pending);
}

/// A page resumes strictly after the place of the last item.
#[test]
fn listing() {
    let mut pool = Pool::new(Limits::default());
    for nonce in 0..4 {
        pool.add(tx(1 + u8::from(nonce == 1), nonce, 9), None)
            .expect("room");
    }
    let account = Address([1; 32]);
    let page = pool.list(Some(&account), None, 2);
    assert_eq!(
        page.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
        [0, 2]
    );
    let page = pool.list(Some(&account), Some(2), 2);
    assert_eq!(
        page.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
        [3]
    );
}
