//! Compiled modules: in memory by code hash, on disk under a node's own seal.
//!
//! Compilation is a node's own affair (decision 6): what is here changes how fast a call starts,
//! never how it ends.
//!
//! # Format of an artefact file
//! | bytes | what |
//! |---|---|
//! | 32 | keyed blake3 of the rest, keyed with the node's secret and the artefact's name |
//! | rest | what wasmtime serialised |
//!
//! The file's name is the hash of everything that the machine code depends on: code, protocol,
//! schedule, instrumentation, engine build, flags and processor.
//!
//! # Crash behaviour
//! Files are written beside their place and renamed. A torn, foreign or outdated file fails its seal
//! and is compiled again. Losing the folder costs time only.
//!
//! # Security
//! Loading an artefact is running it, so the seal is checked on the very bytes that are loaded, and
//! the secret is readable by the node alone. Artefacts are never taken from anybody.

mod artefact;

use crate::error::Fault;
use crate::gas::GasSchedule;
use crate::stage::Stages;
use crate::vm::engine::VmSettings;
use crate::vm::instrument::instrument;
use artefact::Artefacts;
use quick_cache::sync::Cache;
use quick_cache::{OptionsBuilder, UnitWeighter, Weighter};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use wasmtime::{Engine, Module};
use weighhouse_primitives::hash::CodeHash;

/// Modules that wait for their first call, compiled by `precompile`.
const WAITING_MAX: usize = 16;
/// About how many modules are expected; only sizes tables.
const MODULES_EXPECTED: usize = 256;

/// A linked module and the bytes of its machine code.
#[derive(Debug)]
struct Linked<V> {
    value: Arc<V>,
    bytes: u64,
}

impl<V> Clone for Linked<V> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            bytes: self.bytes,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct ByBytes;

impl<V> Weighter<CodeHash, Linked<V>> for ByBytes {
    fn weight(&self, _code: &CodeHash, linked: &Linked<V>) -> u64 {
        linked.bytes.max(1)
    }
}

/// Compiled and linked modules. `V` is what linking makes of a module.
pub struct ModuleCache<V> {
    engine: Engine,
    schedule: GasSchedule,
    artefacts: Option<Artefacts>,
    linked: Cache<CodeHash, Linked<V>, ByBytes>,
    waiting: Cache<CodeHash, Module>,
    stages: Stages,
}

impl<V> fmt::Debug for ModuleCache<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModuleCache")
            .field("schedule", &self.schedule.version)
            .field("artefacts", &self.artefacts)
            .finish_non_exhaustive()
    }
}

impl<V: Send + Sync> ModuleCache<V> {
    /// A cache for one engine and one schedule; with a folder, also on disk.
    ///
    /// # Errors
    /// `Fault` if the folder or the secret in it cannot be made or read.
    pub fn new(
        engine: &Engine,
        schedule: &GasSchedule,
        settings: &VmSettings,
        folder: Option<&Path>,
    ) -> Result<Self, Fault> {
        let artefacts = folder
            .map(|folder| Artefacts::open(folder, engine, schedule))
            .transpose()?;
        Ok(Self {
            engine: engine.clone(),
            schedule: *schedule,
            artefacts,
            // One shard: the bound holds for the whole, and one large module still fits.
            linked: sharded(MODULES_EXPECTED, settings.module_cache_bytes, ByBytes),
            waiting: sharded(WAITING_MAX, WAITING_MAX as u64, UnitWeighter),
            stages: Stages::UNMEASURED,
        })
    }

    /// The same, with somebody who is told how long compiling takes.
    #[must_use]
    pub fn measured(self, stages: Stages) -> Self {
        Self { stages, ..self }
    }

    /// The linked module of `code`, compiled if need be. Of several callers one compiles, the others
    /// wait. `source` gives the original bytes and is asked only if no artefact is at hand.
    ///
    /// # Errors
    /// What `source` and `link` say, and `Fault::Engine` if accepted code does not compile.
    pub fn get_or_compile(
        &self,
        code: &CodeHash,
        source: impl FnOnce() -> Result<Vec<u8>, Fault>,
        link: impl FnOnce(&Module) -> Result<V, Fault>,
    ) -> Result<Arc<V>, Fault> {
        let linked = self.linked.get_or_insert_with(code, || {
            let module = self.module(code, source)?;
            let value = Arc::new(link(&module)?);
            self.waiting.remove(code);
            let image = module.image_range();
            let bytes = (image.end as usize).saturating_sub(image.start as usize);
            Ok::<_, Fault>(Linked {
                value,
                bytes: bytes as u64,
            })
        })?;
        Ok(linked.value)
    }

    /// The linked module of `code`, if it is in memory.
    pub fn at_hand(&self, code: &CodeHash) -> Option<Arc<V>> {
        self.linked.get(code).map(|linked| linked.value)
    }

    /// Compiles ahead of the first call, away from the block path.
    ///
    /// # Errors
    /// `Fault::Engine` if accepted code does not compile.
    pub fn precompile(&self, code: &CodeHash, bytes: &[u8]) -> Result<(), Fault> {
        if !self.linked.contains_key(code) {
            self.module(code, || Ok(bytes.to_vec()))?;
        }
        Ok(())
    }

    fn module(
        &self,
        code: &CodeHash,
        source: impl FnOnce() -> Result<Vec<u8>, Fault>,
    ) -> Result<Module, Fault> {
        self.waiting.get_or_insert_with(code, || {
            let loaded = self
                .artefacts
                .as_ref()
                .and_then(|artefacts| artefacts.load(&self.engine, code));
            match loaded {
                Some(module) => Ok(module),
                None => {
                    let bytes = source()?;
                    self.stages.compile(code, || self.compile(code, &bytes))
                }
            }
        })
    }

    fn compile(&self, code: &CodeHash, bytes: &[u8]) -> Result<Module, Fault> {
        let counted = instrument(bytes, &self.schedule).map_err(|error| Fault::Engine {
            action: "instrumenting accepted code",
            reason: format!("{code}: {error}"),
        })?;
        let module = Module::new(&self.engine, &counted).map_err(|error| Fault::Engine {
            action: "compiling accepted code",
            reason: format!("{code}: {error:#}"),
        })?;
        if let Some(artefacts) = &self.artefacts {
            artefacts.store(code, &module);
        }
        Ok(module)
    }
}

fn sharded<T: Clone, W: Weighter<CodeHash, T> + Clone>(
    items: usize,
    weight: u64,
    weighter: W,
) -> Cache<CodeHash, T, W> {
    let options = OptionsBuilder::new()
        .estimated_items_capacity(items)
        .weight_capacity(weight)
        .shards(1)
        .build();
    // The options lack nothing: both capacities are set.
    match options {
        Ok(options) => Cache::with_options(
            options,
            weighter,
            quick_cache::DefaultHashBuilder::default(),
            quick_cache::sync::DefaultLifecycle::default(),
        ),
        Err(_) => Cache::with_weighter(items, weight, weighter),
    }
}
