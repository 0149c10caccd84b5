//! A node that institutions expose: TLS and API keys, with the program as server and as client.

use crate::devnet::{program, wait_for};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/tls");
const SETTINGS: &str = "\n[rpc]\nlisten = \"127.0.0.1:0\"\ntls_cert = \"node.pem\"\ntls_key = \"node.key\"\napi_keys = \"api-keys\"\n";

/// A folder with a node that is to speak TLS and ask for keys.
struct Exposed {
    folder: TempDir,
    child: Option<Child>,
}

impl Exposed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let exposed = Self {
            folder,
            child: None,
        };
        exposed.answer("node init --development --folder node");
        for name in ["node.pem", "node.key"] {
            std::fs::copy(Path::new(FIXTURES).join(name), exposed.file(name)).unwrap();
        }
        exposed.mode(0o600);
        std::fs::write(exposed.file("weighhouse.toml"), SETTINGS).unwrap();
        exposed
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("node").join(name)
    }

    fn mode(&self, mode: u32) {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.file("node.key"), mode).unwrap();
    }

    fn command(&self, line: &str) -> Command {
        let mut command = program();
        command
            .arg("--json")
            .args(line.split_whitespace())
            .env("WEIGHHOUSE_CONFIG_DIR", self.folder.path().join("config"))
            .current_dir(self.folder.path());
        command
    }

    fn run(&self, line: &str) -> (Option<i32>, Value) {
        let output = self.command(line).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let document = serde_json::from_str(&text);
        (
            output.status.code(),
            document.unwrap_or_else(|_| panic!("{line}: {output:?}")),
        )
    }

    fn answer(&self, line: &str) -> Value {
        let (code, mut document) = self.run(line);
        assert_eq!(code, Some(0), "{line}: {document}");
        document["result"].take()
    }

    /// A start that is refused, with what it says.
    fn refused(&self) -> String {
        let (code, document) = self.run("node start --folder node");
        assert_eq!(code, Some(2), "{document}");
        document.to_string()
    }

    fn start(&mut self) -> String {
        let ready = self.folder.path().join("ready");
        let mut command = self.command("node start --folder node --ready-file ready");
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child = Some(child.unwrap());
        wait_for(&ready)
    }
}

impl Drop for Exposed {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Goal: what is missing or too open is refused at the start with its file and its cure; then who has authority and key is
/// served by the same commands, and nobody else; a key that was removed is refused.
#[test]
fn a_node_behind_tls_asks_for_keys() {
    let mut node = Exposed::new();
    let said = node.refused();
    assert!(
        said.contains("api-keys") && said.contains("api-key add"),
        "{said}"
    );
    let made = node.answer("node api-key add bank-a --folder node");
    let other = node.answer("node api-key add bank-b --folder node");
    let key = made["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("whk_") && key.len() == 68, "{key}");
    let text = std::fs::read_to_string(node.file("api-keys")).unwrap();
    assert!(
        text.contains("bank-a ") && !text.contains(&key[4..]),
        "{text}"
    );
    let mode = node.file("api-keys").metadata().unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let (code, twice) = node.run("node api-key add bank-a --folder node");
    assert_eq!(code, Some(1), "{twice}");
    let (code, wrong) = node.run("node api-key add Bank_A --folder node");
    assert_eq!(code, Some(2), "{wrong}");
    node.mode(0o644);
    let said = node.refused();
    assert!(
        said.contains("chmod o= ") && said.contains("node.key"),
        "{said}"
    );
    node.mode(0o640);

    let url = node.start();
    assert!(url.starts_with("https://"), "{url}");
    let write =
        |name: &str, text: &str| std::fs::write(node.folder.path().join(name), text).unwrap();
    write("a.key", &format!("{key}\n"));
    write("b.key", other["key"].as_str().unwrap());
    write("none.key", "whk_00\n");
    let ask = |key: &str| format!("--rpc {url} --ca {FIXTURES}/ca.pem{key} chain head");
    for key in [" --api-key-file a.key", " --api-key-file b.key"] {
        assert_eq!(node.answer(&ask(key))["height"], "0");
    }
    for key in ["", " --api-key-file none.key"] {
        let (code, refused) = node.run(&ask(key));
        assert_eq!(code, Some(1), "{refused}");
        assert!(
            refused.to_string().contains("asks for an API key"),
            "{refused}"
        );
    }
    let (code, refused) = node.run(&format!("--rpc {url} --api-key-file a.key chain head"));
    assert_eq!(code, Some(1), "no authority: {refused}");
    let clear = url.replacen("https", "http", 1);
    let (code, refused) = node.run(&format!("--rpc {clear} --api-key-file a.key chain head"));
    assert_eq!(code, Some(1), "in clear: {refused}");
    // Administration needs no key: it is on a socket of the node's user.
    assert_eq!(node.answer("node drain --folder node")["draining"], true);

    node.answer("node api-key remove bank-a --folder node");
    assert_eq!(
        node.answer("node api-key list --folder node")["names"],
        serde_json::json!(["bank-b"])
    );
    let mut child = node.child.take().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_file(node.folder.path().join("ready")).unwrap();
    let url = node.start();
    let ask =
        |key: &str| format!("--rpc {url} --ca {FIXTURES}/ca.pem --api-key-file {key} chain head");
    assert_eq!(node.run(&ask("a.key")).0, Some(1));
    assert_eq!(node.run(&ask("b.key")).0, Some(0));
}
