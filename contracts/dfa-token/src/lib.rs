//! A fungible digital financial asset, settlement money, or unit for foreign trade.
//!
//! Units are issued up to a cap, moved by holders, spenders and notaries of holds, locked until a
//! time, and destroyed. What the token is and can do is fixed at issue. Every refusal has a code, every
//! change an event, and every act that moves money a `check_` twin that runs the same code.
//!
//! Reading order: `storage` (what is remembered, and the rules that the host enforces), [`wallet`],
//! [`event`], [`Token`]'s entry points below and in `part`, then what they do: `compliance`, `balance`,
//! `history`, `movement`, `permit`, `supply`, `hold`, `licence`, `measure`, `estate`, `ratio`, `nominee`, `view`,
//! `supervision`.
//!
//! Order of checks, everywhere: deactivated, paused or halted; shape of the arguments; role; existence;
//! state, then time; compliance; capability and the like; funds; overflow, then cap.
//!
//! A token without a register of participants is open to everybody, and refuses at construction what only
//! a register can keep (freezing, recovery, ring-fencing).
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic,
        clippy::indexing_slicing
    )
)]

pub mod event;
pub mod storage;

mod balance;
mod compliance;
mod estate;
mod history;
mod hold;
mod licence;
mod measure;
mod movement;
mod nominee;
mod part;
mod permit;
mod ratio;
mod supervision;
mod supply;
mod view;
pub mod wallet;

pub use movement::Payment;
pub use nominee::NamedUnits;
pub use permit::{PERMIT_DOMAIN, Permit, PermitMessage, PermitSignature};
pub use ratio::RATIO_WALLETS;
pub use storage::Token;
pub use supervision::{Flow, Report, ReportKind};
pub use view::{Holding, InFlight, Owner, Position, Statement};
pub use wallet::LOTS_MAX;

use event::{Approval, Proposed, Transfer};
use storage::{Capabilities, Limits, Meta, Nature};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{HoldsRef, LicensedHoldsRef, Purpose, TradeRef};
use weighhouse_standard::{Refusal, Role};

#[contract(
    errors(Refusal),
    events(Transfer, Approval, Proposed),
    interfaces(HoldsRef, LicensedHoldsRef),
    parts(
        part::issue::Issuance,
        part::hold::Holds,
        part::measure::Measures,
        part::Messages,
        part::view::Views
    )
)]
#[expect(
    clippy::too_many_arguments,
    reason = "messages, names and order of arguments are those of the specification"
)]
impl Token {
    /// Issues the token, without any units yet. The issuer gets the role ISSUER; `roles` names the
    /// holders of the others, ADMIN excepted. `participants` is the register that will say who may
    /// hold units; only `None`, open to everybody, is served.
    #[constructor]
    pub fn open(
        &mut self,
        meta: Meta,
        capabilities: Capabilities,
        limits: Limits,
        admin: Address,
        roles: Vec<(Role, Address)>,
        participants: Option<Address>,
    ) -> Result<(), Refused> {
        meta.check()?;
        ensure!(admin != Address::ZERO, Refusal::argument("admin"));
        let register = participants != Some(Address::ZERO);
        ensure!(register, Refusal::argument("participants"));
        capabilities.check(participants)?;
        self.nature.set(Nature {
            capabilities,
            participants,
        });
        let issuer = core::iter::once((Role::Issuer, meta.issuer));
        let holders: Vec<_> = issuer.chain(roles).collect();
        self.roles
            .appoint(admin, limits.admin_delay, holders.iter().copied())?;
        self.separate(&holders)?;
        self.meta.set(meta);
        self.cap.set(limits.cap);
        self.limits.set(limits);
        Ok(())
    }

    /// Moves units of the caller.
    #[call(check)]
    pub fn transfer(
        &mut self,
        ctx: &Context,
        to: Address,
        amount: Amount,
        memo: Option<Hash>,
    ) -> Result<(), Refused> {
        let done = self.pay_own(ctx, (to, amount, memo));
        self.market(ctx, done)
    }

    /// Moves units of the caller under a purpose and a trade; of ring-fenced tokens.
    #[call(check)]
    pub fn transfer_for(
        &mut self,
        ctx: &Context,
        to: Address,
        amount: Amount,
        purpose: Purpose,
        trade_ref: Option<TradeRef>,
    ) -> Result<(), Refused> {
        let done = self.pay_under(ctx, (to, amount), purpose, trade_ref);
        self.market(ctx, done)
    }

    /// Moves units of `from` on the caller's allowance.
    #[call(check)]
    pub fn transfer_from(
        &mut self,
        ctx: &Context,
        from: Address,
        to: Address,
        amount: Amount,
        memo: Option<Hash>,
    ) -> Result<(), Refused> {
        let done = self.pay_for(ctx, from, (to, amount, memo));
        self.market(ctx, done)
    }

    /// Moves units of the caller to several; all or nothing. A refusal names the item.
    #[call(check)]
    pub fn batch_transfer(&mut self, ctx: &Context, payments: Vec<Payment>) -> Result<(), Refused> {
        let done = self.pay_many(ctx, payments);
        self.market(ctx, done)
    }

    /// Sets what `spender` may take from the caller, replacing what was allowed before.
    #[call(check)]
    pub fn approve(
        &mut self,
        ctx: &Context,
        spender: Address,
        amount: Amount,
        live_until: Timestamp,
    ) -> Result<(), Refused> {
        let done = self.allow(ctx, spender, amount, live_until);
        self.market(ctx, done)
    }

    /// Sets what `spender` may take from `owner`, who signed it; anybody may deliver it.
    #[call(check)]
    pub fn permit(
        &mut self,
        ctx: &Context,
        owner: Address,
        spender: Address,
        amount: Amount,
        live_until: Timestamp,
        nonce: u64,
        deadline: Timestamp,
        sig: PermitSignature,
    ) -> Result<(), Refused> {
        let permit = Permit {
            owner,
            spender,
            amount,
            live_until,
            nonce,
            deadline,
        };
        let done = self.use_permit(ctx, permit, sig);
        self.market(ctx, done)
    }
}
