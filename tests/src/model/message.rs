//! Everything that can be said to the contracts here, and who answers it.

use super::cast::{ESCROW, REGISTER, TOKEN, TOKEN_2, Who};
use super::code::{Code, NOT_FOUND};
use super::escrow::calendar::Calendar;
use super::escrow::document::{Disposal, Document, Waiver};
use super::escrow::exchange::Fx;
use super::escrow::terms::{Clauses, Terms as CreditTerms};
use super::escrow::{
    Escrow, amend, assign, dispute, examine, exchange, issue, licence, record, settle,
};
use super::life::{Life, OfficeMessage, Role};
use super::outside::OutsideMessage;
use super::register::order::Scope;
use super::register::rules::{Preclearance, Rules};
use super::register::trade::Authority;
use super::register::{self, Finding, Pid, WalletState};
use super::rights::message::RightsMessage;
use super::token::hold::Terms;
use super::token::movement::{Payment, Permit, Purpose};
use super::token::nominee::NamedUnits;
use super::token::supply::Issue;
use super::token::{self};
use super::{Answer, Model, Seconds, Units};

/// A message to the token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum TokenMessage {
    Transfer(Payment),
    TransferFor(Who, Units, Purpose, Option<u8>),
    TransferFrom(Who, Payment),
    BatchTransfer(Vec<Payment>),
    Approve(Who, Units, Seconds),
    /// `true` if the owner signed exactly this.
    Permit(Permit, bool),
    Mint(Issue),
    ProposeMint(Issue),
    ApproveMint(u64),
    Burn(Who, Units, u8),
    CreateHold(Terms),
    CreateHoldFrom(Who, Terms),
    ExecuteHold(u64, Who, Units, bool),
    /// Around an order, on the document of a licence.
    ExecuteHoldLicensed(u64, Who, Units, (u64, u8)),
    BurnHold(u64, Units, u8),
    ReleaseHold(u64, Units),
    ReclaimHold(u64),
    ConsentRenewal(u64, bool),
    RenewHold(u64, Seconds),
    ProposeVoidHold(u64, u8),
    ApproveVoidHold(u64),
    ForcedTransfer(Who, Who, Units, u64, u8),
    ForcedBurn(Who, Units, u64, u8),
    ApplyRatio(u64, u64, u64),
    /// When, and days in which nominees name their owners.
    AnnounceRecordDate(Seconds, u16),
    OpenNominee(Who),
    FileOwners(Who, Seconds, Vec<NamedUnits>),
    Recover(Who, Who),
    SuccessionTransfer(Pid),
    Pause,
    Unpause,
    Deactivate(u8),
}

/// A message to the register.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
#[expect(
    clippy::large_enum_variant,
    reason = "stories are short: what a message of rules takes is no matter"
)]
pub enum RegisterMessage {
    Register(register::party::Candidate, u8),
    Approve(Pid, Seconds, u8),
    SetQualification(Pid, Option<Seconds>, u8),
    RecordScreening((Pid, u32, u64), Finding, u8),
    ProposeClearHit(Pid, u8),
    ApproveClearHit(u64),
    Suspend(Pid, u8),
    ProposeReinstate(Pid, u8),
    ApproveReinstate(u64),
    Close(Pid, u8),
    AddWallet(Pid, Who),
    AcceptWallet,
    LockWallet(Who),
    ProposeRecoverWallet(Pid, Who, Who, u8),
    ApproveRecoverWallet(u64),
    GrantAuthorisation(Pid, Authority, Seconds, Seconds, u8),
    SuspendAuthorisation(Pid, Authority, u8),
    RevokeAuthorisation(Pid, Authority, u8),
    OpenSuccession(Pid, u8),
    ProposeSettleSuccession(Pid, Vec<register::estate::Share>, u8),
    ApproveSettleSuccession(u64),
    OrderFreeze(Scope, (u8, u8, u8), Option<Seconds>),
    LiftFreeze(u64, u8),
    Directive(bool, Who, u8),
    LiftDirective(u64),
    RegisterTrade((u8, u8), (Pid, Pid), (Units, Seconds)),
    RecordTradeScreening(u8, (u32, u64, Finding), u8),
    CloseTrade(u8),
    SetRules(Who, Rules),
    Preclear(Preclearance, u8),
    Decline(u64),
    LimitReserve((Pid, u16, Units), u8),
    LimitCommit(u8),
    LimitRelease(u8),
    Pause,
    Unpause,
    Deactivate(u8),
}

