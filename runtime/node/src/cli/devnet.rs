//! `weighhouse devnet`: a development network in one process.
//!
//! Everything is open: whoever reaches the port can act for anybody. It therefore listens on
//! loopback only.

mod deploy;

use super::Context;
use crate::clock::{Clock, SystemClock, format_time, parse_time};
use crate::config::{DATA_FOLDER, GENESIS_FILE, Settings};
use crate::output::{Failure, Paint};
use crate::service::{Plan, Service, signals};
use crate::telemetry::Logging;
use crate::{devkeys, genesis_file};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use weighhouse_primitives::Height;
use weighhouse_rpc::address::Prefix;
use weighhouse_runtime::Genesis;

/// Flags of `weighhouse devnet`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Port of JSON-RPC, WebSocket, health and metrics; 0 lets the system choose
    #[arg(long, default_value_t = 8735, env = "WEIGHHOUSE_PORT")]
    pub port: u16,
    /// When blocks are made: auto, manual, 2s, or mixed:2s
    #[arg(
        long,
        default_value = "auto",
        value_name = "MODE",
        env = "WEIGHHOUSE_BLOCKS"
    )]
    pub blocks: String,
    /// Block time to start from, for example 2026-01-01T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME", env = "WEIGHHOUSE_TIME")]
    pub time: Option<String>,
    /// How many test accounts to list
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(0..=1000), env = "WEIGHHOUSE_ACCOUNTS")]
    pub accounts: u16,
    /// Keep the chain in this folder instead of in memory
    #[arg(long, value_name = "DIR", env = "WEIGHHOUSE_STATE")]
    pub state: Option<PathBuf>,
    /// Write the URL here once requests are answered
    #[arg(long, value_name = "FILE", env = "WEIGHHOUSE_READY_FILE")]
    pub ready_file: Option<PathBuf>,
    /// Deploy every .wasm of this folder on a new network, with the arguments in the .json beside it
    #[arg(long, value_name = "DIR")]
    pub deploy: Option<PathBuf>,
    /// Show no explorer on GET /
    #[arg(long)]
    pub no_explorer: bool,
}

impl Args {
    /// Runs until it is told to stop.
    ///
    /// # Errors
    /// Usage, an occupied port, or a fault of the node.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut logging = Logging::of_verbosity(context.global.verbose, context.global.quiet);
        logging.json = false;
        logging.start()?;
        let mut plan = self.plan()?;
        let contracts = self.contracts()?;
        // Who waits for the URL is to find the contracts there.
        let ready = if contracts.is_empty() {
            None
        } else {
            plan.ready_file.take()
        };
        let runtime = context.tokio()?;
        runtime.block_on(async {
            let stop = signals()?;
            let genesis = plan.genesis.clone();
            let blocks = plan.settings.blocks.to_string();
            let mut service = Service::start(plan).await?;
            self.announce(context, &genesis, &blocks, &service);
            if service.reader().head().height == Height::GENESIS && !contracts.is_empty() {
                let (global, url) = (context.global.clone(), service.url());
                let deployed =
                    tokio::task::spawn_blocking(move || deploy::deploy(&global, &url, &contracts));
                match deployed.await {
                    Ok(Ok(())) => {}
                    Ok(Err(failure)) => {
                        service.stop().await?;
                        return Err(failure);
                    }
                    Err(error) => return Err(Failure::fault(error.to_string())),
                }
            }
            if let Some(file) = ready {
                service.write_ready_file(file)?;
            }
            service.run_until(stop).await
        })
    }

    /// What to start.
    ///
    /// # Errors
    /// A flag or a folder that makes no sense.
    pub fn plan(&self) -> Result<Plan, Failure> {
        let time = match &self.time {
            None => None,
            Some(text) => Some(parse_time(text).map_err(|error| {
                Failure::usage(format!("--time: {error}"))
                    .help("for example --time 2026-01-01T00:00:00Z")
            })?),
        };
        let mut settings = Settings::defaults();
        settings.listen = SocketAddr::from(([127, 0, 0, 1], self.port));
        settings.blocks = self.blocks.parse().map_err(|error| {
            Failure::usage(format!("--blocks: {error}")).help("for example --blocks mixed:2s")
        })?;
        let fresh = || Genesis::development(time.unwrap_or_else(|| SystemClock.now()));
        settings.explorer = !self.no_explorer;
        let genesis = match &self.state {
            None => fresh(),
            Some(folder) => kept_genesis(folder, fresh)?,
        };
        Ok(Plan {
            genesis,
            data: self.state.as_ref().map(|folder| folder.join(DATA_FOLDER)),
            settings,
            time,
            ready_file: self.ready_file.clone(),
        })
    }

    /// What is to be deployed.
    fn contracts(&self) -> Result<Vec<deploy::Ready>, Failure> {
        let Some(folder) = &self.deploy else {
            return Ok(Vec::new());
        };
        if self.blocks == "manual" {
            return Err(
                Failure::usage("--deploy needs blocks, and --blocks manual makes none")
                    .help("leave --blocks out, and set it later: weighhouse dev blocks manual"),
            );
        }
        deploy::read(folder)
    }

    fn announce(&self, context: &Context, genesis: &Genesis, blocks: &str, service: &Service) {
        let roles: Vec<String> = (0..usize::from(self.accounts)).map(devkeys::role).collect();
        let url = service.url();
        let prefix = Prefix::new(&genesis.prefix);
        let addresses = roles.iter().filter_map(|role| {
            let key = devkeys::key(role, &genesis.name, genesis.development).ok()?;
            let address = prefix.as_ref()?.format(&devkeys::address(&key));
            Some(json!({ "role": format!("dev:{role}"), "address": address }))
        });
        let document = json!({
            "chain": genesis.name,
            "genesis_hash": genesis.hash().to_string(),
            "rpc": url,
            "blocks": blocks,
            "height": service.reader().head().height.to_string(),
            "accounts": addresses.collect::<Vec<_>>(),
        });
        let label = |text: &str| {
            context
                .output
                .paint_answer(Paint::Label, &format!("{text:<9}"))
        };
        let blocks = match blocks {
            "auto" => "on demand",
            "manual" => "on order: weighhouse dev mine",
            other => other,
        };
        let mut text = format!(
            "  {}{:<15}{}{url}   (ws on the same path)\n  {}{blocks:<15}{}{}\n",
            label("chain"),
            genesis.name,
            label("rpc"),
            label("blocks"),
            label("time"),
            format_time(service.producer().next_time()),
        );
        if !self.no_explorer {
            let page = url.trim_end_matches("rpc");
            text.push_str(&format!("  {}{page}\n", label("explorer")));
        }
        if !roles.is_empty() {
            text.push_str(&format!(
                "  {}{}\n           key with  weighhouse key show dev:issuer --secret   \
                 public test keys, never use elsewhere\n",
                label("accounts"),
                roles.join(" "),
            ));
        }
        context.output.answer(text, &document);
    }
}

