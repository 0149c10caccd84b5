//! Every fuzz target over its corpus, and over changes of it by chance: what runs in each build of what
//! `tests/fuzz` runs for hours.
//!
//! `WEIGHHOUSE_FUZZ_CASES` says how many cases each target gets (without it as many as take about a second),
//! `WEIGHHOUSE_FUZZ_TARGET` which target alone, `WEIGHHOUSE_FUZZ_SEED` where chance begins,
//! `WEIGHHOUSE_FUZZ_INPUT` a file to feed alone: the replay. `BLESS=1` writes the corpora's beginnings.
#![expect(
    clippy::print_stderr,
    reason = "the figures of a long run are for whoever waits for it"
)]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;
use weighhouse_primitives::abi::selector;
use weighhouse_testkit::Dice;
use weighhouse_testkit::targets::mutate::mutate;
use weighhouse_testkit::targets::seeds::seeds;
use weighhouse_testkit::targets::{TARGETS, Target};
use weighhouse_testkit::variable::variable;

/// Bytes of all corpora together.
const CORPORA_BYTES_MAX: u64 = 256 * 1024;

fn corpus_folder(target: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    folder.join(target)
}

/// The files of a corpus, in order of their names.
fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = corpus_folder(target);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|file| (file.clone(), std::fs::read(file).unwrap()))
        .collect()
}

/// Feeds a case; if it fails, keeps it in a file and says how to have it again.
fn feed(target: &Target, bytes: &[u8]) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))) else {
        return;
    };
    let file = format!("{}/{}.fuzz", env!("CARGO_TARGET_TMPDIR"), target.name);
    std::fs::write(&file, bytes).unwrap();
    eprintln!(
        "again: WEIGHHOUSE_FUZZ_TARGET={} WEIGHHOUSE_FUZZ_INPUT={file}",
        target.name
    );
    resume_unwind(panic);
}

fn run(target: &Target) {
    if std::env::var("WEIGHHOUSE_FUZZ_TARGET").is_ok_and(|only| only != target.name) {
        return;
    }
    if let Some(file) = std::env::var_os("WEIGHHOUSE_FUZZ_INPUT") {
        return feed(target, &std::fs::read(file).unwrap());
    }
    let corpus: Vec<Vec<u8>> = corpus(target.name)
        .into_iter()
        .map(|(_, bytes)| bytes)
        .collect();
    for bytes in &corpus {
        feed(target, bytes);
    }
    let seed = variable("WEIGHHOUSE_FUZZ_SEED").unwrap_or(0x5eed);
    let cases = variable("WEIGHHOUSE_FUZZ_CASES").unwrap_or(target.cases);
    let mut dice = Dice::part(seed, selector(target.name).into());
    let began = Instant::now();
    for _ in 0..cases {
        feed(target, &mutate(&mut dice, &corpus));
    }
    eprintln!(
        "{}: seed {seed:#x}, {cases} cases in {:.1} s",
        target.name,
        began.elapsed().as_secs_f64()
    );
}

/// Goal: no bytes panic a target, and what each promises holds: first those that take no chain.
#[test]
fn host_1_decoders_take_any_bytes() {
    TARGETS
        .iter()
        .filter(|one| !["host", "rpc"].contains(&one.name))
        .for_each(run);
}

/// Goal: no host call with any pointers and lengths is a fault; an answer is the same each time.
#[test]
fn host_1_the_interface_takes_any_calls() {
    TARGETS
        .iter()
        .filter(|one| one.name == "host")
        .for_each(run);
}

/// Goal: no body of a request panics the server, shows a fault, or disturbs the next one.
#[test]
fn host_1_the_port_takes_any_body() {
    TARGETS.iter().filter(|one| one.name == "rpc").for_each(run);
}

/// Goal: each target has a corpus, they are small together, and libFuzzer has a binary for each.
#[test]
fn corpora_are_there_and_small() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let mut bytes = 0;
    for target in &TARGETS {
        if std::env::var_os("BLESS").is_some() {
            let folder = corpus_folder(target.name);
            std::fs::create_dir_all(&folder).unwrap();
            for (name, bytes) in seeds(target.name) {
                std::fs::write(folder.join(name), bytes).unwrap();
            }
        }
        let files = corpus(target.name);
        assert!(files.len() >= 3, "{}: {} files", target.name, files.len());
        bytes += files
            .iter()
            .map(|(_, bytes)| bytes.len() as u64)
            .sum::<u64>();
        assert!(
            manifest.contains(&format!("name = \"{}\"", target.name)),
            "{}",
            target.name
        );
    }
    assert!(bytes <= CORPORA_BYTES_MAX, "{bytes} bytes");
}

/// Goal: chance finds what is easy to find: what is one bit away from the corpus.
#[test]
fn chance_reaches_what_is_near() {
    let corpus = vec![b"A is fine".to_vec(), b"C is too".to_vec()];
    let mut dice = Dice::new(1);
    let found = (0..10_000).any(|_| mutate(&mut dice, &corpus).first() == Some(&b'B'));
    assert!(found);
}
