//! Running contracts without a block: queries, simulation, traces.

use super::{Answer, Query, ReadError, Reader, Simulated, StateChange};
use crate::admission::Admitted;
use crate::block::{self, InvalidBlock, OnRejection};
use crate::error::Fault;
use crate::executor::{self, Done, Execution, Job, intrinsic_gas};
use crate::frame::{self, FrameCall};
use crate::limits;
use crate::state::change::Changes;
use crate::state::snapshot::Snapshot;
use parity_scale_codec::Encode;
use std::sync::Arc;
use weighhouse_primitives::account::Signature;
use weighhouse_primitives::transaction::KeySignature;
use weighhouse_primitives::{
    Authorization, Gas, HaltReason, Height, KeyPolicy, Outcome, Payload, Receipt, Timestamp,
    Transaction, TxHash,
};

impl Reader {
    /// Runs a query or a check.
    ///
    /// # Gas
    /// Metered as a frame of a transaction; used gas is reported.
    /// # Errors
    /// Height not available, or fault.
    pub fn query(&self, query: &Query) -> Result<Answer, ReadError> {
        let snapshot = self.snapshot(query.at)?;
        let execution = self.begin(&snapshot, query.at)?;
        Ok(answer(
            execution,
            snapshot.height(),
            query,
            limits::QUERY_GAS_MAX,
        )?)
    }

    /// Runs a query of the latest state, if that is soon done: within `gas`, with code that is in memory, and
    /// without anything that could tell how much gas there is, other contracts among it. The answer is then
    /// that of [`Reader::query`], to the gas; `None` if it is not soon done.
    ///
    /// # Gas
    /// At most `gas`, whatever comes of it.
    /// # Errors
    /// Fault.
    pub fn query_briefly(&self, query: &Query, gas: Gas) -> Result<Option<Answer>, ReadError> {
        if query.at.is_some() {
            return Ok(None);
        }
        let snapshot = self.latest()?;
        let mut execution = self.begin(&snapshot, None)?;
        execution.brief = true;
        let answer = answer(execution, snapshot.height(), query, gas.0)?;
        let done = !matches!(answer.outcome, Outcome::Halted(HaltReason::OutOfGas));
        Ok(done.then_some(answer))
    }

    /// Several queries at one height: that of the first, or the latest.
    ///
    /// # Gas
    /// As [`Reader::query`], and all of them together at most [`limits::QUERY_MANY_GAS_MAX`]: each has what those before
    /// it have left.
    /// # Errors
    /// Height not available, or fault.
    pub fn query_many(&self, queries: &[Query]) -> Result<Vec<Answer>, ReadError> {
        let snapshot = self.snapshot(queries.first().and_then(|query| query.at))?;
        let mut left = limits::QUERY_MANY_GAS_MAX;
        let mut answers = Vec::with_capacity(queries.len());
        for query in queries {
            let execution = self.begin(&snapshot, query.at)?;
            let answer = answer(execution, snapshot.height(), query, left)?;
            left = left.saturating_sub(answer.gas_used.0);
            answers.push(answer);
        }
        Ok(answers)
    }

    /// An execution on the state of `snapshot`: as the next block for the latest state, as the block
    /// itself for an earlier one.
    fn begin(&self, snapshot: &Snapshot, at: Option<Height>) -> Result<Box<Execution>, Fault> {
        let context = match at {
            None => self
                .shared
                .context(snapshot.height().next(), self.pending_time()),
            Some(height) => {
                let header = self.header(height)?.ok_or_else(|| Fault::Damaged {
                    place: format!("block {height} of the log"),
                    reason: "it is missing".into(),
                })?;
                self.shared.context(height, header.time)
            }
        };
        let base = Arc::new(snapshot.clone());
        block::begin(&self.shared.vm, base, context, &self.shared.filter)
    }

    /// What executing a payload would do after the state at `at`, to the gas. Signatures are not asked
    /// for; their price is that of one key.
    ///
    /// # Errors
    /// Height not available, or fault. A payload that would be rejected is simulated all the same: its
    /// admission is another question ([`Reader::check`]).
    pub fn simulate(&self, payload: &Payload, at: Option<Height>) -> Result<Simulated, ReadError> {
        let stand_in = Transaction {
            payload: payload.clone(),
            authorization: Authorization::Keys {
                policy: KeyPolicy::single([0; 32]),
                signatures: vec![KeySignature {
                    key: 0,
                    signature: Signature([0; 64]),
                }],
            },
        };
        self.simulate_signed(&stand_in, at)
    }

