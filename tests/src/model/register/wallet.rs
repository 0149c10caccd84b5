//! Wallets of participants.

use super::{Act, Pid, Register, Standing, WalletState};
use crate::model::cast::{NOBODY, Who};
use crate::model::code::{
    ALREADY_EXISTS, BAD_ARGUMENT, BAD_DOCUMENT, BAD_STATE, Code, DUTY_CONFLICT, NOT_FOUND,
    UNAUTHORIZED, need,
};
use crate::model::life::Role;
use crate::model::{Answer, Model};

/// `add_wallet(pid, addr)`: bound for ever, in use once it accepts.
pub(crate) fn add_wallet(model: &mut Model, by: Who, pid: Pid, who: Who) -> Result<Answer, Code> {
    model.in_register(|register| {
        register.life.open()?;
        need(who != NOBODY, BAD_ARGUMENT)?;
        register.life.role(by, Role::Operator)?;
        let standing = register.party(pid)?.standing;
        need(!register.wallets.contains_key(&who), ALREADY_EXISTS)?;
        need(standing != Standing::Closed, BAD_STATE)?;
        register.wallets.insert(who, (pid, WalletState::Proposed));
        Ok(Answer::Nothing)
    })
}

/// `accept_wallet()`: by the wallet itself, unless one person came to two duties so (I7).
pub(crate) fn accept_wallet(model: &mut Model, by: Who) -> Result<Answer, Code> {
    model.in_register(|register| {
        register.life.open()?;
        let (pid, state) = register.wallets.get(&by).copied().ok_or(NOT_FOUND)?;
        let clash =
            |other: &Who| register.pid_of(*other) == Some(pid) && register.life.clash(by, *other);
        need(!register.accepted.iter().any(clash), DUTY_CONFLICT)?;
        need(state == WalletState::Proposed, BAD_STATE)?;
        register.wallets.insert(by, (pid, WalletState::Active));
        register.accepted.push(by);
        Ok(Answer::Nothing)
    })
}

/// `lock_wallet(addr)`: by COMPLIANCE or a wallet of the participant; for good.
pub(crate) fn lock_wallet(model: &mut Model, by: Who, who: Who) -> Result<Answer, Code> {
    model.in_register(|register| {
        register.life.alive()?;
        let entry = register.wallets.get(&who).copied();
        if !register.life.is(by, Role::Compliance) {
            let own = register.wallets.get(&by);
            let own = own.filter(|(_, state)| *state == WalletState::Active);
            let same = own.is_some_and(|(pid, _)| entry.is_some_and(|(other, _)| *pid == other));
            need(same, UNAUTHORIZED)?;
        }
        let (pid, state) = entry.ok_or(NOT_FOUND)?;
        need(state == WalletState::Active, BAD_STATE)?;
        register.wallets.insert(who, (pid, WalletState::Locked));
        Ok(Answer::Nothing)
    })
}

/// A wallet can be given up for another in use by the same participant.
fn recoverable(register: &Register, pid: Pid, lost: Who, new: Who) -> Result<(), Code> {
    register.party(pid)?;
    let (owner, state) = register.wallets.get(&lost).copied().ok_or(NOT_FOUND)?;
    need(owner == pid, BAD_ARGUMENT)?;
    let usable = register.wallets.get(&new) == Some(&(pid, WalletState::Active));
    need(usable, BAD_ARGUMENT)?;
    let open = matches!(state, WalletState::Active | WalletState::Locked);
    need(open, BAD_STATE)
}

/// `propose_recover_wallet(pid, lost, new, doc)`
pub(crate) fn propose_recover_wallet(
    model: &mut Model,
    by: Who,
    (pid, lost, new): (Pid, Who, Who),
    doc: u8,
) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        need(lost != new, BAD_ARGUMENT)?;
        need(doc != 0, BAD_DOCUMENT)?;
        register.life.role(by, Role::Operator)?;
        recoverable(register, pid, lost, new)?;
        Ok(register.propose(now, by, Act::Recover { pid, lost, new }))
    })
}

/// `approve_recover_wallet(id)`: the lost wallet is out of use for ever, and so are its roles.
pub(crate) fn approve_recover_wallet(model: &mut Model, by: Who, id: u64) -> Result<Answer, Code> {
    let now = model.now;
    model.in_register(|register| {
        register.life.alive()?;
        let (act, until) = register.approvable(by, id, Role::Operator)?;
        let Act::Recover { pid, lost, new } = act else {
            return Err(NOT_FOUND);
        };
        recoverable(register, pid, lost, new)?;
        register.close_proposal(now, id, until)?;
        register.wallets.insert(lost, (pid, WalletState::Recovered));
        register.recoveries.insert(lost, new);
        register.life.strip(lost);
        Ok(Answer::Nothing)
    })
}
