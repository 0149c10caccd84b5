//! Where a chain keeps its log and its store, if not in a folder of this machine.
//!
//! In the story below COMMIT. A node uses a folder ([`crate::Settings::folder`]). Tools that must not
//! change what they look at open a log to read and a copy of a store; simulations put both on a disk that
//! loses, tears, refuses and flips as a seed says. What it does not do: compiled code, the state that a
//! chain was synced from and the quarantine of a node stay in the folder, and are absent without one.

use crate::error::Fault;
use crate::log::LogSettings;
use crate::log::files::Files;
use crate::state::store::Opened;
use std::fmt::Debug;
use std::sync::Arc;

/// Keeps a log and a store.
pub trait Storage: Send + Sync + Debug {
    /// Files of the block log, and the sizes that it is written with.
    ///
    /// # Errors
    /// `Fault` if they cannot be had.
    fn log(&self) -> Result<(Arc<dyn Files>, LogSettings), Fault>;

    /// Opens the store, or makes it.
    ///
    /// # Errors
    /// `Fault`; damage is an answer.
    fn store(&self) -> Result<Opened, Fault>;

    /// Removes a store that is not open.
    ///
    /// # Errors
    /// `Fault`.
    fn wipe(&self) -> Result<(), Fault>;
}
