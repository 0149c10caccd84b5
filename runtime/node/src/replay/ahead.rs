//! Blocks of a log, read, decoded and proved by a thread of its own ahead of their execution.

use crate::look::Log;
use parity_scale_codec::Encode;
use std::ops::Range;
use std::sync::mpsc::SyncSender;
use weighhouse_primitives::{Header, Height, Transaction};
use weighhouse_runtime::admission::prove;
use weighhouse_runtime::{Admitted, Fault, Reader, Rejection, logged_block};

/// Blocks that wait for their execution.
pub(super) const BLOCKS: usize = 4;
/// Signatures proved at once: more gain nothing.
const TOGETHER: usize = 32;

/// A block that is ready to be executed.
pub(super) struct Ready {
    /// As recorded.
    pub(super) header: Header,
    pub(super) transactions: Vec<Admitted>,
}

/// Reads the blocks in order until one fails or nobody wants more.
pub(super) fn read(
    log: &Log,
    heights: Range<u64>,
    reader: Option<&Reader>,
    ready: &SyncSender<Result<Ready, Fault>>,
) {
    for height in heights.map(Height) {
        let block = block(log, height, reader);
        let failed = block.is_err();
        if ready.send(block).is_err() || failed {
            return;
        }
    }
}

/// Reads one block; with a reader its signatures are proved.
fn block(log: &Log, height: Height, reader: Option<&Reader>) -> Result<Ready, Fault> {
    let block = logged_block(&log.reader, height)?;
    let (header, transactions) = (block.header, block.transactions);
    let transactions = match reader {
        None => transactions.into_iter().map(Admitted::unchecked).collect(),
        Some(reader) => proved(reader, &transactions).map_err(|rejection| Fault::Diverged {
            height: height.0,
            what: "signature",
            computed: rejection.to_string(),
            recorded: "valid".into(),
        })?,
    };
    Ok(Ready {
        header,
        transactions,
    })
}

fn proved(reader: &Reader, transactions: &[Transaction]) -> Result<Vec<Admitted>, Rejection> {
    let mut admitted = Vec::with_capacity(transactions.len());
    for together in transactions.chunks(TOGETHER) {
        let unproven = together
            .iter()
            .map(|transaction| reader.signed_unproven(&transaction.encode()));
        for proved in prove(unproven.collect::<Result<_, _>>()?) {
            admitted.push(proved?);
        }
    }
    Ok(admitted)
}
