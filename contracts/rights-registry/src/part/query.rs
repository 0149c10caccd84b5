//! Queries: the register as it is and was, and what those who supervise are shown.

use crate::object::{Class, Object};
use crate::restriction::Restriction;
use crate::storage::{Registration, Rights, Settings, Version};
use crate::supervision::{InFlight, MirroredOrder, Position};
use crate::view::{ApplicationView, Holding, RightView};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::flow::{FlowAt, FlowCursor, Tally};
use weighhouse_standard::interface::{Pid, RecordView};
use weighhouse_standard::{NAME_BYTES_MAX, Proposal, Refusal};

#[contract(part = Queries)]
impl Rights {
    /// Cooling period, local time, delay of a new administrator.
    #[query]
    pub fn settings(&self) -> Settings {
        self.settings.get()
    }

    /// The register of participants.
    #[query]
    pub fn participants(&self) -> Address {
        self.participants.get()
    }

    /// An object as it is.
    #[query]
    pub fn object(&self, id: u64) -> Option<Object> {
        self.objects.find(&id)
    }

    /// The object of a class with this number in the world.
    #[query]
    pub fn object_of(&self, class: Class, ref_no: String) -> Option<u64> {
        if ref_no.len() > NAME_BYTES_MAX {
            return None;
        }
        self.numbers.find(&(class as u8, ref_no))
    }

    /// The restrictions of an object that count now.
    #[query]
    pub fn restrictions(&self, ctx: &Context, id: u64) -> Vec<Restriction> {
        self.restrictions_now(ctx, id)
    }

    /// State of an object or right at the end of a second that is over.
    #[query]
    pub fn as_at(&self, ctx: &Context, id: u64, at: Timestamp) -> Result<Option<Version>, Refusal> {
        self.state_at(ctx, id, at)
    }

    /// A page of the states of an object or right, from young to old; `after` is time and version.
    #[query]
    pub fn versions(
        &self,
        id: u64,
        after: Option<(Timestamp, u64)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, Version)>, Refusal> {
        self.states(id, after, limit)
    }

    /// What a document was used for: number of an object or of an application.
    #[query]
    pub fn used_document(&self, doc: Hash) -> Option<u64> {
        self.used_documents.find(&doc)
    }

    /// An application as it stands now.
    #[query]
    pub fn application(&self, ctx: &Context, entry_no: u64) -> Option<ApplicationView> {
        self.application_view(ctx, entry_no)
    }

    /// A page of undecided applications on an object, in order of entry.
    #[query]
    pub fn queue(&self, object: u64, after: Option<u64>, limit: u32) -> Result<Vec<u64>, Refusal> {
        self.queue_page(object, after, limit)
    }

    /// A registration that waits for a second registrar.
    #[query]
    pub fn proposal(&self, id: u64) -> Option<Proposal<Registration>> {
        self.proposals.find(&id)
    }

    /// A right to use as it stands now.
    #[query]
    pub fn right(&self, ctx: &Context, id: u64) -> Option<RightView> {
        self.right_view(ctx, id)
    }

    /// A page of rights made from an object or a right that nobody ended.
    #[query]
    pub fn rights(&self, above: u64, after: Option<u64>, limit: u32) -> Result<Vec<u64>, Refusal> {
        self.rights_page(above, after, limit)
    }

    /// Whether a user may do something under a right: 0, or the code that says why not.
    #[query]
    pub fn check_use(&self, ctx: &Context, right: u64, user: Pid, act: String) -> u16 {
        match self.usable(ctx, right, (user, &act)) {
            Ok(()) => 0,
            Err(refused) => refused.code().unwrap_or(u16::MAX),
        }
    }

    /// A page of what a party owns.
    #[query]
    pub fn holdings(
        &self,
        party: Pid,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Holding>, Refusal> {
        self.holdings_page(party, after, limit)
    }

    /// The wallet or contract that controls a live record.
    #[query]
    pub fn controller(&self, id: u64) -> Option<Address> {
        self.objects.find(&id)?.controller()
    }

    /// A record as other contracts see it.
    #[query]
    pub fn record(&self, id: u64) -> Option<RecordView> {
        self.record_view(id)
    }

    /// A page of all that is owned; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_positions(
        &self,
        ctx: &Context,
        after: Option<(Pid, u64)>,
        limit: u32,
    ) -> Result<Vec<Position>, Refusal> {
        self.positions(ctx, after, limit)
    }

    /// A page of what came to and left a party within a time, in parts of 10^18; for REGULATOR and AUDITOR.
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
        let page = (after, limit);
        self.flows.page(ctx, &self.roles, pid, (from, to), page)
    }

    /// A page of undecided applications; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_inflight(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<InFlight>, Refusal> {
        self.in_flight(ctx, after, limit)
    }

    /// A page of mirrored orders; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_orders(
        &self,
        ctx: &Context,
        after: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Vec<MirroredOrder>, Refusal> {
        self.orders_page(ctx, after, limit)
    }

    /// How many registrations of a kind (1, `FirstOwnership`, to 10, `Rectify`), or changes of owners (the kind of
    /// the event `Changed`), a local month had, such as 202601; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_report(&self, ctx: &Context, kind: u32, period: u32) -> Result<Tally, Refusal> {
        self.flows.report(ctx, &self.roles, kind, period)
    }
}
