//! Look-ups of this node: where a transaction is, what came of it, what a contract emitted.
//!
//! Node-local, rebuildable from the log, never hashed: no root and no receipt depends on a row of
//! this file. Rows travel in the batch of their block, so the index is exactly as far as the state.
//!
//! # Format
//! All numbers in keys big-endian, all of them fixed-width.
//!
//! | key | value |
//! |---|---|
//! | `xt ‖ tx hash` | height `u64` big-endian, index `u32` big-endian |
//! | `xb ‖ block hash` | height `u64` big-endian |
//! | `xr ‖ height: u64 ‖ index of the first: u32 ‖ part: u16` | SCALE receipts one after the other, at most 8 KiB; a longer receipt stands alone and continues in parts 1, 2, ... |
//! | `xe ‖ contract ‖ height: u64 ‖ chunk: u32` | 12 bytes per event, in order: transaction, event within it, kind, each `u32` little-endian |
//! | `xa ‖ account ‖ height: u64 ‖ chunk: u32` | 4 bytes per transaction signed by it: index `u32` little-endian |
//! | `xc ‖ contract ‖ height: u64 ‖ chunk: u32` | the same, for transactions that call, deploy or upgrade it |
//!
//! # Cost
//! Rows are what limits writing. A transfer costs two of its own (`xt`: 34 + 12 bytes, `xa`:
//! 46 + 4 bytes) and a share of shared ones: about 200 bytes of `xr` (one row per 40 transfers),
//! 12 bytes of `xe` and 4 bytes of `xc` (one row per 680 and 2,048 transfers of one contract).
//!
//! What this module does not do: keep blocks (the log does) or decode events (the schema does).

mod query;

pub use query::{EventAt, EventFilter, Found, Order, Position, Query, TxFilter};

use crate::error::Fault;
use crate::state::Value;
use crate::state::database::Database;
use crate::state::row;
use crate::state::store::{Batch, Scan};
use parity_scale_codec::{Decode, Encode};
use std::collections::BTreeMap;
use std::sync::Arc;
use weighhouse_primitives::{Action, Address, Block, BlockHash, Height, Receipt, TxHash};

/// Bytes of a chunk of receipts or of a list.
const CHUNK_BYTES: usize = 8 * 1024;

const TX: &[u8] = b"xt";
const BLOCK: &[u8] = b"xb";
const RECEIPTS: &[u8] = b"xr";
const EVENTS: &[u8] = b"xe";
const SIGNED: &[u8] = b"xa";
const CALLED: &[u8] = b"xc";

/// Bytes of one event in a list.
const EVENT_BYTES: usize = 12;
/// Bytes of one transaction in a list.
const TX_BYTES: usize = 4;

const _: () = assert!(
    CHUNK_BYTES <= crate::limits::VALUE_BYTES_MAX,
    "a chunk fits a row"
);

/// Where a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Height of its block.
    pub height: Height,
    /// Index within it.
    pub index: u32,
}

/// Look-ups over the database. Cheap to clone; sees every committed block at once.
#[derive(Clone, Debug)]
pub struct Index {
    database: Arc<Database>,
}

/// Receipts that share a chunk.
type Chunk = (u32, Vec<Receipt>);

