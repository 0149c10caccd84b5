//! Subscriptions over a real chain: what arrives, what is refused, what a slow reader gets.

use super::rig::{PATIENCE, Rig};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use weighhouse_primitives::Address;
use weighhouse_rpc::api::NoParams;
use weighhouse_rpc::api::dev::{DevMine, DevRevert};
use weighhouse_rpc::api::event::{EventMessage, EventSubscribe};
use weighhouse_rpc::api::tx::ByHash;
use weighhouse_rpc::client::{CallError, Client, Stream};
use weighhouse_rpc::types::{EventItem, TxState};

const HOLDER: Address = Address([7; 32]);

/// What `future` gives, in time.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("in time")
}

async fn next_event(stream: &mut Stream<EventMessage>) -> EventItem {
    match soon(stream.next()).await {
        Some(Ok(EventMessage::Event(item))) => item,
        other => panic!("expected an event, got {other:?}"),
    }
}

async fn events(socket: &Client, params: &EventSubscribe) -> Stream<EventMessage> {
    socket.event_subscribe(params).await.unwrap()
}

/// Goal: what is wrong with a subscription is an error that names the field, never a silent end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_subscriptions_are_refused_by_name() {
    let rig = Rig::new().await;
    let socket = rig.socket().await;
    let foreign = "wh1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";
    for (params, code, path) in [
        (json!({"contract": "whdev1nonsense"}), 1301, "contract"),
        (json!({"contract": ""}), 1301, "contract"),
        (json!({"resume_cursor": "soon"}), 1404, "resume_cursor"),
        (json!({"resume_cursor": "99-0-0"}), 1404, "resume_cursor"),
        (json!({"fields": 7}), 1301, "fields"),
        (json!({"contarct": foreign}), 1302, "params"),
        (json!({"name": 7}), -32602, "name"),
    ] {
        let given: Result<Stream<Value>, CallError> = socket
            .subscribe("event_subscribe", &params, "event_unsubscribe")
            .await;
        let Err(CallError::Node(body)) = given else {
            panic!("{params}: expected an error, got {given:?}");
        };
        assert_eq!(body.code, code, "{params}: {body}");
        assert_eq!(body.field("path"), Some(&path.into()), "{params}: {body}");
    }
    // The same connection goes on.
    events(&socket, &EventSubscribe::default()).await;
    drop(socket);
    rig.stop().await;
}

/// Goal: every new block reaches a follower once, in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_arrive_in_order() {
    let rig = Rig::new().await;
    let socket = rig.socket().await;
    let mut heads = socket.chain_subscribe_heads(&NoParams {}).await.unwrap();
    let mine = DevMine { blocks: Some(3) };
    rig.client.dev_mine(&mine).await.unwrap();
    for height in 1..=3u64 {
        assert_eq!(soon(heads.next()).await.unwrap().unwrap().height.0, height);
    }
    drop((heads, socket));
    rig.stop().await;
}

/// Goal: a stream resumed after the last event seen misses nothing and repeats nothing, and goes on
/// with new events; a filter by field holds for old and new ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_resume_where_they_were_left() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(100).await;
    let socket = rig.socket().await;
    let all = EventSubscribe {
        contract: Some(rig.text(&bond).await.into()),
        ..EventSubscribe::default()
    };
    let mut live = events(&socket, &all).await;
    let other = rig.issuer.address;
    let mut sent = Vec::new();
    for to in [HOLDER, other, HOLDER] {
        sent.push(rig.mint(bond, to).await);
    }
    let first = next_event(&mut live).await;
    assert_eq!(first.tx, sent[0]);
    drop(live);
    let resumed = EventSubscribe {
        resume_cursor: Some(first.cursor.clone()),
        ..all.clone()
    };
    let mut again = events(&socket, &resumed).await;
    sent.push(rig.mint(bond, HOLDER).await);
    for hash in &sent[1..] {
        assert_eq!(next_event(&mut again).await.tx, *hash);
    }
    let to = rig.text(&HOLDER).await;
    let filtered = EventSubscribe {
        fields: Some(json!({ "to": to }).into()),
        ..resumed
    };
    let mut filtered = events(&socket, &filtered).await;
    for hash in [sent[2], sent[3]] {
        assert_eq!(next_event(&mut filtered).await.tx, hash);
    }
    drop((again, filtered, socket));
    rig.stop().await;
}

/// Goal: a transaction's stream says what is known; the status committed is its last message and
/// makes room for another subscription.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_is_followed_to_its_end() {
    let mut rig = Rig::with(|plan| plan.settings.subscriptions_max = 1).await;
    let bond = rig.bond(100).await;
    let socket = rig.socket().await;
    let hash = rig.mint(bond, HOLDER).await;
    let mut stream = socket.tx_subscribe(&ByHash { hash }).await.unwrap();
    let status = soon(stream.next()).await.unwrap().unwrap();
    assert_eq!(status.status, TxState::Committed);
    let until = tokio::time::Instant::now() + PATIENCE;
    while socket.chain_subscribe_heads(&NoParams {}).await.is_err() {
        assert!(tokio::time::Instant::now() < until, "no room was made");
    }
    drop((stream, socket));
    rig.stop().await;
}

