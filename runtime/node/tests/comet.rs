//! The bridge to CometBFT, driven by an engine of our own: handshakes, replays, proposals that break rules.
//!
//! The node is the program in a process of its own, killed where a test says so. What the engine does is
//! what CometBFT 0.38 does (`consensus/replay.go`, `state/execution.go`), call by call; `cluster.rs` runs
//! the real one.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where it stands"
)]

#[path = "comet/ahead.rs"]
mod ahead;
#[path = "comet/engine.rs"]
mod engine;
#[path = "comet/handshake.rs"]
mod handshake;
#[path = "comet/proposal.rs"]
mod proposal;
#[path = "comet/quarantine.rs"]
mod quarantine;
#[path = "comet/request.rs"]
mod request;
#[path = "comet/sign.rs"]
mod sign;
#[path = "comet/snapshot.rs"]
mod snapshot;
