//! Random histories that can be had again: many cases, each from a seed of its own.
//!
//! `weighhouse contract test` sets how many (`--fuzz-runs`), how long (`--invariant-depth`) and from which
//! seed (`--seed`); without it the numbers below hold, so that plain `cargo test` does the same every time.
//! A case that fails names its seed, and notes it in a file that `--replay` runs alone.

use parity_scale_codec::Encode;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use weighhouse_primitives::Hash;
use weighhouse_rpc::types::HashHex;

/// Cases unless asked for another number.
pub const RUNS: u64 = 32;
/// Steps of a history unless asked for another number.
pub const DEPTH: u64 = 16;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Steps that a random history should have: `--invariant-depth`, or [`DEPTH`].
#[must_use]
pub fn depth() -> u64 {
    number("WEIGHHOUSE_INVARIANT_DEPTH").unwrap_or(DEPTH)
}

/// Where a case takes its choices from: the same seed gives the same choices.
#[derive(Clone, Debug)]
pub struct Choices {
    seed: Hash,
    taken: u64,
}

impl Choices {
    /// The choices of a seed.
    #[must_use]
    pub const fn new(seed: Hash) -> Self {
        Self { seed, taken: 0 }
    }

    fn next(&mut self) -> u128 {
        self.taken += 1;
        let bytes = Hash::of(&(self.seed, self.taken).encode()).0;
        let (first, _) = bytes
            .split_first_chunk::<16>()
            .expect("a hash has 32 bytes");
        u128::from_le_bytes(*first)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: u128) -> u128 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// True about once in `every` times.
    pub fn once_in(&mut self, every: u128) -> bool {
        self.below(every) == 0
    }

    /// One of these.
    ///
    /// # Panics
    /// If there are none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = self.below(from.len() as u128);
        let index = usize::try_from(index).expect("below the length");
        from.get(index).expect("something to pick from")
    }
}

/// Runs `case` many times, each time with other choices. `name` is the test's, so that a case can be
/// asked for alone.
///
/// # Panics
/// As the first case that fails, after naming its seed.
pub fn fuzz(name: &str, case: impl Fn(&mut Choices)) {
    for seed in seeds(name) {
        let run = AssertUnwindSafe(|| case(&mut Choices::new(seed)));
        let Err(panic) = catch_unwind(run) else {
            continue;
        };
        let noted = note(name, seed);
        print(&format!("{name} failed with seed {seed}{noted}\n"));
        resume_unwind(panic);
    }
}

#[expect(clippy::print_stdout, reason = "what a failed test says")]
fn print(text: &str) {
    print!("{text}");
}

/// The seeds of a test's cases: the one of the replay file, or as many as were asked for.
fn seeds(name: &str) -> Vec<Hash> {
    if let Some(path) = std::env::var_os("WEIGHHOUSE_REPLAY") {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let wanted = text.lines().filter_map(|line| line.split_once(' '));
        return wanted
            .filter(|(test, _)| *test == name)
            .filter_map(|(_, seed)| Some(seed.trim().parse::<HashHex>().ok()?.0))
            .collect();
    }
    let start = std::env::var("WEIGHHOUSE_SEED").unwrap_or_default();
    let runs = number("WEIGHHOUSE_FUZZ_RUNS").unwrap_or(RUNS);
    (0..runs)
        .map(|run| Hash::of(&(start.as_str(), name, run).encode()))
        .collect()
}

/// Notes a failed case for `--replay`; what to tell about it.
fn note(name: &str, seed: Hash) -> String {
    use std::io::Write;
    let mut told = String::new();
    let Some(path) = std::env::var_os("WEIGHHOUSE_FAILED_CASES") else {
        return told;
    };
    let file = std::fs::File::options()
        .append(true)
        .create(true)
        .open(&path);
    let line = format!("{name} {seed}\n");
    if file
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .is_ok()
    {
        let shown = std::path::Path::new(&path).display();
        // Writing to a string does not fail.
        let _ = write!(told, "; again: weighhouse contract test --replay {shown}");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Goal: a seed gives the same choices, another seed others, and all lie within their bounds.
    #[test]
    fn choices_come_again() {
        let of = |byte: u8| {
            let mut choices = Choices::new(Hash([byte; 32]));
            (0..50).map(|_| choices.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        assert!(of(3).iter().all(|choice| *choice < 10));
        let mut choices = Choices::new(Hash::ZERO);
        assert_eq!((choices.below(0), choices.pick(&[7])), (0, &7));
    }

    /// Goal: every run is another case, and the case that fails ends the test.
    #[test]
    fn cases_differ_and_failures_show() {
        let seen = RefCell::new(std::collections::BTreeSet::new());
        fuzz("cases_differ", |choices| {
            seen.borrow_mut().insert(choices.below(u128::MAX));
        });
        assert_eq!(seen.borrow().len() as u64, RUNS);
        let failed = catch_unwind(|| fuzz("a case fails", |_| panic!("on purpose")));
        assert!(failed.is_err());
    }
}
