//! The listener over real sockets, with methods that need no chain.

use super::*;
use crate::server::backend::PoolError;
use crate::server::connections::Bounds;
use crate::types::{PoolStatus, SubmittedAs};
use jsonrpsee::RpcModule;
use jsonrpsee::server::{ServerHandle, stop_channel};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use weighhouse_primitives::{Address, Timestamp, TxHash};
use weighhouse_runtime::Admitted;

mod limits;

/// A node that takes nothing: what the listener itself asks is only whether it is ready.
#[derive(Debug)]
pub(in crate::server) struct Closed;

impl Submit for Closed {
    fn submit(&self, _: Admitted, _: Option<String>) -> Result<SubmittedAs, PoolError> {
        self.ready().map(|()| SubmittedAs::Known)
    }

    fn pending(&self, _: &TxHash) -> Option<Admitted> {
        None
    }

    fn pending_page(&self, _: Option<&Address>, _: Option<u64>, _: usize) -> Vec<(u64, Admitted)> {
        Vec::new()
    }

    fn by_ref(&self, _: &Address, _: &str) -> Option<TxHash> {
        None
    }

    fn status(&self) -> PoolStatus {
        PoolStatus::default()
    }

    fn next_time(&self) -> Timestamp {
        Timestamp(0)
    }

    fn ready(&self) -> Result<(), PoolError> {
        Err(PoolError::ReadOnly { reason: "a test" })
    }
}

struct Running {
    address: SocketAddr,
    connections: Connections,
    clients: Clients,
    metrics: Metrics,
    handle: ServerHandle,
}

async fn start(change: impl FnOnce(&mut Settings)) -> Running {
    let mut settings = Settings::loopback(0);
    change(&mut settings);
    let mut module = RpcModule::new(());
    module
        .register_method("chain_head", |_, (), _| json!({ "height": "7" }))
        .unwrap();
    // One that answers much, and one that never does.
    module
        .register_method("chain_block", |_, (), _| "b".repeat(1024 * 1024))
        .unwrap();
    module
        .register_async_method("tx_wait", |_, _, _| std::future::pending::<Value>())
        .unwrap();
    let (stop, handle) = stop_channel();
    let connections = Connections::new(Bounds::new(
        settings.connections_max,
        settings.connections_per_ip_max,
    ));
    let clients = Clients::new(&settings);
    let metrics = Metrics::new();
    let socket = TcpListener::bind(settings.listen).await.unwrap();
    let address = socket.local_addr().unwrap();
    let listener = Listener {
        filter: Filter::new(&settings),
        methods: module.into(),
        names: Names::new(false),
        metrics: metrics.clone(),
        submit: Arc::new(Closed),
        connections: connections.clone(),
        clients: clients.clone(),
        openrpc: Bytes::from_static(b"{}"),
        stop,
        sessions: AtomicU32::new(0),
        settings,
    };
    tokio::spawn(Arc::new(listener).run(socket));
    Running {
        address,
        connections,
        clients,
        metrics,
        handle,
    }
}

/// Sends a request with the given head lines and body; gives status and body of the answer.
async fn ask(address: SocketAddr, head: &str, body: &str) -> (u16, String) {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!("{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // A refused connection may be reset while its answer is being read.
    let _ = socket.read_to_string(&mut answer).await;
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    let body = answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned());
    (status.unwrap_or(0), body.unwrap_or_default())
}

const POST: &str = "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";

async fn call(address: SocketAddr, request: &Value) -> Value {
    let (status, body) = ask(address, POST, &request.to_string()).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

fn request(method: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method })
}

/// Goal: foreign hosts and origins are refused before anything else, sockets included.
#[tokio::test]
async fn foreign_hosts_and_origins_get_403() {
    let server = start(|_| {}).await;
    let body = request("chain_head").to_string();
    let foreign = POST.replace("localhost", "evil.example");
    assert_eq!(ask(server.address, &foreign, &body).await.0, 403);
    let origin = format!("{POST}\r\nOrigin: https://evil.example");
    assert_eq!(ask(server.address, &origin, &body).await.0, 403);
    let socket = "GET /rpc HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nUpgrade: websocket";
    assert_eq!(ask(server.address, socket, "").await.0, 403);
    assert_eq!(ask(server.address, POST, &body).await.0, 200);
}

/// Goal: single calls and calls in a batch meet the same checks and are counted alike.
#[tokio::test]
async fn batches_pass_the_same_checks() {
    let server = start(|_| {}).await;
    let head = call(server.address, &request("chain_head")).await;
    assert_eq!(head["result"]["height"], "7");
    let wrong = call(server.address, &request("chain_haed")).await;
    assert_eq!(wrong["error"]["code"], -32601);
    assert_eq!(wrong["error"]["data"]["nearest"][0], "chain_head");
    let batch = json!([
        request("chain_head"),
        request("chain_haed"),
        request("event_subscribe")
    ]);
    let answers = call(server.address, &batch).await;
    assert_eq!(answers[0]["result"]["height"], "7");
    assert_eq!(answers[1]["error"]["data"]["nearest"][0], "chain_head");
    assert_eq!(answers[2]["error"]["code"], 1405);
    let figures = server.metrics.text();
    assert!(
        figures.contains("{method=\"chain_head\",code=\"0\"} 2"),
        "{figures}"
    );
    assert!(
        figures.contains("{method=\"unknown\",code=\"-32601\"} 2"),
        "{figures}"
    );
}

