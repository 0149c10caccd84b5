//! Holds: units set aside for a notary. They stay the owner's until executed.
//!
//! `Ordered -> (PartlyExecuted)* -> Executed | Released | Reclaimed | Voided`

use super::movement::{Purpose, plain, propose, restore_allowance, use_allowance, use_lot};
use super::supply::{destroy, redeemer};
use super::{Act, Hold, HoldState};
use crate::model::cast::Who;
use crate::model::code::{
    BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, DEADLINE_PASSED, DUTY_CONFLICT, HOLD_EXPIRED,
    HOLD_NOT_EXPIRED, INSUFFICIENT_BALANCE, NOT_FOUND, UNAUTHORIZED, WRONG_DESTINATION,
    ZERO_AMOUNT, need,
};
use crate::model::life::Role;
use crate::model::register::movement::{Move, Path};
use crate::model::{Answer, Model, Seconds, Units};

/// What a hold is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the specification's")]
pub struct Terms {
    pub to: Option<Who>,
    pub amount: Units,
    pub notary: Who,
    pub expiry: Seconds,
    pub purpose: Purpose,
    pub reference: u8,
}

/// The move that the execution of a hold is. What it refers to is the trade or the note.
fn execution(model: &Model, owner: Who, terms: &Terms, (to, amount): (Who, Units)) -> Move {
    let noted = terms.reference != 0;
    let trade = terms.purpose.needs_trade().then_some(terms.reference);
    Move {
        purpose: terms.purpose,
        trade,
        ..plain(
            model.token.at,
            Path::Hold(terms.notary),
            owner,
            (to, amount, noted),
        )
    }
}

/// `create_hold(to?, amount, notary, expiry, purpose, reference)`
pub(crate) fn create_hold(model: &mut Model, by: Who, terms: &Terms) -> Result<Answer, Code> {
    model.market(|model| set_aside(model, by, terms, None))
}

/// `create_hold_from(owner, ...)`: on the caller's allowance.
pub(crate) fn create_hold_from(
    model: &mut Model,
    by: Who,
    owner: Who,
    terms: &Terms,
) -> Result<Answer, Code> {
    model.market(|model| set_aside(model, owner, terms, Some(by)))
}

fn set_aside(
    model: &mut Model,
    owner: Who,
    terms: &Terms,
    spender: Option<Who>,
) -> Result<Answer, Code> {
    let endless = terms.expiry == Seconds::MAX && !model.is_system(terms.notary);
    need(model.now < terms.expiry && !endless, BAD_ARGUMENT)?;
    need(terms.amount != 0, ZERO_AMOUNT)?;
    // Compliance: the spender, then the whole move if its end is known, else the owner.
    let caller = spender.map_or(Ok(()), |spender| model.may_send(spender));
    let whole = match terms.to {
        Some(to) => model.judge(&execution(model, owner, terms, (to, terms.amount))),
        None => model.may_send(owner),
    };
    Model::lower(caller, whole)?;
    let grant = match spender {
        Some(spender) => Some((spender, use_allowance(model, owner, spender, terms.amount)?)),
        None => None,
    };
    model.funds(owner, terms.amount)?;
    model
        .token
        .change(owner, |purse| purse.held += terms.amount);
    let number = u64::try_from(model.token.holds.len()).unwrap_or(u64::MAX) + 1;
    let hold = Hold {
        owner,
        to: terms.to,
        notary: terms.notary,
        expiry: terms.expiry,
        purpose: terms.purpose,
        reference: terms.reference,
        left: terms.amount,
        state: HoldState::Ordered,
        renewable: false,
        spender: grant,
    };
    model.token.holds.insert(number, hold);
    Ok(Answer::Number(number))
}

fn found(model: &Model, id: u64) -> Result<Hold, Code> {
    model.token.holds.get(&id).cloned().ok_or(NOT_FOUND)
}

/// Takes units out of a hold; they are the owner's and free again.
fn free(model: &mut Model, id: u64, amount: Units, end: HoldState) {
    let holder = model.token.heir_of(model.token.holds[&id].owner);
    model.token.change(holder, |purse| purse.held -= amount);
    let Some(hold) = model.token.holds.get_mut(&id) else {
        return;
    };
    hold.left -= amount;
    if hold.left == 0 {
        hold.state = end;
    } else if end == HoldState::Executed {
        hold.state = HoldState::PartlyExecuted;
    }
}

