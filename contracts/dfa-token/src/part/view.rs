//! Queries of holders, markets and those who supervise.

use crate::nominee::NamedUnits;
use crate::storage::{
    Allowance, Capabilities, Limits, Lot, Measure, Meta, Privileged, RatioRun, RecordDate, Sums,
    Token,
};
use crate::supervision::{Flow, Report, ReportKind};
use crate::view::{Holding, InFlight, Owner, Position, Statement};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{HoldView, Pid};
use weighhouse_standard::{Proposal, Refusal};

#[contract(part = Views)]
impl Token {
    /// What the token is.
    #[query]
    pub fn meta(&self) -> Meta {
        self.meta.get()
    }

    /// What can be done with it.
    #[query]
    pub fn capabilities(&self) -> Capabilities {
        self.nature.get().capabilities
    }

    /// Cap, threshold of one MINTER, delay of a new administrator.
    #[query]
    pub fn limits(&self) -> Limits {
        self.limits.get()
    }

    /// Units that exist.
    #[query]
    pub fn supply(&self) -> Amount {
        self.supply.get()
    }

    /// Supply at the end of a second that is over.
    #[query]
    pub fn supply_at(&self, ctx: &Context, at: Timestamp) -> Result<Amount, Refusal> {
        self.supply_then(ctx, at)
    }

    /// An act that waits for a second person.
    #[query]
    pub fn proposal(&self, id: u64) -> Option<Proposal<Privileged>> {
        self.proposals.find(&id)
    }

    /// All units of a wallet, held and locked ones included.
    #[query]
    pub fn balance_of(&self, holder: Address) -> Amount {
        self.wallets.get(&holder).units
    }

    /// Balance at the end of a second that is over.
    #[query]
    pub fn balance_of_at(
        &self,
        ctx: &Context,
        holder: Address,
        at: Timestamp,
    ) -> Result<Amount, Refusal> {
        self.balance_then(ctx, holder, at)
    }

    /// Units of a wallet that holds have set aside.
    #[query]
    pub fn held_of(&self, holder: Address) -> Amount {
        self.wallets.get(&holder).held
    }

    /// Units of a wallet that are locked until later.
    #[query]
    pub fn locked_of(&self, ctx: &Context, holder: Address) -> Amount {
        self.wallets.get(&holder).locked(ctx.now())
    }

    /// Units of a wallet that it may transfer or set aside.
    #[query]
    pub fn available_of(&self, ctx: &Context, holder: Address) -> Amount {
        self.available(ctx, &holder)
    }

    /// Lots of a wallet, those that have become free and were not dropped yet included.
    #[query]
    pub fn lots(&self, holder: Address) -> Vec<Lot> {
        self.wallets.get(&holder).lots
    }

    /// The register of participants, if the token has one.
    #[query]
    pub fn participants(&self) -> Option<Address> {
        self.nature.get().participants
    }

    /// Units of a party over all of its wallets.
    #[query]
    pub fn sum_of(&self, pid: Pid) -> Sums {
        self.sums.get(&pid)
    }

    /// Units of a party that orders freeze now.
    #[query]
    pub fn frozen_of(&self, ctx: &Context, pid: Pid) -> Amount {
        self.frozen(ctx, pid)
    }

    /// The wallet that took the place of one that was given up.
    #[query]
    pub fn successor_of(&self, lost: Address) -> Option<Address> {
        self.successors.find(&lost)
    }

    /// The split under way.
    #[query]
    pub fn ratio(&self) -> Option<RatioRun> {
        self.ratio_run.find()
    }

    /// The last record dates.
    #[query]
    pub fn record_dates(&self) -> Vec<RecordDate> {
        self.record_dates.get()
    }

    /// What a spender may take from an owner now.
    #[query]
    pub fn allowance(&self, ctx: &Context, owner: Address, spender: Address) -> Option<Allowance> {
        self.live_allowance(ctx, owner, spender)
    }

    /// Number of the owner's next permit.
    #[query]
    pub fn nonce_of(&self, owner: Address) -> u64 {
        self.nonces.get(&owner)
    }

    /// Those who have units: parties where there is a register, else wallets.
    #[query]
    pub fn holder_count(&self) -> u64 {
        self.holder_count.get()
    }

    /// A page of wallets that have units, after `after`, with their balances.
    #[query]
    pub fn holders(&self, after: Option<Address>, limit: u32) -> Result<Vec<Holding>, Refusal> {
        self.holder_page(after, limit)
    }

    /// A hold, as it stands now.
    #[query]
    pub fn hold(&self, ctx: &Context, id: u64) -> Option<HoldView> {
        self.hold_view(ctx, id)
    }

    /// Extract of the register at the end of a second that is over: of one wallet, or of a party.
    #[query]
    pub fn statement(
        &self,
        ctx: &Context,
        holder: Owner,
        at: Timestamp,
    ) -> Result<Statement, Refusal> {
        self.extract(ctx, holder, at)
    }

    /// A page of positions; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_positions(
        &self,
        ctx: &Context,
        after: Option<Address>,
        limit: u32,
    ) -> Result<Vec<Position>, Refusal> {
        self.positions(ctx, after, limit)
    }

    /// A page of holds with units in them, after hold `after`; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_inflight(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<InFlight>, Refusal> {
        self.in_flight(ctx, after, limit)
    }

    /// A page of what came in and went out of a party's wallets in a period; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_flows(
        &self,
        ctx: &Context,
        pid: Pid,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Address, Timestamp)>,
        limit: u32,
    ) -> Result<Vec<Flow>, Refusal> {
        self.flows(ctx, pid, (from, to), after, limit)
    }

    /// A page of orders under which units were taken, after order `after`; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_orders(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Measure)>, Refusal> {
        self.measures_page(ctx, after, limit)
    }

    /// A report on a period that is over; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_report(
        &self,
        ctx: &Context,
        kind: ReportKind,
        period: (Timestamp, Timestamp),
    ) -> Result<Report, Refusal> {
        self.report(ctx, kind, period)
    }

    /// The owners that a nominee named; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_owners(
        &self,
        ctx: &Context,
        nominee: Address,
        as_of: Timestamp,
    ) -> Result<Option<Vec<NamedUnits>>, Refusal> {
        self.owners_of(ctx, nominee, as_of)
    }
}
