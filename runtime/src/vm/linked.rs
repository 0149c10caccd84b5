//! Compiled code, linked with the host functions and ready to be instantiated.

use super::image::Image;
use super::instrument::{EXPORT_GAS, EXPORT_STACK, EXPORT_STATE};
use crate::error::Fault;
use crate::gas::GasSchedule;
use crate::host::HostState;
use crate::rules::ContractRules;
use crate::vm::code::Description;
use std::sync::{Arc, OnceLock};
use wasmtime::{InstancePre, Linker, Module, ModuleExport};
use weighhouse_primitives::schema::EntryKind;
use weighhouse_primitives::{CodeHash, abi};

/// Linked code of one hash.
pub(crate) struct Linked {
    pub(super) pre: InstancePre<HostState>,
    pub(super) hash: CodeHash,
    pub(super) memory: ModuleExport,
    pub(super) gas: ModuleExport,
    pub(super) stack: ModuleExport,
    pub(super) call: ModuleExport,
    pub(super) io: ModuleExport,
    /// The code's own mutable globals.
    pub(super) state: Vec<ModuleExport>,
    /// Memory of a fresh instance, known once there was one.
    pub(super) image: OnceLock<Arc<Image>>,
    description: Description,
    frame_gas: u64,
}

impl std::fmt::Debug for Linked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Linked")
            .field("code", &self.hash)
            .finish_non_exhaustive()
    }
}

impl Linked {
    /// Links `module`, compiled from the instrumented form of the code with this `hash`.
    ///
    /// # Errors
    /// `Fault::Engine`: accepted code always links, so anything else is this node's trouble.
    pub(crate) fn new(
        linker: &Linker<HostState>,
        module: &Module,
        hash: CodeHash,
        description: Description,
    ) -> Result<Self, Fault> {
        let export = |name: &str| {
            module.get_export_index(name).ok_or_else(|| Fault::Engine {
                action: "linking a contract",
                reason: format!("export {name} is missing after instrumentation"),
            })
        };
        let state = module
            .exports()
            .filter(|one| one.name().starts_with(EXPORT_STATE))
            .map(|one| export(one.name()))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            pre: linker
                .instantiate_pre(module)
                .map_err(engine("linking a contract"))?,
            memory: export(abi::EXPORT_MEMORY)?,
            gas: export(EXPORT_GAS)?,
            stack: export(EXPORT_STACK)?,
            call: export(abi::EXPORT_CALL)?,
            io: export(abi::EXPORT_IO)?,
            state,
            image: OnceLock::new(),
            frame_gas: frame_gas(module),
            hash,
            description,
        })
    }

    /// Kind of the entry point with this selector.
    pub(crate) fn entry(&self, selector: u32) -> Option<EntryKind> {
        self.description.entry(selector)
    }

    /// Gas of a frame: a fresh instance with its initial memory.
    pub(crate) const fn frame_gas(&self) -> u64 {
        self.frame_gas
    }

    /// The declared rules, if there are any.
    pub(crate) fn rules(&self) -> Option<Arc<ContractRules>> {
        self.description.checks()
    }
}

/// Gas: a price per frame and per page of initial memory.
fn frame_gas(module: &Module) -> u64 {
    let pages = module
        .exports()
        .find_map(|export| Some(export.ty().memory()?.minimum()))
        .unwrap_or(0);
    GasSchedule::V1
        .frame
        .saturating_add(GasSchedule::V1.frame_page.saturating_mul(pages))
}

/// For `map_err` on an engine call that cannot fail for accepted code.
pub(crate) fn engine(action: &'static str) -> impl FnOnce(wasmtime::Error) -> Fault {
    move |error| Fault::Engine {
        action,
        reason: format!("{error:#}"),
    }
}
