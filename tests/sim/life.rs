//! The life of one node, as a seed says: clients, crashes, failing and full disks, flipped bits, the clock.
//!
//! After every start the node must have each block that was told to be durable, at most the one under way
//! besides, each transaction once, and balances that are those of the books and make up the supply. At the
//! end the store is thrown away and everything is executed again from the log.

use crate::books::{Books, Differs};
use crate::disk::{Disk, Failure};
use crate::node::{Ground, Node, SimClock, Submitted};
use crate::store::Model;
use std::sync::Arc;
use weighhouse_node::solo::ProducerError;
use weighhouse_primitives::{Height, Timestamp};
use weighhouse_rpc::server::PoolError;
use weighhouse_runtime::log::LogSettings;
use weighhouse_runtime::{Rejection, Vm};
use weighhouse_testkit::Dice;
use weighhouse_testkit::world::START;

/// What happened in a life, summed over seeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) blocks: u64,
    pub(crate) transactions: u64,
    pub(crate) operations: u64,
    pub(crate) kills: u64,
    pub(crate) power_cuts: u64,
    pub(crate) failed_operations: u64,
    pub(crate) halts: u64,
    pub(crate) full: u64,
    pub(crate) flips: u64,
    pub(crate) flips_told: u64,
    /// Depends on every operation of the disk: equal for equal seeds.
    pub(crate) trace: u64,
}

/// A life under way.
pub(crate) struct Life {
    ground: Ground,
    runtime: Arc<tokio::runtime::Runtime>,
    node: Option<Node>,
    books: Books,
    dice: Dice,
    now: Timestamp,
    tally: Tally,
    step: u64,
}

type Lived<T = ()> = Result<T, String>;

/// Lives `steps` steps of a seed.
///
/// # Errors
/// What must not happen, with the step.
pub(crate) fn live(seed: u64, steps: u64, machine: &Arc<Vm>) -> Lived<Tally> {
    let mut dice = Dice::part(seed, 1);
    let segments = [3_000, 20_000, 200_000];
    let sizes = LogSettings {
        segment_bytes: dice.pick(&segments),
        step_bytes: dice.pick(&[700, 4_096]),
    };
    let model = dice.once_in(2).then(Model::default);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let mut life = Life {
        ground: Ground {
            disk: Disk::new(seed),
            model,
            sizes,
            clock: SimClock::new(),
            machine: Arc::clone(machine),
        },
        runtime: Arc::new(runtime.map_err(|error| error.to_string())?),
        node: None,
        books: Books::default(),
        dice,
        now: START,
        tally: Tally::default(),
        step: 0,
    };
    life.all(steps)
        .map_err(|what| format!("step {}: {what}", life.step))?;
    Ok(life.tally)
}

impl Life {
    fn all(&mut self, steps: u64) -> Lived {
        self.start()?;
        for bytes in self.books.preparing(self.now) {
            self.submit(&bytes)?;
            self.mine()?;
        }
        while self.step < steps {
            self.step += 1;
            self.one()?;
        }
        self.ground.disk.fail(None);
        self.ground.disk.leave_room(None);
        self.end();
        // From the log alone: replay compares every root with the recorded one.
        let settings = self.ground.settings();
        let storage = settings.storage.ok_or("no storage")?;
        storage.wipe().map_err(text)?;
        self.start()?;
        self.compare(true)?;
        self.end();
        let counters = self.ground.disk.counters();
        self.tally.blocks = self.books.height();
        self.tally.transactions = self.books.transactions();
        self.tally.operations = counters.operations;
        self.tally.failed_operations = counters.failed;
        self.tally.trace = counters.trace;
        Ok(())
    }

    fn one(&mut self) -> Lived {
        match self.dice.below(100) {
            0..38 => {
                for _ in 0..=self.dice.below(3) {
                    let bytes = self.books.next(self.now, &mut self.dice);
                    self.submit(&bytes)?;
                }
                Ok(())
            }
            38..70 => self.mine(),
            70..75 => {
                self.move_clock();
                Ok(())
            }
            75..78 => self.send_again(),
            78..82 => self.restart(false, false),
            82..88 => self.restart(true, false),
            88..94 => self.fail_somewhere(),
            94..97 => self.fill_up(),
            97..99 => self.flip(),
            _ => self.damage_store(),
        }
    }

    fn node(&self) -> Lived<&Node> {
        self.node.as_ref().ok_or_else(|| "no node runs".into())
    }

    /// Starts the node; it must start, and have what the books have.
    fn start(&mut self) -> Lived {
        let started = Node::start(&self.ground, &self.runtime);
        self.node = Some(started.map_err(|fault| format!("it does not start: {}", text(fault)))?);
        self.learn_found()?;
        self.compare(false)
    }

    /// Ends the node as an operator does.
    fn end(&mut self) {
        if let Some(node) = self.node.take() {
            node.end();
        }
    }

