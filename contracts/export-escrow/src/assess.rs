//! What the contract itself can say about documents: in time, of the right type, issuer and form.
//!
//! Pure: the clauses come in, so that a presentation can be held against the terms in force and
//! against an amendment that waits for the beneficiary.

use crate::credit::Transferred;
use crate::presentation::{Document, Found};
use crate::schedule;
use crate::terms::{Availability, Clauses, DocumentRule, Instalment};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::calendar::Calendar;
use weighhouse_standard::{Refusal, deadline};

/// What is presented.
pub(crate) struct Offer<'a> {
    pub(crate) docs: &'a [Document],
    pub(crate) claim: Amount,
    pub(crate) shipment_date: Timestamp,
    pub(crate) now: Timestamp,
    /// Narrower terms, if the second beneficiary presents.
    pub(crate) second: Option<Transferred>,
    /// What was passed on, if the first beneficiary presents.
    pub(crate) passed_on: Amount,
}

/// Claims that count against the amount.
pub(crate) struct Claims {
    /// Settled and open claims of the whole credit.
    pub(crate) all: Amount,
    /// Those of the presenter's own share.
    pub(crate) own: Amount,
    /// By part: the claims that were settled or are open.
    pub(crate) parts: Vec<Amount>,
}

/// What comes of it.
pub(crate) struct Assessment {
    pub(crate) part: Option<u32>,
    pub(crate) found: Vec<Found>,
    /// Last second for the notice of completeness.
    pub(crate) until: Timestamp,
    /// Last second for paying it.
    pub(crate) pay_until: Option<Timestamp>,
}

/// Holds an offer against clauses.
pub(crate) fn assess(
    clauses: &Clauses,
    calendar: &Calendar,
    offer: &Offer<'_>,
    claims: &Claims,
) -> Result<Assessment, Refusal> {
    let (mut expiry, mut latest) = (clauses.expiry, clauses.latest_shipment);
    if let Some(second) = offer.second {
        expiry = expiry.min(second.expiry);
        latest = latest.min(second.latest_shipment);
    }
    let days = clauses.presentation_days;
    let until = schedule::last_present(calendar, expiry, offer.shipment_date, days);
    ensure!(
        deadline::in_time(offer.now, until),
        Refusal::LatePresentation
    );
    let part = choose_part(clauses, offer, claims)?;
    fits(clauses, offer, claims, part)?;
    let mut found = mismatches(clauses, part, offer.docs);
    if deadline::expired(offer.shipment_date, latest) {
        found.insert(0, Found::LateShipment);
    }
    let pay_until = clauses.milestone(part).map(|milestone| milestone.due);
    Ok(Assessment {
        part,
        found,
        until,
        pay_until,
    })
}

/// The milestone that is claimed, the instalment whose time it is.
fn choose_part(
    clauses: &Clauses,
    offer: &Offer<'_>,
    claims: &Claims,
) -> Result<Option<u32>, Refusal> {
    match &clauses.availability {
        Availability::Sight | Availability::Deferred { .. } => Ok(None),
        Availability::Milestones(parts) => {
            // A milestone is claimed as a whole. Among those of this amount that nobody claims
            // yet, the first whose documents are there; else the first.
            let claimed = |k: usize| claims.parts.get(k).is_some_and(|sum| !sum.is_zero());
            let free = (0_u32..)
                .zip(parts)
                .filter(|(k, part)| part.amount == offer.claim && !claimed(crate::terms::index(*k)))
                .map(|(k, _)| k);
            let whole = |k: &u32| mismatches(clauses, Some(*k), offer.docs).is_empty();
            let chosen = free.clone().find(whole).or_else(|| free.clone().next());
            let chosen = chosen.ok_or(Refusal::OverDrawn)?;
            Ok(Some(chosen))
        }
        Availability::Instalments(parts) => choose_instalment(parts, offer.now, claims).map(Some),
    }
}

fn choose_instalment(
    parts: &[Instalment],
    now: Timestamp,
    claims: &Claims,
) -> Result<u32, Refusal> {
    for (k, part) in (0_u32..).zip(parts) {
        if deadline::in_time(now, part.to) {
            deadline::after_start(now, part.from)?;
            return Ok(k);
        }
        // Its time is over: if it was not drawn, it and all later ones are lapsed.
        let drawn = claims.parts.get(crate::terms::index(k));
        ensure!(
            drawn.is_some_and(|sum| !sum.is_zero()),
            Refusal::InstalmentLapsed
        );
    }
    Err(Refusal::LatePresentation)
}

/// Refuses more than is left, and less than the whole where that is not allowed.
fn fits(
    clauses: &Clauses,
    offer: &Offer<'_>,
    claims: &Claims,
    part: Option<u32>,
) -> Result<(), Refusal> {
    // Invariant E3: claims that are settled or open never exceed what can be drawn.
    let most = clauses.max_draw()?;
    let (mut limit, mut full) = (most.saturating_sub(claims.all), clauses.min_full()?);
    if let Some(second) = offer.second {
        limit = limit.min(second.amount.saturating_sub(claims.own));
        let less = crate::terms::least(second.amount, clauses.tol_minus)?;
        full = second.amount.saturating_sub(less);
    } else {
        limit = limit.min(
            most.saturating_sub(offer.passed_on)
                .saturating_sub(claims.own),
        );
    }
    if let (Availability::Instalments(parts), Some(k)) = (&clauses.availability, part) {
        let k = crate::terms::index(k);
        let amount = parts.get(k).map_or(Amount::ZERO, |part| part.amount);
        let taken = claims.parts.get(k).copied().unwrap_or(Amount::ZERO);
        limit = limit.min(amount.saturating_sub(taken));
        full = amount;
    }
    if clauses.has_milestones() {
        full = offer.claim;
    }
    ensure!(offer.claim <= limit, Refusal::OverDrawn);
    let enough = clauses.partial_allowed || offer.claim >= full;
    ensure!(enough, Refusal::PartialNotAllowed);
    Ok(())
}

/// Every rule takes one document; what no document serves is a discrepancy.
fn mismatches(clauses: &Clauses, part: Option<u32>, docs: &[Document]) -> Vec<Found> {
    let mut free: Vec<&Document> = docs.iter().collect();
    let mut found = Vec::new();
    for (number, rule) in (0_u32..).zip(clauses.rules(part)) {
        match free.iter().position(|doc| grade(rule, doc) == 3) {
            Some(at) => {
                free.swap_remove(at);
            }
            None => match free.iter().map(|doc| grade(rule, doc)).max() {
                Some(2) => found.push(Found::NoRecord(number)),
                Some(1) => found.push(Found::WrongIssuer(number)),
                _ => found.push(Found::Missing(number)),
            },
        }
    }
    found
}

/// How well a document serves a rule: 0 another type, 1 another issuer, 2 no record, 3 well.
fn grade(rule: &DocumentRule, doc: &Document) -> u8 {
    if doc.kind != rule.kind {
        0
    } else if rule.issuer.is_some_and(|issuer| issuer != doc.issuer) {
        1
    } else if rule.etr && doc.record.is_none() {
        2
    } else {
        3
    }
}
