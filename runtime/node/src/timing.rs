//! Where the node's time goes: the stages of blocks and compiling, added up for `/metrics`.
//!
//! Sums only: divided by the transactions of the same span they are the cost of each stage for a
//! transaction (docs/performance.md).
//!
//! How long a compilation may take is bounded by what the validator accepts, not by a clock: a result must not depend
//! on one (DET-1). One that takes longer than any module that was ever found is said, so that somebody looks at it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use weighhouse_primitives::CodeHash;
use weighhouse_runtime::{Stage, Stopwatch};

/// Sums since the node started.
#[derive(Debug)]
pub struct Timing {
    start: Instant,
    nanos: [AtomicU64; Stage::ALL.len()],
    transactions: AtomicU64,
    compiled: Compiled,
}

/// Compilations since the node started.
#[derive(Debug, Default)]
struct Compiled {
    count: AtomicU64,
    nanos: AtomicU64,
    slow: AtomicU64,
    slowest: AtomicU64,
}

/// Figures of compilations since the node started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compilations {
    /// How many.
    pub count: u64,
    /// Nanoseconds of all of them.
    pub nanos: u64,
    /// How many took longer than [`SLOW_NANOS`].
    pub slow: u64,
    /// Nanoseconds of the one that took longest.
    pub slowest: u64,
}

/// A compilation that takes longer is said: the slowest module that was found takes 0.82 s of a processor.
pub const SLOW_NANOS: u64 = 1_000_000_000;

impl Default for Timing {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            nanos: Default::default(),
            transactions: AtomicU64::new(0),
            compiled: Compiled::default(),
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

    /// What was compiled.
    #[must_use]
    pub fn compilations(&self) -> Compilations {
        let read = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        Compilations {
            count: read(&self.compiled.count),
            nanos: read(&self.compiled.nanos),
            slow: read(&self.compiled.slow),
            slowest: read(&self.compiled.slowest),
        }
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

    fn compiled(&self, code: &CodeHash, nanos: u64) {
        self.compiled.count.fetch_add(1, Ordering::Relaxed);
        self.compiled.nanos.fetch_add(nanos, Ordering::Relaxed);
        self.compiled.slowest.fetch_max(nanos, Ordering::Relaxed);
        if nanos > SLOW_NANOS {
            self.compiled.slow.fetch_add(1, Ordering::Relaxed);
            let milliseconds = nanos / 1_000_000;
            tracing::warn!(%code, milliseconds, "a contract took long to compile; report its code");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weighhouse_primitives::Hash;

    /// Goal: a compilation that takes longer than the slowest that was found is counted apart, at n and n+1.
    #[test]
    fn slow_compilations_are_counted_apart() {
        let timing = Timing::default();
        let code = CodeHash(Hash::of(b"code"));
        for nanos in [5, SLOW_NANOS, SLOW_NANOS + 1] {
            timing.compiled(&code, nanos);
        }
        let expected = Compilations {
            count: 3,
            nanos: 2 * SLOW_NANOS + 6,
            slow: 1,
            slowest: SLOW_NANOS + 1,
        };
        assert_eq!(timing.compilations(), expected);
    }
}
