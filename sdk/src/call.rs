//! Calling other contracts.
//!
//! `#[contract]` writes a typed caller `NameRef` for an `impl Name` (and for a `trait Name`, which is
//! how an interface is declared without its implementation). Its methods answer
//! `Result<T, CallError>`: match on it to go on after a refusal, whose changes are undone, or use `?`
//! in a function that answers `Result<_, Refused>` to pass it on unchanged.

use crate::{Buffer, storage, sys};
use alloc::vec;
use alloc::vec::Vec;
use parity_scale_codec::{Decode, DecodeAll};
use weighhouse_primitives::abi::{CALL_REVERTED, CALL_SUCCEEDED};
use weighhouse_primitives::{Address, Gas, HaltReason};

/// Why a call to another contract did not succeed. Its changes are undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// A contract refused.
    Reverted {
        /// Who refused: the callee, or one that it called.
        contract: Address,
        /// Its code.
        code: u16,
        /// SCALE of its error's fields.
        data: Vec<u8>,
    },
    /// The machine stopped it.
    Halted(HaltReason),
}

impl CallError {
    /// The refusal's code; `None` if the machine stopped the call.
    #[must_use]
    pub const fn code(&self) -> Option<u16> {
        match self {
            Self::Reverted { code, .. } => Some(*code),
            Self::Halted(_) => None,
        }
    }
}

/// Where calls go and how much gas they may use; what typed callers are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The contract.
    pub address: Address,
    /// Gas that a call may use at most; it is also capped by what is left.
    pub gas: Gas,
}

impl Target {
    /// The contract at `address`, with all the gas that is left.
    #[must_use]
    pub const fn at(address: Address) -> Self {
        Self {
            address,
            gas: Gas(u64::MAX),
        }
    }

    /// Calls with `input`, a selector and the arguments in SCALE, and decodes the answer.
    ///
    /// What this frame has changed so far is written first.
    ///
    /// # Gas
    /// Row `contract_call` of the table of host functions, and what the callee uses.
    /// # Errors
    /// The callee refused, or was stopped; `Halted(BadAnswer)` if its answer is not a `T`.
    pub fn call<T: Decode>(&self, input: &Buffer, flags: u32) -> Result<T, CallError> {
        let answer = self.send(input, flags)?;
        T::decode_all(&mut &answer[..]).map_err(|_| CallError::Halted(HaltReason::BadAnswer))
    }

    fn send(&self, input: &Buffer, flags: u32) -> Result<Vec<u8>, CallError> {
        storage::flush();
        let answered = sys::contract_call(&self.address, input, self.gas.0, flags);
        let [a, b, c, d, status @ ..] = answered.to_le_bytes();
        let mut answer = vec![0; u32::from_le_bytes([a, b, c, d]) as usize];
        sys::answer_read(0, &mut answer);
        match u32::from_le_bytes(status) {
            CALL_SUCCEEDED => Ok(answer),
            CALL_REVERTED => Err(reverted(&answer)),
            _ => Err(CallError::Halted(
                HaltReason::decode(&mut &answer[..]).unwrap_or(HaltReason::BadAnswer),
            )),
        }
    }
}

fn reverted(mut answer: &[u8]) -> CallError {
    match <(Address, u16)>::decode(&mut answer) {
        Ok((contract, code)) => CallError::Reverted {
            contract,
            code,
            data: answer.to_vec(),
        },
        Err(_) => CallError::Halted(HaltReason::BadAnswer),
    }
}
