//! The demonstration as a user runs it: the real program, a node of its own, files from a folder.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where it stands"
)]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use weighhouse_primitives::Hash;

const TERMS: &str = "the terms";

/// An issuance to six subscribers.
fn issuance(folder: &Path) {
    let decision = format!(
        "name = \"Notes\"\nsymbol = \"N1\"\ndecimals = 2\ncap = \"100.00\"\n\
         [issuer]\nname = \"Issuer\"\nnumber = \"1\"\n\
         [terms]\ndocument = \"terms.md\"\nblake3 = \"{}\"\n\
         [dates]\ndecided = 2026-01-12\nopens = 2026-01-19\ncloses = 2026-02-13\n\
         issued = 2026-02-16\nmatures = 2027-02-16\n",
        Hash::of(TERMS.as_bytes())
    );
    let mut register = String::from("commitment,amount\n");
    for (digit, amount) in ["1.00", "0.01", "40", "3.5", "0.99", "54.5"]
        .iter()
        .enumerate()
    {
        register.push_str(&format!(
            "0x{},{amount}\n",
            format!("{}", digit + 1).repeat(64)
        ));
    }
    std::fs::write(folder.join("decision.toml"), decision).unwrap();
    std::fs::write(folder.join("register.csv"), register).unwrap();
    std::fs::write(folder.join("terms.md"), TERMS).unwrap();
}

fn demo(folder: &Path) -> (Output, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_weighhouse"))
        .args(["demo", "--json", "--issuance"])
        .arg(folder)
        .output()
        .unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap();
    (output, document)
}

/// Goal: a register whose sum is exactly the cap is issued, and every check holds through the kill.
#[test]
fn every_check_holds_on_files_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    issuance(folder.path());
    let (output, document) = demo(folder.path());
    assert!(output.status.success(), "{document}");
    let checks = document["result"]["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 10);
    assert!(
        checks.iter().all(|check| check["holds"] == true),
        "{document}"
    );
    assert_eq!(document["result"]["issue"]["amount"], "10000");
}

/// Goal: a malformed register is refused with file and line, and nothing was started.
#[test]
fn malformed_register_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    issuance(folder.path());
    let register = folder.path().join("register.csv");
    let text = std::fs::read_to_string(&register).unwrap();
    std::fs::write(&register, text.replace("54.5", "54.51")).unwrap();
    let (output, document) = demo(folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(document["error"]["line"], 7);
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.contains("above the cap of 100.00"), "{message}");
}
