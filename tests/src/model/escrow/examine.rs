//! Documents are presented, completed, examined, refused, waived, replaced.

use super::amend::{accept, waiting};
use super::assess::{Judged, Offer, assess};
use super::calendar::Calendar;
use super::document::{Clock, Disposal, Document, Presentation, Standing, Step, Waiver};
use super::issue::committed;
use super::{Credit, Seat, record};
use crate::model::cast::Who;
use crate::model::code::{
    BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, CLOCK_SUSPENDED, Code, DEADLINE_PASSED,
    DUPLICATE_DOCUMENT, LATE_PRESENTATION, LIMIT_EXCEEDED, NOT_AUTHORISED, NOT_COMPLYING,
    NOT_FOUND, PRECLUDED, PURPOSE_VIOLATION, UNAUTHORIZED, ZERO_AMOUNT, need,
};
use crate::model::life::Role;
use crate::model::register::Pid;
use crate::model::{Answer, Model, Seconds, Units};
use std::collections::BTreeSet;

/// Banking days of an examination.
const DAYS: u64 = 5;

/// The end of the last of so many banking days after that of a second.
fn resumed(calendar: &Calendar, at: Seconds, left: u64) -> Seconds {
    calendar.end_of_day(calendar.add_banking_days(calendar.day(at), left))
}

/// Banking days from that of a second, counted, to that of the deadline.
fn days_left(calendar: &Calendar, at: Seconds, last: Seconds) -> u64 {
    calendar.banking_days(calendar.day(at), calendar.day(last))
}

/// Step 2 of a presentation.
fn shape(docs: &[Document], claim: Units, shipment: Seconds, now: Seconds) -> Result<(), Code> {
    need(!docs.is_empty(), BAD_ARGUMENT)?;
    need(docs.iter().all(|doc| doc.date <= now), BAD_ARGUMENT)?;
    need(shipment <= now, BAD_ARGUMENT)?;
    need(claim != 0, ZERO_AMOUNT)?;
    need(docs.len() <= 32, LIMIT_EXCEEDED)?;
    need(docs.iter().all(|doc| doc.hash != 0), BAD_DOCUMENT)
}

/// E6: a hash or key serves one presentation, unless that came to nothing under the same credit.
fn free(model: &Model, lc: u64, used: Option<&(u64, u64)>) -> Result<(), Code> {
    let Some((other, n)) = used else {
        return Ok(());
    };
    let lost = model
        .shown(*other, *n)
        .is_ok_and(|shown| shown.lost(model.now));
    need(*other == lc && lost, DUPLICATE_DOCUMENT)
}

/// Enters a document; a record that comes again serves the new presentation alone.
fn enter(model: &mut Model, (lc, n): (u64, u64), doc: &Document, by: Pid) -> Result<(), Code> {
    let escrow = model.escrow()?;
    let earlier = escrow.hashes.get(&doc.hash).copied();
    free(model, lc, earlier.as_ref())?;
    free(model, lc, escrow.keys.get(&doc.key()))?;
    if let (Some((lc, n)), Some(record)) = (earlier, doc.record) {
        model.change_shown(lc, n, |shown| {
            shown.pledged.retain(|other| *other != record)
        });
    }
    if let Some(escrow) = model.escrow.as_mut() {
        escrow.hashes.insert(doc.hash, (lc, n));
        escrow.keys.insert(doc.key(), (lc, n));
    }
    doc.record
        .map_or(Ok(()), |id| record::pledged(model, id, doc, by))
}

