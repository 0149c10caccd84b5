//! `hostile`: a crowd of hostile clients against a real node, and what an honest one notices of it.
//!
//! `--slow N` heads and as many bodies byte by byte, `--idle N` connections that do nothing, `--streams N`
//! abandoned `WebSocket`s, `--busy N` clients with `--hostile-rate R` bad and dear requests a second each, all from
//! `--addresses N`; `--rate R` honest requests a second for `--seconds S` alone, attacked and after;
//! `--descriptors N` file descriptors for the node. Exit code 1: a figure was not reached.

mod attack;
mod figures;
mod honest;
mod http;
mod node;

use attack::Sizes;
use figures::{LATE, Run};
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

/// Memory that the attack may take beside what the node had.
const GROWTH_KIB: u64 = 1_024 * 1_024;
/// How soon all is as before.
const CALM: Duration = Duration::from_secs(5);

fn asked() -> Option<Run> {
    let mut run = Run {
        sizes: Sizes {
            slow: 500,
            idle: 900,
            streams: 66,
            busy: 34,
            rate: 10,
            addresses: 16,
        },
        rate: 100,
        each: Duration::from_secs(30),
        descriptors: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number: u32 = words.next()?.replace('_', "").parse().ok()?;
        let count = usize::try_from(number).ok()?;
        match word.as_str() {
            "--slow" => run.sizes.slow = count,
            "--idle" => run.sizes.idle = count,
            "--streams" => run.sizes.streams = count,
            "--busy" => run.sizes.busy = count,
            "--hostile-rate" => run.sizes.rate = number,
            "--addresses" => run.sizes.addresses = u8::try_from(number).ok()?,
            "--rate" => run.rate = number.max(1),
            "--seconds" => run.each = Duration::from_secs(number.into()),
            "--descriptors" => run.descriptors = Some(number),
            _ => return None,
        }
    }
    Some(run)
}

fn main() -> ExitCode {
    node::serve_if_asked();
    let Some(run) = asked() else {
        let usage = "hostile [--slow N] [--idle N] [--streams N] [--busy N] [--hostile-rate R] [--addresses N] [--rate R] [--seconds S] [--descriptors N]\n";
        let _ = std::io::stderr().write_all(usage.as_bytes());
        return ExitCode::from(2);
    };
    let figures = run.run(&[]);
    let _ = std::io::stdout().write_all(figures.text(run).as_bytes());
    let reached = figures.runs
        && figures.attacked.lost == 0
        && figures.attacked.within(990) <= LATE
        && figures.after.calm_after(LATE) <= CALM
        && figures.after_usage.most_kib <= figures.before_usage.most_kib + GROWTH_KIB;
    match reached {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
