//! The redo file of an engine whose own batches cost too much: whole batches, written before their rows.
//!
//! sled's atomic batch holds back every reader until all its rows are in, and applies them in the order
//! of a hash. Rows inserted one by one, in the order of their keys, cost a third less and stall nobody,
//! but a crash may leave a batch half applied. So a batch goes into this file first, and what was half
//! applied is applied again from here when the store is opened. Decision 0010 has the figures.
//!
//! # Format
//! Records one after the other from the start of the file, numbers little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | number of the batch; each record's is one above the last |
//! | 8 | length of the rows in bytes |
//! | 32 | blake3 of number, length and rows |
//! | - | rows: key length `u16`, key, value length `u32` ([`REMOVED`]: the row is removed), value |
//!
//! The file is written anew from the start after [`Redo::restart`] and keeps its length, so that syncing
//! it is cheap. A reader stops at the first record that does not follow: what is behind is older. Once an
//! opened store has on the disk what was recorded, [`Redo::clear`] cuts the file: the next opening does
//! not read it again.

use super::Batch;
use crate::error::Fault;
use crate::state::Value;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Name of the file, beside the engine's own.
const FILE: &str = "redo";
/// Instead of a value's length: the row is removed.
const REMOVED: u32 = u32::MAX;
/// Number, length, hash.
const HEADER_BYTES: usize = 48;

/// The file, open for writing.
#[derive(Debug)]
pub(super) struct Redo {
    file: File,
    at: u64,
}

/// A batch as it was recorded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recorded {
    /// Its number.
    pub(super) number: u64,
    /// Its rows.
    pub(super) rows: Batch,
}

impl Redo {
    /// Opens the file in `dir`, or creates it; gives what is recorded.
    ///
    /// # Errors
    /// `Fault::Io`.
    pub(super) fn open(dir: &Path) -> Result<(Self, Vec<Recorded>), Fault> {
        let path = dir.join(FILE);
        let failed = |action: &str| Fault::io(format!("{action} {}", path.display()));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed("opening"))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed("reading"))?;
        let mut recorded = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some(record) = take_record(&mut rest) {
            match recorded.last() {
                Some(Recorded { number, .. }) if number.checked_add(1) != Some(record.number) => {
                    break;
                }
                _ => recorded.push(record),
            }
        }
        Ok((Self { file, at: 0 }, recorded))
    }

    /// Records a batch; on the disk when this returns.
    ///
    /// # Errors
    /// `Fault::Io`.
    pub(super) fn record(&mut self, number: u64, rows: &Batch) -> Result<(), Fault> {
        let bytes = encode(number, rows);
        let failed = || Fault::io("writing the redo file of the store");
        self.file.seek(SeekFrom::Start(self.at)).map_err(failed())?;
        self.file.write_all(&bytes).map_err(failed())?;
        self.file.sync_data().map_err(failed())?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.at = self.at.saturating_add(length);
        Ok(())
    }

    /// Bytes recorded since the last restart.
    pub(super) const fn bytes(&self) -> u64 {
        self.at
    }

    /// What was recorded is no longer needed: the engine has it on the disk.
    pub(super) const fn restart(&mut self) {
        self.at = 0;
    }

    /// As [`Redo::restart`], and what was recorded is removed from the disk.
    ///
    /// # Errors
    /// `Fault::Io`.
    pub(super) fn clear(&mut self) -> Result<(), Fault> {
        self.restart();
        let emptied = self.file.set_len(0).and_then(|()| self.file.sync_all());
        emptied.map_err(Fault::io("cutting the redo file of the store"))
    }
}

fn header(number: u64, rows: &[u8]) -> [u8; HEADER_BYTES] {
    let length = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let mut header = [0; HEADER_BYTES];
    let (numbers, hash) = header.split_at_mut(16);
    let (first, second) = numbers.split_at_mut(8);
    first.copy_from_slice(&number.to_le_bytes());
    second.copy_from_slice(&length.to_le_bytes());
    let mut hasher = blake3::Hasher::new();
    hasher.update(numbers).update(rows);
    hash.copy_from_slice(hasher.finalize().as_bytes());
    header
}

