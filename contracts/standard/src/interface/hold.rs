//! Holds of a token as notaries use them.

use super::{Purpose, TradeRef};
use weighhouse_sdk::prelude::*;

/// How far a hold has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum HoldState {
    /// Nothing executed yet.
    Ordered,
    /// Part was executed, part is still held.
    PartlyExecuted,
    /// Nothing is held any more; the last of it was executed.
    Executed,
    /// Nothing is held any more; the last of it was released to the owner.
    Released,
    /// Reclaimed by the owner after expiry.
    Reclaimed,
    /// Voided by two officers.
    Voided,
}

impl HoldState {
    /// True while units are held.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Ordered | Self::PartlyExecuted)
    }
}

/// What a hold was made with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct HoldTerms {
    /// Who gets the units; `None` leaves it to the notary.
    pub to: Option<Address>,
    /// How many.
    pub amount: Amount,
    /// Who executes and releases.
    pub notary: Address,
    /// Last second at which it can be executed; `u64::MAX` for notaries that are systems.
    pub expiry: Timestamp,
    /// What for.
    pub purpose: Purpose,
    /// Commitment to whatever it refers to; the trade, if the purpose rests on one.
    pub reference: Hash,
}

impl HoldTerms {
    /// The trade under which the units will move.
    #[must_use]
    pub fn trade_ref(&self) -> Option<TradeRef> {
        self.purpose.needs_trade().then_some(self.reference)
    }
}

/// A hold as it stands now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct HoldView {
    /// Whose units they are, until executed.
    pub owner: Address,
    /// What was agreed.
    pub terms: HoldTerms,
    /// How far it has come.
    pub state: HoldState,
    /// What is still held.
    pub left: Amount,
    /// Past its expiry: it can be reclaimed, no longer executed.
    pub expired: bool,
}

/// A token whose units can be set aside.
#[contract]
pub trait Holds {
    /// Sets units of the caller aside for `notary` to execute, up to and including `expiry`.
    #[call(check)]
    fn create_hold(
        &mut self,
        to: Option<Address>,
        amount: Amount,
        notary: Address,
        expiry: Timestamp,
        purpose: Purpose,
        reference: Hash,
    ) -> u64;

    /// Sets units of `owner` aside on the caller's allowance; what returns to the owner restores it.
    #[call(check)]
    fn create_hold_from(
        &mut self,
        owner: Address,
        to: Option<Address>,
        amount: Amount,
        notary: Address,
        expiry: Timestamp,
        purpose: Purpose,
        reference: Hash,
    ) -> u64;

    /// The notary moves held units to `to`. The rest returns to the owner unless `keep_open`.
    #[call(check)]
    fn execute_hold(&mut self, id: u64, to: Address, amount: Amount, keep_open: bool);

    /// The notary or the payee returns held units to the owner.
    #[call(check)]
    fn release_hold(&mut self, id: u64, amount: Amount);

    /// Anybody returns what is left of an expired hold to its owner.
    #[call(check)]
    fn reclaim_hold(&mut self, id: u64);

    /// A hold, as it stands now.
    #[query]
    fn hold(&self, id: u64) -> Option<HoldView>;

    /// All units of a wallet, held and locked ones included.
    #[query]
    fn balance_of(&self, holder: Address) -> Amount;

    /// Units of a wallet that it may transfer or set aside.
    #[query]
    fn available_of(&self, holder: Address) -> Amount;
}