/// `present(lc, docs, claim, shipment_date) -> n`: what complies with an amendment that waits for the
/// beneficiary alone is its acceptance.
pub(crate) fn present(
    model: &mut Model,
    by: Who,
    lc: u64,
    (docs, claim, shipment): (&[Document], Units, Seconds),
) -> Result<Answer, Code> {
    model.trading()?;
    shape(docs, claim, shipment, model.now)?;
    let credit = model.credit(lc)?.clone();
    let seats = [Seat::Beneficiary, Seat::Second].into();
    let second = !model
        .seated(by, &credit, &seats)?
        .contains(&Seat::Beneficiary);
    credit.live()?;
    let open = credit.shown.iter().filter(|shown| shown.is_open(model.now));
    need(open.count() < 32, LIMIT_EXCEEDED)?;
    let offer = Offer {
        docs,
        claim,
        shipment,
        second,
    };
    let here = (model.now, model.calendar(&credit.clauses)?);
    let mut judged = assess(here, &credit, &credit.clauses, &offer);
    let own: BTreeSet<Seat> = [Seat::Beneficiary].into();
    let waits = waiting(&credit).filter(|amendment| {
        let all = amendment.accepted.union(&own).copied();
        all.eq(credit.protected())
    });
    let fine = |judged: &Result<Judged, Code>| judged.as_ref().is_ok_and(|judged| judged.fine);
    if !fine(&judged)
        && !second
        && let Some(amendment) = waits
    {
        let here = (model.now, model.calendar(&amendment.clauses)?);
        let amended = assess(here, &credit, &amendment.clauses, &offer);
        if fine(&amended) {
            accept(model, lc, &own)?;
            judged = amended;
        }
    }
    let Judged {
        part,
        until,
        fine,
        pay_until,
    } = judged?;
    within_trade(model, lc, claim)?;
    let number = u64::try_from(credit.shown.len()).unwrap_or(u64::MAX) + 1;
    need(number <= 250, LIMIT_EXCEEDED)?;
    let presenter = credit.presenter(second).pid;
    for doc in docs {
        enter(model, (lc, number), doc, presenter)?;
    }
    let shown = Presentation {
        second,
        part,
        pay_until,
        protested: false,
        dispute_end: None,
        pledged: docs.iter().filter_map(|doc| doc.record).collect(),
        docs: docs.to_vec(),
        claim,
        shipment,
        discrepant: !fine,
        clock: Clock::Open(until),
        step: Step::Undecided,
        waiver: Waiver::None,
        corrupt: None,
        reported: Vec::new(),
        advanced: 0,
    };
    model.change_credit(lc, |credit| credit.shown.push(shown));
    Ok(Answer::Number(number))
}

/// What is claimed can be paid under the trade.
fn within_trade(model: &Model, lc: u64, claim: Units) -> Result<(), Code> {
    let credit = model.credit(lc)?;
    let all = credit.open_claims(model.now).saturating_add(claim);
    let own = credit.reserved(&credit.clauses);
    let others = committed(model, credit.trade).saturating_sub(own);
    let register = model.register.as_ref().ok_or(NOT_FOUND)?;
    let trade = register.trades.get(&credit.trade);
    let trade = trade.filter(|trade| trade.open && model.now <= trade.until);
    let left = trade.map_or(0, |trade| trade.amount - trade.settled);
    need(
        trade.is_some() && all <= left.saturating_sub(others),
        PURPOSE_VIOLATION,
    )
}

/// `complete(lc, n)`: the banks' clock runs, unless it stands still for the whole credit.
pub(crate) fn complete(model: &mut Model, by: Who, lc: u64, n: u64) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?;
    let shown = model.shown(lc, n)?;
    model.acts(by, credit.presenter(shown.second))?;
    credit.live()?;
    let Clock::Open(until) = shown.clock else {
        return Err(BAD_STATE);
    };
    need(model.now <= until, LATE_PRESENTATION)?;
    let last = resumed(model.calendar(&credit.clauses)?, model.now, DAYS);
    let clock = if credit.stopped {
        Clock::Stopped(DAYS)
    } else {
        Clock::Running(last)
    };
    model.change_shown(lc, n, |shown| shown.clock = clock);
    Ok(Answer::Nothing)
}

/// Step 3: the caller may examine; whether as the issuing bank.
fn examiner(model: &Model, by: Who, credit: &Credit) -> Result<bool, Code> {
    let pid = model.caller(by)?;
    if credit.issuing.pid == pid {
        return Ok(true);
    }
    let confirming = credit.confirming.filter(|_| credit.confirmed);
    let mut others = confirming.into_iter().chain(credit.nominated);
    need(others.any(|bank| bank.pid == pid), UNAUTHORIZED)?;
    Ok(false)
}

