//! The socket of a node of this process, asked well and badly.

use super::*;
use crate::service::{Plan, Service};
use std::os::unix::net::UnixListener as Bound;
use weighhouse_primitives::Timestamp;
use weighhouse_runtime::Genesis;

async fn node(data: &Path) -> Service {
    let genesis = Genesis::development(Timestamp(1_768_197_600));
    let plan = Plan::devnet(genesis).in_folder(data.to_path_buf());
    Service::start(plan).await.expect("a node")
}

/// What the socket answers to these bytes, to which the token is added if they are a request.
async fn say(data: &Path, bytes: &[u8]) -> Value {
    let token = std::fs::read_to_string(data.join(TOKEN)).expect("a token");
    match bytes.strip_prefix(b"{") {
        Some(rest) => {
            let begun = format!("{{\"token\":\"{token}\",");
            say_plainly(data, &[begun.as_bytes(), rest].concat()).await
        }
        None => say_plainly(data, bytes).await,
    }
}

/// What the socket answers to these bytes.
async fn say_plainly(data: &Path, bytes: &[u8]) -> Value {
    let stream = tokio::net::UnixStream::connect(data.join(SOCKET)).await;
    let (reader, mut writer) = stream.expect("a connection").into_split();
    // A request that is too long is not read to its end.
    let _ = writer.write_all(bytes).await;
    let mut line = String::new();
    let read = tokio::io::BufReader::new(reader).read_line(&mut line).await;
    read.expect("an answer");
    serde_json::from_str(&line).expect("JSON")
}

/// Goal: whatever is said, the answer is a refusal with its reason, and the node goes on.
#[tokio::test]
async fn nonsense_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let service = node(&data).await;
    let deep = "[".repeat(8_000) + "\n";
    let long = format!(
        "{{\"method\":\"log\",\"filter\":\"{}\"}}\n",
        "a".repeat(8_192)
    );
    for (said, why) in [
        (&b"\n"[..], "not a request"),
        (b"\xff\xfe\n", "invalid utf-8"),
        (b"[]\n", "not a request"),
        (deep.as_bytes(), "not a request"),
        (long.as_bytes(), "not a request"),
        (b"{\"method\":\"stop\"}\n", "known are status"),
        (b"{\"method\":\"drain\"}\n", "not a request"),
        (
            b"{\"method\":\"drain\",\"on\":true,\"off\":1}\n",
            "not a request",
        ),
        (
            b"{\"method\":\"log\",\"filter\":\"weighhouse=loud\"}\n",
            "log",
        ),
        (
            b"{\"method\":\"backup\",\"to\":\"copy\"}\n",
            "not an absolute path",
        ),
        (
            b"{\"method\":\"backup\",\"to\":\"/\"}\n",
            "/ exists already",
        ),
    ] {
        let answer = say(&data, said).await;
        let refused = answer["error"].as_str().expect("refused");
        assert!(refused.contains(why), "{refused}");
    }
    let status = say(&data, b"{\"method\":\"status\"}\n").await;
    let wanted = json!({"height": "0", "waiting": 0, "draining": false});
    assert_eq!(status["result"], wanted);
    service.stop().await.expect("stopped well");
    assert!(!data.join(SOCKET).exists());
}

/// Goal: without the token that this start of the node has written, for its owner alone, nothing is answered.
#[tokio::test]
async fn the_token_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let service = node(&data).await;
        let path = data.join(TOKEN);
        let mode = path.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        tokens.push(std::fs::read_to_string(&path).expect("a token"));
        let old = format!("{{\"token\":\"{}\",\"method\":\"status\"}}\n", tokens[0]);
        let none = b"{\"method\":\"status\"}\n";
        let answers = [
            say_plainly(&data, none).await,
            say_plainly(&data, old.as_bytes()).await,
            // A list says as much as an object, but no token.
            say_plainly(&data, b"[\"status\"]\n").await,
            say_plainly(&data, b"[\"drain\", true]\n").await,
        ];
        for (at, why) in [
            (0, "admin.token"),
            (2, "not a request"),
            (3, "not a request"),
        ] {
            let error = answers[at]["error"].to_string();
            assert!(error.contains(why), "{answers:?}");
        }
        assert_eq!(
            answers[1]["error"].is_null(),
            tokens.len() == 1,
            "{answers:?}"
        );
        assert!(say(&data, none).await["error"].is_null());
        service.stop().await.expect("stopped well");
        assert!(!path.exists());
    }
    assert_ne!(tokens[0], tokens[1]);
}

/// Goal: nobody but the owner may connect; the socket of a dead node is replaced, a node can start where
/// it stopped though a connection stays open, and nothing else is removed.
#[tokio::test]
async fn only_a_dead_nodes_socket_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let path = data.join(SOCKET);
    drop(Bound::bind(&path).expect("a socket"));
    assert_eq!(ask(&data, &json!({})).expect("no failure"), None);
    for _ in 0..2 {
        let service = node(&data).await;
        let there = path.symlink_metadata().expect("a socket");
        assert_eq!(there.permissions().mode() & 0o777, 0o600);
        let silent = tokio::net::UnixStream::connect(&path).await;
        service.stop().await.expect("stopped well");
        drop(silent);
    }
    drop(Bound::bind(&path).expect("a socket"));
    let owner = path.symlink_metadata().expect("a socket").uid();
    let refused = remove_stale(&path, owner + 1).expect_err("another user's");
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    assert!(path.symlink_metadata().is_ok());
    std::fs::remove_file(&path).expect("removed");
    std::fs::write(&path, "mine").expect("written");
    let service = node(&data).await;
    assert!(service.admin.is_none());
    service.stop().await.expect("stopped well");
    assert_eq!(std::fs::read_to_string(&path).expect("there"), "mine");
}

/// Goal: only where there can be no node is none found; a socket that cannot be reached is told as it is.
#[test]
fn a_socket_out_of_reach_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let status = json!({"method": "status"});
    let long = folder.path().join("a".repeat(200));
    for none in [folder.path().to_path_buf(), long] {
        assert_eq!(ask(&none, &status).expect("no failure"), None);
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let refused = ask(&file, &status).expect_err("no folder");
    assert!(refused.what().contains("file/admin.sock: "), "{refused:?}");
    assert!(!means_no_node(ErrorKind::PermissionDenied));
}
