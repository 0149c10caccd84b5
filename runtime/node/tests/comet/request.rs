//! Every other request: the pool, queries, and what does not belong together.

use crate::engine::{Engine, bytes, check, init_chain};
use bytes::Bytes;
use parity_scale_codec::{Decode, Encode};
use tendermint_proto::v0_38::abci::request::Value as Ask;
use tendermint_proto::v0_38::abci::response::Value as Answer;
use tendermint_proto::v0_38::abci::{
    RequestCommit, RequestEcho, RequestExtendVote, RequestListSnapshots, RequestQuery,
    RequestVerifyVoteExtension, ResponseCheckTx, ResponseQuery,
};
use weighhouse_node::abci::frame::FRAME_BYTES_MAX;
use weighhouse_primitives::proof::StateProof;
use weighhouse_primitives::{Hash, Receipt, StateRoot};
use weighhouse_runtime::block::receipt_hash;

use crate::engine::Connection;

async fn checked(node: &mut Connection, ask: Ask) -> ResponseCheckTx {
    match node.ask(ask).await {
        Answer::CheckTx(done) => done,
        other => panic!("{other:?}"),
    }
}

async fn query(node: &mut Connection, path: &str, data: Vec<u8>, height: i64) -> ResponseQuery {
    let ask = Ask::Query(RequestQuery {
        path: path.into(),
        data: data.into(),
        height,
        prove: path == "/state",
    });
    match node.ask(ask).await {
        Answer::Query(done) => done,
        other => panic!("{other:?}"),
    }
}

/// Goal: transactions that arrive together are judged one by one, and a request between them keeps its place.
#[tokio::test]
async fn what_arrives_together_is_answered_in_order() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    let mut forged = engine.call("bob", 1);
    forged.authorization = engine.call("bob", 2).authorization;
    let mut asks = Vec::new();
    for nonce in 0..300 {
        let honest = nonce % 7 != 3;
        asks.push(match honest {
            true => check(&engine.call("alice", nonce), false),
            false => check(&forged, false),
        });
    }
    let echo = |message: &str| {
        Ask::Echo(RequestEcho {
            message: message.into(),
        })
    };
    asks.insert(150, echo("half"));
    asks.push(echo("end"));
    node.send(&asks).await;
    let mut number = 0;
    loop {
        match node.receive().await.unwrap() {
            Answer::CheckTx(done) => {
                let code = if number % 7 == 3 { 1001 } else { 0 };
                assert_eq!(done.code, code, "{number}: {done:?}");
                number += 1;
            }
            Answer::Echo(done) if done.message == "half" => assert_eq!(number, 150),
            Answer::Echo(_) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(number, 300);
}

/// Goal: `CheckTx` answers with the codes of the errors page; one signer does not fill the pool, and has room
/// again once the engine asks anew after a block.
#[tokio::test]
async fn the_pool_is_bounded_for_each_signer() {
    let mut engine = Engine::new(&["--set", "pool.per_signer_max=2"]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    let waiting: Vec<_> = (0..3).map(|nonce| engine.call("alice", nonce)).collect();
    for (place, code) in [0, 0, 1009].into_iter().enumerate() {
        let answer = checked(&mut node, check(&waiting[place], false)).await;
        assert_eq!(answer.code, code, "{answer:?}");
    }
    assert_eq!(
        checked(&mut node, check(&engine.call("bob", 0), false))
            .await
            .code,
        0
    );
    let mut forged = engine.call("bob", 1);
    forged.authorization = engine.call("bob", 2).authorization;
    assert_eq!(checked(&mut node, check(&forged, false)).await.code, 1001);
    engine.decide(&mut node, vec![bytes(&waiting[0])]).await;
    let replayed = checked(&mut node, check(&waiting[0], true)).await;
    assert_ne!(replayed.code, 0, "{replayed:?}");
    assert_eq!(checked(&mut node, check(&waiting[1], true)).await.code, 0);
    assert_eq!(checked(&mut node, check(&waiting[2], false)).await.code, 0);
    assert_eq!(
        checked(&mut node, check(&engine.call("alice", 3), false))
            .await
            .code,
        1009
    );
}

/// Goal: a query's proof holds under the app hash of its height and under no other; a receipt is the one
/// whose hash is in the block's results.
#[tokio::test]
async fn queries_are_proven_under_the_app_hash() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    let call = engine.call("alice", 1);
    engine.decide(&mut node, vec![bytes(&call)]).await;
    engine
        .decide(&mut node, vec![bytes(&engine.call("alice", 2))])
        .await;
    let root = |at: usize| StateRoot(Hash(engine.app_hashes[at].to_vec().try_into().unwrap()));
    // The chain policy is there, the other key is not.
    for (key, there) in [
        (vec![0x01], None),
        (weighhouse_runtime::state::key::policy(), Some(())),
    ] {
        for height in [0, 1, 2] {
            let found = query(&mut node, "/state", key.clone(), height).await;
            assert_eq!(found.code, 0, "{found:?}");
            let at = usize::try_from(found.height).unwrap();
            assert_eq!(
                at,
                if height == 0 {
                    2
                } else {
                    usize::try_from(height).unwrap()
                }
            );
            let proof = &found.proof_ops.unwrap().ops[0].data;
            let proof = StateProof::decode(&mut proof.as_slice()).unwrap();
            let value = there.map(|()| &*found.value);
            assert!(proof.verify(&root(at), &key, value));
            assert!(!proof.verify(&root(3 - at.max(1)), &key, value));
        }
    }
    let found = query(&mut node, "/tx", call.hash().0.0.to_vec(), 0).await;
    let receipt = Receipt::decode(&mut &*found.value).unwrap();
    assert_eq!(receipt.encode(), found.value);
    assert_eq!(
        engine.results[0].tx_results[0].data,
        receipt_hash(&receipt).0.to_vec()
    );
    for (path, data) in [("/tx", vec![1]), ("/tx", vec![1; 32]), ("/other", vec![])] {
        assert_ne!(query(&mut node, path, data, 0).await.code, 0);
    }
    assert_ne!(query(&mut node, "/state", vec![1], 99).await.code, 0);
}

/// Goal: an engine that does not belong to this chain, or is out of step, is refused, and the node is as
/// before.
#[tokio::test]
async fn what_is_out_of_step_is_refused() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    engine
        .decide(&mut node, vec![bytes(&engine.call("alice", 1))])
        .await;
    let mut ahead = engine.next(Vec::new());
    ahead.height += 1;
    let mut behind = ahead.clone();
    behind.height -= 2;
    let hash = engine.genesis.hash().to_string();
    for ask in [
        init_chain("0x00"),
        init_chain(&hash),
        ahead.finalize(),
        behind.finalize(),
        ahead.process(),
        ahead.prepare(1_000),
        Ask::Commit(RequestCommit {}),
    ] {
        let mut other = engine.connect().await;
        let answer = other.ask(ask.clone()).await;
        assert!(
            matches!(answer, Answer::Exception(_)),
            "{ask:?}: {answer:?}"
        );
    }
    engine
        .decide(&mut node, vec![bytes(&engine.call("alice", 2))])
        .await;
}

