//! What those who supervise may see: flows, measures, reports.
//!
//! Flows are read from the history of balances, so they are exact and cost the holders nothing: one entry
//! for each second in which a balance changed.

use crate::nominee::NamedUnits;
use crate::storage::{Measure, Token};
use crate::wallet::Checkpoint;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Refusal, page_items};

/// A wallet whose balance changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Flow {
    /// Which one.
    pub wallet: Address,
    /// In which second.
    pub at: Timestamp,
    /// Its balance before that second.
    pub before: Amount,
    /// Its balance at the end of that second.
    pub after: Amount,
}

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum ReportKind {
    /// Supply, holders, what is set aside.
    Issue,
    /// What was taken under orders.
    Measures,
}

/// A report on a period, both seconds included.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Report {
    /// What it is about.
    pub kind: ReportKind,
    /// Its first second.
    pub from: Timestamp,
    /// Its last second, which is over.
    pub to: Timestamp,
    /// Supply before the first second.
    pub opening: Amount,
    /// Supply at the end of the last second.
    pub closing: Amount,
    /// Those with units, now.
    pub holders: u64,
    /// Units set aside, now.
    pub held: Amount,
    /// Orders last served in the period.
    pub orders: u64,
    /// Units taken under them.
    pub taken: Amount,
}

impl Token {
    pub(crate) fn flows(
        &self,
        ctx: &Context,
        pid: Pid,
        (from, to): (Timestamp, Timestamp),
        after: Option<(Address, Timestamp)>,
        limit: u32,
    ) -> Result<Vec<Flow>, Refusal> {
        let items = page_items(limit)?;
        ensure!(from <= to, Refusal::argument("to"));
        self.roles.supervise(ctx)?;
        let mut flows = Vec::new();
        for wallet in self.wallets_of(pid) {
            let mut before = Amount::ZERO;
            for Checkpoint { at, units } in self.checkpoints(wallet) {
                let wanted = from <= at && at <= to && after.is_none_or(|key| key < (wallet, at));
                if wanted && before != units && flows.len() < items {
                    flows.push(Flow {
                        wallet,
                        at,
                        before,
                        after: units,
                    });
                }
                before = units;
            }
        }
        Ok(flows)
    }

    /// The whole history of a wallet, from old to young.
    fn checkpoints(&self, wallet: Address) -> Vec<Checkpoint> {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let page = self.wallet_history.page_of(&wallet, after.as_ref(), 32);
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            rows.extend(page.into_iter().map(|(_, row)| row));
        }
        rows.reverse();
        rows.push(self.wallets.get(&wallet).recent);
        let mut history: Vec<Checkpoint> = Vec::new();
        for checkpoint in rows.into_iter().flatten() {
            // A wallet that was emptied and filled again within a second has that second twice.
            match history.last_mut() {
                Some(last) if last.at == checkpoint.at => *last = checkpoint,
                _ => history.push(checkpoint),
            }
        }
        history
    }

    pub(crate) fn measures_page(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Measure)>, Refusal> {
        self.roles
            .survey(ctx, &self.measures, after.as_ref(), limit)
    }

    pub(crate) fn owners_of(
        &self,
        ctx: &Context,
        nominee: Address,
        as_of: Timestamp,
    ) -> Result<Option<Vec<NamedUnits>>, Refusal> {
        self.roles.supervise(ctx)?;
        Ok(self.owner_lists.find(&(nominee, as_of.0)))
    }

    pub(crate) fn report(
        &self,
        ctx: &Context,
        kind: ReportKind,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Report, Refusal> {
        ensure!(from <= to, Refusal::argument("period"));
        self.roles.supervise(ctx)?;
        let opening = match from.0.checked_sub(1) {
            Some(before) => self.supply_then(ctx, Timestamp(before))?,
            None => Amount::ZERO,
        };
        let closing = self.supply_then(ctx, to)?;
        let (orders, taken) = match kind {
            ReportKind::Issue => (0, Amount::ZERO),
            ReportKind::Measures => self.taken(from, to)?,
        };
        Ok(Report {
            kind,
            from,
            to,
            opening,
            closing,
            holders: self.holder_count.get(),
            held: self.held_total.get(),
            orders,
            taken,
        })
    }

    /// How many orders were last served in a period, and how much was taken under them.
    fn taken(&self, from: Timestamp, to: Timestamp) -> Result<(u64, Amount), Refusal> {
        let (mut orders, mut taken) = (0_u64, Amount::ZERO);
        let mut after = None;
        loop {
            let page = self.measures.page(after.as_ref(), 100);
            let Some((last, _)) = page.last() else {
                return Ok((orders, taken));
            };
            after = Some(*last);
            for (_, measure) in page {
                if from <= measure.at && measure.at <= to {
                    orders = orders.saturating_add(1);
                    let sum = taken.checked_add(measure.amount);
                    taken = sum.ok_or(Refusal::Overflow)?;
                }
            }
        }
    }
}
