//! JSON-RPC over the producer: what the server is given, and what it is told.
//!
//! The `dev_` group exists only where the genesis says so. Figures for `/metrics` are read when they
//! are asked for; nothing here runs between requests.

use crate::config::Settings;
use crate::output::{Failure, chain_of};
use crate::solo::{Happening, Producer};
use crate::timing::Compilations;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use weighhouse_primitives::Height;
use weighhouse_rpc::server::{Backend, Develop, Feed, Metrics, Server, StartError};
use weighhouse_runtime::reader::ReaderStatus;
use weighhouse_runtime::{Genesis, Stage};

/// How long open connections may take to finish when the node stops.
const PATIENCE: Duration = Duration::from_secs(2);

/// A server that answers.
#[derive(Debug)]
pub struct Serving {
    /// Where it listens: the port is known even if 0 was asked for.
    pub address: SocketAddr,
    /// Whether it speaks TLS.
    pub tls: bool,
    server: Server,
    returned: mpsc::Receiver<()>,
}

impl Serving {
    /// Answers what is open, then closes; afterwards no request holds the chain's folder any more.
    pub async fn stop(mut self) {
        self.server.stop(PATIENCE).await;
        let returned = tokio::time::timeout(PATIENCE, self.returned.recv()).await;
        if returned.is_err() {
            tracing::warn!("a request still reads the chain");
        }
    }
}

/// Tells followers and those who wait.
pub fn tell(feed: &Feed, happening: &Happening) {
    match happening {
        Happening::Committed(committed) => feed.publish(committed),
        Happening::Dropped(hash, _) => feed.publish_dropped(hash),
        // Nobody waits on a development network for a transaction that was taken back.
        Happening::WentBack(_) => feed.publish_went_back(),
    }
}

/// Starts to listen; when this returns, requests are answered.
///
/// # Errors
/// An address that cannot be listened on, certificates or keys that cannot be used (exit code 2), or no
/// thread (exit code 3).
pub async fn start(
    producer: &Producer,
    genesis: &Genesis,
    settings: &Settings,
    feed: Feed,
) -> Result<Serving, Failure> {
    let server_settings = port::settings(settings)?;
    let tls = server_settings.tls.is_some();
    // Everything below gets the lent handle, so that its end is known.
    let (producer, returned) = producer.lend();
    let metrics = Metrics::new();
    measure(&metrics, &producer);
    measure_stages(&metrics, &producer);
    // Blocks that others made too are not taken back.
    let solo = !settings.consensus.comet;
    let develop: Option<Arc<dyn Develop>> = if genesis.development && solo {
        Some(Arc::new(producer.clone()))
    } else {
        None
    };
    let backend = Backend {
        reader: producer.reader().clone(),
        submit: Arc::new(producer),
        develop,
        feed,
        metrics,
        version: env!("CARGO_PKG_VERSION").into(),
    };
    let server = Server::start(server_settings, backend).await;
    let server = server.map_err(|error| refused(&error, settings.listen))?;
    Ok(Serving {
        address: server.address(),
        tls,
        server,
        returned,
    })
}

fn refused(error: &StartError, listen: SocketAddr) -> Failure {
    let text = chain_of(error);
    match error {
        StartError::Listen { .. } => Failure::usage(text)
            .help(format!("something else may listen on {listen}: stop it, or choose another"))
            .help("--port N for a devnet (0 lets the system choose), --listen ADDRESS:PORT for a node"),
        _ => Failure::fault(text).help("free some memory or threads and start again"),
    }
}

fn measure(metrics: &Metrics, producer: &Producer) {
    let gauge = |name, help, read: fn(&Producer) -> u64| {
        let producer = producer.clone();
        metrics.gauge(name, help, move || read(&producer));
    };
    let head_height = |producer: &Producer| {
        let Height(height) = producer.reader().head().height;
        height
    };
    gauge("weighhouse_height", "Latest durable height.", head_height);
    gauge(
        "weighhouse_block_time_seconds",
        "Time of the latest block, in seconds since 1970.",
        |producer| producer.reader().head().time.0,
    );
    gauge(
        "weighhouse_pool_transactions",
        "Transactions that wait for a block.",
        |producer| producer.with_pool(|pool| pool.len() as u64),
    );
    gauge(
        "weighhouse_pool_bytes",
        "Bytes of waiting transactions.",
        |producer| producer.with_pool(|pool| pool.bytes() as u64),
    );
    gauge(
        "weighhouse_halted",
        "1 if the node has stopped after a fault.",
        |producer| u64::from(producer.halted().is_some()),
    );
    gauge(
        "weighhouse_read_only",
        "1 while the node takes no transactions: its disk is full, or it runs empty.",
        |producer| u64::from(producer.is_full() || producer.is_draining()),
    );
    gauge(
        "weighhouse_store_lag_blocks",
        "Blocks durable but not yet in the store.",
        |producer| status(producer).store_lag as u64,
    );
    gauge(
        "weighhouse_store_bytes",
        "Bytes of the store.",
        |producer| status(producer).store_bytes,
    );
    gauge(
        "weighhouse_log_bytes",
        "Bytes of the block log.",
        |producer| status(producer).log_bytes,
    );
}

type Compiled = fn(Compilations) -> u64;

const COMPILATIONS: [(&str, &str, Compiled); 3] = [
    (
        "weighhouse_compilations_total",
        "Contracts compiled since the node started.",
        |all| all.count,
    ),
    (
        "weighhouse_compile_microseconds_total",
        "Compiling contracts, ahead of blocks and inside them.",
        |all| all.nanos / 1_000,
    ),
    (
        "weighhouse_compilations_slow_total",
        "Compilations that took longer than a second.",
        |all| all.slow,
    ),
];

/// One counter for each stage of a block, and figures of compiling.
fn measure_stages(metrics: &Metrics, producer: &Producer) {
    for stage in Stage::ALL {
        let (name, help) = match stage {
            Stage::Execute => (
                "weighhouse_stage_execute_microseconds_total",
                "Executing the transactions of blocks.",
            ),
            Stage::Root => (
                "weighhouse_stage_root_microseconds_total",
                "The state tree and its root.",
            ),
            Stage::Seal => (
                "weighhouse_stage_seal_microseconds_total",
                "Roots of transactions, receipts and writes, and the record of the log.",
            ),
            Stage::Log => (
                "weighhouse_stage_log_microseconds_total",
                "Appending to the block log, and its sync.",
            ),
            Stage::Publish => (
                "weighhouse_stage_publish_microseconds_total",
                "Rows of the index, and making blocks visible.",
            ),
            Stage::Store => (
                "weighhouse_stage_store_microseconds_total",
                "Writing durable blocks to the store, on a thread of its own.",
            ),
        };
        let producer = producer.clone();
        metrics.counter(name, help, move || {
            producer.timing().nanos_in(stage) / 1_000
        });
    }
    for (name, help, read) in COMPILATIONS {
        let producer = producer.clone();
        metrics.counter(name, help, move || read(producer.timing().compilations()));
    }
    let slowest = producer.clone();
    metrics.gauge(
        "weighhouse_compile_slowest_microseconds",
        "The compilation that took longest.",
        move || slowest.timing().compilations().slowest / 1_000,
    );
    let producer = producer.clone();
    metrics.counter(
        "weighhouse_transactions_total",
        "Transactions in durable blocks since the node started.",
        move || producer.timing().transactions(),
    );
}

/// Figures of the chain's data; zeros where they cannot be had.
fn status(producer: &Producer) -> ReaderStatus {
    producer.reader().status().unwrap_or_default()
}

mod port;
