//! Records: one controller each (R4), the holder or the contract to which the holder pledged it.

use super::part::Part;
use super::{Class, Detail, Object, Sides};
use crate::model::cast::{NOBODY, Who};
use crate::model::code::{
    BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, NOT_AUTHORISED, NOT_CONTROLLER, NOT_FOUND,
    NOT_TRANSFERABLE, need,
};
use crate::model::register::Pid;
use crate::model::{Answer, Model};
use parity_scale_codec::Encode;

/// What a record is, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum RecordType {
    BillOfLading,
    WarehouseReceipt,
    BillOfExchange,
    PromissoryNote,
    CargoInsurance,
    Certificate,
}

/// Where a record stands, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum RecordState {
    Issued,
    Presented,
    Surrendered,
    ConvertedToPaper,
}

/// What a record has beside an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Record {
    pub kind: RecordType,
    pub issuer: Pid,
    pub state: RecordState,
    pub wallet: Who,
    pub pledged: Option<Who>,
    pub endorsements: u64,
    pub last_holder: Option<Pid>,
    pub paper: Option<u16>,
    pub replaced_by: Option<u64>,
}

impl Record {
    const fn new(kind: RecordType, issuer: Pid, wallet: Who) -> Self {
        Self {
            kind,
            issuer,
            state: RecordState::Issued,
            wallet,
            pledged: None,
            endorsements: 0,
            last_holder: None,
            paper: None,
            replaced_by: None,
        }
    }
}

const fn class(kind: RecordType) -> Class {
    match kind {
        RecordType::Certificate => Class::Certificate,
        _ => Class::TransferableRecord,
    }
}

fn found(model: &Model, id: u64) -> Result<(Object, Record), Code> {
    let object = model.rights()?.object(id)?.clone();
    match object.detail.clone() {
        Detail::Record(record) => Ok((object, record)),
        _ => Err(NOT_FOUND),
    }
}

/// `issue_record(type, ref_no, doc, first_holder) -> id`: the caller answers for both sides.
pub(crate) fn issue_record(
    model: &mut Model,
    by: Who,
    kind: RecordType,
    (ref_no, doc): (u16, u16),
    first: Who,
) -> Result<Answer, Code> {
    model.registering()?;
    need(ref_no != 0, BAD_ARGUMENT)?;
    need(doc != 0, BAD_DOCUMENT)?;
    model.rights()?.free_number(class(kind), ref_no)?;
    model.rights()?.unused(doc)?;
    let issuer = model.known(by)?;
    let holder = model.known(first)?;
    model.standing(&Sides {
        caller: Some(by),
        to: vec![first, by],
        ..Sides::default()
    })?;
    let now = model.now;
    model.change_rights(|rights| {
        rights.documents.insert(doc);
        let record = Record::new(kind, issuer, first);
        let owned = (holder, Detail::Record(record));
        let id = rights.id();
        rights.store(now, id, Object::owned(class(kind), ref_no, doc, owned));
        Ok(Answer::Number(id))
    })
}

/// The record, if it is the caller's to act on; it may go to `to`. A contract to which it is pledged is no
/// party itself.
fn controlled(model: &Model, by: Who, id: u64, to: Option<Who>) -> Result<(Object, Record), Code> {
    let (object, record) = found(model, id)?;
    object.live()?;
    model.standing(&Sides {
        caller: record.pledged.is_none().then_some(by),
        to: to.into_iter().collect(),
        ..Sides::default()
    })?;
    model.unblocked(id, (true, false, false))?;
    need(object.class != Class::Certificate, NOT_TRANSFERABLE)?;
    let caller = model.pid_of(by);
    let controls = match record.pledged {
        Some(contract) => by == contract,
        None => caller.is_some() && caller == object.sole_owner(),
    };
    need(controls, NOT_CONTROLLER)?;
    Ok((object, record))
}

fn keep(
    model: &mut Model,
    id: u64,
    (object, record): (Object, Record),
    doc: Option<u16>,
) -> Result<Answer, Code> {
    let now = model.now;
    model.change_rights(|rights| {
        rights.documents.extend(doc);
        let detail = Detail::Record(record);
        rights.store(now, id, Object { detail, ..object });
        Ok(Answer::Nothing)
    })
}

