//! The solo producer: orders transactions of one node into blocks.
//!
//! In the story between ADMISSION and BLOCK. One dedicated thread with a large stack (decision 7) owns
//! the [`Chain`](weighhouse_runtime::Chain) and does nothing but propose and commit; everybody
//! else talks to it through [`Producer`]. Group commit comes by itself: while one block becomes
//! durable, the pool fills, and all of it goes into the next.
//!
//! A transaction is acknowledged as durable only after `commit` returned (`docs/operating.md`). A
//! full disk makes the node read-only (`room.rs`); any other
//! fault, or a panic, in the thread stops the node: it never skips a block or a transaction and goes
//! on, because state may be half-written and other nodes may differ.

mod ordered;
mod thread;
mod writer;

pub(crate) use writer::StoreWriter;

pub use ordered::{Against, Decided, Draft, TxResult};

use crate::block_mode::BlockMode;
use crate::clock::{Clock, SettableClock};
use crate::consensus::Link;
use crate::pool::{Added, Limits, Pool};
use crate::room::{FULL, Room};
use crate::timing::Timing;
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::{mpsc, oneshot, watch};
use weighhouse_primitives::{Block, Height, Timestamp, TxHash};
use weighhouse_rpc::server::PoolError;
use weighhouse_runtime::{
    Admitted, Committed, Fault, Genesis, Reader, Rejection, Settings, Stages,
};

/// What the producer tells those who watch.
#[derive(Clone, Debug)]
pub enum Happening {
    /// A block is durable.
    Committed(Arc<Committed>),
    /// A waiting transaction stopped being valid.
    Dropped(TxHash, Rejection),
    /// A development network went back to this height.
    WentBack(Height),
}

/// Called on the executor thread for each happening, in order; must not block.
pub type Watcher = Box<dyn Fn(&Happening) + Send>;

/// What a producer starts from.
pub struct Setup {
    /// The chain's first state.
    pub genesis: Genesis,
    /// Where and how the chain is kept.
    pub chain: Settings,
    /// Bounds of the pool.
    pub pool: Limits,
    /// When blocks are made.
    pub blocks: BlockMode,
    /// Where block time comes from.
    pub clock: Arc<SettableClock>,
    /// Bytes of the disk that are kept free; 0 keeps none.
    pub reserve_bytes: u64,
    /// Who is told.
    pub watcher: Watcher,
    /// The engine that orders the blocks, if this node does not.
    pub consensus: Option<Arc<Link>>,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("genesis", &self.genesis)
            .field("chain", &self.chain)
            .field("blocks", &self.blocks)
            .finish_non_exhaustive()
    }
}

/// Why a node that was told so takes no transactions.
pub(crate) const DRAINING: &str = "its operator lets it run empty";

/// Why the node stopped by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// The cause, with its own causes.
    pub cause: String,
    /// Latest durable height.
    pub height: Height,
}

/// Why the producer did not do as told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProducerError {
    /// The pool refused.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The node is being stopped.
    #[error("the node is stopping")]
    Stopping,
    /// The node cannot go on.
    #[error("the node has stopped at height {}: {}", .0.height, .0.cause)]
    Halted(Halt),
    /// Block time never goes back.
    #[error("block time is {last} already, {asked} would go back")]
    TimeGoesBack {
        /// Time of the latest block.
        last: Timestamp,
        /// What was asked for.
        asked: Timestamp,
    },
    /// There is no such height to go back to.
    #[error("height {asked} is above the latest, {latest}")]
    NoSuchHeight {
        /// What was asked for.
        asked: Height,
        /// The latest.
        latest: Height,
    },
    /// Consensus is at another height than this chain.
    #[error("the next block is {expected}, consensus is at {asked}")]
    OtherHeight {
        /// The next height here.
        expected: Height,
        /// The height of the block that consensus hands over.
        asked: Height,
    },
    /// Consensus commits before it decided.
    #[error("there is no decided block to commit")]
    NothingDecided,
    /// A block of a dump does not execute to what it says.
    #[error("block {height} of the dump is not one of this chain: {reason}; no block was kept")]
    OtherBlock {
        /// Its height.
        height: Height,
        /// What differs.
        reason: String,
    },
}

/// Orders to the executor thread; each is answered when it is done.
#[derive(Debug)]
enum Order {
    /// Make so many blocks, empty ones too; answers with the latest height.
    Mine {
        count: u32,
        answer: oneshot::Sender<Result<Height, ProducerError>>,
    },
    /// Forget every block, then execute these.
    Load {
        blocks: Vec<Block>,
        answer: oneshot::Sender<Result<Height, ProducerError>>,
    },
    /// What consensus asks for.
    Consensus(ordered::Ordered),
    /// Forget every block above a height.
    GoBack {
        height: Height,
        answer: oneshot::Sender<Result<Height, ProducerError>>,
    },
}

