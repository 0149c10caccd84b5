//! `weighhouse node api-key`: the file of keys that a node asks its clients for.
//!
//! The file is `api-keys` in the node's folder, with a name and a hash for each key; the key itself is printed
//! once, when it is made. The node reads the file when it starts, if its setting `rpc.api_keys` names it.

use super::Context;
use super::node::Folder;
use crate::config::{self, Settings};
use crate::output::Failure;
use serde_json::json;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use weighhouse_rpc::server::ApiKeys;
use weighhouse_rpc::server::keys::{KEY_BYTES, is_name};
use zeroize::Zeroizing;

/// Name of the file in a node's folder, unless `rpc.api_keys` has another.
const FILE: &str = "api-keys";

/// Verbs of `weighhouse node api-key`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Make a key and print it; nobody can print it again
    Add(One),
    /// Names of the keys
    List(All),
    /// Remove a key; its owner is refused once the node is started again
    Remove(One),
}

/// Flags that name a key.
#[derive(Clone, Debug, clap::Args)]
pub struct One {
    /// Whose key it is: a-z, 0-9 and -
    name: String,
    #[command(flatten)]
    folder: Folder,
}

/// Flags of `weighhouse node api-key list`.
#[derive(Clone, Debug, clap::Args)]
pub struct All {
    #[command(flatten)]
    folder: Folder,
}

/// The file, and whether the node looks at it.
struct Keys {
    path: PathBuf,
    text: String,
    asked_for: bool,
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// A folder that is no node's, a file that cannot be used, a name that is there or is not.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Add(one) => one.add(context),
            Self::List(all) => list(context, &Keys::open(&all.folder)?),
            Self::Remove(one) => one.remove(context),
        }
    }
}

impl Keys {
    fn open(folder: &Folder) -> Result<Self, Failure> {
        // Says so if it is no node's folder.
        folder.genesis()?;
        let (settings, _) = Settings::of_folder(&folder.folder, &config::Args::default())?;
        let asked_for = settings.api_keys.is_some();
        let path = settings
            .api_keys
            .unwrap_or_else(|| folder.folder.join(FILE));
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(unusable(&path, &error)),
        };
        Ok(Self {
            path,
            text,
            asked_for,
        })
    }

    fn names(&self) -> Result<Vec<String>, Failure> {
        if self.text.lines().all(|line| named(line).is_none()) {
            return Ok(Vec::new());
        }
        let keys = ApiKeys::parse(&self.text).map_err(|error| unusable(&self.path, &error))?;
        Ok(keys.names().map(|name| name.to_string()).collect())
    }

    /// Writes the file anew, for its owner alone, so that nobody reads half of it.
    fn write(&self, text: &str) -> Result<(), Failure> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.path).map_err(|error| error.error)
        });
        written
            .map(drop)
            .map_err(|error| unusable(&self.path, &error))
    }

    /// What is to be done so that the node looks at the file.
    fn next(&self) -> String {
        if self.asked_for {
            return "it counts from the node's next start".into();
        }
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!(
            "the node asks for no keys yet: set  api_keys = \"{name}\"  under [rpc] in weighhouse.toml and start it again"
        )
    }
}

impl One {
    fn add(self, context: &Context) -> Result<(), Failure> {
        if !is_name(&self.name) {
            return Err(
                Failure::usage(format!("{:?} cannot name an API key", self.name))
                    .help("at most 32 of a-z, 0-9 and -, for example bank-a"),
            );
        }
        let keys = Keys::open(&self.folder)?;
        if keys.names()?.contains(&self.name) {
            return Err(
                Failure::failed(format!("there is a key {} already", self.name))
                    .help("remove it first, or choose another name; nothing was changed"),
            );
        }
        let mut random = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(random.as_mut_slice())
            .map_err(|error| Failure::fault(format!("the system gives no randomness: {error}")))?;
        let (key, line) = ApiKeys::make(&self.name, &random);
        let mut text = keys.text.clone();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        keys.write(&format!("{text}{line}\n"))?;
        context
            .output
            .note(format!("key of {}; it is shown this once", self.name));
        context.output.note(keys.next());
        let file = keys.path.display().to_string();
        context.output.answer(
            &key,
            &json!({ "name": self.name, "key": key, "file": file }),
        );
        Ok(())
    }

    fn remove(self, context: &Context) -> Result<(), Failure> {
        let keys = Keys::open(&self.folder)?;
        if !keys.names()?.contains(&self.name) {
            return Err(Failure::failed(format!("there is no key {}", self.name))
                .help("weighhouse node api-key list  names them"));
        }
        let left = keys
            .text
            .lines()
            .filter(|line| named(line) != Some(&self.name));
        let left: String = left.map(|line| format!("{line}\n")).collect();
        keys.write(&left)?;
        if keys.asked_for && left.lines().all(|line| named(line).is_none()) {
            let warning = "that was the last key: the node does not start until there is one, or rpc.api_keys is left out";
            context.output.warn(warning);
        }
        let text = format!("removed {}; {}", self.name, keys.next());
        context
            .output
            .answer(text, &json!({ "name": self.name, "removed": true }));
        Ok(())
    }
}

fn list(context: &Context, keys: &Keys) -> Result<(), Failure> {
    let names = keys.names()?;
    if names.is_empty() {
        context.output.note("no keys");
    }
    let document = json!({ "names": names, "asked_for": keys.asked_for });
    context.output.answer(names.join("\n"), &document);
    Ok(())
}

/// The name in a line of the file; comments and empty lines have none.
fn named(line: &str) -> Option<&str> {
    let name = line.split_whitespace().next()?;
    (!name.starts_with('#')).then_some(name)
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::failed(format!(
        "the API keys {} cannot be used: {error}",
        path.display()
    ))
    .help("nothing was changed; every line is a name and the hash of its key")
}
