//! Reading the log, in any thread, while it grows.

use super::files::Files;
use super::record::{
    Position, RECORD_HEADER_BYTES, claimed_length, number, read_record, record_bytes, segment_name,
    segment_number,
};
use crate::error::Fault;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{BlockHash, Height};

/// Where each record is.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) first: u64,
    pub(super) places: Vec<(u32, u32)>,
}

impl Places {
    pub(super) fn position(&self, height: u64) -> Option<usize> {
        usize::try_from(height.checked_sub(self.first)?).ok()
    }

    pub(super) fn place(&self, height: u64) -> Option<(u32, u32)> {
        self.places.get(self.position(height)?).copied()
    }

    pub(super) fn last(&self) -> Option<u64> {
        let last = self.places.len().checked_sub(1)?;
        Some(self.first.saturating_add(number(last)))
    }
}

/// One record as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// Its height.
    pub height: Height,
    /// Hash of the block before.
    pub previous: BlockHash,
    /// What was appended.
    pub payload: Vec<u8>,
}

/// Reads the log, in any thread, while it grows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LogReader {
    pub(super) files: Arc<dyn Files>,
    pub(super) chain: GenesisHash,
    pub(super) places: Arc<RwLock<Places>>,
}

impl LogReader {
    pub(super) fn places(&self) -> RwLockReadGuard<'_, Places> {
        self.places.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Height of the first record; `None` for an empty log.
    #[must_use]
    pub fn first(&self) -> Option<Height> {
        let places = self.places();
        (!places.places.is_empty()).then_some(Height(places.first))
    }

    /// Height of the last record; `None` for an empty log.
    #[must_use]
    pub fn last(&self) -> Option<Height> {
        self.places().last().map(Height)
    }

    /// Bytes that the segments occupy, preallocated ones included.
    ///
    /// # Errors
    /// `Fault::Io` if the folder cannot be read.
    pub fn bytes(&self) -> Result<u64, Fault> {
        let measured = |fault| Fault::io("measuring the block log")(fault);
        let names = self.files.list().map_err(measured)?;
        let segments = names.iter().filter(|name| segment_number(name).is_some());
        segments
            .map(|name| self.files.len(name).map_err(measured))
            .try_fold(0u64, |sum, bytes| Ok(sum.saturating_add(bytes?)))
    }

    /// The record at `height`, checked again; `None` if the log has none.
    ///
    /// # Errors
    /// `Fault::Damaged` if the record no longer checks, `Fault::Io` if the file cannot be read.
    pub fn record(&self, height: Height) -> Result<Option<LogRecord>, Fault> {
        let place = self.places().place(height.0);
        let Some((segment, offset)) = place else {
            return Ok(None);
        };
        let name = segment_name(segment);
        let action = || format!("reading {name} of the block log");
        let damaged = || Fault::Damaged {
            place: format!("the block log, segment {name} at byte {offset}"),
            reason: format!("the record of height {height} no longer checks"),
        };
        let read = |bytes| {
            let found = self.files.read(&name, u64::from(offset), bytes);
            found.map_err(Fault::io(action()))
        };
        let length = claimed_length(&read(RECORD_HEADER_BYTES)?).ok_or_else(damaged)?;
        let bytes = read(record_bytes(length))?;
        let at = Position {
            chain: self.chain,
            segment,
            offset: usize::try_from(offset).map_err(|_| damaged())?,
        };
        let record = read_record(&at, &bytes).ok_or_else(damaged)?;
        if record.height != height.0 {
            return Err(damaged());
        }
        Ok(Some(LogRecord {
            height,
            previous: record.previous,
            payload: record.payload.to_vec(),
        }))
    }

    /// The payload at `height`; `None` if the log has none.
    ///
    /// # Errors
    /// As for [`LogReader::record`].
    pub fn read(&self, height: Height) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.record(height)?.map(|record| record.payload))
    }

    /// The records from `height` on, up to the last one at the time each is asked for.
    pub fn records(&self, height: Height) -> impl Iterator<Item = Result<LogRecord, Fault>> + '_ {
        let mut next = height;
        std::iter::from_fn(move || {
            let record = self.record(next).transpose();
            next = next.next();
            record
        })
        .fuse()
    }
}
