//! Growth of memory and tables.
//!
//! Up to the protocol's limit growth succeeds, beyond it `memory.grow` answers -1: both on every
//! node. If the machine cannot give what the protocol allows, that is this node's trouble: the error
//! that leaves here is no known trap, so it becomes a `Fault` and never a receipt (ERR-1).

use crate::limits;
use wasmtime::{Error, ResourceLimiter, Result};

/// Bytes that a memory may grow to.
pub const MEMORY_BYTES_MAX: u64 = limits::MEMORY_PAGES_MAX.saturating_mul(64 * 1024);

/// The machine refused what the protocol allows.
#[derive(Debug, thiserror::Error)]
#[error("this machine could not provide {what} within the protocol's limit: {reason}")]
pub struct GrowthFailed {
    /// Memory or table.
    pub what: &'static str,
    /// The engine's word.
    pub reason: String,
}

/// Allows growth within the protocol's limits. Has no state: one per store.
#[derive(Clone, Copy, Debug, Default)]
pub struct GrowthLimiter;

impl ResourceLimiter for GrowthLimiter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        // Beyond the maximum the answer is settled here, so that the engine's failure path below is
        // left for failures of the machine.
        let within = maximum.is_none_or(|maximum| desired <= maximum);
        Ok(within && desired as u64 <= MEMORY_BYTES_MAX)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        Err(Error::new(GrowthFailed {
            what: "memory",
            reason: error.to_string(),
        }))
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        let within = maximum.is_none_or(|maximum| desired <= maximum);
        Ok(within && desired as u64 <= limits::TABLE_ELEMENTS_MAX)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        Err(Error::new(GrowthFailed {
            what: "a table",
            reason: error.to_string(),
        }))
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }
}
