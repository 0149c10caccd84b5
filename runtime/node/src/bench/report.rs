//! What a run comes to.

use super::follow::Durable;
use super::load::{Counted, Load};
use super::stages::Stages;
use crate::output::{Failure, Output};
use hdrhistogram::Histogram;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What was measured.
pub(super) struct Figures<'a> {
    pub(super) load: &'a Load,
    pub(super) setup_seconds: f64,
    pub(super) sent_in: Duration,
    pub(super) counted: &'a Counted,
    pub(super) durable: &'a Durable,
    pub(super) started: Instant,
    /// How long each query took, and for how long there were any.
    pub(super) asked: &'a Histogram<u64>,
    pub(super) asked_in: Duration,
    /// Microseconds that the node spent in each stage.
    pub(super) stages: &'a Stages,
    /// Processor time of the node during the run, if it is ours.
    pub(super) cpu_seconds: Option<f64>,
    /// Most memory that the node had resident, if it is ours.
    pub(super) resident_bytes_max: Option<u64>,
}

/// Counts are far below 2^53: exact.
#[expect(clippy::cast_precision_loss, reason = "counts of one run, for people")]
const fn float(count: u64) -> f64 {
    count as f64
}

impl Figures<'_> {
    /// From the first request to the block of the last durable transaction.
    fn durable_seconds(&self) -> f64 {
        let last = self.durable.last;
        last.map_or(0.0, |last| {
            last.saturating_duration_since(self.started).as_secs_f64()
        })
    }

    fn per_second(count: u64, seconds: f64) -> f64 {
        if seconds > 0.0 {
            float(count) / seconds
        } else {
            0.0
        }
    }

    /// Microseconds of each stage for a durable transaction.
    fn stage_costs(&self) -> BTreeMap<&str, f64> {
        if self.durable.count == 0 {
            return BTreeMap::new();
        }
        let count = float(self.durable.count);
        let mut costs = BTreeMap::new();
        for (stage, micros) in self.stages {
            costs.insert(stage.as_str(), float(*micros) / count);
        }
        costs
    }

    fn document(&self) -> Value {
        let (counted, durable) = (self.counted, self.durable);
        let sent_seconds = self.sent_in.as_secs_f64();
        json!({
            "accounts": self.load.accounts,
            "signers": self.load.signers,
            "connections": self.load.connections,
            "batch": self.load.batch,
            "setup_seconds": self.setup_seconds,
            "seconds": sent_seconds,
            "sent": counted.sent,
            "accepted": counted.accepted,
            "accepted_per_second": Self::per_second(counted.accepted, sent_seconds),
            "durable": durable.count,
            "durable_seconds": self.durable_seconds(),
            "durable_per_second": Self::per_second(durable.count, self.durable_seconds()),
            "not_succeeded": durable.failed,
            "blocks": durable.blocks,
            "refused": counted.refused,
            "hostile": counted.repelled,
            "hostile_taken": counted.taken,
            "accept_latency_ms": quantiles(&counted.latency),
            "durable_latency_ms": quantiles(&durable.latency),
            "queries": self.asked.len(),
            "queries_per_second": Self::per_second(self.asked.len(), self.asked_in.as_secs_f64()),
            "query_latency_ms": quantiles(self.asked),
            "stage_us_per_transaction": self.stage_costs(),
            "node_cpu_seconds": self.cpu_seconds,
            "node_resident_bytes_max": self.resident_bytes_max,
        })
    }

    fn text(&self) -> String {
        let (counted, durable) = (self.counted, self.durable);
        let sent_seconds = self.sent_in.as_secs_f64();
        let mut text = format!(
            "  accounts   {} ({} sign), made in {:.1} s\n  \
             sent       {} requests in {sent_seconds:.2} s over {} connections, {} in a batch\n  \
             accepted   {:<10} {:>9.0} per second\n  \
             durable    {:<10} {:>9.0} per second, in {} blocks\n  \
             latency    milliseconds        p50       p95       p99       max\n{}{}",
            self.load.accounts,
            self.load.signers,
            self.setup_seconds,
            counted.sent,
            self.load.connections,
            self.load.batch,
            counted.accepted,
            Self::per_second(counted.accepted, sent_seconds),
            durable.count,
            Self::per_second(durable.count, self.durable_seconds()),
            durable.blocks,
            row("accepted", &counted.latency),
            row("durable", &durable.latency),
        );
        for (code, count) in &counted.refused {
            text.push_str(&format!("  refused    {count} with {code}\n"));
        }
        for (kind, count) in &counted.repelled {
            text.push_str(&format!("  hostile    {count} {kind}\n"));
        }
        if !self.asked.is_empty() {
            text.push_str(&row("query", self.asked));
            let rate = Self::per_second(self.asked.len(), self.asked_in.as_secs_f64());
            text.push_str(&format!(
                "  queries    {:<10} {rate:>9.0} per second\n",
                self.asked.len()
            ));
        }
        text.push_str("  stages     microseconds for a transaction:");
        for (stage, cost) in self.stage_costs() {
            text.push_str(&format!(" {stage} {cost:.1}"));
        }
        text.push('\n');
        if let (Some(cpu), Some(memory)) = (self.cpu_seconds, self.resident_bytes_max) {
            text.push_str(&format!(
                "  node       {cpu:.1} s of processor time, {:.0} MiB resident at most\n",
                float(memory / 1_024) / 1_024.0
            ));
        }
        text
    }
}

const QUANTILES: [(&str, f64); 4] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)];

fn milliseconds(histogram: &Histogram<u64>, quantile: f64) -> f64 {
    float(histogram.value_at_quantile(quantile)) / 1_000.0
}

fn quantiles(histogram: &Histogram<u64>) -> Value {
    let values = QUANTILES
        .map(|(name, quantile)| (name.to_owned(), json!(milliseconds(histogram, quantile))));
    Value::Object(values.into_iter().collect())
}

fn row(name: &str, histogram: &Histogram<u64>) -> String {
    let values =
        QUANTILES.map(|(_, quantile)| format!("{:>10.1}", milliseconds(histogram, quantile)));
    format!("             {name:<14}{}\n", values.concat())
}

/// Prints the figures.
///
/// # Errors
/// If hostile input was taken, or something accepted did not become durable or did not succeed.
pub(super) fn report(output: &Output, figures: &Figures<'_>) -> Result<(), Failure> {
    let document = figures.document();
    let open = figures.durable.open.len();
    let (taken, failed) = (figures.counted.taken, figures.durable.failed);
    let flaw = if taken > 0 {
        Some(format!("{taken} hostile requests were taken"))
    } else if open > 0 {
        Some(format!(
            "{open} accepted transactions did not become durable"
        ))
    } else if failed > 0 {
        Some(format!("{failed} transactions did not succeed"))
    } else {
        None
    };
    match flaw {
        None => {
            output.answer(figures.text(), &document);
            Ok(())
        }
        Some(flaw) => {
            if !output.json {
                output.answer(figures.text(), &document);
            }
            Err(Failure::failed(flaw).data("report", document))
        }
    }
}
