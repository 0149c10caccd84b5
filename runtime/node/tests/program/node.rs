//! What is done to the folder of a stopped node.

use crate::devnet::{Devnet, program};
use serde_json::Value;
use std::path::Path;
use std::process::Output;

fn run(folder: &Path, line: &str) -> Output {
    let mut command = program();
    let words = line.split_whitespace();
    command.args(words).current_dir(folder).output().unwrap()
}

/// Goal: the state at a height comes out whole, decoded, in the order of its keys; another height is
/// another state; what is not kept is refused.
#[test]
fn state_is_exported_at_a_height() {
    let devnet = Devnet::start(&["--state", "net"]);
    devnet.answer("contract deploy bond --yes --signer dev:issuer --as bond -- --cap 1000");
    let before = devnet.answer("chain head")["height"].clone();
    devnet
        .answer("contract call bond --yes --signer dev:issuer -- mint --to dev:alice --amount 500");
    let head = devnet.answer("chain head");
    let folder = devnet.kill();
    let lines = |line: &str| -> Vec<Value> {
        let output = run(folder.path(), line);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let latest = lines("node export --folder net");
    assert_eq!(latest[0]["height"], head["height"]);
    assert_eq!(latest[0]["state_root"], head["state_root"]);
    let supply = |lines: &[Value]| {
        let mut cells = lines.iter().filter(|line| line["cell"] == "supply");
        cells.next().map(|line| line["cell_value"].clone())
    };
    assert_eq!(supply(&latest), Some("500".into()));
    let balance = latest.iter().find(|line| line["cell"] == "balances");
    assert!(
        balance.unwrap()["cell_key"]
            .as_str()
            .unwrap()
            .starts_with("whdev1")
    );
    let entries = latest.len().checked_sub(2).unwrap().to_string();
    assert_eq!(latest.last().unwrap()["entries"], entries);
    let keys: Vec<&str> = latest
        .iter()
        .filter_map(|line| line["key"].as_str())
        .collect();
    assert!(keys.is_sorted());

    let height = before.as_str().unwrap();
    let earlier = lines(&format!("node export --folder net --at {height}"));
    assert_eq!(supply(&earlier), None);
    let beyond = run(
        folder.path(),
        "node export --folder net --at 99 --out state.jsonl",
    );
    assert_eq!(beyond.status.code(), Some(1));
    assert!(!folder.path().join("state.jsonl").exists());
    let nowhere = run(folder.path(), "node export --folder nowhere");
    assert_eq!(nowhere.status.code(), Some(2));
}

/// Goal: two nodes of one chain are the same, or the first transaction that differs is named, running or
/// stopped; what cannot be compared has another exit code.
#[test]
fn the_first_difference_of_two_nodes_is_named() {
    let start =
        |time: &str| Devnet::start(&["--state", "net", "--time", time, "--blocks", "manual"]);
    let (one, other) = (start("2026-01-01T00:00:00Z"), start("2026-01-01T00:00:00Z"));
    for (devnet, cap) in [(&one, 1_000), (&other, 2_000)] {
        devnet.answer("contract upload bond --yes --no-wait --signer dev:issuer");
        devnet.answer("dev mine");
        let deploy =
            format!("contract deploy bond --yes --no-wait --signer dev:issuer -- --cap {cap}");
        devnet.answer(&deploy);
        devnet.answer("dev mine");
    }
    let third = start("2026-01-01T00:00:01Z");
    let (url, third_url) = (other.url.clone(), third.url.clone());
    let folder = one.kill();
    let diff = |one: &str, other: &str| {
        let output = run(folder.path(), &format!("--json node diff {one} {other}"));
        let text = String::from_utf8(output.stdout).unwrap();
        (
            output.status.code(),
            serde_json::from_str::<Value>(&text).unwrap(),
        )
    };
    let (code, same) = diff("net", "net/../net");
    assert_eq!(code, Some(2), "one folder, opened twice: {same}");
    let restored = run(folder.path(), "node restore --from net --folder copy");
    assert_eq!(restored.status.code(), Some(0), "{restored:?}");
    let (code, same) = diff("net", "copy");
    assert_eq!(code, Some(0), "{same}");
    assert_eq!(same["result"]["height"], "2");
    let (code, differs) = diff("net", &url);
    assert_eq!(code, Some(1), "{differs}");
    let place = &differs["error"];
    assert_eq!(
        (&place["height"], &place["index"]),
        (&"1".into(), &0.into())
    );
    assert_eq!(place["differs"][0]["what"], "transaction");
    for (one, other) in [
        ("net", third_url.as_str()),
        ("net", "nowhere"),
        (&url, "http://127.0.0.1:1/rpc"),
    ] {
        let (code, answer) = diff(one, other);
        assert_eq!(code, Some(2), "{answer}");
    }
}