/// Goal: events of blocks that come again after going back are not taken for old ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_back_loses_no_events() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(100).await;
    let taken = rig.client.dev_snapshot().await.unwrap();
    let mine = DevMine { blocks: Some(5) };
    rig.client.dev_mine(&mine).await.unwrap();
    let socket = rig.socket().await;
    let mut live = events(&socket, &EventSubscribe::default()).await;
    let back = DevRevert { id: taken.id };
    rig.client.dev_revert(&back).await.unwrap();
    let hash = rig.mint(bond, HOLDER).await;
    assert_eq!(next_event(&mut live).await.tx, hash);
    drop((live, socket));
    rig.stop().await;
}

/// Goal: a connection has at most as many subscriptions as the setting says; ending one makes room.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscriptions_are_capped() {
    let rig = Rig::with(|plan| plan.settings.subscriptions_max = 2).await;
    let socket = rig.socket().await;
    let one = socket.chain_subscribe_heads(&NoParams {}).await.unwrap();
    let two = events(&socket, &EventSubscribe::default()).await;
    let refused = socket.chain_subscribe_heads(&NoParams {}).await;
    assert_eq!(refused.unwrap_err().code(), Some(-32006));
    drop(one);
    // The end of a subscription travels on the same connection: ask until it has arrived.
    let until = tokio::time::Instant::now() + PATIENCE;
    while socket.chain_subscribe_heads(&NoParams {}).await.is_err() {
        assert!(tokio::time::Instant::now() < until, "no room was made");
    }
    drop((two, socket));
    rig.stop().await;
}

/// A WebSocket by hand whose reader can stop reading, with a small window.
async fn slow_reader(rig: &Rig) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let url = rig.service.url();
    let address = url["http://".len()..].trim_end_matches("/rpc");
    let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
    let head = "GET /rpc HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
    stream
}

/// Sends one text frame of a client: masked, here with zeros.
async fn send_text(stream: &mut TcpStream, text: &Value) {
    let body = text.to_string();
    let length = u8::try_from(body.len()).unwrap();
    assert!(length < 126);
    let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
    frame.extend(body.as_bytes());
    stream.write_all(&frame).await.unwrap();
}

/// The next text that the server sends.
async fn read_text(stream: &mut TcpStream) -> Value {
    loop {
        let kind = stream.read_u8().await.unwrap() & 0x0f;
        let length = match stream.read_u8().await.unwrap() {
            126 => u64::from(stream.read_u16().await.unwrap()),
            127 => stream.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let mut body = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut body).await.unwrap();
        if kind == 1 {
            return serde_json::from_slice(&body).unwrap();
        }
    }
}

/// Goal: a reader that is too slow costs a bounded buffer, is told so with a cursor, and resumes there
/// without losing or repeating an event; the node and honest readers go on meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_gets_a_cursor() {
    let mut rig = Rig::new().await;
    let bond = rig.bond(1_000_000).await;
    // Many streams on one connection fill what the system buffers with few transactions.
    let mut slow = slow_reader(&rig).await;
    let mut watched = Value::Null;
    for id in 0..60 {
        let request =
            json!({"jsonrpc": "2.0", "id": id, "method": "event_subscribe", "params": {}});
        send_text(&mut slow, &request).await;
        watched = read_text(&mut slow).await["result"].clone();
    }
    let mut sent = Vec::new();
    for _ in 0..150 {
        sent.push(json!(rig.mint(bond, HOLDER).await));
    }
    // More blocks than a follower may be behind.
    let mine = DevMine { blocks: Some(300) };
    rig.client.dev_mine(&mine).await.unwrap();

    let mut received = Vec::new();
    let cursor = loop {
        let params = &soon(read_text(&mut slow)).await["params"];
        if params["subscription"] != watched {
            continue;
        }
        match params["result"]["lagged"]["resume_cursor"].as_str() {
            Some(cursor) => break cursor.to_owned(),
            None => received.push(params["result"]["event"]["tx"].clone()),
        }
    };
    assert!(received.len() < sent.len(), "nothing was missed");
    let socket = rig.socket().await;
    let resumed = EventSubscribe {
        resume_cursor: Some(cursor),
        ..EventSubscribe::default()
    };
    let mut resumed = events(&socket, &resumed).await;
    while received.len() < sent.len() {
        received.push(json!(next_event(&mut resumed).await.tx));
    }
    assert_eq!(received, sent);
    drop((resumed, socket, slow));
    rig.stop().await;
}