    /// What is in the chain after a start is durable, also if nobody was told: one block at most.
    fn learn_found(&mut self) -> Lived {
        let node = self.node.as_ref().ok_or("no node runs")?;
        let (found, known) = (node.reader().head().height.0, self.books.height());
        if found < known {
            return Err(format!(
                "blocks were lost: {known} were durable, {found} are there"
            ));
        }
        if found > known + 1 {
            return Err(format!("{found} blocks where {known} were durable"));
        }
        if found > known {
            let height = Height(found);
            let block = node.reader().block(height).map_err(text)?;
            let receipts = node.reader().receipts(height).map_err(text)?;
            let (Some(block), Some(receipts)) = (block, receipts) else {
                return Err(format!("block {height} is not there"));
            };
            self.books.enter(&block, &receipts)?;
        }
        Ok(())
    }

    fn learn_told(&mut self) -> Lived<usize> {
        let told = self.node()?.take_told();
        for committed in &told {
            self.books.enter(&committed.block, &committed.receipts)?;
        }
        Ok(told.len())
    }

    fn compare(&mut self, all: bool) -> Lived {
        let node = self.node.as_ref().ok_or("no node runs")?;
        let compared = self.books.compare(node, all, &mut self.dice);
        compared.map_err(|differs| differs.to_string())
    }

    fn submit(&mut self, bytes: &[u8]) -> Lived {
        match self.node()?.submit(bytes).map_err(text)? {
            Submitted::Accepted => Ok(()),
            other => Err(format!("an honest transaction was answered {other:?}")),
        }
    }

    /// Makes a block; nothing may fail.
    fn mine(&mut self) -> Lived {
        let mined = self.node()?.mine();
        self.learn_told()?;
        mined.map_err(|error| format!("no block: {error}"))
    }

    fn move_clock(&mut self) {
        let seconds = match self.dice.below(8) {
            0 => 3_600,
            _ => self.dice.below(40),
        };
        self.now = self.now.saturating_add(seconds);
        // Now and then the machine's clock is wrong; block time is not.
        self.ground.clock.set(match self.dice.below(6) {
            0 => Timestamp(self.now.0 - self.dice.below(50_000)),
            _ => self.now,
        });
    }

    /// Invariant TX-1: what is in the chain is refused.
    fn send_again(&mut self) -> Lived {
        let Some((bytes, valid_until)) = self.books.old(&mut self.dice) else {
            return Ok(());
        };
        let node = self.node.as_ref().ok_or("no node runs")?;
        let now = node.reader().pending_time();
        match node.submit(&bytes).map_err(text)? {
            Submitted::Rejected(Rejection::Replayed { .. }) if now <= valid_until => Ok(()),
            Submitted::Rejected(Rejection::Expired { .. }) if now > valid_until => Ok(()),
            other => Err(format!("a durable transaction was answered {other:?}")),
        }
    }

    /// Crashes and starts again; sometimes the disk fails while it starts.
    fn restart(&mut self, power: bool, halted: bool) -> Lived {
        let power = power || halted && self.dice.once_in(2);
        self.crash(power);
        if self.dice.once_in(4) {
            let after = self.dice.below(40) + 1;
            let failure = match self.dice.once_in(2) {
                true => Failure::One(after),
                false => Failure::From(after),
            };
            self.ground.disk.fail(Some(failure));
            let started = Node::start(&self.ground, &self.runtime);
            self.ground.disk.fail(None);
            if let Ok(node) = started {
                // Whoever asked it meanwhile was told.
                self.node = Some(node);
                self.learn_found()?;
            }
            let power = self.dice.once_in(2);
            self.crash(power);
        }
        self.start()
    }

    fn crash(&mut self, power: bool) {
        if power {
            self.tally.power_cuts += 1;
            self.ground.disk.cut_power();
            if let Some(model) = &self.ground.model {
                model.cut_power(&mut self.dice);
            }
        } else {
            self.tally.kills += 1;
            self.ground.disk.kill();
        }
        self.end();
    }

    /// An operation of the disk fails while a block is made, or all from one on, as when the power goes.
    fn fail_somewhere(&mut self) -> Lived {
        let after = self.dice.below(24) + 1;
        let failure = match self.dice.once_in(2) {
            true => Failure::One(after),
            false => Failure::From(after),
        };
        let before = self.ground.disk.counters();
        let known = self.books.height();
        self.ground.disk.fail(Some(failure));
        let mut mined = Ok(());
        for _ in 0..=self.dice.below(3) {
            mined = self.node()?.mine();
            if mined.is_err() {
                break;
            }
        }
        let told = self.learn_told()? as u64;
        self.ground.disk.fail(None);
        let after = self.ground.disk.counters();
        if after.failed_log_syncs > before.failed_log_syncs {
            // Invariant: a failed sync stops the node, and nothing is told of the block.
            if !self.node()?.is_halted() {
                return Err("the node goes on after a failed sync of the log".into());
            }
            if self.node()?.reader().head().height.0 != known + told {
                return Err("a block whose sync failed is visible".into());
            }
        }
        match mined {
            Ok(()) if after.failed == before.failed => Ok(()),
            Ok(()) => self.restart(false, true),
            Err(ProducerError::Halted(_)) => {
                self.tally.halts += 1;
                self.restart(false, true)
            }
            Err(other) => Err(format!("a failing disk was answered {other:?}")),
        }
    }

