//! `weighhouse contract test`: builds a contract, then runs its crate's tests against that very module.
//!
//! The tests are ordinary ones, run by cargo; the test kit (`weighhouse-testkit`) gives them a chain in
//! memory with the engine of a node. This command hands them the module and collects what each call
//! cost. Two tests that do the same cost the same, so a gas snapshot can be compared to the unit.

mod coverage;
mod outcome;
mod watch;

use super::Context;
use super::contract_build::prepare_lock;
use super::place::Module;
use super::report::thousands;
use crate::output::{Failure, Output};
use coverage::Coverage;
use outcome::Tests;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use weighhouse_build::ContractCrate;
use weighhouse_runtime::limits::TX_GAS_MAX;

/// File of a gas snapshot, in the contract's folder.
const SNAPSHOT: &str = "gas-snapshot.txt";

/// File of random cases that failed, in the contract's target folder.
const FAILED_CASES: &str = "failed-cases.txt";

/// Flags of `weighhouse contract test`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TestArgs {
    /// Folder of the contract [default: this folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Only tests whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub r#match: Option<String>,
    /// Stop after the first file of tests that fails
    #[arg(long)]
    pub fail_fast: bool,
    /// Show what each entry point cost
    #[arg(long)]
    pub gas_report: bool,
    /// Write what each entry point cost into gas-snapshot.txt
    #[arg(long, conflicts_with = "match")]
    pub gas_snapshot: bool,
    /// Write nothing; fail if the costs are not those of gas-snapshot.txt
    #[arg(long, requires = "gas_snapshot")]
    pub check: bool,
    /// Show which entry points, refusals and events the tests came to
    #[arg(long)]
    pub coverage: bool,
    /// Write how often each entry point was called, by line of its source, in the format of lcov
    #[arg(long, value_name = "FILE")]
    pub lcov: Option<PathBuf>,
    /// How many cases each random test runs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub fuzz_runs: Option<u32>,
    /// How many steps a random history has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub invariant_depth: Option<u32>,
    /// Where random tests start from: up to 16 hex digits; the same seed gives the same cases
    #[arg(long, value_name = "HEX", value_parser = seed)]
    pub seed: Option<u64>,
    /// Run the cases again that failed, from this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fuzz_runs", "seed"])]
    pub replay: Option<PathBuf>,
    /// Show the calls of tests, with their call trees
    #[arg(long, value_enum, value_name = "WHICH")]
    pub trace: Option<Trace>,
    /// Write which tests passed and failed, as XML that build servers read
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Run again whenever a file of the contract changes
    #[arg(long, conflicts_with = "gas_snapshot")]
    pub watch: bool,
}

/// Whose calls are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Trace {
    /// Those of tests that failed
    Failed,
    /// Those of all tests
    All,
}

fn seed(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u64::from_str_radix(digits, 16).map_err(|_| "expected up to 16 hex digits".to_owned())
}

/// What the calls of one entry point cost.
#[derive(Clone, Debug, Default)]
struct Costs(Vec<u64>);

impl Costs {
    fn min(&self) -> u64 {
        self.0.first().copied().unwrap_or_default()
    }

    fn median(&self) -> u64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or_default()
    }

    fn max(&self) -> u64 {
        self.0.last().copied().unwrap_or_default()
    }
}

type Gas = BTreeMap<String, Costs>;

/// Files through which the tests tell what happened.
struct Notes {
    folder: tempfile::TempDir,
}

impl Notes {
    fn new() -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(|error| {
            Failure::failed(format!("cannot make a temporary folder: {error}"))
                .help("make room in the folder of temporary files, or set TMPDIR")
        })?;
        Ok(Self { folder })
    }

    fn gas(&self) -> PathBuf {
        self.folder.path().join("gas")
    }

    fn coverage(&self) -> PathBuf {
        self.folder.path().join("coverage")
    }
}

