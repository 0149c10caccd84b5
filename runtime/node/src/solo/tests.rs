//! The solo producer over a real chain in memory, and once in a folder.

use super::*;
use parity_scale_codec::Encode;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use weighhouse_primitives::{Action, Address, Authorization, Gas, Payload, Transaction};
use weighhouse_runtime::Stage;

pub(super) const START: Timestamp = Timestamp(1_768_197_600);

/// A wait that ends long before a test would be killed, and long after anything healthy.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Rig {
    pub(super) producer: Producer,
    pub(super) happenings: UnboundedReceiver<Happening>,
}

impl Rig {
    fn new(blocks: BlockMode) -> Self {
        Self::over(blocks, Settings::memory())
    }

    pub(super) fn over(blocks: BlockMode, chain: Settings) -> Self {
        let clock = Arc::new(SettableClock::default());
        clock.set(START);
        let (tell, happenings) = unbounded_channel();
        let producer = Producer::start(Setup {
            consensus: None,
            genesis: Genesis::development(START),
            chain,
            pool: Limits::default(),
            blocks,
            clock,
            reserve_bytes: 0,
            watcher: Box::new(move |happening: &Happening| {
                let _ = tell.send(happening.clone());
            }),
        });
        Self {
            producer: producer.expect("a chain"),
            happenings,
        }
    }

    /// An unsigned call of a contract that does not exist: executes, halts, is consumed.
    pub(super) fn admitted(&self, nonce: u64, valid_seconds: u64) -> Admitted {
        let payload = Payload {
            chain: self.producer.reader().genesis().hash(),
            signer: Address([7; 32]),
            nonce,
            valid_until: START.saturating_add(valid_seconds),
            gas_limit: Gas(1_000_000),
            action: Action::Call {
                contract: Address([9; 32]),
                input: vec![0; 4],
            },
        };
        let transaction = Transaction {
            payload,
            authorization: Authorization::Development,
        };
        let checked = self.producer.reader().check(&transaction.encode());
        checked.expect("no fault").expect("admitted")
    }

    pub(super) fn add(&self, nonce: u64) -> TxHash {
        let admitted = self.admitted(nonce, 600);
        let hash = admitted.hash;
        self.producer.add(admitted, None).expect("room");
        hash
    }

    async fn happening(&mut self) -> Happening {
        let next = tokio::time::timeout(PATIENCE, self.happenings.recv()).await;
        next.expect("in time").expect("the producer lives")
    }

