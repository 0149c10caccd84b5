//! The whole server over a real chain in memory, seen through the typed client where it is built.

use super::*;
use crate::server::http::tests::Closed;
use std::collections::BTreeSet;
use weighhouse_primitives::Timestamp;
use weighhouse_runtime::{Chain, Genesis};

pub(in crate::server) fn development_chain() -> Chain {
    let genesis = Genesis::development(Timestamp(1_767_225_600));
    Chain::open(genesis, weighhouse_runtime::Settings::memory()).unwrap()
}

pub(in crate::server) fn service_over(chain: &Chain) -> Service {
    Service::new(Inner {
        genesis: chain.reader().genesis().hash(),
        reader: chain.reader(),
        submit: Arc::new(Closed),
        develop: None,
        feed: Feed::new(),
        codec: Codec::new(Prefix::new("whdev").unwrap()),
        workers: workers::Workers::start(1, 8).unwrap(),
        lanes: clients::Lanes::new(1).0,
        prover: prover::Prover::start().unwrap(),
        started: Instant::now(),
        version: "test".into(),
        snapshots: Default::default(),
    })
}

/// Goal: the document and the registered methods are the same set, with and without `dev_`.
#[test]
fn the_document_has_every_method() {
    for development in [false, true] {
        let methods = methods(service_over(&development_chain()), development).unwrap();
        let registered: BTreeSet<String> = methods.method_names().map(str::to_owned).collect();
        let document = openrpc::document(development);
        let mut described = BTreeSet::new();
        for method in document["methods"].as_array().unwrap() {
            described.insert(method["name"].as_str().unwrap().to_owned());
            let end = method["x-subscription"]["unsubscribe"].as_str();
            described.extend(end.map(str::to_owned));
        }
        assert_eq!(registered, described);
    }
}

/// Goal: what is known of an empty chain is answered; what is not there has its code.
#[cfg(feature = "client")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_chain_answers() {
    use crate::api::chain::ChainBlock;
    use crate::api::tx::{ByHash, TxSubmit, TxWait};
    use crate::client::Client;
    use crate::types::{At, Hex, TxState};

    let chain = development_chain();
    let backend = Backend {
        reader: chain.reader(),
        submit: Arc::new(Closed),
        develop: None,
        feed: Feed::new(),
        metrics: Metrics::new(),
        version: "test".into(),
    };
    let server = Server::start(Settings::loopback(0), backend).await.unwrap();
    let url = format!("http://{}/rpc", server.address());
    let client = Client::connect(&url).await.unwrap();
    assert_eq!(client.prefix().await.unwrap().as_str(), "whdev");
    let head = client.chain_head().await.unwrap();
    assert_eq!(head.height.0, 0);
    let latest = client.chain_block(&ChainBlock::default()).await.unwrap();
    assert_eq!(latest.header.hash, head.hash);
    let beyond = ChainBlock {
        height: Some(At::Height(9)),
        ..ChainBlock::default()
    };
    assert_eq!(
        client.chain_block(&beyond).await.unwrap_err().code(),
        Some(1201)
    );
    let hash = head.hash;
    let unknown = client.tx_get(&ByHash { hash }).await.unwrap();
    assert_eq!(unknown.status, TxState::Unknown);
    let wait = TxWait {
        hash,
        timeout_ms: Some(1),
    };
    assert_eq!(
        client.tx_wait(&wait).await.unwrap().status,
        TxState::Unknown
    );
    let garbage = TxSubmit {
        tx: Hex(vec![1, 2, 3]),
        client_ref: None,
    };
    assert_eq!(
        client.tx_submit(&garbage).await.unwrap_err().code(),
        Some(1301)
    );
    let answers = client.submit_many(&vec![garbage; 50]).await.unwrap();
    assert!(answers.len() == 50 && answers.iter().all(Result::is_err));
    assert!(client.node_status().await.unwrap().uptime_seconds.0 < 60);

    let socket = Client::websocket(&url.replace("http", "ws")).await.unwrap();
    let mut heads = socket
        .chain_subscribe_heads(&crate::api::NoParams {})
        .await
        .unwrap();
    drop(client);
    server.stop(Duration::from_secs(5)).await;
    assert!(heads.next().await.is_none());
}

/// Goal: work on a thread is paid by the time it took, by the client in whose name it runs and by no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_is_paid_by_its_time() {
    let mut settings = Settings::loopback(0);
    settings.rate = Rate {
        per_second: 1,
        burst: 100,
    };
    let clients = clients::Clients::new(&settings);
    let at = |last| clients.at([192, 0, 2, last].into());
    let service = service_over(&development_chain());
    let busy = |_: &Service| {
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(20) {
            std::hint::spin_loop();
        }
        Ok(())
    };
    clients::asking(at(1), None, service.execute(busy))
        .await
        .unwrap();
    clients::asking(at(2), None, service.look(busy))
        .await
        .unwrap();
    service.execute(busy).await.unwrap();
    assert!(at(1).pay(1).is_err() && at(2).pay(1).is_err());
    assert!(at(3).pay(100).is_ok());
}

#[cfg(feature = "client")]
mod access;
