//! Participants: known, screened, approved, suspended, closed.

use super::{Act, Finding, Party, Pid, Register, Standing};
use crate::model::cast::Who;
use crate::model::code::{
    BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, DUTY_CONFLICT, NOT_FOUND, SANCTIONS_HIT,
    UNAUTHORIZED, need,
};
use crate::model::life::Role;
use crate::model::register::trade::Authority;
use crate::model::{Answer, Model, Seconds};

/// What kind of party, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, parity_scale_codec::Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Kind {
    Natural,
    SoleTrader,
    Legal,
    Public,
    System,
}

/// What is entered of a candidate: its kind, at home here, from where.
pub type Candidate = (Kind, bool, [u8; 2]);

/// `register(kind, residency, country, pii) -> pid`: OPERATOR or an onboarding agent.
pub(crate) fn register(
    model: &mut Model,
    by: Who,
    (kind, resident, country): Candidate,
    pii: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.open()?;
        need(country.iter().all(u8::is_ascii_uppercase), BAD_ARGUMENT)?;
        need(pii != 0, BAD_DOCUMENT)?;
        let agent = [
            Authority::InformationSystemOperator,
            Authority::AuthorisedInstitution,
        ];
        let onboards = register.acting_as(now, by, &agent).is_ok();
        need(
            onboards || register.life.is(by, Role::Operator),
            UNAUTHORIZED,
        )?;
        let pid = u64::try_from(register.parties.len()).unwrap_or(u64::MAX) + 1;
        let party = Party {
            kind,
            resident,
            country,
            qualified: None,
            standing: Standing::Pending,
            kyc_until: 0,
            screening: None,
            proposer: by,
        };
        register.parties.insert(pid, party);
        Ok(Answer::Number(pid))
    })
}

/// `approve(pid, kyc_until, risk, doc)`: of a candidate, or what is known anew.
pub(crate) fn approve(
    model: &mut Model,
    by: Who,
    pid: Pid,
    kyc_until: Seconds,
    doc: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.open()?;
        need(kyc_until > now, BAD_ARGUMENT)?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Compliance)?;
        let party = register.party(pid)?;
        need(!register.same_person(party.proposer, by), DUTY_CONFLICT)?;
        register.of_another(by, pid)?;
        let open = matches!(party.standing, Standing::Pending | Standing::Active);
        need(open, BAD_STATE)?;
        let clear = matches!(party.screening, Some((Finding::Clear, _)));
        need(clear, SANCTIONS_HIT)?;
        register.change(pid, |party| {
            party.standing = Standing::Active;
            party.kyc_until = kyc_until;
        });
        Ok(Answer::Nothing)
    })
}

/// `set_qualification(pid, level, doc)`
pub(crate) fn set_qualification(
    model: &mut Model,
    by: Who,
    pid: Pid,
    until: Option<Seconds>,
    doc: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.open()?;
        need(until.is_none_or(|until| now <= until), BAD_ARGUMENT)?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Compliance)?;
        let standing = register.party(pid)?.standing;
        register.of_another(by, pid)?;
        need(standing != Standing::Closed, BAD_STATE)?;
        register.change(pid, |party| party.qualified = until);
        Ok(Answer::Nothing)
    })
}

/// `record_screening(pid, list_id, list_version, result, evidence)`: a hit stays until it is cleared.
pub(crate) fn record_screening(
    model: &mut Model,
    by: Who,
    (pid, list, version): (Pid, u32, u64),
    result: Finding,
    evidence: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        need(evidence != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Screener)?;
        let last = register.party(pid)?.screening;
        let newest = register.versions.get(&(pid, list)).copied();
        need(newest.is_none_or(|newest| version >= newest), BAD_ARGUMENT)?;
        let stands = matches!(last, Some((Finding::Hit, _)));
        need(!stands || result == Finding::Hit, BAD_STATE)?;
        register.versions.insert((pid, list), version);
        register.change(pid, |party| party.screening = Some((result, now)));
        Ok(Answer::Nothing)
    })
}

fn hit(register: &Register, pid: Pid) -> Result<(), Code> {
    let hit = matches!(register.party(pid)?.screening, Some((Finding::Hit, _)));
    need(hit, BAD_STATE)
}

/// `propose_clear_hit(pid, doc)`
pub(crate) fn propose_clear_hit(
    model: &mut Model,
    by: Who,
    pid: Pid,
    doc: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Compliance)?;
        register.of_another(by, pid)?;
        hit(register, pid)?;
        Ok(register.propose(now, by, Act::ClearHit(pid)))
    })
}

/// `approve_clear_hit(id)`: the day of the screening stays what it was.
pub(crate) fn approve_clear_hit(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        let (act, until) = register.approvable(by, id, Role::Compliance)?;
        let Act::ClearHit(pid) = act else {
            return Err(NOT_FOUND);
        };
        register.of_another(by, pid)?;
        hit(register, pid)?;
        register.close_proposal(now, id, until)?;
        register.change(pid, |party| {
            party.screening = party.screening.map(|(_, at)| (Finding::Clear, at));
        });
        Ok(Answer::Nothing)
    })
}

/// `suspend(pid, reason, doc)`: not stopped by a pause.
pub(crate) fn suspend(model: &mut Model, by: Who, pid: Pid, doc: u8) -> Result<Answer, Code> {
    model.in_register(|register| {
        register.life.alive()?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Compliance)?;
        need(register.party(pid)?.standing == Standing::Active, BAD_STATE)?;
        register.change(pid, |party| party.standing = Standing::Suspended);
        Ok(Answer::Nothing)
    })
}

/// `propose_reinstate(pid, reason, doc)`
pub(crate) fn propose_reinstate(
    model: &mut Model,
    by: Who,
    pid: Pid,
    doc: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.open()?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Compliance)?;
        register.of_another(by, pid)?;
        need(
            register.party(pid)?.standing == Standing::Suspended,
            BAD_STATE,
        )?;
        Ok(register.propose(now, by, Act::Reinstate(pid)))
    })
}

/// `approve_reinstate(id)`
pub(crate) fn approve_reinstate(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.open()?;
        let (act, until) = register.approvable(by, id, Role::Compliance)?;
        let Act::Reinstate(pid) = act else {
            return Err(NOT_FOUND);
        };
        register.of_another(by, pid)?;
        need(
            register.party(pid)?.standing == Standing::Suspended,
            BAD_STATE,
        )?;
        register.close_proposal(now, id, until)?;
        register.change(pid, |party| party.standing = Standing::Active);
        Ok(Answer::Nothing)
    })
}

/// `close(pid, reason, doc)`: final.
pub(crate) fn close(model: &mut Model, by: Who, pid: Pid, doc: u8) -> Result<Answer, Code> {
    model.in_register(|register| {
        register.life.alive()?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Compliance)?;
        need(register.party(pid)?.standing != Standing::Closed, BAD_STATE)?;
        register.change(pid, |party| party.standing = Standing::Closed);
        Ok(Answer::Nothing)
    })
}

impl Register {
    fn change(&mut self, pid: Pid, change: impl FnOnce(&mut Party)) {
        if let Some(party) = self.parties.get_mut(&pid) {
            change(party);
        }
    }
}
