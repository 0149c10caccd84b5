//! Payment from holds, reimbursement, and what goes back.

use super::calendar::{day, end_of_day};
use super::document::{Presentation, Standing, Step};
use super::{Credit, Party, Source, Stage};
use crate::model::cast::{ESCROW, Who};
use crate::model::code::{
    BAD_STATE, CLOCK_SUSPENDED, Code, NOT_AUTHORISED, NOT_COMPLYING, NOT_FUNDED, PARTY_FROZEN,
    SANCTIONS_HIT, SUSPENDED, TOO_EARLY, UNAUTHORIZED, need,
};
use crate::model::register::Finding;
use crate::model::token::hold;
use crate::model::{Answer, Model, Units};

/// Step 5: the presentation is owed, and due.
fn owed(model: &Model, credit: &Credit, shown: &Presentation) -> Result<(), Code> {
    credit.live()?;
    match shown.standing(model.now) {
        Standing::Complying | Standing::Waived | Standing::Precluded => {}
        Standing::Refused => return Err(NOT_COMPLYING),
        Standing::ClockStopped => return Err(CLOCK_SUSPENDED),
        _ => return Err(BAD_STATE),
    }
    let due = credit.clauses.deferred.map_or(0, |days| {
        let before = day(shown.shipment) + u64::from(days);
        before
            .checked_sub(1)
            .map_or(0, |before| end_of_day(before) + 1)
    });
    need(model.now >= due, TOO_EARLY)
}

/// The beneficiary may be paid, and the goods are clear, however old that is.
fn payable(model: &Model, credit: &Credit) -> Result<(), Code> {
    let clear = matches!(model.goods(credit.trade), Some((Finding::Clear, _)));
    let goods = need(clear, SANCTIONS_HIT);
    Model::lower(model.party_receives(credit.beneficiary), goods)
}

/// Notes a payment of `claim` out of somebody's holds; which holds pay how much.
fn draw(credit: &mut Credit, source: Source, amount: Units) -> Result<Vec<(u64, Units)>, Code> {
    let taken = take(credit, source, amount)?;
    let books = credit.books.entry(source).or_default();
    books.held -= amount;
    books.drawn += amount;
    Ok(taken)
}

/// Takes an amount off what the credit counts on, hold after hold.
fn take(credit: &mut Credit, source: Source, amount: Units) -> Result<Vec<(u64, Units)>, Code> {
    let (mut rest, mut taken) = (amount, Vec::new());
    for funding in credit
        .funding
        .iter_mut()
        .filter(|funding| funding.source == source)
    {
        let part = rest.min(funding.left);
        funding.left -= part;
        rest -= part;
        if part != 0 {
            taken.push((funding.hold, part));
        }
    }
    need(rest == 0, NOT_FUNDED)?;
    Ok(taken)
}

/// Everything that is left goes back to whose it is; which holds give how much.
fn give_back(credit: &mut Credit) -> Result<Vec<(u64, Units)>, Code> {
    let mut all = Vec::new();
    for source in [Source::Applicant, Source::Confirming] {
        let left = credit.left(source);
        all.extend(take(credit, source, left)?);
        let books = credit.books.entry(source).or_default();
        books.held -= left;
        books.returned += left;
    }
    Ok(all)
}

/// Releases holds; what somebody else released or voided is not there any more.
fn release(model: &mut Model, back: Vec<(u64, Units)>) -> Result<(), Code> {
    for (id, amount) in back {
        let left = model.token.holds[&id].left;
        if amount.min(left) != 0 {
            hold::release_hold(model, ESCROW, id, amount.min(left))?;
        }
    }
    Ok(())
}

/// Ends a credit.
pub(super) fn end(model: &mut Model, lc: u64, stage: Stage) -> Result<(), Code> {
    let mut credit = model.credit(lc)?.clone();
    let back = give_back(&mut credit)?;
    credit.stage = stage;
    credit.pending = None;
    model.change_credit(lc, |kept| *kept = credit);
    release(model, back)
}

/// Pays a presentation, and ends the credit if nothing is left to be drawn.
fn settle(
    model: &mut Model,
    (lc, n): (u64, u64),
    (source, to, amount): (Source, Who, Units),
    step: Step,
) -> Result<(), Code> {
    let at = usize::try_from(n).unwrap_or(usize::MAX).wrapping_sub(1);
    let mut credit = model.credit(lc)?.clone();
    if step != Step::Paid(Source::Confirming) {
        credit.used += credit.shown[at].claim;
    }
    credit.advanced -= credit.shown[at].advanced;
    credit.shown[at].advanced = if step == Step::Reimbursable {
        amount
    } else {
        0
    };
    credit.advanced += credit.shown[at].advanced;
    let paid = draw(&mut credit, source, amount)?;
    credit.shown[at].step = step;
    model.change_credit(lc, |kept| *kept = credit);
    let back = close_if_exhausted(model, lc)?;
    for (id, part) in paid {
        hold::execute_hold(model, ESCROW, (id, to, part), true)?;
    }
    release(model, back)
}

