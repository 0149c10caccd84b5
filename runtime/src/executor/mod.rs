//! One transaction: validate, charge, invoke, settle. The only place that builds a receipt.

mod charge;
mod debug;
mod events;
mod invoke;
mod settle;
mod validate;

use crate::admission::{Admitted, Rejection};
use crate::error::Fault;
use crate::frame::Stop;
use crate::reader::TraceFrame;
use crate::state::change::Changes;
use crate::state::guard::{Executed, GuardFilter};
use crate::state::overlay::Overlay;
use crate::vm::linked::Linked;
use crate::vm::{Vm, read_code};
use std::sync::Arc;
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::policy::ChainPolicy;
use weighhouse_primitives::{
    Address, CodeHash, Gas, HaltReason, Height, Payload, Receipt, Timestamp, TxHash,
};

pub use charge::intrinsic_gas;
pub(crate) use charge::quota_use;
use debug::DebugText;
use events::Events;
pub(crate) use validate::{authorised, validate};

/// What every transaction of a block sees of the block.
#[derive(Clone, Copy, Debug)]
pub struct BlockContext {
    /// Chain.
    pub chain: GenesisHash,
    /// Height being executed.
    pub height: Height,
    /// Its time.
    pub time: Timestamp,
    /// The chain is a development network.
    pub development: bool,
}

/// State of the execution of a block, and of the transaction that is being executed.
///
/// It is boxed and moved from frame to frame, never shared.
#[derive(Debug)]
pub struct Execution {
    pub(crate) vm: Arc<Vm>,
    pub(crate) overlay: Overlay,
    pub(crate) block: BlockContext,
    pub(crate) policy: ChainPolicy,
    /// Which transactions earlier blocks may have executed.
    pub(crate) filter: Arc<GuardFilter>,
    /// Transactions of this block.
    pub(crate) executed: Executed,
    pub(crate) signer: Address,
    pub(crate) stack: Vec<Address>,
    pub(crate) events: Events,
    pub(crate) debug: DebugText,
    pub(crate) trace: Option<Vec<TraceFrame>>,
    /// A query that is to be done soon: see [`Reader::query_briefly`](crate::reader::Reader::query_briefly).
    pub(crate) brief: bool,
}

impl Execution {
    /// Starts a block on `overlay`.
    pub(crate) fn new(
        vm: Arc<Vm>,
        overlay: Overlay,
        block: BlockContext,
        policy: ChainPolicy,
        filter: Arc<GuardFilter>,
    ) -> Self {
        Self {
            vm,
            overlay,
            block,
            policy,
            filter,
            executed: Executed::new(),
            signer: Address::ZERO,
            stack: Vec::new(),
            events: Events::default(),
            debug: DebugText::default(),
            trace: None,
            brief: false,
        }
    }

    /// Compiled code by hash; read from the state and compiled if it is not at hand.
    pub(crate) fn linked(&self, code: &CodeHash) -> Result<Arc<Linked>, Fault> {
        let overlay = &self.overlay;
        self.vm
            .linked(code, || read_code(code, &mut |key| overlay.peek(key)))
    }

    /// Ends a brief query as if its gas were used up: what comes next takes long, or depends on the gas that
    /// is left.
    pub(crate) fn not_brief(&self) -> Result<(), HaltReason> {
        match self.brief {
            true => Err(HaltReason::OutOfGas),
            false => Ok(()),
        }
    }

    /// Counts a host call, if somebody traces.
    pub(crate) fn count_host_call(&mut self, name: &'static str) {
        let Some(frames) = &mut self.trace else {
            return;
        };
        let depth = u32::try_from(self.stack.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let Some(frame) = frames.iter_mut().rev().find(|frame| frame.depth == depth) else {
            return;
        };
        match frame
            .host_calls
            .iter_mut()
            .find(|(known, _)| *known == name)
        {
            Some((_, count)) => *count = count.saturating_add(1),
            None => frame.host_calls.push((name, 1)),
        }
    }
}

/// What a transaction came to.
#[derive(Debug)]
pub(crate) struct Done {
    /// Its receipt.
    pub(crate) receipt: Receipt,
    /// Its write set.
    pub(crate) changes: Changes,
    /// Debug lines and panic messages.
    pub(crate) debug: Vec<String>,
}

/// A transaction to execute: the payload, and what it costs before execution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job<'a> {
    /// Identity.
    pub(crate) hash: TxHash,
    /// The signed part.
    pub(crate) payload: &'a Payload,
    /// Charged before execution.
    pub(crate) intrinsic: Gas,
}

impl<'a> Job<'a> {
    /// The job of an admitted transaction.
    pub(crate) fn of(admitted: &'a Admitted) -> Self {
        Self {
            hash: admitted.hash,
            payload: &admitted.transaction.payload,
            intrinsic: intrinsic_gas(&admitted.transaction, admitted.bytes),
        }
    }
}

/// Executes one transaction; its changes stay in the overlay.
///
/// # Errors
/// The outer error is a fault; the inner a rejection: the transaction may not stand in a block after
/// this state, and nothing was changed.
pub(crate) fn run(
    mut execution: Box<Execution>,
    job: &Job<'_>,
) -> Result<(Box<Execution>, Result<Done, Rejection>), Fault> {
    if let Err(rejection) = validate(&mut execution, job)? {
        return Ok((execution, Err(rejection)));
    }
    let (execution, done) = run_unchecked(execution, job)?;
    Ok((execution, Ok(done)))
}

/// As [`run`], for a transaction that is only simulated: what admission would say is not asked.
///
/// # Errors
/// Fault.
pub(crate) fn run_unchecked(
    mut execution: Box<Execution>,
    job: &Job<'_>,
) -> Result<(Box<Execution>, Done), Fault> {
    execution.signer = job.payload.signer;
    charge::charge(&mut execution, job);
    let checkpoint = execution.overlay.checkpoint();
    let (mut execution, result, invoked) = invoke::invoke(execution, job);
    let gas_used = job.intrinsic.saturating_add(Gas(invoked));
    let (result, changes) = match result {
        Ok(data) => {
            let changes = execution.overlay.transaction_changes();
            let kept = settle::rules(&execution, &changes);
            (kept.map(|()| data), Some(changes))
        }
        Err(stop) => (Err(stop), None),
    };
    let changes = changes.filter(|_| result.is_ok());
    if let Err(Stop::Faulted(fault)) = result {
        return Err(fault);
    }
    if result.is_ok() {
        execution.overlay.commit(checkpoint);
    } else {
        execution.overlay.revert(checkpoint);
        execution.events.clear();
    }
    let done = settle::settle(&mut execution, job, result, gas_used, changes)?;
    Ok((execution, done))
}
