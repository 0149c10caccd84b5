//! Many lives on several threads, and what came of them.

use crate::life::{Tally, live};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use weighhouse_runtime::vm::engine::VmSettings;
use weighhouse_runtime::{Vm, limits};

/// What to live.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lives {
    pub(crate) first: u64,
    pub(crate) seeds: u64,
    pub(crate) steps: u64,
    pub(crate) threads: usize,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) tally: Tally,
    /// Seeds with what must not happen.
    pub(crate) violations: Vec<(u64, String)>,
}

impl Lives {
    /// Lives them all.
    pub(crate) fn live(self) -> Report {
        let machine = Vm::new(&VmSettings::default(), None).expect("an engine");
        let machine = Arc::new(machine);
        let (next, report) = (AtomicU64::new(self.first), Mutex::new(Report::default()));
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                let work = || self.work(&machine, &next, &report);
                std::thread::Builder::new()
                    .stack_size(limits::EXECUTOR_STACK_BYTES)
                    .spawn_scoped(scope, work)
                    .expect("a thread");
            }
        });
        let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
        report.violations.sort();
        report
    }

    fn work(self, machine: &Arc<Vm>, next: &AtomicU64, report: &Mutex<Report>) {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= self.first.saturating_add(self.seeds) {
                return;
            }
            let lived = catch_unwind(AssertUnwindSafe(|| live(seed, self.steps, machine)));
            let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
            match lived {
                Ok(Ok(tally)) => report.tally.add(&tally),
                Ok(Err(what)) => report.violations.push((seed, what)),
                Err(_) => {
                    let what = "a panic; see the lines above".to_owned();
                    report.violations.push((seed, what));
                }
            }
        }
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.blocks += other.blocks;
        self.transactions += other.transactions;
        self.operations += other.operations;
        self.kills += other.kills;
        self.power_cuts += other.power_cuts;
        self.failed_operations += other.failed_operations;
        self.halts += other.halts;
        self.full += other.full;
        self.flips += other.flips;
        self.flips_told += other.flips_told;
        // In any order of seeds.
        self.trace = self.trace.wrapping_add(other.trace);
    }
}

impl Report {
    /// For people.
    pub(crate) fn text(&self, lives: Lives) -> String {
        let Tally {
            blocks,
            transactions,
            operations,
            kills,
            power_cuts,
            failed_operations,
            halts,
            full,
            flips,
            flips_told,
            trace,
        } = self.tally;
        let mut text = format!(
            "{} seeds of {} steps: {} violations\n\
             {blocks} blocks, {transactions} transactions, {operations} operations of disks\n\
             {kills} kills, {power_cuts} power cuts, {failed_operations} failed operations, {halts} halts, \
             {full} times full, {flips} bits flipped of which {flips_told} were told\n\
             trace {trace:016x}\n",
            lives.seeds,
            lives.steps,
            self.violations.len(),
        );
        for (seed, what) in &self.violations {
            text.push_str(&format!(
                "seed {seed}: {what}\n  again: sim --seed {seed} --steps {}\n",
                lives.steps
            ));
        }
        text
    }
}
