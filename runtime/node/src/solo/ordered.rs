//! Blocks that consensus orders: the same executor thread, driven call by call.
//!
//! In the story where the solo producer stands otherwise: between ADMISSION and BLOCK. The bridge to
//! CometBFT (`abci/`) calls [`Producer::propose_for`], [`Producer::judge`], [`Producer::finalize`] and
//! [`Producer::commit`]; each is one call of the [`Chain`](weighhouse_runtime::Chain) that the solo
//! producer makes as well.
//!
//! A block is executed once: what was executed to propose or to judge it waits, and is what is committed
//! if consensus decides for that very block.
//!
//! Invariants: STATE-2 (nothing is written before [`Producer::commit`]; any number of blocks may be
//! executed and forgotten before it), TX-1 and TX-2 (a block that breaks a rule is refused as a whole; if it
//! is decided all the same, the node stops).

use super::thread::Executor;
use super::{Happening, Order, Producer, ProducerError};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::oneshot;
use weighhouse_primitives::{Gas, Hash, Height, StateRoot, Timestamp, TxHash};
use weighhouse_runtime::block::receipt_hash;
use weighhouse_runtime::state::transfer::BadState;
use weighhouse_runtime::{Admitted, Chain, Committed, Fault, InvalidBlock, limits};

/// A block as consensus hands it over: where it stands, and transactions whose signatures hold.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its height.
    pub height: Height,
    /// Its time.
    pub time: Timestamp,
    /// Each transaction as it travels, and understood.
    pub transactions: Vec<(Bytes, Admitted)>,
}

/// Why this node is against a block that somebody else made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Against {
    /// It breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidBlock),
    /// It holds a transaction that this node does not execute.
    #[error("transaction {0} ended this node twice while it was executed")]
    Quarantined(TxHash),
}

/// What makes a block that very block: the place, the time, the bytes.
type Identity = (Height, Timestamp, Vec<Bytes>);

impl Draft {
    fn split(self) -> (Identity, Vec<Admitted>) {
        let (bytes, admitted) = self.transactions.into_iter().unzip();
        ((self.height, self.time, bytes), admitted)
    }
}

/// What consensus is told of a transaction of a decided block: all of it is the same on every node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxResult {
    /// It did what it was meant to.
    pub success: bool,
    /// Hash of its receipt.
    pub receipt: Hash,
    /// The most gas it might use.
    pub gas_limit: Gas,
    /// The gas it used.
    pub gas_used: Gas,
}

/// What a decided block does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// For each transaction, in order (TX-2).
    pub results: Vec<TxResult>,
    /// The state root after the block.
    pub state_root: StateRoot,
    /// Validators whose power changes, each once; 0 for one that leaves.
    pub validators: BTreeMap<[u8; 32], u64>,
}

/// Orders of consensus to the executor thread.
#[derive(Debug)]
pub(super) enum Ordered {
    /// Executes what fits; answers with the bytes that make the block.
    Propose(Draft, Answer<Vec<Bytes>>),
    /// Executes somebody else's block; answers whether it is valid.
    Judge(Draft, Answer<Result<(), Against>>),
    /// Executes a decided block, if it is not executed already.
    Finalize(Draft, Answer<Decided>),
    /// Consensus decided for something that is no block.
    Refuse(Height, String),
    /// Makes the decided block durable.
    Commit(Answer<Height>),
    /// Starts from the state in this folder, in place of genesis.
    Restore(PathBuf, Answer<Result<Height, BadState>>),
}

/// Where the answer to an order goes.
type Answer<T> = oneshot::Sender<Result<T, ProducerError>>;

impl Producer {
    /// Makes a block of the candidates at a height and time: what may not stand there is left out, and
    /// what has no room. Answers with the bytes of its transactions in order.
    ///
    /// # Errors
    /// Another height than the next, or the node is stopping or stops meanwhile.
    pub async fn propose_for(&self, candidates: Draft) -> Result<Vec<Bytes>, ProducerError> {
        self.ask(|answer| Ordered::Propose(candidates, answer))
            .await
    }

    /// Says whether a block that somebody else made is valid, and this node can execute it.
    ///
    /// # Errors
    /// Another height than the next, or the node is stopping or stops meanwhile.
    pub async fn judge(&self, block: Draft) -> Result<Result<(), Against>, ProducerError> {
        self.ask(|answer| Ordered::Judge(block, answer)).await
    }

    /// Says what a decided block does; writes nothing, and may be repeated.
    ///
    /// # Errors
    /// Another height than the next, or the node is stopping or stops meanwhile: a decided block that is
    /// not valid stops it, and so does one with a quarantined transaction.
    pub async fn finalize(&self, block: Draft) -> Result<Decided, ProducerError> {
        self.ask(|answer| Ordered::Finalize(block, answer)).await
    }

    /// Makes the finalized block durable; answers with its height.
    ///
    /// # Errors
    /// No finalized block, or the node is stopping or stops meanwhile.
    pub async fn commit(&self) -> Result<Height, ProducerError> {
        self.ask(Ordered::Commit).await
    }

