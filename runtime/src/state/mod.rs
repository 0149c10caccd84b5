//! The state and its layers.
//!
//! ```text
//! transaction overlay -> block overlay -> committed layers not yet stored -> cache -> store
//! ```

pub mod audit;
pub mod behind;
pub mod change;
pub mod database;
pub(crate) mod guard;
pub(crate) mod held;
mod hidden;
pub mod key;
mod merge;
pub mod overlay;
mod pending;
pub mod prune;
pub mod record;
pub mod root;
pub mod row;
pub mod snapshot;
pub mod store;
pub mod transfer;

use crate::error::Fault;
use std::sync::Arc;

/// A stored value: shared, immutable.
pub type Value = Arc<[u8]>;

/// Reads one state key.
pub(crate) type Read<'a> = &'a mut dyn FnMut(&[u8]) -> Result<Option<Value>, Fault>;

/// Keys and values of one page of a scan, ascending by key.
pub type Page = Vec<(Vec<u8>, Value)>;

/// Reads state by key, as at one height.
pub trait StateRead: Send + Sync {
    /// The value at `key`, if any.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    fn get(&self, key: &[u8]) -> Result<Option<Value>, Fault>;

    /// At most `limit` pairs whose keys start with `prefix` and are greater than `after`, ascending.
    /// `after` is a whole key, or empty for the start.
    ///
    /// # Errors
    /// `Fault` if the store fails.
    fn page(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Page, Fault>;
}
