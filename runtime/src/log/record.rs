//! Bytes of segments and records.
//!
//! # Format
//! All numbers little-endian. A segment file begins with a header of 96 bytes:
//!
//! | bytes | field |
//! |---|---|
//! | 0..4 | `WHLG` |
//! | 4..8 | format version, [`FORMAT_VERSION`] |
//! | 8..40 | genesis hash |
//! | 40..48 | number of the segment |
//! | 48..56 | height of its first record |
//! | 56..64 | zero |
//! | 64..96 | checksum of bytes 0..64, at offset 0 |
//!
//! Records follow without gaps, then zeros to the end of the file:
//!
//! | bytes | field |
//! |---|---|
//! | 0..4 | `WHBR` |
//! | 4..8 | `n`, bytes of payload |
//! | 8..16 | height |
//! | 16..48 | hash of the previous block |
//! | 48..48+n | payload |
//! | 48+n..80+n | checksum of bytes 0..48+n |
//!
//! A checksum is blake3 in the domain of the log over genesis hash, number of the segment, offset in
//! the file and the bytes: bytes of a record that turn up elsewhere are not a record.

use weighhouse_primitives::hash::{Domain, GenesisHash};
use weighhouse_primitives::{BlockHash, Hash};

/// Version of this format.
pub const FORMAT_VERSION: u32 = 1;
/// Bytes of a segment's header.
pub const SEGMENT_HEADER_BYTES: usize = 96;
/// Bytes of a record before its payload.
pub const RECORD_HEADER_BYTES: usize = 48;
/// Bytes of a checksum.
pub const CHECKSUM_BYTES: usize = 32;
/// Bytes of the longest payload: well above any block, so that a wild length is seen as such.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

pub(super) const RECORD_MAGIC: [u8; 4] = *b"WHBR";
const SEGMENT_MAGIC: [u8; 4] = *b"WHLG";
const CHECKSUM: Domain = Domain::new("weighhouse/runtime/log/v1");

const _: () = assert!(
    PAYLOAD_BYTES_MAX > 8 * crate::limits::BLOCK_BYTES_MAX,
    "a block fits a record"
);

/// Where bytes stand; enters every checksum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    pub(super) chain: GenesisHash,
    pub(super) segment: u32,
    pub(super) offset: usize,
}

impl Position {
    fn checksum(&self, bytes: &[u8]) -> Hash {
        let mut input = Vec::with_capacity(bytes.len().saturating_add(48));
        input.extend_from_slice(self.chain.as_bytes());
        input.extend_from_slice(&u64::from(self.segment).to_le_bytes());
        input.extend_from_slice(&number(self.offset).to_le_bytes());
        input.extend_from_slice(bytes);
        CHECKSUM.hash(&input)
    }
}

/// A length or offset as a 64-bit number; never larger on any machine.
pub(super) fn number(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// Name of a segment file.
pub(super) fn segment_name(number: u32) -> String {
    format!("{number:010}.log")
}

/// Number of a segment by its file's name.
pub(super) fn segment_number(name: &str) -> Option<u32> {
    let number = name.strip_suffix(".log")?.parse().ok()?;
    (segment_name(number) == name).then_some(number)
}

/// A segment's header.
pub(super) fn segment_header(at: &Position, first: u64) -> Vec<u8> {
    let mut header = Vec::with_capacity(SEGMENT_HEADER_BYTES);
    header.extend_from_slice(&SEGMENT_MAGIC);
    header.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    header.extend_from_slice(at.chain.as_bytes());
    header.extend_from_slice(&u64::from(at.segment).to_le_bytes());
    header.extend_from_slice(&first.to_le_bytes());
    header.extend_from_slice(&[0; 8]);
    let checksum = at.checksum(&header);
    header.extend_from_slice(checksum.as_bytes());
    header
}

/// What a segment's header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SegmentHeader {
    /// Fine; height of the first record.
    Fine(u64),
    /// Whole, but of another chain.
    OtherChain,
    /// Whole, but of another version.
    OtherVersion(u32),
    /// Not a header of this segment.
    Broken,
}

/// Reads a segment's header.
pub(super) fn read_segment_header(at: &Position, bytes: &[u8]) -> SegmentHeader {
    let Some((body, checksum)) = bytes
        .get(..SEGMENT_HEADER_BYTES)
        .and_then(|header| header.split_last_chunk::<CHECKSUM_BYTES>())
    else {
        return SegmentHeader::Broken;
    };
    let (Some(version), Some(chain), Some(first)) = (
        field::<4>(body, 4).map(u32::from_le_bytes),
        field::<32>(body, 8),
        field::<8>(body, 48).map(u64::from_le_bytes),
    ) else {
        return SegmentHeader::Broken;
    };
    let chain = GenesisHash(Hash(chain));
    let there = Position { chain, ..*at };
    if !body.starts_with(&SEGMENT_MAGIC) || there.checksum(body).0 != *checksum {
        SegmentHeader::Broken
    } else if chain != at.chain {
        SegmentHeader::OtherChain
    } else if version != FORMAT_VERSION {
        SegmentHeader::OtherVersion(version)
    } else {
        SegmentHeader::Fine(first)
    }
}

fn field<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk::<N>().copied()
}

/// Bytes of a record with a payload of `payload` bytes.
pub(super) fn record_bytes(payload: usize) -> usize {
    payload.saturating_add(RECORD_HEADER_BYTES.saturating_add(CHECKSUM_BYTES))
}

/// A record's bytes.
pub(super) fn record(at: &Position, height: u64, previous: &BlockHash, payload: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(record_bytes(payload.len()));
    record.extend_from_slice(&RECORD_MAGIC);
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    record.extend_from_slice(&length.to_le_bytes());
    record.extend_from_slice(&height.to_le_bytes());
    record.extend_from_slice(previous.as_bytes());
    record.extend_from_slice(payload);
    let checksum = at.checksum(&record);
    record.extend_from_slice(checksum.as_bytes());
    record
}

/// Payload length that the beginning of a record claims; `None` if it is no record.
pub(super) fn claimed_length(header: &[u8]) -> Option<usize> {
    let length = u32::from_le_bytes(field::<4>(header, 4)?);
    let length = usize::try_from(length).ok()?;
    (header.starts_with(&RECORD_MAGIC) && length <= PAYLOAD_BYTES_MAX).then_some(length)
}

/// A record that is whole.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) height: u64,
    pub(super) previous: BlockHash,
    pub(super) payload: &'a [u8],
}

/// Reads the record at the start of `bytes`; `None` unless it is whole and right for its place.
pub(super) fn read_record<'a>(at: &Position, bytes: &'a [u8]) -> Option<Record<'a>> {
    let length = claimed_length(bytes)?;
    let whole = bytes.get(..record_bytes(length))?;
    let (body, checksum) = whole.split_last_chunk::<CHECKSUM_BYTES>()?;
    (at.checksum(body).0 == *checksum).then_some(())?;
    Some(Record {
        height: u64::from_le_bytes(field::<8>(body, 8)?),
        previous: BlockHash(Hash(field::<32>(body, 16)?)),
        payload: body.get(RECORD_HEADER_BYTES..)?,
    })
}