/// The hold, if the caller is its notary and it can be used now.
fn usable(model: &Model, by: Who, id: u64) -> Result<Hold, Code> {
    let hold = found(model, id)?;
    need(hold.notary == by, UNAUTHORIZED)?;
    need(hold.is_open(), BAD_STATE)?;
    need(model.now <= hold.expiry, HOLD_EXPIRED)?;
    Ok(hold)
}

/// `execute_hold(id, to, amount, keep_open)`: everything is judged again. Units of the hold are not
/// measured against what is available: they were when it was made.
pub(crate) fn execute_hold(
    model: &mut Model,
    by: Who,
    (id, to, amount): (u64, Who, Units),
    keep_open: bool,
) -> Result<Answer, Code> {
    model.market(|model| {
        need(amount != 0, ZERO_AMOUNT)?;
        let hold = usable(model, by, id)?;
        let movement = hold.movement(model, to, amount);
        model.admit(&movement)?;
        carry_out(model, (id, &hold), &movement, keep_open)?;
        Ok(Answer::Nothing)
    })
}

impl Hold {
    /// The move that its execution is.
    fn movement(&self, model: &Model, to: Who, amount: Units) -> Move {
        let owner = model.token.heir_of(self.owner);
        let terms = Terms {
            to: self.to,
            amount,
            notary: self.notary,
            expiry: self.expiry,
            purpose: self.purpose,
            reference: self.reference,
        };
        execution(model, owner, &terms, (to, amount))
    }
}

/// Makes the move, once it is admitted.
fn carry_out(
    model: &mut Model,
    (id, hold): (u64, &Hold),
    movement: &Move,
    keep_open: bool,
) -> Result<(), Code> {
    let Move {
        from, to, amount, ..
    } = *movement;
    need(hold.to.is_none_or(|fixed| fixed == to), WRONG_DESTINATION)?;
    need(amount <= hold.left, INSUFFICIENT_BALANCE)?;
    let rest = if keep_open { 0 } else { hold.left - amount };
    free(model, id, amount + rest, HoldState::Executed);
    model.token.shift(from, to, amount);
    if let Some(spender) = hold.spender {
        restore_allowance(model, hold.owner, spender, rest);
    }
    use_lot(model, movement)
}

/// `execute_hold_licensed(id, to, amount, order, licence_doc) -> order`: around an order on a party, by a
/// notary that is a system; what the receiver gets is frozen with it.
pub(crate) fn execute_hold_licensed(
    model: &mut Model,
    by: Who,
    (id, to, amount): (u64, Who, Units),
    licence: (u64, u8),
) -> Result<Answer, Code> {
    model.market(|model| {
        need(amount != 0, ZERO_AMOUNT)?;
        need(licence.1 != 0, BAD_DOCUMENT)?;
        let hold = usable(model, by, id)?;
        let movement = hold.movement(model, to, amount);
        let blocking = model.admit_licensed(&movement, licence)?;
        carry_out(model, (id, &hold), &movement, true)?;
        Ok(Answer::Number(blocking))
    })
}

/// `burn_hold(id, amount, basis_doc)`: redemption out of a hold, not stopped by a pause.
pub(crate) fn burn_hold(
    model: &mut Model,
    by: Who,
    (id, amount): (u64, Units),
    doc: u8,
) -> Result<Answer, Code> {
    model.token.life.alive()?;
    need(amount != 0, ZERO_AMOUNT)?;
    need(doc != 0, BAD_DOCUMENT)?;
    let hold = usable(model, by, id)?;
    redeemer(model, by)?;
    let owner = model.token.heir_of(hold.owner);
    model.may_send(owner)?;
    need(amount <= hold.left, INSUFFICIENT_BALANCE)?;
    free(model, id, amount, HoldState::Executed);
    destroy(model, owner, amount);
    Ok(Answer::Nothing)
}

/// Units go back to the owner, and to the allowance they came from.
fn give_back(model: &mut Model, id: u64, amount: Units, end: HoldState) {
    let (owner, spender) = {
        let hold = &model.token.holds[&id];
        (hold.owner, hold.spender)
    };
    free(model, id, amount, end);
    if let Some(spender) = spender.filter(|_| end != HoldState::Voided) {
        restore_allowance(model, owner, spender, amount);
    }
}

