//! An ordered list of transactions: select, execute, commit to the result.
//!
//! Invariant TX-2: every transaction of a block has exactly one receipt, in order.

use crate::admission::{Admitted, Rejection};
use crate::error::Fault;
use crate::executor::{self, BlockContext, Execution, Job};
use crate::limits;
use crate::state::change::Changes;
use crate::state::guard::{self, GuardFilter};
use crate::state::overlay::Overlay;
use crate::state::{StateRead, key};
use crate::vm::Vm;
use parity_scale_codec::Decode;
use std::sync::Arc;
use weighhouse_primitives::hash::domain;
use weighhouse_primitives::merkle::list_root;
use weighhouse_primitives::policy::ChainPolicy;
use weighhouse_primitives::{Gas, Hash, Receipt, Timestamp, TxHash};

/// Rows of expired replay guards removed by one block at most: twice what a block can add.
const PRUNED_GUARDS_MAX: usize = 2 * limits::BLOCK_TXS_MAX;

/// Why a block that somebody else ordered is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBlock {
    /// A transaction may not stand where it is.
    #[error("transaction {position}: {rejection}")]
    Transaction {
        /// Its place in the block, from 0.
        position: usize,
        /// Why it may not stand there.
        rejection: Rejection,
    },
    /// More transactions, bytes or gas than a block may have.
    #[error(
        "transaction {position} has no room in the block: its limits of transactions, bytes or gas are reached"
    )]
    NoRoom {
        /// The place of the first for which there is no room.
        position: usize,
    },
}

/// What to do with a transaction that may not stand where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnRejection {
    /// Leave it out and go on: this node orders the block.
    LeaveOut,
    /// The block is not valid: somebody else ordered it.
    Refuse,
}

/// Learns of each transaction before it is executed.
pub(crate) type Before<'a> = &'a mut dyn FnMut(&TxHash) -> Result<(), Fault>;

/// For [`Before`]: nobody has to learn of it.
pub(crate) const fn quiet(_: &TxHash) -> Result<(), Fault> {
    Ok(())
}

/// Keys that a transaction touches for the first time in a block, about: room is made for as many.
const KEYS_EXPECTED: usize = 3;

/// An executed list of transactions.
#[derive(Debug)]
pub(crate) struct Executed {
    /// Those in the block, in order.
    pub(crate) transactions: Vec<Admitted>,
    /// One receipt for each.
    pub(crate) receipts: Vec<Receipt>,
    /// Debug lines of each.
    pub(crate) debug: Vec<Vec<String>>,
    /// Left out, with the reason.
    pub(crate) dropped: Vec<(TxHash, Rejection)>,
    /// Left for the next block: no room.
    pub(crate) deferred: Vec<Admitted>,
    /// Sum of gas used.
    pub(crate) gas_used: Gas,
    /// The block's write set.
    pub(crate) changes: Changes,
}

impl Executed {
    /// Commitment to the transactions.
    pub(crate) fn tx_root(&self) -> Hash {
        list_root(
            &self
                .transactions
                .iter()
                .map(|tx| tx.hash.0)
                .collect::<Vec<_>>(),
        )
    }

    /// Commitment to the receipts.
    pub(crate) fn receipts_root(&self) -> Hash {
        receipts_root(&self.receipts)
    }
}

/// Hash of one receipt, as the receipts root commits to it.
#[must_use]
pub fn receipt_hash(receipt: &Receipt) -> Hash {
    domain::LIST_ITEM.hash_encoded(receipt)
}

/// Commitment to a list of receipts.
#[must_use]
pub fn receipts_root(receipts: &[Receipt]) -> Hash {
    list_root(&receipts.iter().map(receipt_hash).collect::<Vec<_>>())
}

