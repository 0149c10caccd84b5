//! Settings of the server; none of them changes what the chain does.

use super::keys::ApiKeys;
use super::tls::Tls;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How fast a client's units come back, and how many it has at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Units a second; 0 for no limit.
    pub per_second: u32,
    /// Units at once.
    pub burst: u32,
}

/// Settings of the server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Values of the `Host` header that are served, beside the loopback names. Without this list a
    /// web page could reach a local node through a name of its own (DNS rebinding).
    pub allowed_hosts: Vec<String>,
    /// Values of the `Origin` header that are served, beside loopback origins.
    pub allowed_origins: Vec<String>,
    /// Bytes of a request: an upload of the largest module as hex, and its envelope (decision 0016).
    pub request_bytes_max: u32,
    /// Bytes of an answer.
    pub response_bytes_max: u32,
    /// Calls of a batch.
    pub batch_max: u32,
    /// Connections at once.
    pub connections_max: usize,
    /// Connections at once from one address.
    pub connections_per_ip_max: usize,
    /// Subscriptions of one connection.
    pub subscriptions_max: u32,
    /// Messages that may wait for a slow reader of a WebSocket.
    pub messages_waiting_max: u32,
    /// Time to send the head of a request; also the longest idle time of a connection.
    pub head_timeout: Duration,
    /// Time to send the body of a request.
    pub body_timeout: Duration,
    /// Time in which a reader takes nothing of an answer before its connection is closed.
    pub write_timeout: Duration,
    /// What an address may spend.
    pub rate: Rate,
    /// Whether addresses of this machine are limited too.
    pub limits_loopback: bool,
    /// What the owner of an API key may spend.
    pub key_rate: Rate,
    /// Who may ask; without keys everybody may.
    pub api_keys: ApiKeys,
    /// Certificate and key; without them everything is in clear.
    pub tls: Option<Tls>,
    /// Threads that run contracts for queries and simulations.
    pub query_threads: usize,
    /// Whether `GET /` shows the explorer.
    pub explorer: bool,
}

impl Settings {
    /// The usual settings on an address.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            request_bytes_max: 2 * 1024 * 1024,
            response_bytes_max: 16 * 1024 * 1024,
            batch_max: 50,
            connections_max: 1_024,
            connections_per_ip_max: 256,
            subscriptions_max: 64,
            messages_waiting_max: 256,
            head_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            rate: Rate {
                per_second: 2_000,
                burst: 20_000,
            },
            limits_loopback: false,
            key_rate: Rate {
                per_second: 20_000,
                burst: 200_000,
            },
            api_keys: ApiKeys::default(),
            tls: None,
            query_threads: 2,
            explorer: true,
        }
    }

    /// The usual settings on a port of the loopback address; 0 takes a free port.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self::new(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    }
}
