//! What a contract links: storage, calls, events, refusals, the border to the host.
//!
//! A contract is a struct of storage, an `impl` of entry points, an enum of refusals and structs of
//! events. The macros write the rest: dispatch, the schema sections, a typed caller for other
//! contracts, the `check_` twins.
//!
//! # Examples
//! ```
//! use weighhouse_sdk::prelude::*;
//!
//! /// A bond of a fixed size.
//! #[storage]
//! #[conserve(sum(balances) == supply)] // the host refuses any transaction that breaks this
//! pub struct Bond {
//!     issuer: Const<Address>, // set once, by the constructor
//!     supply: Cell<Amount>,
//!     paused: Cell<bool>,
//!     balances: Map<Address, Amount>,
//! }
//!
//! #[errors]
//! pub enum Refusal {
//!     /// the issue is paused
//!     #[code(2)]
//!     Paused,
//!     /// the holder has less than that
//!     #[code(200)]
//!     InsufficientBalance { available: Amount, asked: Amount },
//! }
//!
//! /// Units moved.
//! #[derive(Event)]
//! pub struct Transfer {
//!     pub from: Address,
//!     pub to: Address,
//!     pub amount: Amount,
//! }
//!
//! #[contract(events(Transfer))]
//! impl Bond {
//!     #[constructor]
//!     pub fn open(&mut self, ctx: &Context, size: Amount) {
//!         self.issuer.set(ctx.caller());
//!         self.supply.set(size);
//!         self.balances.set(&ctx.caller(), size);
//!     }
//!
//!     /// Moves units. `check_transfer` says what would happen.
//!     #[call(check)]
//!     pub fn transfer(&mut self, ctx: &Context, to: Address, amount: Amount) -> Result<(), Refusal> {
//!         ensure!(!self.paused.get(), Refusal::Paused);
//!         self.balances
//!             .shift(ctx.caller(), to, amount)
//!             .map_err(|available| Refusal::InsufficientBalance { available, asked: amount })?;
//!         ctx.emit(Transfer { from: ctx.caller(), to, amount });
//!         Ok(())
//!     }
//!
//!     #[query]
//!     pub fn balance_of(&self, holder: Address) -> Amount {
//!         self.balances.get(&holder)
//!     }
//! }
//!
//! /// Another contract calls it through `BondRef`; `?` passes a refusal on unchanged.
//! fn pay_out(bond: Address, to: Address) -> Result<Amount, Refused> {
//!     let bond = BondRef::at(bond).gas(Gas(2_000_000));
//!     bond.transfer(to, Amount(5))?;
//!     Ok(bond.balance_of(to)?)
//! }
//! ```
//!
//! A contract's host-target build exists for its schema and its types only: storage and calls are
//! `unreachable!` there.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::disallowed_methods,
        clippy::disallowed_types,
        clippy::float_arithmetic,
        clippy::indexing_slicing
    )
)]

extern crate alloc;
#[cfg(not(target_arch = "wasm32"))]
extern crate std;

mod buffer;
pub mod entry;

pub mod context;
pub mod storage;

pub mod call;
pub mod crypto;
pub mod error;
pub mod event;

#[cfg(target_arch = "wasm32")]
mod guest;
mod memory;
mod sys;

#[doc(hidden)]
pub use alloc::vec::Vec;
pub use buffer::Buffer;
pub use context::Context;
pub use error::Refused;

pub use parity_scale_codec as codec;
pub use weighhouse_primitives as primitives;

/// What `use weighhouse_sdk::prelude::*` brings.
pub mod prelude {
    pub use crate::call::CallError;
    pub use crate::context::Context;
    pub use crate::ensure;
    pub use crate::error::Refused;
    pub use crate::event::debug_log;
    pub use crate::storage::{Cell, Const, Map};
    pub use alloc::string::String;
    pub use alloc::vec::Vec;
    pub use parity_scale_codec::{Decode, Encode};
    pub use weighhouse_primitives::{
        Address, Amount, Gas, HaltReason, Hash, Height, PublicKey, Signature, Timestamp,
    };
    pub use weighhouse_sdk_macros::{Describe, Event, contract, errors, storage};
}
