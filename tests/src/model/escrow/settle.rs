//! Payment from holds, reimbursement, and what goes back.

use super::condition::after_conditions;
use super::document::{Presentation, Standing, Step};
use super::terms::Availability;
use super::{Credit, Party, Source, Stage, record};
use crate::model::cast::{ESCROW, Who};
use crate::model::code::{
    BAD_DOCUMENT, BAD_STATE, CLOCK_SUSPENDED, Code, DEADLINE_PASSED, NOT_AUTHORISED, NOT_COMPLYING,
    NOT_FOUND, NOT_FUNDED, PARTY_FROZEN, SANCTIONS_HIT, SUSPENDED, TOO_EARLY, UNAUTHORIZED, need,
};
use crate::model::register::{Finding, Pid};
use crate::model::token::hold;
use crate::model::{Answer, Model, Units};

/// Step 5: the presentation is owed, and due.
pub(super) fn owed(model: &Model, credit: &Credit, shown: &Presentation) -> Result<(), Code> {
    credit.live()?;
    match shown.judged(model.now) {
        Standing::Complying | Standing::Waived | Standing::Precluded => {}
        Standing::Refused => return Err(NOT_COMPLYING),
        Standing::ClockStopped => return Err(CLOCK_SUSPENDED),
        _ => return Err(BAD_STATE),
    }
    need(!shown.disputed(model.now), BAD_STATE)?;
    need(!shown.overdue(model.now), DEADLINE_PASSED)?;
    let Availability::Deferred(days) = credit.clauses.availability else {
        return Ok(());
    };
    let calendar = model.calendar(&credit.clauses)?;
    let before = calendar.day(shown.shipment) + u64::from(days);
    let due = before.checked_sub(1);
    let due = due.map_or(0, |last| calendar.end_of_day(last) + 1);
    need(model.now >= due, TOO_EARLY)
}

/// Everybody who gets a share.
pub(super) fn payees(credit: &Credit, shown: &Presentation) -> Vec<Party> {
    let mut all = vec![credit.presenter(shown.second)];
    if !shown.second {
        all.extend(credit.assigned.iter().map(|(to, _)| *to));
    }
    all
}

/// An order on this participant is passed over.
fn but(judged: Result<(), Code>, party: Party, licensed: Option<Pid>) -> Result<(), Code> {
    let passed = judged == Err(PARTY_FROZEN) && licensed == Some(party.pid);
    if passed { Ok(()) } else { judged }
}

/// Those may be paid, who provides another unit may get and give, and the goods are clear, however old that
/// is. A licence passes over orders on one participant.
fn payable(
    model: &Model,
    credit: &Credit,
    shown: &Presentation,
    licensed: Option<Pid>,
) -> Result<(), Code> {
    let clear = matches!(model.goods(credit.trade), Some((Finding::Clear, _)));
    let provider = credit.provider;
    let all = payees(credit, shown).into_iter().chain(provider);
    let takes = all.map(|party| but(model.party_receives(party), party, licensed));
    let gives = provider.map(|party| but(model.party_sends(party), party, licensed));
    takes
        .chain(gives)
        .fold(need(clear, SANCTIONS_HIT), Model::lower)
}

/// What stops payment from the applicant's money.
pub(super) fn lawful(model: &Model, credit: &Credit, shown: &Presentation) -> Result<(), Code> {
    lawful_but(model, credit, shown, None)
}

/// The same, orders on this participant aside.
pub(super) fn lawful_but(
    model: &Model,
    credit: &Credit,
    shown: &Presentation,
    licensed: Option<Pid>,
) -> Result<(), Code> {
    let bank = need(model.bank_authorised(credit.issuing), NOT_AUTHORISED);
    let applicant = credit.applicant;
    let sender = but(model.party_sends(applicant), applicant, licensed);
    let all = Model::lower(bank, sender);
    Model::lower(all, payable(model, credit, shown, licensed))
}

