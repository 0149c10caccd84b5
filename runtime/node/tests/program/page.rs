//! What README and docs tell a reader to type is typed here.
//!
//! Blocks fenced as `sh` (every line) and `console` (lines after `$ `) of `README.md` and of the pages in
//! `docs` are run in order, each page in an empty folder of its own beside a devnet of its own. A command must
//! end with exit code 0, or with the one that its line names: `# exit code 1`. These are all the
//! differences between a page and what is run:
//!
//! | page | run |
//! |---|---|
//! | `weighhouse ...`, `cargo run --release -- ...` | the program of this test |
//! | `weighhouse devnet` | nothing: a devnet on a port of the system's choice runs already |
//! | `http://127.0.0.1:8735` | that devnet |
//! | questions | answered by `WEIGHHOUSE_YES`, passphrases by `WEIGHHOUSE_PASSPHRASE` |
//! | `weighhouse node start ...` | the same on a port of the system's choice; stopped once it answers |
//! | `weighhouse demo` | the same with a register of six subscribers |
//! | `weighhouse contract test` | the same as `contract build`: the engine is compiled for minutes |
//! | `ADDRESS` | the address that the command before printed |
//! | `contracts/...`, `../docs/...` | that place of this checkout |
//! | [`OTHERS`] | nothing: they build or test this very repository |

use crate::devnet::{Devnet, wait_for};
use crate::fence::{self, Typed};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Commands that are not run here: what they do is what running the tests does.
const OTHERS: [&str; 7] = [
    "cargo build",
    "cargo install",
    "cargo test",
    "cargo fmt",
    "cargo lint",
    "cargo suite",
    "cargo tidy",
];

/// A command of a page.
#[derive(Debug)]
struct Line {
    place: String,
    words: Vec<String>,
    exit: i32,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The commands of a page in order.
fn lines(page: &str) -> Vec<Line> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let mut found = Vec::new();
    for Typed { line, text } in fence::typed(&text) {
        let exit = text.split_once("# exit code ").map_or(0, |(_, code)| {
            let digits: String = code.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().unwrap()
        });
        found.extend(fence::commands(&text).into_iter().map(|words| Line {
            place: format!("{page}:{line}: {text}"),
            words,
            exit,
        }));
    }
    found
}

/// One page being followed.
struct Reader {
    devnet: Devnet,
    folder: PathBuf,
    address: String,
}

impl Reader {
    fn new() -> Self {
        let devnet = Devnet::start(&[]);
        let folder = devnet.folder.path().join("page");
        std::fs::create_dir(&folder).unwrap();
        Self {
            devnet,
            folder,
            address: String::new(),
        }
    }

    fn follow(&mut self, line: &Line) {
        let mut words: Vec<String> = line.words.iter().map(|word| self.replaced(word)).collect();
        if words.starts_with(&["cargo", "run", "--release", "--"].map(String::from)) {
            words.splice(..4, ["weighhouse".to_owned()]);
        }
        let typed = words.join(" ");
        if OTHERS.iter().any(|other| typed.starts_with(other)) {
            return;
        }
        match words[0].as_str() {
            "cd" => self.folder.push(&words[1]),
            "cp" => {
                std::fs::copy(&words[1], self.folder.join(&words[2])).unwrap();
            }
            "weighhouse" => self.weighhouse(line, &words[1..]),
            "curl" => self.curl(line, &words[1..]),
            other => panic!("{}: {other} is not known to this test", line.place),
        }
    }

    fn replaced(&self, word: &str) -> String {
        let url = self.devnet.url.trim_end_matches("/rpc");
        let word = word.replace("http://127.0.0.1:8735", url);
        let word = word.replace("ADDRESS", &self.address);
        let place = match word.strip_prefix("../") {
            Some(rest) if rest.starts_with("docs/") => rest,
            _ if word.starts_with("contracts/") => word.as_str(),
            _ => return word,
        };
        root().join(place).display().to_string()
    }

    fn command(&self, words: &[String]) -> Command {
        let mut command = self.devnet.command();
        command
            .args(words)
            .current_dir(&self.folder)
            .env("WEIGHHOUSE_YES", "1")
            .env("WEIGHHOUSE_PASSPHRASE", "a passphrase for tests");
        command
    }

