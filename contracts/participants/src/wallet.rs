//! Wallets: proposed by an operator, accepted by the wallet itself, locked, given up.
//!
//! `Proposed -> Active -> Locked -> Recovered`. Invariant I1: a wallet is bound to one participant, for
//! ever; the host keeps `bound` immutable.

use crate::documented;
use crate::event::{WalletAccepted, WalletAdded, WalletLocked, WalletRecovered};
use crate::storage::{Privileged, Register};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{PartyStatus, Pid, Recovery, WalletStatus};
use weighhouse_standard::{Refusal, Role};

#[contract(part = Wallets, events(WalletAdded, WalletAccepted, WalletLocked, WalletRecovered))]
impl Register {
    /// Proposes a wallet for a participant; it counts once it has accepted.
    #[call(check)]
    pub fn add_wallet(&mut self, ctx: &Context, pid: Pid, addr: Address) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        ensure!(addr != Address::ZERO, Refusal::argument("addr"));
        self.roles.require(ctx, Role::Operator)?;
        let member = self.member(pid)?;
        // Invariant I1.
        ensure!(!self.bound.contains(&addr), Refusal::AlreadyExists);
        ensure!(
            member.party.status != PartyStatus::Closed,
            Refusal::BadState
        );
        self.bound.set(&addr, pid);
        self.wallet_states.set(&addr, WalletStatus::Proposed);
        let by = ctx.caller();
        let seq = self.journal.next_seq();
        ctx.emit(WalletAdded {
            seq,
            pid,
            wallet: addr,
            by,
        });
        Ok(())
    }

    /// The wallet itself accepts the participant proposed for it.
    #[call(check)]
    pub fn accept_wallet(&mut self, ctx: &Context) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        let wallet = ctx.caller();
        let entry = self.wallet_of_address(&wallet).ok_or(Refusal::NotFound)?;
        // Invariant I7: duties that exclude each other do not meet in one person by way of its wallets.
        let mut others = self.wallets_of_pid(entry.pid).into_iter();
        let clash = others.any(|other| self.roles.clash(&wallet, &other));
        ensure!(!clash, Refusal::DutyConflict);
        ensure!(entry.status == WalletStatus::Proposed, Refusal::BadState);
        self.wallet_states.set(&wallet, WalletStatus::Active);
        let pid = entry.pid;
        let seq = self.journal.next_seq();
        self.wallets_by_pid.set(&(pid, seq), wallet);
        ctx.emit(WalletAccepted { seq, pid, wallet });
        Ok(())
    }

    /// Locks a wallet: from another wallet of its participant, itself, or an officer.
    #[call(check)]
    pub fn lock_wallet(&mut self, ctx: &Context, addr: Address) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        let by = ctx.caller();
        let entry = self.wallet_of_address(&addr);
        if !self.roles.holds(&by, Role::Compliance) {
            let own = self
                .wallet_of_address(&by)
                .filter(|own| own.status == WalletStatus::Active);
            let same = own.is_some_and(|own| Some(own.pid) == entry.map(|entry| entry.pid));
            ensure!(same, Refusal::not_party());
        }
        let entry = entry.ok_or(Refusal::NotFound)?;
        ensure!(entry.status == WalletStatus::Active, Refusal::BadState);
        self.wallet_states.set(&addr, WalletStatus::Locked);
        let pid = entry.pid;
        let seq = self.journal.next_seq();
        ctx.emit(WalletLocked {
            seq,
            pid,
            wallet: addr,
            by,
        });
        Ok(())
    }

    /// Proposes that a wallet is given up for another of the same participant.
    #[call(check)]
    pub fn propose_recover_wallet(
        &mut self,
        ctx: &Context,
        pid: Pid,
        lost: Address,
        new: Address,
        doc: Hash,
    ) -> Result<u64, Refusal> {
        self.lifecycle.alive()?;
        documented(doc)?;
        ensure!(lost != new, Refusal::argument("new"));
        self.roles.require(ctx, Role::Operator)?;
        self.recoverable(pid, &lost, &new)?;
        let act = Privileged::RecoverWallet {
            pid,
            lost,
            new,
            doc,
        };
        Ok(self.propose(ctx, act))
    }

    /// Gives a wallet up, as another operator proposed. It is of no use any more, to anybody; roles that
    /// it held are revoked. Tokens move what it had at their own message.
    #[call(check)]
    pub fn approve_recover_wallet(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.roles.require(ctx, Role::Operator)?;
        let proposal = self.approvable(ctx, id, &[Role::Operator])?;
        let Privileged::RecoverWallet {
            pid,
            lost,
            new,
            doc,
        } = proposal.act
        else {
            return Err(Refusal::NotFound);
        };
        self.recoverable(pid, &lost, &new)?;
        proposal.in_time(ctx)?;
        self.proposals.remove(&id);
        self.wallet_states.set(&lost, WalletStatus::Recovered);
        self.recoveries.set(&lost, Recovery { pid, new, doc });
        let by = ctx.caller();
        self.journal.act(ctx, doc, |seq| WalletRecovered {
            seq,
            pid,
            lost,
            new,
            doc,
            proposal: id,
            by,
        });
        self.roles.strip(ctx, &mut self.journal, &lost);
        Ok(())
    }
}

impl Register {
    /// Both wallets are the participant's, the new one in use, the lost one not given up before.
    fn recoverable(&self, pid: Pid, lost: &Address, new: &Address) -> Result<(), Refusal> {
        self.member(pid)?;
        let lost = self.wallet_of_address(lost).ok_or(Refusal::NotFound)?;
        ensure!(lost.pid == pid, Refusal::argument("lost"));
        let usable = self
            .wallet_of_address(new)
            .is_some_and(|new| new.pid == pid && new.status == WalletStatus::Active);
        ensure!(usable, Refusal::argument("new"));
        let open = matches!(lost.status, WalletStatus::Active | WalletStatus::Locked);
        ensure!(open, Refusal::BadState);
        Ok(())
    }

    /// Accepted wallets, in the order of acceptance.
    pub(crate) fn wallets_of_pid(&self, pid: Pid) -> Vec<Address> {
        let mut wallets = Vec::new();
        let mut after = None;
        loop {
            let page = self.wallets_by_pid.page_of(&pid, after.as_ref(), 100);
            let Some((last, _)) = page.last() else {
                return wallets;
            };
            after = Some(*last);
            wallets.extend(page.into_iter().map(|(_, wallet)| wallet));
        }
    }

    /// The first wallet in use.
    pub(crate) fn first_wallet(&self, pid: Pid) -> Option<Address> {
        let mut wallets = self.wallets_of_pid(pid).into_iter();
        wallets.find(|wallet| self.wallet_states.find(wallet) == Some(WalletStatus::Active))
    }
}