/// Step 5: it is being examined now.
fn examined(shown: &Presentation, now: Seconds) -> Result<(), Code> {
    match shown.judged(now) {
        Standing::Examining => Ok(()),
        Standing::ClockStopped => Err(CLOCK_SUSPENDED),
        Standing::Precluded => Err(PRECLUDED),
        _ => Err(BAD_STATE),
    }
}

/// Seat, state and law of an examination.
fn may_examine(model: &Model, by: Who, lc: u64, n: u64) -> Result<(), Code> {
    let credit = model.credit(lc)?;
    let shown = model.shown(lc, n)?;
    let issuing = examiner(model, by, credit)?;
    credit.live()?;
    examined(shown, model.now)?;
    need(
        !issuing || model.bank_authorised(credit.issuing),
        NOT_AUTHORISED,
    )
}

/// `examine(lc, n, Complying)`: not what the contract itself found wanting.
pub(crate) fn examine(model: &mut Model, by: Who, lc: u64, n: u64) -> Result<Answer, Code> {
    model.trading()?;
    may_examine(model, by, lc, n)?;
    need(!model.shown(lc, n)?.discrepant, NOT_COMPLYING)?;
    model.change_shown(lc, n, |shown| shown.step = Step::Complying);
    Ok(Answer::Nothing)
}

/// `refuse(lc, n, discrepancies, disposal)`: once, with reasons; records go back at once if the bank says
/// so, and nobody quarrels about them.
pub(crate) fn refuse(
    model: &mut Model,
    by: Who,
    (lc, n): (u64, u64),
    (reasons, disposal): (usize, Disposal),
) -> Result<Answer, Code> {
    model.trading()?;
    need(reasons != 0, BAD_ARGUMENT)?;
    may_examine(model, by, lc, n)?;
    model.change_shown(lc, n, |shown| shown.step = Step::Refused);
    let disputed = model.shown(lc, n)?.disputed(model.now);
    if matches!(disposal, Disposal::Return | Disposal::Instructed) && !disputed {
        record::try_return(model, (lc, n));
    }
    Ok(Answer::Nothing)
}

/// `ask_waiver`, `give_waiver`, `accept_waiver (lc, n)`, from one to the next; the deadline stays.
pub(crate) fn waive(
    model: &mut Model,
    by: Who,
    (lc, n): (u64, u64),
    (from, to): (Waiver, Option<Waiver>),
) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?;
    let shown = model.shown(lc, n)?;
    let bank = to != Some(Waiver::Given);
    let seat = if bank { Seat::Issuing } else { Seat::Applicant };
    model.seated(by, credit, &[seat].into())?;
    credit.live()?;
    examined(shown, model.now)?;
    need(shown.waiver == from, BAD_STATE)?;
    need(
        !bank || model.bank_authorised(credit.issuing),
        NOT_AUTHORISED,
    )?;
    model.change_shown(lc, n, |shown| match to {
        Some(to) => shown.waiver = to,
        None => shown.step = Step::Waived,
    });
    Ok(Answer::Nothing)
}

fn position(shown: &Presentation, hash: u16) -> Result<usize, Code> {
    let found = shown.docs.iter().position(|doc| doc.hash == hash);
    found.ok_or(NOT_FOUND)
}

/// `suspend_corrupt(lc, n, doc)`: the clock stands still; each document is reported once.
pub(crate) fn suspend_corrupt(
    model: &mut Model,
    by: Who,
    (lc, n): (u64, u64),
    hash: u16,
) -> Result<Answer, Code> {
    model.trading()?;
    need(hash != 0, BAD_DOCUMENT)?;
    let credit = model.credit(lc)?;
    let shown = model.shown(lc, n)?;
    examiner(model, by, credit)?;
    let at = position(shown, hash)?;
    let now = model.now;
    let waits = shown
        .corrupt
        .as_ref()
        .is_some_and(|(_, until)| now <= *until);
    if waits {
        credit.live()?;
    } else {
        may_examine(model, by, lc, n)?;
    }
    need(!shown.reported.contains(&at), BAD_STATE)?;
    let calendar = model.calendar(&credit.clauses)?.clone();
    model.change_shown(lc, n, |shown| {
        shown.reported.push(at);
        let until = calendar.end_of_day(calendar.day(now) + 30);
        shown.corrupt.get_or_insert((Vec::new(), until)).0.push(at);
        if let Clock::Running(last) = shown.clock {
            shown.clock = Clock::Stopped(days_left(&calendar, now, last));
        }
    });
    Ok(Answer::Nothing)
}

