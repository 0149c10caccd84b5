//! Where a snapshot is known to hold nothing: what scans need not pass over again.
//!
//! Keys that recent blocks have removed stand in layers and in the store until the store has caught up.
//! A contract that removes many keys and then scans over them again and again would make the node pass
//! over all of them each time, for a price that knows nothing of layers: how many wait is this node's own
//! affair. A snapshot never changes, so a stretch without a key stays one, and is passed over once.
//!
//! It changes speed only, no result (CONF-1).

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, PoisonError};

/// Removed keys in a row from which on a stretch is worth remembering; few in tests of this crate, whose
/// random states are small.
pub(super) const HIDDEN_MIN: usize = if cfg!(test) { 2 } else { 32 };

/// Stretches without a key: from (inclusive) to (exclusive).
#[derive(Debug, Default)]
pub(super) struct Hidden(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl Hidden {
    /// Notes that no key is in [`from`, `to`).
    pub(super) fn note(&self, from: Vec<u8>, mut to: Vec<u8>) {
        if from >= to {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What begins inside becomes part of it, as far as it reaches.
        loop {
            let inside = known.range(from.clone()..to.clone()).next();
            let Some(inside) = inside.map(|(inside, _)| inside.clone()) else {
                break;
            };
            to = to.max(known.remove(&inside).unwrap_or_default());
        }
        known.insert(from, to);
    }

    /// Where the stretch that `from` lies in ends.
    pub(super) fn behind(&self, from: &[u8]) -> Option<Vec<u8>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, to) = known
            .range::<[u8], _>((Bound::Unbounded, Bound::Included(from)))
            .next_back()?;
        (from < to.as_slice()).then(|| to.clone())
    }

    /// How many stretches are known.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a stretch is known from its first key to before its end, and swallows those inside it.
    #[test]
    fn stretches_are_known_from_start_to_end() {
        let hidden = Hidden::default();
        assert_eq!(hidden.behind(b"a"), None);
        hidden.note(b"d".to_vec(), b"h".to_vec());
        hidden.note(b"b".to_vec(), b"h".to_vec());
        hidden.note(b"n".to_vec(), b"p".to_vec());
        hidden.note(b"m".to_vec(), b"o".to_vec());
        hidden.note(b"x".to_vec(), b"x".to_vec());
        assert_eq!(hidden.len(), 2);
        for (at, to) in [("a", None), ("b", Some("h")), ("g", Some("h")), ("h", None)] {
            assert_eq!(
                hidden.behind(at.as_bytes()),
                to.map(|to| to.as_bytes().to_vec()),
                "{at}"
            );
        }
        assert_eq!(hidden.behind(b"oo"), Some(b"p".to_vec()));
        assert_eq!(hidden.behind(b"z"), None);
    }
}
