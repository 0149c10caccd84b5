//! Files that commands write for people, with the folders above them.

use crate::output::Failure;
use std::path::Path;

/// Writes a file, and makes its folder if it is not there. `help` says what to do if it cannot.
///
/// # Errors
/// The file system's.
pub(super) fn write(path: &Path, text: &str, help: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", path.display())).help(help)
        })
}
