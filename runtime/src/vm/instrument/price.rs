//! Which operator belongs to which class of prices.

use crate::gas::schedule::OperatorClass;
use wasmparser::Operator;

/// The class of an operator of accepted code.
pub(super) const fn class(operator: &Operator<'_>) -> OperatorClass {
    use OperatorClass as Class;
    match operator {
        Operator::Nop
        | Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::End
        | Operator::Unreachable
        | Operator::Drop
        | Operator::LocalGet { .. }
        | Operator::I32Const { .. }
        | Operator::I64Const { .. } => Class::Free,
        Operator::I32Mul | Operator::I64Mul => Class::Multiply,
        Operator::I32DivS
        | Operator::I32DivU
        | Operator::I32RemS
        | Operator::I32RemU
        | Operator::I64DivS
        | Operator::I64DivU
        | Operator::I64RemS
        | Operator::I64RemU => Class::Divide,
        Operator::I32Load { .. }
        | Operator::I64Load { .. }
        | Operator::I32Load8S { .. }
        | Operator::I32Load8U { .. }
        | Operator::I32Load16S { .. }
        | Operator::I32Load16U { .. }
        | Operator::I64Load8S { .. }
        | Operator::I64Load8U { .. }
        | Operator::I64Load16S { .. }
        | Operator::I64Load16U { .. }
        | Operator::I64Load32S { .. }
        | Operator::I64Load32U { .. } => Class::Load,
        Operator::I32Store { .. }
        | Operator::I64Store { .. }
        | Operator::I32Store8 { .. }
        | Operator::I32Store16 { .. }
        | Operator::I64Store8 { .. }
        | Operator::I64Store16 { .. }
        | Operator::I64Store32 { .. } => Class::Store,
        Operator::GlobalGet { .. } | Operator::GlobalSet { .. } | Operator::MemorySize { .. } => {
            Class::Global
        }
        Operator::Br { .. }
        | Operator::BrIf { .. }
        | Operator::If { .. }
        | Operator::Else
        | Operator::Return => Class::Branch,
        Operator::BrTable { .. } => Class::BranchTable,
        Operator::Call { .. } => Class::Call,
        Operator::CallIndirect { .. } => Class::CallIndirect,
        Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } => Class::Bulk,
        Operator::MemoryGrow { .. } => Class::Grow,
        // What remains of the accepted set is arithmetic, comparison, conversion, `select` and
        // writes of locals.
        _ => Class::Simple,
    }
}
