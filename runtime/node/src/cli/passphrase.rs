//! Passphrases: from a file, the environment, or a prompt that shows nothing.

use super::Context;
use crate::output::Failure;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where a passphrase comes from.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct PassphraseArgs {
    /// File whose first line is the passphrase [otherwise `WEIGHHOUSE_PASSPHRASE`, otherwise a prompt]
    #[arg(long, value_name = "FILE", env = "WEIGHHOUSE_PASSPHRASE_FILE")]
    pub passphrase_file: Option<PathBuf>,
}

impl PassphraseArgs {
    /// The passphrase that unlocks key `name`.
    ///
    /// # Errors
    /// An unreadable file, or nobody to ask.
    pub fn unlock(&self, context: &Context, name: &str) -> Result<Zeroizing<String>, Failure> {
        self.given(context, &format!("passphrase of key {name}: "))
    }

    /// A passphrase for a new key; asked twice at a prompt.
    ///
    /// # Errors
    /// As [`PassphraseArgs::unlock`]; two different answers.
    pub fn choose(&self, context: &Context, name: &str) -> Result<Zeroizing<String>, Failure> {
        if let Some(given) = from_surroundings(self.passphrase_file.as_deref())? {
            return Ok(given);
        }
        choose_at_prompt(context, &format!("new passphrase of key {name}: "))
    }

    fn given(&self, context: &Context, question: &str) -> Result<Zeroizing<String>, Failure> {
        match from_surroundings(self.passphrase_file.as_deref())? {
            Some(given) => Ok(given),
            None => prompt(context, question),
        }
    }
}

/// Asks for a new passphrase twice.
///
/// # Errors
/// Nobody to ask, or two different answers.
pub fn choose_at_prompt(context: &Context, question: &str) -> Result<Zeroizing<String>, Failure> {
    let first = prompt(context, question)?;
    let second = prompt(context, "the same again: ")?;
    if *first == *second {
        Ok(first)
    } else {
        Err(Failure::usage("the two passphrases differ; nothing was changed").help("try again"))
    }
}

/// Reads the first line of a file as a passphrase.
///
/// # Errors
/// If the file cannot be read.
pub fn from_file(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("cannot read {}: {error}", path.display()))
            .help("name a file whose first line is the passphrase")
    })?;
    let text = Zeroizing::new(text);
    Ok(Zeroizing::new(
        text.lines().next().unwrap_or_default().into(),
    ))
}

fn from_surroundings(file: Option<&Path>) -> Result<Option<Zeroizing<String>>, Failure> {
    if let Some(path) = file {
        return from_file(path).map(Some);
    }
    Ok(std::env::var("WEIGHHOUSE_PASSPHRASE")
        .ok()
        .map(Zeroizing::new))
}

/// Asks a secret on the terminal without showing it.
///
/// # Errors
/// If there is no terminal.
pub fn prompt(context: &Context, question: &str) -> Result<Zeroizing<String>, Failure> {
    let nobody = || {
        Failure::usage("a passphrase is needed and there is nobody to ask")
            .help("give --passphrase-file FILE or set WEIGHHOUSE_PASSPHRASE")
    };
    if context.global.json || !std::io::stdin().is_terminal() {
        return Err(nobody());
    }
    let answer = rpassword::prompt_password(question).map_err(|_| nobody())?;
    Ok(Zeroizing::new(answer))
}
