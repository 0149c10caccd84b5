//! Every code of the error table, provoked over the wire. A test is named after its code.

use super::rig::Rig;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use weighhouse_node::block_mode::BlockMode;
use weighhouse_primitives::policy::{Access, Quota};
use weighhouse_primitives::transaction::KeySignature;
use weighhouse_primitives::{
    Action, Address, Authorization, Gas, Payload, Signature, Timestamp, Transaction,
    hash::GenesisHash,
};
use weighhouse_rpc::api::tx::TxSubmit;
use weighhouse_rpc::error::TABLE;
use weighhouse_rpc::types::Hex;
use weighhouse_runtime::limits;
use weighhouse_testkit::world::START;

/// Codes that a solo node has no way to answer with, and why. Their form is tested where they are made.
const NOT_HERE: [(i32, &str); 5] = [
    (
        -32603,
        "a fault of this node: err_1_faults_leak_nothing makes one",
    ),
    (
        1003,
        "what was executed is answered `known`: refusals_have_their_codes makes one",
    ),
    (1204, "the index is written with the block"),
    (1501, "a solo node follows nobody"),
    (1503, "a halted producer: a_panic_stops_the_node makes one"),
];

/// Goal: every code is provoked by a test that is named after it, or the reason why not is here.
#[test]
fn every_code_is_provoked() {
    let source = include_str!("code.rs");
    let reasons: BTreeMap<i32, &str> = NOT_HERE.into_iter().collect();
    for row in TABLE {
        let test = format!("fn code_{}_{}()", row.code.unsigned_abs(), row.name);
        let there = source.contains(&test);
        assert!(there != reasons.contains_key(&row.code), "{test}");
    }
}

/// An action that costs little and changes nothing: a call of nobody.
fn nothing() -> Action {
    Action::Call {
        contract: Address([9; 32]),
        input: vec![0; 4],
    }
}

