//! `weighhouse node export` and `quarantine`: what is in the folder of a stopped node.

use super::Context;
use super::node::Folder;
use crate::config::{self, Settings};
use crate::export::export;
use crate::output::{Failure, Output};
use crate::quarantine::Quarantine;
use crate::telemetry::Logging;
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use weighhouse_primitives::Height;
use weighhouse_rpc::types::HashHex;
use weighhouse_runtime::log::BlockLog;

/// Bytes that are collected before they are printed.
const CHUNK: usize = 64 * 1024;

/// Flags of `weighhouse node export`.
#[derive(Clone, Debug, clap::Args)]
pub struct Export {
    #[command(flatten)]
    folder: Folder,
    /// At this height [default: the latest]
    #[arg(long, value_name = "HEIGHT")]
    at: Option<u64>,
    /// Write the lines into this file, which must not exist [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Where lines go: a file, or stdout in chunks. Keeps the first trouble.
enum Lines {
    File(BufWriter<File>, Option<std::io::Error>),
    Printed(Output, String),
}

impl Lines {
    fn line(&mut self, line: &str) -> bool {
        match self {
            Self::File(file, trouble) => {
                *trouble = writeln!(file, "{line}").err();
                trouble.is_none()
            }
            Self::Printed(output, text) => {
                text.push_str(line);
                text.push('\n');
                text.len() < CHUNK || output.lines(&std::mem::take(text)).is_ok()
            }
        }
    }

    fn end(&mut self, path: &Path) -> Result<(), Failure> {
        let done = match self {
            Self::File(file, trouble) => match trouble.take() {
                Some(error) => Err(error),
                None => file.flush().and_then(|()| file.get_ref().sync_all()),
            },
            // A reader that has gone is no error.
            Self::Printed(output, text) => {
                let _ = output.lines(text);
                Ok(())
            }
        };
        done.map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", path.display()))
                .help("make room, remove the incomplete file, and do it again")
        })
    }
}

impl Export {
    /// Exports.
    ///
    /// # Errors
    /// No node there, a height that is not kept, or a file that cannot be written.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        Logging::of_verbosity(context.global.verbose, context.global.quiet).start()?;
        let genesis = self.folder.genesis()?;
        let (settings, _) = Settings::of_folder(&self.folder.folder, &config::Args::default())?;
        let chain = settings.chain(Some(self.folder.data()?));
        let lines = match &self.out {
            None => Lines::Printed(context.output.clone(), String::new()),
            Some(path) => {
                let file = File::create_new(path).map_err(|error| {
                    Failure::usage(format!("cannot make {}: {error}", path.display()))
                        .help("name a file that does not exist, in a folder that can be written")
                })?;
                Lines::File(BufWriter::new(file), None)
            }
        };
        let lines = Arc::new(Mutex::new(lines));
        let sink = Arc::clone(&lines);
        let write = move |line: &str| {
            let mut lines = sink.lock().unwrap_or_else(PoisonError::into_inner);
            lines.line(line)
        };
        let exported = export(genesis, chain, self.at.map(Height), write).inspect_err(|_| {
            // Made above, and nothing worth keeping is in it.
            let _ = self.out.as_ref().map(std::fs::remove_file);
        })?;
        let path = self.out.as_deref().unwrap_or(Path::new("standard output"));
        lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .end(path)?;
        if let Some(path) = &self.out {
            let document = json!({
                "file": path.display().to_string(), "height": exported.height.to_string(),
                "entries": exported.entries.to_string(),
            });
            let text = format!(
                "  height   {}\n  entries  {}\n  to       {}",
                exported.height,
                exported.entries,
                path.display()
            );
            context.output.answer(text, &document);
        }
        Ok(())
    }
}

/// Flags of `weighhouse node quarantine`.
#[derive(Clone, Debug, clap::Args)]
pub struct Held {
    #[command(flatten)]
    folder: Folder,
    /// Give this transaction another chance at the next start
    #[arg(long, value_name = "HASH")]
    release: Option<HashHex>,
}

impl Held {
    /// Lists, or releases one.
    ///
    /// # Errors
    /// No node there, a node that runs, or a hash that is not in the list.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let genesis = self.folder.genesis()?;
        let data = self.folder.data()?;
        // Held while the list is open, so that no running node overwrites it.
        let _log = BlockLog::open(&data.join("log"), genesis.hash())?;
        let mut list = Quarantine::open(Some(&data))?;
        if let Some(hash) = self.release {
            if !list.release(&hash.into())? {
                return Err(Failure::failed(format!("{hash} is not in the list"))
                    .help("weighhouse node quarantine  without --release shows the list"));
            }
            context.output.note(format!("released   {hash}"));
        }
        let held: Vec<_> = list.charges().collect();
        let lines: Vec<String> = held
            .iter()
            .map(|(hash, charge)| format!("{:<12} {hash}", charge.word()))
            .collect();
        let document: Vec<_> = held
            .iter()
            .map(|(hash, charge)| json!({ "hash": hash.to_string(), "state": charge.word() }))
            .collect();
        if held.is_empty() {
            context
                .output
                .note("nothing is held against any transaction");
        }
        context.output.answer(lines.join("\n"), &document);
        Ok(())
    }
}
