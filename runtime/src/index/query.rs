//! Paged queries over the lists of the index.
//!
//! Every query is bounded: by its limit, and by the rows it reads. A page may therefore hold fewer
//! items than asked for and still have a cursor; only a page without one is the last.

use super::{
    CALLED, Chunk, EVENT_BYTES, EVENTS, Index, RECEIPTS, SIGNED, TX_BYTES, damaged, in_chunk, key,
};
use crate::error::Fault;
use crate::state::row;
use crate::state::store::Scan;
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::{Address, Event, Height, TxHash};

/// Rows of lists read for one page, at most.
const LIST_ROWS_MAX: usize = 256;
/// Blocks of receipts read for one page, at most.
const BLOCKS_MAX: usize = 64;
/// Rows of lists read at a time.
const LIST_ROWS: usize = 16;

/// A place in the order of all events; for transactions, `event` is zero. Also a cursor: a page
/// begins behind it.
///
/// # Shape
/// SCALE `(u64, u32, u32)`, 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Position {
    /// Height of the block.
    pub height: Height,
    /// Index of the transaction.
    pub tx: u32,
    /// Index of the event within it.
    pub event: u32,
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

/// Which part of the order.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// Lowest height, inclusive.
    pub from: Height,
    /// Highest height, inclusive.
    pub to: Height,
    /// Which end comes first.
    pub order: Order,
    /// Most items of a page; callers bound it.
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<Position>,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            from: Height(0),
            to: Height(u64::MAX),
            order: Order::Ascending,
            limit: 50,
            cursor: None,
        }
    }
}

impl Query {
    fn is_descending(&self) -> bool {
        self.order == Order::Descending
    }

    /// Heights that remain, inclusive.
    fn heights(&self) -> (u64, u64) {
        let (from, to) = (self.from.0, self.to.0);
        match self.cursor {
            Some(cursor) if self.is_descending() => (from, to.min(cursor.height.0)),
            Some(cursor) => (from.max(cursor.height.0), to),
            None => (from, to),
        }
    }

    fn is_behind_cursor(&self, at: &Position) -> bool {
        self.cursor.is_none_or(|cursor| match self.order {
            Order::Ascending => *at > cursor,
            Order::Descending => *at < cursor,
        })
    }

    /// The range of keys with `prefix ‖ height` that remains.
    fn keys(&self, prefix: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
        let (from, to) = self.heights();
        let end = key(&[prefix, &to.to_be_bytes()]);
        (key(&[prefix, &from.to_be_bytes()]), row::end_of(&end))
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// In the query's order.
    pub items: Vec<T>,
    /// Cursor of the next page; `None` if this is the last.
    pub next: Option<Position>,
}

/// Which events.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventFilter {
    /// Emitted by this contract.
    pub contract: Option<Address>,
    /// Of this kind.
    pub kind: Option<u32>,
}

/// Which transactions.
#[derive(Clone, Copy, Debug, Default)]
pub struct TxFilter {
    /// Signed by this account.
    pub account: Option<Address>,
    /// Calling, deploying or upgrading this contract.
    pub contract: Option<Address>,
}

/// One event and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventAt {
    /// Where.
    pub position: Position,
    /// Of which transaction.
    pub tx: TxHash,
    /// The event.
    pub event: Event,
}

/// One entry of a list.
#[derive(Clone, Copy, Debug)]
struct Entry {
    position: Position,
    kind: u32,
}

fn entries(height: Height, list: &[u8], entry_bytes: usize) -> Vec<Entry> {
    let number = |entry: &[u8], offset: usize| {
        let bytes = entry.get(offset..).and_then(<[u8]>::first_chunk::<4>);
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    };
    let entry = |entry: &[u8]| Entry {
        position: Position {
            height,
            tx: number(entry, 0),
            event: number(entry, 4),
        },
        kind: number(entry, 8),
    };
    list.chunks_exact(entry_bytes.max(1)).map(entry).collect()
}

