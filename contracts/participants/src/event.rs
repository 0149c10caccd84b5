//! What the register reports. Every event has a number; none carries personal data (invariant I8).

use crate::storage::{Preclearance, Privileged, Reservation, Share};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{
    AuthorisationKind, Country, Currency, HaltKind, PartyKind, PartyStatus, Pid, Qualification,
    Residency, RuleSet, Scope, Screening, TradeRef,
};

/// A participant was registered; it waits for approval.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Registered {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// What kind of party.
    pub kind: PartyKind,
    /// Of which side of the border.
    pub residency: Residency,
    /// Its country.
    pub country: Country,
    /// Commitment to its personal data.
    pub pii: Hash,
    /// Who did it.
    pub by: Address,
}

/// A participant was approved, or what is known of it was renewed.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Approved {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// Last second at which that is fresh.
    pub kyc_until: Timestamp,
    /// Risk class.
    pub risk: u8,
    /// The document it rests on.
    pub doc: Hash,
    /// Who did it.
    pub by: Address,
}

/// A participant became a qualified investor, or no longer is.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct QualificationSet {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// What it is.
    pub qualification: Qualification,
    /// The document it rests on.
    pub doc: Hash,
    /// Who did it.
    pub by: Address,
}

/// A participant was screened.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Screened {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// Against what, with which result.
    pub screening: Screening,
    /// Hash of the evidence.
    pub evidence: Hash,
    /// Who did it.
    pub by: Address,
}

/// Two officers cleared a participant of a hit.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct HitCleared {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// The document it rests on.
    pub doc: Hash,
    /// The approved proposal.
    pub proposal: u64,
    /// Who did it.
    pub by: Address,
}

/// A participant was suspended, reinstated or closed.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct StatusChanged {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// Where it stands.
    pub status: PartyStatus,
    /// Number of the ground.
    pub reason: u16,
    /// The document it rests on.
    pub doc: Hash,
    /// The approved proposal, if it took two.
    pub proposal: Option<u64>,
    /// Who did it.
    pub by: Address,
}

/// A wallet was proposed for a participant.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct WalletAdded {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// The wallet.
    pub wallet: Address,
    /// Who did it.
    pub by: Address,
}

/// The wallet accepted.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct WalletAccepted {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// The wallet.
    pub wallet: Address,
}

/// A wallet was locked.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct WalletLocked {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// The wallet.
    pub wallet: Address,
    /// Who did it.
    pub by: Address,
}

/// A wallet was given up for another.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct WalletRecovered {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// The wallet that was given up.
    pub lost: Address,
    /// The wallet that takes its place.
    pub new: Address,
    /// The document it rests on.
    pub doc: Hash,
    /// The approved proposal.
    pub proposal: u64,
    /// Who did it.
    pub by: Address,
}

/// A participant was authorised.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct AuthorisationGranted {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// To be what.
    pub kind: AuthorisationKind,
    /// First second.
    pub from: Timestamp,
    /// Last second.
    pub until: Timestamp,
    /// The document it rests on.
    pub doc: Hash,
    /// Who did it.
    pub by: Address,
}

/// An authorisation was stopped.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct AuthorisationSuspended {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// To be what.
    pub kind: AuthorisationKind,
    /// The document it rests on.
    pub doc: Hash,
    /// Who did it.
    pub by: Address,
}

/// An authorisation ended.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct AuthorisationRevoked {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// To be what.
    pub kind: AuthorisationKind,
    /// The document it rests on.
    pub doc: Hash,
    /// Who did it.
    pub by: Address,
}

/// An order freezes a party, an amount or an object.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct FreezeOrdered {
    /// Number of the event.
    pub seq: u64,
    /// Number of the order.
    pub order: u64,
    /// What it freezes.
    pub scope: Scope,
    /// Commitment to the authority behind it.
    pub authority: Hash,
    /// Commitment to the authority's case.
    pub case_ref: Hash,
    /// The document it rests on.
    pub doc: Hash,
    /// Last second, if it has one.
    pub until: Option<Timestamp>,
    /// Who did it.
    pub by: Address,
}

/// An order was lifted.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct FreezeLifted {
    /// Number of the event.
    pub seq: u64,
    /// Number of the order.
    pub order: u64,
    /// The document it rests on.
    pub doc: Hash,
    /// Who did it.
    pub by: Address,
}

/// A forced act was booked under an order.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct OrderServed {
    /// Number of the event.
    pub seq: u64,
    /// Number of the order.
    pub order: u64,
    /// Of which token.
    pub token: Address,
    /// Whose units.
    pub from: Pid,
    /// Who gets them, if anybody.
    pub to: Option<Pid>,
    /// How many.
    pub amount: Amount,
    /// What is left of an amount order.
    pub left: Option<Amount>,
    /// The document it rests on.
    pub doc: Hash,
}