/// A message to the escrow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum EscrowMessage {
    Join,
    DefineCalendar(Calendar),
    Apply(CreditTerms),
    Issue(u64, u64),
    Advise(u64),
    Confirm(u64, u64),
    AddHold(u64, u64),
    ProposeAmend(u64, Clauses),
    /// `accept_amend` if `true`, else `reject_amend`.
    AnswerAmend(u64, u64, bool),
    Present(u64, Vec<Document>, Units, Seconds),
    Complete(u64, u64),
    Examine(u64, u64),
    /// With so many discrepancies.
    Refuse(u64, u64, usize, Disposal),
    AskWaiver(u64, u64),
    GiveWaiver(u64, u64),
    AcceptWaiver(u64, u64),
    SuspendCorrupt(u64, u64, u16),
    Represent(u64, u64, u16, u16),
    StopClock(u64),
    AssignAgent(u64, Who),
    Honour(u64, u64),
    HonourConfirming(u64, u64, Option<u8>),
    Reimburse(u64, u64),
    WaiveReimbursement(u64, u64),
    ReleaseMilestone(u64, usize),
    Protest(u64, u64),
    /// To whom, how much; until when, shipped until when.
    TransferCredit((u64, Who, Units), (Seconds, Seconds)),
    AssignProceeds(u64, Pid, u16),
    SetFx(u64, Fx),
    FileLicence(u64, u64, u8),
    /// Document of the licence, order.
    ProposeRelease(u64, u64, (u8, u64)),
    ApproveRelease(u64),
    OpenDispute(u64, u64, u8),
    /// To the beneficiary, to the applicant.
    Award(u64, u64, (Units, Units), u8),
    ReturnDocuments(u64, u64),
    ReturnRecord(u64),
    Cancel(u64),
    Expire(u64),
    Pause,
    Unpause,
    Deactivate(u8),
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// To the token.
    Token(TokenMessage),
    /// To the other token.
    Other(TokenMessage),
    /// To the register.
    Register(RegisterMessage),
    /// To the escrow.
    Escrow(EscrowMessage),
    /// To the registry of rights.
    Rights(RightsMessage),
    /// To this contract, about offices.
    Office(Who, OfficeMessage),
    /// To what answers for the world outside.
    Outside(OutsideMessage),
}

impl Message {
    /// What it ends with.
    pub(super) fn perform(&self, model: &mut Model, by: Who) -> Result<Answer, Code> {
        match self {
            Self::Token(message) => message.perform(model, by),
            Self::Other(message) => model.with_token(TOKEN_2, |model| message.perform(model, by)),
            Self::Register(message) => message.perform(model, by),
            Self::Escrow(message) => message.perform(model, by),
            Self::Rights(message) => message.perform(model, by),
            Self::Office(contract, message) => office(model, by, *contract, *message),
            Self::Outside(message) => {
                model.outside.hear(*message);
                Ok(Answer::Nothing)
            }
        }
    }
}

/// Offices of a contract change hands. Who is behind a wallet the register says; the escrow asks for wallets
/// in use.
fn office(m: &mut Model, by: Who, of: Who, message: OfficeMessage) -> Result<Answer, Code> {
    let now = m.now;
    let known = m.register.clone();
    let person = |who: Who| {
        let register = known.as_ref()?;
        let active =
            register.wallets.get(&who).map(|(_, state)| *state) == Some(WalletState::Active);
        register.pid_of(who).filter(|_| of != ESCROW || active)
    };
    let life = match of {
        TOKEN => &mut m.token.life,
        REGISTER => &mut m.register.as_mut().ok_or(NOT_FOUND)?.life,
        ESCROW => &mut m.escrow.as_mut().ok_or(NOT_FOUND)?.life,
        _ => &mut m.rights.as_mut().ok_or(NOT_FOUND)?.life,
    };
    life.office(now, by, message, person)?;
    Ok(Answer::Nothing)
}

