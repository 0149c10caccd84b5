//! `weighhouse node repair --from-log`: a new store made from the block log beside the old one, then swapped.
//!
//! Nothing is changed before the log was read whole. Damage inside it is named with segment and byte, and
//! nothing is repaired: what an acknowledged block said cannot be made up. A torn tail, which was never
//! acknowledged, is removed and named. A log that ends below the store has lost acknowledged blocks: refused,
//! unless the operator accepts that.
//!
//! *Crash behaviour.* Until the new store is whole it has another name; between the two renames there is no
//! store, and a start makes one from the log.

use crate::config::Settings;
use crate::look::{self, LOG, Log, STATE, engine_folder, store_settings};
use crate::output::Failure;
use crate::verify::torn_json;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use weighhouse_primitives::{Header, Height};
use weighhouse_runtime::log::files::{Files, OsFiles};
use weighhouse_runtime::log::{LogSettings, TornTail};
use weighhouse_runtime::state::database::{Database, DatabaseSettings, OpenedDatabase};
use weighhouse_runtime::state::store::{self, Opened, StoreSettings};
use weighhouse_runtime::{Chain, Fault, Genesis, Storage, folder};

/// Folder of the store that is being made.
const NEW: &str = "state.new";
/// Folder of the store that was replaced.
const OLD: &str = "state.old";

/// What to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Blocks that the store has and the log has not are given up.
    pub accept_shorter_log: bool,
    /// Leave the replaced store in the folder.
    pub keep_old: bool,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Report {
    /// The latest header.
    pub head: Header,
    /// Height of the replaced store; `None` if there was none that could be opened.
    pub before: Option<Height>,
    /// What was wrong with the replaced store, if it could not be opened.
    pub damage: Option<String>,
    /// A torn tail that was removed from the log.
    pub torn: Option<TornTail>,
    /// Where the replaced store is, if it was kept.
    pub old: Option<PathBuf>,
    /// Seconds it took.
    pub seconds: f64,
}

impl Report {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let height = self.head.height;
        let mut lines = vec![
            format!("  log      {height} blocks, chained and whole"),
            "  replay   every receipts root and state root as recorded".to_owned(),
            format!(
                "  store    made anew; root {} at height {height}",
                self.head.state_root
            ),
        ];
        if let Some(torn) = &self.torn {
            lines.push(format!(
                "  tail     {} bytes of a record of height {} at byte {} of {} were never acknowledged: removed",
                torn.bytes, torn.height, torn.offset, torn.segment
            ));
        }
        match (&self.before, &self.damage) {
            (Some(before), _) => lines.push(format!("  before   a store at height {before}")),
            (None, Some(damage)) => lines.push(format!("  before   a damaged store: {damage}")),
            (None, None) => lines.push("  before   no store".to_owned()),
        }
        if let Some(old) = &self.old {
            lines.push(format!("  kept     {}", old.display()));
        }
        lines.push(format!("  took     {:.1} s", self.seconds));
        lines.join("\n")
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "height": self.head.height.to_string(),
            "state_root": self.head.state_root.to_string(),
            "height_before": self.before.map(|height| height.to_string()),
            "damage_before": self.damage,
            "torn_tail": self.torn.as_ref().map(torn_json),
            "kept": self.old.as_ref().map(|path| path.display().to_string()),
            "seconds": self.seconds,
        })
    }
}

