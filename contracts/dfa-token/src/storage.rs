//! What the token remembers, and the rules that the host holds it to.
//!
//! A wallet's units stand in one record, [`Wallet`]: the balance, the part set aside by holds, the part
//! locked until a time, and the youngest part of its history. A transfer reads the life cycle, what the
//! token can do, two records and the number of the last event; it writes the records and the number.
#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]

use crate::wallet::{Checkpoint, Wallet};
use weighhouse_sdk::prelude::*;
use weighhouse_standard::interface::{HoldState, HoldTerms, Pid};
use weighhouse_standard::{Documents, Journal, Lifecycle, Proposal, Roles};
use weighhouse_standard::{NAME_BYTES_MAX, Refusal, bounded};

/// Decimal places that a unit may have.
pub const DECIMALS_MAX: u8 = 18;

/// What kind of asset a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Kind {
    /// A digital financial asset.
    Dfa,
    /// A utility digital right.
    Utility,
    /// Both in one.
    Hybrid,
    /// Settlement money.
    Cash,
    /// A unit for foreign trade.
    ForeignTrade,
}

/// What the token is; fixed at issue.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Meta {
    /// Name, at most 64 bytes.
    pub name: String,
    /// Symbol, at most 64 bytes.
    pub symbol: String,
    /// Decimal places of one whole unit, at most 18. Amounts are in the smallest unit.
    pub decimals: u8,
    /// What kind of asset it stands for.
    pub kind: Kind,
    /// Who issued it; holds the role ISSUER from the start.
    pub issuer: Address,
    /// blake3 of the terms of the issue.
    pub terms: Hash,
}

/// What can be done with the token; fixed at issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Capabilities {
    /// Holders may transfer units.
    pub transferable: bool,
    /// Units may be set aside by holds.
    pub holdable: bool,
    /// Units may be frozen. Needs a participant register.
    pub freezable: bool,
    /// Units of a lost wallet may be moved to another of the same party. Needs a participant register.
    pub recoverable: bool,
    /// Units may be created after the constructor.
    pub mintable: bool,
    /// Units may be destroyed.
    pub burnable: bool,
    /// Units move only under a registered trade contract. Needs a participant register.
    pub ring_fenced: bool,
}

impl Meta {
    /// Refuses what no token can be.
    ///
    /// # Errors
    /// `BadArgument`, `LimitExceeded`, `BadDocument`.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        ensure!(!self.name.is_empty(), Refusal::argument("name"));
        ensure!(!self.symbol.is_empty(), Refusal::argument("symbol"));
        ensure!(self.decimals <= DECIMALS_MAX, Refusal::argument("decimals"));
        ensure!(self.issuer != Address::ZERO, Refusal::argument("issuer"));
        bounded(self.name.len(), NAME_BYTES_MAX)?;
        bounded(self.symbol.len(), NAME_BYTES_MAX)?;
        ensure!(self.terms != Hash::ZERO, Refusal::BadDocument);
        Ok(())
    }
}

impl Capabilities {
    /// Refuses what only a participant register can keep: a promise that nobody can keep is none.
    ///
    /// # Errors
    /// `NotCapable`.
    pub(crate) fn check(&self, participants: Option<Address>) -> Result<(), Refusal> {
        let kept = participants.is_some();
        ensure!(kept || !self.freezable, Refusal::not_capable("freezable"));
        ensure!(
            kept || !self.recoverable,
            Refusal::not_capable("recoverable")
        );
        ensure!(
            kept || !self.ring_fenced,
            Refusal::not_capable("ring_fenced")
        );
        Ok(())
    }
}

/// What every move asks for; fixed at issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Nature {
    /// What can be done with the token.
    pub capabilities: Capabilities,
    /// The register that says who may hold units; without one the token is open to everybody.
    pub participants: Option<Address>,
}

/// Units of a party, over all of its wallets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Sums {
    /// All of them.
    pub units: Amount,
    /// The part that holds have set aside.
    pub held: Amount,
}

/// What was taken under an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Measure {
    /// From whom.
    pub party: Pid,
    /// How many units in all.
    pub amount: Amount,
    /// When last.
    pub at: Timestamp,
}

/// A split that is being carried out, wallet by wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct RatioRun {
    /// New units...
    pub num: u64,
    /// ...for this many old ones.
    pub den: u64,
    /// The corporate action it belongs to.
    pub ca_id: u64,
    /// The last wallet that is done.
    pub after: Option<Address>,
}

/// A day on which holders are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct RecordDate {
    /// The second at whose end they are.
    pub at: Timestamp,
    /// Last second for nominees to name the owners behind them.
    pub due: Timestamp,
}

/// For whom a nominee holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum NamedOwner {
    /// A participant of the register.
    Party(Pid),
    /// Somebody known to the nominee: a commitment.
    Commitment(Hash),
}

/// Numbers fixed at issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Limits {
    /// Most units that may exist.
    pub cap: Amount,
    /// Units that one MINTER may create in one act; more takes two.
    pub mint_threshold: Amount,
    /// Seconds between proposal and acceptance of a new administrator.
    pub admin_delay: u64,
}

