//! The way from JSON-RPC into the pool: the producer as a place to submit to, solo or with consensus.

use crate::consensus::Link;
use crate::pool::{Added, Pool};
use crate::room::FULL;
use crate::solo::{DRAINING, Producer, ProducerError};
use weighhouse_primitives::{Address, Timestamp, TxHash};
use weighhouse_rpc::server::{PoolError, Submit};
use weighhouse_rpc::types::{PoolStatus, SubmittedAs, U64};
use weighhouse_runtime::Admitted;

impl Submit for Producer {
    fn submit(
        &self,
        transaction: Admitted,
        client_ref: Option<String>,
    ) -> Result<SubmittedAs, PoolError> {
        if self.consensus().is_some() {
            // Only what can be handed on is taken.
            self.ready()?;
        }
        match self.add(transaction, client_ref) {
            Ok(Added::Accepted) => Ok(SubmittedAs::Accepted),
            Ok(Added::Known) => Ok(SubmittedAs::Known),
            Err(ProducerError::Pool(error)) => Err(error),
            Err(_) => Err(self.ready().err().unwrap_or(STOPPING)),
        }
    }

    fn pending(&self, hash: &TxHash) -> Option<Admitted> {
        self.with_pool(|pool| pool.waiting(hash).cloned())
    }

    fn pending_page(
        &self,
        account: Option<&Address>,
        after: Option<u64>,
        limit: usize,
    ) -> Vec<(u64, Admitted)> {
        self.with_pool(|pool| pool.list(account, after, limit))
    }

    fn by_ref(&self, signer: &Address, client_ref: &str) -> Option<TxHash> {
        self.with_pool(|pool| pool.by_ref(*signer, client_ref))
    }

    fn status(&self) -> PoolStatus {
        let view = |pool: &Pool| PoolStatus {
            count: U64(pool.len() as u64),
            bytes: U64(pool.bytes() as u64),
            count_max: U64(pool.limits().transactions_max as u64),
        };
        self.with_pool(view)
    }

    fn next_time(&self) -> Timestamp {
        Self::next_time(self)
    }

    fn ready(&self) -> Result<(), PoolError> {
        if let Some(halt) = self.halted() {
            return Err(PoolError::Faulted {
                height: halt.height,
            });
        }
        if self.is_stopping() {
            return Err(STOPPING);
        }
        if self.is_draining() {
            return Err(PoolError::ReadOnly { reason: DRAINING });
        }
        if self.is_full() {
            return Err(PoolError::ReadOnly { reason: FULL });
        }
        match self.consensus().map(Link::ready) {
            Some(Err(reason)) => Err(PoolError::ReadOnly { reason }),
            _ => Ok(()),
        }
    }

    fn is_behind(&self) -> bool {
        self.consensus().is_some_and(Link::is_behind)
    }

    fn peers(&self) -> Vec<String> {
        self.consensus()
            .map_or_else(Vec::new, |link| link.engine().peers)
    }
}

const STOPPING: PoolError = PoolError::ReadOnly {
    reason: "it is stopping",
};
