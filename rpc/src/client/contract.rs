//! A contract seen from a program with types: what generated bindings stand on.
//!
//! Values are SCALE on this side and JSON on the wire; the contract's own schema, which is asked once,
//! says how one becomes the other. Calls are not sent here: [`Contract::call`] gives the action that a
//! transaction carries, because signing is the business of whoever holds the key.

use super::{CallError, Client, ContractSchema};
use crate::api::contract::{CodeOf, ContractQuery};
use crate::codec::{Codec, check_returns};
use crate::error::ErrorBody;
use crate::types::{At, HashHex};
use parity_scale_codec::DecodeAll;
use weighhouse_primitives::{Action, Address, abi};

/// An answer to a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered<T> {
    /// The value.
    pub result: T,
    /// Height whose state answered.
    pub height: u64,
    /// Work done.
    pub gas_used: u64,
}

/// How a query is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// At this height; the latest if left out.
    pub at: Option<At>,
    /// In whose name: what a check answers depends on it; nobody's if left out.
    pub caller: Option<Address>,
}

/// A contract with the interface that it describes itself with.
#[derive(Clone, Debug)]
pub struct Contract {
    client: Client,
    codec: Codec,
    address: Address,
    interface: ContractSchema,
}

impl Contract {
    /// The contract at an address. With `schema`, only if its interface is exactly that one: types that
    /// were generated from another would misread its bytes.
    ///
    /// # Errors
    /// The node's answer, trouble on the way to it, or another interface.
    pub async fn at(
        client: &Client,
        address: Address,
        schema: Option<HashHex>,
    ) -> Result<Self, CallError> {
        let codec = client.codec().await?;
        let of = CodeOf {
            address: Some(codec.prefix().format(&address).into()),
            code_hash: None,
        };
        let interface = client.schema(&of).await?;
        match schema {
            Some(wanted) if wanted != interface.schema_hash => Err(CallError::Interface {
                wanted,
                found: interface.schema_hash,
            }),
            _ => Ok(Self {
                client: client.clone(),
                codec,
                address,
                interface,
            }),
        }
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.address
    }

    /// The action that calls an entry point: what a transaction carries.
    #[must_use]
    pub fn call(&self, entry_point: &str, args: &[u8]) -> Action {
        Action::Call {
            contract: self.address,
            input: input(entry_point, args),
        }
    }

    /// Asks a query or a check; `args` is the SCALE of the arguments in order.
    ///
    /// # Errors
    /// The node's answer, trouble on the way to it, or a value that is not a `T`.
    pub async fn query<T: DecodeAll>(
        &self,
        entry_point: &str,
        args: &[u8],
        ask: Ask,
    ) -> Result<Answered<T>, CallError> {
        let wrong = |reason: String| CallError::Answer {
            method: entry_point.into(),
            reason,
        };
        let schema = &self.interface.schema;
        let entry = self.codec.entry_point(schema, entry_point);
        let entry = entry.map_err(|error| CallError::Node(ErrorBody::from(error)))?;
        let named = self.codec.decode_call(schema, &input(entry_point, args));
        let named =
            named.ok_or_else(|| wrong("the arguments are not of this entry point".into()))?;
        let params = ContractQuery {
            address: self.codec.prefix().format(&self.address).into(),
            entry_point: entry_point.into(),
            args: Some(named.value.into()),
            at: ask.at,
            caller: ask
                .caller
                .map(|caller| self.codec.prefix().format(&caller).into()),
        };
        let answer = self.client.contract_query(&params).await?;
        let bytes = self
            .codec
            .encode(check_returns(entry), &answer.result.0, "result")
            .map_err(|error| wrong(error.to_string()))?;
        let result = T::decode_all(&mut &bytes[..]).map_err(|error| wrong(error.to_string()))?;
        Ok(Answered {
            result,
            height: answer.height.0,
            gas_used: answer.gas_used.0,
        })
    }
}

/// Selector and arguments of an entry point: the input of a call, or of a constructor.
#[must_use]
pub fn input(entry_point: &str, args: &[u8]) -> Vec<u8> {
    let mut input = abi::selector(entry_point).to_le_bytes().to_vec();
    input.extend_from_slice(args);
    input
}