    /// Starts from another node's state, whose files are in `received` and whose root consensus decided
    /// for; gives the height.
    ///
    /// # Errors
    /// The node is stopping or stops meanwhile. The inner error says what is wrong with that state.
    pub async fn restore(
        &self,
        received: PathBuf,
    ) -> Result<Result<Height, BadState>, ProducerError> {
        self.ask(|answer| Ordered::Restore(received, answer)).await
    }

    /// Stops the node: consensus decided for a block at `height` that cannot be executed.
    pub async fn refuse_decided(&self, height: Height, reason: String) -> ProducerError {
        match self.order(Order::Consensus(Ordered::Refuse(height, reason))) {
            Ok(()) => self.gone_at_last().await,
            Err(gone) => gone,
        }
    }

    async fn ask<T>(&self, order: impl FnOnce(Answer<T>) -> Ordered) -> Result<T, ProducerError> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Consensus(order(answer)))?;
        match answered.await {
            Ok(done) => done,
            Err(_) => Err(self.gone_at_last().await),
        }
    }
}

/// What was executed for consensus last, and waits in the chain.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    block: Option<Identity>,
    /// Consensus has decided for it.
    decided: bool,
}

impl Executor {
    pub(super) fn obey_consensus(&mut self, order: Ordered) -> Result<(), Fault> {
        match order {
            Ordered::Propose(draft, answer) => {
                let done = self.propose_for(draft)?;
                let _ = answer.send(done);
            }
            Ordered::Judge(draft, answer) => {
                let done = match self.place(&draft) {
                    Ok(()) => Ok(self.execute_ordered(draft)?),
                    Err(misplaced) => Err(misplaced),
                };
                let _ = answer.send(done);
            }
            Ordered::Finalize(draft, answer) => {
                let done = self.finalize(draft)?;
                let _ = answer.send(done);
            }
            Ordered::Refuse(height, reason) => return Err(undecidable(height, &reason)),
            Ordered::Restore(received, answer) => {
                let done = self.restore(&received)?;
                let _ = answer.send(Ok(done));
            }
            Ordered::Commit(answer) => {
                let done = self.commit_decided()?;
                let _ = answer.send(done);
            }
        }
        Ok(())
    }

    /// Consensus and chain must agree on what comes next.
    fn place(&self, draft: &Draft) -> Result<(), ProducerError> {
        let expected = self.reader.head().height.next();
        if draft.height == expected {
            return Ok(());
        }
        let asked = draft.height;
        Err(ProducerError::OtherHeight { expected, asked })
    }

    /// The header of the state that this chain started from came from a peer; consensus vouches for its
    /// state root only. A time after that of the block that follows it is a lie.
    fn check_first_time(&self, draft: &Draft) -> Result<(), Fault> {
        let head = self.reader.head();
        let first = head.height.next() == self.reader.oldest_block();
        if !first || head.time <= draft.time.max(self.reader.genesis().time) {
            return Ok(());
        }
        Err(Fault::Damaged {
            place: "the header of the snapshot that this chain started from".into(),
            reason: format!(
                "its time is {}, the next block's {}: remove the data folders of node and CometBFT, and \
                 sync again from other peers",
                head.time, draft.time
            ),
        })
    }

    fn propose_for(&mut self, draft: Draft) -> Result<Result<Vec<Bytes>, ProducerError>, Fault> {
        if let Err(misplaced) = self.place(&draft) {
            return Ok(Err(misplaced));
        }
        self.make_room()?;
        let (height, time) = (draft.height, draft.time);
        let ((.., bytes), mut candidates) = draft.split();
        let hashes: Vec<_> = candidates.iter().map(|one| one.hash).collect();
        candidates.retain(|one| !self.quarantine.holds(&one.hash));
        self.quarantine.separate(&mut candidates);
        self.quarantine.begin(&candidates)?;
        self.ordered = Waiting::default();
        let proposal = self.chain.propose(time, candidates)?;
        self.quarantine.end()?;
        // What is included is in the order of the candidates.
        let mut rest = hashes.iter().zip(bytes);
        let block: Vec<Bytes> = proposal
            .included
            .iter()
            .filter_map(|included| rest.find(|(hash, _)| *hash == included))
            .map(|(_, bytes)| bytes)
            .collect();
        if block.len() == proposal.included.len() {
            self.ordered.block = Some((height, time, block.clone()));
        }
        Ok(Ok(block))
    }

