//! Transfers, allowances, permits.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums"
)]

use super::{Act, Allowance, Proposal};
use crate::model::cast::Who;
use crate::model::code::{
    BAD_ARGUMENT, BAD_SIGNATURE, Code, DEADLINE_PASSED, INSUFFICIENT_ALLOWANCE, LIMIT_EXCEEDED,
    NONCE_USED, NOT_CAPABLE, need,
};
use crate::model::register::movement::{Move, Path};
use crate::model::{Answer, Model, Seconds, Units};
use parity_scale_codec::Encode;

/// What a move is for, in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub enum Purpose {
    General,
    TradeSettlement,
    ExportConversion,
    ImportFunding,
    MinedSale { lot: u64 },
}

impl Purpose {
    /// True if it rests on a trade.
    #[must_use]
    pub const fn needs_trade(self) -> bool {
        matches!(
            self,
            Self::TradeSettlement | Self::ExportConversion | Self::ImportFunding
        )
    }
}

/// To whom, how much, whether a note goes with it.
pub type Payment = (Who, Units, bool);

/// What a permit says: owner, spender, amount, last second of the allowance, number, last second of the
/// permit.
pub type Permit = (Who, Who, Units, Seconds, u64, Seconds);

/// A move of a token's units for nothing in particular.
pub(super) const fn plain(token: Who, path: Path, from: Who, (to, amount, told): Payment) -> Move {
    Move {
        token,
        from,
        to,
        amount,
        path,
        purpose: Purpose::General,
        trade: None,
        told,
    }
}

/// Compliance, funds, then the move.
fn pay(model: &mut Model, movement: &Move) -> Result<(), Code> {
    model.funds(movement.from, movement.amount)?;
    let (from, to) = (movement.from, movement.to);
    model.token.shift(from, to, movement.amount);
    use_lot(model, movement)
}

/// The lot of a mined sale is used up with it, where there is a register.
pub(super) fn use_lot(model: &mut Model, movement: &Move) -> Result<(), Code> {
    match movement.purpose {
        Purpose::MinedSale { lot } if model.register.is_some() => {
            model.outside.consume(lot, movement.amount)
        }
        _ => Ok(()),
    }
}

/// `transfer(to, amount, memo)`
pub(crate) fn transfer(model: &mut Model, by: Who, payment: Payment) -> Result<Answer, Code> {
    batch_transfer(model, by, &[payment])
}

/// `batch_transfer([(to, amount, memo)])`: one after the other, all or nothing.
pub(crate) fn batch_transfer(
    model: &mut Model,
    by: Who,
    payments: &[Payment],
) -> Result<Answer, Code> {
    model.market(|model| {
        need(!payments.is_empty(), BAD_ARGUMENT)?;
        need(payments.len() <= 256, LIMIT_EXCEEDED)?;
        for payment in payments {
            let movement = plain(model.token.at, Path::Own, by, *payment);
            model.admit(&movement)?;
            pay(model, &movement)?;
        }
        Ok(Answer::Nothing)
    })
}

/// `transfer_for(to, amount, purpose, trade_ref)`: of ring-fenced tokens. A trade is its own note.
pub(crate) fn transfer_for(
    model: &mut Model,
    by: Who,
    (to, amount): (Who, Units),
    purpose: Purpose,
    trade: Option<u8>,
) -> Result<Answer, Code> {
    model.market(|model| {
        let movement = Move {
            purpose,
            trade,
            ..plain(model.token.at, Path::Own, by, (to, amount, trade.is_some()))
        };
        model.admit(&movement)?;
        need(model.token.ring_fenced, NOT_CAPABLE)?;
        pay(model, &movement)?;
        Ok(Answer::Nothing)
    })
}

/// `transfer_from(from, to, amount, memo)`
pub(crate) fn transfer_from(
    model: &mut Model,
    by: Who,
    from: Who,
    payment: Payment,
) -> Result<Answer, Code> {
    model.market(|model| {
        let movement = plain(model.token.at, Path::Delegate(by), from, payment);
        model.admit(&movement)?;
        use_allowance(model, from, by, movement.amount)?;
        pay(model, &movement)?;
        Ok(Answer::Nothing)
    })
}