/// `represent(lc, n, doc, hash)`: replaces a document; with the last one the clock goes on.
pub(crate) fn represent(
    model: &mut Model,
    by: Who,
    (lc, n): (u64, u64),
    (old, new): (u16, u16),
) -> Result<Answer, Code> {
    model.trading()?;
    need(new != 0, BAD_DOCUMENT)?;
    let credit = model.credit(lc)?;
    let shown = model.shown(lc, n)?;
    model.acts(by, credit.presenter(shown.second))?;
    let at = position(shown, old)?;
    credit.live()?;
    let (missing, until) = shown.corrupt.clone().ok_or(BAD_STATE)?;
    need(missing.contains(&at), BAD_STATE)?;
    need(model.now <= until, DEADLINE_PASSED)?;
    need(shown.step == Step::Undecided, BAD_STATE)?;
    free(model, lc, model.escrow()?.hashes.get(&new))?;
    let (stopped, now) = (credit.stopped, model.now);
    let calendar = model.calendar(&credit.clauses)?.clone();
    if let Some(escrow) = model.escrow.as_mut() {
        escrow.hashes.insert(new, (lc, n));
    }
    model.change_shown(lc, n, |shown| {
        shown.docs[at].hash = new;
        let rest: Vec<usize> = missing.into_iter().filter(|one| *one != at).collect();
        shown.corrupt = (!rest.is_empty()).then_some((rest, until));
        if let (Clock::Stopped(left), None, false) = (shown.clock, &shown.corrupt, stopped) {
            shown.clock = Clock::Running(resumed(&calendar, now, left));
        }
    });
    Ok(Answer::Nothing)
}

/// `stop_clock(lc)`: anybody may note that the issuing bank lost its authorisation.
pub(crate) fn stop_clock(model: &mut Model, lc: u64) -> Result<Answer, Code> {
    model.escrow()?.life.alive()?;
    let credit = model.credit(lc)?;
    credit.live()?;
    need(
        !model.bank_authorised(credit.issuing) && !credit.stopped,
        BAD_STATE,
    )?;
    let now = model.now;
    let calendar = model.calendar(&credit.clauses)?.clone();
    model.change_credit(lc, |credit| {
        credit.stopped = true;
        for shown in &mut credit.shown {
            if let (Standing::Examining, Clock::Running(last)) = (shown.judged(now), shown.clock) {
                shown.clock = Clock::Stopped(days_left(&calendar, now, last));
            }
        }
    });
    Ok(Answer::Nothing)
}

/// `assign_agent(lc, bank)`: another bank takes the place of the one that lost its authorisation.
pub(crate) fn assign_agent(model: &mut Model, by: Who, lc: u64, bank: Who) -> Result<Answer, Code> {
    let escrow = model.escrow()?;
    escrow.life.alive()?;
    escrow.life.role(by, Role::Regulator)?;
    let credit = model.credit(lc)?;
    credit.live()?;
    need(
        !model.bank_authorised(credit.issuing) || credit.stopped,
        BAD_STATE,
    )?;
    let agent = model.party_of(bank)?;
    let apart = agent.pid != credit.applicant.pid && agent.pid != credit.beneficiary.pid;
    need(apart, BAD_ARGUMENT)?;
    need(model.bank_authorised(agent), NOT_AUTHORISED)?;
    let now = model.now;
    let calendar = model.calendar(&credit.clauses)?.clone();
    model.change_credit(lc, |credit| {
        credit.issuing = agent;
        credit.stopped = false;
        for shown in credit.shown.iter_mut().filter(|shown| shown.is_open(now)) {
            if let (Clock::Stopped(left), None) = (shown.clock, &shown.corrupt) {
                shown.clock = Clock::Running(resumed(&calendar, now, left));
            }
        }
    });
    Ok(Answer::Nothing)
}
