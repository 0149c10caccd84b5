//! Succession: what a party had goes to its heirs, as the register's certificate says.
//!
//! The shares add up to one; each heir gets its share rounded down, and what is left over goes unit by
//! unit by the largest remainder, ties to the lowest participant. Locked units stay locked in the heirs'
//! hands: of each lot, an heir gets its share rounded up, within what it gets at all.

use crate::event::{Transfer, TransferKind};
use crate::storage::{Lot, Token};
use crate::wallet::{LOTS_KEPT_MAX, Wallet};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::arithmetic::{mul_div_rem, mul_div_up};
use weighhouse_standard::interface::{Pid, Purpose, Rule, Side, SuccessionShare, Why};
use weighhouse_standard::{Refusal, Role, bounded, deadline};

/// An heir, its wallet, and what it still gets.
struct Heir {
    share: SuccessionShare,
    wallet: Address,
    left: u128,
}

impl Token {
    pub(crate) fn settle_estate(&mut self, ctx: &Context, pid: Pid) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        self.roles.require(ctx, Role::Operator)?;
        let register = self.needed("participants")?;
        let estate = register.succession(pid)?.ok_or(Refusal::NotFound)?;
        let cert = estate.cert.ok_or(Refusal::BadState)?;
        ensure!(!self.ratio_run.is_set(), Refusal::BadState);
        let sums = self.sums.get(&pid);
        ensure!(!sums.units.is_zero(), Refusal::BadState);
        let mut heirs = Vec::with_capacity(estate.shares.len());
        // Of several heirs in the way the lowest code is answered.
        let mut lowest: Option<Refused> = None;
        for share in estate.shares {
            let judged = match share.wallet {
                Some(wallet) => self.may_receive(&wallet),
                None => Err(no_wallet().into()),
            };
            if let Err(refused) = judged
                && lowest
                    .as_ref()
                    .is_none_or(|known| refused.code() < known.code())
            {
                lowest = Some(refused);
            }
            let (wallet, left) = (share.wallet.unwrap_or_default(), 0);
            heirs.push(Heir {
                share,
                wallet,
                left,
            });
        }
        if let Some(refused) = lowest {
            return Err(refused);
        }
        let (asked, item) = (sums.units, None);
        let available = asked.saturating_sub(sums.held);
        ensure!(
            sums.held.is_zero(),
            Refusal::HeldAmount {
                available,
                asked,
                item
            }
        );
        let available = asked.saturating_sub(self.frozen_req(ctx, Some(pid)));
        ensure!(
            available == asked,
            Refusal::FrozenAmount {
                available,
                asked,
                item
            }
        );
        divide(asked.0, &mut heirs)?;
        self.distribute(ctx, pid, &mut heirs, cert)?;
        Ok(())
    }

    /// Empties the wallets of the deceased one after another into those of the heirs.
    fn distribute(
        &mut self,
        ctx: &Context,
        pid: Pid,
        heirs: &mut [Heir],
        cert: Hash,
    ) -> Result<(), Refusal> {
        for from in self.wallets_of(pid) {
            self.bequeath(ctx, &from, heirs, cert)?;
        }
        Ok(())
    }

    fn bequeath(
        &mut self,
        ctx: &Context,
        from: &Address,
        heirs: &mut [Heir],
        cert: Hash,
    ) -> Result<(), Refusal> {
        let mut lots = self.wallets.get(from).lots;
        // Lots that are over lock nothing, and must not take the place of those that do.
        lots.retain(|lot| !deadline::started(ctx.now(), lot.release_at));
        lots.sort_unstable_by_key(|lot| lot.release_at);
        let mut parts = Vec::new();
        let mut left = self.wallets.get(from).units.0;
        for heir in heirs.iter_mut() {
            let part = left.min(heir.left);
            left = left.saturating_sub(part);
            heir.left = heir.left.saturating_sub(part);
            if part > 0 && heir.wallet != *from {
                parts.push((heir.wallet, heir.share.heir, part));
            }
        }
        let whole = self.wallets.get(from).units.0;
        for (to, pid, part) in parts {
            let mut wallet = self.wallets.get(from);
            wallet.lots = Vec::new();
            self.shift(ctx.now(), (from, wallet), (&to, Some(pid)), Amount(part))?;
            let mut wallet = self.wallets.get(&to);
            relock(ctx.now(), &mut wallet, &lots, (part, whole))?;
            self.wallets.set(&to, wallet);
            let (from, amount) = (*from, Amount(part));
            self.journal.act(ctx, cert, |seq| Transfer {
                seq,
                from,
                to,
                amount,
                kind: TransferKind::Succession(cert),
                purpose: Purpose::General,
                memo: None,
            });
        }
        Ok(())
    }
}

/// An heir that no wallet stands for.
const fn no_wallet() -> Refusal {
    Refusal::NotVetted {
        why: Why {
            side: Side::Receiver,
            rule: Rule::Wallet,
        },
    }
}

/// Locks `part` of `whole` of every lot, rounded up, and never more than `part` in all.
fn relock(
    now: Timestamp,
    wallet: &mut Wallet,
    lots: &[Lot],
    (part, whole): (u128, u128),
) -> Result<(), Refusal> {
    let mut room = part;
    for lot in lots {
        let share = mul_div_up(lot.amount.0, part, whole).ok_or(Refusal::Overflow)?;
        let amount = Amount(share.min(room));
        room = room.saturating_sub(amount.0);
        let release_at = lot.release_at;
        if !amount.is_zero() {
            wallet.lock(now, Lot { amount, release_at })?;
        }
    }
    bounded(wallet.lots.len(), LOTS_KEPT_MAX)
}

/// Shares of `total` by largest remainder, ties to the lowest participant.
fn divide(total: u128, heirs: &mut [Heir]) -> Result<(), Refusal> {
    let mut rest = total;
    let mut order = Vec::with_capacity(heirs.len());
    for (index, heir) in heirs.iter_mut().enumerate() {
        let (num, den) = (u128::from(heir.share.num), u128::from(heir.share.den));
        let (part, remainder) = mul_div_rem(total, num, den).ok_or(Refusal::SharesMismatch)?;
        rest = rest.checked_sub(part).ok_or(Refusal::SharesMismatch)?;
        heir.left = part;
        order.push((remainder, den, heir.share.heir, index));
    }
    // Fractions below one with denominators below 2^64: the products are exact.
    order.sort_unstable_by(|one, other| {
        let (left, right) = (one.0.checked_mul(other.1), other.0.checked_mul(one.1));
        right.cmp(&left).then(one.2.cmp(&other.2))
    });
    for (_, _, _, index) in order {
        if rest == 0 {
            break;
        }
        if let Some(heir) = heirs.get_mut(index) {
            heir.left = heir.left.checked_add(1).ok_or(Refusal::Overflow)?;
            rest = rest.saturating_sub(1);
        }
    }
    ensure!(rest == 0, Refusal::SharesMismatch);
    Ok(())
}
