//! Group `call`: contracts calling contracts.

use super::{HostContext, copy_part};
use crate::error::Fault;
use crate::frame::{self, FrameCall, Stop};
use crate::limits;
use weighhouse_primitives::abi::FLAG_READ_ONLY;
use weighhouse_primitives::{Address, HaltReason};

/// Calls another contract in a frame of its own; see the table.
///
/// The callee gets the gas it is given or what is left, whichever is less, and what it used is taken
/// from the caller. Its failure is an answer, not a stop of the caller; a fault stops everything.
pub(super) fn contract_call(
    context: &mut HostContext<'_>,
    contract_ptr: u32,
    input_ptr: u32,
    input_len: u32,
    gas: i64,
    flags: u32,
) -> Result<i64, Stop> {
    context.execution().not_brief()?;
    let address = context.read(contract_ptr, 32)?.first_chunk::<32>().copied();
    let contract = Address(address.ok_or(HaltReason::BadPointer)?);
    let input = context.read(input_ptr, input_len)?.to_vec();
    if input.len() > limits::INPUT_BYTES_MAX || flags > FLAG_READ_ONLY {
        return Err(HaltReason::HostLimit.into());
    }
    let allowed = u64::try_from(gas).unwrap_or(0).min(context.gas);
    let call = FrameCall {
        contract,
        caller: context.state.frame.contract,
        input: &input,
        gas: allowed,
        read_only: context.state.frame.read_only || flags == FLAG_READ_ONLY,
        constructing: false,
    };
    let execution = context.state.execution.take().ok_or_else(|| {
        Stop::from(Fault::Engine {
            action: "calling a contract",
            reason: "the frame does not have the execution".into(),
        })
    })?;
    let end = frame::enter(execution, &call);
    context.state.execution = Some(end.execution);
    context.charge(end.gas_used)?;
    let (status, answer) = frame::answer(end.result)?;
    let len = u32::try_from(answer.len()).unwrap_or(u32::MAX);
    context.state.answer = (status, answer);
    Ok((i64::from(status) << 32) | i64::from(len))
}

/// Copies from the answer of the last call; see the table.
pub(super) fn answer_read(
    context: &mut HostContext<'_>,
    offset: u32,
    out_ptr: u32,
    out_cap: u32,
) -> Result<u32, Stop> {
    copy_part(
        &mut context.memory,
        &context.state.answer.1,
        offset,
        out_ptr,
        out_cap,
    )
}
