//! A pool that takes nothing, for servers over a chain that nobody writes to.

use crate::world::START;
use std::sync::atomic::{AtomicUsize, Ordering};
use weighhouse_primitives::{Address, Timestamp, TxHash};
use weighhouse_rpc::server::{PoolError, Submit};
use weighhouse_rpc::types::{PoolStatus, SubmittedAs};
use weighhouse_runtime::Admitted;

/// See the module.
#[derive(Debug, Default)]
pub struct ClosedPool {
    /// How often somebody tried.
    pub tried: AtomicUsize,
}

impl Submit for ClosedPool {
    fn submit(&self, _: Admitted, _: Option<String>) -> Result<SubmittedAs, PoolError> {
        self.tried.fetch_add(1, Ordering::Relaxed);
        Err(PoolError::ReadOnly { reason: "a test" })
    }

    fn pending(&self, _: &TxHash) -> Option<Admitted> {
        None
    }

    fn pending_page(&self, _: Option<&Address>, _: Option<u64>, _: usize) -> Vec<(u64, Admitted)> {
        Vec::new()
    }

    fn by_ref(&self, _: &Address, _: &str) -> Option<TxHash> {
        None
    }

    fn status(&self) -> PoolStatus {
        PoolStatus::default()
    }

    fn next_time(&self) -> Timestamp {
        START
    }

    fn ready(&self) -> Result<(), PoolError> {
        Ok(())
    }
}
