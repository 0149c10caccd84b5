//! Types and the host interface both sides of the sandbox agree on.
//!
//! Contracts (through the SDK), the host, the RPC layer and every client link this crate, so that
//! the two sides can never disagree on an encoding. It is `no_std`, has no dependency but the SCALE
//! codec and blake3, performs no input or output and never panics on input.
//!
//! Reading order: identifiers ([`hash`], [`address`], [`amount`], [`gas`], [`time`]), what is signed
//! ([`account`], [`transaction`], [`policy`]), what is answered ([`event`], [`receipt`], [`block`]),
//! how it is proved ([`merkle`], [`proof`]), and what a contract carries ([`abi`], [`schema`], [`rule`]).
#![cfg_attr(not(feature = "std"), no_std)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::use_self,
    reason = "the codec's derive writes such code for enums with explicit indices"
)]
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

pub mod hash;

pub mod address;
pub mod amount;
pub mod gas;
pub mod time;

pub mod account;
pub mod policy;
pub mod transaction;

pub mod block;
pub mod event;
pub mod receipt;

pub mod merkle;
pub mod proof;

pub mod abi;
pub mod codec;
pub mod rule;
pub mod schema;

pub use account::{KeyPolicy, PublicKey, Signature};
pub use address::Address;
pub use amount::Amount;
pub use block::{Block, Header, Height};
pub use event::Event;
pub use gas::Gas;
pub use hash::{BlockHash, CodeHash, Hash, StateRoot, TxHash};
pub use receipt::{HaltReason, Outcome, Receipt};
pub use time::Timestamp;
pub use transaction::{Action, Authorization, Payload, Transaction};