/// Who gets how much: assignees their share, the presenter the rest; what is left over goes by largest
/// remainder, of equal ones to the lowest number.
fn shares(credit: &Credit, shown: &Presentation, pay: Units) -> Vec<(Party, Units)> {
    let presenter = credit.presenter(shown.second);
    if shown.second || credit.assigned.is_empty() {
        return vec![(presenter, pay)];
    }
    let mut weights: Vec<(Party, Units)> = Vec::new();
    let mut own = 10_000;
    for (to, bps) in &credit.assigned {
        own -= u128::from(*bps);
        weights.push((*to, u128::from(*bps)));
    }
    weights.push((presenter, own));
    let parts = split(pay, &weights);
    let paid = weights.into_iter().zip(parts);
    let paid = paid.map(|((party, _), part)| (party, part));
    paid.filter(|(_, part)| *part != 0).collect()
}

/// Parts of a sum in proportion: rounded down, what is left over by largest remainder. Sums of stories are
/// far below 2^64.
fn split(sum: Units, weights: &[(Party, Units)]) -> Vec<Units> {
    let whole: Units = weights.iter().map(|(_, weight)| weight).sum();
    let mut parts: Vec<Units> = Vec::new();
    let mut order: Vec<(std::cmp::Reverse<Units>, Pid, usize)> = Vec::new();
    for (at, (party, weight)) in weights.iter().enumerate() {
        parts.push(sum * weight / whole);
        order.push((std::cmp::Reverse(sum * weight % whole), party.pid, at));
    }
    order.sort_unstable();
    let left = sum - parts.iter().sum::<Units>();
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    for (.., at) in order.into_iter().take(left) {
        parts[at] += 1;
    }
    parts
}

/// A part of a hold of a token.
type Part = ((Who, u64), Units);

/// Notes a payment of `claim` out of somebody's holds; which holds pay how much.
fn draw(credit: &mut Credit, source: Source, amount: Units) -> Result<Vec<Part>, Code> {
    let taken = take(credit, source, amount)?;
    let books = credit.books.entry(source).or_default();
    books.held -= amount;
    books.drawn += amount;
    Ok(taken)
}

/// Takes an amount off what the credit counts on, hold after hold.
fn take(credit: &mut Credit, source: Source, amount: Units) -> Result<Vec<Part>, Code> {
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
            taken.push(((funding.token, funding.hold), part));
        }
    }
    need(rest == 0, NOT_FUNDED)?;
    Ok(taken)
}

/// Everything that is left goes back to whose it is; which holds give how much.
fn give_back(credit: &mut Credit) -> Result<Vec<Part>, Code> {
    let mut all = Vec::new();
    for source in [Source::Applicant, Source::Confirming, Source::Provider] {
        let left = credit.left(source);
        all.extend(take(credit, source, left)?);
        let books = credit.books.entry(source).or_default();
        books.held -= left;
        books.returned += left;
    }
    Ok(all)
}

/// Releases holds; what somebody else released or voided is not there any more.
fn release(model: &mut Model, back: Vec<Part>) -> Result<(), Code> {
    for ((token, id), amount) in back {
        let amount = amount.min(model.hold_of(token, id)?.left);
        if amount != 0 {
            model.with_token(token, |model| hold::release_hold(model, ESCROW, id, amount))?;
        }
    }
    Ok(())
}

