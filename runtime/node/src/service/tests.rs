//! A whole node, asked over real sockets.

use super::*;
use weighhouse_rpc::api::dev::DevMine;
use weighhouse_rpc::client::Client;

fn genesis() -> Genesis {
    Genesis::development(Timestamp(1_768_197_600))
}

/// A devnet on a port of the system's choice answers, obeys its levers, writes its ready file and
/// removes it again when it stops.
#[tokio::test]
async fn a_devnet_answers_and_stops() {
    let folder = tempfile::tempdir().expect("a folder");
    let ready = folder.path().join("ready");
    std::fs::write(&ready, "http://127.0.0.1:1/rpc\n").expect("a stale file");
    let mut plan = Plan::devnet(genesis());
    plan.ready_file = Some(ready.clone());
    let service = Service::start(plan).await.expect("a node");
    let url = std::fs::read_to_string(&ready).expect("ready");
    assert_eq!(url.trim(), service.url());
    let client = Client::connect(url.trim()).await.expect("an answer");
    let mined = client.dev_mine(&DevMine { blocks: Some(2) }).await;
    assert_eq!(mined.expect("mined").height.0, 2);
    assert_eq!(client.chain_head().await.expect("a head").height.0, 2);
    let refused = client
        .dev_mine(&DevMine {
            blocks: Some(1_001),
        })
        .await;
    assert_eq!(refused.expect_err("too many").code(), Some(1401));
    drop(client);
    service.stop().await.expect("stopped well");
    assert!(!ready.exists());
}

/// A chain that is no development network has no levers, and starts again where it stopped.
#[tokio::test]
async fn a_production_node_has_no_levers() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut genesis = genesis();
    genesis.development = false;
    for height in [0, 1] {
        let plan = Plan::devnet(genesis.clone()).in_folder(folder.path().join("data"));
        let service = Service::start(plan).await.expect("a node");
        assert_eq!(service.reader().head().height.0, height);
        let client = Client::connect(&service.url()).await.expect("an answer");
        let refused = client.dev_mine(&DevMine { blocks: None }).await;
        assert_eq!(refused.expect_err("no such method").code(), Some(-32601));
        service.producer().mine(1).await.expect("a block");
        drop(client);
        service.stop().await.expect("stopped well");
    }
}

/// An address in use is a matter of usage, and the chain's folder is free again afterwards.
#[tokio::test]
async fn an_address_in_use_is_named() {
    let service = Service::start(Plan::devnet(genesis()))
        .await
        .expect("a node");
    let mut plan = Plan::devnet(genesis());
    plan.settings.listen = service.url()["http://".len()..]
        .trim_end_matches("/rpc")
        .parse()
        .expect("an address");
    let failure = Service::start(plan).await.expect_err("in use");
    assert_eq!(failure.exit(), crate::output::Exit::Usage);
    assert!(failure.what().starts_with("cannot listen on 127.0.0.1:"));
    service.stop().await.expect("stopped well");
}