impl TestArgs {
    /// Builds and tests, once or whenever something changes.
    ///
    /// # Errors
    /// The compiler's, a rule that the module breaks, a test that fails, or a cost that changed.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let folder = self.folder.clone().unwrap_or_else(|| PathBuf::from("."));
        let contract = weighhouse_build::contract_at(&folder)?;
        if !self.watch {
            return self.once(context, &folder, &contract);
        }
        let mut last = None;
        loop {
            let state = watch::state(&folder);
            if last == Some(state) {
                std::thread::sleep(watch::PAUSE);
                continue;
            }
            last = Some(state);
            if let Err(failure) = self.once(context, &folder, &contract) {
                context.output.failure(&failure);
            }
            context.output.note("waiting for a change; Ctrl-C ends");
        }
    }

    fn once(
        &self,
        context: &Context,
        folder: &Path,
        contract: &ContractCrate,
    ) -> Result<(), Failure> {
        prepare_lock(contract)?;
        let label = format!("{} {}", contract.name, contract.version);
        context.output.note(format!("building {label}"));
        let artifact = weighhouse_build::build(contract, &contract.target_dir, "")?;
        let path = artifact.path.display().to_string();
        let module = Module::check(&path, artifact.wasm)?;
        context.output.note(format!(
            "testing  {label} on the engine of a node (its first compilation takes minutes)"
        ));
        let notes = Notes::new()?;
        let tests = self.cargo_test(contract, &artifact.path, &notes)?;
        if let Some(file) = &self.junit {
            write(file, &tests.junit(&contract.name))?;
        }
        if !tests.succeeded {
            let failure = Failure::failed(format!("tests of {} failed", contract.name));
            let failed = tests.failed().map(|name| format!("failed  {name}"));
            return Err(failed.fold(failure, Failure::detail).help(
                "what failed is above; run one alone with --match NAME, see its calls with --trace failed",
            ));
        }
        let gas = read_gas(&notes.gas());
        if self.gas_report {
            context.output.note(report(&gas));
        }
        if self.gas_snapshot {
            self.snapshot(&folder.join(SNAPSHOT), &gas)?;
        }
        let coverage = Coverage::read(&notes.coverage(), &module.interface.schema);
        if self.coverage {
            context.output.note(coverage.text());
        }
        if let Some(file) = &self.lcov {
            write(file, &coverage.lcov(folder))?;
        }
        let document = json!({
            "name": contract.name, "version": contract.version, "passed": true,
            "tests": tests.count(), "code_hash": module.hash().to_string(),
            "gas": gas_json(&gas), "coverage": coverage.json(),
        });
        context.output.answer("", &document);
        Ok(())
    }

    /// Runs the tests; what they print goes to stderr, because the answer is not theirs.
    fn cargo_test(
        &self,
        contract: &ContractCrate,
        module: &Path,
        notes: &Notes,
    ) -> Result<Tests, Failure> {
        let no_cargo = |error: std::io::Error| {
            Failure::failed(format!("cargo did not start: {error}"))
                .help("install Rust: https://rustup.rs")
        };
        let mut command = Command::new("cargo");
        command
            .args(["test", "--package", &contract.name, "--manifest-path"])
            .arg(&contract.manifest)
            .env("WEIGHHOUSE_MODULE", module)
            .env("WEIGHHOUSE_GAS_FILE", notes.gas())
            .env("WEIGHHOUSE_COVERAGE_FILE", notes.coverage())
            .stdout(Stdio::piped());
        self.randomness(&mut command, contract)?;
        if !self.fail_fast {
            command.arg("--no-fail-fast");
        }
        command.arg("--");
        if self.trace.is_some() {
            command.env("WEIGHHOUSE_TRACE", "1");
        }
        if self.trace == Some(Trace::All) {
            command.arg("--show-output");
        }
        command.args(&self.r#match);
        let mut child = command.spawn().map_err(no_cargo)?;
        let mut tests = Tests::default();
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                tests.line(&line);
                Output::relay(&line);
            }
        }
        tests.succeeded = child.wait().map_err(no_cargo)?.success();
        Ok(tests)
    }

    /// Tells random tests how many cases, from where, and which again: the test kit's own and those of
    /// the crate `proptest`.
    fn randomness(&self, command: &mut Command, contract: &ContractCrate) -> Result<(), Failure> {
        if let Some(runs) = self.fuzz_runs {
            let runs = runs.to_string();
            command.env("WEIGHHOUSE_FUZZ_RUNS", &runs);
            command.env("PROPTEST_CASES", runs);
        }
        if let Some(depth) = self.invariant_depth {
            command.env("WEIGHHOUSE_INVARIANT_DEPTH", depth.to_string());
        }
        if let Some(seed) = self.seed {
            command.env("WEIGHHOUSE_SEED", format!("{seed:016x}"));
            command.env("PROPTEST_RNG_SEED", seed.to_string());
        }
        if let Some(file) = &self.replay {
            let file = file.canonicalize().map_err(|error| {
                Failure::usage(format!("cannot read {}: {error}", file.display()))
                    .help("name the file of failed cases that a run of the tests has told")
            })?;
            command.env("WEIGHHOUSE_REPLAY", file);
        } else {
            command.env(
                "WEIGHHOUSE_FAILED_CASES",
                contract.target_dir.join(FAILED_CASES),
            );
        }
        Ok(())
    }

    fn snapshot(&self, path: &Path, gas: &Gas) -> Result<(), Failure> {
        let mut text = String::from("# entry point, calls, least, median, most gas\n");
        for (name, costs) in gas {
            text.push_str(&format!(
                "{name} {} {} {} {}\n",
                costs.0.len(),
                costs.min(),
                costs.median(),
                costs.max()
            ));
        }
        let shown = path.display();
        if !self.check {
            return write(path, &text);
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        if found == text {
            return Ok(());
        }
        let known: Vec<&str> = found.lines().collect();
        let changed = text.lines().filter(|line| !known.contains(line));
        let failure = Failure::failed(format!("what calls cost is not what {shown} says"));
        Err(changed
            .map(|line| format!("now  {line}"))
            .fold(failure, Failure::detail)
            .help("if that is meant, run the same command without --check and commit the file"))
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| {
        Failure::failed(format!("cannot write {}: {error}", path.display()))
            .help("name a file in a folder that can be written")
    })
}

