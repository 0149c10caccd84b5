//! Documentary credits (C4): an importer's held money reaches the exporter against documents.
//!
//! At sight, deferred, by milestones, in instalments; with confirmation, amendment, transfer, assignment,
//! disputes, records of the registry, conditions, exchange into another token, licences.

pub mod amend;
pub mod assess;
pub mod assign;
pub mod calendar;
pub mod condition;
pub mod dispute;
pub mod document;
pub mod examine;
pub mod exchange;
pub mod issue;
pub mod licence;
pub mod record;
pub mod settle;
pub mod terms;

use super::cast::{ESCROW, Who};
use super::code::{BAD_STATE, Code, HALTED, NOT_FOUND, NOT_VETTED, UNAUTHORIZED, need};
use super::life::Life;
use super::register::trade::Authority;
use super::register::{Finding, Pid, WalletState};
use super::{Model, Seconds, Units};
use std::collections::{BTreeMap, BTreeSet};
use terms::Clauses;

/// Seconds after which a screening is too old for an issue.
pub const SCREENING_AGE: Seconds = 200 * 86_400;

/// A participant and the wallet it named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Party {
    pub pid: Pid,
    pub wallet: Who,
}

/// Where a credit stands, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Stage {
    Draft,
    Issued,
    Closed,
    Expired,
    Cancelled,
}

/// Whose money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Source {
    Applicant,
    Confirming,
    Provider,
}

/// E1: funded = drawn + returned + held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Books {
    pub funded: Units,
    pub drawn: Units,
    pub returned: Units,
    pub held: Units,
}

/// A hold behind a credit, and what the credit still counts on in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Funding {
    pub source: Source,
    pub token: Who,
    pub hold: u64,
    pub left: Units,
}

/// An amendment, and the seats that accepted it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Amendment {
    pub clauses: Clauses,
    pub accepted: BTreeSet<Seat>,
}

/// In which capacity a participant acts on a credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Seat {
    Applicant,
    Beneficiary,
    Issuing,
    Confirming,
    Second,
}

/// What the first beneficiary passed on: to whom, how much, until when, shipped until when.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Transferred {
    pub second: Party,
    pub amount: Units,
    pub expiry: Seconds,
    pub latest_shipment: Seconds,
    pub used: Units,
}

/// On which state of a credit its parties agreed to cancel it.
type Cancelling = (Clauses, Units, usize, BTreeSet<Seat>);

/// A credit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Credit {
    pub applicant: Party,
    pub beneficiary: Party,
    pub issuing: Party,
    pub advising: Option<Party>,
    pub confirming: Option<Party>,
    pub nominated: Option<Party>,
    pub arbiter: Option<Who>,
    pub transferred: Option<Transferred>,
    /// Shares of the proceeds that others get, in basis points.
    pub assigned: Vec<(Party, u16)>,
    /// On which transfer its parties agreed, and who did.
    pub passing: Option<(Transferred, BTreeSet<Seat>)>,
    /// Into which unit, for how much, it is paid.
    pub fx: Option<exchange::Fx>,
    /// Who provides that unit.
    pub provider: Option<Party>,
    /// On which exchange its parties agreed, and who did.
    pub exchanging: Option<(exchange::Fx, BTreeSet<Seat>)>,
    pub trade: u8,
    pub stage: Stage,
    pub advised: bool,
    pub confirmed: bool,
    pub funding: Vec<Funding>,
    pub books: BTreeMap<Source, Books>,
    /// Claims settled.
    pub used: Units,
    /// What a confirming bank paid and was not paid back.
    pub advanced: Units,
    pub clauses: Clauses,
    pub shown: Vec<document::Presentation>,
    pub amendments: Vec<Amendment>,
    /// The amendment that waits.
    pub pending: Option<u64>,
    pub cancelling: Option<(Cancelling, BTreeSet<Seat>)>,
    /// The clocks stand still: the issuing bank lost its authorisation.
    pub stopped: bool,
}

/// The escrow.
#[derive(Clone, Debug, Default)]
pub struct Escrow {
    /// Roles, pause, end.
    pub life: Life,
    /// By number, from 1.
    pub credits: BTreeMap<u64, Credit>,
    /// Calendars, numbered from 1.
    pub calendars: Vec<calendar::Calendar>,
    /// Holds behind credits, of which token.
    pub used_holds: BTreeSet<(Who, u64)>,
    /// Hashes of documents: in which presentation.
    pub hashes: BTreeMap<u16, (u64, u64)>,
    /// Business keys of documents: in which presentation.
    pub keys: BTreeMap<document::Key, (u64, u64)>,
    /// Licences that were filed, by presentation.
    pub licences: BTreeMap<(u64, u64), u8>,
    /// Payments under licence that wait for a second person.
    pub proposals: BTreeMap<u64, licence::Proposal>,
    /// Proposals so far.
    pub proposed: u64,
}

