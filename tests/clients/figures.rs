//! A run: alone, under attack, after it; and what came of it.

use super::attack::{self, Sizes};
use super::honest::{Honest, Waited, pause};
use super::node::{Node, Usage};
use std::fmt::Write;
use std::time::Duration;

/// What is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) sizes: Sizes,
    /// Honest requests a second.
    pub(crate) rate: u32,
    /// How long each of the three parts lasts.
    pub(crate) each: Duration,
    /// The node's file descriptors, if they are to be few.
    pub(crate) descriptors: Option<u32>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) alone: Waited,
    pub(crate) attacked: Waited,
    pub(crate) after: Waited,
    pub(crate) before_usage: Usage,
    pub(crate) attacked_usage: Usage,
    pub(crate) after_usage: Usage,
    pub(crate) runs: bool,
}

/// An answer that takes longer is late.
pub(crate) const LATE: Duration = Duration::from_millis(200);

impl Run {
    /// Runs it, on a node that `arguments` make of this program.
    pub(crate) fn run(self, arguments: &[&str]) -> Figures {
        let mut node = Node::start(arguments, self.descriptors);
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("threads");
        tokio.block_on(async {
            let mut honest = Honest::prepare(node.address).await;
            // Whatever is loaded once is loaded.
            honest.ask(self.rate, Duration::from_secs(1)).await;
            let alone = honest.ask(self.rate, self.each).await;
            let before_usage = node.usage();
            let hostile = attack::begin(self.sizes, node.address, &honest.dear());
            // Until all of them are there.
            pause(Duration::from_secs(1)).await;
            let attacked = honest.ask(self.rate, self.each).await;
            let attacked_usage = node.usage();
            drop(hostile);
            let after = honest
                .ask(self.rate, self.each.max(Duration::from_secs(5)))
                .await;
            let after_usage = node.usage();
            Figures {
                alone,
                attacked,
                after,
                before_usage,
                attacked_usage,
                after_usage,
                runs: node.runs(),
            }
        })
    }
}

impl Figures {
    /// The figures for people.
    pub(crate) fn text(&self, run: Run) -> String {
        let mut text = String::new();
        let sizes = run.sizes;
        let _ = writeln!(
            text,
            "hostile: {} sockets from {} addresses: {} slow heads, {} slow bodies, {} idle, {} WebSockets, {} busy with {} requests a second each",
            sizes.sockets(),
            sizes.addresses,
            sizes.slow,
            sizes.slow,
            sizes.idle,
            sizes.streams,
            sizes.busy,
            sizes.rate,
        );
        for (name, waited) in [
            ("alone", &self.alone),
            ("attacked", &self.attacked),
            ("after", &self.after),
        ] {
            let _ = writeln!(
                text,
                "honest, {name:<9} {:>6} answered, {} lost, {} refused; waited {:.1?} (half), {:.1?} (99 %), {:.1?} (99.9 %)",
                waited.answered.len(),
                waited.lost,
                waited.refused,
                waited.within(500),
                waited.within(990),
                waited.within(999),
            );
        }
        let _ = writeln!(
            text,
            "calm after {:.1?}; transactions taken {} + {} + {}",
            self.after.calm_after(LATE),
            self.alone.taken,
            self.attacked.taken,
            self.after.taken,
        );
        for (name, usage) in [
            ("before", self.before_usage),
            ("attacked", self.attacked_usage),
            ("after", self.after_usage),
        ] {
            let _ = writeln!(
                text,
                "node, {name:<9} {} MiB resident, {} MiB at most, {} file descriptors",
                usage.resident_kib / 1_024,
                usage.most_kib / 1_024,
                usage.descriptors,
            );
        }
        text
    }
}
