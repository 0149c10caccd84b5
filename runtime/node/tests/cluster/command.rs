//! `weighhouse localnet` as a user types it.

use crate::network::{alone, comet};
use serde_json::Value;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn command(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weighhouse"));
    for (name, _) in std::env::vars() {
        if name.starts_with("WEIGHHOUSE_") {
            command.env_remove(name);
        }
    }
    command
        .arg("--json")
        .args(line.split_whitespace())
        .current_dir(folder)
        .env("WEIGHHOUSE_CONFIG_DIR", folder.join("config"));
    command
}

fn run(folder: &Path, line: &str) -> Output {
    command(folder, line).output().unwrap()
}

fn answer(folder: &Path, line: &str) -> Value {
    let output = run(folder, line);
    assert!(output.status.success(), "{line}: {output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["result"].clone()
}

/// Stops the network of a folder however the test ends: its processes outlive the commands.
struct Stopping<'a>(&'a Path);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        let _ = run(self.0, "localnet stop");
    }
}

/// Goal: a network is made, started, used, looked at and stopped with the commands of the manual; it stays
/// what it was over a stop.
#[test]
fn a_network_is_made_started_and_stopped_by_command() {
    if comet().is_none() {
        return;
    }
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let _stopping = Stopping(folder);
    let made = answer(folder, "localnet init --validators 2 --port 0");
    assert_eq!(made["validators"], 2);
    assert_eq!(
        run(folder, "localnet init --validators 2").status.code(),
        Some(2)
    );
    assert_eq!(answer(folder, "localnet stop")["stopped"], 0);
    let mut height = 0;
    for code in ["bond", "dfa-token"] {
        let started = answer(folder, "localnet start");
        let urls: Vec<&str> = started["validators"]
            .as_array()
            .unwrap()
            .iter()
            .map(|validator| validator["rpc"].as_str().unwrap())
            .collect();
        let send = format!(
            "--yes --rpc {} contract upload {code} --signer dev:issuer",
            urls[0]
        );
        assert!(run(folder, &send).status.success());
        let head = answer(folder, &format!("--rpc {} chain head", urls[1]));
        let now: u64 = head["height"].as_str().unwrap().parse().unwrap();
        assert!(now > height, "{now} after {height}");
        height = now;
        let logs = answer(folder, "localnet logs --validator 1 --lines 5");
        assert_eq!(logs["logs"].as_array().unwrap().len(), 2);
        assert_eq!(answer(folder, "localnet stop")["stopped"], 4);
    }
}

/// A program that says it is a CometBFT of a version.
fn pretender(folder: &Path, version: &str) -> PathBuf {
    let path = folder.join("cometbft");
    std::fs::write(&path, format!("#!/bin/sh\necho {version}\n")).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

/// Goal: where CometBFT is missing, or has the flaw in block time, the command says so and how to get it, and
/// makes nothing.
#[test]
fn a_missing_cometbft_is_named_with_its_cure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let missing = folder.join("nowhere");
    let old = pretender(folder, "v0.38.20");
    for (engine, said) in [
        (&missing, "there is no CometBFT on this machine"),
        (&old, "0.38.21 or a later 0.38"),
    ] {
        for line in ["localnet init", "doctor"] {
            let output = command(folder, line).env("COMETBFT", engine).output();
            let output = output.unwrap();
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8(text).unwrap();
            assert!(text.contains(said), "{line}: {text}");
            let cure = "go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.";
            assert!(text.contains(cure), "{line}: {text}");
            assert_eq!(line == "localnet init", !output.status.success(), "{line}");
        }
    }
    assert!(!folder.join("localnet").exists());
}
