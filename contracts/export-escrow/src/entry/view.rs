//! Queries of parties and of those who supervise.

use crate::law::Obstacle;
use crate::regulator::{InFlight, Licences, Position};
use crate::storage::{Amendment, Escrow, Privileged, Settings, Use};
use crate::view::{CreditView, PresentationView};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::calendar::Calendar;
use weighhouse_standard::flow::{FlowAt, FlowCursor, Tally};
use weighhouse_standard::interface::Pid;
use weighhouse_standard::{Proposal, Refusal};

#[contract(part = Views)]
impl Escrow {
    /// What the escrow relies on.
    #[query]
    pub fn settings(&self) -> Settings {
        self.settings.get()
    }

    /// A credit, as it stands now.
    #[query]
    pub fn credit(&self, lc: u64) -> Option<CreditView> {
        self.credit_view(lc)
    }

    /// How many credits there are; the last one has this number.
    #[query]
    pub fn credit_count(&self) -> u64 {
        self.credit_count.get()
    }

    /// A presentation, as it stands now.
    #[query]
    pub fn presentation(&self, ctx: &Context, lc: u64, n: u64) -> Option<PresentationView> {
        self.presentation_view(ctx, lc, n)
    }

    /// An amendment.
    #[query]
    pub fn amendment(&self, lc: u64, n: u64) -> Option<Amendment> {
        self.amendments.find(&(lc, n))
    }

    /// A calendar of banking days.
    #[query]
    pub fn calendar(&self, id: u64) -> Option<Calendar> {
        self.calendars.find(&id)
    }

    /// The last second for presenting documents of goods shipped then.
    #[query]
    pub fn last_presentation(
        &self,
        lc: u64,
        shipment_date: Timestamp,
    ) -> Result<Timestamp, Refusal> {
        self.last_present(lc, shipment_date)
    }

    /// Why the law stops payment of a presentation: code, participant, rule; `None` if it does not.
    #[query]
    pub fn why_honour(&self, ctx: &Context, lc: u64, n: u64) -> Result<Option<Obstacle>, Refused> {
        self.why(ctx, lc, n)
    }

    /// Where a document was used, by its hash.
    #[query]
    pub fn document_use(&self, hash: Hash) -> Option<Use> {
        self.used_hashes.find(&hash)
    }

    /// An act that waits for a second officer.
    #[query]
    pub fn proposal(&self, id: u64) -> Option<Proposal<Privileged>> {
        self.proposals.find(&id)
    }

    /// A page of credits with their money; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_positions(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Position>, Refusal> {
        self.positions(ctx, after, limit)
    }

    /// A page of payments by or to a participant within a time; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_flows(
        &self,
        ctx: &Context,
        pid: Pid,
        from: Timestamp,
        to: Timestamp,
        after: Option<FlowCursor>,
        limit: u32,
    ) -> Result<Vec<FlowAt>, Refusal> {
        self.flows
            .page(ctx, &self.roles, pid, (from, to), (after, limit))
    }

    /// A page of issued credits with their open presentations; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_inflight(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<InFlight>, Refusal> {
        self.in_flight(ctx, after, limit)
    }

    /// A page of licences that were filed; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_orders(
        &self,
        ctx: &Context,
        after: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Licences, Refusal> {
        self.licence_page(ctx, after, limit)
    }

    /// Totals of a kind of event, `Funded`, `Paid` or `Ended`, in a month such as 202601; for REGULATOR
    /// and AUDITOR.
    #[query]
    pub fn reg_report(&self, ctx: &Context, kind: u32, period: u32) -> Result<Tally, Refusal> {
        self.flows.report(ctx, &self.roles, kind, period)
    }
}
