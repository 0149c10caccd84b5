//! `weighhouse state`: storage entries, the state root, and proofs that need no trust.

use super::place::Place;
use super::remote::Remote;
use super::state_proof::{self, ProofFile};
use super::{Context, report};
use crate::arguments::{self, Meaning};
use crate::output::Failure;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use weighhouse_primitives::schema::{CellKind, CellSchema};
use weighhouse_rpc::api::state::{StateEntries, StateEntry, StateRaw, StateRootAt};
use weighhouse_rpc::types::{At, HashHex, Hex, Json};

/// Verbs of `weighhouse state`.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Args {
    /// One storage entry of a contract, or a raw state key
    Get(EntryArgs),
    /// The entries of a map, in the order of their keys
    List {
        /// The contract: address or name
        #[arg(value_name = "WHERE")]
        place: String,
        /// The storage cell
        cell: String,
        /// At this height [default: the latest]
        #[arg(long, value_name = "HEIGHT")]
        at: Option<At>,
        /// How many, up to 100
        #[arg(long)]
        limit: Option<u32>,
        /// Where the page starts: the cursor that the page before ended with
        #[arg(long)]
        cursor: Option<String>,
    },
    /// The state root
    Root {
        /// At this height [default: the latest]
        #[arg(long, value_name = "HEIGHT")]
        at: Option<At>,
    },
    /// A proof of an entry, or of its absence, as a file that verify-proof checks
    Proof {
        /// Which entry
        #[command(flatten)]
        entry: EntryArgs,
        /// Write the proof here instead of printing it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Check a proof file; needs no node
    VerifyProof {
        /// The file
        file: PathBuf,
        /// State root that you trust [default: the one in the file, which proves nothing by itself]
        #[arg(long, value_name = "0x...")]
        root: Option<HashHex>,
        /// Block hash that you trust: the header in the file must have it
        #[arg(long, value_name = "0x...")]
        block: Option<HashHex>,
    },
}

/// Which entry.
#[derive(Clone, Debug, clap::Args)]
pub struct EntryArgs {
    /// The contract (address or name), or a raw state key in 0x hex with --raw
    #[arg(value_name = "WHERE")]
    place: String,
    /// The storage cell
    #[arg(required_unless_present = "raw", conflicts_with = "raw")]
    cell: Option<String>,
    /// Key of a map
    #[arg(conflicts_with = "raw")]
    key: Option<String>,
    /// WHERE is a raw state key
    #[arg(long)]
    raw: bool,
    /// At this height [default: the latest]
    #[arg(long, value_name = "HEIGHT")]
    at: Option<At>,
}

impl Args {
    /// Runs the verb.
    ///
    /// # Errors
    /// The node's answer, or a proof that does not hold.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Get(entry) => entry.get(context),
            Self::List {
                place,
                cell,
                at,
                limit,
                cursor,
            } => list(context, &place, cell, at, (limit, cursor)),
            Self::Root { at } => {
                let remote = Remote::connect(context)?;
                let root = remote.run(remote.client.state_root(&StateRootAt { at }))?;
                context.output.answer(root.root.to_string(), &root);
                Ok(())
            }
            Self::Proof { entry, out } => entry.prove(context, out.as_deref()),
            Self::VerifyProof { file, root, block } => {
                state_proof::verify(context, &file, root, block)
            }
        }
    }
}

impl EntryArgs {
    fn get(self, context: &Context) -> Result<(), Failure> {
        let remote = Remote::connect(context)?;
        if self.raw {
            let params = self.raw_key(false)?;
            let answer = remote.run(remote.client.state_raw(&params))?;
            let text = answer
                .value
                .as_ref()
                .map(Hex::to_string)
                .unwrap_or_default();
            context.output.answer(text, &answer);
            return Ok(());
        }
        let answer = remote.run(remote.client.state_entry(&self.entry(&remote, false)?))?;
        let text = match (&answer.value, &answer.raw) {
            (Some(value), _) => report::plain(&value.0),
            (None, Some(raw)) => raw.to_string(),
            (None, None) => String::new(),
        };
        if answer.raw.is_none() {
            context.output.note("nothing is stored there");
        }
        context.output.answer(text, &answer);
        Ok(())
    }

