//! One contract call: depth, re-entry, checkpoint, entry, answer.
//!
//! A frame takes the transaction's [`Execution`] by value, moves it into the engine store of an
//! instance that is as good as fresh, and gives it back at its end; it is never shared. Whatever ends a frame
//! early is a [`Stop`].
//!
//! Invariants: CALL-1 (depth is bounded; a contract on the stack is not re-entered), STATE-1 (a frame
//! that does not succeed leaves the overlay as it found it), ERR-1 (a fault never becomes an outcome).

use crate::error::Fault;
use crate::executor::Execution;
use crate::limits;
use crate::reader::TraceFrame;
use crate::state::record::ContractRecord;
use crate::state::{Value, key};
use crate::vm::instance;
use crate::vm::linked::Linked;
use parity_scale_codec::{Decode, Encode};
use std::sync::Arc;
use weighhouse_primitives::schema::EntryKind;
use weighhouse_primitives::{Address, CodeHash, HaltReason, Outcome, abi};

/// Why a frame ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The contract refused, or let a refusal of a contract below it pass.
    Reverted {
        /// Who refused.
        contract: Address,
        /// With which code.
        code: u16,
        /// SCALE of its detail.
        data: Vec<u8>,
    },
    /// A rule of the machine.
    Halted(HaltReason),
    /// This node's trouble.
    Faulted(Fault),
}

impl From<HaltReason> for Stop {
    fn from(reason: HaltReason) -> Self {
        Self::Halted(reason)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Faulted(fault)
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Stop {}

/// A call to make.
#[derive(Debug)]
pub(crate) struct FrameCall<'a> {
    /// Which contract.
    pub(crate) contract: Address,
    /// Who calls: the signer's account, or a contract.
    pub(crate) caller: Address,
    /// `selector ‖ SCALE(arguments)`.
    pub(crate) input: &'a [u8],
    /// Most gas that the frame may use, those below it included.
    pub(crate) gas: u64,
    /// The frame may not write.
    pub(crate) read_only: bool,
    /// The constructor may run: only while the contract is being deployed.
    pub(crate) constructing: bool,
}

/// One contract call while it runs.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// The contract that runs.
    pub(crate) contract: Address,
    /// Its direct caller.
    pub(crate) caller: Address,
    /// It may not write.
    pub(crate) read_only: bool,
    /// `selector ‖ SCALE(arguments)`.
    pub(crate) input: Vec<u8>,
}

/// How a frame ended, with the execution handed back.
#[derive(Debug)]
pub(crate) struct FrameEnd {
    /// The transaction's state.
    pub(crate) execution: Box<Execution>,
    /// SCALE of the return value, or why it ended early.
    pub(crate) result: Result<Vec<u8>, Stop>,
    /// Gas used, frames below included.
    pub(crate) gas_used: u64,
}

/// Runs `call` in a new frame of `execution`.
///
/// # Gas
/// Used gas is reported, not charged: the caller takes it from its own.
pub(crate) fn enter(mut execution: Box<Execution>, call: &FrameCall<'_>) -> FrameEnd {
    let (linked, kind) = match resolve(&mut execution, call) {
        Ok(resolved) => resolved,
        Err(stop) => {
            return FrameEnd {
                execution,
                result: Err(stop),
                gas_used: 0,
            };
        }
    };
    // Gas: the fresh instance is paid before it is made.
    let Some(gas) = call.gas.checked_sub(linked.frame_gas()) else {
        let result = Err(HaltReason::OutOfGas.into());
        return FrameEnd {
            execution,
            result,
            gas_used: call.gas,
        };
    };
    let checkpoint = execution.overlay.checkpoint();
    let events = execution.events.len();
    execution.stack.push(call.contract);
    let trace = execution.trace_enter(call);

    let frame = Frame {
        contract: call.contract,
        caller: call.caller,
        // A dry run writes even below a query: its own end undoes it.
        read_only: kind == EntryKind::Query || (call.read_only && kind != EntryKind::Check),
        input: call.input.to_vec(),
    };
    let mut end = instance::run(&linked, execution, frame, gas);
    end.gas_used = end.gas_used.saturating_add(linked.frame_gas());

    end.execution.stack.pop();
    // Invariant STATE-1: only a frame that succeeded, and is no dry run, leaves anything behind.
    if end.result.is_ok() && kind != EntryKind::Check {
        end.execution.overlay.commit(checkpoint);
    } else {
        end.execution.overlay.revert(checkpoint);
        end.execution.events.truncate(events);
    }
    if kind == EntryKind::Check {
        end.result = check_answer(end.result);
    }
    end.execution.trace_exit(trace, &end.result, end.gas_used);
    end
}