/// A page being filled.
struct Filling<'a, T> {
    query: &'a Query,
    found: Found<T>,
}

impl<'a, T> Filling<'a, T> {
    fn new(query: &'a Query) -> Self {
        let found = Found {
            items: Vec::new(),
            next: None,
        };
        Self { query, found }
    }

    /// Notes an item, or that there is none at `at`; true once the page is full.
    fn note(&mut self, at: Position, item: Option<T>) -> bool {
        self.found.next = Some(at);
        self.found.items.extend(item);
        self.found.items.len() >= self.query.limit
    }

    /// The page, if nothing is left behind it.
    fn last(mut self) -> Found<T> {
        self.found.next = None;
        self.found
    }
}

impl Index {
    /// Events in order. By contract they are read from its list; without one, from the receipts of
    /// each block.
    ///
    /// # Errors
    /// `Fault` if the store fails or a row is damaged.
    pub fn events(&self, filter: &EventFilter, query: &Query) -> Result<Found<EventAt>, Fault> {
        let wanted = |kind: u32| filter.kind.is_none_or(|filter| filter == kind);
        let Some(contract) = filter.contract else {
            return self.each_block(query, |height, receipts, page| {
                for (tx, receipt) in (0_u32..).zip(receipts) {
                    for (event, found) in (0_u32..).zip(&receipt.events) {
                        let position = Position { height, tx, event };
                        if wanted(found.kind) {
                            page.push((position, event_at(position, receipt.tx, found)));
                        }
                    }
                }
            });
        };
        let list = key(&[EVENTS, contract.as_bytes()]);
        let places = self.walk(&list, EVENT_BYTES, query, |entry| Ok(wanted(entry.kind)))?;
        let mut items = Vec::with_capacity(places.items.len());
        let mut held: Option<(Height, Chunk)> = None;
        for position in places.items {
            items.push(self.event(position, &mut held)?);
        }
        Ok(Found {
            items,
            next: places.next,
        })
    }

    /// Places of transactions in order.
    ///
    /// # Errors
    /// `Fault` if the store fails or a row is damaged.
    pub fn transactions(&self, filter: &TxFilter, query: &Query) -> Result<Found<Position>, Fault> {
        match (filter.account, filter.contract) {
            (None, None) => self.each_block(query, |height, receipts, page| {
                for (tx, _) in (0_u32..).zip(receipts) {
                    let position = Position {
                        height,
                        tx,
                        event: 0,
                    };
                    page.push((position, position));
                }
            }),
            (None, Some(contract)) => {
                let list = key(&[CALLED, contract.as_bytes()]);
                self.walk(&list, TX_BYTES, query, |_| Ok(true))
            }
            (Some(account), contract) => {
                let list = key(&[SIGNED, account.as_bytes()]);
                self.walk(&list, TX_BYTES, query, |entry| match contract {
                    Some(contract) => self.calls(&contract, entry.position),
                    None => Ok(true),
                })
            }
        }
    }

    /// True if the transaction at `position` calls, deploys or upgrades `contract`.
    fn calls(&self, contract: &Address, position: Position) -> Result<bool, Fault> {
        let height = position.height;
        let prefix = key(&[CALLED, contract.as_bytes(), &height.0.to_be_bytes()]);
        let list = self.joined(prefix.clone(), row::end_of(&prefix))?;
        let entries = entries(height, &list, TX_BYTES);
        let found = entries.binary_search_by_key(&position.tx, |entry| entry.position.tx);
        Ok(found.is_ok())
    }

