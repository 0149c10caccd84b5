//! Generated modules: accepted or refused by the validator, compiled, and run on four engines, which must
//! agree on outcome, gas, stack, memory, globals and every call of the host; and, a few of them, in real
//! transactions.
//!
//! `WEIGHHOUSE_MODULES` says how many modules are compared (without it as many as take some seconds),
//! `WEIGHHOUSE_MODULES_SEED` which ones they are; `WEIGHHOUSE_MODULE_SEED` compares one alone and leaves it
//! in the folder of the tests: the replay.
#![expect(
    clippy::print_stderr,
    reason = "the figures of a long run are for whoever waits for it"
)]

mod engines;
pub(crate) mod generate;

use engines::{Engines, Run};
use generate::Smith;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use weighhouse_primitives::{Action, HaltReason, Outcome};
use weighhouse_runtime::gas::GasSchedule;
use weighhouse_runtime::limits;
use weighhouse_runtime::vm::code::{Code, CodeError};
use weighhouse_runtime::vm::instrument::instrument;
use weighhouse_testkit::variable::variable;
use weighhouse_testkit::world::input;
use weighhouse_testkit::{Account, Dice, World};

/// Modules compared unless asked for another number.
const MODULES: u64 = 400;
/// Modules run in transactions.
const TRANSACTIONS: u64 = 60;
/// A long run says after so many modules that it is still there.
const PROGRESS: u64 = 5_000;
/// What modules are made from.
const SEED: u64 = 0x5eed;
/// Gas of a run: enough to get somewhere, too little for a loop without end to take long.
const GAS: i64 = 400_000;

/// What became of the modules of a campaign.
#[derive(Debug, Default)]
struct Figures {
    /// No module came of the bytes, or one that the validator refuses, by reason.
    refused: BTreeMap<String, u64>,
    /// Ends of the runs, by outcome.
    ends: BTreeMap<String, u64>,
    accepted: u64,
    /// Calls of the host, of all runs.
    calls: u64,
    bytes: usize,
    slowest: Duration,
}

impl Figures {
    fn end(&mut self, run: &Run) {
        let end = match &run.outcome {
            Ok(_) => "Answered".to_owned(),
            Err(reason) => format!("{reason:?}"),
        };
        self.calls += run.calls();
        *self.ends.entry(end).or_default() += 1;
    }

    fn refuse(&mut self, error: &CodeError) {
        let text = format!("{error:?}");
        let kind = text.split([' ', '(']).next().unwrap_or_default();
        *self.refused.entry(kind.to_owned()).or_default() += 1;
    }
}

/// Compares one module everywhere, with much gas and with less than it needs.
fn compare(
    engines: &Engines,
    bytes: &[u8],
    dice: &mut Dice,
    figures: &mut Figures,
) -> Result<(), String> {
    if let Err(error) = Code::check(bytes) {
        figures.refuse(&error);
        return Ok(());
    }
    figures.accepted += 1;
    figures.bytes += bytes.len();
    let counted = instrument(bytes, &GasSchedule::V1).map_err(|error| error.to_string())?;
    let began = Instant::now();
    let everywhere = engines.compile(&counted);
    figures.slowest = figures.slowest.max(began.elapsed());
    let run = everywhere.run(GAS)?;
    figures.end(&run);
    let whole = run.outcome.is_err() || run.stack == limits::STACK_BYTES_MAX;
    if !whole {
        return Err(format!("the stack counter ends at {}", run.stack));
    }
    let used = u64::try_from(GAS - run.gas.max(0)).map_err(|_| "gas came out of nothing")?;
    let less = i64::try_from(dice.below(used.max(1))).unwrap_or(0);
    let run = everywhere.run(less)?;
    figures.end(&run);
    // GAS-1: with less than it used, it cannot come to the same end.
    if run.outcome.is_ok() {
        return Err(format!(
            "it answers with {less} gas although it used {used}"
        ));
    }
    Ok(())
}

/// Runs `test` with the native stack of the executor.
fn on_executor_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(limits::EXECUTOR_STACK_BYTES)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

