//! Queries: participants and wallets for everybody, pages for those who supervise.

use crate::storage::{Member, Privileged, Register, Reservation};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::flow::{FlowAt, FlowCursor, Tally};
use weighhouse_standard::interface::{FreezeView, Party, Pid, Recovery, Trade, TradeRef, Wallet};
use weighhouse_standard::{Proposal, Refusal};

/// A participant with its number.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct MemberView {
    /// Its number.
    pub pid: Pid,
    /// What the register keeps of it.
    pub member: Member,
    /// Its accepted wallets.
    pub wallets: Vec<Address>,
}

/// A proposal with its number.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct OrderedProposal {
    /// Its number.
    pub id: u64,
    /// Who proposed what until when.
    pub proposal: Proposal<Privileged>,
}

/// A trade with its name.
pub type NamedTrade = (TradeRef, Trade);

#[contract(part = Views)]
impl Register {
    /// The participant of a wallet that has accepted, whatever has become of the wallet since.
    #[query]
    pub fn pid_of(&self, addr: Address) -> Option<Pid> {
        self.accepted_pid(&addr)
    }

    /// A participant.
    #[query]
    pub fn party(&self, pid: Pid) -> Option<Party> {
        Some(self.members.find(&pid)?.party)
    }

    /// A wallet.
    #[query]
    pub fn wallet(&self, addr: Address) -> Option<Wallet> {
        self.wallet_of_address(&addr)
    }

    /// The first wallet in use of a participant, in the order of acceptance.
    #[query]
    pub fn wallet_of(&self, pid: Pid) -> Option<Address> {
        self.first_wallet(pid)
    }

    /// Accepted wallets of a participant, in the order of acceptance.
    #[query]
    pub fn wallets(&self, pid: Pid) -> Vec<Address> {
        self.wallets_of_pid(pid)
    }

    /// The recovery by which a wallet was given up.
    #[query]
    pub fn recovery(&self, lost: Address) -> Option<Recovery> {
        self.recoveries.find(&lost)
    }

    /// An act that waits for a second person.
    #[query]
    pub fn proposal(&self, id: u64) -> Option<Proposal<Privileged>> {
        self.proposals.find(&id)
    }

    /// Part of a limit that a contract reserved and neither used nor gave back.
    #[query]
    pub fn reservation(&self, contract: Address, reference: Hash) -> Option<Reservation> {
        self.reservations.find(&(contract, reference))
    }

    /// A page of participants after number `after`; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_positions(
        &self,
        ctx: &Context,
        after: Option<Pid>,
        limit: u32,
    ) -> Result<Vec<MemberView>, Refusal> {
        let page = self
            .roles
            .survey(ctx, &self.members, after.as_ref(), limit)?;
        let page = page.into_iter();
        Ok(page
            .map(|(pid, member)| MemberView {
                pid,
                member,
                wallets: self.wallets_of_pid(pid),
            })
            .collect())
    }

    /// A page of what a participant paid, got and was funded under trades, from `from` to `to`, both
    /// included; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_flows(
        &self,
        ctx: &Context,
        pid: Pid,
        from: Timestamp,
        to: Timestamp,
        after: Option<FlowCursor>,
        limit: u32,
    ) -> Result<Vec<FlowAt>, Refusal> {
        self.flows
            .page(ctx, &self.roles, pid, (from, to), (after, limit))
    }

    /// A page of acts that wait for a second person; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_inflight(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<OrderedProposal>, Refusal> {
        let page = self
            .roles
            .survey(ctx, &self.proposals, after.as_ref(), limit)?;
        let page = page.into_iter();
        Ok(page
            .map(|(id, proposal)| OrderedProposal { id, proposal })
            .collect())
    }

    /// A page of orders, lifted and expired ones included; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_orders(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<FreezeView>, Refusal> {
        let page = self
            .roles
            .survey(ctx, &self.orders, after.as_ref(), limit)?;
        let page = page.into_iter();
        Ok(page
            .filter_map(|(id, _)| self.order_view(id, ctx.now()))
            .collect())
    }

    /// A page of trade contracts; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_trades(
        &self,
        ctx: &Context,
        after: Option<TradeRef>,
        limit: u32,
    ) -> Result<Vec<NamedTrade>, Refusal> {
        self.roles.survey(ctx, &self.trades, after.as_ref(), limit)
    }

    /// How often an event of this kind (its number in the schema) moved how much in a month, as `202601`;
    /// for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_report(&self, ctx: &Context, kind: u32, period: u32) -> Result<Tally, Refusal> {
        self.flows.report(ctx, &self.roles, kind, period)
    }
}
