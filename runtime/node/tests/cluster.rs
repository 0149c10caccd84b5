//! Four validators with the real CometBFT, under load, and what may happen to them.
//!
//! Needs `cometbft` (`weighhouse doctor` says where it is looked for). Without it the tests say so and pass,
//! unless `WEIGHHOUSE_TEST_COMETBFT=required`, as continuous integration has it. `WEIGHHOUSE_OTHER_PROGRAM` names
//! another `weighhouse` program, for example of the release profile, that every second validator runs.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on says where it stands, and measures for people"
)]

#[path = "cluster/command.rs"]
mod command;
#[path = "cluster/load.rs"]
mod load;
#[path = "cluster/network.rs"]
mod network;
#[path = "cluster/perturb.rs"]
mod perturb;
#[path = "comet/sign.rs"]
mod sign;
#[path = "cluster/sync.rs"]
mod sync;
#[path = "cluster/validators.rs"]
mod validators;
#[path = "cluster/wires.rs"]
mod wires;