/// `release_hold(id, amount)`: an exit, by notary or payee.
pub(crate) fn release_hold(
    model: &mut Model,
    by: Who,
    id: u64,
    amount: Units,
) -> Result<Answer, Code> {
    need(amount != 0, ZERO_AMOUNT)?;
    let hold = found(model, id)?;
    need(hold.notary == by || hold.to == Some(by), UNAUTHORIZED)?;
    need(hold.is_open(), BAD_STATE)?;
    need(amount <= hold.left, INSUFFICIENT_BALANCE)?;
    give_back(model, id, amount, HoldState::Released);
    Ok(Answer::Nothing)
}

/// `reclaim_hold(id)`: an exit, by anybody once the hold is over.
pub(crate) fn reclaim_hold(model: &mut Model, id: u64) -> Result<Answer, Code> {
    let hold = found(model, id)?;
    need(hold.is_open(), BAD_STATE)?;
    need(model.now > hold.expiry, HOLD_NOT_EXPIRED)?;
    give_back(model, id, hold.left, HoldState::Reclaimed);
    Ok(Answer::Nothing)
}

/// `consent_renewal(id, agree)`: the owner, one time.
pub(crate) fn consent_renewal(
    model: &mut Model,
    by: Who,
    id: u64,
    agree: bool,
) -> Result<Answer, Code> {
    model.market(|model| {
        let hold = found(model, id)?;
        need(model.token.heir_of(hold.owner) == by, UNAUTHORIZED)?;
        need(hold.is_open(), BAD_STATE)?;
        model.may_send(by)?;
        change(model, id, |hold| hold.renewable = agree);
        Ok(Answer::Nothing)
    })
}

/// `renew_hold(id, expiry)`: the notary, later than before, while it can be used. An end without end is
/// not one.
pub(crate) fn renew_hold(
    model: &mut Model,
    by: Who,
    id: u64,
    expiry: Seconds,
) -> Result<Answer, Code> {
    model.market(|model| {
        need(expiry != Seconds::MAX, BAD_ARGUMENT)?;
        let hold = found(model, id)?;
        need(expiry > hold.expiry, BAD_ARGUMENT)?;
        need(hold.notary == by, UNAUTHORIZED)?;
        need(hold.is_open() && hold.renewable, BAD_STATE)?;
        need(model.now <= hold.expiry, HOLD_EXPIRED)?;
        model.may_send(by)?;
        change(model, id, |hold| {
            hold.expiry = expiry;
            hold.renewable = false;
        });
        Ok(Answer::Nothing)
    })
}

fn change(model: &mut Model, id: u64, change: impl FnOnce(&mut Hold)) {
    if let Some(hold) = model.token.holds.get_mut(&id) {
        change(hold);
    }
}

/// Which of the two duties of voiding somebody has.
fn voiding_duty(model: &Model, who: Who) -> Result<Role, Code> {
    let duties = [Role::Compliance, Role::Regulator];
    let own = duties
        .into_iter()
        .find(|role| model.token.life.is(who, *role));
    own.ok_or(UNAUTHORIZED)
}

/// `propose_void_hold(id, doc)`
pub(crate) fn propose_void_hold(
    model: &mut Model,
    by: Who,
    id: u64,
    doc: u8,
) -> Result<Answer, Code> {
    model.token.life.alive()?;
    need(doc != 0, BAD_DOCUMENT)?;
    voiding_duty(model, by)?;
    need(found(model, id)?.is_open(), BAD_STATE)?;
    Ok(propose(model, by, Act::Void(id)))
}

/// `approve_void_hold(proposal)`: the other of COMPLIANCE and REGULATOR.
pub(crate) fn approve_void_hold(model: &mut Model, by: Who, number: u64) -> Result<Answer, Code> {
    model.token.life.alive()?;
    let duty = voiding_duty(model, by)?;
    let proposal = model.token.proposals.get(&number).cloned();
    let proposal = proposal.ok_or(NOT_FOUND)?;
    need(!model.same_person(proposal.by, by), DUTY_CONFLICT)?;
    let Act::Void(id) = proposal.act else {
        return Err(NOT_FOUND);
    };
    need(duty != voiding_duty(model, proposal.by)?, DUTY_CONFLICT)?;
    let hold = found(model, id)?;
    need(hold.is_open(), BAD_STATE)?;
    need(model.now <= proposal.until, DEADLINE_PASSED)?;
    give_back(model, id, hold.left, HoldState::Voided);
    model.token.proposals.remove(&number);
    Ok(Answer::Nothing)
}
