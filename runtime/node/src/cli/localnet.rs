//! `weighhouse localnet`: several validators of one chain on this machine.

use super::Context;
use super::remote::Remote;
use crate::clock::{Clock, SystemClock};
use crate::genesis_file;
use crate::localnet::{Localnet, Plan, Role, VALIDATORS_MAX, Validator};
use crate::output::Failure;
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use weighhouse_runtime::Genesis;

/// How long the network may take to make its first block.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is asked whether it has.
const LOOK: Duration = Duration::from_millis(200);

/// Verbs of `weighhouse localnet`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Make folders, keys, genesis and settings of the validators
    Init(Init),
    /// Start what does not run: a node and a CometBFT for each validator; returns once there are blocks
    Start(Folder),
    /// Stop all of it
    Stop(Folder),
    /// Print the last lines of the logs
    Logs(Logs),
}

/// The folder of a local network.
#[derive(Clone, Debug, clap::Args)]
pub struct Folder {
    /// Folder of the network
    #[arg(long, value_name = "DIR", default_value = "localnet")]
    folder: PathBuf,
}

/// Flags of `weighhouse localnet init`.
#[derive(Clone, Debug, clap::Args)]
pub struct Init {
    #[command(flatten)]
    folder: Folder,
    /// How many validators
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=i64::from(VALIDATORS_MAX)))]
    validators: u16,
    /// Port of the first node's JSON-RPC; CometBFT's are 100 and 200 above. 0 takes free ones
    #[arg(long, default_value_t = 8740)]
    port: u16,
    /// Take this genesis file instead of a development network's
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
}

/// Flags of `weighhouse localnet logs`.
#[derive(Clone, Debug, clap::Args)]
pub struct Logs {
    #[command(flatten)]
    folder: Folder,
    /// Of this validator only
    #[arg(long, value_name = "NUMBER")]
    validator: Option<u16>,
    /// How many lines of each
    #[arg(long, default_value_t = 10)]
    lines: usize,
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// Usage, no CometBFT, or a network that does not start.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Init(init) => init.run(context),
            Self::Start(folder) => start(context, &Localnet::open(&folder.folder)?),
            Self::Stop(folder) => {
                let stopped = Localnet::open(&folder.folder)?.stop();
                let document = json!({ "stopped": stopped });
                context
                    .output
                    .answer(format!("  stopped  {stopped} processes"), &document);
                Ok(())
            }
            Self::Logs(logs) => logs.run(context),
        }
    }
}

impl Init {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let genesis = match &self.genesis {
            Some(file) => genesis_file::read(file)?,
            None => Genesis {
                name: "localnet-1".into(),
                ..Genesis::development(SystemClock.now())
            },
        };
        let plan = Plan {
            folder: self.folder.folder.clone(),
            validators: self.validators,
            port: self.port,
            genesis,
        };
        let network = Localnet::init(&plan)?;
        let document = json!({
            "folder": network.folder.display().to_string(),
            "validators": network.validators.len(),
            "chain": network.genesis.name,
            "genesis_hash": network.genesis.hash().to_string(),
        });
        let text = format!(
            "  chain    {}   genesis {}\n  wrote    {} validators below {}\n  next     weighhouse localnet start --folder {}",
            network.genesis.name,
            network.genesis.hash(),
            network.validators.len(),
            network.folder.display(),
            self.folder.folder.display(),
        );
        context.output.answer(text, &document);
        Ok(())
    }
}

fn start(context: &Context, network: &Localnet) -> Result<(), Failure> {
    let began = Instant::now();
    network.start(PATIENCE)?;
    let (mut lines, mut items) = (Vec::new(), Vec::new());
    for validator in &network.validators {
        let (url, height) = first_block(context, validator, began)?;
        let number = validator.number;
        lines.push(format!("  {number:<8} rpc  {url}   height {height}"));
        items.push(json!({ "validator": number, "rpc": url, "height": height.to_string() }));
    }
    let document = json!({ "folder": network.folder.display().to_string(), "validators": items });
    context.output.answer(lines.join("\n"), &document);
    Ok(())
}

/// Waits until a validator has a block and takes transactions; gives its URL and height.
fn first_block(
    context: &Context,
    validator: &Validator,
    began: Instant,
) -> Result<(String, u64), Failure> {
    let mut global = context.global.clone();
    global.network = None;
    loop {
        let running = [Role::Node, Role::Comet].map(|role| validator.pid(role).is_some());
        global.rpc = validator.url();
        let here = Context::new(global.clone());
        let status =
            Remote::connect(&here).and_then(|remote| remote.run(remote.client.node_status()));
        if let (Ok(status), Some(url)) = (status, &global.rpc)
            && status.ready
            && status.height.0 > 0
        {
            return Ok((url.clone(), status.height.0));
        }
        let (number, folder) = (validator.number, validator.folder.display());
        if running != [true, true] || began.elapsed() > PATIENCE {
            return Err(
                Failure::failed(format!("validator {number} makes no block"))
                    .help(format!("see node.log and comet.log in {folder}"))
                    .help("stop the others with `weighhouse localnet stop`"),
            );
        }
        std::thread::sleep(LOOK);
    }
}

impl Logs {
    fn run(self, context: &Context) -> Result<(), Failure> {
        let network = Localnet::open(&self.folder.folder)?;
        let wanted = |validator: &&Validator| {
            self.validator
                .is_none_or(|number| number == validator.number)
        };
        let (mut lines, mut items) = (Vec::new(), Vec::new());
        for validator in network.validators.iter().filter(wanted) {
            for role in [Role::Node, Role::Comet] {
                let file = validator.log_file(role);
                let bytes = std::fs::read(&file).unwrap_or_default();
                let text = String::from_utf8_lossy(&bytes);
                let mut last: Vec<&str> = text.lines().rev().take(self.lines).collect();
                last.reverse();
                lines.push(format!("== {}", file.display()));
                lines.extend(last.iter().map(|line| (*line).to_owned()));
                items.push(json!({ "file": file.display().to_string(), "lines": last }));
            }
        }
        context
            .output
            .answer(lines.join("\n"), &json!({ "logs": items }));
        Ok(())
    }
}
