//! Transactions given in together.

use super::rig::Rig;
use parity_scale_codec::Encode;
use serde_json::{Value, json};
use weighhouse_node::block_mode::BlockMode;
use weighhouse_primitives::{Action, Address, Authorization};
use weighhouse_rpc::types::{HashHex, Hex};

/// Goal: the signatures of a batch are checked together, but its answers stand in its order, one wrong
/// signature refuses one transaction, and the rest waits in the order in which it was given in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_keeps_its_order() {
    let mut rig = Rig::with(|plan| plan.settings.blocks = BlockMode::Manual).await;
    let (mut calls, mut expected) = (Vec::new(), Vec::new());
    for id in 0..50 {
        let payload = rig.payload(Action::Call {
            contract: Address([9; 32]),
            input: vec![0; 4],
        });
        let mut signed = rig.issuer.sign(payload);
        if id == 33 {
            let Authorization::Keys { signatures, .. } = &mut signed.authorization else {
                panic!()
            };
            signatures[0].signature.0[3] ^= 1;
        } else {
            expected.push(json!(HashHex::from(signed.hash())));
        }
        let params = json!({ "tx": Hex(signed.encode()) });
        calls.push(json!({"jsonrpc": "2.0", "id": id, "method": "tx_submit", "params": params}));
    }
    let answers = rig.post(&Value::Array(calls).to_string()).await;
    let answers = answers.as_array().unwrap();
    let mut accepted = Vec::new();
    for (id, answer) in answers.iter().enumerate() {
        assert_eq!(answer["id"], id);
        match id {
            33 => assert_eq!(answer["error"]["code"], 1001, "{answer}"),
            _ => accepted.push(answer["result"]["hash"].clone()),
        }
    }
    assert_eq!(accepted, expected);
    let limit = json!({ "limit": 100 });
    let pending = rig.client.request_raw("tx_pending", &limit).await.unwrap();
    let items = pending["items"].as_array().unwrap();
    let waiting: Vec<Value> = items.iter().map(|one| one["hash"].clone()).collect();
    assert_eq!(waiting, expected);
    rig.stop().await;
}
