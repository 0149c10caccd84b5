//! `sim --seeds N --steps M`: simulated lives of a whole node, as many and as long as asked.
//!
//! `--seed S` lives a single one, `--first S` begins elsewhere, `--threads T` uses so many. Exit code 1 says
//! that something happened that must not; the seed lives the same life again.

mod books;
mod disk;
mod life;
mod node;
mod report;
mod store;

use report::Lives;
use std::io::Write;
use std::process::ExitCode;

fn asked() -> Option<Lives> {
    let mut lives = Lives {
        first: 0,
        seeds: 1_000,
        steps: 1_000,
        threads: std::thread::available_parallelism().map_or(2, usize::from),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number: u64 = words.next()?.replace('_', "").parse().ok()?;
        match word.as_str() {
            "--seeds" => lives.seeds = number,
            "--steps" => lives.steps = number,
            "--first" => lives.first = number,
            "--seed" => (lives.first, lives.seeds) = (number, 1),
            "--threads" => lives.threads = usize::try_from(number).ok()?,
            _ => return None,
        }
    }
    Some(lives)
}

fn main() -> ExitCode {
    let Some(lives) = asked() else {
        let usage = "sim [--seeds N] [--steps M] [--first SEED] [--seed SEED] [--threads T]\n";
        let _ = std::io::stderr().write_all(usage.as_bytes());
        return ExitCode::from(2);
    };
    let report = lives.live();
    let _ = std::io::stdout().write_all(report.text(lives).as_bytes());
    match report.violations.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
