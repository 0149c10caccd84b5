//! Faults: this node cannot go on. Never in a receipt, never an answer to a client (ERR-1).

use weighhouse_primitives::TxHash;

/// Trouble of this node: its disk, its data, its engine. The node stops with exit code 3; reopening
/// is recovery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The operating system refused.
    #[error("{action}")]
    Io {
        /// What was being done, with the path.
        action: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The disk has no room for the next block. Nothing changed, and nothing was acknowledged: the one
    /// fault after which the same chain goes on, once there is room.
    #[error("no room on the disk: {action}")]
    Full {
        /// What was being done, with the path.
        action: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A store engine failed.
    #[error("the {engine} store failed while {action}: {reason}")]
    Store {
        /// Which engine.
        engine: &'static str,
        /// What was being done.
        action: &'static str,
        /// The engine's word.
        reason: String,
    },
    /// Stored bytes are not what was written.
    #[error("damaged data in {place}: {reason}")]
    Damaged {
        /// Where: file and offset, or key.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The engine behaved as it never should (compile failure of accepted code, native stack
    /// overflow, unknown trap).
    #[error("the engine failed while {action}: {reason}")]
    Engine {
        /// What was being done.
        action: &'static str,
        /// The engine's word.
        reason: String,
    },
    /// Replay computed something else than the log recorded.
    #[error("block {height} computes {computed} where the log has {recorded} ({what})")]
    Diverged {
        /// At which block.
        height: u64,
        /// State root, receipts root, ...
        what: &'static str,
        /// Ours.
        computed: String,
        /// The log's.
        recorded: String,
    },
    /// A decided block holds a transaction that this node does not execute any more.
    #[error(
        "block {height} is decided and holds transaction {transaction}, which ended this node twice while it was \
         executed; install a program that executes it, then `weighhouse node quarantine --folder DIR --release \
         {transaction}`; or let the node start beyond the block by state sync"
    )]
    Quarantined {
        /// The block.
        height: u64,
        /// Hash of the transaction.
        transaction: TxHash,
    },
    /// The folder belongs to something else.
    #[error("{place} cannot be used: {reason}")]
    Unusable {
        /// The folder or file.
        place: String,
        /// Why, and what to do.
        reason: String,
    },
}

/// True if the operating system refused because there is no room: the disk is full, or a quota or the
/// largest size of a file is reached.
#[must_use]
pub fn is_no_room(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

impl Fault {
    /// For `map_err` at an operation on a file.
    pub fn io(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}
