//! Who may send, receive and act.
//!
//! Active status counts both ways. Suspended, on a list, frozen both ways: neither. Frozen outwards: may
//! receive. What is known out of date: may send, so that no holder is trapped, but not receive.

use crate::storage::{Member, Register};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::deadline;
use weighhouse_standard::interface::{
    AuthorisationKind, Direction, FreezeState, Party, PartyStatus, Pid, Rule, Scope,
    ScreeningResult, Side, Wallet, WalletStatus, Why,
};

/// A code and its reason: what a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) code: u16,
    pub(crate) why: Why,
}

impl Found {
    pub(crate) const fn new(code: u16, side: Side, rule: Rule) -> Self {
        let why = Why { side, rule };
        Self { code, why }
    }

    /// The refusal that this is.
    pub(crate) fn refusal(self) -> Refusal {
        Refusal::of_register(self.code, Some(self.why)).unwrap_or(Refusal::BadState)
    }
}

/// The lower code of two; of equal ones the first.
pub(crate) fn lower(first: Option<Found>, second: Option<Found>) -> Option<Found> {
    match (first, second) {
        (Some(one), Some(two)) if two.code < one.code => second,
        (None, _) => second,
        _ => first,
    }
}

/// A wallet with its participant, as a check needs them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder {
    pub(crate) pid: Pid,
    pub(crate) member: Member,
    pub(crate) usable: bool,
    /// Directions that orders close: outwards, inwards.
    pub(crate) closed: (bool, bool),
}

impl Register {
    /// The participant of this number.
    pub(crate) fn member(&self, pid: Pid) -> Result<Member, Refusal> {
        self.members.find(&pid).ok_or(Refusal::NotFound)
    }

    pub(crate) fn wallet_of_address(&self, addr: &Address) -> Option<Wallet> {
        let pid = self.bound.find(addr)?;
        let status = self.wallet_states.find(addr)?;
        Some(Wallet { pid, status })
    }

    /// The participant of a wallet that has accepted.
    pub(crate) fn accepted_pid(&self, addr: &Address) -> Option<Pid> {
        let wallet = self.wallet_of_address(addr)?;
        (wallet.status != WalletStatus::Proposed).then_some(wallet.pid)
    }

    /// The caller's participant, if it may act now: a wallet in use of a vetted, unblocked party.
    pub(crate) fn acting(&self, ctx: &Context) -> Option<(Pid, Party)> {
        let holder = self.holder(&ctx.caller(), ctx.now())?;
        let blocked = acting_code(Some(&holder), Side::Caller);
        blocked
            .is_none()
            .then_some((holder.pid, holder.member.party))
    }

    /// The caller's participant, if it acts under an authorisation.
    pub(crate) fn acting_as(
        &self,
        ctx: &Context,
        kinds: &[AuthorisationKind],
    ) -> Result<Pid, Refusal> {
        let acting = self.acting(ctx).filter(|(pid, _)| {
            kinds
                .iter()
                .any(|kind| self.is_authorised(*pid, *kind, ctx.now()))
        });
        Ok(acting.ok_or(Refusal::not_party())?.0)
    }

    /// Everything about a wallet that decides on sending and receiving.
    pub(crate) fn holder(&self, addr: &Address, now: Timestamp) -> Option<Holder> {
        let wallet = self.wallet_of_address(addr)?;
        if wallet.status == WalletStatus::Proposed {
            return None;
        }
        let member = self.members.find(&wallet.pid)?;
        Some(Holder {
            pid: wallet.pid,
            member,
            usable: wallet.status == WalletStatus::Active,
            closed: self.closed(wallet.pid, &member, now, None),
        })
    }

    /// Which directions party orders close, that of the number `but` aside.
    pub(crate) fn closed(
        &self,
        pid: Pid,
        member: &Member,
        now: Timestamp,
        but: Option<u64>,
    ) -> (bool, bool) {
        let mut closed = (false, false);
        if member.orders == 0 {
            return closed;
        }
        for view in self.live_orders(pid, now) {
            if let Scope::Party { direction, .. } = view.order.scope
                && view.state == FreezeState::Active
                && Some(view.id) != but
            {
                closed.0 = true;
                closed.1 |= direction == Direction::InOut;
            }
        }
        closed
    }
}

/// What stops a party whatever it does: 100, 101, 102.
fn vetted(holder: Option<&Holder>, side: Side) -> Option<Found> {
    let Some(holder) = holder.filter(|holder| holder.usable) else {
        return Some(Found::new(100, side, Rule::Wallet));
    };
    let party = &holder.member.party;
    let hit = party
        .screening
        .is_some_and(|screening| screening.result == ScreeningResult::Hit);
    match party.status {
        PartyStatus::Pending | PartyStatus::Closed => Some(Found::new(100, side, Rule::Status)),
        PartyStatus::Suspended => Some(Found::new(101, side, Rule::Suspension)),
        PartyStatus::Active if hit => Some(Found::new(102, side, Rule::Sanctions)),
        PartyStatus::Active => None,
    }
}

/// Why a party may not send; `None` if it may.
pub(crate) fn sending_code(holder: Option<&Holder>, side: Side) -> Option<Found> {
    vetted(holder, side).or_else(|| {
        let frozen = holder.is_some_and(|holder| holder.closed.0);
        frozen.then_some(Found::new(103, side, Rule::PartyOrder))
    })
}

/// Why a party may not act for others, as a spender or notary: as it may not send.
pub(crate) fn acting_code(holder: Option<&Holder>, side: Side) -> Option<Found> {
    sending_code(holder, side)
}

/// Why a party may not receive or take on anything new; `None` if it may.
pub(crate) fn receiving_code(holder: Option<&Holder>, side: Side, now: Timestamp) -> Option<Found> {
    let found = vetted(holder, side);
    if found.is_some() {
        return found;
    }
    let holder = holder?;
    if holder.closed.1 {
        return Some(Found::new(103, side, Rule::PartyOrder));
    }
    let fresh = deadline::in_time(now, holder.member.party.kyc_until);
    (!fresh).then_some(Found::new(104, side, Rule::Kyc))
}
