//! Speaks JSON-RPC: interface, server, client, wire types, codes.
//!
//! Everything a person or a program outside the chain touches goes through this crate. It knows the
//! texts of addresses ([`address`]), the JSON of contract values ([`codec`]), the wire types
//! ([`types`]), the methods ([`api`]) and the codes of every failure ([`error`]). The feature `client`
//! adds a typed client, `server` the listener over a chain's reader.
//!
//! It decides nothing about transactions or state: that is the runtime's.

pub mod address;
pub mod api;
pub mod codec;
pub mod error;
pub mod nearest;
pub mod types;

#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "server")]
pub mod server;
