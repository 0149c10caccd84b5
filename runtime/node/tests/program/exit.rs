//! Every exit code that the pages name, and mistakes that must not pass for success.

use crate::devnet::{Devnet, program};
use serde_json::Value;
use std::path::Path;

/// Flips a bit in the middle of what a block log holds.
fn damage(log: &Path) {
    let mut bytes = std::fs::read(log).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[end / 2] ^= 1;
    std::fs::write(log, bytes).unwrap();
}

/// Goal: 0, 1 and 2 are told apart, with one document that says which.
#[test]
fn exit_codes_of_commands() {
    let devnet = Devnet::start(&[]);
    for (line, code) in [
        ("chain head", 0),
        ("explain W1101", 0),
        // Answered with a failure.
        ("chain block 99", 1),
        (
            "tx wait 0x0000000000000000000000000000000000000000000000000000000000000000",
            1,
        ),
        ("rpc chain_hed", 1),
        // Usage or configuration.
        ("chain block sometimes", 2),
        ("chain blocks --order up", 2),
        ("--rpc nonsense chain head", 2),
        ("--network nowhere chain head", 2),
        ("contract query nothing -- supply", 2),
        ("node start --folder nowhere", 2),
    ] {
        let (found, document) = devnet.json(line);
        assert_eq!(found, Some(code), "{line}: {document}");
        assert_eq!(document["ok"], code == 0, "{line}");
        let help = document["error"]["hint"].as_str().unwrap_or_default();
        assert!(code == 0 || !help.is_empty(), "{line}: {document}");
    }
}

/// Goal: 3 says that the node cannot go on, and what to do: a damaged log is not recovered from itself.
#[test]
fn exit_code_3_is_a_fault() {
    let devnet = Devnet::start(&["--state", "net"]);
    for _ in 0..6 {
        devnet.answer("dev mine 3");
    }
    let folder = devnet.kill();
    let log = folder.path().join("net/data/log");
    let mut segments = std::fs::read_dir(&log).unwrap();
    let segment = segments.find_map(|entry| {
        let path = entry.unwrap().path();
        path.extension()
            .is_some_and(|end| end == "log")
            .then_some(path)
    });
    damage(&segment.unwrap());
    for line in [
        "--json devnet --port 0 --state net",
        "--json node verify --folder net",
    ] {
        let words = line.split_whitespace();
        let output = program().args(words).current_dir(folder.path()).output();
        let output = output.unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(3), "{line}: {document}");
        assert_eq!(document["error"]["name"], "fault");
        let said = document.to_string();
        assert!(
            said.contains("at byte") && said.contains("node restore"),
            "{said}"
        );
    }
}

/// Goal: a test account that is misspelt is not another account.
#[test]
fn misspelt_test_accounts_are_refused() {
    let devnet = Devnet::start(&[]);
    let line = "contract deploy bond --yes --signer dev:isuer -- --cap 5";
    let (code, document) = devnet.json(line);
    assert_ne!(code, Some(0), "{document}");
    assert!(document.to_string().contains("dev:issuer"), "{document}");
    assert_eq!(devnet.answer("chain head")["height"], "0");
    devnet.answer(&line.replace("isuer", "treasury"));
}

/// Goal: a network that is typed beats an URL that is set.
#[test]
fn what_is_typed_beats_what_is_set() {
    let devnet = Devnet::start(&[]);
    let config = devnet.folder.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    let networks = "[networks.elsewhere]\nrpc = \"http://127.0.0.1:1/rpc\"\n";
    std::fs::write(config.join("networks.toml"), networks).unwrap();
    let (code, document) = devnet.json("--network elsewhere chain head");
    assert_eq!(code, Some(1), "{document}");
    assert!(document.to_string().contains("127.0.0.1:1"), "{document}");
    let typed = format!("--network elsewhere --rpc {} chain head", devnet.url);
    assert_eq!(devnet.json(&typed).0, Some(0));
}
