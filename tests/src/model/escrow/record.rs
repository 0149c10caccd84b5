//! Records of the registry behind documents: control comes with a presentation and goes with the money.

use super::document::Document;
use crate::model::cast::{ESCROW, Who};
use crate::model::code::{
    BAD_DOCUMENT, BAD_STATE, Code, NOT_CONTROLLER, NOT_FOUND, UNAUTHORIZED, need,
};
use crate::model::register::Pid;
use crate::model::rights::record::{Record, endorse, return_control};
use crate::model::rights::{Detail, Status};
use crate::model::{Answer, Model};

/// A record and its document.
fn view(model: &Model, id: u64) -> Result<(Record, u16, bool), Code> {
    let rights = model.rights.as_ref().ok_or(NOT_FOUND)?;
    let object = rights.objects.get(&id).ok_or(NOT_FOUND)?;
    match &object.detail {
        Detail::Record(record) => {
            let live = object.status == Status::Live;
            Ok((record.clone(), object.doc, live))
        }
        _ => Err(NOT_FOUND),
    }
}

/// The record is this document, and the presenter pledged its control to the escrow.
pub(super) fn pledged(model: &Model, id: u64, doc: &Document, by: Pid) -> Result<(), Code> {
    let (record, hash, live) = view(model, id)?;
    let ours = live && record.pledged == Some(ESCROW);
    need(
        ours && model.pid_of(record.wallet) == Some(by),
        NOT_CONTROLLER,
    )?;
    need(hash == doc.hash, BAD_DOCUMENT)
}

/// Gives control of records to somebody.
pub(super) fn hand(model: &mut Model, records: Vec<u64>, to: Who) -> Result<(), Code> {
    for id in records {
        endorse(model, ESCROW, id, to)?;
    }
    Ok(())
}

/// Gives control of records back to who pledged them.
pub(super) fn hand_back(model: &mut Model, records: Vec<u64>) -> Result<(), Code> {
    for id in records {
        return_control(model, ESCROW, id)?;
    }
    Ok(())
}

/// Gives control back of what the registry lets go; the rest stays with the presentation.
pub(super) fn try_return(model: &mut Model, (lc, n): (u64, u64)) {
    let pledged = model.shown(lc, n).map(|shown| shown.pledged.clone());
    for id in pledged.unwrap_or_default() {
        if return_control(model, ESCROW, id).is_ok() {
            model.change_shown(lc, n, |shown| shown.pledged.retain(|one| *one != id));
        }
    }
}

/// `return_documents(lc, n)`: an exit, anybody's, of what came to nothing.
pub(crate) fn return_documents(model: &mut Model, lc: u64, n: u64) -> Result<Answer, Code> {
    let ended = model.credit(lc)?.live().is_err();
    let shown = model.shown(lc, n)?;
    let over = ended || !shown.is_open(model.now);
    need(over && !shown.pledged.is_empty(), BAD_STATE)?;
    let back = shown.pledged.clone();
    model.change_shown(lc, n, |shown| shown.pledged.clear());
    hand_back(model, back)?;
    Ok(Answer::Nothing)
}

/// `return_record(record)`: an exit, of who pledged a record that no presentation has.
pub(crate) fn return_record(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    let (record, doc, live) = view(model, id)?;
    need(live && record.pledged == Some(ESCROW), NOT_CONTROLLER)?;
    let caller = model.pid_of(by);
    let own = caller.is_some() && caller == model.pid_of(record.wallet);
    need(own, UNAUTHORIZED)?;
    if let Some((lc, n)) = model.escrow()?.hashes.get(&doc).copied() {
        let shown = model.shown(lc, n);
        let serves = shown.is_ok_and(|shown| shown.pledged.contains(&id));
        need(!serves, BAD_STATE)?;
    }
    hand_back(model, vec![id])?;
    Ok(Answer::Nothing)
}