fn key(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn damaged(what: &str, height: Height) -> Fault {
    Fault::Damaged {
        place: format!("the look-ups of height {height}"),
        reason: format!("{what} does not decode"),
    }
}

impl Index {
    /// Over a database.
    #[must_use]
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }

    /// The look-ups of a block by hash: part of [`crate::state::database::Layer::look_ups`].
    #[must_use]
    pub fn look_ups(block: &Block, receipts: &[Receipt]) -> Batch {
        let height = block.header.height.0.to_be_bytes();
        let places = (0_u32..).zip(receipts).map(|(index, receipt)| {
            let place = key(&[&height, &index.to_be_bytes()]);
            (key(&[TX, receipt.tx.as_bytes()]), Some(place.into()))
        });
        let mut rows: Batch = places.collect();
        let hash = block.header.hash();
        rows.insert(
            key(&[BLOCK, hash.as_bytes()]),
            Some(height.as_slice().into()),
        );
        rows
    }

    /// All other rows of a block: part of [`crate::state::database::Layer::rows`].
    #[must_use]
    pub fn rows(block: &Block, receipts: &[Receipt]) -> Batch {
        let mut rows = Batch::new();
        let height = block.header.height.0.to_be_bytes();
        let (mut signed, mut called, mut events) = (Lists::new(), Lists::new(), Lists::new());
        for (index, (transaction, receipt)) in
            (0_u32..).zip(block.transactions.iter().zip(receipts))
        {
            let payload = &transaction.payload;
            push(&mut signed, payload.signer, &[index]);
            let contract = match &payload.action {
                Action::Call { contract, .. } | Action::Upgrade { contract, .. } => Some(*contract),
                Action::Deploy { code, salt, .. } => {
                    Some(Address::of_contract(&payload.signer, code, salt))
                }
                Action::Upload { .. } | Action::Govern { .. } | Action::SetValidator { .. } => None,
            };
            if let Some(contract) = contract {
                push(&mut called, contract, &[index]);
            }
            for (number, event) in (0_u32..).zip(&receipt.events) {
                push(&mut events, event.contract, &[index, number, event.kind]);
            }
        }
        receipt_rows(&height, receipts, &mut rows);
        list_rows(SIGNED, &height, signed, TX_BYTES, &mut rows);
        list_rows(CALLED, &height, called, TX_BYTES, &mut rows);
        list_rows(EVENTS, &height, events, EVENT_BYTES, &mut rows);
        rows
    }

    /// Where a transaction is; `None` if no block has it.
    ///
    /// # Errors
    /// `Fault` if the store fails or the row is damaged.
    pub fn locate(&self, tx: &TxHash) -> Result<Option<Location>, Fault> {
        let Some(value) = self.database.row(&key(&[TX, tx.as_bytes()]))? else {
            return Ok(None);
        };
        let place = value.split_first_chunk::<8>().and_then(|(height, index)| {
            Some(Location {
                height: Height(u64::from_be_bytes(*height)),
                index: u32::from_be_bytes(index.try_into().ok()?),
            })
        });
        place
            .map(Some)
            .ok_or_else(|| damaged("a location", Height(0)))
    }

    /// Height of the block with this hash.
    ///
    /// # Errors
    /// `Fault` if the store fails or the row is damaged.
    pub fn height_of(&self, block: &BlockHash) -> Result<Option<Height>, Fault> {
        let Some(value) = self.database.row(&key(&[BLOCK, block.as_bytes()]))? else {
            return Ok(None);
        };
        let height = value
            .first_chunk::<8>()
            .ok_or_else(|| damaged("a height", Height(0)))?;
        Ok(Some(Height(u64::from_be_bytes(*height))))
    }

    /// The receipt of the transaction at `index` of the block at `height`.
    ///
    /// # Errors
    /// `Fault` if the store fails or a row is damaged.
    pub fn receipt(&self, height: Height, index: u32) -> Result<Option<Receipt>, Fault> {
        Ok(self
            .chunk(height, index)?
            .and_then(|chunk| in_chunk(&chunk, index).cloned()))
    }

    /// All receipts of the block at `height`, in order; empty if it has none.
    ///
    /// # Errors
    /// `Fault` if the store fails or a row is damaged.
    pub fn receipts(&self, height: Height) -> Result<Vec<Receipt>, Fault> {
        let prefix = key(&[RECEIPTS, &height.0.to_be_bytes()]);
        let bytes = self.joined(prefix.clone(), row::end_of(&prefix))?;
        decode_receipts(&bytes, height)
    }

    /// The chunk that holds the receipt at `index`.
    fn chunk(&self, height: Height, index: u32) -> Result<Option<Chunk>, Fault> {
        let block = key(&[RECEIPTS, &height.0.to_be_bytes()]);
        let to = row::end_of(&key(&[&block, &index.to_be_bytes()]));
        let last = self.database.rows(Scan {
            from: &block,
            to: to.as_deref(),
            limit: 1,
            reverse: true,
        })?;
        let Some((last, _)) = last.first() else {
            return Ok(None);
        };
        let first = last.get(block.len()..).and_then(<[u8]>::first_chunk::<4>);
        let first = u32::from_be_bytes(*first.ok_or_else(|| damaged("a key", height))?);
        let from = key(&[&block, &first.to_be_bytes()]);
        let bytes = self.joined(from, to)?;
        Ok(Some((first, decode_receipts(&bytes, height)?)))
    }

    /// The values of all rows in a range, one after the other.
    fn joined(&self, mut from: Vec<u8>, to: Option<Vec<u8>>) -> Result<Vec<u8>, Fault> {
        const ROWS: usize = 64;
        let mut bytes = Vec::new();
        loop {
            let part = Scan::ascending(&from, to.as_deref(), ROWS);
            let rows = self.database.rows(part)?;
            rows.iter()
                .for_each(|(_, value)| bytes.extend_from_slice(value));
            match rows.last() {
                Some((last, _)) if rows.len() == ROWS => from = row::successor(last),
                _ => return Ok(bytes),
            }
        }
    }
}

