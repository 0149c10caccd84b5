//! Amendments: all or nothing, in force only when everybody who is protected has accepted.

use super::issue::budget;
use super::terms::Clauses;
use super::{Amendment, Credit, Seat, Source};
use crate::model::cast::Who;
use crate::model::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, BAD_STATE, Code, NOT_AUTHORISED, NOT_FOUND, NOT_FUNDED, OVERFLOW,
    need,
};
use crate::model::{Answer, Model, Units};
use std::collections::BTreeSet;

/// There is enough of somebody's money for what may still be drawn.
fn covered(credit: &Credit, source: Source, most: Units) -> Result<(), Code> {
    need(
        credit.left(source) >= most.saturating_sub(credit.used),
        NOT_FUNDED,
    )
}

/// The credit can bear other clauses: what is claimed, the trade, the money.
fn bearable(model: &Model, credit: &Credit, clauses: &Clauses, in_force: bool) -> Result<(), Code> {
    let most = clauses.max_draw()?;
    let claimed = credit.open_claims(model.now).checked_add(credit.used);
    need(most >= claimed.ok_or(OVERFLOW)?, BAD_ARGUMENT)?;
    let passed_on = credit.transferred.as_ref().map_or(0, |t| t.amount);
    need(most >= passed_on, BAD_ARGUMENT)?;
    let kind = |clauses: &Clauses| std::mem::discriminant(&clauses.availability);
    let same = kind(clauses) == kind(&credit.clauses);
    need(credit.shown.is_empty() || same, BAD_ARGUMENT)?;
    let own = credit.reserved(&credit.clauses);
    budget(model, credit, credit.reserved(clauses), own)?;
    covered(credit, Source::Applicant, most)?;
    if credit.confirmed && in_force {
        covered(credit, Source::Confirming, most)?;
    }
    if let Some(fx) = &credit.fx {
        let rest = fx.exchanged(most.saturating_sub(credit.used))?;
        need(credit.left(Source::Provider) >= rest, NOT_FUNDED)?;
    }
    Ok(())
}

/// `propose_amend(lc, clauses) -> n`
pub(crate) fn propose_amend(
    model: &mut Model,
    by: Who,
    lc: u64,
    clauses: &Clauses,
) -> Result<Answer, Code> {
    model.trading()?;
    clauses.shape(model.now)?;
    let credit = model.credit(lc)?.clone();
    model.acts(by, credit.issuing)?;
    model.calendar(clauses)?;
    need(credit.pending.is_none(), ALREADY_EXISTS)?;
    credit.live()?;
    need(model.bank_authorised(credit.issuing), NOT_AUTHORISED)?;
    bearable(model, &credit, clauses, false)?;
    let number = u64::try_from(credit.amendments.len()).unwrap_or(u64::MAX) + 1;
    let amendment = Amendment {
        clauses: clauses.clone(),
        accepted: BTreeSet::new(),
    };
    model.change_credit(lc, |credit| {
        credit.amendments.push(amendment);
        credit.pending = Some(number);
    });
    Ok(Answer::Number(number))
}

/// `accept_amend(lc, n)`, `reject_amend(lc, n)`
pub(crate) fn answer_amend(
    model: &mut Model,
    by: Who,
    (lc, n): (u64, u64),
    accepts: bool,
) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?.clone();
    let given = u64::try_from(credit.amendments.len()).unwrap_or(u64::MAX);
    need((1..=given).contains(&n), NOT_FOUND)?;
    let own = model.seated(by, &credit, &credit.protected())?;
    need(credit.pending == Some(n), BAD_STATE)?;
    credit.live()?;
    if accepts {
        accept(model, lc, &own)?;
    } else {
        model.change_credit(lc, |credit| credit.pending = None);
    }
    Ok(Answer::Nothing)
}

/// The amendment that waits, if there is one.
pub(super) fn waiting(credit: &Credit) -> Option<&Amendment> {
    let at = usize::try_from(credit.pending?.checked_sub(1)?).ok()?;
    credit.amendments.get(at)
}

/// Accepts the amendment that waits in these seats; the last acceptance puts it in force.
pub(super) fn accept(model: &mut Model, lc: u64, own: &BTreeSet<Seat>) -> Result<(), Code> {
    let credit = model.credit(lc)?.clone();
    let amendment = waiting(&credit).ok_or(NOT_FOUND)?.clone();
    let accepted: BTreeSet<Seat> = amendment.accepted.union(own).copied().collect();
    need(accepted != amendment.accepted, ALREADY_EXISTS)?;
    if own.contains(&Seat::Confirming) {
        covered(&credit, Source::Confirming, amendment.clauses.max_draw()?)?;
    }
    let in_force = accepted == credit.protected();
    if in_force {
        amendment.clauses.shape(model.now)?;
        bearable(model, &credit, &amendment.clauses, true)?;
    }
    let (at, now) = (credit.amendments.len() - 1, model.now);
    model.change_credit(lc, |credit| {
        credit.amendments[at].accepted = accepted;
        if in_force {
            // A milestone that is due later is so for what was shown for it, too.
            for shown in credit.shown.iter_mut().filter(|shown| shown.is_open(now)) {
                let due = amendment.clauses.milestone(shown.part).map(|part| part.due);
                if shown.pay_until.is_some() && due > shown.pay_until {
                    shown.pay_until = due;
                }
            }
            credit.clauses = amendment.clauses;
            credit.pending = None;
        }
    });
    Ok(())
}
