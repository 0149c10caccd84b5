//! Why code is refused.
//!
//! The errors are for the author: each names what was found, where, the limit, and what to do. They
//! never reach a receipt, which only knows that the code was bad.

use super::description::DescriptionError;
use core::fmt;

/// Something of a module that is counted and bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Bytes of the module.
    CodeBytes,
    /// Function types.
    Types,
    /// Parameters of a function type.
    Params,
    /// Results of a function type.
    Results,
    /// Functions.
    Functions,
    /// Globals.
    Globals,
    /// Pages of initial memory.
    InitialPages,
    /// Tables.
    Tables,
    /// Elements of the table.
    TableElements,
    /// Data segments.
    DataSegments,
    /// Element segments.
    ElementSegments,
    /// Exports.
    Exports,
    /// Bytes of a name.
    NameBytes,
    /// Bytes of a function body.
    BodyBytes,
    /// Parameters and locals of a function.
    Locals,
    /// Nesting of loops.
    LoopDepth,
    /// Nesting of blocks.
    BlockDepth,
    /// Targets of a `br_table`.
    BranchTargets,
    /// Targets of all `br_table`s.
    AllBranchTargets,
    /// Operand stack height.
    OperandStack,
    /// Control operators of a function.
    ControlInFunction,
    /// Control operators of the module.
    Control,
    /// Direct calls of the module.
    Calls,
    /// Locals times control operators, summed over functions.
    LocalsControl,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CodeBytes => "bytes of code",
            Self::Types => "function types",
            Self::Params => "parameters of a function type",
            Self::Results => "results of a function type",
            Self::Functions => "functions",
            Self::Globals => "globals",
            Self::InitialPages => "pages of initial memory (link with a smaller stack and data)",
            Self::Tables => "tables",
            Self::TableElements => "table elements",
            Self::DataSegments => "data segments",
            Self::ElementSegments => "element segments",
            Self::Exports => "exports",
            Self::NameBytes => "bytes of an import or export name",
            Self::BodyBytes => "bytes of a function body (split the function)",
            Self::Locals => "parameters and locals of a function (split the function)",
            Self::LoopDepth => "nested loops (split the function)",
            Self::BlockDepth => "nested blocks (split the function)",
            Self::BranchTargets => "targets of a br_table (split the match)",
            Self::AllBranchTargets => "targets of all br_tables (split the contract)",
            Self::OperandStack => "values on the operand stack (split the expression)",
            Self::ControlInFunction => "control operators in a function (split the function)",
            Self::Control => "control operators (split the contract)",
            Self::Calls => "calls (split the contract)",
            Self::LocalsControl => {
                "locals times control operators, summed over functions (split large functions)"
            }
        })
    }
}

/// Why a module is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// Not WebAssembly, or a feature that the chain does not have.
    #[error(
        "byte {offset}: {message} (accepted is the WebAssembly of the target wasm32v1-none without \
         floating point, plus memory.copy and memory.fill)"
    )]
    Invalid {
        /// Where in the module.
        offset: usize,
        /// The validator's word.
        message: String,
    },
    /// More of something than the protocol allows.
    #[error("byte {offset}: {found} {what}, limit is {limit}")]
    TooMany {
        /// Of what.
        what: Counted,
        /// How many there are.
        found: u64,
        /// How many there may be.
        limit: u64,
        /// Where in the module.
        offset: usize,
    },
    /// A start function, which would run before gas is set.
    #[error("byte {offset}: a start function runs before anything is charged; remove it")]
    StartFunction {
        /// Where in the module.
        offset: usize,
    },
    /// An import that the host does not have.
    #[error("import {module}.{name}: the host offers only the functions of `wh1`")]
    UnknownImport {
        /// Module of the import.
        module: String,
        /// Name of the import.
        name: String,
    },
    /// A host function imported with another signature.
    #[error("import wh1.{name}: the signature differs; its type is {expected}")]
    ImportSignature {
        /// Name of the host function.
        name: String,
        /// The right signature.
        expected: String,
    },
    /// A host function imported twice.
    #[error("import wh1.{name}: imported twice; import it once")]
    DuplicateImport {
        /// Name of the host function.
        name: String,
    },
    /// No memory is defined.
    #[error("the module defines no memory; it needs exactly one")]
    NoMemory,
    /// A required export is missing or of another kind or type.
    #[error("export {name} must be {expected}; the SDK exports it")]
    Export {
        /// Its name.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The I/O window does not lie in the initial memory.
    #[error(
        "the I/O window at {address} with {size} bytes leaves the initial memory of {memory} bytes"
    )]
    WindowOutside {
        /// Where the window is.
        address: u32,
        /// Its size.
        size: u64,
        /// Bytes of initial memory.
        memory: u64,
    },
    /// A name that instrumentation uses.
    #[error("export {name}: names that start with __wh_ are reserved; rename it")]
    ReservedName {
        /// The name.
        name: String,
    },
    /// A segment that is not active, so that it has no fixed place.
    #[error("byte {offset}: only active segments at constant offsets are accepted")]
    PassiveSegment {
        /// Where in the module.
        offset: usize,
    },
    /// A segment that instantiation could not copy.
    #[error("byte {offset}: a segment ends at {end} where its memory or table ends at {limit}")]
    SegmentOutside {
        /// Where in the module.
        offset: usize,
        /// End of the segment.
        end: u64,
        /// End of the initial memory (bytes) or table (elements).
        limit: u64,
    },
    /// The module's description of itself is wrong.
    #[error(transparent)]
    Description(#[from] DescriptionError),
}

impl From<wasmparser::Error> for CodeError {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid {
            offset: error.offset(),
            message: error.message().to_owned(),
        }
    }
}

/// Refuses `found` above `limit`.
pub(super) fn at_most(
    what: Counted,
    found: u64,
    limit: u64,
    offset: usize,
) -> Result<(), CodeError> {
    if found > limit {
        return Err(CodeError::TooMany {
            what,
            found,
            limit,
            offset,
        });
    }
    Ok(())
}
