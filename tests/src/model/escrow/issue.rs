//! From the application to the undertakings of banks, and the end of a credit.

use super::calendar::Calendar;
use super::settle;
use super::terms::Terms;
use super::{Credit, Funding, Party, SCREENING_AGE, Seat, Source, Stage};
use crate::model::cast::{ESCROW, TOKEN, Who};
use crate::model::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, BAD_STATE, Code, DEADLINE_PASSED, LIMIT_EXCEEDED, NOT_AUTHORISED,
    NOT_FOUND, NOT_FUNDED, OPEN_PRESENTATION, PURPOSE_VIOLATION, SANCTIONS_HIT, SCREENING_STALE,
    TOO_EARLY, UNAUTHORIZED, WRONG_DESTINATION, need,
};
use crate::model::life::Role;
use crate::model::register::Finding;
use crate::model::token::Hold;
use crate::model::token::movement::Purpose;
use crate::model::{Answer, Model, Seconds, Units};

/// `define_calendar(calendar) -> id`: banks open at least once a week.
pub(crate) fn define_calendar(
    model: &mut Model,
    by: Who,
    calendar: &Calendar,
) -> Result<Answer, Code> {
    let escrow = model.escrow.as_mut().ok_or(NOT_FOUND)?;
    escrow.life.alive()?;
    need(calendar.weekend < 0b111_1111, BAD_ARGUMENT)?;
    escrow.life.role(by, Role::Operator)?;
    escrow.calendars.push(calendar.clone());
    let number = u64::try_from(escrow.calendars.len()).unwrap_or(u64::MAX);
    Ok(Answer::Number(number))
}

/// `apply(terms) -> lc`
pub(crate) fn apply(model: &mut Model, by: Who, terms: &Terms) -> Result<Answer, Code> {
    model.trading()?;
    terms.shape(model.now)?;
    let escrow = model.escrow()?;
    need(escrow.calendar(terms.clauses.calendar).is_some(), NOT_FOUND)?;
    let some = |who: Option<Who>| who.map(|who| model.party_of(who)).transpose();
    let credit = Credit {
        applicant: model.party_of(by)?,
        beneficiary: model.party_of(terms.beneficiary)?,
        issuing: model.party_of(terms.issuing)?,
        advising: some(terms.advising)?,
        confirming: some(terms.confirming)?,
        nominated: some(terms.nominated)?,
        arbiter: terms.arbiter,
        transferred: None,
        assigned: Vec::new(),
        passing: None,
        fx: None,
        provider: None,
        exchanging: None,
        trade: terms.trade,
        stage: Stage::Draft,
        advised: false,
        confirmed: false,
        funding: Vec::new(),
        books: std::collections::BTreeMap::new(),
        used: 0,
        advanced: 0,
        clauses: terms.clauses.clone(),
        shown: Vec::new(),
        amendments: Vec::new(),
        pending: None,
        cancelling: None,
        stopped: false,
    };
    // Who examines is neither of those whose money it is.
    let judges = [Some(credit.issuing), credit.nominated, credit.confirming];
    let apart =
        |judge: Party| judge.pid != credit.applicant.pid && judge.pid != credit.beneficiary.pid;
    need(judges.into_iter().flatten().all(apart), BAD_ARGUMENT)?;
    let arbiter = terms.arbiter.and_then(|who| model.party_of(who).ok());
    let fair = |judge: Party| apart(judge) && judge.pid != credit.issuing.pid;
    need(arbiter.is_none_or(fair), BAD_ARGUMENT)?;
    budget(model, &credit, terms.clauses.amount, 0)?;
    let escrow = model.escrow.as_mut().ok_or(NOT_FOUND)?;
    let number = u64::try_from(escrow.credits.len()).unwrap_or(u64::MAX) + 1;
    escrow.credits.insert(number, credit);
    Ok(Answer::Number(number))
}

/// What issued credits keep of a trade.
pub(super) fn committed(model: &Model, trade: u8) -> Units {
    let credits = model
        .escrow
        .iter()
        .flat_map(|escrow| escrow.credits.values());
    let same = credits.filter(|credit| credit.trade == trade);
    same.map(|credit| credit.reserved(&credit.clauses))
        .fold(0, Units::saturating_add)
}

