//! The index against a plain search through all blocks.

use super::*;
use crate::state::behind::BehindSettings;
use crate::state::change::Changes;
use crate::state::database::{DatabaseSettings, Layer, OpenedDatabase, Tip};
use crate::state::store::memory::MemoryStore;
use crate::state::store::{Batch, StoreSettings};
use proptest::prelude::*;
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{
    Authorization, Event, Gas, Hash, Header, Outcome, Payload, StateRoot, Timestamp, Transaction,
};

fn address(number: u8) -> Address {
    Address([number; 32])
}

/// A transaction of signer 1..=3 calling contract 10..=12, emitting the given events.
fn transaction(seed: u8, nonce: u64, events: &[u8], data: usize) -> (Transaction, Receipt) {
    let transaction = Transaction {
        payload: Payload {
            chain: GenesisHash::default(),
            signer: address(1 + seed % 3),
            nonce,
            valid_until: Timestamp(9),
            gas_limit: Gas(1),
            action: Action::Call {
                contract: address(10 + seed % 4 % 3),
                input: vec![],
            },
        },
        authorization: Authorization::Development,
    };
    let receipt = Receipt {
        tx: transaction.hash(),
        outcome: Outcome::Succeeded {
            data: vec![seed; data],
        },
        gas_used: Gas(1),
        events: events
            .iter()
            .map(|event| Event {
                contract: address(10 + event % 3),
                kind: u32::from(event / 3 % 2),
                data: vec![*event],
            })
            .collect(),
        effects: Hash::ZERO,
    };
    (transaction, receipt)
}

type Blocks = Vec<(Block, Vec<Receipt>)>;

fn block(height: u64, pairs: Vec<(Transaction, Receipt)>) -> (Block, Vec<Receipt>) {
    let (transactions, receipts): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let header = Header {
        chain: GenesisHash::default(),
        protocol: 1,
        height: Height(height),
        previous: BlockHash::default(),
        time: Timestamp(height),
        tx_count: u32::try_from(transactions.len()).unwrap(),
        tx_root: Hash::ZERO,
        receipts_root: Hash::ZERO,
        writes: Hash::ZERO,
        state_root: StateRoot::default(),
        gas_used: Gas(0),
    };
    (
        Block {
            header,
            transactions,
        },
        receipts,
    )
}

/// An index over `blocks`, some of them stored, the others waiting.
fn index(blocks: &Blocks, stored: usize) -> Index {
    let settings = DatabaseSettings {
        chain: GenesisHash::default(),
        store: StoreSettings::default(),
        cache_bytes: 1024,
        batch_rows: 1,
        behind: BehindSettings::default(),
    };
    let opened = Database::over(Box::new(MemoryStore::new()), &settings).unwrap();
    let OpenedDatabase::Ready(database) = opened else {
        panic!("an empty store is ready");
    };
    for (block, receipts) in blocks {
        database
            .push(Layer {
                tip: Tip {
                    height: block.header.height,
                    block: block.header.hash(),
                    state_root: StateRoot::default(),
                },
                state: Changes::default(),
                leaves: Vec::new(),
                pages: Batch::new(),
                look_ups: Index::look_ups(block, receipts),
                rows: Index::rows(block, receipts),
            })
            .unwrap();
    }
    (0..stored).for_each(|_| assert!(database.store_next().is_ok()));
    Index::new(database)
}

/// All pages of a query.
fn all<T>(query: Query, read: impl Fn(&Query) -> Found<T>) -> Vec<T> {
    let (mut query, mut items) = (query, Vec::new());
    loop {
        let page = read(&query);
        assert!(page.items.len() <= query.limit);
        items.extend(page.items);
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return items,
        }
    }
}

fn every_event(blocks: &Blocks) -> Vec<EventAt> {
    let mut found = Vec::new();
    for (block, receipts) in blocks {
        for (tx, receipt) in (0..).zip(receipts) {
            for (event, emitted) in (0..).zip(&receipt.events) {
                let height = block.header.height;
                found.push(EventAt {
                    position: Position { height, tx, event },
                    tx: receipt.tx,
                    event: emitted.clone(),
                });
            }
        }
    }
    found
}

/// Runs `check` in both orders.
fn both_orders(query: Query, check: impl Fn(Query, bool)) {
    for order in [Order::Ascending, Order::Descending] {
        check(Query { order, ..query }, order == Order::Descending);
    }
}

fn check_events(index: &Index, blocks: &Blocks, query: Query) {
    both_orders(query, |query, descending| {
        let inside = |height: Height| height >= query.from && height <= query.to;
        for (contract, kind) in [
            (None, None),
            (None, Some(1)),
            (Some(10), None),
            (Some(11), Some(0)),
        ] {
            let filter = EventFilter {
                contract: contract.map(address),
                kind,
            };
            let mut expected = every_event(blocks);
            expected.retain(|found| {
                inside(found.position.height)
                    && filter
                        .contract
                        .is_none_or(|contract| contract == found.event.contract)
                    && kind.is_none_or(|kind| kind == found.event.kind)
            });
            if descending {
                expected.reverse();
            }
            let found = all(query, |query| index.events(&filter, query).unwrap());
            assert_eq!(found, expected);
        }
    });
}

