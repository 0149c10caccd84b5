//! The only file that prints.
//!
//! Answers go to stdout, everything else to stderr: `$(weighhouse contract deploy ...)` is exactly
//! the address. With `--json` an answer is one document, `{"ok":true,"result":...}` or
//! `{"ok":false,"error":{...}}`; a stream is one line of JSON for each item, without the envelope.
//!
//! A reader that has gone (`| head`) is no error: the rest is not printed, and the program ends as if
//! it had been. An answer that cannot be written for another reason (a full disk) is told on stderr
//! and ends the program with exit code 1 ([`Output::end`]).
//! What it does not do: logs, which go to stderr through `tracing`.

use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::io::{BufRead, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// An answer was not written, and not because its reader had gone.
static UNWRITTEN: AtomicBool = AtomicBool::new(false);

/// Writes text to stdout; an error has been dealt with, it only says that more is of no use.
fn write_answer(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let done = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = &done
        && error.kind() != ErrorKind::BrokenPipe
    {
        UNWRITTEN.store(true, Ordering::Relaxed);
        write_remark(&format!("error: the answer cannot be written: {error}\n"));
    }
    done
}

/// Writes text to stderr. Nobody is left to be told when that fails.
fn write_remark(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Exit code of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The request was answered with a failure.
    Failed = 1,
    /// Usage or configuration.
    Usage = 2,
    /// Fault: this node cannot go on.
    Fault = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How the program ends when it does not end well: first line what failed, last line what to do.
#[derive(Clone, Debug)]
pub struct Failure {
    // Boxed, so that a `Result` that carries one stays small.
    inner: Box<Inner>,
}

#[derive(Clone, Debug)]
struct Inner {
    exit: Exit,
    code: Option<i64>,
    name: String,
    what: String,
    details: Vec<String>,
    help: Vec<String>,
    data: Map<String, Value>,
}

impl Failure {
    fn new(exit: Exit, code: Option<i64>, name: &str, what: impl Into<String>) -> Self {
        let inner = Inner {
            exit,
            code,
            name: name.into(),
            what: what.into(),
            details: Vec::new(),
            help: Vec::new(),
            data: Map::new(),
        };
        Self {
            inner: Box::new(inner),
        }
    }

    /// The request was answered with a failure (exit code 1) that has a code of JSON-RPC.
    #[must_use]
    pub fn answered(code: i64, name: &str, what: impl Into<String>) -> Self {
        Self::new(Exit::Failed, Some(code), name, what)
    }

    /// It did not work (exit code 1), and no code of the chain says why.
    #[must_use]
    pub fn failed(what: impl Into<String>) -> Self {
        Self::new(Exit::Failed, None, "failed", what)
    }

    /// Usage or configuration (exit code 2).
    #[must_use]
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, None, "usage", what)
    }

    /// This node cannot go on (exit code 3).
    #[must_use]
    pub fn fault(what: impl Into<String>) -> Self {
        Self::new(Exit::Fault, None, "fault", what)
    }

    /// Adds a line between the first and the last.
    #[must_use]
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.inner.details.push(line.into());
        self
    }

    /// Adds a line that says what to do.
    #[must_use]
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.inner.help.push(line.into());
        self
    }

    /// Adds a line that says what to do, if there is one.
    #[must_use]
    pub fn help_if(self, line: Option<String>) -> Self {
        match line {
            Some(line) => self.help(line),
            None => self,
        }
    }

    /// Adds a typed field to the JSON document.
    #[must_use]
    pub fn data(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.inner.data.insert(key.into(), value.into());
        self
    }

    /// The exit code it stands for.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        self.inner.exit
    }

    /// First line: what failed.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.inner.what
    }

    fn to_json(&self) -> Value {
        let mut error = Map::new();
        error.insert("code".into(), json!(self.inner.code));
        error.insert("name".into(), json!(self.inner.name));
        error.insert("message".into(), json!(self.inner.what));
        error.extend(self.inner.data.clone());
        if !self.inner.details.is_empty() {
            error.insert("details".into(), json!(self.inner.details));
        }
        if !self.inner.help.is_empty() {
            error.insert("hint".into(), json!(self.inner.help.join("\n")));
        }
        json!({ "ok": false, "error": error })
    }
}

impl From<weighhouse_runtime::Fault> for Failure {
    fn from(fault: weighhouse_runtime::Fault) -> Self {
        let chain = chain_of(&fault);
        // The folder is another chain's or another process's: nothing is wrong with this node.
        if matches!(fault, weighhouse_runtime::Fault::Unusable { .. }) {
            return Self::usage(chain).help("name another folder, or stop what uses this one");
        }
        let failure = Self::fault(format!("this node cannot go on: {chain}"));
        match fault {
            weighhouse_runtime::Fault::Damaged { place, .. } if place.contains("block log") => {
                failure
                    .help("move the folder away and bring the log back from a backup:")
                    .help("weighhouse node restore --from BACKUP --folder DIR")
            }
            weighhouse_runtime::Fault::Diverged { .. } => failure
                .help("this program does not compute what the log says: start the version that wrote it")
                .help("weighhouse node verify --folder DIR  tells from which block on"),
            _ => failure
                .help("nothing acknowledged is lost: it is in the block log")
                .help("remove the cause and start the node again; it recovers from the log by itself"),
        }
    }
}

/// An error with its causes, separated by colons.
#[must_use]
pub fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// Meaning of a piece of text, from which its colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Good: green.
    Good,
    /// Bad: red, bold.
    Bad,
    /// Look here: yellow.
    Warn,
    /// Label of a value: dim.
    Label,
    /// Important: bold.
    Strong,
}