/// The regulator issued a directive.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct DirectiveIssued {
    /// Number of the event.
    pub seq: u64,
    /// Its number.
    pub directive: u64,
    /// What it does.
    pub kind: HaltKind,
    /// To what.
    pub target: Address,
    /// The document it rests on.
    pub doc: Hash,
    /// Who did it.
    pub by: Address,
}

/// The regulator lifted a directive.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct DirectiveLifted {
    /// Number of the event.
    pub seq: u64,
    /// Its number.
    pub directive: u64,
    /// Who did it.
    pub by: Address,
}

/// A trade contract was registered.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct TradeRegistered {
    /// Number of the event.
    pub seq: u64,
    /// The trade.
    pub trade_ref: TradeRef,
    /// Who sells.
    pub exporter: Pid,
    /// Who buys.
    pub importer: Pid,
    /// How much.
    pub amount: Amount,
    /// In which currency it was agreed.
    pub currency: Currency,
    /// Code of the goods.
    pub hs_code: String,
    /// The document it rests on.
    pub doc: Hash,
    /// Last second.
    pub until: Timestamp,
    /// The bank.
    pub bank: Pid,
}

/// The goods of a trade were screened.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct TradeScreened {
    /// Number of the event.
    pub seq: u64,
    /// The trade.
    pub trade_ref: TradeRef,
    /// Against what, with which result.
    pub screening: Screening,
    /// Hash of the evidence.
    pub evidence: Hash,
    /// Who did it.
    pub by: Address,
}

/// Something was paid under a trade.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct TradeSettled {
    /// Number of the event.
    pub seq: u64,
    /// The trade.
    pub trade_ref: TradeRef,
    /// In which token.
    pub token: Address,
    /// How much.
    pub amount: Amount,
    /// How much in all.
    pub settled: Amount,
    /// What is funded and not paid.
    pub funded: Amount,
}

/// An operator funded the importer of a trade.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct TradeFunded {
    /// Number of the event.
    pub seq: u64,
    /// The trade.
    pub trade_ref: TradeRef,
    /// In which token.
    pub token: Address,
    /// Who.
    pub operator: Pid,
    /// How much.
    pub amount: Amount,
    /// What is funded and not paid.
    pub funded: Amount,
}

/// A trade contract was closed.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct TradeClosed {
    /// Number of the event.
    pub seq: u64,
    /// The trade.
    pub trade_ref: TradeRef,
    /// Who did it.
    pub by: Address,
}

/// The estate of a participant was opened.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct SuccessionOpened {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// Number of the order.
    pub order: u64,
    /// The document it rests on.
    pub doc: Hash,
    /// Who did it.
    pub by: Address,
}

/// It is certified who gets what of an estate.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct SuccessionSettled {
    /// Number of the event.
    pub seq: u64,
    /// The participant.
    pub pid: Pid,
    /// Heirs and their shares.
    pub shares: Vec<Share>,
    /// Hash of the certificate.
    pub cert: Hash,
    /// The approved proposal.
    pub proposal: u64,
    /// Who did it.
    pub by: Address,
}

/// A token has new rules.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct RulesSet {
    /// Number of the event.
    pub seq: u64,
    /// The token.
    pub token: Address,
    /// The rules.
    pub rules: RuleSet,
    /// First second at which they are in force.
    pub from: Timestamp,
    /// Who did it.
    pub by: Address,
}

/// A move was cleared beforehand.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Precleared {
    /// Number of the event.
    pub seq: u64,
    /// Number of the preclearance.
    pub id: u64,
    /// What was cleared.
    pub preclearance: Preclearance,
    /// Who did it.
    pub by: Address,
}

/// A preclearance was withdrawn.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct PreclearanceDeclined {
    /// Number of the event.
    pub seq: u64,
    /// Its number.
    pub id: u64,
    /// Who did it.
    pub by: Address,
}

/// A preclearance was used up.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct PreclearanceUsed {
    /// Number of the event.
    pub seq: u64,
    /// Its number.
    pub id: u64,
    /// By how much.
    pub amount: Amount,
}

/// Part of an annual limit was reserved.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct LimitReserved {
    /// Number of the event.
    pub seq: u64,
    /// The contract that asked.
    pub contract: Address,
    /// Its reference.
    pub reference: Hash,
    /// What.
    pub reservation: Reservation,
}

/// What was reserved was used.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct LimitCommitted {
    /// Number of the event.
    pub seq: u64,
    /// The contract that asked.
    pub contract: Address,
    /// Its reference.
    pub reference: Hash,
}

/// What was reserved was given back.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct LimitReleased {
    /// Number of the event.
    pub seq: u64,
    /// The contract that asked.
    pub contract: Address,
    /// Its reference.
    pub reference: Hash,
}

/// An act that takes two persons waits for the second.
#[derive(Debug, PartialEq, Eq, Decode, Event)]
pub struct Proposed {
    /// Number of the event.
    pub seq: u64,
    /// Number of the proposal.
    pub id: u64,
    /// What would be done.
    pub act: Privileged,
    /// Who did it.
    pub by: Address,
    /// Last second for the approval.
    pub until: Timestamp,
}
