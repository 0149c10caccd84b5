//! The files of the repository, and findings about them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 3] = ["target", ".git", "node_modules"];

/// Something that breaks a rule.
#[derive(Debug)]
pub(crate) struct Finding {
    file: String,
    line: usize,
    what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// What a rule found; [`Findings::settle`] fails the test if there is anything.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one; lines count from 1, 0 is the file as a whole.
    pub(crate) fn add(&mut self, file: &str, line: usize, what: impl Into<String>) {
        self.0.push(Finding {
            file: file.into(),
            line,
            what: what.into(),
        });
    }

    /// # Panics
    /// If there are findings, with all of them and the cure.
    pub(crate) fn settle(self, cure: &str) {
        let list: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        assert!(
            list.is_empty(),
            "{} findings\n  {}\ncure: {cure}\n",
            list.len(),
            list.join("\n  ")
        );
    }
}

/// Root of the repository: tests run in the folder of their package, which lies in it.
pub(crate) fn root() -> PathBuf {
    let package = std::env::current_dir().expect("a working folder");
    package.parent().expect("the repository").to_path_buf()
}

/// Text of a file of the repository.
pub(crate) fn read(path: &str) -> String {
    let file = root().join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every text file with one of these endings, by path from the root, in order.
pub(crate) fn files(endings: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    walk(&root(), &root(), endings, &mut found);
    found
}

fn walk(root: &Path, folder: &Path, endings: &[&str], found: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if SKIPPED.contains(&name.as_ref()) {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, endings, found);
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            let text = std::fs::read(&path).expect("a readable file");
            let inside = path.strip_prefix(root).expect("below the root");
            let inside = inside.to_string_lossy().replace('\\', "/");
            found.insert(inside, String::from_utf8_lossy(&text).into_owned());
        }
    }
}

/// The lines of Rust source with their numbers, without comments: good enough to look for names.
pub(crate) fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
        .filter(|(_, line)| !line.trim().is_empty())
}

/// Position of `word` in `line` where it stands alone, not as a part of a longer name.
pub(crate) fn find_word(line: &str, word: &str) -> Option<usize> {
    let inside = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).map(|(at, _)| at).find(|at| {
        let before = line[..*at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

/// The cells of the rows of the first Markdown table below a heading, header and rule left out.
pub(crate) fn table(text: &str, heading: &str) -> Vec<(usize, Vec<String>)> {
    text.lines()
        .enumerate()
        .skip_while(|(_, line)| line.trim() != heading)
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('#'))
        .filter(|(_, line)| line.starts_with('|'))
        .skip(2)
        .map(|(index, line)| {
            let cells = line.trim().trim_matches('|').split('|');
            (index + 1, cells.map(|cell| cell.trim().into()).collect())
        })
        .collect()
}

/// True if a test of this source carries the id of an invariant in its name: `STATE-1` in
/// `fn state_1_...`, `T2` in `fn t1_t2_...`.
pub(crate) fn tests_invariant(source: &str, id: &str) -> bool {
    let id = format!("_{}_", id.to_lowercase().replace('-', "_"));
    code_lines(source)
        .filter_map(|(_, line)| line.trim().strip_prefix("fn "))
        .any(|rest| {
            let name = rest.split('(').next().unwrap_or_default();
            format!("_{name}").contains(&id)
        })
}
