//! A snapshot that others give to this node: offered, received in chunks, checked, started from.
//!
//! CometBFT has found the app hash of the snapshot's height with its light client before it offers one
//! here. The snapshot names its chunks by hash: a chunk of another hash is not kept, is asked for once
//! more, and its sender is not asked again. When all are there, the chain computes the root of what it got
//! ([`Chain::restore`](weighhouse_runtime::Chain::restore)); if that is not the app hash, the snapshot is
//! rejected and the chain is as it was.
//!
//! Until then everything is in `data/base.new`, which is removed at each start.

use super::snapshots::told;
use crate::output::chain_of;
use crate::solo::Producer;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tendermint_proto::v0_38::abci::response_apply_snapshot_chunk::Result as Applied;
use tendermint_proto::v0_38::abci::response_offer_snapshot::Result as Offered;
use tendermint_proto::v0_38::abci::{
    RequestApplySnapshotChunk, RequestOfferSnapshot, ResponseApplySnapshotChunk,
};
use tokio::sync::Mutex;
use weighhouse_primitives::Hash;
use weighhouse_runtime::state::transfer::{
    self, CHUNK_BYTES_MAX, Manifest, TRANSFER_FORMAT, chunk_hash,
};
use weighhouse_runtime::{Fault, RECEIVED, folder};

/// What is being received.
#[derive(Debug)]
struct Receiving {
    chunks: Vec<Hash>,
    missing: BTreeSet<usize>,
}

/// The receiving side of one node.
#[derive(Debug)]
pub(super) struct Restore {
    folder: Option<PathBuf>,
    receiving: Mutex<Option<Receiving>>,
}

/// What became of a chunk.
#[derive(Debug, PartialEq, Eq)]
enum Received {
    /// It was not asked for.
    Unknown,
    /// It is not what the snapshot names.
    Other,
    /// It is kept, others are missing.
    Kept,
    /// It was the last one.
    Whole,
}

impl Restore {
    pub(super) fn new(data: Option<&Path>) -> Self {
        Self {
            folder: data.map(|data| data.join(RECEIVED)),
            receiving: Mutex::default(),
        }
    }

    /// Is a snapshot of that app hash wanted?
    pub(super) async fn offer(
        &self,
        producer: &Producer,
        asked: &RequestOfferSnapshot,
    ) -> Result<Offered, Fault> {
        let mut receiving = self.receiving.lock().await;
        *receiving = None;
        let reader = producer.reader();
        let head = reader.head().height;
        // Blocks of its own, or nowhere to keep a state: this chain does not start from a snapshot.
        let Some(folder) = self
            .folder
            .as_ref()
            .filter(|_| head < reader.oldest_block())
        else {
            tracing::error!(height = %head, "no snapshot is taken in: this chain has blocks already");
            return Ok(Offered::Abort);
        };
        let Some(snapshot) = &asked.snapshot else {
            return Ok(Offered::Reject);
        };
        if snapshot.format != TRANSFER_FORMAT {
            return Ok(Offered::RejectFormat);
        }
        let manifest = match Manifest::read(&snapshot.metadata) {
            Ok(manifest) if told(&manifest) == *snapshot => manifest,
            Ok(_) | Err(_) => return Ok(Offered::Reject),
        };
        let header = &manifest.header;
        let fits = header.state_root.0.as_bytes().as_slice() == &*asked.app_hash
            && header.chain == reader.genesis().hash()
            && header.protocol == reader.genesis().protocol;
        if !fits {
            tracing::warn!(height = %header.height, "an offered snapshot is not of this chain's state");
            return Ok(Offered::Reject);
        }
        folder::remove(folder)?;
        folder::make(folder)?;
        transfer::write_manifest(folder, &manifest)?;
        tracing::info!(height = %header.height, chunks = manifest.chunks.len(), "a snapshot is received");
        *receiving = Some(Receiving {
            missing: (0..manifest.chunks.len()).collect(),
            chunks: manifest.chunks,
        });
        Ok(Offered::Accept)
    }

    /// Takes a chunk; after the last one the chain starts from the snapshot.
    pub(super) async fn apply(
        &self,
        producer: &Producer,
        asked: RequestApplySnapshotChunk,
    ) -> Result<ResponseApplySnapshotChunk, super::application::Refused> {
        let mut receiving = self.receiving.lock().await;
        let (Some(state), Some(folder)) = (receiving.as_mut(), &self.folder) else {
            return Ok(answer(Applied::Abort));
        };
        match state.keep(folder, &asked)? {
            Received::Unknown => Ok(answer(Applied::Abort)),
            Received::Other => {
                let RequestApplySnapshotChunk { index, sender, .. } = asked;
                tracing::warn!(
                    index,
                    sender,
                    "a chunk is not what the snapshot names: refused"
                );
                Ok(ResponseApplySnapshotChunk {
                    result: Applied::Retry.into(),
                    refetch_chunks: vec![index],
                    reject_senders: if sender.is_empty() {
                        Vec::new()
                    } else {
                        vec![sender]
                    },
                })
            }
            Received::Kept => Ok(answer(Applied::Accept)),
            Received::Whole => {
                *receiving = None;
                match producer.restore(folder.clone()).await? {
                    Ok(height) => {
                        tracing::info!(%height, "this chain starts from a snapshot");
                        Ok(answer(Applied::Accept))
                    }
                    Err(bad) => {
                        tracing::error!(error = chain_of(&bad), "a snapshot is refused");
                        folder::remove(folder)?;
                        Ok(answer(Applied::RejectSnapshot))
                    }
                }
            }
        }
    }
}

impl Receiving {
    fn keep(
        &mut self,
        folder: &Path,
        asked: &RequestApplySnapshotChunk,
    ) -> Result<Received, Fault> {
        let index = usize::try_from(asked.index).unwrap_or(usize::MAX);
        let Some(hash) = self.chunks.get(index) else {
            return Ok(Received::Unknown);
        };
        if asked.chunk.len() > CHUNK_BYTES_MAX || chunk_hash(&asked.chunk) != *hash {
            return Ok(Received::Other);
        }
        if self.missing.remove(&index) {
            folder::write_file(&transfer::chunk_path(folder, index), &asked.chunk)?;
        }
        match self.missing.is_empty() {
            true => Ok(Received::Whole),
            false => Ok(Received::Kept),
        }
    }
}

fn answer(result: Applied) -> ResponseApplySnapshotChunk {
    ResponseApplySnapshotChunk {
        result: result.into(),
        ..ResponseApplySnapshotChunk::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(index: u32, bytes: &'static [u8]) -> RequestApplySnapshotChunk {
        RequestApplySnapshotChunk {
            index,
            chunk: bytes.into(),
            sender: "peer".into(),
        }
    }

    /// Goal: chunks are kept in any order, once each, and only as named.
    #[test]
    fn chunks_are_known_by_their_hashes() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut receiving = Receiving {
            chunks: vec![chunk_hash(b"one"), chunk_hash(b"two")],
            missing: [0, 1].into(),
        };
        let mut keep = |asked| receiving.keep(folder.path(), &asked).expect("no fault");
        assert_eq!(keep(chunk(1, b"one")), Received::Other);
        assert_eq!(keep(chunk(2, b"one")), Received::Unknown);
        assert_eq!(keep(chunk(1, b"two")), Received::Kept);
        assert_eq!(keep(chunk(1, b"two")), Received::Kept);
        assert_eq!(keep(chunk(0, b"One")), Received::Other);
        assert_eq!(keep(chunk(0, b"one")), Received::Whole);
    }
}
