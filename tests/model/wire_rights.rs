//! Messages to the registry of rights as calls, and what it keeps.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the derived encoding of variants numbers them as `usize` first"
)]

use crate::wire::{Call, Places, call, hash, long_hash};
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::{Address, Amount, Hash, Timestamp};
use weighhouse_testkit::model::rights::message::RightsMessage;
use weighhouse_testkit::model::rights::part::{Part, Ratio};
use weighhouse_testkit::model::rights::request::{Correction, Request};
use weighhouse_testkit::model::rights::usage::Use;
use weighhouse_testkit::model::rights::{Blocks, Class, Detail, Object, Restriction};

/// A number in the world; 0 is none.
fn ref_no(number: u16) -> String {
    match number {
        0 => String::new(),
        _ => format!("no {number}"),
    }
}

/// Names of acts; 0 is none.
fn names(acts: &[u8]) -> Vec<String> {
    let name = |act: &u8| match act {
        0 => String::new(),
        _ => format!("act {act}"),
    };
    acts.iter().map(name).collect()
}

/// What is to be set right, on the wire.
#[derive(Debug, Encode, Decode)]
pub(crate) enum WireCorrection {
    RefNo(String),
    Meta(Hash),
    Area(Amount),
    Duty(Hash, u64),
    DutyEnded(Hash),
}

/// What is applied for, on the wire.
#[derive(Debug, Encode, Decode)]
pub(crate) enum WireRequest {
    FirstOwnership(Vec<(u64, Ratio)>),
    Transfer(u64, u64, Ratio),
    Mortgage(Option<(u64, Ratio)>, (u64, u32, Amount), Option<Timestamp>),
    Discharge(u64),
    Lease(u64, Vec<String>, Timestamp),
    Easement(u64, Option<Timestamp>),
    Restrict(u8, u64, Option<Timestamp>),
    Subdivide(Vec<(String, Amount, Hash)>),
    Merge(Vec<u64>, String, Hash),
    Rectify(WireCorrection, Hash),
}

