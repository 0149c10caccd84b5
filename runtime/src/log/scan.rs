//! Opening: every byte of every segment is checked, and a torn tail is told from damage.
//!
//! A crash during an append leaves part of one record at the end: a *torn tail*. It was never
//! acknowledged, because an append returns only after its sync. Anything else that doesn't check is
//! *damage*: acknowledged blocks would be lost by going on, so the log is refused.
//!
//! The rule: bytes that are not a record are a torn tail if they stand in the last segment and no
//! whole record of a later height stands behind them. The search for such a record hashes a bounded
//! amount; if that is used up (payloads crafted to look like records), the log is refused: halting is
//! better than guessing.
//!
//! One case cannot be told from the log alone: rot in the very last record looks like a torn tail.
//! Whoever knows of an acknowledged height above [`super::BlockLog::last`] must refuse to go on.

use super::record::{
    Position, RECORD_MAGIC, SEGMENT_HEADER_BYTES, SegmentHeader, claimed_length, read_record,
    read_segment_header, record_bytes,
};
use crate::error::Fault;
use weighhouse_primitives::hash::GenesisHash;

/// Bytes hashed at most in search of a record behind bytes that are none.
const SEARCH_BYTES_MAX: usize = 512 * 1024 * 1024;

/// What one segment holds.
#[derive(Debug)]
pub(super) struct Segment {
    /// Height of the first record.
    pub(super) first: u64,
    /// Offsets of its records.
    pub(super) offsets: Vec<u32>,
    /// Where the next record goes.
    pub(super) end: usize,
    /// Bytes of a torn tail from `end` on; zero if there is none.
    pub(super) torn: usize,
}

/// One segment file to scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) chain: GenesisHash,
    pub(super) number: u32,
    pub(super) bytes: &'a [u8],
    pub(super) is_last: bool,
}

impl File<'_> {
    fn at(&self, offset: usize) -> Position {
        Position {
            chain: self.chain,
            segment: self.number,
            offset,
        }
    }

    fn rest(&self, offset: usize) -> &[u8] {
        self.bytes.get(offset..).unwrap_or_default()
    }

    fn damaged(&self, offset: usize, reason: impl Into<String>) -> Fault {
        Fault::Damaged {
            place: format!("the block log, segment {} at byte {offset}", self.name),
            reason: reason.into(),
        }
    }

    fn first_height(&self) -> Result<u64, Fault> {
        let unusable = |reason: String| Fault::Unusable {
            place: format!("the block log, segment {}", self.name),
            reason,
        };
        match read_segment_header(&self.at(0), self.bytes) {
            SegmentHeader::Fine(first) => Ok(first),
            SegmentHeader::Broken => Err(self.damaged(0, "the header does not check")),
            SegmentHeader::OtherChain => Err(unusable(
                "it belongs to another chain; use another data folder".to_owned(),
            )),
            SegmentHeader::OtherVersion(version) => Err(unusable(format!(
                "it has format version {version}; use a release that writes it"
            ))),
        }
    }

    /// Reads all records.
    pub(super) fn scan(&self) -> Result<Segment, Fault> {
        let first = self.first_height()?;
        let (mut offset, mut height, mut offsets) = (SEGMENT_HEADER_BYTES, first, Vec::new());
        while let Some(record) = read_record(&self.at(offset), self.rest(offset)) {
            if record.height != height {
                let found = record.height;
                return Err(self.damaged(offset, format!("height {found}, expected {height}")));
            }
            let short = |_| self.damaged(offset, "the segment is longer than 4 GiB");
            offsets.push(u32::try_from(offset).map_err(short)?);
            offset = offset.saturating_add(record_bytes(record.payload.len()));
            height = height.saturating_add(1);
        }
        let rest = self.rest(offset);
        let torn = rest.iter().rposition(|byte| *byte != 0);
        let torn = torn.map_or(0, |last| last.saturating_add(1));
        if torn > 0 {
            self.check_torn(offset, height)?;
        }
        Ok(Segment {
            first,
            offsets,
            end: offset,
            torn,
        })
    }

    /// Refuses bytes at `offset`, where the record of `height` belongs, unless they are a torn tail.
    fn check_torn(&self, offset: usize, height: u64) -> Result<(), Fault> {
        if !self.is_last {
            return Err(self.damaged(offset, "no whole record, and a later segment follows"));
        }
        let mut budget = SEARCH_BYTES_MAX;
        let mut at = offset.saturating_add(1);
        while let Some(found) = self.next_magic(at) {
            at = found.saturating_add(1);
            let rest = self.rest(found);
            let Some(length) = claimed_length(rest).filter(|length| *length <= rest.len()) else {
                continue;
            };
            budget = match budget.checked_sub(record_bytes(length)) {
                Some(budget) => budget,
                None => return Err(self.damaged(offset, "no whole record, cause unclear")),
            };
            if read_record(&self.at(found), rest).is_some_and(|record| record.height > height) {
                let reason = format!("no whole record, and one follows at byte {found}");
                return Err(self.damaged(offset, reason));
            }
        }
        Ok(())
    }

    fn next_magic(&self, from: usize) -> Option<usize> {
        let windows = self.rest(from).windows(RECORD_MAGIC.len());
        let position = windows
            .into_iter()
            .position(|window| window == RECORD_MAGIC)?;
        Some(from.saturating_add(position))
    }
}