    /// As [`Reader::simulate`], for a transaction whose authorization is there, which makes the price
    /// of its signatures exact.
    ///
    /// # Errors
    /// As [`Reader::simulate`].
    pub fn simulate_signed(
        &self,
        transaction: &Transaction,
        at: Option<Height>,
    ) -> Result<Simulated, ReadError> {
        let snapshot = self.snapshot(at)?;
        let mut execution = self.begin(&snapshot, at)?;
        execution.trace = Some(Vec::new());
        let job = Job {
            hash: transaction.hash(),
            payload: &transaction.payload,
            intrinsic: intrinsic_gas(transaction, transaction.encoded_size()),
        };
        let (execution, done) = executor::run_unchecked(execution, &job)?;
        Ok(simulated(snapshot.height(), execution, done))
    }

    /// Executes an ordered list of transactions as the next block at `time` and forgets it: would the
    /// block be valid? Neither signatures nor the state root are looked at.
    ///
    /// # Errors
    /// Fault; the inner error names the first transaction that may not stand there.
    pub fn verify(
        &self,
        time: Timestamp,
        transactions: Vec<Admitted>,
    ) -> Result<Result<Vec<Receipt>, InvalidBlock>, Fault> {
        let snapshot = self.latest()?;
        let context = self
            .shared
            .context(snapshot.height().next(), time.max(self.head().time));
        let execution = block::begin(
            &self.shared.vm,
            Arc::new(snapshot),
            context,
            &self.shared.filter,
        )?;
        let executed = block::execute(
            execution,
            transactions,
            OnRejection::Refuse,
            &mut block::quiet,
        )?;
        Ok(executed.map(|executed| executed.receipts))
    }

    /// What a committed transaction did: executes its block again up to it.
    ///
    /// # Errors
    /// Not found, height before it no longer kept, or fault.
    pub fn trace(&self, hash: &TxHash) -> Result<Simulated, ReadError> {
        let located = self.transaction(hash)?.ok_or(ReadError::NotFound {
            what: "transaction",
        })?;
        let block = self
            .block(located.height)?
            .ok_or(ReadError::NotFound { what: "block" })?;
        let before = Height(located.height.0.saturating_sub(1));
        let snapshot = self.snapshot(Some(before))?;
        let context = self.shared.context(located.height, block.header.time);
        let mut execution = block::begin(
            &self.shared.vm,
            Arc::new(snapshot),
            context,
            &self.shared.filter,
        )?;
        block::prune_guards(&mut execution, block.header.time)?;
        execution.overlay.finish_transaction();
        for transaction in block.transactions {
            let admitted = Admitted::unchecked(transaction);
            let wanted = admitted.hash == *hash;
            execution.trace = wanted.then(Vec::new);
            let (back, done) = executor::run(execution, &Job::of(&admitted))?;
            execution = back;
            if wanted {
                let done = done.map_err(|rejection| Fault::Damaged {
                    place: format!("block {} of the log", located.height),
                    reason: rejection.to_string(),
                })?;
                return Ok(simulated(located.height, execution, done));
            }
        }
        Err(ReadError::NotFound {
            what: "transaction",
        })
    }
}

fn answer(
    mut execution: Box<Execution>,
    height: Height,
    query: &Query,
    most: u64,
) -> Result<Answer, Fault> {
    execution.signer = query.caller;
    let call = FrameCall {
        contract: query.contract,
        caller: query.caller,
        input: &query.input,
        gas: query.gas_limit.0.min(limits::QUERY_GAS_MAX).min(most),
        read_only: true,
        constructing: false,
    };
    let mut end = frame::enter(execution, &call);
    let outcome = frame::outcome(end.result)?;
    Ok(Answer {
        height,
        outcome,
        gas_used: Gas(end.gas_used),
        debug: end.execution.debug.take(),
    })
}

fn simulated(height: Height, mut execution: Box<Execution>, done: Done) -> Simulated {
    Simulated {
        height,
        receipt: done.receipt,
        changes: state_changes(&done.changes),
        frames: execution.trace.take().unwrap_or_default(),
        debug: done.debug,
    }
}

fn state_changes(changes: &Changes) -> Vec<StateChange> {
    changes
        .iter()
        .map(|change| StateChange {
            key: change.key.to_vec(),
            old: change.old.clone(),
            new: change.new.clone(),
        })
        .collect()
}
