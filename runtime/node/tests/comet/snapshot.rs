//! State sync: snapshots are given, offered, checked and started from; whatever is wrong with one is refused.

use crate::engine::{Connection, Engine, PATIENCE, bytes, look_again};
use bytes::Bytes;
use parity_scale_codec::Encode;
use std::time::Instant;
use tendermint_proto::v0_38::abci::request::Value as Ask;
use tendermint_proto::v0_38::abci::response::Value as Answer;
use tendermint_proto::v0_38::abci::response_apply_snapshot_chunk::Result as Applied;
use tendermint_proto::v0_38::abci::response_offer_snapshot::Result as Offered;
use tendermint_proto::v0_38::abci::{
    RequestApplySnapshotChunk, RequestInfo, RequestListSnapshots, RequestLoadSnapshotChunk,
    RequestOfferSnapshot, ResponseApplySnapshotChunk, Snapshot,
};
use weighhouse_runtime::state::transfer::{Manifest, chunk_hash};

/// Blocks between two snapshots.
const EVERY: i64 = 4;

async fn list(node: &mut Connection) -> Vec<Snapshot> {
    match node.ask(Ask::ListSnapshots(RequestListSnapshots {})).await {
        Answer::ListSnapshots(listed) => listed.snapshots,
        other => panic!("{other:?}"),
    }
}

async fn load(node: &mut Connection, snapshot: &Snapshot, chunk: u32) -> Bytes {
    let ask = RequestLoadSnapshotChunk {
        height: snapshot.height,
        format: snapshot.format,
        chunk,
    };
    match node.ask(Ask::LoadSnapshotChunk(ask)).await {
        Answer::LoadSnapshotChunk(loaded) => loaded.chunk,
        other => panic!("{other:?}"),
    }
}

async fn offer(node: &mut Connection, snapshot: &Snapshot, app_hash: &Bytes) -> Offered {
    let ask = RequestOfferSnapshot {
        snapshot: Some(snapshot.clone()),
        app_hash: app_hash.clone(),
    };
    match node.ask(Ask::OfferSnapshot(ask)).await {
        Answer::OfferSnapshot(done) => done.result(),
        other => panic!("{other:?}"),
    }
}

async fn apply(node: &mut Connection, index: u32, chunk: Bytes) -> ResponseApplySnapshotChunk {
    let ask = RequestApplySnapshotChunk {
        index,
        chunk,
        sender: "mallory".into(),
    };
    match node.ask(Ask::ApplySnapshotChunk(ask)).await {
        Answer::ApplySnapshotChunk(done) => done,
        other => panic!("{other:?}"),
    }
}

async fn height(node: &mut Connection) -> i64 {
    match node.ask(Ask::Info(RequestInfo::default())).await {
        Answer::Info(info) => info.last_block_height,
        other => panic!("{other:?}"),
    }
}

