//! What those who supervise see: positions, what is in flight, licences. Movements and monthly totals are
//! kept by the part `Flows`.

use crate::credit::{Books, Credit, Source, Stage};
use crate::presentation::Standing;
use crate::storage::Escrow;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::interface::Pid;

/// A credit and its money.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Position {
    /// Number of the credit.
    pub lc: u64,
    /// The importer.
    pub applicant: Pid,
    /// The exporter.
    pub beneficiary: Pid,
    /// The bank that is bound.
    pub issuing: Pid,
    /// How far it has come.
    pub stage: Stage,
    /// The unit.
    pub token: Address,
    /// The applicant's money.
    pub money: Books,
    /// The confirming bank's money.
    pub confirming: Books,
    /// The money of who provides another unit.
    pub provider: Books,
}

/// A claim that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Waiting {
    /// Number of the presentation.
    pub n: u64,
    /// How much is claimed.
    pub claim: Amount,
    /// Where it stands.
    pub standing: Standing,
    /// Whether an arbiter may decide.
    pub disputed: bool,
}

/// An issued credit and the claims on it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct InFlight {
    /// Number of the credit.
    pub lc: u64,
    /// What is held for it, of the applicant's money.
    pub held: Amount,
    /// Its open presentations.
    pub waiting: Vec<Waiting>,
}

/// A page of licences: credit, presentation, hash.
pub type Licences = Vec<((u64, u64), Hash)>;

impl Escrow {
    pub(crate) fn books_of(&self, lc: u64, source: Source) -> Books {
        self.books.get(&(lc, source.key()))
    }

    pub(crate) fn positions(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Position>, Refusal> {
        let page = self
            .roles
            .survey(ctx, &self.credits, after.as_ref(), limit)?;
        let page = page.into_iter();
        Ok(page
            .map(|(lc, credit)| Position {
                lc,
                applicant: credit.parties.applicant.pid,
                beneficiary: credit.parties.beneficiary.pid,
                issuing: credit.parties.issuing.pid,
                stage: credit.stage,
                token: credit.token,
                money: self.books_of(lc, Source::Applicant),
                confirming: self.books_of(lc, Source::Confirming),
                provider: self.books_of(lc, Source::Provider),
            })
            .collect())
    }

    pub(crate) fn in_flight(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<InFlight>, Refusal> {
        let page = self
            .roles
            .survey(ctx, &self.credits, after.as_ref(), limit)?;
        let page = page.into_iter();
        page.filter(|(_, credit)| credit.stage == Stage::Issued)
            .map(|(lc, credit)| self.flying(ctx, lc, &credit))
            .collect()
    }

    fn flying(&self, ctx: &Context, lc: u64, credit: &Credit) -> Result<InFlight, Refusal> {
        let mut waiting = Vec::new();
        for n in &credit.open {
            let shown = self.shown(lc, *n)?;
            if shown.is_open(ctx.now()) {
                waiting.push(Waiting {
                    n: *n,
                    claim: shown.claim,
                    standing: shown.standing(ctx.now()),
                    disputed: shown.disputed(ctx.now()),
                });
            }
        }
        let held = self.books_of(lc, Source::Applicant).held;
        Ok(InFlight { lc, held, waiting })
    }

    pub(crate) fn licence_page(
        &self,
        ctx: &Context,
        after: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Licences, Refusal> {
        self.roles
            .survey(ctx, &self.licences, after.as_ref(), limit)
    }
}
