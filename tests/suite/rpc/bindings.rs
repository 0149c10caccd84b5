//! Generated client code, compiled and used against a node.

use super::bond::{Bond, Event, Refusal, types::Holding};
use super::rig::Rig;
use parity_scale_codec::Encode;
use weighhouse_node::bindings::{Language, generate};
use weighhouse_primitives::{Action, Address, Amount};
use weighhouse_rpc::api::tx::{ByHash, TxSimulate};
use weighhouse_rpc::client::{Ask, CallError};
use weighhouse_rpc::types::{At, Hex, OutcomeView};
use weighhouse_runtime::vm::code::Code;

const HOLDER: Address = Address([7; 32]);

/// Goal: the recorded bindings are what the generator makes of the bond of this checkout.
#[test]
fn recorded_bindings_are_up_to_date() {
    let code = Code::check(weighhouse_testkit::artifact("bond")).unwrap();
    let wanted = generate(Language::Rust, code.schema());
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("suite/rpc/bond.rs");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap();
    assert!(found == wanted, "cure: BLESS=1 cargo suite bindings");
}

/// Goal: typed queries, checks, calls, refusals and events of generated code say what the chain does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_code_talks_to_a_contract() {
    let mut rig = Rig::new().await;
    let code = rig.upload(weighhouse_testkit::artifact("bond")).await;
    let address = rig.deploy(code, Bond::open(Amount(10))).await;
    let bond = Bond::at(&rig.client, address).await.unwrap();
    let before = rig.client.chain_head().await.unwrap().height;
    let minted = rig.act(bond.mint(HOLDER, Amount(4))).await;

    let ask = Ask::default();
    assert_eq!(
        bond.balance_of(HOLDER, ask).await.unwrap().result,
        Amount(4)
    );
    let holders = bond.holders(None, 10, ask).await.unwrap().result;
    let (holder, amount) = (HOLDER, Amount(4));
    assert_eq!(holders, [Holding { holder, amount }]);
    let earlier = Ask {
        at: Some(At::Height(before.0)),
        ..ask
    };
    assert_eq!(bond.supply(earlier).await.unwrap().result, Amount(0));
    let as_holder = Ask {
        caller: Some(HOLDER),
        ..ask
    };
    let check = bond.check_transfer(address, Amount(5), as_holder).await;
    assert_eq!(check.unwrap().result, 200);

    let by_hash = ByHash { hash: minted };
    let status = rig.client.tx_get(&by_hash);
    let receipt = status.await.unwrap().receipt.unwrap();
    let event = &receipt.events[0];
    let (from, to) = (Address::ZERO, HOLDER);
    assert_eq!(
        Event::decode(event.kind, &event.raw.0),
        Some(Event::Transfer { from, to, amount })
    );
    let above = simulate(&mut rig, bond.mint(HOLDER, Amount(7))).await;
    let OutcomeView::Reverted { code, data, .. } = above else {
        panic!("expected a refusal, got {above:?}");
    };
    let cap = Amount(10);
    assert_eq!(
        Refusal::decode(code, &data.0),
        Some(Refusal::CapExceeded { cap })
    );
    rig.stop().await;
}

async fn simulate(rig: &mut Rig, action: Action) -> OutcomeView {
    let params = TxSimulate {
        tx: Some(Hex(rig.payload(action).encode())),
        ..TxSimulate::default()
    };
    rig.client.tx_simulate(&params).await.unwrap().outcome
}

/// Goal: bindings of one contract refuse another, instead of misreading its bytes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_schema_is_refused() {
    let mut rig = Rig::new().await;
    let address = rig.fixture("counted_loop", false).await;
    let refused = Bond::at(&rig.client, address).await;
    assert!(
        matches!(refused, Err(CallError::Interface { .. })),
        "{refused:?}"
    );
    rig.stop().await;
}