pub(super) fn officer(
    life: &mut Life,
    act: impl FnOnce(&mut Life) -> Result<(), Code>,
) -> Result<Answer, Code> {
    act(life).map(|()| Answer::Nothing)
}

impl TokenMessage {
    fn perform(&self, m: &mut Model, by: Who) -> Result<Answer, Code> {
        use token::{estate, hold, measure, movement, nominee, ratio, supply};
        match self.clone() {
            Self::Transfer(payment) => movement::transfer(m, by, payment),
            Self::TransferFor(to, amount, purpose, trade) => {
                movement::transfer_for(m, by, (to, amount), purpose, trade)
            }
            Self::TransferFrom(from, payment) => movement::transfer_from(m, by, from, payment),
            Self::BatchTransfer(payments) => movement::batch_transfer(m, by, &payments),
            Self::Approve(spender, amount, until) => {
                movement::approve(m, by, spender, amount, until)
            }
            Self::Permit(permit, signed) => movement::permit(m, permit, signed),
            Self::Mint(issue) => supply::mint(m, by, &issue),
            Self::ProposeMint(issue) => supply::propose_mint(m, by, &issue),
            Self::ApproveMint(id) => supply::approve_mint(m, by, id),
            Self::Burn(from, amount, doc) => supply::burn(m, by, from, amount, doc),
            Self::CreateHold(terms) => hold::create_hold(m, by, &terms),
            Self::CreateHoldFrom(owner, terms) => hold::create_hold_from(m, by, owner, &terms),
            Self::ExecuteHold(id, to, amount, keep) => {
                hold::execute_hold(m, by, (id, to, amount), keep)
            }
            Self::ExecuteHoldLicensed(id, to, amount, licence) => {
                hold::execute_hold_licensed(m, by, (id, to, amount), licence)
            }
            Self::BurnHold(id, amount, doc) => hold::burn_hold(m, by, (id, amount), doc),
            Self::ReleaseHold(id, amount) => hold::release_hold(m, by, id, amount),
            Self::ReclaimHold(id) => hold::reclaim_hold(m, id),
            Self::ConsentRenewal(id, agree) => hold::consent_renewal(m, by, id, agree),
            Self::RenewHold(id, expiry) => hold::renew_hold(m, by, id, expiry),
            Self::ProposeVoidHold(id, doc) => hold::propose_void_hold(m, by, id, doc),
            Self::ApproveVoidHold(id) => hold::approve_void_hold(m, by, id),
            Self::ForcedTransfer(from, to, amount, order, doc) => {
                measure::force(m, by, (from, Some(to), amount), (order, doc))
            }
            Self::ForcedBurn(from, amount, order, doc) => {
                measure::force(m, by, (from, None, amount), (order, doc))
            }
            Self::ApplyRatio(num, den, _) => ratio::apply_ratio(m, by, num, den),
            Self::AnnounceRecordDate(at, days) => nominee::announce(m, by, at, days),
            Self::OpenNominee(who) => nominee::open_nominee(m, by, who),
            Self::FileOwners(who, as_of, list) => nominee::file_owners(m, by, (who, as_of), &list),
            Self::Recover(lost, new) => measure::recover(m, by, lost, new),
            Self::SuccessionTransfer(pid) => estate::succession_transfer(m, by, pid),
            Self::Pause => officer(&mut m.token.life, |life| life.pause(by)),
            Self::Unpause => officer(&mut m.token.life, |life| life.unpause(by)),
            Self::Deactivate(doc) => officer(&mut m.token.life, |life| life.deactivate(by, doc)),
        }
    }
}

