//! Everything that the escrow asks of other contracts: register, tokens, registry of rights, conditions,
//! rates.
//!
//! Whoever answers nonsense, or nothing, is taken to say no: an unknown participant is not vetted, an
//! unreachable condition is unknown, an unreachable hold is no hold.

use crate::credit::{Credit, Fx, Party};
use crate::law::{NOT_VETTED, PURPOSE_VIOLATION, stopped};
use crate::settle::Claim;
use crate::storage::Escrow;
use crate::terms::{ConditionRef, WHOLE_BPS};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::arithmetic::mul_div;
use weighhouse_standard::interface::{
    AuthorisationKind, BreachPolicy, ConditionState, ConditionsRef, ControlRef, FreezeView,
    HoldView, HoldsRef, LicensedHoldsRef, ParticipantsRef, Path, Pid, Purpose, RatesRef,
    RecordState, Screening, ScreeningResult, Side, Trade, TradeRef, TradeState, WalletStatus,
};
use weighhouse_standard::{Refusal, deadline};

/// A hold of a token; whatever is no hold there, or no token, is not found.
pub(crate) fn hold(token: Address, id: u64) -> Result<HoldView, Refused> {
    let found = HoldsRef::at(token).hold(id).ok().flatten();
    Ok(found.ok_or(Refusal::NotFound)?)
}

/// Moves held units; the rest stays held.
pub(crate) fn execute(token: Address, id: u64, to: Address, amount: Amount) -> Result<(), Refused> {
    Ok(HoldsRef::at(token).execute_hold(id, to, amount, true)?)
}

/// Moves held units around an order on a party, into an account that is blocked for as much.
pub(crate) fn execute_licensed(
    (token, id): (Address, u64),
    to: Address,
    amount: Amount,
    (order, licence_doc): (u64, Hash),
) -> Result<(), Refused> {
    LicensedHoldsRef::at(token).execute_hold_licensed(id, to, amount, order, licence_doc)?;
    Ok(())
}

/// Gives held units back to their owner, as far as they are still held: officers may have voided the
/// hold, a payee may have released it, and what is back with its owner is back.
pub(crate) fn release(token: Address, id: u64, amount: Amount) -> Result<(), Refused> {
    let left = hold(token, id)?.left;
    let amount = amount.min(left);
    if !amount.is_zero() {
        HoldsRef::at(token).release_hold(id, amount)?;
    }
    Ok(())
}

impl Escrow {
    fn register(&self) -> ParticipantsRef {
        ParticipantsRef::at(self.settings.get().participants)
    }

    fn rights(&self) -> ControlRef {
        ControlRef::at(self.settings.get().rights)
    }

    /// Market acts: neither deactivated, paused nor halted.
    pub(crate) fn trading(&self, ctx: &Context) -> Result<(), Refused> {
        self.lifecycle.open()?;
        let halted = self.register().halted(ctx.contract())?;
        ensure!(!halted, Refusal::Halted);
        Ok(())
    }

    /// The participant of an address, for duties and for seats; of a wallet in use only.
    pub(crate) fn person(&self, wallet: &Address) -> Result<Option<Pid>, Refused> {
        let known = self.register().wallet(*wallet)?;
        let used = known.filter(|known| known.status == WalletStatus::Active);
        Ok(used.map(|known| known.pid))
    }

    /// The participant of an address, whatever became of the wallet.
    pub(crate) fn owner_of(&self, wallet: Address) -> Result<Option<Pid>, Refused> {
        Ok(self.register().pid_of(wallet)?)
    }

    /// The participant that the caller acts for; a wallet that is locked or given up acts for nobody.
    pub(crate) fn caller(&self, ctx: &Context) -> Result<Pid, Refused> {
        let known = self.register().wallet(ctx.caller())?;
        let known = known.ok_or(Refusal::not_party())?;
        let active = known.status == WalletStatus::Active;
        ensure!(active, stopped(NOT_VETTED, Side::Caller));
        Ok(known.pid)
    }

    /// A participant through one of its wallets.
    pub(crate) fn party(&self, wallet: Address) -> Result<Party, Refused> {
        let pid = self
            .person(&wallet)?
            .ok_or_else(|| stopped(NOT_VETTED, Side::Any))?;
        Ok(Party { pid, wallet })
    }

