//! CometBFT as a program: where it is, its keys, its genesis, its settings.

use crate::output::Failure;
use crate::validator;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use weighhouse_primitives::policy::ValidatorSet;
use weighhouse_runtime::Genesis;

/// The version that is tested; later ones of 0.38 do as well.
pub const ENGINE_VERSION: &str = "0.38.26";
/// Releases before this one of 0.38 have a critical flaw in block time (CSA-2026-001).
const PATCH_MIN: u32 = 21;
/// Name of the program, and the variable that says where it is.
const PROGRAM: &str = "cometbft";
const VARIABLE: &str = "COMETBFT";
/// Bytes of a block of CometBFT: one of ours with room for header, votes and lengths.
const BLOCK_BYTES: u64 = 5 << 20;

/// The CometBFT of this machine.
///
/// # Errors
/// None, or one of another version; both say how to get it.
pub fn program() -> Result<PathBuf, Failure> {
    let install = format!("go install github.com/cometbft/cometbft/cmd/cometbft@v{ENGINE_VERSION}");
    let help = |failure: Failure| {
        failure
            .help(format!("install it with Go 1.22 or later: {install}"))
            .help(format!(
                "it is looked for in {VARIABLE}, in PATH and in ~/go/bin"
            ))
    };
    let Some(found) = candidates().into_iter().find(|path| runs(path)) else {
        return Err(help(Failure::failed(
            "there is no CometBFT on this machine",
        )));
    };
    let version = version(&found).unwrap_or_default();
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().ok());
    let fits = matches!(
        (numbers.next(), numbers.next(), numbers.next()),
        (Some(Some(0)), Some(Some(38)), Some(Some(PATCH_MIN..)))
    );
    match fits {
        true => Ok(found),
        false => Err(help(Failure::failed(format!(
            "{} is CometBFT {version:?}, needed is 0.38.{PATCH_MIN} or a later 0.38",
            found.display()
        )))),
    }
}

fn candidates() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return vec![named.into()];
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(std::env::var_os("GOBIN").map(PathBuf::from));
    folders.extend(std::env::var_os("GOPATH").map(|path| PathBuf::from(path).join("bin")));
    folders.extend(std::env::var_os("HOME").map(|home| PathBuf::from(home).join("go/bin")));
    folders
        .into_iter()
        .map(|folder| folder.join(PROGRAM))
        .collect()
}

fn runs(path: &Path) -> bool {
    path.is_file() && version(path).is_some()
}

