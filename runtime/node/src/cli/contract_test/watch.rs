//! Whether a file of a contract has changed.

use std::path::Path;
use std::time::{Duration, SystemTime};

/// Pause between two looks.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// What a contract's files look like from outside: how many, how long, and the latest change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    files: u64,
    bytes: u64,
    latest: Option<SystemTime>,
}

/// The state of manifest, source and tests below `folder`.
pub(super) fn state(folder: &Path) -> State {
    let mut state = State::default();
    for part in ["Cargo.toml", "src", "tests"] {
        look(&folder.join(part), &mut state);
    }
    state
}

fn look(path: &Path, state: &mut State) {
    let Ok(data) = path.metadata() else {
        return;
    };
    if !data.is_dir() {
        state.files = state.files.saturating_add(1);
        state.bytes = state.bytes.saturating_add(data.len());
        state.latest = state.latest.max(data.modified().ok());
        return;
    }
    for entry in path.read_dir().into_iter().flatten().flatten() {
        look(&entry.path(), state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a new, longer or removed file is a change; another folder's is none.
    #[test]
    fn changes_are_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("src")).expect("made");
        let file = folder.path().join("src/lib.rs");
        std::fs::write(&file, "1").expect("written");
        let first = state(folder.path());
        assert_eq!(first.files, 1);
        std::fs::write(folder.path().join("notes.txt"), "1").expect("written");
        assert_eq!(state(folder.path()), first);
        std::fs::write(&file, "12").expect("written");
        assert_ne!(state(folder.path()), first);
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(state(folder.path()), State::default());
    }
}
