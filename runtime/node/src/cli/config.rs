//! `weighhouse config`: what the command line works with, and where it comes from.

use super::Context;
use crate::keystore::{is_name, write_private};
use crate::output::Failure;
use serde_json::json;
use std::path::Path;

/// Verbs of `weighhouse config`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Show what is in force
    Show {
        /// And where it comes from
        #[arg(long)]
        origin: bool,
    },
    /// Name a network, for --network
    Set {
        /// Its name
        network: String,
        /// URL of its node's JSON-RPC
        rpc: String,
    },
    /// Print the configuration folder
    Path,
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// No home folder, or a networks.toml that is not well formed.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let folder = context.config_dir()?;
        match self {
            Self::Show { origin } => show(context, &folder, origin),
            Self::Set { network, rpc } => set(context, &folder, &network, &rpc),
            Self::Path => {
                let text = folder.display().to_string();
                context.output.answer(&text, &json!({ "path": text }));
                Ok(())
            }
        }
    }
}

/// `flag or environment`, or the default's origin.
fn origin_of(set: bool, variable: &str, default: &str) -> String {
    match (set, std::env::var_os(variable)) {
        (true, Some(_)) => format!("flag or {variable}"),
        (true, None) => "flag".into(),
        (false, _) => default.into(),
    }
}

fn show(context: &Context, folder: &Path, origin: bool) -> Result<(), Failure> {
    let global = &context.global;
    let rpc = context.rpc_url()?;
    let rpc_default = if global.network.is_some() {
        "networks.toml"
    } else {
        "default"
    };
    let rows = [
        (
            "rpc",
            rpc,
            origin_of(global.rpc.is_some(), "WEIGHHOUSE_RPC", rpc_default),
        ),
        (
            "network",
            global.network.clone().unwrap_or_else(|| "-".into()),
            origin_of(global.network.is_some(), "WEIGHHOUSE_NETWORK", "default"),
        ),
        (
            "config_dir",
            folder.display().to_string(),
            origin_of(
                global.config_dir.is_some(),
                "WEIGHHOUSE_CONFIG_DIR",
                "default",
            ),
        ),
    ];
    let lines: Vec<String> = rows
        .iter()
        .map(|(key, value, from)| {
            let from = if origin {
                format!("  ({from})")
            } else {
                String::new()
            };
            format!("{key:<12} {value}{from}")
        })
        .collect();
    let document: serde_json::Map<_, _> = rows
        .iter()
        .map(|(key, value, from)| ((*key).to_owned(), json!({"value": value, "origin": from})))
        .collect();
    context.output.answer(lines.join("\n"), &document);
    Ok(())
}

fn set(context: &Context, folder: &Path, network: &str, rpc: &str) -> Result<(), Failure> {
    if !is_name(network) {
        return Err(
            Failure::usage(format!("{network:?} is not a name of a network"))
                .help("use a-z, 0-9, - and _, starting with a letter"),
        );
    }
    if !rpc.starts_with("http://") && !rpc.starts_with("https://") {
        return Err(Failure::usage(format!("{rpc} is not a URL of a node"))
            .help("write http://HOST:PORT/rpc"));
    }
    let path = folder.join("networks.toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(
                Failure::usage(format!("cannot read {}: {error}", path.display()))
                    .help("make the file readable"),
            );
        }
    };
    let damaged = |error: String| {
        Failure::usage(format!("{} is not well formed", path.display()))
            .detail(error)
            .help("correct or remove the file")
    };
    let mut table: toml::Table =
        toml::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    let networks = table
        .entry("networks")
        .or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let networks = networks
        .as_table_mut()
        .ok_or_else(|| damaged("networks is not a table".into()))?;
    let mut entry = toml::Table::new();
    entry.insert("rpc".into(), rpc.into());
    networks.insert(network.into(), toml::Value::Table(entry));
    let text = toml::to_string(&table).map_err(|error| damaged(error.to_string()))?;
    write_private(&path, text.as_bytes()).map_err(|error| {
        Failure::failed(format!("cannot write {}: {error}", path.display()))
            .help("make the folder writable")
    })?;
    context
        .output
        .answer("", &json!({ "network": network, "rpc": rpc }));
    Ok(())
}
