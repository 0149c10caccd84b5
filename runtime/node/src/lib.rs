//! Wires runtime and RPC into the `weighhouse` program.
//!
//! In the story: everything before admission and after commit that needs a clock, a thread, a socket
//! or a terminal. Reading order: [`document`] and [`config`] (what was asked for), [`genesis_file`]
//! (what the chain starts from), [`clock`], [`pool`] (what waits), [`solo`] (who makes blocks),
//! [`abci`] (the bridge, where CometBFT orders them), [`develop`] (a devnet's levers), [`service`] (all
//! of it wired together), then [`cli`] with [`output`], the only file that prints.
//!
//! Whatever links this crate allocates with jemalloc (decision 0015).
//!
//! A library beside the binary, so that the demo, the benchmarks and tests start the same node
//! in-process that `weighhouse node start` starts.

pub mod config;
pub mod document;
pub mod genesis_file;
mod http;

pub mod block_mode;
pub mod clock;
pub mod pool;
pub mod quarantine;
mod room;
pub mod solo;
pub mod timing;

pub mod abci;
pub mod consensus;

pub mod admin;
pub mod backup;
pub mod develop;
pub mod difference;
pub mod export;
mod look;
pub mod repair;
pub mod replay;
pub mod serve;
pub mod service;
mod submit;
pub mod telemetry;
pub mod verify;

pub mod amount;
pub mod arguments;
pub mod bindings;
pub mod book;
pub mod explain;
pub mod keystore;
pub mod library;
pub mod localnet;
pub mod policies;
pub mod signer;
pub mod tx_file;

pub mod bench;
pub mod cli;
pub mod demo;
pub mod devkeys;
pub mod nearest;
pub mod output;
pub mod validator;

#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
