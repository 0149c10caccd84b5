//! Which transactions are durable: heads over WebSocket, then the hashes of each block.
//!
//! The time that counts is the arrival of the block's header. The hashes are read afterwards, so that
//! matching does not enter the measured latency.

use crate::output::Failure;
use hdrhistogram::Histogram;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use weighhouse_primitives::TxHash;
use weighhouse_rpc::api::NoParams;
use weighhouse_rpc::api::chain::{ChainBlock, Detail};
use weighhouse_rpc::client::Client;
use weighhouse_rpc::types::{HeaderView, U64};

/// Latencies in microseconds: three digits, up to ten minutes.
pub(super) fn histogram() -> Result<Histogram<u64>, Failure> {
    Histogram::new_with_bounds(1, 600_000_000, 3)
        .map_err(|error| Failure::fault(format!("a histogram cannot be made: {error}")))
}

/// Adds a latency.
pub(super) fn record(histogram: &mut Histogram<u64>, latency: Duration) {
    histogram.saturating_record(
        u64::try_from(latency.as_micros())
            .unwrap_or(u64::MAX)
            .max(1),
    );
}

/// What is waited for, and what came.
#[derive(Debug)]
pub(super) struct Durable {
    /// Sent and not durable yet, with the moment of sending.
    pub(super) open: HashMap<TxHash, Instant>,
    /// From sending to the header of the block.
    pub(super) latency: Histogram<u64>,
    /// Number of durable transactions.
    pub(super) count: u64,
    /// Those of them that did not succeed.
    pub(super) failed: u64,
    /// Blocks that held any.
    pub(super) blocks: u64,
    /// When the last of them became durable.
    pub(super) last: Option<Instant>,
    /// Where acknowledgements are written: hash and height in a line.
    pub(super) file: Option<BufWriter<File>>,
}

/// Follows the chain and tells what is durable.
#[derive(Debug)]
pub(super) struct Follower {
    durable: Mutex<Durable>,
    /// Room for transactions that are sent and not durable.
    pub(super) room: Semaphore,
}

impl Follower {
    pub(super) fn new(room: usize, file: Option<BufWriter<File>>) -> Result<Arc<Self>, Failure> {
        Ok(Arc::new(Self {
            durable: Mutex::new(Durable {
                open: HashMap::new(),
                latency: histogram()?,
                count: 0,
                failed: 0,
                blocks: 0,
                last: None,
                file,
            }),
            room: Semaphore::new(room),
        }))
    }

    pub(super) fn durable(&self) -> MutexGuard<'_, Durable> {
        self.durable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for these from now on.
    pub(super) fn expect(&self, hashes: impl Iterator<Item = TxHash>, since: Instant) {
        self.durable().open.extend(hashes.map(|hash| (hash, since)));
    }

    /// Does not wait for this one any more: it was refused.
    pub(super) fn forget(&self, hash: &TxHash) {
        if self.durable().open.remove(hash).is_some() {
            self.room.add_permits(1);
        }
    }

    /// Follows until the connection ends.
    ///
    /// # Errors
    /// Trouble on the way to the node.
    pub(super) async fn follow(
        self: Arc<Self>,
        http: Client,
        websocket: Client,
    ) -> Result<(), Failure> {
        let mut heads = websocket.chain_subscribe_heads(&NoParams {}).await?;
        let (sender, mut arrived) = tokio::sync::mpsc::unbounded_channel();
        // Arrival is noted by a task of its own: reading hashes must not delay it.
        let noting = tokio::spawn(async move {
            while let Some(Ok(header)) = heads.next().await {
                if sender.send((header, Instant::now())).is_err() {
                    return;
                }
            }
        });
        while let Some((header, at)) = arrived.recv().await {
            self.block(&http, &header, at).await?;
        }
        noting
            .await
            .map_err(|error| Failure::fault(format!("following heads: {error}")))
    }

    /// Reads the hashes of a block.
    async fn block(
        &self,
        client: &Client,
        header: &HeaderView,
        at: Instant,
    ) -> Result<(), Failure> {
        let height = U64(header.height.0);
        let request = ChainBlock {
            hash: Some(header.hash),
            detail: Some(Detail::Hashes),
            ..ChainBlock::default()
        };
        let block = client.chain_block(&request).await?;
        let failed: BTreeSet<u32> = block.failed.unwrap_or_default().into_iter().collect();
        let mut durable = self.durable();
        let before = durable.count;
        for (place, hash) in (0..).zip(block.hashes.unwrap_or_default()) {
            let Some(since) = durable.open.remove(&TxHash::from(hash)) else {
                continue;
            };
            durable.count += 1;
            record(&mut durable.latency, at.saturating_duration_since(since));
            durable.failed += u64::from(failed.contains(&place));
            if let Some(file) = &mut durable.file {
                writeln!(file, "{hash} {height}").map_err(|error| {
                    Failure::fault(format!("cannot write acknowledgements: {error}"))
                })?;
            }
        }
        let ours = durable.count - before;
        if ours > 0 {
            durable.blocks += 1;
            durable.last = Some(at);
        }
        if let Some(file) = &mut durable.file {
            let _ = file.flush();
        }
        drop(durable);
        self.room
            .add_permits(usize::try_from(ours).unwrap_or_default());
        Ok(())
    }
}
