//! Any sequence of host calls, written in a test and made by a contract.
//!
//! The module `fixtures/wat/host_calls.wat` does what its input says: a [`Program`] is that input. This is
//! how limits of the host interface are met exactly, and how the fuzz target of the interface reaches it
//! with pointers and lengths of its own choice. What a program does is bounded by gas like everything else.

use crate::world::input;
use parity_scale_codec::Encode;
use weighhouse_primitives::Outcome;

/// The contract, as text.
pub const WAT: &str = include_str!("../fixtures/wat/host_calls.wat");
/// Where the contract keeps its input, selector first.
pub const INPUT_AT: u32 = 0x1_0000;
/// Memory that nothing else uses, up to [`ROOM_END`].
pub const ROOM: u32 = 0x3_0000;
/// End of that memory.
pub const ROOM_END: u32 = 0x6_0000;
/// End of the contract's memory.
pub const MEMORY_END: u32 = 0x8_0000;
/// Bytes of an operation with its arguments.
pub const RECORD_BYTES: usize = 28;
/// Arguments of an operation.
pub const ARGUMENTS: usize = 6;

/// What the contract can do: the rows of the table of host functions in their order, then work of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `input_read`.
    InputRead,
    /// `context_read`.
    ContextRead,
    /// `gas_left`.
    GasLeft,
    /// `storage_get`.
    StorageGet,
    /// `tail_read`.
    TailRead,
    /// `storage_set`.
    StorageSet,
    /// `storage_remove`.
    StorageRemove,
    /// `storage_page`.
    StoragePage,
    /// `contract_call`; the gas takes two arguments, low half first.
    ContractCall,
    /// `answer_read`.
    AnswerRead,
    /// `hash`.
    Hash,
    /// `verify`.
    Verify,
    /// `verify_many`.
    VerifyMany,
    /// `event_emit`.
    EventEmit,
    /// `debug_log`.
    DebugLog,
    /// `abort`.
    Abort,
    /// Ends with this slice (pointer, length) as the answer, whatever is there.
    Answer,
    /// `unreachable`.
    Trap,
    /// `memory.grow` by so many pages.
    Grow,
    /// `memory.fill` (pointer, byte, length).
    Fill,
    /// Stores a word (pointer, word).
    Store,
    /// Loads eight bytes (pointer).
    Load,
    /// So many bytes that follow are data.
    Skip,
    /// Begins the program again, so many times.
    Again,
}

impl Op {
    /// All of them, by number.
    pub const ALL: [Self; 24] = [
        Self::InputRead,
        Self::ContextRead,
        Self::GasLeft,
        Self::StorageGet,
        Self::TailRead,
        Self::StorageSet,
        Self::StorageRemove,
        Self::StoragePage,
        Self::ContractCall,
        Self::AnswerRead,
        Self::Hash,
        Self::Verify,
        Self::VerifyMany,
        Self::EventEmit,
        Self::DebugLog,
        Self::Abort,
        Self::Answer,
        Self::Trap,
        Self::Grow,
        Self::Fill,
        Self::Store,
        Self::Load,
        Self::Skip,
        Self::Again,
    ];
}

/// Operations for the contract to do.
#[derive(Clone, Debug, Default)]
pub struct Program(Vec<u8>);

impl Program {
    /// Nothing to do.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Address that the next record will have.
    ///
    /// # Panics
    /// If the program is longer than any input.
    #[must_use]
    pub fn next(&self) -> u32 {
        let done = u32::try_from(self.0.len()).expect("a short program");
        INPUT_AT + 4 + done
    }

    /// Adds an operation; arguments that are not given are 0.
    #[must_use]
    pub fn then(mut self, op: Op, arguments: &[u32]) -> Self {
        self.push(op, arguments);
        self
    }

    /// As [`Program::then`], `times` times.
    #[must_use]
    pub fn repeat(mut self, times: usize, op: Op, arguments: &[u32]) -> Self {
        for _ in 0..times {
            self.push(op, arguments);
        }
        self
    }

    /// Adds an operation.
    pub fn push(&mut self, op: Op, arguments: &[u32]) {
        let mut record = [0; ARGUMENTS];
        for (place, argument) in record.iter_mut().zip(arguments) {
            *place = *argument;
        }
        (op as u32, record).encode_to(&mut self.0);
    }

    /// Adds data; returns where the contract will find it.
    ///
    /// # Panics
    /// If it is longer than any input.
    pub fn data(&mut self, bytes: &[u8]) -> u32 {
        let length = u32::try_from(bytes.len()).expect("short data");
        self.push(Op::Skip, &[length]);
        let at = self.next();
        self.0.extend_from_slice(bytes);
        at
    }

    /// The input of `run`.
    #[must_use]
    pub fn run(&self) -> Vec<u8> {
        self.input("run")
    }

    /// The input of `look`, which may not write.
    #[must_use]
    pub fn look(&self) -> Vec<u8> {
        self.input("look")
    }

    fn input(&self, entry_point: &str) -> Vec<u8> {
        let mut bytes = input(entry_point, &());
        bytes.extend_from_slice(&self.0);
        bytes
    }
}

/// What each operation answered; `None` if the program did not come to its end.
#[must_use]
pub fn results(outcome: &Outcome) -> Option<Vec<i64>> {
    let Outcome::Succeeded { data } = outcome else {
        return None;
    };
    let (words, _) = data.as_chunks::<8>();
    Some(words.iter().map(|word| i64::from_le_bytes(*word)).collect())
}
