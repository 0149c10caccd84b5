//! What the port is opened with: bounds, certificate, API keys, and no more connections than the system has
//! file descriptors for.

use crate::config::Settings;
use crate::output::{Failure, chain_of};
use std::path::Path;
use weighhouse_rpc::server::{self, ApiKeys, Settings as ServerSettings, Tls, TlsError};

/// File descriptors that log, store, sockets of consensus and administration may need.
const DESCRIPTORS_KEPT: usize = 192;
/// Where the system says how many this process may have.
const LIMITS: &str = "/proc/self/limits";
/// The line of it.
const LINE: &str = "Max open files";

/// The settings of the server.
///
/// # Errors
/// Files of certificates or keys that cannot be used, with the cure.
pub(super) fn settings(settings: &Settings) -> Result<ServerSettings, Failure> {
    let mut server = server::Settings::new(settings.listen);
    server.allowed_hosts.clone_from(&settings.allow_hosts);
    server.allowed_origins.clone_from(&settings.allow_origins);
    server.connections_max = within(settings.connections_max, descriptors());
    server.connections_per_ip_max = settings.connections_per_ip_max.min(server.connections_max);
    server.request_bytes_max = settings.request_bytes_max;
    server.batch_max = settings.batch_max;
    server.subscriptions_max = settings.subscriptions_max;
    server.query_threads = settings.query_threads;
    server.explorer = settings.explorer;
    server.rate = settings.rate;
    server.limits_loopback = settings.limits_loopback;
    server.key_rate = settings.key_rate;
    server.tls = tls(settings)?;
    if let Some(path) = &settings.api_keys {
        server.api_keys = api_keys(path)?;
    }
    let public = !settings.listen.ip().is_loopback();
    if public && server.tls.is_none() && settings.api_keys.is_some() {
        tracing::warn!(
            "API keys travel in clear: set rpc.tls_cert and rpc.tls_key, or put TLS in front"
        );
    }
    Ok(server)
}

/// As many connections as there are descriptors for.
fn within(asked: usize, descriptors: Option<usize>) -> usize {
    let Some(descriptors) = descriptors else {
        return asked;
    };
    // Of few the port gets half.
    let free = descriptors
        .saturating_sub(DESCRIPTORS_KEPT)
        .max(descriptors / 2)
        .max(1);
    if free < asked {
        tracing::warn!(
            descriptors,
            connections = free,
            asked,
            "fewer connections than rpc.connections_max: raise the limit of open files (ulimit -n, LimitNOFILE)"
        );
    }
    asked.min(free)
}

/// How many file descriptors this process may have, where the system says so.
fn descriptors() -> Option<usize> {
    let limits = std::fs::read_to_string(LIMITS).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix(LINE))?;
    line.split_whitespace().next()?.parse().ok()
}

fn tls(settings: &Settings) -> Result<Option<Tls>, Failure> {
    match (&settings.tls_cert, &settings.tls_key) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => Tls::load(cert, key)
            .map(Some)
            .map_err(|error| unusable(&error)),
        _ => Err(
            Failure::usage("rpc.tls_cert and rpc.tls_key go together; one is missing")
                .help("set both in weighhouse.toml, or neither"),
        ),
    }
}

fn unusable(error: &TlsError) -> Failure {
    let failure = Failure::usage(chain_of(error));
    match error {
        TlsError::Readable { path, .. } => failure.help(format!("chmod o= {}", path.display())),
        TlsError::Pair { .. } => failure
            .help("rpc.tls_cert is the chain that was issued for the key in rpc.tls_key, the node's own certificate first"),
        _ => failure.help("rpc.tls_cert and rpc.tls_key of weighhouse.toml name PEM files that the node's user may read"),
    }
}

fn api_keys(path: &Path) -> Result<ApiKeys, Failure> {
    let made = "make a key with `weighhouse node api-key add NAME --folder DIR`, or leave rpc.api_keys out";
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "cannot read the API keys {}: {error}",
            path.display()
        ))
        .help(made)
    })?;
    ApiKeys::parse(&text).map_err(|error| {
        Failure::usage(format!(
            "the API keys {} cannot be used: {error}",
            path.display()
        ))
        .help(made)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: connections leave descriptors to the rest of the node, and of few the half.
    #[test]
    fn connections_leave_descriptors() {
        assert_eq!(within(1_024, None), 1_024);
        assert_eq!(within(1_024, Some(65_536)), 1_024);
        assert_eq!(within(1_024, Some(1_024)), 832);
        assert_eq!(within(1_024, Some(256)), 128);
        assert_eq!(within(1_024, Some(1)), 1);
        assert!(descriptors().is_none_or(|descriptors| descriptors > 0));
    }
}
