//! `weighhouse node verify`: is this folder what its block log says?
//!
//! Three checks on a stopped node: the log's records are chained and whole (opening it), executing
//! every block from genesis (or from the state that the node started from) computes the recorded roots (replay into memory), and the store's flat
//! state hashes to the root of the latest header (recomputed from nothing). It changes nothing but
//! what opening a node changes: the store catches up with the log.

use crate::config::Settings;
use crate::output::Failure;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;
use weighhouse_primitives::{Header, StateRoot};
use weighhouse_runtime::{Chain, Fault, Genesis, StoreKind, limits};

/// What was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The latest header, as replay computes it.
    pub head: Header,
    /// Root recomputed from the flat state that replay made.
    pub replayed_root: StateRoot,
    /// Root recomputed from the flat state of the store.
    pub stored_root: StateRoot,
    /// Seconds it took.
    pub seconds: f64,
}

impl Report {
    /// True if everything agrees.
    #[must_use]
    pub fn holds(&self) -> bool {
        let root = self.head.state_root;
        self.replayed_root == root && self.stored_root == root
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mark = |root: StateRoot| match root == self.head.state_root {
            true => "ok".to_owned(),
            false => format!("DIFFERS: {root}"),
        };
        format!(
            "  log      {} blocks, chained and whole\n  replay   every receipts root and state root as recorded\n  \
             root     {} at height {}\n  replayed state hashes to it   {}\n  stored state hashes to it     {}\n  \
             took     {:.1} s",
            self.head.height,
            self.head.state_root,
            self.head.height,
            mark(self.replayed_root),
            mark(self.stored_root),
            self.seconds,
        )
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "holds": self.holds(),
            "height": self.head.height.to_string(),
            "state_root": self.head.state_root.to_string(),
            "replayed_root": self.replayed_root.to_string(),
            "stored_root": self.stored_root.to_string(),
            "seconds": self.seconds,
        })
    }
}

/// Verifies the data folder of a stopped node.
///
/// # Errors
/// A fault names what is damaged or differs (exit code 3), also if the node is running.
pub fn verify(genesis: Genesis, settings: &Settings, data: &Path) -> Result<Report, Failure> {
    let started = Instant::now();
    let stored = settings.chain(Some(data.into()));
    let mut replayed = stored.clone();
    replayed.store = StoreKind::Memory;
    replayed.store_inline = true;
    let (head, replayed_root) = root_of(genesis.clone(), replayed)?;
    let (_, stored_root) = root_of(genesis, stored)?;
    Ok(Report {
        head,
        replayed_root,
        stored_root,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// The height, the header's root and the recomputed root of a folder, replayed from genesis if
/// `settings` keep derived state in memory.
fn root_of(
    genesis: Genesis,
    settings: weighhouse_runtime::Settings,
) -> Result<(Header, StateRoot), Fault> {
    on_executor_thread(move || {
        let chain = Chain::open(genesis, settings)?;
        let reader = chain.reader();
        let root = reader.recompute_root()?;
        Ok((Header::clone(&reader.head()), root))
    })?
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
