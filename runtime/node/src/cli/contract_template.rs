//! `weighhouse contract new`: a contract crate of one's own.
//!
//! The crate stands outside any workspace and links the SDK by path: the SDK of the checkout that the
//! command runs in, or else of the one that this program was built from.

use super::{Context, file};
use crate::output::Failure;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What to do if a file of the crate cannot be written.
const WRITE_HELP: &str = "run the command in a folder that can be written";

/// What a new contract starts from: a crate of `runtime/node/templates`, under another name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Template {
    /// A token with a cap: mint, transfer, burn
    Token,
    /// A registry of transferable records: issue, endorse, pledge, surrender
    Rights,
    /// An escrow that pays from units held on a token, with deadlines and an arbiter
    Escrow,
    /// One note that its owner may change: the smallest contract that uses every mechanism
    #[default]
    Empty,
}

impl Template {
    /// Name of its crate.
    const fn name(self) -> &'static str {
        match self {
            Self::Token => "template-token",
            Self::Rights => "template-rights",
            Self::Escrow => "template-escrow",
            Self::Empty => "template-empty",
        }
    }

    const fn source(self) -> &'static str {
        match self {
            Self::Token => include_str!("../../templates/token/src/lib.rs"),
            Self::Rights => include_str!("../../templates/rights/src/lib.rs"),
            Self::Escrow => include_str!("../../templates/escrow/src/lib.rs"),
            Self::Empty => include_str!("../../templates/empty/src/lib.rs"),
        }
    }

    const fn tests(self) -> &'static str {
        match self {
            Self::Token => include_str!("../../templates/token/tests/contract.rs"),
            Self::Rights => include_str!("../../templates/rights/tests/contract.rs"),
            Self::Escrow => include_str!("../../templates/escrow/tests/contract.rs"),
            Self::Empty => include_str!("../../templates/empty/tests/contract.rs"),
        }
    }

    /// Its source under another name.
    fn renamed(self, name: &str) -> String {
        let source = self.source().replace(self.name(), name);
        source.replace(&type_name(self.name()), &type_name(name))
    }

    /// Crates of the checkout that it links beside the SDK: folder below the SDK's, what for.
    const fn dependencies(self) -> &'static [(&'static str, &'static str, &'static str)] {
        match self {
            Self::Token | Self::Empty => &[],
            Self::Rights | Self::Escrow => &[(
                "weighhouse-standard",
                "../contracts/standard",
                "What contracts of the library ask of each other.",
            )],
        }
    }

    /// As [`Template::dependencies`], for its tests only.
    const fn test_dependencies(self) -> &'static [(&'static str, &'static str, &'static str)] {
        match self {
            Self::Token | Self::Empty | Self::Rights => &[],
            Self::Escrow => &[(
                "dfa-token",
                "../contracts/dfa-token",
                "The token that the tests pay with.",
            )],
        }
    }
}

/// Flags of `weighhouse contract new`.
#[derive(Clone, Debug, clap::Args)]
pub struct NewArgs {
    /// Name of the crate and folder: a-z, 0-9 and -
    pub name: String,
    /// What it starts from
    #[arg(long, value_enum, default_value_t)]
    pub template: Template,
    /// Folder of the SDK [default: that of this checkout]
    #[arg(long, value_name = "DIR")]
    pub sdk: Option<PathBuf>,
}

impl NewArgs {
    /// Writes the crate.
    ///
    /// # Errors
    /// A bad name, a folder that exists, or an SDK that is not there.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let ok = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let starts = self.name.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts || self.name.len() > 40 || !self.name.bytes().all(ok) || self.name.ends_with('-')
        {
            return Err(
                Failure::usage(format!("{:?} cannot be the name of a crate", self.name))
                    .help("use a-z, 0-9 and -, starting with a letter, for example invoice-7"),
            );
        }
        let folder = PathBuf::from(&self.name);
        if folder.exists() {
            return Err(
                Failure::usage(format!("{} exists already", folder.display()))
                    .help("choose another name, or remove the folder"),
            );
        }
        let sdk = sdk(self.sdk.as_deref())?;
        let files = [
            ("Cargo.toml", manifest(&self.name, self.template, &sdk)),
            ("src/lib.rs", self.template.renamed(&self.name)),
            ("tests/contract.rs", self.template.tests().to_owned()),
            ("README.md", readme(&self.name)),
            (".gitignore", "/target\n".to_owned()),
        ];
        for (name, text) in files {
            file::write(&folder.join(name), &text, WRITE_HELP)?;
        }
        // The versions that the SDK was tested with: cargo keeps them and adds the new crate.
        if let Ok(lock) = std::fs::read_to_string(sdk.join("../Cargo.lock")) {
            file::write(&folder.join("Cargo.lock"), &lock, WRITE_HELP)?;
        }
        let document =
            json!({"folder": folder.display().to_string(), "sdk": sdk.display().to_string()});
        context
            .output
            .answer(folder.display().to_string(), &document);
        context.output.note(format!(
            "next  cd {} && weighhouse contract test",
            self.name
        ));
        Ok(())
    }
}

