//! Single files: size, characters, words, the first lines.

use super::tree::{Findings, code_lines, files, find_word};

const LINES_MAX: usize = 600;

/// Goal: no file grows beyond what can be read in one go.
#[test]
fn files_have_at_most_600_lines() {
    let mut findings = Findings::default();
    for (path, text) in files(&[".rs", ".wat", ".toml"]) {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            findings.add(&path, lines, format!("{lines} lines, limit is {LINES_MAX}"));
        }
    }
    findings.settle("split the file where its story has a natural break");
}

/// Goal: source is ASCII, so that what is read is what is compiled. Strings about people's text may
/// hold other characters where a test is about exactly that; comments may use the signs below.
#[test]
fn source_is_ascii() {
    const SIGNS: &str = "‖–—…×≤≥→←−·µ°\u{a7}⇒∈";
    let mut findings = Findings::default();
    for (path, text) in files(&[".rs", ".wat", ".toml"]) {
        for (index, line) in text.lines().enumerate() {
            let comment = line.find("//").unwrap_or(line.len());
            let foreign = line.char_indices().find(|(at, character)| {
                !character.is_ascii() && (*at <= comment || !SIGNS.contains(*character))
            });
            if let Some((_, character)) = foreign
                && !is_test(&path, &text, index)
            {
                findings.add(&path, index + 1, format!("{character:?} is not ASCII"));
            }
        }
    }
    findings.settle("write it in ASCII, or as an escape such as \\u{2026}");
}

/// True for lines of a test file or below the test module of a file.
fn is_test(path: &str, text: &str, index: usize) -> bool {
    path.contains("/tests/")
        || path.starts_with("tests/")
        || path.ends_with("tests.rs")
        || text
            .lines()
            .take(index)
            .any(|line| line.trim() == "#[cfg(test)]")
}

/// Goal: nothing unfinished, and no drawer for things without a name.
#[test]
fn banned_words_are_absent() {
    // Put together here, so that this file does not find itself.
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["X", "XX"],
        ["HA", "CK"],
        ["unimplemen", "ted!"],
        ["to", "do!"],
        ["Under construc", "tion"],
        ["for n", "ow"],
        ["place", "holder"],
    ]
    .map(|halves| halves.concat());
    let names = ["utils", "util", "helpers", "helper", "common", "misc"];
    let types = ["Manager", "Helper", "Util", "Utils", "Impl"];
    let mut findings = Findings::default();
    for (path, text) in files(&[".rs", ".wat", ".toml"]) {
        let stem = path.rsplit('/').next().unwrap_or_default();
        let stem = stem.split('.').next().unwrap_or_default();
        if names.contains(&stem) {
            findings.add(
                &path,
                0,
                format!("{stem} says nothing about what is inside"),
            );
        }
        for (index, line) in text.lines().enumerate() {
            for word in &words {
                if find_word(line, word).is_some() {
                    findings.add(&path, index + 1, format!("`{word}`"));
                }
            }
            let declares = ["pub struct ", "pub enum ", "pub trait "];
            let declared = declares.iter().find_map(|d| line.trim().strip_prefix(d));
            let name: String = declared
                .unwrap_or_default()
                .chars()
                .take_while(|c| c.is_alphanumeric())
                .collect();
            if types.iter().any(|ending| name.ends_with(ending)) {
                findings.add(
                    &path,
                    index + 1,
                    format!("type name {name} says what it is not"),
                );
            }
        }
    }
    findings.settle("finish it, or name it by what it is");
}

/// Goal: the repository speaks of itself, not of the machine that it was written on.
#[test]
fn no_paths_of_a_machine() {
    let folders = ["/work", "/root", "/home", "/tmp"].map(|folder| format!("{folder}/"));
    let mut findings = Findings::default();
    for (path, text) in files(&[".rs", ".md", ".toml", ".wat", ".yml"]) {
        for (index, line) in text.lines().enumerate() {
            let at = folders.iter().find(|folder| {
                line.match_indices(folder.as_str()).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    !before.is_some_and(|c| c.is_alphanumeric() || ".}~>_-".contains(c))
                })
            });
            if let Some(folder) = at
                && path != "tests/tidy/file.rs"
            {
                findings.add(&path, index + 1, format!("path below {folder}"));
            }
        }
    }
    findings.settle("name the path relative to the repository or to the user's own folders");
}

/// Goal: every module says what it is before anything else.
#[test]
fn modules_begin_with_their_documentation() {
    let mut findings = Findings::default();
    for (path, text) in files(&[".rs"]) {
        let first = text.lines().find(|line| !line.starts_with("#!["));
        if !first.is_some_and(|line| line.starts_with("//!")) {
            findings.add(&path, 1, "no //! documentation");
        }
    }
    findings
        .settle("say what the module is, where in the story it stands, what it leaves to others");
}

/// Goal: tests run always, at once, and fail by themselves.
#[test]
fn tests_are_neither_ignored_nor_asleep() {
    let forbidden = [
        (["#[ig", "nore"], "an ignored test"),
        (["should_", "panic"], "a test that wants a panic"),
        (["thread::sl", "eep"], "a sleep"),
        (["time::sl", "eep"], "a sleep"),
    ];
    let mut findings = Findings::default();
    for (path, text) in files(&[".rs"]) {
        for (number, line) in code_lines(&text) {
            for (halves, what) in &forbidden {
                let word = halves.concat();
                let sleep = word.ends_with("eep");
                if line.contains(&word) && (!sleep || is_test(&path, &text, number - 1)) {
                    findings.add(&path, number, *what);
                }
            }
        }
    }
    findings.settle("wait on a condition with a bound; give the error a type and look at it");
}
