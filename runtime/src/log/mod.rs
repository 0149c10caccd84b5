//! The block log: the truth.
//!
//! Committed blocks, one record each, appended to segment files and synced before anybody hears of
//! them. Everything else a node keeps can be made again from here. Payloads are opaque bytes (the
//! SCALE encoding of a block); that blocks follow one another by hash is checked by whoever reads them.
//!
//! # Format
//! See [`record`]. Segments are named `0000000001.log` and so on, and grow in preallocated steps.
//!
//! # Crash behaviour
//! - [`BlockLog::append`] returns after `fdatasync`: the block survives a power cut.
//! - A new segment is written whole under the name `new`, synced, renamed, and the folder synced,
//!   before a record goes in.
//! - After a failed write or sync the log takes nothing more: what is on the disk is unknown, and a
//!   second sync may claim success for bytes that were dropped. Reopening is recovery. Only a write that
//!   the disk has no room for is taken back, and the log goes on (`room.rs`).
//! - Opening tells a torn tail from damage: see `scan`.
//!
//! # Cost
//! One write and one sync per block, and a few writes of zeros per preallocated step. 8 bytes of
//! memory per block. Opening reads and hashes everything.

pub mod files;
mod look;
mod memory;
pub mod reader;
pub mod record;
mod room;
mod scan;

use crate::error::Fault;
use files::{Files, OsFiles};
pub use look::Looking;
pub use memory::MemoryFiles;
use reader::Places;
pub use reader::{LogReader, LogRecord};
use record::{PAYLOAD_BYTES_MAX, Position, number, record_bytes, segment_name, segment_number};
use std::path::Path;
use std::sync::{Arc, PoisonError};
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::{BlockHash, Height};

/// Sizes of the log. They change no record; a log written with others opens as well.
#[derive(Clone, Copy, Debug)]
pub struct LogSettings {
    /// Bytes after which a new segment begins; a longer record gets a segment of its own.
    pub segment_bytes: usize,
    /// Bytes allocated at a time, as zeros.
    pub step_bytes: usize,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            segment_bytes: 64 * 1024 * 1024,
            step_bytes: 4 * 1024 * 1024,
        }
    }
}

/// The part of one record that a crash left; it was never acknowledged. Opening removes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// File name of the segment.
    pub segment: String,
    /// Where the record began.
    pub offset: u64,
    /// Bytes up to the last one that was not zero.
    pub bytes: u64,
    /// Height that the record would have had.
    pub height: Height,
}

/// The log with the right to append.
#[derive(Debug)]
pub struct BlockLog {
    reader: LogReader,
    settings: LogSettings,
    /// The segment that grows.
    growing: Option<Growing>,
    failed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Growing {
    number: u32,
    /// Where the next record goes.
    end: usize,
    /// Up to where the file holds zeros.
    allocated: usize,
}

/// Name of a segment that is being made.
const NEW: &str = "new";

impl BlockLog {
    /// Opens or creates the log in a folder, which is locked against other processes.
    ///
    /// # Errors
    /// As for [`BlockLog::over`]; `Fault::Unusable` if another process has the folder.
    pub fn open(dir: &Path, chain: GenesisHash) -> Result<(Self, Option<TornTail>), Fault> {
        Self::over(Arc::new(OsFiles::open(dir)?), chain, LogSettings::default())
    }

    /// Opens or creates the log in `files`, and says whether it removed a torn tail.
    ///
    /// # Errors
    /// `Fault::Damaged` naming segment and offset if acknowledged blocks may be missing,
    /// `Fault::Unusable` if the log belongs to another chain or version, `Fault::Io`.
    pub fn over(
        files: Arc<dyn Files>,
        chain: GenesisHash,
        settings: LogSettings,
    ) -> Result<(Self, Option<TornTail>), Fault> {
        let mut log = Self::empty(files, chain, settings);
        log.reader
            .files
            .remove(NEW)
            .map_err(Fault::io("removing an unfinished segment"))?;
        let torn = log.load()?;
        if let Some(torn) = &torn {
            let end = usize::try_from(torn.offset).unwrap_or(usize::MAX);
            log.cut(log.growing.map_or(0, |growing| growing.number), end)?;
        }
        log.settle(torn.is_some())?;
        Ok((log, torn))
    }

    /// Reads the log in `files` and checks every record of it, without changing anything; says where a torn
    /// tail begins, which [`BlockLog::over`] would remove.
    ///
    /// # Errors
    /// As for [`BlockLog::over`].
    pub fn inspect(
        files: Arc<dyn Files>,
        chain: GenesisHash,
    ) -> Result<(LogReader, Option<TornTail>), Fault> {
        let mut log = Self::empty(files, chain, LogSettings::default());
        let torn = log.load()?;
        Ok((log.reader, torn))
    }