fn check_transactions(index: &Index, blocks: &Blocks, query: Query) {
    both_orders(query, |query, descending| {
        let inside = |height: Height| height >= query.from && height <= query.to;
        for (account, contract) in [
            (None, None),
            (Some(1), None),
            (None, Some(11)),
            (Some(2), Some(10)),
        ] {
            let filter = TxFilter {
                account: account.map(address),
                contract: contract.map(address),
            };
            let mut expected = Vec::new();
            for (block, _) in blocks
                .iter()
                .filter(|(block, _)| inside(block.header.height))
            {
                for (tx, transaction) in (0..).zip(&block.transactions) {
                    let payload = &transaction.payload;
                    let Action::Call { contract, .. } = &payload.action else {
                        unreachable!()
                    };
                    if filter
                        .account
                        .is_none_or(|account| account == payload.signer)
                        && filter.contract.is_none_or(|wanted| wanted == *contract)
                    {
                        expected.push(Position {
                            height: block.header.height,
                            tx,
                            event: 0,
                        });
                    }
                }
            }
            if descending {
                expected.reverse();
            }
            let found = all(query, |query| index.transactions(&filter, query).unwrap());
            assert_eq!(found, expected);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Goal: every look-up and every paged query equals a search through all blocks.
    #[test]
    fn look_ups_equal_a_search(
        shape in proptest::collection::vec(
            proptest::collection::vec((any::<u8>(), proptest::collection::vec(any::<u8>(), 0..4)), 0..5), 1..8),
        stored in 0..9_usize, limit in 1..5_usize, from in 0..4_u64, to in 3..12_u64,
    ) {
        let mut nonce = 0;
        let blocks: Blocks = (1..).zip(shape).map(|(height, txs)| {
            let pairs = txs.into_iter().map(|(seed, events)| {
                nonce += 1;
                transaction(seed, nonce, &events, usize::from(seed))
            });
            block(height, pairs.collect())
        }).collect();
        let index = index(&blocks, stored);
        for (block, receipts) in &blocks {
            let height = block.header.height;
            prop_assert_eq!(&index.receipts(height).unwrap(), receipts);
            prop_assert_eq!(index.height_of(&block.header.hash()).unwrap(), Some(height));
            for (number, receipt) in (0..).zip(receipts) {
                let place = index.locate(&receipt.tx).unwrap();
                prop_assert_eq!(place, Some(Location { height, index: number }));
                let found = index.receipt(height, number).unwrap();
                prop_assert_eq!(found.as_ref(), Some(receipt));
            }
            let count = u32::try_from(receipts.len()).unwrap();
            prop_assert_eq!(index.receipt(height, count).unwrap(), None);
        }
        prop_assert_eq!(index.locate(&TxHash::default()).unwrap(), None);
        prop_assert_eq!(index.height_of(&BlockHash::default()).unwrap(), None);
        let query = Query { from: Height(from), to: Height(to), limit, ..Query::default() };
        check_events(&index, &blocks, query);
        check_transactions(&index, &blocks, query);
    }
}

/// Goal: receipts of all sizes come back, those longer than a row among them; no row is too long.
#[test]
fn long_receipts_span_rows() {
    let sizes = [0, 10, 9_000, 5, 70_000, 8_000, 8_192, 1];
    let pairs = (0_u8..)
        .zip(sizes)
        .map(|(seed, size)| transaction(seed, u64::from(seed), &[], size));
    let blocks = vec![block(1, pairs.collect())];
    let index = index(&blocks, 1);
    assert_eq!(index.receipts(Height(1)).unwrap(), blocks[0].1);
    for (number, receipt) in (0..).zip(&blocks[0].1) {
        assert_eq!(
            index.receipt(Height(1), number).unwrap().as_ref(),
            Some(receipt)
        );
    }
    let rows = Index::rows(&blocks[0].0, &blocks[0].1);
    let longest = rows.values().flatten().map(|value| value.len()).max();
    assert_eq!(longest, Some(CHUNK_BYTES));
}

/// Goal: the documented cost of a transfer holds: about two rows and 300 bytes.
#[test]
fn a_transfer_costs_two_rows() {
    let transfer = |nonce: u64| {
        let (mut transaction, mut receipt) = transaction(0, nonce, &[0], 0);
        let mut signer = [0; 32];
        signer[..8].copy_from_slice(&nonce.to_le_bytes());
        transaction.payload.signer = Address(signer);
        receipt.tx = transaction.hash();
        receipt.events[0].data = vec![0; 80];
        (transaction, receipt)
    };
    let (block, receipts) = block(1, (0..1_000).map(transfer).collect());
    let rows = Index::rows(&block, &receipts);
    let bytes: usize = rows
        .iter()
        .map(|(key, value)| key.len() + value.as_ref().map_or(0, |value| value.len()))
        .sum();
    assert!(rows.len() <= 2_050, "{} rows", rows.len());
    assert!(bytes <= 320_000, "{bytes} bytes");
}
