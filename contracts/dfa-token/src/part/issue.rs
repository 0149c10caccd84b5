//! Units come into being and cease to be.

use crate::event::{Burn, LotCreated, Mint};
use crate::storage::{Issue, Token};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;

#[contract(part = Issuance, events(Mint, LotCreated, Burn))]
impl Token {
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
}
