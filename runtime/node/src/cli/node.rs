//! `weighhouse node`: a node over a folder.

use super::Context;
use crate::output::Failure;

/// Verbs of `weighhouse node`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// Start the node of a folder
    Start,
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// Usage, or a fault of the node.
    pub fn run(self, _context: &Context) -> Result<(), Failure> {
        match self {
            Self::Start => Err(Failure::failed("the producer is not wired yet")),
        }
    }
}
