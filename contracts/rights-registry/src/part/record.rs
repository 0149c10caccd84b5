//! Utility rights and transferable records.

use crate::record::RecordType;
use crate::storage::Rights;
use crate::utility::UtilityTerms;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::interface::Pid;

#[contract(part = Records)]
impl Rights {
    /// Issues a right to demand a quantity of goods, works or services of the caller.
    #[call(check)]
    pub fn issue_utility(
        &mut self,
        ctx: &Context,
        ref_no: String,
        issuer: Pid,
        holder: Pid,
        quantity: Amount,
        unit: String,
        performance_doc: Hash,
        until: Timestamp,
    ) -> Result<u64, Refused> {
        let terms = UtilityTerms {
            ref_no,
            issuer,
            holder,
            quantity,
            unit,
            performance_doc,
            until,
        };
        self.utility_issue(ctx, terms)
    }

    /// Demands performance; the holder's.
    #[call(check)]
    pub fn claim_performance(
        &mut self,
        ctx: &Context,
        id: u64,
        quantity: Amount,
    ) -> Result<(), Refused> {
        self.performance_claim(ctx, id, quantity)
    }

    /// Confirms performance of what was claimed; the holder's.
    #[call(check)]
    pub fn confirm_performance(
        &mut self,
        ctx: &Context,
        id: u64,
        quantity: Amount,
        doc: Hash,
    ) -> Result<(), Refused> {
        self.performance_confirm(ctx, id, (quantity, doc))
    }

    /// Disputes what is claimed; the holder's or the issuer's.
    #[call(check)]
    pub fn dispute_performance(
        &mut self,
        ctx: &Context,
        id: u64,
        doc: Hash,
    ) -> Result<(), Refused> {
        self.performance_dispute(ctx, id, doc)
    }

    /// Decides a dispute: so much was performed, the rest can be claimed again. For the ARBITER.
    #[call(check)]
    pub fn resolve_performance(
        &mut self,
        ctx: &Context,
        id: u64,
        performed: Amount,
        doc: Hash,
    ) -> Result<(), Refusal> {
        self.performance_resolve(ctx, id, (performed, doc))
    }

    /// Issues a record; the caller is its issuer.
    #[call(check)]
    pub fn issue_record(
        &mut self,
        ctx: &Context,
        kind: RecordType,
        ref_no: String,
        doc: Hash,
        first_holder: Address,
    ) -> Result<u64, Refused> {
        self.record_issue(ctx, kind, (ref_no, doc), first_holder)
    }

    /// Passes a record on; its controller's.
    #[call(check)]
    pub fn endorse(&mut self, ctx: &Context, id: u64, to: Address) -> Result<(), Refused> {
        self.record_endorse(ctx, id, to)
    }

    /// Gives a record back to its issuer, for good; its controller's.
    #[call(check)]
    pub fn surrender(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        self.record_surrender(ctx, id)
    }

    /// Turns a record into paper: it is void from here on; its controller's.
    #[call(check)]
    pub fn to_paper(&mut self, ctx: &Context, id: u64, doc: Hash) -> Result<(), Refused> {
        self.record_to_paper(ctx, id, doc)
    }

    /// Takes the paper of record `old` back and issues a new record to its bearer; the issuer's.
    #[call(check)]
    pub fn from_paper(
        &mut self,
        ctx: &Context,
        old: u64,
        doc: Hash,
        holder: Address,
    ) -> Result<u64, Refused> {
        self.record_from_paper(ctx, old, (doc, holder))
    }

    /// Gives control of a record to a contract, for presentation; its holder's.
    #[call(check)]
    pub fn pledge_control(
        &mut self,
        ctx: &Context,
        id: u64,
        contract: Address,
    ) -> Result<(), Refused> {
        self.record_pledge(ctx, id, contract)
    }

    /// Gives control back to the holder; that contract's.
    #[call(check)]
    pub fn return_control(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        self.record_return(ctx, id)
    }
}
