//! Settings of one node: what was typed, the environment, the file, the defaults, resolved once.
//!
//! Two kinds of settings are never mixed: chain parameters are in genesis and state; these here are
//! paths, addresses, sizes of caches. Invariant CONF-1: none of them changes a receipt or a root; the
//! runtime only gets [`weighhouse_runtime::Settings`].
//!
//! [`KEYS`] is the one table: name, unit, default, comment. A value comes from a flag or `--set`,
//! else from `WEIGHHOUSE_SECTION_KEY`, else from `weighhouse.toml`, else from the table.

mod keys;

pub use keys::{KEYS, Key};

use crate::abci;
use crate::block_mode::BlockMode;
use crate::document::{Document, Item};
use crate::nearest::suggestion;
use crate::output::Failure;
use crate::pool;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use weighhouse_rpc::server::Rate;
use weighhouse_runtime::vm::engine::VmSettings;
use weighhouse_runtime::{Stages, StoreKind, limits};

/// Name of the settings file in a node's folder.
pub const FILE: &str = "weighhouse.toml";
/// Name of the genesis file in a node's folder.
pub const GENESIS_FILE: &str = "genesis.toml";
/// Name of the folder of log, store and compiled code in a node's folder.
pub const DATA_FOLDER: &str = "data";

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// An environment variable.
    Environment(String),
    /// The file, with the line.
    File(PathBuf, usize),
    /// The table.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("command line"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Exactly what was typed about settings.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Args {
    /// Where to serve JSON-RPC (setting rpc.listen)
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// When blocks are made: auto, manual, 2s, mixed:2s (setting blocks.mode)
    #[arg(long, value_name = "MODE")]
    pub blocks: Option<String>,
    /// Who orders the blocks: solo or comet (setting consensus.mode)
    #[arg(long, value_name = "MODE")]
    pub consensus: Option<String>,
    /// Any setting of weighhouse.toml; repeat for more
    #[arg(long, value_name = "SECTION.KEY=VALUE")]
    pub set: Vec<String>,
}

impl Args {
    fn typed(&self) -> Result<BTreeMap<String, String>, Failure> {
        let mut typed = BTreeMap::new();
        for text in &self.set {
            let (name, value) = text.split_once('=').ok_or_else(|| {
                Failure::usage(format!("--set {text} has no value"))
                    .help("write --set SECTION.KEY=VALUE")
            })?;
            let key = find(name).map_err(|help| {
                Failure::usage(format!("--set {name}: there is no such setting")).help(help)
            })?;
            typed.insert(key.name.to_owned(), value.to_owned());
        }
        for (name, value) in [
            ("rpc.listen", &self.listen),
            ("blocks.mode", &self.blocks),
            ("consensus.mode", &self.consensus),
        ] {
            if let Some(value) = value {
                typed.insert(name.into(), value.clone());
            }
        }
        Ok(typed)
    }
}

fn find(name: &str) -> Result<&'static Key, String> {
    KEYS.iter().find(|key| key.name == name).ok_or_else(|| {
        suggestion(name, KEYS.iter().map(|key| key.name))
            .unwrap_or_else(|| "`weighhouse node config` prints every setting".into())
    })
}

/// Name of the environment variable of a setting.
fn variable(key: &Key) -> String {
    format!("WEIGHHOUSE_{}", key.name.replace('.', "_").to_uppercase())
}

/// A value before it is understood, with where it comes from.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The setting.
    pub key: &'static Key,
    /// Its value as text.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Resolves every setting to a text: flag, environment, file, default.
///
/// # Errors
/// Unknown settings in flags or file, values of a wrong kind in the file.
pub fn resolve(
    args: &Args,
    environment: impl Fn(&str) -> Option<String>,
    file: Option<&Document>,
) -> Result<Vec<Resolved>, Failure> {
    let mut typed = args.typed()?;
    let mut written = written(file)?;
    Ok(KEYS
        .iter()
        .map(|key| {
            let name = variable(key);
            let in_file = written.remove(key.name);
            let (value, origin) = if let Some(value) = typed.remove(key.name) {
                (value, Origin::Flag)
            } else if let Some(value) = environment(&name) {
                (value, Origin::Environment(name))
            } else if let Some(found) = in_file {
                found
            } else {
                (key.default.into(), Origin::Default)
            };
            Resolved { key, value, origin }
        })
        .collect())
}

