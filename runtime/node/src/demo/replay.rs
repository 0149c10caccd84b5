//! The block log alone, in a fresh folder, gives the same state.

use super::process::{Process, Start};
use super::session::Session;
use crate::config::{DATA_FOLDER, GENESIS_FILE};
use crate::output::Failure;
use std::path::Path;
use weighhouse_primitives::Timestamp;
use weighhouse_rpc::types::Head;

/// Folder of the block log in a node's data.
const LOG_FOLDER: &str = "log";

/// Copies genesis and block log, nothing else, and lets a second node replay them.
///
/// # Errors
/// If the files cannot be copied, or the second node finds that a block does not execute to what the
/// log records.
pub(super) async fn replay(node: &Start, fresh: &Path, time: u64) -> Result<Head, Failure> {
    copy_log(&node.folder, fresh).map_err(|error| {
        Failure::fault(format!("cannot copy the block log: {error}"))
            .help("there must be room in the temporary folder")
    })?;
    let start = Start {
        folder: fresh.into(),
        port: 0,
        time: Some(Timestamp(time)),
        ..node.clone()
    };
    let process = Process::start(&start).await?;
    let session = Session::connect(process.url(), 0).await?;
    Ok(session.client.chain_head().await?)
}

fn copy_log(from: &Path, to: &Path) -> std::io::Result<()> {
    let log = to.join(DATA_FOLDER).join(LOG_FOLDER);
    std::fs::create_dir_all(&log)?;
    std::fs::copy(from.join(GENESIS_FILE), to.join(GENESIS_FILE))?;
    for entry in std::fs::read_dir(from.join(DATA_FOLDER).join(LOG_FOLDER))? {
        let entry = entry?;
        std::fs::copy(entry.path(), log.join(entry.file_name()))?;
    }
    Ok(())
}
