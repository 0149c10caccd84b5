//! `weighhouse node`: a node over a folder.
//!
//! A node's folder holds `genesis.toml` (the chain's), `weighhouse.toml` (this node's) and `data/`
//! (block log, store, compiled code). The block log is the truth; the store can be deleted.

use super::Context;
use super::remote::Remote;
use crate::clock::{Clock, SystemClock, format_time, parse_time};
use crate::config::{self, DATA_FOLDER, FILE, GENESIS_FILE, Settings};
use crate::output::Failure;
use crate::room::FULL;
use crate::service::{Plan, Service, signals};
use crate::telemetry::Logging;
use crate::{admin, backup, genesis_file};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use weighhouse_primitives::Timestamp;
use weighhouse_primitives::policy::{Access, ChainPolicy, ValidatorSet};
use weighhouse_rpc::address::{PREFIX_DEVELOPMENT, PREFIX_PRODUCTION, Prefix};
use weighhouse_runtime::{Genesis, limits};

/// Verbs of `weighhouse node`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Make a node's folder: genesis and settings
    Init(Init),
    /// Start the node of a folder; runs until SIGINT or SIGTERM
    Start(Start),
    /// Print the resolved settings with comment and unit for every key
    Config(Config),
    /// Ask a running node how it is
    Status,
    /// Check a stopped node's data, changing nothing: log chain, replay from genesis, state root, rows
    Verify(super::node_repair::Verify),
    /// Make a stopped node's store anew from its block log
    Repair(super::node_repair::Repair),
    /// Execute a stopped node's block log by a fresh node, and compare roots
    Replay(super::node_repair::Replay),
    /// Compare two nodes of one chain: names the first block and transaction that differ, and how
    Diff(super::node_diff::Diff),
    /// Copy a node's genesis, settings and block log, running or stopped; the rest is rebuilt from them
    Backup(Backup),
    /// Let a running node run empty before it is stopped: it takes no transactions, and executes what waits
    Drain(super::node_admin::Drain),
    /// Change what a running node logs, until it is started again
    Log(super::node_admin::Log),
    /// Print the state of a stopped node at a height, one JSON line for each entry
    Export(super::node_export::Export),
    /// Transactions that ended the node while they were executed: list or release them
    Quarantine(super::node_export::Held),
    /// Keys without which a node answers nobody: add, list, remove
    #[command(subcommand)]
    ApiKey(super::node_api_key::Args),
    /// Make a node's folder from a copy, after checking every record of its block log
    Restore(Restore),
}

/// Flags of `weighhouse node backup`.
#[derive(Clone, Debug, clap::Args)]
pub struct Backup {
    #[command(flatten)]
    folder: Folder,
    /// Where to, a folder that does not exist
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Flags of `weighhouse node restore`.
#[derive(Clone, Debug, clap::Args)]
pub struct Restore {
    #[command(flatten)]
    folder: Folder,
    /// The copy
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
}

/// The folder of a node.
#[derive(Clone, Debug, clap::Args)]
pub struct Folder {
    /// Folder of the node
    #[arg(
        long,
        value_name = "DIR",
        default_value = "node",
        env = "WEIGHHOUSE_FOLDER"
    )]
    pub folder: PathBuf,
}

/// Flags of `weighhouse node init`.
#[derive(Clone, Debug, clap::Args)]
pub struct Init {
    #[command(flatten)]
    folder: Folder,
    /// Name of the chain
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Account that may change the chain policy; needed unless --development
    #[arg(long, value_name = "ADDRESS")]
    governor: Option<String>,
    /// A development network: everything open, no governor
    #[arg(long, conflicts_with = "governor")]
    development: bool,
    /// A first validator: KEY:POWER, the key as in the key file of its CometBFT; repeat for each
    #[arg(long, value_name = "KEY:POWER")]
    validator: Vec<String>,
    /// Time before which there is no block [default: now]
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
    /// Take this genesis file instead of making one: to join an existing chain
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "governor", "development", "time", "validator"])]
    genesis: Option<PathBuf>,
}

/// Flags of `weighhouse node start`.
#[derive(Clone, Debug, clap::Args)]
pub struct Start {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    settings: config::Args,
    /// Write the URL here once requests are answered
    #[arg(long, value_name = "FILE", env = "WEIGHHOUSE_READY_FILE")]
    ready_file: Option<PathBuf>,
}

/// Flags of `weighhouse node config`.
#[derive(Clone, Debug, clap::Args)]
pub struct Config {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    settings: config::Args,
    /// Say where each value comes from
    #[arg(long)]
    origin: bool,
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// Usage, or a fault of the node.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Init(init) => init.run(context),
            Self::Start(start) => start.run(context),
            Self::Config(config) => config.run(context),
            Self::Status => status(context),
            Self::Verify(args) => args.run(context),
            Self::Repair(args) => args.run(context),
            Self::Replay(args) => args.run(context),
            Self::Diff(args) => args.run(context),
            Self::Backup(args) => args.run(context),
            Self::Drain(args) => args.run(context),
            Self::Log(args) => args.run(context),
            Self::Export(args) => args.run(context),
            Self::Quarantine(args) => args.run(context),
            Self::ApiKey(args) => args.run(context),
            Self::Restore(args) => copy(context, &args.from, &args.folder.folder),
        }
    }
}

