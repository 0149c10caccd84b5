//! The promise of the builder: the same sources give the same bytes, wherever they lie.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of a test: a failure here is a failed test"
)]

use std::path::{Path, PathBuf};
use weighhouse_build::{BuildError, build, contract_at, find_contracts};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// Copies sources; build output and version control stay behind.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name == "target" || name == ".git" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// Goal: two checkouts in folders of different depth, one of them no repository, give the same Wasm;
/// no folder of this machine shows in it.
#[test]
fn wasm_does_not_depend_on_the_folder() {
    let here = workspace();
    let there = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("a/copy of the workspace");
    if there.exists() {
        std::fs::remove_dir_all(&there).unwrap();
    }
    copy(&here, &there);
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let wasm: Vec<Vec<u8>> = [(&here, "one"), (&there, "two")]
        .into_iter()
        .map(|(root, target_dir)| {
            let contract = contract_at(&root.join("contracts/bond")).unwrap();
            build(&contract, &target.join(target_dir), "").unwrap().wasm
        })
        .collect();
    assert!(wasm[0] == wasm[1], "two folders, two modules");
    let text = String::from_utf8_lossy(&wasm[0]);
    for folder in [&here, &there] {
        assert!(!text.contains(folder.to_str().unwrap()));
    }
    assert!(text.contains("wh.build") && text.contains("rustc 1."));
}

/// Goal: the library's contracts are found, by name; a crate that is no contract is told apart.
#[test]
fn contracts_are_found() {
    let found = find_contracts(&workspace()).unwrap();
    assert!(found.iter().any(|contract| contract.name == "bond"));
    assert!(
        found
            .iter()
            .all(|contract| contract.name != "weighhouse-standard")
    );
    assert!(matches!(
        contract_at(&workspace().join("sdk")),
        Err(BuildError::NoContract { .. })
    ));
}