fn version(path: &Path) -> Option<String> {
    let output = Command::new(path).arg("version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| text.trim().trim_start_matches('v').to_owned())
}

fn run(command: &mut Command) -> Result<String, Failure> {
    let failed = |reason: String| Failure::failed(format!("cometbft failed: {reason}"));
    let output = command
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(failed(reason.trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Makes the keys of all validators, and a genesis that names them.
pub(super) fn make_keys(program: &Path, folder: &Path, validators: u16) -> Result<(), Failure> {
    let made = folder.join("made");
    run(Command::new(program)
        .args([
            "testnet",
            "--populate-persistent-peers=false",
            "--v",
            &validators.to_string(),
            "--o",
        ])
        .arg(&made))?;
    for number in 0..validators {
        let validator = folder.join(format!("validator-{number}"));
        let from = made.join(format!("node{number}"));
        std::fs::create_dir_all(&validator)
            .and_then(|()| std::fs::rename(&from, validator.join("comet")))
            .map_err(super::io("cannot make", &validator))?;
    }
    std::fs::remove_dir_all(&made).map_err(super::io("cannot remove", &made))
}

/// How the others call a node.
pub(super) fn node_id(program: &Path, home: &Path) -> Result<String, Failure> {
    run(Command::new(program)
        .arg("show-node-id")
        .arg("--home")
        .arg(home))
}

/// The validators that CometBFT's genesis names.
pub(super) fn validators(home: &Path) -> Result<ValidatorSet, Failure> {
    let path = home.join("config/genesis.json");
    let text = std::fs::read(&path).map_err(super::io("cannot read", &path))?;
    let document: Value = serde_json::from_slice(&text).unwrap_or_default();
    let one = |one: &Value| {
        let power = one["power"].as_str()?.parse().ok()?;
        Some((validator::key(one["pub_key"]["value"].as_str()?)?, power))
    };
    let listed = document["validators"].as_array().into_iter().flatten();
    let set: Option<_> = listed.map(one).collect();
    set.map(ValidatorSet)
        .filter(ValidatorSet::is_valid)
        .ok_or_else(|| Failure::failed(format!("{} names no validators", path.display())))
}

/// Adds to CometBFT's genesis what is ours: the chain's name, its genesis, the size of blocks.
pub(super) fn complete_genesis(path: &Path, genesis: &Genesis) -> Result<(), Failure> {
    let damaged =
        |error: serde_json::Error| Failure::failed(format!("{}: {error}", path.display()));
    let text = std::fs::read(path).map_err(super::io("cannot read", path))?;
    let mut document: Value = serde_json::from_slice(&text).map_err(damaged)?;
    document["chain_id"] = json!(genesis.name);
    document["app_state"] = json!({ "genesis_hash": genesis.hash().to_string() });
    document["consensus_params"]["block"]["max_bytes"] = json!(BLOCK_BYTES.to_string());
    let text = serde_json::to_string_pretty(&document).map_err(damaged)?;
    std::fs::write(path, text).map_err(super::io("cannot write", path))
}

/// What differs between validators.
pub(super) struct Settings {
    pub(super) moniker: String,
    pub(super) proxy: String,
    pub(super) rpc: SocketAddr,
    pub(super) peer: SocketAddr,
    pub(super) peers: String,
}

/// CometBFT's settings file; what is not in it is its default.
pub(super) fn settings(settings: &Settings) -> String {
    let Settings {
        moniker,
        proxy,
        rpc,
        peer,
        peers,
    } = settings;
    let text = |text: &str| toml::Value::from(text).to_string();
    let (moniker, proxy, peers) = (text(moniker), text(proxy), text(peers));
    format!(
        "# What is not here is CometBFT's default.\n\
         moniker = {moniker}\n\
         # The node's setting consensus.listen.\n\
         proxy_app = {proxy}\n\
         log_level = \"state:info,consensus:error,*:error\"\n\n\
         [rpc]\n\
         # The node's setting consensus.engine.\n\
         laddr = \"tcp://{rpc}\"\n\n\
         [p2p]\n\
         laddr = \"tcp://{peer}\"\n\
         persistent_peers = {peers}\n\
         persistent_peers_max_dial_period = \"2s\"\n\
         # All validators of this network are known, and on one machine.\n\
         pex = false\n\
         addr_book_strict = false\n\
         allow_duplicate_ip = true\n\
         flush_throttle_timeout = \"50ms\"\n\
         send_rate = 20480000\n\
         recv_rate = 20480000\n\n\
         [mempool]\n\
         size = 50000\n\
         max_txs_bytes = 134217728\n\
         cache_size = 200000\n\
         # The node counts what waits for each signer by what it is asked again.\n\
         recheck = true\n\
         # Two peers spread what one sends: with four validators a third less work than three.\n\
         experimental_max_gossip_connections_to_persistent_peers = 2\n\n\
         [consensus]\n\
         timeout_commit = \"500ms\"\n\
         peer_gossip_sleep_duration = \"50ms\"\n\
         # A block as soon as a transaction waits, an empty one after this long without.\n\
         create_empty_blocks = true\n\
         create_empty_blocks_interval = \"5s\"\n\n\
         [tx_index]\n\
         # The node has an index of its own.\n\
         indexer = \"null\"\n"
    )
}
