//! `weighhouse devnet --deploy DIR`: contracts that are there from the start.
//!
//! Every module of the folder, in the order of their names, by the command that anybody would type:
//! `contract deploy NAME.wasm --signer dev:issuer --salt NAME --as NAME -- ARGUMENTS`, so that the same modules
//! have the same addresses on every such network. The constructor's arguments are
//! the JSON object in `NAME.json` beside it, if there is one; names and amounts in it are read as on the
//! command line. A chain that has blocks already is left as it is.

use super::super::{Cli, Command, Context, Global};
use crate::output::Failure;
use clap::Parser;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Who deploys.
const SIGNER: &str = "dev:issuer";

/// A contract to deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ready {
    name: String,
    module: PathBuf,
    arguments: Option<String>,
}

/// The contracts of a folder.
///
/// # Errors
/// A folder that cannot be read, or has none.
pub(super) fn read(folder: &Path) -> Result<Vec<Ready>, Failure> {
    let shown = folder.display();
    let unreadable = |error: std::io::Error| {
        Failure::usage(format!("--deploy {shown}: {error}"))
            .help("name a folder with modules, for example target/contracts")
    };
    let mut ready = Vec::new();
    for entry in folder.read_dir().map_err(unreadable)? {
        let module = entry.map_err(unreadable)?.path();
        let is_module = module.extension().is_some_and(|end| end == "wasm");
        let name = module.file_stem().and_then(|stem| stem.to_str());
        let (true, Some(name)) = (is_module, name) else {
            continue;
        };
        let arguments = module.with_extension("json");
        let arguments = match arguments.exists() {
            true => Some(std::fs::read_to_string(&arguments).map_err(unreadable)?),
            false => None,
        };
        ready.push(Ready {
            name: name.to_owned(),
            module: module.clone(),
            arguments: arguments.map(|text| text.trim().to_owned()),
        });
    }
    if ready.is_empty() {
        return Err(
            Failure::usage(format!("--deploy {shown}: there is no .wasm file"))
                .help("build a contract first: weighhouse contract build"),
        );
    }
    ready.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(ready)
}

impl Ready {
    /// The command that deploys it.
    fn words(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = ["weighhouse", "contract", "deploy"].map(Into::into).into();
        words.push(self.module.clone().into_os_string());
        words.extend(
            ["--signer", SIGNER, "--salt", &self.name, "--as", &self.name].map(OsString::from),
        );
        words.push("--".into());
        words.extend(self.arguments.clone().map(OsString::from));
        words
    }
}

/// Deploys them on the node at `url`.
///
/// # Errors
/// The first that is refused, named.
pub(super) fn deploy(global: &Global, url: &str, contracts: &[Ready]) -> Result<(), Failure> {
    let global = Global {
        rpc: Some(url.to_owned()),
        network: None,
        yes: true,
        quiet: true,
        ..global.clone()
    };
    let context = Context::new(global);
    for contract in contracts {
        let parsed = Cli::try_parse_from(contract.words());
        let deployment = match parsed.map(|cli| cli.command) {
            Ok(Command::Contract(args)) => args,
            Ok(_) => unreachable!("the words above are those of contract deploy"),
            Err(error) => return Err(Failure::usage(error.to_string())),
        };
        let named = |failure: Failure| {
            failure.detail(format!("while deploying {}", contract.module.display()))
        };
        deployment.run(&context).map_err(named)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: modules are taken in the order of their names, with their arguments; nothing else is taken.
    #[test]
    fn a_folder_is_read_in_order() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(read(folder.path()).is_err() && read(Path::new("/nowhere")).is_err());
        for (name, text) in [
            ("b.wasm", ""),
            ("a.wasm", ""),
            ("a.json", "{\"cap\": 5}\n"),
            ("notes.txt", ""),
        ] {
            std::fs::write(folder.path().join(name), text).expect("written");
        }
        let ready = read(folder.path()).expect("two");
        let names: Vec<&str> = ready.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(ready[0].arguments.as_deref(), Some("{\"cap\": 5}"));
        let words = ready[0].words();
        assert!(Cli::try_parse_from(&words).is_ok(), "{words:?}");
    }
}
