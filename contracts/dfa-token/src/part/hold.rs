//! Holds: units set aside for a notary.

use crate::event::{
    HoldConsent, HoldCreated, HoldExecuted, HoldLicensed, HoldReclaimed, HoldReleased, HoldRenewed,
    HoldVoided,
};
use crate::licence::Licence;
use crate::storage::Token;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{HoldTerms, Purpose};

#[contract(
    part = Holds,
    events(
        HoldCreated,
        HoldExecuted,
        HoldLicensed,
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
        purpose: Purpose,
        reference: Hash,
    ) -> Result<u64, Refused> {
        let terms = HoldTerms {
            to,
            amount,
            notary,
            expiry,
            purpose,
            reference,
        };
        let done = self.hold_own(ctx, terms);
        self.market(ctx, done)
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
        purpose: Purpose,
        reference: Hash,
    ) -> Result<u64, Refused> {
        let terms = HoldTerms {
            to,
            amount,
            notary,
            expiry,
            purpose,
            reference,
        };
        let done = self.hold_for(ctx, owner, terms);
        self.market(ctx, done)
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
    ) -> Result<(), Refused> {
        let done = self.execute(ctx, id, to, amount, keep_open);
        self.market(ctx, done)
    }

    /// The notary, a system of the register, moves held units around the order `order` on a party, as a
    /// licence of the regulator allows; the rest stays held. Answers the order that freezes them with the
    /// receiver.
    #[call(check)]
    pub fn execute_hold_licensed(
        &mut self,
        ctx: &Context,
        id: u64,
        to: Address,
        amount: Amount,
        order: u64,
        licence_doc: Hash,
    ) -> Result<u64, Refused> {
        let licence = Licence {
            id,
            to,
            amount,
            order,
            doc: licence_doc,
        };
        let done = self.execute_under(ctx, &licence);
        self.market(ctx, done)
    }

    /// The notary destroys held units, for those who redeem: issuer, or the contract that keeps the
    /// register of the issue.
    #[call(check)]
    pub fn burn_hold(
        &mut self,
        ctx: &Context,
        id: u64,
        amount: Amount,
        basis_doc: Hash,
    ) -> Result<(), Refused> {
        self.burn_held(ctx, id, amount, basis_doc)
    }

    /// The notary or the payee returns held units to the owner.
    #[call(check)]
    pub fn release_hold(&mut self, ctx: &Context, id: u64, amount: Amount) -> Result<(), Refused> {
        Ok(self.release(ctx, id, amount)?)
    }

    /// Anybody returns what is left of an expired hold to its owner.
    #[call(check)]
    pub fn reclaim_hold(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        Ok(self.reclaim(ctx, id)?)
    }

    /// The owner agrees to one later expiry, or withdraws that.
    #[call]
    pub fn consent_renewal(&mut self, ctx: &Context, id: u64, agree: bool) -> Result<(), Refused> {
        let done = self.consent(ctx, id, agree);
        self.market(ctx, done)
    }

    /// The notary sets a later expiry, with the owner's consent and before the hold is over.
    #[call]
    pub fn renew_hold(&mut self, ctx: &Context, id: u64, expiry: Timestamp) -> Result<(), Refused> {
        let done = self.renew(ctx, id, expiry);
        self.market(ctx, done)
    }

    /// COMPLIANCE or REGULATOR proposes to void a hold; the other approves within seven days.
    #[call]
    pub fn propose_void_hold(&mut self, ctx: &Context, id: u64, doc: Hash) -> Result<u64, Refused> {
        Ok(self.propose_void(ctx, id, doc)?)
    }

    /// Returns what is left of a hold to its owner, as proposal `id` of the other officer says.
    #[call(check)]
    pub fn approve_void_hold(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        self.approve_void(ctx, id)
    }
}