impl Escrow {
    /// The calendar of this number.
    #[must_use]
    pub fn calendar(&self, number: u64) -> Option<&calendar::Calendar> {
        let at = usize::try_from(number.checked_sub(1)?).ok()?;
        self.calendars.get(at)
    }

    /// The second in which a credit ends.
    #[must_use]
    pub fn end_of(&self, credit: &Credit) -> Seconds {
        let (calendar, expiry) = (
            self.calendar(credit.clauses.calendar),
            credit.clauses.expiry,
        );
        calendar.map_or(expiry, |calendar| calendar.moved(expiry))
    }
}

impl Credit {
    /// Acts on a credit that is over or not begun are refused.
    pub(super) fn live(&self) -> Result<(), Code> {
        need(self.stage == Stage::Issued, BAD_STATE)
    }

    /// Seats of a participant.
    pub(super) fn seats(&self, pid: Pid) -> BTreeSet<Seat> {
        let confirming = self.confirming.filter(|_| self.confirmed);
        let all = [
            (Some(self.applicant), Seat::Applicant),
            (Some(self.beneficiary), Seat::Beneficiary),
            (Some(self.issuing), Seat::Issuing),
            (confirming, Seat::Confirming),
            (self.transferred.as_ref().map(|t| t.second), Seat::Second),
        ];
        let own = all
            .into_iter()
            .filter(|(party, _)| party.is_some_and(|p| p.pid == pid));
        own.map(|(_, seat)| seat).collect()
    }

    /// Those without whom clauses do not change.
    pub(super) fn protected(&self) -> BTreeSet<Seat> {
        let confirming = self.confirmed.then_some(Seat::Confirming);
        let second = self.transferred.is_some().then_some(Seat::Second);
        let more = confirming.into_iter().chain(second);
        [Seat::Beneficiary].into_iter().chain(more).collect()
    }

    /// The beneficiary, or the second one.
    pub(super) fn presenter(&self, second: bool) -> Party {
        let transferred = self.transferred.as_ref().filter(|_| second);
        transferred.map_or(self.beneficiary, |t| t.second)
    }

    /// What the credit counts on of somebody's money.
    #[must_use]
    pub fn left(&self, source: Source) -> Units {
        let own = self
            .funding
            .iter()
            .filter(|funding| funding.source == source);
        own.map(|funding| funding.left).sum()
    }

    /// What it keeps of the trade's amount.
    #[must_use]
    pub fn reserved(&self, clauses: &Clauses) -> Units {
        match self.stage {
            Stage::Issued => clauses
                .amount
                .saturating_sub(self.used)
                .saturating_add(self.advanced),
            _ => 0,
        }
    }

    /// Claims presented and neither settled nor lost.
    #[must_use]
    pub fn open_claims(&self, now: Seconds) -> Units {
        let open = self.shown.iter().filter(|shown| shown.reserves(now));
        open.map(|shown| shown.claim).fold(0, Units::saturating_add)
    }

    /// Those of one presenter.
    pub(super) fn own_claims(&self, now: Seconds, second: bool) -> Units {
        let open = self.shown.iter().filter(|shown| shown.reserves(now));
        let own = open.filter(|shown| shown.second == second);
        own.map(|shown| shown.claim).fold(0, Units::saturating_add)
    }

    /// What was paid for a part or is claimed.
    pub(super) fn taken(&self, now: Seconds, part: usize) -> Units {
        let all = self.shown.iter().filter(|shown| shown.part == Some(part));
        let counts = all.filter(|shown| !shown.lost(now));
        counts
            .map(|shown| shown.claim)
            .fold(0, Units::saturating_add)
    }

    /// True while a presentation may still have to be paid.
    #[must_use]
    pub fn has_open(&self, now: Seconds) -> bool {
        self.shown.iter().any(|shown| shown.is_open(now))
    }
}

impl Model {
    /// The escrow of this model.
    pub(super) fn escrow(&self) -> Result<&Escrow, Code> {
        self.escrow.as_ref().ok_or(NOT_FOUND)
    }

    /// Step 1 of acts of the market.
    pub(super) fn trading(&self) -> Result<(), Code> {
        self.escrow()?.life.open()?;
        need(!self.halted(ESCROW), HALTED)
    }