fn encode(number: u64, batch: &Batch) -> Vec<u8> {
    let mut bytes = vec![0; HEADER_BYTES];
    for (key, value) in batch {
        let length = u16::try_from(key.len()).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(key);
        let length = value
            .as_ref()
            .map_or(REMOVED, |value| u32::try_from(value.len()).unwrap_or(0));
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(value.as_deref().unwrap_or_default());
    }
    let (head, rows) = bytes.split_at_mut(HEADER_BYTES);
    head.copy_from_slice(&header(number, rows));
    bytes
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn take_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    take(bytes, N)?.try_into().ok()
}

/// The record at the start of `bytes`; `None` if there is none, or not a whole one.
fn take_record(bytes: &mut &[u8]) -> Option<Recorded> {
    let mut rest = *bytes;
    let head: [u8; HEADER_BYTES] = take_array(&mut rest)?;
    let mut numbers = head.as_slice();
    let number = u64::from_le_bytes(take_array(&mut numbers)?);
    let length = u64::from_le_bytes(take_array(&mut numbers)?);
    let rows = take(&mut rest, usize::try_from(length).ok()?)?;
    if header(number, rows) != head {
        return None;
    }
    *bytes = rest;
    let rows = decode_rows(rows)?;
    Some(Recorded { number, rows })
}

fn decode_rows(mut bytes: &[u8]) -> Option<Batch> {
    let mut rows = Batch::new();
    while !bytes.is_empty() {
        let length = u16::from_le_bytes(take_array(&mut bytes)?);
        let key = take(&mut bytes, usize::from(length))?.to_vec();
        let value = match u32::from_le_bytes(take_array(&mut bytes)?) {
            REMOVED => None,
            length => Some(Value::from(take(
                &mut bytes,
                usize::try_from(length).ok()?,
            )?)),
        };
        rows.insert(key, value);
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(text: &str) -> Batch {
        let value = Value::from(text.as_bytes());
        let gone = format!("{text} gone").into_bytes();
        [(text.as_bytes().to_vec(), Some(value)), (gone, None)].into()
    }

    /// Goal: what was recorded since the last restart comes back, older records do not; after clearing
    /// nothing does.
    #[test]
    fn records_come_back_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let (mut redo, found) = Redo::open(dir.path()).unwrap();
        assert_eq!(found, []);
        for number in 1..=3 {
            redo.record(number, &batch(&"x".repeat(100))).unwrap();
        }
        redo.restart();
        assert_eq!(redo.bytes(), 0);
        redo.record(4, &batch("four")).unwrap();
        redo.record(5, &batch("")).unwrap();
        let (mut redo, found) = Redo::open(dir.path()).unwrap();
        let expected = [
            Recorded {
                number: 4,
                rows: batch("four"),
            },
            Recorded {
                number: 5,
                rows: batch(""),
            },
        ];
        assert_eq!(found, expected);
        redo.clear().unwrap();
        assert_eq!(Redo::open(dir.path()).unwrap().1, []);
        redo.record(6, &batch("six")).unwrap();
        assert_eq!(Redo::open(dir.path()).unwrap().1.len(), 1);
    }

    /// Goal: a record that is torn or changed anywhere is not believed, nor what stands behind it.
    #[test]
    fn torn_records_are_left() {
        let dir = tempfile::tempdir().unwrap();
        let (mut redo, _) = Redo::open(dir.path()).unwrap();
        redo.record(7, &batch("seven")).unwrap();
        redo.record(8, &batch("eight")).unwrap();
        let path = dir.path().join(FILE);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            let (_, found) = Redo::open(dir.path()).unwrap();
            assert!(found.len() < 2, "byte {at}");
            std::fs::write(&path, &whole[..at]).unwrap();
            let (_, found) = Redo::open(dir.path()).unwrap();
            assert!(found.len() < 2, "cut at {at}");
        }
    }
}
