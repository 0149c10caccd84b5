//! A credit is passed on once, its proceeds are shared.

use super::{Credit, Party, Seat, Transferred};
use crate::model::cast::{ESCROW, TOKEN, Who};
use crate::model::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, Code, LIMIT_EXCEEDED, NOT_TRANSFERABLE, NOT_VETTED,
    WRONG_DESTINATION, ZERO_AMOUNT, need,
};
use crate::model::register::Pid;
use crate::model::register::movement::{Move, Path};
use crate::model::token::movement::Purpose;
use crate::model::{Answer, Model, Seconds, Units};
use std::collections::BTreeSet;

/// The importer's money may reach somebody else, as far as the register is concerned.
pub(super) fn payable(model: &Model, credit: &Credit, to: Party) -> Result<(), Code> {
    let nothing = Move {
        token: TOKEN,
        from: credit.applicant.wallet,
        to: to.wallet,
        amount: 0,
        path: Path::Hold(ESCROW),
        purpose: Purpose::TradeSettlement,
        trade: Some(credit.trade),
        told: false,
    };
    model.judged(&nothing, None)
}

/// No hold behind the credit is bound to another.
pub(super) fn unbound(model: &Model, credit: &Credit, to: Party) -> Result<(), Code> {
    let mut bound = credit
        .funding
        .iter()
        .filter_map(|funding| model.hold_of(funding.token, funding.hold).ok()?.to);
    need(bound.all(|fixed| fixed == to.wallet), WRONG_DESTINATION)
}

/// `transfer_credit(lc, second, amount, expiry, latest_shipment)`: beneficiary and issuing bank, word for
/// word; once, and terms only shrink.
pub(crate) fn transfer_credit(
    model: &mut Model,
    by: Who,
    (lc, second, amount): (u64, Who, Units),
    (expiry, latest_shipment): (Seconds, Seconds),
) -> Result<Answer, Code> {
    model.trading()?;
    need(amount != 0, ZERO_AMOUNT)?;
    let credit = model.credit(lc)?.clone();
    let required: BTreeSet<Seat> = [Seat::Beneficiary, Seat::Issuing].into();
    let own = model.seated(by, &credit, &required)?;
    credit.live()?;
    let once = credit.clauses.transferable && credit.transferred.is_none();
    need(once, NOT_TRANSFERABLE)?;
    let clauses = &credit.clauses;
    let taken = credit.open_claims(model.now).saturating_add(credit.used);
    let rest = clauses.max_draw()?.saturating_sub(taken);
    let inside = expiry <= clauses.expiry && latest_shipment <= clauses.latest_shipment;
    need(inside && expiry > model.now, BAD_ARGUMENT)?;
    let whole = clauses.partial_allowed || amount >= clauses.min_full();
    need(amount <= rest && whole, BAD_ARGUMENT)?;
    let second = model.party_of(second)?;
    need(second.pid != credit.beneficiary.pid, BAD_ARGUMENT)?;
    model.party_receives(second)?;
    payable(model, &credit, second)?;
    unbound(model, &credit, second)?;
    let passed = Transferred {
        second,
        amount,
        expiry,
        latest_shipment,
        used: 0,
    };
    let before = credit.passing.filter(|(same, _)| *same == passed);
    let before = before.map(|(_, agreed)| agreed).unwrap_or_default();
    let agreed: BTreeSet<Seat> = before.union(&own).copied().collect();
    need(agreed != before, ALREADY_EXISTS)?;
    model.change_credit(lc, |credit| {
        if agreed == required {
            credit.passing = None;
            credit.transferred = Some(passed);
        } else {
            credit.passing = Some((passed, agreed));
        }
    });
    Ok(Answer::Nothing)
}

/// `assign_proceeds(lc, pid, bps)`: the beneficiary's; the right to present stays.
pub(crate) fn assign_proceeds(
    model: &mut Model,
    by: Who,
    lc: u64,
    (pid, bps): (Pid, u16),
) -> Result<Answer, Code> {
    model.trading()?;
    need((1..=10_000).contains(&bps), BAD_ARGUMENT)?;
    let credit = model.credit(lc)?.clone();
    model.acts(by, credit.beneficiary)?;
    let mut others = credit.assigned.iter().map(|(to, _)| to.pid);
    let known = pid == credit.beneficiary.pid || others.any(|other| other == pid);
    need(!known, ALREADY_EXISTS)?;
    credit.live()?;
    let wallet = model.a_wallet(pid).ok_or(NOT_VETTED)?;
    let to = Party { pid, wallet };
    model.party_receives(to)?;
    payable(model, &credit, to)?;
    need(credit.assigned.len() < 8, LIMIT_EXCEEDED)?;
    let assigned: u32 = credit.assigned.iter().map(|(_, bps)| u32::from(*bps)).sum();
    need(assigned + u32::from(bps) <= 10_000, BAD_ARGUMENT)?;
    unbound(model, &credit, to)?;
    model.change_credit(lc, |credit| credit.assigned.push((to, bps)));
    Ok(Answer::Nothing)
}