/// Finds the code and the kind of the entry point; refuses depth, re-entry and forbidden kinds.
fn resolve(
    execution: &mut Execution,
    call: &FrameCall<'_>,
) -> Result<(Arc<Linked>, EntryKind), Stop> {
    // Invariant CALL-1.
    if execution.stack.len() >= limits::CALL_DEPTH_MAX {
        return Err(HaltReason::CallDepth.into());
    }
    if execution.stack.contains(&call.contract) {
        return Err(HaltReason::Reentry.into());
    }
    let code = contract_code(execution, &call.contract)?.ok_or(HaltReason::NoEntryPoint)?;
    let linked = match execution.vm.at_hand(&code) {
        Some(linked) => linked,
        None => {
            execution.not_brief()?;
            execution.linked(&code)?
        }
    };
    let selector = call
        .input
        .first_chunk::<4>()
        .ok_or(HaltReason::NoEntryPoint)?;
    let kind = linked
        .entry(u32::from_le_bytes(*selector))
        .ok_or(HaltReason::NoEntryPoint)?;
    if (kind == EntryKind::Constructor) != call.constructing {
        return Err(HaltReason::NoEntryPoint.into());
    }
    Ok((linked, kind))
}

/// The record of a contract, if there is one.
pub(crate) fn contract_record(
    execution: &mut Execution,
    contract: &Address,
) -> Result<Option<ContractRecord>, Fault> {
    let value = execution.overlay.get(&key::contract(contract))?;
    decode_record(contract, value)
}

/// The code of a contract: the first field of its record.
fn contract_code(execution: &mut Execution, contract: &Address) -> Result<Option<CodeHash>, Fault> {
    let value = execution.overlay.get(&key::contract(contract))?;
    decode_record(contract, value)
}

/// As [`contract_code`], without leaving a trace in the overlay.
pub(crate) fn peek_code(
    execution: &Execution,
    contract: &Address,
) -> Result<Option<CodeHash>, Fault> {
    let value = execution.overlay.peek(&key::contract(contract))?;
    decode_record(contract, value)
}

fn decode_record<T: Decode>(contract: &Address, value: Option<Value>) -> Result<Option<T>, Fault> {
    let Some(value) = value else { return Ok(None) };
    T::decode(&mut &*value)
        .map(Some)
        .map_err(|error| Fault::Damaged {
            place: format!("record of contract {contract}"),
            reason: error.to_string(),
        })
}

/// A dry run answers SCALE `u16`: 0 if the call would succeed, else its refusal's code. Halts stay
/// halts: they have no code.
fn check_answer(result: Result<Vec<u8>, Stop>) -> Result<Vec<u8>, Stop> {
    match result {
        Ok(_) => Ok(0u16.encode()),
        Err(Stop::Reverted { code, .. }) => Ok(code.encode()),
        Err(stop) => Err(stop),
    }
}

/// The outcome that a result is recorded as; a fault is handed on instead (ERR-1).
pub(crate) fn outcome(result: Result<Vec<u8>, Stop>) -> Result<Outcome, Fault> {
    Ok(match result {
        Ok(data) => Outcome::Succeeded { data },
        Err(Stop::Reverted {
            contract,
            code,
            data,
        }) => Outcome::Reverted {
            contract,
            code,
            data,
        },
        Err(Stop::Halted(reason)) => Outcome::Halted(reason),
        Err(Stop::Faulted(fault)) => return Err(fault),
    })
}

/// What the caller of `contract_call` sees of a result: status and answer bytes.
pub(crate) fn answer(result: Result<Vec<u8>, Stop>) -> Result<(u32, Vec<u8>), Fault> {
    Ok(match result {
        Ok(data) => (abi::CALL_SUCCEEDED, data),
        Err(Stop::Reverted {
            contract,
            code,
            data,
        }) => {
            let mut bytes = (contract, code).encode();
            bytes.extend_from_slice(&data);
            (abi::CALL_REVERTED, bytes)
        }
        Err(Stop::Halted(reason)) => (abi::CALL_HALTED, reason.encode()),
        Err(Stop::Faulted(fault)) => return Err(fault),
    })
}

impl Execution {
    fn trace_enter(&mut self, call: &FrameCall<'_>) -> usize {
        let depth = u32::try_from(self.stack.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let Some(frames) = &mut self.trace else {
            return 0;
        };
        frames.push(TraceFrame {
            depth,
            contract: call.contract,
            caller: call.caller,
            input: call.input.to_vec(),
            outcome: Outcome::Succeeded { data: Vec::new() },
            gas_used: weighhouse_primitives::Gas::ZERO,
            host_calls: Vec::new(),
        });
        frames.len().saturating_sub(1)
    }

    fn trace_exit(&mut self, at: usize, result: &Result<Vec<u8>, Stop>, gas_used: u64) {
        let Some(frame) = self.trace.as_mut().and_then(|frames| frames.get_mut(at)) else {
            return;
        };
        frame.gas_used = weighhouse_primitives::Gas(gas_used);
        frame.outcome = match result {
            Ok(data) => Outcome::Succeeded { data: data.clone() },
            Err(Stop::Reverted {
                contract,
                code,
                data,
            }) => Outcome::Reverted {
                contract: *contract,
                code: *code,
                data: data.clone(),
            },
            Err(Stop::Halted(reason)) => Outcome::Halted(reason.clone()),
            // The fault ends the node; the trace is never shown.
            Err(Stop::Faulted(_)) => Outcome::Halted(HaltReason::Unreachable),
        };
    }
}
