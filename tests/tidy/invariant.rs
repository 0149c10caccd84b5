//! The registry of invariants: page, code and tests agree.

use super::tree::{Findings, files, read, table, tests_invariant};
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = "docs/invariants.md";

/// One row of the registry.
struct Row {
    line: usize,
    upheld: Vec<String>,
    tested: Vec<String>,
}

/// The paths between backticks of a cell.
fn paths(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(Into::into).collect()
}

fn registry() -> BTreeMap<String, Row> {
    let rows = table(&read(PAGE), "## Registry");
    assert!(!rows.is_empty(), "{PAGE} has no table below `## Registry`");
    rows.into_iter()
        .map(|(line, cells)| {
            let [id, _, upheld, tested] = cells.as_slice() else {
                panic!("{PAGE}:{line}: a row has id, statement, upheld in, tested in");
            };
            let row = Row {
                line,
                upheld: paths(upheld),
                tested: paths(tested),
            };
            (id.clone(), row)
        })
        .collect()
}

/// Goal: every invariant is named where it is upheld, and by a test in the file that the page names.
#[test]
fn invariants_are_upheld_and_tested_where_the_page_says() {
    let sources = files(&[".rs"]);
    let mut findings = Findings::default();
    for (id, row) in registry() {
        let named = |source: &str| source.contains(id.as_str());
        let tested = |source: &str| tests_invariant(source, &id);
        let upheld = row
            .upheld
            .iter()
            .map(|file| (file, sources.get(file).map(|s| named(s))));
        let tests = row
            .tested
            .iter()
            .map(|file| (file, sources.get(file).map(|s| tested(s))));
        let places = [
            (upheld.collect::<Vec<_>>(), "is not named"),
            (tests.collect(), "is in no test's name"),
        ];
        for (files, what) in places {
            if files.is_empty() {
                findings.add(PAGE, row.line, format!("{id} {what}"));
            }
            for (file, holds) in files {
                match holds {
                    None => findings.add(PAGE, row.line, format!("{id}: {file} does not exist")),
                    Some(false) => findings.add(file, 0, format!("{id} {what} here")),
                    Some(true) => {}
                }
            }
        }
    }
    findings.settle("comment `// Invariant ID: ...` in the code, name a test `id_...`, name both files on the page");
}

/// Goal: no invariant lives in a comment alone.
#[test]
fn invariants_of_the_code_are_registered() {
    let known: BTreeSet<String> = registry().into_keys().collect();
    let mut findings = Findings::default();
    for (path, text) in files(&[".rs"]) {
        for (index, line) in text.lines().enumerate() {
            for word in line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
                let id = word.split_once('-').is_some_and(|(kind, number)| {
                    known.iter().any(|id| id.starts_with(&format!("{kind}-")))
                        && !number.is_empty()
                        && number.chars().all(|c| c.is_ascii_digit())
                });
                if id && !known.contains(word) {
                    findings.add(&path, index + 1, format!("{word} is not in {PAGE}"));
                }
            }
        }
    }
    findings.settle("register the invariant in docs/invariants.md, or correct its id");
}
