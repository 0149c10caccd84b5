//! Units moved without their holder: under an order, and out of a wallet that was given up.
//!
//! The register decides and keeps the books of orders; the token moves exactly what it allows.
//! Invariant T7: every such move names its order or document. Invariant T12: an order is served from what
//! neither holds nor earlier orders claim, and no other order shrinks by it. Neither a pause nor a halt
//! stops what is here; the rules for investors do not apply, the books always do.

use crate::event::{Recovered, Transfer, TransferKind, Warrant};
use crate::storage::{Measure, Token};
use crate::wallet::{LOTS_KEPT_MAX, Wallet};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{ParticipantsRef, Pid, Purpose, Served};
use weighhouse_standard::{Refusal, Role, bounded};

/// What an enforcer takes from whom.
pub(crate) struct Taking {
    pub(crate) from: Address,
    pub(crate) to: Option<Address>,
    pub(crate) amount: Amount,
    pub(crate) order: u64,
    pub(crate) doc: Hash,
}

impl Token {
    /// The register, for what cannot be without one.
    pub(crate) fn needed(&self, capability: &str) -> Result<ParticipantsRef, Refusal> {
        self.register()
            .ok_or_else(|| Refusal::not_capable(capability))
    }

    /// Books a forced act with the register and takes the units off the wallet; answers its record
    /// before that, the order, and the parties.
    fn serve(
        &mut self,
        ctx: &Context,
        taking: &Taking,
    ) -> Result<(Wallet, Warrant, Served), Refused> {
        self.lifecycle.alive()?;
        ensure!(!taking.amount.is_zero(), Refusal::ZeroAmount);
        ensure!(taking.doc != Hash::ZERO, Refusal::BadDocument);
        self.roles.require(ctx, Role::Enforcer)?;
        let register = self.needed("freezable")?;
        let order = register
            .order(taking.order)?
            .ok_or(Refusal::NotFound)?
            .order;
        let served = register.serve_order(
            taking.order,
            taking.from,
            taking.to,
            taking.amount,
            taking.doc,
        )?;
        ensure!(
            self.nature.get().capabilities.freezable,
            Refusal::not_capable("freezable")
        );
        ensure!(!self.ratio_run.is_set(), Refusal::BadState);
        let mut wallet = self.wallets.get(&taking.from);
        self.takeable(&wallet, &served, taking.amount)?;
        wallet.unlock(ctx.now(), taking.amount);
        let taken = self.measures.find(&taking.order);
        let before = taken.map_or(Amount::ZERO, |measure| measure.amount);
        let measure = Measure {
            party: served.from,
            amount: before.checked_add(taking.amount).ok_or(Refusal::Overflow)?,
            at: ctx.now(),
        };
        self.measures.set(&taking.order, measure);
        let warrant = Warrant {
            order: taking.order,
            authority: order.authority,
            case_ref: order.case_ref,
            doc: taking.doc,
        };
        Ok((wallet, warrant, served))
    }

    /// Refuses what the wallet does not have, what is held, and what earlier orders claim.
    fn takeable(&self, wallet: &Wallet, served: &Served, asked: Amount) -> Result<(), Refusal> {
        let sums = self.sums.get(&served.from);
        let item = None;
        let available = wallet.units;
        ensure!(
            asked <= available,
            Refusal::InsufficientBalance {
                available,
                asked,
                item
            }
        );
        let free = sums.units.saturating_sub(sums.held);
        let available = free.min(wallet.units.saturating_sub(wallet.held));
        ensure!(
            asked <= available,
            Refusal::HeldAmount {
                available,
                asked,
                item
            }
        );
        let available = free.saturating_sub(served.earlier);
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

    pub(crate) fn force(&mut self, ctx: &Context, taking: &Taking) -> Result<(), Refused> {
        let (wallet, warrant, served) = self.serve(ctx, taking)?;
        let Some(to) = taking.to else {
            let Taking {
                from, amount, doc, ..
            } = *taking;
            self.destroy(ctx, (&from, wallet), amount, doc, Some(warrant))?;
            return Ok(());
        };
        let Taking {
            from, amount, doc, ..
        } = *taking;
        if from == to {
            self.wallets.set(&from, wallet);
        } else {
            self.shift(ctx.now(), (&from, wallet), (&to, served.to), amount)?;
        }
        self.journal.act(ctx, doc, |seq| Transfer {
            seq,
            from,
            to,
            amount,
            kind: TransferKind::Forced(warrant),
            purpose: Purpose::General,
            memo: None,
        });
        Ok(())
    }

    /// Gives everything of a wallet that was given up to the one that took its place: units, lots,
    /// holds. What it had allowed is void. Works without any units.
    pub(crate) fn take_over(
        &mut self,
        ctx: &Context,
        lost: Address,
        new: Address,
    ) -> Result<(), Refused> {
        self.lifecycle.alive()?;
        ensure!(lost != new, Refusal::argument("new"));
        self.roles.require(ctx, Role::Operator)?;
        let register = self.needed("recoverable")?;
        let recovery = register.recovery(lost)?.ok_or(Refusal::NotFound)?;
        ensure!(recovery.new == new, Refusal::argument("new"));
        ensure!(!self.successors.contains(&lost), Refusal::BadState);
        ensure!(!self.ratio_run.is_set(), Refusal::BadState);
        ensure!(
            self.nature.get().capabilities.recoverable,
            Refusal::not_capable("recoverable")
        );
        self.successors.set(&lost, new);
        let wallet = self.wallets.get(&lost);
        let (amount, held) = (wallet.units, wallet.held);
        if !amount.is_zero() {
            self.merge(ctx.now(), (&lost, wallet), (&new, recovery.pid))?;
        }
        let (by, doc) = (ctx.caller(), recovery.doc);
        self.journal.act(ctx, doc, |seq| Recovered {
            seq,
            lost,
            new,
            held,
            doc,
            by,
        });
        let seq = self.journal.next_seq();
        ctx.emit(Transfer {
            seq,
            from: lost,
            to: new,
            amount,
            kind: TransferKind::Recovery,
            purpose: Purpose::General,
            memo: None,
        });
        Ok(())
    }

    /// Moves a whole record: nothing of it becomes free by that.
    fn merge(
        &mut self,
        now: Timestamp,
        (lost, mut old): (&Address, Wallet),
        (new, pid): (&Address, Pid),
    ) -> Result<(), Refusal> {
        let mut wallet = self.receiver(new, Some(pid))?;
        for lot in core::mem::take(&mut old.lots) {
            wallet.lock(now, lot)?;
        }
        bounded(wallet.lots.len(), LOTS_KEPT_MAX)?;
        let sum = wallet.units.checked_add(old.units);
        let held = wallet.held.checked_add(old.held);
        wallet.held = held.ok_or(Refusal::Overflow)?;
        old.held = Amount::ZERO;
        self.keep(now, lost, old, Amount::ZERO);
        self.keep(now, new, wallet, sum.ok_or(Refusal::Overflow)?);
        Ok(())
    }
}
