//! A fungible digital financial asset, settlement money, or unit for foreign trade.
//!
//! Units are issued up to a cap, moved by holders, spenders and notaries of holds, locked until a
//! time, and destroyed. What the token is and can do is fixed at issue. Every refusal has a code, every
//! change an event, and every act that moves money a `check_` twin that runs the same code.
//!
//! Reading order: `storage` (what is remembered, and the rules that the host enforces), [`event`],
//! [`Token`]'s entry points below, then what they do: `balance`, `movement`, `permit`,
//! `supply`, `hold`, `view`.
//!
//! Order of checks, everywhere: deactivated or paused; shape of the arguments; role; existence; state,
//! then time; capability and the like; funds; overflow, then cap.
//!
//! This token is open to everybody: it knows no participant register, and refuses at construction
//! what only a register can keep (freezing, recovery, ring-fencing).
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
mod history;
mod hold;
mod movement;
mod permit;
mod supply;
mod view;
pub mod wallet;

pub use movement::Payment;
pub use permit::{PERMIT_DOMAIN, Permit, PermitMessage, PermitSignature};
pub use storage::Token;
pub use view::{HoldView, Holding, InFlight, Position, Statement};
pub use wallet::LOTS_MAX;

use event::{
    AdminAccepted, AdminCancelled, AdminProposed, Approval, Burn, Deactivated, DocumentRemoved,
    DocumentSet, HoldConsent, HoldCreated, HoldExecuted, HoldReclaimed, HoldReleased, HoldRenewed,
    HoldVoided, LotCreated, Mint, Paused, Proposed, RoleGranted, RoleRevoked, Transfer, Unpaused,
};
use storage::{Allowance, Capabilities, HoldTerms, Issue, Limits, Lot, Meta, Privileged};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::document::{Document, Named};
use weighhouse_standard::lifecycle::Status;
use weighhouse_standard::{Proposal, Refusal, Role, journal::Act, role::Administrator};

