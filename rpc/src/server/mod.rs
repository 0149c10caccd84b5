//! The server: one port for JSON-RPC over HTTP and WebSocket, health and metrics.
//!
//! ```text
//! listener -> TLS -> host and origin -> API key -> body limit -> library -> around every call -> group -> Reader
//!                                                                     (cost)         |  -> Submit
//!                                                                                    +--> Workers
//! ```
//!
//! The node gives a [`Backend`] and starts a [`Server`]; after every commit it calls
//! [`Feed::publish`]. Stopping is graceful: open requests are answered, then connections close.
//! It signs nothing, decides nothing about transactions, and keeps no state of the chain.
//!
//! Invariant RPC-1: state changes only by submitting a transaction. A [`Backend`] reads through a
//! [`Reader`], which cannot write; what the group `dev_` does exists on development networks only.

mod action;
mod backend;
mod clients;
mod connections;
mod cost;
mod feed;
mod filter;
mod flow;
mod group;
mod http;
pub mod keys;
mod metrics;
mod middleware;
mod openrpc;
mod page;
pub mod params;
mod prover;
mod service;
mod settings;
pub mod subscription;
mod tls;
mod turn;
mod view;
mod wire;
mod workers;

pub use backend::{Answering, Develop, PoolError, Submit};
pub use feed::Feed;
pub use keys::{ApiKeys, ApiKeysError};
pub use metrics::Metrics;
pub use openrpc::document as openrpc_document;
pub use settings::{Rate, Settings};
pub use subscription::{Asked, Stream};
pub use tls::{Tls, TlsError};
pub use workers::runtime;

use crate::address::Prefix;
use crate::api;
use crate::codec::Codec;
use jsonrpsee::core::RegisterMethodError;
use jsonrpsee::server::{ServerHandle, stop_channel};
use jsonrpsee::{Methods, RpcModule};
use service::{Inner, Service};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use weighhouse_runtime::Reader;

/// What the node gives to the server.
pub struct Backend {
    /// The reading side of the chain.
    pub reader: Reader,
    /// Where admitted transactions go.
    pub submit: Arc<dyn Submit>,
    /// Hands on a development network; `None` leaves the group `dev_` away.
    pub develop: Option<Arc<dyn Develop>>,
    /// The feed that the node publishes durable blocks to.
    pub feed: Feed,
    /// Where figures are collected.
    pub metrics: Metrics,
    /// Version of the node, for `node_version`.
    pub version: String,
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The operating system gives no thread.
    #[error("cannot start {threads} query threads")]
    Threads {
        /// How many.
        threads: usize,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The genesis document names no usable prefix of addresses.
    #[error("{prefix:?} is not a prefix of addresses")]
    Prefix {
        /// What it names.
        prefix: String,
    },
    /// Two methods of one name: a bug.
    #[error(transparent)]
    Methods(#[from] RegisterMethodError),
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    connections: connections::Connections,
}

impl Server {
    /// Starts to listen; must be called inside a tokio runtime.
    ///
    /// # Errors
    /// One of [`StartError`].
    pub async fn start(settings: Settings, backend: Backend) -> Result<Self, StartError> {
        let genesis = backend.reader.genesis();
        let prefix = Prefix::new(&genesis.prefix).ok_or_else(|| StartError::Prefix {
            prefix: genesis.prefix.clone(),
        })?;
        let genesis = genesis.hash();
        let (lanes, threads) = clients::Lanes::new(settings.query_threads);
        let waiting = settings
            .query_threads
            .saturating_mul(workers::QUEUE_PER_THREAD);
        let workers = workers::Workers::start(threads, waiting)
            .map_err(|source| StartError::Threads { threads, source })?;
        let prover =
            prover::Prover::start().map_err(|source| StartError::Threads { threads: 1, source })?;
        let development = backend.develop.is_some();
        let service = Service::new(Inner {
            reader: backend.reader,
            submit: backend.submit,
            develop: backend.develop,
            feed: backend.feed,
            codec: Codec::new(prefix),
            genesis,
            workers,
            lanes,
            prover,
            started: Instant::now(),
            version: backend.version,
            snapshots: Default::default(),
        });
        let submit = Arc::clone(&service.inner().submit);
        let methods = methods(service, development)?;
        let listen = |source| StartError::Listen {
            address: settings.listen,
            source,
        };
        let listener = TcpListener::bind(settings.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let (stop, handle) = stop_channel();
        let bounds =
            connections::Bounds::new(settings.connections_max, settings.connections_per_ip_max);
        let connections = connections::Connections::new(bounds);
        let clients = clients::Clients::new(&settings);
        measure(&backend.metrics, &connections, &clients);
        let listening = Arc::new(http::Listener {
            filter: filter::Filter::new(&settings),
            methods,
            names: middleware::Names::new(development),
            metrics: backend.metrics,
            submit,
            connections: connections.clone(),
            clients,
            openrpc: openrpc::document(development).to_string().into(),
            stop,
            sessions: AtomicU32::new(0),
            settings,
        });
        tokio::spawn(listening.run(listener));
        Ok(Self {
            address,
            handle,
            connections,
        })
    }

    /// Where it listens: the port is known even if 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening, answers what is open, and waits for connections to close, at most `patience`.
    pub async fn stop(self, patience: Duration) {
        // An error says that it has stopped already.
        let _ = self.handle.stop();
        if tokio::time::timeout(patience, self.connections.all_closed())
            .await
            .is_err()
        {
            tracing::warn!(open = self.connections.count(), "connections were cut");
        }
    }
}

fn measure(metrics: &Metrics, connections: &connections::Connections, clients: &clients::Clients) {
    let counted = connections.clone();
    metrics.gauge(
        "weighhouse_rpc_connections",
        "Open connections.",
        move || u64::try_from(counted.count()).unwrap_or(u64::MAX),
    );
    let counted = clients.clone();
    metrics.gauge(
        "weighhouse_rpc_body_bytes",
        "Bytes of requests that arrive or are being answered.",
        move || counted.body_bytes(),
    );
    let counted = clients.clone();
    metrics.gauge(
        "weighhouse_rpc_answer_bytes",
        "Bytes of answers that wait to be read.",
        move || counted.answer_bytes(),
    );
    let counted = clients.clone();
    metrics.counter(
        "weighhouse_rpc_refused_total",
        "Calls and batches refused because their client has spent its units.",
        move || counted.refusals(),
    );
}

/// Every method of this node.
fn methods(service: Service, development: bool) -> Result<Methods, RegisterMethodError> {
    let mut module = RpcModule::new(service);
    api::chain::register(&mut module)?;
    api::tx::register(&mut module)?;
    api::contract::register(&mut module)?;
    api::state::register(&mut module)?;
    api::event::register(&mut module)?;
    api::index::register(&mut module)?;
    api::node::register(&mut module)?;
    if development {
        api::dev::register(&mut module)?;
    }
    let document = openrpc::document(development);
    module.register_method("rpc.discover", move |_, _, _| document.clone())?;
    Ok(module.into())
}

#[cfg(test)]
mod tests;
