//! The JSON-RPC port: any body, over a real socket of a real server.

use crate::account::Account;
use crate::closed_pool::ClosedPool;
use crate::host_calls::WAT;
use crate::world::World;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;
use weighhouse_primitives::Amount;
use weighhouse_rpc::server::{Backend, Feed, Metrics, Server, Settings};

/// Codes that no request may bring about: a panic or a fault behind the port.
const FAULTS: [&str; 2] = ["\"code\":-32603", "\"code\":1500"];
/// Longest wait for an answer: a request that takes longer is a finding.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server over a chain with two contracts, and the connection to it.
struct Stage {
    address: SocketAddr,
    connection: Mutex<Option<BufReader<TcpStream>>>,
    _world: World,
    _runtime: tokio::runtime::Runtime,
    _server: Server,
}

static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let mut world = World::new();
    let signer = Account::new("signer");
    world.deploy(&signer, "bond", "open", &Amount(10));
    let wasm = wat::parse_str(WAT).expect("the contract is text of a module");
    world.put(&signer, &wasm);
    let backend = Backend {
        reader: world.reader.clone(),
        submit: Arc::new(ClosedPool::default()),
        develop: None,
        feed: Feed::new(),
        metrics: Metrics::new(),
        version: "test".into(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let server = runtime.block_on(Server::start(Settings::loopback(0), backend));
    let server = server.expect("a free port");
    Stage {
        address: server.address(),
        connection: Mutex::new(None),
        _world: world,
        _runtime: runtime,
        _server: server,
    }
});

/// Whatever is sent: an answer in time, and not one that tells of a panic or a fault; afterwards an
/// honest request is answered as ever.
pub(super) fn rpc(bytes: &[u8]) {
    let mut held = STAGE
        .connection
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    for body in [bytes, HONEST] {
        // A server may close a connection after any answer; the next case then opens another.
        let (status, text) = match held.take().and_then(|open| exchange(open, body)) {
            Some((status, text, open)) => {
                *held = open;
                (status, text)
            }
            None => {
                let (status, text, open) = exchange(connect(), body).expect("an answer");
                *held = open;
                (status, text)
            }
        };
        assert!((200..500).contains(&status), "status {status}: {text}");
        assert!(
            !FAULTS.iter().any(|fault| text.contains(fault)),
            "a fault shows: {text}"
        );
        if body == HONEST {
            assert!(
                text.contains("\"result\""),
                "an honest request fails: {text}"
            );
        }
    }
}

const HONEST: &[u8] = br#"{"jsonrpc":"2.0","id":7,"method":"chain_head","params":{}}"#;

fn connect() -> BufReader<TcpStream> {
    let stream = TcpStream::connect(STAGE.address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream.set_nodelay(true).expect("a socket");
    BufReader::new(stream)
}

/// Status, body, and the connection if it stays open. `None` if it was closed before it answered.
fn exchange(
    mut connection: BufReader<TcpStream>,
    body: &[u8],
) -> Option<(u16, String, Option<BufReader<TcpStream>>)> {
    let head = format!(
        "POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let request = [head.as_bytes(), body].concat();
    connection.get_mut().write_all(&request).ok()?;
    let mut line = String::new();
    connection
        .read_line(&mut line)
        .ok()
        .filter(|read| *read > 0)?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let (mut length, mut stays) = (0_usize, true);
    loop {
        line.clear();
        connection.read_line(&mut line).ok()?;
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        assert!(
            !lower.starts_with("transfer-encoding:"),
            "answers have a length"
        );
        stays &= !lower.starts_with("connection: close");
        if line.trim().is_empty() {
            break;
        }
    }
    let mut text = vec![0; length];
    connection.read_exact(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    Some((status, text, stays.then_some(connection)))
}
