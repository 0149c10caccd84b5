//! Looking at the folder of a stopped node, making its store anew, executing its log elsewhere.

use crate::devnet::{Devnet, program};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const MINT: &str = "contract call bond --yes --signer dev:issuer -- mint --to dev:alice --amount 5";

/// A devnet that made five blocks and was killed, in the folder `net`; a backup after the third in `early`.
fn killed() -> TempDir {
    let devnet = Devnet::start(&["--state", "net"]);
    devnet.answer("contract deploy bond --yes --signer dev:issuer --as bond -- --cap 1000");
    devnet.answer(MINT);
    devnet.answer("node backup --folder net --to early");
    devnet.answer(MINT);
    devnet.answer(MINT);
    devnet.kill()
}

/// Exit code and document of a command in the folder.
fn run(folder: &Path, line: &str) -> (Option<i32>, Value) {
    let words = line.split_whitespace();
    let mut command = program();
    let output = command
        .arg("--json")
        .args(words)
        .current_dir(folder)
        .output();
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    // Of two documents, an answer and a failure, the last says how it ended.
    let last = text.lines().last().unwrap_or_default().to_owned();
    let document = serde_json::from_str(&last);
    (
        output.status.code(),
        document.unwrap_or_else(|_| panic!("{line}: {output:?}")),
    )
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found
}

fn segment(folder: &Path) -> PathBuf {
    folder.join("net/data/log/0000000001.log")
}

/// Changes the bytes of a file.
fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

/// Leaves half a record behind the last one, as a crash does.
fn tear(log: &Path) {
    change(log, |bytes| {
        let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        bytes[end..end + 6].copy_from_slice(b"WHBR\x09\x01");
    });
}

/// Changes a byte in the middle of what a log holds.
fn rot(log: &Path) {
    change(log, |bytes| {
        let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        bytes[end / 2] ^= 1;
    });
}

/// Damages the store's files beyond what they could be made from.
fn spoil_store(folder: &Path) {
    // Batches that were recorded and are in the engine too would make all of it good again.
    std::fs::write(folder.join("net/data/state/sled/redo"), "rot").unwrap();
    change(&folder.join("net/data/state/sled/db"), |bytes| {
        bytes.iter_mut().step_by(97).for_each(|byte| *byte ^= 0x40);
    });
}

/// Goal: looking compares every row and changes no byte of the folder, also where a start would: a torn tail,
/// a damaged store; both are named.
#[test]
fn state_2_verify_changes_nothing_and_names_what_it_finds() {
    let folder = killed();
    let data = folder.path().join("net");
    let before = files(&data);
    let (code, document) = run(folder.path(), "node verify --folder net --deep");
    assert_eq!(code, Some(0), "{document}");
    let found = &document["result"];
    assert_eq!(
        (&found["holds"], &found["store"]),
        (&true.into(), &"read".into())
    );
    assert_eq!(found["torn_tail"], Value::Null);
    for rows in ["state", "pages", "look_ups"] {
        let count = found["deep"][rows].as_str().unwrap();
        assert_ne!(count, "0", "{found}");
    }
    assert_eq!(found["deep"]["differ"], "0", "{found}");
    assert!(before == files(&data), "looking changed a file");

    tear(&segment(folder.path()));
    let torn = files(&data);
    let (code, document) = run(folder.path(), "node verify --folder net");
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(document["result"]["torn_tail"]["bytes"], "6");
    assert!(torn == files(&data), "looking removed a torn tail");

    spoil_store(folder.path());
    let spoiled = files(&data);
    let (code, document) = run(folder.path(), "node verify --folder net --deep");
    assert_eq!(code, Some(1), "{document}");
    assert!(document.to_string().contains("node repair"), "{document}");
    assert!(spoiled == files(&data), "looking changed a damaged store");
}

/// Goal: a store is made anew from the log to the same root, whatever was wrong with it; a torn tail is
/// removed and named.
#[test]
fn state_3_a_store_is_made_anew_from_the_log() {
    let folder = killed();
    let (_, sound) = run(folder.path(), "node verify --folder net");
    spoil_store(folder.path());
    tear(&segment(folder.path()));
    let (code, document) = run(
        folder.path(),
        "node repair --from-log --keep-old --folder net",
    );
    assert_eq!(code, Some(0), "{document}");
    let repaired = &document["result"];
    assert_eq!(repaired["torn_tail"]["bytes"], "6", "{repaired}");
    assert_eq!(repaired["state_root"], sound["result"]["state_root"]);
    assert!(folder.path().join("net/data/state.old/sled/db").exists());
    assert!(!folder.path().join("net/data/state.new").exists());
    let (code, document) = run(folder.path(), "node verify --folder net --deep");
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(document["result"]["torn_tail"], Value::Null);
    let (code, _) = run(folder.path(), "node repair --folder net");
    assert_eq!(code, Some(2), "what it is made from must be said");
}

