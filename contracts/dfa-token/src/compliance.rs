//! What the register of participants says, and what the token itself compares.
//!
//! A token without a register is open to everybody: nothing here costs it anything. With one, every
//! move is put to it as a [`Move`]; it answers with a [`Verdict`] and books what it allows (trade
//! budget, preclearance, velocity). How many hold units and how much one party has, only the token knows:
//! it compares these itself, in the order of the codes.
//!
//! Codes come in their order: 19 before everything else that the token would refuse, compliance after
//! the state of things, then capabilities, then funds.

use crate::storage::Token;
use crate::wallet::Wallet;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{
    Move, ParticipantsRef, Path, Pid, ProvenanceRef, Purpose, Rule, Side, TradeRef, Verdict, Why,
};
use weighhouse_standard::{Refusal, Role};

/// Who stands behind the wallets of a move, and what orders freeze of the sender's units.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sides {
    /// Participant of the receiver; `None` without a register.
    pub(crate) to: Option<Pid>,
    /// Sum of the active amount orders on the sender.
    pub(crate) frozen: Amount,
    /// Who keeps the lot of a mined sale, which is used up last.
    provenance: Option<Address>,
}

impl Sides {
    /// Nothing but what orders freeze.
    pub(crate) fn frozen(frozen: Amount) -> Self {
        Self {
            frozen,
            ..Self::default()
        }
    }
}

const HOLDERS: Why = Why {
    side: Side::Any,
    rule: Rule::Holders,
};
const BALANCE: Why = Why {
    side: Side::Receiver,
    rule: Rule::Balance,
};
const FENCE: Why = Why {
    side: Side::Any,
    rule: Rule::RingFence,
};
const NO_LOT: Why = Why {
    side: Side::Any,
    rule: Rule::Trade,
};

impl Token {
    /// The register, if the token has one.
    pub(crate) fn register(&self) -> Option<ParticipantsRef> {
        self.nature.get().participants.map(ParticipantsRef::at)
    }

    /// The person behind an address: nobody knows, without a register.
    pub(crate) fn person(&self, who: &Address) -> Result<Option<Pid>, Refused> {
        match self.register() {
            Some(register) => Ok(register.pid_of(*who)?),
            None => Ok(None),
        }
    }

    /// Refuses two duties that exclude each other in the hands of one person, whatever its wallets.
    pub(crate) fn separate(&self, holders: &[(Role, Address)]) -> Result<(), Refused> {
        if self.register().is_none() {
            return Ok(());
        }
        let mut persons = Vec::with_capacity(holders.len());
        for (_, holder) in holders {
            let person = match self.person(holder) {
                // There is no register at that address.
                Err(Refused::Halted(_)) => return Err(Refusal::argument("participants").into()),
                person => person?,
            };
            if let Some(pid) = person {
                for (other, wallet) in &persons {
                    let same = *other == pid && self.roles.clash(wallet, holder);
                    ensure!(!same, Refusal::DutyConflict);
                }
                persons.push((pid, *holder));
            }
        }
        Ok(())
    }

    /// A move of this token.
    pub(crate) fn movement(
        ctx: &Context,
        (from, to): (Address, Address),
        amount: Amount,
        path: Path,
    ) -> Move {
        Move {
            token: ctx.contract(),
            from,
            to,
            amount,
            path,
            purpose: Purpose::General,
            trade_ref: None,
            memo: None,
        }
    }

    /// Decides on a move that is made now, and has the register book it.
    /// `item` is its position in a batch, for the refusal.
    pub(crate) fn admit(
        &mut self,
        ctx: &Context,
        movement: Move,
        item: Option<u32>,
    ) -> Result<Sides, Refused> {
        let Some(register) = self.register() else {
            return Ok(Sides::default());
        };
        let verdict = register.admit_move(movement)?;
        Ok(self.judge(ctx, &movement, verdict, item)?)
    }

    /// Decides on a move that would be made now.
    pub(crate) fn explain(&self, ctx: &Context, movement: Move) -> Result<Sides, Refused> {
        let Some(register) = self.register() else {
            return Ok(Sides::default());
        };
        let verdict = register.explain_move(movement)?;
        Ok(self.judge(ctx, &movement, verdict, None)?)
    }

