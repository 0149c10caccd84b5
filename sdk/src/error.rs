//! Refusals: how an entry point says no.
//!
//! A contract lists its refusals in enums marked `#[errors]`: a code, typed detail and a sentence
//! each. An entry point answers `Result<T, ThatEnum>`, or `Result<T, Refused>` if it may also pass on
//! what another enum or a called contract refused.

use crate::Buffer;
use crate::call::CallError;
use alloc::vec::Vec;
use weighhouse_primitives::schema::describe::ErrorDef;
use weighhouse_primitives::{Address, HaltReason};

/// An enum of refusals; written by `#[errors]`.
pub trait Errors {
    /// The refusals, for the schema.
    const DEFS: &'static [ErrorDef];

    /// The code of this one.
    fn code(&self) -> u16;

    /// Appends SCALE of its fields.
    fn encode_fields(&self, out: &mut Buffer);
}

/// Any reason to stop and undo: what `?` turns other refusals into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// This contract refuses.
    Own {
        /// Code of one of its error enums.
        code: u16,
        /// SCALE of the error's fields.
        data: Vec<u8>,
    },
    /// A called contract refused, and its refusal is passed on unchanged.
    Callee {
        /// Who refused.
        contract: Address,
        /// Its code.
        code: u16,
        /// SCALE of its error's fields.
        data: Vec<u8>,
    },
    /// A called contract was stopped by the machine; passing this on stops the caller too.
    Halted(HaltReason),
}

impl Refused {
    /// The refusal's code; `None` if a called contract was stopped by the machine.
    #[must_use]
    pub const fn code(&self) -> Option<u16> {
        match self {
            Self::Own { code, .. } | Self::Callee { code, .. } => Some(*code),
            Self::Halted(_) => None,
        }
    }
}

impl<E: Errors> From<E> for Refused {
    fn from(error: E) -> Self {
        let mut data = Buffer::new();
        error.encode_fields(&mut data);
        Self::Own {
            code: error.code(),
            data: data.kept(),
        }
    }
}

impl From<CallError> for Refused {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Reverted {
                contract,
                code,
                data,
            } => Self::Callee {
                contract,
                code,
                data,
            },
            CallError::Halted(reason) => Self::Halted(reason),
        }
    }
}

/// Refuses unless a condition holds: `ensure!(amount > limit, Refusal::TooMuch)`.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $refusal:expr $(,)?) => {
        if !$condition {
            return ::core::result::Result::Err(::core::convert::Into::into($refusal));
        }
    };
}
