//! `weighhouse node drain` and `log`: a running node, through the socket in its folder.

use super::Context;
use super::node::Folder;
use crate::admin;
use crate::config::DATA_FOLDER;
use crate::output::Failure;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Pause between two looks at what still waits.
const PAUSE: Duration = Duration::from_millis(100);

/// Flags of `weighhouse node drain`.
#[derive(Clone, Debug, clap::Args)]
pub struct Drain {
    #[command(flatten)]
    folder: Folder,
    /// Take transactions again
    #[arg(long)]
    resume: bool,
    /// How many seconds to wait for what is in the pool
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

/// Flags of `weighhouse node log`.
#[derive(Clone, Debug, clap::Args)]
pub struct Log {
    /// A level (error, warn, info, debug, trace), or targets with levels
    filter: String,
    #[command(flatten)]
    folder: Folder,
}

/// Asks the running node of a folder; it must answer.
fn ask(folder: &Folder, request: &Value) -> Result<Value, Failure> {
    admin::ask(&folder.folder.join(DATA_FOLDER), request)?.ok_or_else(|| {
        Failure::failed(format!("no node runs in {}", folder.folder.display()))
            .help("name the folder of a running node with --folder DIR; its owner alone may ask it")
    })
}

impl Drain {
    /// Stops taking transactions and waits until none is left, or takes them again.
    ///
    /// # Errors
    /// No node runs there, or transactions are left after the time.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut status = ask(
            &self.folder,
            &json!({ "method": "drain", "on": !self.resume }),
        )?;
        let started = Instant::now();
        while !self.resume && status["waiting"] != 0 {
            if started.elapsed() >= Duration::from_secs(self.timeout) {
                let left = &status["waiting"];
                return Err(Failure::failed(format!("{left} transactions still wait"))
                    .help("wait longer with --timeout SECONDS; where blocks are made on order, make one")
                    .help("weighhouse node drain --resume  takes transactions again"));
            }
            std::thread::sleep(PAUSE);
            status = ask(&self.folder, &json!({ "method": "status" }))?;
        }
        let text = match self.resume {
            true => "takes transactions again".to_owned(),
            false => format!(
                "takes no transactions; all that it took are durable at height {}",
                status["height"].as_str().unwrap_or_default()
            ),
        };
        context.output.answer(text, &status);
        Ok(())
    }
}

impl Log {
    /// Changes what the running node logs.
    ///
    /// # Errors
    /// No node runs there, or the filter is not well formed.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let status = ask(
            &self.folder,
            &json!({ "method": "log", "filter": self.filter }),
        )?;
        context.output.answer("", &status);
        Ok(())
    }
}
