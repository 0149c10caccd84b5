//! What the register remembers, and the rules that the host holds it to.
//!
//! A participant is one record, `members`; what many participants share a question about (wallets,
//! authorisations, orders, trades) has a map of its own with an index where it is looked up by
//! participant. Personal data stay with the operators: the register knows commitments (invariant I8).
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{
    AuthorisationKind, Freeze, HaltKind, Party, Pid, Recovery, RuleSet, Trade, TradeRef,
    WalletStatus,
};
use weighhouse_standard::{Documents, Flows, Journal, Lifecycle, Proposal, Roles};

/// Orders on one participant, or on one object, that can be in force at a time.
pub const ORDERS_MAX: usize = 100;
/// Rules of velocity of one token.
pub const VELOCITIES_MAX: usize = 4;
/// Countries in one list of a rule set: more than there are.
pub const COUNTRIES_MAX: usize = 256;

/// Numbers fixed at deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Settings {
    /// Seconds between proposal and acceptance of a new administrator.
    pub admin_delay: u64,
    /// Seconds after which rules that are not tighter come into force.
    pub rule_delay: u64,
    /// Seconds by which local time is ahead of UTC: decides which year an annual limit counts to.
    pub utc_offset: i32,
}

/// A participant as the register keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Member {
    /// What others may know.
    pub party: Party,
    /// Who registered it.
    pub proposer: Address,
    /// Who approved it last.
    pub approver: Option<Address>,
    /// Orders on it that were not lifted, expired ones included.
    pub orders: u32,
}

/// Where an authorisation stands; that it is over is computed from its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum AuthorisationStatus {
    /// It counts within its times.
    Active,
    /// Stopped; granting it anew brings it back.
    Suspended,
    /// Ended.
    Revoked,
}

/// What a regulator allowed a participant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Authorisation {
    /// First second.
    pub from: Timestamp,
    /// Last second.
    pub until: Timestamp,
    /// Where it stands.
    pub status: AuthorisationStatus,
    /// Hash of the last decision on it.
    pub doc: Hash,
}

/// Rules of a token, and those that will replace them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct RuleBook {
    /// In force until the next are.
    pub current: RuleSet,
    /// What comes next.
    pub next: Option<NextRules>,
}

/// Rules that wait.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct NextRules {
    /// The rules.
    pub rules: RuleSet,
    /// First second at which they are in force.
    pub from: Timestamp,
}

/// The annual limit of a class of assets, and a higher one that will replace it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct ClassLimit {
    /// In force until the next is.
    pub amount: Amount,
    /// What comes next, and since when.
    pub next: Option<(Amount, Timestamp)>,
}

/// A move that an officer cleared beforehand; good for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Preclearance {
    /// Of which token.
    pub token: Address,
    /// From whom.
    pub from: Pid,
    /// To whom.
    pub to: Pid,
    /// How much at most.
    pub max_amount: Amount,
    /// Last second.
    pub until: Timestamp,
    /// Commitment to the request.
    pub reference: Hash,
}

/// What a participant has taken of a class in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Describe)]
pub struct LimitUse {
    /// Bought.
    pub used: Amount,
    /// Ordered, not bought yet.
    pub reserved: Amount,
}

/// Part of an annual limit that a contract reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Reservation {
    /// For whom.
    pub pid: Pid,
    /// Of which class.
    pub class: u16,
    /// Of which year.
    pub year: u32,
    /// How much.
    pub amount: Amount,
    /// The limit applied to the participant when it was made.
    pub counted: bool,
}

/// A regulator's directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Directive {
    /// What it does.
    pub kind: HaltKind,
    /// To which token, contract or wallet.
    pub target: Address,
    /// Hash of the decision.
    pub doc: Hash,
    /// Since when.
    pub at: Timestamp,
    /// It was lifted.
    pub lifted: bool,
}

/// The estate of a participant.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Estate {
    /// The order that stops the wallets.
    pub order: u64,
    /// Hash of the certificate, once it is settled.
    pub cert: Option<Hash>,
    /// Heirs with numerator and denominator of their shares.
    pub shares: Vec<Share>,
}

/// An heir and numerator and denominator of its share.
pub type Share = (Pid, u64, u64);

