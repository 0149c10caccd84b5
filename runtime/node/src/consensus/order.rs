//! Who orders the blocks of a folder: noted once, so that nobody else adds to them by mistake.
//!
//! A node of a network that is started solo would add blocks that the others do not have. The other way
//! round CometBFT itself refuses: a solo chain has blocks that it lacks.

use crate::output::Failure;
use std::path::Path;
use weighhouse_runtime::Fault;

/// File in the data folder of a chain that CometBFT orders.
const FILE: &str = "ordered-by";
/// What it says.
const COMET: &str = "comet\n";

/// Before the chain is opened: a network's chain is not started solo.
///
/// # Errors
/// That one (exit code 2).
pub fn may_start(data: Option<&Path>, comet: bool) -> Result<(), Failure> {
    match data {
        Some(data) if !comet && data.join(FILE).exists() => Err(Failure::usage(format!(
            "the blocks in {} are ordered by CometBFT",
            data.display()
        ))
        .help("start it with --consensus comet, or set consensus.mode in weighhouse.toml")),
        _ => Ok(()),
    }
}

/// Before the first block of a network is committed here: the chain is a network's from now on.
///
/// # Errors
/// Fault: the folder cannot be written.
pub fn note(data: Option<&Path>) -> Result<(), Fault> {
    let Some(file) = data.map(|data| data.join(FILE)) else {
        return Ok(());
    };
    if file.exists() {
        return Ok(());
    }
    std::fs::write(&file, COMET).map_err(Fault::io(format!("writing {}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a chain that has a block of a network is not continued solo.
    #[test]
    fn a_network_is_not_continued_solo() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = Some(folder.path());
        assert!(may_start(data, false).is_ok() && may_start(data, true).is_ok());
        note(data).expect("written");
        note(data).expect("there already");
        assert!(may_start(data, false).is_err());
        assert!(may_start(data, true).is_ok());
        assert!(note(None).is_ok() && may_start(None, false).is_ok());
    }
}
