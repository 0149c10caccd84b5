//! Registered trade contracts, the budget under which foreign-trade units move.

use super::{Pid, Screening};
use weighhouse_sdk::prelude::*;

/// Name of a trade contract: a commitment to the number under which currency control registered it.
pub type TradeRef = Hash;

/// A currency, three letters of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Currency(pub [u8; 3]);

/// Where a trade contract stands; that it is over is computed from `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum TradeState {
    /// Units may move under it, up to and including `until`.
    Open,
    /// Closed by its bank.
    Closed,
}

/// A registered trade contract. Invariant I5: `settled <= amount`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Trade {
    /// Who sells.
    pub exporter: Pid,
    /// Who buys.
    pub importer: Pid,
    /// How much in all, in units of settlement.
    pub amount: Amount,
    /// What was paid so far.
    pub settled: Amount,
    /// In which currency it was agreed.
    pub currency: Currency,
    /// Code of the goods in the harmonised system.
    pub hs_code: String,
    /// Hash of the contract.
    pub doc: Hash,
    /// Last second.
    pub until: Timestamp,
    /// What operators gave the importer and was not paid to the exporter yet.
    pub funded: Amount,
    /// The bank that registered it.
    pub bank: Pid,
    /// Where it stands.
    pub state: TradeState,
    /// The last screening of the goods and routes.
    pub screening: Option<Screening>,
}

impl Trade {
    /// What can still be paid under it.
    #[must_use]
    pub fn left(&self) -> Amount {
        self.amount.saturating_sub(self.settled)
    }
}
