//! `weighhouse bench gas`: nanoseconds for a gas, of every operator class and host function.
//!
//! The schedule derives from this. A row of the schedule is one price; what it pays for is measured
//! where it is cheap and where it is dear, and the dearest counts, because hostile code chooses it.
//! Reading order: `module` (a contract that repeats an operation), `operators` and `host` (what is
//! measured), `bed` (the chain it runs on), `figures` (median and spread).
//!
//! Invariant: gas is what the executor charged, in transactions like any other; nothing here knows a
//! price. What it does not do: uploads, whose compilation is no part of a block.

mod bed;
mod figures;
mod host;
mod module;
mod operators;

use crate::cli::Context;
use crate::output::Failure;
use crate::verify::on_executor_thread;
use bed::{Bed, Run};
use figures::{Figure, Figures, Maximum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use module::{Class, Which};
use parity_scale_codec::Encode;
use std::time::{Duration, Instant};
use weighhouse_primitives::abi::selector;
use weighhouse_runtime::limits;

/// A run takes at least so long, if a transaction can.
const RUN_MIN: Duration = Duration::from_millis(10);
/// Pairs of runs of a class, at least.
const PAIRS_MIN: u32 = 3;
/// The one class that is no loop.
const TRANSACTION: &str = "signed, admitted, empty, durable";
/// Transactions of a block of it.
const TRANSACTIONS: u32 = 500;
/// Classes that are tried for the longest transaction, dearest first.
const LONGEST_TRIED: usize = 4;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Only classes whose row or name has this in it.
    pub only: Option<String>,
    /// For how long each class is measured.
    pub time: Duration,
    /// Outside 3 times the median is a failure.
    pub check: bool,
}

/// Measures and prints.
///
/// # Errors
/// No such class, a chain that fails, and with `check` a class outside.
pub fn run(context: &Context, asked: &Asked) -> Result<(), Failure> {
    let classes: Vec<Class> = operators::classes()
        .into_iter()
        .chain(host::classes())
        .chain([Class::new("transaction", TRANSACTION, 1)])
        .filter(|class| asked.only.as_ref().is_none_or(|part| has(class, part)))
        .collect();
    if classes.is_empty() {
        let part = asked.only.clone().unwrap_or_default();
        return Err(Failure::usage(format!("no class has {part:?} in its name"))
            .help("names are those that are printed without --only"));
    }
    let bar = if context.output.shows_progress() {
        let bar = ProgressBar::new(u64::try_from(classes.len()).unwrap_or_default());
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}");
        style.map_or(bar.clone(), |style| bar.with_style(style))
    } else {
        ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
    };
    let (time, shown) = (asked.time, bar.clone());
    let measured = on_executor_thread(move || measure_all(&classes, time, &shown))
        .map_err(|fault| Failure::fault(fault.to_string()))??;
    bar.finish_and_clear();
    measured.report(&context.output, asked.check)
}

/// A contract whose calls do nothing, and the input of its constructor.
pub(super) fn empty_contract() -> (Vec<u8>, Vec<u8>) {
    let class = Class::new("", "nothing", 1);
    (module::module(&class, &[]), selector(module::OPEN).encode())
}

fn has(class: &Class, part: &str) -> bool {
    class.row.contains(part) || class.name.contains(part)
}

fn measure_all(classes: &[Class], time: Duration, bar: &ProgressBar) -> Result<Figures, Failure> {
    let mut bed = Bed::open()?;
    let mut figures = Vec::new();
    for class in classes {
        bar.set_message(class.name);
        if host::reads_store(class) {
            bed.fill()?;
        }
        bed.put(class)?;
        figures.push(if class.name == TRANSACTION {
            measure_transactions(&mut bed, class, time)?
        } else {
            measure(&mut bed, class, time)?
        });
        bar.inc(1);
    }
    let mut figures = Figures::of(figures);
    let mut dearest = figures.dearest_first();
    dearest.truncate(LONGEST_TRIED);
    for name in dearest {
        let found = classes.iter().find(|class| class.name == name);
        let Some(class) = found.filter(|class| class.name != TRANSACTION) else {
            continue;
        };
        bar.set_message(format!("transaction of maximum gas, {name}"));
        bed.put(class)?;
        bed.run(class, Which::With, 1)?;
        let Run { gas, time } = bed.run_out(class)?;
        // Others are stopped by another limit before their gas is gone.
        if gas >= limits::TX_GAS_MAX {
            figures.longest(Maximum { name, time });
        }
    }
    Ok(figures)
}