/// The code that the issuer's transaction is refused with, after `change`.
async fn refused(rig: &mut Rig, change: impl FnOnce(&mut Payload)) -> Option<i32> {
    let mut payload = rig.payload(nothing());
    change(&mut payload);
    rig.rejection(&rig.issuer.sign(payload)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_32700_parse() {
    let rig = Rig::new().await;
    for body in ["{", "", "nonsense"] {
        assert_eq!(rig.post(body).await["error"]["code"], -32700, "{body:?}");
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_32600_request() {
    let rig = Rig::new().await;
    for body in [
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"id":1,"method":7}"#,
        "[]",
    ] {
        assert_eq!(rig.post(body).await["error"]["code"], -32600, "{body}");
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_32601_method() {
    let rig = Rig::new().await;
    let error = rig.refusal("chain_haed", json!({})).await;
    assert_eq!(error.code, -32601);
    assert_eq!(error.field("nearest").unwrap()[0], "chain_head");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_32602_params() {
    let rig = Rig::new().await;
    let error = rig.refusal("tx_submit", json!({"tx": "beef"})).await;
    assert_eq!(
        (error.code, error.field("path")),
        (-32602, Some(&"tx".into()))
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1001_bad_signature() {
    let mut rig = Rig::new().await;
    let payload = rig.payload(nothing());
    let policy = rig.issuer.policy().clone();
    let signature = Signature([1; 64]);
    let signatures = vec![KeySignature { key: 0, signature }];
    let authorization = Authorization::Keys { policy, signatures };
    let forged = Transaction {
        payload,
        authorization,
    };
    assert_eq!(rig.rejection(&forged).await, Some(1001));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1002_wrong_chain() {
    let mut rig = Rig::new().await;
    let code = refused(&mut rig, |payload| payload.chain = GenesisHash::default()).await;
    assert_eq!(code, Some(1002));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1004_valid_too_long() {
    let mut rig = Rig::new().await;
    let late = Timestamp(START.0 + limits::VALIDITY_SECONDS_MAX + 1);
    let code = refused(&mut rig, |payload| payload.valid_until = late).await;
    assert_eq!(code, Some(1004));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1005_expired() {
    let mut rig = Rig::new().await;
    let early = Timestamp(START.0 - 1);
    let code = refused(&mut rig, |payload| payload.valid_until = early).await;
    assert_eq!(code, Some(1005));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1006_gas_limit_too_low() {
    let mut rig = Rig::new().await;
    let code = refused(&mut rig, |payload| payload.gas_limit = Gas(1)).await;
    assert_eq!(code, Some(1006));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1007_over_quota() {
    let quota = Quota {
        window_seconds: 3_600,
        gas: Gas(1_000),
    };
    let mut rig = Rig::with(|plan| plan.genesis.policy.quota = Some(quota)).await;
    assert_eq!(refused(&mut rig, |_| {}).await, Some(1007));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1008_too_large() {
    let mut rig = Rig::new().await;
    let code = vec![0; limits::CODE_BYTES_MAX + 8 * 1024];
    let payload = rig.payload(Action::Upload { code });
    assert_eq!(rig.rejection(&rig.issuer.sign(payload)).await, Some(1008));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1009_pool_full() {
    let mut rig = Rig::with(|plan| {
        plan.settings.pool.transactions_max = 1;
        plan.settings.blocks = BlockMode::Manual;
    })
    .await;
    assert_eq!(refused(&mut rig, |_| {}).await, None);
    assert_eq!(refused(&mut rig, |_| {}).await, Some(1009));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1010_not_authorised() {
    let nobody = Access::Listed([Address([3; 32])].into());
    let mut rig = Rig::with(|plan| plan.genesis.policy.submit = nobody).await;
    assert_eq!(refused(&mut rig, |_| {}).await, Some(1010));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1011_ref_conflict() {
    let mut rig = Rig::new().await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        let payload = rig.payload(nothing());
        let signed = rig.issuer.sign(payload);
        let params = TxSubmit {
            tx: Hex(parity_scale_codec::Encode::encode(&signed)),
            client_ref: Some("inv-7".into()),
        };
        let sent = rig.client.tx_submit(&params).await;
        codes.push(sent.err().and_then(|error| error.code()));
    }
    assert_eq!(codes, [None, Some(1011)]);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1012_gas_limit_too_high() {
    let mut rig = Rig::new().await;
    let high = Gas(limits::TX_GAS_MAX + 1);
    let code = refused(&mut rig, |payload| payload.gas_limit = high).await;
    assert_eq!(code, Some(1012));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1013_bad_code() {
    let mut rig = Rig::new().await;
    let code = b"\0asm and nothing else".to_vec();
    let payload = rig.payload(Action::Upload { code });
    assert_eq!(rig.rejection(&rig.issuer.sign(payload)).await, Some(1013));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1014_quarantined() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut rig = Rig::with(|plan| plan.data = Some(data.clone())).await;
    let payload = rig.payload(nothing());
    let signed = rig.issuer.sign(payload);
    rig.stop().await;
    let list = format!("quarantined {}\n", signed.hash());
    std::fs::write(data.join("quarantine.txt"), list).unwrap();
    let rig = Rig::with(|plan| plan.data = Some(data.clone())).await;
    assert_eq!(rig.rejection(&signed).await, Some(1014));
    rig.stop().await;
}

/// What the query `run` of a contract is refused with.
async fn queried(rig: &Rig, address: &Address) -> weighhouse_rpc::error::ErrorBody {
    let params = json!({"address": rig.text(address).await, "entry_point": "run"});
    rig.refusal("contract_query", params).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1101_reverted() {
    // Answers with a refusal of code 7: the byte 1, then the code.
    const REFUSES: &str = r#"(module
      (memory (export "memory") 1)
      (global (export "wh_io") i32 (i32.const 1024))
      (data (i32.const 8) "\01\07\00")
      (func (export "wh_call") (param i32) (result i64) i64.const 34359738371)
      (@custom "wh.schema" "\1cfixture\041\00\04\0crun\ca\4e\cd\2a\02\00\00\00\00\00"))"#;
    let mut rig = Rig::new().await;
    let contract = rig.module(REFUSES).await;
    let error = queried(&rig, &contract).await;
    assert_eq!(
        (error.code, error.field("code")),
        (1101, Some(&7.into())),
        "{error}"
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1102_halted() {
    let mut rig = Rig::new().await;
    let contract = rig.fixture("unreachable", true).await;
    let error = queried(&rig, &contract).await;
    assert_eq!(error.code, 1102, "{error}");
    assert!(error.field("reason").is_some());
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1201_not_found() {
    let rig = Rig::new().await;
    let address = rig.text(&Address([9; 32])).await;
    let error = rig
        .refusal("contract_info", json!({"address": address}))
        .await;
    assert_eq!(
        (error.code, error.field("what")),
        (1201, Some(&"contract".into()))
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1202_height_unavailable() {
    let rig = Rig::new().await;
    let address = rig.text(&Address([9; 32])).await;
    let params = json!({"address": address, "at": "99"});
    let error = rig.refusal("state_account", params).await;
    assert_eq!(
        (error.code, error.field("latest")),
        (1202, Some(&"0".into())),
        "{error}"
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1301_bad_argument() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(1).await;
    let args = json!({"holder": "nobody"});
    let params =
        json!({"address": rig.text(&bond).await, "entry_point": "balance_of", "args": args});
    let error = rig.refusal("contract_query", params).await;
    assert_eq!(
        (error.code, error.field("path")),
        (1301, Some(&"args.holder".into()))
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1302_unknown_name() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(1).await;
    let params = json!({"address": rig.text(&bond).await, "entry_point": "balance_off"});
    let error = rig.refusal("contract_query", params).await;
    assert_eq!(error.code, 1302);
    assert_eq!(error.field("nearest").unwrap()[0], "balance_of");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1303_wrong_prefix() {
    let rig = Rig::new().await;
    let foreign = weighhouse_rpc::address::Prefix::new("wh").unwrap();
    let address = foreign.format(&Address([9; 32]));
    let error = rig
        .refusal("contract_info", json!({"address": address}))
        .await;
    assert_eq!(
        (error.code, error.field("expected")),
        (1303, Some(&"whdev".into()))
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1401_too_many() {
    let rig = Rig::new().await;
    let error = rig.refusal("contract_list", json!({"limit": 101})).await;
    assert_eq!(
        (error.code, error.field("limit")),
        (1401, Some(&100.into()))
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1402_query_gas() {
    let mut rig = Rig::new().await;
    let contract = rig.fixture("endless_loop", true).await;
    assert_eq!(queried(&rig, &contract).await.code, 1402);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1403_rate() {
    let mut rig = Rig::with(|plan| plan.settings.query_threads = 1).await;
    let contract = rig.fixture("endless_loop", true).await;
    let params = json!({"address": rig.text(&contract).await, "entry_point": "run"});
    // More than one thread works on and its queue holds; each takes a while.
    let asked: Vec<_> = (0..80)
        .map(|_| {
            let (client, params) = (rig.client.clone(), params.clone());
            tokio::spawn(async move { client.request_raw("contract_query", &params).await })
        })
        .collect();
    let mut codes = BTreeMap::<Option<i32>, usize>::new();
    for one in asked {
        let answer: Result<Value, _> = one.await.unwrap();
        *codes.entry(answer.unwrap_err().code()).or_default() += 1;
    }
    assert!(codes.contains_key(&Some(1403)), "{codes:?}");
    assert!(codes.contains_key(&Some(1402)), "{codes:?}");
    assert_eq!(codes.len(), 2, "{codes:?}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1404_cursor_invalid() {
    let rig = Rig::new().await;
    for method in [
        "event_list",
        "tx_list",
        "contract_list",
        "chain_blocks",
        "tx_pending",
    ] {
        let error = rig.refusal(method, json!({"cursor": "?"})).await;
        assert_eq!(error.code, 1404, "{method}");
        assert_eq!(error.field("path"), Some(&"cursor".into()), "{method}");
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1203_no_schema() {
    let mut rig = Rig::new().await;
    let contract = rig.fixture("host_call", true).await;
    let token = rig.text(&contract).await;
    let error = rig.refusal("index_holders", json!({"token": token})).await;
    assert_eq!(
        (error.code, error.field("what")),
        (1203, Some(&"holders".into()))
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1405_use_websocket() {
    let rig = Rig::new().await;
    for method in ["event_subscribe", "tx_subscribe", "chain_subscribe_heads"] {
        assert_eq!(rig.refusal(method, json!({})).await.code, 1405, "{method}");
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_1502_read_only() {
    let mut rig = Rig::new().await;
    rig.service.producer().stop();
    rig.service.producer().ended().await;
    assert_eq!(refused(&mut rig, |_| {}).await, Some(1502));
    rig.stop().await;
}
