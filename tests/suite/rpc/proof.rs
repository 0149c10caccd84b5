//! Proofs about earlier states, checked as somebody would who trusts a block only.

use super::rig::Rig;
use parity_scale_codec::Decode;
use serde_json::{Value, json};
use weighhouse_primitives::proof::StateProof;
use weighhouse_primitives::{Header, StateRoot};
use weighhouse_rpc::types::{HashHex, Hex};
use weighhouse_testkit::Account;

fn bytes(value: &Value) -> Vec<u8> {
    value.as_str().unwrap().parse::<Hex>().unwrap().0
}

/// True if what the node answers about the supply follows from the root of the block at this height.
async fn holds(rig: &Rig, params: &Value) -> (Value, bool) {
    let entry = rig.client.request_raw("state_entry", params).await.unwrap();
    let proof = &entry["proof"];
    let block = json!({"height": proof["height"]});
    let block = rig.client.request_raw("chain_block", &block).await.unwrap();
    let root = block["header"]["state_root"].as_str().unwrap();
    let root = StateRoot(root.parse::<HashHex>().unwrap().0);
    let header = Header::decode(&mut &bytes(&proof["header"])[..]).unwrap();
    assert_eq!(header.state_root, root);
    let proof = StateProof::decode(&mut &bytes(&proof["proof"])[..]).unwrap();
    let raw = entry["raw"].as_str().map(|_| bytes(&entry["raw"]));
    let held = proof.verify(&root, &bytes(&entry["key"]), raw.as_deref());
    (entry, held)
}

/// Goal: at every height that is kept, a value and its absence can be proved under that block's root.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn earlier_states_are_proved() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(9).await;
    let first = rig.service.reader().head().height.0;
    for name in ["alice", "bob", "carol"] {
        rig.mint(bond, Account::new(name).address).await;
    }
    let address = rig.text(&bond).await;
    for (height, supply) in (first..).zip([Value::Null, "1".into(), "2".into(), "3".into()]) {
        let at = height.to_string();
        let params = json!({"address": address, "cell": "supply", "at": at, "proof": true});
        let (entry, held) = holds(&rig, &params).await;
        assert!(held, "{entry}");
        assert_eq!(
            (&entry["value"], &entry["proof"]["height"]),
            (&supply, &at.into())
        );
    }
    let params = json!({"address": address, "cell": "supply", "at": "99", "proof": true});
    assert_eq!(rig.refusal("state_entry", params).await.code, 1202);
    rig.stop().await;
}