    /// The refusals of a verdict and the token's own, codes ascending.
    pub(crate) fn judge(
        &self,
        ctx: &Context,
        movement: &Move,
        verdict: Verdict,
        item: Option<u32>,
    ) -> Result<Sides, Refusal> {
        let why = |why| particular(why, item);
        let refused = || {
            let refusal = Refusal::of_register(verdict.code, verdict.why.map(why));
            refusal.map_or(Ok(()), Err)
        };
        let below = |code| {
            if verdict.code < code {
                refused()
            } else {
                Ok(())
            }
        };
        below(107)?;
        let fenced = self.nature.get().capabilities.ring_fenced;
        ensure!(
            verdict.ring_fenced == fenced,
            Refusal::RingFence { why: why(FENCE) }
        );
        below(109)?;
        self.owners_named(ctx, &movement.to, why)?;
        below(111)?;
        if verdict.from != verdict.to && !movement.amount.is_zero() {
            self.crowd(movement.amount, &verdict, why)?;
        }
        refused()?;
        let mined = matches!(movement.purpose, Purpose::MinedSale { .. });
        ensure!(
            !mined || verdict.provenance.is_some(),
            Refusal::PurposeViolation { why: why(NO_LOT) }
        );
        Ok(Sides {
            to: verdict.to,
            frozen: verdict.frozen,
            provenance: verdict.provenance.filter(|_| mined),
        })
    }

    /// Refuses one holder too many, and more than one may hold.
    fn crowd(
        &self,
        amount: Amount,
        verdict: &Verdict,
        why: impl Fn(Why) -> Why,
    ) -> Result<(), Refusal> {
        if verdict.max_holders.is_none() && verdict.max_balance.is_none() {
            return Ok(());
        }
        let of = |pid: Option<Pid>| pid.map(|pid| self.sums.get(&pid)).unwrap_or_default();
        let receiver = of(verdict.to);
        if let Some(most) = verdict.max_holders.filter(|_| receiver.units.is_zero()) {
            let leaves = verdict.from.is_some() && of(verdict.from).units == amount;
            let others = self.holder_count.get().saturating_sub(u64::from(leaves));
            ensure!(others < most, Refusal::HolderCap { why: why(HOLDERS) });
        }
        if let Some(most) = verdict.max_balance {
            let sum = receiver.units.checked_add(amount);
            let fits = sum.is_some_and(|sum| sum <= most);
            ensure!(fits, Refusal::MaxBalance { why: why(BALANCE) });
        }
        Ok(())
    }

    /// Decides on an act of a wallet that moves nothing yet; answers what orders freeze of its units.
    pub(crate) fn admit_act(
        &self,
        ctx: &Context,
        who: &Address,
        wallet: Option<&Wallet>,
    ) -> Result<Sides, Refused> {
        let Some(register) = self.register() else {
            return Ok(Sides::default());
        };
        self.not_halted(ctx)?;
        self.may_act(who, Side::Caller)?;
        let Some(wallet) = wallet else {
            return Ok(Sides::default());
        };
        let frozen = match wallet.party {
            Some(pid) => register.frozen_req(pid, ctx.contract())?,
            None => Amount::ZERO,
        };
        Ok(Sides::frozen(frozen))
    }

    /// Refuses a wallet that may not send.
    pub(crate) fn may_act(&self, who: &Address, side: Side) -> Result<(), Refused> {
        if let Some(register) = self.register() {
            refuse_wallet(register.can_send(*who)?, side)?;
        }
        Ok(())
    }

    /// Refuses a wallet that may not receive.
    pub(crate) fn may_receive(&self, who: &Address) -> Result<(), Refused> {
        if let Some(register) = self.register() {
            refuse_wallet(register.can_receive(*who)?, Side::Receiver)?;
        }
        Ok(())
    }

    /// Refuses while a directive halts the token.
    pub(crate) fn not_halted(&self, ctx: &Context) -> Result<(), Refused> {
        if let Some(register) = self.register() {
            ensure!(!register.halted(ctx.contract())?, Refusal::Halted);
        }
        Ok(())
    }

