//! `weighhouse demo`: an issuance on a real node, with the node killed in the middle.

use super::Context;
use crate::demo::issuance::Issuance;
use crate::demo::{self, Plan};
use crate::output::Failure;
use clap::ValueEnum;
use std::path::PathBuf;

/// Port of the node that `--serve` leaves up.
const SERVE_PORT: u16 = 8735;

/// What can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Story {
    /// Issue to a register, transfer, hold, refuse, kill the node, look again
    #[default]
    Issue,
}

/// Flags of `weighhouse demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder with decision.toml, register.csv and the terms [default: the built-in example]
    #[arg(long, value_name = "DIR", env = "WEIGHHOUSE_ISSUANCE")]
    pub issuance: Option<PathBuf>,
    /// What to tell
    #[arg(long, value_enum, default_value_t)]
    pub story: Story,
    /// Leave the node up at the end, until Ctrl-C
    #[arg(long)]
    pub serve: bool,
    /// Port of the node with --serve [default: 8735, or a free one if that is taken]
    #[arg(long, requires = "serve", value_name = "PORT")]
    pub port: Option<u16>,
    /// Decides keys, amounts and the moment of the kill
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=u64::from(u32::MAX)))]
    pub seed: u64,
}

impl Args {
    /// Tells the story.
    ///
    /// # Errors
    /// Usage (malformed files), an act that does not go as told, a check that does not hold.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let Story::Issue = self.story;
        let issuance = match &self.issuance {
            Some(folder) => Issuance::read(folder)?,
            None => Issuance::example()?,
        };
        let port = match (self.serve, self.port) {
            (true, port) => port.unwrap_or(SERVE_PORT),
            (false, _) => 0,
        };
        demo::run(
            context,
            &Plan {
                issuance,
                seed: self.seed,
                serve: self.serve,
                port,
                program: None,
            },
        )
    }
}
