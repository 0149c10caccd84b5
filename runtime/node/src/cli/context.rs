//! What every command is given: the global flags, resolved once.

use super::Global;
use crate::nearest::suggestion;
use crate::output::{Failure, Output};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use weighhouse_rpc::client::Access;
use zeroize::Zeroizing;

/// Where a node listens unless told otherwise.
pub(crate) const DEFAULT_RPC: &str = "http://127.0.0.1:8735/rpc";

/// The flags that every command has, and what follows from them.
#[derive(Debug)]
pub struct Context {
    /// The way out.
    pub output: Output,
    /// What was typed.
    pub global: Global,
}

/// `networks.toml` in the configuration folder.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Networks {
    #[serde(default)]
    networks: BTreeMap<String, Network>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    rpc: String,
}

impl Context {
    /// Takes over the global flags.
    #[must_use]
    pub const fn new(global: Global) -> Self {
        let output = Output {
            json: global.json,
            quiet: global.quiet,
            color: global.color,
        };
        Self { output, global }
    }

    /// Folder of keys, address book and networks; not created here.
    ///
    /// # Errors
    /// If neither `--config-dir` nor `HOME` says where.
    pub fn config_dir(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = &self.global.config_dir {
            return Ok(folder.clone());
        }
        let base = std::env::var_os("XDG_CONFIG_HOME")
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
        base.map(|base| base.join("weighhouse")).ok_or_else(|| {
            Failure::usage("there is no home folder to keep the configuration in")
                .help("give --config-dir DIR or set WEIGHHOUSE_CONFIG_DIR")
        })
    }

    /// URL of the node's JSON-RPC: `--rpc`, else that of `--network`, else the local node's.
    ///
    /// # Errors
    /// If the network is not in `networks.toml`, or that file is not well formed.
    pub fn rpc_url(&self) -> Result<String, Failure> {
        if let Some(url) = &self.global.rpc {
            return Ok(url.clone());
        }
        let Some(name) = &self.global.network else {
            return Ok(DEFAULT_RPC.into());
        };
        let path = self.config_dir()?.join("networks.toml");
        let networks = networks(&path)?;
        match networks.networks.get(name) {
            Some(network) => Ok(network.rpc.clone()),
            None => {
                let names = networks.networks.keys().map(String::as_str);
                Err(
                    Failure::usage(format!("no network {name} in {}", path.display()))
                        .help_if(suggestion(name, names))
                        .help(format!(
                            "add to {}:  [networks.{name}]  rpc = \"http://HOST:PORT/rpc\"",
                            path.display()
                        )),
                )
            }
        }
    }

    /// What is shown to the node and believed of it: `--ca`, `--api-key-file`.
    ///
    /// # Errors
    /// Files that cannot be read, or are not what they should be.
    pub fn access(&self) -> Result<Access, Failure> {
        let mut access = Access::default();
        let unusable = |path: &Path, error: &dyn std::fmt::Display, help: &str| {
            Failure::usage(format!("cannot use {}: {error}", path.display())).help(help.to_owned())
        };
        if let Some(path) = &self.global.ca {
            let help = "--ca names a file of certificates in PEM";
            let text = std::fs::read(path).map_err(|error| unusable(path, &error, help))?;
            let believed = access.believing(&text);
            access = believed.map_err(|error| unusable(path, &error, help))?;
        }
        if let Some(path) = &self.global.api_key_file {
            let help = "--api-key-file names a file whose first line is the key that the node's operator gave you";
            let text = std::fs::read_to_string(path).map(Zeroizing::new);
            let text = text.map_err(|error| unusable(path, &error, help))?;
            let presented = access.presenting(text.lines().next().unwrap_or_default());
            access = presented.map_err(|error| unusable(path, &error, help))?;
        }
        Ok(access)
    }

    /// A tokio runtime for a command that talks to a node.
    ///
    /// # Errors
    /// If the operating system gives no thread.
    pub fn tokio(&self) -> Result<tokio::runtime::Runtime, Failure> {
        weighhouse_rpc::server::runtime()
            .build()
            .map_err(|error| Failure::fault(format!("cannot start the worker threads: {error}")))
    }

    /// Asks before something is changed; `--yes` answers for the user.
    ///
    /// # Errors
    /// If the user declines, or there is nobody to ask and no `--yes`.
    pub fn confirm(&self, question: &str) -> Result<(), Failure> {
        if self.global.yes {
            return Ok(());
        }
        match self.output.ask(question) {
            Some(true) => Ok(()),
            Some(false) => Err(Failure::failed("declined; nothing was sent")
                .help("run the same command again when you are sure")),
            None => Err(Failure::usage("there is nobody to ask, nothing was sent")
                .help("add --yes to go ahead without a question")),
        }
    }
}

fn networks(path: &Path) -> Result<Networks, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|error| {
            Failure::usage(format!("{} is not well formed", path.display()))
                .detail(error.to_string().trim().to_owned())
                .help("every entry is  [networks.NAME]  rpc = \"http://HOST:PORT/rpc\"")
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Networks::default()),
        Err(error) => Err(
            Failure::usage(format!("cannot read {}: {error}", path.display()))
                .help("make the file readable"),
        ),
    }
}
