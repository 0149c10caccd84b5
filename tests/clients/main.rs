//! Hostile clients against a real node, a small crowd for a few seconds.
//!
//! `cargo run --release -p weighhouse-testkit --example hostile` brings a large one.

mod attack;
mod figures;
mod honest;
mod http;
mod node;

use attack::Sizes;
use figures::{Figures, Run};
use std::time::Duration;

/// How this program is made a node: by this test.
const NODE: [&str; 3] = ["a_child_serves", "--exact", "--nocapture"];
/// What an honest client may wait in a build that is not optimised, whatever else the machine does: far
/// below what slow heads and bodies are given, so that who waits for them is found. The figure to hold is
/// measured by the example, in a release build.
const PATIENCE: Duration = Duration::from_secs(8);
/// What a small crowd may cost in memory.
const GROWTH_KIB: u64 = 512 * 1_024;

/// The node's part; does nothing unless a test asked for it.
#[test]
fn a_child_serves() {
    node::serve_if_asked();
}

fn judge(run: Run) -> Figures {
    let figures = run.run(&NODE);
    let text = figures.text(run);
    assert!(figures.runs, "{text}");
    let attacked = &figures.attacked;
    assert_eq!((attacked.lost, attacked.refused), (0, 0), "{text}");
    assert!(attacked.within(990) < PATIENCE, "{text}");
    assert!(
        figures.after.calm_after(PATIENCE) < Duration::from_secs(5),
        "{text}"
    );
    let (before, most) = (figures.before_usage, figures.after_usage);
    assert!(most.most_kib < before.most_kib + GROWTH_KIB, "{text}");
    figures
}

/// Goal: whoever holds connections, sends what is no request or asks for too much, honest clients are answered, and the
/// node's memory stays in bounds.
#[test]
fn honest_clients_are_served_among_hostile_ones() {
    judge(Run {
        sizes: Sizes {
            slow: 300,
            idle: 900,
            streams: 40,
            busy: 6,
            rate: 1,
            addresses: 8,
        },
        rate: 40,
        each: Duration::from_secs(3),
        descriptors: None,
    });
}

/// Goal: a node with few file descriptors does not run out of them: it takes fewer connections, honest clients get
/// theirs, and all is as before once the others are gone.
#[test]
fn few_descriptors_are_enough() {
    let figures = judge(Run {
        sizes: Sizes {
            slow: 50,
            idle: 300,
            streams: 0,
            busy: 2,
            rate: 1,
            addresses: 4,
        },
        rate: 40,
        each: Duration::from_secs(2),
        descriptors: Some(160),
    });
    assert!(figures.attacked_usage.descriptors <= 160);
    assert!(figures.after_usage.descriptors < figures.attacked_usage.descriptors);
}
