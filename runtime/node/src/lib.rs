//! Wires runtime and RPC into the `weighhouse` program.
//!
//! In the story: everything before admission and after commit that needs a clock, a thread, a socket
//! or a terminal. Reading order: [`config`] (what was asked for), [`genesis_file`] (what the chain
//! starts from), [`pool`] (what waits), [`solo`] (who makes blocks), [`develop`] (a devnet's levers),
//! [`service`] (all of it wired together), then [`cli`] with [`output`], the only file that prints.
//!
//! A library beside the binary, so that the demo, the benchmarks and tests start the same node
//! in-process that `weighhouse node start` starts.

pub mod cli;
pub mod nearest;
pub mod output;
