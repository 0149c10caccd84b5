//! `weighhouse node export`: the state of a stopped node at a height, one JSON line for each entry.
//!
//! # Format
//! The first line says which state it is:
//! `{"kind":"state","chain":...,"genesis_hash":...,"height":...,"state_root":...}`. Every other line is
//! an entry, in the order of state keys (`docs/state.md`): `kind`, `key` and `value` as they are, and
//! what they mean as far as the contract's schema says: `contract`, `cell`, `cell_key`, `cell_value`.
//! The last line is `{"kind":"end","entries":...}`, so that half a file is not taken for a whole one.
//!
//! It changes nothing but what opening a node changes: the store catches up with the log.

use crate::output::Failure;
use crate::verify::on_executor_thread;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use weighhouse_primitives::schema::CellKind;
use weighhouse_primitives::{Address, Height};
use weighhouse_rpc::address::Prefix;
use weighhouse_rpc::codec::Codec;
use weighhouse_rpc::error::ErrorBody;
use weighhouse_runtime::reader::{CodeInfo, ReadError};
use weighhouse_runtime::state::key;
use weighhouse_runtime::{Chain, Genesis, Reader, Settings};

/// Entries read at once.
const PAGE: usize = 1_000;

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Height of the state.
    pub height: Height,
    /// Lines that are entries.
    pub entries: u64,
}

/// Gives every line to `sink`, which says whether to go on.
///
/// # Errors
/// A fault of the folder, or a height whose state is not kept.
pub fn export(
    genesis: Genesis,
    settings: Settings,
    at: Option<Height>,
    sink: impl FnMut(&str) -> bool + Send + 'static,
) -> Result<Exported, Failure> {
    on_executor_thread(move || {
        let chain = Chain::open(genesis, settings)?;
        Export::new(chain.reader())?.run(at, sink)
    })?
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        ErrorBody::from(error).into()
    }
}

struct Export {
    reader: Reader,
    codec: Codec,
    contracts: BTreeMap<Address, Option<Arc<CodeInfo>>>,
}

impl Export {
    fn new(reader: Reader) -> Result<Self, Failure> {
        let prefix = Prefix::new(&reader.genesis().prefix);
        let prefix = prefix.ok_or_else(|| {
            Failure::usage("genesis.toml names no usable prefix of addresses")
                .help("restore the chain's own genesis.toml")
        })?;
        Ok(Self {
            reader,
            codec: Codec::new(prefix),
            contracts: BTreeMap::new(),
        })
    }

    fn run(
        mut self,
        at: Option<Height>,
        mut sink: impl FnMut(&str) -> bool,
    ) -> Result<Exported, Failure> {
        let head = self.reader.head().height;
        let height = at.unwrap_or(head);
        let header = match height == head {
            true => Some(weighhouse_primitives::Header::clone(&self.reader.head())),
            false => self.reader.header(height)?,
        };
        // Asked first: a height that is not kept is refused before anything is written.
        let (_, mut page) = self.reader.state_page(b"", b"", PAGE, Some(height))?;
        let genesis = self.reader.genesis();
        let first = json!({
            "kind": "state", "chain": genesis.name, "genesis_hash": genesis.hash().to_string(),
            "height": height.to_string(),
            "state_root": header.map(|header| header.state_root.to_string()),
        });
        let mut entries = 0u64;
        let mut goes_on = sink(&first.to_string());
        while goes_on {
            for (state_key, value) in &page {
                entries = entries.saturating_add(1);
                goes_on = goes_on && sink(&self.line(state_key, value, height).to_string());
            }
            let Some((last, _)) = page.last().filter(|_| page.len() == PAGE) else {
                let end = json!({ "kind": "end", "entries": entries.to_string() });
                sink(&end.to_string());
                break;
            };
            let last = last.to_vec();
            page = self.reader.state_page(b"", &last, PAGE, Some(height))?.1;
        }
        Ok(Exported { height, entries })
    }

    fn line(&mut self, state_key: &[u8], value: &[u8], height: Height) -> Value {
        let mut line = Map::new();
        line.insert("kind".into(), kind(state_key).into());
        line.insert("key".into(), hex(state_key));
        line.insert("value".into(), hex(value));
        if let Some((contract, storage_key)) = key::split_storage(state_key) {
            let text = self.codec.prefix().format(&contract);
            line.insert("contract".into(), text.into());
            self.meaning(&mut line, contract, (storage_key, value), height);
        }
        Value::Object(line)
    }

    /// What a storage entry means, as far as the contract's schema says.
    fn meaning(
        &mut self,
        line: &mut Map<String, Value>,
        contract: Address,
        (storage_key, value): (&[u8], &[u8]),
        height: Height,
    ) {
        let info = self.info(contract, height);
        let Some((prefix, cell_key)) = storage_key.split_first_chunk::<4>() else {
            return;
        };
        let mut cells = info.iter().flat_map(|info| &info.cells);
        let Some(cell) = cells.find(|cell| cell.prefix == *prefix) else {
            return;
        };
        line.insert("cell".into(), cell.name.clone().into());
        if cell.kind == CellKind::Map
            && let Some(cell_key) = self.codec.decode_key(&cell.key, cell_key)
        {
            line.insert("cell_key".into(), cell_key);
        }
        if let Ok(value) = self.codec.decode(&cell.value, value, "value") {
            line.insert("cell_value".into(), value);
        }
    }

    fn info(&mut self, contract: Address, height: Height) -> Option<Arc<CodeInfo>> {
        if let Some(info) = self.contracts.get(&contract) {
            return info.clone();
        }
        let record = self.reader.contract(&contract, Some(height)).ok();
        let info = record.and_then(|(_, record)| self.reader.code_info(&record.code).ok());
        self.contracts.insert(contract, info.clone());
        info
    }
}

fn kind(state_key: &[u8]) -> &'static str {
    match state_key.first() {
        Some(b'a') => "account",
        Some(b'c') => "contract",
        Some(b'h') => "code",
        Some(b'k') => "code_chunk",
        Some(b'p') => "policy",
        Some(b'r') => "replay_guard",
        Some(b's') => "storage",
        _ => "other",
    }
}

fn hex(bytes: &[u8]) -> Value {
    format!("0x{}", hex::encode(bytes)).into()
}
