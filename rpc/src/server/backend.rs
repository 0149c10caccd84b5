//! What the server needs from the node that runs it: a pool to submit to and, on development
//! networks, hands on its clock and blocks.

use crate::error::{ErrorBody, code};
use crate::types::{PoolStatus, SubmittedAs};
use std::pin::Pin;
use weighhouse_primitives::{Address, Block, Height, Timestamp, TxHash};
use weighhouse_runtime::Admitted;

/// Why the pool did not take a transaction; nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// No room.
    #[error("the pool is full: {used} of {limit} {what}")]
    Full {
        /// `transactions`, `bytes`, or `transactions of this signer`.
        what: &'static str,
        /// In use, or what it would become.
        used: usize,
        /// The bound.
        limit: usize,
    },
    /// The signer gave the same reference to another transaction.
    #[error("this client_ref belongs to transaction {hash}")]
    RefConflict {
        /// That transaction.
        hash: TxHash,
    },
    /// Executing it ended this node twice.
    #[error("executing transaction {hash} ended this node twice; it is in quarantine")]
    Quarantined {
        /// The transaction.
        hash: TxHash,
    },
    /// The node takes no transactions: it is stopping, or follows others.
    #[error("the node takes no transactions: {reason}")]
    ReadOnly {
        /// Why.
        reason: &'static str,
    },
    /// The node has stopped after a fault.
    #[error("the node has stopped at height {height}")]
    Faulted {
        /// Latest durable height.
        height: Height,
    },
}

impl From<PoolError> for ErrorBody {
    fn from(error: PoolError) -> Self {
        let message = error.to_string();
        match error {
            PoolError::Full { what, used, limit } => Self::new(code::POOL_FULL, message)
                .with("what", what)
                .with("used", used)
                .with("limit", limit)
                .with("retry_after_ms", 500),
            PoolError::RefConflict { hash } => {
                Self::new(code::REF_CONFLICT, message).with("hash", hash.to_string())
            }
            PoolError::Quarantined { hash } => {
                Self::new(code::QUARANTINED, message).with("hash", hash.to_string())
            }
            PoolError::ReadOnly { reason } => {
                Self::new(code::READ_ONLY, message).with("reason", reason)
            }
            PoolError::Faulted { height } => {
                Self::new(code::FAULTED, message).with("height", height.to_string())
            }
        }
    }
}

/// Where admitted transactions go.
///
/// All methods are called on the server's threads and must not wait for a block.
pub trait Submit: Send + Sync + 'static {
    /// Lets an admitted transaction wait for a block; [`SubmittedAs::Known`] if it waits already.
    ///
    /// # Errors
    /// One of [`PoolError`].
    fn submit(
        &self,
        transaction: Admitted,
        client_ref: Option<String>,
    ) -> Result<SubmittedAs, PoolError>;

    /// A waiting transaction.
    fn pending(&self, hash: &TxHash) -> Option<Admitted>;

    /// Waiting transactions in order of arrival, strictly after a place, with their places.
    fn pending_page(
        &self,
        account: Option<&Address>,
        after: Option<u64>,
        limit: usize,
    ) -> Vec<(u64, Admitted)>;

    /// The transaction to which a signer gave this name.
    fn by_ref(&self, signer: &Address, client_ref: &str) -> Option<TxHash>;

    /// How full the pool is.
    fn status(&self) -> PoolStatus;

    /// Time that the next block would have.
    fn next_time(&self) -> Timestamp;

    /// `Ok` while the node can take transactions.
    ///
    /// # Errors
    /// Why it cannot.
    fn ready(&self) -> Result<(), PoolError>;

    /// True while the node is not where the others of its chain are; a node by itself always is.
    fn is_behind(&self) -> bool {
        false
    }

    /// Other nodes that this one talks to; a node by itself talks to none.
    fn peers(&self) -> Vec<String> {
        Vec::new()
    }
}

/// An answer that takes a while.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, ErrorBody>> + Send + 'a>>;

/// Hands on a development network.
pub trait Develop: Send + Sync + 'static {
    /// Makes so many blocks, empty ones too; answers with the latest height.
    fn mine(&self, blocks: u32) -> Answering<'_, Height>;

    /// Sets the time of the next block.
    ///
    /// # Errors
    /// 1301 if it lies before the latest block.
    fn set_time(&self, time: Timestamp) -> Result<Timestamp, ErrorBody>;

    /// Moves the clock forward.
    ///
    /// # Errors
    /// 1301 beyond the end of time.
    fn advance_time(&self, seconds: u64) -> Result<Timestamp, ErrorBody>;

    /// Chooses when blocks are made; answers with the mode's canonical text.
    ///
    /// # Errors
    /// 1301 for a text that is no mode.
    fn set_blocks(&self, mode: &str) -> Result<String, ErrorBody>;

    /// Forgets every block above `height`, and what waits; answers with the latest height.
    fn go_back(&self, height: Height) -> Answering<'_, Height>;

    /// Forgets every block, then executes these; answers with the latest height.
    fn load(&self, blocks: Vec<Block>) -> Answering<'_, Height>;
}
