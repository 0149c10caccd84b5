//! Messages to the escrow as calls, and what it lists.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the derived encoding of variants numbers them as `usize` first"
)]

use crate::wire::{Call, Places, call, hash, long_hash};
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::{Address, Amount, Timestamp};
use weighhouse_testkit::model::Units;
use weighhouse_testkit::model::cast::{REGISTER, TOKEN, TOKEN_2};
use weighhouse_testkit::model::escrow::document::Document;
use weighhouse_testkit::model::escrow::terms::{
    Availability, Clauses, ConditionRef, Milestone, Rule, Terms,
};
use weighhouse_testkit::model::message::EscrowMessage;
use weighhouse_testkit::model::outside::{Condition, OutsideMessage};

/// When the amount is available, on the wire.
#[derive(Encode)]
enum WireAvailability {
    Sight,
    Deferred(u16),
    /// Amount, documents, conditions, last second.
    Milestones(Vec<(Amount, Vec<WireRule>, Vec<WireCondition>, Timestamp)>),
    Instalments(Vec<(Amount, Timestamp, Timestamp)>),
}

/// Type, issuer, whether it is a record.
type WireRule = (String, Option<u64>, bool);

/// The contract, and the number there.
type WireCondition = (Address, u64);

fn rules(rules: &[Rule]) -> Vec<WireRule> {
    let wire = |rule: &Rule| (kind(rule.0), rule.1, rule.2);
    rules.iter().map(wire).collect()
}

fn kind(kind: u8) -> String {
    format!("document {kind}")
}

impl Places {
    fn clauses(&self, clauses: &Clauses) -> impl Encode + use<> {
        let docs = rules(&clauses.docs);
        let available = self.availability(&clauses.availability);
        let amount = (Amount(clauses.amount), clauses.tol_plus, clauses.tol_minus);
        let latest = self.time(clauses.latest_shipment);
        let times = (latest, clauses.presentation_days, self.time(clauses.expiry));
        let conditions = self.conditions(&clauses.conditions);
        let flags = (clauses.partial_allowed, clauses.transferable);
        let rest = (docs, conditions, clauses.dispute_days, clauses.calendar);
        (amount, available, times, flags, rest)
    }

    fn conditions(&self, conditions: &[ConditionRef]) -> Vec<WireCondition> {
        let wire = |(who, id): &ConditionRef| (self.at(*who), *id);
        conditions.iter().map(wire).collect()
    }

    fn availability(&self, availability: &Availability) -> WireAvailability {
        match availability {
            Availability::Sight => WireAvailability::Sight,
            Availability::Deferred(days) => WireAvailability::Deferred(*days),
            Availability::Milestones(parts) => {
                let part = |part: &Milestone| {
                    let due = self.time(part.due);
                    let conditions = self.conditions(&part.conditions);
                    (Amount(part.amount), rules(&part.docs), conditions, due)
                };
                WireAvailability::Milestones(parts.iter().map(part).collect())
            }
            Availability::Instalments(parts) => {
                let part = |(amount, from, to): &(u128, u64, u64)| {
                    (Amount(*amount), self.time(*from), self.time(*to))
                };
                WireAvailability::Instalments(parts.iter().map(part).collect())
            }
        }
    }

    fn credit_terms(&self, terms: &Terms) -> impl Encode + use<> {
        let some = |who: Option<u8>| who.map(|who| self.at(who));
        let banks = (
            some(terms.advising),
            some(terms.confirming),
            some(terms.nominated),
        );
        let arbiter = some(terms.arbiter);
        let parties = (
            self.at(terms.beneficiary),
            self.at(terms.issuing),
            banks,
            arbiter,
        );
        let trade = (hash(terms.trade), self.at(terms.token));
        (parties, trade, self.clauses(&terms.clauses))
    }

    fn document(&self, doc: &Document) -> impl Encode + use<> {
        let number = (doc.number.to_string(), self.time(doc.date), doc.record);
        (kind(doc.kind), long_hash(doc.hash), doc.issuer, number)
    }