    /// The disk fills up: the node takes nothing more, answers, and goes on once there is room.
    fn fill_up(&mut self) -> Lived {
        let room = self.dice.below(3_000);
        self.ground.disk.leave_room(Some(room));
        let mut mined = Ok(());
        for _ in 0..6 {
            let bytes = self.books.next(self.now, &mut self.dice);
            self.submit(&bytes)?;
            mined = self.node()?.mine();
            self.learn_told()?;
            if mined.is_err() {
                break;
            }
        }
        match mined {
            Ok(()) => {
                self.ground.disk.leave_room(None);
                self.mine()
            }
            Err(ProducerError::Pool(PoolError::ReadOnly { .. })) => {
                self.tally.full += 1;
                self.be_read_only()?;
                self.ground.disk.leave_room(None);
                self.mine()?;
                self.compare(false)
            }
            // The store had no room.
            Err(ProducerError::Halted(_)) => {
                self.tally.halts += 1;
                self.ground.disk.leave_room(None);
                self.restart(false, true)
            }
            Err(other) => Err(format!("a full disk was answered {other:?}")),
        }
    }

    fn be_read_only(&mut self) -> Lived {
        self.compare(false)?;
        let bytes = self.books.next(self.now, &mut self.dice);
        match self.node()?.submit(&bytes).map_err(text)? {
            Submitted::Refused(ProducerError::Pool(PoolError::ReadOnly { .. })) => {}
            other => return Err(format!("a read-only node answered {other:?}")),
        }
        match self.dice.once_in(3) {
            // A full disk and a crash.
            true => {
                self.crash(true);
                self.ground.disk.leave_room(None);
                self.start()
            }
            false => Ok(()),
        }
    }

    /// A bit flips while the node is stopped: it is told, or does no harm.
    fn flip(&mut self) -> Lived {
        match self.dice.once_in(2) {
            true => self.end(),
            false => self.crash(false),
        }
        let image = self.ground.disk.image();
        let model = self.ground.model.as_ref().map(Model::copy);
        let books = self.books.clone();
        let Some((name, place)) = self.ground.disk.flip(&mut self.dice) else {
            return self.start();
        };
        self.tally.flips += 1;
        let outcome = match Node::start(&self.ground, &self.runtime) {
            Err(fault) => Err(Differs::Unreadable(text(fault))),
            Ok(node) => {
                self.node = Some(node);
                self.use_after_flip()
            }
        };
        let last = self.ground.disk.last_record();
        let in_last = last.is_some_and(|(file, start)| file == name && place as u64 >= start);
        let harmless = match outcome {
            Ok(()) => Ok(()),
            Err(Differs::Unreadable(_)) => {
                self.tally.flips_told += 1;
                Ok(())
            }
            // Rot in the very last record looks like a torn tail, and is reported as one.
            Err(Differs::Height(found)) if in_last && found + 1 == books.height() => Ok(()),
            Err(differs) => Err(format!("bit flipped in {name} at {place}: {differs}")),
        };
        harmless?;
        self.end();
        self.books = books;
        self.ground.disk.restore(&image);
        self.ground.model = model;
        self.start()
    }

    /// Reads everything, and makes a block on top.
    fn use_after_flip(&mut self) -> Result<(), Differs> {
        let wrong = Differs::Wrong;
        let node = self.node.as_ref().ok_or_else(|| wrong("no node".into()))?;
        self.books.compare(node, true, &mut self.dice)?;
        for _ in 0..3 {
            let bytes = self.books.next(self.now, &mut self.dice);
            match node.submit(&bytes) {
                Ok(Submitted::Accepted) => {}
                Ok(other) => return Err(wrong(format!("{other:?}"))),
                Err(fault) => return Err(Differs::Unreadable(text(fault))),
            }
        }
        if let Err(error) = node.mine() {
            return Err(Differs::Unreadable(error.to_string()));
        }
        for committed in node.take_told() {
            let entered = self.books.enter(&committed.block, &committed.receipts);
            entered.map_err(wrong)?;
        }
        self.books.compare(node, true, &mut self.dice)
    }

    /// The store is lost: the node makes it again.
    fn damage_store(&mut self) -> Lived {
        self.crash(false);
        match &self.ground.model {
            Some(model) => model.damage(),
            None => {
                let storage = self.ground.settings().storage.ok_or("no storage")?;
                storage.wipe().map_err(text)?;
            }
        }
        self.start()?;
        self.compare(true)
    }
}

fn text(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
