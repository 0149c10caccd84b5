//! The order of modules is the order of a transaction's life.

use super::tree::{Findings, read};

const LIB: &str = "runtime/src/lib.rs";

/// The modules of the runtime as the story meets them.
const ORDER: [&str; 21] = [
    "chain",
    "genesis",
    "limits",
    "admission",
    "block",
    "executor",
    "frame",
    "vm",
    "host",
    "gas",
    "rules",
    "state",
    "log",
    "recovery",
    "storage",
    "storer",
    "index",
    "reader",
    "error",
    "folder",
    "stage",
];

/// Goal: whoever reads `runtime/src` in the order of `lib.rs` reads the story in order.
#[test]
fn runtime_modules_follow_the_story() {
    let text = read(LIB);
    let mut findings = Findings::default();
    let mut last = (0, "the beginning");
    for (index, line) in text.lines().enumerate() {
        let line = line
            .trim_start_matches("pub ")
            .trim_start_matches("(crate) ");
        let Some(name) = line
            .strip_prefix("mod ")
            .and_then(|rest| rest.strip_suffix(';'))
        else {
            continue;
        };
        match ORDER.iter().position(|module| *module == name) {
            None => findings.add(
                LIB,
                index + 1,
                format!("module {name} has no place in the story"),
            ),
            Some(place) if place < last.0 => {
                findings.add(
                    LIB,
                    index + 1,
                    format!("module {name} stands after {}", last.1),
                );
            }
            Some(place) => last = (place, ORDER[place]),
        }
    }
    findings.settle(
        "move the line, or give the module its place in tests/tidy/story.rs and the picture",
    );
}

/// Goal: the front page of the runtime shows the picture before anything else.
#[test]
fn runtime_begins_with_the_picture() {
    let text = read(LIB);
    let docs: Vec<&str> = text
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .collect();
    let docs = docs.join("\n").to_lowercase();
    let mut findings = Findings::default();
    let stations = [
        "admission",
        "block",
        "executor",
        "frame",
        "host",
        "overlay",
        "receipt",
        "commit",
    ];
    let missing: Vec<&str> = stations
        .into_iter()
        .filter(|word| !docs.contains(word))
        .collect();
    if !missing.is_empty() {
        findings.add(LIB, 1, format!("the picture lacks {}", missing.join(", ")));
    }
    findings.settle("draw the way of a transaction in the module documentation");
}
