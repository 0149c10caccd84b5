//! Prices that are not host-function rows: operators, bulk memory, frames, transactions, uploads.
//!
//! A schedule belongs to a protocol version and never changes within one (GAS-2). One gas is
//! calibrated to about one nanosecond of the slowest ordinary case on the reference machine; where a
//! class spans a wide range (a load may miss every cache) the price is above the average, because the
//! block limit has to hold for hostile code. The measurements behind the numbers are in
//! `docs/decisions/0001-injected-gas.md`.

use crate::limits;

/// Kinds of operators that cost alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorClass {
    /// Compiles to nothing: `nop`, `drop`, constants, `local.get`, block structure, and
    /// `unreachable`, which ends everything.
    Free,
    /// One cheap machine operation: comparisons, additions, shifts, conversions, `local.set`.
    Simple,
    /// Multiplication.
    Multiply,
    /// Division and remainder.
    Divide,
    /// Load from memory.
    Load,
    /// Store to memory.
    Store,
    /// Read or write of a global, `memory.size`.
    Global,
    /// Branches: `br`, `br_if`, `if`, `else`, `return`.
    Branch,
    /// `br_table`.
    BranchTable,
    /// Direct call, import calls included.
    Call,
    /// Call through the table.
    CallIndirect,
    /// `memory.fill`, `memory.copy`, before their bytes.
    Bulk,
    /// `memory.grow`, before its pages.
    Grow,
}

/// Prices of [`OperatorClass`]es.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorPrices {
    /// [`OperatorClass::Simple`].
    pub simple: u32,
    /// [`OperatorClass::Multiply`].
    pub multiply: u32,
    /// [`OperatorClass::Divide`].
    pub divide: u32,
    /// [`OperatorClass::Load`].
    pub load: u32,
    /// [`OperatorClass::Store`].
    pub store: u32,
    /// [`OperatorClass::Global`].
    pub global: u32,
    /// [`OperatorClass::Branch`].
    pub branch: u32,
    /// [`OperatorClass::BranchTable`].
    pub branch_table: u32,
    /// [`OperatorClass::Call`].
    pub call: u32,
    /// [`OperatorClass::CallIndirect`].
    pub call_indirect: u32,
    /// [`OperatorClass::Bulk`].
    pub bulk: u32,
    /// [`OperatorClass::Grow`].
    pub grow: u32,
    /// Entry of a function.
    pub entry: u32,
    /// Entry of a function, for every four parameters and locals: they are zeroed and spilled.
    pub entry_per_four_locals: u32,
}

/// The prices of one protocol version.
///
/// # Units
/// Gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasSchedule {
    /// Which schedule this is; part of the key of every compiled artefact.
    pub version: u32,
    /// Operators.
    pub operators: OperatorPrices,
    /// `memory.fill` and `memory.copy`: for 16 bytes, rounded down.
    pub bulk_per_16_bytes: u32,
    /// `memory.grow`: for a page of 64 KiB, asked for, granted or not.
    pub page_grow: u32,

    /// A transaction: decoding, replay guard, receipt, log.
    pub transaction: u64,
    /// A byte of an encoded transaction.
    pub transaction_byte: u64,
    /// A signature of a transaction.
    pub signature: u64,
    /// A frame: a fresh instance of a contract.
    pub frame: u64,
    /// A page of initial memory of a frame, mapped and later reset.
    pub frame_page: u64,
    /// A byte by which contract storage grows; nothing is paid back when it shrinks.
    pub storage_growth_byte: u64,
    /// A byte of uploaded code: checked twice, stored, compiled.
    pub upload_byte: u64,
    /// A function of uploaded code.
    pub upload_function: u64,
    /// One local times one control operator of uploaded code: what compile time grows with.
    pub upload_local_control: u64,
}

impl GasSchedule {
    /// Prices of protocol version 1.
    pub const V1: Self = Self {
        version: 1,
        operators: OperatorPrices {
            simple: 1,
            multiply: 1,
            divide: 8,
            load: 8,
            store: 2,
            global: 1,
            branch: 1,
            branch_table: 3,
            call: 4,
            call_indirect: 8,
            bulk: 20,
            grow: 2_000,
            entry: 2,
            entry_per_four_locals: 1,
        },
        bulk_per_16_bytes: 4,
        page_grow: 30_000,
        transaction: 20_000,
        transaction_byte: 10,
        signature: 45_000,
        frame: 5_000,
        frame_page: 10_000,
        storage_growth_byte: 100,
        upload_byte: 250,
        upload_function: 5_000,
        upload_local_control: 50,
    };

    /// Price of an operator of this class, without bytes or pages.
    #[must_use]
    pub const fn operator(&self, class: OperatorClass) -> u32 {
        let prices = &self.operators;
        match class {
            OperatorClass::Free => 0,
            OperatorClass::Simple => prices.simple,
            OperatorClass::Multiply => prices.multiply,
            OperatorClass::Divide => prices.divide,
            OperatorClass::Load => prices.load,
            OperatorClass::Store => prices.store,
            OperatorClass::Global => prices.global,
            OperatorClass::Branch => prices.branch,
            OperatorClass::BranchTable => prices.branch_table,
            OperatorClass::Call => prices.call,
            OperatorClass::CallIndirect => prices.call_indirect,
            OperatorClass::Bulk => prices.bulk,
            OperatorClass::Grow => prices.grow,
        }
    }

    /// Gas of checking, storing and compiling code of these dimensions.
    #[must_use]
    pub const fn upload(&self, bytes: u64, functions: u64, locals_control: u64) -> u64 {
        let bytes = self.upload_byte.saturating_mul(bytes);
        let functions = self.upload_function.saturating_mul(functions);
        let product = self.upload_local_control.saturating_mul(locals_control);
        bytes.saturating_add(functions).saturating_add(product)
    }
}

const _: () = assert!(
    GasSchedule::V1
        .upload(
            limits::CODE_BYTES_MAX as u64,
            limits::FUNCTIONS_MAX as u64,
            limits::LOCALS_CONTROL_PRODUCT_MAX
        )
        .saturating_add(
            GasSchedule::V1
                .transaction_byte
                .saturating_mul(limits::TX_BYTES_MAX as u64)
        )
        < limits::TX_GAS_MAX,
    "the largest accepted code fits a transaction"
);