impl RegisterMessage {
    fn perform(&self, m: &mut Model, by: Who) -> Result<Answer, Code> {
        use register::{directive, estate, limit, order, party, rules, trade, wallet};
        match self.clone() {
            Self::Register(candidate, pii) => party::register(m, by, candidate, pii),
            Self::Approve(pid, until, doc) => party::approve(m, by, pid, until, doc),
            Self::SetQualification(pid, until, doc) => {
                party::set_qualification(m, by, pid, until, doc)
            }
            Self::RecordScreening(of, result, doc) => {
                party::record_screening(m, by, of, result, doc)
            }
            Self::ProposeClearHit(pid, doc) => party::propose_clear_hit(m, by, pid, doc),
            Self::ApproveClearHit(id) => party::approve_clear_hit(m, by, id),
            Self::Suspend(pid, doc) => party::suspend(m, by, pid, doc),
            Self::ProposeReinstate(pid, doc) => party::propose_reinstate(m, by, pid, doc),
            Self::ApproveReinstate(id) => party::approve_reinstate(m, by, id),
            Self::Close(pid, doc) => party::close(m, by, pid, doc),
            Self::AddWallet(pid, who) => wallet::add_wallet(m, by, pid, who),
            Self::AcceptWallet => wallet::accept_wallet(m, by),
            Self::LockWallet(who) => wallet::lock_wallet(m, by, who),
            Self::ProposeRecoverWallet(pid, lost, new, doc) => {
                wallet::propose_recover_wallet(m, by, (pid, lost, new), doc)
            }
            Self::ApproveRecoverWallet(id) => wallet::approve_recover_wallet(m, by, id),
            Self::GrantAuthorisation(pid, kind, from, until, doc) => {
                trade::grant(m, by, (pid, kind), (from, until), doc)
            }
            Self::SuspendAuthorisation(pid, kind, doc) => trade::suspend(m, by, (pid, kind), doc),
            Self::RevokeAuthorisation(pid, kind, doc) => trade::revoke(m, by, (pid, kind), doc),
            Self::OpenSuccession(pid, doc) => estate::open_succession(m, by, pid, doc),
            Self::ProposeSettleSuccession(pid, shares, cert) => {
                estate::propose_settle(m, by, (pid, &shares), cert)
            }
            Self::ApproveSettleSuccession(id) => estate::approve_settle(m, by, id),
            Self::OrderFreeze(scope, papers, until) => {
                order::order_freeze(m, by, scope, papers, until)
            }
            Self::LiftFreeze(id, doc) => order::lift_freeze(m, by, id, doc),
            Self::Directive(halts, target, doc) => directive::directive(m, by, halts, target, doc),
            Self::LiftDirective(id) => directive::lift_directive(m, by, id),
            Self::RegisterTrade(papers, parties, terms) => {
                trade::register_trade(m, by, papers, parties, terms)
            }
            Self::RecordTradeScreening(reference, result, doc) => {
                trade::record_trade_screening(m, by, reference, result, doc)
            }
            Self::CloseTrade(reference) => trade::close_trade(m, by, reference),
            Self::SetRules(token, rules) => rules::set_rules(m, by, token, &rules),
            Self::Preclear(leave, reference) => rules::preclear(m, by, &leave, reference),
            Self::Decline(id) => rules::decline(m, by, id),
            Self::LimitReserve(what, reference) => limit::reserve(m, by, what, reference),
            Self::LimitCommit(reference) => limit::commit(m, by, reference),
            Self::LimitRelease(reference) => limit::release(m, by, reference),
            Self::Pause => m.in_register(|register| officer(&mut register.life, |l| l.pause(by))),
            Self::Unpause => {
                m.in_register(|register| officer(&mut register.life, |l| l.unpause(by)))
            }
            Self::Deactivate(doc) => {
                m.in_register(|register| officer(&mut register.life, |l| l.deactivate(by, doc)))
            }
        }
    }
}

/// `join(register)`: the escrow accepts its wallet there, for ADMIN.
fn join(m: &mut Model, by: Who) -> Result<Answer, Code> {
    let escrow = m.escrow()?;
    escrow.life.alive()?;
    escrow.life.role(by, Role::Admin)?;
    register::wallet::accept_wallet(m, ESCROW)
}

