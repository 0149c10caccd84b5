//! `weighhouse contract bindings`: typed client code from a schema.

use super::Context;
use super::place::{Place, module};
use super::remote::Remote;
use crate::bindings::{Language, generate, schema_hash};
use crate::output::Failure;
use serde_json::json;
use std::path::PathBuf;

/// Flags of `weighhouse contract bindings`.
#[derive(Clone, Debug, clap::Args)]
pub struct BindingsArgs {
    /// For which language
    #[arg(value_enum, value_name = "LANGUAGE")]
    pub language: Language,
    /// The contract or module: address, name, .wasm file or contract of the library
    #[arg(value_name = "WHERE")]
    pub place: String,
    /// Write the code into this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write nothing; fail if the file is not what would be written
    #[arg(long, requires = "out")]
    pub check: bool,
}

impl clap::ValueEnum for Language {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Rust, Self::Typescript, Self::Python]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        let (name, help) = match self {
            Self::Rust => (
                "rust",
                "One module over weighhouse-rpc and weighhouse-primitives",
            ),
            Self::Typescript => ("typescript", "One module without dependencies"),
            Self::Python => ("python", "One module over the standard library"),
        };
        Some(clap::builder::PossibleValue::new(name).help(help))
    }
}

impl BindingsArgs {
    /// Writes, prints or compares the code; needs no node if the module is here.
    ///
    /// # Errors
    /// Nothing of that name, the node's answer, or with `--check` a file that differs.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let interface = match module(&self.place)? {
            Some(module) => module.interface,
            None => Place::find(&Remote::connect(context)?, &self.place)?.interface,
        };
        let code = generate(self.language, &interface.schema);
        let hash = schema_hash(&interface.schema).to_string();
        let Some(path) = &self.out else {
            let document = json!({ "schema_hash": hash, "code": code });
            context.output.answer(code, &document);
            return Ok(());
        };
        let shown = path.display().to_string();
        if self.check {
            let found = std::fs::read_to_string(path).unwrap_or_default();
            if found != code {
                return Err(Failure::failed(format!(
                    "{shown} is not of the schema {hash} of {}",
                    self.place
                ))
                .help("run the same command without --check"));
            }
        } else {
            std::fs::write(path, &code).map_err(|error| {
                Failure::usage(format!("cannot write {shown}: {error}"))
                    .help("name a file in a folder that exists and can be written")
            })?;
        }
        let document = json!({ "schema_hash": hash, "file": shown });
        context.output.answer(&shown, &document);
        Ok(())
    }
}