impl Backup {
    /// A running node copies itself, a stopped one is copied.
    fn run(self, context: &Context) -> Result<(), Failure> {
        let to = std::path::absolute(&self.to).unwrap_or_else(|_| self.to.clone());
        let Some(text) = to.to_str() else {
            return Err(Failure::usage("the path of the copy is not UTF-8")
                .help("nothing was changed; name another folder with --to DIR"));
        };
        let request = json!({ "method": "backup", "to": text });
        match admin::ask(&self.folder.folder.join(DATA_FOLDER), &request)? {
            Some(copied) => {
                tell(context, copied, &to);
                Ok(())
            }
            None => copy(context, &self.folder.folder, &self.to),
        }
    }
}

/// Says what was copied: what [`backup::Copied::document`] says, and where it is.
fn tell(context: &Context, mut copied: Value, to: &Path) {
    copied["folder"] = json!(to.display().to_string());
    let text = |name: &str| copied[name].as_str().unwrap_or_default();
    let text = format!(
        "  chain    {}   height {}\n  copied   {} bytes of block log, every record checked\n  to       {}",
        text("chain"),
        text("height"),
        text("log_bytes"),
        text("folder"),
    );
    context.output.answer(text, &copied);
}

/// Copies a stopped node, for a backup or back from one.
fn copy(context: &Context, from: &Path, to: &Path) -> Result<(), Failure> {
    let copied = backup::copy(from, to)?;
    tell(context, copied.document(), to);
    Ok(())
}

/// Asks a running node how it is.
fn status(context: &Context) -> Result<(), Failure> {
    let remote = Remote::connect(context)?;
    let status = remote.run(remote.client.node_status())?;
    let text = format!(
        "  chain    {}   height {}   time {}\n  state    {}\n  pool     {} of {} transactions, {} bytes\n  \
         store    {} bytes, {} blocks behind   log {} bytes\n  up       {} s",
        remote.info.chain_id,
        status.height.0,
        format_time(Timestamp(status.time.0)),
        match &status.reason {
            Some(reason) => format!("{}: {reason}", status.state),
            None => status.state.clone(),
        },
        status.pool.count.0,
        status.pool.count_max.0,
        status.pool.bytes.0,
        status.store_bytes.0,
        status.store_lag.0,
        status.log_bytes.0,
        status.uptime_seconds.0,
    );
    context.output.answer(text, &status);
    if status.ready {
        Ok(())
    } else {
        let reason = status.reason.unwrap_or_default();
        let help = match status.state.as_str() {
            "faulted" => "its log names the cause; restarting it is recovery",
            "syncing" => "it goes on by itself once it is where the others are",
            _ if reason == FULL => "free some room on its disk; it goes on by itself",
            _ => "it goes on by itself once that is over",
        };
        Err(
            Failure::failed(format!("the node takes no transactions: {reason}"))
                .data("state", status.state)
                .help(help),
        )
    }
}

impl Folder {
    /// The genesis of the folder.
    pub(super) fn genesis(&self) -> Result<Genesis, Failure> {
        let file = self.folder.join(GENESIS_FILE);
        if !file.exists() {
            return Err(Failure::usage(format!(
                "{} is not a node's folder: there is no {GENESIS_FILE}",
                self.folder.display()
            ))
            .help(
                "make one with `weighhouse node init --folder DIR`, or name another --folder DIR",
            ));
        }
        Ok(genesis_file::read(&file)?)
    }

    /// Copies genesis and settings into the folder of a node that was made from this one.
    pub(super) fn copy_settings(&self, into: &Path) -> Result<(), Failure> {
        for name in [GENESIS_FILE, FILE] {
            let from = self.folder.join(name);
            if from.exists() {
                std::fs::copy(&from, into.join(name)).map_err(|error| {
                    Failure::failed(format!("cannot copy {}: {error}", from.display()))
                        .help("copy it by hand: the rest of the fresh node is there")
                })?;
            }
        }
        Ok(())
    }

    /// The data folder of a node that has been started.
    pub(super) fn data(&self) -> Result<PathBuf, Failure> {
        let data = self.folder.join(DATA_FOLDER);
        if data.exists() {
            return Ok(data);
        }
        Err(Failure::usage(format!("{} does not exist", data.display()))
            .help("the node has never been started: there is nothing to look at"))
    }
}