/// Makes the store of a stopped node anew.
///
/// # Errors
/// A fault (exit code 3): damage in the log, blocks missing from it, or replay differs; then nothing is changed.
pub fn repair(
    genesis: Genesis,
    settings: &Settings,
    data: &Path,
    asked: Asked,
) -> Result<Report, Failure> {
    let started = Instant::now();
    let settings = settings.chain(Some(data.into()));
    let hash = genesis.hash();
    // Looked at first: damage inside the log ends it here.
    let log = Log::open(data, hash)?;
    let (last, torn) = (log.reader.last(), log.torn.clone());
    drop(log);
    let files: Arc<dyn Files> = Arc::new(OsFiles::open(&data.join(LOG))?);
    let engine = engine_folder(&settings);
    let (before, damage) = found(&data.join(STATE).join(&engine), &settings, hash)?;
    let end = last.unwrap_or_default();
    if let Some(before) = before.filter(|before| *before > end && !asked.accept_shorter_log) {
        return Err(Failure::fault(format!(
            "the store is at height {before}, the block log ends at {end}: acknowledged blocks are missing from \
             the log; nothing was changed"
        ))
        .data("height_before", before.to_string())
        .data("log_height", end.to_string())
        .help("restore the log from a backup: weighhouse node restore; or fetch it again from the others")
        .help("to give those blocks up: weighhouse node repair --from-log --accept-shorter-log"));
    }
    let made = data.join(NEW);
    folder::remove(&made)?;
    let place = Place {
        files,
        folder: made.join(&engine),
        settings: store_settings(&settings),
    };
    let mut own = settings;
    own.storage = Some(Arc::new(place));
    own.store_inline = true;
    let head = look::executing(move || {
        let chain = Chain::open(genesis, own)?;
        let head = Header::clone(&chain.reader().head());
        let root = chain.reader().recompute_root()?;
        if root != head.state_root {
            return Err(Fault::Damaged {
                place: "the store that was just made".into(),
                reason: format!(
                    "its root is {root}, that of the block is {}",
                    head.state_root
                ),
            }
            .into());
        }
        chain.storer().flush()?;
        Ok(head)
    })?;
    let old = swap(data, asked.keep_old)?;
    Ok(Report {
        head,
        before,
        damage,
        torn,
        old,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// Height of the store that is there, or what is wrong with it.
fn found(
    dir: &Path,
    settings: &weighhouse_runtime::Settings,
    chain: weighhouse_primitives::hash::GenesisHash,
) -> Result<(Option<Height>, Option<String>), Failure> {
    if !dir.exists() {
        return Ok((None, None));
    }
    let store = match store::open(dir, store_settings(settings))? {
        Opened::Ready(store) => store,
        Opened::Damaged(reason) => return Ok((None, Some(reason))),
    };
    let wanted = DatabaseSettings {
        chain,
        store: store_settings(settings),
        cache_bytes: settings.read_cache_bytes,
        batch_rows: 1,
        behind: Default::default(),
    };
    Ok(match Database::over(store, &wanted)? {
        OpenedDatabase::Ready(database) => (database.tip().map(|tip| tip.height), None),
        OpenedDatabase::Rebuild(reason) => (None, Some(reason)),
    })
}

/// The new store takes the place of the old one; gives where the old one is, if it was kept.
fn swap(data: &Path, keep_old: bool) -> Result<Option<PathBuf>, Fault> {
    let (state, new) = (data.join(STATE), data.join(NEW));
    let mut old = data.join(OLD);
    for number in 2.. {
        if !old.exists() {
            break;
        }
        old = data.join(format!("{OLD}.{number}"));
    }
    let rename = |from: &Path, to: &Path| {
        std::fs::rename(from, to).map_err(Fault::io(format!("renaming {}", from.display())))
    };
    let there = state.exists();
    folder::sync(&new)?;
    if there {
        rename(&state, &old)?;
    }
    rename(&new, &state)?;
    folder::sync(data)?;
    if there && !keep_old {
        folder::remove(&old)?;
    }
    Ok(Some(old).filter(|_| there && keep_old))
}

/// The log of the folder, and the store that is being made.
#[derive(Debug)]
struct Place {
    files: Arc<dyn Files>,
    folder: PathBuf,
    settings: StoreSettings,
}

impl Storage for Place {
    fn log(&self) -> Result<(Arc<dyn Files>, LogSettings), Fault> {
        Ok((Arc::clone(&self.files), LogSettings::default()))
    }

    fn store(&self) -> Result<Opened, Fault> {
        store::open(&self.folder, self.settings)
    }

    fn wipe(&self) -> Result<(), Fault> {
        folder::remove(&self.folder)
    }
}
