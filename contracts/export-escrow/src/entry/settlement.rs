//! Money: honour, confirmation, milestones, proceeds, disputes.

use crate::assign::Passed;
use crate::credit::Fx;
use crate::storage::Escrow;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::Pid;

#[contract(part = Settlements)]
impl Escrow {
    /// Pays a presentation from the applicant's money and moves control of its records; anybody's.
    #[call(check)]
    pub fn honour(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.pay(ctx, lc, n)
    }

    /// Pays a presentation from the confirming bank's money where the law stops the applicant's.
    #[call(check)]
    pub fn honour_confirming(
        &mut self,
        ctx: &Context,
        lc: u64,
        n: u64,
        licence_doc: Option<Hash>,
    ) -> Result<(), Refused> {
        self.pay_confirmed(ctx, (lc, n), licence_doc)
    }

    /// Pays the confirming bank back from the applicant's money; anybody's.
    #[call(check)]
    pub fn reimburse(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.repay(ctx, lc, n)
    }

    /// Gives up the claim on the applicant's money; the confirming bank's.
    #[call(check)]
    pub fn waive_reimbursement(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.forgo(ctx, lc, n)
    }

    /// Pays milestone `k`, the first being 0, once its documents are accepted; anybody's.
    #[call(check)]
    pub fn release_milestone(&mut self, ctx: &Context, lc: u64, k: u32) -> Result<(), Refused> {
        self.pay_milestone(ctx, lc, k)
    }

    /// Notes that payment was tried in time and only the law stopped it: it stays owed; anybody's.
    #[call(check)]
    pub fn protest(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.note_protest(ctx, lc, n)
    }

    /// Passes a part of the credit on, once; beneficiary and issuing bank say the same.
    #[call(check)]
    pub fn transfer_credit(
        &mut self,
        ctx: &Context,
        lc: u64,
        second: Address,
        amount: Amount,
        expiry: Timestamp,
        latest_shipment: Timestamp,
    ) -> Result<(), Refused> {
        let passed = Passed {
            second,
            amount,
            expiry,
            latest_shipment,
        };
        self.pass_on(ctx, lc, &passed)
    }

    /// Assigns a share of the proceeds; the beneficiary's.
    #[call(check)]
    pub fn assign_proceeds(
        &mut self,
        ctx: &Context,
        lc: u64,
        pid: Pid,
        bps: u16,
    ) -> Result<(), Refused> {
        self.assign(ctx, lc, pid, bps)
    }

    /// Agrees that the beneficiary is paid in another unit; issuing bank and beneficiary say the same.
    #[call(check)]
    pub fn set_fx(&mut self, ctx: &Context, lc: u64, fx: Fx) -> Result<(), Refused> {
        self.exchange(ctx, lc, fx)
    }

    /// Disputes a presentation: it is not paid until the arbiter decides or its time is over.
    #[call(check)]
    pub fn open_dispute(
        &mut self,
        ctx: &Context,
        lc: u64,
        n: u64,
        doc: Hash,
    ) -> Result<(), Refused> {
        self.contest(ctx, (lc, n), doc)
    }

    /// Divides a disputed claim; the arbiter's.
    #[call(check)]
    pub fn award(
        &mut self,
        ctx: &Context,
        lc: u64,
        n: u64,
        to_beneficiary: Amount,
        to_applicant: Amount,
        doc: Hash,
    ) -> Result<(), Refused> {
        self.decide(ctx, (lc, n), (to_beneficiary, to_applicant), doc)
    }
}
