//! The producer on a disk that is full, or fails: what is told, what is not, and how it goes on.

use super::*;
use crate::solo::tests::{Rig, START};
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use weighhouse_rpc::error::ErrorBody;
use weighhouse_rpc::server::Submit;
use weighhouse_runtime::log::files::Files;
use weighhouse_runtime::log::{LogSettings, MemoryFiles};
use weighhouse_runtime::state::store::Opened;
use weighhouse_runtime::state::store::memory::MemoryStore;
use weighhouse_runtime::storage::Storage;

const SIZES: LogSettings = LogSettings {
    segment_bytes: 1 << 20,
    step_bytes: 2_000,
};

/// A disk with so much room, whose syncs may fail.
#[derive(Debug, Default)]
struct Disk {
    files: MemoryFiles,
    room: AtomicU64,
    syncs_fail: AtomicBool,
}

impl Disk {
    fn used(&self) -> io::Result<u64> {
        let names = self.files.list()?;
        names.iter().map(|name| self.files.len(name)).sum()
    }
}

impl Files for Disk {
    fn list(&self) -> io::Result<Vec<String>> {
        self.files.list()
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        self.files.len(name)
    }

    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        self.files.read(name, offset, bytes)
    }

    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let length = self.files.len(name).unwrap_or(0);
        let grows = (offset + bytes.len() as u64).saturating_sub(length);
        if self.used()? + grows > self.room.load(Ordering::SeqCst) {
            // A part of it fits.
            self.files.write(name, offset, &bytes[..bytes.len() / 3])?;
            return Err(ErrorKind::StorageFull.into());
        }
        self.files.write(name, offset, bytes)
    }

    fn truncate(&self, name: &str, len: u64) -> io::Result<()> {
        self.files.truncate(name, len)
    }

    fn sync(&self, _name: &str) -> io::Result<()> {
        match self.syncs_fail.load(Ordering::SeqCst) {
            true => Err(io::Error::other("input/output error")),
            false => Ok(()),
        }
    }

    fn sync_folder(&self) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.files.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.files.remove(name)
    }
}

#[derive(Clone, Debug)]
struct OnDisk(Arc<Disk>);

impl Storage for OnDisk {
    fn log(&self) -> Result<(Arc<dyn Files>, LogSettings), Fault> {
        Ok((Arc::clone(&self.0) as Arc<dyn Files>, SIZES))
    }

    fn store(&self) -> Result<Opened, Fault> {
        Ok(Opened::Ready(Box::new(MemoryStore::new())))
    }

    fn wipe(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// A node on a disk with room for some blocks.
fn on_disk(blocks: BlockMode) -> (Rig, Arc<Disk>) {
    let disk = Arc::new(Disk::default());
    disk.room.store(9_000, Ordering::SeqCst);
    let mut settings = Settings::memory();
    settings.storage = Some(Arc::new(OnDisk(Arc::clone(&disk))));
    (Rig::over(blocks, settings), disk)
}

/// Goal: a full disk turns the node read-only with 1502 and its reason; what was acknowledged can be read, what
/// was accepted waits on and is durable soon after there is room, without a restart.
#[tokio::test]
async fn state_2_a_full_disk_is_read_only_until_there_is_room() {
    let (mut rig, disk) = on_disk(BlockMode::Auto);
    let mut added = BTreeSet::new();
    let mut durable = BTreeSet::new();
    for nonce in 0.. {
        assert!(nonce < 1_000, "it never filled up");
        added.insert(rig.add(nonce));
        let full = tokio::time::timeout(Duration::from_secs(20), async {
            while !rig.producer.is_full() {
                if let Ok(Happening::Committed(block)) = rig.happenings.try_recv() {
                    durable.extend(block.receipts.iter().map(|receipt| receipt.tx));
                    return false;
                }
                tokio::task::yield_now().await;
            }
            true
        });
        if full.await.expect("in time") {
            break;
        }
    }
    let head = rig.producer.reader().head();
    let refused = rig.producer.add(rig.admitted(5_000, 600), None);
    let reason = ProducerError::Pool(PoolError::ReadOnly { reason: FULL });
    assert_eq!(refused, Err(reason));
    let answer = ErrorBody::from(rig.producer.ready().expect_err("full"));
    assert_eq!((answer.code, answer.name()), (1502, "read_only"));
    assert_eq!(rig.producer.halted(), None);
    for hash in &durable {
        assert!(
            rig.producer
                .reader()
                .transaction(hash)
                .expect("read")
                .is_some()
        );
    }
    assert_eq!(rig.producer.reader().head(), head);
    disk.room.store(64 << 20, Ordering::SeqCst);
    while durable.len() < added.len() {
        let block = rig.block().await;
        durable.extend(block.receipts.iter().map(|receipt| receipt.tx));
    }
    assert_eq!(durable, added);
    assert_eq!(rig.producer.ready(), Ok(()));
    rig.producer.stop();
    assert_eq!(rig.ended().await, None);
}

/// Goal: a block that is ordered on a full disk is refused, and made once there is room.
#[tokio::test]
async fn blocks_on_order_are_refused_on_a_full_disk() {
    let (rig, disk) = on_disk(BlockMode::Manual);
    disk.room.store(0, Ordering::SeqCst);
    let hash = rig.add(1);
    let reason = ProducerError::Pool(PoolError::ReadOnly { reason: FULL });
    for _ in 0..2 {
        assert_eq!(rig.producer.mine(1).await, Err(reason.clone()));
    }
    disk.room.store(64 << 20, Ordering::SeqCst);
    assert_eq!(rig.producer.mine(1).await, Ok(Height(1)));
    let found = rig.producer.reader().transaction(&hash).expect("read");
    assert_eq!(found.map(|found| found.height), Some(Height(1)));
}

/// Goal: after a failed sync nobody is told of the block, nobody can read it, and the node stops.
#[tokio::test]
async fn state_2_a_failed_sync_acknowledges_nothing_and_stops_the_node() {
    let (mut rig, disk) = on_disk(BlockMode::Manual);
    rig.add(1);
    assert_eq!(rig.producer.mine(1).await, Ok(Height(1)));
    rig.block().await;
    disk.syncs_fail.store(true, Ordering::SeqCst);
    let hash = rig.add(2);
    let mined = rig.producer.mine(1).await;
    assert!(matches!(mined, Err(ProducerError::Halted(_))), "{mined:?}");
    let halt = rig.ended().await.expect("a reason");
    assert!(halt.cause.contains("input/output error"), "{}", halt.cause);
    assert_eq!(halt.height, Height(1));
    assert!(rig.happenings.try_recv().is_err(), "somebody was told");
    let reader = rig.producer.reader();
    assert_eq!(reader.head().height, Height(1));
    assert!(reader.transaction(&hash).expect("read").is_none());
    // A disk that syncs again does not bring the node back: what it holds is unknown.
    disk.syncs_fail.store(false, Ordering::SeqCst);
    assert!(rig.producer.mine(1).await.is_err());
    let answer = ErrorBody::from(rig.producer.ready().expect_err("stopped"));
    assert_eq!((answer.code, answer.name()), (1503, "faulted"));
    assert_eq!(START, rig.producer.reader().genesis().time);
}
