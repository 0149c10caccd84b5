//! Annual limits of natural persons that are not qualified investors.
//!
//! A contract that sells (offering, exchange) reserves when an order comes in, commits when it is filled,
//! releases when it is not. Invariant I6: used and reserved together stay within the class's limit.

use crate::event::{LimitCommitted, LimitReleased, LimitReserved};
use crate::standing::Found;
use crate::storage::{LimitUse, Member, Register, Reservation};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::calendar::{date, local_day};
use weighhouse_standard::interface::{PartyKind, Pid, Qualification, Rule, Side};
use weighhouse_standard::{Refusal, deadline};

#[contract(part = Limits, events(LimitReserved, LimitCommitted, LimitReleased))]
impl Register {
    /// Reserves part of the annual limit under a reference of the caller's, a bound contract.
    #[call(check)]
    pub fn limit_reserve(
        &mut self,
        ctx: &Context,
        pid: Pid,
        class: u16,
        amount: Amount,
        reference: Hash,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        ensure!(!amount.is_zero(), Refusal::ZeroAmount);
        let contract = self.bound_contract(ctx)?;
        let member = self.member(pid)?;
        let key = (contract, reference);
        ensure!(!self.reservations.contains(&key), Refusal::AlreadyExists);
        let counted = limited(&member, ctx.now());
        let year = self.year(ctx.now());
        if counted {
            // Invariant I6.
            let left = self.left(pid, class, year, ctx.now());
            let above = Found::new(110, Side::Receiver, Rule::AnnualLimit);
            ensure!(amount <= left, above.refusal());
            let mut taken = self.limits.get(&(pid, class, year));
            taken.reserved = taken
                .reserved
                .checked_add(amount)
                .ok_or(Refusal::Overflow)?;
            self.limits.set(&(pid, class, year), taken);
        }
        let reservation = Reservation {
            pid,
            class,
            year,
            amount,
            counted,
        };
        self.reservations.set(&key, reservation);
        let seq = self.journal.next_seq();
        ctx.emit(LimitReserved {
            seq,
            contract,
            reference,
            reservation,
        });
        Ok(())
    }

    /// Uses what was reserved.
    #[call(check)]
    pub fn limit_commit(&mut self, ctx: &Context, reference: Hash) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        let contract = self.bound_contract(ctx)?;
        self.take(contract, reference, true)?;
        let seq = self.journal.next_seq();
        ctx.emit(LimitCommitted {
            seq,
            contract,
            reference,
        });
        Ok(())
    }

    /// Gives back what was reserved: an exit, whatever has become of the contract that reserved it.
    #[call(check)]
    pub fn limit_release(&mut self, ctx: &Context, reference: Hash) -> Result<(), Refusal> {
        let contract = ctx.caller();
        self.take(contract, reference, false)?;
        let seq = self.journal.next_seq();
        ctx.emit(LimitReleased {
            seq,
            contract,
            reference,
        });
        Ok(())
    }

    /// What a participant may still take of a class in a calendar year; all there is, if no limit
    /// applies to it.
    #[query]
    pub fn limit_left(&self, ctx: &Context, pid: Pid, class: u16, year: u32) -> Amount {
        match self.members.find(&pid) {
            Some(member) if limited(&member, ctx.now()) => self.left(pid, class, year, ctx.now()),
            Some(_) => Amount::MAX,
            None => Amount::ZERO,
        }
    }

    /// What a participant has taken of a class in a calendar year.
    #[query]
    pub fn limit_use(&self, pid: Pid, class: u16, year: u32) -> LimitUse {
        self.limits.get(&(pid, class, year))
    }
}

/// True for those whom the law limits.
fn limited(member: &Member, now: Timestamp) -> bool {
    let qualified = match member.party.qualification {
        Qualification::NonQualified => false,
        Qualification::Qualified { until } => deadline::in_time(now, until),
    };
    member.party.kind == PartyKind::Natural && !qualified
}

impl Register {
    /// The caller, if it is the wallet of an active system: a contract that was bound to the register.
    fn bound_contract(&self, ctx: &Context) -> Result<Address, Refusal> {
        let system = self
            .acting(ctx)
            .filter(|(_, party)| party.kind == PartyKind::System);
        ensure!(system.is_some(), Refusal::not_party());
        Ok(ctx.caller())
    }

    fn year(&self, now: Timestamp) -> u32 {
        date(local_day(now, self.settings.get().utc_offset)).year
    }

    fn left(&self, pid: Pid, class: u16, year: u32, now: Timestamp) -> Amount {
        let Some(limit) = self.class_limit(class, now) else {
            return Amount::MAX;
        };
        let LimitUse { used, reserved } = self.limits.get(&(pid, class, year));
        limit.saturating_sub(used).saturating_sub(reserved)
    }

    /// Takes a reservation off; what was counted becomes used, or free again.
    fn take(&mut self, contract: Address, reference: Hash, commit: bool) -> Result<(), Refusal> {
        let key = (contract, reference);
        let reservation = self.reservations.find(&key).ok_or(Refusal::NotFound)?;
        let Reservation {
            pid,
            class,
            year,
            amount,
            counted,
        } = reservation;
        self.reservations.remove(&key);
        if counted {
            let mut taken = self.limits.get(&(pid, class, year));
            taken.reserved = taken.reserved.saturating_sub(amount);
            if commit {
                taken.used = taken.used.checked_add(amount).ok_or(Refusal::Overflow)?;
            }
            self.limits.set(&(pid, class, year), taken);
        }
        Ok(())
    }
}
