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

/// Goal: a message over a `WebSocket` counts against its client with all its bytes, be it blown up by spaces or no
/// request at all, until it is answered; at n and n+1.
#[tokio::test]
async fn messages_are_counted() {
    let server = start(|settings| settings.request_bytes_max = 1_024).await;
    let counted = |bytes: u64| {
        let clients = server.clients.clone();
        async move {
            while clients.body_bytes() != bytes {
                tokio::task::yield_now().await;
            }
        }
    };
    let mut socket = websocket(server.address).await;
    let blown_up = |call: &str| frame(&format!("{call:<1000}"));
    let waits = blown_up(&request("tx_wait").to_string());
    let length = u64::try_from(waits.len()).unwrap();
    for number in 1..=16 {
        socket.write_all(&waits).await.unwrap();
        counted(number * length).await;
    }
    for (sent, code) in [
        (blown_up(&request("chain_head").to_string()), 1403),
        (blown_up(&json!([request("chain_head")]).to_string()), 1403),
        (blown_up("garbage"), -32700),
    ] {
        socket.write_all(&sent).await.unwrap();
        let answer = message(&mut socket).await;
        let answer = answer.get(0).unwrap_or(&answer);
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
    counted(16 * length).await;
    drop(socket);
    counted(0).await;
    let mut socket = websocket(server.address).await;
    socket
        .write_all(&blown_up(&request("chain_head").to_string()))
        .await
        .unwrap();
    assert_eq!(message(&mut socket).await["result"]["height"], "7");
}

/// Goal: answers that nobody reads count against their client, over a `WebSocket` and over HTTP, and more of them
/// are refused; read, they count no more.
#[tokio::test]
async fn unread_answers_are_counted() {
    const CALLS: usize = 60;
    let server = start(|settings| settings.response_bytes_max = 4 * 1024 * 1024).await;
    let mut socket = websocket(server.address).await;
    let calls = frame(&request("chain_block").to_string()).repeat(CALLS);
    socket.write_all(&calls).await.unwrap();
    let all = format!("weighhouse_rpc_call_seconds_count{{method=\"chain_block\"}} {CALLS}\n");
    while !server.metrics.text().contains(&all) {
        tokio::task::yield_now().await;
    }
    let mut refused = 0;
    for _ in 0..CALLS {
        let answer = message(&mut socket).await;
        match answer["error"]["code"].as_i64() {
            None => assert!(answer["result"].is_string()),
            Some(code) => {
                assert_eq!(code, 1403);
                refused += 1;
            }
        }
    }
    // Fifteen wait, with their envelopes, beside what the system holds for the reader.
    assert!(refused > 0 && refused <= CALLS - 15, "{refused}");
    while server.clients.answer_bytes() > 0 {
        tokio::task::yield_now().await;
    }
    let client = server.clients.at([127, 0, 0, 1].into());
    let held = server.clients.answer(&client, 15 * 1024 * 1024).unwrap();
    let call = request("chain_block").to_string();
    let (status, said) = ask(server.address, POST, &call).await;
    assert_eq!(status, 429, "{said}");
    assert!(said.contains("wait to be read"), "{said}");
    drop(held);
    assert_eq!(ask(server.address, POST, &call).await.0, 200);
    while server.clients.answer_bytes() > 0 {
        tokio::task::yield_now().await;
    }
}

/// Goal: a message that is much longer than one may be ends its connection at once; nothing of it is kept.
#[tokio::test]
async fn messages_are_bounded() {
    let server = start(|_| {}).await;
    let mut socket = websocket(server.address).await;
    let length = u64::from(u32::MAX);
    let mut head = vec![0x81, 0x80 | 127];
    head.extend(length.to_be_bytes());
    head.extend([0; 4]);
    socket.write_all(&head).await.unwrap();
    let block = vec![b' '; 64 * 1024];
    let sent = async {
        let mut sent = 0;
        while socket.write_all(&block).await.is_ok() {
            sent += block.len();
        }
        sent
    };
    let sent = tokio::time::timeout(Duration::from_secs(60), sent).await;
    assert!(sent.unwrap() < 100 * 1024 * 1024, "it goes on");
    server.connections.all_closed().await;
    assert_eq!(server.clients.body_bytes(), 0);
}
