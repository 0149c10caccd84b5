//! The machine: one engine, one linker, one cache of compiled code, for every thread.

use super::cache::ModuleCache;
use super::code::{Code, CodeError};
use super::engine::{VmSettings, engine};
use super::idle::Idle;
use super::linked::{self, Linked};
use crate::error::Fault;
use crate::gas::GasSchedule;
use crate::host::{self, HostState};
use crate::stage::Stages;
use crate::state::record::CodeRecord;
use crate::state::{Read, key};
use parity_scale_codec::Decode;
use std::path::Path;
use std::sync::Arc;
use wasmtime::{Engine, Linker};
use weighhouse_primitives::CodeHash;

/// Executes contract code.
pub struct Vm {
    engine: Engine,
    linker: Linker<HostState>,
    cache: ModuleCache<Linked>,
    idle: Idle,
}

impl std::fmt::Debug for Vm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vm")
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

impl Vm {
    /// A machine; with a folder, compiled code outlives the process.
    ///
    /// # Errors
    /// `Fault` if the engine cannot be made on this machine, or the folder cannot be used.
    pub fn new(settings: &VmSettings, folder: Option<&Path>) -> Result<Self, Fault> {
        Self::measured(settings, folder, Stages::UNMEASURED)
    }

    /// As [`Vm::new`], with somebody who is told how long compiling takes.
    ///
    /// # Errors
    /// As [`Vm::new`].
    pub fn measured(
        settings: &VmSettings,
        folder: Option<&Path>,
        stages: Stages,
    ) -> Result<Self, Fault> {
        let engine = engine(settings)?;
        let mut linker = Linker::new(&engine);
        host::link(&mut linker).map_err(linked::engine("linking the host functions"))?;
        let cache = ModuleCache::new(&engine, &GasSchedule::V1, settings, folder)?.measured(stages);
        Ok(Self {
            engine,
            linker,
            cache,
            idle: Idle::default(),
        })
    }

    /// The engine; one per process.
    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Instances that wait for their next frame.
    pub(super) const fn idle(&self) -> &Idle {
        &self.idle
    }

    /// Linked code by hash; `read` gives its bytes if it is not at hand.
    pub(crate) fn linked(
        &self,
        hash: &CodeHash,
        read: impl Fn() -> Result<Vec<u8>, Fault>,
    ) -> Result<Arc<Linked>, Fault> {
        self.cache.get_or_compile(hash, &read, |module| {
            let description = Code::describe(&read()?).map_err(|error| Fault::Damaged {
                place: format!("code {hash}"),
                reason: error.to_string(),
            })?;
            Linked::new(&self.linker, module, *hash, description)
        })
    }

    /// Linked code by hash, if it is in memory.
    pub(crate) fn at_hand(&self, hash: &CodeHash) -> Option<Arc<Linked>> {
        self.cache.at_hand(hash)
    }

    /// Checks code and compiles it off the block path.
    ///
    /// # Errors
    /// `Fault` if accepted code does not compile; the inner error is the validator's.
    pub fn prepare(&self, bytes: &[u8]) -> Result<Result<CodeHash, CodeError>, Fault> {
        let code = match Code::check(bytes) {
            Ok(code) => code,
            Err(error) => return Ok(Err(error)),
        };
        self.cache.precompile(code.hash(), bytes)?;
        Ok(Ok(*code.hash()))
    }
}

/// Puts stored code together from its chunks.
///
/// # Errors
/// `Fault::Damaged` if a part is missing or the whole does not hash to `hash`.
pub(crate) fn read_code(hash: &CodeHash, read: Read<'_>) -> Result<Vec<u8>, Fault> {
    let damaged = |reason: &str| Fault::Damaged {
        place: format!("code {hash}"),
        reason: reason.into(),
    };
    let record = read(&key::code(hash))?.ok_or_else(|| damaged("its record is missing"))?;
    let record = CodeRecord::decode(&mut &*record)?;
    let length = usize::try_from(record.bytes).unwrap_or(usize::MAX);
    let mut code = Vec::with_capacity(length.min(crate::limits::CODE_BYTES_MAX));
    for chunk in 0u16.. {
        if code.len() >= length {
            break;
        }
        let part = read(&key::code_chunk(hash, chunk))?;
        code.extend_from_slice(&part.ok_or_else(|| damaged("a chunk is missing"))?);
    }
    if CodeHash(weighhouse_primitives::Hash::of(&code)) != *hash {
        return Err(damaged("its bytes do not hash to its name"));
    }
    Ok(code)
}