#[contract(
    errors(Refusal),
    events(
        Transfer,
        Mint,
        LotCreated,
        Burn,
        Approval,
        HoldCreated,
        HoldExecuted,
        HoldReleased,
        HoldReclaimed,
        HoldConsent,
        HoldRenewed,
        HoldVoided,
        Proposed,
        Paused,
        Unpaused,
        Deactivated,
        RoleGranted,
        RoleRevoked,
        AdminProposed,
        AdminAccepted,
        AdminCancelled,
        DocumentSet,
        DocumentRemoved
    )
)]
#[expect(
    clippy::too_many_arguments,
    clippy::needless_pass_by_value,
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
    ) -> Result<(), Refusal> {
        meta.check()?;
        ensure!(admin != Address::ZERO, Refusal::argument("admin"));
        ensure!(participants.is_none(), Refusal::not_capable("participants"));
        capabilities.check()?;
        let holders = core::iter::once((Role::Issuer, meta.issuer)).chain(roles);
        self.roles.appoint(admin, limits.admin_delay, holders)?;
        self.meta.set(meta);
        self.capabilities.set(capabilities);
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
    ) -> Result<(), Refusal> {
        self.pay_own(ctx, (to, amount, memo))
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
    ) -> Result<(), Refusal> {
        self.pay_for(ctx, from, (to, amount, memo))
    }

    /// Moves units of the caller to several; all or nothing. A refusal names the item.
    #[call(check)]
    pub fn batch_transfer(&mut self, ctx: &Context, payments: Vec<Payment>) -> Result<(), Refusal> {
        self.pay_many(ctx, payments)
    }

    /// Sets what `spender` may take from the caller, replacing what was allowed before.
    #[call(check)]
    pub fn approve(
        &mut self,
        ctx: &Context,
        spender: Address,
        amount: Amount,
        live_until: Timestamp,
    ) -> Result<(), Refusal> {
        self.lifecycle.open()?;
        Self::approvable(ctx, amount, live_until)?;
        self.set_allowance(ctx, (ctx.caller(), spender), (amount, live_until), None);
        Ok(())
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
    ) -> Result<(), Refusal> {
        let permit = Permit {
            owner,
            spender,
            amount,
            live_until,
            nonce,
            deadline,
        };
        self.use_permit(ctx, permit, sig)
    }

    /// Creates units, up to the threshold of one MINTER; locked until `release_at` if given.
    #[call(check)]
    pub fn mint(
        &mut self,
        ctx: &Context,
        to: Address,
        amount: Amount,
        basis_doc: Hash,
        release_at: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        self.issue_alone(
            ctx,
            Issue {
                to,
                amount,
                basis_doc,
                release_at,
            },
        )
    }

    /// Proposes to create units, of any number; another MINTER approves within seven days.
    #[call]
    pub fn propose_mint(&mut self, ctx: &Context, issue: Issue) -> Result<u64, Refusal> {
        self.propose_issue(ctx, issue)
    }

    /// Creates the units that another MINTER proposed.
    #[call(check)]
    pub fn approve_mint(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        self.approve_issue(ctx, id)
    }

    /// Destroys units of the issuer's own.
    #[call(check)]
    pub fn burn(
        &mut self,
        ctx: &Context,
        from: Address,
        amount: Amount,
        basis_doc: Hash,
    ) -> Result<(), Refusal> {
        self.destroy(ctx, from, amount, basis_doc)
    }

    /// Sets units of the caller aside for `notary` to execute, up to and including `expiry`.
    #[call(check)]
    pub fn create_hold(
        &mut self,
        ctx: &Context,
        to: Option<Address>,
        amount: Amount,
        notary: Address,
        expiry: Timestamp,
        purpose: String,
        reference: Hash,
    ) -> Result<u64, Refusal> {
        self.hold_own(
            ctx,
            HoldTerms {
                to,
                amount,
                notary,
                expiry,
                purpose,
                reference,
            },
        )
    }

    /// Sets units of `owner` aside on the caller's allowance; what returns to the owner restores it.
    #[call(check)]
    pub fn create_hold_from(
        &mut self,
        ctx: &Context,
        owner: Address,
        to: Option<Address>,
        amount: Amount,
        notary: Address,
        expiry: Timestamp,
        purpose: String,
        reference: Hash,
    ) -> Result<u64, Refusal> {
        self.hold_for(
            ctx,
            owner,
            HoldTerms {
                to,
                amount,
                notary,
                expiry,
                purpose,
                reference,
            },
        )
    }

    /// The notary moves held units to `to`. The rest returns to the owner unless `keep_open`.
    #[call(check)]
    pub fn execute_hold(
        &mut self,
        ctx: &Context,
        id: u64,
        to: Address,
        amount: Amount,
        keep_open: bool,
    ) -> Result<(), Refusal> {
        self.execute(ctx, id, to, amount, keep_open)
    }

    /// The notary or the payee returns held units to the owner.
    #[call(check)]
    pub fn release_hold(&mut self, ctx: &Context, id: u64, amount: Amount) -> Result<(), Refusal> {
        self.release(ctx, id, amount)
    }

    /// Anybody returns what is left of an expired hold to its owner.
    #[call(check)]
    pub fn reclaim_hold(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        self.reclaim(ctx, id)
    }

    /// The owner agrees to one later expiry, or withdraws that.
    #[call]
    pub fn consent_renewal(&mut self, ctx: &Context, id: u64, agree: bool) -> Result<(), Refusal> {
        self.consent(ctx, id, agree)
    }

    /// The notary sets a later expiry, with the owner's consent and before the hold is over.
    #[call]
    pub fn renew_hold(&mut self, ctx: &Context, id: u64, expiry: Timestamp) -> Result<(), Refusal> {
        self.renew(ctx, id, expiry)
    }

    /// COMPLIANCE or REGULATOR proposes to void a hold; the other approves within seven days.
    #[call]
    pub fn propose_void_hold(&mut self, ctx: &Context, id: u64, doc: Hash) -> Result<u64, Refusal> {
        self.propose_void(ctx, id, doc)
    }

    /// Returns what is left of a hold to its owner, as proposal `id` of the other officer says.
    #[call(check)]
    pub fn approve_void_hold(&mut self, ctx: &Context, id: u64) -> Result<(), Refusal> {
        self.approve_void(ctx, id)
    }

    /// Stops market acts. Exits, forced measures and queries go on; no deadline moves.
    #[call]
    pub fn pause(&mut self, ctx: &Context, reason: String) -> Result<(), Refusal> {
        self.lifecycle
            .pause(ctx, &self.roles, &mut self.journal, reason)
    }

    /// Lets market acts go on.
    #[call]
    pub fn unpause(&mut self, ctx: &Context) -> Result<(), Refusal> {
        self.lifecycle.unpause(ctx, &self.roles, &mut self.journal)
    }

    /// Ends the token while it is paused, for ever: only exits and queries are left.
    #[call]
    pub fn deactivate(&mut self, ctx: &Context, doc: Hash) -> Result<(), Refusal> {
        self.lifecycle
            .deactivate(ctx, &self.roles, &mut self.journal, doc)
    }

    /// Proposes a new administrator, who can accept after the delay fixed at issue.
    #[call]
    pub fn propose_admin(&mut self, ctx: &Context, new: Address) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.roles.propose_admin(ctx, &mut self.journal, new)
    }

    /// The proposed administrator takes over.
    #[call]
    pub fn accept_admin(&mut self, ctx: &Context) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.roles.accept_admin(ctx, &mut self.journal)
    }

    /// Calls the hand-over off.
    #[call]
    pub fn cancel_admin(&mut self, ctx: &Context) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.roles.cancel_admin(ctx, &mut self.journal)
    }

    /// Grants a role.
    #[call]
    pub fn grant_role(&mut self, ctx: &Context, role: Role, who: Address) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.roles.grant(ctx, &mut self.journal, role, who)
    }

    /// Revokes a role.
    #[call]
    pub fn revoke_role(&mut self, ctx: &Context, role: Role, who: Address) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.roles.revoke(ctx, &mut self.journal, role, who)
    }

    /// Gives a role of the caller's own up.
    #[call]
    pub fn renounce_role(&mut self, ctx: &Context, role: Role) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        self.roles
            .revoke(ctx, &mut self.journal, role, ctx.caller())
    }

    /// Sets or replaces a document; the issuer's.
    #[call]
    pub fn set_document(
        &mut self,
        ctx: &Context,
        name: String,
        hash: Hash,
        uri: String,
    ) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        let may = || self.roles.require(ctx, Role::Issuer);
        self.documents
            .set(ctx, &mut self.journal, name, (hash, uri), may)
    }

    /// Removes a document; the issuer's.
    #[call]
    pub fn remove_document(&mut self, ctx: &Context, name: String) -> Result<(), Refusal> {
        self.lifecycle.alive()?;
        let may = || self.roles.require(ctx, Role::Issuer);
        self.documents.remove(ctx, &mut self.journal, name, may)
    }

    /// Version of this code.
    #[query]
    pub fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    /// What the token is.
    #[query]
    pub fn meta(&self) -> Meta {
        self.meta.get()
    }

    /// What can be done with it.
    #[query]
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities.get()
    }

    /// Cap, threshold of one MINTER, delay of a new administrator.
    #[query]
    pub fn limits(&self) -> Limits {
        self.limits.get()
    }

    /// Units that exist.
    #[query]
    pub fn supply(&self) -> Amount {
        self.supply.get()
    }

    /// Supply at the end of a second that is over.
    #[query]
    pub fn supply_at(&self, ctx: &Context, at: Timestamp) -> Result<Amount, Refusal> {
        self.supply_then(ctx, at)
    }

    /// Active, paused or deactivated.
    #[query]
    pub fn status(&self) -> Status {
        self.lifecycle.status()
    }

    /// The administrator and its planned successor.
    #[query]
    pub fn admin(&self) -> Administrator {
        self.roles.administrator()
    }

    /// Roles of an address.
    #[query]
    pub fn roles(&self, holder: Address) -> Vec<Role> {
        self.roles.of(&holder)
    }

    /// A document by name.
    #[query]
    pub fn document(&self, name: String) -> Option<Document> {
        self.documents.find(&name)
    }

    /// A page of documents with names after `after`.
    #[query]
    pub fn documents(&self, after: Option<String>, limit: u32) -> Result<Vec<Named>, Refusal> {
        self.documents.page(after.as_ref(), limit)
    }

    /// At most `n` of the last privileged acts, with event numbers from `from_seq` on.
    #[query]
    pub fn audit(&self, from_seq: u64, n: u32) -> Result<Vec<Act>, Refusal> {
        self.journal.audit(from_seq, n)
    }

    /// An act that waits for a second person.
    #[query]
    pub fn proposal(&self, id: u64) -> Option<Proposal<Privileged>> {
        self.proposals.find(&id)
    }

    /// All units of a wallet, held and locked ones included.
    #[query]
    pub fn balance_of(&self, holder: Address) -> Amount {
        self.wallets.get(&holder).units
    }

    /// Balance at the end of a second that is over.
    #[query]
    pub fn balance_of_at(
        &self,
        ctx: &Context,
        holder: Address,
        at: Timestamp,
    ) -> Result<Amount, Refusal> {
        self.balance_then(ctx, holder, at)
    }

    /// Units of a wallet that holds have set aside.
    #[query]
    pub fn held_of(&self, holder: Address) -> Amount {
        self.wallets.get(&holder).held
    }

    /// Units of a wallet that are locked until later.
    #[query]
    pub fn locked_of(&self, ctx: &Context, holder: Address) -> Amount {
        self.wallets.get(&holder).locked(ctx.now())
    }

    /// Units of a wallet that it may transfer or set aside.
    #[query]
    pub fn available_of(&self, ctx: &Context, holder: Address) -> Amount {
        self.wallets.get(&holder).available(ctx.now())
    }

    /// Lots of a wallet, those that have become free and were not dropped yet included.
    #[query]
    pub fn lots(&self, holder: Address) -> Vec<Lot> {
        self.wallets.get(&holder).lots
    }

    /// What a spender may take from an owner now.
    #[query]
    pub fn allowance(&self, ctx: &Context, owner: Address, spender: Address) -> Option<Allowance> {
        self.live_allowance(ctx, owner, spender)
    }

    /// Number of the owner's next permit.
    #[query]
    pub fn nonce_of(&self, owner: Address) -> u64 {
        self.nonces.get(&owner)
    }

    /// Wallets that have units.
    #[query]
    pub fn holder_count(&self) -> u64 {
        self.holder_count.get()
    }

    /// A page of wallets that have units, after `after`, with their balances.
    #[query]
    pub fn holders(&self, after: Option<Address>, limit: u32) -> Result<Vec<Holding>, Refusal> {
        self.holder_page(after, limit)
    }

    /// A hold, as it stands now.
    #[query]
    pub fn hold(&self, ctx: &Context, id: u64) -> Option<HoldView> {
        self.hold_view(ctx, id)
    }

    /// Extract of the register for one wallet at the end of a second that is over.
    #[query]
    pub fn statement(
        &self,
        ctx: &Context,
        holder: Address,
        at: Timestamp,
    ) -> Result<Statement, Refusal> {
        self.extract(ctx, holder, at)
    }

    /// A page of positions; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_positions(
        &self,
        ctx: &Context,
        after: Option<Address>,
        limit: u32,
    ) -> Result<Vec<Position>, Refusal> {
        self.positions(ctx, after, limit)
    }

    /// A page of holds with units in them, after hold `after`; for REGULATOR and AUDITOR.
    #[query]
    pub fn reg_inflight(
        &self,
        ctx: &Context,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<InFlight>, Refusal> {
        self.in_flight(ctx, after, limit)
    }
}
