//! `weighhouse node replay`: every block of a node's log executed by a fresh node, roots compared.
//!
//! The fresh node checks signatures, unless it is told to believe the log in that, executes, and writes a log and
//! a store of its own; each header must be the recorded one to the bit. Reading and proving, executing, and
//! storing are three threads. With a list of roots from elsewhere, another machine or another build, each named
//! height must have that root.
//!
//! # Format
//! A list of roots: lines `HEIGHT 0xROOT`; empty lines and what follows `#` are ignored.

mod ahead;

use crate::config::{DATA_FOLDER, Settings};
use crate::look::{self, Log};
use crate::output::Failure;
use crate::solo::StoreWriter;
use ahead::Ready;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Instant;
use weighhouse_primitives::{Header, Height, StateRoot};
use weighhouse_rpc::types::HashHex;
use weighhouse_runtime::{BASE, Chain, Fault, Genesis};

/// What to replay.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Up to this height; the whole log otherwise.
    pub to: Option<Height>,
    /// Roots that it must come to.
    pub expect: Option<Roots>,
    /// Believe that the signatures hold, as they did when the log was written.
    pub believe: bool,
    /// Folder for the fresh node, kept afterwards; a temporary one otherwise.
    pub into: Option<PathBuf>,
}

/// State roots by height.
pub type Roots = BTreeMap<Height, StateRoot>;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The latest header that was replayed.
    pub head: Header,
    /// The root after each block.
    pub roots: Roots,
    /// Transactions executed.
    pub transactions: u64,
    /// Heights compared with the expected roots.
    pub compared: u64,
    /// The first height whose root is not the expected one: expected, and what it is.
    pub differs: Option<(Height, StateRoot, Option<StateRoot>)>,
    /// Seconds it took.
    pub seconds: f64,
}

impl Report {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = vec![
            format!(
                "  replayed {} blocks, {} transactions by a fresh node: every header as recorded",
                self.roots.len(),
                self.transactions
            ),
            format!(
                "  root     {} at height {}",
                self.head.state_root, self.head.height
            ),
        ];
        if self.compared > 0 {
            lines.push(match &self.differs {
                None => format!("  expected {} roots, all the same", self.compared),
                Some((height, expected, found)) => {
                    let found = found.map_or_else(|| "no block".into(), |root| root.to_string());
                    format!("  DIFFERS  at height {height}: expected {expected}, found {found}")
                }
            });
        }
        lines.push(format!("  took     {:.1} s", self.seconds));
        lines.join("\n")
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let differs = self.differs.as_ref().map(|(height, expected, found)| {
            json!({
                "height": height.to_string(),
                "expected": expected.to_string(),
                "found": found.map(|root| root.to_string()),
            })
        });
        json!({
            "height": self.head.height.to_string(),
            "state_root": self.head.state_root.to_string(),
            "blocks": self.roots.len().to_string(),
            "transactions": self.transactions.to_string(),
            "compared": self.compared.to_string(),
            "differs": differs,
            "seconds": self.seconds,
        })
    }
}

/// Reads a list of roots.
///
/// # Errors
/// The first line that is none, with its number.
pub fn parse_roots(path: &Path) -> Result<Roots, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("cannot read {}: {error}", path.display()))
            .help("make one with `weighhouse node replay --out FILE` on the node to compare with")
    })?;
    let mut roots = Roots::new();
    for (number, line) in (1u32..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let parsed = line.split_once(' ').and_then(|(height, root)| {
            let height = height.parse().ok().map(Height)?;
            let root = HashHex::from_str(root.trim()).ok()?;
            Some((height, StateRoot::from(root)))
        });
        let Some((height, root)) = parsed else {
            return Err(Failure::usage(format!(
                "{}, line {number}: expected HEIGHT 0xROOT",
                path.display()
            ))
            .help("for example 12 0x1f3c..., 64 digits; `#` begins a comment"));
        };
        roots.insert(height, root);
    }
    Ok(roots)
}

/// Writes a list of roots.
#[must_use]
pub fn format_roots(chain: &str, roots: &Roots) -> String {
    let mut text = format!("# state roots of chain {chain}: height, root\n");
    for (height, root) in roots {
        text.push_str(&format!("{height} {root}\n"));
    }
    text
}

