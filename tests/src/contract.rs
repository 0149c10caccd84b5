//! A deployed contract, called by entry-point name.

use crate::account::Account;
use crate::world::{World, input};
use parity_scale_codec::{Decode, Encode};
use weighhouse_primitives::{Action, Address, HaltReason, Outcome, Receipt};

/// A deployed contract.
#[derive(Clone, Copy, Debug)]
pub struct Contract {
    /// Where it lives.
    pub address: Address,
}

/// How a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The contract's code.
    Code(u16),
    /// The machine stopped it.
    Halted(HaltReason),
}

impl Contract {
    /// Calls `entry_point` in a block of its own; the whole receipt.
    ///
    /// # Panics
    /// If the transaction is not admitted.
    pub fn receipt(
        &self,
        world: &mut World,
        signer: &Account,
        entry_point: &str,
        arguments: &impl Encode,
    ) -> Receipt {
        let action = Action::Call {
            contract: self.address,
            input: input(entry_point, arguments),
        };
        let receipt = world.act(signer, action);
        crate::note::call(world, self.address, entry_point, &receipt);
        receipt
    }

    /// Calls `entry_point`; its return value.
    ///
    /// # Errors
    /// The code or halt it ended with.
    ///
    /// # Panics
    /// If the transaction is not admitted or the value has another type.
    pub fn call<T: Decode>(
        &self,
        world: &mut World,
        signer: &Account,
        entry_point: &str,
        arguments: &impl Encode,
    ) -> Result<T, Refused> {
        decode(self.receipt(world, signer, entry_point, arguments).outcome)
    }

    /// Asks `entry_point` in the name of `caller`.
    ///
    /// # Errors
    /// The code or halt it ended with.
    ///
    /// # Panics
    /// On a fault, or if the value has another type.
    pub fn query_as<T: Decode>(
        &self,
        world: &World,
        caller: Address,
        entry_point: &str,
        arguments: &impl Encode,
    ) -> Result<T, Refused> {
        let answer = world.ask(self.address, caller, input(entry_point, arguments));
        crate::note::query(world, self.address, entry_point, &answer);
        decode(answer.outcome)
    }

    /// Asks `entry_point` in nobody's name; it must answer.
    ///
    /// # Panics
    /// If it refuses.
    #[must_use]
    pub fn query<T: Decode>(&self, world: &World, entry_point: &str, arguments: &impl Encode) -> T {
        match self.query_as(world, Address::ZERO, entry_point, arguments) {
            Ok(value) => value,
            Err(refused) => panic!("{entry_point}: {refused:?}"),
        }
    }
}

fn decode<T: Decode>(outcome: Outcome) -> Result<T, Refused> {
    match outcome {
        Outcome::Succeeded { data } => {
            Ok(T::decode(&mut &*data).unwrap_or_else(|error| panic!("return value: {error}")))
        }
        Outcome::Reverted { code, .. } => Err(Refused::Code(code)),
        Outcome::Halted(reason) => Err(Refused::Halted(reason)),
    }
}
