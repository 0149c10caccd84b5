//! What has just become durable, for those who wait and those who follow.
//!
//! The node publishes each block after its commit and store hand-over, in order. Waiting for one
//! transaction costs one entry of a map, not a look at every block.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{broadcast, oneshot};
use weighhouse_primitives::TxHash;
use weighhouse_runtime::Committed;

/// Blocks that a follower may be behind before it is dropped.
const BLOCKS_BEHIND_MAX: usize = 256;

type Waiters = BTreeMap<TxHash, Vec<oneshot::Sender<()>>>;

/// The feed of durable blocks; cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed {
    blocks: broadcast::Sender<Arc<Committed>>,
    waiters: Arc<Mutex<Waiters>>,
    epoch: Arc<AtomicU64>,
}

impl Default for Feed {
    fn default() -> Self {
        Self::new()
    }
}

impl Feed {
    /// A feed that nobody follows yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            blocks: broadcast::channel(BLOCKS_BEHIND_MAX).0,
            waiters: Arc::default(),
            epoch: Arc::default(),
        }
    }

    /// Tells everybody about a durable block. Never blocks; readers must see the block by now.
    pub fn publish(&self, committed: &Arc<Committed>) {
        let mut waiters = self.lock();
        if !waiters.is_empty() {
            for receipt in &committed.receipts {
                wake(waiters.remove(&receipt.tx));
            }
        }
        drop(waiters);
        // An error only says that nobody follows.
        let _ = self.blocks.send(Arc::clone(committed));
    }

    /// Tells those who wait for a transaction that it was dropped.
    pub fn publish_dropped(&self, hash: &TxHash) {
        let gone = self.lock().remove(hash);
        wake(gone);
    }

    /// Tells that a development network went back: heights that were published come again.
    pub fn publish_went_back(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// How often the network went back.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Follows the blocks from now on.
    pub(crate) fn follow(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.blocks.subscribe()
    }

    /// Waits for a transaction; register first, then look whether it is there already.
    pub(crate) fn wait(&self, hash: TxHash) -> Waiter {
        let (sender, woken) = oneshot::channel();
        self.lock().entry(hash).or_default().push(sender);
        Waiter {
            feed: self.clone(),
            hash,
            woken,
        }
    }

    /// Nothing is half done when the lock is poisoned: entries are whole or not there.
    fn lock(&self) -> MutexGuard<'_, Waiters> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(waiting: Option<Vec<oneshot::Sender<()>>>) {
    for sender in waiting.into_iter().flatten() {
        // An error only says that this one has gone.
        let _ = sender.send(());
    }
}

/// Somebody waiting for a transaction; leaves the map when dropped.
#[derive(Debug)]
pub(crate) struct Waiter {
    feed: Feed,
    hash: TxHash,
    woken: oneshot::Receiver<()>,
}

impl Waiter {
    /// Ends when the transaction is durable or dropped.
    pub(crate) async fn woken(&mut self) {
        let _ = (&mut self.woken).await;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.woken.close();
        let mut waiters = self.feed.lock();
        if let Some(of_hash) = waiters.get_mut(&self.hash) {
            of_hash.retain(|sender| !sender.is_closed());
            if of_hash.is_empty() {
                waiters.remove(&self.hash);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a waiter that goes away leaves nothing behind, others stay.
    #[test]
    fn waiters_leave_nothing_behind() {
        let feed = Feed::new();
        let first = feed.wait(TxHash::default());
        let second = feed.wait(TxHash::default());
        drop(first);
        assert_eq!(feed.lock().len(), 1);
        drop(second);
        assert!(feed.lock().is_empty());
    }
}
