//! A state as files: how it leaves a node and comes to another (state sync, `docs/consensus.md`).
//!
//! A folder has the file `manifest`, SCALE of [`Manifest`], and files `chunk-00000000` and so on: the
//! entries of the whole state, ascending by key, as SCALE pairs `(Vec<u8>, Vec<u8>)` one after another. A
//! chunk ends with the entry with which it reaches [`CHUNK_BYTES`]; so every node writes the same bytes.
//!
//! Invariants: nothing that is read from here is believed. Chunks are known by their hashes, entries
//! ascend strictly, and the state that they make is used only if its root is the one asked for
//! (`recovery/base.rs`). Memory is bounded by a chunk and a page of entries.
//!
//! What this module does not do: take part in a chain, or decide which folder to trust.

use super::held::LATEST_BYTES_MAX;
use super::store::ROW_KEY_BYTES_MAX;
use super::{StateRead, Value};
use crate::error::Fault;
use crate::folder;
use parity_scale_codec::{Compact, Decode, Encode};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::hash::Domain;
use weighhouse_primitives::{Hash, Header};

/// Version of the files.
pub const TRANSFER_FORMAT: u32 = 1;
/// Bytes with which a chunk ends.
pub const CHUNK_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of the longest chunk: full but for one, and the longest entry.
pub const CHUNK_BYTES_MAX: usize = CHUNK_BYTES + ROW_KEY_BYTES_MAX + LATEST_BYTES_MAX + 16;
/// Most chunks of a state: 256 GiB, and a manifest of 2 MiB.
pub const CHUNKS_MAX: usize = 65_536;
/// Most bytes of a manifest.
const MANIFEST_BYTES_MAX: u64 = 64 * 65_536;
/// Entries read at a time.
const ENTRIES_READ: usize = 1_024;
/// Name of the manifest's file.
const MANIFEST: &str = "manifest";

const MANIFEST_DOMAIN: Domain = Domain::new("weighhouse/runtime/manifest/v1");
const CHUNK_DOMAIN: Domain = Domain::new("weighhouse/runtime/chunk/v1");

/// What a folder holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Manifest {
    /// [`TRANSFER_FORMAT`].
    pub format: u32,
    /// Header of the block after which the state was so.
    pub header: Header,
    /// Entries in all chunks.
    pub entries: u64,
    /// Hash of each chunk ([`chunk_hash`]), in order.
    pub chunks: Vec<Hash>,
}

impl Manifest {
    /// What names these very files.
    #[must_use]
    pub fn hash(&self) -> Hash {
        MANIFEST_DOMAIN.hash_encoded(self)
    }

    /// Reads a manifest that came from somebody.
    ///
    /// # Errors
    /// Not one, of another format, or too long.
    pub fn read(bytes: &[u8]) -> Result<Self, BadState> {
        let manifest: Self =
            decode_canonical(bytes).map_err(|error| BadState::Manifest(error.to_string()))?;
        if manifest.format != TRANSFER_FORMAT {
            let format = manifest.format;
            return Err(BadState::Manifest(format!("it has format {format}")));
        }
        let chunks = manifest.chunks.len();
        if chunks == 0 || chunks > CHUNKS_MAX {
            return Err(BadState::Manifest(format!(
                "it has {chunks} chunks, 1 to {CHUNKS_MAX} are allowed"
            )));
        }
        Ok(manifest)
    }
}

/// Why a state that came from somebody is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadState {
    /// The chain here has blocks already, or nowhere to keep the files.
    #[error("this chain does not start from another's state: {0}")]
    NotFresh(String),
    /// The manifest is not one for this chain.
    #[error("the manifest of the state: {0}")]
    Manifest(String),
    /// A chunk is not what the manifest names, or its entries are none.
    #[error("chunk {index} of the state: {reason}")]
    Chunk {
        /// Which.
        index: usize,
        /// What is wrong.
        reason: String,
    },
    /// All entries together are another state.
    #[error("the entries have the root {computed}, {stated} is stated")]
    Root {
        /// Of the entries.
        computed: String,
        /// Of the header.
        stated: String,
    },
}

/// What names a chunk.
#[must_use]
pub fn chunk_hash(chunk: &[u8]) -> Hash {
    CHUNK_DOMAIN.hash(chunk)
}

/// The file of a chunk.
#[must_use]
pub fn chunk_path(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("chunk-{index:08}"))
}