/// A credit of which nothing can be drawn any more is closed.
fn close_if_exhausted(model: &mut Model, lc: u64) -> Result<Vec<(u64, Units)>, Code> {
    let mut credit = model.credit(lc)?.clone();
    let rest = credit.clauses.max_draw()?.saturating_sub(credit.used);
    let single = !credit.clauses.partial_allowed && credit.used != 0;
    if credit.has_open(model.now) || (rest != 0 && !single) {
        return Ok(Vec::new());
    }
    let back = give_back(&mut credit)?;
    credit.stage = Stage::Closed;
    credit.pending = None;
    model.change_credit(lc, |kept| *kept = credit);
    Ok(back)
}

/// `honour(lc, n)`: anybody; from the applicant's hold to the beneficiary.
pub(crate) fn honour(model: &mut Model, lc: u64, n: u64) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?.clone();
    let shown = model.shown(lc, n)?.clone();
    owed(model, &credit, &shown)?;
    let bank = need(model.bank_authorised(credit.issuing), NOT_AUTHORISED);
    let sender = model.party_sends(credit.applicant);
    Model::lower(Model::lower(bank, sender), payable(model, &credit))?;
    let to = model.reach(credit.beneficiary)?;
    let paid = Step::Paid(Source::Applicant);
    settle(model, (lc, n), (Source::Applicant, to, shown.claim), paid)?;
    Ok(Answer::Nothing)
}

/// `honour_confirming(lc, n, None)`: from the confirming bank's hold, where the law stops the
/// applicant's. No licence is filed here.
pub(crate) fn honour_confirming(
    model: &mut Model,
    by: Who,
    lc: u64,
    n: u64,
) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?.clone();
    let shown = model.shown(lc, n)?.clone();
    let bank = credit.confirming.filter(|_| credit.confirmed);
    let bank = bank.ok_or(UNAUTHORIZED)?;
    model.acts(by, bank)?;
    owed(model, &credit, &shown)?;
    let applicant = model.party_sends(credit.applicant);
    let stopped = matches!(applicant, Err(SUSPENDED | PARTY_FROZEN));
    let side = if stopped { Ok(()) } else { applicant };
    let own = model.party_sends(bank);
    Model::lower(Model::lower(own, side), payable(model, &credit))?;
    let excused = stopped || !model.bank_authorised(credit.issuing);
    need(excused, BAD_STATE)?;
    let to = model.reach(credit.beneficiary)?;
    settle(
        model,
        (lc, n),
        (Source::Confirming, to, shown.claim),
        Step::Reimbursable,
    )?;
    Ok(Answer::Nothing)
}

/// The confirming bank has a claim on the applicant's hold.
fn reimbursable(credit: &Credit, shown: &Presentation) -> Result<Party, Code> {
    credit.live()?;
    need(shown.step == Step::Reimbursable, BAD_STATE)?;
    credit.confirming.ok_or(BAD_STATE)
}

/// `reimburse(lc, n)`: anybody.
pub(crate) fn reimburse(model: &mut Model, lc: u64, n: u64) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?.clone();
    let shown = model.shown(lc, n)?.clone();
    let bank = reimbursable(&credit, &shown)?;
    Model::lower(
        model.party_sends(credit.applicant),
        model.party_receives(bank),
    )?;
    let to = model.reach(bank)?;
    let paid = Step::Paid(Source::Confirming);
    settle(
        model,
        (lc, n),
        (Source::Applicant, to, shown.advanced),
        paid,
    )?;
    Ok(Answer::Nothing)
}

/// `waive_reimbursement(lc, n)`: an exit, by the confirming bank.
pub(crate) fn waive_reimbursement(
    model: &mut Model,
    by: Who,
    lc: u64,
    n: u64,
) -> Result<Answer, Code> {
    let credit = model.credit(lc)?.clone();
    let shown = model.shown(lc, n)?.clone();
    model.acts(by, credit.confirming.ok_or(UNAUTHORIZED)?)?;
    reimbursable(&credit, &shown)?;
    model.change_credit(lc, |credit| credit.advanced -= shown.advanced);
    model.change_shown(lc, n, |shown| {
        shown.advanced = 0;
        shown.step = Step::Paid(Source::Confirming);
    });
    let back = close_if_exhausted(model, lc)?;
    release(model, back)?;
    Ok(Answer::Nothing)
}
