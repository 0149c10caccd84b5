//! The store writer: a thread that brings committed blocks into the store, oldest first.
//!
//! Execution does not wait for it (decision 2), until it falls too far behind: then memory would grow
//! and a restart would have to replay more than anybody wants to wait for.

use super::thread::panic_text;
use crate::output::chain_of;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use weighhouse_runtime::{Fault, Storer};

/// Blocks that may be durable in the log but not yet in the store, and their rows: about 50 MB.
const LAG_MAX: (usize, usize) = (64, 100_000);

#[derive(Debug, Default)]
struct State {
    /// A block was committed since the writer last looked.
    fresh: bool,
    finishing: bool,
    /// Why the writer ended early.
    failure: Option<String>,
}

#[derive(Debug)]
struct Shared {
    storer: Storer,
    state: Mutex<State>,
    wake: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Handle of the writer thread.
#[derive(Debug)]
pub(crate) struct StoreWriter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl StoreWriter {
    /// Starts the thread.
    pub(crate) fn spawn(storer: Storer) -> Result<Self, Fault> {
        let shared = Arc::new(Shared {
            storer,
            state: Mutex::new(State {
                fresh: true,
                ..State::default()
            }),
            wake: Condvar::new(),
        });
        let inner = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                let ended = catch_unwind(AssertUnwindSafe(|| run(&inner)));
                let failure = match ended {
                    Ok(Ok(())) => None,
                    Ok(Err(fault)) => Some(chain_of(&fault)),
                    Err(panic) => Some(format!("a bug in the store: {}", panic_text(&*panic))),
                };
                inner.lock().failure = failure;
                inner.wake.notify_all();
            })
            .map_err(Fault::io("starting the store writer thread"))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// A block was committed.
    pub(crate) fn notify(&self) {
        self.shared.lock().fresh = true;
        self.shared.wake.notify_all();
    }

    /// Waits while the store is too far behind.
    pub(crate) fn wait_for_room(&self) -> Result<(), Fault> {
        let mut state = self.shared.lock();
        loop {
            check(&state)?;
            let (blocks, rows) = self.shared.storer.pending();
            if blocks <= LAG_MAX.0 && rows <= LAG_MAX.1 {
                return Ok(());
            }
            let waited = self.shared.wake.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until everything is stored, and ends the thread.
    pub(crate) fn finish(mut self) -> Result<(), Fault> {
        self.shared.lock().finishing = true;
        self.shared.wake.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        check(&self.shared.lock())
    }
}

fn check(state: &State) -> Result<(), Fault> {
    match &state.failure {
        None => Ok(()),
        Some(reason) => Err(Fault::Store {
            engine: "state",
            action: "writing a committed block",
            reason: reason.clone(),
        }),
    }
}

fn run(shared: &Shared) -> Result<(), Fault> {
    loop {
        {
            let mut state = shared.lock();
            while !state.fresh && !state.finishing {
                let waited = shared.wake.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
            }
            state.fresh = false;
        }
        while shared.storer.store_next()? {
            // Taking the lock orders this with the check in `wait_for_room`.
            drop(shared.lock());
            shared.wake.notify_all();
        }
        let state = shared.lock();
        if state.finishing && !state.fresh {
            return Ok(());
        }
    }
}
