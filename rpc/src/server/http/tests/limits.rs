//! What a client may spend and hold, over real sockets.

use super::*;
use crate::server::keys::{ApiKeys, KEY_BYTES};
use crate::server::settings::Rate;

/// A bucket that does not fill while a test runs.
fn bucket(burst: u32) -> Rate {
    Rate {
        per_second: 1,
        burst,
    }
}

/// Goal: calls pay their row of the table, a batch the sum of its calls at once, and who has spent all is refused
/// with 1403 and the time to wait; another client is not.
#[tokio::test]
async fn calls_pay_and_are_refused() {
    let server = start(|settings| {
        settings.rate = bucket(5);
        settings.limits_loopback = true;
    })
    .await;
    let batch = |count: usize| Value::Array(vec![request("chain_head"); count]);
    let answers = call(server.address, &batch(3)).await;
    assert!(answers[2]["result"].is_object(), "{answers}");
    let refused = call(server.address, &batch(3)).await;
    assert_eq!(refused.as_array().map(Vec::len), Some(3));
    for answer in refused.as_array().unwrap() {
        let error = &answer["error"];
        assert_eq!(error["code"], 1403, "{refused}");
        assert!(error["data"]["retry_after_ms"].as_u64() > Some(0));
    }
    for _ in 0..2 {
        let answer = call(server.address, &request("chain_head")).await;
        assert!(answer["result"].is_object(), "{answer}");
    }
    let refused = call(server.address, &request("chain_head")).await;
    assert_eq!(refused["error"]["code"], 1403);
    let text = server.metrics.text();
    assert!(
        text.contains("{method=\"chain_head\",code=\"1403\"} 4"),
        "{text}"
    );
    let other = ask_from([127, 0, 0, 2], server.address, &request("chain_head")).await;
    assert!(other.contains("\"result\""), "{other}");
}

/// Asks from an address of one's own.
async fn ask_from(from: [u8; 4], to: SocketAddr, request: &Value) -> String {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    let body = request.to_string();
    let length = body.len();
    let text = format!("{POST}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

/// Goal: with keys, who has none is refused everything but /health; each key has a bucket of its own, wherever it
/// comes from, and figures name its name.
#[tokio::test]
async fn keys_are_asked_for() {
    let (one, first) = ApiKeys::make("bank-a", &[1; KEY_BYTES]);
    let (two, second) = ApiKeys::make("bank-b", &[2; KEY_BYTES]);
    let server = start(|settings| {
        settings.api_keys = ApiKeys::parse(&format!("{first}\n{second}")).unwrap();
        settings.key_rate = bucket(2);
        settings.rate = bucket(1);
    })
    .await;
    let body = request("chain_head").to_string();
    let with = |head: &str, key: &str| format!("{head}\r\nAuthorization: Bearer {key}");
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost");
    let ws = format!(
        "{}\r\nUpgrade: websocket\r\nConnection: Upgrade",
        get("/rpc")
    );
    for head in [
        POST,
        &with(POST, "whk_00"),
        &ws,
        &get("/metrics"),
        &get("/ready"),
        &get("/"),
    ] {
        let (status, said) = ask(server.address, head, &body).await;
        assert_eq!(status, 401, "{head}");
        assert!(said.contains("Authorization: Bearer"), "{said}");
    }
    assert_eq!(ask(server.address, &get("/health"), "").await.0, 200);
    for (key, code) in [(&one, None), (&one, None), (&one, Some(1403)), (&two, None)] {
        let (status, said) = ask(server.address, &with(POST, key), &body).await;
        assert_eq!(status, 200);
        let answer: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(answer["error"]["code"].as_i64(), code, "{said}");
    }
    let (_, figures) = ask(server.address, &with(&get("/metrics"), &two), "").await;
    for line in [
        "weighhouse_rpc_key_units_total{key=\"bank-a\"} 2",
        "weighhouse_rpc_key_units_total{key=\"bank-b\"} 1",
        "weighhouse_rpc_key_refused_total{key=\"bank-a\"} 1",
    ] {
        assert!(
            figures.lines().any(|found| found == line),
            "{line}\n{figures}"
        );
    }
    assert!(!figures.contains("whk_"));
}

/// Goal: somebody who holds every connection keeps nobody out, be they silent, or halfway through a head or body.
#[tokio::test]
async fn held_connections_give_way() {
    let server = start(|settings| settings.connections_max = 3).await;
    let mut held = Vec::new();
    for part in [
        "",
        "POST /rpc HT",
        &format!("{POST}\r\nContent-Length: 100\r\n\r\n{{"),
    ] {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        socket.write_all(part.as_bytes()).await.unwrap();
        held.push(socket);
    }
    while server.connections.count() < 3 {
        tokio::task::yield_now().await;
    }
    for _ in 0..4 {
        let answer = ask_from([127, 0, 0, 2], server.address, &request("chain_head")).await;
        assert!(answer.contains("\"result\""), "{answer}");
    }
    let mut rest = Vec::new();
    let first = held.first_mut().unwrap().read_to_end(&mut rest).await;
    assert!(first.is_err() || rest.is_empty(), "it was closed");
}

/// Goal: a head that does not come ends its connection.
#[tokio::test]
async fn slow_heads_are_given_up() {
    let server = start(|settings| settings.head_timeout = Duration::from_millis(20)).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket
        .write_all(b"POST /rpc HTTP/1.1\r\nHost: lo")
        .await
        .unwrap();
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest).await;
    server.connections.all_closed().await;
}

/// Goal: a quarter of an address's connections may be `WebSocket`s, and one more is told so.
#[tokio::test]
async fn websockets_are_limited() {
    let server = start(|settings| settings.connections_per_ip_max = 8).await;
    let head = "GET /rpc HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut held = Vec::new();
    for expected in ["HTTP/1.1 101", "HTTP/1.1 101", "HTTP/1.1 429"] {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        socket.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), expected);
        held.push(socket);
    }
}

/// Goal: bodies that are under way count against their client, and are given back.
#[tokio::test]
async fn bodies_under_way_are_counted() {
    let server = start(|settings| settings.request_bytes_max = 1_024).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let half = format!("{POST}\r\nContent-Length: 1000\r\n\r\n{}", " ".repeat(500));
    socket.write_all(half.as_bytes()).await.unwrap();
    while server.clients.body_bytes() < 500 {
        tokio::task::yield_now().await;
    }
    drop(socket);
    while server.clients.body_bytes() > 0 {
        tokio::task::yield_now().await;
    }
    let body = request("chain_head").to_string();
    assert_eq!(ask(server.address, POST, &body).await.0, 200);
    assert_eq!(server.clients.body_bytes(), 0);
}