/// `endorse(id, to)`
pub(crate) fn endorse(model: &mut Model, by: Who, id: u64, to: Who) -> Result<Answer, Code> {
    model.registering()?;
    let (mut object, mut record) = controlled(model, by, id, Some(to))?;
    let from = object.sole_owner().ok_or(BAD_STATE)?;
    object.shift(from, model.known(to)?, Part::WHOLE)?;
    record.wallet = to;
    record.pledged = None;
    record.state = RecordState::Issued;
    record.endorsements += 1;
    keep(model, id, (object, record), None)
}

fn void(mut object: Object, mut record: Record) -> (Object, Record) {
    record.last_holder = object.sole_owner();
    record.pledged = None;
    object.close();
    (object, record)
}

/// `surrender(id)`: not stopped by a pause.
pub(crate) fn surrender(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    model.rights()?.life.alive()?;
    let (object, mut record) = controlled(model, by, id, None)?;
    record.state = RecordState::Surrendered;
    keep(model, id, void(object, record), None)
}

/// `to_paper(id, doc)`
pub(crate) fn to_paper(model: &mut Model, by: Who, id: u64, doc: u16) -> Result<Answer, Code> {
    model.registering()?;
    need(doc != 0, BAD_DOCUMENT)?;
    found(model, id)?;
    model.rights()?.unused(doc)?;
    let (object, mut record) = controlled(model, by, id, None)?;
    record.state = RecordState::ConvertedToPaper;
    record.paper = Some(doc);
    keep(model, id, void(object, record), Some(doc))
}

/// `from_paper(old, doc, holder) -> id`: the issuer's; the paper that went out, or another that nothing
/// rests on.
pub(crate) fn from_paper(
    model: &mut Model,
    by: Who,
    old_id: u64,
    (doc, wallet): (u16, Who),
) -> Result<Answer, Code> {
    model.registering()?;
    need(doc != 0, BAD_DOCUMENT)?;
    let (old, mut record) = found(model, old_id)?;
    model.is_party(by, record.issuer)?;
    let waits = record.state == RecordState::ConvertedToPaper && record.replaced_by.is_none();
    if record.paper != Some(doc) || record.replaced_by.is_some() {
        model.rights()?.unused(doc)?;
    }
    need(waits, BAD_STATE)?;
    let holder = model.known(wallet)?;
    model.standing(&Sides {
        caller: Some(by),
        to: vec![wallet, by],
        ..Sides::default()
    })?;
    let now = model.now;
    model.change_rights(|rights| {
        rights.documents.insert(doc);
        let id = rights.id();
        let fresh = Record::new(record.kind, record.issuer, wallet);
        let owned = (holder, Detail::Record(fresh));
        let object = Object {
            parents: vec![old_id],
            ..Object::owned(old.class, old.ref_no, doc, owned)
        };
        record.replaced_by = Some(id);
        let detail = Detail::Record(record);
        rights.store(now, old_id, Object { detail, ..old });
        rights.store(now, id, object);
        Ok(Answer::Number(id))
    })
}

/// `pledge_control(id, contract)`: to a contract that the register knows as a system.
pub(crate) fn pledge_control(
    model: &mut Model,
    by: Who,
    id: u64,
    contract: Who,
) -> Result<Answer, Code> {
    model.registering()?;
    need(contract != NOBODY && contract != by, BAD_ARGUMENT)?;
    let (object, mut record) = controlled(model, by, id, None)?;
    // Of a pledged record all others are no controllers: this is the contract's own refusal.
    need(record.pledged.is_none(), BAD_STATE)?;
    model.known(contract)?;
    model.standing(&Sides {
        to: vec![contract],
        ..Sides::default()
    })?;
    need(model.is_system(contract), NOT_AUTHORISED)?;
    record.wallet = by;
    record.pledged = Some(contract);
    record.state = RecordState::Presented;
    keep(model, id, (object, record), None)
}

/// `return_control(id)`: an exit, never stopped.
pub(crate) fn return_control(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    let (object, mut record) = found(model, id)?;
    object.live()?;
    need(record.pledged == Some(by), NOT_CONTROLLER)?;
    record.pledged = None;
    record.state = RecordState::Issued;
    keep(model, id, (object, record), None)
}