/// Goal: modules that nobody would write end alike on every engine, down to the last unit of gas and the
/// last byte of memory, and none of them stops the node.
#[test]
fn gas_2_engines_agree_on_generated_modules() {
    on_executor_stack(|| {
        let (smith, engines, mut figures) = (Smith::new(), Engines::new(), Figures::default());
        let seed = variable("WEIGHHOUSE_MODULES_SEED").unwrap_or(SEED);
        let count = variable("WEIGHHOUSE_MODULES").unwrap_or(MODULES);
        let only = variable("WEIGHHOUSE_MODULE_SEED");
        let seeds: Box<dyn Iterator<Item = u64>> = match only {
            Some(one) => Box::new(std::iter::once(one)),
            None => Box::new((0..count).map(|index| Dice::part(seed, index).throw())),
        };
        let began = Instant::now();
        for (done, one) in (0_u64..).zip(seeds) {
            if done > 0 && done % PROGRESS == 0 {
                eprintln!("{done} modules without a difference");
            }
            let Some(bytes) = smith.module(one) else {
                *figures
                    .refused
                    .entry("NotGenerated".to_owned())
                    .or_default() += 1;
                continue;
            };
            if only.is_some() {
                let file = format!("{}/module.wasm", env!("CARGO_TARGET_TMPDIR"));
                std::fs::write(&file, &bytes).unwrap();
            }
            if let Err(difference) = compare(&engines, &bytes, &mut Dice::new(one), &mut figures) {
                panic!("module {one:#x} {difference}\nagain: WEIGHHOUSE_MODULE_SEED={one:#x}");
            }
        }
        let seconds = began.elapsed().as_secs();
        eprintln!("seed {seed:#x}, {count} modules in {seconds} s: {figures:#?}");
        if only.is_none() {
            assert!(
                figures.accepted * 2 > count,
                "most modules are accepted: {figures:?}"
            );
            assert!(
                figures.ends.len() > 6,
                "modules end in many ways: {figures:?}"
            );
        }
    });
}

/// Goal: what the comparison has found stays found. `select` by a comparison with zero: the interpreter
/// took the wrong operand (module 0xf6db1b504881fdb5), all compilers the right one.
#[test]
fn gas_2_engines_agree_on_select() {
    on_executor_stack(|| {
        let engines = Engines::new();
        for condition in [
            "i32.eqz",
            "i32.eqz i32.eqz",
            "i32.const 0 i32.eq",
            "i32.const 0 i32.ne",
        ] {
            // The argument is 7 on every engine.
            let text = format!(
                "(module (memory (export \"memory\") 1) (global (export \"__wh_gas\") (mut i64) (i64.const 0)) \
                 (global (export \"__wh_stack\") (mut i32) (i32.const 0)) \
                 (func (export \"wh_call\") (param i32) (result i64) \
                 i64.const 100 i64.const 200 local.get 0 {condition} select))"
            );
            let run = engines.compile(&wat::parse_str(&text).unwrap()).run(GAS);
            let expected = if condition.contains("ne") || condition.contains("eqz i32") {
                100
            } else {
                200
            };
            assert_eq!(run.map(|run| run.outcome), Ok(Ok(expected)), "{condition}");
        }
    });
}

/// Goal: in real transactions generated modules end in outcomes, never in a fault of the node (ERR-1), cost
/// no more than their limit (GAS-1), and two chains agree on every receipt (DET-1).
#[test]
fn err_1_generated_modules_end_in_outcomes() {
    let smith = Smith::new();
    let told = [(); 2].map(|()| {
        let mut world = World::new();
        let signer = Account::new("signer");
        let mut receipts = Vec::new();
        for index in 0..TRANSACTIONS {
            let seed = Dice::part(SEED, index).throw();
            let Some(bytes) = smith
                .module(seed)
                .filter(|bytes| Code::check(bytes).is_ok())
            else {
                continue;
            };
            let contract = world.put(&signer, &bytes).address;
            let input = input("run", &());
            let receipt = world.act(&signer, Action::Call { contract, input });
            assert!(
                receipt.gas_used <= weighhouse_testkit::world::GAS,
                "{seed:#x}"
            );
            receipts.push(receipt);
        }
        receipts
    });
    assert_eq!(told[0], told[1]);
    let halted = |one: &&_| {
        matches!(
            one,
            weighhouse_primitives::Receipt {
                outcome: Outcome::Halted(_),
                ..
            }
        )
    };
    assert!(told[0].iter().filter(halted).count() > 5);
    assert!(told[0].len() > 20);
    let limit = Outcome::Halted(HaltReason::HostLimit);
    assert!(
        told[0]
            .iter()
            .all(|receipt| receipt.outcome != limit || receipt.events.is_empty())
    );
}