/// Writes the manifest's file, after all chunks.
///
/// # Errors
/// `Fault::Io`.
pub fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<(), Fault> {
    folder::write_file(&folder.join(MANIFEST), &manifest.encode())?;
    folder::sync(folder)
}

/// The manifest of a folder; `None` without one.
///
/// # Errors
/// `Fault::Io`, or `Fault::Damaged` for a file that is none.
pub fn read_manifest(folder: &Path) -> Result<Option<Manifest>, Fault> {
    let path = folder.join(MANIFEST);
    let damaged = |reason: String| Fault::Damaged {
        place: path.display().to_string(),
        reason,
    };
    let action = || format!("reading {}", path.display());
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Fault::io(action())(error)),
        Ok(found) if found.len() > MANIFEST_BYTES_MAX => {
            return Err(damaged(format!("it has {} bytes", found.len())));
        }
        Ok(_) => {}
    }
    let bytes = std::fs::read(&path).map_err(Fault::io(action()))?;
    Manifest::read(&bytes)
        .map(Some)
        .map_err(|bad| damaged(bad.to_string()))
}

/// A chunk of a folder; `None` if it is missing.
///
/// # Errors
/// `Fault::Io`.
pub fn read_chunk(folder: &Path, index: usize) -> Result<Option<Vec<u8>>, Fault> {
    let path = chunk_path(folder, index);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::io(format!("reading {}", path.display()))(error)),
    }
}

/// Writes a state into `folder`, which it makes. `None` if `go_on` said no meanwhile: what was written
/// has no manifest then.
///
/// # Errors
/// Fault: the state cannot be read or the files not written.
pub fn write_state(
    state: &impl StateRead,
    header: &Header,
    folder: &Path,
    go_on: &dyn Fn() -> bool,
) -> Result<Option<Manifest>, Fault> {
    folder::make(folder)?;
    let (mut chunk, mut chunks) = (Vec::new(), Vec::new());
    let (mut entries, mut after) = (0_u64, Vec::new());
    let end = |chunk: &mut Vec<u8>, chunks: &mut Vec<Hash>| {
        folder::write_file(&chunk_path(folder, chunks.len()), chunk)?;
        chunks.push(chunk_hash(chunk));
        chunk.clear();
        Ok::<(), Fault>(())
    };
    loop {
        if !go_on() {
            return Ok(None);
        }
        let page = state.page(&[], &after, ENTRIES_READ)?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        for (key, value) in &page {
            key.encode_to(&mut chunk);
            value.as_ref().encode_to(&mut chunk);
            entries = entries.saturating_add(1);
            if chunk.len() >= CHUNK_BYTES {
                end(&mut chunk, &mut chunks)?;
            }
        }
    }
    if !chunk.is_empty() {
        end(&mut chunk, &mut chunks)?;
    }
    let manifest = Manifest {
        format: TRANSFER_FORMAT,
        header: header.clone(),
        entries,
        chunks,
    };
    write_manifest(folder, &manifest)?;
    Ok(Some(manifest))
}

/// The entries of a chunk, each greater than the one before, the first greater than `after`.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn entries(chunk: &[u8], after: &[u8]) -> Result<Vec<(Vec<u8>, Value)>, String> {
    let mut rest = chunk;
    let mut found: Vec<(Vec<u8>, Value)> = Vec::new();
    while !rest.is_empty() {
        let key = field(&mut rest, ROW_KEY_BYTES_MAX.saturating_sub(1))?;
        let value = field(&mut rest, LATEST_BYTES_MAX)?;
        let before = found.last().map_or(after, |(key, _)| key.as_slice());
        if key <= before {
            return Err(format!("entry {} does not ascend", found.len()));
        }
        found.push((key.to_vec(), value.into()));
    }
    Ok(found)
}