/// The trade is open, between these two, with `amount` left that no other credit keeps.
pub(super) fn budget(
    model: &Model,
    credit: &Credit,
    amount: Units,
    own: Units,
) -> Result<(), Code> {
    let register = model.register.as_ref().ok_or(NOT_FOUND)?;
    let trade = register.trades.get(&credit.trade);
    let trade = trade.filter(|trade| trade.open && model.now <= trade.until);
    let trade = trade.ok_or(PURPOSE_VIOLATION)?;
    let theirs = trade.importer == credit.applicant.pid && trade.exporter == credit.beneficiary.pid;
    let others = committed(model, credit.trade).saturating_sub(own);
    let left = (trade.amount - trade.settled).saturating_sub(others);
    need(theirs && amount <= left, PURPOSE_VIOLATION)
}

fn screened(now: Seconds, screening: Option<(Finding, Seconds)>) -> Result<(), Code> {
    let (finding, at) = screening.ok_or(SCREENING_STALE)?;
    need(finding == Finding::Clear, SANCTIONS_HIT)?;
    need(now <= at + SCREENING_AGE, SCREENING_STALE)
}

/// Compliance of an issue: the bank, both sides, the goods.
fn fit(model: &Model, credit: &Credit) -> Result<(), Code> {
    let register = model.register.as_ref().ok_or(NOT_FOUND)?;
    let screening = |party: Party| register.parties.get(&party.pid).and_then(|p| p.screening);
    [
        need(model.bank_authorised(credit.issuing), NOT_AUTHORISED),
        model.party_sends(credit.applicant),
        model.party_receives(credit.applicant),
        model.party_receives(credit.beneficiary),
        screened(model.now, screening(credit.applicant)),
        screened(model.now, screening(credit.beneficiary)),
        screened(model.now, model.goods(credit.trade)),
    ]
    .into_iter()
    .fold(Ok(()), Model::lower)
}

/// A hold may be put behind a credit: of the owner, for this escrow, without end.
pub(super) fn suits(
    model: &Model,
    credit: &Credit,
    found: &Hold,
    (source, owner): (Source, Party),
) -> Result<(), Code> {
    let counts = match source {
        Source::Applicant => {
            found.purpose == Purpose::TradeSettlement && found.reference == credit.trade
        }
        Source::Confirming | Source::Provider => !found.purpose.needs_trade(),
    };
    // A hold that is bound to the beneficiary pays nobody else.
    let exchanged = credit.fx.is_some() && source != Source::Provider;
    // A bank that confirmed must be able to get back what it advances.
    let advanced = credit.confirmed && source == Source::Applicant;
    let others = !credit.assigned.is_empty() || credit.transferred.is_some();
    let alone = !others && !exchanged && !advanced;
    let suits = found.is_open()
        && found.notary == ESCROW
        && found.expiry == Seconds::MAX
        && found
            .to
            .is_none_or(|to| alone && to == credit.beneficiary.wallet)
        && counts
        && model.pid_of(found.owner) == Some(owner.pid);
    need(suits, BAD_ARGUMENT)
}

/// Puts a hold behind a credit, with at least so much in it.
pub(super) fn take_hold(
    model: &mut Model,
    lc: u64,
    (token, hold): (Who, u64),
    (source, owner, least): (Source, Party, Units),
) -> Result<(), Code> {
    let found = model.hold_of(token, hold)?;
    let credit = model.credit(lc)?.clone();
    let used = model.escrow()?.used_holds.contains(&(token, hold));
    need(!used, ALREADY_EXISTS)?;
    suits(model, &credit, &found, (source, owner))?;
    need(credit.funding.len() < 16, LIMIT_EXCEEDED)?;
    need(found.left >= least && found.left != 0, NOT_FUNDED)?;
    if let Some(escrow) = model.escrow.as_mut() {
        escrow.used_holds.insert((token, hold));
    }
    let left = found.left;
    model.change_credit(lc, |credit| {
        credit.funding.push(Funding {
            source,
            token,
            hold,
            left,
        });
        let books = credit.books.entry(source).or_default();
        books.funded += left;
        books.held += left;
    });
    Ok(())
}

/// `issue(lc, hold)`
pub(crate) fn issue(model: &mut Model, by: Who, lc: u64, hold: u64) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?.clone();
    model.acts(by, credit.issuing)?;
    need(credit.stage == Stage::Draft, BAD_STATE)?;
    need(
        model.now <= model.escrow()?.end_of(&credit),
        DEADLINE_PASSED,
    )?;
    fit(model, &credit)?;
    budget(model, &credit, credit.clauses.amount, 0)?;
    let most = credit.clauses.max_draw()?;
    let wanted = (Source::Applicant, credit.applicant, most);
    take_hold(model, lc, (TOKEN, hold), wanted)?;
    model.change_credit(lc, |credit| credit.stage = Stage::Issued);
    Ok(Answer::Nothing)
}

