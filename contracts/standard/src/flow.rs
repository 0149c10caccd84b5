//! What supervisors ask every contract for: movements of a participant, totals of a period.
//!
//! A contract books each movement once per participant it touches; the pages and the totals follow from
//! that. Totals are kept per kind of event and local month.

use crate::calendar::{UTC_OFFSET, date, local_day};
use crate::error::Refusal;
use crate::interface::Pid;
use crate::page_items;
use crate::role::Roles;
use weighhouse_sdk::prelude::*;

/// A movement, seen from one participant.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Flow {
    /// Kind of the event that reported it, as the schema lists it.
    pub kind: u32,
    /// The other participant, if there is one.
    pub with: Option<Pid>,
    /// True if the participant gave.
    pub out: bool,
    /// How much.
    pub amount: Amount,
    /// What it refers to: a trade, a case, a document.
    pub reference: Hash,
}

/// A movement with its time and the number of its event.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct FlowAt {
    /// When.
    pub at: Timestamp,
    /// Number of the event.
    pub seq: u64,
    /// The movement.
    pub flow: Flow,
}

/// Where a page of movements goes on: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct FlowCursor {
    /// When the last one seen was.
    pub at: Timestamp,
    /// Number of its event.
    pub seq: u64,
}

/// How many movements of a kind a month had, and how much they moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// How much in all.
    pub total: Amount,
}

/// Movements by participant and time, totals by kind and month.
#[storage]
pub struct Flows {
    /// By participant, time and number of the event.
    flows: Map<(Pid, Timestamp, u64), Flow>,
    /// By kind of event and month, as `202601`.
    tallies: Map<(u32, u32), Tally>,
}

impl Flows {
    /// Books a movement of `amount` from one to another, reported by event `seq` of `kind`.
    ///
    /// # Errors
    /// `Overflow` of the month's total.
    pub fn book(
        &mut self,
        ctx: &Context,
        (seq, kind): (u64, u32),
        (from, to): (Option<Pid>, Option<Pid>),
        amount: Amount,
        reference: Hash,
    ) -> Result<(), Refusal> {
        let at = ctx.now();
        for (pid, with, out) in [(from, to, true), (to, from, false)] {
            if let Some(pid) = pid {
                let flow = Flow {
                    kind,
                    with,
                    out,
                    amount,
                    reference,
                };
                self.flows.set(&(pid, at, seq), flow);
            }
        }
        let period = date(local_day(at, UTC_OFFSET)).period();
        let Tally { count, total } = self.tallies.get(&(kind, period));
        let tally = Tally {
            count: count.saturating_add(1),
            total: total.checked_add(amount).ok_or(Refusal::Overflow)?,
        };
        self.tallies.set(&(kind, period), tally);
        Ok(())
    }

    /// A page of movements of a participant from `from` to `to`, both included; for supervisors.
    ///
    /// # Errors
    /// `LimitExceeded`, `Unauthorized`.
    pub fn page(
        &self,
        ctx: &Context,
        roles: &Roles,
        pid: Pid,
        (from, to): (Timestamp, Timestamp),
        (after, limit): (Option<FlowCursor>, u32),
    ) -> Result<Vec<FlowAt>, Refusal> {
        let items = page_items(limit)?;
        roles.supervise(ctx)?;
        let before = from
            .0
            .checked_sub(1)
            .map(|time| (pid, Timestamp(time), u64::MAX));
        let after = after
            .map(|FlowCursor { at, seq }| (pid, at, seq))
            .max(before);
        let page = self.flows.page_of(&pid, after.as_ref(), items);
        let inside = page.into_iter().take_while(|((_, at, _), _)| *at <= to);
        Ok(inside
            .map(|((_, at, seq), flow)| FlowAt { at, seq, flow })
            .collect())
    }

    /// Totals of a kind of event in a month; for supervisors.
    ///
    /// # Errors
    /// `Unauthorized`.
    pub fn report(
        &self,
        ctx: &Context,
        roles: &Roles,
        kind: u32,
        period: u32,
    ) -> Result<Tally, Refusal> {
        roles.supervise(ctx)?;
        Ok(self.tallies.get(&(kind, period)))
    }
}