/// Goal: a batch of 50 is answered, one of 51 is refused as a whole.
#[tokio::test]
async fn batches_are_limited() {
    let server = start(|_| {}).await;
    let batch = |count: usize| Value::Array(vec![request("chain_head"); count]);
    let answers = call(server.address, &batch(50)).await;
    assert_eq!(answers.as_array().map(Vec::len), Some(50));
    let refused = call(server.address, &batch(51)).await;
    assert!(refused["error"]["code"].is_i64(), "{refused}");
}

/// Goal: bodies are limited at n and n+1, and too many connections are closed unanswered.
#[tokio::test]
async fn bodies_and_connections_are_limited() {
    let body = request("chain_head").to_string();
    let bytes = u32::try_from(body.len()).unwrap();
    let server = start(|settings| {
        settings.request_bytes_max = bytes;
        settings.connections_per_ip_max = 1;
    })
    .await;
    assert_eq!(ask(server.address, POST, &body).await.0, 200);
    server.connections.all_closed().await;
    assert_eq!(ask(server.address, POST, &format!("{body} ")).await.0, 413);
    server.connections.all_closed().await;
    let held = server.connections.open([127, 0, 0, 1].into()).unwrap();
    assert_eq!(ask(server.address, POST, &body).await.0, 0);
    drop(held);
    assert_eq!(ask(server.address, POST, &body).await.0, 200);
}

/// Goal: a transaction of the largest size, an upload of the largest module, fits a request as hex.
#[tokio::test]
async fn the_largest_upload_fits_a_request() {
    let server = start(|_| {}).await;
    let mut upload = request("chain_head");
    let tx = "ff".repeat(weighhouse_runtime::limits::TX_BYTES_MAX);
    upload["params"] = json!({ "tx": format!("0x{tx}"), "client_ref": "r".repeat(64) });
    let body = upload.to_string();
    assert!(body.len() > 1024 * 1024, "{} bytes", body.len());
    assert_eq!(ask(server.address, POST, &body).await.0, 200);
}

/// Goal: a body that does not come is given up with 408.
#[tokio::test]
async fn slow_bodies_are_given_up() {
    let server = start(|settings| settings.body_timeout = Duration::from_millis(20)).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let head = format!("{POST}\r\nContent-Length: 100\r\n\r\n{{");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
}

/// Goal: health, readiness, metrics, the document and unknown paths answer as documented.
#[tokio::test]
async fn the_other_paths_answer() {
    let server = start(|_| {}).await;
    for (path, status) in [
        ("/health", 200),
        ("/ready", 503),
        ("/metrics", 200),
        ("/openrpc.json", 200),
        ("/", 200),
        ("/explorer.js", 200),
        ("/explorer.css", 200),
        ("/rpc", 405),
        ("/wp-admin", 404),
        // No path of a client's is ever one of the system's.
        ("/../../../../etc/passwd", 404),
        ("/%2e%2e/%2e%2e/etc/passwd", 404),
        ("//etc/passwd", 404),
        ("/explorer.js/../../genesis.toml", 404),
        ("/explorer.js%00", 404),
    ] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:8735");
        assert_eq!(ask(server.address, &head, "").await.0, status, "{path}");
    }
}

/// Goal: the explorer is shown under its policy, and not at all where it is switched off.
#[tokio::test]
async fn the_explorer_can_be_switched_off() {
    let head = "GET / HTTP/1.1\r\nHost: localhost";
    let server = start(|_| {}).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let request = format!("{head}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.contains("content-security-policy: default-src 'self'"),
        "{answer}"
    );
    assert!(answer.contains("<main"), "{answer}");
    let closed = start(|settings| settings.explorer = false).await;
    assert_eq!(ask(closed.address, head, "").await.0, 405);
}

/// Goal: what is no request is answered with where it breaks and what is missing, whoever refused it.
#[tokio::test]
async fn what_is_no_request_is_explained() {
    let server = start(|_| {}).await;
    for (body, code, words) in [
        ("{\"jsonrpc\"", -32700, "not JSON"),
        ("{}", -32600, "method"),
        ("[]", -32600, "empty"),
    ] {
        let (_, text) = ask(server.address, POST, body).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["error"]["code"], code, "{body}: {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{body}: {message}");
        assert!(answer["error"]["data"]["hint"].is_string(), "{answer}");
    }
    let head = "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain";
    let (status, said) = ask(server.address, head, "{}").await;
    assert_eq!(status, 415);
    assert!(said.contains("Content-Type: application/json"), "{said}");
}

/// Opens a `WebSocket`, and hands on what is sent as messages.
async fn websocket(address: SocketAddr) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = "GET /rpc HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(socket.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{answer:?}");
    socket
}

/// A text message, masked with zeros.
fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap();
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// Reads a text message.
async fn message(socket: &mut TcpStream) -> Value {
    let mut kind = socket.read_u8().await.unwrap();
    while kind == 0x89 {
        // A ping, which is empty.
        assert_eq!(socket.read_u8().await.unwrap(), 0);
        kind = socket.read_u8().await.unwrap();
    }
    assert_eq!(kind, 0x81);
    let length = match socket.read_u8().await.unwrap() {
        126 => socket.read_u16().await.unwrap().into(),
        127 => socket.read_u64().await.unwrap(),
        short => short.into(),
    };
    let mut text = vec![0; usize::try_from(length).unwrap()];
    socket.read_exact(&mut text).await.unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Goal: a WebSocket is opened, counted until it closes, and ends when the server stops.
#[tokio::test]
async fn websockets_are_counted_and_stop() {
    let server = start(|_| {}).await;
    let _socket = websocket(server.address).await;
    assert_eq!(server.connections.count(), 1);
    server.handle.stop().unwrap();
    let closed = tokio::time::timeout(Duration::from_secs(5), server.connections.all_closed());
    assert!(closed.await.is_ok());
}
