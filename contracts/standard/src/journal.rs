//! The rising number of a contract's events, and a bounded log of privileged acts.
//!
//! Events are the history: from them everything can be rebuilt outside. The log answers, inside the
//! chain, what those with power did last; it keeps [`ACTS_KEPT`] acts and forgets older ones.

use crate::error::Refusal;
use crate::page_items;
use weighhouse_sdk::event::Event;
use weighhouse_sdk::prelude::*;

/// Acts that the log keeps.
pub const ACTS_KEPT: u64 = 256;

/// One privileged act.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Act {
    /// Number of its event.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Address,
    /// Kind of its event, as the schema lists it.
    pub kind: u32,
    /// Hash of the document it rests on; zero where none is asked for.
    pub doc: Hash,
}

/// Numbers events and keeps the log of privileged acts.
#[storage]
#[monotone(seq)]
pub struct Journal {
    /// Number of the last event.
    seq: Cell<u64>,
    /// How many privileged acts there were.
    act_count: Cell<u64>,
    /// The last of them: act `n` at `n` modulo [`ACTS_KEPT`].
    acts: Map<u64, Act>,
}

impl Journal {
    /// The number for the next event: the first is 1.
    #[must_use]
    pub fn next_seq(&mut self) -> u64 {
        self.seq.next()
    }

    /// The number of the last event.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.seq.get()
    }

    /// Emits the event of a privileged act and enters the act into the log.
    pub fn act<E: Event>(&mut self, ctx: &Context, doc: Hash, event: impl FnOnce(u64) -> E) {
        let seq = self.next_seq();
        let number = self.act_count.next();
        let act = Act {
            seq,
            at: ctx.now(),
            by: ctx.caller(),
            kind: E::KIND,
            doc,
        };
        self.acts.set(&slot(number), act);
        ctx.emit(event(seq));
    }

    /// At most `n` kept acts with event numbers from `from_seq` on, ascending.
    ///
    /// # Errors
    /// `LimitExceeded` for more than a page.
    pub fn audit(&self, from_seq: u64, n: u32) -> Result<Vec<Act>, Refusal> {
        let limit = page_items(n)?;
        let count = self.act_count.get();
        let first = count.saturating_sub(ACTS_KEPT).saturating_add(1);
        let kept = (first..=count).filter_map(|number| self.acts.find(&slot(number)));
        Ok(kept.filter(|act| act.seq >= from_seq).take(limit).collect())
    }
}

const fn slot(number: u64) -> u64 {
    number % ACTS_KEPT
}
