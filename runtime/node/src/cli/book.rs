//! `weighhouse book`: names for addresses.

use super::Context;
use crate::book::{Book, BookError};
use crate::nearest::suggestion;
use crate::output::Failure;
use serde_json::json;
use weighhouse_rpc::address::Prefix;

/// Verbs of `weighhouse book`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Name an address; the name can then stand wherever an address can
    Add {
        /// The name: a-z, 0-9, - and _
        name: String,
        /// The address
        address: String,
    },
    /// List names and addresses
    List,
    /// Forget a name
    Remove {
        /// The name
        name: String,
    },
}

impl From<BookError> for Failure {
    fn from(error: BookError) -> Self {
        let help = match &error {
            BookError::Io { .. } => "make the file accessible",
            BookError::Format { .. } => "correct or remove the file",
            BookError::Name { .. } => "choose a name such as invoice-7",
        };
        Self::usage(error.to_string()).help(help)
    }
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// A bad name or address, an unknown name, or a damaged book.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut book = Book::open(&context.config_dir()?)?;
        match self {
            Self::Add { name, address } => add(context, &mut book, &name, &address),
            Self::List => {
                let lines: Vec<String> = book
                    .entries()
                    .map(|(prefix, name, address)| format!("{prefix:<6} {name:<20} {address}"))
                    .collect();
                let entries: Vec<_> = book
                    .entries()
                    .map(|(prefix, name, address)| json!({"prefix": prefix, "name": name, "address": address}))
                    .collect();
                context.output.answer(lines.join("\n"), &entries);
                if entries.is_empty() {
                    context.output.note("the address book is empty");
                }
                Ok(())
            }
            Self::Remove { name } => {
                if book.remove(&name)? {
                    context.output.answer("", &json!({ "removed": name }));
                    return Ok(());
                }
                let near = suggestion(&name, book.entries().map(|(_, name, _)| name));
                Err(
                    Failure::usage(format!("no name {name} in the address book"))
                        .help(near.unwrap_or_else(|| "weighhouse book list".into())),
                )
            }
        }
    }
}

fn add(context: &Context, book: &mut Book, name: &str, address: &str) -> Result<(), Failure> {
    let bad = |what: String| {
        Failure::answered(1301, "bad_argument", what)
            .help("copy the address whole, in bech32m form")
    };
    let lower = address.to_lowercase();
    let prefix = lower
        .split_once('1')
        .and_then(|(prefix, _)| Prefix::new(prefix))
        .ok_or_else(|| bad(format!("{address:?} has not the shape of an address")))?;
    let parsed = prefix
        .parse(address)
        .map_err(|error| bad(error.to_string()))?;
    let before = book.set(&prefix, name, &parsed)?;
    if let Some(before) = before {
        context.output.note(format!("{name} was {before}"));
    }
    let document = json!({"name": name, "address": prefix.format(&parsed)});
    context.output.answer("", &document);
    Ok(())
}