fn written(file: Option<&Document>) -> Result<BTreeMap<String, (String, Origin)>, Failure> {
    let Some(document) = file else {
        return Ok(BTreeMap::new());
    };
    let mut written = BTreeMap::new();
    for entry in &document.entries {
        let key = find(&entry.key).map_err(|help| {
            document.flaw(entry.line, format!("unknown key {}", entry.key), &help)
        })?;
        let value = match &entry.item {
            Item::Text(text) => text.clone(),
            Item::Integer(number) => number.to_string(),
            Item::Bool(value) => value.to_string(),
            Item::List(texts) => {
                let texts: Vec<&str> = texts.iter().map(|(text, _)| text.as_str()).collect();
                texts.join(",")
            }
        };
        let origin = Origin::File(document.path().into(), entry.line);
        written.insert(key.name.to_owned(), (value, origin));
    }
    Ok(written)
}

/// Who orders the blocks, and where the engine is that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consensus {
    /// CometBFT does; otherwise this node for itself.
    pub comet: bool,
    /// Where the engine connects to.
    pub listen: abci::Address,
    /// Where the engine answers.
    pub engine: SocketAddr,
    /// Blocks that the engine keeps; 0 for all.
    pub retain_blocks: u64,
    /// Blocks between two snapshots; 0 for none.
    pub snapshot_interval: u64,
    /// Snapshots kept.
    pub snapshots_kept: usize,
}

/// What the program uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Host headers accepted beside the obvious ones.
    pub allow_hosts: Vec<String>,
    /// Web origins accepted.
    pub allow_origins: Vec<String>,
    /// Open connections.
    pub connections_max: usize,
    /// Open connections from one address.
    pub connections_per_ip_max: usize,
    /// Threads that run contracts for queries and simulations.
    pub query_threads: usize,
    /// Whether `GET /` shows the explorer.
    pub explorer: bool,
    /// Bytes of a request.
    pub request_bytes_max: u32,
    /// Requests of a batch.
    pub batch_max: u32,
    /// Subscriptions of a connection.
    pub subscriptions_max: u32,
    /// What an address may spend.
    pub rate: Rate,
    /// Whether addresses of this machine are limited too.
    pub limits_loopback: bool,
    /// What the owner of an API key may spend.
    pub key_rate: Rate,
    /// File of API keys, if they are asked for.
    pub api_keys: Option<PathBuf>,
    /// File of the certificate chain, if the port speaks TLS.
    pub tls_cert: Option<PathBuf>,
    /// File of its key.
    pub tls_key: Option<PathBuf>,
    /// When blocks are made.
    pub blocks: BlockMode,
    /// Who orders the blocks.
    pub consensus: Consensus,
    /// Bounds of the pool.
    pub pool: pool::Limits,
    /// Engine of the derived state.
    pub store: StoreKind,
    /// Bytes of its cache.
    pub store_cache_bytes: u64,
    /// Bytes of values kept in memory above it.
    pub read_cache_bytes: u64,
    /// How far back state can be queried; `None` for everything.
    pub retention: Option<u64>,
    /// Bytes of the data folder's disk that are kept free; 0 keeps none.
    pub reserve_bytes: u64,
    /// What is logged.
    pub log_filter: String,
    /// Log as JSON.
    pub log_json: bool,
}

impl Settings {
    /// The defaults of the table.
    ///
    /// # Panics
    /// If the table's own defaults do not fit their kinds: a bug, caught by a unit test.
    #[must_use]
    pub fn defaults() -> Self {
        resolve(&Args::default(), |_| None, None)
            .and_then(|resolved| Self::understand(&resolved))
            .unwrap_or_else(|failure| unreachable!("default settings: {}", failure.what()))
    }

