//! Look-ups through the index: transactions, receipts, events, blocks by hash.

use super::{EventFilter, Listing, Located, LocatedEvent, Position, Reader, TxFilter};
use crate::error::Fault;
use crate::index::{self, Index, Order};
use std::sync::Arc;
use weighhouse_primitives::{BlockHash, Height, Receipt, TxHash};

impl From<index::Position> for Position {
    fn from(position: index::Position) -> Self {
        let index::Position { height, tx, event } = position;
        Self {
            height,
            tx_index: tx,
            event_index: event,
        }
    }
}

impl From<Position> for index::Position {
    fn from(position: Position) -> Self {
        let Position {
            height,
            tx_index,
            event_index,
        } = position;
        Self {
            height,
            tx: tx_index,
            event: event_index,
        }
    }
}

impl Reader {
    fn index(&self) -> Index {
        Index::new(Arc::clone(&self.shared.database))
    }

    /// Heights of a listing, up to the head: the look-ups of a block are there a moment before the
    /// block itself is.
    fn range(&self, from: Height, to: Option<Height>, descending: bool) -> index::Query {
        let head = self.head().height;
        index::Query {
            from,
            to: to.map_or(head, |to| to.min(head)),
            order: if descending {
                Order::Descending
            } else {
                Order::Ascending
            },
            ..index::Query::default()
        }
    }

    /// Height of a block by its hash.
    ///
    /// # Errors
    /// Fault.
    pub fn height_of(&self, hash: &BlockHash) -> Result<Option<Height>, Fault> {
        let height = self.index().height_of(hash)?;
        Ok(height.filter(|height| *height <= self.head().height))
    }

    /// Receipts of a block; `None` if there is no such block.
    ///
    /// # Errors
    /// Fault.
    pub fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, Fault> {
        if let Some(committed) = self.committed(height) {
            return Ok(Some(committed.receipts.clone()));
        }
        if height < self.oldest_block() || height > self.head().height {
            return Ok(None);
        }
        self.index().receipts(height).map(Some)
    }

    /// A committed transaction with its receipt.
    ///
    /// # Errors
    /// Fault.
    pub fn transaction(&self, hash: &TxHash) -> Result<Option<Located>, Fault> {
        match self.index().locate(hash)? {
            Some(location) if location.height <= self.head().height => {
                self.located(location.height, location.index).map(Some)
            }
            Some(_) | None => Ok(None),
        }
    }

    fn located(&self, height: Height, index: u32) -> Result<Located, Fault> {
        let missing = || Fault::Damaged {
            place: format!("transaction {index} of block {height}"),
            reason: "the index names it, but it is not there".into(),
        };
        let position = usize::try_from(index).unwrap_or(usize::MAX);
        let (transaction, receipt) = match self.committed(height) {
            Some(committed) => (
                committed.block.transactions.get(position).cloned(),
                committed.receipts.get(position).cloned(),
            ),
            None => {
                let block = self.block(height)?.ok_or_else(missing)?;
                let transaction = block.transactions.into_iter().nth(position);
                (transaction, self.index().receipt(height, index)?)
            }
        };
        let (transaction, receipt) = (
            transaction.ok_or_else(missing)?,
            receipt.ok_or_else(missing)?,
        );
        Ok(Located {
            height,
            index,
            transaction,
            receipt,
        })
    }

    /// Transactions by account or contract, at most `limit`; a page may be shorter and still have a
    /// next one.
    ///
    /// # Errors
    /// Fault.
    pub fn transactions(
        &self,
        filter: &TxFilter,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Listing<Located>, Fault> {
        let mut query = self.range(filter.from, filter.to, filter.descending);
        query.limit = limit;
        query.cursor = after.map(Into::into);
        let wanted = index::TxFilter {
            account: filter.account,
            contract: filter.contract,
        };
        let found = self.index().transactions(&wanted, &query)?;
        let items = found
            .items
            .into_iter()
            .map(|position| self.located(position.height, position.tx))
            .collect::<Result<_, _>>()?;
        Ok(Listing {
            items,
            next: found.next.map(Into::into),
        })
    }

    /// Events by filter, at most `limit`; a page may be shorter and still have a next one.
    ///
    /// # Errors
    /// Fault.
    pub fn events(
        &self,
        filter: &EventFilter,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Listing<LocatedEvent>, Fault> {
        let mut query = self.range(filter.from, filter.to, filter.descending);
        query.limit = limit;
        query.cursor = after.map(Into::into);
        let wanted = index::EventFilter {
            contract: filter.contract,
            kind: filter.kind,
        };
        let found = self.index().events(&wanted, &query)?;
        let items = found
            .items
            .into_iter()
            .map(|at| LocatedEvent {
                height: at.position.height,
                tx_index: at.position.tx,
                event_index: at.position.event,
                tx: at.tx,
                event: at.event,
            })
            .collect();
        Ok(Listing {
            items,
            next: found.next.map(Into::into),
        })
    }
}