/// What a spender may take from an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Allowance {
    /// How much is left.
    pub amount: Amount,
    /// Last second at which it counts.
    pub live_until: Timestamp,
    /// Number of the event by which the owner approved it: tells one approval from the next.
    pub approval: u64,
}

/// Units locked until a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Lot {
    /// How many.
    pub amount: Amount,
    /// First second at which they are free.
    pub release_at: Timestamp,
}

/// On whose allowance a hold was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Delegation {
    /// Who made it.
    pub spender: Address,
    /// Under which approval, see [`Allowance::approval`].
    pub approval: u64,
}

/// Units set aside. How many are still held stands in `hold_left`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Hold {
    /// Whose units they are, until executed.
    pub owner: Address,
    /// What was agreed.
    pub terms: HoldTerms,
    /// How far it has come.
    pub state: HoldState,
    /// On whose allowance it was made, if not by the owner.
    pub delegation: Option<Delegation>,
    /// The owner agrees to one later expiry.
    pub renewable: bool,
}

/// Units to be created.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Issue {
    /// For whom.
    pub to: Address,
    /// How many.
    pub amount: Amount,
    /// Hash of the document it rests on.
    pub basis_doc: Hash,
    /// Locked until then.
    pub release_at: Option<Timestamp>,
}

/// An act that takes two persons.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub enum Privileged {
    /// Create units above the threshold of one MINTER.
    Mint(Issue),
    /// Void a hold.
    VoidHold {
        /// Which one.
        id: u64,
        /// Hash of the document that says why.
        doc: Hash,
    },
}

/// A fungible digital financial asset, settlement money or unit for foreign trade.
#[storage]
// Invariants T1, T3: the host sums and compares on every transaction.
#[conserve(sum(wallets.units) == supply)]
#[at_most(supply, cap)]
// Invariants T2, T4: units are held exactly by holds, per owner and per hold.
#[conserve(sum(wallets.held) == held_total)]
#[conserve(sum(hold_left) == held_total)]
#[at_most(wallets.held, wallets.units)]
// The same over all wallets of a party, where there is a register.
#[conserve(sum(sums.units) == registered.units)]
#[conserve(sum(sums.held) == registered.held)]
#[at_most(sums.held, sums.units)]
#[at_most(registered.units, supply)]
// Invariant T9, and numbers that are never used twice. T10: constants are immutable by themselves.
#[monotone(nonces, hold_count, proposal_count, ratio_count)]
pub struct Token {
    #[part]
    pub(crate) journal: Journal,
    #[part]
    pub(crate) lifecycle: Lifecycle,
    #[part]
    pub(crate) roles: Roles,
    #[part]
    pub(crate) documents: Documents,

    pub(crate) meta: Const<Meta>,
    /// Every move reads it: what the rest of the constants say is for the rarer acts.
    pub(crate) nature: Const<Nature>,
    pub(crate) limits: Const<Limits>,
    /// The cap of `limits` once more, on its own: for the host's rule.
    pub(crate) cap: Const<Amount>,

    pub(crate) supply: Cell<Amount>,
    /// Every wallet with units.
    pub(crate) wallets: Map<Address, Wallet>,
    /// Parties with units where there is a register, else wallets with units.
    pub(crate) holder_count: Cell<u64>,
    /// Sums over the wallets of a party, where there is a register.
    pub(crate) sums: Map<Pid, Sums>,
    /// Sums over all parties.
    pub(crate) registered: Cell<Sums>,
    /// Every wallet of a party that ever had units.
    pub(crate) wallets_of: Map<(Pid, Address), ()>,
    /// Balances from a time on that have left the record, by wallet and that time inverted.
    pub(crate) wallet_history: Map<(Address, u64), Vec<Checkpoint>>,
    /// Supply after the last change at or before a time, by inverted time.
    pub(crate) supply_history: Map<u64, u128>,

    /// What spenders may take, by owner and spender.
    pub(crate) allowances: Map<(Address, Address), Allowance>,
    /// Number of the next permit, by owner.
    pub(crate) nonces: Map<Address, u64>,

    pub(crate) hold_count: Cell<u64>,
    pub(crate) holds: Map<u64, Hold>,
    /// What is still held, by hold.
    pub(crate) hold_left: Map<u64, Amount>,
    /// What is still held, by all holds.
    pub(crate) held_total: Cell<Amount>,

    /// Wallets that were given up, and those that took their place: holds of the one are the other's.
    pub(crate) successors: Map<Address, Address>,
    /// What was taken, by order.
    pub(crate) measures: Map<u64, Measure>,
    /// The split under way.
    pub(crate) ratio_run: Cell<RatioRun>,
    /// Splits begun so far.
    pub(crate) ratio_count: Cell<u16>,
    /// The last record dates, at most 16.
    pub(crate) record_dates: Cell<Vec<RecordDate>>,
    /// Wallets that hold for others, and since when.
    pub(crate) nominees: Map<Address, Timestamp>,
    /// For whom a nominee held at the end of a second.
    pub(crate) owner_lists: Map<(Address, u64), Vec<(NamedOwner, Amount)>>,

    pub(crate) proposal_count: Cell<u64>,
    pub(crate) proposals: Map<u64, Proposal<Privileged>>,
}
