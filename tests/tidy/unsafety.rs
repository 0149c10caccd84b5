//! Where `unsafe` may stand: a list, so that one more is a decision and no accident.

use super::tree::{Findings, code_lines, files, find_word};
use std::collections::BTreeSet;

/// Files with `unsafe`, and why (docs/decisions/0018).
const FILES: [(&str, &str); 5] = [
    (
        "runtime/src/vm/cache/artefact.rs",
        "machine code is loaded under the seal",
    ),
    ("sdk/src/sys.rs", "guest: imports and exports"),
    ("sdk/src/guest.rs", "guest: the allocator"),
    ("sdk/src/memory.rs", "guest: copying memory"),
    ("sdk/macros/src/contract.rs", "writes a contract's entry"),
];

/// Places where the compiler's rule may be lifted: a file or less, each with a reason.
const LIFTED: &str = "unsafe_code";

/// True if the line uses the keyword, and does not only speak of it in a string.
fn uses(line: &str) -> bool {
    let word = ["un", "safe"].concat();
    find_word(line, &word).is_some_and(|at| {
        let behind = line[at + word.len()..].trim_start();
        ["{", "(", "fn ", "impl", "extern", "trait"]
            .iter()
            .any(|next| behind.starts_with(next))
    })
}

/// Goal: `unsafe` stands in the listed files, in each of them, and nowhere else; the rule against it is
/// lifted nowhere else either.
#[test]
fn only_listed_files_have_unsafe() {
    let (mut findings, mut found) = (Findings::default(), BTreeSet::new());
    for (path, text) in files(&[".rs", ".toml"]) {
        if path.starts_with("tests/tidy/") {
            continue;
        }
        for (number, line) in code_lines(&text) {
            let lifts = path.ends_with(".rs") && find_word(line, LIFTED).is_some();
            let denies = path.ends_with(".toml") && find_word(line, LIFTED).is_some();
            if denies && !line.contains("\"deny\"") {
                findings.add(&path, number, "the rule is weaker than `deny`");
            }
            if !uses(line) && !lifts {
                continue;
            }
            if !FILES.iter().any(|(listed, _)| *listed == path) {
                findings.add(&path, number, line.trim());
            }
            found.insert(path.clone());
        }
    }
    for (listed, why) in FILES {
        if !found.contains(listed) {
            findings.add(
                listed,
                0,
                format!("nothing of the kind is here any more ({why})"),
            );
        }
    }
    findings.settle("do it without; or write a decision record and extend tests/tidy/unsafety.rs");
}

/// Goal: the keyword is told from the word.
#[test]
fn keywords_are_told_from_words() {
    let word = ["un", "safe"].concat();
    for code in [
        "{word} { x }",
        "pub {word} fn f()",
        "#[{word}(no_mangle)]",
        "{word} impl Sync for X {}",
    ] {
        assert!(uses(&code.replace("{word}", &word)), "{code}");
    }
    for text in [
        "\"{word}\", \"use\"",
        "{word}_code",
        "an {word} word",
        "x{word} {",
    ] {
        assert!(!uses(&text.replace("{word}", &word)), "{text}");
    }
}