impl Places {
    fn request(&self, request: &Request) -> WireRequest {
        let until = |until: &Option<u64>| until.map(|at| self.time(at));
        match request {
            Request::FirstOwnership(shares) => WireRequest::FirstOwnership(shares.clone()),
            Request::Transfer(from, to, part) => WireRequest::Transfer(*from, *to, *part),
            Request::Mortgage {
                share,
                creditor,
                rank,
                amount,
                until: end,
            } => WireRequest::Mortgage(*share, (*creditor, *rank, Amount(*amount)), until(end)),
            Request::Discharge(id) => WireRequest::Discharge(*id),
            Request::Lease(tenant, acts, end) => {
                WireRequest::Lease(*tenant, names(acts), self.time(*end))
            }
            Request::Easement(favour, end) => WireRequest::Easement(*favour, until(end)),
            Request::Restrict(kind, favour, end) => {
                WireRequest::Restrict(kind.encode()[0], *favour, until(end))
            }
            Request::Subdivide(pieces) => {
                let piece = |(number, area, meta): &(u16, u128, u16)| {
                    (ref_no(*number), Amount(*area), long_hash(*meta))
                };
                WireRequest::Subdivide(pieces.iter().map(piece).collect())
            }
            Request::Merge(others, number, meta) => {
                WireRequest::Merge(others.clone(), ref_no(*number), long_hash(*meta))
            }
            Request::Rectify(correction, doc) => {
                let correction = match correction {
                    Correction::RefNo(number) => WireCorrection::RefNo(ref_no(*number)),
                    Correction::Meta(meta) => WireCorrection::Meta(long_hash(*meta)),
                    Correction::Area(area) => WireCorrection::Area(Amount(*area)),
                    Correction::Duty(text, obliged) => {
                        WireCorrection::Duty(long_hash(*text), *obliged)
                    }
                    Correction::DutyEnded(text) => WireCorrection::DutyEnded(long_hash(*text)),
                };
                WireRequest::Rectify(correction, long_hash(*doc))
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "a table: one line for each message")]
    pub(crate) fn rights(&self, message: &RightsMessage) -> Call {
        use RightsMessage as M;
        let until = |until: &Option<u64>| until.map(|at| self.time(at));
        match message {
            M::CreateObject((class, number, area), (meta, doc)) => call(
                "create_object",
                &(
                    class,
                    ref_no(*number),
                    long_hash(*meta),
                    area.map(Amount),
                    long_hash(*doc),
                ),
            ),
            M::Apply(object, request, docs) => {
                let docs: Vec<Hash> = docs.iter().map(|doc| long_hash(*doc)).collect();
                call("apply", &(object, self.request(request), docs))
            }
            M::Consent(entry) => call("consent", entry),
            M::Withdraw(entry) => call("withdraw", entry),
            M::Reject(entry, reasoned) => {
                let reason = if *reasoned { "not as the law asks" } else { "" };
                call("reject", &(entry, reason))
            }
            M::ProposeRegister(entry, doc) => call("propose_register", &(entry, long_hash(*doc))),
            M::ApproveRegister(id) => call("approve_register", id),
            M::Arrest(object, order) => call("arrest", &(object, order)),
            M::Lift(object, order) => call("lift", &(object, order)),
            M::ForcedTransfer(act) => call(
                "forced_transfer",
                &(
                    act.object,
                    act.from,
                    act.to,
                    act.part,
                    act.order,
                    hash(act.doc),
                ),
            ),
            M::GrantUse((object, kind, user), (end, revocable, acts)) => call(
                "grant_use",
                &(object, kind, user, until(end), revocable, names(acts)),
            ),
            M::Sublicense((right, user), (end, acts)) => {
                call("sublicense", &(right, user, until(end), names(acts)))
            }
            M::RevokeUse(right) => call("revoke_use", right),
            M::Reclaim(right) => call("reclaim", right),
            M::IssueUtility((number, doc), (issuer, holder), (quantity, end)) => call(
                "issue_utility",
                &(
                    (ref_no(*number), issuer, holder, Amount(*quantity), "t"),
                    (long_hash(*doc), self.time(*end)),
                ),
            ),
            M::ClaimPerformance(id, much) => call("claim_performance", &(id, Amount(*much))),
            M::ConfirmPerformance(id, much, doc) => {
                call("confirm_performance", &(id, Amount(*much), long_hash(*doc)))
            }
            M::DisputePerformance(id, doc) => call("dispute_performance", &(id, long_hash(*doc))),
            M::ResolvePerformance(id, much, doc) => {
                call("resolve_performance", &(id, Amount(*much), long_hash(*doc)))
            }
            M::IssueRecord(kind, (number, doc), first) => call(
                "issue_record",
                &(kind, ref_no(*number), long_hash(*doc), self.at(*first)),
            ),
            M::Endorse(id, to) => call("endorse", &(id, self.at(*to))),
            M::Surrender(id) => call("surrender", id),
            M::ToPaper(id, doc) => call("to_paper", &(id, long_hash(*doc))),
            M::FromPaper(old, doc, holder) => {
                call("from_paper", &(old, long_hash(*doc), self.at(*holder)))
            }
            M::PledgeControl(id, contract) => call("pledge_control", &(id, self.at(*contract))),
            M::ReturnControl(id) => call("return_control", id),
            M::Pause => call("pause", &"model"),
            M::Unpause => call("unpause", &()),
            M::Deactivate(doc) => call("deactivate", &hash(*doc)),
        }
    }
}

/// What a restriction rests on, on the wire.
#[derive(Debug, Decode, PartialEq, Eq)]
pub(crate) enum Basis {
    Entry(u64),
    Order(u64),
}

/// A restriction as the registry keeps it.
#[derive(Debug, Decode, PartialEq, Eq)]
pub(crate) struct WireRestriction {
    id: u64,
    kind: u8,
    favour: Option<u64>,
    share: Option<(u64, Ratio)>,
    rank: Option<u32>,
    amount: Option<Amount>,
    right: Option<u64>,
    basis: Basis,
    from: Timestamp,
    until: Option<Timestamp>,
    blocks: Blocks,
}

/// What only some classes have, on the wire.
#[derive(Debug, Decode, PartialEq, Eq)]
pub(crate) enum WireDetail {
    Plain,
    /// Issuer, unit, quantity, claimed, performed, end, disputed.
    Utility(u64, String, (Amount, Amount, Amount), Timestamp, bool),
    /// Kind, issuer, state; wallet, pledged; endorsements, last holder; paper, what replaced it.
    Record(
        (u8, u64, u8),
        (Address, Option<Address>),
        (u64, Option<u64>),
        (Option<Hash>, Option<u64>),
    ),
}

/// An object as the registry keeps it.
#[derive(Debug, Decode, PartialEq, Eq)]
pub(crate) struct WireObject {
    class: u8,
    ref_no: String,
    papers: (Hash, Hash),
    area: Option<Amount>,
    status: u8,
    version: u64,
    changes: u64,
    parents: Vec<u64>,
    owners: Vec<(u64, Ratio)>,
    restrictions: Vec<WireRestriction>,
    duties: Vec<(Hash, u64)>,
    detail: WireDetail,
}

impl WireObject {
    /// Without what the model does not keep: how many states there were, on which entry a restriction
    /// rests and since when.
    pub(crate) fn known(mut self) -> Self {
        self.version = 0;
        for one in &mut self.restrictions {
            one.from = Timestamp(0);
            if let Basis::Entry(entry) = &mut one.basis {
                *entry = 0;
            }
        }
        self
    }
}

/// An object or a right.
#[derive(Debug, Decode)]
#[expect(
    clippy::large_enum_variant,
    reason = "most are objects, and each lives for a moment"
)]
pub(crate) enum Subject {
    Object(WireObject),
    Right(#[expect(dead_code, reason = "read to be skipped")] WireUse),
}

/// Authority, case and document of an order.
type Warrant = (u64, Hash, Hash, Hash);

/// Why a state came about; nothing of it is compared, all of it must be read.
#[derive(Debug, Decode)]
#[expect(dead_code, reason = "all that is on the wire must be read")]
pub(crate) enum Cause {
    Created(Hash),
    Registered(u64, Hash),
    Arrested(Warrant),
    Lifted(Warrant),
    Forced(Warrant, u64, u64, Ratio),
    Granted,
    Revoked,
    Reclaimed,
    Issued(u64),
    Claimed(Amount),
    Confirmed(Amount, Hash),
    Disputed(Hash),
    Resolved(Amount, Hash),
    Endorsed(u64, u64, Address),
    Surrendered,
    ToPaper(Hash),
    FromPaper(u64, Hash),
    Replaced(u64),
    Pledged(Address),
    Returned(Address),
}

/// A right to use as the registry keeps it.
#[derive(Debug, Decode, PartialEq, Eq)]
pub(crate) struct WireUse {
    object: u64,
    kind: u8,
    user: u64,
    acts: Vec<String>,
    from: Timestamp,
    until: Option<Timestamp>,
    revocable: bool,
    parent: Option<u64>,
    state: u8,
    version: u64,
}

impl WireUse {
    /// Without what the model does not keep.
    pub(crate) fn known(self) -> Self {
        Self {
            from: Timestamp(0),
            version: 0,
            ..self
        }
    }
}

/// An application as readers see it; number first.
#[derive(Debug, Decode)]
#[expect(dead_code, reason = "all that is on the wire must be read")]
pub(crate) struct Waiting {
    pub(crate) entry: u64,
    object: u64,
    request: WireRequest,
    pub(crate) applicant: u64,
    docs: Vec<Hash>,
    at: Timestamp,
    pub(crate) from: Timestamp,
    consents: Vec<(u64, u64)>,
    decision: Pending,
    decided_at: Option<Timestamp>,
    pub(crate) state: u8,
    pub(crate) needed: Vec<u64>,
    pub(crate) missing: Option<u64>,
}

/// The only decision that an application under way has.
#[derive(Debug, Decode)]
pub(crate) enum Pending {
    NotYet,
}

/// A part as it is on the wire.
pub(crate) const fn ratio(part: Part) -> Ratio {
    (part.0, part.1)
}

impl Places {
    fn restriction(&self, one: &Restriction) -> WireRestriction {
        WireRestriction {
            id: one.id,
            kind: one.kind.encode()[0],
            favour: one.favour,
            share: one.share.map(|(whose, part)| (whose, ratio(part))),
            rank: one.rank,
            amount: one.amount.map(Amount),
            right: one.right,
            basis: one.order.map_or(Basis::Entry(0), Basis::Order),
            from: Timestamp(0),
            until: one.until.map(|at| self.time(at)),
            blocks: one.blocks,
        }
    }