/// A length and so many bytes.
fn field<'a>(rest: &mut &'a [u8], bytes_max: usize) -> Result<&'a [u8], String> {
    let length = Compact::<u32>::decode(rest).map_err(|error| error.to_string())?;
    let length = usize::try_from(length.0).unwrap_or(usize::MAX);
    if length > bytes_max {
        return Err(format!("{length} bytes, at most {bytes_max} are allowed"));
    }
    let (bytes, behind) = rest
        .split_at_checked(length)
        .ok_or_else(|| format!("{length} bytes are announced, {} are left", rest.len()))?;
    *rest = behind;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::store::ROW_VALUE_BYTES_MAX;
    use crate::state::{Page, held};
    use weighhouse_primitives::hash::GenesisHash;
    use weighhouse_primitives::{BlockHash, Gas, Height, StateRoot, Timestamp};

    /// A state of so many entries with values of 16 KiB.
    struct Large(u16);

    impl StateRead for Large {
        fn get(&self, _: &[u8]) -> Result<Option<Value>, Fault> {
            Ok(None)
        }

        fn page(&self, _: &[u8], after: &[u8], limit: usize) -> Result<Page, Fault> {
            let keys = (0..self.0).map(|number| number.to_be_bytes().to_vec());
            Ok(keys
                .filter(|key| key.as_slice() > after)
                .take(limit)
                .map(|key| (key, Value::from(vec![7; 16 * 1024])))
                .collect())
        }
    }

    fn header() -> Header {
        Header {
            chain: GenesisHash::default(),
            protocol: 1,
            height: Height(9),
            previous: BlockHash::default(),
            time: Timestamp(1),
            tx_count: 0,
            tx_root: Hash::ZERO,
            receipts_root: Hash::ZERO,
            writes: Hash::ZERO,
            state_root: StateRoot::default(),
            gas_used: Gas::ZERO,
        }
    }

    /// Goal: a state goes out in bounded chunks and comes back whole; the same state gives the same files.
    #[test]
    fn a_state_goes_out_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        let written = write_state(&Large(600), &header(), &one, &|| true).unwrap();
        let written = written.unwrap();
        let again = write_state(&Large(600), &header(), &other, &|| true).unwrap();
        assert_eq!(Some(&written), again.as_ref());
        assert_eq!(read_manifest(&one).unwrap().unwrap(), written);
        assert_eq!((written.entries, written.chunks.len()), (600, 3));
        let (mut after, mut count) = (Vec::new(), 0);
        for (index, hash) in written.chunks.iter().enumerate() {
            let chunk = read_chunk(&one, index).unwrap().unwrap();
            assert!(chunk.len() <= CHUNK_BYTES_MAX && chunk_hash(&chunk) == *hash);
            let found = entries(&chunk, &after).unwrap();
            count += found.len();
            after = found.last().unwrap().0.clone();
        }
        assert_eq!(count, 600);
        assert!(read_chunk(&one, 3).unwrap().is_none());
        let stopped = write_state(&Large(1), &header(), &folder.path().join("x"), &|| false);
        assert!(stopped.unwrap().is_none() && read_manifest(folder.path()).unwrap().is_none());
    }

    /// Goal: bytes that are no entries, out of order or too long are refused, whoever sent them.
    #[test]
    fn entries_that_are_none_are_refused() {
        let pair = |key: &[u8], value: &[u8]| (key.to_vec(), value.to_vec()).encode();
        let good = [pair(b"a", b"1"), pair(b"b", b"")].concat();
        assert_eq!(entries(&good, b"").unwrap().len(), 2);
        assert!(entries(&good, b"a").is_err());
        assert!(entries(&[pair(b"b", b""), pair(b"b", b"")].concat(), b"").is_err());
        assert!(entries(&good[..good.len() - 1], b"").is_err());
        assert!(entries(&pair(&[1; ROW_KEY_BYTES_MAX], b""), b"").is_err());
        let longest = pair(b"a", &[1; LATEST_BYTES_MAX]);
        let (_, value) = entries(&longest, b"").unwrap().remove(0);
        assert_eq!(held::row_of(&value).len(), ROW_VALUE_BYTES_MAX);
        assert!(entries(&pair(b"a", &[1; LATEST_BYTES_MAX + 1]), b"").is_err());
        assert!(entries(&[0xfe, 0xff, 0xff, 0xff], b"").is_err());
    }

    /// Goal: a manifest is canonical, of this format, and names a bounded number of chunks.
    #[test]
    fn manifests_are_bounded() {
        let manifest = Manifest {
            format: TRANSFER_FORMAT,
            header: header(),
            entries: 1,
            chunks: vec![Hash::ZERO],
        };
        assert_eq!(Manifest::read(&manifest.encode()).unwrap(), manifest);
        let wrong = [
            Manifest {
                format: 2,
                ..manifest.clone()
            },
            Manifest {
                chunks: Vec::new(),
                ..manifest.clone()
            },
            Manifest {
                chunks: vec![Hash::ZERO; CHUNKS_MAX + 1],
                ..manifest.clone()
            },
        ];
        for wrong in wrong {
            assert!(Manifest::read(&wrong.encode()).is_err());
        }
        assert!(Manifest::read(&[manifest.encode(), vec![0]].concat()).is_err());
    }
}