/// Moves units out of holds; under a licence around an order.
fn execute(
    model: &mut Model,
    paid: Vec<(Part, Who)>,
    licence: Option<(u64, u8)>,
) -> Result<(), Code> {
    for (((token, id), part), to) in paid {
        model.with_token(token, |model| match licence {
            None => hold::execute_hold(model, ESCROW, (id, to, part), true),
            Some(licence) => hold::execute_hold_licensed(model, ESCROW, (id, to, part), licence),
        })?;
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

/// Why money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Honour,
    Confirmation,
    Reimbursement,
    Award,
    /// Around this order, on this document.
    Licence(u64, u8),
}

/// How a claim is settled: whose money, how much to payees, how much back, what the presentation becomes,
/// who gets control of its records.
#[derive(Clone, Debug)]
pub(super) struct Settlement {
    pub(super) kind: Kind,
    pub(super) source: Source,
    pub(super) pay: Units,
    pub(super) back: Units,
    pub(super) step: Step,
    pub(super) records_to: Who,
}

/// Settles a claim, and ends the credit if nothing is left to be drawn: books first, then the money, then
/// what goes back, then control of records.
pub(super) fn settle(
    model: &mut Model,
    (lc, n): (u64, u64),
    settlement: &Settlement,
) -> Result<(), Code> {
    let at = usize::try_from(n).unwrap_or(usize::MAX).wrapping_sub(1);
    let mut credit = model.credit(lc)?.clone();
    let shown = credit.shown[at].clone();
    let Settlement {
        kind, source, pay, ..
    } = *settlement;
    let reimbursed = kind == Kind::Reimbursement || shown.step == Step::Reimbursable;
    if !reimbursed {
        credit.used += shown.claim;
        if let Some(passed) = credit.transferred.as_mut().filter(|_| shown.second) {
            passed.used += shown.claim;
        }
    }
    credit.advanced -= shown.advanced;
    let advanced = if kind == Kind::Confirmation { pay } else { 0 };
    credit.advanced += advanced;
    let to_whom = if reimbursed {
        vec![(credit.confirming.ok_or(BAD_STATE)?, pay)]
    } else {
        shares(&credit, &shown, pay)
    };
    let paid = pay_out(model, &mut credit, (source, pay, reimbursed), to_whom)?;
    let mut back = take(&mut credit, source, settlement.back)?;
    let books = credit.books.entry(source).or_default();
    books.held -= settlement.back;
    books.returned += settlement.back;
    let hand = if pay == 0 {
        Vec::new()
    } else {
        std::mem::take(&mut credit.shown[at].pledged)
    };
    credit.shown[at].advanced = advanced;
    credit.shown[at].step = settlement.step;
    model.change_credit(lc, |kept| *kept = credit);
    let rest = close_if_exhausted(model, lc)?;
    let licence = match kind {
        Kind::Licence(order, doc) => Some((order, doc)),
        _ => None,
    };
    execute(model, paid, licence)?;
    release(model, std::mem::take(&mut back))?;
    record::hand(model, hand, settlement.records_to)?;
    release(model, rest)?;
    if pay == 0 {
        record::try_return(model, (lc, n));
    }
    Ok(())
}

/// Which parts of which holds go to whom: through who provides another unit, if there is one.
fn pay_out(
    model: &Model,
    credit: &mut Credit,
    (source, pay, reimbursed): (Source, Units, bool),
    to_whom: Vec<(Party, Units)>,
) -> Result<Vec<(Part, Who)>, Code> {
    let mut paid = Vec::new();
    let Some(fx) = credit.fx.filter(|_| !reimbursed && pay != 0) else {
        for (payee, amount) in to_whom.into_iter().filter(|(_, amount)| *amount != 0) {
            let to = model.reach(payee)?;
            let taken = draw(credit, source, amount)?;
            paid.extend(taken.into_iter().map(|part| (part, to)));
        }
        return Ok(paid);
    };
    fx.rate_holds(model)?;
    let provided = fx.exchanged(pay)?;
    let to = model.reach(credit.provider.ok_or(NOT_FUNDED)?)?;
    let taken = draw(credit, source, pay)?;
    paid.extend(taken.into_iter().map(|part| (part, to)));
    let parts = split(provided, &to_whom);
    for ((payee, _), part) in to_whom.into_iter().zip(parts) {
        let to = model.reach(payee)?;
        let taken = draw(credit, Source::Provider, part)?;
        paid.extend(taken.into_iter().map(|part| (part, to)));
    }
    Ok(paid)
}

/// A credit of which nothing can be drawn any more is closed.
fn close_if_exhausted(model: &mut Model, lc: u64) -> Result<Vec<Part>, Code> {
    let mut credit = model.credit(lc)?.clone();
    let rest = credit.clauses.max_draw()?.saturating_sub(credit.used);
    let whole = !credit.clauses.partial_allowed && credit.clauses.parts().is_none();
    let single = whole && credit.used != 0;
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
    lawful(model, &credit, &shown)?;
    let (pay, back) = after_conditions(model, &credit, &shown)?;
    let settlement = Settlement {
        kind: Kind::Honour,
        source: Source::Applicant,
        pay,
        back,
        step: Step::Paid(Source::Applicant),
        records_to: model.reach(credit.applicant)?,
    };
    settle(model, (lc, n), &settlement)?;
    Ok(Answer::Nothing)
}

/// `release_milestone(lc, k)`: anybody; honours the presentation that serves it.
pub(crate) fn release_milestone(model: &mut Model, lc: u64, k: usize) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?;
    let due = credit.clauses.milestone(Some(k)).ok_or(NOT_FOUND)?.due;
    credit.live()?;
    let serves = |shown: &Presentation| {
        let settled = matches!(
            shown.step,
            Step::Paid(_) | Step::Reimbursable | Step::Awarded
        );
        shown.part == Some(k) && (settled || shown.judged(model.now) != Standing::Lapsed)
    };
    let Some(at) = credit.shown.iter().rposition(serves) else {
        need(model.now <= due, DEADLINE_PASSED)?;
        return Err(NOT_COMPLYING);
    };
    honour(model, lc, u64::try_from(at).unwrap_or(u64::MAX) + 1)
}

