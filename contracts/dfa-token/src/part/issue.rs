//! Units come into being and cease to be.

use crate::event::{
    Burn, LotCreated, Mint, NomineeOpened, OwnersFiled, RatioApplied, RecordDateSet,
};
use crate::nominee::NamedUnits;
use crate::storage::{Issue, Token};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;

#[contract(part = Issuance, events(Mint, LotCreated, Burn, RatioApplied, RecordDateSet, NomineeOpened, OwnersFiled))]
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
    ) -> Result<(), Refused> {
        let issue = Issue {
            to,
            amount,
            basis_doc,
            release_at,
        };
        let done = self.issue_alone(ctx, issue);
        self.market(ctx, done)
    }

    /// Proposes to create units, of any number; another MINTER approves within seven days.
    #[call]
    pub fn propose_mint(&mut self, ctx: &Context, issue: Issue) -> Result<u64, Refused> {
        let done = self.propose_issue(ctx, issue);
        self.market(ctx, done)
    }

    /// Creates the units that another MINTER proposed.
    #[call(check)]
    pub fn approve_mint(&mut self, ctx: &Context, id: u64) -> Result<(), Refused> {
        let done = self.approve_issue(ctx, id);
        self.market(ctx, done)
    }

    /// Destroys available units: of the issuer's own, or, by the contract that keeps the register of the
    /// issue, those of a holder whose asset is redeemed.
    #[call(check)]
    pub fn burn(
        &mut self,
        ctx: &Context,
        from: Address,
        amount: Amount,
        basis_doc: Hash,
    ) -> Result<(), Refused> {
        self.redeem(ctx, from, amount, basis_doc)
    }

    /// Splits all units, `num` for every `den`, rounded down: the next hundred wallets. Called again with
    /// the same arguments until it answers true.
    #[call(check)]
    pub fn apply_ratio(
        &mut self,
        ctx: &Context,
        num: u64,
        den: u64,
        ca_id: u64,
    ) -> Result<bool, Refused> {
        self.split_units(ctx, (num, den), ca_id)
    }

    /// Announces at the end of which second holders are counted.
    #[call]
    pub fn announce_record_date(
        &mut self,
        ctx: &Context,
        record_date: Timestamp,
        nominee_days: u16,
    ) -> Result<(), Refusal> {
        self.announce(ctx, record_date, nominee_days)
    }

    /// Enters a wallet that holds for others.
    #[call]
    pub fn open_nominee(&mut self, ctx: &Context, wallet: Address) -> Result<(), Refused> {
        self.enter_nominee(ctx, wallet)
    }

    /// Names the owners behind a nominee's wallet at the end of a second; they add up to its balance.
    #[call]
    pub fn file_owners(
        &mut self,
        ctx: &Context,
        nominee_wallet: Address,
        as_of: Timestamp,
        owners: Vec<NamedUnits>,
    ) -> Result<(), Refused> {
        self.name_owners(ctx, nominee_wallet, as_of, owners)
    }
}