    #[expect(clippy::too_many_lines, reason = "a table: one line for each message")]
    pub(crate) fn escrow(&self, message: &EscrowMessage) -> Call {
        use EscrowMessage as M;
        match message {
            M::Join => call("join", &self.at(REGISTER)),
            M::DefineCalendar(calendar) => {
                let first = self.start / 86_400;
                let holidays = calendar.holidays.iter().map(|day| first + day);
                let holidays: Vec<u32> = holidays.flat_map(u32::try_from).collect();
                let ahead = i32::try_from(calendar.offset).unwrap_or(i32::MAX);
                call("define_calendar", &(ahead, calendar.weekend, holidays))
            }
            M::Apply(terms) => call("apply", &self.credit_terms(terms)),
            M::Issue(lc, hold) => call("issue", &(lc, hold)),
            M::Advise(lc) => call("advise", lc),
            M::Confirm(lc, hold) => call("confirm", &(lc, hold)),
            M::AddHold(lc, hold) => call("add_hold", &(lc, hold)),
            M::ProposeAmend(lc, clauses) => call("propose_amend", &(lc, self.clauses(clauses))),
            M::AnswerAmend(lc, n, true) => call("accept_amend", &(lc, n)),
            M::AnswerAmend(lc, n, false) => call("reject_amend", &(lc, n)),
            M::Present(lc, docs, claim, shipment) => {
                let docs: Vec<_> = docs.iter().map(|doc| self.document(doc)).collect();
                call("present", &(lc, docs, Amount(*claim), self.time(*shipment)))
            }
            M::Complete(lc, n) => call("complete", &(lc, n)),
            M::Examine(lc, n) => call("examine", &(lc, n, 0_u8)),
            M::Refuse(lc, n, reasons, disposal) => call(
                "refuse",
                &(lc, n, vec!["not as asked".to_owned(); *reasons], disposal),
            ),
            M::AskWaiver(lc, n) => call("ask_waiver", &(lc, n)),
            M::GiveWaiver(lc, n) => call("give_waiver", &(lc, n)),
            M::AcceptWaiver(lc, n) => call("accept_waiver", &(lc, n)),
            M::SuspendCorrupt(lc, n, doc) => call("suspend_corrupt", &(lc, n, long_hash(*doc))),
            M::Represent(lc, n, old, new) => {
                call("represent", &(lc, n, long_hash(*old), long_hash(*new)))
            }
            M::StopClock(lc) => call("stop_clock", lc),
            M::AssignAgent(lc, bank) => call("assign_agent", &(lc, self.at(*bank))),
            M::Honour(lc, n) => call("honour", &(lc, n)),
            M::HonourConfirming(lc, n, licence) => {
                call("honour_confirming", &(lc, n, licence.map(hash)))
            }
            M::Reimburse(lc, n) => call("reimburse", &(lc, n)),
            M::WaiveReimbursement(lc, n) => call("waive_reimbursement", &(lc, n)),
            M::ReleaseMilestone(lc, k) => {
                let k = u32::try_from(*k).unwrap_or(u32::MAX);
                call("release_milestone", &(lc, k))
            }
            M::Protest(lc, n) => call("protest", &(lc, n)),
            M::TransferCredit((lc, second, amount), (expiry, latest)) => {
                let times = (self.time(*expiry), self.time(*latest));
                let terms = (lc, self.at(*second), Amount(*amount), times);
                call("transfer_credit", &terms)
            }
            M::AssignProceeds(lc, pid, bps) => call("assign_proceeds", &(lc, pid, bps)),
            M::SetFx(lc, fx) => {
                let rate = (self.at(fx.pay_token), fx.num, fx.den);
                let source = (self.at(fx.source), fx.max_age, fx.band);
                call("set_fx", &(lc, rate, source, fx.hold))
            }
            M::FileLicence(lc, n, doc) => call("file_licence", &(lc, n, hash(*doc))),
            M::ProposeRelease(lc, n, (doc, order)) => {
                call("propose_release_under_licence", &(lc, n, hash(*doc), order))
            }
            M::ApproveRelease(id) => call("approve_release_under_licence", id),
            M::OpenDispute(lc, n, doc) => call("open_dispute", &(lc, n, hash(*doc))),
            M::Award(lc, n, (pay, back), doc) => {
                let parts = (Amount(*pay), Amount(*back));
                call("award", &(lc, n, parts, hash(*doc)))
            }
            M::ReturnDocuments(lc, n) => call("return_documents", &(lc, n)),
            M::ReturnRecord(id) => call("return_record", id),
            M::Cancel(lc) => call("cancel", lc),
            M::Expire(lc) => call("expire", lc),
            M::Pause => call("pause", &"model"),
            M::Unpause => call("unpause", &()),
            M::Deactivate(doc) => call("deactivate", &hash(*doc)),
        }
    }

    pub(crate) fn outside(&self, message: &OutsideMessage) -> Call {
        match message {
            OutsideMessage::PutCondition(id, state) => {
                call("put_condition", &(id, WireState::from(*state)))
            }
            OutsideMessage::PutLot(id, left) => call("put_lot", &(id, Amount(*left))),
            OutsideMessage::PutRate((num, den, at)) => {
                let pair = (self.at(TOKEN), self.at(TOKEN_2));
                call("put_rate", &(pair, (num, den, self.time(*at))))
            }
        }
    }
}

/// What is known of a condition, on the wire.
#[derive(Encode)]
enum WireState {
    Fulfilled,
    Breach(WirePolicy),
    /// Why.
    Unknown(u16),
}

/// What a breach leads to, on the wire.
#[derive(Encode)]
enum WirePolicy {
    Refuse,
    PenaltyBps(u16),
    Arbitrate,
}

impl From<Condition> for WireState {
    fn from(state: Condition) -> Self {
        match state {
            Condition::Fulfilled => Self::Fulfilled,
            Condition::Refuse => Self::Breach(WirePolicy::Refuse),
            Condition::Penalty(bps) => Self::Breach(WirePolicy::PenaltyBps(bps)),
            Condition::Arbitrate => Self::Breach(WirePolicy::Arbitrate),
            Condition::Unknown => Self::Unknown(653),
        }
    }
}

/// Funded, drawn, returned, held.
pub(crate) type Books = (Units, Units, Units, Units);

/// A credit as the escrow's `reg_positions` lists it.
#[derive(Debug, Decode)]
#[expect(dead_code, reason = "all that is on the wire must be read")]
pub(crate) struct CreditPosition {
    pub(crate) lc: u64,
    applicant: u64,
    beneficiary: u64,
    pub(crate) issuing: u64,
    pub(crate) stage: u8,
    token: [u8; 32],
    pub(crate) money: Books,
    pub(crate) confirming: Books,
    pub(crate) provider: Books,
}

/// A credit with its open presentations as the escrow's `reg_inflight` lists it: number, claim, where it
/// stands, whether it is disputed.
#[derive(Debug, Decode)]
pub(crate) struct CreditInFlight {
    pub(crate) lc: u64,
    pub(crate) held: Units,
    pub(crate) waiting: Vec<(u64, Units, u8, bool)>,
}
