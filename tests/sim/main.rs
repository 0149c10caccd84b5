//! Simulated lives of a whole node: 1,000 seeds, each a history of clients, crashes and failing disks.
//!
//! `cargo run -p weighhouse-testkit --example sim -- --seeds 10000 --steps 1000` lives more of them.

mod books;
mod disk;
mod life;
mod node;
mod report;
mod store;

use report::Lives;

/// Seeds of one run: RELIABILITY asks for 1,000 in CI.
const SEEDS: u64 = 1_000;
/// Steps of each.
const STEPS: u64 = 30;

/// Goal: whatever crashes, disks and clocks do to a node, no durable transaction is lost or doubled,
/// balances make up the supply, replay gives the same roots, and damage is told.
#[test]
fn tx_1_state_2_lives_keep_every_promise() {
    let lives = Lives {
        first: 0,
        seeds: SEEDS,
        steps: STEPS,
        threads: std::thread::available_parallelism().map_or(2, usize::from),
    };
    let report = lives.live();
    assert!(report.violations.is_empty(), "{}", report.text(lives));
    let tally = report.tally;
    let happened = [
        tally.kills,
        tally.power_cuts,
        tally.halts,
        tally.full,
        tally.flips_told,
    ];
    assert!(happened.iter().all(|count| *count > 20), "{tally:?}");
}

/// Goal: a seed is the same life every time, to the last operation of the disk.
#[test]
fn det_1_a_seed_is_the_same_life() {
    let live = |threads| {
        let lives = Lives {
            first: 5_000,
            seeds: 12,
            steps: 60,
            threads,
        };
        lives.live().tally
    };
    assert_eq!(live(1), live(2));
}
