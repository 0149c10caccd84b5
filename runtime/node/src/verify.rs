//! `weighhouse node verify`: is this folder what its block log says?
//!
//! On a stopped node, changing nothing: the log's records are whole and chained; executing every block from
//! genesis (or from the state that the node started from) computes the recorded roots; the flat state of a copy
//! of the store hashes to the root of the latest header, recomputed from all leaves. Deep: every row of the
//! copy, state, pages of the tree, look-ups, is that which replay makes; the filter of replay guards denies
//! none of them.

use crate::config::Settings;
use crate::look::{self, Log, STATE, engine_folder};
use crate::output::Failure;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;
use weighhouse_primitives::{Header, Height, StateRoot};
use weighhouse_runtime::log::TornTail;
use weighhouse_runtime::state::audit::Audit;
use weighhouse_runtime::{Chain, Fault, Genesis, limits};

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Compare every row.
    pub deep: bool,
    /// Where the store is copied to; the system's folder for such things otherwise.
    pub scratch: Option<PathBuf>,
}

/// What the store is.
#[derive(Clone, Debug)]
pub enum Store {
    /// There is none: a start makes it.
    Absent,
    /// It cannot be opened, and why: a start makes it anew.
    Damaged(String),
    /// It was read.
    Read {
        /// Its height when it was found, before what it lacks was executed.
        height: Height,
        /// Root recomputed from its flat state, at the latest height.
        root: StateRoot,
        /// Every row compared, and replay guards that the filter denies; if that was asked for.
        deep: Option<(Audit, u64)>,
    },
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The latest header, as replay computes it.
    pub head: Header,
    /// Root recomputed from the flat state that replay made.
    pub replayed_root: StateRoot,
    /// The store.
    pub store: Store,
    /// An unfinished record at the end of the log, never acknowledged: the next start removes it.
    pub torn: Option<TornTail>,
    /// Seconds it took.
    pub seconds: f64,
}

impl Report {
    /// True if everything agrees.
    #[must_use]
    pub fn holds(&self) -> bool {
        let root = self.head.state_root;
        self.replayed_root == root
            && match &self.store {
                Store::Absent => true,
                Store::Damaged(_) => false,
                Store::Read {
                    root: found, deep, ..
                } => {
                    let same = |(audit, denied): &(Audit, u64)| audit.differ == 0 && *denied == 0;
                    *found == root && deep.as_ref().is_none_or(same)
                }
            }
    }

    fn mark(&self, root: StateRoot) -> String {
        match root == self.head.state_root {
            true => "ok".to_owned(),
            false => format!("DIFFERS: {root}"),
        }
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let height = self.head.height;
        let mut lines = vec![
            format!("  log      {height} blocks, chained and whole"),
            "  replay   every receipts root and state root as recorded".to_owned(),
            format!("  root     {} at height {height}", self.head.state_root),
            format!(
                "  replayed state hashes to it   {}",
                self.mark(self.replayed_root)
            ),
        ];
        if let Some(torn) = &self.torn {
            lines.push(format!(
                "  tail     {} bytes of a record of height {} at byte {} of {}: never acknowledged, the next \
                 start removes them",
                torn.bytes, torn.height, torn.offset, torn.segment
            ));
        }
        match &self.store {
            Store::Absent => lines.push("  store    none; the next start makes it".to_owned()),
            Store::Damaged(reason) => lines.push(format!("  store    DAMAGED: {reason}")),
            Store::Read { root, deep, height } => {
                lines.push(format!("  store    was at height {height}"));
                lines.push(format!(
                    "  stored state hashes to it     {}",
                    self.mark(*root)
                ));
                if let Some((audit, denied)) = deep {
                    lines.extend(deep_lines(audit, *denied));
                }
            }
        }
        lines.push(format!("  took     {:.1} s", self.seconds));
        lines.join("\n")
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (state, stored_root, deep) = match &self.store {
            Store::Absent => ("absent", None, None),
            Store::Damaged(_) => ("damaged", None, None),
            Store::Read { root, deep, .. } => ("read", Some(root.to_string()), deep.as_ref()),
        };
        let reason = match &self.store {
            Store::Damaged(reason) => Some(reason.as_str()),
            _ => None,
        };
        let stored_height = match &self.store {
            Store::Read { height, .. } => Some(height.to_string()),
            _ => None,
        };
        json!({
            "holds": self.holds(),
            "height": self.head.height.to_string(),
            "state_root": self.head.state_root.to_string(),
            "replayed_root": self.replayed_root.to_string(),
            "store": state,
            "store_damage": reason,
            "stored_height": stored_height,
            "stored_root": stored_root,
            "torn_tail": self.torn.as_ref().map(torn_json),
            "deep": deep.map(|(audit, denied)| deep_json(audit, *denied)),
            "seconds": self.seconds,
        })
    }
}

