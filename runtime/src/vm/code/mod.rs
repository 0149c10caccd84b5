//! Accepts or refuses a Wasm module.
//!
//! This validator alone decides (decision 6): the answer depends on the bytes and the protocol
//! version, never on a compiler, so every node gives the same one in milliseconds. What it accepts
//! the engine must compile and instantiate; if it cannot, that is a fault of the node.
//!
//! * [`module`](self): sections, imports, exports, segments; `body`: functions.
//! * [`description`]: the `wh.*` sections.
//! * [`error`]: what an author reads.
//!
//! Invariant DET-3 holds here: no floating point, no start function, no import outside the table.
//!
//! It does not compile, instrument or run anything.

mod body;
pub mod description;
pub mod error;
mod imports;
mod module;

pub(crate) use body::{BodyFacts, inspect};
pub use description::{Description, DescriptionError};
pub use error::{CodeError, Counted};

use wasmparser::WasmFeatures;
use weighhouse_primitives::hash::{CodeHash, Hash};
use weighhouse_primitives::rule::Rule;
use weighhouse_primitives::schema::{BuildRecord, CellSchema, EntryKind, Schema};

/// The WebAssembly that the chain accepts: the first version without floating point, plus what rustc
/// emits for contracts. Built up from nothing, so that a new release cannot widen it.
#[must_use]
pub fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::BULK_MEMORY_OPT
        | WasmFeatures::CALL_INDIRECT_OVERLONG
}

/// Dimensions of a module, for the charge of an upload and of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Bytes of the module.
    pub bytes: u64,
    /// Functions it defines.
    pub functions: u32,
    /// Locals times control operators, summed over functions.
    pub locals_control: u64,
    /// Control operators.
    pub control: u64,
    /// Control operators of the function that has most.
    pub control_in_function: u32,
    /// Direct calls.
    pub calls: u64,
    /// Targets of `br_table`s.
    pub targets: u64,
    /// Pages of initial memory.
    pub initial_pages: u64,
}

/// Accepted code.
#[derive(Clone, Debug)]
pub struct Code {
    hash: CodeHash,
    description: Description,
    figures: Figures,
}

impl Code {
    /// Accepts or refuses a module.
    ///
    /// # Errors
    /// `CodeError` names the first rule that it breaks, where, and what to do.
    pub fn check(bytes: &[u8]) -> Result<Self, CodeError> {
        let walk = module::walk(bytes)?;
        let description = Description::read(&walk.sections)?;
        Ok(Self {
            hash: CodeHash(Hash::of(bytes)),
            description,
            figures: Figures {
                bytes: bytes.len() as u64,
                ..walk.figures
            },
        })
    }

    /// The description of a module that was accepted before, without validating its code again.
    ///
    /// # Errors
    /// `CodeError` if the bytes were never accepted.
    pub fn describe(bytes: &[u8]) -> Result<Description, CodeError> {
        Ok(Description::read(&module::sections(bytes)?)?)
    }

    /// Plain blake3 of the whole module.
    #[must_use]
    pub const fn hash(&self) -> &CodeHash {
        &self.hash
    }

    /// What the module says about itself.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.description
    }

    /// The interface.
    #[must_use]
    pub const fn schema(&self) -> &Schema {
        &self.description.schema
    }

    /// The storage cells.
    #[must_use]
    pub fn cells(&self) -> &[CellSchema] {
        &self.description.cells
    }

    /// How the module says that it was built.
    #[must_use]
    pub const fn build(&self) -> Option<&BuildRecord> {
        self.description.build.as_ref()
    }

    /// The declared rules.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.description.rules
    }

    /// What the entry point with this selector may do; `None` if there is none.
    #[must_use]
    pub fn entry(&self, selector: u32) -> Option<EntryKind> {
        self.description.entry(selector)
    }

    /// Dimensions for charges.
    #[must_use]
    pub const fn figures(&self) -> &Figures {
        &self.figures
    }
}