    /// The outcome of a market act. A directive of the regulator comes before every other refusal but
    /// those of the life cycle; it is asked for only where there is a refusal.
    pub(crate) fn market<T>(
        &self,
        ctx: &Context,
        outcome: Result<T, Refused>,
    ) -> Result<T, Refused> {
        if let Err(Refused::Own { code, .. }) = &outcome
            && !matches!(code, 2 | 3 | 19)
        {
            self.not_halted(ctx)?;
        }
        outcome
    }

    /// Uses up the lot of a mined sale. The last step of a move: the token's own state stands.
    pub(crate) fn use_lot(&self, movement: &Move, sides: &Sides) -> Result<(), Refused> {
        if let (Purpose::MinedSale { lot }, Some(keeper)) = (movement.purpose, sides.provenance) {
            ProvenanceRef::at(keeper).consume(lot, movement.amount, movement.trade_ref)?;
        }
        Ok(())
    }

    /// Refuses more of a wallet's units than are at its disposal, orders on its party included.
    pub(crate) fn spend(
        &self,
        now: Timestamp,
        wallet: &Wallet,
        sides: &Sides,
        asked: Amount,
        item: Option<u32>,
    ) -> Result<(), Refusal> {
        wallet.spend(now, asked, item)?;
        if sides.frozen.is_zero() || asked.is_zero() {
            return Ok(());
        }
        let available = self.unfrozen(wallet.party, sides.frozen);
        ensure!(
            asked <= available,
            Refusal::FrozenAmount {
                available,
                asked,
                item
            }
        );
        Ok(())
    }

    /// Units of a party that are neither held nor frozen.
    pub(crate) fn unfrozen(&self, party: Option<Pid>, frozen: Amount) -> Amount {
        let sums = party.map(|pid| self.sums.get(&pid)).unwrap_or_default();
        sums.units.saturating_sub(sums.held).saturating_sub(frozen)
    }

    /// What orders ask for of a party; nothing where nobody knows.
    pub(crate) fn frozen_req(&self, ctx: &Context, party: Option<Pid>) -> Amount {
        let (Some(pid), Some(register)) = (party, self.register()) else {
            return Amount::ZERO;
        };
        register.frozen_req(pid, ctx.contract()).unwrap_or_default()
    }

    /// `frozen_of(pid) = min(frozen_req, sum - held_sum)`.
    pub(crate) fn frozen(&self, ctx: &Context, pid: Pid) -> Amount {
        let sums = self.sums.get(&pid);
        let free = sums.units.saturating_sub(sums.held);
        self.frozen_req(ctx, Some(pid)).min(free)
    }

    /// `available(w)`: the least of what its wallet and its party have at their disposal.
    pub(crate) fn available(&self, ctx: &Context, owner: &Address) -> Amount {
        let wallet = self.wallets.get(owner);
        let own = wallet.available(ctx.now());
        if wallet.party.is_none() || own.is_zero() {
            return own;
        }
        let frozen = self.frozen_req(ctx, wallet.party);
        own.min(self.unfrozen(wallet.party, frozen))
    }
}

/// The reason, with the item of the batch unless it is about who acts and sends, the same for all items.
fn particular(why: Why, item: Option<u32>) -> Why {
    match (why.side, item) {
        (Side::Receiver | Side::Any, Some(item)) => Why {
            side: Side::Item(item),
            ..why
        },
        _ => why,
    }
}

/// The refusal of a code that `can_send` or `can_receive` answers.
fn refuse_wallet(code: u16, side: Side) -> Result<(), Refusal> {
    let rule = match code {
        101 => Rule::Suspension,
        102 => Rule::Sanctions,
        103 => Rule::PartyOrder,
        104 => Rule::Kyc,
        105 => Rule::ScreeningAge,
        _ => Rule::Wallet,
    };
    Refusal::of_register(code, Some(Why { side, rule })).map_or(Ok(()), Err)
}

/// The trade and purpose of a move that has one.
pub(crate) fn under_trade(movement: Move, purpose: Purpose, trade_ref: Option<TradeRef>) -> Move {
    Move {
        purpose,
        trade_ref,
        memo: trade_ref,
        ..movement
    }
}
