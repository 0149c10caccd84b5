//! Commands in pages are commands that exist.

use super::fence::{self, Typed, typed};
use super::tree::{Findings, files, read};

/// Commands of the system that a page may show.
const OTHERS: [&str; 9] = [
    "cargo", "cd", "cp", "curl", "git", "kill", "mv", "rm", "rustup",
];

/// Subcommands of cargo that a page may show, beside the aliases of `.cargo/config.toml`.
const CARGO: [&str; 8] = [
    "bench", "build", "clippy", "doc", "fmt", "install", "run", "test",
];

/// A command of a page with its place.
#[derive(Debug)]
struct Shown {
    page: String,
    line: usize,
    words: Vec<String>,
}

/// Every command that a page shows.
fn commands() -> Vec<Shown> {
    let mut shown = Vec::new();
    for (page, text) in files(&[".md"]) {
        for Typed { line, text } in typed(&text) {
            shown.extend(fence::commands(&text).into_iter().map(|words| Shown {
                page: page.clone(),
                line,
                words,
            }));
        }
    }
    shown
}

/// Goal: whoever types what a page shows is not told that there is no such thing.
#[test]
fn commands_of_pages_exist() {
    let aliases = read(".cargo/config.toml");
    let crates: Vec<String> = files(&["Cargo.toml"])
        .values()
        .filter_map(|text| {
            text.split("name = \"")
                .nth(1)?
                .split('"')
                .next()
                .map(Into::into)
        })
        .collect();
    let mut findings = Findings::default();
    for Shown { page, line, words } in commands() {
        let first = words[0].as_str();
        if first == "weighhouse" {
            continue;
        }
        if !OTHERS.contains(&first) {
            findings.add(
                &page,
                line,
                format!("`{first}` is not a command of the project"),
            );
        }
        if first != "cargo" {
            continue;
        }
        let verb = words.get(1).map_or("", String::as_str);
        let alias = aliases
            .lines()
            .any(|alias| alias.starts_with(&format!("{verb} = ")));
        if !CARGO.contains(&verb) && !alias {
            findings.add(&page, line, format!("`cargo {verb}` does not exist"));
        }
        for pair in words.windows(2).filter(|pair| pair[0] == "-p") {
            if !crates.contains(&pair[1]) {
                findings.add(&page, line, format!("there is no crate {}", pair[1]));
            }
        }
    }
    findings.settle("show a command that exists");
}

/// Goal: the program understands what a page tells its reader to type, flags included.
#[test]
fn commands_of_the_program_are_understood() {
    let mut findings = Findings::default();
    for Shown { page, line, words } in commands() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let typed = match words.as_slice() {
            ["weighhouse", ..] => words,
            ["cargo", "run", "--release", "--", rest @ ..] => [&["weighhouse"], rest].concat(),
            _ => continue,
        };
        if let Err(error) = weighhouse_node::cli::tree().try_get_matches_from(&typed)
            && error.use_stderr()
        {
            let text = error.to_string();
            let reason = text.lines().next().unwrap_or_default();
            findings.add(&page, line, format!("`{}`: {reason}", typed.join(" ")));
        }
    }
    findings.settle("show what `weighhouse ... --help` says");
}

/// Goal: lines are taken apart as a shell would.
#[test]
fn lines_are_split_like_a_shell() {
    assert_eq!(
        fence::commands("A=1 weighhouse key show 'a b' | cat # note"),
        [vec!["weighhouse", "key", "show", "a b"], vec!["cat"]]
    );
    assert_eq!(
        fence::commands("cd x && cargo test"),
        [vec!["cd", "x"], vec!["cargo", "test"]]
    );
}