    /// Refuses all callers but this participant.
    pub(crate) fn acts(&self, ctx: &Context, party: Party) -> Result<(), Refused> {
        ensure!(self.caller(ctx)? == party.pid, Refusal::not_party());
        Ok(())
    }

    /// A participant through its first wallet in use.
    pub(crate) fn reached(&self, pid: Pid) -> Result<Party, Refused> {
        let wallet = self.register().wallet_of(pid)?;
        let wallet = wallet.ok_or_else(|| stopped(NOT_VETTED, Side::Receiver))?;
        Ok(Party { pid, wallet })
    }

    /// Where a participant is reached: at its wallet, or at another one if that is no longer in use.
    pub(crate) fn reach(&self, party: Party) -> Result<Address, Refused> {
        if self.person(&party.wallet)? == Some(party.pid) {
            return Ok(party.wallet);
        }
        let other = self.register().wallet_of(party.pid)?;
        other.ok_or_else(|| stopped(NOT_VETTED, Side::Any))
    }

    /// 0, or the code why a participant may not send.
    pub(crate) fn sends(&self, party: Party) -> Result<u16, Refused> {
        match self.reach(party) {
            Ok(wallet) => Ok(self.register().can_send(wallet)?),
            Err(refused) => refused.code().ok_or(refused),
        }
    }

    /// 0, or the code why a participant may not receive.
    pub(crate) fn receives(&self, party: Party) -> Result<u16, Refused> {
        match self.reach(party) {
            Ok(wallet) => Ok(self.register().can_receive(wallet)?),
            Err(refused) => refused.code().ok_or(refused),
        }
    }

    pub(crate) fn is_authorised(&self, ctx: &Context, bank: Party) -> Result<bool, Refused> {
        let kind = AuthorisationKind::IssuingBank;
        Ok(self.register().authorised(bank.pid, kind, ctx.now())?)
    }

    /// The code with which nothing at all would be refused to move so.
    pub(crate) fn may_move(
        &self,
        (token, from, to): (Address, Address, Address),
        path: Path,
        purpose: Purpose,
        trade: Option<TradeRef>,
    ) -> Result<u16, Refused> {
        let nothing = Amount::ZERO;
        let register = self.register();
        Ok(register.check_move(token, from, to, nothing, path, purpose, trade)?)
    }

    /// What screening found of a participant.
    pub(crate) fn screening(&self, pid: Pid) -> Result<Option<Screening>, Refused> {
        Ok(self
            .register()
            .party(pid)?
            .and_then(|party| party.screening))
    }

    /// An order that freezes.
    pub(crate) fn order(&self, id: u64) -> Result<Option<FreezeView>, Refused> {
        Ok(self.register().order(id)?)
    }

    /// The trade contract, if units may still move under it.
    pub(crate) fn trade(&self, now: Timestamp, trade_ref: &Hash) -> Result<Trade, Refused> {
        let trade = self.register().trade(*trade_ref)?;
        let open =
            |trade: &Trade| trade.state == TradeState::Open && deadline::in_time(now, trade.until);
        trade
            .filter(open)
            .ok_or_else(|| stopped(PURPOSE_VIOLATION, Side::Any))
    }

    /// The trade contract, whatever became of it.
    pub(crate) fn trade_screening(&self, trade_ref: &Hash) -> Result<Option<Screening>, Refused> {
        let trade = self.register().trade(*trade_ref)?;
        Ok(trade.and_then(|trade| trade.screening))
    }

    /// Refuses a record that is not this document, or whose control the presenter has not pledged.
    pub(crate) fn pledged_to_us(
        &self,
        ctx: &Context,
        (record, doc): (u64, Hash),
        presenter: Pid,
    ) -> Result<(), Refused> {
        let view = self.rights().record(record)?.ok_or(Refusal::NotFound)?;
        let ours = view.controller == ctx.contract() && view.state == RecordState::Presented;
        let pledgor = view.pledgor.ok_or(Refusal::NotController)?;
        let theirs = self.owner_of(pledgor)? == Some(presenter);
        ensure!(ours && theirs, Refusal::NotController);
        ensure!(view.doc == doc, Refusal::BadDocument);
        Ok(())
    }

