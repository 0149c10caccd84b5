//! `weighhouse explain`: what a code or name means and what to do.

use super::Context;
use crate::explain::{Entry, Kind, find, near};
use crate::output::Failure;
use serde_json::json;

/// Flags of `weighhouse explain`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// A code such as W1101 or 200, or the name of a refusal or halt reason
    pub code: String,
}

impl Args {
    /// Prints what the code means.
    ///
    /// # Errors
    /// An unknown code.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let found = find(&self.code);
        if found.is_empty() {
            let near = near(&self.code);
            let help = if near.is_empty() {
                "docs/reference/errors.md lists every code; a contract's own are in its schema"
                    .into()
            } else {
                format!("did you mean {}?", near.join(" or "))
            };
            return Err(Failure::usage(format!("no code or name {}", self.code)).help(help));
        }
        let text: Vec<String> = found.iter().map(describe).collect();
        let document: Vec<_> = found
            .iter()
            .map(|entry| {
                json!({
                    "code": entry.code, "name": entry.name, "kind": kind(entry.kind),
                    "meaning": entry.meaning, "cure": entry.cure,
                })
            })
            .collect();
        context.output.answer(text.join("\n\n"), &document);
        Ok(())
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Rpc => "rpc",
        Kind::Contract => "contract",
        Kind::Halt => "halt",
    }
}

fn describe(entry: &Entry) -> String {
    let of = match entry.kind {
        Kind::Rpc => "answer of a node",
        Kind::Contract => "refusal of a contract of the library",
        Kind::Halt => "halt reason",
    };
    let label = entry.label();
    let title = if label == entry.name {
        label
    } else {
        format!("{label} {}", entry.name)
    };
    format!(
        "{title} ({of})\n  {}\n  help: {}",
        entry.meaning, entry.cure
    )
}
