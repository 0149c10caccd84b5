//! Nominees: wallets that hold for others, and the lists by which they name them.
//!
//! On a record date holders are counted; whoever holds for others then names the owners behind it, up to
//! the second that was announced. A nominee that has not done so gets no units until it has. The lists
//! are for those who supervise; owners are participants or commitments, never names.

use crate::event::{NomineeOpened, OwnersFiled, RecordDateSet};
use crate::storage::{NamedOwner, RecordDate, Token};
use weighhouse_sdk::crypto;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{
    AuthorisationKind, ParticipantsRef, Path, Pid, Rule, Side, Why,
};
use weighhouse_standard::{BATCH_ITEMS_MAX, Refusal, Role, bounded, deadline};

/// Record dates that are kept.
const RECORD_DATES_MAX: usize = 16;
/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// One owner behind a nominee, and how many units are its own.
pub type NamedUnits = (NamedOwner, Amount);

const NOT_NAMED: Why = Why {
    side: Side::Receiver,
    rule: Rule::Authorisation,
};
const NO_NOMINEE: Why = Why {
    side: Side::Caller,
    rule: Rule::Authorisation,
};

impl Token {
    /// Announces when holders are counted, and how long nominees have to name the owners behind them.
    pub(crate) fn announce(
        &mut self,
        ctx: &Context,
        at: Timestamp,
        nominee_days: u16,
    ) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        let counted = deadline::in_time(ctx.now(), at);
        ensure!(counted, Refusal::argument("record_date"));
        let by = ctx.caller();
        if !self.roles.holds(&by, Role::Registrar) {
            self.roles.require(ctx, Role::Issuer)?;
        }
        let mut dates = self.record_dates.get();
        let taken = dates.iter().any(|date| date.at == at);
        ensure!(!taken, Refusal::AlreadyExists);
        let due = at.saturating_add(u64::from(nominee_days).saturating_mul(DAY));
        if dates.len() >= RECORD_DATES_MAX {
            dates.remove(0);
        }
        dates.push(RecordDate { at, due });
        self.record_dates.set(dates);
        self.journal
            .act(ctx, Hash::ZERO, |seq| RecordDateSet { seq, at, due, by });
        Ok(())
    }

    /// Enters a wallet that holds for others.
    pub(crate) fn enter_nominee(&mut self, ctx: &Context, wallet: Address) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        self.roles.require(ctx, Role::Operator)?;
        let register = self.needed("participants")?;
        let pid = register.pid_of(wallet)?.ok_or(Refusal::NotFound)?;
        ensure!(!self.nominees.contains(&wallet), Refusal::AlreadyExists);
        authorised(ctx, register, pid)?;
        self.nominees.set(&wallet, ctx.now());
        let by = ctx.caller();
        self.journal
            .act(ctx, Hash::ZERO, |seq| NomineeOpened { seq, wallet, by });
        Ok(())
    }

    /// Names the owners behind a nominee's wallet at the end of a second.
    pub(crate) fn name_owners(
        &mut self,
        ctx: &Context,
        nominee: Address,
        as_of: Timestamp,
        list: Vec<NamedUnits>,
    ) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        bounded(list.len(), BATCH_ITEMS_MAX)?;
        let register = self.needed("participants")?;
        let pid = register.pid_of(ctx.caller())?;
        ensure!(pid.is_some(), Refusal::not_party());
        ensure!(pid == register.pid_of(nominee)?, Refusal::not_party());
        ensure!(self.nominees.contains(&nominee), Refusal::NotFound);
        let key = (nominee, as_of.0);
        ensure!(!self.owner_lists.contains(&key), Refusal::AlreadyExists);
        let balance = self.balance_then(ctx, nominee, as_of)?;
        if let Some(pid) = pid {
            authorised(ctx, register, pid)?;
        }
        let sum = list
            .iter()
            .try_fold(Amount::ZERO, |sum, (_, units)| sum.checked_add(*units));
        for (owner, units) in &list {
            if let NamedOwner::Party(pid) = owner {
                self.named(ctx, register, (nominee, *pid), *units)?;
            }
        }
        ensure!(sum == Some(balance), Refusal::SharesMismatch);
        let owners = u32::try_from(list.len()).unwrap_or(u32::MAX);
        let hash = crypto::hash_encoded(&list);
        self.owner_lists.set(&key, list);
        let seq = self.journal.next_seq();
        ctx.emit(OwnersFiled {
            seq,
            nominee,
            as_of,
            owners,
            list: hash,
        });
        Ok(())
    }

    /// The rules of the token apply to the owner that is named as to a holder.
    fn named(
        &self,
        ctx: &Context,
        register: ParticipantsRef,
        (nominee, pid): (Address, Pid),
        units: Amount,
    ) -> Result<(), Refused> {
        // An owner without a wallet is refused as one that the register does not know.
        let wallet = register.wallet_of(pid)?.unwrap_or(Address::ZERO);
        let path = Path::Issue;
        let movement = Self::movement(ctx, (Address::ZERO, wallet), units, path);
        if wallet != nominee {
            self.explain(ctx, movement)?;
        }
        Ok(())
    }

    /// Refuses units for a nominee that has not named its owners in time.
    pub(crate) fn owners_named(
        &self,
        ctx: &Context,
        to: &Address,
        why: impl Fn(Why) -> Why,
    ) -> Result<(), Refusal> {
        let dates = self.record_dates.get();
        let due = dates
            .iter()
            .filter(|date| deadline::expired(ctx.now(), date.due));
        let mut since = None;
        for date in due {
            if since.is_none() {
                // Nobody but nominees pays for more than this look-up.
                since = Some(self.nominees.find(to));
            }
            if let Some(Some(since)) = since
                && since <= date.at
            {
                let named = self.owner_lists.contains(&(*to, date.at.0));
                ensure!(
                    named,
                    Refusal::NotAuthorised {
                        why: why(NOT_NAMED)
                    }
                );
            }
        }
        Ok(())
    }
}

/// Refuses participants that may not hold for others.
fn authorised(ctx: &Context, register: ParticipantsRef, pid: Pid) -> Result<(), Refused> {
    let nominee = [
        AuthorisationKind::NomineeHolder,
        AuthorisationKind::ForeignNominee,
    ];
    for kind in nominee {
        if register.authorised(pid, kind, ctx.now())? {
            return Ok(());
        }
    }
    Err(Refusal::NotAuthorised { why: NO_NOMINEE }.into())
}
