//! The executor thread: owns the chain, makes the blocks, obeys orders.

use super::writer::StoreWriter;
use super::{Happening, Order, ProducerError, Shared, Watcher};
use crate::block_mode::BlockMode;
use crate::clock::Clock;
use crate::output::chain_of;
use crate::quarantine::Quarantine;
use crate::room::FULL;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, mpsc};
use std::time::{Duration, Instant};
use weighhouse_primitives::{Block, Height, Timestamp};
use weighhouse_rpc::server::PoolError;
use weighhouse_runtime::error::is_no_room;
use weighhouse_runtime::{Admitted, Chain, Committed, Fault, Genesis, Reader, Settings, limits};

/// How long a stopping producer goes on emptying the pool.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// How long a node without room waits before it looks again.
const ROOM_RETRY: Duration = Duration::from_millis(500);

/// Candidates taken for one block, in blocks: what is not valid any more must not leave a block half
/// empty, and `propose` defers what has no room.
const CANDIDATE_BYTES_MAX: usize = 2 * limits::BLOCK_BYTES_MAX;

/// What the thread does next.
enum Work {
    Order(Order),
    Block {
        empty_too: bool,
    },
    /// Look whether there is room again.
    Room,
    Stop,
}

/// Starts the thread; gives the reader once the chain is open.
pub(super) fn spawn(
    shared: Arc<Shared>,
    genesis: Genesis,
    settings: Settings,
    watcher: Watcher,
) -> Result<Reader, Fault> {
    let (opened, open) = mpsc::sync_channel(1);
    let body = move || {
        // The chain first: only whoever holds its folder may look at the rest of it.
        let both = Chain::open(genesis, settings.clone()).and_then(|chain| {
            let quarantine = Quarantine::open(settings.folder.as_deref())?;
            Ok((chain, quarantine))
        });
        let (chain, quarantine) = match both {
            Ok(both) => both,
            Err(fault) => {
                let _ = opened.send(Err(fault));
                return;
            }
        };
        // Set once: this is the only thread that does.
        let _ = shared.quarantined.set(quarantine.quarantined());
        let reader = chain.reader();
        let _ = opened.send(Ok(reader.clone()));
        let inner = Arc::clone(&shared);
        // A panic here is a bug of ours; the chain is not touched again, the node stops.
        let ended = catch_unwind(AssertUnwindSafe(move || {
            let writer = match settings.store_inline {
                true => None,
                false => Some(StoreWriter::spawn(chain.storer())?),
            };
            let mut executor = Executor {
                shared: inner,
                reader: chain.reader(),
                chain,
                quarantine,
                writer,
                watcher,
                ordered: super::ordered::Waiting::default(),
                last_block: Instant::now(),
                inline: settings.store_inline,
            };
            executor.run()?;
            executor.writer.take().map_or(Ok(()), StoreWriter::finish)
        }));
        let height = reader.head().height;
        // Whoever waits for the end may open the same folder at once: nothing here holds it then.
        drop(reader);
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => shared.halt(chain_of(&fault), height),
            Err(panic) => {
                let cause = format!("a bug in the state machine: {}", panic_text(&*panic));
                shared.halt(cause, height);
            }
        }
        shared.stopped.send_replace(true);
    };
    std::thread::Builder::new()
        .name("executor".into())
        .stack_size(limits::EXECUTOR_STACK_BYTES)
        .spawn(body)
        .map_err(Fault::io("starting the executor thread"))?;
    open.recv().unwrap_or_else(|_| {
        Err(Fault::Engine {
            action: "opening the chain",
            reason: "the executor thread panicked; see the line above".into(),
        })
    })
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).into()))
        .unwrap_or_else(|| "panic".into())
}

pub(super) struct Executor {
    pub(super) shared: Arc<Shared>,
    pub(super) reader: Reader,
    pub(super) chain: Chain,
    pub(super) quarantine: Quarantine,
    pub(super) writer: Option<StoreWriter>,
    pub(super) watcher: Watcher,
    pub(super) ordered: super::ordered::Waiting,
    last_block: Instant,
    /// Blocks are stored inside `commit`: there is no writer.
    inline: bool,
}

