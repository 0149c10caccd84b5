//! What is shown, held against clauses: in time, for which part, how much, whether anything is missing.

use super::Credit;
use super::calendar::Calendar;
use super::document::{Document, complies};
use super::terms::{Availability, Clauses, part};
use crate::model::code::{
    Code, INSTALMENT_LAPSED, LATE_PRESENTATION, OVER_DRAWN, PARTIAL_NOT_ALLOWED, TOO_EARLY, need,
};
use crate::model::{Seconds, Units};

/// What is shown: documents, claim, shipment; by the second beneficiary or not.
pub(super) struct Offer<'a> {
    pub(super) docs: &'a [Document],
    pub(super) claim: Units,
    pub(super) shipment: Seconds,
    pub(super) second: bool,
}

/// What comes of it.
pub(super) struct Judged {
    pub(super) part: Option<usize>,
    /// The last second to complete it.
    pub(super) until: Seconds,
    /// Nothing is wrong.
    pub(super) fine: bool,
    /// The last second to pay it.
    pub(super) pay_until: Option<Seconds>,
}

/// Judges what is shown by clauses.
pub(super) fn assess(
    (now, calendar): (Seconds, &Calendar),
    credit: &Credit,
    clauses: &Clauses,
    offer: &Offer<'_>,
) -> Result<Judged, Code> {
    let (mut expiry, mut latest) = (clauses.expiry, clauses.latest_shipment);
    if let Some(passed) = credit.transferred.as_ref().filter(|_| offer.second) {
        expiry = expiry.min(passed.expiry);
        latest = latest.min(passed.latest_shipment);
    }
    let last = calendar.day(offer.shipment) + u64::from(clauses.presentation_days);
    let until = calendar
        .moved(expiry)
        .min(calendar.moved(calendar.end_of_day(last)));
    need(now <= until, LATE_PRESENTATION)?;
    let part = choose(now, credit, clauses, offer)?;
    fits(now, credit, clauses, (offer, part))?;
    let whole = complies(&clauses.rules(part), offer.docs);
    Ok(Judged {
        part,
        until,
        fine: whole && offer.shipment <= latest,
        pay_until: clauses.milestone(part).map(|part| part.due),
    })
}

/// A milestone of this amount that nobody claims yet, with its documents if possible; the instalment of now.
fn choose(
    now: Seconds,
    credit: &Credit,
    clauses: &Clauses,
    offer: &Offer<'_>,
) -> Result<Option<usize>, Code> {
    match &clauses.availability {
        Availability::Sight | Availability::Deferred(_) => Ok(None),
        Availability::Milestones(parts) => {
            let all = parts.iter().enumerate();
            let free =
                all.filter(|(k, part)| part.amount == offer.claim && credit.taken(now, *k) == 0);
            let free: Vec<usize> = free.map(|(k, _)| k).collect();
            let whole = |k: &&usize| complies(&clauses.rules(Some(**k)), offer.docs);
            let chosen = free.iter().find(whole).or_else(|| free.first());
            chosen.copied().map(Some).ok_or(OVER_DRAWN)
        }
        Availability::Instalments(parts) => {
            for (k, (_, from, to)) in parts.iter().enumerate() {
                if now <= *to {
                    need(now >= *from, TOO_EARLY)?;
                    return Ok(Some(k));
                }
                // One that was not drawn in its time ends all later ones.
                need(credit.taken(now, k) != 0, INSTALMENT_LAPSED)?;
            }
            Err(LATE_PRESENTATION)
        }
    }
}

/// Not more than is left (E3), and all of it where parts are not allowed.
fn fits(
    now: Seconds,
    credit: &Credit,
    clauses: &Clauses,
    (offer, chosen): (&Offer<'_>, Option<usize>),
) -> Result<(), Code> {
    let most = clauses.max_draw()?;
    let all = credit.open_claims(now).saturating_add(credit.used);
    let (mut limit, mut full) = (most.saturating_sub(all), clauses.min_full());
    let of_second = credit.transferred.as_ref().map_or(0, |t| t.used);
    let open = credit.own_claims(now, offer.second);
    let (share, used) = match &credit.transferred {
        Some(passed) if offer.second => {
            full = passed.amount - part(passed.amount, clauses.tol_minus);
            (passed.amount, of_second)
        }
        Some(passed) => (most.saturating_sub(passed.amount), credit.used - of_second),
        None => (most, credit.used),
    };
    limit = limit.min(share.saturating_sub(open.saturating_add(used)));
    match (&clauses.availability, chosen) {
        (Availability::Instalments(parts), Some(k)) => {
            limit = limit.min(parts[k].0.saturating_sub(credit.taken(now, k)));
            full = parts[k].0;
        }
        (Availability::Milestones(_), _) => full = offer.claim,
        _ => {}
    }
    need(offer.claim <= limit, OVER_DRAWN)?;
    let enough = clauses.partial_allowed || offer.claim >= full;
    need(enough, PARTIAL_NOT_ALLOWED)
}
