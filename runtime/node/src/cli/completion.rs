//! `weighhouse completion`: what a shell needs to complete commands.

use super::Context;
use crate::output::Failure;
use clap_complete::Shell;

/// Flags of `weighhouse completion`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Which shell
    pub shell: Shell,
}

impl Args {
    /// Prints the script.
    ///
    /// # Errors
    /// None.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::tree(), "weighhouse", &mut script);
        context.output.raw(&String::from_utf8_lossy(&script));
        Ok(())
    }
}
