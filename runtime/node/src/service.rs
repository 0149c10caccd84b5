//! A whole node: chain, producer or bridge to consensus, JSON-RPC, shutdown.
//!
//! The same [`Service`] runs behind `weighhouse devnet`, `weighhouse node start`, the demo, the
//! benchmarks and the tests. Start: open the chain (replaying what the store lacks), start the
//! producer, serve requests, write the ready file. Stop: refuse new transactions, put what waits into
//! blocks, let the store catch up, close. What was acknowledged is durable at any moment in between.

use crate::abci::Bridge;
use crate::admin::Admin;
use crate::block_mode::BlockMode;
use crate::clock::SettableClock;
use crate::config::Settings;
use crate::consensus::{Link, order};
use crate::output::Failure;
use crate::serve::{self, Serving};
use crate::solo::{Halt, Happening, Producer, Setup};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use weighhouse_primitives::Timestamp;
use weighhouse_rpc::server::Feed;
use weighhouse_runtime::{Genesis, Reader};

/// What a node starts from.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The chain's first state.
    pub genesis: Genesis,
    /// Folder of log, store and compiled code; `None` keeps everything in memory.
    pub data: Option<PathBuf>,
    /// Settings of this node.
    pub settings: Settings,
    /// Development networks: block time to start from.
    pub time: Option<Timestamp>,
    /// Where to write the URL once requests are answered.
    pub ready_file: Option<PathBuf>,
}

impl Plan {
    /// A development network in memory on a port that the system chooses, for tests and demos.
    #[must_use]
    pub fn devnet(genesis: Genesis) -> Self {
        let mut settings = Settings::defaults();
        settings.listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            genesis,
            data: None,
            settings,
            time: None,
            ready_file: None,
        }
    }

    /// The same in a folder.
    #[must_use]
    pub fn in_folder(mut self, data: PathBuf) -> Self {
        self.data = Some(data);
        self
    }
}

/// A running node.
#[derive(Debug)]
pub struct Service {
    producer: Producer,
    serving: Serving,
    /// Where an engine orders the blocks.
    bridge: Option<Bridge>,
    /// Closed with the service; `None` in memory, or where there can be none.
    pub(crate) admin: Option<Admin>,
    ready_file: Option<PathBuf>,
}

impl Service {
    /// Starts a node; when this returns, requests are answered.
    ///
    /// # Errors
    /// A fault (exit code 3), or an address that cannot be listened on (exit code 2).
    pub async fn start(plan: Plan) -> Result<Self, Failure> {
        if let Some(file) = &plan.ready_file {
            // One of a node that was killed would say that this one is ready.
            let _ = std::fs::remove_file(file);
        }
        let clock = Arc::new(SettableClock::default());
        if let Some(time) = plan.time {
            clock.set(time);
        }
        let feed = Feed::new();
        let told = feed.clone();
        let data = plan.data.clone();
        let comet = plan.settings.consensus.comet;
        order::may_start(data.as_deref(), comet)?;
        let link = comet.then(Arc::<Link>::default);
        let blocks = match link {
            // Only consensus makes blocks.
            Some(_) => BlockMode::Manual,
            None => plan.settings.blocks,
        };
        let setup = Setup {
            genesis: plan.genesis.clone(),
            chain: plan.settings.chain(plan.data),
            pool: plan.settings.pool,
            blocks,
            consensus: link.clone(),
            clock,
            reserve_bytes: plan.settings.reserve_bytes,
            watcher: Box::new(move |happening: &Happening| serve::tell(&told, happening)),
        };
        let opened = tokio::task::spawn_blocking(move || Producer::start(setup)).await;
        let producer =
            opened.map_err(|error| Failure::fault(format!("opening the chain: {error}")))??;
        let bridged = Bridge::start(&producer, link, &feed, &plan.settings, data.as_deref()).await;
        let bridge = match bridged {
            Ok(bridge) => bridge,
            Err(failure) => return Err(given_up(&producer, None, failure).await),
        };
        let served = serve::start(&producer, &plan.genesis, &plan.settings, feed).await;
        let serving = match served {
            Ok(serving) => serving,
            Err(failure) => return Err(given_up(&producer, bridge, failure).await),
        };
        let admin = data.and_then(|data| Admin::start(&producer, &data));
        let service = Self {
            producer,
            serving,
            bridge,
            admin,
            ready_file: plan.ready_file,
        };
        if let Some(file) = &service.ready_file {
            write_ready(file, &service.url())?;
        }
        load_contracts(service.reader().clone());
        tracing::info!(
            url = service.url(),
            chain = plan.genesis.name,
            height = %service.reader().head().height,
            "ready"
        );
        Ok(service)
    }