/// A chain of ten blocks, and the snapshot of its eighth.
async fn giver() -> (Engine, Connection, Snapshot) {
    let every = format!("consensus.snapshot_interval={EVERY}");
    let mut engine = Engine::new(&["--set", &every, "--set", "consensus.snapshots_kept=1"]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    let until = Instant::now() + PATIENCE;
    for nonce in 0..10 {
        let txs = vec![bytes(&engine.call("alice", nonce))];
        engine.decide(&mut node, txs).await;
        // One is taken at a time: the next may fall due meanwhile.
        while i64::try_from(engine.blocks.len()).unwrap() % EVERY == 0
            && list(&mut node).await.first().map(|one| one.height)
                != u64::try_from(engine.blocks.len()).ok()
        {
            assert!(Instant::now() < until, "no snapshot");
            look_again().await;
        }
    }
    let listed = list(&mut node).await;
    assert_eq!(listed.len(), 1, "as many as are to be kept");
    assert_eq!(listed[0].height, 8);
    (engine, node, listed[0].clone())
}

/// A fresh node of the same chain, whose engine has the same blocks.
async fn taker(giver: &Engine) -> (Engine, Connection) {
    let mut engine = Engine::new(&[]);
    engine.blocks = giver.blocks.clone();
    engine.app_hashes = giver.app_hashes.clone();
    engine.results = giver.results.clone();
    let node = engine.start().await;
    (engine, node)
}

/// A snapshot that states the right root, and names another chunk.
fn forged(snapshot: &Snapshot, chunk: &[u8]) -> Snapshot {
    let mut manifest = Manifest::read(&snapshot.metadata).unwrap();
    manifest.chunks = vec![chunk_hash(chunk)];
    Snapshot {
        hash: Bytes::copy_from_slice(manifest.hash().as_bytes()),
        metadata: manifest.encode().into(),
        ..snapshot.clone()
    }
}

/// Goal: a snapshot is taken as set, and a fresh node starts from it, goes on with the same results, and is
/// where it was after a restart; a node with blocks takes none.
#[tokio::test]
async fn a_fresh_node_starts_from_a_snapshot() {
    let (giver, mut giving, snapshot) = giver().await;
    let (mut taker, mut node) = taker(&giver).await;
    let app_hash = &giver.app_hashes[8];
    assert_eq!(offer(&mut node, &snapshot, app_hash).await, Offered::Accept);
    for index in 0..snapshot.chunks {
        let chunk = load(&mut giving, &snapshot, index).await;
        let applied = apply(&mut node, index, chunk).await;
        assert_eq!(applied.result(), Applied::Accept);
    }
    // CometBFT checks it the same way, and hands over what follows.
    assert_eq!(taker.handshake(&mut node).await, 8);
    taker.kill();
    let mut node = taker.start().await;
    assert_eq!(taker.handshake(&mut node).await, 10);
    assert!(
        load(&mut giving, &snapshot, snapshot.chunks)
            .await
            .is_empty()
    );
    assert_eq!(offer(&mut node, &snapshot, app_hash).await, Offered::Abort);
}

/// Goal: a snapshot of another state, format or shape is refused; a tampered chunk is refused and asked for
/// again from somebody else; chunks that are as named but of another state reject the snapshot. Killed in
/// the middle, the node starts anew. After all of that it takes the right one.
#[tokio::test]
async fn what_is_wrong_with_a_snapshot_is_refused() {
    let (giver, mut giving, snapshot) = giver().await;
    let (mut taker, mut node) = taker(&giver).await;
    let (right, other) = (&giver.app_hashes[8], &giver.app_hashes[7]);
    let chunk = load(&mut giving, &snapshot, 0).await;
    assert_eq!(offer(&mut node, &snapshot, other).await, Offered::Reject);
    let mut wrong = snapshot.clone();
    wrong.format = 2;
    assert_eq!(offer(&mut node, &wrong, right).await, Offered::RejectFormat);
    for spoil in [
        |one: &mut Snapshot| one.hash = vec![0; 32].into(),
        |one: &mut Snapshot| one.height += 1,
        |one: &mut Snapshot| one.chunks += 1,
        |one: &mut Snapshot| one.metadata = vec![1, 2, 3].into(),
    ] {
        let mut wrong = snapshot.clone();
        spoil(&mut wrong);
        assert_eq!(offer(&mut node, &wrong, right).await, Offered::Reject);
    }
    let early = apply(&mut node, 0, chunk.clone()).await;
    assert_eq!(early.result(), Applied::Abort);

    assert_eq!(offer(&mut node, &snapshot, right).await, Offered::Accept);
    let mut tampered = chunk.to_vec();
    tampered[40] ^= 1;
    let refused = apply(&mut node, 0, tampered.into()).await;
    assert_eq!(refused.result(), Applied::Retry);
    assert_eq!(refused.refetch_chunks, [0]);
    assert_eq!(refused.reject_senders, ["mallory"]);
    taker.kill();
    let mut node = taker.start().await;
    assert_eq!(height(&mut node).await, 0);
    assert!(!taker.data().join("base.new").exists());

    let mut tampered = chunk.to_vec();
    *tampered.last_mut().unwrap() ^= 1;
    let forged = forged(&snapshot, &tampered);
    assert_eq!(offer(&mut node, &forged, right).await, Offered::Accept);
    let refused = apply(&mut node, 0, tampered.into()).await;
    assert_eq!(refused.result(), Applied::RejectSnapshot);
    assert_eq!(height(&mut node).await, 0);

    assert_eq!(offer(&mut node, &snapshot, right).await, Offered::Accept);
    assert_eq!(apply(&mut node, 0, chunk).await.result(), Applied::Accept);
    assert_eq!(taker.handshake(&mut node).await, 8);
}