#[derive(Debug)]
struct State {
    pool: Pool,
    blocks: BlockMode,
    orders: VecDeque<Order>,
    stopping: bool,
    draining: bool,
}

/// What producer, its threads and its callers share.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    clock: Arc<SettableClock>,
    halt: watch::Sender<Option<Halt>>,
    stopped: watch::Sender<bool>,
    consensus: Option<Arc<Link>>,
    room: Room,
    timing: Arc<Timing>,
    /// Transactions that ended the node twice; known once the chain is open.
    quarantined: OnceLock<BTreeSet<TxHash>>,
}

impl Shared {
    /// The lock is only poisoned by a panic between two lines that cannot leave the pool half
    /// changed in a way that matters: the node stops then.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn halt(&self, cause: String, height: Height) {
        tracing::error!(%height, cause, "the node stops; next step: remove the cause, start it again");
        self.halt.send_replace(Some(Halt { cause, height }));
        // Orders that nobody will obey: those who wait for them learn it.
        self.lock().orders.clear();
    }
}

/// Handle of the solo producer; cheap to clone, used from any thread.
#[derive(Clone, Debug)]
pub struct Producer {
    shared: Arc<Shared>,
    reader: Reader,
    /// Dropped last: see [`Producer::lend`].
    lent: Option<mpsc::Sender<()>>,
}

impl Producer {
    /// Opens the chain on a thread of its own, replays what the store lacks, and starts making blocks.
    ///
    /// Blocks the calling thread until the chain is open.
    ///
    /// # Errors
    /// If the chain cannot be opened, or the operating system gives no thread.
    pub fn start(mut setup: Setup) -> Result<Self, Fault> {
        let timing = Arc::<Timing>::default();
        setup.chain.stages = Stages::by(Arc::<Timing>::clone(&timing));
        let room = Room::new(setup.chain.folder.clone(), setup.reserve_bytes);
        let shared = Arc::new(Shared {
            room,
            state: Mutex::new(State {
                pool: Pool::new(setup.pool),
                blocks: setup.blocks,
                orders: VecDeque::new(),
                stopping: false,
                draining: false,
            }),
            wake: Condvar::new(),
            clock: setup.clock,
            halt: watch::channel(None).0,
            stopped: watch::channel(false).0,
            consensus: setup.consensus,
            timing,
            quarantined: OnceLock::new(),
        });
        let reader = thread::spawn(
            Arc::clone(&shared),
            setup.genesis,
            setup.chain,
            setup.watcher,
        )?;
        let clock = Arc::clone(&shared.clock);
        reader.set_clock(move || clock.now());
        Ok(Self {
            shared,
            reader,
            lent: None,
        })
    }

    /// A handle to give away, and an end: the receiver closes when the handle and all its clones are
    /// gone, and with them whatever keeps the chain's folder in use.
    #[must_use]
    pub fn lend(&self) -> (Self, mpsc::Receiver<()>) {
        let (lent, returned) = mpsc::channel(1);
        let mut producer = self.clone();
        producer.lent = Some(lent);
        (producer, returned)
    }

    /// The reading side of the chain.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Where the time of blocks went.
    #[must_use]
    pub fn timing(&self) -> &Timing {
        &self.shared.timing
    }

    /// The clock of the next block.
    #[must_use]
    pub fn clock(&self) -> &SettableClock {
        &self.shared.clock
    }

    /// Time that the next block would have.
    #[must_use]
    pub fn next_time(&self) -> Timestamp {
        self.shared.clock.now().max(self.reader.head().time)
    }

    /// Puts an admitted transaction into the pool.
    ///
    /// # Errors
    /// If the pool refuses it, or the node is stopping or has stopped.
    pub fn add(
        &self,
        admitted: Admitted,
        client_ref: Option<String>,
    ) -> Result<Added, ProducerError> {
        if let Some(halt) = self.halted() {
            return Err(ProducerError::Halted(halt));
        }
        if self.is_quarantined(&admitted.hash) {
            let hash = admitted.hash;
            return Err(PoolError::Quarantined { hash }.into());
        }
        let mut state = self.shared.lock();
        if state.stopping {
            return Err(ProducerError::Stopping);
        }
        if state.draining {
            return Err(PoolError::ReadOnly { reason: DRAINING }.into());
        }
        if self.shared.room.is_full() {
            return Err(PoolError::ReadOnly { reason: FULL }.into());
        }
        let idle = !state.pool.has_candidates();
        let added = state.pool.add(admitted, client_ref)?;
        let wakes = idle && state.blocks.is_on_demand();
        drop(state);
        if wakes {
            self.shared.wake.notify_all();
        }
        if let Some(link) = self.consensus() {
            link.waits();
        }
        Ok(added)
    }