/// Replays the log of a stopped node.
///
/// # Errors
/// A fault (exit code 3): the log is damaged, or a block computes something else than it records.
pub fn replay(
    genesis: Genesis,
    settings: &Settings,
    data: &Path,
    asked: Asked,
) -> Result<Report, Failure> {
    let started = Instant::now();
    let log = Log::open(data, genesis.hash())?;
    let temporary = tempfile::tempdir().map_err(Fault::io("making a folder for a fresh node"))?;
    let fresh = match &asked.into {
        Some(folder) if folder.exists() => {
            return Err(
                Failure::usage(format!("{} exists already", folder.display()))
                    .help("name a folder that does not exist with --into DIR"),
            );
        }
        Some(folder) => folder.join(DATA_FOLDER),
        None => temporary.path().join(DATA_FOLDER),
    };
    if data.join(BASE).exists() {
        look::copy(&data.join(BASE), &fresh.join(BASE))?;
    }
    let mut settings = settings.chain(Some(fresh));
    settings.store_inline = false;
    let how = (asked.to, asked.believe);
    let mut report = look::executing(move || run(&log, genesis, settings, how))?;
    for (height, expected) in asked.expect.iter().flatten() {
        report.compared += 1;
        let found = report.roots.get(height).copied();
        if found != Some(*expected) && report.differs.is_none() {
            report.differs = Some((*height, *expected, found));
        }
    }
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

fn run(
    log: &Log,
    genesis: Genesis,
    settings: weighhouse_runtime::Settings,
    (to, believe): (Option<Height>, bool),
) -> Result<Report, Failure> {
    let mut chain = Chain::open(genesis, settings)?;
    let start = Header::clone(&chain.reader().head());
    let last = log.reader.last().unwrap_or(start.height);
    let end = to.unwrap_or(last);
    if end > last {
        return Err(
            Failure::usage(format!("--to {end}: the log ends at {last}"))
                .help("name a height that it has"),
        );
    }
    let reader = (!believe).then(|| chain.reader());
    let heights = start.height.next().0..end.next().0;
    let (sender, blocks) = sync_channel(ahead::BLOCKS);
    let mut report = Report {
        roots: Roots::from([(start.height, start.state_root)]),
        head: start,
        transactions: 0,
        compared: 0,
        differs: None,
        seconds: 0.0,
    };
    thread::scope(|scope| {
        scope.spawn(move || ahead::read(log, heights, reader.as_ref(), &sender));
        execute_all(&mut chain, blocks, &mut report)
    })?;
    Ok(report)
}

/// Executes the blocks as they come, and has them stored behind.
fn execute_all(
    chain: &mut Chain,
    blocks: Receiver<Result<Ready, Fault>>,
    report: &mut Report,
) -> Result<(), Fault> {
    let writer = StoreWriter::spawn(chain.storer())?;
    for block in blocks {
        let block = block?;
        let transactions = u64::from(block.header.tx_count);
        let header = execute(chain, block)?;
        writer.notify();
        writer.wait_for_room()?;
        report.transactions = report.transactions.saturating_add(transactions);
        report.roots.insert(header.height, header.state_root);
        report.head = header;
    }
    writer.finish()
}

/// Executes a block as a fresh node does; its header must be the recorded one.
fn execute(chain: &mut Chain, block: Ready) -> Result<Header, Fault> {
    let recorded = block.header;
    let height = recorded.height.0;
    let diverged = |what, computed: String, recorded: String| Fault::Diverged {
        height,
        what,
        computed,
        recorded,
    };
    chain
        .execute(recorded.time, block.transactions)?
        .map_err(|invalid| diverged("transaction", invalid.to_string(), "valid".into()))?;
    let computed = chain.executed().map(|(header, _)| header.clone());
    let computed = computed.ok_or(Fault::Engine {
        action: "replaying a block",
        reason: "none was executed".into(),
    })?;
    for (what, ours, theirs) in [
        (
            "receipts root",
            computed.receipts_root.to_string(),
            recorded.receipts_root.to_string(),
        ),
        (
            "state root",
            computed.state_root.to_string(),
            recorded.state_root.to_string(),
        ),
        (
            "header",
            computed.hash().to_string(),
            recorded.hash().to_string(),
        ),
    ] {
        if ours != theirs {
            return Err(diverged(what, ours, theirs));
        }
    }
    chain.commit()?;
    Ok(recorded)
}
