//! Authorisations, and trade contracts under which units for foreign trade move.

use super::{Finding, Pid, Register, Standing};
use crate::model::cast::Who;
use crate::model::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, DUPLICATE_DOCUMENT, NOT_FOUND,
    RING_FENCE, UNAUTHORIZED, ZERO_AMOUNT, need,
};
use crate::model::life::Role;
use crate::model::{Answer, Model, Seconds, Units};
use parity_scale_codec::Encode;

/// What somebody may be authorised as, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Authority {
    InformationSystemOperator,
    ExchangeOperator,
    AuthorisedInstitution,
    ElrOperator,
    IssuingBank,
    NomineeHolder,
    ForeignNominee,
}

/// How a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum GrantState {
    Active,
    Suspended,
    Revoked,
}

/// An authorisation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Grant {
    pub from: Seconds,
    pub until: Seconds,
    pub state: GrantState,
}

/// A trade contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Trade {
    pub exporter: Pid,
    pub importer: Pid,
    pub amount: Units,
    pub settled: Units,
    pub funded: Units,
    pub until: Seconds,
    pub bank: Pid,
    pub open: bool,
    /// List, version, finding on goods and routes.
    pub screening: Option<(u32, u64, Finding)>,
    /// When.
    pub screened: Option<Seconds>,
}

impl Register {
    /// True if a participant, itself active, is authorised at this second.
    #[must_use]
    pub fn authorised(&self, at: Seconds, pid: Pid, kind: Authority) -> bool {
        let active = self
            .parties
            .get(&pid)
            .is_some_and(|p| p.standing == Standing::Active);
        let grant = self.grants.get(&(pid, kind));
        let counts = grant.is_some_and(|grant| {
            grant.state == GrantState::Active && grant.from <= at && at <= grant.until
        });
        active && counts
    }

    /// The caller's participant, if it may act and is authorised as one of these.
    pub(super) fn acting_as(
        &self,
        now: Seconds,
        by: Who,
        kinds: &[Authority],
    ) -> Result<Pid, Code> {
        self.sends(now, by).map_err(|_| UNAUTHORIZED)?;
        let pid = self.pid_of(by).ok_or(UNAUTHORIZED)?;
        let counts = kinds.iter().any(|kind| self.authorised(now, pid, *kind));
        need(counts, UNAUTHORIZED)?;
        Ok(pid)
    }
}

/// `grant_authorisation(pid, kind, from, until, doc)`: again replaces.
pub(crate) fn grant(
    model: &mut Model,
    by: Who,
    (pid, kind): (Pid, Authority),
    (from, until): (Seconds, Seconds),
    doc: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.open()?;
        need(from <= until && now <= until, BAD_ARGUMENT)?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Regulator)?;
        need(register.party(pid)?.standing != Standing::Closed, BAD_STATE)?;
        let grant = Grant {
            from,
            until,
            state: GrantState::Active,
        };
        register.grants.insert((pid, kind), grant);
        Ok(Answer::Nothing)
    })
}

fn alter(
    model: &mut Model,
    by: Who,
    key: (Pid, Authority),
    doc: u8,
    change: impl FnOnce(&mut Grant) -> Result<(), Code>,
) -> Result<Answer, Code> {
    model.in_register(|register| {
        register.life.alive()?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Regulator)?;
        change(register.grants.get_mut(&key).ok_or(NOT_FOUND)?)?;
        Ok(Answer::Nothing)
    })
}

/// `suspend_authorisation(pid, kind, doc)`
pub(crate) fn suspend(
    model: &mut Model,
    by: Who,
    key: (Pid, Authority),
    doc: u8,
) -> Result<Answer, Code> {
    alter(model, by, key, doc, |grant| {
        need(grant.state == GrantState::Active, BAD_STATE)?;
        grant.state = GrantState::Suspended;
        Ok(())
    })
}

/// `revoke_authorisation(pid, kind, doc)`
pub(crate) fn revoke(
    model: &mut Model,
    by: Who,
    key: (Pid, Authority),
    doc: u8,
) -> Result<Answer, Code> {
    alter(model, by, key, doc, |grant| {
        need(grant.state != GrantState::Revoked, BAD_STATE)?;
        grant.state = GrantState::Revoked;
        Ok(())
    })
}

/// `register_trade(ref, exporter, importer, amount, currency, hs, doc, until)`: one resident, one not.
pub(crate) fn register_trade(
    model: &mut Model,
    by: Who,
    (reference, doc): (u8, u8),
    (exporter, importer): (Pid, Pid),
    (amount, until): (Units, Seconds),
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.open()?;
        need(reference != 0 && until > now, BAD_ARGUMENT)?;
        need(amount != 0, ZERO_AMOUNT)?;
        need(doc != 0, BAD_DOCUMENT)?;
        let bank = register.acting_as(now, by, &[Authority::AuthorisedInstitution])?;
        let seller = register.party(exporter)?.resident;
        let buyer = register.party(importer)?.resident;
        need(!register.trades.contains_key(&reference), ALREADY_EXISTS)?;
        need(!register.trade_docs.contains(&doc), DUPLICATE_DOCUMENT)?;
        Model::lower(
            register.party_sends(now, importer),
            register.party_sends(now, exporter),
        )?;
        need(seller != buyer, RING_FENCE)?;
        register.trade_docs.insert(doc);
        let trade = Trade {
            exporter,
            importer,
            amount,
            settled: 0,
            funded: 0,
            until,
            bank,
            open: true,
            screening: None,
            screened: None,
        };
        register.trades.insert(reference, trade);
        Ok(Answer::Nothing)
    })
}

/// `record_trade_screening(ref, list_id, list_version, result, evidence)`: a hit is cleared by a later
/// version of its list, or another list.
pub(crate) fn record_trade_screening(
    model: &mut Model,
    by: Who,
    reference: u8,
    (list, version, result): (u32, u64, Finding),
    evidence: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        need(evidence != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Screener)?;
        let trade = register.trades.get_mut(&reference).ok_or(NOT_FOUND)?;
        if let Some((_, last, found)) = trade.screening.filter(|(old, ..)| *old == list) {
            let again = version == last && found != Finding::Hit;
            need(version > last || again, BAD_ARGUMENT)?;
        }
        trade.screening = Some((list, version, result));
        trade.screened = Some(now);
        Ok(Answer::Nothing)
    })
}

/// `close_trade(ref)`: by its bank, while authorised, or REGULATOR.
pub(crate) fn close_trade(model: &mut Model, by: Who, reference: u8) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        let bank = register.trades.get(&reference).ok_or(NOT_FOUND)?.bank;
        if !register.life.is(by, Role::Regulator) {
            let own = register.acting_as(now, by, &[Authority::AuthorisedInstitution])?;
            need(own == bank, UNAUTHORIZED)?;
        }
        let trade = register.trades.get_mut(&reference).ok_or(NOT_FOUND)?;
        need(trade.open, BAD_STATE)?;
        trade.open = false;
        Ok(Answer::Nothing)
    })
}