/// What `spender` may take from `owner` now.
#[must_use]
pub fn allowed(model: &Model, owner: Who, spender: Who) -> Option<&Allowance> {
    let allowance = model.token.allowances.get(&(owner, spender))?;
    let void = model.token.successors.contains_key(&owner);
    (!void && model.now <= allowance.live_until).then_some(allowance)
}

/// Takes `asked` off an allowance; answers which approval it came from.
///
/// # Errors
/// 201.
pub(super) fn use_allowance(
    model: &mut Model,
    owner: Who,
    spender: Who,
    asked: Units,
) -> Result<u64, Code> {
    let (left, grant) = allowed(model, owner, spender).map_or((0, 0), |a| (a.amount, a.grant));
    need(asked <= left, INSUFFICIENT_ALLOWANCE)?;
    if let Some(allowance) = model.token.allowances.get_mut(&(owner, spender)) {
        // An allowance that is over is left as it was: nothing can be taken off it.
        if asked != 0 {
            allowance.amount -= asked;
        }
    }
    Ok(grant)
}

/// Gives back what a hold took, unless the owner approved anew since.
pub(super) fn restore_allowance(
    model: &mut Model,
    owner: Who,
    (spender, grant): (Who, u64),
    amount: Units,
) {
    if let Some(allowance) = model.token.allowances.get_mut(&(owner, spender))
        && allowance.grant == grant
    {
        allowance.amount += amount;
    }
}

/// An approval of something must be able to count.
fn approvable(model: &Model, amount: Units, live_until: Seconds) -> Result<(), Code> {
    need(amount == 0 || model.now <= live_until, BAD_ARGUMENT)
}

/// Replaces what was allowed; nothing withdraws it.
fn set_allowance(model: &mut Model, pair: (Who, Who), amount: Units, live_until: Seconds) {
    model.token.grants += 1;
    let allowance = Allowance {
        amount,
        live_until,
        grant: model.token.grants,
    };
    if amount == 0 {
        model.token.allowances.remove(&pair);
    } else {
        model.token.allowances.insert(pair, allowance);
    }
}

/// `approve(spender, amount, live_until)`
pub(crate) fn approve(
    model: &mut Model,
    by: Who,
    spender: Who,
    amount: Units,
    live_until: Seconds,
) -> Result<Answer, Code> {
    model.market(|model| {
        approvable(model, amount, live_until)?;
        model.may_send(by)?;
        set_allowance(model, (by, spender), amount, live_until);
        Ok(Answer::Nothing)
    })
}

/// `permit(owner, spender, amount, live_until, nonce, deadline, sig)`; `signed` says whether the owner
/// signed exactly this.
pub(crate) fn permit(model: &mut Model, permit: Permit, signed: bool) -> Result<Answer, Code> {
    let (owner, spender, amount, live_until, nonce, deadline) = permit;
    model.market(|model| {
        approvable(model, amount, live_until)?;
        need(model.now <= deadline, DEADLINE_PASSED)?;
        need(signed, BAD_SIGNATURE)?;
        let next = model.token.nonces.get(&owner).copied().unwrap_or(0);
        need(nonce == next, NONCE_USED)?;
        model.may_send(owner)?;
        model.token.nonces.insert(owner, next + 1);
        set_allowance(model, (owner, spender), amount, live_until);
        Ok(Answer::Nothing)
    })
}

/// Keeps an act for a second person, for seven days; its number.
pub(super) fn propose(model: &mut Model, by: Who, act: Act) -> Answer {
    model.token.proposed += 1;
    let until = model.now + 7 * 86_400;
    let proposal = Proposal { act, by, until };
    let number = model.token.proposed;
    model.token.proposals.insert(number, proposal);
    Answer::Number(number)
}
