//! `weighhouse contract test`: builds a contract, then runs its crate's tests against that very module.
//!
//! The tests are ordinary ones, run by cargo; the test kit (`weighhouse-testkit`) gives them a chain in
//! memory with the engine of a node. This command hands them the module and collects what each call
//! cost. Two tests that do the same cost the same, so a gas snapshot can be compared to the unit.

use super::Context;
use super::contract_build::prepare_lock;
use super::place::Module;
use super::report::thousands;
use crate::output::Failure;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use weighhouse_build::ContractCrate;
use weighhouse_runtime::limits::TX_GAS_MAX;

/// File of a gas snapshot, in the contract's folder.
const SNAPSHOT: &str = "gas-snapshot.txt";

/// Flags of `weighhouse contract test`.
#[derive(Clone, Debug, clap::Args)]
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

impl TestArgs {
    /// Builds and tests.
    ///
    /// # Errors
    /// The compiler's, a rule that the module breaks, a test that fails, or a cost that changed.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let folder = self.folder.clone().unwrap_or_else(|| PathBuf::from("."));
        let contract = weighhouse_build::contract_at(&folder)?;
        prepare_lock(&contract)?;
        let label = format!("{} {}", contract.name, contract.version);
        context.output.note(format!("building {label}"));
        let artifact = weighhouse_build::build(&contract, &contract.target_dir, "")?;
        let path = artifact.path.display().to_string();
        let module = Module::check(&path, artifact.wasm)?;
        context.output.note(format!(
            "testing  {label} on the engine of a node (its first compilation takes minutes)"
        ));
        let gas_file = tempfile::NamedTempFile::new().map_err(|error| {
            Failure::failed(format!("cannot make a temporary file: {error}"))
                .help("make room in the folder of temporary files, or set TMPDIR")
        })?;
        self.cargo_test(&contract, &artifact.path, gas_file.path())?;
        let gas = read_gas(gas_file.path());
        if self.gas_report {
            context.output.note(report(&gas));
        }
        if self.gas_snapshot {
            self.snapshot(&folder.join(SNAPSHOT), &gas)?;
        }
        let document = json!({
            "name": contract.name, "version": contract.version, "passed": true,
            "code_hash": module.hash().to_string(), "gas": gas_json(&gas),
        });
        context.output.answer("", &document);
        Ok(())
    }

    /// Runs the tests; what they print goes to stderr, because the answer is not theirs.
    fn cargo_test(
        &self,
        contract: &ContractCrate,
        module: &Path,
        gas_file: &Path,
    ) -> Result<(), Failure> {
        let no_cargo = |error: std::io::Error| {
            Failure::failed(format!("cargo did not start: {error}"))
                .help("install Rust: https://rustup.rs")
        };
        let stderr = std::io::stderr();
        let out = stderr.as_fd().try_clone_to_owned().map_err(no_cargo)?;
        let mut command = Command::new("cargo");
        command
            .args(["test", "--package", &contract.name, "--manifest-path"])
            .arg(&contract.manifest)
            .env("WEIGHHOUSE_MODULE", module)
            .env("WEIGHHOUSE_GAS_FILE", gas_file)
            .stdout(Stdio::from(out));
        if !self.fail_fast {
            command.arg("--no-fail-fast");
        }
        if let Some(text) = &self.r#match {
            command.arg("--").arg(text);
        }
        let status = command.status().map_err(no_cargo)?;
        if status.success() {
            return Ok(());
        }
        Err(
            Failure::failed(format!("tests of {} failed", contract.name))
                .help("what failed is above; run one alone with --match NAME"),
        )
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
            return std::fs::write(path, text).map_err(|error| {
                Failure::failed(format!("cannot write {shown}: {error}"))
                    .help("make the contract's folder writable")
            });
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
            folder: None,
            r#match: None,
            fail_fast: false,
            gas_report: false,
            gas_snapshot: true,
            check: false,
        };
        let snapshot = folder.path().join(SNAPSHOT);
        args.snapshot(&snapshot, &gas).expect("written");
        args.check = true;
        args.snapshot(&snapshot, &gas).expect("the same");
        std::fs::write(&noted, "mint 8\n").expect("written");
        let changed = args.snapshot(&snapshot, &read_gas(&noted));
        assert!(changed.is_err());
    }
}