    fn weighhouse(&mut self, line: &Line, words: &[String]) {
        let noun: Vec<&str> = words.iter().take(2).map(String::as_str).collect();
        match noun.as_slice() {
            ["devnet", ..] => {}
            ["node", "start"] => self.node_start(line, words),
            ["contract", "test"] => {
                let build = ["contract", "build"].map(String::from);
                let output = self.command(&build).output().unwrap();
                self.ended(line, &output);
            }
            ["demo", ..] => {
                let issuance = self.folder.join("issuance");
                crate::input::issuance(&issuance);
                let mut words = words.to_vec();
                words.extend(["--issuance".into(), issuance.display().to_string()]);
                self.ended(line, &self.command(&words).output().unwrap());
            }
            _ => {
                let output = self.command(words).output().unwrap();
                self.ended(line, &output);
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                // A production address, as `key show` prints it: a devnet's starts with `whdev1`.
                let address = text.split_whitespace().find(|word| word.starts_with("wh1"));
                self.address = address.map_or(std::mem::take(&mut self.address), str::to_owned);
            }
        }
    }

    fn node_start(&self, line: &Line, words: &[String]) {
        let ready = self.folder.join("ready");
        let child = self
            .command(words)
            .args(["--listen", "127.0.0.1:0", "--ready-file"])
            .arg(&ready)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for(&ready);
        let terminated = Command::new("kill").arg(child.id().to_string()).status();
        assert!(terminated.unwrap().success());
        self.ended(line, &child.wait_with_output().unwrap());
    }

    fn curl(&self, line: &Line, words: &[String]) {
        let mut curl = Command::new("curl");
        match curl.args(["-sS", "--fail"]).args(words).output() {
            Ok(output) => self.ended(line, &output),
            // A machine without curl can still test everything else.
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
        }
    }

    fn ended(&self, line: &Line, output: &Output) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(line.exit),
            "{}\n{said}",
            line.place
        );
    }
}

fn follow(page: &str) {
    let lines = lines(page);
    let mut reader = Reader::new();
    for line in &lines {
        reader.follow(line);
    }
}

/// Goal: whoever types what README says gets what it says.
#[test]
fn readme_is_run() {
    follow("README.md");
}

/// Goal: the page about contracts works from its first line to its last.
#[test]
fn contracts_page_is_run() {
    follow("docs/contracts.md");
}

/// Goal: the page about operating a node works from its first line to its last.
#[test]
fn operating_page_is_run() {
    follow("docs/operating.md");
}

/// Goal: a first contract is written, built, deployed and called as the tutorial says.
#[test]
fn tutorial_is_run() {
    follow("docs/tutorial.md");
}

/// Goal: what officers and a regulator are told to type works, refusals included.
#[test]
fn institutions_page_is_run() {
    follow("docs/institutions.md");
}

/// Goal: the stories that the page tells are told.
#[test]
fn export_page_is_run() {
    follow("docs/export.md");
}

/// Goal: the code that the tutorial shows is the code that it has its reader copy.
#[test]
fn tutorial_shows_its_own_files() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let page = read("docs/tutorial.md");
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let files = ["lib.rs", "contract.rs"]
        .map(|name| flat(&read(&format!("docs/examples/tutorial/{name}"))));
    let blocks = page.split("```rust\n").skip(1);
    let blocks = blocks.map(|block| flat(block.split("```").next().unwrap()));
    for block in blocks {
        assert!(files.iter().any(|file| file.contains(&block)), "{block}");
    }
}

/// Goal: no page with commands is forgotten above.
#[test]
fn every_page_is_followed() {
    let source = include_str!("page.rs");
    let mut pages = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            pages.push(format!("docs/{name}"));
        }
    }
    let mut forgotten = BTreeSet::new();
    for page in pages {
        let runs = |line: &Line| {
            let typed = line.words.join(" ");
            !OTHERS.iter().any(|other| typed.starts_with(other))
        };
        if lines(&page).iter().any(runs) && !source.contains(&format!("follow({page:?})")) {
            forgotten.insert(page);
        }
    }
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
