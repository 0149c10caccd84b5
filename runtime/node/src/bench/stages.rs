//! Where the node says that its time went, read from its `/metrics` before and after a run.

use crate::http::Connection;
use crate::output::Failure;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Counters of stages have names of this form.
const BEFORE: &str = "weighhouse_stage_";
const BEHIND: &str = "_microseconds_total";

/// Microseconds by stage.
pub(super) type Stages = BTreeMap<String, u64>;

/// The sums so far.
pub(super) async fn read(address: SocketAddr) -> Result<Stages, Failure> {
    let broken = |error: std::io::Error| {
        Failure::failed(format!("the node's /metrics cannot be read: {error}"))
    };
    let mut connection = Connection::open(address, "/metrics")
        .await
        .map_err(broken)?;
    let text = connection.get().await.map_err(broken)?;
    Ok(parse(&String::from_utf8_lossy(text)))
}

fn parse(text: &str) -> Stages {
    let line = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        let stage = name.strip_prefix(BEFORE)?.strip_suffix(BEHIND)?;
        Some((stage.to_owned(), value.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// What was spent between two readings.
pub(super) fn between(before: &Stages, after: &Stages) -> Stages {
    let spent = |(stage, end): (&String, &u64)| {
        let start = before.get(stage).copied().unwrap_or_default();
        (stage.clone(), end.saturating_sub(start))
    };
    after.iter().map(spent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: what the node writes is what is read, and nothing else is taken for a stage.
    #[test]
    fn stages_are_read_from_metrics() {
        let metrics = weighhouse_rpc::server::Metrics::new();
        metrics.counter("weighhouse_stage_log_microseconds_total", "Log.", || 7);
        metrics.gauge("weighhouse_height", "Height.", || 9);
        let read = parse(&metrics.text());
        assert_eq!(read, Stages::from([("log".to_owned(), 7)]));
        let later = Stages::from([("log".to_owned(), 10), ("root".to_owned(), 1)]);
        let spent = Stages::from([("log".to_owned(), 3), ("root".to_owned(), 1)]);
        assert_eq!(between(&read, &later), spent);
    }
}
