//! Acts that need two persons: one proposes, another approves within seven days.
//!
//! A proposal says exactly what will be done; approving does it, with every check made again then. A
//! contract keeps its proposals in a map of its own, with an enum of the acts it knows.

use crate::deadline;
use crate::error::Refusal;
use crate::interface::Pid;
use crate::journal::Journal;
use weighhouse_sdk::event::Event;
use weighhouse_sdk::prelude::*;
use weighhouse_sdk::primitives::schema::describe::{Def, Describe as Described, FieldDef};

/// Seconds in which a proposal can be approved.
pub const APPROVAL_SECONDS: u64 = 7 * 24 * 60 * 60;

/// What one person proposed and another may approve.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Proposal<A> {
    /// What would be done.
    pub act: A,
    /// Who proposed it; approval must come from another.
    pub proposer: Address,
    /// The last second for an approval.
    pub until: Timestamp,
}

impl<A: Described> Described for Proposal<A> {
    const TYPE: &'static Def = &Def::Struct(
        "Proposal",
        &[
            FieldDef {
                name: "act",
                ty: A::TYPE,
            },
            FieldDef {
                name: "proposer",
                ty: Address::TYPE,
            },
            FieldDef {
                name: "until",
                ty: Timestamp::TYPE,
            },
        ],
    );
}

impl<A> Proposal<A> {
    /// The caller's proposal of `act`.
    #[must_use]
    pub fn new(ctx: &Context, act: A) -> Self {
        let until = ctx.now().saturating_add(APPROVAL_SECONDS);
        Self {
            act,
            proposer: ctx.caller(),
            until,
        }
    }

    /// Refuses the proposer's own approval.
    ///
    /// # Errors
    /// `DutyConflict`.
    pub fn by_another(&self, ctx: &Context) -> Result<(), Refusal> {
        ensure!(self.proposer != ctx.caller(), Refusal::DutyConflict);
        Ok(())
    }

    /// Refuses the approval by the person who proposed it, whatever the wallet: `pid_of` tells the person
    /// behind an address.
    ///
    /// # Errors
    /// `DutyConflict`, and what `pid_of` refuses.
    pub fn by_another_person<E: From<Refusal>>(
        &self,
        ctx: &Context,
        pid_of: impl Fn(&Address) -> Result<Option<Pid>, E>,
    ) -> Result<(), E> {
        self.by_another(ctx)?;
        let same = match pid_of(&self.proposer)? {
            Some(proposer) => pid_of(&ctx.caller())? == Some(proposer),
            None => false,
        };
        ensure!(!same, Refusal::DutyConflict);
        Ok(())
    }

    /// Refuses an approval that comes too late.
    ///
    /// # Errors
    /// `DeadlinePassed`.
    pub fn in_time(&self, ctx: &Context) -> Result<(), Refusal> {
        deadline::before_end(ctx.now(), self.until)
    }
}

/// Keeps the caller's proposal of `act` for a second person; its number. The log of privileged acts gets the
/// event that `event` makes of the number of the event and that of the proposal, and the document `doc`.
pub fn propose<A: Encode + Decode + Described + Clone, E: Event>(
    ctx: &Context,
    journal: &mut Journal,
    (count, kept): (&mut Cell<u64>, &mut Map<u64, Proposal<A>>),
    (act, doc): (A, Hash),
    event: impl FnOnce(u64, u64, Proposal<A>) -> E,
) -> u64 {
    let id = count.next();
    let proposal = Proposal::new(ctx, act);
    kept.set(&id, proposal.clone());
    journal.act(ctx, doc, |seq| event(seq, id, proposal));
    id
}