/// `advise(lc)`
pub(crate) fn advise(model: &mut Model, by: Who, lc: u64) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?;
    model.acts(by, credit.advising.ok_or(UNAUTHORIZED)?)?;
    credit.live()?;
    need(!credit.advised, BAD_STATE)?;
    model.change_credit(lc, |credit| credit.advised = true);
    Ok(Answer::Nothing)
}

/// `confirm(lc, conf_hold)`
pub(crate) fn confirm(model: &mut Model, by: Who, lc: u64, hold: u64) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?.clone();
    let bank = credit.confirming.ok_or(UNAUTHORIZED)?;
    model.acts(by, bank)?;
    credit.live()?;
    need(!credit.confirmed, BAD_STATE)?;
    need(
        model.now <= model.escrow()?.end_of(&credit),
        DEADLINE_PASSED,
    )?;
    Model::lower(
        model.party_sends(bank),
        model.party_receives(credit.beneficiary),
    )?;
    let of_applicant = |funding: &&Funding| funding.source == Source::Applicant;
    let bound = credit.funding.iter().filter(of_applicant).any(|funding| {
        let hold = model.hold_of(funding.token, funding.hold);
        hold.is_ok_and(|hold| hold.to.is_some_and(|to| to != bank.wallet))
    });
    need(!bound, WRONG_DESTINATION)?;
    let most = credit.clauses.max_draw()?;
    take_hold(model, lc, (TOKEN, hold), (Source::Confirming, bank, most))?;
    model.change_credit(lc, |credit| credit.confirmed = true);
    Ok(Answer::Nothing)
}

/// `add_hold(lc, hold)`: before the amount is raised; or of who provides another unit.
pub(crate) fn add_hold(model: &mut Model, by: Who, lc: u64, hold: u64) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?;
    let pid = model.caller(by)?;
    let owner = Party { pid, wallet: by };
    let own = credit.seats(pid);
    let (source, token) = if own.contains(&Seat::Applicant) {
        (Source::Applicant, TOKEN)
    } else if own.contains(&Seat::Confirming) {
        (Source::Confirming, TOKEN)
    } else {
        let provides = credit.provider.is_some_and(|one| one.pid == pid);
        need(provides, UNAUTHORIZED)?;
        (Source::Provider, credit.fx.map_or(TOKEN, |fx| fx.pay_token))
    };
    credit.live()?;
    take_hold(model, lc, (token, hold), (source, owner, 1))?;
    Ok(Answer::Nothing)
}

/// `expire(lc)`: an exit, by anybody once the credit is over and nothing is open.
pub(crate) fn expire(model: &mut Model, lc: u64) -> Result<Answer, Code> {
    let credit = model.credit(lc)?;
    need(
        matches!(credit.stage, Stage::Draft | Stage::Issued),
        BAD_STATE,
    )?;
    need(model.now > model.escrow()?.end_of(credit), TOO_EARLY)?;
    let ended = model.escrow()?.life.alive().is_err();
    need(ended || !credit.has_open(model.now), OPEN_PRESENTATION)?;
    settle::end(model, lc, Stage::Expired)?;
    Ok(Answer::Nothing)
}

/// `cancel(lc)`: a draft by its applicant, a credit by all who are bound or entitled.
pub(crate) fn cancel(model: &mut Model, by: Who, lc: u64) -> Result<Answer, Code> {
    model.trading()?;
    let credit = model.credit(lc)?.clone();
    if credit.stage == Stage::Draft {
        model.acts(by, credit.applicant)?;
        settle::end(model, lc, Stage::Cancelled)?;
        return Ok(Answer::Nothing);
    }
    let mut required = credit.protected();
    required.insert(Seat::Issuing);
    let own = model.seated(by, &credit, &required)?;
    credit.live()?;
    need(!credit.has_open(model.now), OPEN_PRESENTATION)?;
    let on = (
        credit.clauses.clone(),
        credit.used,
        credit.shown.len(),
        required.clone(),
    );
    let before = credit.cancelling.filter(|(same, _)| *same == on);
    let before = before.map(|(_, agreed)| agreed).unwrap_or_default();
    let agreed: std::collections::BTreeSet<Seat> = before.union(&own).copied().collect();
    need(agreed != before, ALREADY_EXISTS)?;
    if agreed == required {
        settle::end(model, lc, Stage::Cancelled)?;
    } else {
        model.change_credit(lc, |credit| credit.cancelling = Some((on, agreed)));
    }
    Ok(Answer::Nothing)
}
