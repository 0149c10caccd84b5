//! `weighhouse env`: the environment variables that stand for flags, and what they are set to.

use super::Context;
use crate::output::Failure;
use serde_json::{Map, Value, json};

/// Flags of `weighhouse env`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {}

/// Variables that no flag stands for.
const OTHERS: [(&str, &str); 2] = [
    ("WEIGHHOUSE_PASSPHRASE", "passphrase of the key that signs"),
    ("NO_COLOR", "never colour"),
];

impl Args {
    /// Prints the variables.
    ///
    /// # Errors
    /// None.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut found = Vec::new();
        collect(&super::tree(), &mut found);
        found.extend(OTHERS.map(|(name, help)| (name.to_owned(), help.to_owned())));
        found.sort();
        found.dedup_by(|a, b| a.0 == b.0);
        let mut document = Map::new();
        let mut lines = Vec::new();
        for (name, help) in found {
            let set = std::env::var(&name).ok();
            let secret = name.contains("PASSPHRASE") && !name.ends_with("_FILE");
            let shown = set.map(|value| if secret { "(set)".to_owned() } else { value });
            let value = shown.clone().unwrap_or_else(|| "-".into());
            lines.push(format!("{name:<28} {value:<24} {help}"));
            document.insert(name, json!({"value": shown, "help": help}));
        }
        context
            .output
            .answer(lines.join("\n"), &Value::Object(document));
        Ok(())
    }
}

fn collect(command: &clap::Command, found: &mut Vec<(String, String)>) {
    for arg in command.get_arguments() {
        if let Some(name) = arg.get_env().and_then(|name| name.to_str()) {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            found.push((name.into(), help));
        }
    }
    for verb in command.get_subcommands() {
        collect(verb, found);
    }
}
