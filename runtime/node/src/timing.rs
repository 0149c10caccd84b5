//! Where the node's time goes: the stages of blocks, added up for `/metrics`.
//!
//! Sums only: divided by the transactions of the same span they are the cost of each stage for a
//! transaction (docs/performance.md).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use weighhouse_runtime::{Stage, Stopwatch};

/// Sums since the node started.
#[derive(Debug)]
pub struct Timing {
    start: Instant,
    nanos: [AtomicU64; Stage::ALL.len()],
    transactions: AtomicU64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            nanos: Default::default(),
            transactions: AtomicU64::new(0),
        }
    }
}

impl Timing {
    /// Nanoseconds spent in `stage`.
    #[must_use]
    pub fn nanos_in(&self, stage: Stage) -> u64 {
        self.sum(stage).map_or(0, |sum| sum.load(Ordering::Relaxed))
    }

    fn sum(&self, stage: Stage) -> Option<&AtomicU64> {
        let place = Stage::ALL.iter().position(|one| *one == stage);
        place.and_then(|place| self.nanos.get(place))
    }

    /// Transactions in committed blocks.
    #[must_use]
    pub fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    /// A block with so many transactions is durable.
    pub(crate) fn committed(&self, transactions: usize) {
        self.transactions
            .fetch_add(transactions as u64, Ordering::Relaxed);
    }
}

impl Stopwatch for Timing {
    fn nanos(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn spent(&self, stage: Stage, nanos: u64) {
        if let Some(sum) = self.sum(stage) {
            sum.fetch_add(nanos, Ordering::Relaxed);
        }
    }
}
