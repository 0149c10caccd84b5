//! Injects gas and stack counters into accepted code.
//!
//! A pure function of module and schedule, so that every node runs the same counted program on
//! whatever compiler it has (GAS-2, decision 5). Only the original is stored; this is recomputed.
//!
//! # What is added
//! * A mutable `i64` global, exported as [`EXPORT_GAS`], initially 0: gas left. The host sets it after
//!   instantiation, charges its own work to it, and reads it afterwards.
//! * A mutable `i32` global, exported as [`EXPORT_STACK`]: bytes of logical stack left.
//! * Both stand behind all other globals, so no index changes. The module's own mutable globals are
//!   exported as [`EXPORT_STATE`] and their number.
//! * At the start of every straight run of operators: the price of the run is subtracted; below zero,
//!   `unreachable`. A trap inside a run has paid for the whole run. A local of the function holds what
//!   the counter does, so that a charge does not wait for memory that the last one wrote: it is taken
//!   over at entry and behind every call, and every charge writes the counter too.
//! * Before `memory.fill` and `memory.copy` their bytes, before `memory.grow` its pages, are charged
//!   (GAS-1). A request for more pages than any memory may have answers -1 at once.
//! * Around the body of every function that calls: its frame is taken from the stack counter and
//!   given back at the single exit. A function that calls nothing is bounded by the limits of a body.
//! * The maximum of the memory becomes at most the protocol's.
//!
//! After a trap the host reads the counters: gas below zero means out of gas, else stack below zero
//! means stack exhausted, else the trap speaks for itself.
//!
//! # What is dropped
//! Custom sections.

mod body;
mod price;

use crate::gas::GasSchedule;
use crate::limits;
use crate::vm::code::{self, CodeError};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, GlobalSection, GlobalType, MemorySection,
    Module, RawSection, ValType,
};
use wasmparser::{
    FuncValidatorAllocations, GlobalSectionReader, MemorySectionReader, Parser, Payload,
    ValidPayload, Validator,
};

/// Export: gas left, a mutable `i64`.
pub const EXPORT_GAS: &str = "__wh_gas";
/// Export: bytes of logical stack left, a mutable `i32`.
pub const EXPORT_STACK: &str = "__wh_stack";
/// Exports, with a number behind: the module's own mutable globals, so that the host can set them back.
pub const EXPORT_STATE: &str = "__wh_state_";
/// Version of this pass: part of the key of every compiled artefact.
pub const INSTRUMENTATION_VERSION: u32 = 3;

/// Why a module cannot be instrumented: it was never accepted, or this pass is wrong. Either way a
/// fault of the node, because only accepted code gets here.
#[derive(Debug, thiserror::Error)]
pub enum InstrumentError {
    /// The input is not accepted code.
    #[error("the module was never accepted: {0}")]
    Input(#[from] CodeError),
    /// A section could not be written again.
    #[error("section of globals, exports or memory: {0}")]
    Reencode(String),
    /// What was written is not valid.
    #[error("the instrumented module is not valid: {0}")]
    Output(CodeError),
}

impl From<wasmparser::Error> for InstrumentError {
    fn from(error: wasmparser::Error) -> Self {
        Self::Input(error.into())
    }
}

impl From<wasm_encoder::reencode::Error> for InstrumentError {
    fn from(error: wasm_encoder::reencode::Error) -> Self {
        Self::Reencode(error.to_string())
    }
}

/// Where the injected globals stand, and what things cost.
#[derive(Clone, Copy, Debug)]
struct Meter<'a> {
    schedule: &'a GasSchedule,
    gas: u32,
    stack: u32,
}