/// Both loops in turn, for `time`; the fastest of each.
fn measure(bed: &mut Bed, class: &Class, time: Duration) -> Result<Figure, Failure> {
    let rounds = rounds(bed, class)?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let mut gas = 0;
    let started = Instant::now();
    let mut pairs = 0;
    while pairs < class.pairs_max && (pairs < PAIRS_MIN || started.elapsed() < time) {
        let dear = bed.run(class, Which::With, rounds)?;
        let cheap = bed.run(class, Which::Without, rounds)?;
        gas = dear.gas.saturating_sub(cheap.gas);
        with.push(dear.time);
        without.push(cheap.time);
        pairs += 1;
    }
    let spent = chosen(with, class.cold).saturating_sub(chosen(without, class.cold));
    let operations = f64::from(class.units) * f64::from(rounds) * f64::from(class.transactions);
    Ok(Figure {
        row: class.row,
        name: class.name,
        gas: figures::float(gas) / operations,
        nanos: spent.as_secs_f64() * 1e9 / operations,
    })
}

/// The fastest run, or the one in the middle.
fn chosen(mut times: Vec<Duration>, middle: bool) -> Duration {
    times.sort_unstable();
    let place = if middle { times.len() / 2 } else { 0 };
    times.get(place).copied().unwrap_or_default()
}

/// Blocks of signed transactions, for `time`; the fastest.
fn measure_transactions(bed: &mut Bed, class: &Class, time: Duration) -> Result<Figure, Failure> {
    let started = Instant::now();
    let mut fastest = bed.transactions(TRANSACTIONS)?;
    while started.elapsed() < time {
        let run = bed.transactions(TRANSACTIONS)?;
        if run.time < fastest.time {
            fastest = run;
        }
    }
    let count = f64::from(TRANSACTIONS);
    Ok(Figure {
        row: class.row,
        name: class.name,
        gas: figures::float(fastest.gas) / count,
        nanos: fastest.time.as_secs_f64() * 1e9 / count,
    })
}

/// How many rounds a run has: enough to be measured, and no more than a transaction can pay for.
fn rounds(bed: &mut Bed, class: &Class) -> Result<u32, Failure> {
    // The first call compiles.
    bed.run(class, Which::With, 1)?;
    if class.durable {
        return Ok(class.rounds_max);
    }
    let mut rounds = 1_u32;
    loop {
        let run = bed.run(class, Which::With, rounds)?;
        let next = rounds.saturating_mul(2);
        let room = run.gas.saturating_mul(2) < limits::TX_GAS_MAX;
        if run.time >= RUN_MIN || next > class.rounds_max || !room {
            return Ok(rounds);
        }
        rounds = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use module::HOST;
    use weighhouse_runtime::vm::code::Code;

    fn all() -> impl Iterator<Item = Class> {
        operators::classes().into_iter().chain(host::classes())
    }

    /// Goal: every class is a contract that the chain accepts, and names are one class's own.
    #[test]
    fn classes_are_contracts() {
        let mut names = std::collections::BTreeSet::new();
        for class in all() {
            let wasm = module::module(&class, &[]);
            if let Err(error) = Code::check(&wasm) {
                panic!("{}: {error}", class.name);
            }
            assert!(names.insert(class.name), "{} twice", class.name);
        }
    }

    /// Goal: a new host function cannot go unmeasured.
    #[test]
    fn every_host_function_is_measured() {
        for row in HOST {
            let measured =
                all().any(|class| class.row.starts_with(row.name) || class.name.contains(row.name));
            assert!(measured, "{} has no class", row.name);
        }
    }

    /// Goal: the loop's own gas cancels: an operation has the price of the schedule, to the unit.
    #[test]
    fn gas_is_that_of_the_operation() {
        let wanted = ["i32.add", "i64.div_u", "br", "gas_left"];
        let classes: Vec<Class> = all().filter(|one| wanted.contains(&one.name)).collect();
        let bar = ProgressBar::hidden();
        let measured = on_executor_thread(move || measure_all(&classes, Duration::ZERO, &bar));
        let figures = measured.unwrap().unwrap();
        let prices = &weighhouse_runtime::gas::GasSchedule::V1.operators;
        let prices = [
            f64::from(prices.simple),
            f64::from(prices.divide),
            f64::from(prices.branch),
            40.0 + f64::from(prices.call),
        ];
        for (figure, price) in figures.all().iter().zip(prices) {
            // The branch between the loops costs one, once.
            assert!((figure.gas - price).abs() < 0.1, "{figure:?} {price}");
        }
    }
}
