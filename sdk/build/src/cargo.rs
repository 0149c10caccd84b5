//! Running cargo so that the result depends on the sources alone.
//!
//! The environment is cleared but for what finds the tools and the network. Profile, flags and target
//! are given on the command line and stand above any configuration file. Paths are remapped, because
//! panic locations end up in the module.

use crate::{BuildError, TARGET};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the child processes see of the environment.
const ENVIRONMENT: [&str; 20] = [
    "PATH",
    "HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUSTUP_DIST_SERVER",
    "TMPDIR",
    "TEMP",
    "USERPROFILE",
    "SystemRoot",
    "CARGO_NET_OFFLINE",
    "CARGO_NET_GIT_FETCH_WITH_CLI",
    "CARGO_HTTP_CAINFO",
    "SSL_CERT_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The profile, here as well as in this workspace's manifest, because an author's own workspace need
/// not have it.
const PROFILE: [&str; 7] = [
    "profile.wasm.inherits='release'",
    "profile.wasm.opt-level='s'",
    "profile.wasm.lto=true",
    "profile.wasm.codegen-units=1",
    "profile.wasm.panic='abort'",
    "profile.wasm.strip=true",
    "profile.wasm.overflow-checks=true",
];

/// A crate that can be built into a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractCrate {
    /// Name of the crate.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its manifest.
    pub manifest: PathBuf,
    /// Root of its workspace; of the crate, if it stands alone.
    pub workspace: PathBuf,
    /// Where cargo builds that workspace.
    pub target_dir: PathBuf,
    /// Name of the module that cargo writes.
    file: String,
}

