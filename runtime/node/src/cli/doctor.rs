//! `weighhouse doctor`: what works here, and what to do about what does not.

use super::Context;
use super::remote::Remote;
use crate::book::Book;
use crate::keystore::Keystore;
use crate::localnet;
use crate::output::{Failure, Paint};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use weighhouse_build::TARGET;

/// Flags of `weighhouse doctor`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {}

/// What became of a check.
enum Verdict {
    Good(String),
    /// Not wrong, only absent; what it is needed for.
    Absent(String, String),
    /// Wrong, and what to do.
    Bad(String, String),
}

impl Args {
    /// Runs every check.
    ///
    /// # Errors
    /// If one of them found something wrong.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let checks = [
            ("compiler", compiler()),
            ("wasm target", target()),
            ("configuration", configuration(context)),
            ("keys", keys(context)),
            ("cometbft", comet()),
            ("node", node(context)),
        ];
        let (mut lines, mut items, mut bad) = (Vec::new(), Vec::new(), 0usize);
        for (name, verdict) in checks {
            let (word, paint, text, cure) = match verdict {
                Verdict::Good(text) => ("ok", Paint::Good, text, None),
                Verdict::Absent(text, cure) => ("--", Paint::Warn, text, Some(cure)),
                Verdict::Bad(text, cure) => {
                    bad += 1;
                    ("bad", Paint::Bad, text, Some(cure))
                }
            };
            let padded = format!("{word:<4}");
            lines.push(format!(
                "{} {name:<14} {text}",
                context.output.paint_answer(paint, &padded)
            ));
            lines.extend(
                cure.iter()
                    .map(|cure| format!("     {:<14} {cure}", "help:")),
            );
            items.push(json!({"check": name, "verdict": word, "text": text, "cure": cure}));
        }
        if bad == 0 {
            context.output.answer(lines.join("\n"), &items);
            return Ok(());
        }
        let s = if bad == 1 { "" } else { "s" };
        let failure =
            Failure::failed(format!("{bad} check{s} found something wrong")).data("checks", items);
        Err(lines
            .into_iter()
            .fold(failure, Failure::detail)
            .help("do what stands below each bad check"))
    }
}

fn output_of(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

fn compiler() -> Verdict {
    match output_of("rustc", &["--version"]) {
        Some(version) => Verdict::Good(version),
        None => Verdict::Absent(
            "no rustc found; needed to build contracts only".into(),
            "install Rust: https://rustup.rs".into(),
        ),
    }
}

fn target() -> Verdict {
    let folder = output_of("rustc", &["--print", "target-libdir", "--target", TARGET]);
    match folder {
        Some(folder) if Path::new(&folder).is_dir() => Verdict::Good(TARGET.into()),
        _ => Verdict::Absent(
            format!("{TARGET} is not installed; needed to build contracts only"),
            format!("rustup target add {TARGET}"),
        ),
    }
}

fn comet() -> Verdict {
    match localnet::program() {
        Ok(path) => Verdict::Good(path.display().to_string()),
        Err(failure) => Verdict::Absent(
            format!("{}; needed for several validators only", failure.what()),
            format!(
                "go install github.com/cometbft/cometbft/cmd/cometbft@v{}",
                localnet::ENGINE_VERSION
            ),
        ),
    }
}

fn configuration(context: &Context) -> Verdict {
    let folder = match context.config_dir() {
        Ok(folder) => folder,
        Err(failure) => return Verdict::Bad(failure.what().into(), "give --config-dir DIR".into()),
    };
    let shown = folder.display();
    if !folder.exists() {
        return Verdict::Good(format!("{shown} (made when it is needed)"));
    }
    if let Err(error) = tempfile::tempfile_in(&folder) {
        return Verdict::Bad(
            format!("{shown} cannot be written: {error}"),
            format!("chmod u+rwx {shown}"),
        );
    }
    match Book::open(&folder) {
        Ok(book) => Verdict::Good(format!("{shown}, {} names", book.entries().count())),
        Err(error) => Verdict::Bad(error.to_string(), "correct or remove the file".into()),
    }
}

fn keys(context: &Context) -> Verdict {
    let Ok(folder) = context.config_dir() else {
        return Verdict::Absent(
            "no configuration folder".into(),
            "give --config-dir DIR".into(),
        );
    };
    let store = Keystore::new(&folder);
    let names = match store.names() {
        Ok(names) => names,
        Err(error) => return Verdict::Bad(error.to_string(), "make the folder readable".into()),
    };
    for name in &names {
        if let Err(error) = store.read(name) {
            let failure = Failure::from(error);
            return Verdict::Bad(
                failure.what().into(),
                format!("weighhouse key show {name}  says more"),
            );
        }
    }
    Verdict::Good(format!("{} in {}", names.len(), store.folder().display()))
}

fn node(context: &Context) -> Verdict {
    let remote = match Remote::connect(context) {
        Ok(remote) => remote,
        Err(failure) => {
            return Verdict::Absent(
                failure.what().into(),
                "start one with  weighhouse devnet  or name another with --rpc URL".into(),
            );
        }
    };
    match remote.run(remote.client.chain_head()) {
        Ok(head) => Verdict::Good(format!(
            "{} at {}, height {}",
            remote.info.chain_id,
            remote.client.url(),
            head.height
        )),
        Err(failure) => Verdict::Bad(failure.what().into(), "read the node's log".into()),
    }
}
