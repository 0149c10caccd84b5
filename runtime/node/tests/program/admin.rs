//! A running node, administered through the socket in its folder.

use crate::devnet::Devnet;
use std::os::unix::fs::PermissionsExt;

const DEPLOY: &str = "contract deploy bond --yes --signer dev:issuer --as bond -- --cap 1000";
const MINT: &str = "contract call bond --yes --signer dev:issuer -- mint --to dev:alice --amount 1";

/// Goal: a node that runs empty refuses with its own words, keeps answering, and takes transactions again.
#[test]
fn a_node_runs_empty_and_goes_on() {
    let devnet = Devnet::start(&["--state", "net"]);
    devnet.answer(DEPLOY);
    let drained = devnet.answer("node drain --folder net");
    assert_eq!(
        (&drained["draining"], &drained["waiting"]),
        (&true.into(), &0.into())
    );
    let (code, document) = devnet.json(MINT);
    assert_eq!(code, Some(1), "{document}");
    assert_eq!(document["error"]["code"], 1502, "{document}");
    assert!(document.to_string().contains("run empty"), "{document}");
    assert_eq!(
        devnet.answer("contract query bond -- supply")["result"],
        "0"
    );
    devnet.answer("node drain --folder net --resume");
    devnet.answer(MINT);
}

/// Goal: a running node copies itself, and the copy is a node with every acknowledged block.
#[test]
fn a_running_node_is_backed_up() {
    let devnet = Devnet::start(&["--state", "net"]);
    devnet.answer(DEPLOY);
    devnet.answer(MINT);
    let head = devnet.answer("chain head");
    let copied = devnet.answer("node backup --folder net --to copy");
    assert_eq!(copied["height"], head["height"], "{copied}");
    devnet.answer(MINT);
    let (code, document) = devnet.json("node backup --folder net --to copy");
    assert_ne!(code, Some(0), "{document}");
    let verified = devnet.answer("node verify --folder copy");
    assert_eq!(verified["height"], head["height"], "{verified}");
}

/// Goal: the socket is for its owner; its log level changes and nonsense is refused; where no node runs the
/// command says so.
#[test]
fn the_socket_is_its_owners() {
    let devnet = Devnet::start(&["--state", "net"]);
    let socket = devnet.folder.path().join("net/data/admin.sock");
    let mode = socket.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    devnet.answer("node log debug --folder net");
    let (code, document) = devnet.json("node log weighhouse_node=loud --folder net");
    assert_eq!(code, Some(1), "{document}");
    assert!(
        document.to_string().contains("not well formed"),
        "{document}"
    );
    let (code, document) = devnet.json("node drain --folder elsewhere");
    assert_eq!(code, Some(1), "{document}");
    let folder = devnet.kill();
    // The socket of a node that was killed is nobody's: a stopped node is copied by the command itself.
    let mut command = crate::devnet::program();
    command.args(["node", "backup", "--folder", "net", "--to", "copy"]);
    assert!(
        command
            .current_dir(folder.path())
            .status()
            .unwrap()
            .success()
    );
}
