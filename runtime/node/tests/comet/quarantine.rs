//! A transaction that ended the node twice, on the way of blocks that others order.

use crate::engine::{Engine, bytes, check, commit, judge, prepare};
use std::process::Command;
use tendermint_proto::v0_38::abci::response::Value as Answer;
use weighhouse_primitives::TxHash;

impl Engine {
    /// What a process leaves in the folder that ends while it executes a transaction.
    fn leave_executing(&self, hash: &TxHash) {
        std::fs::write(self.data().join("executing"), hash.0.as_bytes()).unwrap();
    }

    fn release(&self, hash: &TxHash) {
        let released = Command::new(env!("CARGO_BIN_EXE_weighhouse"))
            .args(["node", "quarantine", "--release", &hash.to_string()])
            .arg("--folder")
            .arg(self.folder())
            .output();
        let released = released.unwrap();
        assert!(released.status.success(), "{released:?}");
    }

    fn quarantine(&self) -> String {
        std::fs::read_to_string(self.data().join("quarantine.txt")).unwrap()
    }
}

/// Goal: what ended the node once is executed again, one by one, and acquitted; what ended it twice enters no
/// pool, is not proposed and is voted against. A block that holds it and is decided all the same stops the node
/// (exit code 3) with a message that names it and what to do; once it is released, the chain goes on.
#[tokio::test]
async fn err_1_a_decided_block_with_a_quarantined_transaction_stops_the_node() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    let (bad, good, suspect) = (
        engine.call("alice", 1),
        engine.call("alice", 2),
        engine.call("alice", 3),
    );
    engine.kill();
    engine.leave_executing(&suspect.hash());
    for _ in 0..2 {
        let mut node = engine.start().await;
        engine.handshake(&mut node).await;
        engine.kill();
        engine.leave_executing(&bad.hash());
    }
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    assert!(engine.quarantine().contains("suspect 0x"));
    // Neither pool, nor proposal, nor vote.
    let Answer::CheckTx(checked) = node.ask(check(&bad, false)).await else {
        panic!("no answer");
    };
    assert_eq!(checked.code, 1014, "{checked:?}");
    let wanted = engine.next(vec![bytes(&good), bytes(&bad)]);
    let proposed = prepare(&mut node, &wanted).await;
    assert_eq!(proposed.txs, [bytes(&good)]);
    assert!(!judge(&mut node, &wanted).await);
    // A suspect is executed with its block, and is none any more.
    let block = engine.next(vec![bytes(&good), bytes(&suspect)]);
    assert!(judge(&mut node, &block).await);
    assert_eq!(engine.quarantine(), format!("quarantined {}\n", bad.hash()));
    engine.blocks.push(block.clone());
    engine.execute(&mut node, &block).await;
    commit(&mut node).await;
    // Decided all the same.
    let block = engine.next(vec![bytes(&engine.call("bob", 4)), bytes(&bad)]);
    node.send(&[block.finalize()]).await;
    let answer = node.receive().await;
    assert!(
        matches!(answer, None | Some(Answer::Exception(_))),
        "{answer:?}"
    );
    assert_eq!(engine.ended(), Some(3));
    let said = engine.said();
    for part in [
        &*format!("block {} is decided", block.height),
        &*bad.hash().to_string(),
        "node quarantine --folder DIR --release",
        "state sync",
    ] {
        assert!(said.contains(part), "{said}");
    }
    // Released, as the message says.
    engine.release(&bad.hash());
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    engine.blocks.push(block.clone());
    engine.execute(&mut node, &block).await;
    commit(&mut node).await;
    assert_eq!(engine.blocks.len(), 2);
}