    /// Writes the URL into a file, for whoever waits for it; the file goes when the service stops.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_ready_file(&mut self, file: PathBuf) -> Result<(), Failure> {
        write_ready(&file, &self.url())?;
        self.ready_file = Some(file);
        Ok(())
    }

    /// URL of JSON-RPC over HTTP; WebSocket is on the same path.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.serving.tls { "https" } else { "http" };
        format!("{scheme}://{}/rpc", self.serving.address)
    }

    /// Where CometBFT connects to, if it orders the blocks.
    #[must_use]
    pub fn consensus_address(&self) -> Option<&crate::abci::Address> {
        self.bridge.as_ref().map(Bridge::address)
    }

    /// The producer.
    #[must_use]
    pub const fn producer(&self) -> &Producer {
        &self.producer
    }

    /// The reading side of the chain.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        self.producer.reader()
    }

    /// Runs until `stop` resolves or the node stops by itself; then finishes what waits and closes.
    ///
    /// # Errors
    /// A fault, with cause, height and next step (exit code 3).
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<(), Failure> {
        tokio::select! {
            () = stop => {}
            _ = self.producer.ended() => {}
        }
        self.stop().await
    }

    /// Finishes what waits and closes.
    ///
    /// # Errors
    /// A fault, with cause, height and next step (exit code 3).
    pub async fn stop(self) -> Result<(), Failure> {
        tracing::info!("stopping");
        if let Some(admin) = self.admin {
            admin.close().await;
        }
        if let Some(bridge) = self.bridge {
            bridge.close().await;
        }
        self.producer.stop();
        let halted = self.producer.ended().await;
        self.serving.stop().await;
        if let Some(file) = &self.ready_file {
            let _ = std::fs::remove_file(file);
        }
        match halted {
            None => Ok(()),
            Some(halt) => Err(failure(&halt)),
        }
    }
}

/// A node that could not start lets go of its folder.
async fn given_up(producer: &Producer, bridge: Option<Bridge>, failure: Failure) -> Failure {
    if let Some(bridge) = bridge {
        bridge.close().await;
    }
    producer.stop();
    producer.ended().await;
    failure
}

/// What a halt says to people: cause, height, next step.
fn failure(halt: &Halt) -> Failure {
    Failure::fault(format!(
        "the node stopped at height {}: {}",
        halt.height, halt.cause
    ))
    .data("height", halt.height.to_string())
    .detail("every acknowledged transaction is in the block log; nothing after it was acknowledged")
    .help("remove the cause (disk full? disk failing?) and start the node again: it recovers from the log")
    .help("if it stops at the same height again, run `weighhouse node verify` and report the cause")
}

/// Writes the URL so that whoever waits for the file never reads half of it.
fn write_ready(file: &Path, url: &str) -> Result<(), Failure> {
    let partial = file.with_extension("partial");
    std::fs::write(&partial, format!("{url}\n"))
        .and_then(|()| std::fs::rename(&partial, file))
        .map_err(|error| {
            Failure::usage(format!("cannot write {}: {error}", file.display()))
                .help("name a file in a folder that exists and is writable")
        })
}

/// Resolves at the first SIGINT or SIGTERM; a second one ends the process at once.
///
/// # Errors
/// If the operating system refuses the handlers.
pub fn signals() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let refused = |error| Failure::fault(format!("cannot watch for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::warn!("stopped at once on a second signal");
            std::process::exit(1);
        });
    })
}

/// Contracts whose code a start loads.
const CONTRACTS_LOADED: usize = 64;

/// Loads code beside serving; who calls a contract meanwhile loads it himself. Nobody waits for the
/// thread: it changes how fast the first call is, nothing else.
fn load_contracts(reader: Reader) {
    let load = move || match reader.load_contracts(CONTRACTS_LOADED) {
        Ok(codes) => tracing::debug!(codes, "code of contracts loaded"),
        Err(error) => tracing::warn!(%error, "code of contracts could not be loaded"),
    };
    let thread = std::thread::Builder::new().name("weighhouse-load".into());
    if let Err(error) = thread.spawn(load) {
        tracing::warn!(%error, "code of contracts is loaded by their first calls");
    }
}

#[cfg(test)]
mod tests;
