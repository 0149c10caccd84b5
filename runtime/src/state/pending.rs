//! The latest values of keys in layers that are not stored yet: one look-up, however many layers wait.
//!
//! A value enters with its layer and leaves when the layer is stored, unless a later layer has replaced
//! it. So a key that is not here has its latest value in the store. Nothing here is ever iterated.

use super::Value;
use super::change::Changes;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, PoisonError, RwLock};
use weighhouse_primitives::Height;

/// Parts with a lock each, so that the writer of the store does not hold up the executor.
const SHARDS: usize = 16;

#[expect(
    clippy::disallowed_types,
    reason = "never iterated, so its order cannot matter; ten times faster than an ordered map here"
)]
type Shard = std::collections::HashMap<
    Arc<[u8]>,
    (Height, Option<Value>),
    BuildHasherDefault<DefaultHasher>,
>;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Pending {
    shards: [RwLock<Shard>; SHARDS],
}

impl Pending {
    /// The latest value that waits, and the height of the block that set it.
    pub(super) fn get(&self, key: &[u8]) -> Option<(Height, Option<Value>)> {
        let shard = self.shards.get(place(key))?;
        let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
        shard.get(key).cloned()
    }

    /// Lets in the changes of a layer.
    pub(super) fn enter(&self, height: Height, changes: &Changes) {
        self.each_shard(changes, |shard, key, new| {
            shard.insert(Arc::clone(key), (height, new.clone()));
        });
    }

    /// Lets go of the changes of a layer that is stored.
    pub(super) fn leave(&self, height: Height, changes: &Changes) {
        self.each_shard(changes, |shard, key, _| {
            if shard.get(key).is_some_and(|(latest, _)| *latest == height) {
                shard.remove(key);
            }
        });
    }

    pub(super) fn clear(&self) {
        for shard in &self.shards {
            shard
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .clear();
        }
    }

    /// Runs `edit` for every change, taking each lock once.
    fn each_shard(&self, changes: &Changes, edit: impl Fn(&mut Shard, &Arc<[u8]>, &Option<Value>)) {
        let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, change) in changes.iter().enumerate() {
            parts.entry(place(&change.key)).or_default().push(at);
        }
        for (part, places) in parts {
            let Some(shard) = self.shards.get(part) else {
                continue;
            };
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            for change in places.iter().filter_map(|at| changes.as_slice().get(*at)) {
                edit(&mut shard, &change.key, &change.new);
            }
        }
    }
}

fn place(key: &[u8]) -> usize {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
    usize::try_from(hash >> 60).unwrap_or(0)
}
