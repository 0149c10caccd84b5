//! Text that contracts leave for their developer: in no hash, in no root, not stored.

use crate::limits;

/// Debug lines of one transaction, at most [`limits::DEBUG_BYTES_MAX`] of text.
///
/// A line counts as one byte at least, so that their number is bounded too; how much is kept is known
/// without counting again, because a contract may log as often as its gas allows.
#[derive(Debug, Default)]
pub(crate) struct DebugText {
    lines: Vec<String>,
    bytes: usize,
}

impl DebugText {
    /// Keeps a line, or drops it if there is no room.
    pub(crate) fn push(&mut self, line: String) {
        let bytes = self.bytes.saturating_add(line.len().max(1));
        if bytes <= limits::DEBUG_BYTES_MAX {
            self.bytes = bytes;
            self.lines.push(line);
        }
    }

    /// The lines; none are left.
    pub(crate) fn take(&mut self) -> Vec<String> {
        self.bytes = 0;
        std::mem::take(&mut self.lines)
    }
}
