//! The one engine of a process, configured so that a receipt cannot depend on it.
//!
//! * Features are built up from nothing ([`code::features`](crate::vm::code::features)), so that an
//!   upgrade cannot widen what runs.
//! * Fuel and epochs are off: gas and stack are injected (decision 5). The engine must never be the
//!   first to stop a guest, so its native stack limit lies far above what the counted stack allows.
//! * Memory is reserved at the protocol's limit and never moves; instances come from a pool and start
//!   from a copy-on-write image.
//! * Inlining, floats and threads are off; the version of compiled artefacts is the full one.
//!
//! [`VmSettings`] are a node's own: they change speed and memory, never an outcome (CONF-1).

use crate::error::Fault;
use crate::limits;
use crate::vm::growth::MEMORY_BYTES_MAX;
use crate::vm::idle::IDLE_MAX;
use crate::vm::instrument::INSTRUMENTATION_VERSION;
use wasmtime::{
    Config, Enabled, Engine, Inlining, InstanceAllocationStrategy, ModuleVersionStrategy, OptLevel,
    PoolingAllocationConfig, Strategy, WasmFeatures,
};

/// Release of the engine, in the version of compiled artefacts: the engine's own check knows only the
/// major number, and would load code of a miscompiling patch release.
const ENGINE_RELEASE: &str = "48.0.8";

/// How much the compiler optimises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Optimisation {
    /// Not at all: fast and bounded compilation, small frames; the input is optimised already.
    #[default]
    None,
    /// For speed.
    Speed,
}

/// Settings of a node's engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VmSettings {
    /// Instances at work at once: executor and queries, each up to the call depth.
    pub instances: u32,
    /// How much the compiler optimises.
    pub optimisation: Optimisation,
    /// Bytes of an instance's memory that may stay mapped for the next one; what a call has written is
    /// reset by hand. Where the system cannot say what was written, all of it would be, so that no more
    /// than [`BLIND_RESIDENT_BYTES`] stay mapped there.
    pub keep_resident_bytes: usize,
    /// Bytes of machine code kept in memory.
    pub module_cache_bytes: u64,
}

/// Bytes reset by hand where the system cannot say which pages were written.
pub const BLIND_RESIDENT_BYTES: usize = 16 * 1024;

impl VmSettings {
    /// What a node runs with unless it says otherwise.
    pub const USUAL: Self = Self {
        instances: 128,
        optimisation: Optimisation::None,
        keep_resident_bytes: 1024 * 1024,
        module_cache_bytes: 256 * 1024 * 1024,
    };
}

impl Default for VmSettings {
    fn default() -> Self {
        Self::USUAL
    }
}

/// Builds the engine.
///
/// # Errors
/// `Fault` if the machine lacks what the engine needs.
pub fn engine(settings: &VmSettings) -> Result<Engine, Fault> {
    let config = config(settings).map_err(fault)?;
    Engine::new(&config).map_err(fault)
}

fn fault(error: wasmtime::Error) -> Fault {
    Fault::Engine {
        action: "starting the engine",
        reason: format!("{error:#}"),
    }
}

/// The configuration, from which tests derive those of other compilers.
///
/// # Errors
/// The engine's, if it does not know a setting.
pub fn config(settings: &VmSettings) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    config
        .wasm_features(WasmFeatures::all(), false)
        .wasm_features(super::code::features(), true)
        .cranelift_nan_canonicalization(true)
        .consume_fuel(false)
        .epoch_interruption(false)
        // The engine demands that this be no smaller than the next, though nothing here is async.
        .async_stack_size(limits::EXECUTOR_STACK_BYTES)
        .max_wasm_stack(limits::WASM_STACK_BYTES)
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(match settings.optimisation {
            Optimisation::None => OptLevel::None,
            Optimisation::Speed => OptLevel::Speed,
        })
        .compiler_inlining(Inlining::No)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false)
        .module_version(ModuleVersionStrategy::Custom(format!(
            "{ENGINE_RELEASE}/wh{INSTRUMENTATION_VERSION}"
        )))?
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(settings)))
        .memory_reservation(MEMORY_BYTES_MAX)
        .memory_guard_size(64 * 1024)
        .memory_reservation_for_growth(0)
        .memory_may_move(false)
        .memory_init_cow(true);
    Ok(config)
}

fn pool(settings: &VmSettings) -> PoolingAllocationConfig {
    let elements = usize::try_from(limits::TABLE_ELEMENTS_MAX).unwrap_or(usize::MAX);
    let mut pool = PoolingAllocationConfig::default();
    let resident = match PoolingAllocationConfig::is_pagemap_scan_available() {
        true => settings.keep_resident_bytes,
        false => settings.keep_resident_bytes.min(BLIND_RESIDENT_BYTES),
    };
    let instances = settings.instances.saturating_add(IDLE_MAX);
    pool.total_core_instances(instances)
        .total_memories(instances)
        .total_tables(instances)
        .max_memories_per_module(1)
        .max_tables_per_module(1)
        .max_memory_size(usize::try_from(MEMORY_BYTES_MAX).unwrap_or(usize::MAX))
        .table_elements(elements)
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(resident)
        .table_keep_resident(4 * 1024);
    pool
}
