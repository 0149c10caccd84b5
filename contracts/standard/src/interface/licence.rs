//! Execution of holds under a licence of the regulator.

use super::Verdict;
use weighhouse_sdk::prelude::*;

/// The register's answer about a move under a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Describe)]
pub struct Licensed {
    /// As of any move.
    pub verdict: Verdict,
    /// The amount order that freezes what the receiver gets; 0 if the move is refused.
    pub order: u64,
}

/// A token whose holds can be executed although an order freezes a party.
///
/// The token asks its register again: what an order on a party forbids the licence allows, nothing
/// else. Screening, suspension and the ring fence stop it as always. The receiver's units are blocked for
/// the same sum by an amount order of their own, made in the same call.
#[contract]
pub trait LicensedHolds {
    /// The notary, a system of the register, moves held units around the party order `order`; the rest stays
    /// held. Answers the amount order that blocks them with the receiver.
    #[call(check)]
    fn execute_hold_licensed(
        &mut self,
        id: u64,
        to: Address,
        amount: Amount,
        order: u64,
        licence_doc: Hash,
    ) -> u64;
}