/// Goal: bytes that are no message end their connection and nothing else; the simple methods answer.
#[tokio::test]
async fn a_broken_connection_ends_alone() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    let mut length = Vec::new();
    prost::encoding::encode_varint(FRAME_BYTES_MAX + 1, &mut length);
    for garbage in [length.as_slice(), &[0xff; 32], &[b'G'; 100]] {
        let mut other = engine.connect().await;
        other.write(garbage).await;
        assert_eq!(other.receive().await, None);
    }
    let message = "there".to_owned();
    let echo = node.ask(Ask::Echo(RequestEcho { message })).await;
    assert!(matches!(echo, Answer::Echo(echo) if echo.message == "there"));
    let extend = node
        .ask(Ask::ExtendVote(RequestExtendVote::default()))
        .await;
    assert!(matches!(extend, Answer::ExtendVote(vote) if vote.vote_extension.is_empty()));
    for (extension, status) in [(Bytes::new(), 1), (Bytes::from_static(b"x"), 2)] {
        let ask = Ask::VerifyVoteExtension(RequestVerifyVoteExtension {
            vote_extension: extension,
            ..RequestVerifyVoteExtension::default()
        });
        let answer = node.ask(ask).await;
        assert!(matches!(answer, Answer::VerifyVoteExtension(done) if done.status == status));
    }
    let listed = node.ask(Ask::ListSnapshots(RequestListSnapshots {})).await;
    assert!(matches!(listed, Answer::ListSnapshots(listed) if listed.snapshots.is_empty()));
    engine.decide(&mut node, Vec::new()).await;
}
