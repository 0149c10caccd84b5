//! Messages of the model as calls of contracts: entry points, arguments, addresses, times.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the derived encoding of variants numbers them as `usize` first"
)]

use parity_scale_codec::{Decode, Encode};
use std::collections::BTreeMap;
use weighhouse_primitives::{Address, Amount, Hash, PublicKey, Signature, Timestamp};
use weighhouse_testkit::Account;
use weighhouse_testkit::model::Seconds;
use weighhouse_testkit::model::Units;
use weighhouse_testkit::model::cast::{self, PEOPLE, Who};
use weighhouse_testkit::model::life::OfficeMessage;
use weighhouse_testkit::model::message::{Message, RegisterMessage, TokenMessage};
use weighhouse_testkit::model::register::order::Scope;
use weighhouse_testkit::model::register::rules::Rules;
use weighhouse_testkit::model::token::hold::Terms;
use weighhouse_testkit::model::token::movement::{Payment, Permit};
use weighhouse_testkit::model::token::nominee::NamedUnits;
use weighhouse_testkit::model::token::supply::Issue;
use weighhouse_testkit::world::input;

/// What permits begin with.
const PERMIT_DOMAIN: &str = "weighhouse/dfa-token/permit/v1";

/// Who is where, and when the story began.
#[derive(Clone)]
pub(crate) struct Places {
    /// By number of the cast.
    pub(crate) addresses: Vec<Address>,
    pub(crate) accounts: Vec<Option<Account>>,
    /// Hash of the genesis.
    pub(crate) chain: [u8; 32],
    /// Second 0 of the story.
    pub(crate) start: u64,
}

/// The account of somebody.
pub(crate) fn account(who: Who) -> Account {
    Account::new(&format!("model {who}"))
}

/// A document or a reference: nothing has the hash of zeros.
pub(crate) fn hash(number: u8) -> Hash {
    Hash([number; 32])
}

/// The same, where there are many.
pub(crate) fn long_hash(number: u16) -> Hash {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&number.to_le_bytes());
    Hash(bytes)
}

fn note(told: bool) -> Option<Hash> {
    told.then(|| hash(9))
}

