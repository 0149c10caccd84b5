//! What strangers write into the log: nothing but fields.

use crate::devnet::{program, wait_for};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

/// Ends a line, colours the next, and looks like one of the node's.
const FORGED: &str = "\n2026-01-01T00:00:00Z INFO forged: all is well\r\n\u{1b}[31mforged";

/// Everything that a client can say, with a forged line in it.
fn hostile(host: &str) -> Vec<Vec<u8>> {
    let text = serde_json::to_string(FORGED).unwrap();
    let calls = [
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":{text}}}"#),
        format!(
            r#"{{"jsonrpc":"2.0","id":{text},"method":"chain_head","params":{{{text}:{text}}}}}"#
        ),
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"contract_info","params":{{"address":{text}}}}}"#
        ),
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tx_submit","params":{{"tx":"0x00","client_ref":{text}}}}}"#
        ),
        FORGED.to_owned(),
    ];
    let post = |head: &str, body: &str| {
        format!(
            "POST /rpc HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{head}Content-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let mut sent: Vec<String> = calls.iter().map(|call| post("", call)).collect();
    sent.push(post("Origin: http://\u{1b}[31mforged\r\n", "{}"));
    sent.push(post("X: a\u{1b}[31mforged\r\n", "{}"));
    sent.push(format!(
        "GET /%0aforged\u{1b}[31m HTTP/1.1\r\nHost: {host}\r\n\r\n"
    ));
    sent.push(FORGED.to_owned());
    sent.into_iter().map(String::into_bytes).collect()
}

/// What a node logs that logs everything, while it is told all that.
fn logged(format: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready");
    let run = |line: &str| {
        let mut command = program();
        command
            .args(line.split(' '))
            .env("WEIGHHOUSE_CONFIG_DIR", folder.path().join("config"))
            .current_dir(folder.path());
        command
    };
    let made = run("node init --development --folder node")
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let mut child = run("node start --folder node --listen 127.0.0.1:0 --ready-file ready")
        .args(["--set", "log.filter=trace", "--set", format])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        let _ = stderr.read_to_end(&mut all);
        all
    });
    let url = wait_for(&ready);
    let address = url.trim_start_matches("http://").split('/').next().unwrap();
    for request in hostile(address) {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&request).unwrap();
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    String::from_utf8(reader.join().unwrap()).unwrap()
}

/// Goal: whatever a client sends, at whatever level the node logs, its lines are its own: nobody begins one, ends one
/// or colours one.
#[test]
fn strangers_write_no_lines_of_the_log() {
    let text = logged("log.format=text");
    assert!(text.contains("forged"), "it logs what is sent: {text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text}");
    for line in text.lines() {
        assert!(!line.starts_with("forged"), "{line}");
        assert!(
            !line.contains("forged: all is well") || !line.starts_with("2026-01-01"),
            "{line}"
        );
    }
    let text = logged("log.format=json");
    assert!(text.contains("forged"), "it logs what is sent: {text}");
    for line in text.lines() {
        let document: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(document["fields"].is_object(), "{line}");
    }
}