/// An act that takes two persons.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Privileged {
    /// Give a wallet up for another.
    RecoverWallet {
        /// Whose.
        pid: Pid,
        /// The wallet that is given up.
        lost: Address,
        /// The wallet that takes its place.
        new: Address,
        /// The document it rests on.
        doc: Hash,
    },
    /// Clear a participant of a sanctions hit.
    ClearHit {
        /// Whom.
        pid: Pid,
        /// The document it rests on.
        doc: Hash,
    },
    /// Let a suspended participant go on.
    Reinstate {
        /// Whom.
        pid: Pid,
        /// Number of the ground.
        reason: u16,
        /// The document it rests on.
        doc: Hash,
    },
    /// Settle an estate.
    SettleSuccession {
        /// Whose.
        pid: Pid,
        /// Who gets what.
        shares: Vec<Share>,
        /// Hash of the certificate.
        cert: Hash,
    },
}

/// Register of participants, authorisations, screening, freezes and policy.
#[storage]
// Invariant I1: a wallet is bound once. A case of an authority, a document of a trade, a reference of a
// preclearance count once, a recovery is for ever.
#[immutable(bound, cases, trade_docs, preclear_refs, recoveries)]
// Invariant I5: the host compares after every transaction.
#[at_most(trades.settled, trades.amount)]
#[monotone(
    pid_count,
    order_count,
    directive_count,
    preclear_count,
    proposal_count,
    list_versions
)]
pub struct Register {
    #[part]
    pub(crate) journal: Journal,
    #[part]
    pub(crate) lifecycle: Lifecycle,
    #[part]
    pub(crate) roles: Roles,
    #[part]
    pub(crate) documents: Documents,
    #[part]
    pub(crate) flows: Flows,

    pub(crate) settings: Const<Settings>,

    pub(crate) pid_count: Cell<u64>,
    pub(crate) members: Map<Pid, Member>,
    /// Last version of each list that a participant was screened against.
    pub(crate) list_versions: Map<(Pid, u32), u64>,

    /// Whose wallet, for ever.
    pub(crate) bound: Map<Address, Pid>,
    pub(crate) wallet_states: Map<Address, WalletStatus>,
    /// Accepted wallets of a participant by the number of the event of acceptance.
    pub(crate) wallets_by_pid: Map<(Pid, u64), Address>,
    /// By the wallet that was given up.
    pub(crate) recoveries: Map<Address, Recovery>,

    pub(crate) authorisations: Map<(Pid, AuthorisationKind), Authorisation>,

    pub(crate) order_count: Cell<u64>,
    pub(crate) orders: Map<u64, Freeze>,
    /// Orders on a participant that were not lifted.
    pub(crate) orders_by_pid: Map<(Pid, u64), ()>,
    /// Orders on an object that were not lifted: registry, object, order.
    pub(crate) orders_by_object: Map<(Address, u64, u64), ()>,
    /// By authority and case.
    pub(crate) cases: Map<(Hash, Hash), u64>,

    pub(crate) directive_count: Cell<u64>,
    pub(crate) directives: Map<u64, Directive>,
    /// How many directives halt a token or contract.
    pub(crate) halts: Map<Address, u32>,

    pub(crate) trades: Map<TradeRef, Trade>,
    pub(crate) trade_docs: Map<Hash, TradeRef>,

    pub(crate) estates: Map<Pid, Estate>,

    pub(crate) rule_books: Map<Address, RuleBook>,
    pub(crate) class_limits: Map<u16, ClassLimit>,
    /// What a participant sent of a token under a rule of velocity: number of the window, amount.
    pub(crate) sent: Map<(Address, Pid, u8), (u64, u128)>,
    pub(crate) preclear_count: Cell<u64>,
    pub(crate) preclearances: Map<u64, Preclearance>,
    /// By token, sender, receiver, number.
    pub(crate) preclear_pairs: Map<(Address, Pid, Pid, u64), ()>,
    pub(crate) preclear_refs: Map<Hash, u64>,

    /// By participant, class, year.
    pub(crate) limits: Map<(Pid, u16, u32), LimitUse>,
    /// By contract and its reference.
    pub(crate) reservations: Map<(Address, Hash), Reservation>,

    pub(crate) proposal_count: Cell<u64>,
    pub(crate) proposals: Map<u64, Proposal<Privileged>>,
}