impl Init {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let folder = &self.folder.folder;
        for name in [GENESIS_FILE, FILE, DATA_FOLDER] {
            if folder.join(name).exists() {
                return Err(Failure::usage(format!(
                    "{} exists already",
                    folder.join(name).display()
                ))
                .help("nothing was changed; name another --folder DIR"));
            }
        }
        let genesis = self.genesis()?;
        let settings = config::resolve(&config::Args::default(), |_| None, None)?;
        write(folder, GENESIS_FILE, &genesis_file::format(&genesis))?;
        write(folder, FILE, &config::format(&settings, false))?;
        let document = json!({
            "folder": folder.display().to_string(),
            "chain": genesis.name,
            "genesis_hash": genesis.hash().to_string(),
        });
        context.output.answer(
            format!(
                "  chain    {}   genesis {}\n  wrote    {}\n           {}\n  next     weighhouse node start --folder {}",
                genesis.name,
                genesis.hash(),
                folder.join(GENESIS_FILE).display(),
                folder.join(FILE).display(),
                folder.display(),
            ),
            &document,
        );
        Ok(())
    }

    fn genesis(&self) -> Result<Genesis, Failure> {
        if let Some(file) = &self.genesis {
            return Ok(genesis_file::read(file)?);
        }
        let mut validators = ValidatorSet::default();
        for text in &self.validator {
            let (key, power) = crate::validator::entry(text).ok_or_else(|| {
                Failure::usage(format!("--validator {text} is no validator with its power"))
                    .help("--validator KEY:POWER, the key as in priv_validator_key.json")
            })?;
            validators.0.insert(key, power);
        }
        let time = match &self.time {
            None => SystemClock.now(),
            Some(text) => parse_time(text).map_err(|error| {
                Failure::usage(format!("--time: {error}"))
                    .help("for example --time 2026-01-01T00:00:00Z")
            })?,
        };
        if self.development {
            let mut genesis = Genesis::development(time);
            genesis.validators = validators;
            if let Some(name) = &self.name {
                genesis.name.clone_from(name);
            }
            return check(genesis);
        }
        let missing = |what: &str| {
            Failure::usage(format!("a production chain needs {what}"))
                .help("weighhouse node init --name bank-1 --governor wh1...   or  --development")
        };
        let name = self.name.clone().ok_or_else(|| missing("--name NAME"))?;
        let governor = self.governor.as_ref();
        let text = governor.ok_or_else(|| missing("--governor ADDRESS"))?;
        let prefix = Prefix::new(PREFIX_PRODUCTION)
            .ok_or_else(|| Failure::fault("the production prefix is not a prefix"))?;
        let governor = prefix.parse(text).map_err(|error| {
            Failure::usage(format!("--governor: {error}"))
                .help("make a key with `weighhouse key new governor`, its address starts with wh1")
        })?;
        check(Genesis {
            name,
            prefix: PREFIX_PRODUCTION.into(),
            development: false,
            protocol: limits::PROTOCOL_VERSION,
            time,
            policy: ChainPolicy {
                governor: Some(governor),
                submit: Access::Open,
                upload: Access::Listed(BTreeSet::from([governor])),
                deploy: Access::Listed(BTreeSet::from([governor])),
                quota: None,
            },
            validators,
        })
    }
}

/// A genesis as its file will be read: refused now rather than at the first start.
fn check(genesis: Genesis) -> Result<Genesis, Failure> {
    debug_assert!(genesis.development == (genesis.prefix == PREFIX_DEVELOPMENT));
    let text = genesis_file::format(&genesis);
    Ok(genesis_file::parse(Path::new(GENESIS_FILE), &text)?)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|error| {
            Failure::usage(format!("cannot write {}: {error}", path.display()))
                .help("name a folder that can be written with --folder DIR")
        })
}

impl Start {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let folder = &self.folder.folder;
        let (settings, _) = Settings::of_folder(folder, &self.settings)?;
        Logging::of_settings(&settings, context.global.verbose).start()?;
        let genesis = self.folder.genesis()?;
        let plan = Plan {
            genesis: genesis.clone(),
            data: Some(folder.join(DATA_FOLDER)),
            settings,
            time: None,
            ready_file: self.ready_file,
        };
        let runtime = context.tokio()?;
        runtime.block_on(async {
            let stop = signals()?;
            let service = Service::start(plan).await?;
            let head = service.reader().head();
            let consensus = service.consensus_address().map(ToString::to_string);
            let engine = consensus.as_ref().map_or_else(String::new, |address| {
                format!("\n  comet    connects to {address}")
            });
            context.output.answer(
                format!(
                    "  chain    {}   rpc  {}   height {}{engine}",
                    genesis.name,
                    service.url(),
                    head.height
                ),
                &json!({
                    "chain": genesis.name,
                    "genesis_hash": genesis.hash().to_string(),
                    "rpc": service.url(),
                    "height": head.height.to_string(),
                    "state_root": head.state_root.to_string(),
                    "consensus": consensus,
                }),
            );
            service.run_until(stop).await
        })
    }
}

impl Config {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let (_, resolved) = Settings::of_folder(&self.folder.folder, &self.settings)?;
        let document: serde_json::Map<String, serde_json::Value> = resolved
            .iter()
            .map(|one| {
                let value = json!({
                    "value": one.value,
                    "unit": one.key.unit,
                    "origin": one.origin.to_string(),
                });
                (one.key.name.to_owned(), value)
            })
            .collect();
        let text = config::format(&resolved, self.origin);
        context.output.answer(text, &document);
        Ok(())
    }
}