    /// Settings of a node's folder, where its file need not exist.
    ///
    /// # Errors
    /// Anything wrong in flags, environment or file, with its place.
    pub fn of_folder(folder: &Path, args: &Args) -> Result<(Self, Vec<Resolved>), Failure> {
        let path = folder.join(FILE);
        let document = path.exists().then(|| Document::read(&path)).transpose()?;
        let environment = |name: &str| std::env::var(name).ok();
        let resolved = resolve(args, environment, document.as_ref())?;
        let mut settings = Self::understand(&resolved)?;
        let files = [
            &mut settings.api_keys,
            &mut settings.tls_cert,
            &mut settings.tls_key,
        ];
        for file in files.into_iter().flatten() {
            *file = folder.join(&*file);
        }
        Ok((settings, resolved))
    }

    /// Understands resolved texts.
    ///
    /// # Errors
    /// The first value that is not of its key's kind, with where it comes from.
    pub fn understand(resolved: &[Resolved]) -> Result<Self, Failure> {
        let values = Values { resolved };
        let blocks: BlockMode = values.parse("blocks.mode", "auto, manual, 2s or mixed:2s")?;
        Ok(Self {
            listen: values.parse("rpc.listen", "an address and port such as 127.0.0.1:8735")?,
            allow_hosts: values.list("rpc.allow_hosts"),
            allow_origins: values.list("rpc.allow_origins"),
            connections_max: values.number("rpc.connections_max", 1, 65_536)?,
            connections_per_ip_max: values.number("rpc.connections_per_ip_max", 1, 65_536)?,
            query_threads: values.number("rpc.query_threads", 1, 64)?,
            explorer: values.choice("rpc.explorer", &["yes", "no"])? == "yes",
            request_bytes_max: values.number("rpc.request_bytes_max", 1 << 10, 64 << 20)?,
            batch_max: values.number("rpc.batch_max", 1, 1_000)?,
            subscriptions_max: values.number("rpc.subscriptions_max", 1, 65_536)?,
            rate: Rate {
                per_second: values.number("rpc.rate_per_second", 0, 1_000_000)?,
                burst: values.number("rpc.rate_burst", 1, 1_000_000_000)?,
            },
            limits_loopback: values.choice("rpc.rate_loopback", &["yes", "no"])? == "yes",
            key_rate: Rate {
                per_second: values.number("rpc.key_rate_per_second", 0, 1_000_000)?,
                burst: values.number("rpc.key_rate_burst", 1, 1_000_000_000)?,
            },
            api_keys: values.file("rpc.api_keys"),
            tls_cert: values.file("rpc.tls_cert"),
            tls_key: values.file("rpc.tls_key"),
            blocks,
            consensus: Consensus {
                comet: values.choice("consensus.mode", &["solo", "comet"])? == "comet",
                listen: values.parse(
                    "consensus.listen",
                    "unix:PATH, or an address and port of this machine such as 127.0.0.1:26658",
                )?,
                engine: values.parse(
                    "consensus.engine",
                    "an address and port such as 127.0.0.1:26657",
                )?,
                retain_blocks: values.number("consensus.retain_blocks", 0, u64::MAX)?,
                snapshot_interval: values.number("consensus.snapshot_interval", 0, u64::MAX)?,
                snapshots_kept: values.number("consensus.snapshots_kept", 1, 10)?,
            },
            pool: pool::Limits {
                transactions_max: values.number("pool.transactions_max", 1, 10_000_000)?,
                bytes_max: values.number("pool.bytes_max", limits::TX_BYTES_MAX as u64, 1 << 36)?,
                per_signer_max: values.number("pool.per_signer_max", 1, 10_000_000)?,
                refs_max: values.number("pool.refs_max", 1, 10_000_000)?,
            },
            store: match values.choice("store.engine", &["sled", "redb"])? {
                "redb" => StoreKind::Redb,
                _ => StoreKind::Sled,
            },
            store_cache_bytes: values.number("store.cache_bytes", 1 << 20, 1 << 40)?,
            read_cache_bytes: values.number("store.read_cache_bytes", 1 << 16, 1 << 40)?,
            retention: match values.number("store.retention_blocks", 0, u64::MAX)? {
                0 => None,
                blocks => Some(blocks),
            },
            reserve_bytes: values.number("store.reserve_bytes", 0, 1 << 40)?,
            log_filter: values.text("log.filter").into(),
            log_json: values.choice("log.format", &["text", "json"])? == "json",
        })
    }

