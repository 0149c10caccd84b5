//! The page of what the tests of contracts show: each code and each invariant with the tests that name or
//! provoke it.
//!
//! A code counts as provoked by a test whose name carries it (`code_107_..`, `codes_1_7_17_..`) or which asserts
//! it as the outcome of a call: as a number beside a call that answers a code, in the rows of a table of
//! cases, or as `Code(n)`. An invariant counts as tested by a test whose name carries its id. A contract answers the codes
//! that its README lists; its schema has the library's whole table, of which each code is provoked somewhere.

use super::page::{cell, settle};
use super::tree::{Findings, files, read, table};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use weighhouse_primitives::abi::SECTION_SCHEMA;
use weighhouse_primitives::schema::Schema;

/// Contract, its number in the library, letter and count of its invariants.
const CONTRACTS: [(&str, &str, char, usize); 4] = [
    ("participants", "C1", 'I', 8),
    ("dfa-token", "C2", 'T', 13),
    ("rights-registry", "C3", 'R', 9),
    ("export-escrow", "C4", 'E', 11),
];
/// Codes of the common table that no contract answers itself: the host stops a re-entered call.
const OF_THE_HOST: [u16; 1] = [12];
/// Tests named in a cell; the rest is counted.
const NAMED_MAX: usize = 4;
/// Calls of the test kit that answer a code.
const ANSWERS_CODE: [&str; 3] = ["both", "code", "check"];

/// Code or invariant, and the tests that show it.
type Shown<K> = BTreeMap<K, BTreeSet<String>>;

/// A test: the file it is in, its name, its text.
struct Test {
    name: String,
    label: String,
    text: String,
}

/// The tests of a contract, and functions beside them that answer codes.
fn tests_of(contract: &str) -> (Vec<Test>, BTreeSet<String>) {
    let below = format!("contracts/{contract}/tests/");
    let mut tests = Vec::new();
    let mut answering: BTreeSet<String> = ANSWERS_CODE.map(Into::into).into();
    for (path, text) in files(&[".rs"]) {
        if !path.starts_with(&below) {
            continue;
        }
        let stem = path.rsplit('/').next().unwrap_or_default();
        let stem = stem.trim_end_matches(".rs");
        for (at, _) in text.match_indices("fn ") {
            let rest = &text[at + 3..];
            let name = rest.split(['(', '<']).next().unwrap_or_default().to_owned();
            let head = rest.split('{').next().unwrap_or_default();
            if head.contains("-> u16") {
                answering.insert(name.clone());
            }
            let before = text[..at].trim_end_matches([' ', '\n']);
            let attributes = before.rsplit("\n\n").next().unwrap_or_default();
            if attributes.contains("#[test]") {
                let end = rest.find("\n}").unwrap_or(rest.len());
                tests.push(Test {
                    label: format!("{stem}::{name}"),
                    name,
                    text: rest[..end].to_owned(),
                });
            }
        }
    }
    (tests, answering)
}

/// Numbers behind `code` or `codes` in a name: `codes_1_and_7`, `codes_100_to_104`.
fn named_codes(name: &str) -> BTreeSet<u16> {
    let mut words = name
        .split('_')
        .skip_while(|word| !matches!(*word, "code" | "codes"));
    let mut codes = BTreeSet::new();
    let (mut last, mut ranges) = (None, false);
    words.next();
    for word in words {
        match (word, word.parse::<u16>()) {
            ("and", _) => {}
            ("to", _) => ranges = true,
            (_, Ok(code)) => {
                let first = last.filter(|_| ranges).unwrap_or(code);
                codes.extend(first..=code);
                (last, ranges) = (Some(code), false);
            }
            _ => break,
        }
    }
    codes
}

/// What stands between the bracket at the start of `text` and the one that closes it.
fn inside(text: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth -= 1;
                if depth == 0 {
                    return &text[1..at];
                }
            }
            _ => {}
        }
    }
    ""
}

/// Parts between commas that stand in no bracket.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    let mut parts = Vec::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn number(text: &str) -> Option<u16> {
    text.trim_end_matches("_u16").parse().ok()
}