/// Returns the module with counters.
///
/// # Errors
/// `InstrumentError` for modules that `Code::check` refuses, and for bugs of this pass.
pub fn instrument(bytes: &[u8], schedule: &GasSchedule) -> Result<Vec<u8>, InstrumentError> {
    let mut pass = Pass {
        bytes,
        meter: Meter {
            schedule,
            gas: 0,
            stack: 0,
        },
        module: Module::new(),
        state: Vec::new(),
        code: CodeSection::new(),
        functions_left: 0,
        allocations: FuncValidatorAllocations::default(),
    };
    let mut validator = Validator::new_with_features(code::features());
    let mut parser = Parser::new(0);
    parser.set_features(code::features());
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        match validator.payload(&payload)? {
            ValidPayload::Func(function, body) => {
                let allocations = std::mem::take(&mut pass.allocations);
                let result = body::result_type(&function);
                let (facts, allocations) = code::inspect(function, &body, allocations)?;
                pass.allocations = allocations;
                let counted = body::instrument(&body, &facts, result, &pass.meter)?;
                pass.code.function(&counted);
                pass.functions_left = pass.functions_left.saturating_sub(1);
                if pass.functions_left == 0 {
                    pass.module.section(&pass.code);
                }
            }
            _ => pass.section(payload)?,
        }
    }
    let output = pass.module.finish();
    validate(&output).map_err(InstrumentError::Output)?;
    Ok(output)
}

fn validate(bytes: &[u8]) -> Result<(), CodeError> {
    Validator::new_with_features(code::features()).validate_all(bytes)?;
    Ok(())
}

struct Pass<'a> {
    bytes: &'a [u8],
    meter: Meter<'a>,
    module: Module,
    /// The module's own mutable globals.
    state: Vec<u32>,
    code: CodeSection,
    functions_left: u32,
    allocations: FuncValidatorAllocations,
}

impl Pass<'_> {
    fn section(&mut self, payload: Payload<'_>) -> Result<(), InstrumentError> {
        match payload {
            Payload::MemorySection(section) => self.memory(section),
            Payload::GlobalSection(section) => self.globals(section),
            Payload::ExportSection(section) => {
                let mut exports = ExportSection::new();
                RoundtripReencoder.parse_export_section(&mut exports, section)?;
                exports.export(EXPORT_GAS, ExportKind::Global, self.meter.gas);
                exports.export(EXPORT_STACK, ExportKind::Global, self.meter.stack);
                for index in &self.state {
                    exports.export(
                        &format!("{EXPORT_STATE}{index}"),
                        ExportKind::Global,
                        *index,
                    );
                }
                self.module.section(&exports);
                Ok(())
            }
            Payload::CodeSectionStart { count, .. } => {
                self.functions_left = count;
                if count == 0 {
                    self.module.section(&self.code);
                }
                Ok(())
            }
            Payload::CustomSection(_) => Ok(()),
            other => {
                // Everything else goes over byte for byte.
                if let Some((id, range)) = other.as_section()
                    && let Some(data) = self.bytes.get(range)
                {
                    self.module.section(&RawSection { id, data });
                }
                Ok(())
            }
        }
    }

    /// The module's globals, none of which is imported, and behind them the counters.
    fn globals(&mut self, section: GlobalSectionReader<'_>) -> Result<(), InstrumentError> {
        for (index, global) in (0..).zip(section.clone()) {
            if global?.ty.mutable {
                self.state.push(index);
            }
        }
        let mut globals = GlobalSection::new();
        RoundtripReencoder.parse_global_section(&mut globals, section)?;
        self.meter.gas = globals.len();
        self.meter.stack = globals.len().saturating_add(1);
        globals.global(counter(ValType::I64), &ConstExpr::i64_const(0));
        globals.global(
            counter(ValType::I32),
            &ConstExpr::i32_const(limits::STACK_BYTES_MAX),
        );
        self.module.section(&globals);
        Ok(())
    }

    /// The maximum is the module's own, at most the protocol's: `memory.grow` beyond answers -1.
    fn memory(&mut self, section: MemorySectionReader<'_>) -> Result<(), InstrumentError> {
        let mut memories = MemorySection::new();
        for memory in section {
            let mut ty = RoundtripReencoder.memory_type(memory?)?;
            let own = ty.maximum.unwrap_or(limits::MEMORY_PAGES_MAX);
            ty.maximum = Some(own.min(limits::MEMORY_PAGES_MAX));
            memories.memory(ty);
        }
        self.module.section(&memories);
        Ok(())
    }
}

const fn counter(val_type: ValType) -> GlobalType {
    GlobalType {
        val_type,
        mutable: true,
        shared: false,
    }
}
