//! Builds every contract of the library into the program, and its manual.

use std::path::{Path, PathBuf};

fn main() {
    if let Err(error) = weighhouse_build::script::embed_contracts() {
        panic!("{error}");
    }
    if let Err(error) = embed_manual() {
        panic!("the manual: {error}");
    }
}

/// Writes `manual.rs`, an expression of type `&[(&str, &str)]`: path and text of README and every page of
/// `docs`, in the order of their paths.
fn embed_manual() -> std::io::Result<()> {
    let variable = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .unwrap_or_default()
    };
    let root = variable("CARGO_MANIFEST_DIR")
        .join("../..")
        .canonicalize()?;
    let mut pages = vec![root.join("README.md")];
    find(&root.join("docs"), &mut pages)?;
    let mut table = String::from("&[\n");
    for page in pages {
        announce(&page);
        let inside = page.strip_prefix(&root).unwrap_or(&page);
        table.push_str(&format!("    ({:?}, include_str!({page:?})),\n", inside));
    }
    table.push_str("]\n");
    announce(&root.join("docs"));
    std::fs::write(variable("OUT_DIR").join("manual.rs"), table)
}

/// The pages below a folder, in the order of their paths.
fn find(folder: &Path, pages: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = Vec::new();
    for entry in folder.read_dir()? {
        entries.push(entry?.path());
    }
    entries.sort();
    for path in entries {
        if path.is_dir() {
            find(&path, pages)?;
        } else if path.extension().is_some_and(|end| end == "md") {
            pages.push(path);
        }
    }
    Ok(())
}

fn announce(path: &Path) {
    println!("cargo:rerun-if-changed={}", path.display());
}
