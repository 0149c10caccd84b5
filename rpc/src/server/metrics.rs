//! Figures in Prometheus text format.
//!
//! Calls are counted by method and answer, with a histogram of their duration; the node adds gauges
//! and counters of its own by name.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Upper bounds of the duration histogram in microseconds.
const BUCKETS_MICROS: [u64; 8] = [
    100, 500, 1_000, 5_000, 20_000, 100_000, 1_000_000, 10_000_000,
];

#[derive(Debug, Default)]
struct Calls {
    by_code: BTreeMap<i32, u64>,
    buckets: [u64; BUCKETS_MICROS.len()],
    count: u64,
    micros: u64,
}

type Reading = Box<dyn Fn() -> u64 + Send + Sync>;

struct Figure {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    read: Reading,
}

#[derive(Default)]
struct Inner {
    calls: Mutex<BTreeMap<&'static str, Calls>>,
    figures: Mutex<Vec<Figure>>,
}

/// The registry; cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Inner>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a figure that goes up and down, read when it is asked for.
    pub fn gauge(
        &self,
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> u64 + Send + Sync + 'static,
    ) {
        self.figure(name, "gauge", help, Box::new(read));
    }

    /// Adds a figure that only goes up, read when it is asked for.
    pub fn counter(
        &self,
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> u64 + Send + Sync + 'static,
    ) {
        self.figure(name, "counter", help, Box::new(read));
    }

    fn figure(&self, name: &'static str, kind: &'static str, help: &'static str, read: Reading) {
        let figure = Figure {
            name,
            kind,
            help,
            read,
        };
        lock(&self.0.figures).push(figure);
    }

    /// Counts a call; `code` is 0 for success.
    pub(crate) fn called(&self, method: &'static str, code: i32, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let mut all = lock(&self.0.calls);
        let calls = all.entry(method).or_default();
        *calls.by_code.entry(code).or_default() += 1;
        calls.count += 1;
        calls.micros = calls.micros.saturating_add(micros);
        for (bucket, bound) in calls.buckets.iter_mut().zip(BUCKETS_MICROS) {
            *bucket += u64::from(micros <= bound);
        }
    }

    /// The figures as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let calls = lock(&self.0.calls);
        writeln!(
            out,
            "# HELP weighhouse_rpc_calls_total Calls by method and code, 0 for success."
        )?;
        writeln!(out, "# TYPE weighhouse_rpc_calls_total counter")?;
        for (method, of_method) in calls.iter() {
            for (code, count) in &of_method.by_code {
                writeln!(
                    out,
                    "weighhouse_rpc_calls_total{{method=\"{method}\",code=\"{code}\"}} {count}"
                )?;
            }
        }
        writeln!(
            out,
            "# HELP weighhouse_rpc_call_seconds Duration of calls by method."
        )?;
        writeln!(out, "# TYPE weighhouse_rpc_call_seconds histogram")?;
        for (method, of_method) in calls.iter() {
            let name = "weighhouse_rpc_call_seconds";
            for (count, bound) in of_method.buckets.iter().zip(BUCKETS_MICROS) {
                let bound = Seconds(bound);
                writeln!(
                    out,
                    "{name}_bucket{{method=\"{method}\",le=\"{bound}\"}} {count}"
                )?;
            }
            let (count, sum) = (of_method.count, Seconds(of_method.micros));
            writeln!(
                out,
                "{name}_bucket{{method=\"{method}\",le=\"+Inf\"}} {count}"
            )?;
            writeln!(out, "{name}_sum{{method=\"{method}\"}} {sum}")?;
            writeln!(out, "{name}_count{{method=\"{method}\"}} {count}")?;
        }
        drop(calls);
        for figure in lock(&self.0.figures).iter() {
            writeln!(out, "# HELP {} {}", figure.name, figure.help)?;
            writeln!(out, "# TYPE {} {}", figure.name, figure.kind)?;
            writeln!(out, "{} {}", figure.name, (figure.read)())?;
        }
        Ok(())
    }
}

/// Microseconds shown as seconds.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: the text is what a Prometheus server reads.
    #[test]
    fn text_is_prometheus() {
        let metrics = Metrics::new();
        metrics.gauge("weighhouse_height", "Latest height.", || 7);
        metrics.called("tx_submit", 0, Duration::from_micros(300));
        metrics.called("tx_submit", 1001, Duration::from_micros(90));
        let text = metrics.text();
        for line in [
            "weighhouse_rpc_calls_total{method=\"tx_submit\",code=\"1001\"} 1",
            "weighhouse_rpc_call_seconds_bucket{method=\"tx_submit\",le=\"0.000100\"} 1",
            "weighhouse_rpc_call_seconds_bucket{method=\"tx_submit\",le=\"0.000500\"} 2",
            "weighhouse_rpc_call_seconds_sum{method=\"tx_submit\"} 0.000390",
            "# TYPE weighhouse_height gauge",
            "weighhouse_height 7",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
