//! What a chain that was opened says of the store that it found: for tools over a stopped node's folder.

use crate::chain::Chain;
use crate::error::Fault;
use crate::state::audit::{self, Audit};
use weighhouse_primitives::Height;

impl Chain {
    /// Height of the store when this chain was opened, before it caught up with the log; `None` if it was empty.
    #[must_use]
    pub const fn found_at(&self) -> Option<Height> {
        self.found
    }

    /// Compares the stored rows of this chain with those of `made`, the same chain made from the log, row by
    /// row. Also says how many replay guards the state names that the filter in memory denies: none, or a
    /// transaction could be executed twice (TX-1).
    ///
    /// # Errors
    /// Fault.
    pub fn audit(&self, made: &Self) -> Result<(Audit, u64), Fault> {
        let audit = audit::compare(&self.shared.database, &made.shared.database)?;
        Ok((audit, self.denied_guards()?))
    }
}
