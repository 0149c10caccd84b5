//! Printing ends quietly, whoever reads.

use crate::devnet::{Devnet, program};
use std::fs::File;
use std::process::{Command, Stdio};

/// Runs a command whose reader has gone before the first byte.
fn without_reader(command: &mut Command) -> std::process::Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap()
}

/// Goal: `weighhouse ... | head` ends quietly and well, for every way of printing.
#[test]
fn a_reader_that_has_gone_is_no_error() {
    for line in [
        "node config",
        "node config --json",
        "completion bash",
        "explain 200",
        "--help",
    ] {
        let output = without_reader(program().args(line.split_whitespace()));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{line}: {said}");
        assert_eq!(said, "", "{line}");
    }
    let devnet = Devnet::start(&[]);
    let stream = without_reader(devnet.command().args(["chain", "blocks"]));
    assert_eq!(stream.status.code(), Some(0));
    // A refusal keeps its exit code when nobody reads it.
    let refused = without_reader(devnet.command().args(["--json", "chain", "block", "99"]));
    assert_eq!(refused.status.code(), Some(1));
}

/// Goal: an answer that cannot be written is an error that says why.
#[test]
fn a_full_disk_is_an_error() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        return;
    };
    let output = program()
        .args(["node", "config"])
        .stdout(full)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot be written"), "{said}");
}

/// Goal: a node whose log nobody reads any more goes on.
#[test]
fn a_log_without_reader_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready");
    let (reader, writer) = std::io::pipe().unwrap();
    let mut child = program()
        .args(["devnet", "-v", "--port", "0", "--ready-file"])
        .arg(&ready)
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .spawn()
        .unwrap();
    let url = crate::devnet::wait_for(&ready);
    drop(reader);
    for _ in 0..3 {
        let mined = program().args(["--rpc", &url, "dev", "mine"]).output();
        assert_eq!(mined.unwrap().status.code(), Some(0));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
