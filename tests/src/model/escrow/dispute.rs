//! Disputes: an arbiter divides a claim in time; a second dispute is for what cannot be paid anyway.

use super::condition::{after_conditions, decidable};
use super::document::{Standing, Step};
use super::settle::{Kind, Settlement, lawful, owed, settle};
use super::{Credit, Source};
use crate::model::cast::Who;
use crate::model::code::{BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, UNAUTHORIZED, need};
use crate::model::life::Role;
use crate::model::{Answer, Model, Units};

/// Whether it could be paid now.
fn payable(model: &Model, lc: u64, n: u64) -> Result<(), Code> {
    let credit = model.credit(lc)?;
    let shown = model.shown(lc, n)?;
    if shown.step == Step::Reimbursable {
        return model.party_sends(credit.applicant);
    }
    owed(model, credit, shown)?;
    lawful(model, credit, shown)?;
    after_conditions(model, credit, shown).map(drop)
}

/// `open_dispute(lc, n, doc)`: a party's.
pub(crate) fn open_dispute(
    model: &mut Model,
    by: Who,
    (lc, n): (u64, u64),
    doc: u8,
) -> Result<Answer, Code> {
    model.trading()?;
    need(doc != 0, BAD_DOCUMENT)?;
    let credit = model.credit(lc)?;
    let shown = model.shown(lc, n)?;
    need(!credit.seats(model.caller(by)?).is_empty(), UNAUTHORIZED)?;
    credit.live()?;
    let standing = shown.standing(model.now);
    let over = [
        Standing::Lapsed,
        Standing::Refused,
        Standing::Paid,
        Standing::Awarded,
        Standing::Presented,
    ];
    let open = !over.contains(&standing) && !shown.disputed(model.now);
    need(open, BAD_STATE)?;
    need(
        shown.dispute_end.is_none() || payable(model, lc, n).is_err(),
        BAD_STATE,
    )?;
    let calendar = model.calendar(&credit.clauses)?;
    let days = u64::from(credit.clauses.dispute_days);
    let end = calendar.end_of_day(calendar.day(model.now) + days);
    model.change_shown(lc, n, |shown| shown.dispute_end = Some(end));
    Ok(Answer::Nothing)
}

fn arbiter(model: &Model, by: Who, credit: &Credit) -> Result<(), Code> {
    match credit.arbiter {
        Some(arbiter) => need(by == arbiter, UNAUTHORIZED),
        None => model.escrow()?.life.role(by, Role::Arbiter),
    }
}

/// `award(lc, n, to_beneficiary, to_applicant, doc)`: the parts are the claim.
pub(crate) fn award(
    model: &mut Model,
    by: Who,
    (lc, n): (u64, u64),
    (pay, back): (Units, Units),
    doc: u8,
) -> Result<Answer, Code> {
    model.trading()?;
    need(doc != 0, BAD_DOCUMENT)?;
    let credit = model.credit(lc)?.clone();
    let shown = model.shown(lc, n)?.clone();
    arbiter(model, by, &credit)?;
    credit.live()?;
    need(shown.disputed(model.now), BAD_STATE)?;
    let advanced = shown.step == Step::Reimbursable;
    let whole = if advanced {
        shown.advanced
    } else {
        shown.claim
    };
    need(pay.checked_add(back) == Some(whole), BAD_ARGUMENT)?;
    if pay != 0 && advanced {
        let bank = credit.confirming.ok_or(BAD_STATE)?;
        let receives = model.party_receives(bank);
        Model::lower(model.party_sends(credit.applicant), receives)?;
    } else if pay != 0 {
        lawful(model, &credit, &shown)?;
        decidable(model, &credit, &shown)?;
    }
    let records_to = model.reach(credit.applicant);
    let settlement = Settlement {
        kind: Kind::Award,
        source: Source::Applicant,
        pay,
        back,
        step: Step::Awarded,
        records_to: records_to.unwrap_or(credit.applicant.wallet),
    };
    settle(model, (lc, n), &settlement)?;
    Ok(Answer::Nothing)
}