impl Executor {
    fn run(&mut self) -> Result<(), Fault> {
        if !self.shared.room.is_full() {
            self.shared.room.keep();
        }
        loop {
            match self.next_work() {
                Work::Order(order) => self.obey(order)?,
                Work::Block { empty_too } => {
                    self.make_block(empty_too)?;
                }
                Work::Room => {
                    self.has_room()?;
                }
                Work::Stop => return self.drain(),
            }
        }
    }

    /// Waits for something to do.
    fn next_work(&self) -> Work {
        let mut state = self.shared.lock();
        loop {
            if let Some(order) = state.orders.pop_front() {
                return Work::Order(order);
            }
            if state.stopping {
                return Work::Stop;
            }
            if self.shared.room.is_full() && state.blocks != BlockMode::Manual {
                let waited = self.shared.wake.wait_timeout(state, ROOM_RETRY);
                let (again, waited) = waited.unwrap_or_else(PoisonError::into_inner);
                if waited.timed_out() {
                    return Work::Room;
                }
                state = again;
                continue;
            }
            if state.blocks.is_on_demand() && state.pool.has_candidates() {
                return Work::Block { empty_too: false };
            }
            let Some(period) = state.blocks.period() else {
                state = self
                    .shared
                    .wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = period.saturating_sub(self.last_block.elapsed());
            if left.is_zero() {
                return Work::Block { empty_too: true };
            }
            let waited = self.shared.wake.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// One block: propose (which executes), commit, tell. `None` if there was nothing to put into it.
    fn make_block(&mut self, empty_too: bool) -> Result<Option<Arc<Committed>>, Fault> {
        if !self.has_room()? {
            return Ok(None);
        }
        if let Some(writer) = &self.writer {
            writer.wait_for_room()?;
        }
        let time = self.next_time();
        let mut candidates = {
            let mut state = self.shared.lock();
            for hash in state.pool.expire(time) {
                if let crate::pool::Status::Dropped(reason) = state.pool.status(&hash) {
                    (self.watcher)(&Happening::Dropped(hash, reason));
                }
            }
            let count_max = limits::BLOCK_TXS_MAX;
            state.pool.take(count_max, CANDIDATE_BYTES_MAX)
        };
        let others = self.quarantine.separate(&mut candidates);
        if !others.is_empty() {
            let mut state = self.shared.lock();
            state.pool.put_back(others.iter().map(|one| &one.hash));
        }
        match self.quarantine.begin(&candidates) {
            Err(Fault::Io { source, .. }) if is_no_room(&source) => {
                self.shared.room.runs_out(&source.to_string());
                let waiting = candidates.iter().map(|one| &one.hash);
                self.shared.lock().pool.put_back(waiting);
                return Ok(None);
            }
            noted => noted?,
        }
        let proposal = self.chain.propose(time, candidates)?;
        self.quarantine.end()?;
        {
            let mut state = self.shared.lock();
            state
                .pool
                .put_back(proposal.deferred.iter().map(|one| &one.hash));
            for (hash, reason) in proposal.dropped {
                state.pool.drop_with(hash, reason.clone());
                (self.watcher)(&Happening::Dropped(hash, reason));
            }
        }
        if proposal.included.is_empty() && !empty_too {
            return Ok(None);
        }
        let committed = match self.chain.commit() {
            Err(fault @ Fault::Full { .. }) => {
                // Nothing of it was acknowledged: all of it waits for the next block.
                self.shared.room.runs_out(&chain_of(&fault));
                self.shared.lock().pool.put_back(proposal.included.iter());
                return Ok(None);
            }
            committed => committed?,
        };
        self.last_block = Instant::now();
        self.tell_committed(&committed);
        Ok(Some(committed))
    }

    /// Whether there is room for a block; the node is read-only while there is none.
    fn has_room(&mut self) -> Result<bool, Fault> {
        let room = &self.shared.room;
        if !room.keeps_reserve() {
            room.runs_out("the disk has less than the reserve left");
            return Ok(false);
        }
        if room.is_full() {
            match self.chain.make_room() {
                Err(Fault::Full { .. }) => return Ok(false),
                made => made?,
            }
            self.shared.room.comes_back();
        }
        Ok(true)
    }

    /// Block time is the clock's, and never before that of the block before.
    fn next_time(&self) -> Timestamp {
        self.shared.clock.now().max(self.reader.head().time)
    }

    fn obey(&mut self, order: Order) -> Result<(), Fault> {
        match order {
            Order::Mine { count, answer } => {
                let mut done = Ok(self.reader.head().height);
                for _ in 0..count {
                    done = match self.make_block(true)? {
                        Some(committed) => Ok(committed.block.header.height),
                        None => Err(PoolError::ReadOnly { reason: FULL }.into()),
                    };
                    if done.is_err() {
                        break;
                    }
                }
                let _ = answer.send(done);
            }
            Order::Consensus(order) => self.obey_consensus(order)?,
            Order::Load { blocks, answer } => {
                let done = self.load(blocks)?;
                let _ = answer.send(done);
            }
            Order::GoBack { height, answer } => {
                let done = self.go_back(height)?;
                let _ = answer.send(done);
            }
        }
        Ok(())
    }

    fn go_back(&mut self, height: Height) -> Result<Result<Height, ProducerError>, Fault> {
        let latest = self.reader.head().height;
        if height > latest {
            return Ok(Err(ProducerError::NoSuchHeight {
                asked: height,
                latest,
            }));
        }
        // The writer must not store a block that is being forgotten.
        self.without_writer(|chain| chain.revert_to(height))?;
        self.shared.lock().pool.clear();
        (self.watcher)(&Happening::WentBack(height));
        Ok(Ok(height))
    }

    /// Changes the chain while nobody writes to its store.
    pub(super) fn without_writer<T>(
        &mut self,
        change: impl FnOnce(&mut Chain) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if let Some(writer) = self.writer.take() {
            writer.finish()?;
        }
        let changed = change(&mut self.chain)?;
        // `chain.storer()` of the changed chain: the queue behind the former handle is empty.
        if !self.inline {
            self.writer = Some(StoreWriter::spawn(self.chain.storer())?);
        }
        Ok(changed)
    }

    /// Executes the blocks of a dump from genesis; none is kept if one differs.
    fn load(&mut self, blocks: Vec<Block>) -> Result<Result<Height, ProducerError>, Fault> {
        if let Err(refused) = self.go_back(Height::GENESIS)? {
            return Ok(Err(refused));
        }
        for block in blocks {
            let height = block.header.height;
            if let Err(reason) = self.load_block(block)? {
                if let Err(refused) = self.go_back(Height::GENESIS)? {
                    return Ok(Err(refused));
                }
                return Ok(Err(ProducerError::OtherBlock { height, reason }));
            }
        }
        Ok(Ok(self.reader.head().height))
    }

    fn load_block(&mut self, block: Block) -> Result<Result<(), String>, Fault> {
        if let Some(writer) = &self.writer {
            writer.wait_for_room()?;
        }
        let admitted = block.transactions.into_iter().map(Admitted::unchecked);
        let executed = self.chain.execute(block.header.time, admitted.collect())?;
        if let Err(invalid) = executed {
            return Ok(Err(invalid.to_string()));
        }
        let committed = self.chain.commit()?;
        if let Some(writer) = &self.writer {
            writer.notify();
        }
        (self.watcher)(&Happening::Committed(Arc::clone(&committed)));
        Ok(match committed.block.header == block.header {
            true => Ok(()),
            false => Err("its header is another".into()),
        })
    }

    /// Puts what waits into blocks, unless blocks are made on order only.
    fn drain(&mut self) -> Result<(), Fault> {
        let until = Instant::now() + DRAIN_MAX;
        loop {
            let state = self.shared.lock();
            let manual = state.blocks == BlockMode::Manual;
            let more = state.pool.has_candidates();
            drop(state);
            if manual || !more || Instant::now() > until || self.make_block(false)?.is_none() {
                return Ok(());
            }
        }
    }
}
