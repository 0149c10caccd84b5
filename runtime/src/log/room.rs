//! Room for the next record: segments, preallocated steps, and what happens when the disk is full.
//!
//! A write that the disk has no room for is the one failure after which a log goes on: what it left is cut
//! off and the cut is synced, so the log is to the byte what was acknowledged. A failed sync is never
//! that, whatever its cause: nobody knows then what is on the disk.

use super::record::{self, Position, SEGMENT_HEADER_BYTES, number, record_bytes, segment_name};
use super::{BlockLog, Growing, NEW};
use crate::error::{Fault, is_no_room};
use std::io;
use std::sync::PoisonError;
use weighhouse_primitives::Height;

impl BlockLog {
    /// Makes sure that the record of `height` has room with so many bytes of payload, without appending it.
    ///
    /// # Errors
    /// `Fault::Full` if it has none: the log can be used on. Otherwise as [`BlockLog::append`].
    pub fn reserve(&mut self, height: Height, payload: usize) -> Result<(), Fault> {
        self.check_usable()?;
        self.check_follows(height)?;
        self.failed = true;
        let growing = self.room(height, record_bytes(payload))?;
        self.growing = Some(growing);
        self.failed = false;
        Ok(())
    }

    /// After a write that failed: takes back what it left, if all that was missing is room.
    ///
    /// Gives the fault: `Full` if the log is what it was, `Io` if it takes nothing more.
    pub(super) fn take_back(&mut self, action: String, error: io::Error) -> Fault {
        if !is_no_room(&error) {
            return Fault::io(action)(error);
        }
        let files = self.reader.files.clone();
        let removed = files
            .remove(NEW)
            .map_err(Fault::io("removing an unfinished segment"));
        let restored = removed.and_then(|()| match self.growing {
            Some(growing) => self.cut(growing.number, growing.end),
            None => Ok(()),
        });
        match restored {
            Ok(()) => {
                self.failed = false;
                Fault::Full {
                    action,
                    source: error,
                }
            }
            Err(fault) => {
                tracing::error!(%fault, "what a full disk left could not be taken back");
                Fault::io(action)(error)
            }
        }
    }

    /// The segment that the next record goes into, with so many bytes allocated for it.
    pub(super) fn room(&mut self, height: Height, bytes: usize) -> Result<Growing, Fault> {
        let full = |growing: &Growing| {
            growing.end > SEGMENT_HEADER_BYTES
                && growing.end.saturating_add(bytes) > self.settings.segment_bytes
        };
        let mut growing = match self.growing {
            Some(growing) if !full(&growing) => growing,
            before => self.new_segment(before, height)?,
        };
        self.growing = Some(growing);
        let needed = growing.end.saturating_add(bytes);
        if needed > growing.allocated {
            let step = self.settings.step_bytes.max(1);
            let steps = needed.saturating_sub(growing.allocated).div_ceil(step);
            let wanted = growing.allocated.saturating_add(steps.saturating_mul(step));
            let wanted = wanted.min(self.settings.segment_bytes).max(needed);
            let zeros = vec![0; wanted.saturating_sub(growing.allocated)];
            let name = segment_name(growing.number);
            let files = &self.reader.files;
            if let Err(error) = files.write(&name, number(growing.allocated), &zeros) {
                let action = format!("allocating {wanted} bytes of {name}");
                return Err(self.take_back(action, error));
            }
            growing.allocated = wanted;
        }
        Ok(growing)
    }

    fn new_segment(&mut self, before: Option<Growing>, height: Height) -> Result<Growing, Fault> {
        let segment = before.map_or(1, |before| before.number.saturating_add(1));
        let at = Position {
            chain: self.reader.chain,
            segment,
            offset: 0,
        };
        let header = record::segment_header(&at, height.0);
        let name = segment_name(segment);
        let action = || format!("creating {name} of the block log");
        let files = self.reader.files.clone();
        if let Err(error) = files.write(NEW, 0, &header) {
            return Err(self.take_back(action(), error));
        }
        files.sync(NEW).map_err(Fault::io(action()))?;
        if let Err(error) = files.rename(NEW, &name) {
            return Err(self.take_back(action(), error));
        }
        files.sync_folder().map_err(Fault::io(action()))?;
        let mut places = self
            .reader
            .places
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if places.places.is_empty() {
            places.first = height.0;
        }
        drop(places);
        Ok(Growing {
            number: segment,
            end: header.len(),
            allocated: header.len(),
        })
    }
}
