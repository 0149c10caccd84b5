//! Execution of holds under a licence of the regulator.

use weighhouse_sdk::prelude::*;

/// A token whose holds can be executed although an order freezes a party.
///
/// The token asks its register again: what an order on a party forbids the licence allows, nothing
/// else. Screening, suspension and the ring fence stop it as always. The receiver's units are blocked for
/// the same sum by an amount order of their own, made in the same call.
#[contract]
pub trait LicensedHolds {
    /// The notary moves held units around the party order `order`; answers the amount order that blocks
    /// them with the receiver.
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