impl EscrowMessage {
    fn perform(&self, m: &mut Model, by: Who) -> Result<Answer, Code> {
        let life = |m: &mut Model, act: &dyn Fn(&mut Life) -> Result<(), Code>| {
            let escrow: &mut Escrow = m.escrow.as_mut().ok_or(NOT_FOUND)?;
            officer(&mut escrow.life, act)
        };
        match self {
            Self::Join => join(m, by),
            Self::DefineCalendar(calendar) => issue::define_calendar(m, by, calendar),
            Self::Apply(terms) => issue::apply(m, by, terms),
            Self::Issue(lc, hold) => issue::issue(m, by, *lc, *hold),
            Self::Advise(lc) => issue::advise(m, by, *lc),
            Self::Confirm(lc, hold) => issue::confirm(m, by, *lc, *hold),
            Self::AddHold(lc, hold) => issue::add_hold(m, by, *lc, *hold),
            Self::ProposeAmend(lc, clauses) => amend::propose_amend(m, by, *lc, clauses),
            Self::AnswerAmend(lc, n, accepts) => amend::answer_amend(m, by, (*lc, *n), *accepts),
            Self::Present(lc, docs, claim, shipment) => {
                examine::present(m, by, *lc, (docs, *claim, *shipment))
            }
            Self::Complete(lc, n) => examine::complete(m, by, *lc, *n),
            Self::Examine(lc, n) => examine::examine(m, by, *lc, *n),
            Self::Refuse(lc, n, reasons, disposal) => {
                examine::refuse(m, by, (*lc, *n), (*reasons, *disposal))
            }
            Self::AskWaiver(lc, n) => {
                examine::waive(m, by, (*lc, *n), (Waiver::None, Some(Waiver::Asked)))
            }
            Self::GiveWaiver(lc, n) => {
                examine::waive(m, by, (*lc, *n), (Waiver::Asked, Some(Waiver::Given)))
            }
            Self::AcceptWaiver(lc, n) => examine::waive(m, by, (*lc, *n), (Waiver::Given, None)),
            Self::SuspendCorrupt(lc, n, hash) => examine::suspend_corrupt(m, by, (*lc, *n), *hash),
            Self::Represent(lc, n, old, new) => examine::represent(m, by, (*lc, *n), (*old, *new)),
            Self::StopClock(lc) => examine::stop_clock(m, *lc),
            Self::AssignAgent(lc, bank) => examine::assign_agent(m, by, *lc, *bank),
            Self::Honour(lc, n) => settle::honour(m, *lc, *n),
            Self::HonourConfirming(lc, n, licence) => {
                settle::honour_confirming(m, by, (*lc, *n), *licence)
            }
            Self::Reimburse(lc, n) => settle::reimburse(m, *lc, *n),
            Self::WaiveReimbursement(lc, n) => settle::waive_reimbursement(m, by, *lc, *n),
            Self::ReleaseMilestone(lc, k) => settle::release_milestone(m, *lc, *k),
            Self::Protest(lc, n) => settle::protest(m, *lc, *n),
            Self::TransferCredit(terms, times) => assign::transfer_credit(m, by, *terms, *times),
            Self::AssignProceeds(lc, pid, bps) => assign::assign_proceeds(m, by, *lc, (*pid, *bps)),
            Self::SetFx(lc, fx) => exchange::set_fx(m, by, *lc, *fx),
            Self::FileLicence(lc, n, doc) => licence::file_licence(m, by, (*lc, *n), *doc),
            Self::ProposeRelease(lc, n, papers) => {
                licence::propose_release(m, by, (*lc, *n), *papers)
            }
            Self::ApproveRelease(id) => licence::approve_release(m, by, *id),
            Self::OpenDispute(lc, n, doc) => dispute::open_dispute(m, by, (*lc, *n), *doc),
            Self::Award(lc, n, parts, doc) => dispute::award(m, by, (*lc, *n), *parts, *doc),
            Self::ReturnDocuments(lc, n) => record::return_documents(m, *lc, *n),
            Self::ReturnRecord(id) => record::return_record(m, by, *id),
            Self::Cancel(lc) => issue::cancel(m, by, *lc),
            Self::Expire(lc) => issue::expire(m, *lc),
            Self::Pause => life(m, &|life| life.pause(by)),
            Self::Unpause => life(m, &|life| life.unpause(by)),
            Self::Deactivate(doc) => life(m, &|life| life.deactivate(by, *doc)),
        }
    }
}
