//! `weighhouse contract build` and `check`.

use super::Context;
use super::place::{Module, module, unknown};
use super::report::thousands;
use crate::output::Failure;
use serde_json::json;
use std::path::PathBuf;
use weighhouse_build::{BuildError, ContractCrate};

/// Flags of `weighhouse contract build`.
#[derive(Clone, Debug, clap::Args)]
pub struct BuildArgs {
    /// Folder of the contract [default: this folder]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Recorded in the module: the commit it was built from; changes its hash
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub source: String,
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        let text = error.to_string();
        let mut lines = text.lines();
        let first = lines.next().unwrap_or("the build failed").to_owned();
        let failure = lines.fold(Self::failed(first), Self::detail);
        match error {
            BuildError::MissingTarget => {
                failure.help(format!("rustup target add {}", weighhouse_build::TARGET))
            }
            BuildError::NoProgram { .. } => failure.help("install Rust: https://rustup.rs"),
            BuildError::NoContract { .. } => failure
                .help("run it in a contract's folder, or start one: weighhouse contract new NAME"),
            _ => failure.help("correct the first error above and build again"),
        }
    }
}

impl BuildArgs {
    /// Builds and checks.
    ///
    /// # Errors
    /// The compiler's, or a rule of the validator that the module breaks.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let folder = self.folder.unwrap_or_else(|| PathBuf::from("."));
        let contract = weighhouse_build::contract_at(&folder)?;
        prepare_lock(&contract)?;
        context
            .output
            .note(format!("building {} {}", contract.name, contract.version));
        let artifact = weighhouse_build::build(&contract, &contract.target_dir, &self.source)?;
        let path = artifact.path.display().to_string();
        let module = Module::check(&path, artifact.wasm)?;
        answer(context, &module, &path);
        Ok(())
    }
}

/// Brings the lock file of a crate of one's own up to date, keeping the versions in it: a new crate,
/// or one with a new dependency, has none or an old one, and the builder insists on it as it is.
pub(super) fn prepare_lock(contract: &ContractCrate) -> Result<(), Failure> {
    let alone = contract.manifest.parent() == Some(contract.workspace.as_path());
    if !alone {
        return Ok(());
    }
    let output = std::process::Command::new("cargo")
        .args(["update", "--workspace", "--quiet", "--manifest-path"])
        .arg(&contract.manifest)
        .output()
        .map_err(|error| {
            Failure::failed(format!("cargo did not start: {error}"))
                .help("install Rust: https://rustup.rs")
        })?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let failure = Failure::failed("cargo cannot find what the contract depends on");
    Err(text
        .lines()
        .map(str::to_owned)
        .fold(failure, Failure::detail)
        .help("correct Cargo.toml"))
}

/// Flags of `weighhouse contract check`.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {
    /// The module: a .wasm file or a contract of the library
    #[arg(value_name = "MODULE")]
    pub module: String,
}

impl CheckArgs {
    /// Checks a module as a node would at upload.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let module =
            module(&self.module)?.ok_or_else(|| unknown(&self.module, "there is no such file"))?;
        answer(context, &module, &self.module);
        Ok(())
    }
}

fn answer(context: &Context, module: &Module, path: &str) {
    let schema = &module.interface.schema;
    let bytes = u64::try_from(module.wasm.len()).unwrap_or(u64::MAX);
    context.output.note(format!(
        "accepted   {} {}, {} bytes, {} entry points, {} cells",
        schema.name,
        schema.version,
        thousands(bytes),
        schema.entry_points.len(),
        module.interface.cells.len()
    ));
    let hash = module.hash().to_string();
    context.output.note(format!("code hash  {hash}"));
    let document = json!({
        "path": path, "name": schema.name, "version": schema.version, "bytes": bytes,
        "code_hash": hash, "entry_points": schema.entry_points.len(),
    });
    context.output.answer(path, &document);
}
