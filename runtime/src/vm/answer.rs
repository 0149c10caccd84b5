//! How a frame ended: its answer read, traps told apart.
//!
//! This is the only place where an engine error becomes an outcome: a [`Stop`] carried by a host
//! function, a known trap, or a fault (ERR-1).

use super::linked::engine;
use crate::frame::Stop;
use crate::host::HostState;
use crate::limits;
use parity_scale_codec::Decode;
use wasmtime::{Memory, Store, Trap};
use weighhouse_primitives::{Address, HaltReason, abi};

/// Answer of a frame and the gas that is left.
pub(super) type Ended = (Result<Vec<u8>, Stop>, i64);

/// Reads `ptr << 32 | len`, then the answer. Gas: one per byte of answer, charged before the copy.
pub(super) fn read_answer(
    store: &Store<HostState>,
    memory: Memory,
    answer: i64,
    left: i64,
) -> Ended {
    let packed = answer.cast_unsigned();
    let slice = || {
        let ptr = usize::try_from(packed >> 32).ok()?;
        let len = usize::try_from(packed & 0xffff_ffff).ok()?;
        memory.data(store).get(ptr..)?.get(..len)
    };
    let Some(bytes) = slice() else {
        return (Err(HaltReason::BadAnswer.into()), left);
    };
    if bytes.len() > limits::ANSWER_BYTES_MAX {
        return (Err(HaltReason::HostLimit.into()), left);
    }
    let left = left.saturating_sub(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    if left < 0 {
        return (Err(HaltReason::OutOfGas.into()), 0);
    }
    let result = match bytes {
        [abi::ANSWER_SUCCEEDED, value @ ..] => Ok(value.to_vec()),
        [abi::ANSWER_REVERTED, rest @ ..] => Err(reverted(store.data(), rest)),
        _ => Err(HaltReason::BadAnswer.into()),
    };
    (result, left)
}

/// A refusal. Code 0 lets a callee's refusal pass: it is followed by the callee's answer as
/// `contract_call` gave it. Only the answer of this frame's last call is believed; anything else is
/// held against the contract that says it.
fn reverted(state: &HostState, mut bytes: &[u8]) -> Stop {
    let contract = state.frame.contract;
    let Ok(code) = u16::decode(&mut bytes) else {
        return HaltReason::BadAnswer.into();
    };
    if code != 0 {
        return Stop::Reverted {
            contract,
            code,
            data: bytes.to_vec(),
        };
    }
    let believed = state.is_last_refusal(bytes);
    match <(Address, u16)>::decode(&mut bytes) {
        Ok((_, 0)) | Err(_) => HaltReason::BadAnswer.into(),
        Ok((callee, code)) => Stop::Reverted {
            contract: if believed { callee } else { contract },
            code,
            data: bytes.to_vec(),
        },
    }
}

/// Tells an outcome from a fault. Invariant ERR-1: what is neither a stop that a host function
/// raised nor a trap named here is this node's trouble.
pub(super) fn classify(error: wasmtime::Error, gas: i64, stack: i32) -> Stop {
    let error = match error.downcast::<Stop>() {
        Ok(stop) => return stop,
        Err(error) => error,
    };
    let reason = match error.downcast_ref::<Trap>() {
        Some(Trap::UnreachableCodeReached) if gas < 0 => HaltReason::OutOfGas,
        Some(Trap::UnreachableCodeReached) if stack < 0 => HaltReason::StackExhausted,
        Some(Trap::UnreachableCodeReached) => HaltReason::Unreachable,
        Some(Trap::MemoryOutOfBounds) => HaltReason::MemoryOutOfBounds,
        Some(Trap::IntegerOverflow | Trap::IntegerDivisionByZero) => HaltReason::BadDivision,
        Some(Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature) => {
            HaltReason::BadIndirectCall
        }
        _ => return engine("running a contract")(error).into(),
    };
    reason.into()
}
