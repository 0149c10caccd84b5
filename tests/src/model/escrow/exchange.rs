//! Payment in another unit: somebody provides it, and both units move in one payment.

use super::assign::{payable, unbound};
use super::issue::{suits, take_hold};
use super::{Credit, Party, Seat, Source};
use crate::model::cast::{ESCROW, OUTSIDE, TOKEN, TOKEN_2, Who};
use crate::model::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, BAD_STATE, Code, NOT_FOUND, NOT_FUNDED, OVERFLOW, PRICE_BAND,
    STALE, need,
};
use crate::model::register::movement::{Move, Path};
use crate::model::token::Hold;
use crate::model::token::movement::Purpose;
use crate::model::{Answer, Model, Seconds, Units};
use std::collections::BTreeSet;

/// The exchange into the unit in which the beneficiary is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fx {
    /// That unit.
    pub pay_token: Who,
    /// So many of it ...
    pub num: Units,
    /// ... for so many of the credit's.
    pub den: Units,
    /// Who knows the rate of the day.
    pub source: Who,
    /// How many seconds old that may be.
    pub max_age: Seconds,
    /// By how many basis points the two may differ.
    pub band: u16,
    /// Hold of the unit, of who provides it.
    pub hold: u64,
}

impl Fx {
    /// `floor(amount * num / den)`; amounts of stories are small.
    ///
    /// # Errors
    /// 9.
    pub(super) fn exchanged(&self, amount: Units) -> Result<Units, Code> {
        let product = amount.checked_mul(self.num).ok_or(OVERFLOW)?;
        Ok(product / self.den)
    }

    /// The rate of the day is fresh and near the agreed one: `|agreed - day| * 10000 <= band * day`.
    pub(super) fn rate_holds(&self, model: &Model) -> Result<(), Code> {
        let known = model.outside.rate;
        let asked = self.source == OUTSIDE && self.pay_token == TOKEN_2;
        let (num, den, at) = known.filter(|_| asked).ok_or(STALE)?;
        let fresh = at <= model.now && model.now <= at.saturating_add(self.max_age);
        need(fresh, STALE)?;
        let near = || {
            let (agreed, day) = (self.num.checked_mul(den)?, num.checked_mul(self.den)?);
            let apart = agreed.abs_diff(day).checked_mul(10_000)?;
            Some(apart <= day.checked_mul(self.band.into())?)
        };
        need(num > 0 && den > 0 && near() == Some(true), PRICE_BAND)
    }
}

impl Model {
    /// A hold of a token, as of its owner of today.
    pub(super) fn hold_of(&self, token: Who, id: u64) -> Result<Hold, Code> {
        let token = self.token_at(token).ok_or(NOT_FOUND)?;
        let mut hold = token.holds.get(&id).cloned().ok_or(NOT_FOUND)?;
        hold.owner = token.heir_of(hold.owner);
        Ok(hold)
    }
}

/// Units of who provides them may reach the beneficiary, as far as the register is concerned.
fn keepable(model: &Model, token: Who, (from, to): (Party, Party)) -> Result<(), Code> {
    let nothing = Move {
        token,
        from: from.wallet,
        to: to.wallet,
        amount: 0,
        path: Path::Hold(ESCROW),
        purpose: Purpose::General,
        trade: None,
        told: false,
    };
    model.judged(&nothing, None)
}

/// Nothing is drawn yet that the other unit does not reach for.
fn provided(credit: &Credit, fx: &Fx) -> Result<Units, Code> {
    fx.exchanged(credit.clauses.max_draw()?.saturating_sub(credit.used))
}

/// `set_fx(lc, fx)`: issuing bank and beneficiary, word for word.
pub(crate) fn set_fx(model: &mut Model, by: Who, lc: u64, fx: Fx) -> Result<Answer, Code> {
    model.trading()?;
    need(fx.num > 0 && fx.den > 0 && fx.band <= 10_000, BAD_ARGUMENT)?;
    let credit = model.credit(lc)?.clone();
    let required: BTreeSet<Seat> = [Seat::Beneficiary, Seat::Issuing].into();
    let own = model.seated(by, &credit, &required)?;
    need(fx.pay_token != TOKEN, BAD_ARGUMENT)?;
    credit.live()?;
    need(credit.fx.is_none(), BAD_STATE)?;
    let hold = model.hold_of(fx.pay_token, fx.hold)?;
    let provider = model.party_of(hold.owner)?;
    payable(model, &credit, provider)?;
    keepable(model, fx.pay_token, (provider, credit.beneficiary))?;
    unbound(model, &credit, provider)?;
    let least = provided(&credit, &fx)?;
    suits(model, &credit, &hold, (Source::Provider, provider))?;
    need(hold.left >= least, NOT_FUNDED)?;
    let before = credit.exchanging.filter(|(same, _)| *same == fx);
    let before = before.map(|(_, agreed)| agreed).unwrap_or_default();
    let agreed: BTreeSet<Seat> = before.union(&own).copied().collect();
    need(agreed != before, ALREADY_EXISTS)?;
    if agreed != required {
        model.change_credit(lc, |credit| credit.exchanging = Some((fx, agreed)));
        return Ok(Answer::Nothing);
    }
    let wanted = (Source::Provider, provider, least);
    take_hold(model, lc, (fx.pay_token, fx.hold), wanted)?;
    model.change_credit(lc, |credit| {
        credit.exchanging = None;
        credit.fx = Some(fx);
        credit.provider = Some(provider);
    });
    Ok(Answer::Nothing)
}
