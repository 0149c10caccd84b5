//! One function body with counters.
//!
//! Original operators are copied byte for byte. A run of operators is held back until its price is
//! known, then written behind its charge.

use super::{InstrumentError, Meter, price};
use crate::gas::schedule::OperatorClass;
use crate::limits;
use crate::vm::code::BodyFacts;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Encode, Function, Instruction, ValType};
use wasmparser::{FuncToValidate, FunctionBody, Operator, ValidatorResources, WasmModuleResources};

/// Logical bytes of every frame: return address, saved registers, engine bookkeeping.
const FRAME_BYTES: u32 = 128;
/// Logical bytes of a local or operand.
const SLOT_BYTES: u32 = 8;

/// Result type of a function; more than one is not accepted.
pub(super) fn result_type(
    function: &FuncToValidate<ValidatorResources>,
) -> Option<wasmparser::ValType> {
    let ty = function.resources.sub_type_at(function.ty)?;
    ty.unwrap_func().results().first().copied()
}

/// Writes `body` with counters.
pub(super) fn instrument(
    body: &FunctionBody<'_>,
    facts: &BodyFacts,
    result: Option<wasmparser::ValType>,
    meter: &Meter<'_>,
) -> Result<Function, InstrumentError> {
    let mut writer = Writer::new(body, facts, meter)?;
    let result = result
        .map(|ty| RoundtripReencoder.val_type(ty))
        .transpose()?;
    writer.read_gas();
    let reads = std::mem::take(&mut writer.run);
    writer.function.raw(reads);
    let counted = facts.calls;
    if counted {
        writer.open_frame(result);
    }
    writer.copy(body, counted)?;
    if counted {
        writer.close_frame();
    }
    Ok(writer.function)
}

struct Writer<'a> {
    function: Function,
    meter: Meter<'a>,
    /// Logical bytes of this function's frame.
    frame: i32,
    /// Price of entering this function, charged with its first run.
    entry: u64,
    /// Local that holds what the gas counter does, from entry on: a charge need not wait for memory.
    wide: u32,
    /// Local for lengths.
    narrow: u32,
    /// Operators of the current run.
    run: Vec<u8>,
    /// Price of the current run.
    price: u64,
}

impl<'a> Writer<'a> {
    fn new(
        body: &FunctionBody<'_>,
        facts: &BodyFacts,
        meter: &Meter<'a>,
    ) -> Result<Self, InstrumentError> {
        let mut locals = Vec::new();
        for local in body.get_locals_reader()? {
            let (count, ty) = local?;
            locals.push((count, RoundtripReencoder.val_type(ty)?));
        }
        locals.push((1, ValType::I64));
        locals.push((1, ValType::I32));
        let slots = facts.locals.saturating_add(facts.operand_max);
        let frame = FRAME_BYTES.saturating_add(SLOT_BYTES.saturating_mul(slots));
        let prices = &meter.schedule.operators;
        let per_local = u64::from(prices.entry_per_four_locals);
        let entry = per_local.saturating_mul(u64::from(facts.locals.div_ceil(4)));
        Ok(Self {
            function: Function::new(locals),
            meter: *meter,
            frame: i32::try_from(frame).unwrap_or(i32::MAX),
            entry: entry.saturating_add(prices.entry.into()),
            wide: facts.locals,
            narrow: facts.locals.saturating_add(1),
            run: Vec::new(),
            price: 0,
        })
    }

    /// Takes the frame from the stack counter and opens the block that every exit leaves through.
    /// The price of entry is charged first.
    fn open_frame(&mut self, result: Option<ValType>) {
        self.price = std::mem::take(&mut self.entry);
        self.flush();
        let stack = self.meter.stack;
        for instruction in [
            Instruction::GlobalGet(stack),
            Instruction::I32Const(self.frame),
            Instruction::I32Sub,
            Instruction::LocalTee(self.narrow),
            Instruction::GlobalSet(stack),
            Instruction::LocalGet(self.narrow),
            Instruction::I32Const(0),
            Instruction::I32LtS,
            Instruction::If(BlockType::Empty),
            Instruction::Unreachable,
            Instruction::End,
            Instruction::Block(result.map_or(BlockType::Empty, BlockType::Result)),
        ] {
            self.function.instruction(&instruction);
        }
    }

    /// Gives the frame back. The `end` of the original body has closed the block.
    fn close_frame(&mut self) {
        let stack = self.meter.stack;
        for instruction in [
            Instruction::GlobalGet(stack),
            Instruction::I32Const(self.frame),
            Instruction::I32Add,
            Instruction::GlobalSet(stack),
            Instruction::End,
        ] {
            self.function.instruction(&instruction);
        }
    }

