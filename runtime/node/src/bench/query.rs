//! Those who only ask: `balance_of` of one account after the other, while the load runs.

use super::follow::{histogram, record};
use super::generate::keyless;
use crate::http::Connection;
use crate::output::Failure;
use hdrhistogram::Histogram;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::task::JoinSet;
use weighhouse_rpc::address::Prefix;

/// What the askers ask about.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) address: SocketAddr,
    pub(super) prefix: Prefix,
    pub(super) token: String,
    /// Accounts without keys, which hold units: from this number, up to the other.
    pub(super) accounts: (usize, usize),
}

/// Connections that ask until they are told to stop.
pub(super) struct Askers {
    stop: Arc<AtomicBool>,
    open: JoinSet<Result<Histogram<u64>, Failure>>,
}

impl Askers {
    /// Opens `connections` of them, which ask until the sending ends.
    pub(super) fn start(subject: &Subject, connections: usize, until: Instant) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut open = JoinSet::new();
        for number in 0..connections {
            open.spawn(ask(subject.clone(), number, (until, Arc::clone(&stop))));
        }
        Self { stop, open }
    }

    /// Stops them; how long each answer took, in microseconds.
    pub(super) async fn stop(mut self) -> Result<Histogram<u64>, Failure> {
        self.stop.store(true, Ordering::SeqCst);
        let mut all = histogram()?;
        while let Some(ended) = self.open.join_next().await {
            let one =
                ended.map_err(|error| Failure::fault(format!("a task failed: {error}")))??;
            all.add(one)
                .map_err(|error| Failure::fault(format!("adding latencies: {error}")))?;
        }
        Ok(all)
    }
}

/// An answer, as far as it is needed.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "result")]
    _result: Answered,
}

#[derive(Deserialize)]
struct Answered {
    #[serde(rename = "result")]
    _result: IgnoredAny,
}

async fn ask(
    subject: Subject,
    number: usize,
    (until, stop): (Instant, Arc<AtomicBool>),
) -> Result<Histogram<u64>, Failure> {
    let broken =
        |error: std::io::Error| Failure::failed(format!("a connection that asks broke: {error}"));
    let mut connection = Connection::open(subject.address, "/rpc")
        .await
        .map_err(broken)?;
    let mut took = histogram()?;
    let (first, end) = subject.accounts;
    let accounts = end.saturating_sub(first).max(1);
    // A prime step: each connection passes over all accounts in an order of its own.
    let mut account = number.wrapping_mul(7_919);
    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
        account = account.wrapping_add(104_729) % accounts;
        let holder = subject
            .prefix
            .format(&keyless(first.saturating_add(account)));
        let request = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"contract_query","params":{{"address":"{}","entry_point":"balance_of","args":{{"holder":"{holder}"}}}}}}"#,
            subject.token
        );
        let from = Instant::now();
        let answer = connection.post(request.as_bytes()).await.map_err(broken)?;
        record(&mut took, from.elapsed());
        let read: Result<Answer, _> = serde_json::from_slice(answer);
        if read.is_err() {
            let answer = String::from_utf8_lossy(answer).into_owned();
            return Err(Failure::failed("a query was not answered").data("answer", answer));
        }
    }
    Ok(took)
}
