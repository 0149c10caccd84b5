//! A credit as it stands: who is bound, which holds pay, how much is used.
//!
//! `Draft -> Issued -> Closed | Expired | Cancelled`; advice and confirmation are marks on an issued
//! credit. What was drawn, returned and is held stands in maps of the contract, where the host
//! checks that it adds up (invariant E1).

use crate::terms::Clauses;
use weighhouse_sdk::prelude::*;
use weighhouse_standard::Refusal;
use weighhouse_standard::interface::Pid;

/// A participant and the wallet through which it takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Party {
    /// Its number in the register.
    pub pid: Pid,
    /// Where it is paid.
    pub wallet: Address,
}

/// How far a credit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Stage {
    /// Applied for, nobody is bound.
    Draft,
    /// The issuing bank is bound.
    Issued,
    /// Nothing is left to draw.
    Closed,
    /// Its time is over, what was left went back.
    Expired,
    /// Given up by all who were bound.
    Cancelled,
}

/// Whose money pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Source {
    /// The applicant's, set aside at issue.
    Applicant,
    /// The confirming bank's own.
    Confirming,
    /// The money of the other currency, which its provider set aside.
    Provider,
}

/// Where the money of one source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Books {
    /// Set aside.
    pub funded: Amount,
    /// Paid.
    pub drawn: Amount,
    /// Returned to the owner of the hold.
    pub returned: Amount,
    /// Still held.
    pub held: Amount,
}

impl Books {
    /// Sets `amount` aside.
    #[must_use]
    pub(crate) fn fund(&mut self, amount: Amount) -> bool {
        shift(amount, None, &mut self.funded) && shift(amount, None, &mut self.held)
    }

    /// Pays `amount` of what is held.
    #[must_use]
    pub(crate) fn draw(&mut self, amount: Amount) -> bool {
        shift(amount, Some(&mut self.held), &mut self.drawn)
    }

    /// Returns `amount` of what is held.
    #[must_use]
    pub(crate) fn give_back(&mut self, amount: Amount) -> bool {
        shift(amount, Some(&mut self.held), &mut self.returned)
    }
}

/// Moves an amount; false if it is not there, or does not fit.
fn shift(amount: Amount, from: Option<&mut Amount>, to: &mut Amount) -> bool {
    if let Some(from) = from {
        let Some(rest) = from.checked_sub(amount) else {
            return false;
        };
        *from = rest;
    }
    to.checked_add(amount).map(|sum| *to = sum).is_some()
}

/// A hold of which the escrow is notary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Funding {
    /// Whose money.
    pub source: Source,
    /// The token.
    pub token: Address,
    /// Number of the hold there.
    pub hold: u64,
    /// What is still in it.
    pub left: Amount,
}

/// What the first beneficiary passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Transferred {
    /// The second beneficiary.
    pub second: Party,
    /// How much it may draw.
    pub amount: Amount,
    /// Until when.
    pub expiry: Timestamp,
    /// When it has to ship.
    pub latest_shipment: Timestamp,
    /// How much of it is used.
    pub used: Amount,
}

/// A share of every payment to the beneficiary that goes to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Assignment {
    /// Who gets it.
    pub to: Party,
    /// Which share.
    pub bps: u16,
}

/// The exchange into the unit in which the beneficiary is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Fx {
    /// The unit that the beneficiary gets.
    pub pay_token: Address,
    /// Units of it ...
    pub num: u128,
    /// ... for so many of the credit.
    pub den: u128,
    /// The contract that knows the rate of the day.
    pub source: Address,
    /// How many seconds old the rate may be.
    pub max_age: u64,
    /// By how many basis points the agreed rate may differ from it.
    pub band: u16,
    /// Hold of the unit that the beneficiary gets, made by who provides it.
    pub provider_hold: u64,
}

/// Those who take part.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Parties {
    /// The importer.
    pub applicant: Party,
    /// The exporter.
    pub beneficiary: Party,
    /// The bank that is bound, or the agent that acts in its place.
    pub issuing: Party,
    /// Hands the credit on.
    pub advising: Option<Party>,
    /// Adds its own undertaking.
    pub confirming: Option<Party>,
    /// May examine.
    pub nominated: Option<Party>,
    /// Decides disputes.
    pub arbiter: Option<Address>,
}

impl Parties {
    /// True for who is neither applicant nor beneficiary.
    pub(crate) fn apart(&self, pid: Pid) -> bool {
        self.applicant.pid != pid && self.beneficiary.pid != pid
    }
}

/// A credit; its clauses stand beside it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Credit {
    /// Who takes part.
    pub parties: Parties,
    /// The registered trade contract.
    pub trade_ref: Hash,
    /// The unit of the credit.
    pub token: Address,
    /// How far it has come.
    pub stage: Stage,
    /// It was handed on.
    pub advised: bool,
    /// The confirming bank is bound too.
    pub confirmed: bool,
    /// The holds that pay.
    pub funding: Vec<Funding>,
    /// Sum of all claims that are settled, whoever got the money.
    pub used: Amount,
    /// What the confirming bank paid and has not got back.
    pub advanced: Amount,
    /// Presentations so far.
    pub presentations: u64,
    /// Presentations that may still be open.
    pub open: Vec<u64>,
    /// Amendments so far.
    pub amendments: u64,
    /// The amendment that waits for acceptance.
    pub pending: Option<u64>,
    /// What was passed on to a second beneficiary.
    pub transferred: Option<Transferred>,
    /// Shares of the proceeds that were assigned.
    pub assignments: Vec<Assignment>,
    /// The exchange, if the beneficiary is paid in another unit.
    pub fx: Option<Fx>,
    /// Who provides that unit.
    pub provider: Option<Party>,
    /// Since when the issuing bank may not act; clocks stand still.
    pub stopped: Option<Timestamp>,
}

impl Credit {
    /// What has not been settled yet of `max_draw`.
    pub(crate) fn undrawn(&self, clauses: &Clauses) -> Result<Amount, Refusal> {
        Ok(clauses.max_draw()?.saturating_sub(self.used))
    }

    /// What it still needs of the trade contract: what may be drawn, and what may be reimbursed.
    pub(crate) fn reserved(&self, clauses: &Clauses) -> Amount {
        let undrawn = clauses.amount.saturating_sub(self.used);
        match self.stage {
            Stage::Issued => Amount(undrawn.0.saturating_add(self.advanced.0)),
            _ => Amount::ZERO,
        }
    }

    /// Refuses unless the issuing bank is bound.
    pub(crate) fn live(&self) -> Result<(), Refusal> {
        ensure!(self.stage == Stage::Issued, Refusal::BadState);
        Ok(())
    }

    /// What is still in the holds of one source.
    pub(crate) fn left(&self, source: Source) -> Amount {
        self.funding
            .iter()
            .filter(|funding| funding.source == source)
            .fold(Amount::ZERO, |sum, funding| {
                Amount(sum.0.saturating_add(funding.left.0))
            })
    }

    /// The beneficiary, or the second one.
    pub(crate) fn presenter(&self, second: bool) -> Party {
        match self.transferred {
            Some(transferred) if second => transferred.second,
            _ => self.parties.beneficiary,
        }
    }

    /// Banks that may examine documents.
    pub(crate) fn examiners(&self) -> impl Iterator<Item = Party> {
        let confirming = self.parties.confirming.filter(|_| self.confirmed);
        core::iter::once(self.parties.issuing)
            .chain(confirming)
            .chain(self.parties.nominated)
    }
}

impl Source {
    /// The source as part of a key.
    pub(crate) const fn key(self) -> u8 {
        self as u8
    }
}
