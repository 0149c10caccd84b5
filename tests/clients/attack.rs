//! Everybody else: who holds connections, who sends what is no request, who asks for too much.
//!
//! Each is a task that goes on until it is dropped, and begins anew, after a pause, when the node ends its connection.

use super::honest::{pause, request};
use super::http;
use serde_json::json;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

/// Pause before a connection that was ended is opened again.
const AGAIN: Duration = Duration::from_secs(1);
/// Pause between two bytes of who is slow.
const DRIP: Duration = Duration::from_millis(500);

/// How many of each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Clients that send a head byte by byte, and as many whose bodies do.
    pub(crate) slow: usize,
    /// Connections that do nothing.
    pub(crate) idle: usize,
    /// `WebSocket`s that subscribe, read nothing, and go.
    pub(crate) streams: usize,
    /// Clients that send bad and dear requests, and how many a second each.
    pub(crate) busy: usize,
    pub(crate) rate: u32,
    /// Addresses that they all come from.
    pub(crate) addresses: u8,
}

impl Sizes {
    /// Connections in all.
    pub(crate) const fn sockets(&self) -> usize {
        2 * self.slow + self.idle + self.streams + self.busy
    }
}

/// What the busy ones send: more lines of the head, and the body.
type Requests = Arc<Vec<(&'static str, Vec<u8>)>>;

/// Begins all of it; ends when what it gives is dropped.
pub(crate) fn begin(sizes: Sizes, to: SocketAddr, dear: &str) -> JoinSet<()> {
    let mut all = JoinSet::new();
    let mut number = 0_u8;
    let mut from = || {
        number = (number + 1) % sizes.addresses.max(1);
        IpAddr::from([127, 0, 1, number + 1])
    };
    for _ in 0..sizes.slow {
        all.spawn(slow(from(), to, false));
        all.spawn(slow(from(), to, true));
    }
    for _ in 0..sizes.idle {
        all.spawn(idle(from(), to));
    }
    for _ in 0..sizes.streams {
        all.spawn(abandon(from(), to));
    }
    let requests = Arc::new(requests(dear));
    for place in 0..sizes.busy {
        all.spawn(busy(from(), to, Arc::clone(&requests), place, sizes.rate));
    }
    all
}

async fn idle(from: IpAddr, to: SocketAddr) {
    loop {
        if let Ok(mut stream) = http::connect(from, to).await {
            // Ends when the node ends it.
            let _ = stream.read_u8().await;
        }
        pause(AGAIN).await;
    }
}

async fn slow(from: IpAddr, to: SocketAddr, body: bool) {
    let head = http::head("", 1 << 20);
    loop {
        let Ok(mut stream) = http::connect(from, to).await else {
            pause(AGAIN).await;
            continue;
        };
        let begun = match body {
            true => stream.write_all(head.as_bytes()).await,
            false => Ok(()),
        };
        let mut bytes = head.bytes().cycle().skip(if body { head.len() } else { 0 });
        let mut goes_on = begun.is_ok();
        while goes_on {
            let byte = if body {
                b' '
            } else {
                bytes.next().unwrap_or(b' ')
            };
            goes_on = stream.write_u8(byte).await.is_ok();
            pause(DRIP).await;
        }
        pause(AGAIN).await;
    }
}

/// Opens a WebSocket, subscribes as often as it can, reads nothing for a while, and goes without a word.
async fn abandon(from: IpAddr, to: SocketAddr) {
    let hello = "GET /rpc HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let subscribe = request("event_subscribe", &json!({}));
    let wait = request(
        "tx_wait",
        &json!({ "hash": format!("0x{}", "11".repeat(32)) }),
    );
    loop {
        if let Ok(mut stream) = http::connect(from, to).await
            && stream.write_all(hello.as_bytes()).await.is_ok()
        {
            for text in std::iter::repeat_n(&subscribe, 80).chain(std::iter::repeat_n(&wait, 80)) {
                if stream.write_all(&frame(text)).await.is_err() {
                    break;
                }
            }
            pause(AGAIN * 3).await;
        }
        pause(AGAIN).await;
    }
}

/// A text message of a client, masked with zeros.
fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | 126];
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    frame
}

async fn busy(from: IpAddr, to: SocketAddr, requests: Requests, place: usize, rate: u32) {
    let mut tick = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut sent = place;
    loop {
        let Ok(mut stream) = http::connect(from, to).await else {
            pause(AGAIN).await;
            continue;
        };
        loop {
            tick.tick().await;
            sent += 1;
            let Some((more, body)) = requests.get(sent % requests.len()) else {
                return;
            };
            // Bodies that are too long are answered before they are read to their end.
            if http::send(&mut stream, more, body).await.is_err() {
                break;
            }
        }
    }
}

fn requests(dear: &str) -> Vec<(&'static str, Vec<u8>)> {
    let head = request("chain_head", &json!({}));
    let batch = |count: usize, one: &str| format!("[{}]", vec![one; count].join(","));
    let deep = |open: &str, close: &str| {
        let nested = open.repeat(100_000) + &close.repeat(100_000);
        format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"chain_block\",\"params\":{nested}}}")
    };
    let digits = "9".repeat(100_000);
    let plain = |text: String| ("", text.into_bytes());
    vec![
        // Giant batches: by count, by bytes, by what they ask for.
        plain(batch(20_000, &head)),
        plain(batch(200_000, "1")),
        plain(batch(50, dear)),
        plain(dear.to_owned()),
        // Deep JSON, in the request and as parameters.
        plain("[".repeat(1_000_000)),
        plain(deep("[", "]")),
        plain(deep("{\"a\":", "}")),
        // Repeated keys, huge numbers, bytes that are no text.
        plain(format!(
            "{{{}}}",
            vec!["\"method\":\"chain_head\""; 20_000].join(",")
        )),
        plain(
            request("chain_block", &json!({})).replace("{}", &format!("{{\"height\":{digits}}}")),
        ),
        plain(request("chain_block", &json!({})).replace("{}", "{\"height\":1e999999}")),
        ("", vec![0xff; 100_000]),
        // Somebody else's page, somebody else's name.
        (
            "Origin: https://evil.example\r\n",
            head.clone().into_bytes(),
        ),
        ("Host: evil.example\r\n", head.clone().into_bytes()),
        // Longer than a request may be, and dear to answer.
        ("", vec![b' '; 3 << 20]),
        plain(request("rpc.discover", &json!({}))),
        plain(request(
            "no_such_method",
            &json!({ "x": "y".repeat(100_000) }),
        )),
        plain(request(
            "tx_submit",
            &json!({ "tx": format!("0x{}", "ab".repeat(500_000)) }),
        )),
    ]
}
