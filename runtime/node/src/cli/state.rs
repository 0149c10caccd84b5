//! `weighhouse state`: storage entries, the state root, and proofs that need no trust.

use super::place::Place;
use super::remote::Remote;
use super::{Context, report};
use crate::arguments::{self, Meaning};
use crate::output::Failure;
use parity_scale_codec::Encode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use weighhouse_primitives::codec::decode_canonical;
use weighhouse_primitives::proof::StateProof;
use weighhouse_primitives::schema::{CellKind, CellSchema};
use weighhouse_primitives::{Header, StateRoot};
use weighhouse_rpc::api::state::{StateEntries, StateEntry, StateRaw, StateRootAt};
use weighhouse_rpc::types::{At, HashHex, Hex, Json, ProofView, U64};

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
        /// Where the page starts: next_cursor of the page before
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

/// An entry with its proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofFile {
    key: Hex,
    value: Option<Hex>,
    proof: ProofView,
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
            Self::VerifyProof { file, root, block } => verify(context, &file, root, block),
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

/// What is wrong with a proof file, or the root and height that it holds under.
fn check(
    file: &ProofFile,
    root: Option<HashHex>,
    block: Option<HashHex>,
) -> Result<(HashHex, u64), String> {
    let header: Header = decode_canonical(&file.proof.header.0)
        .map_err(|_| "the block header does not decode".to_owned())?;
    let proof: StateProof = decode_canonical(&file.proof.proof.0)
        .map_err(|_| "the proof does not decode".to_owned())?;
    if HashHex::from(header.state_root) != file.proof.state_root {
        return Err("the state root is not that of the block header".into());
    }
    if U64::from(header.height) != file.proof.height {
        return Err("the height is not that of the block header".into());
    }
    if block.is_some_and(|block| block != HashHex::from(header.hash())) {
        return Err(format!("the block header has the hash {}", header.hash()));
    }
    let root = root.unwrap_or(file.proof.state_root);
    let value = file.value.as_ref().map(|value| value.0.as_slice());
    if proof.verify(&StateRoot::from(root), &file.key.0, value) {
        Ok((root, header.height.0))
    } else {
        Err(format!("the proof does not lead to the state root {root}"))
    }
}

fn verify(
    context: &Context,
    path: &Path,
    root: Option<HashHex>,
    block: Option<HashHex>,
) -> Result<(), Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("cannot read {}: {error}", path.display())).help("name a proof file")
    })?;
    let file: ProofFile = serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("{} is not a proof file: {error}", path.display()))
            .help("weighhouse state proof WHERE CELL --out FILE  makes one")
    })?;
    let (held, height) = check(&file, root, block).map_err(|why| {
        Failure::failed(format!("the proof does not hold: {why}"))
            .data("valid", false)
            .help("do not rely on the value; ask another node")
    })?;
    let what = if file.value.is_some() {
        "holds this value"
    } else {
        "holds nothing there"
    };
    if root.is_none() && block.is_none() {
        context
            .output
            .warn("compared with the root in the file; give --root or --block that you trust");
    }
    let document = json!({
        "valid": true, "height": height.to_string(), "state_root": held,
        "key": file.key, "value": file.value, "proof_bytes": file.proof.proof.0.encoded_size(),
    });
    let text = format!("the state at height {height} {what}, under the root {held}");
    context.output.answer(text, &document);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use weighhouse_primitives::proof::{PathEnd, key_hash, leaf_hash, value_hash};

    fn file() -> ProofFile {
        let (key, value) = (b"k".to_vec(), b"v".to_vec());
        let end = PathEnd::Leaf {
            key: key_hash(&key),
            value: value_hash(&value),
        };
        let root = leaf_hash(&key_hash(&key), &value_hash(&value));
        let header = Header {
            chain: Default::default(),
            protocol: 1,
            height: weighhouse_primitives::Height(7),
            previous: Default::default(),
            time: Default::default(),
            tx_count: 0,
            tx_root: Default::default(),
            receipts_root: Default::default(),
            writes: Default::default(),
            state_root: StateRoot(root),
            gas_used: Default::default(),
        };
        let proof = StateProof {
            siblings: Vec::new(),
            end,
        };
        ProofFile {
            key: Hex(key),
            value: Some(Hex(value)),
            proof: ProofView {
                height: U64(7),
                state_root: HashHex(root),
                header: Hex(header.encode()),
                proof: Hex(proof.encode()),
            },
        }
    }

    /// Goal: a good file holds; a changed value, key, root, height or block does not.
    #[test]
    fn only_the_whole_truth_holds() {
        let good = file();
        let header: Header = decode_canonical(&good.proof.header.0).unwrap();
        let block = HashHex::from(header.hash());
        assert_eq!(
            check(&good, None, Some(block)).map(|(_, height)| height),
            Ok(7)
        );
        let changes: [fn(&mut ProofFile); 5] = [
            |f| f.value = Some(Hex(b"w".to_vec())),
            |f| f.value = None,
            |f| f.key = Hex(b"x".to_vec()),
            |f| f.proof.height = U64(8),
            |f| f.proof.state_root = HashHex::default(),
        ];
        for change in changes {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(check(&bad, None, None).is_err());
        }
        assert!(check(&good, Some(HashHex::default()), None).is_err());
        assert!(check(&good, None, Some(HashHex::default())).is_err());
    }
}