/// `protest(lc, n)`: anybody; payment was tried in time, and only the law stopped it.
pub(crate) fn protest(model: &mut Model, lc: u64, n: u64) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?;
    let shown = model.shown(lc, n)?;
    owed(model, credit, shown)?;
    let waits = shown.pay_until.is_some() && !shown.protested;
    need(waits && lawful(model, credit, shown).is_err(), BAD_STATE)?;
    after_conditions(model, credit, shown)?;
    model.change_shown(lc, n, |shown| shown.protested = true);
    Ok(Answer::Nothing)
}

/// `honour_confirming(lc, n, licence_doc?)`: from the confirming bank's hold, where the law stops the
/// applicant's; where that is on a list, under a licence that was filed.
pub(crate) fn honour_confirming(
    model: &mut Model,
    by: Who,
    (lc, n): (u64, u64),
    licence: Option<u8>,
) -> Result<Answer, Code> {
    model.trading()?;
    need(licence != Some(0), BAD_DOCUMENT)?;
    let credit = model.credit(lc)?.clone();
    let shown = model.shown(lc, n)?.clone();
    let bank = credit.confirming.filter(|_| credit.confirmed);
    let bank = bank.ok_or(UNAUTHORIZED)?;
    model.acts(by, bank)?;
    owed(model, &credit, &shown)?;
    let applicant = model.party_sends(credit.applicant);
    let filed = model.escrow()?.licences.get(&(lc, n)).copied();
    let stopped = match applicant {
        Err(SUSPENDED | PARTY_FROZEN) => true,
        Err(SANCTIONS_HIT) => filed.is_some() && filed == licence,
        _ => false,
    };
    let side = if stopped { Ok(()) } else { applicant };
    let own = model.party_sends(bank);
    Model::lower(
        Model::lower(own, side),
        payable(model, &credit, &shown, None),
    )?;
    let excused = stopped || !model.bank_authorised(credit.issuing);
    need(excused, BAD_STATE)?;
    let (pay, _) = after_conditions(model, &credit, &shown)?;
    let settlement = Settlement {
        kind: Kind::Confirmation,
        source: Source::Confirming,
        pay,
        back: 0,
        step: Step::Reimbursable,
        records_to: model.reach(bank)?,
    };
    settle(model, (lc, n), &settlement)?;
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
    need(!shown.disputed(model.now), BAD_STATE)?;
    Model::lower(
        model.party_sends(credit.applicant),
        model.party_receives(bank),
    )?;
    let settlement = Settlement {
        kind: Kind::Reimbursement,
        source: Source::Applicant,
        pay: shown.advanced,
        back: 0,
        step: Step::Paid(Source::Confirming),
        records_to: bank.wallet,
    };
    settle(model, (lc, n), &settlement)?;
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
