//! A move of units as a token asks the register about it, and the answer.

use super::{Country, Pid, TradeRef};
use weighhouse_sdk::prelude::*;

/// By which right units move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Path {
    /// The holder moves them.
    Own,
    /// This spender moves them on the holder's allowance.
    Delegate(Address),
    /// This notary executes a hold.
    Hold(Address),
    /// They come into being; there is no sender.
    Issue,
}

/// What a move of units is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Purpose {
    /// Nothing in particular.
    General,
    /// The importer pays the exporter under a registered trade.
    TradeSettlement,
    /// An exporter brings proceeds to an operator.
    ExportConversion,
    /// An operator funds an importer.
    ImportFunding,
    /// A miner sells to an operator, out of this lot of provenance.
    MinedSale {
        /// Number of the lot.
        lot: u64,
    },
}

impl Purpose {
    /// True if the purpose rests on a registered trade.
    #[must_use]
    pub const fn needs_trade(self) -> bool {
        matches!(
            self,
            Self::TradeSettlement | Self::ExportConversion | Self::ImportFunding
        )
    }
}

/// A move of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Move {
    /// Of which token.
    pub token: Address,
    /// From which wallet; the zero address for an issue.
    pub from: Address,
    /// To which wallet.
    pub to: Address,
    /// How many.
    pub amount: Amount,
    /// By which right.
    pub path: Path,
    /// What for.
    pub purpose: Purpose,
    /// Under which trade.
    pub trade_ref: Option<TradeRef>,
    /// Commitment to what the parties told each other of themselves.
    pub memo: Option<Hash>,
}

/// Which of the parties of a move; of equal codes the first one's stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Describe)]
pub enum Side {
    /// Who acts: spender, notary.
    Caller,
    /// Whose units they are.
    Sender,
    /// Who gets them.
    Receiver,
    /// All of them, or none in particular.
    Any,
    /// Not who acts and sends, but what is particular to this item of a batch.
    Item(u32),
}

/// Which rule stopped an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Rule {
    /// The register is paused.
    Register,
    /// A directive halts the token.
    Halt,
    /// The token has no rule set.
    NoRules,
    /// The wallet: unknown, not accepted, locked, recovered.
    Wallet,
    /// The participant is not vetted, or closed.
    Status,
    /// The participant is suspended.
    Suspension,
    /// The participant is on a list.
    Sanctions,
    /// An order freezes the party.
    PartyOrder,
    /// What is known of the participant is out of date.
    Kyc,
    /// The last screening is too old.
    ScreeningAge,
    /// The country is not allowed, or denied.
    Country,
    /// The ring fence around foreign-trade units.
    RingFence,
    /// A hold without end, or a market, takes an authorised party.
    Authorisation,
    /// Only qualified investors may buy.
    Qualification,
    /// The annual limit of a class.
    AnnualLimit,
    /// The number of holders.
    Holders,
    /// The balance of a participant.
    Balance,
    /// The amount in a window of time.
    Velocity,
    /// The amount takes preclearance.
    Preclearance,
    /// The amount takes a commitment to what the parties told each other.
    TravelRule,
    /// The token moves through an authorised market only.
    VenueOnly,
    /// The trade: unknown, closed, over, other parties, used up.
    Trade,
    /// An order stops the object.
    ObjectOrder,
}

/// Why an act is stopped: by which rule, because of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Why {
    /// Because of whom.
    pub side: Side,
    /// By which rule.
    pub rule: Rule,
}

/// The register's answer about a move.
///
/// A token that gets one, in this order: a `code` below 111 stops it; then the token itself compares
/// holders (111 above `max_holders`) and the receiver's balance (112 above `max_balance`), whose sums it
/// alone knows; then any other `code` stops it; then funds, `frozen` included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Verdict {
    /// 0, or the code with which the move is refused.
    pub code: u16,
    /// Why, if it is refused.
    pub why: Option<Why>,
    /// Participant of the sender, if it is known.
    pub from: Option<Pid>,
    /// Participant of the receiver, if it is known.
    pub to: Option<Pid>,
    /// Sum of the active amount orders on the sender for this token; may exceed what it has.
    pub frozen: Amount,
    /// Most that one participant may hold.
    pub max_balance: Option<Amount>,
    /// Most participants that may hold.
    pub max_holders: Option<u64>,
    /// The rule set fences the token; a token that is not issued so, or the reverse, refuses.
    pub ring_fenced: bool,
    /// Who keeps provenance lots, for a mined sale.
    pub provenance: Option<Address>,
}

/// What a class of assets allows a natural person without qualification per year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct AnnualLimit {
    /// The class; its limit is the one set last.
    pub class: u16,
    /// How much.
    pub amount: Amount,
}

/// Most that a participant may send in a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Velocity {
    /// Seconds; windows follow each other from the epoch on.
    pub window: u64,
    /// How much.
    pub amount: Amount,
}

/// Rules of one token.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct RuleSet {
    /// Countries of parties that are allowed; empty means all.
    pub allow: Vec<Country>,
    /// Countries that are denied; denial wins.
    pub deny: Vec<Country>,
    /// Only qualified investors may receive.
    pub req_qualified: bool,
    /// Limit per year, for reservations.
    pub annual_limit: Option<AnnualLimit>,
    /// Most that one participant may hold.
    pub max_balance: Option<Amount>,
    /// Most participants that may hold.
    pub max_holders: Option<u64>,
    /// At most four.
    pub velocity: Vec<Velocity>,
    /// Moves above it take a preclearance.
    pub preclear_above: Option<Amount>,
    /// Moves above it take a memo.
    pub travel_rule_above: Option<Amount>,
    /// Seconds after which a screening is stale.
    pub screening_max_age: Option<u64>,
    /// Units move through holds of authorised markets and systems only.
    pub venue_only: bool,
    /// Units are fenced in for foreign trade; never changes.
    pub ring_fenced: bool,
    /// Who keeps provenance lots.
    pub provenance: Option<Address>,
}