/// The receipt at `index` of its block, if the chunk has it.
fn in_chunk(chunk: &Chunk, index: u32) -> Option<&Receipt> {
    let position = usize::try_from(index.checked_sub(chunk.0)?).ok()?;
    chunk.1.get(position)
}

fn decode_receipts(mut bytes: &[u8], height: Height) -> Result<Vec<Receipt>, Fault> {
    let mut receipts = Vec::new();
    while !bytes.is_empty() {
        receipts.push(Receipt::decode(&mut bytes).map_err(|_| damaged("a receipt", height))?);
    }
    Ok(receipts)
}

/// Lists by address.
type Lists = BTreeMap<Address, Vec<u8>>;

fn push(lists: &mut Lists, address: Address, numbers: &[u32]) {
    let list = lists.entry(address).or_default();
    numbers
        .iter()
        .for_each(|number| list.extend_from_slice(&number.to_le_bytes()));
}

/// Rows of lists whose entries have `entry` bytes.
fn list_rows(prefix: &[u8], height: &[u8], lists: Lists, entry: usize, rows: &mut Batch) {
    let whole = CHUNK_BYTES
        .checked_div(entry)
        .unwrap_or(1)
        .max(1)
        .saturating_mul(entry);
    for (address, list) in lists {
        for (chunk, bytes) in (0_u32..).zip(list.chunks(whole)) {
            let key = key(&[prefix, address.as_bytes(), height, &chunk.to_be_bytes()]);
            rows.insert(key, Some(bytes.into()));
        }
    }
}

/// Rows of a block's receipts: as many to a row as fit.
fn receipt_rows(height: &[u8], receipts: &[Receipt], rows: &mut Batch) {
    let mut chunk: (u32, Vec<u8>) = (0, Vec::new());
    let mut close = |first: u32, bytes: &[u8]| {
        for (part, bytes) in (0_u16..).zip(bytes.chunks(CHUNK_BYTES)) {
            let key = key(&[RECEIPTS, height, &first.to_be_bytes(), &part.to_be_bytes()]);
            rows.insert(key, Some(Value::from(bytes)));
        }
    };
    for (index, receipt) in (0_u32..).zip(receipts) {
        let encoded = receipt.encode();
        if chunk.1.len().saturating_add(encoded.len()) > CHUNK_BYTES {
            close(chunk.0, &chunk.1);
            chunk = (index, Vec::new());
        }
        chunk.1.extend_from_slice(&encoded);
    }
    close(chunk.0, &chunk.1);
}

#[cfg(test)]
mod tests;
