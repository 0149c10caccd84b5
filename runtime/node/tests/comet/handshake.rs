//! The node is killed at every point of a height, and the handshake brings it back.

use crate::engine::{Block, Connection, Engine, bytes, commit, judge, prepare, sizes};
use tendermint_proto::v0_38::abci::request::Value as Ask;
use tendermint_proto::v0_38::abci::{RequestCommit, RequestFlush};

/// Where the node is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kill {
    BeforeAnything,
    AfterPrepare,
    AfterProcess,
    InFinalize,
    AfterFinalize,
    AfterSecondFinalize,
    InCommit,
    AfterCommit,
}

/// True where the block was decided: the engine keeps it and replays it.
fn is_decided(kill: Kill) -> bool {
    !matches!(
        kill,
        Kill::BeforeAnything | Kill::AfterPrepare | Kill::AfterProcess
    )
}

/// Takes a block as far as `kill` says; the engine keeps it once it is decided.
async fn walk(engine: &mut Engine, node: &mut Connection, wanted: &Block, kill: Kill) {
    if kill == Kill::BeforeAnything {
        return;
    }
    let block = prepare(node, wanted).await;
    if kill == Kill::AfterPrepare {
        return;
    }
    assert!(judge(node, &block).await);
    if kill == Kill::AfterProcess {
        return;
    }
    engine.blocks.push(block.clone());
    if kill == Kill::InFinalize {
        node.send(&[block.finalize()]).await;
        return;
    }
    engine.execute(node, &block).await;
    match kill {
        Kill::AfterFinalize => {}
        Kill::AfterSecondFinalize => engine.execute(node, &block).await,
        Kill::InCommit => {
            node.send(&[Ask::Commit(RequestCommit {}), Ask::Flush(RequestFlush {})])
                .await
        }
        _ => commit(node).await,
    }
}

/// Goal: wherever the node is killed in a height, the next start and the handshake give the same chain,
/// with each decided block executed to the same results. STATE-2: nothing is written before Commit.
#[tokio::test]
async fn state_2_the_handshake_recovers_from_a_kill_anywhere() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    assert_eq!(engine.handshake(&mut node).await, 0);
    let mut nonce = 0;
    for kill in [
        Kill::BeforeAnything,
        Kill::AfterPrepare,
        Kill::AfterProcess,
        Kill::InFinalize,
        Kill::AfterFinalize,
        Kill::AfterSecondFinalize,
        Kill::InCommit,
        Kill::AfterCommit,
    ] {
        nonce += 2;
        let txs = vec![
            bytes(&engine.call("alice", nonce)),
            bytes(&engine.call("bob", nonce + 1)),
        ];
        let wanted = engine.next(txs.clone());
        let before = engine.blocks.len();
        walk(&mut engine, &mut node, &wanted, kill).await;
        engine.kill();
        let mut again = engine.start().await;
        let found = usize::try_from(engine.handshake(&mut again).await).unwrap();
        match kill {
            Kill::InCommit => assert!(found == before || found == before + 1, "{kill:?}"),
            Kill::AfterCommit => assert_eq!(found, before + 1, "{kill:?}"),
            _ => assert_eq!(found, before, "{kill:?}"),
        }
        if !is_decided(kill) {
            // It is still worth a block.
            engine.decide(&mut again, txs).await;
        }
        node = again;
    }
    assert_eq!(engine.blocks.len(), 8);
    let mut distinct = engine.app_hashes.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 9, "each block changed the state");
}

/// Goal: a node whose data is gone is brought back from the first block, to the same roots and results.
#[tokio::test]
async fn a_node_without_data_replays_everything() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    for nonce in 0..5 {
        let txs = vec![bytes(&engine.call("alice", nonce))];
        engine.decide(&mut node, txs).await;
        engine.decide(&mut node, Vec::new()).await;
    }
    engine.kill();
    std::fs::remove_dir_all(engine.data()).unwrap();
    let mut node = engine.start().await;
    assert_eq!(engine.handshake(&mut node).await, 0);
    assert_eq!(engine.app_hashes.len(), 11);
}

/// Goal: rounds that fail leave nothing behind: other blocks may be proposed, judged and finalized before
/// the one that is committed, and no file changes until then (STATE-2).
#[tokio::test]
async fn state_2_rounds_leave_nothing_behind() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    let empty = Vec::new();
    engine.decide(&mut node, empty).await;
    let [first, second] = [1, 2].map(|nonce| {
        let txs = vec![bytes(&engine.call("alice", nonce))];
        engine.next(txs)
    });
    // The note of what is being executed is for the next start of a node that ends meanwhile.
    let quiet = |engine: &Engine| -> Vec<_> {
        let all = sizes(&engine.data()).into_iter();
        all.filter(|(path, _)| {
            path.ends_with("log") || path.components().any(|part| part.as_os_str() == "log")
        })
        .collect()
    };
    let before = quiet(&engine);
    assert!(!before.is_empty());
    for _ in 0..2 {
        for block in [&first, &second] {
            assert_eq!(prepare(&mut node, block).await.txs, block.txs);
            assert!(judge(&mut node, block).await);
        }
    }
    let finalized = [
        node.ask(second.finalize()).await,
        node.ask(first.finalize()).await,
        node.ask(second.finalize()).await,
    ];
    assert_eq!(finalized[0], finalized[2]);
    assert_ne!(finalized[0], finalized[1]);
    assert_eq!(quiet(&engine), before);
    engine.blocks.push(first.clone());
    engine.execute(&mut node, &first).await;
    commit(&mut node).await;
    engine.kill();
    let mut node = engine.start().await;
    assert_eq!(engine.handshake(&mut node).await, 2);
}

/// Goal: a node that has a block of a network does not go on by itself (exit code 2).
#[tokio::test]
async fn a_node_of_a_network_is_not_started_solo() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    engine.decide(&mut node, Vec::new()).await;
    engine.kill();
    assert_eq!(engine.start_solo(), Some(2));
    let mut node = engine.start().await;
    assert_eq!(engine.handshake(&mut node).await, 1);
}
