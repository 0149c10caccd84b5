//! Proofs about earlier states, checked as somebody would who trusts a block only.

use super::rig::Rig;
use serde_json::{Value, json};
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::proof::StateProof;
use weighhouse_primitives::{Header, StateRoot};
use weighhouse_rpc::types::{HashHex, Hex};
use weighhouse_testkit::Account;

fn bytes(value: &Value) -> Vec<u8> {
    value.as_str().unwrap().parse::<Hex>().unwrap().0
}

/// What the node answers about the supply, and the root of the block at the height that it names.
struct Shown {
    entry: Value,
    root: StateRoot,
    key: Vec<u8>,
    value: Option<Vec<u8>>,
    proof: StateProof,
}

impl Shown {
    async fn ask(rig: &Rig, params: &Value) -> Self {
        let entry = rig.client.request_raw("state_entry", params).await.unwrap();
        let height = json!({"height": entry["proof"]["height"]});
        let block = rig
            .client
            .request_raw("chain_block", &height)
            .await
            .unwrap();
        let root = block["header"]["state_root"].as_str().unwrap();
        let root = StateRoot(root.parse::<HashHex>().unwrap().0);
        let header: Header = decode_canonical(&bytes(&entry["proof"]["header"])).unwrap();
        assert_eq!(header.state_root, root);
        let proof = decode_canonical(&bytes(&entry["proof"]["proof"])).unwrap();
        let (key, raw) = (bytes(&entry["key"]), &entry["raw"]);
        Self {
            value: raw.as_str().map(|_| bytes(raw)),
            entry,
            root,
            key,
            proof,
        }
    }

    /// True if this value follows from the root by the proof.
    fn proves(&self, value: Option<&[u8]>) -> bool {
        self.proof.verify(&self.root, &self.key, value)
    }
}

/// Goal: at every height that is kept, a value and its absence can be proved under that block's root, by
/// somebody without a node, and no value of another height can.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn earlier_states_are_proved() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(9).await;
    let first = rig.service.reader().head().height.0;
    for name in ["alice", "bob", "carol"] {
        rig.mint(bond, Account::new(name).address).await;
    }
    let address = rig.text(&bond).await;
    let mut all = Vec::new();
    for (height, supply) in (first..).zip([Value::Null, "1".into(), "2".into(), "3".into()]) {
        let at = height.to_string();
        let params = json!({"address": address, "cell": "supply", "at": at, "proof": true});
        let shown = Shown::ask(&rig, &params).await;
        assert_eq!(
            (&shown.entry["value"], &shown.entry["proof"]["height"]),
            (&supply, &at.into())
        );
        all.push(shown);
    }
    for (one, shown) in all.iter().enumerate() {
        for (other, told) in all.iter().enumerate() {
            let held = shown.proves(told.value.as_deref());
            assert_eq!(held, one == other, "{} {}", shown.entry, told.entry);
            let elsewhere = shown
                .proof
                .verify(&told.root, &shown.key, shown.value.as_deref());
            assert_eq!(elsewhere, one == other, "another block's root");
        }
    }
    let params = json!({"address": address, "cell": "supply", "at": "99", "proof": true});
    assert_eq!(rig.refusal("state_entry", params).await.code, 1202);
    rig.stop().await;
}
