//! `weighhouse demo`: stories on a real node, each with checks.

use super::Context;
use crate::demo::export::Export;
use crate::demo::issuance::Issuance;
use crate::demo::rights::Rights;
use crate::demo::setting::Setting;
use crate::demo::{self, Tale};
use crate::output::Failure;
use clap::ValueEnum;
use std::path::PathBuf;

/// Port of the node that `--serve` leaves up.
const SERVE_PORT: u16 = 8735;

/// What can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Story {
    /// Issue to a register, transfer, hold, refuse, kill the node, look again
    #[value(alias = "issue")]
    Issuance,
    /// Vet, register the trade, issue a credit, present, honour, refuse, stop, supervise
    Export,
    /// Register a parcel, mortgage, consent, transfer, arrest
    Rights,
    /// All of them, in this order
    All,
}

impl Story {
    /// Whether this story is told where `choice` is asked for; if nothing is, the issuance and the export.
    fn in_choice(self, choice: Option<Self>) -> bool {
        match choice {
            None => self != Self::Rights,
            Some(choice) => choice == Self::All || choice == self,
        }
    }
}

/// Flags of `weighhouse demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// What to tell [default: issuance, then export]
    #[arg(long, value_enum)]
    pub story: Option<Story>,
    /// Folder with decision.toml, register.csv and the terms [default: the built-in example]
    #[arg(long, value_name = "DIR", env = "WEIGHHOUSE_ISSUANCE")]
    pub issuance: Option<PathBuf>,
    /// Folder with parties.toml and trade.toml [default: the built-in example]
    #[arg(long, value_name = "DIR", env = "WEIGHHOUSE_EXPORT")]
    pub export: Option<PathBuf>,
    /// Folder with parties.toml and parcel.toml, told after the others [default: the built-in example]
    #[arg(long, value_name = "DIR", env = "WEIGHHOUSE_RIGHTS")]
    pub rights: Option<PathBuf>,
    /// Leave the node of the last story up at the end, until Ctrl-C
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
    /// Tells the stories, one after the other.
    ///
    /// # Errors
    /// Usage (malformed files), an act that does not go as told, a check that does not hold.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        // Every file is read before anything is started.
        let mut tales = Vec::new();
        if Story::Issuance.in_choice(self.story) {
            let issuance = match &self.issuance {
                Some(folder) => Issuance::read(folder)?,
                None => Issuance::example()?,
            };
            tales.push(Tale::Issuance(Box::new(issuance)));
        }
        if Story::Export.in_choice(self.story) {
            let export = match &self.export {
                Some(folder) => Export::read(folder)?,
                None => Export::example()?,
            };
            tales.push(Tale::Export(Box::new(export)));
        }
        // Whoever names files for it wants it told.
        let asked = self.story.is_none() && self.rights.is_some();
        if asked || Story::Rights.in_choice(self.story) {
            let rights = match &self.rights {
                Some(folder) => Rights::read(folder)?,
                None => Rights::example()?,
            };
            tales.push(Tale::Rights(Box::new(rights)));
        }
        let port = match (self.serve, self.port) {
            (true, port) => port.unwrap_or(SERVE_PORT),
            (false, _) => 0,
        };
        let setting = Setting {
            seed: self.seed,
            serve: self.serve,
            port,
            program: None,
        };
        demo::run(context, tales, &setting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: without a choice the issuance and the export are told, with one only that, with `all` all.
    #[test]
    fn choice_of_stories() {
        let all = [Story::Issuance, Story::Export, Story::Rights];
        let told = |choice| all.map(|story| story.in_choice(choice));
        assert_eq!(told(None), [true, true, false]);
        assert_eq!(told(Some(Story::All)), [true, true, true]);
        assert_eq!(told(Some(Story::Issuance)), [true, false, false]);
        assert_eq!(told(Some(Story::Rights)), [false, false, true]);
    }
}