/// The way out: knows the global flags that concern printing.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// One JSON document instead of text.
    pub json: bool,
    /// Nothing but the answer.
    pub quiet: bool,
    /// When to colour.
    pub color: Color,
}

impl Output {
    /// Prints the answer of a command on stdout: `text` for people, `document` with `--json`.
    pub fn answer(&self, text: impl AsRef<str>, document: &impl Serialize) {
        if self.json {
            let _ = write_answer(&format!("{}\n", json!({ "ok": true, "result": document })));
        } else if !text.as_ref().is_empty() {
            let _ = write_answer(&format!("{}\n", text.as_ref().trim_end_matches('\n')));
        }
    }

    /// Prints one item of a stream on stdout.
    ///
    /// # Errors
    /// If stdout is closed (`| head`): the stream has no reader any more, stop.
    pub fn item(&self, text: impl AsRef<str>, document: &impl Serialize) -> std::io::Result<()> {
        let text = match self.json {
            true => json!(document).to_string(),
            false => text.as_ref().to_owned(),
        };
        write_answer(&format!("{text}\n"))
    }

    /// How a program that did what it was told ends: well, unless an answer could not be written.
    #[must_use]
    pub fn end() -> Exit {
        match UNWRITTEN.load(Ordering::Relaxed) {
            true => Exit::Failed,
            false => Exit::Done,
        }
    }

    /// Prints lines of a stream on stdout, whatever the flags.
    ///
    /// # Errors
    /// If stdout is closed (`| head`): the stream has no reader any more, stop.
    pub fn lines(&self, text: &str) -> std::io::Result<()> {
        write_answer(text)
    }

    /// Prints raw text on stdout, whatever the flags: completion scripts, generated files.
    pub fn raw(&self, text: &str) {
        let _ = write_answer(text);
    }

    /// Prints a remark for people on stderr; silent with `--quiet` and `--json`.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.quiet && !self.json {
            write_remark(&format!("{}\n", text.as_ref()));
        }
    }

    /// Passes a line of another program on to stderr.
    pub fn relay(line: &str) {
        write_remark(&format!("{line}\n"));
    }

    /// Prints what `--teach` shows, on stderr and whatever the other flags.
    pub fn lesson(&self, text: impl AsRef<str>) {
        write_remark(&format!("{}\n", self.paint(Paint::Label, text.as_ref())));
    }

    /// Prints a warning on stderr; silent with `--quiet`.
    pub fn warn(&self, text: impl AsRef<str>) {
        if !self.quiet {
            let head = self.paint(Paint::Warn, "warning:");
            write_remark(&format!("{head} {}\n", text.as_ref()));
        }
    }

    /// Prints a failure: text on stderr, or one JSON document on stdout.
    pub fn failure(&self, failure: &Failure) {
        if self.json {
            let _ = write_answer(&format!("{}\n", failure.to_json()));
            return;
        }
        let head = match failure.inner.code {
            Some(code) => format!("error[W{code}]:"),
            None => "error:".into(),
        };
        let head = self.paint(Paint::Bad, &head);
        let mut text = format!("{head} {}\n", failure.inner.what);
        for line in &failure.inner.details {
            text.push_str(&format!("  {line}\n"));
        }
        for line in &failure.inner.help {
            text.push_str(&format!(
                "  {} {line}\n",
                self.paint(Paint::Strong, "help:")
            ));
        }
        write_remark(&text);
    }

    /// Asks a yes-or-no question on the terminal; `None` where there is nobody to answer.
    #[must_use]
    pub fn ask(&self, question: &str) -> Option<bool> {
        if self.json || !std::io::stdin().is_terminal() {
            return None;
        }
        write_remark(&format!("{question} [y/N] "));
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).ok()?;
        Some(matches!(line.trim(), "y" | "Y" | "yes"))
    }

    /// `text` in the colour of its meaning, for stderr.
    #[must_use]
    pub fn paint(&self, paint: Paint, text: &str) -> String {
        self.paint_for(std::io::stderr().is_terminal(), paint, text)
    }

    /// `text` in the colour of its meaning, for stdout.
    #[must_use]
    pub fn paint_answer(&self, paint: Paint, text: &str) -> String {
        self.paint_for(std::io::stdout().is_terminal(), paint, text)
    }

    fn paint_for(&self, terminal: bool, paint: Paint, text: &str) -> String {
        let on = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none(),
        };
        let code = match paint {
            Paint::Good => "32",
            Paint::Bad => "1;31",
            Paint::Warn => "33",
            Paint::Label => "2",
            Paint::Strong => "1",
        };
        if on {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.into()
        }
    }

    /// True where progress bars may be drawn: people are watching stderr.
    #[must_use]
    pub fn shows_progress(&self) -> bool {
        !self.quiet && !self.json && std::io::stderr().is_terminal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The JSON form of a failure carries code, name, typed data and hint.
    #[test]
    fn failure_document() {
        let failure = Failure::answered(1101, "reverted", "invoice.transfer was reverted")
            .data("entry_point", "transfer")
            .help("ask for less");
        assert_eq!(failure.exit(), Exit::Failed);
        assert_eq!(
            failure.to_json().to_string(),
            r#"{"ok":false,"error":{"code":1101,"name":"reverted","message":"invoice.transfer was reverted","entry_point":"transfer","hint":"ask for less"}}"#
        );
    }
}