#[derive(serde::Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(serde::Deserialize)]
struct Package {
    name: String,
    version: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(serde::Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

/// The contracts of a workspace: every `cdylib` in a folder below `contracts/`, by name.
///
/// # Errors
/// Cargo cannot read the workspace.
pub fn find_contracts(workspace: &Path) -> Result<Vec<ContractCrate>, BuildError> {
    contracts_below(workspace, "contracts")
}

/// The contracts that only tests use: every `cdylib` in a folder below `tests/fixtures/`, and what new
/// contracts start from, below `runtime/node/templates/`; by name.
///
/// # Errors
/// Cargo cannot read the workspace.
pub fn find_fixtures(workspace: &Path) -> Result<Vec<ContractCrate>, BuildError> {
    let mut found = contracts_below(workspace, "tests/fixtures")?;
    found.extend(contracts_below(workspace, "runtime/node/templates")?);
    Ok(found)
}

fn contracts_below(workspace: &Path, folder: &str) -> Result<Vec<ContractCrate>, BuildError> {
    let mut found = contracts(workspace)?;
    found.retain(|contract| {
        contract
            .manifest
            .starts_with(contract.workspace.join(folder))
    });
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The contract whose manifest is in `dir`, in this workspace or outside.
///
/// # Errors
/// [`BuildError::NoContract`] if there is none; cargo cannot read the manifest.
pub fn contract_at(dir: &Path) -> Result<ContractCrate, BuildError> {
    let manifest = dir.join("Cargo.toml");
    let manifest = manifest
        .canonicalize()
        .map_err(BuildError::file(&manifest))?;
    contracts(dir)?
        .into_iter()
        .find(|contract| contract.manifest == manifest)
        .ok_or_else(|| BuildError::NoContract {
            dir: dir.to_owned(),
        })
}

fn contracts(dir: &Path) -> Result<Vec<ContractCrate>, BuildError> {
    let mut command = tool("CARGO", "cargo");
    command
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .arg("--manifest-path")
        .arg(dir.join("Cargo.toml"));
    let output = succeed(&mut command, "cargo metadata")?;
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).map_err(|source| BuildError::Metadata { source })?;
    let mut found = Vec::new();
    for package in metadata.packages {
        let is_contract = |target: &Target| target.crate_types.iter().any(|ty| ty == "cdylib");
        let Some(target) = package.targets.iter().find(|target| is_contract(target)) else {
            continue;
        };
        let manifest = package
            .manifest_path
            .canonicalize()
            .map_err(BuildError::file(&package.manifest_path))?;
        found.push(ContractCrate {
            name: package.name,
            version: package.version,
            manifest,
            workspace: metadata
                .workspace_root
                .canonicalize()
                .map_err(BuildError::file(&metadata.workspace_root))?,
            target_dir: metadata.target_directory.clone(),
            file: format!("{}.wasm", target.name.replace('-', "_")),
        });
    }
    Ok(found)
}

/// Compiles `contract` in `dir`; answers the module's path.
pub(crate) fn compile(contract: &ContractCrate, dir: &Path) -> Result<PathBuf, BuildError> {
    let mut command = tool("CARGO", "cargo");
    command
        .current_dir(&contract.workspace)
        .args(["rustc", "--lib", "--crate-type", "cdylib"])
        .args(["--profile", "wasm", "--target", TARGET])
        .args(["--package", &contract.name])
        .arg("--manifest-path")
        .arg(&contract.manifest)
        .arg("--target-dir")
        .arg(dir);
    for setting in PROFILE {
        command.args(["--config", setting]);
    }
    if contract.workspace.join("Cargo.lock").exists() {
        command.arg("--locked");
    }
    // Only the contract itself gets exports and sections, never a contract that it depends on.
    command.args(["--", "--cfg", "weighhouse_entry"]);
    command.env("CARGO_ENCODED_RUSTFLAGS", flags(contract));
    succeed(&mut command, &format!("building {}", contract.name))?;
    Ok(dir.join(TARGET).join("wasm").join(&contract.file))
}

/// Compiler flags, joined as cargo wants them.
fn flags(contract: &ContractCrate) -> OsString {
    let mut flags = OsString::new();
    for (path, name) in remapped(contract) {
        flags.push("--remap-path-prefix=");
        flags.push(path);
        flags.push("=");
        flags.push(name);
        flags.push("\u{1f}");
    }
    // A small stack below the data: overflowing it traps instead of overwriting. With it, the window and
    // little data, an instance begins with one page, and less has to be set back after each call.
    flags.push(
        "-Clink-arg=-zstack-size=32768\u{1f}-Clink-arg=--stack-first\u{1f}-Clink-arg=--strip-all",
    );
    flags
}

/// Folders that must not show, the more general first: the last match wins.
fn remapped(contract: &ContractCrate) -> Vec<(PathBuf, &'static str)> {
    let mut folders = vec![];
    if let Some(home) = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
    {
        let sources = home.join("registry").join("src");
        folders.push((home, "/cargo"));
        // Each registry has a folder whose name depends on cargo, not on the sources.
        let registries = std::fs::read_dir(&sources).into_iter().flatten().flatten();
        let mut registries: Vec<PathBuf> = registries.map(|entry| entry.path()).collect();
        registries.sort();
        folders.extend(registries.into_iter().map(|path| (path, "/registry")));
    }
    folders.push((contract.workspace.clone(), "/workspace"));
    folders
}

/// `rustc --version`, after making sure that the target is there.
pub(crate) fn compiler_version() -> Result<String, BuildError> {
    let mut command = tool("RUSTC", "rustc");
    command.args(["--print", "target-libdir", "--target", TARGET]);
    let libraries = succeed(&mut command, "rustc --print target-libdir")
        .map_err(|_| BuildError::MissingTarget)?;
    let libraries = PathBuf::from(String::from_utf8_lossy(&libraries.stdout).trim());
    if !libraries.is_dir() {
        return Err(BuildError::MissingTarget);
    }
    let output = succeed(tool("RUSTC", "rustc").arg("--version"), "rustc --version")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A tool of the toolchain in the cleared environment.
fn tool(variable: &str, name: &str) -> Command {
    let mut command = Command::new(std::env::var_os(variable).unwrap_or_else(|| name.into()));
    command.env_clear();
    for name in ENVIRONMENT {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

fn succeed(command: &mut Command, what: &str) -> Result<Output, BuildError> {
    let output = command.output().map_err(|source| BuildError::NoProgram {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    })?;
    if output.status.success() {
        return Ok(output);
    }
    Err(BuildError::Failed {
        what: what.to_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