pub(crate) type Call = (&'static str, Vec<u8>);

pub(crate) fn call(entry: &'static str, arguments: &impl Encode) -> Call {
    (entry, input(entry, arguments))
}

impl Places {
    pub(crate) fn at(&self, who: Who) -> Address {
        self.addresses[usize::from(who)]
    }

    /// Who has the lowest address, and so on.
    pub(crate) fn ranks(&self) -> BTreeMap<Who, usize> {
        let mut people = PEOPLE.to_vec();
        people.sort_by_key(|who| self.at(*who));
        people.into_iter().zip(0..).collect()
    }

    /// Times of the story begin with it; the end of time is the same everywhere.
    pub(crate) fn time(&self, seconds: Seconds) -> Timestamp {
        match seconds {
            Seconds::MAX => Timestamp(u64::MAX),
            _ => Timestamp(self.start + seconds),
        }
    }

    fn payment(&self, (to, amount, told): Payment) -> (Address, Amount, Option<Hash>) {
        (self.at(to), Amount(amount), note(told))
    }

    fn issue(&self, issue: &Issue) -> (Address, Amount, Hash, Option<Timestamp>) {
        let release = issue.release_at.map(|at| self.time(at));
        (
            self.at(issue.to),
            Amount(issue.amount),
            hash(issue.doc),
            release,
        )
    }

    fn terms(&self, terms: &Terms) -> impl Encode {
        (
            terms.to.map(|to| self.at(to)),
            Amount(terms.amount),
            self.at(terms.notary),
            self.time(terms.expiry),
            terms.purpose,
            hash(terms.reference),
        )
    }

    /// A permit with the signature of its owner, or with one of something else.
    fn permit(&self, token: Who, permit: Permit, signed: bool) -> Call {
        let (owner, spender, amount, live, nonce, deadline) = permit;
        let body = |nonce: u64| {
            let allowed = (
                self.at(owner),
                self.at(spender),
                Amount(amount),
                self.time(live),
            );
            (allowed, nonce, self.time(deadline))
        };
        let here = (PERMIT_DOMAIN, self.chain, self.at(token));
        let message = (here, body(if signed { nonce } else { nonce ^ 1 })).encode();
        let nobody = (PublicKey::Ed25519([1; 32]), Signature([1; 64]));
        let signature = self.accounts[usize::from(owner)]
            .as_ref()
            .map_or(nobody, |account| {
                (account.policy().keys[0], account.sign_message(&message))
            });
        call("permit", &(body(nonce), signature))
    }

    /// Which contract a message goes to, and the call.
    pub(crate) fn call(&self, message: &Message) -> (Address, Call) {
        match message {
            Message::Token(message) => (self.at(cast::TOKEN), self.token(cast::TOKEN, message)),
            Message::Other(message) => (self.at(cast::TOKEN_2), self.token(cast::TOKEN_2, message)),
            Message::Register(message) => (self.at(cast::REGISTER), self.register(message)),
            Message::Escrow(message) => (self.at(cast::ESCROW), self.escrow(message)),
            Message::Rights(message) => (self.at(cast::RIGHTS), self.rights(message)),
            Message::Office(contract, message) => (self.at(*contract), self.office(*message)),
            Message::Outside(message) => (self.at(cast::OUTSIDE), self.outside(message)),
        }
    }

    fn office(&self, message: OfficeMessage) -> Call {
        use OfficeMessage as M;
        match message {
            M::GrantRole(role, who) => call("grant_role", &(role, self.at(who))),
            M::RevokeRole(role, who) => call("revoke_role", &(role, self.at(who))),
            M::RenounceRole(role) => call("renounce_role", &role),
            M::ProposeAdmin(to) => call("propose_admin", &self.at(to)),
            M::AcceptAdmin => call("accept_admin", &()),
            M::CancelAdmin => call("cancel_admin", &()),
        }
    }

    fn token(&self, token: Who, message: &TokenMessage) -> Call {
        use TokenMessage as M;
        let (at, time) = (
            |who: &Who| self.at(*who),
            |seconds: &u64| self.time(*seconds),
        );
        match message {
            M::Transfer(payment) => call("transfer", &self.payment(*payment)),
            M::TransferFor(to, amount, purpose, trade) => {
                let trade = trade.map(hash);
                call("transfer_for", &(at(to), Amount(*amount), purpose, trade))
            }
            M::TransferFrom(from, payment) => {
                call("transfer_from", &(at(from), self.payment(*payment)))
            }
            M::BatchTransfer(payments) => {
                let payments = payments.iter().map(|payment| self.payment(*payment));
                call("batch_transfer", &payments.collect::<Vec<_>>())
            }
            M::Approve(spender, amount, until) => {
                call("approve", &(at(spender), Amount(*amount), time(until)))
            }
            M::Permit(permit, signed) => self.permit(token, *permit, *signed),
            M::Mint(issue) => call("mint", &self.issue(issue)),
            M::ProposeMint(issue) => call("propose_mint", &self.issue(issue)),
            M::ApproveMint(id) => call("approve_mint", id),
            M::Burn(from, amount, doc) => call("burn", &(at(from), Amount(*amount), hash(*doc))),
            M::CreateHold(terms) => call("create_hold", &self.terms(terms)),
            M::CreateHoldFrom(owner, terms) => {
                call("create_hold_from", &(at(owner), self.terms(terms)))
            }
            M::ExecuteHold(id, to, amount, keep) => {
                call("execute_hold", &(id, at(to), Amount(*amount), keep))
            }
            M::ExecuteHoldLicensed(id, to, amount, (order, doc)) => {
                let terms = (id, at(to), Amount(*amount), order, hash(*doc));
                call("execute_hold_licensed", &terms)
            }
            M::BurnHold(id, amount, doc) => call("burn_hold", &(id, Amount(*amount), hash(*doc))),
            M::ReleaseHold(id, amount) => call("release_hold", &(id, Amount(*amount))),
            M::ReclaimHold(id) => call("reclaim_hold", id),
            M::ConsentRenewal(id, agree) => call("consent_renewal", &(id, agree)),
            M::RenewHold(id, expiry) => call("renew_hold", &(id, time(expiry))),
            M::ProposeVoidHold(id, doc) => call("propose_void_hold", &(id, hash(*doc))),
            M::ApproveVoidHold(id) => call("approve_void_hold", id),
            M::ForcedTransfer(from, to, amount, order, doc) => call(
                "forced_transfer",
                &(at(from), at(to), Amount(*amount), order, hash(*doc)),
            ),
            M::ForcedBurn(from, amount, order, doc) => call(
                "forced_burn",
                &(at(from), Amount(*amount), order, hash(*doc)),
            ),
            M::ApplyRatio(num, den, id) => call("apply_ratio", &(num, den, id)),
            M::AnnounceRecordDate(day, days) => call("announce_record_date", &(time(day), days)),
            M::OpenNominee(who) => call("open_nominee", &at(who)),
            M::FileOwners(who, as_of, owners) => {
                let named = |(pid, units): &NamedUnits| {
                    let owner = pid.map_or(WireOwner::Commitment(hash(5)), WireOwner::Party);
                    (owner, Amount(*units))
                };
                let owners: Vec<_> = owners.iter().map(named).collect();
                call("file_owners", &(at(who), time(as_of), owners))
            }
            M::Recover(lost, new) => call("recover", &(at(lost), at(new))),
            M::SuccessionTransfer(pid) => call("succession_transfer", pid),
            M::Pause => call("pause", &"model"),
            M::Unpause => call("unpause", &()),
            M::Deactivate(doc) => call("deactivate", &hash(*doc)),
        }
    }

    #[expect(clippy::too_many_lines, reason = "a table: one line for each message")]
    fn register(&self, message: &RegisterMessage) -> Call {
        use RegisterMessage as M;
        let time = |seconds: &u64| self.time(*seconds);
        match message {
            M::Register((kind, resident, country), pii) => {
                // Resident or NonResident.
                call(
                    "register",
                    &(kind, u8::from(!*resident), country, hash(*pii)),
                )
            }
            M::Approve(pid, until, doc) => call("approve", &(pid, time(until), 1_u8, hash(*doc))),
            M::SetQualification(pid, until, doc) => call(
                "set_qualification",
                &(pid, until.map(|at| self.time(at)), hash(*doc)),
            ),
            M::RecordScreening((pid, list, version), result, doc) => call(
                "record_screening",
                &(pid, list, version, result, hash(*doc)),
            ),
            M::ProposeClearHit(pid, doc) => call("propose_clear_hit", &(pid, hash(*doc))),
            M::ApproveClearHit(id) => call("approve_clear_hit", id),
            M::Suspend(pid, doc) => call("suspend", &(pid, 1_u16, hash(*doc))),
            M::ProposeReinstate(pid, doc) => call("propose_reinstate", &(pid, 1_u16, hash(*doc))),
            M::ApproveReinstate(id) => call("approve_reinstate", id),
            M::Close(pid, doc) => call("close", &(pid, 1_u16, hash(*doc))),
            M::AddWallet(pid, who) => call("add_wallet", &(pid, self.at(*who))),
            M::AcceptWallet => call("accept_wallet", &()),
            M::LockWallet(who) => call("lock_wallet", &self.at(*who)),
            M::ProposeRecoverWallet(pid, lost, new, doc) => {
                let wallets = (self.at(*lost), self.at(*new));
                call("propose_recover_wallet", &(pid, wallets, hash(*doc)))
            }
            M::ApproveRecoverWallet(id) => call("approve_recover_wallet", id),
            M::GrantAuthorisation(pid, kind, from, until, doc) => {
                let times = (time(from), time(until));
                call("grant_authorisation", &(pid, kind, times, hash(*doc)))
            }
            M::SuspendAuthorisation(pid, kind, doc) => {
                call("suspend_authorisation", &(pid, kind, hash(*doc)))
            }
            M::RevokeAuthorisation(pid, kind, doc) => {
                call("revoke_authorisation", &(pid, kind, hash(*doc)))
            }
            M::OpenSuccession(pid, doc) => call("open_succession", &(pid, hash(*doc))),
            M::ProposeSettleSuccession(pid, shares, cert) => {
                call("propose_settle_succession", &(pid, shares, hash(*cert)))
            }
            M::ApproveSettleSuccession(id) => call("approve_settle_succession", id),
            M::OrderFreeze(scope, (authority, case, doc), until) => {
                let papers = (hash(*authority), hash(*case), hash(*doc));
                let until = until.map(|at| self.time(at));
                call("order_freeze", &(self.scope(*scope), papers, until))
            }
            M::LiftFreeze(id, doc) => call("lift_freeze", &(id, hash(*doc))),
            M::Directive(halts, target, doc) => {
                // HaltContract or ReportOrder.
                let kind = if *halts { 1_u8 } else { 2 };
                call("directive", &(kind, self.at(*target), hash(*doc)))
            }
            M::LiftDirective(id) => call("lift_directive", id),
            M::RegisterTrade((reference, doc), parties, (amount, until)) => {
                let goods = (*b"CNY", "270900");
                let end = (hash(*doc), time(until));
                let terms = (Amount(*amount), goods, end);
                call("register_trade", &(hash(*reference), parties, terms))
            }
            M::RecordTradeScreening(reference, result, doc) => call(
                "record_trade_screening",
                &(hash(*reference), result, hash(*doc)),
            ),
            M::CloseTrade(reference) => call("close_trade", &hash(*reference)),
            M::SetRules(token, rules) => {
                let keeper = rules.provenance.map(|who| self.at(who));
                call("set_rules", &(self.at(*token), wire_rules(rules, keeper)))
            }
            M::Preclear(leave, reference) => {
                let parties = (leave.from, leave.to);
                let limit = (Amount(leave.most), time(&leave.until));
                call(
                    "preclear",
                    &(self.at(leave.token), parties, limit, hash(*reference)),
                )
            }
            M::Decline(id) => call("decline", id),
            M::LimitReserve((pid, class, amount), reference) => call(
                "limit_reserve",
                &(pid, class, Amount(*amount), hash(*reference)),
            ),
            M::LimitCommit(reference) => call("limit_commit", &hash(*reference)),
            M::LimitRelease(reference) => call("limit_release", &hash(*reference)),
            M::Pause => call("pause", &"model"),
            M::Unpause => call("unpause", &()),
            M::Deactivate(doc) => call("deactivate", &hash(*doc)),
        }
    }

    fn scope(&self, scope: Scope) -> WireScope {
        match scope {
            Scope::Party { pid, both } => WireScope::Party(pid, both),
            Scope::Amount { pid, token, amount } => {
                WireScope::Amount(pid, self.at(token), Amount(amount))
            }
            Scope::Object { contract, id } => WireScope::Object(self.at(contract), id),
        }
    }
}

/// For whom a nominee holds, on the wire.
#[derive(Encode)]
enum WireOwner {
    Party(u64),
    Commitment(Hash),
}

/// What an order is about, as it is on the wire; `true` is both ways.
#[derive(Encode)]
enum WireScope {
    Party(u64, bool),
    Amount(u64, Address, Amount),
    Object(Address, u64),
}

/// Rules of a token.
pub(crate) fn wire_rules(rules: &Rules, provenance: Option<Address>) -> impl Encode {
    let velocity: Vec<_> = rules
        .velocity
        .iter()
        .map(|(w, most)| (*w, Amount(*most)))
        .collect();
    let countries = (
        rules.allow.clone(),
        rules.deny.clone(),
        rules.qualified_only,
    );
    let annual = rules.annual.map(|(class, most)| (class, Amount(most)));
    let holders = (rules.max_balance.map(Amount), rules.max_holders);
    let amounts = (
        rules.preclear_above.map(Amount),
        rules.told_above.map(Amount),
    );
    let fences = (
        rules.screening_age,
        rules.venue_only,
        rules.ring_fenced,
        provenance,
    );
    (countries, annual, holders, velocity, amounts, fences)
}

/// A wallet as the token's `reg_positions` lists it.
#[derive(Debug, Decode, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) holder: Address,
    pub(crate) balance: Units,
    pub(crate) held: Units,
    pub(crate) locked: Units,
    pub(crate) party: Option<u64>,
}

