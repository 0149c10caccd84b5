//! Instances between two frames, as good as fresh ones.

use super::instance::Instance;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use weighhouse_primitives::CodeHash;

/// Instances kept at most, of all codes together.
pub(super) const IDLE_MAX: u32 = 32;

/// The instances that wait, the one that has waited longest first.
#[derive(Debug, Default)]
pub(super) struct Idle {
    waiting: Mutex<VecDeque<Box<Instance>>>,
}

impl Idle {
    /// The instance of `code` that was used last.
    pub(super) fn take(&self, code: &CodeHash) -> Option<Box<Instance>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting.iter().rposition(|one| one.code() == code)?;
        waiting.remove(at)
    }

    /// Keeps a reset instance; of too many the one that has waited longest is dropped.
    pub(super) fn keep(&self, instance: Box<Instance>) {
        let dropped = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push_back(instance);
            let full = waiting.len() > IDLE_MAX as usize;
            full.then(|| waiting.pop_front())
        };
        // Outside the lock: dropping gives memory back to the system.
        drop(dropped);
    }
}
