//! A page for every crate, the same sections for every contract.

use super::tree::{Findings, files, table, tests_invariant};

/// Sections of a contract's page, in this order.
const SECTIONS: [&str; 7] = [
    "Purpose",
    "States and transitions",
    "Entry points",
    "Events",
    "Error codes",
    "Invariants",
    "Sources",
];

/// Folders of contracts: those whose crate is built as a module.
fn contracts() -> Vec<String> {
    files(&["Cargo.toml"])
        .into_iter()
        .filter(|(path, text)| path.starts_with("contracts/") && text.contains("cdylib"))
        .map(|(path, _)| path.trim_end_matches("/Cargo.toml").to_owned())
        .collect()
}

/// Goal: every crate has a page that says what it is, why it is a crate, where to start.
#[test]
fn crates_have_a_readme() {
    let pages = files(&["README.md"]);
    let mut findings = Findings::default();
    for (path, _) in files(&["Cargo.toml"]) {
        let folder = path.trim_end_matches("Cargo.toml");
        if folder.contains("/fixtures/") || folder.contains("/templates/") {
            continue;
        }
        let page = format!("{folder}README.md");
        match pages.get(&page) {
            None => findings.add(&page, 0, "missing"),
            Some(text) if text.lines().filter(|line| !line.is_empty()).count() < 3 => {
                findings.add(&page, 0, "says next to nothing");
            }
            Some(_) => {}
        }
    }
    findings.settle("write what the crate is, why it is one, where to start reading");
}

/// Goal: contracts are described alike, so that a reader of one finds his way in all.
#[test]
fn contract_pages_have_their_sections_in_order() {
    let pages = files(&["README.md"]);
    let mut findings = Findings::default();
    for folder in contracts() {
        let page = format!("{folder}/README.md");
        let text = pages.get(&page).map_or("", String::as_str);
        let found: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .filter(|heading| SECTIONS.contains(heading))
            .collect();
        if found != SECTIONS {
            findings.add(&page, 0, format!("has the sections {found:?}"));
        }
    }
    findings.settle(&format!("the sections are {SECTIONS:?}, in this order"));
}

/// Goal: what a contract's page promises always to hold is tested under its name.
#[test]
fn contract_invariants_are_tested() {
    let (pages, sources) = (files(&["README.md"]), files(&[".rs"]));
    let mut findings = Findings::default();
    for folder in contracts() {
        let page = format!("{folder}/README.md");
        let Some(text) = pages.get(&page) else {
            continue;
        };
        for (line, cells) in table(text, "## Invariants") {
            let id = cells.first().map_or("", String::as_str);
            if !id.starts_with(|c: char| c.is_ascii_uppercase()) {
                continue;
            }
            let tests = format!("{folder}/tests/");
            let tested = sources.iter().any(|(path, source)| {
                (path.starts_with(&tests) || path.starts_with("tests/suite/"))
                    && tests_invariant(source, id)
            });
            if !tested {
                findings.add(&page, line, format!("{id}: no test has it in its name"));
            }
        }
    }
    findings.settle("write the test, named after the invariant, in the contract's tests/ folder");
}
