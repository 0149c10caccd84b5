//! Messages to the registry, and who answers them.

use super::arrest::{self, Forced};
use super::queue::{apply, create_object, reject, withdraw};
use super::record::{self, RecordType};
use super::request::{Acts, Request};
use super::usage::{self, UseKind};
use super::{Class, consent, decision, utility};
use crate::model::cast::Who;
use crate::model::code::{Code, NOT_FOUND};
use crate::model::life::Life;
use crate::model::message::officer;
use crate::model::register::Pid;
use crate::model::{Answer, Model, Seconds, Units};

/// A message to the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum RightsMessage {
    /// Class, number, area; description, document.
    CreateObject((Class, u16, Option<Units>), (u16, u16)),
    Apply(u64, Request, Vec<u16>),
    Consent(u64),
    Withdraw(u64),
    /// `true` with a reason.
    Reject(u64, bool),
    ProposeRegister(u64, u16),
    ApproveRegister(u64),
    Arrest(u64, u64),
    Lift(u64, u64),
    ForcedTransfer(Forced),
    /// Object, kind, user; end, revocable, acts.
    GrantUse((u64, UseKind, Pid), (Option<Seconds>, bool, Acts)),
    Sublicense((u64, Pid), (Option<Seconds>, Acts)),
    RevokeUse(u64),
    Reclaim(u64),
    /// Number, document; issuer, holder; quantity, end.
    IssueUtility((u16, u16), (Pid, Pid), (Units, Seconds)),
    ClaimPerformance(u64, Units),
    ConfirmPerformance(u64, Units, u16),
    DisputePerformance(u64, u16),
    ResolvePerformance(u64, Units, u16),
    IssueRecord(RecordType, (u16, u16), Who),
    Endorse(u64, Who),
    Surrender(u64),
    ToPaper(u64, u16),
    FromPaper(u64, u16, Who),
    PledgeControl(u64, Who),
    ReturnControl(u64),
    Pause,
    Unpause,
    Deactivate(u8),
}

impl RightsMessage {
    pub(in crate::model) fn perform(&self, m: &mut Model, by: Who) -> Result<Answer, Code> {
        let life = |m: &mut Model, act: &dyn Fn(&mut Life) -> Result<(), Code>| {
            let rights = m.rights.as_mut().ok_or(NOT_FOUND)?;
            officer(&mut rights.life, act)
        };
        match self {
            Self::CreateObject(thing, papers) => create_object(m, by, *thing, *papers),
            Self::Apply(object, request, docs) => apply(m, by, (*object, request), docs),
            Self::Consent(entry) => consent::consent(m, by, *entry),
            Self::Withdraw(entry) => withdraw(m, by, *entry),
            Self::Reject(entry, reasoned) => reject(m, by, *entry, *reasoned),
            Self::ProposeRegister(entry, doc) => decision::propose_register(m, by, *entry, *doc),
            Self::ApproveRegister(id) => decision::approve_register(m, by, *id),
            Self::Arrest(object, order) => arrest::arrest(m, *object, *order),
            Self::Lift(object, order) => arrest::lift(m, *object, *order),
            Self::ForcedTransfer(act) => arrest::forced_transfer(m, by, act),
            Self::GrantUse(right, (until, revocable, acts)) => {
                usage::grant_use(m, by, *right, (*until, *revocable, acts))
            }
            Self::Sublicense(right, (until, acts)) => {
                usage::sublicense(m, by, *right, (*until, acts))
            }
            Self::RevokeUse(right) => usage::revoke_use(m, by, *right),
            Self::Reclaim(right) => usage::reclaim(m, *right),
            Self::IssueUtility(papers, parties, terms) => {
                utility::issue_utility(m, by, *papers, *parties, *terms)
            }
            Self::ClaimPerformance(id, quantity) => utility::claim(m, by, *id, *quantity),
            Self::ConfirmPerformance(id, quantity, doc) => {
                utility::confirm(m, by, *id, (*quantity, *doc))
            }
            Self::DisputePerformance(id, doc) => utility::dispute(m, by, *id, *doc),
            Self::ResolvePerformance(id, performed, doc) => {
                utility::resolve(m, by, *id, (*performed, *doc))
            }
            Self::IssueRecord(kind, papers, first) => {
                record::issue_record(m, by, *kind, *papers, *first)
            }
            Self::Endorse(id, to) => record::endorse(m, by, *id, *to),
            Self::Surrender(id) => record::surrender(m, by, *id),
            Self::ToPaper(id, doc) => record::to_paper(m, by, *id, *doc),
            Self::FromPaper(old, doc, holder) => record::from_paper(m, by, *old, (*doc, *holder)),
            Self::PledgeControl(id, contract) => record::pledge_control(m, by, *id, *contract),
            Self::ReturnControl(id) => record::return_control(m, by, *id),
            Self::Pause => life(m, &|life| life.pause(by)),
            Self::Unpause => life(m, &|life| life.unpause(by)),
            Self::Deactivate(doc) => life(m, &|life| life.deactivate(by, *doc)),
        }
    }
}
