//! Code that comes in a block, not from a user of this node.

use crate::engine::{Engine, PATIENCE, bytes, commit, judge, look_again};
use std::time::Instant;
use weighhouse_node::library;
use weighhouse_primitives::{Action, Gas};
use weighhouse_runtime::limits;

/// Compiled modules in the node's folder.
fn compiled(engine: &Engine) -> usize {
    let entries = std::fs::read_dir(engine.data().join("code")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name());
    names.filter(|name| name != "secret").count()
}

/// Goal: code that another validator's user uploaded is compiled once its block is judged, or decided unseen,
/// before anybody calls it.
#[tokio::test]
async fn uploads_of_others_are_compiled_ahead() {
    let mut engine = Engine::new(&[]);
    let mut node = engine.start().await;
    engine.handshake(&mut node).await;
    assert_eq!(compiled(&engine), 0);
    for (judged, name) in [(true, "bond"), (false, "participants")] {
        let upload = engine.sign("alice", |payload| {
            payload.gas_limit = Gas(limits::TX_GAS_MAX);
            payload.action = Action::Upload {
                code: library::find(name).unwrap().wasm.to_vec(),
            };
        });
        let before = compiled(&engine);
        let block = engine.next(vec![bytes(&upload)]);
        if judged {
            assert!(judge(&mut node, &block).await);
        } else {
            engine.blocks.push(block.clone());
            engine.execute(&mut node, &block).await;
            commit(&mut node).await;
        }
        let until = Instant::now() + PATIENCE;
        while compiled(&engine) == before {
            assert!(Instant::now() < until, "{name} is not compiled");
            look_again().await;
        }
    }
}