/// A torn tail for programs.
pub(crate) fn torn_json(torn: &TornTail) -> Value {
    json!({
        "segment": torn.segment,
        "offset": torn.offset.to_string(),
        "bytes": torn.bytes.to_string(),
        "height": torn.height.to_string(),
    })
}

fn deep_lines(audit: &Audit, denied: u64) -> Vec<String> {
    let [state, pages, look_ups] = audit.rows;
    let found = match audit.differ {
        0 => "ok".to_owned(),
        differ => format!("{differ} DIFFER"),
    };
    let mut lines = vec![format!(
        "  rows     {state} of state, {pages} pages, {look_ups} look-ups   {found}"
    )];
    lines.extend(audit.named.iter().map(|row| {
        let key = hex::encode(&row.key);
        format!("           {} 0x{key}: {}", row.kind, row.how)
    }));
    lines.push(match denied {
        0 => "  guards   the filter knows every one".to_owned(),
        denied => format!("  guards   the filter DENIES {denied}"),
    });
    lines
}

fn deep_json(audit: &Audit, denied: u64) -> Value {
    let [state, pages, look_ups] = audit.rows;
    let named = audit.named.iter().map(|row| {
        json!({ "kind": row.kind, "key": format!("0x{}", hex::encode(&row.key)), "how": row.how })
    });
    json!({
        "state": state.to_string(),
        "pages": pages.to_string(),
        "look_ups": look_ups.to_string(),
        "differ": audit.differ.to_string(),
        "first": named.collect::<Vec<_>>(),
        "guards_denied": denied.to_string(),
    })
}

/// Verifies the data folder of a stopped node; changes nothing in it.
///
/// # Errors
/// A fault names what is damaged or differs (exit code 3), also if the node is running.
pub fn verify(
    genesis: Genesis,
    settings: &Settings,
    data: &Path,
    asked: &Asked,
) -> Result<Report, Failure> {
    let started = Instant::now();
    let settings = settings.chain(Some(data.into()));
    let log = Log::open(data, genesis.hash())?;
    let folder = data.join(STATE).join(engine_folder(&settings));
    let scratch = match &asked.scratch {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let scratch = scratch.map_err(|error| {
        Failure::usage(format!("no folder for a copy of the store: {error}"))
            .help("name one that exists and can be written with --scratch DIR")
    })?;
    let copied = folder.exists();
    let copy = scratch.path().join("store");
    if copied {
        look::copy(&folder, &copy)?;
    }
    let (deep, torn) = (asked.deep, log.torn.clone());
    let (head, replayed_root, store) = look::executing(move || {
        let replayed = log.replayed(genesis.clone(), &settings)?;
        let head = Header::clone(&replayed.reader().head());
        let replayed_root = replayed.reader().recompute_root()?;
        let store = match copied {
            false => Store::Absent,
            true => match log.over(genesis, &settings, &copy)? {
                Err(reason) => Store::Damaged(reason),
                Ok(stored) => read(&stored, &replayed, deep),
            },
        };
        Ok((head, replayed_root, store))
    })?;
    Ok(Report {
        head,
        replayed_root,
        store,
        torn,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// Reads all of a store; what cannot be read is damage.
fn read(stored: &Chain, replayed: &Chain, deep: bool) -> Store {
    let Some(height) = stored.found_at() else {
        return Store::Damaged("its engine finds nothing in its files".into());
    };
    let looked = || -> Result<Store, Fault> {
        Ok(Store::Read {
            height,
            root: stored.reader().recompute_root()?,
            deep: deep.then(|| stored.audit(replayed)).transpose()?,
        })
    };
    looked().unwrap_or_else(|fault| Store::Damaged(crate::output::chain_of(&fault)))
}

/// Runs `work` on a thread with the executor's stack: whatever executes contracts needs one
/// (decision 7).
///
/// # Errors
/// If the operating system gives no thread, or `work` panics.
pub fn on_executor_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    std::thread::Builder::new()
        .name("executor".into())
        .stack_size(limits::EXECUTOR_STACK_BYTES)
        .spawn(work)
        .map_err(Fault::io("starting an executor thread"))?
        .join()
        .map_err(|_| Fault::Engine {
            action: "executing blocks",
            reason: "the executor thread panicked; see the line above".into(),
        })
}
