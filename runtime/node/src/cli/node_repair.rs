//! `weighhouse node verify`, `repair` and `replay`: tools over the folder of a stopped node.

use super::Context;
use super::node::Folder;
use crate::config::{self, Settings};
use crate::output::Failure;
use crate::telemetry::Logging;
use crate::{repair, replay, verify};
use std::path::PathBuf;
use weighhouse_primitives::Height;
use weighhouse_runtime::Genesis;

/// Flags of `weighhouse node verify`.
#[derive(Clone, Debug, clap::Args)]
pub struct Verify {
    #[command(flatten)]
    folder: Folder,
    /// Compare every row of the store with what the log makes: state, pages of the tree, look-ups, guards
    #[arg(long)]
    deep: bool,
    /// Copy the store into this folder to look at it [default: the system's for temporary files]
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
}

/// Flags of `weighhouse node repair`.
#[derive(Clone, Debug, clap::Args)]
pub struct Repair {
    #[command(flatten)]
    folder: Folder,
    /// Make the store anew from the block log, and put it in the place of the old one
    #[arg(long, required = true)]
    from_log: bool,
    /// Give up blocks that the store has and the log has lost
    #[arg(long)]
    accept_shorter_log: bool,
    /// Leave the replaced store in the data folder
    #[arg(long)]
    keep_old: bool,
}

/// Flags of `weighhouse node replay`.
#[derive(Clone, Debug, clap::Args)]
pub struct Replay {
    #[command(flatten)]
    folder: Folder,
    /// Up to this height [default: the whole log]
    #[arg(long, value_name = "HEIGHT")]
    to: Option<u64>,
    /// Compare with the state roots in this file, lines of HEIGHT and 0xROOT
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Write the state root of each height into this file, which must not exist
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Keep the fresh node in this folder, which must not exist
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Believe that signatures hold, as this node found when it wrote the log
    #[arg(long)]
    believe_signatures: bool,
}

/// What a tool needs of a stopped node's folder: genesis, settings, data folder. Starts logging.
fn stopped(folder: &Folder, context: &Context) -> Result<(Genesis, Settings, PathBuf), Failure> {
    Logging::of_verbosity(context.global.verbose, context.global.quiet).start()?;
    let genesis = folder.genesis()?;
    let (settings, _) = Settings::of_folder(&folder.folder, &config::Args::default())?;
    Ok((genesis, settings, folder.data()?))
}

impl Verify {
    /// Verifies.
    ///
    /// # Errors
    /// 3 for damage or a difference in the log, 1 if the store is not what the log says.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let (genesis, settings, data) = stopped(&self.folder, context)?;
        context
            .output
            .note("  replaying the block log from genesis ...");
        let asked = verify::Asked {
            deep: self.deep,
            scratch: self.scratch,
        };
        let report = verify::verify(genesis, &settings, &data, &asked)?;
        context.output.answer(report.text(), &report.to_json());
        if report.holds() {
            return Ok(());
        }
        Err(
            Failure::failed("the store is not what the block log says").help(format!(
                "weighhouse node repair --from-log --folder {}: it is made anew",
                self.folder.folder.display()
            )),
        )
    }
}

impl Repair {
    /// Repairs.
    ///
    /// # Errors
    /// 3 if the log is damaged or has lost blocks; nothing is changed then.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let (genesis, settings, data) = stopped(&self.folder, context)?;
        context
            .output
            .note("  making the store anew from the block log ...");
        let asked = repair::Asked {
            accept_shorter_log: self.accept_shorter_log,
            keep_old: self.keep_old,
        };
        let report = repair::repair(genesis, &settings, &data, asked)?;
        context.output.answer(report.text(), &report.to_json());
        Ok(())
    }
}

impl Replay {
    /// Replays.
    ///
    /// # Errors
    /// 3 if a block computes something else than the log records, 1 if a root is not the expected one.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let (genesis, settings, data) = stopped(&self.folder, context)?;
        if let Some(out) = self.out.as_ref().filter(|out| out.exists()) {
            return Err(Failure::usage(format!("{} exists already", out.display()))
                .help("nothing was changed; name another file with --out FILE"));
        }
        let expect = self.expect.as_deref().map(replay::parse_roots);
        let asked = replay::Asked {
            to: self.to.map(Height),
            expect: expect.transpose()?,
            believe: self.believe_signatures,
            into: self.into,
        };
        context
            .output
            .note("  executing the block log by a fresh node ...");
        let name = genesis.name.clone();
        let into = asked.into.clone();
        let report = replay::replay(genesis, &settings, &data, asked)?;
        if let Some(into) = &into {
            self.folder.copy_settings(into)?;
        }
        if let Some(out) = &self.out {
            let text = replay::format_roots(&name, &report.roots);
            std::fs::write(out, text).map_err(|error| {
                Failure::usage(format!("cannot write {}: {error}", out.display()))
                    .help("name a file in a folder that exists and can be written")
            })?;
        }
        context.output.answer(report.text(), &report.to_json());
        match &report.differs {
            None => Ok(()),
            Some((height, ..)) => Err(Failure::failed(format!(
                "the state root at height {height} is not the expected one"
            ))
            .data("height", height.to_string())
            .help("`weighhouse node diff ONE OTHER` names the transaction that differs")),
        }
    }
}
