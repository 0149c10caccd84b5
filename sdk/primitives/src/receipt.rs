//! Receipts: the chain's answer to a transaction.

use crate::address::Address;
use crate::event::Event;
use crate::gas::Gas;
use crate::hash::{Hash, TxHash};
use alloc::string::String;
use alloc::vec::Vec;
use parity_scale_codec::{Decode, DecodeWithMemTracking, Encode};

/// Execution stopped by a rule of the machine. Closed; consensus data.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum HaltReason {
    /// The gas limit was used up.
    #[codec(index = 0)]
    OutOfGas,
    /// The counted stack of a frame was used up.
    #[codec(index = 1)]
    StackExhausted,
    /// More contracts on the call stack than allowed.
    #[codec(index = 2)]
    CallDepth,
    /// `unreachable`: a panic of the contract.
    #[codec(index = 3)]
    Unreachable,
    /// Guest code touched memory outside its own.
    #[codec(index = 4)]
    MemoryOutOfBounds,
    /// A host function got a pointer or length outside guest memory.
    #[codec(index = 5)]
    BadPointer,
    /// Division by zero or overflowing signed division.
    #[codec(index = 6)]
    BadDivision,
    /// `call_indirect` through an absent element or with a wrong type.
    #[codec(index = 7)]
    BadIndirectCall,
    /// More pages than the memory limit allows.
    #[codec(index = 8)]
    MemoryLimit,
    /// A limit of a host function (key, value, event, log, return data) was exceeded.
    #[codec(index = 9)]
    HostLimit,
    /// A write, or an event, in a read-only frame.
    #[codec(index = 10)]
    ReadOnly,
    /// The guest's answer is not `ptr << 32 | len` of a well-formed result.
    #[codec(index = 11)]
    BadAnswer,
    /// The contract called itself, directly or through others.
    #[codec(index = 12)]
    Reentry,
    /// No such contract, or the code has no such entry point of the required kind.
    #[codec(index = 13)]
    NoEntryPoint,
    /// A declared rule does not hold on the transaction's writes.
    #[codec(index = 14)]
    RuleBroken {
        /// Contract that declared it.
        contract: Address,
        /// The rule's name in the contract's `wh.rules` section.
        rule: String,
    },
    /// The action itself is refused: see the reason.
    #[codec(index = 15)]
    ActionRefused(ActionRefusal),
}

/// Why an action that is not a contract call was refused during execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum ActionRefusal {
    /// The module breaks a rule of the validator; the RPC names it before anything is sent.
    #[codec(index = 0)]
    BadCode,
    /// No such code has been uploaded.
    #[codec(index = 1)]
    NoCode,
    /// A contract already stands at the address.
    #[codec(index = 2)]
    AddressTaken,
    /// No such contract.
    #[codec(index = 3)]
    NoContract,
    /// The signer is not the contract's admin, or not the governor.
    #[codec(index = 4)]
    NotAdmin,
    /// The chain policy does not allow the signer to do this.
    #[codec(index = 5)]
    NotAllowed,
    /// No validator would remain, too many or too much power would, the one to remove is none, or the genesis
    /// of the chain names no validators.
    #[codec(index = 6)]
    BadValidators,
}

/// How a transaction ended. Everything but `Succeeded` leaves no change but the replay guard and
/// the quota.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub enum Outcome {
    /// Done.
    #[codec(index = 0)]
    Succeeded {
        /// SCALE of the entry point's return value.
        data: Vec<u8>,
    },
    /// A contract refused.
    #[codec(index = 1)]
    Reverted {
        /// Contract that refused (the innermost that was not caught).
        contract: Address,
        /// Its code, of its own error enum.
        code: u16,
        /// SCALE of the error's fields.
        data: Vec<u8>,
    },
    /// The machine stopped it.
    #[codec(index = 2)]
    Halted(HaltReason),
}

impl Outcome {
    /// True for [`Outcome::Succeeded`].
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }
}

/// The chain's answer to one transaction.
///
/// # Shape
/// SCALE, fields in order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking)]
pub struct Receipt {
    /// Which transaction.
    pub tx: TxHash,
    /// How it ended.
    pub outcome: Outcome,
    /// Work done; never above the limit.
    pub gas_used: Gas,
    /// Facts emitted; empty unless it succeeded.
    pub events: Vec<Event>,
    /// Hash of the transaction's write set (sorted keys with their new values), so that two nodes
    /// that ever differ can name the first transaction that differs.
    pub effects: Hash,
}
