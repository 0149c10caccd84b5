//! The register of participants as other contracts use it.

use super::{
    AuthorisationKind, FreezeView, Licensed, Move, Party, Path, Pid, Purpose, Recovery, RuleSet,
    Served, Succession, Trade, TradeRef, Verdict, Wallet,
};
use weighhouse_sdk::prelude::*;

/// A register of participants.
///
/// Queries never refuse on unknown accounts; they answer `None` or a code. The calls that write
/// for a token ([`Participants::admit_move`], [`Participants::admit_licensed`], [`Participants::serve_order`]) or for a bound contract (the
/// limits) book what the caller is about to do: if it does not, everything is undone with it.
#[contract]
pub trait Participants {
    /// The participant of a wallet, whatever the wallet's status.
    #[query]
    fn pid_of(&self, addr: Address) -> Option<Pid>;

    /// A participant.
    #[query]
    fn party(&self, pid: Pid) -> Option<Party>;

    /// A wallet.
    #[query]
    fn wallet(&self, addr: Address) -> Option<Wallet>;

    /// The first active wallet of a participant, in the order of acceptance.
    #[query]
    fn wallet_of(&self, pid: Pid) -> Option<Address>;

    /// 0, or the code why this wallet may not send.
    #[query]
    fn can_send(&self, addr: Address) -> u16;

    /// 0, or the code why this wallet may not receive.
    #[query]
    fn can_receive(&self, addr: Address) -> u16;

    /// Invariant I3: true if the participant is authorised at that second.
    #[query]
    fn authorised(&self, pid: Pid, kind: AuthorisationKind, at: Timestamp) -> bool;

    /// The code with which a move would be refused now, funds and sums of the token aside; 0 if it would
    /// not. The trade is its commitment for the travel rule; moves with a memo of their own:
    /// [`Participants::explain_move`].
    #[query]
    fn check_move(
        &self,
        token: Address,
        from: Address,
        to: Address,
        amount: Amount,
        path: Path,
        purpose: Purpose,
        trade_ref: Option<TradeRef>,
    ) -> u16;

    /// What [`Participants::admit_move`] would answer.
    #[query]
    fn explain_move(&self, movement: Move) -> Verdict;

    /// Decides on a move and books it, if the code is 0: trade budget, preclearance, velocity. The
    /// caller is the token itself, which makes the move in the same call or refuses.
    #[call]
    fn admit_move(&mut self, movement: Move) -> Verdict;

    /// As [`Participants::admit_move`], around the party order `order` on the sender or the receiver: that
    /// order alone is passed over. The notary is a system of this register, else 108. What is
    /// received is frozen by an amount order of its own, which the regulator alone lifts.
    ///
    /// Refuses with 17 without a document, 4 without such an order, 6 unless it is active, 7 unless it is on
    /// one of the two parties, 13 if the receiver has too many orders.
    #[call]
    fn admit_licensed(&mut self, movement: Move, order: u64, licence_doc: Hash) -> Licensed;

    /// Orders on a participant that were not lifted, oldest first.
    #[query]
    fn orders_of(&self, pid: Pid) -> Vec<FreezeView>;

    /// Orders on an object of a registry that were not lifted, oldest first.
    #[query]
    fn orders_on(&self, contract: Address, id: u64) -> Vec<FreezeView>;

    /// An order.
    #[query]
    fn order(&self, id: u64) -> Option<FreezeView>;

    /// Sum of the active amount orders on a participant for a token; may exceed what it has.
    #[query]
    fn frozen_req(&self, pid: Pid, token: Address) -> Amount;

    /// Books a forced act under an order: the caller is the token, which moves or destroys `amount` of
    /// the wallet `from` in the same call. Reduces an amount order by `amount`, no other.
    ///
    /// Refuses with 4 without such an order, 7 if it is on another participant or token, 6 unless it is
    /// active, 17 unless `doc` is the order's, 13 above what is left of an amount order, and what
    /// `can_receive` says of `to`.
    #[call]
    fn serve_order(
        &mut self,
        id: u64,
        from: Address,
        to: Option<Address>,
        amount: Amount,
        doc: Hash,
    ) -> Served;

    /// The recovery by which a wallet was given up.
    #[query]
    fn recovery(&self, lost: Address) -> Option<Recovery>;

    /// The estate of a participant.
    #[query]
    fn succession(&self, pid: Pid) -> Option<Succession>;

    /// A trade contract.
    #[query]
    fn trade(&self, trade_ref: TradeRef) -> Option<Trade>;

    /// Rules of a token that are in force now.
    #[query]
    fn rules(&self, token: Address) -> Option<RuleSet>;

    /// True while a directive halts this token or contract.
    #[query]
    fn halted(&self, target: Address) -> bool;

    /// What a participant may still take of a class in a calendar year; all there is, if no limit
    /// applies to it.
    #[query]
    fn limit_left(&self, pid: Pid, class: u16, year: u32) -> Amount;

    /// Reserves part of the annual limit under a reference of the caller's, a bound contract.
    #[call(check)]
    fn limit_reserve(&mut self, pid: Pid, class: u16, amount: Amount, reference: Hash);

    /// Uses what was reserved.
    #[call(check)]
    fn limit_commit(&mut self, reference: Hash);

    /// Gives back what was reserved.
    #[call(check)]
    fn limit_release(&mut self, reference: Hash);

    /// The wallet itself accepts the participant proposed for it.
    #[call]
    fn accept_wallet(&mut self);
}
