//! Presentation and examination of documents.

use crate::event::Turn;
use crate::presentation::{Disposal, Document, Verdict};
use crate::storage::Escrow;
use weighhouse_sdk::prelude::*;

#[contract(part = Presentations)]
impl Escrow {
    /// Presents documents and claims an amount; the beneficiary's, or the second beneficiary's.
    #[call(check)]
    pub fn present(
        &mut self,
        ctx: &Context,
        lc: u64,
        docs: Vec<Document>,
        claim: Amount,
        shipment_date: Timestamp,
    ) -> Result<u64, Refused> {
        self.offer(ctx, lc, docs, claim, shipment_date)
    }

    /// Says that a presentation is complete: the examination begins.
    #[call(check)]
    pub fn complete(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.notice(ctx, lc, n)
    }

    /// Finds that a presentation complies; nominated, confirming or issuing bank.
    #[call(check)]
    pub fn examine(
        &mut self,
        ctx: &Context,
        lc: u64,
        n: u64,
        verdict: Verdict,
    ) -> Result<(), Refused> {
        match verdict {
            Verdict::Complying => self.find_complying(ctx, lc, n),
        }
    }

    /// Refuses a presentation, once and in time.
    #[call(check)]
    pub fn refuse(
        &mut self,
        ctx: &Context,
        lc: u64,
        n: u64,
        discrepancies: Vec<String>,
        disposal: Disposal,
    ) -> Result<(), Refused> {
        self.reject(ctx, (lc, n), discrepancies, disposal)
    }

    /// Asks the applicant to waive discrepancies; the issuing bank's. The deadline stays.
    #[call(check)]
    pub fn ask_waiver(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.waive(ctx, (lc, n), Turn::WaiverAsked)
    }

    /// Waives discrepancies; the applicant's.
    #[call(check)]
    pub fn give_waiver(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.waive(ctx, (lc, n), Turn::WaiverGiven)
    }

    /// Accepts a waiver: the presentation is honoured; the issuing bank's.
    #[call(check)]
    pub fn accept_waiver(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.waive(ctx, (lc, n), Turn::WaiverAccepted)
    }

    /// Reports that the document with this hash cannot be read: the clock stands still.
    #[call(check)]
    pub fn suspend_corrupt(
        &mut self,
        ctx: &Context,
        lc: u64,
        n: u64,
        doc: Hash,
    ) -> Result<(), Refused> {
        self.report_corrupt(ctx, (lc, n), doc)
    }

    /// Replaces a document that could not be read; the presenter's. With the last one the clock goes on.
    #[call(check)]
    pub fn represent(
        &mut self,
        ctx: &Context,
        lc: u64,
        n: u64,
        doc: Hash,
        hash: Hash,
    ) -> Result<(), Refused> {
        self.replace(ctx, (lc, n), doc, hash)
    }

    /// Gives control of records back to the presenter of what came to nothing; anybody's.
    #[call(check)]
    pub fn return_documents(&mut self, ctx: &Context, lc: u64, n: u64) -> Result<(), Refused> {
        self.give_documents_back(ctx, lc, n)
    }

    /// Gives control of a record back that was pledged and never presented; its pledgor's.
    #[call(check)]
    pub fn return_record(&mut self, ctx: &Context, record: u64) -> Result<(), Refused> {
        self.give_record_back(ctx, record)
    }
}
