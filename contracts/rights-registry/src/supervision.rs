//! What those who supervise are shown: all positions, flows, what is under way, orders, counts.

use crate::application::Request;
use crate::restriction::Restriction;
use crate::storage::Rights;
use crate::view::ApplicationView;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::fraction::Fraction;
use weighhouse_standard::interface::Pid;

/// A whole object in the flows that supervisors see: shares are amounts of this.
pub const WHOLE: u128 = 1_000_000_000_000_000_000;

/// What a party owns.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Position {
    /// The party.
    pub party: Pid,
    /// The object.
    pub object: u64,
    /// How much of it.
    pub part: Fraction,
    /// Something may not happen with it.
    pub restricted: bool,
}

/// An application under way, and its number.
pub type InFlight = (u64, ApplicationView);

/// A mirrored order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct MirroredOrder {
    /// Its number in the register of participants.
    pub order: u64,
    /// The object.
    pub object: u64,
    /// When it was mirrored.
    pub at: Timestamp,
    /// Its last second.
    pub until: Option<Timestamp>,
    /// It counts now.
    pub counts: bool,
}

/// Kinds of registrations that reports count, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// First owners.
    FirstOwnership = 1,
    /// Transfers of shares.
    TransferShare,
    /// Mortgages.
    Mortgage,
    /// Discharges.
    Discharge,
    /// Leases.
    Lease,
    /// Easements.
    Easement,
    /// Prohibitions, rights of pre-emption, cautions.
    Restrict,
    /// Divisions.
    Subdivide,
    /// Mergers.
    Merge,
    /// Corrections.
    Rectify,
}

impl Request {
    /// What it counts as.
    #[must_use]
    pub const fn kind(&self) -> ReportKind {
        match self {
            Self::FirstOwnership { .. } => ReportKind::FirstOwnership,
            Self::TransferShare { .. } => ReportKind::TransferShare,
            Self::Mortgage { .. } => ReportKind::Mortgage,
            Self::Discharge { .. } => ReportKind::Discharge,
            Self::Lease { .. } => ReportKind::Lease,
            Self::Easement { .. } => ReportKind::Easement,
            Self::Restrict { .. } => ReportKind::Restrict,
            Self::Subdivide { .. } => ReportKind::Subdivide,
            Self::Merge { .. } => ReportKind::Merge,
            Self::Rectify { .. } => ReportKind::Rectify,
        }
    }
}

impl Rights {
    /// Counts a registration.
    pub(crate) fn tally(
        &mut self,
        ctx: &Context,
        request: &Request,
        decision_doc: Hash,
    ) -> Result<(), Refusal> {
        let kind = (self.journal.last(), request.kind() as u32);
        let nobody = (None, None);
        self.flows.book(ctx, kind, nobody, Amount(1), decision_doc)
    }

    pub(crate) fn positions(
        &self,
        ctx: &Context,
        after: Option<(Pid, u64)>,
        limit: u32,
    ) -> Result<Vec<Position>, Refusal> {
        let page = self
            .roles
            .survey(ctx, &self.holdings, after.as_ref(), limit)?;
        let page = page.into_iter();
        let position = |((party, object), part)| Position {
            party,
            object,
            part,
            restricted: !self.restrictions_now(ctx, object).is_empty(),
        };
        Ok(page.map(position).collect())
    }

    pub(crate) fn in_flight(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<InFlight>, Refusal> {
        let page = self
            .roles
            .survey(ctx, &self.pending, after.as_ref(), limit)?;
        let page = page.into_iter();
        let view = |(entry, ())| Some((entry, self.application_view(ctx, entry)?));
        Ok(page.filter_map(view).collect())
    }

    pub(crate) fn orders_page(
        &self,
        ctx: &Context,
        after: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Vec<MirroredOrder>, Refusal> {
        let page = self
            .roles
            .survey(ctx, &self.arrests, after.as_ref(), limit)?;
        let page = page.into_iter();
        let mirrored = |((order, object), at)| {
            let state = self.objects.find(&object)?;
            let mut all = state.restrictions.iter();
            let arrest: Option<&Restriction> = all.find(|one| one.order() == Some(order));
            Some(MirroredOrder {
                order,
                object,
                at,
                until: arrest.and_then(|arrest| arrest.until),
                counts: arrest.is_some_and(|arrest| arrest.counts(ctx.now())),
            })
        };
        Ok(page.filter_map(mirrored).collect())
    }
}
