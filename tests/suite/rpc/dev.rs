//! Dumps of a development network.

use super::rig::Rig;
use serde_json::{Value, json};
use weighhouse_primitives::Address;

/// Goal: a dump gives the same chain on another node of the same genesis; a dump of another chain, or
/// one with a changed block, is refused, and a refused one leaves the genesis state.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_is_loaded_elsewhere() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(10).await;
    rig.mint(bond, Address([7; 32])).await;
    let dump = rig.client.dev_dump().await.unwrap();
    let head = rig.client.chain_head().await.unwrap();
    let other = Rig::new().await;
    let load = json!({ "dump": dump });
    let loaded = other.client.request_raw("dev_load", &load).await.unwrap();
    assert_eq!(loaded["height"], json!(head.height));
    assert_eq!(other.client.chain_head().await.unwrap(), head);

    let mut changed = load.clone();
    let last = changed["dump"]["blocks"]
        .as_array_mut()
        .unwrap()
        .pop()
        .unwrap();
    let first = changed["dump"]["blocks"][0].clone();
    changed["dump"]["blocks"] = json!([first, last]);
    let refused = other.refusal("dev_load", changed).await;
    assert_eq!(refused.code, 1301, "{refused}");
    assert_eq!(other.client.chain_head().await.unwrap().height.0, 0);
    let mut foreign = load;
    foreign["dump"]["genesis_hash"] = Value::String(format!("0x{}", "11".repeat(32)));
    assert_eq!(other.refusal("dev_load", foreign).await.code, 1002);
    other.stop().await;
    rig.stop().await;
}

/// Goal: a solo node names no peers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_solo_node_has_no_peers() {
    let rig = Rig::new().await;
    assert!(rig.client.node_peers().await.unwrap().peers.is_empty());
    rig.stop().await;
}