/// Costs of each entry point, ascending.
fn read_gas(path: &Path) -> Gas {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut gas = Gas::new();
    for line in text.lines() {
        if let Some((name, used)) = line.split_once(' ')
            && let Ok(used) = used.parse()
        {
            gas.entry(name.to_owned()).or_default().0.push(used);
        }
    }
    gas.values_mut().for_each(|costs| costs.0.sort_unstable());
    gas
}

fn report(gas: &Gas) -> String {
    let mut lines = vec![format!(
        "{:<24} {:>7} {:>12} {:>12} {:>12}   of limit",
        "entry point", "calls", "min", "median", "max"
    )];
    for (name, costs) in gas {
        let tenths = costs.max().saturating_mul(1_000) / TX_GAS_MAX;
        lines.push(format!(
            "{name:<24} {:>7} {:>12} {:>12} {:>12}   {:>3}.{} %",
            costs.0.len(),
            thousands(costs.min()),
            thousands(costs.median()),
            thousands(costs.max()),
            tenths / 10,
            tenths % 10
        ));
    }
    if gas.is_empty() {
        lines.push("no call was made through the test kit".into());
    }
    lines.join("\n")
}

fn gas_json(gas: &Gas) -> Value {
    gas.iter()
        .map(|(name, costs)| {
            let document = json!({
                "calls": costs.0.len(), "min": costs.min().to_string(),
                "median": costs.median().to_string(), "max": costs.max().to_string(),
            });
            (name.clone(), document)
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: costs are collected by entry point, and a snapshot that differs names the line.
    #[test]
    fn gas_is_collected_and_compared() {
        let folder = tempfile::tempdir().expect("a folder");
        let noted = folder.path().join("gas");
        std::fs::write(&noted, "mint 7\ntransfer 30\nmint 5\nmint 9\nodd\n").expect("written");
        let gas = read_gas(&noted);
        let mint = &gas["mint"];
        assert_eq!((mint.min(), mint.median(), mint.max()), (5, 7, 9));
        assert!(report(&gas).contains("transfer"));
        let mut args = TestArgs {
            gas_snapshot: true,
            ..TestArgs::default()
        };
        let snapshot = folder.path().join(SNAPSHOT);
        args.snapshot(&snapshot, &gas).expect("written");
        args.check = true;
        args.snapshot(&snapshot, &gas).expect("the same");
        std::fs::write(&noted, "mint 8\n").expect("written");
        let changed = args.snapshot(&snapshot, &read_gas(&noted));
        assert!(changed.is_err());
    }

    /// Goal: a seed is hex with or without its mark, and nothing else.
    #[test]
    fn seeds() {
        assert_eq!((seed("ff"), seed("0x10")), (Ok(255), Ok(16)));
        assert!(seed("-1").is_err() && seed("12345678901234567").is_err() && seed("").is_err());
    }
}