    /// Executes a block, unless it is the one that was executed last. All or nothing of it: what is being executed
    /// is noted, so that a transaction that ends the process is found out.
    fn execute_ordered(&mut self, draft: Draft) -> Result<Result<(), Against>, Fault> {
        let time = draft.time;
        let (identity, admitted) = draft.split();
        if self.ordered.block.as_ref() == Some(&identity) && self.chain.executed().is_some() {
            return Ok(Ok(()));
        }
        self.make_room()?;
        self.ordered = Waiting::default();
        if let Some(held) = admitted.iter().find(|one| self.quarantine.holds(&one.hash)) {
            return Ok(Err(Against::Quarantined(held.hash)));
        }
        let quarantine = &mut self.quarantine;
        let executed = match quarantine.suspects(&admitted) {
            false => {
                quarantine.begin(&admitted)?;
                self.chain.execute(time, admitted)?
            }
            true => {
                tracing::warn!(height = %identity.0, "a block with suspects is executed one by one");
                quarantine.begin_one_by_one(&admitted);
                let note = &mut |hash: &TxHash| quarantine.next(hash);
                self.chain.execute_noting(time, admitted, note)?
            }
        };
        match executed {
            Ok(()) => {
                self.quarantine.end()?;
                self.ordered.block = Some(identity);
                Ok(Ok(()))
            }
            Err(invalid) => {
                self.quarantine.give_up()?;
                Ok(Err(invalid.into()))
            }
        }
    }

    fn finalize(&mut self, draft: Draft) -> Result<Result<Decided, ProducerError>, Fault> {
        if let Err(misplaced) = self.place(&draft) {
            return Ok(Err(misplaced));
        }
        self.check_first_time(&draft)?;
        let height = draft.height;
        let gas_limits: Vec<Gas> = draft
            .transactions
            .iter()
            .map(|(_, admitted)| admitted.transaction.payload.gas_limit)
            .collect();
        match self.execute_ordered(draft)? {
            Ok(()) => {}
            Err(Against::Invalid(invalid)) => {
                return Err(undecidable(height, &invalid.to_string()));
            }
            Err(Against::Quarantined(transaction)) => {
                let height = height.0;
                return Err(Fault::Quarantined {
                    height,
                    transaction,
                });
            }
        }
        self.ordered.decided = true;
        Ok(Ok(decided(&self.chain, &gas_limits)?))
    }

    fn commit_decided(&mut self) -> Result<Result<Height, ProducerError>, Fault> {
        if !std::mem::take(&mut self.ordered).decided {
            return Ok(Err(ProducerError::NothingDecided));
        }
        let committed = self.chain.commit()?;
        let header = &committed.block.header;
        let (height, time) = (header.height, header.time);
        self.tell_committed(&committed);
        let executed = committed.receipts.iter().map(|receipt| &receipt.tx);
        self.quarantine.acquit(executed)?;
        let expired = self.shared.lock().pool.expire(time);
        for hash in expired {
            let reason = self.shared.lock().pool.status(&hash);
            if let crate::pool::Status::Dropped(reason) = reason {
                (self.watcher)(&Happening::Dropped(hash, reason));
            }
        }
        Ok(Ok(height))
    }

    fn restore(&mut self, received: &Path) -> Result<Result<Height, BadState>, Fault> {
        self.ordered = Waiting::default();
        self.without_writer(|chain| chain.restore(received))
    }

    /// Waits until the store is not too far behind for another block. The disk may be nearly full: the block
    /// is executed all the same, but no transactions are taken.
    fn make_room(&self) -> Result<(), Fault> {
        let room = &self.shared.room;
        match room.keeps_reserve() {
            true => room.comes_back(),
            false => room.runs_out("the disk has less than the reserve left"),
        }
        self.writer
            .as_ref()
            .map_or(Ok(()), super::writer::StoreWriter::wait_for_room)
    }

    /// A block is durable: the store writer, those who watch and the pool learn it.
    pub(super) fn tell_committed(&self, committed: &Arc<Committed>) {
        self.shared.timing.committed(committed.receipts.len());
        if let Some(writer) = &self.writer {
            writer.notify();
        }
        // The watchers learn before the pool forgets: a transaction is never nowhere.
        (self.watcher)(&Happening::Committed(Arc::clone(committed)));
        let hashes = committed.receipts.iter().map(|receipt| &receipt.tx);
        self.shared.lock().pool.settle(hashes);
        tracing::debug!(
            height = %committed.block.header.height,
            transactions = committed.receipts.len(),
            gas = %committed.block.header.gas_used,
            "block committed"
        );
    }
}

/// A block was decided that breaks the rules: more than two thirds of the validators run something else.
fn undecidable(height: Height, reason: &str) -> Fault {
    Fault::Diverged {
        height: height.0,
        what: "validity",
        computed: format!("not valid: {reason}"),
        recorded: "decided by consensus".into(),
    }
}

fn decided(chain: &Chain, gas_limits: &[Gas]) -> Result<Decided, Fault> {
    let (header, receipts) = chain.executed().ok_or(Fault::Engine {
        action: "finalizing a block",
        reason: "none was executed".into(),
    })?;
    let result = |(receipt, gas_limit): (_, &Gas)| {
        let receipt: &weighhouse_primitives::Receipt = receipt;
        TxResult {
            success: receipt.outcome.is_success(),
            receipt: receipt_hash(receipt),
            gas_limit: *gas_limit,
            gas_used: receipt.gas_used,
        }
    };
    debug_assert!(receipts.len() <= limits::BLOCK_TXS_MAX);
    Ok(Decided {
        results: receipts.iter().zip(gas_limits).map(result).collect(),
        state_root: header.state_root,
        validators: chain.validator_changes()?,
    })
}