    fn detail(&self, detail: &Detail) -> WireDetail {
        match detail {
            Detail::Plain => WireDetail::Plain,
            Detail::Utility(one) => WireDetail::Utility(
                one.issuer,
                "t".to_owned(),
                (
                    Amount(one.quantity),
                    Amount(one.claimed),
                    Amount(one.performed),
                ),
                self.time(one.until),
                one.disputed,
            ),
            Detail::Record(one) => WireDetail::Record(
                (one.kind.encode()[0], one.issuer, one.state as u8),
                (self.at(one.wallet), one.pledged.map(|who| self.at(who))),
                (one.endorsements, one.last_holder),
                (one.paper.map(long_hash), one.replaced_by),
            ),
        }
    }

    /// An object as the registry would keep it.
    pub(crate) fn object(&self, object: &Object) -> WireObject {
        let owners = object.owners.iter();
        let restrictions = object.restrictions.iter();
        let duties = object.duties.iter();
        WireObject {
            class: class(object.class),
            ref_no: ref_no(object.ref_no),
            papers: (long_hash(object.meta), long_hash(object.doc)),
            area: object.area.map(Amount),
            status: object.status as u8,
            version: 0,
            changes: object.changes,
            parents: object.parents.clone(),
            owners: owners.map(|(pid, part)| (*pid, ratio(*part))).collect(),
            restrictions: restrictions.map(|one| self.restriction(one)).collect(),
            duties: duties
                .map(|(text, whose)| (long_hash(*text), *whose))
                .collect(),
            detail: self.detail(&object.detail),
        }
    }

    /// A right to use as the registry would keep it.
    pub(crate) fn usage(&self, right: &Use) -> WireUse {
        WireUse {
            object: right.object,
            kind: right.kind.encode()[0],
            user: right.user,
            acts: names(&right.acts),
            from: Timestamp(0),
            until: right.until.map(|at| self.time(at)),
            revocable: right.revocable,
            parent: right.parent,
            state: right.state as u8,
            version: 0,
        }
    }
}

fn class(class: Class) -> u8 {
    class.encode()[0]
}
