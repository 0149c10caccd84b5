//! One function body: validated operator by operator, measured, bounded.
//!
//! What makes compilation slow or native frames large is bounded here: nesting, locals, operand
//! stack, branch tables. `vm/instrument.rs` uses the same measures for its stack charge.

use super::error::{CodeError, Counted, at_most};
use crate::limits;
use wasmparser::{
    FrameKind, FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody, Operator,
    OperatorsReader, ValidatorResources,
};

/// Measures of a function body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BodyFacts {
    /// Parameters and locals.
    pub(crate) locals: u32,
    /// Greatest height of the operand stack.
    pub(crate) operand_max: u32,
    /// Control operators: everything that begins or ends a basic block; an `if` counts twice.
    pub(crate) control: u32,
    /// Targets of `br_table`s.
    pub(crate) targets: u32,
    /// Direct calls.
    pub(crate) direct_calls: u32,
    /// Whether it calls anything, host functions included.
    pub(crate) calls: bool,
}

impl BodyFacts {
    /// Locals times control operators and targets. One is added to each so that neither hides the other.
    pub(crate) fn locals_control(&self) -> u64 {
        let locals = u64::from(self.locals).saturating_add(1);
        let edges = u64::from(self.control).saturating_add(self.targets.into());
        locals.saturating_mul(edges.saturating_add(1))
    }
}

/// Validates and measures `body`.
///
/// # Errors
/// `CodeError` if it is not valid, or above a limit.
pub(crate) fn inspect(
    function: FuncToValidate<ValidatorResources>,
    body: &FunctionBody<'_>,
    allocations: FuncValidatorAllocations,
) -> Result<(BodyFacts, FuncValidatorAllocations), CodeError> {
    let start = body.range().start;
    let bytes = body.as_bytes().len() as u64;
    at_most(
        Counted::BodyBytes,
        bytes,
        limits::BODY_BYTES_MAX as u64,
        start,
    )?;
    let mut validator = function.into_validator(allocations);
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    let mut facts = BodyFacts {
        locals: validator.len_locals(),
        ..BodyFacts::default()
    };
    let locals = u64::from(facts.locals);
    at_most(Counted::Locals, locals, limits::LOCALS_MAX as u64, start)?;
    reader.set_features(super::features());
    let mut operators = OperatorsReader::new(reader);
    let mut loops = Loops::default();
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        validator.op(offset, &operator)?;
        loops.follow(&operator, &validator, offset)?;
        measure(&mut facts, &operator, &validator, offset)?;
    }
    operators.finish()?;
    Ok((facts, validator.into_allocations()))
}

fn measure(
    facts: &mut BodyFacts,
    operator: &Operator<'_>,
    validator: &FuncValidator<ValidatorResources>,
    offset: usize,
) -> Result<(), CodeError> {
    facts.operand_max = facts.operand_max.max(validator.operand_stack_height());
    let height = u64::from(facts.operand_max);
    let limit = limits::OPERAND_STACK_MAX as u64;
    at_most(Counted::OperandStack, height, limit, offset)?;
    match operator {
        Operator::Call { .. } => {
            facts.calls = true;
            facts.direct_calls = facts.direct_calls.saturating_add(1);
        }
        Operator::CallIndirect { .. } => facts.calls = true,
        Operator::BrTable { targets } => {
            let found = u64::from(targets.len());
            let limit = limits::BR_TABLE_TARGETS_MAX as u64;
            at_most(Counted::BranchTargets, found, limit, offset)?;
            facts.targets = facts.targets.saturating_add(targets.len());
        }
        _ => {}
    }
    facts.control = facts.control.saturating_add(control_of(operator));
    let control = u64::from(facts.control);
    let limit = limits::CONTROL_IN_FUNCTION_MAX as u64;
    at_most(Counted::ControlInFunction, control, limit, offset)
}

/// Basic blocks that an operator begins or ends, as it stands, once it is counted, or once it is compiled. An
/// `if` is a block and a branch; a call through the table checks its place, its type and whether it is made ready.
const fn control_of(operator: &Operator<'_>) -> u32 {
    match operator {
        Operator::If { .. } => 2,
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::Else
        | Operator::Br { .. }
        | Operator::BrIf { .. }
        | Operator::BrTable { .. }
        | Operator::Return
        | Operator::Unreachable
        | Operator::CallIndirect { .. }
        | Operator::MemoryFill { .. }
        | Operator::MemoryCopy { .. }
        | Operator::MemoryGrow { .. } => 1,
        _ => 0,
    }
}

/// Nesting of loops, counted beside the validator, which only knows the nesting of all blocks.
#[derive(Default)]
struct Loops {
    /// For each open loop, how many blocks were open with it.
    open: Vec<u32>,
}

impl Loops {
    fn follow(
        &mut self,
        operator: &Operator<'_>,
        validator: &FuncValidator<ValidatorResources>,
        offset: usize,
    ) -> Result<(), CodeError> {
        let depth = validator.control_stack_height();
        // The function itself is the outermost block of the validator.
        let blocks = u64::from(depth.saturating_sub(1));
        at_most(
            Counted::BlockDepth,
            blocks,
            limits::BLOCK_DEPTH_MAX as u64,
            offset,
        )?;
        match operator {
            Operator::Loop { .. } => {
                debug_assert_eq!(
                    validator.get_control_frame(0).map(|frame| frame.kind),
                    Some(FrameKind::Loop)
                );
                self.open.push(depth);
                let found = self.open.len() as u64;
                at_most(
                    Counted::LoopDepth,
                    found,
                    limits::LOOP_DEPTH_MAX as u64,
                    offset,
                )
            }
            Operator::End => {
                while self.open.last().is_some_and(|open| *open > depth) {
                    self.open.pop();
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
