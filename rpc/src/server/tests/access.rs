//! TLS and API keys, with the typed client over real sockets.

use super::*;
use crate::client::{Access, Client};
use crate::server::keys::KEY_BYTES;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Goal: over HTTPS and WSS a client with the right authority and key is served; without either it is not, and in
/// clear nobody is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_and_keys_let_in_who_has_both() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/tls");
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("node.key");
    std::fs::copy(fixtures.join("node.key"), &secret).unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let chain = development_chain();
    let backend = Backend {
        reader: chain.reader(),
        submit: Arc::new(Closed),
        develop: None,
        feed: Feed::new(),
        metrics: Metrics::new(),
        version: "test".into(),
    };
    let (key, line) = ApiKeys::make("bank-a", &[1; KEY_BYTES]);
    let mut settings = Settings::loopback(0);
    settings.tls = Some(Tls::load(&fixtures.join("node.pem"), &secret).unwrap());
    settings.api_keys = ApiKeys::parse(&line).unwrap();
    let server = Server::start(settings, backend).await.unwrap();
    let at = server.address();
    let authority = std::fs::read(fixtures.join("ca.pem")).unwrap();
    let believing = Access::default().believing(&authority).unwrap();
    let access = believing.clone().presenting(&key).unwrap();
    assert!(!format!("{access:?}").contains("whk_"));

    for (scheme, clear) in [("https", "http"), ("wss", "ws")] {
        let (url, clear) = (
            format!("{scheme}://{at}/rpc"),
            format!("{clear}://{at}/rpc"),
        );
        let client = Client::connect_with(&url, &access).await.unwrap();
        assert_eq!(client.chain_head().await.unwrap().height.0, 0);
        let error = Client::connect_with(&url, &believing).await.unwrap_err();
        assert!(error.is_transport(), "no key: {error}");
        let stranger = Access::default().presenting(&key).unwrap();
        assert!(
            Client::connect_with(&url, &stranger).await.is_err(),
            "unknown authority"
        );
        assert!(
            Client::connect_with(&clear, &access).await.is_err(),
            "{clear}"
        );
    }
    assert!(Access::default().believing(b"nothing").is_err());
    assert!(Access::default().presenting("a\nb").is_err());
    server.stop(Duration::from_secs(5)).await;
}
