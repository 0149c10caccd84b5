//! A node on a real small disk that fills up: a tmpfs in a name space of its own.
//!
//! Where the system permits no such mount the tests print the reason and prove nothing.

use crate::devnet::{program, wait_for};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A wait that ends long after anything healthy.
const PATIENCE: Duration = Duration::from_secs(60);
const MEGABYTE: u64 = 1 << 20;
const MINT: &str = "contract call bond --yes --signer dev:issuer -- mint --to dev:alice --amount 1";

/// Bytes of the disk, and how many of them a node keeps free.
struct Sizes {
    disk: u64,
    reserve: u64,
}

/// Runs its arguments in a name space where `small` is a disk of so many bytes.
fn on_small_disk(folder: &Path, bytes: u64, then: &str) -> Command {
    let mut command = Command::new("unshare");
    let script = format!("mount -t tmpfs -o size={bytes} tmpfs small && {then}");
    command
        .args(["-rm", "sh", "-c", &script, "sh"])
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// False, with the reason printed, where no small disk can be had.
fn is_possible() -> bool {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("small")).unwrap();
    let tried = on_small_disk(folder.path(), MEGABYTE, "true").output();
    let refused = match tried {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    let line = format!("SKIPPED, no small disk can be mounted here: {refused}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    false
}

struct Node {
    folder: TempDir,
    child: Child,
    url: String,
}

impl Node {
    /// Makes and starts a node on a disk of its own.
    fn start(sizes: &Sizes) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("small")).unwrap();
        let ready = folder.path().join("ready");
        // Ended by a fault, it is started once more, with room.
        let run = "cd small && \"$1\" node init --development --folder node > ../init && \
                   start() { \"$1\" --quiet node start --folder node --listen 127.0.0.1:0 \
                   --ready-file \"$2\"; } && { start \"$1\" \"$2\"; echo $? > ../code; [ -e ../keep ] || rm -f filler; \
                   start \"$1\" ../again; }";
        let child = on_small_disk(folder.path(), sizes.disk, run)
            .arg(env!("CARGO_BIN_EXE_weighhouse"))
            .arg(&ready)
            .env("WEIGHHOUSE_STORE_RESERVE_BYTES", sizes.reserve.to_string())
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("said")).unwrap())
            .spawn()
            .unwrap();
        let url = wait_for(&ready);
        Self { folder, child, url }
    }

    /// Its disk, seen from here.
    fn disk(&self) -> PathBuf {
        let inside = self.folder.path().join("small");
        let root = format!("/proc/{}/root", self.child.id());
        Path::new(&root).join(inside.strip_prefix("/").unwrap())
    }

    /// Fills the disk but for so many bytes.
    fn fill(&self, but: u64) {
        let mut filler = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.disk().join("filler"))
            .unwrap();
        let some = vec![7; 64 * 1024];
        while filler.write_all(&some).is_ok() {}
        let length = filler.metadata().unwrap().len();
        filler.set_len(length.saturating_sub(but)).unwrap();
    }

    /// Removes what fills the disk, unless whoever starts the node again has done so.
    fn make_room(&self) {
        let _ = std::fs::remove_file(self.disk().join("filler"));
    }

    fn command(&self, line: &str) -> Command {
        let mut command = program();
        command
            .arg("--json")
            .args(line.split_whitespace())
            .env("WEIGHHOUSE_RPC", &self.url)
            .env("WEIGHHOUSE_CONFIG_DIR", self.folder.path().join("config"))
            .current_dir(self.folder.path());
        command
    }

    fn run(&self, line: &str) -> (Option<i32>, Value) {
        let output = self.command(line).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let last = text.lines().last().unwrap_or_default();
        let document = serde_json::from_str(last);
        let document = document.unwrap_or_else(|_| panic!("{line}: {output:?}"));
        (output.status.code(), document)
    }

    fn answer(&self, line: &str) -> Value {
        let (code, mut document) = self.run(line);
        assert_eq!(code, Some(0), "{line}: {document}");
        document["result"].take()
    }

    /// Asks for the node's status until it has this state.
    fn wait_for_state(&self, state: &str) -> Value {
        let started = Instant::now();
        loop {
            let status = self.answer("rpc node_status");
            if status["state"] == state {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "{status}");
        }
    }

    fn supply(&self) -> u128 {
        let answer = self.answer("contract query bond -- supply");
        answer["result"].as_str().unwrap().parse().unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
    }
}