    fn empty(files: Arc<dyn Files>, chain: GenesisHash, settings: LogSettings) -> Self {
        Self {
            reader: LogReader {
                files,
                chain,
                places: Arc::default(),
            },
            settings,
            growing: None,
            failed: false,
        }
    }

    /// Makes durable what was found: a process that was killed, or whose sync failed, may have left a whole
    /// last record that only the system's memory has. Written anew, because after a failed sync another one
    /// skips what the first has dropped.
    fn settle(&self, cut: bool) -> Result<(), Fault> {
        let Some(growing) = self.growing else {
            return Ok(());
        };
        let name = segment_name(growing.number);
        let files = &self.reader.files;
        let last = self.reader.places().places.last().copied();
        let written = match last {
            Some((segment, offset)) if segment == growing.number && !cut => {
                let offset = u64::from(offset);
                let bytes = growing
                    .end
                    .saturating_sub(usize::try_from(offset).unwrap_or(0));
                files
                    .read(&name, offset, bytes)
                    .and_then(|bytes| files.write(&name, offset, &bytes))
                    .and_then(|()| files.sync(&name))
            }
            _ => Ok(()),
        };
        written
            .and_then(|()| files.sync_folder())
            .map_err(Fault::io(format!("syncing {name} of the block log")))
    }

    /// Scans all segments; changes nothing.
    fn load(&mut self) -> Result<Option<TornTail>, Fault> {
        let files = self.reader.files.clone();
        let names = files.list().map_err(Fault::io("listing the block log"))?;
        let mut numbers: Vec<u32> = names
            .iter()
            .filter_map(|name| segment_number(name))
            .collect();
        numbers.sort_unstable();
        let mut places = Places::default();
        let mut torn = None;
        let last = numbers.last().copied();
        let mut expected_number = numbers.first().copied();
        for number in numbers {
            let name = segment_name(number);
            let damaged = |reason: String| Fault::Damaged {
                place: format!("the block log, segment {name} at byte 0"),
                reason,
            };
            if expected_number != Some(number) {
                return Err(damaged("the segment before it is missing".to_owned()));
            }
            expected_number = number.checked_add(1);
            let (segment, allocated) = self.scan(number, Some(number) == last)?;
            let expected = match places.last() {
                None if self.growing.is_none() => segment.first,
                None => places.first,
                Some(last) => last.saturating_add(1),
            };
            if segment.first != expected {
                let first = segment.first;
                return Err(damaged(format!("begins at {first}, expected {expected}")));
            }
            if self.growing.is_none() {
                places.first = segment.first;
            }
            let records = segment.offsets.iter().map(|offset| (number, *offset));
            places.places.extend(records);
            self.growing = Some(Growing {
                number,
                end: segment.end,
                allocated,
            });
            if segment.torn > 0 {
                torn = Some((segment.end, segment.torn));
            }
        }
        let next = places
            .last()
            .map_or(places.first, |last| last.saturating_add(1));
        *self
            .reader
            .places
            .write()
            .unwrap_or_else(PoisonError::into_inner) = places;
        let number = self.growing.map_or(0, |growing| growing.number);
        Ok(torn.map(|(offset, bytes)| TornTail {
            segment: segment_name(number),
            offset: record::number(offset),
            bytes: record::number(bytes),
            height: Height(next),
        }))
    }

    /// Reads and checks a whole segment; also says how long its file is.
    fn scan(&self, number: u32, is_last: bool) -> Result<(scan::Segment, usize), Fault> {
        let name = segment_name(number);
        let files = &self.reader.files;
        let action = || format!("reading {name} of the block log");
        let bytes = files.len(&name).map_err(Fault::io(action()))?;
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let bytes = files.read(&name, 0, bytes).map_err(Fault::io(action()))?;
        let file = scan::File {
            name: &name,
            chain: self.reader.chain,
            number,
            bytes: &bytes,
            is_last,
        };
        Ok((file.scan()?, bytes.len()))
    }

    /// Cuts the growing segment `number` at `end`.
    fn cut(&mut self, number: u32, end: usize) -> Result<(), Fault> {
        let name = segment_name(number);
        let files = &self.reader.files;
        let cut = files
            .truncate(&name, record::number(end))
            .and_then(|()| files.sync(&name));
        cut.map_err(Fault::io(format!("cutting {name} of the block log")))?;
        self.growing = Some(Growing {
            number,
            end,
            allocated: end,
        });
        Ok(())
    }

