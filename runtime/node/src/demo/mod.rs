//! `weighhouse demo`: stories told on a real node.
//!
//! The node is another process with a folder of its own; this side only speaks JSON-RPC to it, as any
//! client would. Every story reads its input from files, which are refused as a whole, with file, line
//! and reason, before a node is started, and ends with checks.
//!
//! Reading order: `sheet`, `calendar`, `party` (what is read from files), `process` (a node that can be
//! killed), `account`, `session`, `answer` (who signs, how it is sent, what comes back), `report` (how it
//! is told). The issuance: `issuance` (its files), `token`, `watch`, `story` (the acts), `crash` (killing
//! the node under load), `ledger`, `replay`, `aftermath`. The others stand on a `stage` (a node with
//! contracts and people) with an `office` (the register of participants): `export` and `rights`.
//!
//! Invariant: a check that fails, fails the command; nothing is repaired or retried until it holds.
//! What it does not do: measure. That is `weighhouse bench load`.

pub mod export;
pub mod issuance;
pub mod rights;

pub mod account;
pub mod calendar;
pub mod party;
pub mod process;
pub mod random;
pub mod session;
pub mod setting;
pub mod token;
pub mod watch;

mod aftermath;
mod answer;
mod crash;
mod ledger;
mod office;
mod progress;
mod replay;
mod report;
mod sheet;
mod stage;
mod story;

use crate::cli::Context;
use crate::output::Failure;
use crate::service::signals;
use process::Process;
use serde_json::{Map, Value};
use setting::Setting;
use tempfile::TempDir;

/// A story with its input.
#[derive(Clone, Debug)]
pub enum Tale {
    /// An issue to a register of subscribers, with the node killed in the middle.
    Issuance(Box<issuance::Issuance>),
    /// An export paid under a documentary credit.
    Export(Box<export::Export>),
    /// A parcel of land in the registry of rights.
    Rights(Box<rights::Rights>),
}

impl Tale {
    /// Its name: the key of its document with `--json`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Issuance(_) => "issuance",
            Self::Export(_) => "export",
            Self::Rights(_) => "rights",
        }
    }
}

/// What is left when a story is told: the node, and the folder that goes with it.
type Left = (Process, TempDir);

/// Tells the stories one after the other, each on a node of its own; with `serve` the last node stays up.
/// SIGINT and SIGTERM end it at any moment; node and folder go with it.
///
/// # Errors
/// The first act that does not go as told, or the first check that does not hold.
pub fn run(context: &Context, tales: Vec<Tale>, setting: &Setting) -> Result<(), Failure> {
    context.tokio()?.block_on(async {
        let mut stop = std::pin::pin!(signals()?);
        let left = tokio::select! {
            ended = tell(context, tales, setting) => ended?,
            () = &mut stop => {
                return Err(Failure::failed("interrupted; the node is stopped, its folder removed"));
            }
        };
        if setting.serve {
            stop.await;
            drop(left);
            context
                .output
                .note("  stopped; the temporary folder is removed");
        }
        Ok(())
    })
}

async fn tell(
    context: &Context,
    tales: Vec<Tale>,
    setting: &Setting,
) -> Result<Option<Left>, Failure> {
    let (mut told, mut left) = (Map::new(), None);
    let last = tales.len().saturating_sub(1);
    for (index, tale) in tales.into_iter().enumerate() {
        let setting = Setting {
            serve: setting.serve && index == last,
            ..setting.clone()
        };
        if index > 0 && !context.output.json {
            // A closed stdout ends nothing: the checks still count.
            let _ = context.output.lines("\n");
        }
        let name = tale.name();
        let (document, node) = match tale {
            Tale::Issuance(issuance) => {
                let issuance = *issuance;
                story::tell(context, &story::Plan { issuance, setting }).await?
            }
            Tale::Export(case) => export::tell(context, &case, &setting).await?,
            Tale::Rights(case) => rights::tell(context, &case, &setting).await?,
        };
        told.insert(name.into(), document);
        left = Some(node);
    }
    if !setting.serve && !context.output.json {
        let next = "  next          weighhouse demo --serve   leaves the last node up\n";
        let _ = context.output.lines(next);
    }
    context.output.answer("", &Value::Object(told));
    Ok(left)
}