/// Codes that the text of a test expects of calls.
fn expected_codes(text: &str, answering: &BTreeSet<String>) -> BTreeSet<u16> {
    let mut codes = BTreeSet::new();
    let answers = |part: &str| {
        let calls = part.match_indices('(').map(|(at, _)| &part[..at]);
        calls
            .filter_map(|before| {
                before
                    .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
            })
            .any(|name| answering.contains(name))
            || part.contains("refusal::<")
    };
    let mut table = false;
    for (at, found) in text.match_indices("assert_eq!(") {
        let all = inside(&text[at + found.len() - 1..]);
        let [one, other, ..] = parts(all)[..] else {
            continue;
        };
        for (side, call) in [(one, other), (other, one)] {
            table |= side == "code" || side == "expected";
            let first = if side.starts_with('(') {
                parts(inside(side))[0]
            } else {
                side
            };
            if let Some(code) = number(first).filter(|_| answers(call)) {
                codes.insert(code);
            }
        }
    }
    for (at, found) in text.match_indices("Code(") {
        codes.extend(number(inside(&text[at + found.len() - 1..])));
    }
    if table {
        for (at, _) in text.match_indices('(') {
            let line = text[..at].rsplit('\n').next().unwrap_or_default();
            if line.trim().is_empty() || line.trim_end().ends_with('[') {
                let row = parts(inside(&text[at..]));
                codes.extend(row.into_iter().filter_map(number));
            }
        }
    }
    codes
}

/// The section of this name of a Wasm module.
fn section<'a>(wasm: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    fn length(bytes: &mut &[u8]) -> Option<usize> {
        let (mut value, mut shift) = (0_usize, 0);
        loop {
            let (byte, rest) = bytes.split_first()?;
            *bytes = rest;
            value |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
    }
    let mut rest = wasm.get(8..)?;
    while let Some((id, after)) = rest.split_first() {
        rest = after;
        let size = length(&mut rest)?;
        let (mut body, next) = rest.split_at_checked(size)?;
        rest = next;
        if *id == 0 {
            let size = length(&mut body)?;
            let (name, data) = body.split_at_checked(size)?;
            if name == wanted.as_bytes() {
                return Some(data);
            }
        }
    }
    None
}

/// Codes that the contract's schema declares, with their names.
fn declared(contract: &str) -> BTreeMap<u16, String> {
    let bytes = section(weighhouse_testkit::artifact(contract), SECTION_SCHEMA).expect("a schema");
    let schema = Schema::decode_section(bytes).expect("a schema");
    let errors = schema.errors.into_iter();
    errors.map(|error| (error.code, error.name)).collect()
}

/// Codes that the README says the contract answers.
fn answered(readme: &str) -> BTreeSet<u16> {
    let list = readme.split("\n## Error codes").nth(1).unwrap_or_default();
    let list = list.split("\nOrder of checks").next().unwrap_or_default();
    let list = list.split("\n## ").next().unwrap_or_default();
    let words: Vec<&str> = list
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .chain(["", ""])
        .collect();
    let mut codes = BTreeSet::new();
    for pair in words.windows(3) {
        match (pair[0].parse::<u16>(), pair[1], pair[2].parse::<u16>()) {
            (Ok(first), "to", Ok(last)) => codes.extend(first..=last),
            (Ok(code), name, _) if name.starts_with(|c: char| c.is_ascii_uppercase()) => {
                codes.insert(code);
            }
            _ => {}
        }
    }
    codes
}

fn cell_of(tests: Option<&BTreeSet<String>>) -> String {
    let Some(tests) = tests else {
        return String::from("-");
    };
    let named: Vec<String> = tests
        .iter()
        .take(NAMED_MAX)
        .map(|test| format!("`{test}`"))
        .collect();
    let more = match tests.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", named.join(", "))
}

/// What the tests of a contract show.
fn shown(contract: &str) -> (Shown<u16>, Shown<String>) {
    let (tests, answering) = tests_of(contract);
    let (mut codes, mut invariants) = (Shown::new(), Shown::new());
    for test in tests {
        let all = named_codes(&test.name).into_iter();
        for code in all.chain(expected_codes(&test.text, &answering)) {
            codes.entry(code).or_default().insert(test.label.clone());
        }
        for word in test.name.split('_') {
            let id = word.to_uppercase();
            invariants.entry(id).or_default().insert(test.label.clone());
        }
    }
    (codes, invariants)
}