    /// True if executing a transaction ended this node twice.
    #[must_use]
    pub fn is_quarantined(&self, hash: &TxHash) -> bool {
        let held = self.shared.quarantined.get();
        held.is_some_and(|held| held.contains(hash))
    }

    /// The engine that orders the blocks, if this node does not.
    #[must_use]
    pub fn consensus(&self) -> Option<&Link> {
        self.shared.consensus.as_deref()
    }

    /// Changes the pool as the engine's own pool changes; keep it short.
    pub(crate) fn change_pool<T>(&self, change: impl FnOnce(&mut Pool) -> T) -> T {
        change(&mut self.shared.lock().pool)
    }

    /// Stops the node after a fault outside the executor thread.
    pub(crate) fn halt(&self, cause: String) {
        self.shared.halt(cause, self.reader.head().height);
        self.stop();
    }

    /// Looks at the pool; keep it short, the producer waits meanwhile.
    pub fn with_pool<T>(&self, look: impl FnOnce(&Pool) -> T) -> T {
        look(&self.shared.lock().pool)
    }

    /// When blocks are made.
    #[must_use]
    pub fn blocks(&self) -> BlockMode {
        self.shared.lock().blocks
    }

    /// Changes when blocks are made.
    pub fn set_blocks(&self, blocks: BlockMode) {
        self.shared.lock().blocks = blocks;
        self.shared.wake.notify_all();
    }

    /// Sets block time.
    ///
    /// # Errors
    /// If the latest block is later already.
    pub fn set_time(&self, time: Timestamp) -> Result<(), ProducerError> {
        let last = self.reader.head().time;
        if time < last {
            return Err(ProducerError::TimeGoesBack { last, asked: time });
        }
        self.shared.clock.set(time);
        Ok(())
    }

    /// Makes `count` blocks with what waits, empty ones too; gives the latest height.
    ///
    /// # Errors
    /// If the disk is full, or the node is stopping or stops meanwhile.
    pub async fn mine(&self, count: u32) -> Result<Height, ProducerError> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Mine { count, answer })?;
        match answered.await {
            Ok(done) => done,
            Err(_) => Err(self.gone_at_last().await),
        }
    }

    /// Development networks: forgets every block above `height`, and what waits.
    ///
    /// # Errors
    /// If there is no such height, or the node is stopping or stops meanwhile.
    pub async fn go_back(&self, height: Height) -> Result<Height, ProducerError> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::GoBack { height, answer })?;
        match answered.await {
            Ok(done) => done,
            Err(_) => Err(self.gone_at_last().await),
        }
    }

    /// Development networks: forgets every block and what waits, then executes `blocks`.
    ///
    /// # Errors
    /// A block that gives another header (then none is kept), or the node is stopping or stops.
    pub async fn load(&self, blocks: Vec<Block>) -> Result<Height, ProducerError> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Load { blocks, answer })?;
        match answered.await {
            Ok(done) => done,
            Err(_) => Err(self.gone_at_last().await),
        }
    }

    fn order(&self, order: Order) -> Result<(), ProducerError> {
        let mut state = self.shared.lock();
        if state.stopping || self.halted().is_some() {
            drop(state);
            return Err(self.gone());
        }
        state.orders.push_back(order);
        drop(state);
        self.shared.wake.notify_all();
        Ok(())
    }

    fn gone(&self) -> ProducerError {
        self.halted()
            .map_or(ProducerError::Stopping, ProducerError::Halted)
    }

    /// Why an order was never answered: known once the thread has ended.
    async fn gone_at_last(&self) -> ProducerError {
        self.ended()
            .await
            .map_or(ProducerError::Stopping, ProducerError::Halted)
    }

    /// Why the node stopped by itself, if it did.
    #[must_use]
    pub fn halted(&self) -> Option<Halt> {
        self.shared.halt.borrow().clone()
    }

    /// Asks the producer to finish: no new transactions, what waits goes into blocks (unless blocks
    /// are made on order only), the store catches up.
    pub fn stop(&self) {
        self.shared.lock().stopping = true;
        self.shared.wake.notify_all();
    }

    /// True once the producer was told to finish.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.shared.lock().stopping
    }

    /// Takes no new transactions, or takes them again; what waits goes into blocks either way.
    pub fn drain(&self, on: bool) {
        self.shared.lock().draining = on;
    }

    /// True while the producer takes no new transactions because it was told so.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.shared.lock().draining
    }

    /// True while the producer takes no new transactions because its disk is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.shared.room.is_full()
    }

    /// Waits until the executor thread has ended; gives the reason if it ended by itself.
    pub async fn ended(&self) -> Option<Halt> {
        let mut stopped = self.shared.stopped.subscribe();
        // The sender lives in `shared`, which `self` holds: waiting cannot fail.
        let _ = stopped.wait_for(|stopped| *stopped).await;
        self.halted()
    }
}

#[cfg(test)]
mod disk_tests;
#[cfg(test)]
mod tests;
