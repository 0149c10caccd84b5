//! Acts of the regulator, and the note that a bank lost its authorisation.

use crate::storage::Escrow;
use weighhouse_sdk::prelude::*;

#[contract(part = Offices)]
impl Escrow {
    /// Notes that the issuing bank is not authorised: examination clocks stand still; anybody's.
    #[call]
    pub fn stop_clock(&mut self, ctx: &Context, lc: u64) -> Result<(), Refused> {
        self.stop_clocks(ctx, lc)
    }

    /// Puts a bank in the place of one that lost its authorisation; clocks go on. REGULATOR's.
    #[call]
    pub fn assign_agent(&mut self, ctx: &Context, lc: u64, bank: Address) -> Result<(), Refused> {
        self.put_agent(ctx, lc, bank)
    }

    /// Files a licence for a presentation; REGULATOR's.
    #[call]
    pub fn file_licence(
        &mut self,
        ctx: &Context,
        lc: u64,
        n: u64,
        doc: Hash,
    ) -> Result<(), Refused> {
        self.enter_licence(ctx, (lc, n), doc)
    }

    /// Proposes to pay a presentation although `order` freezes a party; another REGULATOR approves
    /// within seven days.
    #[call]
    pub fn propose_release_under_licence(
        &mut self,
        ctx: &Context,
        lc: u64,
        n: u64,
        licence_doc: Hash,
        order: u64,
    ) -> Result<u64, Refused> {
        self.suggest_release(ctx, (lc, n), licence_doc, order)
    }

    /// Pays what another REGULATOR proposed to pay, into a blocked account.
    #[call(check)]
    pub fn approve_release_under_licence(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        self.release_licensed(ctx, id)
    }
}