    /// The calendar of a credit.
    pub(super) fn calendar(&self, clauses: &Clauses) -> Result<&calendar::Calendar, Code> {
        self.escrow()?.calendar(clauses.calendar).ok_or(NOT_FOUND)
    }

    pub(super) fn credit(&self, lc: u64) -> Result<&Credit, Code> {
        self.escrow()?.credits.get(&lc).ok_or(NOT_FOUND)
    }

    pub(super) fn shown(&self, lc: u64, n: u64) -> Result<&document::Presentation, Code> {
        let at = usize::try_from(n).ok().and_then(|n| n.checked_sub(1));
        let shown = at.and_then(|at| self.escrow.as_ref()?.credits.get(&lc)?.shown.get(at));
        shown.ok_or(NOT_FOUND)
    }

    pub(super) fn change_credit(&mut self, lc: u64, change: impl FnOnce(&mut Credit)) {
        let credits = self.escrow.as_mut().map(|escrow| &mut escrow.credits);
        if let Some(credit) = credits.and_then(|credits| credits.get_mut(&lc)) {
            change(credit);
        }
    }

    pub(super) fn change_shown(
        &mut self,
        lc: u64,
        n: u64,
        change: impl FnOnce(&mut document::Presentation),
    ) {
        let at = usize::try_from(n).unwrap_or(usize::MAX);
        self.change_credit(lc, |credit| {
            if let Some(shown) = credit.shown.get_mut(at.wrapping_sub(1)) {
                change(shown);
            }
        });
    }

    /// The caller's participant: strangers may do nothing (1), wallets out of use nothing more (100).
    pub(super) fn caller(&self, by: Who) -> Result<Pid, Code> {
        let register = self.register.as_ref().ok_or(NOT_FOUND)?;
        let (pid, state) = register.wallets.get(&by).copied().ok_or(UNAUTHORIZED)?;
        need(state == WalletState::Active, NOT_VETTED)?;
        Ok(pid)
    }

    /// Step 3: the caller is this party, through any wallet in use.
    pub(super) fn acts(&self, by: Who, party: Party) -> Result<(), Code> {
        need(self.caller(by)? == party.pid, UNAUTHORIZED)
    }

    /// Step 3: the caller has one of these seats; which of them.
    pub(super) fn seated(
        &self,
        by: Who,
        credit: &Credit,
        seats: &BTreeSet<Seat>,
    ) -> Result<BTreeSet<Seat>, Code> {
        let own = credit.seats(self.caller(by)?);
        let own: BTreeSet<Seat> = own.intersection(seats).copied().collect();
        need(!own.is_empty(), UNAUTHORIZED)?;
        Ok(own)
    }

    /// The participant of a wallet in use.
    pub(super) fn party_of(&self, wallet: Who) -> Result<Party, Code> {
        let register = self.register.as_ref().ok_or(NOT_FOUND)?;
        match register.wallets.get(&wallet) {
            Some((pid, WalletState::Active)) => Ok(Party { pid: *pid, wallet }),
            _ => Err(NOT_VETTED),
        }
    }

    /// Where a party is reached: its wallet, or another in use.
    pub(super) fn reach(&self, party: Party) -> Result<Who, Code> {
        if self.party_of(party.wallet) == Ok(party) {
            return Ok(party.wallet);
        }
        let register = self.register.as_ref().ok_or(NOT_FOUND)?;
        register.first_wallet(party.pid).ok_or(NOT_VETTED)
    }

    /// Whether a party may send.
    pub(super) fn party_sends(&self, party: Party) -> Result<(), Code> {
        self.may_send(self.reach(party)?)
    }

    /// Whether a party may receive.
    pub(super) fn party_receives(&self, party: Party) -> Result<(), Code> {
        let wallet = self.reach(party)?;
        let register = self.register.as_ref().ok_or(NOT_FOUND)?;
        register.receives(self.now, wallet)
    }

    /// Whether a bank may undertake payments.
    pub(super) fn bank_authorised(&self, bank: Party) -> bool {
        let register = self.register.as_ref();
        register.is_some_and(|r| r.authorised(self.now, bank.pid, Authority::IssuingBank))
    }

    /// The last screening of the goods of a trade, and when.
    pub(super) fn goods(&self, trade: u8) -> Option<(Finding, Seconds)> {
        let trade = self.register.as_ref()?.trades.get(&trade)?;
        trade
            .screening
            .map(|(.., finding)| finding)
            .zip(trade.screened)
    }
}