/// Goal: damage inside the log is told from a torn tail: named with its place, and not a byte is changed.
#[test]
fn damage_inside_the_log_is_never_cut_away() {
    let folder = killed();
    rot(&segment(folder.path()));
    let before = files(&folder.path().join("net"));
    for line in [
        "node repair --from-log --folder net",
        "node repair --from-log --accept-shorter-log --folder net",
        "node verify --folder net",
        "node replay --folder net",
    ] {
        let (code, document) = run(folder.path(), line);
        assert_eq!(code, Some(3), "{line}: {document}");
        let said = document.to_string();
        assert!(said.contains("0000000001.log at byte"), "{line}: {said}");
        assert!(said.contains("node restore"), "{line}: {said}");
        assert!(
            before == files(&folder.path().join("net")),
            "{line} changed a file"
        );
    }
}

/// Goal: a log that has lost acknowledged blocks is not taken for the truth, unless the operator says so.
#[test]
fn a_log_that_lost_blocks_is_refused() {
    let folder = killed();
    // The store must be there up to the last block, as after a stop.
    let (code, document) = run(folder.path(), "node repair --from-log --folder net");
    assert_eq!(code, Some(0), "{document}");
    let early = folder.path().join("early/data/log/0000000001.log");
    std::fs::copy(early, segment(folder.path())).unwrap();
    let (code, document) = run(folder.path(), "node repair --from-log --folder net");
    assert_eq!(code, Some(3), "{document}");
    let error = &document["error"];
    assert_ne!(error["height_before"], error["log_height"], "{document}");
    let (code, document) = run(folder.path(), "node verify --folder net");
    assert_eq!(code, Some(3), "{document}");
    let line = "node repair --from-log --accept-shorter-log --folder net";
    let (code, document) = run(folder.path(), line);
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(document["result"]["height"], error["log_height"]);
    assert_eq!(
        run(folder.path(), "node verify --folder net --deep").0,
        Some(0)
    );
}

/// Goal: a fresh node comes to the recorded roots and to those of a list; the first that differs is named, and
/// each way to fail has its exit code.
#[test]
fn det_1_a_log_is_replayed_by_a_fresh_node() {
    let folder = killed();
    let (code, whole) = run(folder.path(), "node replay --folder net --out roots");
    assert_eq!(code, Some(0), "{whole}");
    let line = "node replay --folder net --expect roots --believe-signatures";
    let (code, believed) = run(folder.path(), line);
    assert_eq!(code, Some(0), "{believed}");
    assert_eq!(
        believed["result"]["state_root"],
        whole["result"]["state_root"]
    );
    let line = "node replay --folder net --to 3 --expect few --into fresh";
    let roots = std::fs::read_to_string(folder.path().join("roots")).unwrap();
    let few: String = roots
        .lines()
        .take(4)
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(folder.path().join("few"), few).unwrap();
    let (code, document) = run(folder.path(), line);
    assert_eq!(code, Some(0), "{document}");
    assert_eq!(document["result"]["compared"], "3");
    assert_eq!(
        run(folder.path(), "node verify --folder fresh --deep").0,
        Some(0)
    );

    let (height, root) = roots.lines().nth(3).unwrap().split_once(' ').unwrap();
    let digit = if root.ends_with('0') { '1' } else { '0' };
    let other = format!("{height} {}{digit}\n", &root[..root.len() - 1]);
    for (text, code) in [
        (other.as_str(), 1),
        (
            "99 0x0000000000000000000000000000000000000000000000000000000000000000",
            1,
        ),
        ("three 0x00", 2),
    ] {
        std::fs::write(folder.path().join("expected"), text).unwrap();
        let (found, document) = run(folder.path(), "node replay --folder net --expect expected");
        assert_eq!(found, Some(code), "{text}: {document}");
        if code == 1 {
            let named = text.split(' ').next().unwrap();
            assert_eq!(document["error"]["height"], named, "{document}");
        }
    }
    for line in [
        "node replay --folder net --to 99",
        "node replay --folder net --expect nowhere",
        "node replay --folder net --out roots",
        "node replay --folder net --into fresh",
    ] {
        assert_eq!(run(folder.path(), line).0, Some(2), "{line}");
    }
}