fn is_sdk(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.contains("name = \"weighhouse-sdk\"")
}

/// The folder of the SDK, absolute.
fn sdk(given: Option<&Path>) -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().unwrap_or_default();
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk");
    let mut candidates = match given {
        Some(folder) => vec![folder.to_owned()],
        None => here.ancestors().map(|folder| folder.join("sdk")).collect(),
    };
    if given.is_none() {
        candidates.push(built_from);
    }
    let found = candidates.iter().find(|folder| is_sdk(folder));
    found
        .and_then(|folder| folder.canonicalize().ok())
        .ok_or_else(|| {
            Failure::usage("the SDK is not here")
                .help("give --sdk DIR: the folder sdk of a Weighhouse checkout")
        })
}

/// `invoice-7` as the name of a type: `Invoice7`.
fn type_name(name: &str) -> String {
    let words = name.split('-').filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let (head, tail) = word.split_at(1);
        format!("{}{tail}", head.to_ascii_uppercase())
    };
    words.map(capital).collect()
}

fn manifest(name: &str, template: Template, sdk: &Path) -> String {
    let at = |folder: &str| {
        let folder = sdk.join(folder);
        folder
            .canonicalize()
            .unwrap_or(folder)
            .display()
            .to_string()
    };
    let (testkit, primitives) = (at("../tests"), at("primitives"));
    let more = |crates: &[(&str, &str, &str)]| -> String {
        let line = |(name, folder, what): &(&str, &str, &str)| {
            format!("# {what}\n{name} = {{ path = {:?} }}\n", at(folder))
        };
        crates.iter().map(line).collect()
    };
    let needs = more(template.dependencies());
    let tests_need = more(template.test_dependencies());
    let sdk = sdk.display().to_string();
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
         [lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n\n\
         [dependencies]\n\
         # The SDK of this checkout; a path relative to this file works as well.\n\
         weighhouse-sdk = {{ path = {sdk:?} }}\n\
         # What the derives of arguments and answers refer to; the SDK's own version.\n\
         parity-scale-codec = {{ version = \"=3.7.5\", default-features = false, features = [\"derive\", \"max-encoded-len\"] }}\n\
         {needs}\n\
         [dev-dependencies]\n\
         # The engine of a node, for tests.\n\
         weighhouse-testkit = {{ path = {testkit:?} }}\n\
         weighhouse-primitives = {{ path = {primitives:?} }}\n\
         {tests_need}\n\
         [lints.rust]\n\
         # Set by `weighhouse contract build` for the contract itself.\n\
         unexpected_cfgs = {{ level = \"warn\", check-cfg = [\"cfg(weighhouse_entry)\"] }}\n\n\
         # Outside any workspace around it.\n\
         [workspace]\n"
    )
}

fn readme(name: &str) -> String {
    format!(
        "# {name}\n\n\
         ```text\n\
         weighhouse contract test --gas-report\n\
         weighhouse contract build\n\
         weighhouse devnet                                  # in another terminal\n\
         weighhouse contract deploy target/contracts/{name}.wasm --signer dev:issuer --as {name} -- --help\n\
         weighhouse contract call {name} --signer dev:issuer -- --help\n\
         ```\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    /// Goal: crate names become type names, and every template is filled in whole.
    #[test]
    fn templates_are_filled_in() {
        assert_eq!(type_name("invoice-7"), "Invoice7");
        assert_eq!(type_name("my-token"), "MyToken");
        for template in Template::value_variants() {
            let text = template.renamed("invoice-7");
            assert!(text.contains("impl Invoice7 {") && text.contains("//! invoice-7:"));
            for text in [text.as_str(), template.tests()] {
                assert!(!text.to_lowercase().contains("template"), "{template:?}");
            }
            let manifest = manifest("invoice-7", *template, Path::new("/nowhere/sdk"));
            let parsed: toml::Table = toml::from_str(&manifest).expect("a manifest");
            let wanted = template.source().contains("weighhouse_standard");
            let given = parsed["dependencies"].get("weighhouse-standard").is_some();
            assert_eq!(given, wanted, "{template:?}");
        }
        assert!(sdk(Some(Path::new("/nowhere"))).is_err());
    }
}