    /// What the runtime gets: nothing else of these settings reaches it (CONF-1).
    #[must_use]
    pub const fn chain(&self, folder: Option<PathBuf>) -> weighhouse_runtime::Settings {
        let in_memory = folder.is_none();
        weighhouse_runtime::Settings {
            folder,
            store: if in_memory {
                StoreKind::Memory
            } else {
                self.store
            },
            store_cache_bytes: self.store_cache_bytes,
            read_cache_bytes: self.read_cache_bytes,
            retention: self.retention,
            store_inline: in_memory,
            vm: VmSettings::USUAL,
            storage: None,
            machine: None,
            stages: Stages::UNMEASURED,
        }
    }
}

/// Turns texts into values, and says which text is wrong.
struct Values<'a> {
    resolved: &'a [Resolved],
}

impl<'a> Values<'a> {
    fn of(&self, name: &str) -> &'a Resolved {
        let found = self
            .resolved
            .iter()
            .find(|resolved| resolved.key.name == name);
        found.unwrap_or_else(|| unreachable!("{name} is in the table of settings"))
    }

    fn text(&self, name: &str) -> &'a str {
        self.of(name).value.trim()
    }

    fn list(&self, name: &str) -> Vec<String> {
        let texts = self.text(name).split(',').map(str::trim);
        texts
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        Some(PathBuf::from(self.text(name))).filter(|path| !path.as_os_str().is_empty())
    }

    fn wrong(&self, name: &str, expected: &str) -> Failure {
        let resolved = self.of(name);
        Failure::usage(format!(
            "{name} is {:?}, must be {expected} ({})",
            resolved.value, resolved.origin
        ))
        .detail(resolved.key.comment)
        .help(format!(
            "correct it, or leave it out for {:?}",
            resolved.key.default
        ))
    }

    fn parse<T: std::str::FromStr>(&self, name: &str, expected: &str) -> Result<T, Failure> {
        self.text(name)
            .parse()
            .map_err(|_| self.wrong(name, expected))
    }

    fn number<T: TryFrom<u64>>(&self, name: &str, min: u64, max: u64) -> Result<T, Failure> {
        let number = self.text(name).replace('_', "").parse::<u64>().ok();
        number
            .filter(|number| (min..=max).contains(number))
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| self.wrong(name, &format!("a number from {min} to {max}")))
    }

    fn choice(&self, name: &str, choices: &[&'static str]) -> Result<&'static str, Failure> {
        let text = self.text(name);
        let found = choices.iter().find(|choice| **choice == text).copied();
        found.ok_or_else(|| self.wrong(name, &choices.join(" or ")))
    }
}

/// The settings file with every key, its comment, unit and value; `origins` adds where each is from.
#[must_use]
pub fn format(resolved: &[Resolved], origins: bool) -> String {
    let mut text =
        "# Settings of one node. None of them changes a receipt or a state root.\n".to_owned();
    let mut section = "";
    for Resolved { key, value, origin } in resolved {
        let (in_section, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if in_section != section {
            section = in_section;
            text.push_str(&format!("\n[{section}]\n"));
        }
        text.push_str(&format!("# {} Unit: {}.\n", key.comment, key.unit));
        let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let value = match number {
            true => value.clone(),
            false => toml::Value::from(value.as_str()).to_string(),
        };
        let origin = match origins {
            true => format!("   # {origin}"),
            false => String::new(),
        };
        text.push_str(&format!("{name} = {value}{origin}\n"));
    }
    text
}

#[cfg(test)]
mod tests;