    fn prove(self, context: &Context, out: Option<&Path>) -> Result<(), Failure> {
        let remote = Remote::connect(context)?;
        let (key, value, proof) = if self.raw {
            let params = self.raw_key(true)?;
            let answer = remote.run(remote.client.state_raw(&params))?;
            (params.key, answer.value, answer.proof)
        } else {
            let answer = remote.run(remote.client.state_entry(&self.entry(&remote, true)?))?;
            (answer.key, answer.raw, answer.proof)
        };
        let proof = proof.ok_or_else(|| {
            Failure::failed("the node gave no proof")
                .help("ask at the latest height: leave --at out")
        })?;
        let file = ProofFile { key, value, proof };
        let text = serde_json::to_string_pretty(&file).unwrap_or_default();
        let Some(path) = out else {
            context.output.answer(text, &file);
            return Ok(());
        };
        std::fs::write(path, text).map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", path.display()))
                .help("name a file that can be written")
        })?;
        context
            .output
            .answer("", &json!({ "file": path.display().to_string() }));
        context.output.note(format!(
            "next  weighhouse state verify-proof {}",
            path.display()
        ));
        Ok(())
    }

    fn raw_key(&self, proof: bool) -> Result<StateRaw, Failure> {
        let key = self.place.parse::<Hex>().map_err(|_| {
            Failure::usage(format!("{} is not a raw state key", self.place)).help("write 0x hex")
        })?;
        Ok(StateRaw {
            key,
            at: self.at,
            proof: proof.then_some(true),
        })
    }

    fn entry(&self, remote: &Remote, proof: bool) -> Result<StateEntry, Failure> {
        let place = Place::find(remote, &self.place)?;
        let name = self.cell.clone().unwrap_or_default();
        let cell = place.interface.cells.iter().find(|cell| cell.name == name);
        let key = match (cell, &self.key) {
            (Some(cell), key) => key_of(remote, cell, key.as_deref())?,
            (None, _) => {
                let names: Vec<&str> = place
                    .interface
                    .cells
                    .iter()
                    .map(|cell| cell.name.as_str())
                    .collect();
                let near = crate::nearest::suggestion(&name, names.iter().copied());
                let help = near.unwrap_or_else(|| format!("it has {}", names.join(", ")));
                let what = format!("{} has no cell {name}", place.name);
                return Err(Failure::answered(1302, "unknown_name", what).help(help));
            }
        };
        Ok(StateEntry {
            address: remote.text(&place.address),
            cell: name,
            key,
            at: self.at,
            proof: proof.then_some(true),
        })
    }
}

fn key_of(remote: &Remote, cell: &CellSchema, key: Option<&str>) -> Result<Option<Json>, Failure> {
    match (cell.kind, key) {
        (CellKind::Map, Some(word)) => {
            let names = &remote.names;
            let address = |text: &str| names.resolve(text).map(|found| names.prefix.format(&found));
            let meaning = Meaning {
                address: &address,
                unit: None,
            };
            let value = arguments::read(word, &cell.key, "the key", &meaning)?;
            Ok(Some(value.into()))
        }
        (CellKind::Map, None) => Err(Failure::usage(format!(
            "{} is a map and needs a key",
            cell.name
        ))
        .help("weighhouse state list WHERE CELL  shows its entries")),
        (CellKind::Cell | CellKind::Const, None) => Ok(None),
        (CellKind::Cell | CellKind::Const, Some(_)) => Err(Failure::usage(format!(
            "{} is no map and has no keys",
            cell.name
        ))
        .help("leave the key out")),
    }
}

fn list(
    context: &Context,
    place: &str,
    cell: String,
    at: Option<At>,
    (limit, cursor): (Option<u32>, Option<String>),
) -> Result<(), Failure> {
    let remote = Remote::connect(context)?;
    let address = remote.names.address(place)?;
    let params = StateEntries {
        address: remote.text(&address),
        cell,
        prefix: None,
        at,
        limit,
        cursor,
    };
    let page = remote.run(remote.client.state_entries(&params))?;
    let side = |value: &Option<Json>, raw: &Hex| match value {
        Some(value) => match &value.0 {
            Value::String(text) if remote.names.prefix.parse(text).is_ok() => {
                report::name(&remote, text)
            }
            value => report::compact(value),
        },
        None => raw.to_string(),
    };
    let lines: Vec<String> = page
        .items
        .iter()
        .map(|item| {
            format!(
                "{:<24} {}",
                side(&item.key, &item.raw_key),
                side(&item.value, &item.raw)
            )
        })
        .collect();
    context.output.answer(lines.join("\n"), &page);
    super::more(
        context,
        page.items.len(),
        "entries",
        page.next_cursor.as_deref(),
    );
    Ok(())
}