    /// For reading, also from other threads.
    #[must_use]
    pub fn reader(&self) -> &LogReader {
        &self.reader
    }

    /// Height of the last record; `None` for an empty log.
    #[must_use]
    pub fn last(&self) -> Option<Height> {
        self.reader.last()
    }

    /// Height that the next record must have; `None` if any will do.
    fn expected(&self) -> Option<Height> {
        let places = self.reader.places();
        let next = places
            .last()
            .map_or(places.first, |last| last.saturating_add(1));
        self.growing.map(|_| Height(next))
    }

    fn check_follows(&self, height: Height) -> Result<(), Fault> {
        match self.expected() {
            Some(expected) if expected != height => Err(Fault::Unusable {
                place: "the block log".to_owned(),
                reason: format!("height {height}, expected {expected}"),
            }),
            _ => Ok(()),
        }
    }

    /// Appends a block and returns once it is on the disk. The first record of a log may have any
    /// height, each other one follows the last.
    ///
    /// # Errors
    /// `Fault` if a write or sync fails, or one failed before: the node must stop. `Fault::Full` if there is
    /// no room: nothing was written, and the log can be used on. Also for a height that doesn't follow or a
    /// payload above [`PAYLOAD_BYTES_MAX`], with nothing written.
    pub fn append(
        &mut self,
        height: Height,
        previous: BlockHash,
        payload: &[u8],
    ) -> Result<(), Fault> {
        self.check_usable()?;
        let refused = |reason: String| Fault::Unusable {
            place: "the block log".to_owned(),
            reason,
        };
        if payload.len() > PAYLOAD_BYTES_MAX {
            let bytes = payload.len();
            return Err(refused(format!(
                "a payload of {bytes} bytes, limit is {PAYLOAD_BYTES_MAX}"
            )));
        }
        self.check_follows(height)?;
        // Until everything has succeeded, nobody knows what is on the disk.
        self.failed = true;
        let growing = self.room(height, record_bytes(payload.len()))?;
        self.growing = Some(growing);
        let at = Position {
            chain: self.reader.chain,
            segment: growing.number,
            offset: growing.end,
        };
        let bytes = record::record(&at, height.0, &previous, payload);
        let name = segment_name(growing.number);
        let files = &self.reader.files;
        let action = format!("appending height {height} to {name}");
        if let Err(error) = files.write(&name, number(growing.end), &bytes) {
            return Err(self.take_back(action, error));
        }
        files.sync(&name).map_err(Fault::io(action))?;
        let offset = u32::try_from(growing.end).map_err(|_| refused("segment too long".into()))?;
        let end = growing.end.saturating_add(bytes.len());
        self.growing = Some(Growing {
            end,
            allocated: growing.allocated.max(end),
            ..growing
        });
        let mut places = self
            .reader
            .places
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        places.places.push((growing.number, offset));
        drop(places);
        self.failed = false;
        Ok(())
    }

    /// Removes all blocks above `height`. **Only for the revert of a development network**: what is
    /// removed had been acknowledged. The store must be rebuilt afterwards.
    ///
    /// # Errors
    /// `Fault` if the operating system refuses; the log takes nothing more then.
    pub fn truncate_after(&mut self, height: Height) -> Result<(), Fault> {
        self.check_usable()?;
        let (cut, removed) = {
            let places = self.reader.places();
            let keep = places.position(height.next().0).unwrap_or(0);
            let Some(cut) = places.places.get(keep).copied() else {
                return Ok(());
            };
            let segment = self.growing.map_or(cut.0, |growing| growing.number);
            (cut, (cut.0.saturating_add(1)..=segment).rev())
        };
        self.failed = true;
        let files = self.reader.files.clone();
        for number in removed {
            let name = segment_name(number);
            // The folder is synced each time: a gap between segments would be damage.
            let gone = files.remove(&name).and_then(|()| files.sync_folder());
            gone.map_err(Fault::io(format!("removing {name} of the block log")))?;
        }
        let (segment, offset) = cut;
        self.cut(segment, usize::try_from(offset).unwrap_or(usize::MAX))?;
        let mut places = self
            .reader
            .places
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let keep = places.position(height.next().0).unwrap_or(0);
        places.places.truncate(keep);
        drop(places);
        self.failed = false;
        Ok(())
    }

    fn check_usable(&self) -> Result<(), Fault> {
        if !self.failed {
            return Ok(());
        }
        Err(Fault::Unusable {
            place: "the block log".to_owned(),
            reason: "an earlier write or sync failed; start again to recover".to_owned(),
        })
    }
}

#[cfg(test)]
pub(crate) mod sim;
#[cfg(test)]
mod tests;