/// The codes of one contract; what is provoked of the library's table goes to `provoked`.
fn write_codes(
    page: &mut String,
    (contract, readme): (&str, &str),
    codes: &Shown<u16>,
    findings: &mut Findings,
) {
    let (names, listed) = (declared(contract), answered(readme));
    let file = format!("contracts/{contract}/README.md");
    page.push_str("\n| code | name | tests |\n|---|---|---|\n");
    for code in &listed {
        let Some(name) = names.get(code) else {
            findings.add(&file, 0, format!("code {code} is not in the schema"));
            continue;
        };
        let tests = codes.get(code);
        if tests.is_none() {
            findings.add(&file, 0, format!("no test provokes {code} {name}"));
        }
        writeln!(page, "| {code} | {name} | {} |", cell_of(tests)).expect("a string");
    }
}

/// Goal: each code that a contract answers and each of its invariants has a test, and the page says which.
#[test]
fn contract_tests_page_is_up_to_date() {
    let mut page = String::from(
        "# What the tests of contracts show\n\nGenerated from the tests by `tests/tidy/coverage.rs`; do not edit. A test is named by file and \
         function below `contracts/*/tests`.\nCodes: tests whose name carries the code, or which assert it as the outcome of a call. \
         Invariants: tests whose name carries\nthe id.\n",
    );
    let mut findings = Findings::default();
    let (mut all, mut provoked) = (BTreeMap::new(), BTreeSet::new());
    for (contract, number, letter, count) in CONTRACTS {
        let readme = read(&format!("contracts/{contract}/README.md"));
        let (codes, invariants) = shown(contract);
        writeln!(page, "\n## {number} {contract}").expect("a string");
        write_codes(&mut page, (contract, &readme), &codes, &mut findings);
        all.extend(declared(contract));
        provoked.extend(codes.into_keys());
        let rows = table(&readme, "## Invariants");
        let statements: BTreeMap<&str, &str> = rows
            .iter()
            .map(|(_, cells)| (cells[0].as_str(), cells[1].as_str()))
            .collect();
        page.push_str("\n| id | statement | tests |\n|---|---|---|\n");
        for index in 1..=count {
            let id = format!("{letter}{index}");
            let file = format!("contracts/{contract}/README.md");
            let Some(statement) = statements.get(id.as_str()) else {
                findings.add(&file, 0, format!("invariant {id} is not listed"));
                continue;
            };
            let tests = invariants.get(&id);
            if tests.is_none() {
                findings.add(&file, 0, format!("no test has {id} in its name"));
            }
            writeln!(page, "| {id} | {} | {} |", cell(statement), cell_of(tests))
                .expect("a string");
        }
    }
    for (code, name) in all {
        if !provoked.contains(&code) && !OF_THE_HOST.contains(&code) {
            let what = format!("no contract's test provokes {code} {name}");
            findings.add("contracts/standard/src/error.rs", 0, what);
        }
    }
    findings
        .settle("write the test, or correct the README's list; name tests `code_N_..` and `t1_..`");
    settle("contract-tests.md", &page);
}

/// Goal: codes are found where tests name or assert them, and nowhere else.
#[test]
fn codes_are_read_from_names_and_assertions() {
    assert_eq!(named_codes("t1_codes_1_and_7_of_it"), [1, 7].into());
    assert_eq!(named_codes("codes_100_to_102_by_5"), [100, 101, 102].into());
    assert_eq!(named_codes("the_code_of_5_things"), [].into());
    let answering: BTreeSet<String> = ["both".to_owned()].into();
    let text = "{ assert_eq!(on.both(\"a, b\", (1, 2)), 107); assert_eq!(list.len(), 3);\n for (code, x) in [\n (8, 9_u8),\n (\n 17,\n [4],\n ),\n ] { assert_eq!(on.both(x), code); } Err(Refused::Code(4)) }";
    assert_eq!(expected_codes(text, &answering), [4, 8, 17, 107].into());
    let readme = "\n## Error codes\n\n1 Unauthorized, 100 to 102 as said, 300 and above.\n\nOrder of checks: 19 Halted\n";
    assert_eq!(answered(readme), [1, 100, 101, 102].into());
}