/// Goal: a node whose disk is nearly full is read-only, says so everywhere, answers queries, and goes on by
/// itself once there is room; what it had accepted is durable then.
#[test]
fn a_full_disk_is_a_state_and_not_an_end() {
    if !is_possible() {
        return;
    }
    let node = Node::start(&Sizes {
        disk: 96 * MEGABYTE,
        reserve: 24 * MEGABYTE,
    });
    node.answer("contract deploy bond --yes --signer dev:issuer --as bond -- --cap 1000");
    node.answer(MINT);
    assert_eq!(node.wait_for_state("ready")["reason"], Value::Null);
    node.fill(12 * MEGABYTE);
    // Taken before the node looked: it waits.
    node.answer(&MINT.replace("--yes", "--yes --no-wait"));
    let status = node.wait_for_state("read_only");
    assert_eq!(status["reason"], "its disk is full", "{status}");
    assert_eq!(status["ready"], false);
    let (code, document) = node.run("node status");
    assert_eq!(code, Some(1), "{document}");
    assert!(
        document.to_string().contains("free some room"),
        "{document}"
    );
    let (code, document) = node.run(MINT);
    assert_eq!(code, Some(1), "{document}");
    assert_eq!(document["error"]["code"], 1502, "{document}");
    assert!(
        document.to_string().contains("its disk is full"),
        "{document}"
    );
    assert_eq!(node.supply(), 1);
    node.make_room();
    node.wait_for_state("ready");
    node.answer(MINT);
    assert_eq!(node.supply(), 3, "accepted before, durable now");
}

/// Goal: on a disk that somebody else fills to the last byte a node that keeps no reserve is read-only, or stops
/// with a fault and is started again; either way nothing acknowledged is lost.
#[test]
fn state_2_a_disk_filled_by_others_loses_nothing() {
    if !is_possible() {
        return;
    }
    let mut node = Node::start(&Sizes {
        disk: 96 * MEGABYTE,
        reserve: 0,
    });
    node.answer("contract deploy bond --yes --signer dev:issuer --as bond -- --cap 100000");
    node.answer(MINT);
    node.fill(0);
    let code = node.folder.path().join("code");
    let (mut attempts, started) = (1, Instant::now());
    let send = MINT.replace("--yes", "--yes --no-wait");
    while !code.exists() {
        assert!(started.elapsed() < PATIENCE, "it never ran out of room");
        // A node that has just ended answers nothing.
        let _ = node.command(&send).output().unwrap();
        attempts += 1;
        let status = node.command("rpc node_status").output().unwrap();
        if String::from_utf8_lossy(&status.stdout).contains("read_only") {
            node.make_room();
            break;
        }
    }
    // The store may have met the full disk too, and stop the node only now.
    loop {
        assert!(started.elapsed() < PATIENCE, "it never came back");
        if code.exists() {
            node.url = wait_for(&node.folder.path().join("again"));
            assert_eq!(std::fs::read_to_string(&code).unwrap().trim(), "3");
        }
        attempts += 1;
        let (sent, _) = node.run(MINT);
        if sent == Some(0) {
            break;
        }
    }
    let supply = node.supply();
    assert!((2..=attempts).contains(&supply), "{supply} of {attempts}");
}

/// Goal: a node that finds no byte left when it starts gives up its reserve, is read-only and answers; with room it goes
/// on and has a reserve again.
#[test]
fn state_2_a_node_starts_on_a_full_disk() {
    if !is_possible() {
        return;
    }
    let mut node = Node::start(&Sizes {
        disk: 96 * MEGABYTE,
        reserve: 24 * MEGABYTE,
    });
    node.answer("contract deploy bond --yes --signer dev:issuer --as bond -- --cap 1000");
    node.answer(MINT);
    let reserve = node.disk().join("node/data/reserve");
    assert_eq!(reserve.metadata().unwrap().len(), 16 * MEGABYTE);
    std::fs::write(node.folder.path().join("keep"), "").unwrap();
    node.fill(0);
    let shell = node.child.id();
    let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
    let mut kill = Command::new("kill");
    kill.args(["-KILL", children.unwrap().trim()]);
    assert!(kill.status().unwrap().success());
    node.url = wait_for(&node.folder.path().join("again"));
    assert!(!reserve.exists(), "it was given up");
    let status = node.wait_for_state("read_only");
    assert_eq!(status["reason"], "its disk is full", "{status}");
    assert_eq!(node.supply(), 1);
    let (code, document) = node.run(MINT);
    assert_eq!((code, &document["error"]["code"]), (Some(1), &1502.into()));
    node.make_room();
    node.wait_for_state("ready");
    node.answer(MINT);
    assert_eq!(node.supply(), 2);
    assert_eq!(reserve.metadata().unwrap().len(), 16 * MEGABYTE);
}
