//! A contract in a world, called by people with names: what the tests of a contract stand on.

use crate::account::Account;
use crate::contract::{Contract, Refused};
use crate::world::World;
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::{Address, Event, Outcome, Receipt, Timestamp, abi};

/// Address of the account of this name.
#[must_use]
pub fn at(name: &str) -> Address {
    Account::new(name).address
}

/// The events of this name, decoded.
///
/// # Panics
/// If one has another shape.
#[must_use]
pub fn events<E: Decode>(events: &[Event], name: &str) -> Vec<E> {
    let kind = abi::selector(name);
    events
        .iter()
        .filter(|event| event.kind == kind)
        .map(|event| E::decode(&mut &event.data[..]).expect("an event decodes"))
        .collect()
}

/// A world with one contract under test. A fixture says where both are and gets the calls.
pub trait UnderTest {
    /// The chain, and the contract under test.
    fn parts(&self) -> (&World, Contract);

    /// As [`UnderTest::parts`], to act on.
    fn parts_mut(&mut self) -> (&mut World, Contract);

    /// Calls; the whole receipt.
    ///
    /// # Panics
    /// If the transaction is not admitted.
    fn receipt(&mut self, who: &str, entry: &str, arguments: &impl Encode) -> Receipt {
        let (world, contract) = self.parts_mut();
        contract.receipt(world, &Account::new(who), entry, arguments)
    }

    /// Calls; the answer, if it does not refuse.
    ///
    /// # Errors
    /// The code or halt it ended with.
    fn call<T: Decode>(
        &mut self,
        who: &str,
        entry: &str,
        arguments: &impl Encode,
    ) -> Result<T, Refused> {
        let (world, contract) = self.parts_mut();
        contract.call(world, &Account::new(who), entry, arguments)
    }

    /// Calls; it must succeed.
    ///
    /// # Panics
    /// If it does not.
    fn done(&mut self, who: &str, entry: &str, arguments: &impl Encode) -> Receipt {
        let receipt = self.receipt(who, entry, arguments);
        let outcome = &receipt.outcome;
        assert!(outcome.is_success(), "{entry} of {who}: {outcome:?}");
        receipt
    }

    /// Calls; the code it refuses with, 0 if it does not. A refusal leaves no event.
    ///
    /// # Panics
    /// If it leaves one, or the machine stops the call.
    fn code(&mut self, who: &str, entry: &str, arguments: &impl Encode) -> u16 {
        let receipt = self.receipt(who, entry, arguments);
        match receipt.outcome {
            Outcome::Succeeded { .. } => 0,
            Outcome::Reverted { code, .. } => {
                assert!(receipt.events.is_empty(), "{entry} refused with an event");
                code
            }
            other @ Outcome::Halted(_) => panic!("{entry} of {who}: {other:?}"),
        }
    }

    /// What the dry run of `entry` answers.
    ///
    /// # Panics
    /// If it does not answer.
    fn check(&self, who: &str, entry: &str, arguments: &impl Encode) -> u16 {
        self.ask_as(who, &format!("check_{entry}"), arguments)
            .expect("a check answers")
    }

    /// Calls after a dry run, which must answer the same; the code.
    ///
    /// # Panics
    /// If it does not.
    fn both(&mut self, who: &str, entry: &str, arguments: &impl Encode) -> u16 {
        let dry = self.check(who, entry, arguments);
        let wet = self.code(who, entry, arguments);
        assert_eq!(dry, wet, "{entry} of {who}: the dry run differs");
        wet
    }

    /// Asks in nobody's name; it must answer.
    #[must_use]
    fn ask<T: Decode>(&self, entry: &str, arguments: &impl Encode) -> T {
        let (world, contract) = self.parts();
        contract.query(world, entry, arguments)
    }

    /// Asks in somebody's name.
    ///
    /// # Errors
    /// The code or halt it ended with.
    fn ask_as<T: Decode>(
        &self,
        who: &str,
        entry: &str,
        arguments: &impl Encode,
    ) -> Result<T, Refused> {
        let (world, contract) = self.parts();
        contract.query_as(world, at(who), entry, arguments)
    }

    /// Block time.
    fn now(&self) -> u64 {
        self.parts().0.time.0
    }

    /// Sets the clock.
    fn at_time(&mut self, seconds: u64) {
        self.parts_mut().0.time = Timestamp(seconds);
    }
}