    /// Who pledged a record to the escrow, and its document.
    pub(crate) fn in_our_hands(
        &self,
        ctx: &Context,
        record: u64,
    ) -> Result<(Address, Hash), Refused> {
        let view = self.rights().record(record)?.ok_or(Refusal::NotFound)?;
        let pledgor = view
            .pledgor
            .filter(|_| view.controller == ctx.contract())
            .ok_or(Refusal::NotController)?;
        Ok((pledgor, view.doc))
    }

    /// Makes `to` the controller of a record.
    pub(crate) fn hand_over(&self, record: u64, to: Address) -> Result<(), Refused> {
        Ok(self.rights().endorse(record, to)?)
    }

    /// Gives control of a record back to who pledged it.
    pub(crate) fn hand_back(&self, record: u64) -> Result<(), Refused> {
        Ok(self.rights().return_control(record)?)
    }

    /// Basis points that a condition keeps back.
    ///
    /// # Errors
    /// `ConditionUnknown`, `ConditionBreached`: only the known and fulfilled lets money go.
    pub(crate) fn penalty(condition: &ConditionRef) -> Result<u16, Refusal> {
        match state(condition) {
            ConditionState::Ok => Ok(0),
            ConditionState::Unknown { .. } => Err(Refusal::ConditionUnknown),
            ConditionState::Breach { policy } => match policy {
                BreachPolicy::PenaltyBps(bps) => Ok(bps.min(WHOLE_BPS)),
                BreachPolicy::Refuse | BreachPolicy::Arbitrate => Err(Refusal::ConditionBreached),
            },
        }
    }

    /// Refuses an award where something is unknown, or breached for good: what is left to the arbiter
    /// the arbiter decides.
    pub(crate) fn decidable(claim: &Claim) -> Result<(), Refusal> {
        for condition in claim.clauses.conditions_of(claim.shown.part) {
            match state(condition) {
                ConditionState::Unknown { .. } => return Err(Refusal::ConditionUnknown),
                ConditionState::Breach {
                    policy: BreachPolicy::Refuse,
                } => return Err(Refusal::ConditionBreached),
                ConditionState::Ok | ConditionState::Breach { .. } => {}
            }
        }
        Ok(())
    }

    /// Refuses an exchange at a rate that is old or far from the agreed one.
    pub(crate) fn rate_holds(ctx: &Context, credit: &Credit, fx: &Fx) -> Result<(), Refused> {
        let rate = RatesRef::at(fx.source)
            .rate(credit.token, fx.pay_token)
            .ok()
            .flatten()
            .ok_or(Refusal::Stale)?;
        let until = rate.at.saturating_add(fx.max_age);
        let fresh = deadline::in_time(ctx.now(), until) && rate.at <= ctx.now();
        ensure!(fresh, Refusal::Stale);
        ensure!(within_band(fx, rate.num, rate.den), Refusal::PriceBand);
        Ok(())
    }
}

/// What is known of a condition; of one that nobody answers for, nothing.
fn state(condition: &ConditionRef) -> ConditionState {
    ConditionsRef::at(condition.contract)
        .condition(condition.id)
        .unwrap_or(ConditionState::Unknown { why: 4 })
}

/// True if the agreed rate differs from that of the day by at most the band:
/// `|agreed - day| * 10000 <= band * day`, with `agreed = num / den` and `day = n / d`.
fn within_band(fx: &Fx, n: u128, d: u128) -> bool {
    let (Some(agreed), Some(day)) = (fx.num.checked_mul(d), n.checked_mul(fx.den)) else {
        return false;
    };
    let allowed = mul_div(day, fx.band.into(), WHOLE_BPS.into());
    d > 0 && n > 0 && allowed.is_some_and(|allowed| agreed.abs_diff(day) <= allowed)
}

/// True for what screening lets pass.
pub(crate) fn clear(screening: Option<Screening>) -> bool {
    screening.is_some_and(|screening| screening.result == ScreeningResult::Clear)
}
