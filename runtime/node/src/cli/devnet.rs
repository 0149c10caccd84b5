//! `weighhouse devnet`: a development network in one process.

use super::Context;
use crate::output::Failure;
use std::path::PathBuf;

/// Flags of `weighhouse devnet`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Port of JSON-RPC, WebSocket, health and metrics; 0 lets the system choose
    #[arg(long, default_value_t = 8735, env = "WEIGHHOUSE_PORT")]
    pub port: u16,
    /// When blocks are made: auto, manual, 2s, or mixed:2s
    #[arg(
        long,
        default_value = "auto",
        value_name = "MODE",
        env = "WEIGHHOUSE_BLOCKS"
    )]
    pub blocks: String,
    /// Block time to start from, for example 2026-01-01T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME", env = "WEIGHHOUSE_TIME")]
    pub time: Option<String>,
    /// How many test accounts to list
    #[arg(long, default_value_t = 10, env = "WEIGHHOUSE_ACCOUNTS")]
    pub accounts: usize,
    /// Keep the chain in this folder instead of in memory
    #[arg(long, value_name = "DIR", env = "WEIGHHOUSE_STATE")]
    pub state: Option<PathBuf>,
    /// Write the URL here once requests are answered
    #[arg(long, value_name = "FILE", env = "WEIGHHOUSE_READY_FILE")]
    pub ready_file: Option<PathBuf>,
}

impl Args {
    /// Runs until it is told to stop.
    ///
    /// # Errors
    /// Usage, an occupied port, or a fault of the node.
    pub fn run(self, _context: &Context) -> Result<(), Failure> {
        Err(Failure::failed("the producer is not wired yet"))
    }
}
