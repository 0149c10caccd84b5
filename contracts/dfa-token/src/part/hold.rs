//! Holds: units set aside for a notary.

use crate::event::{
    HoldConsent, HoldCreated, HoldExecuted, HoldReclaimed, HoldReleased, HoldRenewed, HoldVoided,
};
use crate::storage::{HoldTerms, Token};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;

#[contract(
    part = Holds,
    events(
        HoldCreated,
        HoldExecuted,
        HoldReleased,
        HoldReclaimed,
        HoldConsent,
        HoldRenewed,
        HoldVoided
    )
)]
impl Token {
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
}
