//! A devnet of its own for each test, and the program pointed at it.

use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A wait that ends long after anything healthy.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weighhouse"));
    for (name, _) in std::env::vars() {
        if name.starts_with("WEIGHHOUSE_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// A running node in a folder of its own.
pub(crate) struct Devnet {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) url: String,
    child: Child,
}

impl Devnet {
    /// Starts one with more flags.
    pub(crate) fn start(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("ready");
        let child = program()
            .args(["devnet", "--quiet", "--port", "0", "--ready-file"])
            .arg(&ready)
            .args(flags)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = wait_for(&ready);
        Self { folder, url, child }
    }

    /// Kills the node without warning; gives its folder.
    pub(crate) fn kill(mut self) -> tempfile::TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// The program pointed at this node, with a configuration folder of its own.
    pub(crate) fn command(&self) -> Command {
        let mut command = program();
        command
            .env("WEIGHHOUSE_RPC", &self.url)
            .env("WEIGHHOUSE_CONFIG_DIR", self.folder.path().join("config"))
            .current_dir(self.folder.path());
        command
    }

    /// Runs a line of words.
    pub(crate) fn run(&self, line: &str) -> Output {
        self.command()
            .args(line.split_whitespace())
            .output()
            .unwrap()
    }

    /// Runs a line with `--json`; exit code and document.
    pub(crate) fn json(&self, line: &str) -> (Option<i32>, Value) {
        let words = line.split_whitespace();
        let output = self.command().arg("--json").args(words).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let document = serde_json::from_str(&text);
        let document = document.unwrap_or_else(|_| panic!("{line}: {text} {output:?}"));
        (output.status.code(), document)
    }

    /// Runs a line that must succeed; its answer.
    pub(crate) fn answer(&self, line: &str) -> Value {
        let (code, mut document) = self.json(line);
        assert_eq!(code, Some(0), "{line}: {document}");
        document["result"].take()
    }
}

impl Drop for Devnet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a node writes into its ready file once it answers.
pub(crate) fn wait_for(ready: &Path) -> String {
    let started = Instant::now();
    loop {
        if let Ok(text) = std::fs::read_to_string(ready) {
            return text.trim().to_owned();
        }
        assert!(started.elapsed() < PATIENCE, "the node never got ready");
        std::thread::yield_now();
    }
}