/// Starts an execution on the state `base`.
pub(crate) fn begin(
    vm: &Arc<Vm>,
    base: Arc<dyn StateRead>,
    context: BlockContext,
    filter: &Arc<GuardFilter>,
) -> Result<Box<Execution>, Fault> {
    let mut overlay = Overlay::new(base);
    let policy = match overlay.get(&key::policy())? {
        Some(bytes) => ChainPolicy::decode(&mut &*bytes)?,
        None => {
            return Err(Fault::Damaged {
                place: "chain policy".into(),
                reason: "absent from the state".into(),
            });
        }
    };
    Ok(Box::new(Execution::new(
        Arc::clone(vm),
        overlay,
        context,
        policy,
        Arc::clone(filter),
    )))
}

/// Removes the guards of transactions that block time has outlived, oldest first.
pub(crate) fn prune_guards(execution: &mut Execution, now: Timestamp) -> Result<(), Fault> {
    let prefix = key::replays();
    let mut after = Vec::new();
    let mut left = PRUNED_GUARDS_MAX;
    while left > 0 {
        let page = execution.overlay.page(&prefix, &after, left.min(256))?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        for (key, _) in page {
            match key::replay_valid_until(&key) {
                Some(valid_until) if valid_until < now => execution.overlay.remove(&key)?,
                _ => return Ok(()),
            }
            left = left.saturating_sub(1);
        }
    }
    Ok(())
}

/// Invariant TX-1: what this block executed stands in the state after it.
fn write_guards(execution: &mut Execution) -> Result<(), Fault> {
    for (key, hashes) in guard::rows(execution.block.height, &execution.executed) {
        execution.overlay.set(&key, hashes)?;
    }
    execution.overlay.finish_transaction();
    Ok(())
}

/// Executes `candidates` in order on `execution`, which is at the state before the block; `before` learns of each
/// one first.
///
/// # Errors
/// Fault; the inner error names the position of a transaction that may not stand there, or that has no
/// room although this node did not order the block.
pub(crate) fn execute(
    mut execution: Box<Execution>,
    candidates: Vec<Admitted>,
    on_rejection: OnRejection,
    before: Before<'_>,
) -> Result<Result<Executed, InvalidBlock>, Fault> {
    let now = execution.block.time;
    prune_guards(&mut execution, now)?;
    execution.overlay.finish_transaction();
    let expected = candidates.len().min(limits::BLOCK_TXS_MAX);
    execution
        .overlay
        .reserve(expected.saturating_mul(KEYS_EXPECTED));
    let mut done = Executed {
        transactions: Vec::with_capacity(candidates.len()),
        receipts: Vec::with_capacity(candidates.len()),
        debug: Vec::with_capacity(candidates.len()),
        dropped: Vec::new(),
        deferred: Vec::new(),
        gas_used: Gas::ZERO,
        changes: Changes::default(),
    };
    let mut bytes = 0usize;
    let mut candidates = candidates.into_iter().enumerate();
    for (position, admitted) in candidates.by_ref() {
        let size = bytes.saturating_add(admitted.bytes);
        let gas = done
            .gas_used
            .saturating_add(admitted.transaction.payload.gas_limit);
        if size > limits::BLOCK_BYTES_MAX
            || gas > Gas(limits::BLOCK_GAS_MAX)
            || done.transactions.len() >= limits::BLOCK_TXS_MAX
        {
            if on_rejection == OnRejection::Refuse {
                return Ok(Err(InvalidBlock::NoRoom { position }));
            }
            done.deferred.push(admitted);
            break;
        }
        before(&admitted.hash)?;
        let (back, result) = executor::run(execution, &Job::of(&admitted))?;
        execution = back;
        match result {
            Ok(end) => {
                bytes = size;
                done.gas_used = done.gas_used.saturating_add(end.receipt.gas_used);
                done.receipts.push(end.receipt);
                done.debug.push(end.debug);
                done.transactions.push(admitted);
            }
            Err(rejection) if on_rejection == OnRejection::LeaveOut => {
                done.dropped.push((admitted.hash, rejection));
            }
            Err(rejection) => {
                return Ok(Err(InvalidBlock::Transaction {
                    position,
                    rejection,
                }));
            }
        }
    }
    done.deferred
        .extend(candidates.map(|(_, admitted)| admitted));
    write_guards(&mut execution)?;
    done.changes = execution.overlay.into_block_changes();
    Ok(Ok(done))
}
