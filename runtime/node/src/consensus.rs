//! What this node knows of the consensus engine beside it: connected, reachable, behind, its peers.
//!
//! Written by the bridge (`abci/`), read by whoever asks the node how it is. Nothing of it enters a block.

pub mod order;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};
use tokio::sync::Notify;
use weighhouse_primitives::Height;

/// Why an engine that answers, and fetches no blocks, is not where the others are, or cannot know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// Others vote, and it talks to none of them.
    Alone,
    /// It waits for votes that do not come.
    Still,
    /// It was apart, and others are further by more than the block under way.
    Behind,
}

/// What the engine last said of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Engine {
    /// It answers requests.
    pub reachable: bool,
    /// It fetches blocks that the others have already.
    pub catching_up: bool,
    /// Its latest height.
    pub height: Height,
    /// The other nodes that it talks to.
    pub peers: Vec<String>,
    /// Why it is not where the others are, though it fetches no blocks.
    pub apart: Option<Apart>,
}

/// The state of the engine, shared by those who write and read it.
#[derive(Debug, Default)]
pub struct Link {
    connections: AtomicUsize,
    engine: RwLock<Engine>,
    restarted: AtomicBool,
    fresh: Notify,
}

/// Why a node takes no transactions while its engine cannot take them.
const NOT_CONNECTED: &str = "its consensus engine is not connected";
const NOT_REACHABLE: &str = "its consensus engine does not answer";
const BEHIND: &str = "it is behind the others and fetches their blocks";
const ALONE: &str = "it is cut off: its consensus engine has no connection to any other";
const STILL: &str = "no block is decided: its consensus engine waits for the votes of the others";

impl Link {
    /// The engine opened a connection.
    pub fn connected(&self) {
        self.connections.fetch_add(1, Ordering::SeqCst);
    }

    /// A connection of the engine ended.
    pub fn disconnected(&self) {
        let fewer = |open: usize| Some(open.saturating_sub(1));
        let _ = self
            .connections
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer);
    }

    /// The engine started again, and has forgotten what waited in it.
    pub fn restarted(&self) {
        self.restarted.store(true, Ordering::SeqCst);
        self.fresh.notify_one();
    }

    /// True once after each start of the engine.
    #[must_use]
    pub fn take_restarted(&self) -> bool {
        self.restarted.swap(false, Ordering::SeqCst)
    }

    /// A transaction waits to be handed on.
    pub fn waits(&self) {
        self.fresh.notify_one();
    }

    /// Resolves once something may wait to be handed on.
    pub async fn something_waits(&self) {
        self.fresh.notified().await;
    }

    /// Notes what the engine says of itself.
    pub fn set_engine(&self, engine: Engine) {
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = engine;
    }

    /// What the engine last said of itself.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// True while this node is not where the others are, or cannot know it.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.ready().is_err()
    }

    /// Whether the engine can take transactions.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn ready(&self) -> Result<(), &'static str> {
        let engine = self.engine();
        if self.connections.load(Ordering::SeqCst) == 0 {
            return Err(NOT_CONNECTED);
        }
        if !engine.reachable {
            return Err(NOT_REACHABLE);
        }
        if engine.catching_up {
            return Err(BEHIND);
        }
        match engine.apart {
            None => Ok(()),
            Some(Apart::Alone) => Err(ALONE),
            Some(Apart::Still) => Err(STILL),
            Some(Apart::Behind) => Err(BEHIND),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a node is ready exactly while its engine is connected, answers and is not behind.
    #[test]
    fn ready_only_with_an_engine_that_is_where_the_others_are() {
        let link = Link::default();
        let engine = Engine {
            reachable: true,
            ..Engine::default()
        };
        assert_eq!(link.ready(), Err(NOT_CONNECTED));
        link.connected();
        assert_eq!(link.ready(), Err(NOT_REACHABLE));
        link.set_engine(Engine {
            catching_up: true,
            ..engine.clone()
        });
        assert_eq!(link.ready(), Err(BEHIND));
        assert!(link.is_behind());
        for (apart, reason) in [
            (Apart::Alone, ALONE),
            (Apart::Still, STILL),
            (Apart::Behind, BEHIND),
        ] {
            link.set_engine(Engine {
                apart: Some(apart),
                ..engine.clone()
            });
            assert_eq!(link.ready(), Err(reason));
            assert!(link.is_behind());
        }
        link.set_engine(engine);
        assert_eq!(link.ready(), Ok(()));
        assert!(!link.is_behind());
        link.disconnected();
        link.disconnected();
        assert_eq!(link.ready(), Err(NOT_CONNECTED));
    }
}