/// A hold as the token's `reg_inflight` lists it.
#[derive(Debug, Decode, PartialEq, Eq)]
pub(crate) struct InFlight {
    pub(crate) id: u64,
    pub(crate) owner: Address,
    pub(crate) to: Option<Address>,
    pub(crate) amount: Units,
    pub(crate) notary: Address,
    pub(crate) expiry: Timestamp,
    pub(crate) purpose: WirePurpose,
    pub(crate) reference: Hash,
    pub(crate) state: u8,
    pub(crate) left: Units,
    pub(crate) expired: bool,
}

/// A purpose as it is on the wire.
#[derive(Debug, Decode, PartialEq, Eq)]
pub(crate) enum WirePurpose {
    General,
    TradeSettlement,
    ExportConversion,
    ImportFunding,
    MinedSale(u64),
}

/// A participant as the register's `reg_positions` lists it.
#[derive(Debug, Decode)]
#[expect(dead_code, reason = "all that is on the wire must be read")]
pub(crate) struct Member {
    pub(crate) pid: u64,
    kind: u8,
    residency: u8,
    country: [u8; 2],
    pub(crate) qualified: Option<Timestamp>,
    pub(crate) standing: u8,
    pub(crate) kyc_until: Timestamp,
    risk: u8,
    pii: Hash,
    /// List, version, result, when.
    pub(crate) screening: Option<(u32, u64, u8, Timestamp)>,
    proposer: Address,
    approver: Option<Address>,
    orders: u32,
    pub(crate) wallets: Vec<Address>,
}

/// A trade as the register answers it.
#[derive(Debug, Decode)]
#[expect(dead_code, reason = "all that is on the wire must be read")]
pub(crate) struct WireTrade {
    exporter: u64,
    importer: u64,
    amount: Units,
    pub(crate) settled: Units,
    currency: [u8; 3],
    hs_code: String,
    doc: Hash,
    until: Timestamp,
    pub(crate) funded: Units,
    bank: u64,
    pub(crate) state: u8,
    screening: Option<(u32, u64, u8, Timestamp)>,
}
