//! Where the time of blocks goes, told to whoever lends a clock.
//!
//! The state machine has none (DET-1). A node may lend one: it is read at the borders of stages and
//! nowhere else, and nothing computed depends on it (CONF-1). Without one nothing is read.

use std::fmt::Debug;
use std::sync::Arc;
use weighhouse_primitives::CodeHash;

/// What is done for every block, in the order of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Executing its transactions: validity, frames, rules, receipts, overlay.
    Execute,
    /// The state tree and its root.
    Root,
    /// Roots of transactions, receipts and writes, and the record of the log.
    Seal,
    /// Appending to the log, and the sync.
    Log,
    /// Making it visible: rows of the index, layers over the store.
    Publish,
    /// Writing to the store what is durable already; on a thread of its own, many blocks at once.
    Store,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [
        Self::Execute,
        Self::Root,
        Self::Seal,
        Self::Log,
        Self::Publish,
        Self::Store,
    ];
}

/// A clock, and who is told.
pub trait Stopwatch: Debug + Send + Sync {
    /// Nanoseconds since some moment.
    fn nanos(&self) -> u64;

    /// A stage took this long; called on the thread that did it, so be brief.
    fn spent(&self, stage: Stage, nanos: u64);

    /// Code was compiled, which took this long: ahead of a block or inside one.
    fn compiled(&self, code: &CodeHash, nanos: u64);
}

/// The stopwatch that a node has lent, if it has.
#[derive(Clone, Debug, Default)]
pub struct Stages(Option<Arc<dyn Stopwatch>>);

impl Stages {
    /// Nobody measures.
    pub const UNMEASURED: Self = Self(None);

    /// Measured by `stopwatch`.
    #[must_use]
    pub const fn by(stopwatch: Arc<dyn Stopwatch>) -> Self {
        Self(Some(stopwatch))
    }

    /// Does `work`, which belongs to `stage`.
    pub(crate) fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        self.measure(work, |stopwatch, nanos| stopwatch.spent(stage, nanos))
    }

    /// Compiles `code`.
    pub(crate) fn compile<T>(&self, code: &CodeHash, work: impl FnOnce() -> T) -> T {
        self.measure(work, |stopwatch, nanos| stopwatch.compiled(code, nanos))
    }

    fn measure<T>(&self, work: impl FnOnce() -> T, tell: impl FnOnce(&dyn Stopwatch, u64)) -> T {
        let Some(stopwatch) = &self.0 else {
            return work();
        };
        let from = stopwatch.nanos();
        let done = work();
        tell(&**stopwatch, stopwatch.nanos().saturating_sub(from));
        done
    }
}
