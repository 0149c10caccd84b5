//! A store in memory: for tests, and for nodes that replay at every start.

use super::{Batch, Scan, Store, StoreStats, check_batch};
use crate::error::Fault;
use crate::state::{Page, Value};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock};

/// Rows in a map under one lock.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: RwLock<BTreeMap<Vec<u8>, Value>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Store for MemoryStore {
    fn engine(&self) -> &'static str {
        "memory"
    }

    fn get(&self, key: &[u8]) -> Result<Option<Value>, Fault> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        Ok(rows.get(key).cloned())
    }

    fn scan(&self, scan: Scan<'_>) -> Result<Page, Fault> {
        if scan.is_empty() {
            return Ok(Page::new());
        }
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let end = scan.to.map_or(Bound::Unbounded, Bound::Excluded);
        let range = rows.range::<[u8], _>((Bound::Included(scan.from), end));
        let pair = |(key, value): (&Vec<u8>, &Value)| (key.clone(), value.clone());
        Ok(if scan.reverse {
            range.rev().take(scan.limit).map(pair).collect()
        } else {
            range.take(scan.limit).map(pair).collect()
        })
    }

    fn apply(&self, batch: &Batch) -> Result<(), Fault> {
        check_batch(self.engine(), batch)?;
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in batch {
            match value {
                Some(value) => rows.insert(key.clone(), value.clone()),
                None => rows.remove(key),
            };
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn stats(&self) -> Result<StoreStats, Fault> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let bytes = rows
            .iter()
            .map(|(key, value)| key.len().saturating_add(value.len()))
            .fold(0, usize::saturating_add);
        Ok(StoreStats {
            engine: self.engine(),
            bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
        })
    }
}
