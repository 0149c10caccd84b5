//! What all stories of one run share: keys, the node that may be left up, what comes after.

use std::path::PathBuf;

/// How a story is told.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// Decides keys, amounts, and the moment of the kill.
    pub seed: u64,
    /// Leave the node up at the end.
    pub serve: bool,
    /// Port of the node that is left up.
    pub port: u16,
    /// The program that is started as a node; this one if absent.
    pub program: Option<PathBuf>,
}