/// The genesis of a devnet that is kept in `folder`: the one that is there, or a fresh one, written.
fn kept_genesis(folder: &Path, fresh: impl FnOnce() -> Genesis) -> Result<Genesis, Failure> {
    let file = folder.join(GENESIS_FILE);
    if !file.exists() {
        let genesis = fresh();
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&file, genesis_file::format(&genesis)))
            .map_err(|error| {
                Failure::usage(format!("cannot write {}: {error}", file.display()))
                    .help("name a folder that can be written with --state DIR")
            })?;
        return Ok(genesis);
    }
    let genesis = genesis_file::read(&file)?;
    if !genesis.development {
        return Err(Failure::usage(format!(
            "{} is the folder of {}, which is not a development network",
            folder.display(),
            genesis.name
        ))
        .help("start it with `weighhouse node start --folder DIR`, or name another --state DIR"));
    }
    Ok(genesis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use weighhouse_primitives::Timestamp;

    fn args(state: Option<PathBuf>) -> Args {
        Args {
            port: 0,
            blocks: "manual".into(),
            time: Some("2026-01-01T00:00:00Z".into()),
            accounts: 10,
            state,
            ready_file: None,
            deploy: None,
            no_explorer: false,
        }
    }

    /// A kept devnet finds its genesis again, whatever the flags say the second time.
    #[test]
    fn kept_devnet_keeps_its_genesis() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = args(Some(folder.path().join("net")))
            .plan()
            .expect("a plan");
        assert_eq!(first.genesis.time, Timestamp(1_767_225_600));
        let mut again = args(Some(folder.path().join("net")));
        again.time = None;
        let again = again.plan().expect("a plan");
        assert_eq!(again.genesis.hash(), first.genesis.hash());
    }

    /// Flags that make no sense are refused by name; a production folder is not a devnet's.
    #[test]
    fn mistakes_are_refused() {
        let mut bad = args(None);
        bad.time = Some("tomorrow".into());
        assert!(
            bad.plan()
                .expect_err("no time")
                .what()
                .starts_with("--time")
        );
        let mut bad = args(None);
        bad.blocks = "sometimes".into();
        assert!(
            bad.plan()
                .expect_err("no mode")
                .what()
                .starts_with("--blocks")
        );
        let folder = tempfile::tempdir().expect("a folder");
        let mut genesis = Genesis::development(Timestamp(1));
        genesis.development = false;
        let text = genesis_file::format(&genesis);
        std::fs::write(folder.path().join(GENESIS_FILE), text).expect("written");
        let refused = args(Some(folder.path().into()))
            .plan()
            .expect_err("production");
        assert!(refused.what().contains("not a development network"));
    }
}