    pub(super) async fn block(&mut self) -> Arc<Committed> {
        match self.happening().await {
            Happening::Committed(committed) => committed,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn ended(&self) -> Option<Halt> {
        let ended = tokio::time::timeout(PATIENCE, self.producer.ended()).await;
        ended.expect("in time")
    }
}

/// A waiting transaction is reason enough for a block, and leaves the pool with it.
#[tokio::test]
async fn auto_makes_a_block_on_demand() {
    let mut rig = Rig::new(BlockMode::Auto);
    let hash = rig.add(1);
    let committed = rig.block().await;
    assert_eq!(committed.block.header.height, Height(1));
    assert!(committed.block.header.time >= START);
    assert_eq!(committed.receipts[0].tx, hash);
    rig.producer.stop();
    assert_eq!(rig.ended().await, None);
    assert_eq!(rig.producer.with_pool(Pool::len), 0);
    let found = rig.producer.reader().transaction(&hash).expect("no fault");
    assert_eq!(found.map(|found| found.height), Some(Height(1)));
}

/// Blocks on order only: nothing before the order, exactly as many as ordered, empty ones too.
#[tokio::test]
async fn manual_waits_for_orders() {
    let mut rig = Rig::new(BlockMode::Manual);
    let hash = rig.add(1);
    assert_eq!(rig.producer.reader().head().height, Height(0));
    assert_eq!(rig.producer.mine(3).await, Ok(Height(3)));
    let first = rig.block().await;
    assert_eq!(first.receipts.len(), 1);
    assert_eq!(first.receipts[0].tx, hash);
    assert!(rig.block().await.receipts.is_empty());
    assert!(rig.block().await.receipts.is_empty());
}

/// Every added transaction is in exactly one block, also those added while others are committed and
/// those that wait when the node is told to stop.
#[tokio::test]
async fn tx_1_every_transaction_once() {
    let mut rig = Rig::new(BlockMode::Auto);
    let added: BTreeSet<TxHash> = (0..300).map(|nonce| rig.add(nonce)).collect();
    rig.producer.stop();
    assert_eq!(rig.ended().await, None);
    let mut seen = BTreeSet::new();
    while let Ok(Happening::Committed(committed)) = rig.happenings.try_recv() {
        assert_eq!(committed.receipts.len(), committed.block.transactions.len());
        for receipt in &committed.receipts {
            assert!(seen.insert(receipt.tx), "{} twice", receipt.tx);
        }
    }
    assert_eq!(seen, added);
    let late = rig.producer.add(rig.admitted(1_000, 600), None);
    assert_eq!(late, Err(ProducerError::Stopping));
}

/// Goal: every stage of a block is measured, and transactions are counted, so that one can be divided by
/// the other.
#[tokio::test]
async fn stages_of_blocks_are_measured() {
    let mut rig = Rig::new(BlockMode::Manual);
    for nonce in 0..5 {
        rig.add(nonce);
    }
    assert_eq!(rig.producer.mine(2).await, Ok(Height(2)));
    rig.block().await;
    rig.block().await;
    assert_eq!(rig.producer.timing().transactions(), 5);
    // The stage of the store is the storer's: inline here.
    for stage in Stage::ALL {
        assert!(rig.producer.timing().nanos_in(stage) > 0, "{stage:?}");
    }
}

/// Empty blocks come at an interval; a transaction does not wait for it where blocks are mixed.
#[tokio::test]
async fn intervals_make_empty_blocks() {
    let mut rig = Rig::new(BlockMode::Interval(Duration::from_millis(5)));
    for height in 1..=3 {
        assert_eq!(rig.block().await.block.header.height, Height(height));
    }
    rig.producer
        .set_blocks(BlockMode::Mixed(Duration::from_secs(86_400)));
    let hash = rig.add(1);
    loop {
        let committed = rig.block().await;
        if committed.receipts.iter().any(|receipt| receipt.tx == hash) {
            break;
        }
    }
}

/// Block time never goes back, and what expires while it waits is dropped with its reason.
#[tokio::test]
async fn time_only_moves_ahead() {
    let mut rig = Rig::new(BlockMode::Manual);
    let short = rig.admitted(1, 10);
    let hash = short.hash;
    rig.producer.add(short, None).expect("room");
    rig.producer
        .set_time(Timestamp(START.0 + 100))
        .expect("ahead");
    rig.producer.mine(1).await.expect("a block");
    assert!(matches!(
        rig.happening().await,
        Happening::Dropped(dropped, Rejection::Expired { .. }) if dropped == hash
    ));
    let time = rig.block().await.block.header.time;
    assert!(time >= Timestamp(START.0 + 100));
    assert!(matches!(
        rig.producer.set_time(START),
        Err(ProducerError::TimeGoesBack { .. })
    ));
    rig.producer.clock().set(START);
    rig.producer.mine(1).await.expect("a block");
    assert_eq!(rig.block().await.block.header.time, time);
}

/// Going back forgets blocks and what waits; the same transaction can be executed again.
#[tokio::test]
async fn going_back() {
    let mut rig = Rig::new(BlockMode::Manual);
    let hash = rig.add(1);
    rig.producer.mine(2).await.expect("blocks");
    rig.add(2);
    assert_eq!(rig.producer.go_back(Height(0)).await, Ok(Height(0)));
    rig.block().await;
    rig.block().await;
    assert!(matches!(
        rig.happening().await,
        Happening::WentBack(Height(0))
    ));
    assert_eq!(rig.producer.with_pool(Pool::len), 0);
    assert!(
        rig.producer
            .reader()
            .transaction(&hash)
            .expect("no fault")
            .is_none()
    );
    assert_eq!(
        rig.producer.go_back(Height(5)).await,
        Err(ProducerError::NoSuchHeight {
            asked: Height(5),
            latest: Height(0)
        })
    );
    assert_eq!(rig.add(1), hash);
    rig.producer.mine(1).await.expect("a block");
    assert_eq!(rig.block().await.receipts[0].tx, hash);
}

/// A panic on the executor thread stops the node: nothing is skipped, nothing more is accepted.
#[tokio::test]
async fn a_panic_stops_the_node() {
    let clock = Arc::new(SettableClock::default());
    clock.set(START);
    let producer = Producer::start(Setup {
        consensus: None,
        genesis: Genesis::development(START),
        chain: Settings::memory(),
        pool: Limits::default(),
        blocks: BlockMode::Manual,
        clock,
        reserve_bytes: 0,
        watcher: Box::new(|_| panic!("as the test wants it")),
    });
    let producer = producer.expect("a chain");
    assert!(matches!(
        producer.mine(1).await,
        Err(ProducerError::Halted(_))
    ));
    let halt = tokio::time::timeout(PATIENCE, producer.ended())
        .await
        .expect("in time");
    let halt = halt.expect("a reason");
    assert!(
        halt.cause.contains("as the test wants it"),
        "{}",
        halt.cause
    );
    assert_eq!(halt.height, Height(1));
    assert!(matches!(
        producer.mine(1).await,
        Err(ProducerError::Halted(_))
    ));
    let ready = weighhouse_rpc::server::Submit::ready(&producer);
    let answered = weighhouse_rpc::error::ErrorBody::from(ready.expect_err("halted"));
    assert_eq!((answered.code, answered.name()), (1503, "faulted"));
}

/// With the store written by its own thread, a restart finds the same chain.
#[tokio::test]
async fn a_folder_survives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::folder(folder.path().join("data"));
    settings.store_inline = false;
    let head = {
        let mut rig = Rig::over(BlockMode::Auto, settings.clone());
        for nonce in 0..5 {
            rig.add(nonce);
            rig.block().await;
        }
        rig.producer.stop();
        assert_eq!(rig.ended().await, None);
        rig.producer.reader().head()
    };
    assert_eq!(head.height, Height(5));
    let rig = Rig::over(BlockMode::Manual, settings);
    assert_eq!(rig.producer.reader().head(), head);
    assert_eq!(rig.producer.mine(1).await, Ok(Height(6)));
}

/// Goal: a transaction that ended the node twice is refused from then on, and only that one; the chain
/// goes on, and the folder keeps it over restarts.
#[tokio::test]
async fn a_transaction_that_ends_the_node_twice_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let open = || Rig::over(BlockMode::Auto, Settings::folder(data.clone()));
    let rig = open();
    let bad = rig.admitted(1, 600);
    rig.producer.stop();
    rig.producer.ended().await;
    drop(rig);
    for _ in 0..2 {
        // What a process leaves that ends while it executes the transaction.
        std::fs::write(data.join("executing"), bad.hash.0.as_bytes()).expect("written");
        let rig = open();
        rig.producer.stop();
        rig.producer.ended().await;
        drop(rig);
    }
    let mut rig = open();
    let refused = rig
        .producer
        .add(bad.clone(), None)
        .expect_err("quarantined");
    assert_eq!(
        refused,
        ProducerError::Pool(PoolError::Quarantined { hash: bad.hash })
    );
    let good = rig.add(2);
    assert_eq!(rig.block().await.receipts[0].tx, good);
    rig.producer.stop();
    rig.producer.ended().await;
}

/// Goal: a suspect is executed in a block of its own, and is a suspect no longer.
#[tokio::test]
async fn a_suspect_is_executed_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let open = || Rig::over(BlockMode::Manual, Settings::folder(data.clone()));
    let rig = open();
    let suspect = rig.admitted(2, 600).hash;
    rig.producer.stop();
    rig.producer.ended().await;
    drop(rig);
    std::fs::write(data.join("executing"), suspect.0.as_bytes()).expect("written");
    let mut rig = open();
    let hashes = [rig.add(1), rig.add(2), rig.add(3)];
    rig.producer.mine(2).await.expect("mined");
    let alone = rig.block().await;
    assert_eq!(alone.receipts.len(), 1);
    assert_eq!(alone.receipts[0].tx, hashes[1]);
    assert_eq!(rig.block().await.receipts.len(), 2);
    rig.producer.stop();
    rig.producer.ended().await;
    let list = std::fs::read_to_string(data.join("quarantine.txt")).expect("a list");
    assert_eq!(list, "");
}
