//! The program as a user runs it: exit codes, streams, refusals.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where it stands"
)]

#[path = "program/access.rs"]
mod access;
#[path = "program/admin.rs"]
mod admin;
#[path = "program/contract.rs"]
mod contract;
#[path = "program/devnet.rs"]
mod devnet;
#[path = "program/exit.rs"]
mod exit;
#[path = "../../../tests/tidy/fence.rs"]
mod fence;
#[path = "program/input.rs"]
mod input;
#[path = "program/lines.rs"]
mod lines;
#[path = "program/node.rs"]
mod node;
#[path = "program/page.rs"]
mod page;
#[path = "program/print.rs"]
mod print;
#[path = "program/repair.rs"]
mod repair;
#[path = "program/small_disk.rs"]
mod small_disk;