    /// Copies all operators, charge by charge. With a frame, `return` becomes a branch to its exit.
    fn copy(&mut self, body: &FunctionBody<'_>, framed: bool) -> Result<(), InstrumentError> {
        self.price = self.price.saturating_add(std::mem::take(&mut self.entry));
        let mut depth = 0_u32;
        let mut reader = body.get_binary_reader_for_operators()?;
        reader.set_features(crate::vm::code::features());
        let mut operators = wasmparser::OperatorsReader::new(reader);
        let base = body.range().start;
        let bytes = body.as_bytes();
        while !operators.eof() {
            let (operator, start) = operators.read_with_offset()?;
            let from = start.saturating_sub(base);
            let to = operators.original_position().saturating_sub(base);
            let raw = bytes.get(from..to).unwrap_or_default();
            let class = price::class(&operator);
            let price = self.meter.schedule.operator(class);
            self.price = self.price.saturating_add(price.into());
            match operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                    depth = depth.saturating_add(1);
                }
                Operator::End => depth = depth.saturating_sub(1),
                _ => {}
            }
            match class {
                OperatorClass::Bulk => self.charge_bytes(),
                OperatorClass::Grow => {
                    self.grow(raw);
                    continue;
                }
                _ => {}
            }
            if framed && matches!(operator, Operator::Return) {
                Instruction::Br(depth).encode(&mut self.run);
            } else {
                self.run.extend_from_slice(raw);
            }
            if matches!(class, OperatorClass::Call | OperatorClass::CallIndirect) {
                self.read_gas();
            }
            if ends_run(&operator) {
                self.flush();
            }
        }
        self.flush();
        Ok(())
    }

    /// Takes over what the counter holds: at entry, and behind a call, which has charged to it.
    fn read_gas(&mut self) {
        Instruction::GlobalGet(self.meter.gas).encode(&mut self.run);
        Instruction::LocalSet(self.wide).encode(&mut self.run);
    }

    /// Writes the charge of the current run and the run.
    fn flush(&mut self) {
        let price = std::mem::take(&mut self.price);
        if price > 0 {
            let charge = self.subtract(price);
            self.function.raw(charge);
        }
        let run = std::mem::take(&mut self.run);
        self.function.raw(run);
    }

    /// Subtracts a constant from the gas counter; below zero, traps.
    ///
    /// Invariant GAS-1: the charge stands before the work. The counter never wraps: it traps at the
    /// first negative value, and one charge is below 2^40.
    fn subtract(&self, price: u64) -> Vec<u8> {
        let mut out = Vec::new();
        Instruction::LocalGet(self.wide).encode(&mut out);
        Instruction::I64Const(i64::try_from(price).unwrap_or(i64::MAX)).encode(&mut out);
        self.settle(&mut out);
        out
    }

    /// Behind gas and price: difference, kept, and a trap if negative.
    fn settle(&self, out: &mut Vec<u8>) {
        for instruction in [
            Instruction::I64Sub,
            Instruction::LocalTee(self.wide),
            Instruction::GlobalSet(self.meter.gas),
            Instruction::LocalGet(self.wide),
            Instruction::I64Const(0),
            Instruction::I64LtS,
            Instruction::If(BlockType::Empty),
            Instruction::Unreachable,
            Instruction::End,
        ] {
            instruction.encode(out);
        }
    }

    /// Charges for the length on top of the operand stack, and leaves it there.
    fn charge_bytes(&mut self) {
        let mut out = std::mem::take(&mut self.run);
        let rate = i64::from(self.meter.schedule.bulk_per_16_bytes);
        for instruction in [
            Instruction::LocalSet(self.narrow),
            Instruction::LocalGet(self.wide),
            Instruction::LocalGet(self.narrow),
            Instruction::I64ExtendI32U,
            Instruction::I64Const(rate),
            Instruction::I64Mul,
            Instruction::I64Const(4),
            Instruction::I64ShrU,
        ] {
            instruction.encode(&mut out);
        }
        self.settle(&mut out);
        Instruction::LocalGet(self.narrow).encode(&mut out);
        self.run = out;
    }

    /// `memory.grow` with its charge; requests that can never succeed do not reach the engine, whose
    /// answer to them might be taken for a failure of the machine.
    fn grow(&mut self, raw: &[u8]) {
        let mut out = std::mem::take(&mut self.run);
        let pages = i32::try_from(limits::MEMORY_PAGES_MAX).unwrap_or(i32::MAX);
        for instruction in [
            Instruction::LocalTee(self.narrow),
            Instruction::I32Const(pages),
            Instruction::I32GtU,
            Instruction::If(BlockType::Result(ValType::I32)),
            Instruction::I32Const(-1),
            Instruction::Else,
            Instruction::LocalGet(self.wide),
            Instruction::LocalGet(self.narrow),
            Instruction::I64ExtendI32U,
            Instruction::I64Const(i64::from(self.meter.schedule.page_grow)),
            Instruction::I64Mul,
        ] {
            instruction.encode(&mut out);
        }
        self.settle(&mut out);
        Instruction::LocalGet(self.narrow).encode(&mut out);
        out.extend_from_slice(raw);
        Instruction::End.encode(&mut out);
        self.run = out;
    }
}

/// True for operators after which execution may go elsewhere. Calls are not among them: a trap in a
/// callee has paid for the rest of the caller's run, on every engine alike.
const fn ends_run(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::Return
            | Operator::Unreachable
    )
}
