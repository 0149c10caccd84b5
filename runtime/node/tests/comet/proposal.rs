//! Proposers that break the rules, and what a node makes itself.

use crate::engine::{Block, Engine, bytes, commit, judge, prepare};
use bytes::Bytes;
use tendermint_proto::v0_38::abci::response::Value as Answer;
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_primitives::transaction::Authorization;
use weighhouse_primitives::{Action, Gas, Hash, Timestamp, Transaction};
use weighhouse_runtime::limits;

/// The signature of another transaction.
fn forged(engine: &Engine) -> Transaction {
    let mut forged = engine.call("alice", 900);
    forged.authorization = engine.call("alice", 901).authorization;
    forged
}

/// A transaction of the largest size; its code is no module, so that it fails and is consumed.
fn large(engine: &Engine, nonce: u64) -> Bytes {
    let upload = engine.sign("alice", |payload| {
        payload.nonce = nonce;
        payload.gas_limit = Gas(limits::TX_GAS_MAX);
        payload.action = Action::Upload {
            code: vec![0; limits::CODE_BYTES_MAX],
        };
    });
    bytes(&upload)
}

/// What a Byzantine proposer may put into a block, one by one.
fn hostile(engine: &Engine, committed: &Bytes) -> Vec<(&'static str, Vec<Bytes>)> {
    let good = bytes(&engine.call("bob", 500));
    let changed =
        |change: fn(&mut weighhouse_primitives::Payload)| bytes(&engine.sign("alice", change));
    let mut unsigned = engine.call("alice", 902);
    if let Authorization::Keys { signatures, .. } = &mut unsigned.authorization {
        signatures.clear();
    }
    let mut longer = good.to_vec();
    longer.push(0);
    vec![
        (
            "a forged signature",
            vec![good.clone(), bytes(&forged(engine))],
        ),
        ("no signature", vec![bytes(&unsigned)]),
        (
            "a replayed transaction",
            vec![good.clone(), committed.clone()],
        ),
        ("the same twice", vec![good.clone(), good.clone()]),
        (
            "expired",
            vec![changed(|payload| {
                payload.valid_until = Timestamp(1_800_000_000)
            })],
        ),
        (
            "valid too long",
            vec![changed(|payload| {
                payload.valid_until = Timestamp(1_900_000_000)
            })],
        ),
        (
            "gas above that of a transaction",
            vec![changed(|payload| {
                payload.gas_limit = Gas(limits::TX_GAS_MAX + 1)
            })],
        ),
        (
            "gas below what it costs to look at it",
            vec![changed(|payload| payload.gas_limit = Gas(1))],
        ),
        (
            "another chain",
            vec![changed(|payload| {
                payload.chain = GenesisHash(Hash([9; 32]))
            })],
        ),
        (
            "garbage",
            vec![good.clone(), Bytes::from_static(b"garbage")],
        ),
        ("nothing", vec![Bytes::new()]),
        ("a byte too many", vec![longer.into()]),
        (
            "bytes above those of a block",
            (0..9).map(|nonce| large(engine, 600 + nonce)).collect(),
        ),
    ]
}

/// Goal: a block with an invalid signature, a replayed transaction, or above a limit is refused as a whole;
/// the node goes on with the next.
#[tokio::test]
async fn tx_1_byzantine_proposals_are_refused() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    let committed = bytes(&engine.call("alice", 1));
    engine.decide(&mut node, vec![committed.clone()]).await;
    for (what, txs) in hostile(&engine, &committed) {
        let block = engine.next(txs);
        assert!(!judge(&mut node, &block).await, "{what}");
    }
    let good = vec![bytes(&engine.call("bob", 500)), large(&engine, 600)];
    engine.decide(&mut node, good).await;
    assert_eq!(engine.blocks.len(), 2);
}

/// Goal: what a node proposes itself is always valid: it leaves out what may not stand there, and respects
/// the engine's bound of bytes and its own.
#[tokio::test]
async fn proposals_leave_out_what_may_not_stand_there() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    let committed = bytes(&engine.call("alice", 1));
    engine.decide(&mut node, vec![committed.clone()]).await;
    let good = bytes(&engine.call("bob", 500));
    for (what, mut txs) in hostile(&engine, &committed) {
        txs.insert(0, good.clone());
        let block = prepare(&mut node, &engine.next(txs)).await;
        assert_eq!(block.txs.first(), Some(&good), "{what}");
        assert!(judge(&mut node, &block).await, "{what}");
    }
    let wanted = engine.next(
        (0..10)
            .map(|nonce| bytes(&engine.call("bob", nonce)))
            .collect(),
    );
    let one = i64::try_from(wanted.txs[0].len()).unwrap() + 3;
    for room in [0, one - 1, one, 3 * one, 100 * one] {
        let Answer::PrepareProposal(made) = node.ask(wanted.prepare(room)).await else {
            panic!("no proposal");
        };
        let expected = usize::try_from(room / one).unwrap().min(10);
        assert_eq!(made.txs, wanted.txs[..expected], "{room}");
    }
}

/// Goal: a decided block that breaks a rule stops the node (exit code 3), and nothing of it is written.
#[tokio::test]
async fn err_1_a_decided_invalid_block_stops_the_node() {
    for break_rule in [forged, |engine: &Engine| engine.call("alice", 1)] {
        let mut engine = Engine::new(&[]);
        let mut node = engine.start().await;
        engine.handshake(&mut node).await;
        let committed = bytes(&engine.call("alice", 1));
        engine.decide(&mut node, vec![committed]).await;
        let block: Block = engine.next(vec![bytes(&break_rule(&engine))]);
        // The answer may be cut off by the end of the node: the engine stops either way.
        node.send(&[block.finalize()]).await;
        let answer = node.receive().await;
        assert!(
            matches!(answer, None | Some(Answer::Exception(_))),
            "{answer:?}"
        );
        assert_eq!(engine.ended(), Some(3));
        let mut node = engine.start().await;
        assert_eq!(engine.handshake(&mut node).await, 1);
        let wanted = engine.next(vec![bytes(&engine.call("alice", 2))]);
        let good = prepare(&mut node, &wanted).await;
        engine.blocks.push(good.clone());
        engine.execute(&mut node, &good).await;
        commit(&mut node).await;
    }
}
