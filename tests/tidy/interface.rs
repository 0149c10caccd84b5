//! The interfaces that JSON-RPC knows are those of the contract library.

use super::tree::{Findings, files, read};
use std::collections::{BTreeMap, BTreeSet};

type Interfaces = BTreeMap<String, BTreeSet<String>>;

/// Traits and their methods in the sources of the library.
fn declared() -> Interfaces {
    let mut found = Interfaces::new();
    for (path, text) in files(&[".rs"]) {
        if !path.starts_with("contracts/standard/src/interface/") {
            continue;
        }
        let mut open = None;
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("pub trait ") {
                open = rest.split([' ', ':', '{']).next().map(str::to_owned);
            } else if line == "}" {
                open = None;
            }
            let method = line
                .strip_prefix("    fn ")
                .and_then(|rest| rest.split('(').next());
            if let (Some(name), Some(method)) = (&open, method) {
                found
                    .entry(name.clone())
                    .or_default()
                    .insert(method.to_owned());
            }
        }
    }
    found
}

/// The table of JSON-RPC: a name that begins with a capital opens an interface.
fn known() -> Interfaces {
    let source = read("rpc/src/server/group/interfaces.rs");
    let table = source.split("const INTERFACES").nth(1).unwrap_or_default();
    let table = table.split("];\n").next().unwrap_or_default();
    let (mut found, mut open) = (Interfaces::new(), String::new());
    for word in table.split('"').skip(1).step_by(2) {
        if word.starts_with(|first: char| first.is_ascii_uppercase()) {
            open = word.to_owned();
            found.entry(open.clone()).or_default();
        } else {
            found
                .entry(open.clone())
                .or_default()
                .insert(word.to_owned());
        }
    }
    found
}

/// Goal: whoever asks for contracts by interface asks for what the library promises.
#[test]
fn interfaces_are_those_of_the_library() {
    let (declared, known) = (declared(), known());
    assert!(!declared.is_empty());
    let mut findings = Findings::default();
    for name in declared.keys().chain(known.keys()).collect::<BTreeSet<_>>() {
        if declared.get(name) != known.get(name) {
            let what = format!(
                "{name}: {:?}, here {:?}",
                declared.get(name),
                known.get(name)
            );
            findings.add("rpc/src/server/group/interfaces.rs", 0, what);
        }
    }
    findings.settle("write the table after contracts/standard/src/interface");
}