    /// One event, from the receipts held or read.
    fn event(&self, at: Position, held: &mut Option<(Height, Chunk)>) -> Result<EventAt, Fault> {
        let lost = || damaged("an event of a list", at.height);
        let is_held = held.as_ref().is_some_and(|(height, chunk)| {
            *height == at.height && in_chunk(chunk, at.tx).is_some()
        });
        if !is_held {
            let chunk = self.chunk(at.height, at.tx)?;
            *held = chunk.map(|chunk| (at.height, chunk));
        }
        let receipt = held.as_ref().and_then(|(_, chunk)| in_chunk(chunk, at.tx));
        let receipt = receipt.ok_or_else(lost)?;
        let number = usize::try_from(at.event).map_err(|_| lost())?;
        let event = receipt.events.get(number).ok_or_else(lost)?;
        Ok(event_at(at, receipt.tx, event))
    }

    /// Places in the list below `prefix` that `accept` takes.
    fn walk(
        &self,
        prefix: &[u8],
        entry_bytes: usize,
        query: &Query,
        accept: impl Fn(&Entry) -> Result<bool, Fault>,
    ) -> Result<Found<Position>, Fault> {
        let mut page = Filling::new(query);
        let (mut from, mut to) = query.keys(prefix);
        for _ in 0..LIST_ROWS_MAX / LIST_ROWS {
            let rows = self.database.rows(Scan {
                from: &from,
                to: to.as_deref(),
                limit: LIST_ROWS,
                reverse: query.is_descending(),
            })?;
            for (key, list) in &rows {
                let height = height_in(key, prefix.len())?;
                let mut entries = entries(height, list, entry_bytes);
                if query.is_descending() {
                    entries.reverse();
                }
                entries.retain(|entry| query.is_behind_cursor(&entry.position));
                for entry in entries {
                    let item = accept(&entry)?.then_some(entry.position);
                    if page.note(entry.position, item) {
                        return Ok(page.found);
                    }
                }
            }
            match rows.last() {
                Some((last, _)) if rows.len() == LIST_ROWS => {
                    if query.is_descending() {
                        to = Some(last.clone());
                    } else {
                        from = row::successor(last);
                    }
                }
                _ => return Ok(page.last()),
            }
        }
        Ok(page.found)
    }

    /// Items of the receipts of each block that has any; `read` lists a block's in ascending order.
    fn each_block<T>(
        &self,
        query: &Query,
        read: impl Fn(Height, &[weighhouse_primitives::Receipt], &mut Vec<(Position, T)>),
    ) -> Result<Found<T>, Fault> {
        let mut page = Filling::new(query);
        let (mut from, mut to) = query.keys(RECEIPTS);
        for _ in 0..BLOCKS_MAX {
            let next = self.database.rows(Scan {
                from: &from,
                to: to.as_deref(),
                limit: 1,
                reverse: query.is_descending(),
            })?;
            let Some((next, _)) = next.first() else {
                return Ok(page.last());
            };
            let height = height_in(next, RECEIPTS.len())?;
            let receipts = self.receipts(height)?;
            let mut items = Vec::new();
            read(height, &receipts, &mut items);
            if query.is_descending() {
                items.reverse();
            }
            for (position, item) in items {
                if query.is_behind_cursor(&position) && page.note(position, Some(item)) {
                    return Ok(page.found);
                }
            }
            let block = key(&[RECEIPTS, &height.0.to_be_bytes()]);
            let whole = |end| Position {
                height,
                tx: end,
                event: end,
            };
            if query.is_descending() {
                page.note(whole(0), None);
                to = Some(block);
            } else {
                page.note(whole(u32::MAX), None);
                match row::end_of(&block) {
                    Some(end) => from = end,
                    None => return Ok(page.last()),
                }
            }
        }
        Ok(page.found)
    }
}

fn event_at(position: Position, tx: TxHash, event: &Event) -> EventAt {
    EventAt {
        position,
        tx,
        event: event.clone(),
    }
}

/// The height behind the first `offset` bytes of a key.
fn height_in(key: &[u8], offset: usize) -> Result<Height, Fault> {
    let bytes = key.get(offset..).and_then(<[u8]>::first_chunk::<8>);
    let bytes = bytes.ok_or_else(|| damaged("a key", Height(0)))?;
    Ok(Height(u64::from_be_bytes(*bytes)))
}
