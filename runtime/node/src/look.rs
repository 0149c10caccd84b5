//! The data folder of a stopped node as tools look at it: its log, read only, and a copy of its store.
//!
//! Store engines write as they open, so what is looked at is a copy, in a folder that is removed afterwards.
//! A store that cannot be opened is named, never made anew.

use crate::output::{Failure, chain_of};
use crate::verify::on_executor_thread;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use weighhouse_primitives::hash::GenesisHash;
use weighhouse_runtime::log::files::{Files, OsFiles};
use weighhouse_runtime::log::{BlockLog, LogReader, LogSettings, Looking, TornTail};
use weighhouse_runtime::state::store::memory::MemoryStore;
use weighhouse_runtime::state::store::{self, Engine, Opened, StoreSettings};
use weighhouse_runtime::{AHEAD_OF_LOG, Chain, Fault, Genesis, Settings, Storage, StoreKind};

/// Folder of the block log in a data folder.
pub(crate) const LOG: &str = "log";
/// Folder of the store in a data folder.
pub(crate) const STATE: &str = "state";

/// The log of a stopped node, locked against processes and read only.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    files: Arc<dyn Files>,
    /// Every record was read and checked.
    pub(crate) reader: LogReader,
    /// What a start would remove: never acknowledged.
    pub(crate) torn: Option<TornTail>,
}

impl Log {
    /// Reads and checks the log of a data folder; changes nothing.
    ///
    /// # Errors
    /// Damage with its place, a folder in use, or of another chain.
    pub(crate) fn open(data: &Path, chain: GenesisHash) -> Result<Self, Fault> {
        let files: Arc<dyn Files> = Arc::new(OsFiles::open_to_read(&data.join(LOG))?);
        let (reader, torn) = BlockLog::inspect(Arc::clone(&files), chain)?;
        Ok(Self {
            files,
            reader,
            torn,
        })
    }

    /// Opens the chain of this log with a store in memory: executes every block.
    ///
    /// # Errors
    /// Fault.
    pub(crate) fn replayed(&self, genesis: Genesis, settings: &Settings) -> Result<Chain, Fault> {
        let place = Place {
            log: self.clone(),
            store: None,
            damage: Arc::default(),
        };
        Chain::open(genesis, self.settings(settings, place))
    }

    /// Opens the chain of this log, which replays, over a store that it may change.
    ///
    /// # Errors
    /// Fault: the store is ahead of the log, which has lost acknowledged blocks. The inner error says what is
    /// wrong with the store.
    pub(crate) fn over(
        &self,
        genesis: Genesis,
        settings: &Settings,
        folder: &Path,
    ) -> Result<Result<Chain, String>, Fault> {
        let damage: Arc<Mutex<Option<String>>> = Arc::default();
        let place = Place {
            log: self.clone(),
            store: Some((folder.to_owned(), store_settings(settings))),
            damage: Arc::clone(&damage),
        };
        match Chain::open(genesis, self.settings(settings, place)) {
            Ok(chain) => Ok(Ok(chain)),
            Err(fault) if is_log_short(&fault) => Err(fault),
            Err(fault) => {
                let noted = damage.lock().unwrap_or_else(PoisonError::into_inner).take();
                Ok(Err(noted.unwrap_or_else(|| chain_of(&fault))))
            }
        }
    }

    fn settings(&self, settings: &Settings, place: Place) -> Settings {
        Settings {
            storage: Some(Arc::new(place)),
            store_inline: true,
            ..settings.clone()
        }
    }
}

/// True if a store was found ahead of its log.
fn is_log_short(fault: &Fault) -> bool {
    matches!(fault, Fault::Damaged { place, .. } if place == AHEAD_OF_LOG)
}

/// What the settings say of a store.
pub(crate) fn store_settings(settings: &Settings) -> StoreSettings {
    StoreSettings {
        engine: match settings.store {
            StoreKind::Sled => Engine::Sled,
            StoreKind::Redb => Engine::Redb,
            StoreKind::Memory => Engine::Memory,
        },
        cache_bytes: settings.store_cache_bytes,
    }
}

/// Name of an engine's folder in that of the store.
pub(crate) fn engine_folder(settings: &Settings) -> String {
    format!("{:?}", store_settings(settings).engine).to_lowercase()
}

/// A log to look at, and a store that is one's own.
#[derive(Debug)]
struct Place {
    log: Log,
    /// `None`: in memory.
    store: Option<(PathBuf, StoreSettings)>,
    damage: Arc<Mutex<Option<String>>>,
}

impl Storage for Place {
    fn log(&self) -> Result<(Arc<dyn Files>, LogSettings), Fault> {
        let looking = Looking::at(Arc::clone(&self.log.files));
        Ok((Arc::new(looking), LogSettings::default()))
    }

    fn store(&self) -> Result<Opened, Fault> {
        let Some((folder, settings)) = &self.store else {
            return Ok(Opened::Ready(Box::new(MemoryStore::new())));
        };
        let opened = store::open(folder, *settings)?;
        if let Opened::Damaged(reason) = &opened {
            self.note(reason);
        }
        Ok(opened)
    }

    fn wipe(&self) -> Result<(), Fault> {
        // Only what must be made anew is wiped: rows that have no sense, if the engine said nothing.
        self.note("its rows are not those of a store of this version");
        Err(Fault::Damaged {
            place: "the state store".into(),
            reason: "it must be made anew from the log".into(),
        })
    }
}

impl Place {
    fn note(&self, reason: &str) {
        let mut damage = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
        damage.get_or_insert_with(|| reason.to_owned());
    }
}

/// Copies all files of a folder and of those below it.
///
/// # Errors
/// What could not be copied.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<u64, Failure> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| {
            Failure::failed(format!("cannot copy {path}: {error}"))
                .help("make room, or name another disk with --scratch DIR")
        }
    };
    std::fs::create_dir_all(to).map_err(failed(to))?;
    let mut bytes = 0_u64;
    for entry in std::fs::read_dir(from).map_err(failed(from))? {
        let path = entry.map_err(failed(from))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        bytes += match path.is_dir() {
            true => copy(&path, &target)?,
            false => std::fs::copy(&path, &target).map_err(failed(&path))?,
        };
    }
    Ok(bytes)
}

/// Runs work on a thread that can execute contracts.
///
/// # Errors
/// The work's, or that of a thread that cannot be had.
pub(crate) fn executing<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    on_executor_thread(work)?
}
